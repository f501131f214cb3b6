"""What the provider, its pages or the platform would say against a resource's arguments, once evaluated.

The same facts as those that the files are checked with, but about values instead of literals.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from tests.infra.hcl.documents import event_faults, policy_faults
from tests.infra.hcl.values import converted, doubts, refusals
from tests.infra.provider.changes import Values, is_unknown
from tests.infra.provider.schemas import Arguments, Spec, is_block


def problems(arguments: Arguments, values: Values, at: str = "") -> Iterator[str]:
    """A sentence for each thing that is wrong; what is not known yet is trusted."""
    present = {name for name, value in values.items() if value not in (None, [])}
    for name in arguments:
        spec, where = arguments[name], f"{at}{name}"
        if name in present:
            yield from (f"{where}: {each}" for each in _neighbours(spec, present))
            yield from _value(spec, values[name], where)
        elif spec.get("documented_required") and not present & {*spec.get("exactly_one_of", ())}:
            yield f"{where}: required by the provider's pages"
    yield from _documents(arguments, values)


def _neighbours(spec: Spec, present: set[str]) -> Iterator[str]:
    for other in spec.get("conflicts_with", ()):
        if other in present:
            yield f"conflicts with {other}"
    for other in spec.get("required_with", ()):
        if "." not in other and other not in present:
            yield f"needs {other} too"


def _value(spec: Spec, value: Any, where: str) -> Iterator[str]:  # noqa: ANN401 - of any type
    if is_unknown(value):
        return
    if is_block(spec):
        for index, each in enumerate(value):
            yield from problems(spec["nested"], each, f"{where}[{index}].")
        return
    elements: Iterable[Any] = value if isinstance(value, list) else [value]
    inner = {**spec, "type": spec.get("elem", "string")} if isinstance(value, list) else spec
    for each in elements:
        if not isinstance(each, dict) and not is_unknown(each):
            known = converted(each, inner["type"])
            for sentence in (*refusals(known, inner), *doubts(known, inner)):
                yield f"{where}: {sentence}"


def _documents(arguments: Arguments, values: Values) -> Iterator[str]:
    """Look into what is JSON: policies, and what a trigger is told."""
    policy, event = values.get("policy"), values.get("event_data")
    if isinstance(policy, str) and arguments["policy"].get("json"):
        yield from (f"policy: {fault.message}" for fault in policy_faults(json.loads(policy), _as_it_is))
    if isinstance(event, str):
        rules = arguments["event_data"]["event_data_by_type"].get(values["type"])
        if rules is None:
            yield f"event_data: nothing is known of the trigger type {values['type']}"
            return
        faults = event_faults(json.loads(event), rules, _as_it_is)
        yield from (f"event_data: {fault.message}" for fault in faults)


def _as_it_is(value: object) -> object:
    return value
