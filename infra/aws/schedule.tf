locals {
  # One part needs no name; "2/3" may not be one.
  ticks = var.shards == 1 ? { (var.name) = { kind = "timer" } } : {
    for part in range(1, var.shards + 1) : "${var.name}-${part}-of-${var.shards}" => { shard = "${part}/${var.shards}" }
  }
  minutes_between_ticks = tonumber(regex("[0-9]+", var.schedule))
}

resource "aws_scheduler_schedule_group" "ticks" {
  name = var.name
}

resource "aws_scheduler_schedule" "tick" {
  for_each = local.ticks

  name                = each.key
  group_name          = aws_scheduler_schedule_group.ticks.name
  schedule_expression = var.schedule

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.headway.arn
    role_arn = aws_iam_role.schedule.arn
    input    = jsonencode(each.value)

    retry_policy {
      maximum_retry_attempts       = 0
      maximum_event_age_in_seconds = 60
    }

    dead_letter_config {
      arn = aws_sqs_queue.failures.arn
    }
  }

  # The first tick finds all that it needs.
  depends_on = [
    aws_iam_role_policy.schedule,
    aws_lambda_function_event_invoke_config.headway,
    aws_s3_object.configuration,
  ]
}

resource "aws_iam_role" "schedule" {
  name               = "${var.name}-schedule"
  description        = "Lets EventBridge Scheduler wake ${var.name}."
  assume_role_policy = data.aws_iam_policy_document.schedule_trust.json
}

data "aws_iam_policy_document" "schedule_trust" {
  statement {
    sid     = "SchedulesOfThisGroup"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }

    # Scheduler tells the group, never the schedule:
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.schedule_group_arn]
    }
  }
}

resource "aws_iam_role_policy" "schedule" {
  name   = "wake-headway"
  role   = aws_iam_role.schedule.id
  policy = data.aws_iam_policy_document.schedule.json
}

data "aws_iam_policy_document" "schedule" {
  statement {
    sid       = "WakeTheFunction"
    actions   = ["lambda:InvokeFunction"]
    resources = [local.function_arn]
  }

  statement {
    sid       = "TellWhatCouldNotBeDelivered"
    actions   = ["sqs:SendMessage"]
    resources = [local.queue_arn]
  }
}
