# What the configuration says already, so that nobody has to say it twice.

locals {
  configuration = yamldecode(file(var.config_file))

  # As the function reads it, but that the prefix may not be left out: without it the function's rights would
  # also reach its own configuration and code.
  state_pattern = "^s3://(?P<bucket>[a-z0-9][a-z0-9-]{1,61}[a-z0-9])/(?P<prefix>[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*)/*(?P<options>(?:\\?.*)?)$"
  state         = regex(local.state_pattern, local.configuration.state)
  bucket        = local.state.bucket
  prefix        = local.state.prefix
  options       = local.state.options
  state_region  = try(regex("[?&]region=([^&]*)", local.options)[0], local.region)

  # Comments are gone by now, and `$${` stands for itself.
  values     = replace(jsonencode(local.configuration), "$$${", "")
  references = distinct(flatten(regexall("\\$\\{([^{}]*)\\}", local.values)))
  # Without the version or label that may follow a name.
  parameters = sort(distinct([
    for name in local.references :
    startswith(name, "ssm:arn:") ? join(":", slice(split(":", name), 1, 7)) : split(":", name)[1]
    if startswith(name, "ssm:")
  ]))
  secrets = sort([for name in local.references : trimprefix(name, "secret:") if startswith(name, "secret:")])
  # Lambda sets variables of its own, all of which begin like this.
  variables = sort([
    for name in local.references : name
    if can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name)) && !startswith(name, "AWS_")
  ])

  has_http_token = try(local.configuration.http.token, null) != null
}
