# What things are called. Policies name them so too, not by what was made: a plan then shows each policy in full.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name
  here      = "${local.region}:${local.account}"

  config_key = "config/headway.yaml"
  log_group  = "/aws/lambda/${var.name}"
  queue      = "${var.name}-failures"

  bucket_arn         = "arn:${local.partition}:s3:::${local.bucket}"
  function_arn       = "arn:${local.partition}:lambda:${local.here}:function:${var.name}"
  log_group_arn      = "arn:${local.partition}:logs:${local.here}:log-group:${local.log_group}"
  queue_arn          = "arn:${local.partition}:sqs:${local.here}:${local.queue}"
  schedule_group_arn = "arn:${local.partition}:scheduler:${local.here}:schedule-group/${var.name}"

  parameter_arns = [
    for name in local.parameters : startswith(name, "arn:") ? name :
    "arn:${local.partition}:ssm:${local.here}:parameter/${trimprefix(name, "/")}"
  ]
  # Secrets Manager puts six characters of its own after a name.
  secret_arns = [
    for name in local.secrets : startswith(name, "arn:") ? name :
    "arn:${local.partition}:secretsmanager:${local.here}:secret:${name}-??????"
  ]
}
