"""The configured channels: what each wants to hear, and how it is reached when there is something."""

from __future__ import annotations

from collections.abc import Iterator

from handler.settings import Settings
from notifiers.channel import Channel
from notifiers.dispatch import Sender
from notifiers.messages import Content
from notifiers.network import Network
from notifiers.rates import pause_seconds
from notifiers.schemas import is_incident_service, schema_of
from notifiers.verdicts import Outcome, Verdict


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


class _ConfiguredChannel:
    """A configured channel that is opened by its first send, in that send's own thread.

    Apprise is imported only then; and whatever goes wrong with opening concerns this channel alone.
    """

    def __init__(self, name: str, url: str, network: Network, mistakes: list[str]) -> None:
        self._name = name
        self._url = url
        self._network = network
        self._mistakes = mistakes
        self._opened: Sender | None = None

    def send(self, message: Content, timeout_seconds: float) -> Verdict:
        from notifiers.apprise_channel import AppriseChannel, ChannelError  # noqa: PLC0415

        if self._opened is None:
            try:
                self._opened = AppriseChannel(self._name, self._url, self._network)
            except ChannelError as error:
                self._mistakes.append(str(error))
                return Verdict(Outcome.REFUSED, "misconfigured")
        return self._opened.send(message, timeout_seconds)


def senders(settings: Settings, mistakes: list[str]) -> Iterator[tuple[str, Sender]]:
    """How each channel is reached; one whose URL cannot be used says so in `mistakes` when it has to send."""
    network = network_of(settings)
    for name, channel in settings.channels.items():
        yield name, _ConfiguredChannel(name, channel.url.reveal(), network, mistakes)


def network_of(settings: Settings) -> Network:
    """The way out that the configuration names."""
    proxy = settings.network.proxy
    return Network(proxy.reveal() if proxy else None, settings.network.ca_file)
