resource "huaweicloud_lts_group" "headway" {
  region      = local.region
  group_name  = var.name
  ttl_in_days = var.log_retention_days
}

resource "huaweicloud_lts_stream" "headway" {
  region      = local.region
  group_id    = huaweicloud_lts_group.headway.id
  stream_name = var.name
}
