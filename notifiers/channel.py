"""A channel's policy: which alerts it wants to hear, and when it wants silence.

The channel's URL is a secret and stays out of here; see `apprise_channel.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime, time, timedelta
from fnmatch import fnmatchcase
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from notifiers.alerts import Alert, Group, Kind, Severity

_DAY: Final = timedelta(days=1)
_CLOCK_TIME: Final = r"([01]\d|2[0-3]):([0-5]\d)"
QUIET: Final = re.compile(rf"{_CLOCK_TIME}\s*-\s*{_CLOCK_TIME}")


class Channel(msgspec.Struct, frozen=True):
    """What one channel wants to hear.

    `changes` are glob patterns for a change's name or its `INSTANCE/TASK`; without any, it hears of all.
    `quiet` is from when until when by the clocks of `timezone` only urgent alerts pass; it may last over
    midnight. `remind_every` is how long after an alert it wants to hear that the matter still stands, and
    then again and again. Where it `is_incident`, each message opens an incident of its own, so that none may
    be gathered into a digest.
    """

    name: str
    kinds: frozenset[Kind] = frozenset(Kind)
    min_severity: Severity = Severity.INFO
    changes: tuple[str, ...] = ()
    quiet: tuple[time, time] | None = None
    timezone: ZoneInfo = ZoneInfo("UTC")
    remind_every: timedelta | None = None
    is_incident: bool = False

    def wants(self, alert: Alert, change_id: str, change_name: str) -> bool:
        """True when the channel is to hear this alert, sooner or later: a reminder only if it is its own."""
        is_reminder = alert.kind is Kind.REMINDER
        kinds = {alert.kind, alert.reminds_of or alert.kind}
        is_for_it = (alert.channel == self.name) is is_reminder
        return is_for_it and self._hears(kinds, alert.severity) and self._follows(change_id, change_name)

    def wants_reminders(self, kind: Kind, change_id: str, change_name: str) -> bool:
        """True when the channel is to be reminded of what an alert of this kind has told, while it stands."""
        hears = self._hears({Kind.REMINDER, kind}, kind.traits.severity)
        return self.remind_every is not None and hears and self._follows(change_id, change_name)

    def is_quiet(self, now: datetime) -> bool:
        """True in the quiet hours; they hold their first minute, not their last."""
        if self.quiet is None:
            return False
        start, end = self.quiet
        local = now.astimezone(self.timezone).time()
        return start <= local < end if start < end else local >= start or local < end

    def quiet_until(self, now: datetime) -> datetime | None:
        """When the quiet hours end that go on now; None if there are none, or none now."""
        if self.quiet is None or not self.is_quiet(now):
            return None
        local = now.astimezone(self.timezone)
        end = datetime.combine(local.date(), self.quiet[1], self.timezone)
        return end if end > local else datetime.combine(local.date() + _DAY, self.quiet[1], self.timezone)

    def _hears(self, kinds: AbstractSet[Kind], severity: Severity) -> bool:
        return kinds <= self.kinds and severity.rank >= self.min_severity.rank

    def _follows(self, *names: str) -> bool:
        if not self.changes:
            return True
        patterns = [pattern.casefold() for pattern in self.changes]
        return any(fnmatchcase(name.casefold(), pattern) for name in names for pattern in patterns)


def parse_kinds(names: Iterable[str]) -> frozenset[Kind]:
    """Read a channel's `alerts`: names of kinds, or of groups for all of their kinds.

    Raises:
        ValueError: A name is neither.
    """
    return frozenset[Kind]().union(*(_kinds_named(name) for name in names))


def parse_quiet(text: str) -> tuple[time, time]:
    """Read a channel's `quiet`, such as `22:00-07:00`.

    Raises:
        ValueError: It is not two different clock times.
    """
    match = QUIET.fullmatch(text.strip())
    if match is None:
        raise ValueError("Quiet hours are two clock times with a hyphen between, such as 22:00-07:00.")
    from_hour, from_minute, until_hour, until_minute = map(int, match.groups())
    quiet = time(from_hour, from_minute), time(until_hour, until_minute)
    if quiet[0] == quiet[1]:
        raise ValueError("Quiet hours begin and end at different times.")
    return quiet


def _kinds_named(name: str) -> frozenset[Kind]:
    if name in {group.value for group in Group}:
        return frozenset(kind for kind in Kind if Group(name) in kind.traits.groups)
    if name in {kind.value for kind in Kind}:
        return frozenset({Kind(name)})
    known = ", ".join(member.value for member in (*Group, *Kind))
    raise ValueError(f"An alert is one of these groups and kinds: {known}.")
