"""JSON documents within arguments: policies and what a trigger is told. Terraform accepts any JSON there.

https://support.huaweicloud.com/intl/en-us/usermanual-iam/iam_01_0017.html (policies)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from tests.infra.hcl.reading import UNKNOWN
from tests.infra.hcl.values import Spec, schedule_problem

Resolve = Callable[[object], Any]
"""Gives what a member of a document is worth, UNKNOWN where only Terraform can tell."""

_POLICY_KEYS: Final = {"Version", "Id", "Statement"}
_STATEMENT_KEYS: Final = {
    *("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource"),
    *("Condition", "Principal", "NotPrincipal"),
}
_POLICY_VERSIONS: Final = {"1.0", "1.1", "5.0"}
_CHOICES: Final = ("schedule_type", "auth", "match_mode")


class Fault(NamedTuple):
    """Something that is wrong with a document."""

    level: str
    code: str
    message: str


def policy_faults(policy: Mapping[str, Any], resolve: Resolve) -> Iterator[Fault]:
    """Compare a policy's keys and fixed values with what IAM takes."""
    yield from _unknown_keys(policy, _POLICY_KEYS)
    version = resolve(policy.get("Version", UNKNOWN))
    if version is not UNKNOWN and str(version) not in _POLICY_VERSIONS:
        yield _bad(f"Version {version!r}: 1.1 (role) or 5.0 (identity policy)")
    for statement in _as_list(policy.get("Statement", [])):
        if isinstance(statement, dict):
            yield from _statement_faults(statement, resolve)


def event_faults(event: Mapping[str, Any], rules: Spec, resolve: Resolve) -> Iterator[Fault]:
    """Compare what a trigger is told with what its type needs."""
    for key in rules["required"]:
        if key not in event:
            yield Fault("E", "missing-required", f"this trigger type needs {key!r}")
    for key in sorted(set(event) - set(rules["required"]) - set(rules["optional"])):
        yield Fault("W", "doubtful-value", f"{key!r} is not a known key of this trigger type")
    known = {key: resolve(value) for key, value in event.items()}
    for key in _CHOICES:
        value = known.get(key, UNKNOWN)
        if value is not UNKNOWN and value not in rules[key]:
            yield _bad(f"{key} {value!r}, allowed: {rules[key]}")
    schedule = known.get("schedule", UNKNOWN)
    if schedule is not UNKNOWN and "rate_max" in rules:
        problem = schedule_problem(str(schedule), known.get("schedule_type", UNKNOWN), rules["rate_max"])
        if problem:
            yield _bad(problem)


def _statement_faults(statement: Mapping[str, Any], resolve: Resolve) -> Iterator[Fault]:
    yield from _unknown_keys(statement, _STATEMENT_KEYS)
    effect = resolve(statement.get("Effect", '""'))
    if effect is not UNKNOWN and effect not in {"Allow", "Deny"}:
        yield _bad(f"Effect {effect!r}: Allow or Deny")
    if effect == "Deny":
        return
    for name in map(resolve, _as_list(statement.get("Action", []))):
        if name is UNKNOWN:
            continue
        if name == "*" or str(name).endswith(":*:*"):
            yield Fault("W", "wide-policy", f"action {name!r}")
        elif not re.fullmatch(r"[\w-]+:[\w*-]+:[\w*-]+", str(name)):
            yield _bad(f"action {name!r}: service:resource:operation")


def _unknown_keys(document: Mapping[str, Any], known: set[str]) -> Iterator[Fault]:
    return (_bad(f"{key!r} is no policy key") for key in sorted(set(document) - known))


def _bad(message: str) -> Fault:
    return Fault("E", "bad-value", message)


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401 - one or many
    return value if isinstance(value, list) else [value]
