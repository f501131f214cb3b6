"""How a change stands, in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from handler.core.ledger import Attempt, ChannelState, Outage
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.pausing import LAPSED
from handler.core.problem import ProblemKind
from handler.core.record import Record
from handler.web.pages.change_views import ChangeView, view_change
from handler.web.pages.troubles import Remark
from notifiers.alerts import Alert, Kind, Severity
from notifiers.language_code import LanguageCode
from notifiers.verdicts import Outcome
from tests.web import records
from tests.web.records import CHANGE, MINUTE, NOW, record, visitor


def view(kept: Record, code: LanguageCode = LanguageCode.EN) -> ChangeView:
    """What somebody in Shanghai sees."""
    return view_change(kept, visitor(code))


def seen(phase: Phase = Phase.RUNNING, **fields: Any) -> ChangeView:  # noqa: ANN401 - any field
    """A change that was seen so."""
    return view(record(observation=Observation(phase, **fields)))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            LanguageCode.EN,
            ChangeView(
                name="orders",
                state="running",
                phase="Running",
                tone="info",
                percent=68,
                share="68%",
                current="Partition reassignment · step 8 of 10",
                unheard="",
                left=("about 19 minutes left", "done around 18:10"),
                last_look="last look 17:51",
                severity=Severity.INFO,
                action="no action needed",
                hint="",
                troubles=(),
            ),
        ),
        (
            LanguageCode.ZH,
            ChangeView(
                name="orders",
                state="running",
                phase="进行中",
                tone="info",
                percent=68,
                share="68%",
                current="分区重分配 · 步骤 8/10",
                unheard="",
                left=("还需约 19 分钟", "预计 18:10 完成"),
                last_look="最近查询 17:51",
                severity=Severity.INFO,
                action="无需处理",
                hint="",
                troubles=(),
            ),
        ),
    ],
    ids=["en", "zh"],
)
def test_a_change_that_runs(code: LanguageCode, expected: ChangeView) -> None:
    """All that one wants to know in a line or two."""
    assert view(records.running(), code) == expected


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"remaining_seconds": None}, ("time left unknown",)),
        ({"remaining_seconds": 1200}, ("about 20 minutes left",)),
        (
            {"remaining_seconds": 1200, "date": NOW - 5 * MINUTE},
            ("about 15 minutes left", "done around 18:07"),
        ),
        ({"remaining_seconds": 0, "date": NOW - MINUTE}, ("about 10 seconds left", "done around 17:51")),
        ({"remaining_seconds": 60, "date": NOW - 3 * MINUTE}, ("was expected around 17:50",)),
        ({"phase": Phase.WAITING}, ()),
        ({"phase": Phase.WAITING, "remaining_seconds": 60}, ("about 1 minute left",)),
    ],
)
def test_the_time_left_is_told_from_now_on(fields: dict[str, Any], left: tuple[str, ...]) -> None:
    """What the API said some minutes ago counts from then; what is not known or over is no estimate."""
    assert seen(**fields).left == left


@pytest.mark.parametrize(
    ("kept", "tone", "trouble"),
    [
        (records.stalled(), "warning", "No progress since 17:11"),
        (records.unreachable(), "warning", "No usable answer from Huawei Cloud since 17:40 (throttled)"),
        (
            record(looked_at=NOW - timedelta(hours=3)),
            "warning",
            "Nobody has looked since 14:52: is the timer running?",
        ),
        (records.counted(), "failure", "A step has failed"),
        (
            record(observation=Observation(Phase.RUNNING, 9, 60, (Step("pre_check", StepState.FAILED),))),
            "failure",
            "Pre-check has failed",
        ),
    ],
)
def test_what_is_wrong_with_a_change_colours_it(kept: Record, tone: str, trouble: str) -> None:
    """And no estimate holds meanwhile."""
    told = view(kept)

    assert (told.tone, told.troubles, told.left) == (tone, (Remark(tone, trouble),), ())


def test_a_channel_that_refuses_is_told_without_blaming_the_change() -> None:
    """One that is configured no longer is not."""
    refused = ChannelState(0, refused_since=NOW - MINUTE)
    gone = ChannelState(0, refused_since=NOW - MINUTE, absent_since=NOW)
    told = view(record(channels={"a<b>\n": refused, "gone": gone}))

    assert told.troubles == (Remark("warning", "Channel a<b> has refused messages since 17:51"),)
    assert (told.tone, len(told.left)) == ("info", 2)


@pytest.mark.parametrize(
    ("fields", "is_told"),
    [
        ({}, True),
        ({"attempts": (Attempt(Outcome.UNKNOWN, NOW, LAPSED),)}, True),
        ({"tries": 1}, False),
        ({"offset": 18}, False),
        ({"absent_since": NOW}, False),
        ({"attempts": ()}, False),
        ({"attempts": (Attempt(Outcome.REFUSED, NOW, "400"),)}, False),
    ],
)
def test_a_channel_that_fails_again_and_again_is_told(fields: dict[str, Any], *, is_told: bool) -> None:
    """Since when it has something to hear; once is nothing yet."""
    retry = {"offset": 4, "tries": 5, "attempts": (Attempt(Outcome.RETRY, NOW, "unreachable"),)}
    told = view(record(channels={"dead": ChannelState(**{**retry, **fields})}))

    sentence = "Channel dead has taken no message since 16:24 (5 tries)"
    assert told.troubles == ((Remark("warning", sentence),) if is_told else ())
    assert (told.tone, told.severity.value) == ("info", "warning" if is_told else "info")


def test_it_is_told_in_chinese_as_well() -> None:
    """With how often it was tried."""
    (told,) = view(records.deaf(), LanguageCode.ZH).troubles

    assert told.text == "渠道 dead 自 16:24 起未能接收消息（已尝试 5 次）"


CAUSELESS = (
    "The API gives no cause. The console does: point at the status “Change failed”, or see Background Tasks."
)


@pytest.mark.parametrize(
    ("kept", "action", "reasons"),
    [
        (records.running(), "no action needed", ()),
        (records.waiting(), "no action needed", ()),
        (records.completed(), "no action needed", ()),
        (records.unseen(), "", ()),
        (records.dropped(), "", ()),
        (records.stalled(), "Please check", ("No progress since 17:11",)),
        (records.cancelled(), "Please check", ()),
        (records.failed(), "Action needed", (CAUSELESS,)),
        (records.counted(), "Action needed", ("A step has failed", CAUSELESS)),
        (records.lost(), "Action needed", ("Capacity change no longer found, outcome unknown",)),
    ],
)
def test_what_there_is_to_do_is_said_in_the_words_of_messages(
    kept: Record, action: str, reasons: tuple[str, ...]
) -> None:
    """With the reasons; of a change of which nothing is known nothing is claimed."""
    told = view(kept)

    assert (told.action, told.reasons) == (action, reasons)


def test_what_helps_stands_with_what_is_gravest() -> None:
    """A channel comes after it."""
    kept = records.failed().ledger
    assert kept is not None
    refusing = {"ops": ChannelState(0, refused_since=NOW)}

    told = view(record(replace(kept, channels=refusing)))
    assert told.reasons == (CAUSELESS, "Channel ops has refused messages since 17:52")
    broken = Observation(Phase.RUNNING, 9, 60, (Step("pre_check", StepState.FAILED),))
    told = view(record(observation=broken, channels=refusing))
    assert told.reasons == (
        "Pre-check has failed",
        CAUSELESS,
        "Channel ops has refused messages since 17:52",
    )


def test_nobody_looks_any_more_after_thirty_minutes() -> None:
    """Not before: without news a tick writes only once in ten that it has looked."""
    looks = [NOW - 30 * MINUTE, NOW - 31 * MINUTE]

    assert [bool(view(record(looked_at=looked_at)).troubles) for looked_at in looks] == [False, True]


def test_what_cannot_be_read_is_said() -> None:
    """In the visitor's language, as far as the words are ours."""
    kept = records.unreadable()

    assert view(kept).reasons == (f"The ledger of {CHANGE} cannot be read (Input data was truncated).",)
    assert view(kept, LanguageCode.ZH).reasons == (f"变更 {CHANGE} 的记录无法读取（数据不完整）。",)
    assert (view(kept).phase, view(kept).tone) == ("Cannot be read", "warning")
    assert view(kept._replace(is_active=False)) == view(kept)
    assert len(view(kept._replace(trouble="W" * 999)).troubles[0].text) == 250


def test_a_change_that_nobody_has_looked_at() -> None:
    """Nothing is made up: its ids are its name."""
    told = view(records.unseen())

    assert (told.name, told.state, told.phase, told.tone) == (
        str(CHANGE),
        "unknown",
        "Not looked at yet",
        "faint",
    )
    assert (told.share, told.current, told.left, told.last_look, told.troubles) == ("", "", (), "", ())


def test_a_change_that_is_followed_no_longer_is_in_no_trouble() -> None:
    """Nobody is meant to look at it any more."""
    kept = record(is_active=False, looked_at=NOW - timedelta(days=3), outage=Outage(NOW, ProblemKind.TIMEOUT))

    assert view(kept).troubles == ()


def test_a_change_that_is_followed_no_longer_is_told_as_it_was_last_seen() -> None:
    """It does not run for all that anybody knows, and nobody expects its end."""
    assert view(records.dropped()) == ChangeView(
        name="orders",
        state="unknown",
        phase="No longer followed",
        tone="faint",
        percent=68,
        share="68%",
        current="Partition reassignment · step 8 of 10",
        unheard="",
        left=("Last seen running", "at 14:52"),
        last_look="last look 14:52",
        severity=Severity.INFO,
        action="",
        hint="",
        troubles=(),
    )
    assert view(records.dropped(), LanguageCode.ZH).left == ("最后状态：进行中", "于 14:52")
    assert view(record(is_active=False, observation=None, looked_at=None)).left == ()


def test_a_change_that_is_over_says_how_it_ended_and_who_has_yet_to_hear() -> None:
    """How long it took comes from the log, or else from the steps."""
    told = view(records.failed())
    assert told.left == ("Failed after 1 h 24 min", "at 17:40")
    assert told.current == "Rolling upgrade · step 7 of 10"
    assert told.unheard == "Channels that have not heard all of it yet: mail"
    assert told.troubles == ()

    assert view(records.completed()).left == ("Completed in 2 h 10 min", "at 2026-11-23 18:26")
    assert view(records.completed()).unheard == ""
    steps = records.steps_until(200)
    done = record(observation=Observation(Phase.COMPLETED, 100, steps=steps), alerts=(), length=0)
    assert view(done).left == ("Completed in 2 h 10 min", "at 18:26")
    assert seen(Phase.CANCELLED).left == ("Cancelled", "at 17:51")
    lost = Alert(1, Kind.LOST, "lost", NOW)
    assert view(record(observation=Observation(Phase.LOST), alerts=(lost,), looked_at=NOW)).left == (
        "No longer found",
        "at 17:52",
    )


def test_very_many_steps_are_counted() -> None:
    """There is none to name."""
    assert view(records.counted()).current == "63 steps completed"
