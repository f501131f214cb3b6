"""How a digest reads: its title, and a line for each change."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers import digests
from notifiers.alerts import Kind
from notifiers.languages import CHINESE, ENGLISH, Language
from notifiers.messages import Digest, digest
from notifiers.saying import Reader
from notifiers.titles import title as title_of_message
from tests.notifiers.examples import OVERVIEW, fleet_digest, told_of
from tests.notifiers.strategies import DIGESTS

READER = Reader()
READERS = st.sampled_from([Reader(ENGLISH), Reader(CHINESE)])


def many(count: int, kind: Kind = Kind.COMPLETED, repeats: tuple[int, ...] = ()) -> Digest:
    """A digest of so many changes of one kind, some of which may have been told already."""
    return digest([told_of(f"change-{n:03}", kind, is_repeat=n in repeats) for n in range(count)], OVERVIEW)


def title(*kinds: Kind, language: Language = ENGLISH) -> str:
    """The title of a digest of changes with these headlines."""
    return digests.title(digest([told_of("orders", kind) for kind in kinds], ()), Reader(language))


def test_the_title_counts_what_has_happened() -> None:
    """The worst first and in its word, in one short line, and what there is to do."""
    assert digests.title(fleet_digest(), READER) == (
        "FAILED: 2, no progress: 1, completed: 9 (12 changes) · action needed"
    )
    assert digests.title(fleet_digest(), Reader(CHINESE)) == (
        "失败 2 个，停滞 1 个，已完成 9 个（共 12 个变更） · 需要处理"
    )


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_can_be_counted(kind: Kind, language: Language) -> None:
    """One of them as well as many."""
    one, many_of_them = title(kind, language=language), title(*[kind] * 12, language=language)

    assert re.findall(r"\d+", one) == ["1", "1"]
    assert re.findall(r"\d+", many_of_them) == ["12", "12"]
    assert language is CHINESE or "(1 change) · " in one


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        (Kind.COMPLETED, " · no action needed"),
        (Kind.STALLED, " · please check"),
        (Kind.LOST, " · action needed"),
    ],
)
def test_the_title_ends_with_what_there_is_to_do(kind: Kind, end: str) -> None:
    """By the worst of all that is told."""
    assert title(Kind.STARTED, kind).endswith(end)


def test_what_comes_after_the_four_worst_kinds_is_summed_up() -> None:
    """A title with a count of every kind would say less than one with five."""
    worst = [Kind.FAILED, Kind.STEP_FAILED, Kind.CANCELLED, Kind.STALLED]

    assert title(Kind.STARTED, *worst) == (
        "FAILED: 1, FAILED at a step: 1, cancelled: 1, no progress: 1, 1 other (5 changes) · action needed"
    )
    assert title(*Kind).endswith(f", {len(Kind) - 4} others ({len(Kind)} changes) · action needed")


@pytest.mark.parametrize(
    ("length_max", "said"),
    [
        (
            98,
            (
                "FAILED: 1, FAILED at a step: 1, cancelled: 1, no progress: 1, 1 other (5 changes)"
                " · action needed"
            ),
        ),
        (80, "FAILED: 1, FAILED at a step: 1, 3 others (5 changes) · action needed"),
        (60, "FAILED: 1, 4 others (5 changes) · action needed"),
        (32, "FAILED: 1, 4 others (5 changes)…"),
    ],
)
def test_where_there_is_little_room_fewer_kinds_are_named(length_max: int, said: str) -> None:
    """The worst are named longest."""
    worst = [Kind.FAILED, Kind.STEP_FAILED, Kind.CANCELLED, Kind.STALLED, Kind.STARTED]
    whole = digest([told_of("orders", kind) for kind in worst], ())

    assert digests.title(whole, READER, length_max) == said


def test_a_change_is_told_in_a_line_as_its_own_message_would_be_titled() -> None:
    """Names, figures and marks of repeats are the same in both; that nothing is to do goes unsaid."""
    lines = ["".join(digests.line(message, READER)) for message in fleet_digest().messages]

    assert lines[:4] == [
        "audit: capacity change FAILED at Rolling scaling · 40% · action needed · possible repeat",
        "carts: capacity change FAILED after 38 minutes · 40% · action needed",
        "payments: no progress for 30 minutes · 40% · please check",
        "orders-10: capacity change completed in 10 minutes",
    ]
    assert "".join(digests.line(fleet_digest().messages[3], Reader(CHINESE))) == (
        "orders-10：扩容已完成，用时 10 分钟"
    )


def test_what_is_left_out_is_counted_and_marked_if_it_may_be_a_repeat() -> None:
    """Whoever hears it twice can tell, though its own line with the mark is missing."""
    assert digests.rest(many(20), READER, 20) == ""
    assert digests.rest(many(20, repeats=(3,)), READER, 15) == "… and 5 more"
    assert digests.rest(many(20, repeats=(17,)), READER, 15) == "… and 5 more (possible repeat)"
    assert digests.rest(many(20, repeats=(17,)), Reader(CHINESE), 15) == "……另有 5 项（可能重复）"


def test_a_title_is_marked_only_if_all_of_it_may_be_a_repeat() -> None:
    """One repeat among many is marked in its own line."""
    assert digests.title(many(2, repeats=(0, 1)), READER).endswith(" · no action needed · possible repeat")
    assert digests.title(many(2, repeats=(0,)), READER).endswith(" · no action needed")


@given(DIGESTS, READERS, st.integers(20, 300))
def test_a_title_counts_every_change_in_one_short_line(
    any_digest: Digest, reader: Reader, length_max: int
) -> None:
    """No text from outside is in it, so it is as short for any."""
    *counts, total = map(int, re.findall(r"\d+", digests.title(any_digest, reader)))
    said = digests.title(any_digest, reader, length_max)

    assert " · ".join(digests.title_parts(any_digest, reader)) == digests.title(any_digest, reader)
    assert total == sum(counts) == len(any_digest.messages)
    assert 0 < len(said) <= length_max
    assert said.isprintable()


@given(DIGESTS, READERS)
def test_a_line_is_one_visible_line(any_digest: Digest, reader: Reader) -> None:
    """Whatever a change or its steps are called; and it says no less than the change's own title."""
    for message in any_digest.messages:
        name, told = digests.line(message, reader)

        assert f"{name}{told}".isprintable()
        assert name
        assert set(told.split(" · ")[1:]) <= set(title_of_message(message, reader).split(" · "))
