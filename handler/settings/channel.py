"""What can be configured for one channel."""

# Without `from __future__ import annotations`: what the annotations hold is used.
from datetime import time, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from handler.settings import addresses, times, values
from handler.settings.secret import Secret
from handler.settings.section import Key, Section
from notifiers.alerts import Group, Kind, Severity
from notifiers.language_code import LanguageCode

_STANDING: Final = frozenset({Kind.STEP_FAILED, Kind.FAILED, Kind.LOST, Kind.STALLED})
"""What may stand so long that one is reminded of it."""


class ChannelSettings(Section, frozen=True):
    """Somewhere to send alerts, and which."""

    url: Annotated[
        Secret,
        Key(
            "an apprise URL with one target, such as slack://TOKEN_A/TOKEN_B/TOKEN_C",
            addresses.read_channel_url,
        ),
    ]
    alerts: Annotated[
        frozenset[Kind],
        Key(f"a list of {', '.join(m.value for m in (*Group, *Kind))}", values.read_kinds),
    ] = frozenset(Kind)
    min_severity: Annotated[
        Severity, Key("info, success, warning or failure", values.reader_of(Severity))
    ] = Severity.INFO
    changes: Annotated[
        tuple[str, ...],
        Key("a list of patterns of changes' names, such as [orders-*]", values.read_patterns),
    ] = ()
    language: Annotated[LanguageCode | None, Key("en or zh", values.reader_of(LanguageCode))] = None
    quiet: Annotated[tuple[time, time] | None, Key("hours as 22:00-07:00", times.read_quiet)] = None
    timezone: Annotated[ZoneInfo | None, Key("an IANA name, such as Asia/Shanghai", times.read_timezone)] = (
        None
    )
    remind_every: Annotated[
        timedelta | None, Key("a duration of at least 10m, such as 1h", times.read_period)
    ] = None
    templates: Annotated[str | None, Key("the path of a folder with templates", values.read_text)] = None

    def check(self) -> None:
        """See `Section`."""
        standing = {kind for kind in _STANDING & self.alerts if self.is_grave(kind)}
        if self.remind_every is not None and (Kind.REMINDER not in self.alerts or not standing):
            names = ", ".join(kind.value for kind in Kind if kind in _STANDING)
            raise ValueError(
                "has a remind_every, but hears of nothing to be reminded of",
                f"among its alerts reminder and one of {names}, and a min_severity that lets it through",
            )

    def is_grave(self, kind: Kind) -> bool:
        """True for a kind of alert that its `min_severity` lets through."""
        return kind.traits.severity.rank >= self.min_severity.rank
