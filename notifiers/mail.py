"""How a message looks as HTML mail: one template, inline styles, everything from outside escaped."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from notifiers import wording
from notifiers.alerts import Severity
from notifiers.forms import lay_out
from notifiers.messages import Message

if TYPE_CHECKING:
    from jinja2 import Template

_COLOURS: Final = {
    Severity.INFO: "#2563eb",
    Severity.SUCCESS: "#15803d",
    Severity.WARNING: "#b45309",
    Severity.FAILURE: "#b91c1c",
}
_STEP_COLOURS: Final = {
    "running": _COLOURS[Severity.INFO],
    "completed": _COLOURS[Severity.SUCCESS],
    "unknown": _COLOURS[Severity.WARNING],
    "failed": _COLOURS[Severity.FAILURE],
}


def html(message: Message) -> str:
    """The message as an HTML document."""
    return _template().render(
        title=wording.title(message),
        colour=_COLOURS[message.severity],
        step_colours=_STEP_COLOURS,
        percent=message.situation.percent,
        **lay_out(message)._asdict(),
    )


@cache
def _template() -> Template:
    # Imported here, because only mail needs it and it takes as long as a whole tick.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=PackageLoader("notifiers"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("mail.html.j2")
