"""A lock that is handed on in the order in which it was wanted; Python's own may go to whoever comes next."""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """Lets one in at a time; who has been in and wants in again comes after all who wait."""

    def __init__(self) -> None:
        """Begin with nobody in."""
        self._changing = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._is_taken = False

    def acquire(self, seconds_max: float) -> bool:
        """Get in, waiting no longer than told; false if it took too long."""
        with self._changing:
            if not self._is_taken:
                self._is_taken = True
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(max(seconds_max, 0)):
            return True
        with self._changing:
            # It may have come at the last moment, and nobody else would get it then.
            if not turn.is_set():
                self._waiting.remove(turn)
            return turn.is_set()

    def release(self) -> None:
        """Get out, and let in who has waited longest."""
        with self._changing:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False
