"""How messages look as plain text and on Slack, and that nothing from outside becomes markup."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers import forms, wording
from notifiers.alerts import Kind
from notifiers.forms import PLAIN_BYTES_MAX, SLACK_LENGTH_MAX, bar, window
from notifiers.messages import Link, Message, StepLine, compose
from tests.notifiers.examples import NOW, alert, hostile_message, many_steps, situation, step_message

STATES = st.sampled_from(["waiting", "running", "completed", "failed", "unknown", "odd"])
STEPS = st.builds(
    StepLine,
    st.text(max_size=300),
    STATES,
    st.none() | st.text(max_size=300),
    st.none() | st.integers(0, 10**6),
)
URLS = st.text(st.characters(codec="ascii", exclude_categories=["C", "Z"]), max_size=200)
LINKS = st.builds(Link, st.just("Console"), URLS.map("https://example.com/".__add__))
SITUATIONS = st.builds(
    situation,
    name=st.text(max_size=300),
    percent=st.none() | st.integers(0, 100),
    steps=st.lists(STEPS, max_size=40).map(tuple),
    links=st.lists(LINKS, max_size=2).map(tuple),
)
ALERTS = st.lists(
    st.builds(
        alert,
        st.integers(1, 200),
        st.sampled_from(Kind),
        minutes_ago=st.integers(0, 600),
        step=st.none() | st.text(max_size=200),
        detail=st.none() | st.text(max_size=300),
    ),
    min_size=1,
    max_size=40,
)
MESSAGES = st.builds(compose, ALERTS, SITUATIONS, st.integers(0, 200))


def shown(steps: tuple[StepLine, ...]) -> list[str]:
    """The lines on steps of a message."""
    message = compose([alert(1, Kind.STARTED)], situation(steps=steps), 0)
    return [str(row) for row in forms.lay_out(message).steps]


def test_a_plain_body_reads_from_top_to_bottom() -> None:
    """Bar, what happened, steps, and where to read on, with air in between."""
    assert forms.plain(step_message()).splitlines() == [
        "████████░░░░░░░░░░░░ 40 % · about 19 min left",
        "",
        "disk_expansion completed, took 4 min 10 s",
        "rolling_scaling started",
        "",
        "✓ pre_check · 12 s",
        "✓ disk_expansion · 4 min 10 s",
        "▶ rolling_scaling",
        "· partition_rebalance",
        "? post_check · PAUSED",
        "",
        "as of 2026-11-24 08:03 UTC",
        "Status page: https://headway.example.com/changes/INSTANCE/TASK",
        "Console: https://console.example.com/dms?region=eu-west-101&engine=kafka",
    ]


def test_a_short_message_stays_short() -> None:
    """A message on a step fits into 400 bytes without its links."""
    message = step_message()
    without_links = [line for line in forms.plain(message).splitlines() if "https://" not in line]

    assert len("\n".join([wording.title(message), *without_links]).encode()) <= 400


def test_nothing_known_is_still_a_message() -> None:
    """A body is never empty, because services refuse that."""
    begun = compose([alert(1, Kind.STARTED)], situation(phase="unknown"), 0)
    ended = compose([alert(1, Kind.CANCELLED)], situation(phase="cancelled"), 0)

    assert forms.plain(begun) == "progress unknown · time left unknown"
    assert forms.plain(ended) == "orders: capacity change cancelled"


@pytest.mark.parametrize(
    ("percent", "filled"), [(0, 0), (1, 0), (5, 1), (40, 8), (50, 10), (99, 19), (100, 20)]
)
def test_the_bar_is_full_only_at_the_end(percent: int, filled: int) -> None:
    """99 percent do not look like 100, whatever rounding says."""
    assert bar(percent) == "█" * filled + "░" * (20 - filled)


def test_an_unknown_percentage_has_no_bar() -> None:
    """An empty bar would say 0."""
    assert bar(None) == ""


def test_ten_steps_are_all_shown() -> None:
    """Nothing is left out that has room."""
    assert len(shown(many_steps(10, 3))) == 10


def test_of_many_steps_those_around_the_current_one_are_shown() -> None:
    """What is left out before and after is counted."""
    lines = shown(many_steps(40, 20))

    assert lines[0] == "… and 15 more"
    assert lines[1:6] == [f"✓ step_{i}" for i in range(15, 20)]
    assert lines[6] == "▶ step_20"
    assert lines[7:11] == [f"· step_{i}" for i in range(21, 25)]
    assert lines[11] == "… and 15 more"


def test_at_the_ends_of_the_list_nothing_is_said_to_be_missing() -> None:
    """At the beginning and at the end there is one remark, not two."""
    assert shown(many_steps(12, 0))[-1] == "… and 2 more"
    assert shown(many_steps(12, 0))[0] == "▶ step_0"
    assert shown(many_steps(12, 11))[0] == "… and 2 more"
    assert shown(many_steps(12, 11))[-1] == "▶ step_11"


def test_a_failed_step_is_always_in_sight() -> None:
    """A failure is what people look for, even while another step runs."""
    steps = (*many_steps(30, 29), StepLine("bad", "failed"), *many_steps(30, 40))

    assert "✗ bad" in shown(steps)


def test_between_two_steps_the_next_one_is_in_the_middle() -> None:
    """With nothing running, what was finished last and comes next is shown."""
    steps = tuple(StepLine(f"s{i}", "completed" if i < 20 else "waiting") for i in range(40))

    assert window(steps, 10) == (15, 25)


def test_an_unknown_state_has_a_mark_of_its_own() -> None:
    """A state that even we have no name for looks like an unknown one."""
    assert shown((StepLine("a", "unknown", "PAUSED"), StepLine("b", "odd"))) == ["? a · PAUSED", "? b"]


def test_of_many_alerts_the_latest_are_told() -> None:
    """After a long night a message is still a message."""
    alerts = [alert(n, Kind.STEP_COMPLETED, minutes_ago=60 - n, step=f"s{n}") for n in range(1, 41)]

    happenings = forms.lay_out(compose(alerts, situation(), 0)).happenings

    assert happenings[0] == "… and 30 more"
    assert happenings[-1] == f"{NOW - timedelta(minutes=20):%H:%M} s40 completed"


@given(MESSAGES)
def test_a_plain_message_is_never_too_long(message: Message) -> None:
    """Title and body together stay within what WeCom takes, in bytes."""
    whole = f"{wording.title(message)}\r\n{forms.plain(message)}"

    assert len(whole.encode()) <= PLAIN_BYTES_MAX


@given(MESSAGES)
def test_a_title_is_one_line(message: Message) -> None:
    """Nothing from outside breaks a subject or a heading."""
    assert len(wording.title(message).splitlines()) == 1


@given(MESSAGES)
def test_a_slack_message_is_never_too_long_and_holds_no_markup_but_our_links(message: Message) -> None:
    """Every `<` in it opens one of our own links, so nobody is mentioned and nothing is linked."""
    body = forms.slack(message)

    assert len(body) <= SLACK_LENGTH_MAX
    assert re.sub(r"<https://example\.com/[^<>|]*\|Console>", "", body).count("<") == 0


def test_a_mention_in_a_name_is_dead_on_slack() -> None:
    """The text is shown as it is instead of calling everybody."""
    body = forms.slack(hostile_message())

    assert "&lt;!channel&gt; &amp; &lt;@U123|you&gt;" in body
    assert "<!" not in body


def test_links_come_as_links_on_slack() -> None:
    """A label instead of a long address."""
    assert forms.slack(step_message()).endswith(
        "<https://headway.example.com/changes/INSTANCE/TASK|Status page>"
        " | <https://console.example.com/dms?region=eu-west-101&amp;engine=kafka|Console>"
    )


def test_what_can_never_fit_is_cut_down_to_how_the_change_stands() -> None:
    """Even an absurd link makes no message that a service would refuse."""
    link = Link("Console", f"https://example.com/{'x' * 4000}")
    message = compose([alert(1, Kind.STARTED)], situation(percent=40, links=(link,)), 0)

    assert forms.plain(message) == "40 % · time left unknown"
