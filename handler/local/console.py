"""The channel of your own machine: prints what there is to tell, and remembers nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.text import Text

from notifiers import contents, wording
from notifiers.alerts import Severity
from notifiers.messages import Content, Digest
from notifiers.verdicts import Outcome, Verdict

CHANNEL_NAME: Final = "(console)"
"""What the ledger calls it; no configured channel can have this name."""

_INDENT: Final = " " * 10
_STYLES: Final = {
    Severity.INFO: "cyan",
    Severity.SUCCESS: "bold green",
    Severity.WARNING: "bold yellow",
    Severity.FAILURE: "bold red",
}


class ConsoleChannel:
    """A `Sender` that prints, above the bars if there are any."""

    def __init__(self, console: Console) -> None:
        """Print to this console."""
        self._console = console

    def send(self, message: Content, timeout_seconds: float) -> Verdict:  # noqa: ARG002 - see `Sender`
        """See `Sender`; there is nothing here that could take long."""
        time = max(one.headline.raised_at for one in message.messages).astimezone().time()
        title = Text(f"{time:%H:%M:%S}  {contents.title(message)}", _STYLES[message.severity])
        self._console.print(title, *_details(message), sep="\n", soft_wrap=True)
        return Verdict(Outcome.SENT)


def _details(message: Content) -> Iterator[Text]:
    """What stands below the title: the alerts of one change, or the changes of a digest."""
    if isinstance(message, Digest):
        for one in message.messages:
            yield Text(f"{_INDENT}{wording.title(one)}", _STYLES[one.severity])
    else:
        for line in wording.happenings(message):
            yield Text(f"{_INDENT}{line}")
