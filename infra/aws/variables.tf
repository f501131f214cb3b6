variable "name" {
  description = "What the function and all that belongs to it is called; each deployment in an account needs its own."
  type        = string
  default     = "headway"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,39}$", var.name))
    error_message = "name has to begin with a letter and hold no more than 40 lower-case letters, digits and hyphens."
  }
}

variable "package_file" {
  description = "The zip to deploy, as `make package PLATFORM=lambda` names it: its name tells the runtime and the architecture."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("headway-lambda-py3[0-9]+-(x86_64|arm64)\\.zip$", var.package_file))
    error_message = "package_file has to be a zip of `make package PLATFORM=lambda`, such as dist/headway-lambda-py313-arm64.zip."
  }

  validation {
    condition     = fileexists(var.package_file)
    error_message = "package_file is not there: build it with `make package PLATFORM=lambda`."
  }
}

variable "config_file" {
  description = "The configuration, headway.yaml. The bucket, and which secrets the function may read, are taken from it."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists(var.config_file)
    error_message = "config_file is not there: write headway.yaml, as the README's section Configure describes it."
  }

  validation {
    condition     = !fileexists(var.config_file) || can(yamldecode(file(var.config_file)))
    error_message = "config_file has to be a YAML file: headway.yaml, as the README's section Configure describes it."
  }

  # As the function reads it, but that the prefix may not be left out: without it the function's rights would
  # also reach its own configuration and code.
  validation {
    condition = !can(yamldecode(file(var.config_file))) || can(regex(
      "^s3://[a-z0-9][a-z0-9-]{1,61}[a-z0-9]/[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*/*(?:\\?.*)?$",
      yamldecode(file(var.config_file)).state
    ))
    error_message = "state, in the configuration, has to be s3://BUCKET/PREFIX?region=REGION: no dots in the bucket's name, and a prefix of letters, digits, -, _, . and /."
  }

  validation {
    condition     = !can(regex("^s3://[^/]*/(config|packages)(/|\\?|$)", yamldecode(file(var.config_file)).state))
    error_message = "state, in the configuration, needs another prefix: under config and packages the function must not write."
  }
}

variable "schedule" {
  description = "How often the function looks. Less often than every 25 minutes: leave `unwatched` out of the channels' alerts."
  type        = string
  default     = "rate(1 minute)"
  nullable    = false

  validation {
    condition     = can(regex("^rate\\((1 minute|([2-9]|[1-5][0-9]|60) minutes)\\)$", var.schedule))
    error_message = "schedule has to be rate(1 minute), or rate(2 minutes) up to rate(60 minutes)."
  }
}

variable "shards" {
  description = "Into how many parts the work is shared, each with a schedule of its own."
  type        = number
  default     = 1
  nullable    = false

  # A refused access key is tried once by each part, and six refusals in a row lock it.
  validation {
    condition     = contains(range(1, 6), var.shards)
    error_message = "shards has to be a number from 1 to 5: more could lock the access key when it is refused."
  }
}

variable "memory_mb" {
  description = "The function's memory; more of it is also more CPU."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "memory_mb has to be a whole number from 128 to 10240."
  }
}

variable "reserved_concurrency" {
  description = "How many invocations may run at once: null for one a shard, -1 for no reservation, which is all that a small account allows."
  type        = number
  default     = null

  validation {
    condition = (
      var.reserved_concurrency == null ? true :
      var.reserved_concurrency == -1 || contains(range(var.shards, 1001), var.reserved_concurrency)
    )
    error_message = "reserved_concurrency has to be null, -1, or a number from shards to 1000."
  }
}

variable "http" {
  description = "Who may look at pages and ask over HTTP: `iam` for whoever AWS's IAM lets in, `token` for whoever shows http.token, `off` for nobody."
  type        = string
  default     = "iam"
  nullable    = false

  validation {
    condition     = contains(["iam", "token", "off"], var.http)
    error_message = "http has to be iam, token or off."
  }

  validation {
    condition     = var.http != "token" || local.has_http_token
    error_message = "http = \"token\" needs http.token in the configuration, such as $${ssm:/headway/http-token}."
  }
}

variable "log_retention_days" {
  description = "For how long the function's log is kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days has to be a number of days that CloudWatch offers: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 or more."
  }
}

variable "noncurrent_days" {
  description = "For how long overwritten and deleted versions in the bucket are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.noncurrent_days >= 1 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days has to be a whole number of at least 1."
  }
}

variable "alarm_topic_arns" {
  description = "The SNS topics that alarms go to. Without any they only show in CloudWatch."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", arn))])
    error_message = "alarm_topic_arns has to hold ARNs of SNS topics, such as arn:aws:sns:eu-west-1:123456789012:alarms."
  }
}

variable "delete_history" {
  description = "Whether `terraform destroy` may delete the bucket with all that it holds. Apply it first, then destroy."
  type        = bool
  default     = false
  nullable    = false
}
