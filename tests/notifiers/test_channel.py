"""What a channel wants to hear, and when it wants silence."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.alerts import Alert, Group, Kind, Severity
from notifiers.channel import Channel, parse_kinds, parse_quiet
from tests.notifiers.examples import alert

CHANGE = "6f2b/91aa"
ANY_TIME = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001


def an_alert(kind: Kind, reminds_of: Kind = Kind.FAILED) -> Alert:
    """An alert of this kind; a reminder is one for `ops`."""
    if kind is Kind.REMINDER:
        return alert(1, kind, channel="ops", reminds_of=reminds_of)
    return alert(1, kind)


def wants(channel: Channel, kind: Kind, name: str = "orders-eu") -> bool:
    """Whether the channel wants an alert of this kind about a change of this name."""
    return channel.wants(an_alert(kind), CHANGE, name)


def test_a_channel_wants_everything_by_default() -> None:
    """Without a word in the configuration every kind of every change is heard."""
    assert all(wants(Channel("ops"), kind) for kind in Kind)


def test_a_channel_wants_only_its_kinds() -> None:
    """Kinds that are not listed are not heard."""
    channel = Channel("ops", kinds=frozenset({Kind.FAILED}))

    assert wants(channel, Kind.FAILED)
    assert not wants(channel, Kind.COMPLETED)


@pytest.mark.parametrize("least", Severity)
def test_a_channel_wants_what_is_grave_enough(least: Severity) -> None:
    """Severities are ordered, and the least one is heard too."""
    channel = Channel("ops", min_severity=least)

    heard = {kind for kind in Kind if wants(channel, kind)}

    assert heard == {kind for kind in Kind if an_alert(kind).severity.rank >= least.rank}


@pytest.mark.parametrize(
    ("pattern", "is_heard"),
    [
        ("orders-eu", True),
        ("Orders-*", True),
        ("ORDERS-??", True),
        ("6F2B/*", True),
        ("6f2b/91aa", True),
        ("orders", False),
        ("payments-*", False),
    ],
)
def test_a_channel_follows_changes_by_name_or_id(pattern: str, is_heard: bool) -> None:  # noqa: FBT001
    """A pattern fits the name or the id as a whole, in any case of letters."""
    assert wants(Channel("ops", changes=("nothing-*", pattern)), Kind.STARTED) is is_heard


@pytest.mark.parametrize(
    ("quiet", "clock", "expected"),
    [
        ("22:00-07:00", "21:59", False),
        ("22:00-07:00", "22:00", True),
        ("22:00-07:00", "03:00", True),
        ("22:00-07:00", "06:59", True),
        ("22:00-07:00", "07:00", False),
        ("12:00-13:30", "13:29", True),
        ("12:00-13:30", "13:30", False),
        ("12:00-13:30", "11:59", False),
    ],
)
def test_quiet_hours_may_last_over_midnight(quiet: str, clock: str, expected: bool) -> None:  # noqa: FBT001
    """They begin with their first minute and are over at the last."""
    now = datetime.fromisoformat(f"2026-11-24T{clock}:00+00:00")

    assert Channel("ops", quiet=parse_quiet(quiet)).is_quiet(now) is expected


def test_quiet_hours_are_those_of_the_channels_zone() -> None:
    """Night in Shanghai is afternoon in UTC."""
    channel = Channel("ops", quiet=parse_quiet("22:00-07:00"), timezone=ZoneInfo("Asia/Shanghai"))

    assert channel.is_quiet(datetime(2026, 11, 24, 15, 0, tzinfo=timezone.utc))
    assert not channel.is_quiet(datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc))


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        # Spring: 01:59 CET is followed by 03:00 CEST, so this night has an hour less.
        ("2026-03-28T22:59", False),
        ("2026-03-28T23:00", True),
        ("2026-03-29T00:59", True),
        ("2026-03-29T01:00", True),
        ("2026-03-29T02:59", True),
        ("2026-03-29T03:00", False),
        # Autumn: 02:59 CEST is followed by 02:00 CET, so this one has an hour more.
        ("2026-10-24T21:59", False),
        ("2026-10-24T22:00", True),
        ("2026-10-25T00:30", True),
        ("2026-10-25T01:30", True),
        ("2026-10-25T03:59", True),
        ("2026-10-25T04:00", False),
    ],
)
def test_quiet_hours_go_by_the_clock_on_the_wall_when_it_is_changed(utc: str, expected: bool) -> None:  # noqa: FBT001
    """A night from midnight to five is that, however long it lasts."""
    channel = Channel("ops", quiet=parse_quiet("00:00-05:00"), timezone=ZoneInfo("Europe/Berlin"))

    assert channel.is_quiet(datetime.fromisoformat(f"{utc}:00+00:00")) is expected


def test_an_hour_that_the_clock_leaves_out_is_not_quiet_and_one_that_it_repeats_is_twice() -> None:
    """As long as the clock on the wall says so."""
    channel = Channel("ops", quiet=parse_quiet("02:00-03:00"), timezone=ZoneInfo("Europe/Berlin"))
    spring = datetime(2026, 3, 29, tzinfo=timezone.utc)
    autumn = datetime(2026, 10, 25, tzinfo=timezone.utc)

    for day, minutes in ((spring, 0), (autumn, 120), (autumn + timedelta(days=1), 60)):
        assert sum(channel.is_quiet(day + timedelta(minutes=n)) for n in range(-120, 22 * 60)) == minutes


ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Chatham"])


@given(ANY_TIME, st.times(), st.times(), ZONES)
def test_quiet_hours_are_counted_on_the_clock_of_the_zone(
    now: datetime, start: time, end: time, zone: str
) -> None:
    """From their beginning on for as long as they last, around midnight or not."""
    if start == end:
        return
    channel = Channel("ops", quiet=(start, end), timezone=ZoneInfo(zone))
    clock = now.astimezone(ZoneInfo(zone)).time()

    assert channel.is_quiet(now) is (_since(start, clock) < _since(start, end))


def _since(start: time, clock: time) -> timedelta:
    """How long before the clock showed this it last showed the start, on a day of 24 hours."""
    day = datetime(2026, 11, 24)  # noqa: DTZ001
    return (datetime.combine(day, clock) - datetime.combine(day, start)) % timedelta(days=1)


@pytest.mark.parametrize(
    ("quiet", "clock", "expected"),
    [
        ("22:00-07:00", "2026-11-24T23:00", "2026-11-25T07:00"),
        ("22:00-07:00", "2026-11-24T06:59", "2026-11-24T07:00"),
        ("12:00-13:00", "2026-11-24T12:00", "2026-11-24T13:00"),
        ("22:00-07:00", "2026-11-24T07:00", None),
        (None, "2026-11-24T23:00", None),
    ],
)
def test_it_tells_when_its_quiet_hours_end(quiet: str | None, clock: str, expected: str | None) -> None:
    """If any go on: today or tomorrow, by the clocks of its zone."""
    zone = ZoneInfo("Asia/Shanghai")
    channel = Channel("ops", quiet=parse_quiet(quiet) if quiet else None, timezone=zone)
    now = datetime.fromisoformat(clock).replace(tzinfo=zone).astimezone(timezone.utc)
    end = datetime.fromisoformat(expected).replace(tzinfo=zone) if expected else None

    assert channel.quiet_until(now) == end


def test_without_quiet_hours_it_is_never_quiet() -> None:
    """Silence has to be asked for."""
    assert not Channel("ops").is_quiet(datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc))


@given(ANY_TIME, st.times(), st.times())
def test_a_moment_is_quiet_either_within_hours_or_within_their_complement(
    now: datetime, start: time, end: time
) -> None:
    """Exchanging start and end turns quiet into loud, whatever the clock says."""
    if start == end:
        return
    by_day, by_night = Channel("ops", quiet=(start, end)), Channel("ops", quiet=(end, start))

    assert by_day.is_quiet(now) != by_night.is_quiet(now)
    assert by_day.is_quiet(now) == by_day.is_quiet(now + timedelta(days=1))


def test_kinds_are_read_from_names_of_kinds_and_groups() -> None:
    """A group stands for all of its kinds; naming one twice does no harm."""
    steps = {Kind.STEP_STARTED, Kind.STEP_COMPLETED, Kind.STEP_FAILED}

    assert parse_kinds(["steps", "failed", "step_failed"]) == steps | {Kind.FAILED}
    assert parse_kinds([group.value for group in Group]) == set(Kind)
    assert parse_kinds([]) == frozenset()


def test_an_unknown_kind_is_an_error_that_lists_the_known_ones() -> None:
    """The sentence helps to correct the name and does not repeat it."""
    with pytest.raises(ValueError, match=r"one of these groups and kinds: progress, steps, .*, started, "):
        parse_kinds(["stopped"])


@pytest.mark.parametrize("text", ["22:00", "22-7", "24:00-07:00", "22:60-07:00", "night", ""])
def test_quiet_hours_that_are_none_are_an_error(text: str) -> None:
    """Only two clock times will do."""
    with pytest.raises(ValueError, match="such as 22:00-07:00"):
        parse_quiet(text)


def test_quiet_hours_without_length_are_an_error() -> None:
    """Nobody can tell whether never or always is meant."""
    with pytest.raises(ValueError, match="different times"):
        parse_quiet("22:00-22:00")


@given(st.times().map(lambda t: t.replace(second=0, microsecond=0)), st.times())
def test_quiet_hours_are_read_as_they_are_written(start: time, end: time) -> None:
    """Any two clock times of day come back."""
    end = end.replace(second=0, microsecond=0)
    if start == end:
        return

    assert parse_quiet(f" {start:%H:%M} - {end:%H:%M} ") == (start, end)


def test_a_channel_never_hears_of_its_own_refusal() -> None:
    """It would refuse that too; all others that want trouble hear it."""
    refusal = alert(1, Kind.CHANNEL_REFUSED, channel="ops")

    assert [Channel(name).wants(refusal, "i/t", "orders") for name in ("ops", "team")] == [False, True]


@pytest.mark.parametrize("kind", [Kind.STALLED, Kind.STEP_FAILED, Kind.FAILED, Kind.LOST])
def test_a_channel_is_reminded_of_what_it_has_heard(kind: Kind) -> None:
    """If it wants that at all, how often it may be said; and no channel hears another's reminder."""
    reminder = an_alert(Kind.REMINDER, kind)
    ops, mute = Channel("ops", remind_every=timedelta(hours=1)), Channel("ops")
    deaf = Channel("ops", kinds=frozenset(Kind) - {kind}, remind_every=timedelta(hours=1))

    assert ops.wants(reminder, CHANGE, "orders")
    assert not Channel("team").wants(reminder, CHANGE, "orders")
    assert not deaf.wants(reminder, CHANGE, "orders")
    assert [channel.wants_reminders(kind, CHANGE, "orders") for channel in (ops, mute, deaf)] == [
        True,
        False,
        False,
    ]


PATTERNS = st.sampled_from(["orders-*", "ORDERS-EU", "6f2b/*", "payments", "*-eu", "[a-c]*"])
FITTING = {"orders-*", "ORDERS-EU", "6f2b/*", "*-eu"}
CHANNELS = st.builds(
    Channel,
    st.sampled_from(["ops", "team"]),
    kinds=st.frozensets(st.sampled_from(Kind)) | st.just(frozenset(Kind)),
    min_severity=st.sampled_from(Severity),
    changes=st.lists(PATTERNS, max_size=3).map(tuple),
    remind_every=st.none() | st.just(timedelta(hours=1)),
)
ORDER = ["info", "success", "warning", "failure"]


@given(
    CHANNELS,
    st.sampled_from(Kind),
    st.sampled_from([Kind.STALLED, Kind.FAILED]),
    st.sampled_from([None, "ops", "team"]),
)
def test_a_channel_hears_what_fits_all_that_it_asks_for(
    channel: Channel, kind: Kind, reminds_of: Kind, about: str | None
) -> None:
    """Kind or group, severity, name of the change, and whose it is: all four, for every alert."""
    is_reminder = kind is Kind.REMINDER
    told = alert(1, kind, channel=about, reminds_of=reminds_of if is_reminder else None)
    severity = (reminds_of if is_reminder else kind).traits.severity
    conditions = [
        kind in channel.kinds and (reminds_of in channel.kinds or not is_reminder),
        ORDER.index(severity.value) >= ORDER.index(channel.min_severity.value),
        not channel.changes or bool(FITTING & set(channel.changes)),
        about == channel.name if is_reminder else about != channel.name,
    ]

    assert channel.wants(told, CHANGE, "orders-eu") is all(conditions)
    if is_reminder and about == channel.name:
        wants_reminders = channel.wants_reminders(reminds_of, CHANGE, "orders-eu")
        assert wants_reminders is (all(conditions) and channel.remind_every is not None)


@given(st.lists(st.sampled_from([*Group, *Kind])))
def test_groups_and_kinds_add_up(members: list[Group | Kind]) -> None:
    """A kind is heard if it is named, or one of its groups is."""
    kinds = parse_kinds([member.value for member in members])

    assert kinds == {kind for kind in Kind if kind in members or kind.traits.groups & set(members)}
