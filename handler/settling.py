"""The last phase of an invocation: records how the deliveries of a change went, over what others saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from handler.clock import Clock, Deadline
from handler.core.delivery import settle
from handler.core.problem import Problem
from handler.mishaps import LOST, UNRECORDED, caught
from handler.stores.ledgers import Ledgers
from handler.stores.port import Committed, StateUnavailableError
from handler.tick import Tick

RECORD_SECONDS_MIN: Final = 1.0
"""With less time left than this no further try to record the outcomes is begun."""


@dataclass(frozen=True)
class Settling:
    """Settles the claims of one owner; `pause` waits a little, at random, before the n-th new try."""

    ledgers: Ledgers
    owner: str
    clock: Clock
    deadline: Deadline
    pause: Callable[[int], None]

    def settle(self, tick: Tick) -> Tick:
        """Record how the deliveries went, and drop the marker of a change that is told to its end."""
        try:
            tick = self._record(tick) if tick.deliveries else tick
            if tick.is_newly_told:
                self.ledgers.unmark_active(tick.watch.change)
        except Exception as error:  # noqa: BLE001 - one change's defect must not stop the others
            return tick._replace(problem=caught(error), is_blind=True)
        return tick

    def _record(self, tick: Tick) -> Tick:
        """Save the outcomes until it is done or the deadline has come.

        Who finds the deadline passed was frozen and thawed: its claims are others' by now. Where no ledger
        can be read any more there is nothing to record in: what stands there is the next tick's matter.
        """
        problem = (tick.problem if tick.unsure else None) or UNRECORDED
        tries = int(tick.unsure)
        while self.deadline.remaining_seconds() > (RECORD_SECONDS_MIN if tries else 0):
            if tries:
                self.pause(tries)
            recorded = self._record_once(tick, is_stale=tries > 0)
            if isinstance(recorded, Tick):
                return recorded
            problem, tries = recorded, tries + 1
        return tick._replace(problem=problem, is_blind=True)

    def _record_once(self, tick: Tick, *, is_stale: bool) -> Tick | Problem:
        """Save the outcomes, over the ledger as it stands now if ours is stale."""
        if not is_stale:
            return self._save(tick)
        try:
            kept = self.ledgers.load(tick.watch.change)
        except StateUnavailableError as error:
            return caught(error)
        if kept.ledger is None:
            return tick._replace(problem=LOST, is_blind=True)
        return self._save(tick._replace(after=kept.ledger, version=kept.version))

    def _save(self, tick: Tick) -> Tick | Problem:
        now = self.clock.now() + tick.store_ahead
        verdicts = {d.channel: tick.verdicts.get(d.channel) for d in tick.deliveries}
        settled = settle(tick.after, tick.audience, self.owner, verdicts, now)
        if settled == tick.after:
            return tick
        if self.deadline.remaining_seconds() <= 0:
            return UNRECORDED
        try:
            answer = self.ledgers.save(tick.watch.change, settled, tick.version)
        except StateUnavailableError as error:
            return caught(error)
        if not isinstance(answer, Committed):
            return UNRECORDED
        return tick._replace(after=settled, version=answer.version)
