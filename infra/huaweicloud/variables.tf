variable "name" {
  description = <<-EOT
    What the function is called, and what the names of all that belongs to it begin with. Policies and agency are
    the whole account's: each deployment in an account needs a name of its own, in other regions too.
  EOT
  type        = string
  default     = "headway"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{0,38}[A-Za-z0-9]$", var.name))
    error_message = "name has 2 to 40 letters, digits and '-'; it begins with a letter and does not end with '-'."
  }
}

variable "package_file" {
  description = "The zip that `make package PLATFORM=functiongraph` built; its name tells the function's runtime."
  type        = string

  validation {
    condition     = can(regex("headway-functiongraph-py3(10|12)-x86_64\\.zip$", var.package_file))
    error_message = "package_file is a zip for FunctionGraph, such as headway-functiongraph-py312-x86_64.zip."
  }

  validation {
    condition     = fileexists(var.package_file)
    error_message = "package_file is not there; `make package PLATFORM=functiongraph` builds it into dist/."
  }
}

variable "config_file" {
  description = "The configuration, headway.yaml: what is watched and who is told, and also region, project, bucket."
  type        = string

  validation {
    condition     = fileexists(var.config_file)
    error_message = "config_file is not there."
  }

  validation {
    condition     = can(keys(yamldecode(file(var.config_file))))
    error_message = "config_file is no YAML with keys in it; `headway check` says where."
  }

  # Here rather than at a resource, for these are looked at before the provider, which takes them too.
  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)+$", yamldecode(file(var.config_file)).huaweicloud.region))
    error_message = "`huaweicloud.region` in ${var.config_file} has to be a region, such as eu-west-101."
  }

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", yamldecode(file(var.config_file)).huaweicloud.project_id))
    error_message = "`huaweicloud.project_id` in ${var.config_file} has to be an id; put one of digits into quotes."
  }
}

variable "secrets" {
  description = <<-EOT
    The values of the configuration's `$${NAME}`s, by name. The function keeps them as encrypted user data, but
    TERRAFORM'S STATE HOLDS THEM IN CLEAR: keep the state where only those may read it who may know the secrets.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false
  sensitive   = true

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^[A-Za-z][A-Za-z0-9_]*$", name))])
    error_message = "The names in secrets begin with a letter and have letters, digits and '_', as in $${SLACK_TOKENS}."
  }

  validation {
    condition     = alltrue([for value in values(var.secrets) : try(length(value) > 0, false)])
    error_message = "One of the secrets is empty, which is the same as not being there."
  }

  validation {
    condition     = !contains(keys(var.secrets), "HEADWAY_CONFIG")
    error_message = "HEADWAY_CONFIG is no secret: it is set to the configuration that is uploaded."
  }

  validation {
    condition     = length(var.secrets) <= 20
    error_message = "FunctionGraph keeps at most 20 secrets."
  }
}

variable "schedule" {
  description = "How often to look: a rate such as 1m, `@every 90s`, or six cron fields, seconds first. Less often than every 25 minutes: leave `unwatched` out of the channels' alerts."
  type        = string
  default     = "1m"
  nullable    = false

  validation {
    condition = anytrue([
      can(regex("^([1-9]|[1-5][0-9]|60)m$", var.schedule)),
      can(regex("^([1-9]|1[0-9]|2[0-4])h$", var.schedule)),
      can(regex("^@every [1-9][0-9]*[smh]([1-9][0-9]*[sm])?$", var.schedule)),
      can(regex("^(CRON_TZ=[A-Za-z_/]+ )?([0-9*/,?-]+ ){3}([0-9A-Z*/,?L-]+ ){2}[0-9A-Z*/,?L#-]+$", var.schedule)),
    ])
    error_message = "schedule is a rate of 1m to 60m or 1h to 24h, `@every 90s`, or six cron fields, seconds first."
  }
}

variable "shards" {
  description = "How many invocations share the changes, each with a timer of its own; one is right for hundreds."
  type        = number
  default     = 1
  nullable    = false

  # A refused access key is tried once by each part, and six refusals in a row lock it.
  validation {
    condition     = contains(range(1, 6), var.shards)
    error_message = "shards is a number from 1 to 5: more could lock the access key when it is refused."
  }
}

variable "memory_mb" {
  description = "The function's memory; its share of a processor grows with it."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition = contains(
      [128, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096], var.memory_mb
    )
    error_message = "memory_mb is 128, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584 or 4096."
  }
}

variable "max_instances" {
  description = <<-EOT
    How many invocations may run at once, -1 for any number. With 1, whoever opens a page during a look is refused.
  EOT
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition = (
      floor(var.max_instances) == var.max_instances
      && (var.max_instances == -1 || var.max_instances >= 1 && var.max_instances <= 1000)
    )
    error_message = "max_instances is a whole number from 1 to 1000, or -1 for any number."
  }

  validation {
    condition     = var.max_instances == -1 || var.max_instances >= var.shards
    error_message = "max_instances is at least shards: their timers go off at the same time."
  }
}

variable "agency_name" {
  description = <<-EOT
    An agency for FunctionGraph that somebody made in the console, which the vendor supports; then attach the
    policies of the output `policies` to it. null has one made, by what the provider does not document.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.agency_name == null || can(regex("^.{1,64}$", var.agency_name))
    error_message = "agency_name has 1 to 64 characters."
  }
}

variable "cts_trigger" {
  description = "Whether CTS wakes the function when a change is ordered and when it ends; CTS has to be on."
  type        = bool
  default     = false
  nullable    = false
}

variable "apig" {
  description = <<-EOT
    A dedicated APIG instance of yours, and a group in it, to serve the pages and the API of the function; the
    configuration then needs `http.token`. `domain` is what people open: one bound to the group.
  EOT
  type = object({
    instance_id = string
    group_id    = string
    env_id      = optional(string, "DEFAULT_ENVIRONMENT_RELEASE_ID")
    env_name    = optional(string, "RELEASE")
    auth        = optional(string, "IAM")
    domain      = optional(string)
  })
  default = null

  validation {
    condition     = contains(["IAM", "APP", "NONE"], try(var.apig.auth, "IAM"))
    error_message = "apig.auth is IAM, APP, or NONE, which leaves it to Headway's own token."
  }
}

variable "failure_emails" {
  description = "Who gets a mail when an invocation could not do its job; each address is asked to confirm first."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.failure_emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "failure_emails are mail addresses."
  }
}

variable "log_retention_days" {
  description = "How long the log is kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.log_retention_days >= 1 && var.log_retention_days <= 365
    error_message = "log_retention_days is 1 to 365."
  }
}

variable "noncurrent_days" {
  description = "How long what was overwritten or deleted in the bucket can be had back."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.noncurrent_days >= 1 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days is a whole number, 1 or more."
  }
}

variable "delete_history" {
  description = "Whether `terraform destroy` also deletes what is in the bucket: the history of every change."
  type        = bool
  default     = false
  nullable    = false
}
