"""Guards the access key: more than five refusals in a row lock it for everybody who uses it.

See "AK access failed to reach the limit" in
https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, TypeVar

from handler.core.problem import Problem, ProblemKind
from handler.core.progress import Progress, Task

Answer = TypeVar("Answer", Progress, Task)

_FAULT_IS_ITS_OWN: Final = 500
_OUTAGES: Final = frozenset({ProblemKind.UNAVAILABLE, ProblemKind.TIMEOUT})
_NO_TURN: Final = Problem(
    ProblemKind.TIMEOUT,
    "The DMS API was not asked: time ran out before another answer had shown that the key is good.",
    asked=False,
)


class KeyGuard:
    """Lets requests out one at a time until an answer has proved the key, then all; none after a 401.

    Who waited for a turn while the API was out of order shares that problem, else an outage would
    cost every change its own timeout, one after the other.
    """

    def __init__(self) -> None:
        """Begin with a key of which nothing is known."""
        self.is_key_proved = False
        self.refusal: Problem | None = None
        self._outage: Problem | None = None
        self._alone = threading.Lock()

    def admit(self, ask: Callable[[], Answer | Problem], *, wait_seconds: float) -> Answer | Problem:
        """Ask as soon as it is safe, waiting for one's turn no longer than told."""
        if not self.is_key_proved:
            outage_before = self._outage
            if not self._alone.acquire(timeout=max(wait_seconds, 0)):
                return _NO_TURN
            try:
                if not self.is_key_proved:
                    return self._outage_since(outage_before) or self._ask(ask)
            finally:
                self._alone.release()
        return self._ask(ask)

    def _outage_since(self, before: Problem | None) -> Problem | None:
        return None if self._outage is before else self._outage

    def _ask(self, ask: Callable[[], Answer | Problem]) -> Answer | Problem:
        if self.refusal is not None:
            return self.refusal
        answer = ask()
        self._learn(answer)
        return answer

    def _learn(self, answer: Progress | Task | Problem) -> None:
        if not isinstance(answer, Problem):
            self.is_key_proved = True
        elif answer.refuses_key:
            self.refusal = answer
        elif _is_from_dms(answer):
            self.is_key_proved = True
        elif is_outage(answer):
            self._outage = answer


def is_outage(problem: Problem) -> bool:
    """True when the API was asked and did not answer at all, or said that the fault is its own."""
    is_its_own = problem.status is None or problem.status >= _FAULT_IS_ITS_OWN
    return problem.asked and problem.kind in _OUTAGES and is_its_own


def _is_from_dms(problem: Problem) -> bool:
    """The gateway passes on to DMS what it has authenticated; its own errors prove nothing."""
    return (problem.code or "").startswith("DMS.")
