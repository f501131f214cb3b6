"""How a message or a digest looks as mail: inline styles, and everything from outside escaped."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from notifiers import digests, forms, wording
from notifiers.alerts import Severity
from notifiers.messages import Content, Digest, Message

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


def text(content: Content) -> str:
    """The part for those who read no HTML; of a digest it holds as much as the HTML."""
    return digests.whole(content) if isinstance(content, Digest) else forms.plain(content)


def html(content: Content) -> str:
    """An HTML document."""
    return _html_of_digest(content) if isinstance(content, Digest) else _html_of_message(content)


def _html_of_message(message: Message) -> str:
    return _template("mail.html.j2").render(
        title=wording.title(message),
        colour=_COLOURS[message.severity],
        step_colours=_STEP_COLOURS,
        percent=message.situation.percent,
        **forms.lay_out(message)._asdict(),
    )


def _html_of_digest(digest: Digest) -> str:
    return _template("digest.html.j2").render(
        title=digests.title(digest),
        colour=_COLOURS[digest.severity],
        colours=_COLOURS,
        lines=digests.lines(digest),
        rest=digests.rest(digest),
        links=digest.links,
    )


@cache
def _template(name: str) -> Template:
    # Imported here, because only mail needs it and it takes as long as a whole tick.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=PackageLoader("notifiers"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template(name)
