"""What is said beside the changes: what is in the way, who could not be told, and each only once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from handler.core.observation import Observation, Phase
from handler.core.standing import Standing
from handler.local.printing.remarks import NO_CHANNEL, Remarks, blemishes, trouble_of
from handler.outcome import Outcome
from handler.report import Report
from notifiers import verdicts
from notifiers.channel import Channel
from notifiers.verdicts import Verdict
from tests.local.ticking import tick

WRONG = {"kind": "misconfigured", "message": "It cannot be used.\nIt is empty."}
REFUSED = {"kind": "unauthorised", "message": "The key was refused."}
SENT = Verdict(verdicts.Outcome.SENT)


def seen(
    error: Report | None,
    *own: Report | None,
    channels: Sequence[str] | None = None,
    remarks: Sequence[str] = (),
    **verdicts: Verdict | None,
) -> Outcome:
    """An invocation that looked at so many changes, each with what was wrong with it."""
    changes = [{"error": one} for one in own]
    ticks = [tick(Observation(Phase.RUNNING), verdicts=verdicts) for _ in own]
    return Outcome({"changes": changes, "error": error}, ticks, channels=channels, remarks=remarks)


def said(*outcomes: Outcome) -> list[str]:
    """What is said of these, one after the other: warnings begin with a mark."""
    lines: list[str] = []
    remarks = Remarks(lines.append, lambda text: lines.append(f"! {text}"))
    for outcome in outcomes:
        remarks.tell(outcome)
    return lines


def test_what_is_beside_the_changes_is_said_in_a_line_and_once_until_another_word() -> None:
    """What was in the way, or that there is none; where a change has told it, or is there, nothing is."""
    none, spoilt = seen(None), seen(WRONG)
    told, fine = seen(REFUSED, REFUSED), seen(None, None)

    assert said(none, none, spoilt, spoilt, told, fine, spoilt) == [
        "No change is under way.",
        "! It cannot be used. It is empty.",
        "! It cannot be used. It is empty.",
    ]


def test_what_is_in_the_way_of_all_is_said_also_where_something_else_is_in_a_changes_way() -> None:
    """A channel's URL does not go unsaid because the API gave no answer at the same time."""
    assert said(seen(WRONG, None, REFUSED)) == ["! It cannot be used. It is empty."]


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
        "! ops: not sent (unreachable), tried again later",
        "! ops: not sent (503), tried again later",
        "! team: not sent (unreachable), tried again later",
        "! ops: not sent (unreachable), tried again later",
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
        "! gone: not sent (404), tried again once an hour",
        "! slow: perhaps not sent (timeout)",
        "! odd: not sent, tried again later",
    ]


def test_a_configuration_without_channels_is_mentioned_once() -> None:
    """As is what is wrong with a channel and yet no reason not to send; where it is not known, nothing is."""
    bare, odd = seen(None, None, channels=()), seen(None, None, channels=("ops",), remarks=["Odd.\nVery."])

    assert said(bare, odd, bare, odd) == [f"! {NO_CHANNEL}", "! Odd. Very."]
    assert list(blemishes(seen(WRONG))) == []


def test_where_nobody_was_to_be_told_it_is_not_mentioned() -> None:
    """As in the demo."""
    lines: list[str] = []
    Remarks(lines.append, lines.append, no_channel=None).tell(seen(None, None, channels=()))

    assert lines == []


def test_what_a_change_says_itself_is_not_said_of_the_whole() -> None:
    """And what nobody says is."""
    assert trouble_of(seen(REFUSED, REFUSED)) is None
    assert trouble_of(seen(WRONG, REFUSED)) == WRONG["message"]
    assert trouble_of(seen(None)) is None


def test_who_has_refused_messages_before_is_said_at_first() -> None:
    """And not at each look: whoever begins to watch would else believe that everybody is told."""
    standings = {"ops": Standing(refused_since=datetime.now(timezone.utc))}
    look = tick(Observation(Phase.RUNNING), channels=(Channel("ops"),), standings=standings)
    outcome = Outcome({"changes": [{"error": None}], "error": None}, [look])
    (line,) = said(outcome, outcome)

    assert line.startswith("! ops has refused messages since ")
