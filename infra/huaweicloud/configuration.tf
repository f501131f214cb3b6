# All that the configuration says already is taken from it, so that nothing has to be said twice.

locals {
  config     = yamldecode(file(var.config_file))
  region     = local.config.huaweicloud.region
  project_id = local.config.huaweicloud.project_id

  # In its prefix is nothing that would be a wildcard in a policy.
  state = try(regex(
    join("", [
      "^obs://(?P<bucket>[a-z0-9][a-z0-9-]{1,61}[a-z0-9])",
      "/(?P<prefix>[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*)/*",
      "(?:\\?(?P<options>.*))?$",
    ]),
    local.config.state
  ), { bucket = "", prefix = "", options = null })
  bucket  = local.state.bucket
  prefix  = local.state.prefix
  options = try({ for pair in split("&", local.state.options) : split("=", pair)[0] => split("=", pair)[1] }, {})

  config_key = "config/headway.yaml"
  config_address = join("", [
    "obs://${local.bucket}/${local.config_key}?region=${local.region}",
    can(local.options.endpoint) ? "&endpoint=${local.options.endpoint}" : "",
  ])

  # What stands in values only, as the function takes it: a comment names no secret, and $${ is a literal.
  references   = distinct(compact(flatten(regexall("\\$\\$\\{|\\$\\{([^{}]*)\\}", jsonencode(local.config)))))
  secret_names = [for name in local.references : name if can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name))]
  unset_names  = setsubtract(local.secret_names, nonsensitive(keys(var.secrets)))
  names_in_aws = [for name in local.references : name if can(regex("^(ssm|secret):", name))]
  has_token    = try(length(tostring(local.config.http.token)) > 0, false)
}

# As sensitive, lest a plan show it; what a `source` names would not be uploaded again when it changes.
resource "huaweicloud_obs_bucket_object" "config" {
  region       = local.region
  bucket       = huaweicloud_obs_bucket.state.bucket
  key          = local.config_key
  content      = sensitive(file(var.config_file))
  content_type = "application/yaml"

  # A new configuration may need a new secret, code or right; the function itself waits for the rights.
  depends_on = [huaweicloud_fgs_function.headway]
}
