"""Faults in `infra/huaweicloud` and in its example."""

from __future__ import annotations

from typing import Final

from tests.infra import safety, safety_example, safety_huaweicloud
from tests.infra.faults import Fault

_OUTPUT: Final = 'output "bucket" {'
_HIDDEN: Final = """locals {
  every = jsonencode(var.secrets)
  more  = { every = local.every }
}

output "hint" {
  description = "What is kept for the function."
  value       = local.more
}

"""

MODULE: Final = (
    Fault(safety.pins_what_it_runs_with, "versions.tf", '">= 1.91.0, < 2"', '">= 1.91.0"'),
    Fault(
        safety.keeps_secrets_out_of_defaults, "variables.tf", "default     = {}", 'default     = { A = "b" }'
    ),
    Fault(safety.keeps_secrets_out_of_defaults, "variables.tf", "  sensitive   = true\n", ""),
    Fault(
        safety.keeps_secrets_out_of_outputs,
        "outputs.tf",
        "value       = local.agency_name",
        "value       = var.secrets",
    ),
    Fault(safety.keeps_secrets_out_of_outputs, "outputs.tf", _OUTPUT, _HIDDEN + _OUTPUT),
    Fault(
        safety.keeps_secrets_out_of_outputs, "outputs.tf", "headway.name\n", "headway.encrypted_user_data\n"
    ),
    Fault(safety.gives_no_wildcard_right, "agency.tf", '["obs:object:GetObject", ', '["obs:object:*", '),
    Fault(safety.gives_no_wildcard_right, "agency.tf", '"dms:instance:getBackgroundTask"', '"dms:*:*"'),
    Fault(
        safety.gives_no_wildcard_right,
        "agency.tf",
        '"${local.objects}/${local.config_key}"',
        '"obs:*:*:object:*"',
    ),
    Fault(safety_huaweicloud.trusts_only_functiongraph, "bucket.tf", '"Deny"', '"Allow"'),
    Fault(safety_huaweicloud.trusts_only_functiongraph, "agency.tf", '"op_svc_cff"', '"op_svc_ecs"'),
    Fault(safety_huaweicloud.limits_each_right, "agency.tf", '"dms:instance:get"', '"dms:instance:delete"'),
    Fault(
        safety_huaweicloud.limits_each_right,
        "agency.tf",
        "[huaweicloud_identity_role.region.name]",
        '["DMS Administrator"]',
    ),
    Fault(safety_huaweicloud.stays_below_its_prefix, "agency.tf", "/${local.prefix}/*", "/*"),
    Fault(
        safety_huaweicloud.lets_the_function_delete_marks_and_leases_only,
        "agency.tf",
        "/active/*",
        "/changes/*",
    ),
    Fault(safety_huaweicloud.keeps_the_bucket_private, "bucket.tf", '"private"', '"public-read"'),
    Fault(safety_huaweicloud.keeps_the_bucket_private, "bucket.tf", "ignore_public_acls      = true", ""),
    Fault(safety_huaweicloud.encrypts, "bucket.tf", "encryption    = true", "encryption    = false"),
    Fault(
        safety_huaweicloud.encrypts, "function.tf", "jsonencode(local.user_data)", "jsonencode(var.secrets)"
    ),
    Fault(safety_huaweicloud.keeps_history, "bucket.tf", "versioning    = true", "versioning    = false"),
    Fault(
        safety_huaweicloud.keeps_history,
        "bucket.tf",
        "      noncurrent_version_expiration {",
        "      expiration {",
    ),
    Fault(
        safety_huaweicloud.keeps_history, "bucket.tf", '"${local.prefix}/leases"', '"${local.prefix}/changes"'
    ),
    Fault(safety_huaweicloud.takes_the_bucket_over_tls_only, "bucket.tf", '["false"]', '["true"]'),
    Fault(
        safety_huaweicloud.asks_who_calls,
        "variables.tf",
        'optional(string, "IAM")',
        'optional(string, "NONE")',
    ),
    Fault(safety_huaweicloud.asks_who_calls, "triggers.tf", "= local.has_token", "= true"),
    Fault(safety_huaweicloud.asks_who_calls, "triggers.tf", "var.apig.auth", '"NONE"'),
    Fault(
        safety_huaweicloud.tries_nothing_twice, "function.tf", "_attempts       = 0", "_attempts       = 3"
    ),
    Fault(safety_huaweicloud.tells_what_failed, "function.tf", '"SMN"', '"OBS"'),
    Fault(safety_huaweicloud.bounds_the_function, "function.tf", "tostring(var.max_instances)", '"400"'),
    Fault(safety_huaweicloud.bounds_the_function, "function.tf", "= 60\n", "= 3\n"),
    Fault(safety_huaweicloud.keeps_its_log_for_a_while, "function.tf", "enable_lts_log        = true", ""),
    Fault(safety_huaweicloud.looks_every_minute, "variables.tf", "([1-9]|[1-5][0-9]|60)m", "[0-9]+m"),
)

EXAMPLE: Final = (
    Fault(safety.keeps_secrets_out_of_defaults, "main.tf", "default     = {}", 'default     = { A = "b" }'),
    Fault(
        safety_example.writes_no_keys,
        "main.tf",
        "  project_id = try",
        '  access_key = "a"\n  project_id = try',
    ),
    Fault(safety_example.hands_on_what_is_told, "main.tf", "module.headway.bucket", "module.headway.url"),
)
