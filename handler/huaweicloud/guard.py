"""Guards the access key: more than five refusals in a row lock it for everybody who uses it.

See "AK access failed to reach the limit" in
https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from handler.core.change import ChangeId
from handler.core.problem import Problem, ProblemKind
from handler.huaweicloud.turns import Turns

Answer = TypeVar("Answer")
Asker = ChangeId | str
"""On whose behalf something is asked: a change, or the name of a list."""

_FAULT_IS_ITS_OWN: Final = 500
_OUTAGES: Final = frozenset({ProblemKind.UNAVAILABLE, ProblemKind.TIMEOUT})
_OUTAGES_SHARED_FROM: Final = 2
_NO_TURN: Final = Problem(
    ProblemKind.TIMEOUT,
    "The DMS API was not asked: time ran out before another answer had shown that the key is good.",
    asked=False,
)


class KeyGuard:
    """Lets requests out one at a time until an answer has proved the key, then all; none after a 401.

    Who waited for a turn while two others met an API out of order shares that problem, else an outage
    would cost every change its own timeout, one after the other. One alone may be its own trouble.
    """

    def __init__(self) -> None:
        """Begin with a key of which nothing is known."""
        self.is_key_proved = False
        self.refusal: Problem | None = None
        self._outages: list[tuple[Asker, Problem]] = []
        self._alone = Turns()

    @property
    def is_key_good(self) -> bool:
        """True when the key is proved, and no answer has refused it all the same."""
        return self.is_key_proved and self.refusal is None

    @property
    def has_met_outage(self) -> bool:
        """True when an API has been out of order, be it for one moment and one asker."""
        return bool(self._outages)

    def admit(
        self, asker: Asker, ask: Callable[[], Answer | Problem], *, wait_seconds: float
    ) -> Answer | Problem:
        """Ask as soon as it is safe, waiting for one's turn no longer than told."""
        if not self.is_key_proved:
            known = len(self._outages)
            if not self._alone.acquire(wait_seconds):
                return _NO_TURN
            try:
                if not self.is_key_proved:
                    shared = self._shared_outage(known)
                    return self._ask(asker, ask) if shared is None else shared
            finally:
                self._alone.release()
        return self._ask(asker, ask)

    def _shared_outage(self, known: int) -> Problem | None:
        met = self._outages[known:]
        return met[-1][1] if len({asker for asker, _ in met}) >= _OUTAGES_SHARED_FROM else None

    def _ask(self, asker: Asker, ask: Callable[[], Answer | Problem]) -> Answer | Problem:
        if self.refusal is not None:
            return self.refusal
        answer = ask()
        self._learn(asker, answer)
        return answer

    def _learn(self, asker: Asker, answer: object) -> None:
        if not isinstance(answer, Problem):
            self.is_key_proved = True
        elif answer.refuses_key:
            self.refusal = answer
        elif _is_from_dms(answer):
            self.is_key_proved = True
        elif is_outage(answer):
            self._outages.append((asker, answer))


def is_outage(problem: Problem) -> bool:
    """True when the API was asked and did not answer at all, or said that the fault is its own."""
    is_its_own = problem.status is None or problem.status >= _FAULT_IS_ITS_OWN
    return problem.asked and problem.kind in _OUTAGES and is_its_own


def _is_from_dms(problem: Problem) -> bool:
    """The gateway passes on to DMS what it has authenticated; its own errors prove nothing."""
    return (problem.code or "").startswith("DMS.")
