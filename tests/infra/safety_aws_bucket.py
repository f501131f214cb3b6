"""What has to hold for the bucket of `infra/aws`; each fails with what is wrong."""

from __future__ import annotations

from tests.infra.hcl_files import Module
from tests.infra.safety import has_default, only


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
    remembered = only(block.body for block in module.resources("terraform_data"))
    assert remembered["input"] == "${local.bucket}"
    assert remembered["lifecycle"] == [{"ignore_changes": ["input"]}], "another bucket would go unnoticed"
    has_default(module, "noncurrent_days", 30)
    has_default(module, "delete_history", expected=False)
