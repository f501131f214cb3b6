"""However a template puts things together, what it is given is no markup: each form escapes it its way."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jinja2 import DictLoader

from notifiers import forms
from notifiers.filling import FormEnvironment
from notifiers.forms import FAMILIES, Form
from notifiers.sandbox import Sandbox

HOSTILE: Final = '[x](javascript:1) <@all> *b* `c` ~d~ |e| #f @here "g" \\ &lt; \'h\' {"i": 1}'
LIVE: Final = {
    "mail": "<>\"'",
    "slack": "*`~|@#<>",
    "telegram": "@#<>",
    **dict.fromkeys(("wecom", "dingtalk", "discord", "markdown"), "<>[]*`~|\\#@"),
    **dict.fromkeys(("feishu", "teams"), "<>[]*`~|\\#@:\"'{}"),
}
"""What is markup in a family and stands in the hostile text; of a card whatever is outside of its strings."""

STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
SAFE: Final = '("S"|safe)'


@cache
def environments(form: Form) -> tuple[FormEnvironment, FormEnvironment]:
    """Ours, and that in which templates of a user's own are filled in."""
    return FormEnvironment(form, DictLoader({})), Sandbox(form, DictLoader({}), 10_000)


def fill_in(environment: FormEnvironment, template: str) -> str:
    """What a template makes that is given the hostile text as `v`."""
    return environment.from_string(template).render(v=HOSTILE)


def live_in(form: Form, text: str) -> set[str]:
    """What is live in a text."""
    outside = STRING.sub("", text) if form.is_card else text
    return set(outside) & set(LIVE[form.folder])


ATOMS: Final = st.sampled_from(["v", SAFE, '"L"', "v|e", "kept", "m(v)", "c.n", "caller_of(v)"])


def _with_one(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    forms_of_it = (
        "({0})|string",
        "({0})|trim",
        "({0})|default('L')",
        "({0})|e",
        "({0})|forceescape",
        "('S%s'|safe)|format({0})",
        "(('S%s'|safe) % ({0}))",
        "('S{{}}'|safe).format({0})",
        "('S{{a}}'|safe).format_map({{'a': {0}}})",
        "['S'|safe, {0}]|map('string')|join",
        "[{0}]|first",
        "({0})|indent(1, true)",
        "m({0})",
        "m(m({0}))",
        "({0} if true else v)",
        "(('S'|safe) ~ ({0}))|list|first",
    )
    return st.builds(lambda form, part: form.format(part), st.sampled_from(forms_of_it), inner)


def _with_two(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    forms_of_it = (
        "(({0}) ~ ({1}))",
        "(({0}) + ({1}))",
        "[{0}, {1}]|join",
        "[{0}, {1}, 'S'|safe]|join",
        "['L', {0}]|join({1})",
        "('S'|safe).join([{0}, {1}])",
        "(({0}) ~ '\n' ~ ({1}))|indent(2)",
        "('S\n'|safe)|indent({0}, true)",
        "('S\n'|safe ~ ({1}))|indent({0}, true, true)",
        "('S'|safe)|replace('S', {0})",
        "('S'|safe ~ ({0})).split('L')[0]",
        "('S'|safe)|wordwrap(1, true, {0})",
        "(('S'|safe) * 999)|truncate(900, true, {0}, 0)",
    )
    return st.builds(lambda form, *parts: form.format(*parts), st.sampled_from(forms_of_it), inner, inner)


EXPRESSIONS: Final = st.recursive(ATOMS, lambda inner: _with_one(inner) | _with_two(inner), max_leaves=8)
FRAMES: Final = st.sampled_from(
    [
        "{{{{ {0} }}}}",
        "{{% autoescape false %}}{{{{ {0} }}}}{{% endautoescape %}}",
        "{{% set x = {0} %}}{{{{ 'S'|safe ~ x }}}}",
        "{{% set x %}}S{{{{ {0} }}}}{{% endset %}}{{{{ x ~ v }}}}{{{{ x + v }}}}",
        "{{% filter string %}}{{{{ {0} }}}}{{% endfilter %}}",
        "{{% call m(v) %}}{{{{ {0} }}}}{{% endcall %}}",
        "{{% block b %}}{{{{ {0} }}}}{{% endblock %}}{{{{ self.b() + v }}}}",
        "{{% for x in [{0}, v] %}}{{{{ loop.cycle('S'|safe, 'L') + x }}}}{{% endfor %}}",
    ]
)
CUTS: Final = (".split", "|truncate", "|list|first")
BEFORE: Final = (
    "{% macro m(x) %}S{{ x }}{{ caller() if caller is defined }}{% endmacro %}"
    "{% macro caller_of(x) %}{% call m(x) %}{{ x }}{% endcall %}{% endmacro %}"
    "{% set kept %}S{{ v }}{% endset %}{% set c = namespace(n='S'|safe ~ v) %}"
)
CASES: Final = {
    (form.escape, form.is_card, form.escapes_url): (name, form)
    for name, form in FAMILIES.items()
    if form.folder in LIVE
}.values()
"""A family of each way to escape: that is all that filling in knows of a form."""


@pytest.mark.parametrize("form", [form for _, form in CASES], ids=[name for name, _ in CASES])
@given(expression=EXPRESSIONS, frame=FRAMES)
def test_no_value_is_markup_however_it_is_put_together(form: Form, expression: str, frame: str) -> None:
    """Beside what is called safe, within it and around it; as ours are filled in and as a user's."""
    # Half of a string is no JSON, and is not sent.
    assume(not form.is_card or not any(cut in expression for cut in CUTS))
    template = BEFORE + frame.format(expression)
    for environment in environments(form):
        try:
            made = fill_in(environment, template)
        except (AssertionError, TypeError, ValueError):
            # Not everything can be done with everything.
            continue
        assert live_in(form, made) == set(), made


@pytest.mark.parametrize(
    "template",
    [
        "{{ ('**'|safe) + v }}",
        "{{ '**'|safe ~ v }}",
        "{{ v ~ '**'|safe }}",
        "{{ ['**'|safe, v]|join }}",
        "{{ [v, v]|join('**'|safe) }}",
        "{{ '%s'|safe|format(v) }}",
        "{{ '%(a)s'|safe|format(a=v) }}",
        "{{ ('{}'|safe).format(v) }}",
        "{% set b %}> {% endset %}{{ b ~ v }}",
        "{% set b %}> {% endset %}{{ b + v }}",
        "{% macro m() %}**{% endmacro %}{{ m() + v }}",
        "{% block b %}**{% endblock %}{{ self.b() + v }}",
        "{{ 'x'|safe|replace('x', v) }}",
        "{{ 'x\n'|safe|indent(v, true) }}",
        "{{ lipsum(1) + v }}",
    ],
)
@pytest.mark.parametrize("form", [forms.WECOM, forms.SLACK, forms.TELEGRAM, forms.DISCORD, forms.MAIL])
def test_what_stands_beside_markup_is_escaped_as_the_form_does(form: Form, template: str) -> None:
    """And not as HTML, which Jinja takes all markup for."""
    for environment in environments(form):
        assert form.escape(HOSTILE) in fill_in(environment, template)


@pytest.mark.parametrize("form", [forms.FEISHU, forms.TEAMS])
@pytest.mark.parametrize(
    "template", ["{{ '['|safe ~ v ~ ']'|safe }}", "[{{ v|tojson }}]", "{{ '[%s]'|safe|format(v) }}"]
)
def test_in_a_card_it_is_a_value_with_its_quotes(form: Form, template: str) -> None:
    """Once."""
    for environment in environments(form):
        assert fill_in(environment, template) == f"[{form.escape(HOSTILE)}]"


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("{{ '**' }}", "＊＊"),
        ("{{ '**'|safe }}", "**"),
        ("{{ '**'|e|e }}", "＊＊"),
        ("{% set x = '**'|safe ~ 'a' ~ '**' %}{{ x }}", "**a＊＊"),
        ("{{ 1 + 1 }} {{ ['a', 1]|join('-') }}", "2 a-1"),
        ("{{ 'a*b'|replace('a', 'c') }}", "c＊b"),
        ("{{ none }}", ""),
    ],
)
def test_what_a_template_says_itself_is_escaped_as_well(template: str, made: str) -> None:
    """Unless it is called safe."""
    for environment in environments(forms.WECOM):
        assert fill_in(environment, template) == made


@pytest.mark.parametrize("environment", [0, 1], ids=["ours", "sandbox"])
def test_a_filter_that_knows_html_only_is_not_there(environment: int) -> None:
    """It would call its own work safe."""
    for name in ("urlize", "xmlattr", "tojson"):
        assert name not in environments(forms.WECOM)[environment].filters
