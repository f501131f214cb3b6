"""What IAM decides: policies as AWS evaluates them, as far as those of `infra/aws` go.

    decide([role_policy], Ask("s3:GetObject", "arn:aws:s3:::bucket/key"))

moto knows no conditions, and of most services no resources. Written from the documentation:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
(read November 2026). Deliberately absent: principals; whatever else is not known here is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, Final, NamedTuple

Policy = Mapping[str, Any]
Statement = Mapping[str, Any]

_KNOWN: Final = {"Sid", "Effect", "Action", "Resource", "Principal", "Condition"}


class Ask(NamedTuple):
    """What somebody wants to do; `context` holds the condition keys that the request carries."""

    action: str
    resource: str
    context: Mapping[str, str] = {}


class Decision(Enum):
    """Whether it may be done; without a word about it, it may not."""

    ALLOWED = "allowed"
    DENIED = "denied by a statement"
    UNMENTIONED = "allowed by no statement"


def decide(policies: Iterable[Policy], ask: Ask) -> Decision:
    """Evaluate policies together: who is denied once is denied."""
    effects = {each["Effect"] for policy in policies for each in statements(policy) if concerns(each, ask)}
    if "Deny" in effects:
        return Decision.DENIED
    return Decision.ALLOWED if "Allow" in effects else Decision.UNMENTIONED


def statements(policy: Policy) -> list[Statement]:
    """The statements of a policy."""
    return _listed(policy["Statement"])


def concerns(statement: Statement, ask: Ask) -> bool:
    """Whether a statement speaks about this."""
    unknown = statement.keys() - _KNOWN
    assert not unknown, unknown
    return (
        any(_matches(each.lower(), ask.action.lower()) for each in _listed(statement["Action"]))
        and any(_matches(each, ask.resource) for each in _listed(statement["Resource"]))
        and all(_conditions(statement.get("Condition", {}), ask.context))
    )


def permissions(policy: Policy) -> list[tuple[str, str]]:
    """Every action with every resource that a policy speaks about, in its order."""
    return [(each["Action"], each["Resource"]) for each in _single(policy)]


def without(policy: Policy, action: str, resource: str) -> Policy:
    """The policy with one permission less."""
    single = _single(policy)
    kept = [each for each in single if (each["Action"], each["Resource"]) != (action, resource)]
    assert len(kept) < len(single), f"it holds no {action} on {resource}"
    return {**policy, "Statement": kept}


def _single(policy: Policy) -> list[dict[str, Any]]:
    """The same as statements of one action and one resource each, without their names."""
    return [
        {**{key: each[key] for key in each if key != "Sid"}, "Action": action, "Resource": resource}
        for each in statements(policy)
        for action in _listed(each["Action"])
        for resource in _listed(each["Resource"])
    ]


def _conditions(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> Iterator[bool]:
    """Each condition's outcome; all of them have to hold, while one of a key's values is enough."""
    found = {key.lower(): value for key, value in context.items()}
    for operator, keys in conditions.items():
        name, may_lack, _ = operator.partition("IfExists")
        for key, expected in keys.items():
            actual = found.get(key.lower())
            if name == "Null":
                yield (actual is None) is _is_true(expected)
            elif actual is None:
                yield bool(may_lack)
            else:
                yield any(_OPERATORS[name](str(each), actual) for each in _listed(expected))


def _matches(pattern: str, value: str) -> bool:
    """Whether a pattern with * and ? fits a whole value."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, value, re.DOTALL) is not None


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON: one, or a list of them
    return value if isinstance(value, list) else [value]


_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "ArnEquals": _matches,
    "ArnLike": _matches,
    "Bool": lambda expected, actual: _is_true(expected) is _is_true(actual),
    "StringEquals": lambda expected, actual: expected == actual,
    "StringLike": _matches,
}
