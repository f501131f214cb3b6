"""Who ordered a change and how large its instance is: read from the DMS API, and kept in the ledger.

The shapes are those of https://support.huaweicloud.com/api-kafka/ShowBackgroundTask.html and
https://support.huaweicloud.com/api-kafka/ShowInstance.html as of 2026-11. What a task was ordered with is in
no public source, so all of it is kept but what may be a secret.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

import msgspec
from msgspec.structs import replace

from handler.core.ledger import Ledger
from handler.core.observation import Observation
from handler.core.problem import Problem
from handler.core.scalars import clean, read_number, read_time
from handler.core.secrecy import may_be_secret
from notifiers.operations import Order, Specification

USER_LENGTH_MAX: Final = 100
PARAMETERS_MAX: Final = 8
PARAMETER_NAME_LENGTH_MAX: Final = 40
PARAMETER_LENGTH_MAX: Final = 80
FLAVOR_LENGTH_MAX: Final = 80

BROKERS_MAX: Final = 1_000
STORAGE_GB_MAX: Final = 10_000_000
"""No instance is so large that a larger number could be true."""


def read_order(task: Mapping[str, object]) -> Order | None:
    """Read who ordered a task, when, and with which parameters; None when it says nothing of that."""
    order = Order(
        user=_cut(task.get("user_name"), USER_LENGTH_MAX) or _cut(task.get("user_id"), USER_LENGTH_MAX),
        ordered_at=read_time(task.get("created_at")),
        parameters=tuple(islice(_read_parameters(task.get("params")), PARAMETERS_MAX)),
    )
    return order if order != Order() else None


def read_specification(document: object) -> Specification | None:
    """Read the body of the call that shows an instance; None when it does not say how large that is."""
    if not isinstance(document, Mapping):
        return None
    flavors = (_cut(document.get(key), FLAVOR_LENGTH_MAX) for key in ("specification", "product_id"))
    sizes = (
        _read_count(document.get(key), STORAGE_GB_MAX) for key in ("total_storage_space", "storage_space")
    )
    specification = Specification(
        flavor=next(filter(None, flavors), None),
        brokers=_read_count(document.get("broker_num"), BROKERS_MAX),
        storage_gb=next(filter(None, sizes), None),
    )
    return specification if specification != Specification() else None


def learn(
    ledger: Ledger, seen: Observation | Problem, order: Order | None, specification: Specification | None
) -> Ledger:
    """Return the ledger with what a look has read in it; what is known stays as it is.

    Args:
        ledger: What is known, the look taken in.
        seen: What the look saw: a specification read at the end of a change is the one after it.
        order: Who ordered the change, if that was read.
        specification: How large the instance is, if that was read.
    """
    ledger = replace(ledger, order=_complete(ledger.order, order))
    is_end = isinstance(seen, Observation) and seen.phase.is_end
    if specification is None or is_end is not ledger.phase.is_end:
        # An end that the ledger has not believed may be none.
        return ledger
    if is_end:
        return replace(ledger, specification_now=ledger.specification_now or specification)
    return replace(ledger, specification=ledger.specification or specification)


def _complete(known: Order | None, read: Order | None) -> Order | None:
    if known is None or read is None:
        return known or read
    return Order(
        user=known.user or read.user,
        ordered_at=known.ordered_at or read.ordered_at,
        parameters=known.parameters or read.parameters,
    )


def _read_parameters(params: object) -> Iterator[tuple[str, str]]:
    """Read parameters, which come as JSON in a text or as they are; those that may be secret stay out."""
    if isinstance(params, str):
        try:
            params = msgspec.json.decode(params)
        except (ValueError, RecursionError):
            return
    for name, value in _flatten(params):
        shown_name, shown = _cut(name, PARAMETER_NAME_LENGTH_MAX), _show(value)
        if shown_name and shown and not may_be_secret(name, shown):
            yield shown_name, shown[:PARAMETER_LENGTH_MAX].rstrip()


def _flatten(params: object) -> Iterator[tuple[str, object]]:
    """Give names and values; what lies one level down is named after both levels."""
    for name, value in params.items() if isinstance(params, Mapping) else ():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", below) for inner, below in value.items())
        else:
            yield str(name), value


def _show(value: object) -> str:
    """Write a value, or a list of such, on one line; what holds more than that is empty."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, list) and not any(isinstance(item, (list, Mapping)) for item in value):
        return clean(", ".join(filter(None, map(_show, value))))
    return clean(value)


def _cut(text: object, length_max: int) -> str | None:
    return clean(text)[:length_max].rstrip() or None


def _read_count(value: object, most: int) -> int | None:
    number = read_number(value)
    return int(number) if number is not None and 1 <= number <= most and number % 1 == 0 else None
