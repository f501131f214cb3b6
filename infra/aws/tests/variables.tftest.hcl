# What is refused before anything is made; tests/infra/test_aws_module.py also reads what is said then.

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
}

variables {
  config_file  = "tests/headway.yaml"
  package_file = "tests/headway-lambda-py313-arm64.zip"
}

run "name_with_a_capital" {
  command = plan

  variables {
    name = "Headway"
  }

  expect_failures = [var.name]
}

run "name_that_is_too_long" {
  command = plan

  variables {
    name = "a1234567890123456789012345678901234567890"
  }

  expect_failures = [var.name]
}

run "package_of_another_name" {
  command = plan

  variables {
    package_file = "tests/plain.yaml"
  }

  expect_failures = [var.package_file]
}

run "package_that_is_not_there" {
  command = plan

  variables {
    package_file = "tests/headway-lambda-py311-arm64.zip"
  }

  expect_failures = [var.package_file]
}

run "configuration_that_is_not_there" {
  command = plan

  variables {
    config_file = "tests/nowhere.yaml"
  }

  expect_failures = [var.config_file]
}

run "configuration_that_is_empty" {
  command = plan

  variables {
    config_file = "tests/mistakes/empty.yaml"
  }

  expect_failures = [var.config_file]
}

run "configuration_without_state" {
  command = plan

  variables {
    config_file = "tests/mistakes/no-state.yaml"
  }

  expect_failures = [var.config_file]
}

run "state_in_the_other_cloud" {
  command = plan

  variables {
    config_file = "tests/mistakes/other-cloud.yaml"
  }

  expect_failures = [var.config_file]
}

run "state_without_a_prefix" {
  command = plan

  variables {
    config_file = "tests/mistakes/no-prefix.yaml"
  }

  expect_failures = [var.config_file]
}

run "state_with_an_odd_prefix" {
  command = plan

  variables {
    config_file = "tests/mistakes/odd-prefix.yaml"
  }

  expect_failures = [var.config_file]
}

run "state_where_the_configuration_lies" {
  command = plan

  variables {
    config_file = "tests/mistakes/prefix-of-others.yaml"
  }

  expect_failures = [var.config_file]
}

run "state_where_the_code_lies" {
  command = plan

  variables {
    config_file = "tests/mistakes/other-prefix-of-others.yaml"
  }

  expect_failures = [var.config_file]
}

run "state_in_another_bucket_than_before" {
  command = plan

  override_resource {
    target          = terraform_data.bucket
    override_during = plan
    values          = { output = "headway-before" }
  }

  expect_failures = [aws_s3_bucket.state]
}

run "state_in_another_region" {
  command = plan

  variables {
    config_file = "tests/mistakes/other-region.yaml"
  }

  expect_failures = [aws_s3_bucket.state]
}

run "keys_that_are_not_there" {
  command = plan

  variables {
    config_file = "tests/mistakes/no-keys.yaml"
  }

  expect_failures = [aws_lambda_function.headway]
}

run "secret_by_a_wildcard" {
  command = plan

  variables {
    config_file = "tests/mistakes/wildcard.yaml"
  }

  expect_failures = [aws_lambda_function.headway]
}

run "secret_in_a_variable" {
  command = plan

  variables {
    config_file = "tests/mistakes/variable.yaml"
  }

  expect_failures = [aws_lambda_function.headway]
}

run "schedule_of_one_minutes" {
  command = plan

  variables {
    schedule = "rate(1 minutes)"
  }

  expect_failures = [var.schedule]
}

run "schedule_of_two_minute" {
  command = plan

  variables {
    schedule = "rate(2 minute)"
  }

  expect_failures = [var.schedule]
}

run "schedule_by_cron" {
  command = plan

  variables {
    schedule = "cron(* * * * ? *)"
  }

  expect_failures = [var.schedule]
}

run "no_shards" {
  command = plan

  variables {
    shards = 0
  }

  expect_failures = [var.shards]
}

run "too_many_shards" {
  command = plan

  variables {
    shards = 6
  }

  expect_failures = [var.shards]
}

run "half_a_shard" {
  command = plan

  variables {
    shards = 1.5
  }

  expect_failures = [var.shards]
}

run "too_little_memory" {
  command = plan

  variables {
    memory_mb = 64
  }

  expect_failures = [var.memory_mb]
}

run "concurrency_of_none" {
  command = plan

  variables {
    reserved_concurrency = 0
  }

  expect_failures = [var.reserved_concurrency]
}

run "concurrency_below_shards" {
  command = plan

  variables {
    shards               = 3
    reserved_concurrency = 2
  }

  expect_failures = [var.reserved_concurrency]
}

run "http_for_everybody" {
  command = plan

  variables {
    http = "none"
  }

  expect_failures = [var.http]
}

run "http_by_an_empty_token" {
  command = plan

  variables {
    config_file = "tests/mistakes/no-token.yaml"
    http        = "token"
  }

  expect_failures = [var.http]
}

run "log_kept_for_ever" {
  command = plan

  variables {
    log_retention_days = 0
  }

  expect_failures = [var.log_retention_days]
}

run "versions_kept_for_no_time" {
  command = plan

  variables {
    noncurrent_days = 0
  }

  expect_failures = [var.noncurrent_days]
}

run "alarms_to_an_address" {
  command = plan

  variables {
    alarm_topic_arns = ["ops@example.com"]
  }

  expect_failures = [var.alarm_topic_arns]
}
