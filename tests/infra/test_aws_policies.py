"""Our reading of IAM policies says what AWS's documentation says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.aws_policies import Ask, Decision, decide, permissions, without

BUCKET = "arn:aws:s3:::bucket"
READ = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/state/*"}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def conditional(effect: str, **conditions: object) -> dict[str, Any]:
    """A policy about PUTs under a condition."""
    action = {"Action": ["s3:PutObject"], "Resource": [f"{BUCKET}/*"]}
    return policy({"Sid": "Put", "Effect": effect, **action, "Condition": conditions})


def put(**context: str) -> Ask:
    """A PUT; a key's colon and hyphens are written as underscores."""
    keys = {name.replace("_", ":", 1).replace("_", "-"): value for name, value in context.items()}
    return Ask("s3:PutObject", f"{BUCKET}/state/key", keys)


@pytest.mark.parametrize(
    ("action", "resource", "decision"),
    [
        ("s3:GetObject", f"{BUCKET}/state/a/b", Decision.ALLOWED),
        ("S3:getobject", f"{BUCKET}/state/a", Decision.ALLOWED),
        ("s3:GetObject", f"{BUCKET}/State/a", Decision.UNMENTIONED),
        ("s3:GetObject", f"{BUCKET}/other/a", Decision.UNMENTIONED),
        ("s3:GetObject", f"{BUCKET}-2/state/a", Decision.UNMENTIONED),
        ("s3:GetObjectVersion", f"{BUCKET}/state/a", Decision.UNMENTIONED),
    ],
)
def test_action_and_resource_have_to_fit(action: str, resource: str, decision: Decision) -> None:
    """The action in any case, the resource exactly but for its wildcards."""
    assert decide([policy(READ)], Ask(action, resource)) is decision


def test_one_denial_outweighs_whatever_is_allowed() -> None:
    """In whichever policy it stands."""
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": f"{BUCKET}/state/secret?"}
    both = [policy(READ), policy(deny)]

    assert decide(both, Ask("s3:GetObject", f"{BUCKET}/state/secret1")) is Decision.DENIED
    assert decide(both, Ask("s3:GetObject", f"{BUCKET}/state/secret12")) is Decision.ALLOWED


@pytest.mark.parametrize(
    ("conditions", "ask", "holds"),
    [
        ({"StringLike": {"s3:prefix": ["state/*"]}}, put(s3_prefix="state/a"), True),
        ({"StringLike": {"s3:prefix": ["state/*"]}}, put(s3_prefix="stat"), False),
        ({"StringLike": {"s3:prefix": "state/*"}}, put(), False),
        ({"StringLikeIfExists": {"s3:prefix": "state/*"}}, put(), True),
        ({"StringEquals": {"s3:prefix": ["a", "b"]}}, put(s3_prefix="b"), True),
        ({"StringEquals": {"s3:prefix": "a*"}}, put(s3_prefix="ab"), False),
        ({"Null": {"s3:if-match": "true"}}, put(), True),
        ({"Null": {"s3:if-match": "true"}}, put(s3_if_match="etag"), False),
        ({"Null": {"s3:if-match": "false"}}, put(s3_if_match="etag"), True),
        ({"Null": {"s3:if-match": "true", "s3:if-none-match": "true"}}, put(s3_if_none_match="*"), False),
        ({"Bool": {"aws:SecureTransport": "false"}}, put(aws_SecureTransport="false"), True),
        ({"Bool": {"aws:SecureTransport": "false"}}, put(aws_SecureTransport="true"), False),
        ({"Bool": {"aws:SecureTransport": "false"}}, put(), False),
        ({"Bool": {"aws:x": "true"}, "Null": {"aws:y": "true"}}, put(aws_x="true", aws_y="1"), False),
    ],
)
def test_every_condition_has_to_hold(conditions: dict[str, Any], ask: Ask, *, holds: bool) -> None:
    """A key that the request lacks holds for `Null` and `…IfExists` only; of several values one is enough."""
    assert (decide([conditional("Allow", **conditions)], ask) is Decision.ALLOWED) == holds
    assert (decide([conditional("Deny", **conditions)], ask) is Decision.DENIED) == holds


def test_what_is_not_known_here_is_an_error() -> None:
    """Better than a decision that AWS would not take."""
    with pytest.raises(KeyError):
        decide([conditional("Allow", NumericLessThan={"s3:max-keys": "10"})], put(s3_max_keys="1"))
    with pytest.raises(AssertionError):
        decide([policy({**READ, "NotAction": "s3:GetObject"})], put())


def test_a_permission_can_be_taken_away() -> None:
    """One action on one resource; all others stay, under their conditions."""
    condition = {"Bool": {"aws:SecureTransport": "true"}}
    write = {**READ, "Action": ["s3:GetObject", "s3:PutObject"], "Resource": [f"{BUCKET}/a", f"{BUCKET}/b"]}
    whole = policy(READ, {**write, "Condition": condition})
    less = without(whole, "s3:PutObject", f"{BUCKET}/a")

    assert permissions(less) == [
        ("s3:GetObject", f"{BUCKET}/state/*"),
        ("s3:GetObject", f"{BUCKET}/a"),
        ("s3:GetObject", f"{BUCKET}/b"),
        ("s3:PutObject", f"{BUCKET}/b"),
    ]
    assert [each.get("Condition") for each in less["Statement"]] == [None, *[condition] * 3]
    with pytest.raises(AssertionError):
        without(less, "s3:PutObject", f"{BUCKET}/a")
