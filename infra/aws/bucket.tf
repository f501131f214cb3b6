# One bucket for all that lasts:
#   PREFIX/…    what the function keeps: one ledger for each change under changes/
#   config/     the configuration
#   packages/   the code

# The bucket's name as it was first: with another, Terraform would strip the old bucket and then fail to delete it.
resource "terraform_data" "bucket" {
  input = local.bucket

  lifecycle {
    ignore_changes = [input]
  }
}

resource "aws_s3_bucket" "state" {
  bucket        = local.bucket
  force_destroy = var.delete_history

  lifecycle {
    precondition {
      condition     = terraform_data.bucket.output == local.bucket
      error_message = "state, in the configuration, names another bucket than ${terraform_data.bucket.output}, which holds the history: the README's section Later says how to move."
    }

    precondition {
      condition     = local.state_region == local.region
      error_message = "state, in the configuration, says region=${local.state_region}, but the provider works in ${local.region}: make them one."
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket                  = aws_s3_bucket.state.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  # Nothing that is current ever expires.
  rule {
    id     = "forget-what-is-past"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }

    expiration {
      expired_object_delete_marker = true
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.state]
}

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id
  policy = data.aws_iam_policy_document.bucket.json

  # S3 refuses two changes of a bucket's access at the same moment.
  depends_on = [aws_s3_bucket_public_access_block.state, aws_s3_bucket_ownership_controls.state]
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [local.bucket_arn, "${local.bucket_arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  # A ledger is only ever saved by who has seen the version before, whatever writes it: two that overlap can
  # then never undo each other's alerts.
  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
  statement {
    sid       = "DenyUnconditionalLedgers"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${local.bucket_arn}/${local.prefix}/changes/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Null"
      variable = "s3:if-match"
      values   = ["true"]
    }

    condition {
      test     = "Null"
      variable = "s3:if-none-match"
      values   = ["true"]
    }

    # Parts of a multipart upload carry no condition; its completion does.
    condition {
      test     = "Bool"
      variable = "s3:ObjectCreationOperation"
      values   = ["true"]
    }
  }
}

# The function reads it anew in every invocation: a change takes effect at once, so what it needs is there before.
resource "aws_s3_object" "configuration" {
  bucket       = aws_s3_bucket.state.id
  key          = local.config_key
  source       = var.config_file
  etag         = filemd5(var.config_file)
  content_type = "application/yaml"

  depends_on = [
    aws_s3_bucket_versioning.state,
    aws_s3_bucket_server_side_encryption_configuration.state,
    aws_lambda_function.headway,
    aws_iam_role_policy.function,
  ]
}

resource "aws_s3_object" "package" {
  bucket = aws_s3_bucket.state.id
  key    = "packages/${trimsuffix(basename(var.package_file), ".zip")}-${substr(filesha256(var.package_file), 0, 16)}.zip"
  source = var.package_file

  # The old one goes when the function has moved to the new one.
  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_s3_bucket_versioning.state, aws_s3_bucket_server_side_encryption_configuration.state]
}
