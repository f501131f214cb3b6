# A wrong value of a variable is refused before anything is made. Huawei Cloud is not asked: after
# `make package PLATFORM=functiongraph` run `terraform init` and `terraform test` in the folder above.

mock_provider "huaweicloud" {
  mock_data "huaweicloud_identity_projects" {
    defaults = {
      projects = [{ id = "0a1b2c3d4e5f60718293a4b5c6d7e8f9", name = "eu-west-101", enabled = true }]
    }
  }
}

variables {
  config_file  = "example/headway.yaml"
  package_file = "../../dist/headway-functiongraph-py312-x86_64.zip"
  secrets      = { SLACK_TOKENS = "a", MAIL_PASSWORD = "b", WECOM_KEY = "c" }
}

run "nothing_is_wrong_with_the_example" {
  command = plan
}

run "a_name_that_a_resource_could_not_have" {
  command = plan

  variables {
    name = "my headway"
  }

  expect_failures = [var.name]
}

run "a_zip_for_the_other_platform" {
  command = plan

  variables {
    package_file = "../../dist/headway-lambda-py313-arm64.zip"
  }

  expect_failures = [var.package_file]
}

run "a_configuration_that_is_not_there" {
  command = plan

  variables {
    config_file = "example/nowhere.yaml"
  }

  expect_failures = [var.config_file]
}

run "a_secret_without_a_value" {
  command = plan

  variables {
    secrets = { SLACK_TOKENS = "", MAIL_PASSWORD = "b", WECOM_KEY = "c" }
  }

  expect_failures = [var.secrets]
}

run "a_secret_that_the_configuration_takes_is_missing" {
  command = plan

  variables {
    secrets = { SLACK_TOKENS = "a", MAIL_PASSWORD = "b" }
  }

  expect_failures = [huaweicloud_fgs_function.headway]
}

run "a_rate_in_seconds" {
  command = plan

  variables {
    schedule = "30s"
  }

  expect_failures = [var.schedule]
}

run "more_timers_than_a_function_may_have" {
  command = plan

  variables {
    shards        = 11
    max_instances = -1
  }

  expect_failures = [var.shards]
}

run "memory_that_is_not_sold" {
  command = plan

  variables {
    memory_mb = 300
  }

  expect_failures = [var.memory_mb]
}

run "fewer_instances_than_shards" {
  command = plan

  variables {
    shards        = 3
    max_instances = 2
  }

  expect_failures = [var.max_instances]
}

run "an_agency_without_a_name" {
  command = plan

  variables {
    agency_name = ""
  }

  expect_failures = [var.agency_name]
}

run "a_gateway_with_an_authentication_that_there_is_not" {
  command = plan

  variables {
    apig = { instance_id = "i", group_id = "g", auth = "EVERYBODY" }
  }

  expect_failures = [var.apig]
}

run "a_gateway_without_a_token_in_the_configuration" {
  command = plan

  variables {
    apig = { instance_id = "i", group_id = "g" }
  }

  expect_failures = [huaweicloud_fgs_function_trigger.apig]
}

run "a_mail_address_that_is_none" {
  command = plan

  variables {
    failure_emails = ["on-call"]
  }

  expect_failures = [var.failure_emails]
}

run "a_log_kept_for_ever" {
  command = plan

  variables {
    log_retention_days = 0
  }

  expect_failures = [var.log_retention_days]
}

run "nothing_kept_of_what_was_before" {
  command = plan

  variables {
    noncurrent_days = 0
  }

  expect_failures = [var.noncurrent_days]
}
