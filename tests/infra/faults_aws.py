"""Faults in `infra/aws` and in its example."""

from __future__ import annotations

from typing import Final

from tests.infra import (
    safety,
    safety_aws,
    safety_aws_alarms,
    safety_aws_bucket,
    safety_aws_rights,
    safety_example,
)
from tests.infra.faults import Fault

_READ: Final = 'sid       = "ReadConfiguration"\n    actions   = ["s3:GetObject"]'
_LISTED: Final = """    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${local.prefix}/*", local.config_key]
    }
"""
_OF_GROUP: Final = """    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.schedule_group_arn]
    }
"""
_REFUSED: Final = """  evaluation_periods  = 18
  datapoints_to_alarm = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
"""
_VARIABLE: Final = 'variable "delete_history" {'
_OUTPUT: Final = 'output "bucket" {'
_OTHER: Final = 'variable "other" {\n  description = "Something else."\n  type        = string\n}\n\n'
_TOKEN: Final = 'variable "token" {\n  description = "What to show."\n  type        = string\n}\n\n'
_RESOURCE: Final = 'resource "aws_iam_role_policy" "function" {'
_ATTACHED: Final = """resource "aws_iam_role_policy_attachment" "all" {
  role       = aws_iam_role.function.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

"""
_PARAMETER: Final = """data "aws_ssm_parameter" "token" {
  name = "/headway/token"
}

"""
MODULE: Final = (
    Fault(safety.pins_what_it_runs_with, "versions.tf", '">= 1.11"', '">= 1.5"'),
    Fault(safety.pins_what_it_runs_with, "versions.tf", '"~> 5.100"', '">= 5.100"'),
    Fault(safety.names_its_providers, "versions.tf", "terraform {", 'provider "aws" {}\n\nterraform {'),
    Fault(safety.describes_its_variables, "variables.tf", "  type        = bool\n", ""),
    Fault(
        safety.describes_its_variables,
        "variables.tf",
        _VARIABLE,
        'variable "x" {\n  type = bool\n}\n\n' + _VARIABLE,
    ),
    Fault(safety.describes_its_outputs, "outputs.tf", _OUTPUT, 'output "x" {\n  value = 1\n}\n\n' + _OUTPUT),
    Fault(safety.checks_its_variables, "variables.tf", _VARIABLE, _OTHER + _VARIABLE),
    Fault(safety.keeps_secrets_out_of_defaults, "variables.tf", _VARIABLE, _TOKEN + _VARIABLE),
    Fault(
        safety.can_be_read, "schedule.tf", "resources = [local.function", "not_resources = [local.function"
    ),
    Fault(safety.gives_no_wildcard_right, "role.tf", '["s3:GetObject", "s3:PutObject"]', '["s3:*"]'),
    Fault(safety.gives_no_wildcard_right, "role.tf", '["sqs:SendMessage"]', '["*"]'),
    Fault(safety.gives_no_wildcard_right, "role.tf", "[local.queue_arn]", '["*"]'),
    Fault(safety.gives_no_wildcard_right, "role.tf", "[local.bucket_arn]", '["arn:aws:s3:::*"]'),
    Fault(safety.gives_no_wildcard_right, "schedule.tf", '["lambda:InvokeFunction"]', '["lambda:Invoke*"]'),
    Fault(safety.gives_no_wildcard_right, "names.tf", '"arn:${local.partition}:s3:::${local.bucket}"', '"*"'),
    Fault(safety.gives_no_wildcard_right, "names.tf", 'parameter/${trimprefix(name, "/")}', "parameter/*"),
    Fault(safety.gives_no_wildcard_right, "names.tf", "secret:${name}-??????", "secret:*"),
    Fault(safety.takes_null_for_no_default, "variables.tf", "  nullable    = false\n", ""),
    Fault(safety.takes_null_for_no_default, "variables.tf", "= null", "= null\n  nullable = false"),
    *(
        Fault(safety_aws_rights.gives_the_rights_that_are_meant, file, text, instead)
        for file, text, instead in (
            ("role.tf", '["lambda.amazonaws.com"]', '["*"]'),
            ("role.tf", "lambda.amazonaws.com", "ec2.amazonaws.com"),
            ("role.tf", "resources = [local.queue_arn]", ""),
            ("role.tf", "/${local.prefix}/*", "/*"),
            ("role.tf", "/active/*", "/*"),
            ("role.tf", _READ, _READ.replace("Get", "Put")),
            ("role.tf", '"s3:PutObject"]', '"s3:PutObject", "s3:PutObjectAcl"]'),
            ("role.tf", '["s3:DeleteObject"]', '["s3:DeleteObject", "s3:DeleteObjectVersion"]'),
            ("role.tf", '["s3:ListBucket"]', '["s3:ListBucket", "s3:PutBucketPolicy"]'),
            ("role.tf", _LISTED, ""),
            ("role.tf", '"${local.prefix}/*", local.config_key', '"*"'),
            ("schedule.tf", "aws:SourceAccount", "aws:PrincipalAccount"),
            ("schedule.tf", '"StringEquals"', '"StringNotEquals"'),
            ("schedule.tf", _OF_GROUP, ""),
            ("schedule.tf", "[local.schedule_group_arn]", '["*"]'),
            ("bucket.tf", 'effect    = "Deny"', 'effect    = "Allow"'),
            ("bucket.tf", ', "${local.bucket_arn}/*"]', "]"),
            ("bucket.tf", '["false"]', '["true"]'),
            ("bucket.tf", "/changes/*", "/change/*"),
        )
    ),
    Fault(safety_aws_rights.gives_no_right_elsewhere, "role.tf", _RESOURCE, _ATTACHED + _RESOURCE),
    Fault(safety_aws_rights.gives_no_right_elsewhere, "role.tf", "function.json", "schedule.json"),
    Fault(safety_aws_rights.gives_no_right_elsewhere, "http.tf", '"apigateway.amazonaws.com"', '"*"'),
    Fault(safety_aws_rights.gives_no_right_elsewhere, "http.tf", "execution_arn}/*", "execution_arn}*"),
    *(
        Fault(safety_aws_alarms.tells_when_it_cannot_work, "alarms.tf", text, instead)
        for text, instead in (
            ('"breaching"', '"notBreaching"'),
            ("alarm_actions = var.alarm_topic_arns", ""),
            ("threshold           = var.shards", "threshold           = 0"),
            ("received - FILL", "received + FILL"),
            ("{ FunctionName = aws_lambda_function.headway.function_name }", '{ FunctionName = "other" }'),
            ("datapoints_to_alarm = 3", "datapoints_to_alarm = 5"),
            (_REFUSED, _REFUSED.replace("= 1", "= 100")),
            ("* 4 / 5", "* 5 / 4"),
            ("max(3, ", "max(3000, "),
            ("60 * local", "6 * local"),
            ("refused > 0", "refused > 9"),
        )
    ),
    Fault(safety_aws.begins_with_what_it_needs, "function.tf", ", aws_iam_role_policy.function]", "]"),
    Fault(safety_aws.begins_with_what_it_needs, "function.tf", "aws_cloudwatch_log_group.function, ", ""),
    Fault(safety_aws.begins_with_what_it_needs, "schedule.tf", "    aws_s3_object.configuration,\n", ""),
    Fault(safety_aws.begins_with_what_it_needs, "bucket.tf", "    aws_iam_role_policy.function,\n", ""),
    Fault(safety_aws.begins_with_what_it_needs, "bucket.tf", "    aws_lambda_function.headway,\n", ""),
    Fault(
        safety_aws.begins_with_what_it_needs,
        "bucket.tf",
        "[aws_s3_bucket_public_access_block.state, ",
        "[",
    ),
    Fault(safety_aws.asks_who_calls, "http.tf", '"AWS_IAM"', '"NONE"'),
    Fault(
        safety_aws.asks_who_calls,
        "http.tf",
        '= "AWS_IAM"',
        '= "AWS_IAM"\n  invoke_mode = "RESPONSE_STREAM"',
    ),
    Fault(safety_aws.asks_who_calls, "http.tf", 'var.http == "token"', 'var.http != "off"'),
    Fault(safety_aws.asks_who_calls, "variables.tf", 'var.http != "token" || local.has_http_token', "true"),
    Fault(safety_aws.asks_who_calls, "variables.tf", 'default     = "iam"', 'default     = "token"'),
    Fault(safety_aws.tries_nothing_twice, "function.tf", "_attempts       = 0", "_attempts       = 2"),
    Fault(safety_aws.tries_nothing_twice, "schedule.tf", "in_seconds = 60", "in_seconds = 3600"),
    Fault(safety_aws.tells_what_failed, "schedule.tf", "dead_letter_config", "retry_policy"),
    Fault(safety_aws.bounds_the_function, "function.tf", "timeout = 60", "timeout = 900"),
    Fault(safety_aws.bounds_the_function, "function.tf", "var.reserved_concurrency, ", ""),
    Fault(
        safety_aws.keeps_its_log_for_a_while, "function.tf", "retention_in_days = var.log_retention_days", ""
    ),
    Fault(safety_aws.keeps_its_log_for_a_while, "role.tf", '"logs:CreateLogStream"', '"logs:CreateLogGroup"'),
    Fault(safety_aws.looks_every_minute, "variables.tf", "(1 minute|", "(1 minutes?|"),
    Fault(safety_aws.looks_every_minute, "variables.tf", '"rate(1 minute)"\n', '"rate(5 minutes)"\n'),
    Fault(safety_aws.looks_every_minute, "schedule.tf", '"OFF"', '"FLEXIBLE"'),
    Fault(safety_aws.keeps_secrets_out_of_the_state, "role.tf", _RESOURCE, _PARAMETER + _RESOURCE),
    Fault(
        safety_aws.keeps_secrets_out_of_the_state, "function.tf", "variables = {", "variables = {\n TOKEN = 1"
    ),
    Fault(safety_aws_bucket.keeps_the_bucket_private, "bucket.tf", "policy     = true", "policy     = false"),
    Fault(safety_aws_bucket.keeps_the_bucket_private, "bucket.tf", "BucketOwnerEnforced", "ObjectWriter"),
    Fault(
        safety_aws_bucket.keeps_the_bucket_private,
        "bucket.tf",
        "  content_type",
        '  acl = "public-read"\n  content_type',
    ),
    Fault(safety_aws_bucket.encrypts, "bucket.tf", '"AES256"', '"none"'),
    Fault(safety_aws_bucket.encrypts, "function.tf", "enabled   = true", "enabled   = false"),
    Fault(safety_aws_bucket.keeps_history, "bucket.tf", '    status = "Enabled"', '    status = "Suspended"'),
    Fault(safety_aws_bucket.keeps_history, "bucket.tf", "expired_object_delete_marker = true", "days = 90"),
    Fault(safety_aws_bucket.keeps_history, "bucket.tf", "var.delete_history", "true"),
    Fault(safety_aws_bucket.keeps_history, "bucket.tf", "ignore_changes = [input]", ""),
)

EXAMPLE: Final = (
    Fault(
        safety_example.writes_no_keys,
        "main.tf",
        'region = "eu-west-1"\n}',
        'region = "eu-west-1"\n  secret_key = "a"\n}',
    ),
    Fault(safety_example.uses_the_module_beside_it, "main.tf", "= var.package_file", '= "headway.zip"'),
    Fault(safety_example.hands_on_what_is_told, "main.tf", 'output "log_group"', 'output "log"'),
    Fault(
        safety_example.keeps_its_state_where_it_is_told,
        "main.tf",
        "terraform {",
        'terraform {\n  backend "s3" {}',
    ),
)
