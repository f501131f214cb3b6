# What is made depends on what is asked for; see variables.tftest.hcl for how to run it.

mock_provider "huaweicloud" {
  mock_data "huaweicloud_identity_projects" {
    defaults = {
      projects = [{ id = "0a1b2c3d4e5f60718293a4b5c6d7e8f9", name = "eu-west-101", enabled = true }]
    }
  }

  mock_data "huaweicloud_identity_agencies" {
    defaults = {
      agencies = [{ id = "an-id", name = "by-hand", created_at = "", description = "", duration = "",
      expired_at = "", trust_domain_id = "", trust_domain_name = "" }]
    }
  }
}

variables {
  config_file  = "example/headway.yaml"
  package_file = "../../dist/headway-functiongraph-py312-x86_64.zip"
  secrets      = { SLACK_TOKENS = "a", MAIL_PASSWORD = "b", WECOM_KEY = "c" }
}

run "by_default_one_timer_wakes_it_and_an_agency_is_made" {
  command = plan

  assert {
    condition     = join(" ", keys(huaweicloud_fgs_function_trigger.timer)) == "headway"
    error_message = "There is one timer, called as the function is."
  }

  assert {
    condition     = length(huaweicloud_fgs_function_trigger.cts) + length(huaweicloud_fgs_function_trigger.apig) == 0
    error_message = "CTS and APIG are asked for."
  }

  assert {
    condition     = one(huaweicloud_identity_agency.function[*].delegated_service_name) == "op_svc_cff"
    error_message = "The agency is for FunctionGraph."
  }

  assert {
    condition     = huaweicloud_fgs_function.headway.max_instance_num == "1"
    error_message = "No two invocations run at once."
  }

  assert {
    condition     = huaweicloud_obs_bucket.state.force_destroy == false
    error_message = "History outlives a destroy."
  }
}

run "an_agency_made_by_hand_is_taken" {
  command = plan

  variables {
    agency_name = "by-hand"
  }

  assert {
    condition     = length(huaweicloud_identity_agency.function) == 0
    error_message = "No other agency is made."
  }

  assert {
    condition     = huaweicloud_fgs_function.headway.agency == "by-hand" && huaweicloud_fgs_function.headway.app_agency == "by-hand"
    error_message = "The agency gives the function its keys."
  }
}

run "an_agency_that_is_not_there_is_no_agency" {
  command = plan

  variables {
    agency_name = "nobody"
  }

  expect_failures = [data.huaweicloud_identity_agencies.given]
}

run "every_shard_has_a_timer" {
  command = plan

  variables {
    shards        = 2
    max_instances = 2
  }

  assert {
    condition     = length(huaweicloud_fgs_function_trigger.timer) == 2
    error_message = "There are two timers."
  }

  assert {
    condition     = huaweicloud_fgs_function.headway.max_instance_num == "2"
    error_message = "Both shards run at once."
  }
}

run "cts_wakes_it_if_that_is_asked_for" {
  command = plan

  variables {
    cts_trigger = true
  }

  assert {
    condition     = one(huaweicloud_fgs_function_trigger.cts[*].type) == "CTS"
    error_message = "There is a trigger of CTS's."
  }
}

run "each_address_has_a_subscription" {
  command = plan

  variables {
    failure_emails = ["a@example.com", "b@example.com"]
  }

  assert {
    condition     = length(huaweicloud_smn_subscription.failures) == 2
    error_message = "There are two subscriptions."
  }
}
