"""What can be wanted of a deployed function: a look, an event of somebody's own, or test messages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import UNSET
from rich.text import Text

from handler.local.reports import is_fine, lines_of, read_report, trouble_of
from handler.local.setbacks import SetbackError, Sort
from handler.local.trying import line_of
from handler.local.watching import ExitCode
from handler.trial import Trial, describe_all
from notifiers.saying import one_line
from notifiers.verdicts import Outcome, Verdict

_LINE_LENGTH_MAX: Final = 500
_LOOK: Final = {"manual": True}
_LOOK_AGAIN: Final[Mapping[str, object]] = {}
"""Such an event does not try an access key that was just refused, or it would soon be locked."""


_OF_GATEWAYS: Final = frozenset({"502", "504"})


class _Trial(msgspec.Struct):
    channel: str
    service: str
    outcome: Outcome
    code: str | None
    remarks: list[str]


class _Trials(msgspec.Struct):
    trials: list[_Trial]


class Look:
    """That it looks at the changes now, or does what an event of somebody's own says."""

    def __init__(self, event: object = UNSET) -> None:
        """Take the event of somebody's own, if there is one."""
        self.may_repeat = event is UNSET
        self.result: object = UNSET
        self._event = event
        self._next: object = _LOOK if event is UNSET else event

    def event(self) -> object:
        """See `Quest`."""
        event, self.result = self._next, UNSET
        self._next = _LOOK_AGAIN if self._event is UNSET else self._event
        return event

    def take(self, result: object) -> str | None:
        """See `Quest`: a report has to be fine; of other results nothing is known."""
        self.result = result
        report = read_report(result)
        return None if report is None or is_fine(report) else trouble_of(report)

    def tell(self, *, as_json: bool) -> Iterator[str | Text]:
        """Give the lines that say what came of it."""
        if self.result is UNSET:
            return
        report = read_report(self.result)
        if as_json or report is None:
            yield json.dumps(self.result, indent=2)
        else:
            yield from lines_of(report)

    @property
    def exit_code(self) -> ExitCode:
        """How the command ends."""
        report = read_report(self.result)
        return ExitCode.FINE if report is None or is_fine(report) else ExitCode.NOT_FINE


class Trials:
    """That it sends a test message to channels, to each until it has got one; none named means all."""

    may_repeat = False

    def __init__(self, channels: Sequence[str]) -> None:
        """Take their names."""
        self.trials: dict[str, Trial] = {}
        self._wanted: object = list(channels) or True

    def event(self) -> object:
        """See `Quest`: who may have got one is not sent another."""
        return {"test_alert": self._wanted}

    def take(self, result: object) -> str | None:
        """See `Quest`."""
        try:
            answer = msgspec.convert(result, _Trials)
        except ValueError:
            message = "The function that is deployed knows no test alerts: deploy this version of Headway."
            raise SetbackError(message, Sort.FINAL) from None
        self.trials |= {trial.channel: _read_trial(trial) for trial in answer.trials}
        lacking = [trial for trial in self.trials.values() if _can_be_tried_again(trial)]
        self._wanted = [trial.channel for trial in lacking]
        return f"Not sent yet: {', '.join(map(_short, lacking))}." if lacking else None

    def tell(self, *, as_json: bool) -> Iterator[str | Text]:
        """Give the lines that say what came of it."""
        if not self.trials:
            return
        if as_json:
            yield json.dumps(describe_all(self.trials.values()), indent=2)
        else:
            yield from (line_of(self.trials[name]) for name in sorted(self.trials))

    @property
    def exit_code(self) -> ExitCode:
        """How the command ends."""
        all_sent = all(trial.is_fine for trial in self.trials.values())
        return ExitCode.FINE if self.trials and all_sent else ExitCode.NOT_FINE


def _read_trial(told: _Trial) -> Trial:
    remarks = tuple(one_line(remark, _LINE_LENGTH_MAX) for remark in told.remarks)
    return Trial(told.channel, told.service, Verdict(told.outcome, told.code), remarks)


def _can_be_tried_again(trial: Trial) -> bool:
    """Whether it surely has no message: a gateway may have passed it on, and then not got the answer."""
    verdict = trial.verdict
    return verdict.outcome in {Outcome.RETRY, Outcome.REFUSED} and verdict.code not in _OF_GATEWAYS


def _short(trial: Trial) -> str:
    return f"{trial.channel} ({trial.verdict.code or trial.verdict.outcome.value})"
