# A deployment: this file and the configuration beside it. Copy the folder to have one of your own.

terraform {
  required_version = ">= 1.11"

  # Where Terraform keeps what it has made; without this, in a file here. Any bucket but Headway's own will do.
  # backend "s3" {
  #   bucket       = "my-terraform-states"
  #   key          = "headway/production.tfstate"
  #   region       = "eu-west-1"
  #   encrypt      = true
  #   use_lockfile = true
  # }
}

provider "aws" {
  region = "eu-west-1"
}

variable "package_file" {
  description = "The zip to deploy; `make deploy-aws` gives the one that it has built."
  type        = string
  default     = "../../../dist/headway-lambda-py313-arm64.zip"
}

module "headway" {
  source = "../"

  config_file  = "${path.module}/headway.yaml"
  package_file = var.package_file

  # What else can be chosen: ../variables.tf
  # alarm_topic_arns = ["arn:aws:sns:eu-west-1:123456789012:alarms"]
}

output "function_name" {
  description = "The function, as the console calls it."
  value       = module.headway.function_name
}

output "function_arn" {
  description = "The function, as `headway invoke` wants it."
  value       = module.headway.function_arn
}

output "role_name" {
  description = "The function's role, for one more policy: to read parameters that a key of your own encrypts, say."
  value       = module.headway.role_name
}

output "url" {
  description = "Where the pages are; null if nowhere. With http = \"iam\" whoever calls needs lambda:InvokeFunctionUrl and lambda:InvokeFunction."
  value       = module.headway.url
}

output "bucket" {
  description = "The bucket with the state, the configuration and the code."
  value       = module.headway.bucket
}

output "log_group" {
  description = "The log: one JSON line for each invocation."
  value       = module.headway.log_group
}

output "failure_queue_url" {
  description = "The queue with each run that failed in the last 14 days."
  value       = module.headway.failure_queue_url
}

output "parameters" {
  description = "The parameters that the configuration names: each has to be there, as a SecureString."
  value       = module.headway.parameters
}

output "test_alert" {
  description = "The command that sends a test message to every channel."
  value       = module.headway.test_alert
}
