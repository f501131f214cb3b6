"""What the API says of changes: what is kept, no more and no less, and the same as long as that is."""

from __future__ import annotations

import json
from datetime import timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.ledger import Attempt, ChannelState, Claim
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import ProblemKind
from handler.core.record import Record
from handler.web.api.change_shape import ChangeDetail, ChangeList, ChangeSummary, Hearing
from handler.web.api.shapes import detail_of, hearing_of, list_of, summary_of
from notifiers.verdicts import Outcome
from tests.web.kept import CHANGE, LEDGER, NOW, RECORD, after, ledgers, records, with_channel

SUMMARY = {
    "id": "inst/task",
    "instance_id": "inst",
    "task_id": "task",
    "name": "orders",
    "phase": "running",
    "percent": 40,
    "remaining_seconds": 1200,
    "done_at": "2026-11-24T08:29:50Z",
    "step": "expand",
    "is_active": True,
    "is_stalled": False,
    "created_at": "2026-11-24T08:00:00Z",
    "looked_at": "2026-11-24T08:10:00Z",
    "seen_at": "2026-11-24T08:09:50Z",
    "ended_at": None,
    "duration_seconds": None,
    "error": {"kind": "throttled", "since": "2026-11-24T08:09:55Z", "message": None},
    "refused_channels": ["mail"],
}


def as_json(answer: object) -> Any:  # noqa: ANN401 - JSON of any shape
    """What a caller reads."""
    return json.loads(msgspec.json.encode(answer))


def test_a_summary_says_how_a_change_stands() -> None:
    """In the list, and before all else of the change alone."""
    detail = as_json(detail_of(RECORD))

    assert as_json(list_of([RECORD], "next")) == {
        "changes": [SUMMARY],
        "next_cursor": "next",
        "access_key_refused_at": None,
    }
    assert {key: detail[key] for key in SUMMARY} == SUMMARY


def test_a_list_says_when_the_access_key_was_refused() -> None:
    """It is no matter of a single change's."""
    refused_at = after(90).astimezone(timezone(timedelta(hours=8)))

    assert as_json(list_of([], refused_at=refused_at)) == {
        "changes": [],
        "next_cursor": None,
        "access_key_refused_at": "2026-11-24T08:01:30Z",
    }


def test_the_detail_says_all_the_rest() -> None:
    """Steps, order, sizes, samples, the log, and how far each channel has heard of it."""
    detail = as_json(detail_of(RECORD))

    assert {key: value for key, value in detail.items() if key not in SUMMARY} == {
        "steps": [
            {
                "name": "precheck",
                "occurrence": 1,
                "state": "completed",
                "status": None,
                "started_at": "2026-11-24T08:00:00Z",
                "ended_at": "2026-11-24T08:02:00Z",
                "duration_seconds": 120,
            },
            {
                "name": "expand",
                "occurrence": 1,
                "state": "running",
                "status": None,
                "started_at": "2026-11-24T08:02:00Z",
                "ended_at": None,
                "duration_seconds": None,
            },
            {
                "name": "expand",
                "occurrence": 2,
                "state": "unknown",
                "status": "PAUSED",
                "started_at": None,
                "ended_at": None,
                "duration_seconds": None,
            },
        ],
        "step_counts": {"completed": 1, "running": 1, "unknown": 1},
        "order": {
            "user": "alice",
            "ordered_at": "2026-11-24T07:59:00Z",
            "parameters": [{"name": "new_storage", "value": "600"}],
        },
        "specification": {"flavor": "kafka.4u8g.cluster", "brokers": 3, "storage_gb": 300},
        "specification_now": None,
        "samples": [
            {"at": "2026-11-24T08:00:00Z", "percent": 0},
            {"at": "2026-11-24T08:08:20Z", "percent": 40},
        ],
        "alert_count": 3,
        "alerts": [
            {
                "number": 2,
                "kind": "step_started",
                "severity": "info",
                "raised_at": "2026-11-24T08:02:00Z",
                "percent": 10,
                "remaining_seconds": 1800,
                "step": "expand",
                "step_seconds": None,
                "seconds": None,
                "detail": None,
                "channel": None,
                "reminds_of": None,
                "may_repeat": False,
                "endings": {},
            },
            {
                "number": 3,
                "kind": "reminder",
                "severity": "failure",
                "raised_at": "2026-11-24T08:08:20Z",
                "percent": None,
                "remaining_seconds": None,
                "step": None,
                "step_seconds": None,
                "seconds": 600,
                "detail": None,
                "channel": "ops",
                "reminds_of": "step_failed",
                "may_repeat": False,
                "endings": {"mail": "given_up"},
            },
        ],
        "channels": [
            {
                "name": "ops",
                "heard_upto": 3,
                "is_up_to_date": True,
                "state": "idle",
                "tries": 0,
                "not_before": None,
                "sending_until": None,
                "refused_since": None,
                "absent_since": None,
                "last_attempt": {"outcome": "sent", "ended_at": "2026-11-24T08:00:00Z", "code": None},
                "outcome_counts": {"sent": 2},
            },
            {
                "name": "mail",
                "heard_upto": 1,
                "is_up_to_date": False,
                "state": "refused",
                "tries": 2,
                "not_before": "2026-11-24T09:00:00Z",
                "sending_until": None,
                "refused_since": "2026-11-24T08:00:00Z",
                "absent_since": None,
                "last_attempt": {"outcome": "refused", "ended_at": "2026-11-24T08:00:00Z", "code": "535"},
                "outcome_counts": {"sent": 1, "refused": 2},
            },
        ],
        "outage_counts": {"throttled": 2},
    }


def test_of_a_change_that_is_over_nothing_remains() -> None:
    """Its steps tell when it ended and how long it took."""
    steps = (Step("expand", StepState.COMPLETED, started_at=NOW, ended_at=after(90)),)
    over = Observation(Phase.COMPLETED, 100, 5, steps, date=after(95))
    summary = summary_of(RECORD._replace(ledger=replace(LEDGER, observation=over), is_active=False))

    assert (summary.remaining_seconds, summary.done_at, summary.step) == (None, None, None)
    assert (summary.ended_at, summary.duration_seconds) == (after(90), 90)


def test_an_end_that_the_steps_do_not_tell_is_when_it_was_seen() -> None:
    """One of them was open by then: nobody knows how long all of it took."""
    steps = (
        Step("expand", StepState.COMPLETED, started_at=NOW, ended_at=after(90)),
        Step("restart", StepState.UNKNOWN, started_at=after(90)),
    )
    over = Observation(Phase.CANCELLED, 70, 5, steps, date=after(300))
    summary = summary_of(RECORD._replace(ledger=replace(LEDGER, observation=over)))

    assert (summary.ended_at, summary.duration_seconds) == (LEDGER.looked_at, None)


def test_nothing_is_said_of_a_change_of_which_nothing_is_kept() -> None:
    """It was put on the list a moment ago."""
    nothing = as_json(detail_of(Record(CHANGE, None, is_active=True)))

    assert (nothing["id"], nothing["phase"], nothing["is_active"]) == ("inst/task", "unknown", True)
    assert (nothing["created_at"], nothing["error"], nothing["steps"]) == (None, None, [])


def test_what_cannot_be_read_is_told_of() -> None:
    """In the place of what the API's own trouble would be."""
    error = as_json(summary_of(Record(CHANGE, None, is_active=True, trouble="It\nis damaged.")))["error"]

    assert error == {"kind": "state_unavailable", "since": None, "message": "It is damaged."}


CLAIM = Claim("owner", after(75), 3, 1)
CUT_OFF = Attempt(Outcome.UNKNOWN, NOW)


@pytest.mark.parametrize(
    ("state", "hearing"),
    [
        (ChannelState(3), Hearing.IDLE),
        (ChannelState(4), Hearing.IDLE),
        (ChannelState(3, attempts=(CUT_OFF,)), Hearing.IDLE),
        (ChannelState(2), Hearing.WAITING),
        (ChannelState(2, attempts=(Attempt(Outcome.RETRY, NOW),)), Hearing.WAITING),
        (ChannelState(2, attempts=(CUT_OFF,)), Hearing.IN_DOUBT),
        (ChannelState(2, claim=CLAIM, attempts=(CUT_OFF,)), Hearing.SENDING),
        (ChannelState(2, claim=CLAIM, refused_since=NOW), Hearing.REFUSED),
        (ChannelState(3, refused_since=NOW), Hearing.REFUSED),
        (ChannelState(2, refused_since=NOW, absent_since=NOW), Hearing.ABSENT),
    ],
)
def test_a_channel_listens_in_one_way_at_a_time(state: ChannelState, hearing: Hearing) -> None:
    """What is wrong with it comes before what it does."""
    record = with_channel(state)
    [channel] = detail_of(record).channels

    assert (hearing_of(state, 3), channel.state) == (hearing, hearing)
    assert summary_of(record).refused_channels == (("ops",) if hearing is Hearing.REFUSED else ())


def test_a_send_under_way_says_until_when() -> None:
    """After that it counts as cut off, though nobody may have written that down yet."""
    [channel] = detail_of(with_channel(ChannelState(2, claim=CLAIM))).channels

    assert channel.sending_until == after(75)


def test_moments_are_told_in_utc_to_the_second() -> None:
    """However they were kept."""
    moment = NOW.astimezone(timezone(timedelta(hours=8))) + timedelta(microseconds=5)
    summary = as_json(summary_of(RECORD._replace(ledger=replace(LEDGER, looked_at=moment))))

    assert summary["looked_at"] == "2026-11-24T08:00:00Z"


@given(records)
def test_whatever_is_kept_is_said_in_the_shapes(record: Record) -> None:
    """And in the same bytes whenever it is asked for."""
    detail, listed = msgspec.json.encode(detail_of(record)), msgspec.json.encode(list_of([record]))

    assert msgspec.json.decode(detail, type=ChangeDetail) == detail_of(record)
    assert msgspec.json.decode(listed, type=ChangeList).changes == (summary_of(record),)
    assert msgspec.json.encode(detail_of(record)) == detail
    assert detail.decode().isprintable()


@given(ledgers, st.sampled_from(ProblemKind))
def test_a_summary_is_part_of_the_detail(ledger: Any, kind: ProblemKind) -> None:  # noqa: ANN401
    """Whoever has read the one can read the other."""
    record = Record(CHANGE, ledger, is_active=True, trouble=kind.value)

    assert msgspec.convert(msgspec.to_builtins(detail_of(record)), ChangeSummary) == summary_of(record)
