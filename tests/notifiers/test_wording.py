"""What a message says beneath its title, sentence by sentence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from notifiers import wording
from notifiers.alerts import Alert, Kind
from notifiers.languages import CHINESE, ENGLISH, Language
from notifiers.messages import Situation, StepLine, compose
from notifiers.operations import Order, Specification
from notifiers.samples import sample
from notifiers.saying import Reader
from notifiers.telling import as_sentence, telling
from tests.notifiers.examples import NOW, alert, failed_message, situation

ENGLISH_READER = Reader()
CHINESE_READER = Reader(CHINESE, ZoneInfo("Asia/Shanghai"))
HALFWAY = situation(percent=40, remaining_seconds=1124)
NO_CAUSE = ENGLISH.no_cause
ORDER = Order("lin.mei", NOW, (("oper_type", "storage"), ("new_storage_space", "600")))


def lines(
    *alerts: Alert, state: Situation = HALFWAY, repeat_upto: int = 0, reader: Reader = ENGLISH_READER
) -> list[str]:
    """The lines on what happened."""
    return wording.happenings(compose(alerts, state, repeat_upto), reader)


def facts(
    kind: Kind = Kind.STARTED,
    reader: Reader = ENGLISH_READER,
    **known: Any,  # noqa: ANN401 - any field
) -> list[tuple[str, str]]:
    """What is said of a change beside its progress."""
    return wording.facts(compose([alert(1, kind)], situation(**known), 0), reader)


def test_what_a_lost_ledger_may_have_told_says_so() -> None:
    """Each alert by itself."""
    reset = alert(1, Kind.LEDGER_RESET, detail="The kept document could not be read (x) and was set aside.")

    assert lines(reset, alert(2, Kind.CANCELLED, may_repeat=True)) == [
        (
            "Headway's notes on it were unreadable and begin anew: The kept document could not be read (x)"
            " and was set aside."
        ),
        "Capacity change cancelled (possible repeat)",
    ]


def test_alerts_are_told_in_order_with_their_times() -> None:
    """Several alerts are caught up line by line; each possible repeat is marked; a cause is not to be had."""
    assert wording.happenings(failed_message(), ENGLISH_READER) == [
        "07:23 Disk expansion completed in 4 minutes 10 seconds (possible repeat)",
        "07:53 No progress for 30 minutes",
        "08:03 FAILED at Rolling scaling after 31 minutes",
        "08:03 Capacity change FAILED after 38 minutes",
        NO_CAUSE,
    ]
    assert wording.happenings(failed_message(), CHINESE_READER) == [
        "15:23 磁盘扩容已完成，用时 4 分钟 10 秒（可能重复）",
        "15:53 已有 30 分钟没有进展",
        "16:03 滚动扩容失败，历时 31 分钟",
        "16:03 扩容失败，历时 38 分钟",
        "API 不提供失败原因，请到控制台查看：将鼠标移到状态“变更失败”上，或打开“后台任务管理”。",
    ]


def test_missed_steps_are_caught_up_in_order() -> None:
    """Also where the last of them was told on the day after the first, by the reader's calendar."""
    told = [
        alert(n, Kind.STEP_COMPLETED, minutes_ago=20 * (4 - n), step=f"s{n}", step_seconds=60 * n)
        for n in range(1, 5)
    ]
    beyond_midnight = Reader(timezone=ZoneInfo("Etc/GMT+8"))

    assert lines(*told) == [
        "07:03 s1 completed in 1 minute",
        "07:23 s2 completed in 2 minutes",
        "07:43 s3 completed in 3 minutes",
        "08:03 s4 completed in 4 minutes",
    ]
    assert lines(*told, reader=beyond_midnight)[:2] == [
        "2026-11-23 23:03 s1 completed in 1 minute",
        "2026-11-23 23:23 s2 completed in 2 minutes",
    ]
    assert lines(*told, reader=beyond_midnight)[3] == "00:03 s4 completed in 4 minutes"


def test_alerts_of_one_moment_need_no_times() -> None:
    """What was seen at once is told without clock times."""
    told = lines(alert(1, Kind.STARTED), alert(2, Kind.STEP_STARTED, step="pre_check"))

    assert told == ["Capacity change started", "Pre-check started"]


def test_what_the_title_has_said_is_not_said_again() -> None:
    """A single alert has a line only where it has something to add."""
    assert lines(alert(1, Kind.STARTED)) == []
    assert lines(alert(1, Kind.COMPLETED, seconds=60)) == []
    assert lines(alert(1, Kind.STEP_COMPLETED, step="a", step_seconds=60)) == []
    assert lines(alert(1, Kind.MILESTONE, percent=25)) == ["25% done"]
    assert lines(alert(1, Kind.LOST, detail="The task's record was deleted.")) == [
        "Capacity change no longer found, outcome unknown: The task's record was deleted."
    ]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": Kind.FAILED, "seconds": 60}, "Capacity change FAILED after 1 minute"),
        ({"kind": Kind.STEP_FAILED, "step": "a", "step_seconds": 60}, "FAILED at a after 1 minute"),
        (
            {"kind": Kind.REMINDER, "reminds_of": Kind.FAILED, "step": "a", "seconds": 3600},
            "Capacity change FAILED 1 hour ago",
        ),
        (
            {"kind": Kind.REMINDER, "reminds_of": Kind.STEP_FAILED, "step": "a", "seconds": 3600},
            "FAILED at a 1 hour ago, still not resolved",
        ),
    ],
)
def test_a_failure_comes_with_the_word_that_its_cause_is_not_told(fields: dict[str, Any], said: str) -> None:
    """Whoever looks for it is sent to where it is; a reminder says how long it stands."""
    assert lines(alert(1, **fields)) == [said, NO_CAUSE]


def test_details_are_told_in_the_readers_language() -> None:
    """What they quote of others stays as it is."""
    detail = "The DMS API is out of order (HTTP 503). (request id 4f8ce2)"

    assert lines(alert(1, Kind.UNREACHABLE, seconds=720, detail=detail), reader=CHINESE_READER) == [
        "已有 12 分钟未从华为云得到有效应答：DMS API 发生故障（HTTP 503）。（请求 ID：4f8ce2）"
    ]
    assert lines(alert(1, Kind.UNREACHABLE, seconds=720, detail="x" * 10_000))[0].endswith("xx…")


@pytest.mark.parametrize(
    ("language", "fields", "said"),
    [
        (ENGLISH, {"kind": Kind.FAILED, "step": "check_in"}, "Capacity change FAILED at check_in"),
        (ENGLISH, {"kind": Kind.CHANNEL_REFUSED, "channel": "ops"}, "Channel ops refuses messages"),
        (ENGLISH, {"kind": Kind.STEP_STARTED, "step": "pre_check"}, "Pre-check started"),
        (ENGLISH, {"kind": Kind.STEP_STARTED, "step": "copy_data"}, "copy_data started"),
        (ENGLISH, {"kind": Kind.STEP_STARTED, "step": "\u200b"}, "A step started"),
        (CHINESE, {"kind": Kind.STEP_FAILED, "step": "copy_data"}, "copy_data 失败"),
        (
            CHINESE,
            {"kind": Kind.REMINDER, "reminds_of": Kind.STEP_FAILED, "step": "copy_data", "seconds": 3600},
            "copy_data 失败已有 1 小时，仍未解决",
        ),
    ],
)
def test_a_line_begins_like_a_sentence_but_a_steps_own_name_stays(
    language: Language, fields: dict[str, Any], said: str
) -> None:
    """As it does in the log; a name that cannot be seen is none."""
    assert as_sentence(alert(1, **fields), language) == said


@pytest.mark.parametrize(
    ("alerts", "said"),
    [
        (alert(1, Kind.FAILED, step="a", seconds=60), "capacity change FAILED at a after 1 minute"),
        (alert(1, Kind.LOST, seconds=60), "capacity change no longer found, outcome unknown"),
        (alert(1, Kind.MILESTONE), "partly done"),
        (alert(1, Kind.STALLED), "no progress for some time"),
        (alert(1, Kind.STEP_STARTED, step="disk_expansion", step_seconds=9), "Disk expansion started"),
        (alert(1, Kind.REMINDER), "a reminder"),
        (alert(1, Kind.REMINDER, reminds_of=Kind.DELAYED), "a reminder"),
    ],
)
def test_an_alert_tells_what_is_known(alerts: Alert, said: str) -> None:
    """How long it took where that means something."""
    assert telling(alerts, ENGLISH) == said


@pytest.mark.parametrize(
    ("state", "english", "chinese"),
    [
        (
            situation(percent=40, remaining_seconds=1124, seen_at=NOW),
            "40% · about 19 minutes left · done around 08:21",
            "40% · 还需约 19 分钟 · 预计 16:21 完成",
        ),
        (situation(percent=0, remaining_seconds=59), "0% · about 1 minute left", "0% · 还需约 1 分钟"),
        (situation(percent=40), "40% · time left unknown", "40% · 剩余时间未知"),
        (
            situation(remaining_seconds=90),
            "progress unknown · about 2 minutes left",
            "进度未知 · 还需约 2 分钟",
        ),
        (situation(phase="unknown"), "progress unknown · time left unknown", "进度未知 · 剩余时间未知"),
        (situation(phase="failed", percent=40, remaining_seconds=9), "40%", "40%"),
        (situation(phase="cancelled"), "", ""),
    ],
)
def test_what_is_unknown_is_said_to_be(state: Situation, english: str, chinese: str) -> None:
    """Percent and time left are told or said to be unknown, until the change has ended."""
    assert wording.standing(state, ENGLISH_READER) == english
    assert wording.standing(state, CHINESE_READER) == chinese


@pytest.mark.parametrize("kind", [Kind.UNREACHABLE, Kind.LOST, Kind.STALLED, Kind.STEP_FAILED, Kind.REMINDER])
def test_no_estimate_holds_while_nothing_moves_or_nothing_is_seen(kind: Kind) -> None:
    """What the API said before is no estimate any more, and that there is none goes without saying."""
    assert not wording.is_estimate_good(sample(kind))
    assert wording.is_estimate_good(sample(Kind.DELAYED))
    assert wording.standing(HALFWAY, ENGLISH_READER, is_estimate_good=False) == "40%"


@pytest.mark.parametrize("before", [timedelta(hours=3, minutes=29), timedelta(hours=3, minutes=45), None])
def test_what_was_seen_before_a_gap_is_said_to_be_old(before: timedelta | None) -> None:
    """If the API does not answer at the first look after it, what it said hours ago holds no longer."""
    told = sample(Kind.UNWATCHED)
    seen_at = told.headline.raised_at - before if before else None
    blind = replace(told, situation=replace(told.situation, seen_at=seen_at))

    assert wording.is_out_of_sight(blind)
    assert not wording.is_estimate_good(blind)


@pytest.mark.parametrize(
    "ahead", [timedelta(minutes=-1), timedelta(), timedelta(minutes=1), timedelta(hours=5)]
)
def test_what_is_seen_after_a_gap_holds(ahead: timedelta) -> None:
    """The API's clock may be a little off the store's, and the message may be written later."""
    told = sample(Kind.UNWATCHED)
    seen = replace(told, situation=replace(told.situation, seen_at=told.headline.raised_at + ahead))

    assert not wording.is_out_of_sight(seen)
    assert wording.is_estimate_good(seen)


@pytest.mark.parametrize(
    ("language", "took", "known", "seen"),
    [(ENGLISH, "4 min 10 s", "Disk expansion", "a step"), (CHINESE, "4 分钟 10 秒", "磁盘扩容", "某个步骤")],
)
def test_a_step_is_named_and_noted(language: Language, took: str, known: str, seen: str) -> None:
    """A name and a state that we do not know are shown as the API calls them."""
    assert wording.step_note(StepLine("a", "completed", seconds=250), language) == took
    assert wording.step_note(StepLine("a", "unknown", "PAUSED", 250), language) == f"PAUSED · {took}"
    assert wording.step_note(StepLine("a", "unknown", "\u200b"), language) == ""
    assert wording.step_note(StepLine("a", "running", "RUNNING"), language) == ""
    assert wording.step_name("disk_expansion", language) == known
    assert wording.step_name("somethingNew_2", language) == "somethingNew_2"
    assert wording.step_name("\u200b", language) == wording.step_name(None, language) == seen


def test_very_many_steps_are_counted() -> None:
    """Only states that occur are named."""
    counted = situation(step_counts={"completed": 63, "failed": 0, "running": 1, "unknown": 2})

    assert wording.step_counts(counted, ENGLISH) == (
        "63 steps completed · 1 step running · 2 steps in an unknown state"
    )
    assert wording.step_counts(counted, CHINESE) == "63 个步骤已完成 · 1 个步骤进行中 · 2 个步骤状态未知"


def test_the_moment_of_the_last_look_is_told_if_known() -> None:
    """By the reader's clock; nothing is told where nothing was seen."""
    assert wording.seen_at(situation(seen_at=NOW), ENGLISH_READER) == "as of 2026-11-24 08:03 UTC"
    assert wording.seen_at(situation(seen_at=NOW), CHINESE_READER) == "截至 2026-11-24 16:03 Asia/Shanghai"
    assert wording.seen_at(situation(), ENGLISH_READER) == ""


@pytest.mark.parametrize(
    "kind", sorted(set(Kind) - {Kind.STEP_STARTED, Kind.STEP_COMPLETED, Kind.MILESTONE}, key=str)
)
def test_who_ordered_what_is_told_at_the_start_at_the_end_and_in_trouble(kind: Kind) -> None:
    """With the parameters, and what the instance was and is like."""
    known: dict[str, Any] = {
        "order": ORDER,
        "specification": Specification("kafka.4u8g.cluster", 3, 300),
        "specification_now": Specification("kafka.4u8g.cluster", 3, 600),
    }

    assert facts(kind, **known) == [
        ("Ordered by", "lin.mei, 2026-11-24 08:03 UTC"),
        ("Parameters", "oper_type=storage, new_storage_space=600"),
        ("Instance", "3 brokers, 300 GB → 600 GB, kafka.4u8g.cluster"),
    ]
    assert facts(kind, CHINESE_READER, **known) == [
        ("提交人", "lin.mei，2026-11-24 16:03 Asia/Shanghai"),
        ("参数", "oper_type=storage，new_storage_space=600"),
        ("实例", "3 个代理，300 GB → 600 GB，kafka.4u8g.cluster"),
    ]


@pytest.mark.parametrize("kind", [Kind.STEP_STARTED, Kind.STEP_COMPLETED, Kind.MILESTONE])
def test_on_the_way_it_goes_without_saying(kind: Kind) -> None:
    """Such messages are short; together with anything else they are not."""
    started = compose([alert(1, Kind.STARTED), alert(2, kind)], situation(order=ORDER), 0)

    assert facts(kind, order=ORDER, specification=Specification(brokers=1)) == []
    assert len(wording.facts(started, ENGLISH_READER)) == 2


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({}, []),
        ({"order": Order()}, []),
        ({"order": Order(ordered_at=NOW)}, [("Ordered at", "2026-11-24 08:03 UTC")]),
        ({"order": Order("a\nb")}, [("Ordered by", "a b")]),
        ({"order": Order("\u200b", NOW)}, [("Ordered at", "2026-11-24 08:03 UTC")]),
        ({"specification": Specification(brokers=1)}, [("Instance", "1 broker")]),
        (
            {"specification": Specification("a", 3), "specification_now": Specification("b", 6, 900)},
            [("Instance", "3 brokers → 6 brokers, 900 GB, a → b")],
        ),
        ({"specification_now": Specification("b")}, [("Instance", "b")]),
    ],
)
def test_of_order_and_instance_what_is_known_is_told(
    known: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    """Nothing is made up for what is not."""
    assert facts(**known) == told


def test_endless_parameters_are_cut() -> None:
    """A message is no place for all of them."""
    ((_, said),) = facts(order=Order(parameters=tuple((f"name{n}", "x" * 80) for n in range(8))))

    assert len(said) == 160
    assert said.endswith("…")


def test_the_headline_is_told_with_what_is_known_since() -> None:
    """How far the change is, and where it failed; what was told with a step keeps that."""
    state = situation(percent=60, steps=(StepLine("a", "completed"), StepLine("b", "failed")))

    assert wording.updated(alert(1, Kind.FAILED, percent=40), state).percent == 60
    assert wording.updated(alert(1, Kind.FAILED), state).step == "b"
    assert wording.updated(alert(1, Kind.REMINDER, reminds_of=Kind.FAILED), state).step == "b"
    assert wording.updated(alert(1, Kind.COMPLETED), state).step is None
    assert wording.updated(alert(1, Kind.STEP_STARTED, step="a"), state).step == "a"
    assert wording.updated(alert(1, Kind.MILESTONE, percent=40), situation()).percent == 40


def test_times_are_told_with_dates_only_where_days_differ() -> None:
    """A message held back over night."""
    told = [
        Alert(1, Kind.STALLED, "a", NOW - timedelta(days=1), seconds=60),
        Alert(2, Kind.RESUMED, "b", NOW, seconds=60),
    ]

    assert lines(*told) == [
        "2026-11-23 08:03 No progress for 1 minute",
        "08:03 Moving again after 1 minute",
    ]
