"""Every right that `infra/aws` gives, word for word; each assertion fails with what is wrong."""

from __future__ import annotations

from collections import Counter
from typing import Final

from tests.infra.hcl_files import Module
from tests.infra.hcl_policies import Statement, statements

_RIGHTS: Final = """
bucket: Deny s3:* on ${local.bucket_arn} ${local.bucket_arn}/* for * if Bool aws:SecureTransport false
bucket: Deny s3:PutObject on ${local.bucket_arn}/${local.prefix}/changes/* for * if \
Null s3:if-match true Null s3:if-none-match true Bool s3:ObjectCreationOperation true
function: Allow s3:GetObject s3:PutObject on ${local.bucket_arn}/${local.prefix}/*
function: Allow s3:DeleteObject on ${local.bucket_arn}/${local.prefix}/active/*
function: Allow s3:GetObject on ${local.bucket_arn}/${local.config_key}
function: Allow s3:ListBucket on ${local.bucket_arn} if \
StringLike s3:prefix ${local.prefix}/* ${local.config_key}
function: Allow ssm:GetParameters on ${local.parameter_arns}
function: Allow secretsmanager:GetSecretValue on ${local.secret_arns}
function: Allow logs:CreateLogStream logs:PutLogEvents on ${local.log_group_arn}:*
function: Allow sqs:SendMessage on ${local.queue_arn}
function_trust: Allow sts:AssumeRole for lambda.amazonaws.com
schedule: Allow lambda:InvokeFunction on ${local.function_arn}
schedule: Allow sqs:SendMessage on ${local.queue_arn}
schedule_trust: Allow sts:AssumeRole for scheduler.amazonaws.com if \
StringEquals aws:SourceAccount ${local.account} ArnEquals aws:SourceArn ${local.schedule_group_arn}
"""
_DOCUMENTS: Final = {
    "aws_iam_role.function": "function_trust",
    "aws_iam_role.schedule": "schedule_trust",
    "aws_iam_role_policy.function": "function",
    "aws_iam_role_policy.schedule": "schedule",
    "aws_s3_bucket_policy.state": "bucket",
}
_TO_THE_GATEWAY: Final = {
    "count": '${var.http == "token" ? 1 : 0}',
    "statement_id": "HttpApi",
    "action": "lambda:InvokeFunction",
    "function_name": "${aws_lambda_function.headway.function_name}",
    "principal": "apigateway.amazonaws.com",
    "source_arn": "${aws_apigatewayv2_api.token[0].execution_arn}/*",
}


def gives_the_rights_that_are_meant(module: Module) -> None:
    """To whom, on what and when: the function's own code and configuration are not its to write, say."""
    meant, given = Counter(_RIGHTS.strip().split("\n")), Counter(map(_told, statements(module)))
    assert not given - meant, f"nobody means: {', '.join(given - meant)}"
    assert not meant - given, f"it lacks: {', '.join(meant - given)}"


def gives_no_right_elsewhere(module: Module) -> None:
    """Each role and the bucket have the policy of their name, and nothing that nobody here can read."""
    used = {
        str(each): each.body[name].removeprefix("${data.aws_iam_policy_document.").removesuffix(".json}")
        for each in module.resources()
        for name in ("assume_role_policy", "policy")
        if name in each.body
    }
    assert used == _DOCUMENTS, "a policy is another's"
    for kind in ("aws_iam_role_policy_attachment", "aws_iam_policy_attachment"):
        assert not module.resources(kind), f"{kind} gives what nobody here can read"
    for role in module.resources("aws_iam_role"):
        assert "managed_policy_arns" not in role.body, f"{role} has rights that nobody here can read"
    for permission in module.resources("aws_lambda_permission"):
        assert permission.body == _TO_THE_GATEWAY, f"{permission} lets in others"


def _told(statement: Statement) -> str:
    """A statement as a line."""
    document = statement.where.partition(" ")[0].rpartition(".")[2]
    parts = {"on": statement.resources, "for": statement.principals, "if": [statement.conditions]}
    told = [f" {word} {' '.join(texts)}" for word, texts in parts.items() if any(texts)]
    return f"{document}: {statement.effect} {' '.join(statement.actions)}{''.join(told)}"
