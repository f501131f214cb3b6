"""The composition root: the only place that builds real collaborators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from handler.channels import network_of, policies
from handler.clock import Budget, Clock, Deadline
from handler.credentials import ConfigurationError, huawei_credentials, key_name
from handler.discovery import Discovery
from handler.elsewhere import Elsewhere
from handler.huaweicloud.calls import endpoint_for
from handler.huaweicloud.dms import DmsClient
from handler.huaweicloud.pace import Pace, burst_seconds_for
from handler.invocation import Invocation, Setting
from handler.machine import pause, pause_contender, random_name, sleep
from handler.registry import Registry
from handler.runtimes import Runtime
from handler.scope import Scope
from handler.senders import Notes, dispatching, links_of, open_channels
from handler.settings import Settings
from handler.storage import Conditions, open_store
from handler.stores.ledgers import Ledgers, Recalled
from handler.stores.markers import Markers
from handler.stores.port import StateStore
from handler.transport import Transport
from handler.wanted import wanted_of
from notifiers.channel import Channel
from notifiers.dispatch import Sender
from notifiers.network import DIRECT, Network
from notifiers.quieting import quiet_libraries

if TYPE_CHECKING:
    from handler.records import Records

_CONNECTIONS: Final = 64
"""Those of most configurations, so that the store finds open what their reading has opened."""


class Built(NamedTuple):
    """An invocation, its search for changes, and what turns out to be wrong with channels it has to use."""

    invocation: Invocation
    discovery: Discovery
    notes: Notes


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

    def elsewhere(self, runtime: Runtime) -> Elsewhere:
        """Build what reads the configuration where it does not lie beside the code."""
        return Elsewhere(runtime, self._clock, lambda: self.connect(None))

    def connect(self, settings: Settings | None) -> Transport:
        """Open the way out that settings name, or the direct one.

        Raises:
            ValueError: A setting cannot be used; the message names it.
        """
        network = network_of(settings) if settings else DIRECT
        connections = settings.huaweicloud.connections if settings else _CONNECTIONS
        if (network, connections) not in self._transports:
            self._transports[network, connections] = Transport(
                connections=connections, proxy=network.proxy, ca_file=network.ca_file
            )
        return self._transports[network, connections]

    def build(self, settings: Settings, runtime: Runtime, scope: Scope, *, heeds_rest: bool) -> Built:
        """Build one invocation.

        Args:
            settings: The whole configuration.
            runtime: What the platform gives this invocation.
            scope: What it is to look at.
            heeds_rest: False to use an access key even while it rests after a refusal.

        Raises:
            ConfigurationError: Something is missing, or cannot work.
        """
        try:
            return self._build(settings, runtime, scope, heeds_rest=heeds_rest)
        except ValueError as error:
            raise ConfigurationError(str(error)) from error

    def registry(self, settings: Settings, runtime: Runtime) -> Registry:
        """Build the list of what is followed.

        Raises:
            ConfigurationError: Something is missing, or cannot work.
        """
        store, ledgers = self._open_kept(settings, runtime)
        return Registry(wanted_of(settings), Markers(store), ledgers, self._clock)

    def records(self, settings: Settings, runtime: Runtime) -> Records:
        """Build what reads all that is kept of changes.

        Raises:
            ConfigurationError: Something is missing, or cannot work.
        """
        from handler.records import Records  # noqa: PLC0415 - only for whoever looks

        store, ledgers = self._open_kept(settings, runtime)
        return Records(store, ledgers, settings.huaweicloud.connections, key_name(settings, runtime))

    def _open_kept(self, settings: Settings, runtime: Runtime) -> tuple[StateStore, Ledgers]:
        deadline = Deadline(self._clock, runtime.deadline - self._clock.monotonic())
        try:
            store = self._open_store(settings, runtime, deadline, Budget.of(runtime.timeout_seconds))
        except ValueError as error:
            raise ConfigurationError(str(error)) from error
        return store, Ledgers(store, random_name, self._recalled)

    def _build(self, settings: Settings, runtime: Runtime, scope: Scope, *, heeds_rest: bool) -> Built:
        budget = Budget.of(runtime.timeout_seconds)
        kept_seconds = budget.heartbeat_seconds if settings.heartbeat.url else 0.0
        deadline = Deadline(self._clock, runtime.deadline - self._clock.monotonic(), kept_seconds)
        setting = Setting(
            channels=(*policies(settings), *(Channel(name) for name in self._senders)),
            policy=settings.alerts.policy,
            links=links_of(settings),
            connections=settings.huaweicloud.connections,
            owner=random_name(),
            heeds_rest=heeds_rest,
            after_looking_seconds=budget.after_looking_seconds,
        )
        store = self._open_store(settings, runtime, deadline, budget)
        source = self._source(settings, runtime, deadline, budget, parts=scope.shard[1] if scope.shard else 1)
        ledgers = Ledgers(store, random_name, self._recalled)
        discovery = Discovery(
            wanted_of(settings),
            scope,
            directory=source,
            markers=Markers(store, source.key_name),
            ledgers=ledgers,
            clock=self._clock,
            heeds_rest=heeds_rest,
        )
        notes = Notes()
        ways = open_channels(settings, runtime, self._clock.now, notes)
        invocation = Invocation(
            setting,
            source=source,
            ledgers=ledgers,
            dispatch=dispatching(settings, {**ways, **self._senders}, deadline, budget),
            clock=self._clock,
            deadline=deadline,
            pause=pause,
        )
        return Built(invocation, discovery, notes)

    def _open_store(
        self, settings: Settings, runtime: Runtime, deadline: Deadline, budget: Budget
    ) -> StateStore:
        conditions = Conditions(
            send=self.connect(settings),
            now=self._clock.now,
            remaining_seconds=lambda: deadline.remaining_seconds() - budget.answer_seconds,
            exchange_seconds=budget.exchange_seconds,
            random_name=random_name,
            pause=pause_contender,
        )
        return open_store(settings, runtime, conditions)

    def _source(
        self, settings: Settings, runtime: Runtime, deadline: Deadline, budget: Budget, *, parts: int
    ) -> DmsClient:
        cloud = settings.huaweicloud
        credentials = huawei_credentials(settings, runtime)
        burst_seconds = burst_seconds_for(cloud.rate_per_second, parts)
        last = self._last_client
        self._last_client = DmsClient(
            self.connect(settings),
            endpoint=cloud.endpoint or endpoint_for(cloud.region),
            project_id=cloud.project_id,
            credentials=credentials,
            unit=cloud.remaining_time_unit,
            pace=Pace(cloud.rate_per_second, self._clock.monotonic, sleep, burst_seconds),
            now=self._clock.now,
            timeout_seconds=lambda: deadline.remaining_seconds() - budget.after_looking_seconds,
            exchange_seconds=budget.exchange_seconds,
            is_key_known=last is not None and last.key_accepted and last.credentials == credentials,
        )
        return self._last_client
