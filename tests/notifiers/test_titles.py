"""What a message's first line says, which may be all that somebody reads at night."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers import titles
from notifiers.alerts import Alert, Kind
from notifiers.languages import CHINESE, ENGLISH, Language
from notifiers.messages import Situation, StepLine, compose
from notifiers.samples import sample
from notifiers.samples import trial_message as make_test_message
from notifiers.saying import Reader
from notifiers.wording import change_name
from tests.notifiers.examples import NOW, alert, situation
from tests.notifiers.strategies import MESSAGES

STEPS = (StepLine("disk_expansion", "completed"), StepLine("rolling_scaling", "running"))
FAILED = (StepLine("disk_expansion", "completed"), StepLine("rolling_scaling", "failed"))
HALFWAY = situation(percent=40, remaining_seconds=1124, steps=STEPS, seen_at=NOW)
READERS = st.sampled_from([Reader(ENGLISH), Reader(CHINESE, ZoneInfo("Asia/Shanghai"))])


def title(
    kind: Kind,
    state: Situation = HALFWAY,
    language: Language = ENGLISH,
    **fields: Any,  # noqa: ANN401 - any field
) -> str:
    """The title of a message with one alert."""
    return titles.title(compose([alert(1, kind, **fields)], state, 0), Reader(language))


@pytest.mark.parametrize(
    ("kind", "fields", "english", "chinese"),
    [
        (
            Kind.STARTED,
            {},
            (
                "orders: capacity change started · 40% · about 19 minutes left · done around 08:21"
                " · no action needed"
            ),
            "orders：扩容已开始 · 40% · 还需约 19 分钟 · 预计 08:21 完成 · 无需处理",
        ),
        (
            Kind.STEP_STARTED,
            {"step": "rolling_scaling"},
            (
                "orders: Rolling scaling started · step 2 of 2 · 40% · about 19 minutes left"
                " · done around 08:21 · no action needed"
            ),
            "orders：滚动扩容已开始 · 步骤 2/2 · 40% · 还需约 19 分钟 · 预计 08:21 完成 · 无需处理",
        ),
        (
            Kind.STEP_COMPLETED,
            {"step": "disk_expansion", "step_seconds": 1190},
            (
                "orders: Disk expansion completed in 19 minutes · step 1 of 2 · 40% · about 19 minutes left"
                " · done around 08:21 · no action needed"
            ),
            (
                "orders：磁盘扩容已完成，用时 19 分钟 · 步骤 1/2 · 40% · 还需约 19 分钟 · 预计 08:21 完成"
                " · 无需处理"
            ),
        ),
        (
            Kind.MILESTONE,
            {"percent": 25},
            "orders: 40% done · about 19 minutes left · done around 08:21 · no action needed",
            "orders：已完成 40% · 还需约 19 分钟 · 预计 08:21 完成 · 无需处理",
        ),
        (
            Kind.STEP_FAILED,
            {"step": "rolling_scaling", "step_seconds": 311},
            "FAILED: orders at Rolling scaling · step 2 of 2 · 40% · action needed",
            "失败：orders 的滚动扩容 · 步骤 2/2 · 40% · 需要处理",
        ),
        (
            Kind.COMPLETED,
            {"seconds": 4320},
            "orders: capacity change completed in 1 hour 12 minutes · no action needed",
            "orders：扩容已完成，用时 1 小时 12 分钟 · 无需处理",
        ),
        (
            Kind.COMPLETED,
            {},
            "orders: capacity change completed · no action needed",
            "orders：扩容已完成 · 无需处理",
        ),
        (
            Kind.FAILED,
            {"seconds": 900},
            "FAILED: capacity change of orders · 40% · action needed",
            "失败：orders 扩容 · 40% · 需要处理",
        ),
        (
            Kind.LOST,
            {"seconds": 900},
            "orders: capacity change no longer found, outcome unknown · last seen at 40% · action needed",
            "orders：扩容任务已查不到，结果未知 · 最后看到 40% · 需要处理",
        ),
        (
            Kind.CANCELLED,
            {"seconds": 900},
            "orders: capacity change cancelled after 15 minutes · 40% · please check",
            "orders：扩容已取消，历时 15 分钟 · 40% · 请检查",
        ),
        (
            Kind.STALLED,
            {"seconds": 1800},
            "orders: no progress for 30 minutes · 40% · please check",
            "orders：已有 30 分钟没有进展 · 40% · 请检查",
        ),
        (
            Kind.RESUMED,
            {"seconds": 2700},
            (
                "orders: moving again after 45 minutes · 40% · about 19 minutes left · done around 08:21"
                " · no action needed"
            ),
            "orders：停滞 45 分钟后恢复进展 · 40% · 还需约 19 分钟 · 预计 08:21 完成 · 无需处理",
        ),
        (
            Kind.DELAYED,
            {"seconds": 1500},
            (
                "orders: 25 minutes later than first estimated · 40% · about 19 minutes left"
                " · done around 08:21 · please check"
            ),
            "orders：比最初预计晚 25 分钟 · 40% · 还需约 19 分钟 · 预计 08:21 完成 · 请检查",
        ),
        (
            Kind.UNREACHABLE,
            {"seconds": 720},
            "orders: no usable answer from Huawei Cloud for 12 minutes · last seen at 40% · please check",
            "orders：已有 12 分钟未从华为云得到有效应答 · 最后看到 40% · 请检查",
        ),
        (
            Kind.RECOVERED,
            {"seconds": 1320},
            (
                "orders: Huawei Cloud answers again after 22 minutes · 40% · about 19 minutes left"
                " · done around 08:21 · no action needed"
            ),
            "orders：中断 22 分钟后，华为云恢复应答 · 40% · 还需约 19 分钟 · 预计 08:21 完成 · 无需处理",
        ),
        (
            Kind.UNWATCHED,
            {"seconds": 12600},
            (
                "orders: nobody looked for up to 3 hours 30 minutes · 40% · about 19 minutes left"
                " · done around 08:21 · please check"
            ),
            "orders：最长 3 小时 30 分钟未查询进度 · 40% · 还需约 19 分钟 · 预计 08:21 完成 · 请检查",
        ),
        (
            Kind.CHANNEL_REFUSED,
            {"channel": "ops"},
            (
                "orders: channel ops refuses messages · 40% · about 19 minutes left · done around 08:21"
                " · please check"
            ),
            "orders：渠道 ops 拒收消息 · 40% · 还需约 19 分钟 · 预计 08:21 完成 · 请检查",
        ),
        (
            Kind.LEDGER_RESET,
            {},
            (
                "orders: Headway's notes on it were unreadable and begin anew · 40% · about 19 minutes left"
                " · done around 08:21 · please check"
            ),
            (
                "orders：Headway 的跟踪记录已损坏，现重新开始记录 · 40% · 还需约 19 分钟 · 预计 08:21 完成"
                " · 请检查"
            ),
        ),
        (
            Kind.REMINDER,
            {"reminds_of": Kind.STALLED, "seconds": 7200},
            "orders: still no progress after 2 hours · 40% · please check",
            "orders：仍无进展，已持续 2 小时 · 40% · 请检查",
        ),
        (
            Kind.REMINDER,
            {"reminds_of": Kind.STEP_FAILED, "seconds": 7200, "step": "rolling_scaling"},
            "FAILED: orders at Rolling scaling · reminder after 2 hours · step 2 of 2 · 40% · action needed",
            "失败：orders 的滚动扩容 · 提醒，已 2 小时 · 步骤 2/2 · 40% · 需要处理",
        ),
        (
            Kind.REMINDER,
            {"reminds_of": Kind.FAILED, "seconds": 7200},
            "FAILED: capacity change of orders · reminder after 2 hours · 40% · action needed",
            "失败：orders 扩容 · 提醒，已 2 小时 · 40% · 需要处理",
        ),
        (
            Kind.REMINDER,
            {"reminds_of": Kind.LOST, "seconds": 7200},
            "orders: capacity change not found for 2 hours, outcome unknown · 40% · action needed",
            "orders：扩容任务查不到已有 2 小时，结果未知 · 40% · 需要处理",
        ),
    ],
)
def test_the_title_says_it_all(kind: Kind, fields: dict[str, Any], english: str, chinese: str) -> None:
    """Which change, what happened, how far, how long still, what to do, as far as it means something."""
    ended = {Kind.COMPLETED: "completed", Kind.FAILED: "failed", Kind.CANCELLED: "cancelled"}
    state = situation(
        phase=ended.get(kind, "running"), percent=40, remaining_seconds=1124, steps=STEPS, seen_at=NOW
    )

    assert title(kind, state, **fields) == english
    assert title(kind, state, CHINESE, **fields) == chinese


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_can_be_told_without_knowing_anything(kind: Kind, language: Language) -> None:
    """Where nothing is known no figure is made up."""
    said = title(kind, situation(phase="unknown"), language)

    assert "orders" in said
    assert not any(char.isdigit() for char in said)


@pytest.mark.parametrize(("language", "word"), [(ENGLISH, "FAILED"), (CHINESE, "失败")])
@pytest.mark.parametrize(
    "fields", [{}, {"step": "x"}, {"step": "x", "reminds_of": Kind.FAILED}, {"reminds_of": Kind.STEP_FAILED}]
)
def test_a_failure_says_so_first(language: Language, word: str, fields: dict[str, Any]) -> None:
    """Phones show the first words only."""
    kinds = (Kind.REMINDER,) if "reminds_of" in fields else (Kind.FAILED, Kind.STEP_FAILED)
    for kind in kinds:
        assert title(kind, HALFWAY, language, **fields).startswith(word)


def test_a_failure_names_the_step_that_is_known_to_have_failed() -> None:
    """The end itself names no step, but the list of steps does."""
    state = situation(phase="failed", percent=40, steps=FAILED)

    assert title(Kind.FAILED, state) == (
        "FAILED: capacity change of orders at Rolling scaling · step 2 of 2 · 40% · action needed"
    )
    assert title(Kind.FAILED, state, CHINESE) == "失败：orders 扩容，停在滚动扩容 · 步骤 2/2 · 40% · 需要处理"


@pytest.mark.parametrize("kind", sorted(set(Kind) - {Kind.FAILED, Kind.STEP_FAILED}, key=str))
def test_only_a_failure_is_told_with_the_step_that_failed(kind: Kind) -> None:
    """After all else "step 2 of 2" would be the step that this has happened at."""
    assert "step 2 of 2" not in title(kind, situation(percent=40, steps=FAILED))
    assert "步骤" not in title(kind, situation(percent=40, steps=FAILED), CHINESE).replace("某个步骤", "")


def test_of_steps_with_one_name_the_one_that_is_told_of_is_counted() -> None:
    """The cause says which of them it is; where it does not, the one that is as was told."""
    thrice = tuple(StepLine("restart", state) for state in ("completed", "failed", "waiting"))
    state = situation(phase="failed", steps=(StepLine("pre_check", "completed"), *thrice))

    def number(kind: Kind, cause: str, step: str = "restart") -> str:
        told = Alert(1, kind, cause, NOW, step=step)
        return titles.title(compose([told], state, 0), Reader()).split(" · ")[1]

    assert number(Kind.STEP_COMPLETED, "step_completed:restart#1") == "step 2 of 4"
    assert number(Kind.STEP_FAILED, "step_failed:restart#2") == "step 3 of 4"
    assert number(Kind.STEP_STARTED, "step_started:restart#3") == "step 4 of 4"
    assert number(Kind.FAILED, "failed") == "step 3 of 4"
    assert number(Kind.STEP_STARTED, "step_started:restart#4") == "no action needed"
    assert number(Kind.STEP_STARTED, "step_started:restart#0") == "no action needed"
    assert number(Kind.STEP_COMPLETED, "step_completed:odd#one") == "step 2 of 4"


def test_a_step_that_has_another_name_by_now_is_still_counted() -> None:
    """If it can be told which one it is: the only one in its state."""
    renamed = situation(steps=(StepLine("new", "running"), StepLine("next", "waiting")))
    two = situation(steps=(StepLine("new", "running"), StepLine("next", "running")))

    assert " · step 1 of 2 · " in title(Kind.STEP_STARTED, renamed, step="old")
    assert "step" not in title(Kind.STEP_STARTED, two, step="old")
    assert "step" not in title(Kind.STEP_COMPLETED, renamed, step="old")


def test_when_it_will_be_done_is_told_by_the_readers_clock() -> None:
    """On another day with the date; without knowing when it was seen, not at all."""
    message = compose(
        [alert(1, Kind.STARTED)], situation(remaining_seconds=9 * 3600, seen_at=NOW - timedelta(hours=1)), 0
    )
    unseen = compose([alert(1, Kind.STARTED)], situation(remaining_seconds=600), 0)

    assert "about 9 hours left · done around 16:03 ·" in titles.title(message, Reader())
    assert "还需约 9 小时 · 预计 2026-11-25 00:03 完成 ·" in titles.title(
        message, Reader(CHINESE, ZoneInfo("Asia/Shanghai"))
    )
    assert titles.title(unseen, Reader()) == (
        "orders: capacity change started · about 10 minutes left · no action needed"
    )


def test_no_time_is_left_once_the_change_has_ended() -> None:
    """What an old alert tells is not followed by an estimate that is over."""
    state = situation(phase="completed", percent=100, remaining_seconds=5)

    assert title(Kind.STEP_COMPLETED, state, step="a") == "orders: a completed · 100% · no action needed"


def test_what_cannot_be_seen_is_named_all_the_same() -> None:
    """A name of nothing but blanks and control characters would leave a hole in the sentence."""
    state = situation(name="\t\x07")

    assert title(Kind.STEP_FAILED, state, step="\u200b") == "FAILED: INSTANCE/TASK at a step · action needed"
    assert (
        title(Kind.STEP_STARTED, state, CHINESE, step="\u200b") == "INSTANCE/TASK：某个步骤已开始 · 无需处理"
    )


def test_a_repeated_headline_says_so() -> None:
    """Whoever hears it twice can tell."""
    message = compose([alert(1, Kind.STARTED)], situation(), repeat_upto=1)

    assert titles.title(message, Reader()) == (
        "orders: capacity change started · no action needed · possible repeat"
    )


def test_a_test_says_so_first() -> None:
    """Else somebody may run."""
    assert titles.title(make_test_message("ops", NOW), Reader()).startswith("TEST · ")
    assert titles.title(make_test_message("ops", NOW), Reader(CHINESE), 32).startswith("测试 · ")


@pytest.mark.parametrize(
    ("length_max", "said"),
    [
        (
            140,
            (
                "orders: Disk expansion completed in 19 minutes · step 2 of 4 · 60% · about 19 minutes left"
                " · done around 10:10 · no action needed"
            ),
        ),
        (
            128,
            (
                "orders: Disk expansion completed in 19 minutes · step 2 of 4 · about 19 minutes left"
                " · done around 10:10 · no action needed"
            ),
        ),
        (
            115,
            (
                "orders: Disk expansion completed in 19 minutes · about 19 minutes left · done around 10:10"
                " · no action needed"
            ),
        ),
        (100, "orders: Disk expansion completed in 19 minutes · about 19 minutes left · no action needed"),
        (80, "orders: Disk expansion completed in 19 minutes · about 19 minutes left"),
        (60, "orders: Disk expansion completed in 19 minutes"),
        (40, "orders: Disk expansion completed"),
        (32, "orders: Disk expansion completed"),
        (20, "orders: Disk expans…"),
    ],
)
def test_what_matters_least_goes_first_where_there_is_little_room(length_max: int, said: str) -> None:
    """Percentage, number of the step, the hour, that nothing is to do, the time left, how long it took."""
    assert titles.title(sample(Kind.STEP_COMPLETED), Reader(), length_max) == said


def test_what_is_to_be_done_stays_longer_than_the_time_left() -> None:
    """Where something is to be done; and a mark of a repeat stays as long."""
    repeated = compose([alert(1, Kind.DELAYED, seconds=900)], HALFWAY, repeat_upto=1)

    assert titles.title(repeated, Reader(), 80) == (
        "orders: 15 minutes later than first estimated · please check · possible repeat"
    )
    assert titles.title(sample(Kind.STEP_FAILED), Reader(), 52) == (
        "FAILED: orders at Rolling restart · action needed"
    )


def test_where_there_is_little_room_a_long_name_is_cut_and_not_what_happened() -> None:
    """Both the beginning of the name and the news are to be seen in 32 characters."""
    state = situation(name="kafka-payments-production-eu-west-101")

    def shortest(kind: Kind, language: Language) -> str:
        return titles.title(compose([alert(1, kind, step="pre_check")], state, 0), Reader(language), 32)

    assert shortest(Kind.STEP_COMPLETED, ENGLISH) == "kafka-paym…: Pre-check completed"
    assert shortest(Kind.STEP_COMPLETED, CHINESE) == "kafka-payments-productio…：预检查已完成"
    assert shortest(Kind.STEP_FAILED, ENGLISH) == "FAILED: kafka-paym… at Pre-check"
    short = compose([alert(1, Kind.FAILED)], situation(name="orders"), 0)
    assert titles.title(short, Reader(ENGLISH), 32) == "FAILED: orders"


@given(MESSAGES, READERS)
def test_a_title_is_made_of_its_parts(message: Any, reader: Reader) -> None:  # noqa: ANN401
    """The first of them says which change and what happened, whatever its name is made of."""
    parts = titles.title_parts(message, reader)

    assert " · ".join(parts) == titles.title(message, reader)
    assert change_name(message.situation) in parts[0]


@given(MESSAGES, READERS, st.integers(12, 300))
def test_a_title_is_one_visible_line_that_fits(message: Any, reader: Reader, length_max: int) -> None:  # noqa: ANN401
    """Whatever texts it has to hold; nothing in it turns other text around."""
    said = titles.title(message, reader, length_max)

    assert 0 < len(said) <= length_max
    assert said.isprintable()
