"""What has to hold for the bucket of `infra/aws`; each fails with what is wrong."""

from __future__ import annotations

from tests.infra.hcl_files import Module
from tests.infra.hcl_policies import Statement, statements
from tests.infra.safety import allowing, has_default, only


def stays_below_its_prefix(module: Module) -> None:
    """The function's own code and configuration are not its to write, and other objects not its to read."""
    for statement in allowing(module):
        if any(action.endswith("Object") for action in statement.actions):
            for name in statement.resources:
                is_read = (statement.actions, name) == (
                    ("s3:GetObject",),
                    "${local.bucket_arn}/${local.config_key}",
                )
                is_below = name.startswith("${local.bucket_arn}/${local.prefix}/")
                assert is_read or is_below, f"{statement.where} reaches {name}"


def lets_the_function_delete_marks_only(module: Module) -> None:
    """Never a ledger."""
    for statement in allowing(module):
        if any(action.startswith("s3:Delete") for action in statement.actions):
            for name in statement.resources:
                assert name.endswith("/active/*"), f"{statement.where} may delete {name}"


def keeps_the_bucket_private(module: Module) -> None:
    """All four blocks, no lists of grants, and nobody from outside in its policy."""
    access = only(block.body for block in module.resources("aws_s3_bucket_public_access_block"))
    for name in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"):
        assert access.get(name) is True, f"{name} is not set"
    ownership = only(block.body for block in module.resources("aws_s3_bucket_ownership_controls"))
    assert ownership["rule"] == [{"object_ownership": "BucketOwnerEnforced"}]
    assert not module.resources("aws_s3_bucket_acl"), "it has a list of grants"
    assert not any("acl" in block.body for block in module.resources("aws_s3_object")), "an object is granted"


def encrypts(module: Module) -> None:
    """The bucket and the queue of failures."""
    rules = only(
        block.body for block in module.resources("aws_s3_bucket_server_side_encryption_configuration")
    )
    (default,) = rules["rule"][0]["apply_server_side_encryption_by_default"]
    assert default["sse_algorithm"] in {"AES256", "aws:kms"}
    for queue in module.resources("aws_sqs_queue"):
        assert queue.body.get("sqs_managed_sse_enabled") is True, f"{queue} is not encrypted"


def keeps_history(module: Module) -> None:
    """Versioned; what is current never expires; only who says so deletes the bucket with what it holds."""
    versioning = only(block.body for block in module.resources("aws_s3_bucket_versioning"))
    assert versioning["versioning_configuration"] == [{"status": "Enabled"}]
    lifecycle = only(block.body for block in module.resources("aws_s3_bucket_lifecycle_configuration"))
    for rule in lifecycle["rule"]:
        for expiration in rule.get("expiration", []):
            assert set(expiration) <= {"expired_object_delete_marker"}, (
                f"{rule['id']} deletes what is current"
            )
        for past in rule.get("noncurrent_version_expiration", []):
            assert past["noncurrent_days"] == "${var.noncurrent_days}"
    assert only(bucket.body for bucket in module.resources("aws_s3_bucket"))["force_destroy"] == (
        "${var.delete_history}"
    )
    has_default(module, "noncurrent_days", 30)
    has_default(module, "delete_history", expected=False)


def takes_the_bucket_over_tls_only(module: Module) -> None:
    """Everything in it and about it, from everybody."""
    statement = _denying(module, "aws:SecureTransport")
    assert statement.actions == ("s3:*",)
    assert statement.principals == ("*",)
    assert {name.rpartition("}")[2] for name in statement.resources} == {"", "/*"}
    assert statement.conditions == "Bool aws:SecureTransport false"


def refuses_unconditional_writes_of_ledgers(module: Module) -> None:
    """From everybody, whatever rights they have."""
    statement = _denying(module, "s3:if-match")
    assert statement.actions == ("s3:PutObject",)
    assert statement.principals == ("*",)
    assert all(name.endswith("}/changes/*") for name in statement.resources)
    assert "Null s3:if-match true" in statement.conditions
    assert "Null s3:if-none-match true" in statement.conditions


def _denying(module: Module, key: str) -> Statement:
    found = [each for each in statements(module) if not each.allows and key in each.conditions]
    assert len(found) == 1, f"no statement denies by {key}"
    return found[0]
