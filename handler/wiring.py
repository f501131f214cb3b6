"""The composition root: the only place that builds real collaborators and reads clock and environment."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Final, NamedTuple

from handler.channels import network_of, policies, senders
from handler.clock import Budget, Clock, Deadline
from handler.credentials import ConfigurationError, huawei_credentials
from handler.huaweicloud.dms import DmsClient, endpoint_for
from handler.invocation import Dispatch, Invocation, Setting
from handler.runtimes import Runtime
from handler.settings import Fetch, Settings
from handler.situation import Links
from handler.storage import Conditions, open_store
from handler.stores.ledgers import Ledgers, Recalled
from handler.transport import Transport
from notifiers.channel import Channel
from notifiers.dispatch import Limits, Parcel, Sender, Sent, dispatch
from notifiers.network import DIRECT, Network
from notifiers.quieting import quiet_libraries

_FETCH_SECONDS_MAX: Final = 5.0
_CONSOLE: Final = "https://console.huaweicloud.com/dms/?region={region}"


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return datetime.now(timezone.utc)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()


class Built(NamedTuple):
    """An invocation, and the list in which it leaves what is wrong with channels that it had to use."""

    invocation: Invocation
    channel_mistakes: list[str]


class Workshop:
    """Builds each invocation, with what this process still has from earlier ones.

    Open connections, remembered ledgers and the client whose key last worked only save time: a process
    may lose them at any moment, or serve another configuration next, and nothing changes but the speed.
    """

    def __init__(self, clock: Clock, senders: Mapping[str, Sender] | None = None) -> None:
        """Build nothing yet; `senders` are channels beside the configured ones, such as a terminal."""
        quiet_libraries()
        self._clock = clock
        self._senders = dict(senders or {})
        self._transports: dict[tuple[Network, int], Transport] = {}
        self._recalled: Recalled = {}
        self._last_client: DmsClient | None = None

    def fetch(self, runtime: Runtime) -> Fetch:
        """How values kept in AWS are fetched, all of them in an exchange's time."""
        deadline = Deadline(
            self._clock, min(_FETCH_SECONDS_MAX, Budget.of(runtime.timeout_seconds).exchange_seconds)
        )

        def fetch(reference: str) -> str:
            from handler.extension import Extension  # noqa: PLC0415 - only where one is asked for

            # On loopback there is no proxy, and nothing to encrypt.
            send = self._transport(DIRECT, connections=1)
            return Extension(send, runtime.lookup, deadline.remaining_seconds)(reference)

        return fetch

    def build(self, settings: Settings, runtime: Runtime, *, heeds_rest: bool) -> Built:
        """Build one invocation.

        Args:
            settings: The whole configuration.
            runtime: What the platform gives this invocation.
            heeds_rest: False to use an access key even while it rests after a refusal.

        Raises:
            ConfigurationError: Something is missing, or cannot work.
        """
        try:
            return self._build(settings, runtime, heeds_rest=heeds_rest)
        except ValueError as error:
            raise ConfigurationError(str(error)) from error

    def _build(self, settings: Settings, runtime: Runtime, *, heeds_rest: bool) -> Built:
        deadline = Deadline(self._clock, runtime.deadline - self._clock.monotonic())
        budget = Budget.of(runtime.timeout_seconds)
        setting = Setting(
            channels=(*policies(settings), *(Channel(name) for name in self._senders)),
            policy=settings.alerts.policy,
            links=_links(settings),
            connections=settings.huaweicloud.connections,
            owner=_random_name(),
            heeds_rest=heeds_rest,
        )
        conditions = Conditions(
            send=self._transport(network_of(settings), settings.huaweicloud.connections),
            now=self._clock.now,
            remaining_seconds=lambda: deadline.remaining_seconds() - budget.answer_seconds,
            exchange_seconds=budget.exchange_seconds,
            random_name=_random_name,
            pause=_pause_contender,
        )
        mistakes: list[str] = []
        invocation = Invocation(
            setting,
            source=self._source(settings, runtime, deadline, budget),
            ledgers=Ledgers(open_store(settings, runtime, conditions), _random_name, self._recalled),
            dispatch=self._dispatch(settings, deadline, budget, mistakes),
            clock=self._clock,
            deadline=deadline,
            pause=_pause,
        )
        return Built(invocation, mistakes)

    def _source(self, settings: Settings, runtime: Runtime, deadline: Deadline, budget: Budget) -> DmsClient:
        cloud = settings.huaweicloud
        credentials = huawei_credentials(settings, runtime)
        last = self._last_client
        self._last_client = DmsClient(
            self._transport(network_of(settings), settings.huaweicloud.connections),
            endpoint=cloud.endpoint or endpoint_for(cloud.region),
            project_id=cloud.project_id,
            credentials=credentials,
            unit=cloud.remaining_time_unit,
            now=self._clock.now,
            timeout_seconds=lambda: deadline.remaining_seconds() - budget.after_looking_seconds,
            exchange_seconds=budget.exchange_seconds,
            is_key_known=last is not None and last.key_accepted and last.credentials == credentials,
        )
        return self._last_client

    def _transport(self, network: Network, connections: int) -> Transport:
        if (network, connections) not in self._transports:
            self._transports[network, connections] = Transport(
                connections=connections, proxy=network.proxy, ca_file=network.ca_file
            )
        return self._transports[network, connections]

    def _dispatch(
        self, settings: Settings, deadline: Deadline, budget: Budget, mistakes: list[str]
    ) -> Dispatch:
        ways = {**dict(senders(settings, mistakes)), **self._senders}

        def send(parcels: Sequence[Parcel]) -> Iterator[Sent]:
            limits = Limits(
                send_seconds=budget.send_seconds,
                remaining_seconds=lambda: deadline.remaining_seconds() - budget.settle_seconds,
            )
            return dispatch(parcels, ways, limits)

        return send


def _random_name() -> str:
    return secrets.token_hex(8)


def _pause(tries: int) -> None:
    """Wait a little, longer after more tries, and not as long as others who also wait."""
    time.sleep(random.uniform(0.05, 0.2) * min(tries, 10))  # noqa: S311 - to part those who wait alike


def _pause_contender(seconds_max: float) -> None:
    """Wait long enough for those who met over a lease to part."""
    time.sleep(max(0.0, min(random.uniform(0.2, 3), seconds_max)))  # noqa: S311 - as above


def _links(settings: Settings) -> Links:
    console = _CONSOLE.format(region=settings.huaweicloud.region)
    return Links(settings.links.status_page, settings.links.console or console)
