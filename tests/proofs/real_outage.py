"""An outage from its beginning to its end, and what every channel hears meanwhile and afterwards."""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

from handler.report import Report
from tests.proofs.real_site import CHANNELS, Site
from tests.proofs.real_trouble import Trouble

_NEWS_MAX: Final = 5
"""What a message still shows a line each of."""

_RECOVERY_TICKS_MAX: Final = 240


class Endured(NamedTuple):
    """A tick during an outage: its report, how long it took, and what was told.

    `told` is how many messages came, by channel and by change; `delays` is how long after the tick's
    beginning the last of them came, by channel. It had `timeout_seconds`.
    """

    report: Report
    timeout_seconds: float
    seconds: float
    told: Counter[str]
    delays: dict[str, float]

    @property
    def send_seconds(self) -> float:
        """What one send may take of its time."""
        return self.timeout_seconds / 4


def endure(site: Site, relay: str, trouble: Trouble, ticks: int) -> list[Endured]:
    """Let something be in trouble for so many ticks; in the first of them there is news of both changes."""
    site.relays[relay].fail(trouble)
    timeout_seconds = site.short_timeout_seconds
    endured = []
    for number in range(ticks):
        for change in site.changes if number < _NEWS_MAX else ():
            change.move()
        endured.append(_tick(site, timeout_seconds))
    site.relays[relay].fail(None)
    return endured


def recover(site: Site) -> Counter[str]:
    """Tick until everything is told, and twice more for nothing; how many messages came, by channel."""
    before = site.counts()
    for _ in range(_RECOVERY_TICKS_MAX):
        site.tick()
        if site.is_quiet:
            break
    told = site.counts()
    for _ in range(2):
        site.tick()
    assert site.counts() == told, "something was told twice"
    return told - before


def _tick(site: Site, timeout_seconds: float) -> Endured:
    before = site.counts()
    ticked = site.tick(timeout_seconds)
    latest = {name: max(site.relays[name].passed_at, default=0.0) for name in CHANNELS}
    delays = {name: at - ticked.began_at for name, at in latest.items()}
    return Endured(ticked.report, timeout_seconds, ticked.seconds, site.counts() - before, delays)
