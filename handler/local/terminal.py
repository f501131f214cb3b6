"""The channel of your own machine: prints what there is to tell, and remembers nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.text import Text

from handler.local.display import local_reader
from notifiers import digests, wording
from notifiers.alerts import Severity
from notifiers.messages import Content, Digest
from notifiers.saying import Reader
from notifiers.verdicts import Outcome, Verdict
from notifiers.views import title_of

CHANNEL_NAME: Final = "(terminal)"
"""What the ledger calls it; no configured channel can have this name."""

_INDENT: Final = " " * 10
_STYLES: Final = {
    Severity.INFO: "cyan",
    Severity.SUCCESS: "bold green",
    Severity.WARNING: "bold yellow",
    Severity.FAILURE: "bold red",
}


class TerminalChannel:
    """A `Sender` that prints, above the bars if there are any."""

    def __init__(self, console: Console) -> None:
        """Print to this console."""
        self._console = console

    def send(self, message: Content, timeout_seconds: float) -> Verdict:  # noqa: ARG002 - see `Sender`
        """See `Sender`; there is nothing here that could take long."""
        reader = local_reader()
        time = max(one.headline.raised_at for one in message.messages).astimezone().time()
        title = Text(f"{time:%H:%M:%S}  {title_of(message, reader)}", _STYLES[message.severity])
        self._console.print(title, *_details(message, reader), sep="\n", soft_wrap=True)
        return Verdict(Outcome.SENT)


def _details(message: Content, reader: Reader) -> Iterator[Text]:
    """What stands below the title: the alerts of one change, or the changes of a digest."""
    if isinstance(message, Digest):
        for one in message.messages:
            yield Text(_INDENT + "".join(digests.line(one, reader)), _STYLES[one.severity])
    else:
        for line in wording.happenings(message, reader):
            yield Text(f"{_INDENT}{line}")
        for label, value in wording.facts(message, reader):
            yield Text(f"{_INDENT}{label}{reader.language.colon}{value}", "bright_black")
