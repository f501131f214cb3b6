locals {
  shard_numbers = range(1, var.shards + 1)

  timers = var.shards == 1 ? { (var.name) = "" } : {
    for number in local.shard_numbers :
    "${var.name}-${number}-of-${var.shards}" => jsonencode({ shard = "${number}/${var.shards}" })
  }
}

resource "huaweicloud_fgs_function_trigger" "timer" {
  for_each = local.timers

  region       = local.region
  function_urn = huaweicloud_fgs_function.headway.urn
  type         = "TIMER"
  status       = "ACTIVE"

  event_data = jsonencode({
    name          = each.key
    schedule_type = can(regex("^[0-9]+[mh]$", var.schedule)) ? "Rate" : "Cron"
    schedule      = var.schedule
    user_event    = each.value
  })

  # Without a configuration an invocation would fail, and without the other one be tried again.
  depends_on = [huaweicloud_obs_bucket_object.config, huaweicloud_fgs_async_invoke_configuration.headway]
}

# SERVICE:RESOURCE:TRACE;TRACE, as in examples/fgs/trigger/cts of the provider's repository; the traces stand in
# https://support.huaweicloud.com/intl/en-us/usermanual-kafka/kafka-ug-180418002.html
resource "huaweicloud_fgs_function_trigger" "cts" {
  count = var.cts_trigger ? 1 : 0

  region       = local.region
  function_urn = huaweicloud_fgs_function.headway.urn
  type         = "CTS"

  event_data = jsonencode({
    name = var.name
    operations = [
      "DMS:kafka:extendDMSInstanceSuccess;extendDMSInstanceTaskSuccess;extendDMSInstanceTaskFailure",
    ]
  })

  depends_on = [huaweicloud_obs_bucket_object.config, huaweicloud_fgs_async_invoke_configuration.headway]
}

resource "huaweicloud_fgs_function_trigger" "apig" {
  count = var.apig == null ? 0 : 1

  region       = local.region
  function_urn = huaweicloud_fgs_function.headway.urn
  type         = "DEDICATEDGATEWAY"

  event_data = jsonencode({
    name        = var.name
    type        = 1
    path        = "/"
    match_mode  = "SWA"
    protocol    = "HTTPS"
    req_method  = "ANY"
    auth        = var.apig.auth
    instance_id = var.apig.instance_id
    group_id    = var.apig.group_id
    env_id      = var.apig.env_id
    env_name    = var.apig.env_name
    func_info = {
      function_urn    = huaweicloud_fgs_function.headway.urn
      invocation_type = "sync"
      timeout         = 60000
      version         = "latest"
    }
  })

  lifecycle {
    # APIG does not tell the function whom it has let in.
    precondition {
      condition     = local.has_token
      error_message = "apig needs `http.token` in ${var.config_file}: without it the function answers nobody there."
    }
  }

  depends_on = [huaweicloud_obs_bucket_object.config, huaweicloud_fgs_async_invoke_configuration.headway]
}
