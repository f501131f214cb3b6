"""What has to hold for `infra/huaweicloud`, beside what holds for every cloud.

Each fails with what is wrong.
"""

from __future__ import annotations

import re

from tests.infra.hcl_files import Body, Module, contents, strings
from tests.infra.hcl_policies import statements
from tests.infra.safety import allowing, has_default, only, takes_only, trusts_nobody_but

# What FunctionGraph's agency may do where a policy names no resource, because the service takes none.
_WITHOUT_RESOURCE = {
    *("dms:instance:get", "dms:instance:getBackgroundTask", "dms:instance:list"),
    *("smn:topic:list", "smn:topic:publish"),
}
_EVERYTHING = {"${local.bucket}", "${local.bucket}/*"}


def trusts_only_functiongraph(module: Module) -> None:
    """No policy lets in anybody, and the agency is FunctionGraph's."""
    trusts_nobody_but((), module)
    for agency in module.resources("huaweicloud_identity_agency"):
        assert agency.body.get("delegated_service_name") == "op_svc_cff", f"{agency} is somebody else's"
        assert "delegated_domain_name" not in agency.body, f"{agency} is another account's"


def limits_each_right(module: Module) -> None:
    """To the bucket, or to an action that takes no resource; the agency has no policy but ours."""
    for statement in allowing(module):
        if not statement.resources:
            excess = set(statement.actions) - _WITHOUT_RESOURCE
            assert not excess, f"{statement.where} allows {', '.join(sorted(excess))} on everything"
    for agency in module.resources("huaweicloud_identity_agency"):
        granted = [agency.body.get("domain_roles"), *(each["roles"] for each in agency.body["project_role"])]
        for text in strings(granted):
            assert text.startswith("${huaweicloud_identity_role."), f"{agency} may do what {text} allows"
        assert "all_resources_roles" not in agency.body


def stays_below_its_prefix(module: Module) -> None:
    """The function's own code and configuration are not its to write, and other objects not its to read."""
    for statement in allowing(module):
        for name in statement.resources:
            is_read = set(statement.actions) == {"obs:object:GetObject"} and name.endswith(
                "/${local.config_key}"
            )
            is_below = name.startswith("${local.objects}/${local.prefix}/") or ":bucket:" in name
            assert is_read or is_below, f"{statement.where} reaches {name}"


def lets_the_function_delete_marks_and_leases_only(module: Module) -> None:
    """Never a ledger."""
    for statement in allowing(module):
        if any("Delete" in action for action in statement.actions):
            for name in statement.resources:
                assert re.search(r"/(active|leases)/\*$", name), f"{statement.where} may delete {name}"


def keeps_the_bucket_private(module: Module) -> None:
    """By its list of grants, by what is blocked, and by its policy."""
    bucket = only(block.body for block in module.resources("huaweicloud_obs_bucket"))
    assert bucket["acl"] == "private"
    access = only(block.body for block in module.resources("huaweicloud_obs_bucket_bpa"))
    for name in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"):
        assert access.get(name) is True, f"{name} is not set"
    for kind in ("huaweicloud_obs_bucket_acl", "huaweicloud_obs_bucket_object_acl"):
        assert not module.resources(kind), "it has a list of grants"
    for item in module.resources("huaweicloud_obs_bucket_object"):
        assert item.body.get("acl", "private") == "private", f"{item} can be read by anybody"


def encrypts(module: Module) -> None:
    """The bucket; and secrets are kept as encrypted user data and nowhere else."""
    bucket = only(block.body for block in module.resources("huaweicloud_obs_bucket"))
    assert bucket["encryption"] is True
    assert bucket["sse_algorithm"] in {"AES256", "kms"}
    function = only(block.body for block in module.resources("huaweicloud_fgs_function"))
    assert "jsonencode(var.secrets)" in function["encrypted_user_data"]
    users = [
        f"{block}.{name}"
        for block in module.every
        for name, value in block.body.items()
        if block.labels
        and name not in {"lifecycle", "validation"}
        and any(re.search(r"\bvar\.secrets\b", text) for text in strings(value))
    ]
    assert users == ["huaweicloud_fgs_function.headway.encrypted_user_data"], f"{users} hold them in clear"


def keeps_history(module: Module) -> None:
    """Versioned; of what is current only leases expire; and only who says so deletes the bucket."""
    bucket = only(block.body for block in module.resources("huaweicloud_obs_bucket"))
    assert bucket["versioning"] is True
    assert bucket["force_destroy"] == "${var.delete_history}"
    for rule in contents(bucket, "lifecycle_rule"):
        prefix = str(rule.get("prefix"))
        assert "expiration" not in rule or prefix.endswith("/leases"), f"{prefix} expires"
        assert "transition" not in rule, f"{prefix} cannot be read at once"
    has_default(module, "noncurrent_days", 30)
    has_default(module, "delete_history", expected=False)


def takes_the_bucket_over_tls_only(module: Module) -> None:
    """Everything in it and about it, from everybody."""
    denying = [
        each for each in statements(module) if not each.allows and "SecureTransport" in each.conditions
    ]
    assert len(denying) == 1, "no statement denies what comes without TLS"
    assert denying[0].actions == ("*",)
    assert denying[0].principals == ("*",)
    assert set(denying[0].resources) == _EVERYTHING
    assert denying[0].conditions == "Bool SecureTransport false"


def asks_who_calls(module: Module) -> None:
    """The gateway does, or else Headway by its token, which has to be there."""
    has_default(module, "apig", None)
    assert 'auth = optional(string, "IAM")' in module.variables["apig"]["type"]
    takers = [block for block in module.resources("huaweicloud_fgs_function_trigger") if "apig" in str(block)]
    for trigger in takers:
        assert "auth = var.apig.auth" in trigger.body["event_data"], f"{trigger} chooses who is let in"
        (lifecycle,) = trigger.body["lifecycle"]
        conditions = [check["condition"] for check in lifecycle["precondition"]]
        assert "${local.has_token}" in conditions, f"{trigger} can be open without a token"
    assert "local.config.http.token" in module.locals["has_token"]
    for trigger in module.resources("huaweicloud_fgs_function_trigger"):
        assert trigger in takers or trigger.body["type"] in {"TIMER", "CTS"}, f"{trigger} may let in anybody"


def tries_nothing_twice(module: Module) -> None:
    """The next minute looks anew."""
    asynchronous = _asynchronous(module)
    assert asynchronous["max_async_retry_attempts"] == 0
    assert asynchronous["max_async_event_age_in_seconds"] == 60


def tells_what_failed(module: Module) -> None:
    """By a topic, to whoever subscribed."""
    failed = only(_asynchronous(module)["on_failure"])
    assert failed["destination"] == "SMN"
    assert "huaweicloud_smn_topic." in failed["param"]
    subscription = only(block.body for block in module.resources("huaweicloud_smn_subscription"))
    assert subscription["for_each"] == "${var.failure_emails}"


def bounds_the_function(module: Module) -> None:
    """As long as its claims reckon with, and one at once unless more are asked for."""
    function = only(block.body for block in module.resources("huaweicloud_fgs_function"))
    assert function["timeout"] == 60
    assert function["max_instance_num"] == "${tostring(var.max_instances)}"
    assert function["memory_size"] == "${var.memory_mb}"
    for name, expected in {"max_instances": 1, "shards": 1, "memory_mb": 256}.items():
        has_default(module, name, expected)


def keeps_its_log_for_a_while(module: Module) -> None:
    """In a group of its own."""
    group = only(block.body for block in module.resources("huaweicloud_lts_group"))
    assert group["ttl_in_days"] == "${var.log_retention_days}"
    has_default(module, "log_retention_days", 30)
    function = only(block.body for block in module.resources("huaweicloud_fgs_function"))
    assert function.get("enable_lts_log") is True


def looks_every_minute(module: Module) -> None:
    """A schedule that FunctionGraph refuses is refused before."""
    has_default(module, "schedule", "1m")
    takes_only(
        module,
        "schedule",
        right=("1m", "60m", "24h", "@every 90s", "0 0/5 * * * *", "CRON_TZ=Asia/Shanghai 0 0 8 * * MON-FRI"),
        wrong=("0m", "61m", "25h", "1", "rate(1 minute)", "*/5 * * * *", "@every 0s", "1m "),
    )
    timer = only(
        block.body
        for block in module.resources("huaweicloud_fgs_function_trigger")
        if block.body["type"] == "TIMER"
    )
    assert "schedule = var.schedule" in timer["event_data"]


def _asynchronous(module: Module) -> Body:
    return only(block.body for block in module.resources("huaweicloud_fgs_async_invoke_configuration"))
