"""The report of a look as JSON shows it: with why it was not fine, in the heartbeat's sentences."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from handler.core.problem import Problem, ProblemKind
from handler.core.rules import Policy
from handler.outcome import Outcome
from handler.reasons import reasons_of
from handler.settings import SettingsError
from notifiers.saying import one_line

if TYPE_CHECKING:
    from handler.application import Application

_LENGTH_MAX: Final = 500


def report_as_json(outcome: Outcome, application: Application) -> dict[str, Any]:
    """The report and its `reasons`, which are none if it is ok.

    Args:
        outcome: What the look came to.
        application: What has looked.
    """
    return {**outcome.report, "reasons": reasons_why(outcome, application)}


def reasons_why(outcome: Outcome, application: Application) -> list[str]:
    """Say why a look was not fine, a line each; nothing if it was."""
    if outcome.report["ok"]:
        return []
    policy = _policy(application) if outcome.ticks else Policy()
    reasons = reasons_of(_problem(outcome), outcome.ticks, policy, datetime.now(timezone.utc))
    return [one_line(reason, _LENGTH_MAX) for reason in reasons]


def _problem(outcome: Outcome) -> Problem | None:
    """What was in the way of the whole, by the report; if a change has the same, its own, to be said once."""
    error = outcome.report["error"]
    if error is None:
        return None
    own = (tick.problem for tick in outcome.ticks if tick.problem is not None)
    known = next((problem for problem in own if problem.explanation == error["message"]), None)
    return known or Problem(ProblemKind(error["kind"]), error["message"])


def _policy(application: Application) -> Policy:
    """When an outage counts as one; the configuration could be read for the look, and hardly cannot now."""
    try:
        return application.settings().alerts.policy
    except SettingsError:
        return Policy()
