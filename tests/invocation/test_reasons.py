"""Why an invocation was not fine, in the lines that whoever waits for its heartbeat reads."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

from handler.core.audience import Audience
from handler.core.change import ChangeId
from handler.core.ledger import Attempt, ChannelState, Ledger, Outage
from handler.core.observation import Observation, Phase
from handler.core.problem import Problem, ProblemKind
from handler.core.rules import Policy
from handler.core.watch import Watch
from handler.reasons import reasons_of
from handler.tick import Tick
from notifiers.alerts import Alert, Kind
from notifiers.verdicts import Outcome

NOW: Final = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
POLICY: Final = Policy(unreachable_after=timedelta(minutes=10))
DOWN: Final = Problem(ProblemKind.UNAVAILABLE, "The DMS API answered 503.", request_id="r-1")
NO_STATE: Final = Problem(ProblemKind.STATE_UNAVAILABLE, "The store cannot be reached.")


def tick(
    name: str,
    problem: Problem | None = None,
    *,
    minutes_out: float | None = None,
    store_ahead: timedelta = timedelta(),
    **codes: str | None,
) -> Tick:
    """A look at a change that has been out of reach for so long; channels have refused with these codes."""
    channels = {
        channel: ChannelState(0, attempts=(Attempt(Outcome.REFUSED, NOW, code),))
        for channel, code in codes.items()
    }
    since = NOW + store_ahead - timedelta(minutes=minutes_out or 0)
    ledger = Ledger(
        f"i/{name}",
        NOW,
        observation=Observation(Phase.RUNNING),
        outage=None if minutes_out is None else Outage(since, ProblemKind.UNAVAILABLE),
        channels=channels,
        alerts=(Alert(1, Kind.STARTED, "started", NOW),) if channels else (),
        length=len(channels) and 1,
    )
    watch = Watch(ChangeId("i", name), name)
    return Tick(
        watch,
        ledger,
        ledger,
        ledger,
        Audience(name, ()),
        problem=problem,
        is_blind=problem is not None,
        store_ahead=store_ahead,
    )


def said(problem: Problem | None, *ticks: Tick) -> list[str]:
    """The reasons, now."""
    return reasons_of(problem, ticks, POLICY, NOW)


def test_what_stopped_everything_comes_first_and_once() -> None:
    """A configuration's mistakes in a line each; changes that it stopped do not repeat it."""
    wrong = Problem(ProblemKind.MISCONFIGURED, "It cannot be used.\nstate: is missing.")

    assert said(wrong) == ["It cannot be used.", "state: is missing."]
    assert said(NO_STATE, tick("a", NO_STATE), tick("b", NO_STATE)) == ["The store cannot be reached."]


def test_changes_that_nothing_is_seen_of_are_named_with_the_longest_outage() -> None:
    """In one line for one reason, whatever the requests were called; a shorter outage is a blip."""
    out = [
        tick(name, DOWN, minutes_out=minutes)
        for name, minutes in zip("abcde", [10, 75, 12, 9, 11], strict=True)
    ]

    assert said(None, *out) == [
        "a, b, c and 1 more: nothing seen for 1 hour 15 minutes. The DMS API answered 503."
    ]


def test_an_outage_is_told_by_our_clock() -> None:
    """The kept document is written by the store's."""
    ahead = tick("a", DOWN, minutes_out=12, store_ahead=timedelta(hours=1))

    assert said(None, ahead) == ["a: nothing seen for 12 minutes. The DMS API answered 503."]


def test_a_change_out_of_reach_that_was_not_asked_about_has_no_reason() -> None:
    """Its outage is told all the same."""
    assert said(None, tick("a", minutes_out=20)) == ["a: nothing seen for 20 minutes."]


def test_changes_that_something_of_their_own_stops_are_named() -> None:
    """Not twice, if nothing has been seen of them for long besides."""
    gone = Problem(ProblemKind.UNAUTHORISED, "It may not be read.")

    assert said(None, tick("a", gone), tick("b", NO_STATE), tick("c", gone), tick("d")) == [
        "a, c: It may not be read.",
        "b: The store cannot be reached.",
    ]
    assert said(None, tick("a", gone, minutes_out=30)) == [
        "a: nothing seen for 30 minutes. It may not be read."
    ]


def test_each_refusing_channel_is_named_once_with_its_services_code() -> None:
    """However many changes have something to tell it; never by its address."""
    ticks = [tick("a", ops="404", mail=None), tick("b", ops="404", team="misconfigured")]

    assert said(None, *ticks) == [
        "Channel mail refuses messages.",
        "Channel ops refuses messages (404).",
        "Channel team cannot be used as it is configured.",
    ]


def test_there_is_always_something_to_say() -> None:
    """A failure without a word would be a riddle."""
    assert said(None, tick("a")) == ["The last look was not fine; the log says why."]
