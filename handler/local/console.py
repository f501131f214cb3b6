"""The channel of your own machine: prints what there is to tell, and remembers nothing."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.text import Text

from notifiers import wording
from notifiers.alerts import Severity
from notifiers.messages import Message
from notifiers.verdicts import Outcome, Verdict

CHANNEL_NAME: Final = "(console)"
"""What the ledger calls it; no configured channel can have this name."""

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

    def send(self, message: Message, timeout_seconds: float) -> Verdict:  # noqa: ARG002 - see `Sender`
        """See `Sender`; there is nothing here that could take long."""
        time = message.headline.raised_at.astimezone().time()
        title = Text(f"{time:%H:%M:%S}  {wording.title(message)}", _STYLES[message.severity])
        details = (Text(f"          {line}") for line in wording.happenings(message))
        self._console.print(title, *details, sep="\n", soft_wrap=True)
        return Verdict(Outcome.SENT)
