"""What templates see of a message or a digest, and what is left out first where there is little room."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers import shortening, views
from notifiers.alerts import Alert, Kind
from notifiers.languages import CHINESE, ENGLISH
from notifiers.messages import Content, Digest, Link, Message, Place, StepLine, compose, digest
from notifiers.samples import sample, sample_digest
from notifiers.saying import Reader
from notifiers.steps import ROWS_MAX, StepView, choose_steps, steps_of
from notifiers.telling import step_name
from notifiers.views import View
from tests.notifiers.contents import CONTENTS
from tests.notifiers.examples import LINKS, NOW, OVERVIEW, alert, many_steps, situation, step_message, told_of

READER = Reader()


def view(content: Content, reader: Reader = READER) -> View:
    """The view of all of it."""
    return views.whole_view(content, reader, views.title_of(content, reader), {})


def shown(steps: tuple[StepLine, ...], rows: int = 10) -> list[str]:
    """The lines on steps."""
    return [str(step) for step in steps_of(situation(steps=steps), rows, READER)]


def short(content: Content, rows: int) -> View:
    """The view with so many rows."""
    if isinstance(content, Digest):
        return shortening.shortened_digest(view(content), content, READER, rows)
    return shortening.shortened(view(content), content, READER, rows)


def versions(message: Message) -> list[View]:
    """The views from the longest to the shortest."""
    return list(shortening.versions(view(message), message, READER))


def count_told(seen: View, message: Message) -> int:
    """How many alerts are told below the title, in words or by their number, or by a step that is shown."""
    told = 0
    for line in seen.happenings:
        more = re.fullmatch(r"… and (\d+) more(?: \(possible repeat\))?", line)
        told += int(more[1]) if more else line != ENGLISH.no_cause
    marks = {(step.mark, step.name) for step in seen.steps}
    for alert_told in message.alerts if seen.is_brief else ():
        name = step_name(alert_told.step, ENGLISH)
        told += ("▶", name) in marks if alert_told.kind is Kind.STEP_STARTED else ("✓", name) in marks
    return told


def test_a_message_is_seen_with_all_that_is_known() -> None:
    """In a reader's words, part by part."""
    seen = view(step_message())

    assert seen.title.startswith("orders: Disk expansion completed in 4 minutes 10 seconds · ")
    assert (seen.severity, seen.colour, seen.is_brief, seen.is_digest) == ("info", "#2563eb", True, False)
    assert (seen.percent, seen.bar) == (40, "████░░░░░░")
    assert seen.standing == "40% · about 19 minutes left · done around 08:21"
    assert seen.happenings == ("Disk expansion completed in 4 minutes 10 seconds", "Rolling scaling started")
    assert [str(step) for step in seen.steps] == [
        "✓ Pre-check · 12 s",
        "✓ Disk expansion · 4 min 10 s",
        "▶ Rolling scaling",
        "· Partition rebalancing",
        "? Final check · PAUSED",
    ]
    assert seen.seen_at == "As of 2026-11-24 08:03 UTC"
    assert [link.label for link in seen.links] == ["Status page", "Console"]
    assert seen.page == LINKS[0].url


def test_a_digest_is_seen_as_lines() -> None:
    """Each with a page of its own, if there is one: the console is the same for all."""
    seen = view(sample_digest(), Reader(CHINESE))

    assert seen.is_digest
    assert seen.language == "zh-CN"
    assert [line.name for line in seen.lines] == ["billing", "orders", "search"]
    assert [line.severity for line in seen.lines] == ["failure", "success", "info"]
    assert all("/changes/" in str(line.page) for line in seen.lines)
    assert [link.label for link in seen.links] == ["状态页", "控制台"]
    alone = digest(
        [told_of("orders", Kind.STARTED)], (*OVERVIEW, *told_of("orders", Kind.STARTED).situation.links)
    )
    assert view(alone).lines[0].page is None


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        (Kind.FAILED, "Console"),
        (Kind.STEP_FAILED, "Console"),
        (Kind.REMINDER, "Console"),
        (Kind.STALLED, "Status page"),
        (Kind.COMPLETED, "Status page"),
    ],
)
def test_after_a_failure_the_console_comes_first(kind: Kind, first: str) -> None:
    """Only there its cause can be seen; else it is the page of the change. Both are there."""
    labels = [link.label for link in view(sample(kind)).links]

    assert labels[0] == first
    assert sorted(labels) == ["Console", "Status page"]


@pytest.mark.parametrize(
    ("percent", "filled"), [(0, 0), (1, 0), (9, 0), (40, 4), (59, 5), (99, 9), (100, 10)]
)
def test_the_bar_is_full_only_at_the_end(percent: int, filled: int) -> None:
    """99 percent do not look like 100, whatever rounding says."""
    message = compose([alert(1, Kind.STARTED)], situation(percent=percent), 0)

    assert view(message).bar == "█" * filled + "░" * (10 - filled)


def test_an_unknown_percentage_has_no_bar() -> None:
    """An empty bar would say 0."""
    assert view(compose([alert(1, Kind.STARTED)], situation(), 0)).bar == ""


def test_a_link_cannot_end_before_its_end() -> None:
    """Whatever could close it is encoded; an address that is well as it is stays so."""
    link = Link(Place.CONSOLE, 'https://example.com/a b"c)<d>|e\\f*g?x=1&y=%2F')
    message = compose([alert(1, Kind.STARTED)], situation(links=(link, LINKS[1])), 0)

    assert [one.url for one in view(message).links] == [
        "https://example.com/a%20b%22c%29%3Cd%3E%7Ce%5Cf%2Ag?x=1&y=%2F",
        LINKS[1].url,
    ]


def test_ten_steps_are_all_shown() -> None:
    """Nothing is left out that has room."""
    assert len(shown(many_steps(10, 3))) == 10


def test_of_many_steps_the_first_the_last_and_the_current_one_are_shown() -> None:
    """With those beside them; what is left out between is counted."""
    assert shown(many_steps(40, 20)) == [
        "✓ step_0",
        "✓ step_1",
        "… and 16 more",
        "✓ step_18",
        "✓ step_19",
        "▶ step_20",
        "· step_21",
        "· step_22",
        "… and 14 more",
        "· step_37",
        "· step_38",
        "· step_39",
    ]


@pytest.mark.parametrize(
    ("rows", "places"),
    [(0, []), (1, [20]), (2, [20, 39]), (3, [0, 20, 39]), (5, [0, 19, 20, 21, 39]), (40, list(range(40)))],
)
def test_shortening_begins_in_the_middle(rows: int, places: list[int]) -> None:
    """The current step is shown as long as any, then the first and the last."""
    states = tuple(step.state for step in many_steps(40, 20))

    assert choose_steps(states, rows) == places


def test_a_failed_step_is_always_in_sight() -> None:
    """A failure is what people look for, even while another step runs."""
    steps = (*many_steps(30, 29), StepLine("bad", "failed"), *many_steps(30, 40))

    assert "✗ bad" in shown(steps)
    assert shown(steps, rows=1) == ["… and 30 more", "✗ bad", "… and 30 more"]


def test_between_two_steps_the_next_one_counts_as_current() -> None:
    """With nothing running, what comes next is shown; after the end it is the last."""
    steps = tuple(StepLine(f"s{i}", "completed" if i < 20 else "waiting") for i in range(40))

    assert "· s20" in shown(steps, rows=1)
    assert shown(steps[:20], rows=1) == ["… and 19 more", "✓ s19"]


def test_an_unknown_state_has_a_mark_of_its_own() -> None:
    """A state that even we have no name for looks like an unknown one."""
    assert shown((StepLine("a", "unknown", "PAUSED"), StepLine("b", "odd"))) == ["? a · PAUSED", "? b"]


def test_where_only_counts_are_known_they_are_shown() -> None:
    """In one row, if there is room for any."""
    counted = situation(step_counts={"completed": 63, "waiting": 41})

    assert steps_of(counted, 1, READER) == (StepView("", "", "63 steps completed · 41 steps waiting"),)
    assert steps_of(counted, 0, READER) == ()


@given(
    st.lists(st.sampled_from(["waiting", "running", "completed", "failed", "unknown"])), st.integers(0, 12)
)
def test_as_many_steps_are_chosen_as_there_is_room_for(states: list[str], rows: int) -> None:
    """In their order, and each once; first, last and the one that matters are among three."""
    chosen = choose_steps(tuple(states), rows)

    assert chosen == sorted(set(chosen))
    assert len(chosen) == min(rows, len(states))
    if rows >= 3 and states:
        assert {0, len(states) - 1} <= set(chosen)
    for state in ("failed", "running"):
        if rows and state in states and (state == "failed" or "failed" not in states):
            assert states.index(state) in chosen


def test_of_many_alerts_the_latest_are_told() -> None:
    """After a long night a message is still a message; a repeat among the others is marked."""
    alerts = [alert(n, Kind.STEP_COMPLETED, minutes_ago=60 - n, step=f"s{n}") for n in range(1, 41)]
    fresh, repeated = (compose(alerts, situation(), upto) for upto in (0, 7))

    assert short(fresh, ROWS_MAX).happenings[0] == "… and 30 more"
    assert short(fresh, ROWS_MAX).happenings[-1] == f"{NOW - timedelta(minutes=20):%H:%M} s40 completed"
    assert short(repeated, ROWS_MAX).happenings[0] == "… and 30 more (possible repeat)"
    assert short(repeated, 34).happenings[0] == "… and 6 more (possible repeat)"
    assert len(short(fresh, 0).happenings) == 2


def test_that_a_cause_is_not_told_is_said_as_long_as_the_failure_is() -> None:
    """The failure is the last of what happened, and where to look comes after it."""
    alerts = [alert(n, Kind.STEP_COMPLETED, minutes_ago=9 - n, step=f"s{n}") for n in range(1, 9)]
    message = compose([*alerts, alert(9, Kind.FAILED)], situation(), 0)

    assert short(message, 1).happenings == (
        "… and 8 more",
        "08:03 Capacity change FAILED",
        view(message).happenings[-1],
    )


def test_a_short_message_leaves_out_first_what_its_steps_tell_as_well() -> None:
    """Unless a mark of a repeat would be lost; what no step shows that is left is told in words."""
    message = step_message()
    half_repeated = compose(message.alerts, message.situation, message.alerts[0].number)
    unlisted = compose(message.alerts, situation(), 0)

    assert versions(message)[0] == view(message)
    assert versions(message)[1] == view(message)._replace(happenings=())
    assert [str(step) for step in versions(message)[5].steps] == [
        "… and 2 more",
        "▶ Rolling scaling",
        "… and 2 more",
    ]
    assert versions(message)[5].happenings == ()
    assert versions(message)[6] == view(message)._replace(steps=(), happenings=("Rolling scaling started",))
    assert {one.happenings for one in versions(half_repeated)[1:]} == {
        ("Disk expansion completed in 4 minutes 10 seconds (possible repeat)",)
    }
    assert {one.happenings for one in versions(unlisted)[1:]} == {("Rolling scaling started",)}


def test_a_step_tells_only_what_it_shows() -> None:
    """Of two with one name each its own; and not that a step is completed which is running."""
    twice = (StepLine("restart", "completed"), StepLine("check", "running"), StepLine("restart", "waiting"))
    told = [
        Alert(1, Kind.STEP_STARTED, "step_started:check#1", NOW, step="check"),
        Alert(2, Kind.STEP_COMPLETED, "step_completed:restart#2", NOW, step="restart"),
    ]
    state = situation(steps=twice, percent=60)

    def happenings(*alerts: Alert) -> tuple[str, ...]:
        return versions(compose(alerts, state, 0))[1].happenings

    assert happenings(told[1], msgspec.structs.replace(told[1], number=9)) == ("Restart completed",)
    assert happenings(*told) == ()
    assert happenings(told[1], alert(3, Kind.MILESTONE, percent=50)) == ()
    assert versions(compose([told[1], alert(3, Kind.MILESTONE)], situation(steps=twice), 0))[
        1
    ].happenings == ("Partly done",)


def test_a_message_gets_shorter_from_version_to_version() -> None:
    """Steps and earlier news go first, then facts, then what the title tells as well, and links at last."""
    alerts = [
        alert(1, Kind.STARTED),
        alert(2, Kind.STALLED, seconds=1800),
        alert(3, Kind.FAILED, detail="2 of 5 steps failed."),
    ]
    state = sample(Kind.FAILED).situation
    message = compose(alerts, state, 1)
    *longer, bare, once, last = versions(message)
    counted = shortening.counted(view(message), message, READER)

    assert longer[0] == view(message)
    assert all(one.facts and len(one.links) == 2 for one in longer)
    assert [len(one.happenings) for one in longer] == [4, 4, 4, 4, 3, 3]
    assert longer[-1].happenings[0] == "… and 2 more (possible repeat)"
    assert (bare.facts, bare.steps, bare.happenings[0]) == ((), (), "… and 2 more (possible repeat)")
    assert once.happenings == bare.happenings[:-1]
    assert last == once._replace(links=())
    assert counted == view(message)._replace(
        steps=(), facts=(), happenings=("… and 2 more (possible repeat)",)
    )


@given(CONTENTS)
def test_no_alert_vanishes(content: Content) -> None:
    """Each is told by the title, by a step that is shown, in words, or at least by its number."""
    messages = [content] if isinstance(content, Message) else content.messages
    for message in messages:
        others = len(message.alerts) - 1
        milestones = sum(
            each.kind is Kind.MILESTONE for each in message.alerts if each is not message.headline
        )
        for seen in versions(message):
            by_title = milestones if seen.is_brief and seen.percent is not None else 0
            assert count_told(seen, message) >= others - by_title
        assert count_told(shortening.counted(view(message), message, READER), message) == others


def test_at_last_title_standing_and_links_are_left() -> None:
    """What may be a repeat is still said to be, unless the title does."""
    message, whole = step_message(), sample_digest()
    half_repeated = compose(message.alerts, message.situation, message.alerts[0].number)
    repeated = compose(message.alerts[:1], message.situation, 99)
    half_repeated_digest = digest([half_repeated, sample(Kind.STARTED)], OVERVIEW)

    def counted(content: Content) -> View:
        return shortening.counted(view(content), content, READER)

    assert counted(message) == view(message)._replace(steps=(), happenings=("… and 1 more",), facts=())
    assert counted(half_repeated).happenings == ("… and 1 more (possible repeat)",)
    assert counted(repeated).happenings == ()
    assert counted(whole) == view(whole)._replace(lines=())
    assert counted(half_repeated_digest).rest == "Possible repeat"


@pytest.mark.parametrize("content", [sample(Kind.STALLED), sample_digest()], ids=["message", "digest"])
def test_a_title_that_is_cut_is_seen_in_full_beside_it(content: Content) -> None:
    """Also in its two parts, which are always there."""
    full = views.title_of(content, READER)
    cut = views.whole_view(content, READER, full[:20], {})

    assert (view(content).full_title, cut.full_title) == ("", full)
    assert " · ".join([cut.lead, *cut.more]) == full
    assert (cut.title, cut.lead) == (full[:20], full.partition(" · ")[0])


@given(CONTENTS, st.integers(0, 12))
def test_no_mark_of_a_repeat_is_ever_lost(content: Content, rows: int) -> None:
    """Of two copies at least one says so, however little room there is; a digest tells headlines only."""
    told = (
        [content]
        if isinstance(content, Message)
        else [one for one in content.messages if one.repeats(one.headline)]
    )
    is_repeat = any(message.possible_repeat for message in told)
    shorter = versions(content) if isinstance(content, Message) else []
    for seen in (*shorter, short(content, rows), shortening.counted(view(content), content, READER)):
        whole = " ".join([seen.title, *seen.happenings, *(line.told for line in seen.lines), seen.rest])

        assert ("possible repeat" in whole.casefold()) >= is_repeat


@given(CONTENTS)
def test_every_text_is_one_visible_line(content: Content) -> None:
    """Whatever the API or a channel's service says, so that nothing breaks a line or turns it around."""
    seen = view(content)
    assert isinstance(content, (Digest, Message))
    texts = [seen.title, seen.standing, seen.seen_at, *seen.happenings, *map(str, seen.steps)]
    texts += [text for fact in seen.facts for text in fact]
    texts += [text for line in seen.lines for text in (line.name, line.told, line.sentence, line.page or "")]
    texts += [text for link in seen.links for text in link]

    assert all(text.isprintable() for text in texts)
