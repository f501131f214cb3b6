"""A user's own templates take the place of ours, in a sandbox; one that is no good never costs a message."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from notifiers import forms
from notifiers.alerts import Kind
from notifiers.forms import FAMILIES, Form
from notifiers.languages import CHINESE, ENGLISH
from notifiers.messages import Content, compose
from notifiers.own_templates import holds_any
from notifiers.rendering import Letter, write
from notifiers.samples import sample, sample_digest
from notifiers.samples import trial_message as make_test_message
from notifiers.saying import Reader
from tests.notifiers.examples import NOW, alert, situation

SECRET: Final = "kafka-of-the-secret-project"
MESSAGE: Final = compose(
    [alert(1, Kind.STEP_FAILED, step="pre_check", detail="**bold** <b>")],
    situation(name=SECRET, percent=40, seen_at=NOW),
    0,
)


def put(folder: Path, templates: Mapping[str, str]) -> str:
    """A folder with these templates."""
    for name, text in templates.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return str(folder)


def letter(
    folder: Path,
    templates: Mapping[str, str],
    form: Form = forms.SLACK,
    content: Content = MESSAGE,
    reader: Reader = Reader(),  # noqa: B008 - immutable
) -> Letter:
    """A letter with these templates of the user's own."""
    return write(content, reader, form, put(folder, templates))


def test_an_own_template_takes_the_place_of_ours(tmp_path: Path) -> None:
    """It sees what ours see; what it puts in is escaped as in ours."""
    own = "*{{ title }}*\n  {{ happenings|first }} / {{ data.change.id }}\n\n\n\n{{ seen_at }}"
    written = letter(tmp_path, {"slack/message.j2": own})

    assert written.complaint is None
    assert written.body == (
        f"*FAILED: {SECRET} at Pre-check · 40% · action needed*\n"
        "FAILED at Pre-check: ＊＊bold＊＊ &lt;b&gt; / INSTANCE/TASK\n\n"
        "As of 2026-11-24 08:03 UTC"
    )
    assert written.title == write(MESSAGE, Reader(), forms.SLACK).title


def test_what_has_no_template_of_its_own_is_as_ever(tmp_path: Path) -> None:
    """Other families, and digests beside messages."""
    templates = {"slack/message.j2": "own"}

    for form, content in ((forms.SLACK, sample_digest()), (forms.WECOM, MESSAGE), (forms.MAIL, MESSAGE)):
        assert letter(tmp_path, templates, form, content) == write(content, Reader(), form)
    assert letter(tmp_path, templates).body == "own"


@pytest.mark.parametrize("form", FAMILIES.values(), ids=FAMILIES)
@pytest.mark.parametrize("content", [MESSAGE, sample_digest()], ids=["message", "digest"])
def test_an_empty_folder_changes_nothing(tmp_path: Path, form: Form, content: Content) -> None:
    """The sandbox makes the same of our templates."""
    assert write(content, Reader(), form, str(tmp_path)) == write(content, Reader(), form)


def test_an_own_template_may_build_on_ours(tmp_path: Path) -> None:
    """It includes, extends and imports them; under `ours/` also the one whose place it takes."""
    templates = {
        "plain/message.j2": "Team Kafka\n{% include 'ours/plain/message.j2' %}",
        "mail/message.j2": (
            "{% extends 'ours/mail/message.j2' %}"
            "{% block content %}<tr><td>Team <b>Kafka</b> {{ title }}</td></tr>{{ super() }}{% endblock %}"
        ),
        "slack/message.j2": "{% include 'plain/message.j2' %}",
    }

    plain, mail, slack = (
        letter(tmp_path, templates, form) for form in (forms.PLAIN, forms.MAIL, forms.SLACK)
    )

    assert [one.complaint for one in (plain, mail, slack)] == [None] * 3
    assert plain.body == "Team Kafka\n\n" + write(MESSAGE, Reader(), forms.PLAIN).body
    assert f"Team <b>Kafka</b> FAILED: {SECRET}" in mail.body
    assert "&lt;b&gt;" in mail.body
    assert slack.body.startswith("Team Kafka\n")
    assert "＊＊bold＊＊ &lt;b&gt;" in slack.body


def test_an_own_part_takes_the_place_of_ours_within_ours(tmp_path: Path) -> None:
    """For services whose form builds on another's it is enough to have that."""
    written = letter(tmp_path, {"markdown/message.j2": "Team Kafka: {{ standing }}"}, forms.DISCORD)

    assert written.complaint is None
    assert written.body.startswith("Team Kafka: 40%")
    assert "\n" not in written.body


def test_a_part_that_is_no_good_is_said_so(tmp_path: Path) -> None:
    """By the template that was asked for, and the line in the part."""
    written = letter(tmp_path, {"markdown/message.j2": "a\n{{ nonsense }}"}, forms.DISCORD)

    assert written.complaint == "discord/message.j2: line 2: nonsense is not defined"
    assert written.body.endswith(write(MESSAGE, Reader(), forms.DISCORD).body)


def test_a_card_of_ones_own_is_json(tmp_path: Path) -> None:
    """Values come with their quotes."""
    own = '{"header": {{ title }}, "n": {{ percent }}, "none": {{ page }}, "all": {{ data.change.steps }}}'
    written = letter(
        tmp_path, {"feishu/message.j2": own.replace("page", "data.change.done_at")}, forms.FEISHU
    )

    assert json.loads(written.body) == {"header": written.title, "n": 40, "none": None, "all": []}


@pytest.mark.parametrize(
    ("own", "body"),
    [
        ("{{ happenings[0]|e }}", "FAILED at Pre-check: ＊＊bold＊＊ ＜b＞"),
        ("{{ happenings[0]|escape|upper }}", "FAILED AT PRE-CHECK: ＊＊BOLD＊＊ ＜B＞"),
        ("{{ happenings|join(' ')|forceescape }}", None),
        (
            "{% autoescape false %}{{ happenings[0] }}{% endautoescape %}",
            "FAILED at Pre-check: ＊＊bold＊＊ ＜b＞",
        ),
        ("{{ '**' ~ happenings[0] }}", "＊＊FAILED at Pre-check: ＊＊bold＊＊ ＜b＞"),
        ("**{{ '%s'|format(happenings[0]) }}**", "**FAILED at Pre-check: ＊＊bold＊＊ ＜b＞**"),
        ("{{ '**mine**'|safe }} {{ data.change.done_at }}", "**mine**"),
        (
            "{% macro m(x) %}**{{ x }}**{% endmacro %}{{ m(happenings[0]) }}",
            "**FAILED at Pre-check: ＊＊bold＊＊ ＜b＞**",
        ),
    ],
)
def test_in_every_way_what_is_put_in_is_escaped(tmp_path: Path, own: str, body: str | None) -> None:
    """As the form does it, once; only what is called safe is taken for that."""
    written = letter(tmp_path, {"discord/message.j2": own}, forms.DISCORD)

    assert written.complaint is None
    if body is not None:
        assert written.body == body
    assert "**bold**" not in written.body


BROKEN: Final = {
    "syntax": ("{% for x in %}", "line 1: it cannot be read: "),
    "end": ("a\n{% if title %}\nb", "line 3: it cannot be read: "),
    "undefined": ("a\n{{ nonsense }}", "line 2: nonsense is not defined"),
    "attribute": ("{{ title.nonsense.more }}", "line 1: nonsense is not defined"),
    "filter": ("{{ title|nonsense }}", "line 1: it cannot be read: No filter named 'nonsense'"),
    "urlize": ("{{ title|urlize }}", "line 1: it cannot be read: No filter named 'urlize'"),
    "include": ("{% include 'nonsense.j2' %}", "line 1: it ends with TemplateNotFound nonsense.j2"),
    "error": ("{{ 1 // 0 }}", "it ends with ZeroDivisionError"),
    "type": ("{{ title + 1 }}", "it ends with TypeError"),
    "itself": ("{% include 'slack/message.j2' %}", "it ends with RecursionError"),
    "class": ("{{ ''.__class__.__mro__ }}", "it ends with SecurityError"),
    "globals": (
        "{% set x = cycler.__init__.__globals__ %}{{ x.os.environ }}",
        "line 1: it ends with SecurityError",
    ),
    "attr": ("{{ title|attr('__class__') }}", "it ends with SecurityError"),
    "getattr": ("{{ [title]|map(attribute='__class__')|join }}", "it ends with "),
    "format": ("{{ '{0.__class__}'.format(title) }}", "it ends with SecurityError"),
    "view": ("{{ steps._replace }}{{ links.__class__ }}", "_replace is not defined"),
    "change": ("{% set _ = data.update(x=1) %}", "it ends with SecurityError"),
    "range": ("{% for x in range(99999999) %}{% endfor %}", "it ends with OverflowError"),
    "quoting": ("{{ data[title] }}", "line 1: it ends with UndefinedError"),
    "quoting_include": ("{% include title %}", "it ends with TemplateNotFound"),
    "quoting_filter": ("{{ {}[title] }}", "it ends with UndefinedError"),
    "long_range": ("{% for x in range(1001) %}{% endfor %}", "line 1: it ends with OverflowError"),
    "long": ("{% for x in range(900) %}long{% endfor %}", "what it makes is too long"),
    "half_of_a_pair": ('{{ "\\ud83d" }}', "it ends with UnicodeEncodeError"),
}


@pytest.mark.parametrize(("own", "said"), BROKEN.values(), ids=BROKEN)
def test_one_that_is_no_good_is_said_so_and_ours_used(tmp_path: Path, own: str, said: str) -> None:
    """The complaint says what is wrong, and quotes nothing that was to be told."""
    written = letter(tmp_path, {"slack/message.j2": own})
    ours = write(MESSAGE, Reader(), forms.SLACK)

    assert written.complaint is not None
    assert written.complaint.startswith("slack/message.j2: ")
    assert said in written.complaint
    assert SECRET not in written.complaint
    assert written.complaint.isprintable()
    assert written.title == ours.title
    assert written.body.startswith("Your template slack/message.j2 could not be used (")
    assert written.body.endswith(ours.body)


@pytest.mark.parametrize("content", [MESSAGE, sample_digest()], ids=["message", "digest"])
@pytest.mark.parametrize("form", FAMILIES.values(), ids=FAMILIES)
def test_the_note_is_in_the_readers_language_in_every_form(
    tmp_path: Path, form: Form, content: Content
) -> None:
    """A message that is not what somebody made says why."""
    name = f"{form.folder}/{'message' if content is MESSAGE else 'digest'}.j2"
    templates = {name: "{{ nonsense }}"}

    for language, note in ((ENGLISH, "Your template "), (CHINESE, "您的模板 ")):
        written = letter(tmp_path, templates, form, content, Reader(language))
        assert note in written.body
        assert written.complaint == f"{name}: line 1: nonsense is not defined"


@pytest.mark.parametrize("form", [forms.FEISHU, forms.TEAMS], ids=["feishu", "teams"])
@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("no card", "what it makes is no JSON: Expecting value"),
        ("", "what it makes is no JSON"),
        ('{"a": {{ title }}', "what it makes is no JSON"),
        ('["a"]', "what it makes is no JSON: A card is an object"),
        ('{"a": "{{ title }}"}', "what it makes is no JSON"),
        ('{"a": NaN}', "what it makes is no JSON: NaN"),
        ('{"a": 1e999}', "it ends with ValueError"),
        ('{"a": "\\ud83d"}', "it ends with UnicodeEncodeError"),
        ("[" * 100_000, "it ends with RecursionError"),
    ],
)
def test_a_card_that_is_none_is_not_sent(tmp_path: Path, form: Form, own: str, said: str) -> None:
    """Services would refuse it, and the message would be lost."""
    name = f"{form.folder}/message.j2"
    written = letter(tmp_path, {name: own}, form)

    assert said in str(written.complaint)
    assert SECRET not in str(written.complaint)
    assert "could not be used" in written.body
    assert json.loads(written.body)


@pytest.mark.parametrize("folder", ["missing", "", "a\0b", "x" * 5000])
def test_a_folder_that_is_not_there_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    """In place of a message that nobody gets; the working folder is none unless it is named."""
    monkeypatch.chdir(tmp_path)
    written = write(MESSAGE, Reader(CHINESE), forms.PLAIN, folder or str(tmp_path / "none"))

    assert written.complaint is not None
    assert "您的模板 plain/message.j2 无法使用" in written.body


def test_a_file_that_is_no_text_is_said_so(tmp_path: Path) -> None:
    """Whatever is in it."""
    put(tmp_path, {"plain/message.j2": ""})
    (tmp_path / "plain/message.j2").write_bytes(b"\xff\xfe{{")
    written = write(MESSAGE, Reader(), forms.PLAIN, str(tmp_path))

    assert written.complaint == "plain/message.j2: it ends with UnicodeDecodeError"


def test_one_outside_the_folder_is_out_of_reach(tmp_path: Path) -> None:
    """By any path."""
    put(tmp_path, {"secret.txt": SECRET})
    for path in ("../secret.txt", str(tmp_path / "secret.txt"), "plain/../../secret.txt"):
        written = letter(tmp_path / "own", {"plain/message.j2": f"{{% include '{path}' %}}"}, forms.PLAIN)
        assert written.complaint is not None
        assert "TemplateNotFound" in written.complaint


def test_an_empty_letter_says_its_title(tmp_path: Path) -> None:
    """Services refuse what is empty."""
    written = letter(tmp_path, {"slack/message.j2": "{# nothing #}"})

    assert written.body == written.marked_title
    assert written.complaint is None


def test_what_is_too_long_is_shortened_like_ours(tmp_path: Path) -> None:
    """Fewer steps first."""
    own = "{% for step in steps %}{{ step }}" + "x" * 400 + "\n{% endfor %}{{ links|length }}"
    message = sample(Kind.STEP_FAILED)
    written = letter(tmp_path, {"plain/message.j2": own}, forms.PLAIN, message)
    longer = letter(tmp_path / "b", {"plain/message.j2": own.replace("400", "1")}, forms.PLAIN, message)

    assert written.complaint is None
    assert "✗ Rolling restart" in written.body
    assert longer.body.endswith("2")


def test_a_test_stays_one(tmp_path: Path) -> None:
    """A template sees that it is one as a note; beside a complaint both are said."""
    test = make_test_message("ops", NOW)

    assert letter(tmp_path, {"slack/message.j2": "{{ note }}"}, content=test).body == ENGLISH.test_note
    assert letter(tmp_path / "b", {"slack/message.j2": "{{ x }}"}, content=test).body.startswith(
        f"{ENGLISH.test_note} Your template "
    )


LOOP: Final = "{% for _ in list %}{% for _ in list %}{% for _ in list %}{% endfor %}{% endfor %}{% endfor %}"


@pytest.mark.parametrize(
    "own",
    [
        "{% for _ in range(999) %}" * 4 + "{% endfor %}" * 4,
        "{% set list = range(999)|list %}" + LOOP,
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(90) }}",
    ],
    ids=["ranges", "lists", "macros"],
)
def test_one_that_takes_too_long_is_broken_off(tmp_path: Path, own: str) -> None:
    """In time to send the message in our form; nothing of it goes on afterwards."""
    begun = time.monotonic()
    folder = put(tmp_path, {"slack/message.j2": own})
    written = write(MESSAGE, Reader(), forms.SLACK, folder, seconds_max=0.3)

    assert time.monotonic() - begun < 3
    assert str(written.complaint).endswith("it takes too long")
    assert written.body.endswith(write(MESSAGE, Reader(), forms.SLACK).body)


@pytest.mark.parametrize(
    "own",
    [
        "{% set x = 'x' * 30000000 %}",
        "{% set x = 30000000 * ['x'] %}",
        "{% set x = 9 ** 9999999 %}",
        "{% set x = '%30000000d' % 1 %}",
        "{% set x = '%*d' % (30000000, 1) %}",
        "{% set x = '%30000000d'|format(1) %}",
        "{% set x = '{:30000000}'.format(1) %}",
        "{% set x = 'x'|center(30000000) %}",
        "{% set x = 'x'.ljust(30000000) %}",
        "{% set ns = namespace(x='x') %}{% for _ in range(24) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns = namespace(x='x') %}{% for _ in range(24) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x=['x']) %}{% for _ in range(24) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set x = 'x' * 999999 %}{% set y = [x] * 30 %}{% set z = y|join %}",
        "{% set x %}{% for _ in range(999) %}{{ 'x' * 2000 }}{% endfor %}{% endset %}",
    ],
)
def test_one_that_takes_too_much_memory_is_broken_off(tmp_path: Path, own: str) -> None:
    """Before it does, be it while it is read or while it is filled in."""
    written = letter(tmp_path, {"slack/message.j2": own + "fine"})

    assert "what it makes is too long" in str(written.complaint)


def test_how_brief_ones_own_is_is_ones_own_choice(tmp_path: Path) -> None:
    """Only what the service takes bounds it."""
    message = compose([alert(1, Kind.STEP_STARTED, step="pre_check")], situation(percent=40, seen_at=NOW), 0)

    for form in (forms.PLAIN, forms.NTFY):
        written = letter(tmp_path, {f"{form.folder}/message.j2": "x" * 900}, form, message)
        assert (written.complaint, written.body, written.is_own) == (None, "x" * 900, True)


def test_what_is_changed_or_added_is_seen_at_once(tmp_path: Path) -> None:
    """A function may live for days, and whoever writes templates tries them again and again."""
    ours = letter(tmp_path, {}, forms.DISCORD)
    part = letter(tmp_path, {"markdown/message.j2": "first"}, forms.DISCORD)
    changed = letter(tmp_path, {"markdown/message.j2": "second"}, forms.DISCORD)
    added = letter(tmp_path, {"discord/message.j2": "third"}, forms.DISCORD)

    assert not ours.is_own
    assert [one.body for one in (part, changed, added)] == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("name", "form", "is_there"),
    [
        ("slack/message.j2", forms.SLACK, True),
        ("slack/digest.j2", forms.SLACK, True),
        ("mail/frame.j2", forms.MAIL, True),
        ("markdown/message.j2", forms.DISCORD, True),
        ("slack/mesage.j2", forms.SLACK, False),
        ("slack/message.j2", forms.WECOM, False),
        ("discord/message.j2", forms.MARKDOWN, False),
    ],
)
def test_whether_a_folder_holds_anything_for_a_form_is_known(
    tmp_path: Path, name: str, form: Form, *, is_there: bool
) -> None:
    """Parts of what ours build on count as well."""
    assert holds_any(put(tmp_path, {name: ""}), form) is is_there
