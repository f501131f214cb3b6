"""What is wanted of a deployed function, and how it is asked until that is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec
from msgspec import UNSET
from rich.text import Text

from handler.chosen import CHANNELS_MAX
from handler.clock import Clock
from handler.local.invoking.invoke_apis import Invoke
from handler.local.invoking.reports import Report, read_report
from handler.local.invoking.setbacks import SetbackError, Sort
from handler.local.printing.trials import line_of
from handler.trial import Trial, describe_all
from notifiers.verdicts import Outcome, Verdict

BUSY_SECONDS: Final = 60.0
"""A tick takes no longer, so for so long a busy function is asked again in any case."""

_PAUSE_SECONDS_MAX: Final = 10.0
_LOOK: Final = {"manual": True}
_LOOK_AGAIN: Final = dict[str, object]()
"""Such an event does not try an access key that was just refused, or it would soon be locked."""

_OF_GATEWAYS: Final = frozenset({"502", "504"})


class Look:
    """That it looks at the changes now, or does what an event of somebody's own says.

    It is asked again where it may have been done already only if it `may_repeat`.
    """

    def __init__(self, event: object = UNSET) -> None:
        """Take the event of somebody's own, if there is one."""
        self.may_repeat = event is UNSET
        self.result: object = UNSET
        self._report: Report | None = None
        self._next: object = _LOOK if self.may_repeat else event

    def event(self) -> object:
        """Give the event to invoke it with now."""
        event, self.result, self._report = self._next, UNSET, None
        if self.may_repeat:
            self._next = _LOOK_AGAIN
        return event

    def take(self, result: object) -> str | None:
        """Take the function's result, and say in a sentence what waiting may still bring.

        Raises:
            SetbackError: It is none that Headway gives.
        """
        self.result, self._report = result, read_report(result)
        if self._report:
            return self._report.trouble
        if self.may_repeat or not isinstance(result, dict):
            message = "What the function answered is no report: is it Headway that is deployed there?"
            raise SetbackError(message, Sort.FINAL)
        return None

    def tell(self, *, as_json: bool) -> Iterator[str | Text]:
        """Give the lines that say what came of it."""
        if self._report and not as_json:
            yield from self._report.lines
        elif self.result is not UNSET:
            yield json.dumps(self.result, indent=2)

    @property
    def is_fine(self) -> bool:
        """Whether nothing at all is in the way; what is no report has to say so itself, if it can."""
        if self._report:
            return self._report.trouble is None
        return isinstance(self.result, dict) and self.result.get("ok", True) is True


class _Trial(msgspec.Struct):
    channel: str
    service: str
    outcome: Outcome
    code: str | None
    remarks: tuple[str, ...]


class _Trials(msgspec.Struct):
    trials: list[_Trial]


class Trials:
    """That it sends a test message to channels, to each until it has got one; none named means all."""

    may_repeat = False

    def __init__(self, channels: Sequence[str]) -> None:
        """Take their names."""
        self.trials: dict[str, Trial] = {}
        self._wanted: object = list(channels) or True

    def event(self) -> object:
        """See `Look`: who may have got one is not sent another."""
        return {"test_alert": self._wanted}

    def take(self, result: object) -> str | None:
        """See `Look`."""
        try:
            answer = msgspec.convert(result, _Trials)
        except ValueError:
            message = "The function that is deployed knows no test alerts: deploy this version of Headway."
            raise SetbackError(message, Sort.FINAL) from None
        if not answer.trials:
            raise SetbackError("The function has sent a test message to no channel.", Sort.FINAL)
        for one in answer.trials:
            # The latest stand last, so that with more than can be named at once all have their turn.
            self.trials.pop(one.channel, None)
            verdict = Verdict(one.outcome, one.code)
            self.trials[one.channel] = Trial(one.channel, one.service, verdict, one.remarks)
        lacking = [trial for trial in self.trials.values() if _can_be_tried_again(trial)]
        self._wanted = [trial.channel for trial in lacking[:CHANNELS_MAX]]
        return f"Not sent yet: {', '.join(sorted(map(_short, lacking)))}." if lacking else None

    def tell(self, *, as_json: bool) -> Iterator[str | Text]:
        """See `Look`."""
        if self.trials and as_json:
            yield json.dumps(describe_all(self.trials.values()), indent=2)
        elif self.trials:
            yield from (line_of(self.trials[name]) for name in sorted(self.trials))

    @property
    def is_fine(self) -> bool:
        """Whether each has got one."""
        return all(trial.is_fine for trial in self.trials.values())


def persist(
    invoke: Invoke, wanted: Look | Trials, wait_seconds: float, clock: Clock, sleep: Callable[[float], None]
) -> Iterator[str]:
    """Invoke a function until it has done what is wanted, or it is no use to try again.

    Args:
        invoke: Invokes it once.
        wanted: What is wanted.
        wait_seconds: For how long to try.
        clock: How much of that is gone.
        sleep: Waits before the next try.

    Yields:
        What is waited for, once for each reason.

    Raises:
        SetbackError: It could not be done, for a reason that the function's last result does not tell.
    """
    begun, pause_seconds, said = clock.monotonic(), 1.0, ""
    while True:
        lack = None
        try:
            lack = wanted.take(invoke(wanted.event()))
            if lack is None:
                return
            setback = SetbackError(lack, Sort.FAILED)
        except SetbackError as error:
            setback = error
        except KeyboardInterrupt as error:
            raise SetbackError("The function has not answered yet.", Sort.STOPPED) from error
        left_seconds = begun + _worth_seconds(setback.sort, wanted, wait_seconds) - clock.monotonic()
        if left_seconds <= 0:
            if lack:
                return
            raise setback
        if str(setback) != said:
            said = str(setback)
            yield f"{said}\nTrying again for up to {left_seconds:.0f} s."
        sleep(min(pause_seconds, left_seconds))
        pause_seconds = min(2 * pause_seconds, _PAUSE_SECONDS_MAX)


def _worth_seconds(sort: Sort, wanted: Look | Trials, wait_seconds: float) -> float:
    """For how long in all it is worth to go on after such a setback."""
    if sort is Sort.FINAL or (sort is Sort.UNCERTAIN and not wanted.may_repeat):
        return 0.0
    return max(BUSY_SECONDS, wait_seconds) if sort is Sort.BUSY else wait_seconds


def _can_be_tried_again(trial: Trial) -> bool:
    """Whether it surely has no message: a gateway may have passed it on, and then not got the answer."""
    verdict = trial.verdict
    return verdict.outcome in {Outcome.RETRY, Outcome.REFUSED} and verdict.code not in _OF_GATEWAYS


def _short(trial: Trial) -> str:
    return f"{trial.channel} ({trial.verdict.code or trial.verdict.outcome.value})"
