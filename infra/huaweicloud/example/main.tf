# Headway as README.md configures it. Copy this folder beside it, write your own headway.yaml, and deploy with
# `make deploy-huaweicloud DEPLOYMENT=infra/huaweicloud/YOURS`. Keys: HW_ACCESS_KEY, HW_SECRET_KEY.

terraform {
  required_version = ">= 1.11"

  required_providers {
    huaweicloud = {
      source  = "huaweicloud/huaweicloud"
      version = ">= 1.91.0, < 2"
    }
  }

  # Terraform's state holds the secrets in clear. Keep it in a private, encrypted bucket of its own rather than
  # beside this file. Keys: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY. OBS cannot lock it: one person at a time.
  #
  # backend "s3" {
  #   bucket                      = "my-terraform-state"
  #   key                         = "headway.tfstate"
  #   region                      = "eu-west-101"
  #   endpoints                   = { s3 = "https://obs.eu-west-101.myhuaweicloud.eu" }
  #   skip_credentials_validation = true
  #   skip_metadata_api_check     = true
  #   skip_region_validation      = true
  #   skip_requesting_account_id  = true
  #   skip_s3_checksum            = true
  # }
}

# What is not there the module says.
locals {
  huaweicloud = try(yamldecode(file("${path.root}/headway.yaml")).huaweicloud, null)
}

provider "huaweicloud" {
  region     = try(local.huaweicloud.region, null)
  project_id = try(local.huaweicloud.project_id, null)
}

variable "package_file" {
  description = "The zip of `make package PLATFORM=functiongraph`."
  type        = string
  default     = "../../../dist/headway-functiongraph-py312-x86_64.zip"
}

variable "secrets" {
  # In values there write $${ for ${, %%{ for %{, \" and \\: of a line that it cannot read Terraform shows all.
  description = "The secrets that headway.yaml names, from TF_VAR_secrets or secrets.auto.tfvars, which git ignores."
  type        = map(string)
  default     = {}
  sensitive   = true
}

module "headway" {
  source = "../"

  config_file  = "${path.root}/headway.yaml"
  package_file = var.package_file
  secrets      = var.secrets

  # agency_name    = "headway"               # made in the console, which is the way that the vendor supports
  # failure_emails = ["on-call@example.com"] # each is asked to confirm
  # cts_trigger    = true                    # notice a change when it is ordered
}

output "function_urn" {
  description = "Which function it is, for `headway invoke`."
  value       = module.headway.function_urn
}

output "function_name" {
  description = "What the function is called in the console."
  value       = module.headway.function_name
}

output "test_alert" {
  description = "The command that has the function send a test alert to every channel."
  value       = module.headway.test_alert
}

output "bucket" {
  description = "Where state, configuration and zips are."
  value       = module.headway.bucket
}

output "agency_name" {
  description = "The agency that gives the function its keys."
  value       = module.headway.agency_name
}

output "policies" {
  description = "The policies that the agency needs."
  value       = module.headway.policies
}

output "url" {
  description = "The status page, if there is an APIG with a domain."
  value       = module.headway.url
}

output "failure_topic_urn" {
  description = "The SMN topic that is told when an invocation could not do its job."
  value       = module.headway.failure_topic_urn
}

output "log_group" {
  description = "The LTS group with the log."
  value       = module.headway.log_group
}
