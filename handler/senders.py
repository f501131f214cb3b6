"""How the configured channels are reached when there is something to send, and how it is sent to them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from handler.channels import network_of, pauses
from handler.clock import Budget, Deadline
from handler.core.problem import Problem, ProblemKind
from handler.credentials import ConfigurationError, huawei_credentials
from handler.huaweicloud.signing import Credentials, sign
from handler.runtimes import Runtime
from handler.sending import Dispatch
from handler.settings import ChannelSettings, Settings
from handler.situation import Links
from handler.transport import Request
from notifiers.dispatch import Limits, Parcel, Sender, Sent, dispatch
from notifiers.messages import Content
from notifiers.signer import Keys, Sign, UnsignedRequest
from notifiers.verdicts import MISCONFIGURED, Verdict

if TYPE_CHECKING:
    from notifiers.saying import Reader

_CONSOLE: Final = "https://console.huaweicloud.com/dms/?region={region}"


@dataclass(frozen=True)
class Notes:
    """What is wrong with how channels are configured, in sentences; found when there is something to send.

    `mistakes` keep a channel from sending; for all `remarks` it has sent, though not in the way wanted.
    """

    mistakes: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def blame(self, mistake: str) -> None:
        """Note a mistake, once however many channels it keeps from sending."""
        if mistake not in self.mistakes:
            self.mistakes.append(mistake)

    def remark(self, remark: str) -> None:
        """Note a remark, once."""
        if remark not in self.remarks:
            self.remarks.append(remark)

    @property
    def problem(self) -> Problem | None:
        """All the mistakes as one problem, if there are any."""
        return Problem(ProblemKind.MISCONFIGURED, " ".join(self.mistakes)) if self.mistakes else None


class _ConfiguredChannel:
    """A configured channel that is opened by its first send, in that send's own thread.

    Apprise is imported only then; and whatever goes wrong with opening concerns this channel alone.
    """

    def __init__(self, name: str, settings: Settings, sign: Sign, notes: Notes) -> None:
        self._name = name
        self._settings = settings
        self._sign = sign
        self._notes = notes
        self._opened: Sender | None = None

    def send(self, message: Content, timeout_seconds: float) -> Verdict:
        begun = time.monotonic()
        from notifiers.apprise_channel import ChannelError  # noqa: PLC0415

        if self._opened is None:
            try:
                self._opened = self._open()
            except ChannelError as error:
                self._notes.blame(str(error))
                return MISCONFIGURED
        # To import apprise takes a second where there is little processor time.
        return self._opened.send(message, timeout_seconds - (time.monotonic() - begun))

    def _open(self) -> Sender:
        from notifiers.apprise_channel import AppriseChannel, Style  # noqa: PLC0415

        settings, channel = self._settings, self._settings.channels[self._name]
        style = Style(reader_of(settings, channel), channel.templates, self._complain)
        return AppriseChannel(self._name, channel.url.reveal(), network_of(settings), style, self._sign)

    def _complain(self, complaint: str) -> None:
        self._notes.remark(f"Channel {self._name} {complaint}.")


def reader_of(settings: Settings, channel: ChannelSettings) -> Reader:
    """For whom a channel's messages are written; what it does not say itself holds for all."""
    # Imported here, because the languages take long to import, and only who sends needs them.
    from notifiers.languages import LANGUAGES  # noqa: PLC0415
    from notifiers.saying import Reader  # noqa: PLC0415

    return Reader(LANGUAGES[channel.language or settings.language], channel.timezone or settings.timezone)


def links_of(settings: Settings) -> Links:
    """Where messages lead by the configuration; to the region's console if that says nothing."""
    console = _CONSOLE.format(region=settings.huaweicloud.region)
    return Links(settings.links.status_page, settings.links.console or console)


def open_channels(
    settings: Settings, runtime: Runtime, now: Callable[[], datetime], notes: Notes
) -> dict[str, Sender]:
    """How each configured channel is reached; what is wrong with one is noted when it has to send."""

    def find_credentials() -> Credentials:
        try:
            return huawei_credentials(settings, runtime)
        except ConfigurationError as error:
            notes.blame(str(error))
            raise

    sign_headers = signer(find_credentials, now)
    return {name: _ConfiguredChannel(name, settings, sign_headers, notes) for name in settings.channels}


def signer(find_credentials: Callable[[], Credentials], now: Callable[[], datetime]) -> Sign:
    """How a channel's requests to Huawei Cloud are signed: with the keys in its URL, or else with our own.

    Those are looked for only then, for most channels do without.
    """

    def sign_headers(request: UnsignedRequest, keys: Keys | None) -> Mapping[str, str]:
        used = Credentials(keys.access_key, keys.secret_key) if keys else find_credentials()
        return sign(Request(*request), credentials=used, now=now()).headers

    return sign_headers


def dispatching(
    settings: Settings, ways: Mapping[str, Sender], deadline: Deadline, budget: Budget
) -> Dispatch:
    """How parcels are sent within an invocation's time; what a service asks for holds through all of it."""
    free_at: dict[str, float] = {}

    def send(parcels: Sequence[Parcel]) -> Iterator[Sent]:
        limits = Limits(
            send_seconds=budget.send_seconds,
            remaining_seconds=lambda: deadline.remaining_seconds() - budget.settle_seconds,
            pause_seconds=pauses(settings, budget.pause_seconds),
            free_at=free_at,
        )
        return dispatch(parcels, ways, limits)

    return send
