output "function_name" {
  description = "The function, as the console calls it."
  value       = aws_lambda_function.headway.function_name
}

output "function_arn" {
  description = "The function, as `headway invoke` wants it."
  value       = aws_lambda_function.headway.arn
}

output "role_name" {
  description = "The function's role, for one more policy: to read parameters that a key of your own encrypts, say."
  value       = aws_iam_role.function.name
}

output "url" {
  description = "Where the pages are; null if nowhere. With http = \"iam\" whoever calls needs lambda:InvokeFunctionUrl and lambda:InvokeFunction."
  value       = one(concat(aws_lambda_function_url.iam[*].function_url, aws_apigatewayv2_stage.token[*].invoke_url))
}

output "bucket" {
  description = "The bucket with the state, the configuration and the code."
  value       = aws_s3_bucket.state.id
}

output "log_group" {
  description = "The log: one JSON line for each invocation."
  value       = aws_cloudwatch_log_group.function.name
}

output "failure_queue_url" {
  description = "The queue with each run that failed in the last 14 days."
  value       = aws_sqs_queue.failures.url
}

output "parameters" {
  description = "The parameters that the configuration names: each has to be there, as a SecureString."
  value       = local.parameters
}

output "test_alert" {
  description = "The command that sends a test message to every channel."
  value       = ".venv/bin/headway invoke ${aws_lambda_function.headway.arn} --test-alert"
}
