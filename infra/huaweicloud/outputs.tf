output "function_urn" {
  description = "Which function it is, for `headway invoke`."
  value       = huaweicloud_fgs_function.headway.urn
}

output "function_name" {
  description = "What the function is called in the console."
  value       = huaweicloud_fgs_function.headway.name
}

output "test_alert" {
  description = "The command that has the function send a test alert to every channel."
  value       = ".venv/bin/headway invoke ${huaweicloud_fgs_function.headway.urn} --test-alert"
}

output "bucket" {
  description = "Where state, configuration and zips are."
  value       = huaweicloud_obs_bucket.state.bucket
}

output "agency_name" {
  description = "The agency that gives the function its keys."
  value       = local.agency_name
}

output "policies" {
  description = "The policies that the agency needs; attach them in the console to an agency that you named."
  value       = [huaweicloud_identity_role.state.name, huaweicloud_identity_role.region.name]
}

output "url" {
  description = "The status page, if `apig` has a domain."
  value       = try("https://${var.apig.domain}/", null)
}

output "failure_topic_urn" {
  description = "The SMN topic that is told when an invocation could not do its job."
  value       = huaweicloud_smn_topic.failures.topic_urn
}

output "log_group" {
  description = "The LTS group with the log."
  value       = huaweicloud_lts_group.headway.group_name
}
