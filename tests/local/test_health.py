"""What of all that is kept needs somebody, and what is said of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from handler.core.change import ChangeId
from handler.core.ledger import Attempt, ChannelState, Ledger, Outage
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import ProblemKind
from handler.core.record import Record
from handler.core.rules import Policy
from handler.local.kept.health import find_unwell, is_troubled, missed, say_troubles, went_wrong
from handler.web.pages.visitor import Visitor
from notifiers.alerts import Alert, Ending, Kind
from notifiers.saying import Reader
from notifiers.verdicts import Outcome
from tests.local.kept_changes import HOUR, MINUTE, NOW, ended, running
from tests.local.kept_changes import missed as missing

POLICY = Policy(unreachable_after=timedelta(minutes=10))
REFUSAL = ChannelState(0, refused_since=NOW - HOUR, attempts=(Attempt(Outcome.REFUSED, NOW - MINUTE, "401"),))
IN_VAIN = ChannelState(0, tries=2, attempts=(Attempt(Outcome.RETRY, NOW - MINUTE, "503"),))
FAILED_STEP = Observation(Phase.RUNNING, 40, steps=(Step("disk_expansion", StepState.FAILED),))


def record(ledger: Ledger | None, *, is_active: bool = True, trouble: str | None = None) -> Record:
    """What is kept of a change."""
    return Record(ChangeId("inst", "task"), ledger, is_active, trouble)


def is_fine(*records: Record) -> bool:
    """Whether nobody need do anything."""
    return not find_unwell(records, POLICY, NOW)


def said(one: Record) -> list[str]:
    """What is said of a change, without the times in it."""
    return [text.partition(" since ")[0] for text in say_troubles(one, Visitor(Reader(), NOW))]


def test_what_runs_and_what_is_over_is_fine() -> None:
    """Or waits, or has not been looked at."""
    records = [record(running()), record(ended(), is_active=False), record(None), record(ended())]

    assert is_fine(*records)
    assert [said(one) for one in records] == [[], [], [], []]
    assert [one.is_followed for one in records] == [True, False, True, False]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"raised": (f"stalled:{NOW.isoformat()}",)}, "No progress"),
        ({"observation": FAILED_STEP}, "Disk expansion has failed"),
        ({"looked_at": NOW - HOUR}, "Nobody has looked"),
        ({"outage": Outage(NOW - HOUR, ProblemKind.TIMEOUT)}, "No usable answer from Huawei Cloud"),
        ({"channels": {"team": REFUSAL}}, "Channel team has refused messages"),
        ({"channels": {"team": IN_VAIN}}, "Channel team has taken no message"),
    ],
)
def test_a_change_in_trouble_needs_somebody(fields: dict[str, Any], words: str) -> None:
    """As long as it is followed; it is said what the trouble is."""
    troubled = record(running(**fields))

    assert is_troubled(troubled, POLICY, NOW)
    assert not is_fine(record(running()), troubled)
    assert said(troubled) == [words]
    assert is_fine(troubled._replace(is_active=False))


def test_a_blip_of_the_api_is_told_and_needs_nobody() -> None:
    """Before it has lasted for as long as the configuration bears."""
    blip = record(running(outage=Outage(NOW - MINUTE, ProblemKind.TIMEOUT)))

    assert is_fine(blip)
    assert said(blip) == ["No usable answer from Huawei Cloud"]


def test_what_cannot_be_read_needs_somebody() -> None:
    """Whether or not it is followed."""
    damaged = record(None, is_active=False, trouble="The ledger of inst/task cannot be read (it is damaged).")

    assert not is_fine(damaged)
    assert said(damaged) == ["The ledger of inst/task cannot be read (it is damaged)."]


@pytest.mark.parametrize("phase", [Phase.FAILED, Phase.LOST])
def test_a_failure_counts_for_a_day(phase: Phase) -> None:
    """Unless another change of the instance was completed after it."""
    step = Step("a", StepState.FAILED, started_at=NOW - 2 * HOUR, ended_at=NOW - HOUR)
    failed = record(ended(phase=phase, observation=Observation(phase, 40, None, (step,))), is_active=False)
    old = Step("a", StepState.FAILED, started_at=NOW - 30 * HOUR, ended_at=NOW - 25 * HOUR)
    past = record(ended(observation=Observation(phase, 40, None, (old,))), is_active=False)
    done = replace(step, state=StepState.COMPLETED, ended_at=NOW)
    mending = record(ended("inst/again", observation=Observation(Phase.COMPLETED, 100, None, (done,))))
    mending = mending._replace(change=ChangeId("inst", "again"), is_active=False)

    assert not is_fine(failed)
    assert is_fine(failed, mending)
    assert is_fine(past)
    assert went_wrong(past)
    assert not went_wrong(mending)


def test_a_cancelled_change_is_somebodys_will() -> None:
    """It needs nobody."""
    assert is_fine(record(ended(phase=Phase.CANCELLED), is_active=False))


def test_what_a_channel_missed_counts_for_a_day() -> None:
    """It is said how much that is, and what can be done; reminders are no loss, nor absent channels."""
    one = record(missing(), is_active=False)
    assert not is_fine(one)
    assert said(one) == ["team may have missed 3 alerts; `headway resend` has it told again"]

    past = missing(observation=Observation(Phase.COMPLETED, 100), looked_at=NOW - 25 * HOUR)
    assert is_fine(record(past, is_active=False))
    assert said(record(past, is_active=False)) == []
    reminder = Alert(1, Kind.REMINDER, "reminder", NOW, channel="team", endings={"team": Ending.GIVEN_UP})
    assert missed(ended(alerts=(reminder,))) == {}
    gone = replace(missing().channels["team"], absent_since=NOW)
    assert missed(missing(channels={"team": gone})) == {}


def test_an_end_that_nobody_tells_needs_somebody() -> None:
    """A marker was lost; as long as there is one, somebody does."""
    states = {"team": ChannelState(0), "ops": ChannelState(1), "gone": ChannelState(0, absent_since=NOW)}
    left = record(ended(channels=states), is_active=False)

    assert not is_fine(left)
    assert said(left) == ["Nobody tells team how it ended; `headway resend` has it told"]
    assert is_fine(left._replace(is_active=True))
    assert said(left._replace(is_active=True)) == ["Not yet told to its end: team"]


def test_a_refused_access_key_needs_somebody_at_once() -> None:
    """Also where only the ledger tells it; it is said when it is tried again, for it rests."""
    outage = Outage(NOW - MINUTE, ProblemKind.UNAUTHORISED, key_refused_since=NOW - MINUTE)
    refused = record(running(outage=outage, looked_at=NOW - MINUTE))
    (resting,) = say_troubles(refused, Visitor(Reader(), NOW))
    (due,) = say_troubles(refused, Visitor(Reader(), NOW + 9 * MINUTE))
    again_at, since = NOW + 9 * MINUTE, NOW - MINUTE

    assert not is_fine(refused)
    assert resting.startswith("The access key is refused since ")
    assert resting.endswith(f"{since:%H:%M}; tried again at {_clock(again_at)}")
    assert due.endswith("; tried again at the next look")


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M}" if moment.date() == NOW.date() else f"{moment:%Y-%m-%d %H:%M}"


def test_whoever_has_mended_a_channel_is_told_how_it_need_not_wait() -> None:
    """Where there is something for it to hear."""
    (text,) = say_troubles(record(running(channels={"team": REFUSAL})), Visitor(Reader(), NOW))
    (heard,) = say_troubles(
        record(running(channels={"team": replace(REFUSAL, offset=1)})), Visitor(Reader(), NOW)
    )

    assert text.endswith("; mended? `headway resend inst/task team` has it told at the next look")
    assert "mended?" not in heard


@pytest.mark.parametrize(
    ("outcome", "code", "why"), [(Outcome.RETRY, "503", ": 503"), (Outcome.UNKNOWN, None, "")]
)
def test_a_channel_that_takes_nothing_leads_on_to_the_log(
    outcome: Outcome, code: str | None, why: str
) -> None:
    """There it stands what the service's code means."""
    in_vain = replace(IN_VAIN, attempts=(Attempt(outcome, NOW - MINUTE, code),))
    (text,) = say_troubles(record(running(channels={"team": in_vain})), Visitor(Reader(), NOW))

    assert text.endswith(f" (2 tries){why}; `headway log inst/task` says why")


def test_a_terminal_that_is_closed_by_now_is_no_trouble() -> None:
    """Whatever it has not heard."""
    alerts = (Alert(1, Kind.COMPLETED, "completed", NOW, endings={"(terminal)": Ending.UNKNOWN}),)
    states = {"(terminal)": IN_VAIN, "team": ChannelState(1)}

    assert is_fine(record(running(channels=states)))
    assert said(record(running(channels=states))) == []
    left = record(ended(channels=states, alerts=alerts), is_active=False)
    assert is_fine(left)
    assert said(left) == []
