"""What a log forgets that has grown too long, and what never goes before something else."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from handler.core.ledger import ChannelState, Ledger
from handler.core.trimming import ALERTS_MAX, HEARD_ALERTS_MAX, trim
from notifiers.alerts import Alert, Kind

NOW: Final = datetime(2026, 11, 24, 8, tzinfo=timezone.utc)
NAMES: Final = ("ops", "boss", "gone")

entries = st.sampled_from(
    [
        *((Kind.REMINDER, name, kind) for name in NAMES for kind in (Kind.STALLED, Kind.FAILED)),
        (Kind.STEP_STARTED, None, None),
        (Kind.CHANNEL_REFUSED, "ops", None),
    ]
)


def log_of(entries: list[tuple[Kind, str | None, Kind | None]]) -> tuple[Alert, ...]:
    """A log of such alerts."""
    return tuple(
        Alert(number, kind, f"c{number}", NOW, channel=channel, reminds_of=matter)
        for number, (kind, channel, matter) in enumerate(entries, 1)
    )


@given(
    st.lists(entries, max_size=30).map(lambda part: part * 30),
    st.dictionaries(st.sampled_from(["ops", "boss"]), st.floats(0, 1)),
)
def test_what_goes_first_are_reminders_that_nobody_needs(
    log: list[tuple[Kind, str | None, Kind | None]], heard: dict[str, float]
) -> None:
    """The order stays, the bounds hold, and nothing else goes as long as there is such a reminder."""
    channels = {name: ChannelState(round(part * len(log))) for name, part in heard.items()}
    ledger = Ledger("i/t", NOW, length=len(log), alerts=log_of(log), channels=channels)
    heard_upto = min((state.offset for state in channels.values()), default=len(log))
    spent = {
        alert.number
        for alert in ledger.alerts
        if alert.kind is Kind.REMINDER
        and (alert.channel not in channels or channels[alert.channel].offset >= alert.number)
        and any(
            (a.channel, a.reminds_of) == (alert.channel, alert.reminds_of)
            for a in log_of(log)[alert.number :]
        )
    }

    after = trim(ledger)

    kept = [alert.number for alert in after.alerts]
    gone = {alert.number for alert in ledger.alerts} - set(kept)
    rest = [number for number in range(1, len(log) + 1) if number not in spent]
    assert [alert for alert in ledger.alerts if alert.number in set(kept)] == list(after.alerts)
    assert len(kept) <= ALERTS_MAX
    assert sum(number <= heard_upto for number in kept) <= HEARD_ALERTS_MAX
    if gone - spent:
        assert not spent & set(kept)
        assert kept == rest[-len(kept) :] or sum(number <= heard_upto for number in kept) == HEARD_ALERTS_MAX
    assert trim(after) == after


def test_a_log_within_its_bounds_keeps_everything() -> None:
    """Old reminders, too: they have happened."""
    log = log_of([(Kind.REMINDER, "ops", Kind.FAILED)] * HEARD_ALERTS_MAX)
    ledger = Ledger("i/t", NOW, length=HEARD_ALERTS_MAX, alerts=log, channels={"ops": ChannelState(200)})

    assert trim(ledger) == ledger
