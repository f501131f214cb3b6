"""Which channels a caller may want tried, and what cannot be understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.chosen import CHANNELS_MAX, NAME_LENGTH_MAX, Chosen
from handler.web.answers import BadRequestError
from handler.web.trials import read_trying

WRONG = "`channels` wants a list of 1 to 100 names; leave it out, and all channels are tried."

NO_NAME = (
    "`channels`: {} is no channel's name, which has at most 100 lower-case letters, digits, '-' and '_'."
)
ODD = NO_NAME.format("an odd name")


@pytest.mark.parametrize(
    ("payload", "channels"),
    [
        ({}, ()),
        ({"channels": None}, ()),
        ({"channels": ["ops"]}, ("ops",)),
        ({"channels": ["ops", "boss", "ops"]}, ("ops", "boss", "ops")),
        ({"channels": ["c"] * CHANNELS_MAX}, ("c",) * CHANNELS_MAX),
        ({"channels": ["c" * NAME_LENGTH_MAX, "a_b-1"]}, ("c" * NAME_LENGTH_MAX, "a_b-1")),
    ],
)
def test_some_channels_are_named_or_all_are_meant(
    payload: dict[str, object], channels: tuple[str, ...]
) -> None:
    """As the command has it."""
    assert read_trying(payload) == Chosen(channels)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"channels": "ops"}, WRONG),
        ({"channels": []}, WRONG),
        ({"channels": {}}, WRONG),
        ({"channels": [1]}, WRONG),
        ({"channels": ["ops", None]}, WRONG),
        ({"channels": False}, WRONG),
        ({"channels": ["c"] * (CHANNELS_MAX + 1)}, WRONG),
        ({"channels": ["ops", "c" * 3_900_000]}, ODD),
        ({"channels": ["c" * (NAME_LENGTH_MAX + 1)]}, ODD),
        ({"channels": ["Ops"]}, NO_NAME.format("`Ops`")),
        ({"channels": ["ops\n"]}, ODD),
        ({"channels": [""]}, ODD),
    ],
)
def test_what_cannot_be_understood_sends_nothing(payload: dict[str, object], message: str) -> None:
    """A slip must not send a message to everybody."""
    with pytest.raises(BadRequestError) as told:
        read_trying(payload)
    assert str(told.value) == message


anything = st.recursive(
    st.none() | st.integers() | st.text() | st.sampled_from(["ops", "boss"]),
    lambda inner: st.lists(inner, max_size=3),
)


@given(st.dictionaries(st.just("channels") | st.text(max_size=3), anything))
def test_every_body_is_understood_or_told(payload: dict[str, object]) -> None:
    """Nothing else comes of it."""
    try:
        trying = read_trying(payload)
    except BadRequestError:
        return
    assert list(trying.channels) == (payload.get("channels") or [])
