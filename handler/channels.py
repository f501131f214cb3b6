"""The configured channels: what each wants to hear, and how it is reached, as far as that is settings."""

from __future__ import annotations

from collections.abc import Iterator

from handler.settings import Settings
from notifiers.channel import Channel
from notifiers.network import Network
from notifiers.rates import pause_seconds
from notifiers.schemas import is_incident_service, schema_of


def policies(settings: Settings) -> Iterator[Channel]:
    """What each channel wants to hear, and when."""
    for name, channel in settings.channels.items():
        yield Channel(
            name=name,
            kinds=channel.alerts,
            min_severity=channel.min_severity,
            changes=channel.changes,
            quiet=channel.quiet,
            timezone=channel.timezone or settings.timezone,
            remind_every=channel.remind_every,
            is_incident=is_incident_service(schema_of(channel.url.reveal())),
        )


def pauses(settings: Settings, seconds_max: float) -> dict[str, float]:
    """For how many seconds each channel's service is left alone between two messages, at most so many.

    A function that has little time would otherwise tell such a channel of one change in each invocation.
    """
    return {
        name: min(pause_seconds(schema_of(channel.url.reveal())), seconds_max)
        for name, channel in settings.channels.items()
    }


def network_of(settings: Settings) -> Network:
    """The way out that the configuration names."""
    proxy = settings.network.proxy
    return Network(proxy.reveal() if proxy else None, settings.network.ca_file)
