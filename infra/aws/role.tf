# What the function may do, and nothing besides.

resource "aws_iam_role" "function" {
  name               = "${var.name}-function"
  description        = "What ${var.name} may do."
  assume_role_policy = data.aws_iam_policy_document.function_trust.json
}

data "aws_iam_policy_document" "function_trust" {
  statement {
    sid     = "Lambda"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "function" {
  name   = "headway"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function.json
}

data "aws_iam_policy_document" "function" {
  statement {
    sid       = "KeepState"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${local.bucket_arn}/${local.prefix}/*"]
  }

  # What was told stays: only the marks of what goes on are taken away again.
  statement {
    sid       = "ForgetWhatIsOver"
    actions   = ["s3:DeleteObject"]
    resources = ["${local.bucket_arn}/${local.prefix}/active/*"]
  }

  statement {
    sid       = "ReadConfiguration"
    actions   = ["s3:GetObject"]
    resources = ["${local.bucket_arn}/${local.config_key}"]
  }

  # Also for reading: S3 tells only those who may list a key that there is nothing under it (404, else 403).
  statement {
    sid       = "ListStateAndConfiguration"
    actions   = ["s3:ListBucket"]
    resources = [local.bucket_arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${local.prefix}/*", local.config_key]
    }
  }

  dynamic "statement" {
    for_each = length(local.parameters) > 0 ? ["named"] : []

    content {
      sid       = "ReadParameters"
      actions   = ["ssm:GetParameters"]
      resources = local.parameter_arns
    }
  }

  dynamic "statement" {
    for_each = length(local.secrets) > 0 ? ["named"] : []

    content {
      sid       = "ReadSecrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = local.secret_arns
    }
  }

  statement {
    sid       = "WriteLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arn}:*"]
  }

  statement {
    sid       = "TellWhatFailed"
    actions   = ["sqs:SendMessage"]
    resources = [local.queue_arn]
  }
}
