"""The channel of your own machine: prints what there is to tell, and remembers nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.text import Text

from handler.local.printing.board import FAINT
from handler.local.printing.folding import fold
from handler.local.printing.reader import local_reader
from notifiers import digests, wording
from notifiers.alerts import Severity
from notifiers.messages import Content, Digest
from notifiers.saying import Reader
from notifiers.verdicts import Outcome, Verdict
from notifiers.views import title_of

_INDENT: Final = 10
"""As wide as the time of day and the gap behind it."""

_STYLES: Final = {
    Severity.INFO: "bold",
    Severity.SUCCESS: "black on green",
    Severity.WARNING: "black on yellow",
    Severity.FAILURE: "white on red",
}
"""On the time alone, with a ground of its own: so it can be read on any other, and the title always can."""


class TerminalChannel:
    """A `Sender` that prints, above the bars if there are any."""

    def __init__(self, console: Console) -> None:
        """Print to this console."""
        self._console = console

    def send(self, message: Content, timeout_seconds: float) -> Verdict:  # noqa: ARG002 - see `Sender`
        """See `Sender`; there is nothing here that could take long."""
        reader = local_reader()
        time = max(one.headline.raised_at for one in message.messages).astimezone().time()
        title = Text.assemble(
            (f"{time:%H:%M:%S}", _STYLES[message.severity]), f"  {title_of(message, reader)}"
        )
        details = (Text(" " * _INDENT).append_text(detail) for detail in _details(message, reader))
        lines = [folded for text in (title, *details) for folded in fold(text, self._console, _INDENT)]
        self._console.print(*lines, sep="\n", soft_wrap=True)
        return Verdict(Outcome.SENT)


def _details(message: Content, reader: Reader) -> Iterator[Text]:
    """What stands below the title: the alerts of one change, or the changes of a digest."""
    if isinstance(message, Digest):
        for one in message.messages:
            yield Text("".join(digests.line(one, reader)))
    else:
        for line in wording.happenings(message, reader):
            yield Text(line)
        for label, value in wording.facts(message, reader):
            yield Text(f"{label}{reader.language.colon}{value}", FAINT)
