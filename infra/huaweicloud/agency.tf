# The agency gives the function the keys for DMS, OBS and SMN, and two policies say what these open.

data "huaweicloud_identity_agencies" "given" {
  count = var.agency_name == null ? 0 : 1
  name  = var.agency_name

  lifecycle {
    postcondition {
      condition     = contains(self.agencies[*].name, var.agency_name)
      error_message = "There is no agency ${var.agency_name}; README.md says how to make it in the console."
    }
  }
}

data "huaweicloud_identity_projects" "watched" {
  count      = var.agency_name == null ? 1 : 0
  project_id = local.project_id

  lifecycle {
    postcondition {
      condition     = length(self.projects) == 1
      error_message = "This account has no project as `huaweicloud.project_id` in ${var.config_file} names it."
    }
  }
}

locals {
  agency_name = var.agency_name == null ? one(huaweicloud_identity_agency.function[*].name) : var.agency_name
  objects     = "obs:*:*:object:${huaweicloud_obs_bucket.state.bucket}"
}

# AX is for services of the whole account.
resource "huaweicloud_identity_role" "state" {
  name        = "${var.name}-state"
  description = "What ${var.name} does with its bucket"
  type        = "AX"

  policy = jsonencode({
    Version = "1.1"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["obs:object:GetObject", "obs:object:PutObject"]
        Resource = ["${local.objects}/${local.prefix}/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["obs:object:DeleteObject"]
        Resource = ["${local.objects}/${local.prefix}/active/*", "${local.objects}/${local.prefix}/leases/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["obs:object:GetObject"]
        Resource = ["${local.objects}/${local.config_key}"]
      },
      {
        # The second one is what OBS asks for in a versioned bucket, says its API reference; other pages know
        # the first only. https://support.huaweicloud.com/api-obs/obs_04_0022.html
        # No condition on the prefix: with one, a ledger that is not there yet could look like one that may
        # not be read.
        Effect   = "Allow"
        Action   = ["obs:bucket:ListBucket", "obs:bucket:ListBucketVersions"]
        Resource = ["obs:*:*:bucket:${huaweicloud_obs_bucket.state.bucket}"]
      },
    ]
  })
}

# XA is for services of a region. DMS takes no resources in policies of this kind.
resource "huaweicloud_identity_role" "region" {
  name        = "${var.name}-region"
  description = "What ${var.name} reads of Kafka instances, and how it says that it failed"
  type        = "XA"

  policy = jsonencode({
    Version = "1.1"
    Statement = [
      {
        Effect = "Allow"
        Action = ["dms:instance:getBackgroundTask", "dms:instance:list", "dms:instance:get"]
      },
      {
        # SMN asks for the second one with the first.
        # https://support.huaweicloud.com/intl/en-us/api-smn/smn_api_80014.html
        Effect = "Allow"
        Action = ["smn:topic:publish", "smn:topic:list"]
      },
    ]
  })
}

resource "huaweicloud_identity_agency" "function" {
  count                  = var.agency_name == null ? 1 : 0
  name                   = var.name
  description            = "Lets the function ${var.name} watch Kafka instances and keep its state"
  delegated_service_name = "op_svc_cff"
  domain_roles           = [huaweicloud_identity_role.state.name]

  # OBS looks for its policies in a project of its own.
  # https://support.huaweicloud.com/api-iam/iam_10_0006.html
  project_role {
    project = "MOS"
    roles   = [huaweicloud_identity_role.state.name]
  }

  project_role {
    project = one(data.huaweicloud_identity_projects.watched[*].projects[0].name)
    roles   = [huaweicloud_identity_role.region.name]
  }
}
