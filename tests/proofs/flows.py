"""What the flows of saves go on to, by the answers that they have had.

Two histories of answers are one if the flow remembers the same after both: it stands at the same place, and
its variables hold the same. Whatever it does from there on is then the same too.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cache, partial
from types import GeneratorType
from typing import Any

from handler.stores.lease import Announce
from tests.proofs import storage
from tests.proofs.storage import Flow, Kind
from tests.proofs.world import Save


class Flows:
    """The flows of a kind of store."""

    def __init__(self, kind: Kind) -> None:
        """Know no history yet."""
        self._replayed = cache(partial(_replay, kind))
        self._alike: dict[Hashable, Save] = {}

    def operation(self, save: Save, ours: frozenset[str], seconds: int) -> Any:  # noqa: ANN401 - an operation
        """What a save does next; a new announcement would hold for `seconds`."""
        return self._replayed(save, ours, seconds)[0]

    def answered(self, save: Save, ours: frozenset[str], seconds: int, answer: object) -> tuple[Save, Any]:
        """What a save is after an answer, and what it does next or has come to."""
        operation = self.operation(save, ours, seconds)
        names = (*save.names, operation.name) if isinstance(operation, Announce) else save.names
        after = save._replace(names=names, answers=(*save.answers, answer))
        result, remembered = self._replayed(after, ours, seconds)
        return self._alike.setdefault((after[:3], ours, remembered), after), result


def _replay(kind: Kind, save: Save, ours: frozenset[str], seconds: int) -> tuple[Any, Hashable]:
    """What a save does next or has come to, and what its flow remembers."""
    flows: list[Flow] = []

    def kept(expected: str | None, new_name: Callable[[], str], ours: frozenset[str]) -> Flow:
        flows.append(kind.flow(expected, new_name, ours))
        return flows[0]

    result = storage.replay(kind._replace(flow=kept), save, ours, seconds)
    return result, _frozen(flows[0])


def _frozen(value: object) -> Hashable:
    """A value as it is now; a flow is where it stands, what its variables hold, and the flow within it."""
    if isinstance(value, GeneratorType):
        frame = value.gi_frame
        variables = sorted(frame.f_locals.items()) if frame else ()
        frozen = tuple((name, _frozen(each)) for name, each in variables)
        return value.__name__, frame and frame.f_lasti, frozen, _frozen(value.gi_yieldfrom)
    if isinstance(value, (list, set)):
        return tuple(value) if isinstance(value, list) else frozenset(value)
    assert isinstance(value, Hashable)
    return None if callable(value) else value
