"""Watches in the foreground: tick after tick, until all changes have ended or somebody wants to stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

from handler.application import Application
from handler.core.audience import refuses
from handler.core.change import ChangeId
from handler.core.observation import Phase
from handler.core.problem import ProblemKind
from handler.fleet import REGISTERED_LATE_MAX
from handler.local.configuration import Aim
from handler.local.exits import CommandError, ExitCode
from handler.local.failing import lead_on_from
from handler.local.interrupting import Wish
from handler.local.printing.display import Show
from handler.local.printing.hearing import waited_for
from handler.local.printing.reports import reasons_why
from handler.mishaps import caught
from handler.outcome import Outcome
from handler.report import Report, make_report
from handler.scope import Scope
from handler.tick import Tick
from handler.triggers import Trigger, TriggerKind

Tell = Callable[[Outcome], None]
"""Says what there is to say of a tick besides."""


class FruitlessError(CommandError):
    """The first tick could not do its job at all, and the next ones could not either."""

    def __init__(self, outcome: Outcome, application: Application) -> None:
        """Take what it came to, which says why."""
        report, error = outcome.report, outcome.report["error"]
        beside = {"reasons": reasons_why(outcome, application)}
        said = "\n".join(filter(None, [error["message"], lead_on_from(outcome)]))
        super().__init__(said, error["kind"], exit_code_of(report), beside)


def watch_until_over(  # noqa: PLR0913, PLR0917 - what looks, who is told what, and when it ends
    application: Application,
    show: Show,
    tell: Tell,
    interrupted: Wish,
    every_seconds: float,
    aim: Aim = Aim(),  # noqa: B008 - it never changes
) -> ExitCode:
    """Tick until every change that is meant has ended and all of it is told.

    Args:
        application: What looks.
        show: Shows how changes stand.
        tell: Says what else there is to say of a tick.
        interrupted: Set by whoever wants to stop.
        every_seconds: How often to look.
        aim: Which changes are meant.

    Raises:
        FruitlessError: The first tick could not do its job at all.
    """
    # The first look tries the access key even if it rests; the next ones must not, or it gets locked.
    trigger = Trigger(TriggerKind.MANUAL, aim.scope, is_by_hand=True)
    went_well = True
    past: set[ChangeId] | None = None
    while True:
        outcome = application.serve(trigger, None)
        ticks = outcome.ticks
        if outcome.has_failed and trigger.is_by_hand:
            raise FruitlessError(outcome, application)
        show(ticks)
        tell(outcome)
        if past is None:
            past = {tick.watch.change for tick in ticks if aim.awaits_next and _is_past(tick)}
        meant = [tick for tick in ticks if tick.watch.change not in past]
        went_well &= all(map(has_gone_well, filter(is_over, meant)))
        if meant and all(map(is_over, meant)):
            return ExitCode.FINE if went_well else ExitCode.NOT_FINE
        if interrupted.wait(every_seconds):
            return ExitCode.INTERRUPTED
        trigger = Trigger(TriggerKind.TIMER, aim.scope)


def look_first(application: Application) -> Outcome:
    """Look before a watch that goes on; the access key is tried even if it rests.

    Raises:
        FruitlessError: The configuration cannot be used.
    """
    outcome = _look(application, Trigger(TriggerKind.MANUAL, Scope(), is_by_hand=True))
    if exit_code_of(outcome.report) is ExitCode.WRONG_USAGE:
        raise FruitlessError(outcome, application)
    return outcome


def watch_on(  # noqa: PLR0913, PLR0917 - what has been seen, what looks, who is told what, and when it ends
    application: Application,
    first: Outcome,
    show: Show,
    tell: Tell,
    interrupted: Wish,
    every_seconds: float,
) -> ExitCode:
    """Tick until somebody wants to stop, whatever becomes of the changes, and whatever is in the way.

    Args:
        application: What looks.
        first: What the first look has seen.
        show: Shows how changes stand.
        tell: Says what else there is to say of a tick.
        interrupted: Set by whoever wants to stop.
        every_seconds: How often to look.
    """
    outcome = first
    while True:
        if outcome.ticks or not outcome.report["error"]:
            show(outcome.ticks)
        tell(outcome)
        if interrupted.wait(every_seconds):
            return ExitCode.INTERRUPTED
        outcome = _look(application, Trigger(TriggerKind.TIMER, Scope()))


def exit_code_of(report: Report) -> ExitCode:
    """How a command ends that has done one tick; somebody who looks wants to know of any trouble."""
    error = report["error"]
    if error is not None and error["kind"] == ProblemKind.MISCONFIGURED.value:
        return ExitCode.WRONG_USAGE
    is_fine = report["ok"] and not error and not any(change["error"] for change in report["changes"])
    return ExitCode.FINE if is_fine else ExitCode.NOT_FINE


def is_over(tick: Tick) -> bool:
    """True when the change has ended and every channel knows; one that refuses is not waited for."""
    return tick.after.phase.is_end and all(map(refuses, waited_for(tick).values()))


def _look(application: Application, trigger: Trigger) -> Outcome:
    """Look once; a defect of ours is no reason to end."""
    try:
        return application.serve(trigger, None)
    except Exception as error:  # noqa: BLE001 - see above
        problem, now = caught(error), datetime.now(timezone.utc)
        kind = trigger.kind.value
        return Outcome(make_report(trigger=kind, started_at=now, duration_seconds=0, problem=problem), ())


def _is_past(tick: Tick) -> bool:
    """True when the change ended so long ago that nobody would begin to watch for its sake."""
    seen = tick.current.observation
    if seen is None or seen.date is None or seen.ended_at is None:
        return False
    return is_over(tick) and seen.date - seen.ended_at > REGISTERED_LATE_MAX


def has_gone_well(tick: Tick) -> bool:
    """True when the change was completed."""
    return tick.after.phase is Phase.COMPLETED
