"""Asks a deployed function until it has done what is wanted, for as long as somebody cares to wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from handler.clock import Clock
from handler.local.functions import Invoke
from handler.local.setbacks import SetbackError, Sort

BUSY_SECONDS: Final = 60.0
"""A tick takes no longer, so for so long a busy function is asked again in any case."""

_PAUSE_SECONDS_MAX: Final = 10.0


class Quest(Protocol):
    """What is wanted of the function.

    Only one that `may_repeat` is asked for again where it may have been done.
    """

    may_repeat: bool

    def event(self) -> object:
        """Give the event to invoke it with now."""
        ...

    def take(self, result: object) -> str | None:
        """Take the function's result, and say in a sentence what waiting may still bring.

        Raises:
            SetbackError: It is none that can be understood.
        """
        ...


class Patience:
    """How long to wait, and how long it has been already."""

    def __init__(self, wait_seconds: float, clock: Clock, sleep: Callable[[float], None]) -> None:
        """Begin to wait now."""
        self._wait_seconds = wait_seconds
        self._clock = clock
        self._sleep = sleep
        self._begun = clock.monotonic()
        self._pause_seconds = 1.0

    def left_seconds(self, sort: Sort) -> float:
        """How long it is worth to go on after such a setback; nothing or less: not at all."""
        waits = {Sort.FINAL: 0.0, Sort.BUSY: max(BUSY_SECONDS, self._wait_seconds)}
        spent = self._clock.monotonic() - self._begun
        return waits.get(sort, self._wait_seconds) - spent

    def pause(self, left_seconds: float) -> None:
        """Wait before the next try, longer each time."""
        self._sleep(min(self._pause_seconds, left_seconds))
        self._pause_seconds = min(2 * self._pause_seconds, _PAUSE_SECONDS_MAX)


def persist(invoke: Invoke, quest: Quest, patience: Patience, say: Callable[[str], None]) -> None:
    """Invoke a function until it has done what is wanted, or it is no use to try again.

    Args:
        invoke: Invokes it once.
        quest: What is wanted.
        patience: For how long to try.
        say: Says what is waited for, once for each reason.

    Raises:
        SetbackError: It could not be done, for a reason that the function's last result does not tell.
    """
    said = None
    while True:
        lack = None
        try:
            lack = quest.take(invoke(quest.event()))
            setback = SetbackError(lack, Sort.FAILED) if lack else None
        except SetbackError as error:
            setback = error
        left_seconds = _left_seconds(setback, quest, patience)
        if setback is None or (lack and left_seconds <= 0):
            return
        if left_seconds <= 0:
            raise setback
        if str(setback) != said:
            said = str(setback)
            say(f"{said}\nTrying again for up to {left_seconds:.0f} s.")
        patience.pause(left_seconds)


def _left_seconds(setback: SetbackError | None, quest: Quest, patience: Patience) -> float:
    if setback is None or (setback.sort is Sort.UNCERTAIN and not quest.may_repeat):
        return 0.0
    return patience.left_seconds(setback.sort)
