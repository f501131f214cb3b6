locals {
  runtime       = "Python${replace(regex("py(3[0-9]+)-", basename(var.package_file))[0], "/^3/", "3.")}"
  package_hash  = substr(filesha256(var.package_file), 0, 16)
  package_label = trimsuffix(basename(var.package_file), ".zip")
  user_data     = { HEADWAY_CONFIG = local.config_address }
}

# FunctionGraph takes new code only from a new address, hence the hash.
resource "huaweicloud_obs_bucket_object" "package" {
  region       = local.region
  bucket       = huaweicloud_obs_bucket.state.bucket
  key          = "packages/${local.package_label}-${local.package_hash}.zip"
  source       = var.package_file
  content_type = "application/zip"

  lifecycle {
    # The function still runs the old one.
    create_before_destroy = true
  }
}

resource "huaweicloud_fgs_function" "headway" {
  region                = local.region
  name                  = var.name
  description           = "Tells people how Kafka capacity changes are getting on"
  app                   = "default"
  functiongraph_version = "v2"
  handler               = "index.handler"
  runtime               = local.runtime
  code_type             = "obs"
  code_url              = "https://${huaweicloud_obs_bucket.state.bucket_domain_name}/${huaweicloud_obs_bucket_object.package.key}"
  memory_size           = var.memory_mb
  timeout               = 60
  max_instance_num      = tostring(var.max_instances)
  agency                = local.agency_name
  app_agency            = local.agency_name
  user_data             = jsonencode(local.user_data)
  encrypted_user_data   = length(var.secrets) == 0 ? null : jsonencode(var.secrets)
  enable_lts_log        = true
  log_group_id          = huaweicloud_lts_group.headway.id
  log_group_name        = huaweicloud_lts_group.headway.group_name
  log_stream_id         = huaweicloud_lts_stream.headway.id
  log_stream_name       = huaweicloud_lts_stream.headway.stream_name

  lifecycle {
    precondition {
      condition     = length(local.unset_names) == 0
      error_message = "secrets lacks what ${var.config_file} takes: ${join(", ", local.unset_names)}."
    }

    precondition {
      condition     = length(local.names_in_aws) == 0
      error_message = "${var.config_file} takes from AWS what belongs into secrets here: ${join(", ", local.names_in_aws)}."
    }

    precondition {
      condition     = nonsensitive(length(jsonencode(local.user_data)) + length(jsonencode(var.secrets)) <= 4096)
      error_message = "FunctionGraph keeps at most 4096 characters of user data: the secrets are too long."
    }

    precondition {
      condition     = try(local.options.lock, "announce") != "platform" || var.max_instances == 1
      error_message = "With lock=platform in `state` of ${var.config_file}, max_instances has to be 1."
    }
  }
}

# A look that comes late is worth nothing, because the next one comes in a minute.
resource "huaweicloud_fgs_async_invoke_configuration" "headway" {
  region                         = local.region
  function_urn                   = huaweicloud_fgs_function.headway.urn
  max_async_event_age_in_seconds = 60
  max_async_retry_attempts       = 0

  on_failure {
    destination = "SMN"
    param       = jsonencode({ topic_urn = huaweicloud_smn_topic.failures.topic_urn })
  }
}

resource "huaweicloud_smn_topic" "failures" {
  region       = local.region
  name         = "${var.name}-failures"
  display_name = "Headway could not do its job"
}

resource "huaweicloud_smn_subscription" "failures" {
  for_each = var.failure_emails

  region    = local.region
  topic_urn = huaweicloud_smn_topic.failures.topic_urn
  protocol  = "email"
  endpoint  = each.value
}
