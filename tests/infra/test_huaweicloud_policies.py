"""The reading of Huawei's policies for roles, by which the deployed one is judged."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from tests.infra.role_policies import actions, allows, without

OBJECT: Final = "obs:*:*:object:bucket/state/changes/a.json"


def policy(*statements: dict[str, Any]) -> str:
    """Write a policy; what a statement does not say is as in most."""
    usual = {"Effect": "Allow", "Action": ["obs:object:GetObject"]}
    return json.dumps({"Version": "1.1", "Statement": [{**usual, **each} for each in statements]})


@pytest.mark.parametrize(
    ("statements", "is_allowed"),
    [
        ([{}], True),
        ([{"Action": ["obs:object:*"]}], True),
        ([{"Action": ["obs:object:getobject"]}], True),
        ([{"Action": ["obs:object:PutObject"]}], False),
        ([{"Action": ["obs:object:Get"]}], False),
        ([{"Resource": ["OBS:*:*:object:bucket/state/*"]}], True),
        ([{"Resource": ["obs:*:*:object:*"]}], True),
        ([{"Resource": ["OBS:*:*:object:bucket/other/*"]}], False),
        ([{"Resource": ["OBS:*:*:object:bucket/state"]}], False),
        ([{"Resource": ["OBS:*:*:bucket:*"]}], False),
        ([{"Condition": {"StringStartWith": {"obs:prefix": ["st"]}}}], True),
        ([{"Condition": {"StringEquals": {"obs:prefix": ["st", "state/"]}}}], True),
        ([{"Condition": {"StringEquals": {"obs:prefix": "st"}}}], False),
        ([{"Condition": {"StringMatch": {"obs:prefix": ["s*/"]}}}], True),
        ([{"Condition": {"StringEquals": {"obs:delimiter": ["/"]}}}], False),
        ([{"Condition": {"StringEqualsIfExists": {"obs:delimiter": ["/"]}}}], True),
        ([{}, {"Effect": "Deny", "Resource": ["OBS:*:*:object:bucket/state/changes/*"]}], False),
        ([{}, {"Effect": "Deny", "Resource": ["OBS:*:*:object:bucket/state/active/*"]}], True),
        ([], False),
    ],
)
def test_a_policy_allows_what_a_statement_allows_and_none_denies(
    statements: list[dict[str, Any]], *, is_allowed: bool
) -> None:
    """Actions in either case, resources as they are written, conditions by what the request holds."""
    facts = {"obs:prefix": "state/"}

    assert allows([policy(*statements)], "obs:object:GetObject", OBJECT, facts) is is_allowed


def test_policies_add_up() -> None:
    """What none of them allows is not allowed."""
    both = [policy({}), policy({"Action": ["obs:object:PutObject"]})]

    assert allows(both, "obs:object:PutObject", OBJECT, {})
    assert not allows(both, "obs:object:DeleteObject", OBJECT, {})


def test_a_right_can_be_taken_out_of_a_policy() -> None:
    """One that it does not hold cannot, so nobody believes to have taken it out."""
    whole = policy({"Action": ["a:b:c", "a:b:d"]}, {"Action": ["a:b:d"], "Resource": ["one", "two"]})

    assert actions(whole) == [("a:b:c", "*"), ("a:b:d", "*"), ("a:b:d", "one"), ("a:b:d", "two")]
    assert actions(without(whole, "a:b:d", "one")) == [("a:b:c", "*"), ("a:b:d", "*"), ("a:b:d", "two")]
    with pytest.raises(LookupError):
        without(whole, "a:b:c", "one")


def test_a_condition_that_nobody_knows_is_an_error() -> None:
    """It is not taken for one that holds."""
    with pytest.raises(KeyError):
        allows(
            [policy({"Condition": {"StringX": {"obs:prefix": ["a"]}}})],
            "obs:object:GetObject",
            OBJECT,
            {"obs:prefix": "a"},
        )
