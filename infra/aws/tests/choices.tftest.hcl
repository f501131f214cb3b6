# What the variables and the configuration choose.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  # What made things are called: random text is refused as an ARN.
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/headway" }
  }

  mock_resource "aws_lambda_function" {
    defaults = {
      arn        = "arn:aws:lambda:eu-west-1:123456789012:function:headway"
      invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:headway/invocations"
    }
  }

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:123456789012:headway-failures" }
  }

  mock_resource "aws_apigatewayv2_api" {
    defaults = { execution_arn = "arn:aws:execute-api:eu-west-1:123456789012:api" }
  }
}

variables {
  config_file  = "tests/headway.yaml"
  package_file = "tests/headway-lambda-py313-arm64.zip"
}

run "all_that_is_not_said" {
  command = plan

  assert {
    condition     = aws_lambda_function.headway.function_name == "headway"
    error_message = "The name."
  }

  assert {
    condition     = aws_lambda_function.headway.reserved_concurrent_executions == 1
    error_message = "One at once."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.silence.evaluation_periods == 10 && aws_cloudwatch_metric_alarm.silence.datapoints_to_alarm == 8
    error_message = "Eight of ten ticks have to be missing."
  }

  assert {
    condition     = { for name, each in aws_scheduler_schedule.tick : name => each.target[0].input } == { headway = "{\"kind\":\"timer\"}" }
    error_message = "One schedule."
  }

  assert {
    condition     = aws_lambda_function_url.iam[0].authorization_type == "AWS_IAM" && length(aws_apigatewayv2_api.token) == 0
    error_message = "A URL for whoever IAM knows."
  }

  assert {
    condition     = aws_s3_bucket.state.force_destroy == false
    error_message = "History stays."
  }

  assert {
    condition     = length(coalesce(aws_cloudwatch_metric_alarm.errors.alarm_actions, [])) == 0
    error_message = "Alarms that only show."
  }
}

run "what_the_configuration_says" {
  command = plan

  assert {
    condition     = aws_s3_bucket.state.bucket == "headway-tests"
    error_message = "The bucket."
  }

  assert {
    condition = output.parameters == tolist([
      "/headway/access-key", "/headway/http-token", "/headway/secret-key",
      "arn:aws:ssm:eu-west-1:111122223333:parameter/shared/slack", "slack",
    ])
    error_message = "The parameters by name, without their versions; no comment and nothing literal."
  }

  assert {
    condition = local.parameter_arns == [
      "arn:aws:ssm:eu-west-1:123456789012:parameter/headway/access-key",
      "arn:aws:ssm:eu-west-1:123456789012:parameter/headway/http-token",
      "arn:aws:ssm:eu-west-1:123456789012:parameter/headway/secret-key",
      "arn:aws:ssm:eu-west-1:111122223333:parameter/shared/slack",
      "arn:aws:ssm:eu-west-1:123456789012:parameter/slack",
    ]
    error_message = "What may be read: each by its ARN, with or without a slash at its beginning."
  }

  assert {
    condition = toset(local.secret_arns) == toset([
      "arn:aws:secretsmanager:eu-west-1:123456789012:secret:headway/slack-??????",
      "arn:aws:secretsmanager:eu-west-1:111122223333:secret:slack-AbCdEf",
    ])
    error_message = "The secrets likewise."
  }

  assert {
    condition     = aws_lambda_function.headway.environment[0].variables == tomap({ HEADWAY_CONFIG = "s3://headway-tests/config/headway.yaml?region=eu-west-1" })
    error_message = "Where the function finds it."
  }
}

run "a_configuration_without_secrets" {
  command = plan

  variables {
    config_file = "tests/plain.yaml"
  }

  assert {
    condition     = length(output.parameters) == 0
    error_message = "No parameters."
  }

  assert {
    condition     = local.prefix == "team/production"
    error_message = "A prefix of several folders, without the slash at its end."
  }

  assert {
    condition     = aws_lambda_function.headway.environment[0].variables.HEADWAY_CONFIG == "s3://headway-tests/config/headway.yaml"
    error_message = "The region is Lambda's own."
  }
}

run "another_zip" {
  command = plan

  variables {
    package_file = "tests/headway-lambda-py312-x86_64.zip"
  }

  assert {
    condition     = aws_lambda_function.headway.runtime == "python3.12" && aws_lambda_function.headway.architectures == tolist(["x86_64"])
    error_message = "Runtime and architecture are the zip's."
  }

  assert {
    condition     = aws_lambda_function.headway.s3_key == "packages/headway-lambda-py312-x86_64-${substr(filesha256(var.package_file), 0, 16)}.zip"
    error_message = "The hash is in the key."
  }
}

run "shards" {
  command = plan

  variables {
    shards   = 3
    schedule = "rate(2 minutes)"
  }

  assert {
    condition     = toset([for each in aws_scheduler_schedule.tick : jsondecode(each.target[0].input).shard]) == toset(["1/3", "2/3", "3/3"])
    error_message = "A schedule for each part."
  }

  assert {
    condition     = alltrue([for each in aws_scheduler_schedule.tick : each.schedule_expression == "rate(2 minutes)"])
    error_message = "Each as often."
  }

  assert {
    condition     = aws_lambda_function.headway.reserved_concurrent_executions == 3
    error_message = "As many at once."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.silence.evaluation_periods == 5 && aws_cloudwatch_metric_alarm.silence.datapoints_to_alarm == 4
    error_message = "Silence of ten minutes, by the schedule."
  }
}

run "a_tick_in_ten_minutes" {
  command = plan

  variables {
    schedule = "rate(10 minutes)"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.silence.evaluation_periods == 3 && aws_cloudwatch_metric_alarm.silence.datapoints_to_alarm == 3
    error_message = "Three ticks have to be missing."
  }

  assert {
    condition     = strcontains(aws_cloudwatch_metric_alarm.silence.alarm_description, " 30 minutes")
    error_message = "It says for how long."
  }
}

run "a_small_account" {
  command = plan

  variables {
    shards               = 2
    reserved_concurrency = -1
  }

  assert {
    condition     = aws_lambda_function.headway.reserved_concurrent_executions == -1
    error_message = "No reservation."
  }
}

run "room_for_callers" {
  command = plan

  variables {
    reserved_concurrency = 5
  }

  assert {
    condition     = aws_lambda_function.headway.reserved_concurrent_executions == 5
    error_message = "The number."
  }
}

run "http_off" {
  command = plan

  variables {
    http = "off"
  }

  assert {
    condition     = length(aws_lambda_function_url.iam) == 0 && length(aws_apigatewayv2_api.token) == 0 && length(aws_lambda_permission.token) == 0
    error_message = "No way in."
  }

  assert {
    condition     = output.url == null
    error_message = "No address."
  }
}

run "http_by_token" {
  command = plan

  variables {
    http = "token"
  }

  assert {
    condition     = length(aws_lambda_function_url.iam) == 0
    error_message = "One way in only."
  }

  assert {
    condition     = aws_apigatewayv2_api.token[0].protocol_type == "HTTP" && aws_apigatewayv2_route.token[0].route_key == "$default"
    error_message = "An HTTP API for every path."
  }

  assert {
    condition     = aws_apigatewayv2_integration.token[0].payload_format_version == "2.0"
    error_message = "The events that Headway knows."
  }

  assert {
    condition     = aws_lambda_permission.token[0].principal == "apigateway.amazonaws.com"
    error_message = "For the gateway alone."
  }

  assert {
    condition     = aws_apigatewayv2_stage.token[0].default_route_settings[0].throttling_rate_limit > 0
    error_message = "Not faster than a person."
  }
}

run "alarms_to_topics" {
  command = plan

  variables {
    alarm_topic_arns = ["arn:aws:sns:eu-west-1:123456789012:alarms"]
  }

  assert {
    condition = alltrue([
      for each in [aws_cloudwatch_metric_alarm.errors, aws_cloudwatch_metric_alarm.silence, aws_cloudwatch_metric_alarm.refused] :
      each.alarm_actions == toset(var.alarm_topic_arns) && each.ok_actions == toset(var.alarm_topic_arns)
    ])
    error_message = "Every alarm goes there, and its end too."
  }
}

run "times_to_keep" {
  command = plan

  variables {
    log_retention_days = 7
    noncurrent_days    = 90
    delete_history     = true
  }

  assert {
    condition     = aws_cloudwatch_log_group.function.retention_in_days == 7
    error_message = "The log's."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.state.rule[0].noncurrent_version_expiration[0].noncurrent_days == 90
    error_message = "Old versions'."
  }

  assert {
    condition     = aws_s3_bucket.state.force_destroy
    error_message = "History may go."
  }
}

run "another_name" {
  command = plan

  variables {
    name = "headway-2"
  }

  assert {
    condition = alltrue([
      for each in [
        aws_lambda_function.headway.function_name, aws_sqs_queue.failures.name, aws_iam_role.function.name,
        aws_iam_role.schedule.name, aws_cloudwatch_metric_alarm.errors.alarm_name, aws_scheduler_schedule_group.ticks.name,
        trimprefix(aws_cloudwatch_log_group.function.name, "/aws/lambda/"),
      ] : startswith(each, "headway-2")
    ])
    error_message = "Two deployments in an account do not meet."
  }
}

# Made for real, as far as a mocked provider makes anything: so that no part needs what comes later.
run "everything" {
  command = apply

  assert {
    condition     = output.test_alert == ".venv/bin/headway invoke arn:aws:lambda:eu-west-1:123456789012:function:headway --test-alert"
    error_message = "The command."
  }

  assert {
    condition     = strcontains(aws_cloudwatch_metric_alarm.refused.alarm_description, "`headway invoke ${output.function_arn} CHANNEL --test-alert`")
    error_message = "The command for one channel."
  }
}
