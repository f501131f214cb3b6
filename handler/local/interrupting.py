"""Ctrl-C, and the SIGTERM of whoever stops a service: what has begun is brought to its end first.

Once is a wish: a tick in the middle of sending settles what it has sent, so that nothing is told twice. Twice
breaks off: what was being sent then is told once more, as a possible repeat, by whoever looks after its claim
has lapsed. A third time ends the process on the spot.
"""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final, Protocol

from handler.local.exits import say

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_SPELL_SECONDS: Final = 0.5
_SAID_AFTER_SECONDS: Final = 0.5
"""Whoever is let go sooner than that need not be told what for they wait."""


class _Event(Enum):
    """What becomes of a block that can be interrupted."""

    INTERRUPTED = "interrupted"
    ENDED = "ended"


class Wish(Protocol):
    """Whether somebody wants to stop."""

    def is_set(self) -> bool:
        """True once they do."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until they do, or for so many seconds; say whether they do."""
        ...


class _Interruption:
    """A wish that a signal's handler may make, whatever the process is doing.

    A `threading.Event` would do but for its lock: a signal that comes while the main thread holds that would
    wait for it for ever. A `SimpleQueue` promises that `put` may be called there.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._calls = SimpleQueue[None]()

    def set(self) -> None:
        self._is_set = True
        self._calls.put(None)

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, timeout: float | None = None) -> bool:
        until = math.inf if timeout is None else time.monotonic() + timeout
        while not self._is_set and (left_seconds := until - time.monotonic()) > 0:
            # In short spells: a signal that comes just before the wait begins is only heeded after it.
            with suppress(Empty):
                self._calls.get(timeout=min(left_seconds, _SPELL_SECONDS))
        return self._is_set


@contextmanager
def interruptible() -> Iterator[Wish]:
    """Let Ctrl-C be a wish as long as the block runs, instead of breaking off what is under way."""
    interrupted = _Interruption()
    events = SimpleQueue[_Event]()

    def interrupt(*_: object) -> None:
        if interrupted.is_set():
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            raise KeyboardInterrupt
        interrupted.set()
        events.put(_Event.INTERRUPTED)

    before = [signal.signal(number, interrupt) for number in _SIGNALS]
    teller = Thread(target=_tell, args=(events,), daemon=True)
    teller.start()
    try:
        yield interrupted
    finally:
        for number, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(number, handler)
        events.put(_Event.ENDED)
        teller.join()


def _tell(events: SimpleQueue[_Event]) -> None:
    """Say what is waited for, if it takes a while."""
    if events.get() is _Event.ENDED:
        return
    try:
        events.get(timeout=_SAID_AFTER_SECONDS)
    except Empty:
        say("What has begun is brought to its end. Ctrl-C once more breaks it off.")
