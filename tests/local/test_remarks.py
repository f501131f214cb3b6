"""What is said beside the changes: what is in the way, who could not be told, and each only once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from io import StringIO

from rich.console import Console

from handler.core.audience import Audience
from handler.core.change import ChangeId
from handler.core.ledger import Ledger
from handler.core.observation import Observation, Phase
from handler.core.watch import Watch
from handler.local.remarks import Remarks
from handler.outcome import Outcome
from handler.report import Report
from handler.tick import Tick
from notifiers import verdicts
from notifiers.verdicts import Verdict

LEDGER = Ledger(
    "i/t", datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc), observation=Observation(Phase.RUNNING)
)
WRONG = {"kind": "misconfigured", "message": "It cannot be used.\nIt is empty."}
REFUSED = {"kind": "unauthorised", "message": "The key was refused."}
SENT = Verdict(verdicts.Outcome.SENT)


def tick(verdicts: Mapping[str, Verdict | None] | None = None) -> Tick:
    """A tick of a change that runs, with how its sends went."""
    watch = Watch(ChangeId("i", "t"), "orders")
    return Tick(watch, LEDGER, LEDGER, LEDGER, Audience("orders", ()), verdicts=verdicts or {})


def seen(error: Report | None, *own: Report | None, **verdicts: Verdict | None) -> Outcome:
    """An invocation that looked at so many changes, each with what was wrong with it."""
    changes = [{"error": one} for one in own]
    return Outcome({"changes": changes, "error": error}, [tick(verdicts) for _ in own])


def said(*outcomes: Outcome) -> list[str]:
    """The lines for these, one after the other."""
    file = StringIO()
    remarks = Remarks(Console(file=file, width=20))
    for outcome in outcomes:
        remarks.tell(outcome)
    return file.getvalue().splitlines()


def test_what_is_beside_the_changes_is_said_in_a_line_and_once_until_another_word() -> None:
    """What was in the way, or that there is none; where a change has told it, or is there, nothing is."""
    none, spoilt = seen(None), seen(WRONG)
    told, fine = seen(REFUSED, REFUSED), seen(None, None)

    assert said(none, none, spoilt, spoilt, told, fine, spoilt) == [
        "No change is under way.",
        "It cannot be used. It is empty.",
        "It cannot be used. It is empty.",
    ]


def test_what_is_in_the_way_of_all_is_said_also_where_something_else_is_in_a_changes_way() -> None:
    """A channel's URL does not go unsaid because the API gave no answer at the same time."""
    assert said(seen(WRONG, None, REFUSED)) == ["It cannot be used. It is empty."]


def test_a_send_that_did_not_go_out_is_told_once_for_each_channel_and_code() -> None:
    """At once, and not when the change has ended; again only after the channel has taken a message."""
    dead = Verdict(verdicts.Outcome.RETRY, "unreachable")
    down = Verdict(verdicts.Outcome.RETRY, "503")
    unsaid = seen(None, None, ops=None)

    assert said(
        seen(None, None, None, ops=dead, team=SENT),
        unsaid,
        seen(None, None, ops=down),
        seen(None, None, ops=dead, team=dead),
        seen(None, None, ops=SENT, team=dead),
        seen(None, None, ops=dead, team=dead),
    ) == [
        "ops: not sent (unreachable), tried again later",
        "ops: not sent (503), tried again later",
        "team: not sent (unreachable), tried again later",
        "ops: not sent (unreachable), tried again later",
    ]


def test_it_is_said_what_becomes_of_a_message_that_did_not_go_out() -> None:
    """What was cut off may have arrived; of what cannot be sent at all the report says why."""
    assert said(
        seen(
            None,
            None,
            gone=Verdict(verdicts.Outcome.REFUSED, "404"),
            slow=Verdict(verdicts.Outcome.UNKNOWN, "timeout"),
            odd=Verdict(verdicts.Outcome.RETRY),
            bad=Verdict(verdicts.Outcome.REFUSED, "misconfigured"),
        )
    ) == [
        "gone: not sent (404), tried again once an hour",
        "slow: perhaps not sent (timeout)",
        "odd: not sent, tried again later",
    ]


def test_what_else_there_is_to_say_is_said_as_often_as_it_comes() -> None:
    """In a line, too."""
    file = StringIO()
    remarks = Remarks(Console(file=file, width=20))
    for _ in range(2):
        remarks.say("A defect\nis somewhere in it.")

    assert file.getvalue().splitlines() == ["A defect is somewhere in it."] * 2
