"""Kills ticks at random moments, says where that hit them, and lets their claims lapse."""

from __future__ import annotations

import random
import time
from collections import Counter
from enum import Enum
from statistics import median
from typing import Final

from tests.proofs.real_deployment import CHANNELS, Deployment
from tests.proofs.real_process import TickProcess, gate

_LAPSED_SECONDS: Final = 90
"""Longer than a claim lives (the timeout and 15 s), and an announcement on OBS (the timeout and 25 s)."""

_IN_A_ROW: Final = 3
"""More kills in a row would leave more to tell than one message shows."""

_ARRIVING_SECONDS: Final = 0.01
"""How long servers may still be busy with what a killed process has sent."""


class Moment(Enum):
    """Where a kill has hit the delivery to a channel, as the store and the channel show it."""

    UNCLAIMED = "before the claim"
    CLAIMED = "between claim and send"
    HEARD = "between send and settling"
    SETTLED = "after settling"


class Killer:
    """Kills a deployment's ticks; `moments` counts where, for each channel."""

    def __init__(self, deployment: Deployment, chance: random.Random) -> None:
        """Measure how long an undisturbed tick with news takes."""
        self.moments: Counter[Moment] = Counter()
        self._deployment = deployment
        self._chance = chance
        self._tick()
        self._usual_seconds = median(self._spare() for _ in range(5))

    def kill(self, ticks: int) -> None:
        """Kill so many ticks, each with something to send; one is spared now and then."""
        for number in range(ticks):
            if number and number % _IN_A_ROW == 0:
                self._spare()
            self._kill_one()
            self._let_lapse()

    def finish(self) -> None:
        """Spare what is left to be told, and see that the last tick has nothing to tell."""
        for _ in range(3):
            self._tick()

    def _spare(self) -> float:
        """Let a tick with news live; how long it took."""
        self._deployment.change.move()
        return self._tick()

    def _tick(self) -> float:
        seconds, _ = self._deployment.start(1)
        self._let_lapse()
        return seconds

    def _kill_one(self) -> None:
        deployment = self._deployment
        deployment.change.move()
        version, heard = deployment.version, deployment.message_counts()
        opens = gate(2)
        process = TickProcess(deployment.environ, deployment.clock.ahead_seconds, opens)
        opens.wait()
        time.sleep(self._chance.uniform(0, self._usual_seconds))
        process.kill()
        process.report()
        time.sleep(_ARRIVING_SECONDS)
        self.moments.update(self._moments(version, heard))

    def _moments(self, version: str | None, heard: Counter[str]) -> list[Moment]:
        """Where each channel was hit, told by what has changed since."""
        if self._deployment.version == version:
            return [Moment.UNCLAIMED] * len(CHANNELS)
        states = self._deployment.ledger.channels
        told = self._deployment.message_counts() - heard
        return [
            Moment.SETTLED if states[name].claim is None else Moment.HEARD if told[name] else Moment.CLAIMED
            for name in CHANNELS
        ]

    def _let_lapse(self) -> None:
        self._deployment.clock.advance(_LAPSED_SECONDS)
