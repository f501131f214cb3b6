"""What an examination works with: transport, store and client as the function has them, and a minute.

The time is shared out, so that a slow API leaves some for the store, and that for the channels.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from handler.channels import network_of
from handler.clock import Clock, Deadline
from handler.credentials import huawei_credentials
from handler.huaweicloud.calls import endpoint_for
from handler.huaweicloud.dms import DmsClient
from handler.huaweicloud.pace import Pace
from handler.local.doctor.wire import Wire
from handler.local.interrupting import Wish
from handler.machine import random_name, sleep
from handler.runtimes import Runtime
from handler.settings import Settings
from handler.storage import Conditions, open_store
from handler.stores.port import StateStore
from handler.transport import Send, Transport
from notifiers.network import Network

EXAMINATION_SECONDS: Final = 60.0
EXCHANGE_SECONDS: Final = 10.0
_AFTER_API_SECONDS: Final = 35.0
_AFTER_STORE_SECONDS: Final = 15.0
"""So much must be left for what comes after."""

_AT_LAST_SECONDS: Final = 2.0
CLEAN_UP_SECONDS: Final = 8.0
"""Not out of the minute: an examination that was broken off still has to tidy up."""

_CONTENDER_PAUSE_SECONDS: Final = (0.05, 0.4)
"""Shorter than a function's: here it is known that all who contend are done in a moment."""


@dataclass(eq=False)
class Means:
    """The means of one examination; once somebody `wish`es to stop, there is no time left for anything."""

    settings: Settings
    runtime: Runtime
    clock: Clock
    deadline: Deadline
    network: Network
    transport: Send
    wish: Wish | None = None

    @classmethod
    def of(cls, settings: Settings, runtime: Runtime, clock: Clock) -> Means:
        """Take what the configuration says of the way out.

        Raises:
            ValueError: It cannot be used; the message names the key.
        """
        network = network_of(settings)
        transport = Transport(
            connections=settings.huaweicloud.connections, proxy=network.proxy, ca_file=network.ca_file
        )
        deadline = Deadline(clock, EXAMINATION_SECONDS)
        return cls(settings, runtime, clock, deadline, network, transport)

    @property
    def endpoint(self) -> str:
        """Where the API is."""
        cloud = self.settings.huaweicloud
        return cloud.endpoint or endpoint_for(cloud.region)

    def wire(self) -> Wire:
        """Make a way to one counterpart."""
        return Wire(self.transport, self.network, self.clock.now)

    def api_seconds(self) -> float:
        """How much time there is for the API."""
        return self._seconds(_AFTER_API_SECONDS)

    def store_seconds(self) -> float:
        """How much time there is to try the store."""
        return self._seconds(_AFTER_STORE_SECONDS)

    def last_seconds(self) -> float:
        """How much time there is to look at what is kept, after all else."""
        return self._seconds(_AT_LAST_SECONDS)

    def _seconds(self, reserve_seconds: float) -> float:
        wants_to_stop = self.wish is not None and self.wish.is_set()
        return 0.0 if wants_to_stop else self.deadline.remaining_seconds() - reserve_seconds

    def client(self, send: Send) -> DmsClient:
        """Make the API's client, as for an invocation.

        Raises:
            ConfigurationError: There is no access key.
        """
        cloud = self.settings.huaweicloud
        return DmsClient(
            send,
            endpoint=self.endpoint,
            project_id=cloud.project_id,
            credentials=huawei_credentials(self.settings, self.runtime),
            unit=cloud.remaining_time_unit,
            pace=Pace(cloud.rate_per_second, self.clock.monotonic, sleep),
            now=self.clock.now,
            timeout_seconds=self.api_seconds,
            exchange_seconds=EXCHANGE_SECONDS,
        )

    def store(self, send: Send, remaining_seconds: Callable[[], float]) -> StateStore:
        """Open the store that the configuration names, as for an invocation.

        Raises:
            ConfigurationError: There are no keys for it, or it could never work like that.
        """
        conditions = Conditions(
            send=send,
            now=self.clock.now,
            remaining_seconds=remaining_seconds,
            exchange_seconds=EXCHANGE_SECONDS,
            random_name=random_name,
            pause=_pause_contender,
        )
        return open_store(self.settings, self.runtime, conditions)


def _pause_contender(seconds_max: float) -> None:
    sleep(max(0.0, min(random.uniform(*_CONTENDER_PAUSE_SECONDS), seconds_max)))  # noqa: S311 - to part contenders
