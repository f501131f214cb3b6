"""How changes are drawn: in any width and height, in any colours and without."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from handler.local.printing.board import Board, Entry, entry
from notifiers.messages import Situation, StepLine
from notifiers.saying import Reader

STEPS = (
    StepLine("pre_check", "completed", seconds=43),
    StepLine("disk_expansion", "running"),
    StepLine("odd", "unknown", "[/PAUSED]"),
    StepLine("worse", "failed"),
    StepLine("restart", "waiting"),
)
RUNNING = Situation("i/t", "orders", "running", 50, 1200, STEPS)


def drawn(board: Board, width: int = 100, height: int = 25, encoding: str = "utf-8") -> list[str]:
    """The lines of a board, without colours."""

    class File(StringIO):
        @property
        def encoding(self) -> str:  # type: ignore[override]
            return encoding

    file = File()
    Console(file=file, width=width, height=height).print(board)
    return [text.rstrip() for text in file.getvalue().splitlines()]


def of(situation: Situation, remark: str | None = None) -> Entry:
    """A change as it is drawn."""
    return entry(situation, remark, Reader())


def test_a_board_has_a_bar_for_the_change_and_one_for_each_step() -> None:
    """With marks, the time a step took, and the API's own word where we do not know it; a piece wanders."""
    first, done, running, odd, worse, waiting = drawn(Board([of(RUNNING)]), width=85)

    assert first == f"orders           {'━' * 15}{'─' * 15} running · 50% · about 20 minutes left"
    assert done == f"✓ Pre-check      {'━' * 30} 43 s"
    assert running.startswith("▶ Disk expansion ")
    assert sorted(running.rpartition(" ")[2]) == sorted("━" * 7 + "─" * 23)
    assert odd == f"? odd            {'─' * 30} [/PAUSED]"
    assert worse == f"✗ worse          {'━' * 30}"
    assert waiting == f"· Restart        {'─' * 30}"


def test_what_is_not_done_whole_is_never_drawn_as_full() -> None:
    """Nor is what is done drawn short of that."""
    almost, done = drawn(
        Board([of(Situation("i/t", "a", "running", 99)), of(Situation("i/u", "b", "completed", 100))]), 40
    )

    assert almost.count("─") == 1
    assert "─" not in done


def test_a_change_whose_percentage_is_unknown_is_drawn_as_going_on_or_not_at_all() -> None:
    """Nothing is made up."""
    running, unknown = drawn(
        Board([of(Situation("i/t", "a", "running")), of(Situation("i/u", "b", "unknown"))])
    )

    assert "━" in running
    assert "━" not in unknown


def test_where_such_signs_cannot_be_shown_a_bar_is_made_of_others() -> None:
    """As over a serial line; what stands beside it, the stream itself replaces."""
    assert drawn(Board([of(Situation("i/t", "a", "completed", 100))]), width=40, encoding="ascii") == [
        f"a {'=' * 21} completed · 100%"
    ]


@pytest.mark.parametrize("width", [80, 200])
def test_the_bars_use_the_room_that_names_and_notes_leave(width: int) -> None:
    """All are of one length, also those of different changes."""
    lines = drawn(Board([of(RUNNING), of(Situation("i/u", "b", "completed", 100))]), width=width)

    bars = {sum(sign in "━─" for sign in text) for text in lines}
    assert bars == {width - len("▶ Disk expansion ") - len(" running · 50% · about 20 minutes left")}


def test_a_long_name_is_cut_and_a_long_note_says_less() -> None:
    """The name shows that; the note leaves out what matters least."""
    (text,) = drawn(Board([of(Situation("i/t", "n" * 60, "running", 50, 1200))]), width=60)

    assert text.startswith("n" * 19 + "… ")
    assert text.endswith(" running · 50%")


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=90)


@given(
    width=st.integers(30, 250),
    height=st.integers(2, 60),
    changes=st.lists(st.tuples(names, st.integers(0, 100) | st.none()), max_size=40),
    remark=st.none() | st.just("The API gave no answer. " * 8),
)
def test_a_board_fits_any_terminal(
    width: int, height: int, changes: list[tuple[str, int | None]], remark: str | None
) -> None:
    """No line is longer than it, and there are no more lines than it has, but for the last."""
    entries = [
        of(Situation("i/t", name, "running", percent, 1200, STEPS), remark) for name, percent in changes
    ]
    lines = drawn(Board(entries, is_bounded=True), width, height)

    assert all(cell_len(text) <= width for text in lines)
    assert len(lines) <= max(1, height - 1)
    assert bool(lines) == bool(changes)


def test_where_there_is_no_room_for_steps_the_changes_alone_are_drawn_and_the_rest_is_counted() -> None:
    """What is said of them stays as long as there is room for it."""
    entries = [of(RUNNING, "No answer.")] * 3

    def first_words(height: int) -> list[str]:
        lines = drawn(Board(entries, is_bounded=True), height=height)
        return [" ".join(text.split()[:2]) for text in lines]

    assert len(first_words(22)) == 21
    assert [text.partition(" ")[0] for text in first_words(21)] == ["orders", "No"] * 3
    assert [text.partition(" ")[0] for text in first_words(4)] == ["orders", "orders", "…"]
    assert drawn(Board(entries, is_bounded=True), height=3)[1:] == ["… 2 more"]
    assert len(drawn(Board(entries), height=3)) == 21


def test_of_many_steps_ten_are_drawn_and_the_rest_is_counted() -> None:
    """Those around the one that runs, and at both ends."""
    steps = tuple(
        StepLine(f"step_{number}", "completed" if number < 20 else "running") for number in range(25)
    )
    lines = drawn(Board([of(Situation("i/t", "orders", "running", 50, None, steps))]))

    assert len([text for text in lines if "step_" in text]) == 10
    assert sum(int(text.split()[2]) for text in lines if text.startswith("…")) == 15
    assert {"✓ step_0", "▶ step_20", "▶ step_24"} <= {" ".join(text.split()[:2]) for text in lines}


def test_of_very_many_steps_only_counts_are_known() -> None:
    """They stand below the bar, as does what there is to say of the last look, and of all changes."""
    situation = Situation("i/t", "orders", "running", step_counts={"running": 3, "waiting": 150})
    lines = drawn(Board([of(situation, "No answer.")], "That is all."))

    assert lines[1:] == ["3 steps running · 150 steps waiting", "No answer.", "That is all."]
