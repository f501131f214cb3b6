"""How templates are read and filled in: whatever they put in is escaped, once, in the form's own way."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from functools import cache, partial
from types import CodeType
from typing import Any, ClassVar, Final, cast

from jinja2 import (
    BaseLoader,
    Environment,
    PackageLoader,
    StrictUndefined,
    Template,
    Undefined,
    pass_environment,
    pass_eval_context,
)
from jinja2.filters import do_indent, make_attrgetter
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from markupsafe import Markup

from notifiers.forms import Form
from notifiers.markup import Url

Render = Callable[[Mapping[str, Any]], str]
"""Fills in a template, and gives a letter's body."""

OURS: Final = PackageLoader("notifiers")
_BLANK_LINES: Final = re.compile(r"\n{3,}")


def our_template(form: Form, name: str) -> Render:
    """A template of ours."""
    template = _environment(form).get_template(name)

    def render(values: Mapping[str, Any]) -> str:
        return body_of(form, template.render(values))

    return render


def body_of(form: Form, text: str) -> str:
    """Make a body of what a template gives: no blanks at the ends of lines, no two empty ones; compact JSON.

    Raises:
        ValueError: A card is no JSON object.
    """
    if not form.is_card:
        lines = "\n".join(line.strip() for line in text.splitlines())
        return _BLANK_LINES.sub("\n\n", lines).strip()
    card = json.loads(text, parse_constant=_refuse)
    if not isinstance(card, dict):
        raise json.JSONDecodeError("A card is an object", text, 0)
    return json.dumps(card, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class Safe(Markup):
    """What is markup already: whatever is put beside it is escaped as its form does, and not as HTML.

    There is a class for each form, for Jinja and markupsafe go by the class of what they put together.
    """

    __slots__ = ()
    form: ClassVar[Form]

    @classmethod
    def escape(cls, value: Any, /) -> Safe:  # noqa: ANN401 - whatever a template puts in
        """Make a value fit to stand in the form's markup; markup stays what it is."""
        if hasattr(value, "__html__"):
            return value if isinstance(value, cls) else cls(value)
        if isinstance(value, Undefined):
            # What is not there says so as a text, but not to JSON.
            value = str(value)
        if cls.form.is_card:
            return cls(cls.form.escape(value))
        if isinstance(value, Url):
            return cls(html.escape(value) if cls.form.escapes_url else value)
        return cls(cls.form.escape("" if value is None else str(value)))


class FormEnvironment(Environment):
    """Reads templates for one form.

    Jinja knows one markup, HTML: what templates are compiled to, calls and filters take the form's in its
    place, so that nothing has ever been escaped in another way.
    """

    def __init__(self, form: Form, loader: BaseLoader) -> None:
        """Take the form, and where its templates are."""
        self.safe: type[Safe] = type("Safe", (Safe,), {"form": form, "__slots__": ()})
        super().__init__(
            loader=loader,
            autoescape=True,
            finalize=_finalize(self.safe),
            # What is worked out while a template is read forgets what is markup.
            optimized=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        for name in ("urlize", "xmlattr", "tojson"):
            del self.filters[name]
        self.filters.update(_filters(self.safe))

    def join(self, between: Any, parts: Iterable[Any]) -> str:  # noqa: ANN401 - whatever a template puts together
        """Put parts together: as text, or as markup if there is any among them."""
        known = list(parts)
        if any(hasattr(part, "__html__") for part in (between, *known)):
            return (self.safe.escape(between) if between else self.safe()).join(known)
        return str(between).join(map(str, known))


class _Template(Template):
    @classmethod
    def from_code(
        cls,
        environment: Environment,
        code: CodeType,
        globals: MutableMapping[str, Any],  # noqa: A002 - Jinja's
        uptodate: Callable[[], bool] | None = None,
    ) -> Template:
        template = super().from_code(environment, code, globals, uptodate)
        ours = cast("FormEnvironment", environment)
        join = partial(ours.join, "")
        template.root_render_func.__globals__.update(
            Markup=ours.safe, escape=ours.safe.escape, markup_join=join, str_join=join
        )
        return template


class _Context(Context):
    def call(self, called: Callable[..., Any], /, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - Jinja's
        """Call a macro, a block, or anything else."""
        result = super().call(called, *args, **options)
        safe = cast("FormEnvironment", self.environment).safe
        return safe.escape(result) if isinstance(result, Markup) else result


FormEnvironment.template_class = _Template
FormEnvironment.context_class = _Context


def _filters(safe: type[Safe]) -> Mapping[str, Callable[..., Any]]:
    """Those filters that make markup, or put it together."""

    @pass_environment
    def join(environment: FormEnvironment, value: Any, d: Any = "", attribute: Any = None) -> str:  # noqa: ANN401
        parts = value if attribute is None else map(make_attrgetter(environment, attribute), value)
        return environment.join(d, parts)

    def replace(s: Any, old: Any, new: Any, count: int | None = None) -> str:  # noqa: ANN401
        has_markup = any(isinstance(each, Markup) for each in (s, old, new))
        text = safe.escape(s) if has_markup else str(s)
        return text.replace(str(old), new if has_markup else str(new), -1 if count is None else count)

    def indent(s: str, width: int | str = 4, first: bool = False, blank: bool = False) -> str:  # noqa: FBT001, FBT002 - Jinja's
        if isinstance(s, Markup) and isinstance(width, str):
            width = safe.escape(width)
        text = do_indent(s, width, first, blank)
        return safe.escape(text) if isinstance(text, Markup) else text

    def tojson(value: Any) -> Safe:  # noqa: ANN401
        return safe.escape(str(value) if isinstance(value, Markup) else value)

    filters: dict[str, Callable[..., Any]] = dict.fromkeys(("e", "escape", "forceescape"), safe.escape)
    filters |= {"safe": safe, "join": join, "replace": replace, "indent": indent}
    return filters | ({"tojson": tojson} if safe.form.is_card else {})


def _finalize(safe: type[Safe]) -> Callable[[EvalContext, Any], Safe]:
    # With the context, it is not called while a template is compiled, where constants pass as HTML.
    @pass_eval_context
    def finalize(_context: EvalContext, value: Any) -> Safe:  # noqa: ANN401
        return safe.escape(value)

    return finalize


def _refuse(constant: str) -> None:
    raise json.JSONDecodeError(constant, constant, 0)


@cache
def _environment(form: Form) -> Environment:
    return FormEnvironment(form, OURS)
