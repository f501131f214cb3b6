"""What Huawei's policies for roles allow, read from its documentation; knows nothing of Terraform and OBS.

https://support.huaweicloud.com/intl/en-us/usermanual-iam/iam_01_0019.html: an action is allowed where a
statement allows it and none denies it; a statement without resources is about all of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Facts = Mapping[str, str]
"""What conditions can ask of a request, such as `obs:prefix`."""


def is_like(text: str, pattern: str) -> bool:
    """Whether a text is as a pattern says, in which `*` stands for any characters; upper case counts."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text, re.DOTALL) is not None


_CONDITIONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": str.__eq__,
    "StringStartWith": str.startswith,
    "StringEndWith": str.endswith,
    "StringMatch": is_like,
    "StringLike": is_like,
    "Bool": lambda found, wanted: found.lower() == wanted.lower(),
}


def allows(policies: Sequence[str], action: str, resource: str, facts: Facts) -> bool:
    """Whether policies, each a JSON document, together allow an action on a resource."""
    effects = {
        statement["Effect"]
        for policy in policies
        for statement in json.loads(policy)["Statement"]
        if _applies(statement, action, resource, facts)
    }
    return effects == {"Allow"}


def without(policy: str, action: str, resource: str) -> str:
    """A policy that no longer allows an action on a resource, as the policy itself writes both.

    Raises:
        LookupError: It does not speak of them anyway.
    """
    if (action, resource) not in actions(policy):
        raise LookupError(f"{action} on {resource} is not in the policy")
    document = json.loads(policy)
    kept = [
        {**statement, "Action": [one], "Resource": [other]}
        for statement in document["Statement"]
        for one in statement["Action"]
        for other in statement.get("Resource", ["*"])
        if (one, other) != (action, resource)
    ]
    return json.dumps({**document, "Statement": kept})


def actions(policy: str) -> list[tuple[str, str]]:
    """Each action that a policy speaks of, with each resource; `*` where it names none."""
    return [
        (action, resource)
        for statement in json.loads(policy)["Statement"]
        for action in statement["Action"]
        for resource in statement.get("Resource", ["*"])
    ]


def _applies(statement: Mapping[str, Any], action: str, resource: str, facts: Facts) -> bool:
    return (
        any(is_like(action.lower(), pattern.lower()) for pattern in statement["Action"])
        and any(_names(pattern, resource) for pattern in statement.get("Resource", ["*"]))
        and all(
            _holds(operator, key, wanted, facts)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _names(pattern: str, resource: str) -> bool:
    """Compare `SERVICE:REGION:DOMAIN:KIND:NAME`; services are written in either case."""
    service, has_more, rest = pattern.partition(":")
    return is_like(resource, f"{service.lower()}:{rest}" if has_more else pattern)


def _holds(operator: str, key: str, wanted: str | Sequence[str], facts: Facts) -> bool:
    name = operator.removesuffix("IfExists")
    if key not in facts:
        return name != operator
    choices = [wanted] if isinstance(wanted, str) else wanted
    return any(_CONDITIONS[name](facts[key], choice) for choice in choices)
