# Keeps the state, the configuration and the zips: private, encrypted, over TLS only, with what was before.

# The bucket's name as it was first: with another, Terraform would take the guards off the old one.
resource "terraform_data" "bucket" {
  input = local.bucket

  lifecycle {
    ignore_changes = [input]
  }
}

resource "huaweicloud_obs_bucket" "state" {
  region        = local.region
  bucket        = local.bucket
  acl           = "private"
  encryption    = true
  sse_algorithm = "AES256"
  versioning    = true
  force_destroy = var.delete_history

  # OBS may take prefixes that overlap for one rule, hence a rule for each folder. The mark of a deletion under
  # active/ stays for each change: the provider has no argument for it, and OBS charges nothing.
  dynamic "lifecycle_rule" {
    for_each = {
      ledgers  = "${local.prefix}/changes"
      markers  = "${local.prefix}/active"
      aside    = "${local.prefix}/aside"
      config   = "config"
      packages = "packages"
    }

    content {
      name    = lifecycle_rule.key
      prefix  = lifecycle_rule.value
      enabled = true

      noncurrent_version_expiration {
        days = var.noncurrent_days
      }
    }
  }

  # Who announces a write takes that back within a minute; what is left is an invocation's that was ended.
  lifecycle_rule {
    name    = "leases"
    prefix  = "${local.prefix}/leases"
    enabled = true

    expiration {
      days = 1
    }

    noncurrent_version_expiration {
      days = 1
    }
  }

  lifecycle {
    precondition {
      condition     = local.bucket != ""
      error_message = "`state` in ${var.config_file} has to be obs://BUCKET/PREFIX, with no dots in BUCKET."
    }

    precondition {
      condition     = !contains(["config", "packages"], split("/", local.prefix)[0])
      error_message = "`state` in ${var.config_file} needs another prefix: config/ and packages/ hold other things."
    }

    precondition {
      condition     = terraform_data.bucket.output == local.bucket
      error_message = "`state` in ${var.config_file} names another bucket than ${terraform_data.bucket.output}, which holds the history: README.md says how to move."
    }

    precondition {
      condition     = try(local.options.region, local.region) == local.region
      error_message = "`state` in ${var.config_file} names another region than `huaweicloud.region`; leave it out."
    }
  }
}

# https://support.huaweicloud.com/intl/en-us/usermanual-rms/rms_05_3046.html
resource "huaweicloud_obs_bucket_policy" "tls_only" {
  region = local.region
  bucket = huaweicloud_obs_bucket.state.bucket

  policy = jsonencode({
    Statement = [{
      Sid       = "OnlyTLS"
      Effect    = "Deny"
      Principal = { ID = ["*"] }
      Action    = ["*"]
      Resource  = [local.bucket, "${local.bucket}/*"]
      Condition = { Bool = { SecureTransport = ["false"] } }
    }]
  })
}

resource "huaweicloud_obs_bucket_bpa" "state" {
  region                  = local.region
  bucket                  = huaweicloud_obs_bucket.state.bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true

  # One after the other: OBS refuses changes to a bucket that come side by side.
  depends_on = [huaweicloud_obs_bucket_policy.tls_only]
}
