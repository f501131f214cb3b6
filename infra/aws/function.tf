locals {
  # headway-lambda-py313-arm64.zip
  target = regex("headway-lambda-py3(?P<minor>[0-9]+)-(?P<architecture>x86_64|arm64)\\.zip$", var.package_file)
}

resource "aws_lambda_function" "headway" {
  function_name = var.name
  description   = "Tells how Kafka capacity changes on Huawei Cloud are getting on."
  role          = aws_iam_role.function.arn

  s3_bucket     = aws_s3_object.package.bucket
  s3_key        = aws_s3_object.package.key
  runtime       = "python3.${local.target.minor}"
  architectures = [local.target.architecture]
  handler       = "index.handler"
  memory_size   = var.memory_mb
  # What the kept claims reckon with: a send is tried again when its function must have ended.
  timeout = 60

  reserved_concurrent_executions = coalesce(var.reserved_concurrency, var.shards)

  environment {
    variables = {
      # Asked the same way as the state: `region`, and where there is one, `endpoint`.
      HEADWAY_CONFIG = "s3://${local.bucket}/${local.config_key}${local.options}"
    }
  }

  lifecycle {
    precondition {
      condition     = local.has_keys
      error_message = "huaweicloud.access_key and huaweicloud.secret_key, in the configuration, have to be there, for Lambda has no others: write $${ssm:NAME}."
    }

    precondition {
      condition     = !local.has_others
      error_message = "The configuration has a $${ without NAME}, ssm:NAME} or secret:NAME} after it; such a name holds letters, digits and / _ + = . @ : - only (a literal one is $$${)."
    }

    precondition {
      condition     = length(local.variables) == 0
      error_message = "The configuration takes ${join(", ", local.variables)} from variables, which the function has not: write $${ssm:NAME} or $${secret:NAME}."
    }
  }

  # Without a log group Lambda would make one that keeps all for ever; without its rights the first run fails.
  depends_on = [aws_cloudwatch_log_group.function, aws_iam_role_policy.function]
}

resource "aws_cloudwatch_log_group" "function" {
  name              = local.log_group
  retention_in_days = var.log_retention_days
}

# The next minute looks again by itself; an old one would only be in its way.
resource "aws_lambda_function_event_invoke_config" "headway" {
  function_name                = aws_lambda_function.headway.function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 60

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failures.arn
    }
  }
}

# Each run that failed, with its error, and each that could not begin.
resource "aws_sqs_queue" "failures" {
  name                      = local.queue
  message_retention_seconds = 14 * 24 * 60 * 60
  sqs_managed_sse_enabled   = true
}
