"""How many there are of something."""

from __future__ import annotations

import pytest

from handler.local.printing.counting import counted


@pytest.mark.parametrize(
    ("number", "noun", "expected"),
    [(1, "watch", "1 watch"), (2, "watch", "2 watches"), (0, "key", "0 keys")],
)
def test_things_are_counted_in_english(number: int, noun: str, expected: str) -> None:
    """One, or many."""
    assert counted(number, noun) == expected
