"""What has to hold for `infra/aws`, beside what holds for every cloud; each fails with what is wrong."""

from __future__ import annotations

from typing import Final

from tests.infra.hcl_files import Body, Module, strings
from tests.infra.hcl_policies import statements
from tests.infra.safety import has_default, only, takes_only

_VALUES_IN_STATE: Final = ("aws_ssm_parameter", "aws_secretsmanager_secret_version")
_URL: Final = {
    "count": '${var.http == "iam" ? 1 : 0}',
    "function_name": "${aws_lambda_function.headway.function_name}",
    "authorization_type": "AWS_IAM",
}
_GUARDED: Final = {
    "aws_s3_bucket_versioning.state",
    "aws_s3_bucket_server_side_encryption_configuration.state",
}
_FIRST: Final = {
    "aws_lambda_function.headway": {"aws_cloudwatch_log_group.function", "aws_iam_role_policy.function"},
    "aws_s3_bucket_lifecycle_configuration.state": {"aws_s3_bucket_versioning.state"},
    "aws_s3_bucket_policy.state": {
        "aws_s3_bucket_public_access_block.state",
        "aws_s3_bucket_ownership_controls.state",
    },
    "aws_s3_object.configuration": {
        *_GUARDED,
        "aws_lambda_function.headway",
        "aws_iam_role_policy.function",
    },
    "aws_s3_object.package": _GUARDED,
    "aws_scheduler_schedule.tick": {
        "aws_iam_role_policy.schedule",
        "aws_lambda_function_event_invoke_config.headway",
        "aws_s3_object.configuration",
    },
}
"""What has to be there before each, where no value says so."""


def asks_who_calls(module: Module) -> None:
    """IAM at the function's URL; before the gateway, which anybody reaches, only with a token to show."""
    for url in module.resources("aws_lambda_function_url"):
        assert url.body == _URL, f"{url} lets in anybody, or other sites' pages, or answers as Headway cannot"
    for api in module.resources("aws_apigatewayv2_api"):
        assert api.body["count"] == '${var.http == "token" ? 1 : 0}', (
            f"{api} is there without being asked for"
        )
    conditions = [check["condition"] for check in module.variables["http"]["validation"]]
    assert '${var.http != "token" || local.has_http_token}' in conditions, "it can be open without a token"
    assert "local.configuration.http.token" in module.locals["has_http_token"]
    has_default(module, "http", "iam")


def tries_nothing_twice(module: Module) -> None:
    """Neither the function nor its schedules: the next minute looks anew."""
    asynchronous = only(block.body for block in module.resources("aws_lambda_function_event_invoke_config"))
    assert _is_once(asynchronous), "the function is tried again"
    for schedule in module.resources("aws_scheduler_schedule"):
        (target,) = schedule.body["target"]
        assert _is_once(only(target["retry_policy"])), f"{schedule} is tried again"


def tells_what_failed(module: Module) -> None:
    """Each failure goes to the queue."""
    asynchronous = only(block.body for block in module.resources("aws_lambda_function_event_invoke_config"))
    (destinations,) = asynchronous["destination_config"]
    assert only(destinations["on_failure"])["destination"].startswith("${aws_sqs_queue.")
    for schedule in module.resources("aws_scheduler_schedule"):
        (target,) = schedule.body["target"]
        assert only(target.get("dead_letter_config", []))["arn"].startswith("${aws_sqs_queue."), (
            f"{schedule} is mute"
        )


def begins_with_what_it_needs(module: Module) -> None:
    """Rights and code come before the configuration that needs them, and that before the first tick."""
    found = {
        str(each): {name.strip("${}") for name in each.body["depends_on"]}
        for each in module.resources()
        if "depends_on" in each.body
    }
    assert found == _FIRST


def bounds_the_function(module: Module) -> None:
    """As long as its claims reckon with, and as many at once as there are parts."""
    function = only(block.body for block in module.resources("aws_lambda_function"))
    assert function["timeout"] == 60
    assert function["reserved_concurrent_executions"] == "${coalesce(var.reserved_concurrency, var.shards)}"
    assert function["memory_size"] == "${var.memory_mb}"
    for name, expected in {"reserved_concurrency": None, "shards": 1, "memory_mb": 256}.items():
        has_default(module, name, expected)


def keeps_its_log_for_a_while(module: Module) -> None:
    """In a group that the function may not make itself."""
    group = only(block.body for block in module.resources("aws_cloudwatch_log_group"))
    assert group.get("retention_in_days") == "${var.log_retention_days}"
    has_default(module, "log_retention_days", 30)
    assert not any("CreateLogGroup" in action for each in statements(module) for action in each.actions)


def looks_every_minute(module: Module) -> None:
    """A schedule that the scheduler refuses is refused before."""
    has_default(module, "schedule", "rate(1 minute)")
    takes_only(
        module,
        "schedule",
        right=("rate(1 minute)", "rate(2 minutes)", "rate(30 minutes)"),
        wrong=(
            "rate(1 minutes)",
            "rate(2 minute)",
            "rate(0 minutes)",
            "1 minute",
            "rate(1 minute) ",
            "cron(x)",
        ),
    )
    for schedule in module.resources("aws_scheduler_schedule"):
        assert schedule.body["schedule_expression"] == "${var.schedule}"
        assert schedule.body["flexible_time_window"] == [{"mode": "OFF"}]


def keeps_secrets_out_of_the_state(module: Module) -> None:
    """It neither makes nor reads what holds one; the function does."""
    for kind in _VALUES_IN_STATE:
        found = [
            *module.resources(kind),
            *(each for each in module.blocks("data", 2) if each.labels[0] == kind),
        ]
        assert not found, f"{kind} has its value in the state"
    function = only(block.body for block in module.resources("aws_lambda_function"))
    variables = only(function["environment"])["variables"]
    assert set(variables) == {"HEADWAY_CONFIG"}, "the function's variables can be read in the console"
    assert not any("var." in text for text in strings(variables))


def _is_once(policy: Body) -> bool:
    wanted = {"maximum_retry_attempts": 0, "maximum_event_age_in_seconds": 60}
    return wanted.items() <= policy.items()
