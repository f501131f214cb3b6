"""What Headway relies on in a store: that a save is conditional, and that a LIST shows what was just put."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from handler.local.doctor.check import Finding, failed, ok, skipped, warning
from handler.local.doctor.means import Means
from handler.local.doctor.race import FlawError, InconclusiveError, Race
from handler.local.doctor.scratch import Scratch
from handler.local.printing.counting import counted
from handler.machine import random_name, sleep
from handler.settings import ObsState
from handler.stores.port import StateStore

ROUNDS: Final = 3
CONTENDERS: Final = 8
CONTENDERS_FOR_LEASE: Final = 3
"""Fewer, for each of them makes a dozen requests until one gets through."""

NEW_KEYS: Final = 5
LAG_SECONDS_MAX: Final = 3.0
_LAG_STEP_SECONDS: Final = 0.1
_ROUND_SECONDS: Final = 5.0
_ONE_AT_A_TIME: Final = (
    "let nothing run at the same time: max instances or reserved concurrency 1, no command beside"
)
_WITHOUT_LEASE: Final = f"add lock=platform to `state`, and {_ONE_AT_A_TIME}"
_WITHOUT_CONDITIONS: Final = (
    "alerts would be lost, or told twice; take a store that keeps to If-Match and If-None-Match when it is"
    f" written to (for OBS write obs://), or {_ONE_AT_A_TIME}"
)


class Promises:
    """Tries both with the keys of one examination."""

    def __init__(self, means: Means, open_store: Callable[[], StateStore], scratch: Scratch) -> None:
        """Write nothing yet; `open_store` opens the store anew for each who contends."""
        state = means.settings.state
        self._means = means
        self._open_store = open_store
        self._scratch = scratch
        self._has_lock = isinstance(state, ObsState) and state.lock == "platform"
        self._announces = isinstance(state, ObsState) and not self._has_lock

    def race(self) -> Finding:
        """Have some save the same document at once."""
        if self._has_lock:
            return skipped("lock=platform leaves it to max instances 1 that nobody else writes")
        count = CONTENDERS_FOR_LEASE if self._announces else CONTENDERS
        race = Race([self._open_store() for _ in range(count)], random_name)
        rounds = 0
        try:
            while rounds < ROUNDS and (rounds == 0 or self._means.store_seconds() > _ROUND_SECONDS):
                race.run(self._scratch.key(f"race-{rounds}"))
                rounds += 1
        except FlawError as flaw:
            advice = _WITHOUT_LEASE if self._announces else _WITHOUT_CONDITIONS
            return failed(f"saves are not conditional: {flaw}", advice)
        except InconclusiveError as error:
            return warning(str(error), "run the doctor again")
        return ok(f"{count} saved one document at once, and no more than one won; {counted(rounds, 'round')}")

    def list(self) -> Finding:
        """Put some keys, and see whether a LIST shows each."""
        store = self._open_store()
        keys = [self._scratch.key(f"listed/{number}") for number in range(NEW_KEYS)]
        missing = [key for key in keys if not _put_and_see(store, key)]
        if not missing:
            return ok(f"{counted(len(keys), 'new key')} showed in a LIST right after each was put")
        lag_seconds = self._lag_seconds(store, missing[-1])
        until = f"one came after {lag_seconds:.1f} s" if lag_seconds else f"nor after {LAG_SECONDS_MAX:g} s"
        count = f"{len(missing)} of {len(keys)} new keys"
        detail = f"{count} did not show in a LIST right after they were put ({until})"
        if self._announces:
            return failed(f"{detail}; OBS's lease rests on that", _WITHOUT_LEASE)
        return warning(detail, "changes are followed, and dropped, a little later than they could be")

    def _lag_seconds(self, store: StateStore, key: str) -> float | None:
        monotonic = self._means.clock.monotonic
        begun = monotonic()
        while monotonic() - begun < LAG_SECONDS_MAX:
            sleep(_LAG_STEP_SECONDS)
            if key in store.list(key):
                return monotonic() - begun
        return None


def _put_and_see(store: StateStore, key: str) -> bool:
    store.put(key, b"")
    return key in store.list(key)
