# Headway tells by its channels what goes wrong with changes; these tell when it cannot.

locals {
  seconds_between_ticks = 60 * local.minutes_between_ticks
  # Ten minutes, or three ticks if they take longer.
  periods_of_silence = max(3, ceil(10 / local.minutes_between_ticks))
}

# Three of five turns failed: the configuration, the keys or the bucket.
resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name        = "${var.name}-errors"
  alarm_description = "Headway fails. Its log ${aws_cloudwatch_log_group.function.name} says why, and so do the messages in ${aws_sqs_queue.failures.name}."

  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = aws_lambda_function.headway.function_name }
  statistic           = "Sum"
  period              = local.seconds_between_ticks
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"

  alarm_actions = var.alarm_topic_arns
  ok_actions    = var.alarm_topic_arns
}

# Of ticks only, which alone come asynchronously: pages that somebody looks at prove nothing. What failed, was
# throttled or grew old is dropped. One period in five may be better: two ticks of a part can fall into one.
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
resource "aws_cloudwatch_metric_alarm" "silence" {
  alarm_name        = "${var.name}-silence"
  alarm_description = "Headway had hardly a successful run in ${local.periods_of_silence * local.minutes_between_ticks} minutes, or a part of it hardly one: nobody is told anything. Look at ${var.name}-errors first, then at the schedules in the group ${aws_scheduler_schedule_group.ticks.name}."

  evaluation_periods  = local.periods_of_silence
  datapoints_to_alarm = ceil(local.periods_of_silence * 4 / 5)
  comparison_operator = "LessThanThreshold"
  threshold           = var.shards
  treat_missing_data  = "breaching"

  metric_query {
    id          = "succeeded"
    label       = "Successful runs"
    expression  = "received - FILL(dropped, 0)"
    return_data = true
  }

  metric_query {
    id = "received"

    metric {
      namespace   = "AWS/Lambda"
      metric_name = "AsyncEventsReceived"
      dimensions  = { FunctionName = aws_lambda_function.headway.function_name }
      stat        = "Sum"
      period      = local.seconds_between_ticks
    }
  }

  metric_query {
    id = "dropped"

    metric {
      namespace   = "AWS/Lambda"
      metric_name = "AsyncEventsDropped"
      dimensions  = { FunctionName = aws_lambda_function.headway.function_name }
      stat        = "Sum"
      period      = local.seconds_between_ticks
    }
  }

  alarm_actions = var.alarm_topic_arns
  ok_actions    = var.alarm_topic_arns
}

resource "aws_cloudwatch_log_metric_filter" "refused" {
  name           = "${var.name}-refused"
  log_group_name = aws_cloudwatch_log_group.function.name
  pattern        = "{ $.counts.deliveries.refused > 0 }"

  metric_transformation {
    namespace = "Headway"
    name      = "${var.name}-refused"
    value     = "$.counts.deliveries.refused"
    unit      = "Count"
  }
}

# A channel that refuses is tried again each hour, so one refusal counts for an hour and a half.
resource "aws_cloudwatch_metric_alarm" "refused" {
  alarm_name        = "${var.name}-refused"
  alarm_description = "A service refuses Headway's messages: a revoked token, a deleted address. Its log ${aws_cloudwatch_log_group.function.name} names the channel; `headway invoke ${aws_lambda_function.headway.arn} CHANNEL --test-alert` says what the service answers."

  namespace           = aws_cloudwatch_log_metric_filter.refused.metric_transformation[0].namespace
  metric_name         = aws_cloudwatch_log_metric_filter.refused.metric_transformation[0].name
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 18
  datapoints_to_alarm = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"

  alarm_actions = var.alarm_topic_arns
  ok_actions    = var.alarm_topic_arns
}
