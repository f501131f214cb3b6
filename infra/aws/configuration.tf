# What the configuration says already, so that nobody has to say it twice.

locals {
  configuration = yamldecode(file(var.config_file))

  # What each part may hold is looked at where the file is named, in variables.tf.
  state        = regex("^s3://(?P<bucket>[^/]*)/(?P<prefix>[^?]*?)/*(?P<options>(?:\\?.*)?)$", local.configuration.state)
  bucket       = local.state.bucket
  prefix       = local.state.prefix
  options      = local.state.options
  state_region = try(regex("[?&]region=([^&]*)", local.options)[0], local.region)

  # Comments are gone by now, and `$${` stands for itself.
  values = replace(jsonencode(local.configuration), "$$${", "")
  # As the function reads them; no wildcard gets into its rights.
  reference  = "\\$\\{([A-Za-z_][A-Za-z0-9_]*|(?:ssm|secret):[A-Za-z0-9/_+=.@:-]+)\\}"
  references = distinct(flatten(regexall(local.reference, local.values)))
  has_others = strcontains(replace(local.values, "/${local.reference}/", ""), "$${")
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
    if !strcontains(name, ":") && !startswith(name, "AWS_")
  ])

  has_keys       = can([coalesce(local.configuration.huaweicloud.access_key), coalesce(local.configuration.huaweicloud.secret_key)])
  has_http_token = can(coalesce(local.configuration.http.token))
}
