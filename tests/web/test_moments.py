"""Which moments are marked on an axis of time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.web.drawing.moments import MOMENTS_MAX, MOMENTS_MIN, SPAN_MIN, round_moments

BERLIN = ZoneInfo("Europe/Berlin")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
SHANGHAI = ZoneInfo("Asia/Shanghai")
UTC = timezone.utc

moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
spans = st.integers(3, 100).map(lambda s: timedelta(seconds=s)) | st.timedeltas(
    SPAN_MIN, timedelta(days=40_000)
)
zones = st.sampled_from(
    [BERLIN, KATHMANDU, SHANGHAI, ZoneInfo("UTC"), ZoneInfo("Pacific/Apia"), ZoneInfo("America/St_Johns")]
)


def read(text: str) -> datetime:
    """A moment of the year 2026 in UTC, as `11-24 08:00:00`."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("begins", "ends", "zone", "expected"),
    [
        ("11-24 08:00:03", "11-24 08:00:06", SHANGHAI, "16:00:03 16:00:04 16:00:05 16:00:06"),
        ("11-24 08:01:00", "11-24 08:10:59", SHANGHAI, "16:02:00 16:04:00 16:06:00 16:08:00 16:10:00"),
        # There would be seven of every two minutes, and two of every five.
        ("11-24 08:01:54", "11-24 08:14:06", SHANGHAI, "16:03:00 16:06:00 16:09:00 16:12:00"),
        ("11-24 08:07:00", "11-24 08:52:00", SHANGHAI, "16:15:00 16:30:00 16:45:00"),
        ("11-24 08:10:00", "11-24 11:20:00", KATHMANDU, "14:00:00 15:00:00 16:00:00 17:00:00"),
        ("11-24 08:00:00", "11-25 09:00:00", BERLIN, "12:00:00 18:00:00 00:00:00 06:00:00"),
        ("11-22 22:00:00", "11-25 22:00:00", BERLIN, "00:00:00 00:00:00 00:00:00"),
        # Berlin's clocks go back on 25 October at 03:00: the hour before that comes twice.
        ("10-25 00:10:00", "10-25 00:50:00", BERLIN, "02:15:00 02:30:00 02:45:00"),
        ("10-25 01:10:00", "10-25 01:50:00", BERLIN, "02:15:00 02:30:00 02:45:00"),
        ("10-23 23:00:00", "10-26 23:00:00", BERLIN, "00:00:00 00:00:00 00:00:00"),
        ("10-24 22:00:00", "10-26 22:30:00", BERLIN, "00:00:00 00:00:00"),
    ],
)
def test_they_are_round_by_the_clocks_of_the_reader(
    begins: str, ends: str, zone: ZoneInfo, expected: str
) -> None:
    """Quarters, hours and midnights are those of the zone, whatever its distance from UTC."""
    found = round_moments(read(begins), read(ends), zone)

    assert " ".join(f"{moment.astimezone(zone):%H:%M:%S}" for moment in found) == expected


@given(moments, spans, zones)
def test_they_are_three_to_six_in_order_and_not_crowded(
    begins_at: datetime, span: timedelta, zone: ZoneInfo
) -> None:
    """From seconds to a century; two now and then where days are longer or shorter by an hour or more."""
    ends_at = begins_at + span
    found = round_moments(begins_at, ends_at, zone)
    gaps = [later - moment for moment, later in pairwise(found)]

    assert MOMENTS_MIN - 1 <= len(found) <= MOMENTS_MAX
    assert len(found) >= MOMENTS_MIN or min(gaps) >= timedelta(hours=20)
    assert begins_at <= found[0] <= found[-1] <= ends_at
    assert min(gaps) * 8 > span
    assert all(moment.tzinfo is UTC for moment in found)


@given(moments, st.integers(3, 40_000), zones)
def test_no_length_of_time_is_without_them(begins_at: datetime, seconds: int, zone: ZoneInfo) -> None:
    """Below half a day, where clocks that change do not matter, there are always three."""
    found = round_moments(begins_at, begins_at + timedelta(seconds=seconds), zone)

    assert MOMENTS_MIN <= len(found) <= MOMENTS_MAX
