"""What came of test messages, in lines."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from handler.local.printing.display import said_of
from handler.local.printing.explaining import advice
from handler.local.printing.hearing import in_brackets
from handler.trial import Trial
from notifiers.verdicts import Outcome

_STYLES: Final = {
    Outcome.SENT: "green",
    Outcome.RETRY: "yellow",
    Outcome.REFUSED: "red",
    Outcome.UNKNOWN: "yellow",
}


def line_of(trial: Trial) -> Text:
    """Say how it went; what is wrong with the configuration besides stands below."""
    outcome = trial.verdict.outcome
    answer = f"{said_of(outcome.value)}{in_brackets(trial.verdict.code)}"
    said = [advice(trial.service, trial.verdict)]
    if trial.is_misconfigured:
        answer, said = "misconfigured", [" ".join(trial.remarks)]
    line = Text.assemble(f"{trial.channel} ({trial.service}): ", (answer, _STYLES[outcome]))
    line.append("".join(f": {sentence}" for sentence in said if sentence))
    if not trial.is_misconfigured:
        line.append("".join(f"\n  {remark}" for remark in trial.remarks))
    return line
