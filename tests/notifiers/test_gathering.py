"""When many messages to one channel become one digest, and that each is still accounted for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from notifiers.alerts import Kind
from notifiers.channel import Channel, parse_quiet
from notifiers.gathering import DIGEST_ABOVE, Parcel, gather
from notifiers.messages import Digest
from tests.notifiers.examples import OVERVIEW, told_of

CHANNELS = {"team": Channel("team"), "mail": Channel("mail"), "duty": Channel("duty", is_incident=True)}
SLEEPERS = {name: replace(one, quiet=parse_quiet("22:00-09:00")) for name, one in CHANNELS.items()}
"""The same, and all of them asleep when the alerts of the examples are raised."""

AWAKE = {name: replace(one, quiet=parse_quiet("09:00-22:00")) for name, one in CHANNELS.items()}
NAMES = st.sampled_from([*CHANNELS, "gone"])
KINDS = st.sampled_from([Kind.STARTED, Kind.COMPLETED, Kind.STALLED, Kind.FAILED])


def parcels(*channels: str, kind: Kind = Kind.COMPLETED) -> list[Parcel]:
    """A parcel about a change of its own to each of these channels."""
    return [Parcel(name, told_of(f"change-{number}", kind)) for number, name in enumerate(channels)]


def ids(*parcels: Parcel) -> list[str]:
    """The alerts that these parcels tell."""
    return sorted(alert_id for parcel in parcels for alert_id in parcel.message.alert_ids)


@pytest.mark.parametrize(("count", "is_digest"), [(1, False), (5, False), (6, True), (200, True)])
def test_more_than_five_messages_for_one_channel_are_one_digest(count: int, is_digest: bool) -> None:  # noqa: FBT001
    """Five are still told one by one."""
    told = parcels(*["team"] * count)

    sent = gather(told, CHANNELS, OVERVIEW)

    assert [isinstance(parcel.message, Digest) for parcel in sent] == (
        [True] if is_digest else [False] * count
    )
    assert list(sent.values()) == ([tuple(told)] if is_digest else [(parcel,) for parcel in told])


@pytest.mark.parametrize(
    ("told_before", "count", "is_digest"),
    [(0, 5, False), (3, 2, False), (3, 3, True), (5, 2, True), (5, 1, False), (100, 1, False)],
)
def test_what_a_channel_was_told_a_moment_ago_counts_as_well(
    told_before: int, count: int, *, is_digest: bool
) -> None:
    """More than five together are a flood; a single message is no digest."""
    told = parcels(*["team"] * count)

    sent = gather(told, CHANNELS, OVERVIEW, {"team": told_before})

    assert [isinstance(parcel.message, Digest) for parcel in sent] == (
        [True] if is_digest else [False] * count
    )
    assert list(sent.values()) == ([tuple(told)] if is_digest else [(parcel,) for parcel in told])


@pytest.mark.parametrize("name", ["mail", "duty", "gone"])
def test_what_was_told_a_moment_ago_makes_no_digest_where_there_is_none(name: str) -> None:
    """Neither what another channel was told, nor what an incident service was, nor one that is not known."""
    told = parcels(*[name] * 5)

    assert list(gather(told, CHANNELS, OVERVIEW, {"team": 9, "duty": 9, "gone": 9})) == told


def test_a_digest_holds_what_its_parcels_told() -> None:
    """Every message is in it, and it leads to the overview."""
    told = parcels(*["team"] * 6)

    (digest,) = (parcel.message for parcel in gather(told, CHANNELS, OVERVIEW))

    assert isinstance(digest, Digest)
    assert list(digest.messages) == [parcel.message for parcel in told]
    assert digest.links == OVERVIEW


def test_an_incident_service_never_gets_a_digest() -> None:
    """Each change is an incident of its own, with a life of its own."""
    told = parcels(*["duty"] * 9)

    assert list(gather(told, CHANNELS, OVERVIEW)) == told


def test_for_a_channel_that_is_not_known_nothing_is_gathered() -> None:
    """What it would take cannot be told."""
    told = parcels(*["gone"] * 9)

    assert list(gather(told, CHANNELS, OVERVIEW)) == told


def test_one_channels_flood_gathers_nothing_of_anothers() -> None:
    """Each channel is counted by itself, and a digest goes where the first of its parcels would have gone."""
    told = parcels("mail", *["team"] * 6, "mail")

    sent = list(gather(told, CHANNELS, OVERVIEW))

    assert [sent[0], sent[2]] == [told[0], told[7]]
    assert sent[1].channel == "team"
    assert isinstance(sent[1].message, Digest)


def test_what_was_held_back_over_night_is_one_message_in_the_morning() -> None:
    """However few they are; what is new in the morning goes along."""
    told = [*parcels("team", "mail", "team"), Parcel("team", told_of("orders", Kind.FAILED))]

    sent = gather(told, SLEEPERS, OVERVIEW)

    assert list(sent.values()) == [(told[0], told[2], told[3]), (told[1],)]
    assert [isinstance(parcel.message, Digest) for parcel in sent] == [True, False]


@pytest.mark.parametrize(
    ("told", "channels"),
    [
        (parcels("team"), SLEEPERS),
        (parcels("team", "team"), CHANNELS),
        (parcels("team", "team"), AWAKE),
        (parcels("duty", "duty"), SLEEPERS),
        (parcels("gone", "gone"), SLEEPERS),
        (parcels("team", "team", kind=Kind.FAILED), SLEEPERS),
        ([*parcels("team"), *parcels("team", kind=Kind.STALLED)], SLEEPERS),
    ],
)
def test_what_was_not_held_back_is_told_one_by_one(told: list[Parcel], channels: dict[str, Channel]) -> None:
    """A single message, what was raised by day, an incident, and what gets through at night."""
    assert list(gather(told, channels, OVERVIEW)) == told


@given(st.lists(st.tuples(NAMES, KINDS), max_size=40))
def test_every_parcel_is_stood_for_once_and_in_order(to_tell: list[tuple[str, Kind]]) -> None:
    """Whatever there is to tell: nothing is lost, doubled or sent elsewhere, and no digest is one of few."""
    told = [Parcel(name, told_of(f"change-{n}", kind)) for n, (name, kind) in enumerate(to_tell)]

    sent = gather(told, CHANNELS, OVERVIEW)

    digests = [parcel for parcel in sent if isinstance(parcel.message, Digest)]
    places = [[told.index(one) for one in ones] for ones in sent.values()]
    assert sorted(place for ones in places for place in ones) == list(range(len(told)))
    assert [ones[0] for ones in places] == sorted(ones[0] for ones in places)
    assert all(one.channel == parcel.channel for parcel, ones in sent.items() for one in ones)
    assert all(ids(parcel) == ids(*ones) for parcel, ones in sent.items())
    assert all(len(sent[parcel]) > DIGEST_ABOVE for parcel in digests)
    assert len({parcel.channel for parcel in digests}) == len(digests)
    for name in ("team", "mail"):
        assert sum(parcel.channel == name for parcel in sent) <= DIGEST_ABOVE
