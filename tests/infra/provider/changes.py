"""What becomes of a resource's arguments in a plan, and when it is carried out.

As the provider's own kit does it: https://developer.hashicorp.com/terraform/plugin/sdkv2/schemas/schema-behaviors
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import msgpack

from tests.infra.provider.schemas import Arguments, Spec, is_block

Values = Mapping[str, Any]
Invent = Callable[[str, Spec], Any]
"""Gives what the cloud would say of an attribute: its name, what is known of it."""

UNKNOWN: Final = msgpack.Ext(0, b"\x00")


def planned(arguments: Arguments, proposed: Values) -> dict[str, Any]:
    """What a resource will be like: defaults filled in, and unknown what the cloud will decide."""
    return {name: _planned(arguments[name], value) for name, value in proposed.items()}


def replacing(arguments: Arguments, prior: Values, after: Values) -> list[str]:
    """The arguments whose change takes a new resource."""
    return [name for name in _changed(prior, after) if "force_new" in _flags(arguments[name])]


def refused(arguments: Arguments, prior: Values, after: Values) -> list[str]:
    """The arguments that were changed and cannot be."""
    return [name for name in _changed(prior, after) if "non_updatable" in arguments[name]]


def applied(arguments: Arguments, plan: Values, invent: Invent) -> dict[str, Any]:
    """What a resource is like when the plan was carried out."""
    return {name: _applied(name, arguments[name], value, invent) for name, value in plan.items()}


def is_unknown(value: object) -> bool:
    """Whether a value will be known only when the plan is carried out."""
    return isinstance(value, msgpack.Ext)


def _planned(spec: Spec, value: Any) -> Any:  # noqa: ANN401 - a value of any type
    if is_block(spec):
        return value if is_unknown(value) else [planned(spec["nested"], each) for each in value or ()]
    if value is not None:
        return value
    return UNKNOWN if spec.get("computed") else spec.get("default")


def _applied(name: str, spec: Spec, value: Any, invent: Invent) -> Any:  # noqa: ANN401 - as above
    if is_block(spec):
        return [applied(spec["nested"], each, invent) for each in value]
    return invent(name, spec) if is_unknown(value) else value


def _changed(prior: Values, after: Values) -> list[str]:
    return [name for name in after if not is_unknown(after[name]) and after[name] != prior[name]]


def _flags(spec: Spec) -> set[str]:
    """The flags of an argument and of all that is nested in it."""
    flags = {flag for flag in ("force_new", "non_updatable") if spec.get(flag)}
    return flags.union(*map(_flags, spec.get("nested", {}).values()))
