# Pages, JSON and metrics, for whoever may see them; the timer needs none of it.

resource "aws_lambda_function_url" "iam" {
  count = var.http == "iam" ? 1 : 0

  function_name      = aws_lambda_function.headway.function_name
  authorization_type = "AWS_IAM"
}

# Headway itself asks for http.token, on each page and each request: a browser cannot sign as IAM wants it.
resource "aws_apigatewayv2_api" "token" {
  count = var.http == "token" ? 1 : 0

  name          = var.name
  description   = "Headway's pages and API, behind its own token."
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "token" {
  count = var.http == "token" ? 1 : 0

  api_id                 = aws_apigatewayv2_api.token[0].id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.headway.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000
}

resource "aws_apigatewayv2_route" "token" {
  count = var.http == "token" ? 1 : 0

  api_id    = aws_apigatewayv2_api.token[0].id
  route_key = "$default"
  target    = "integrations/${aws_apigatewayv2_integration.token[0].id}"
}

resource "aws_apigatewayv2_stage" "token" {
  count = var.http == "token" ? 1 : 0

  api_id      = aws_apigatewayv2_api.token[0].id
  name        = "$default"
  auto_deploy = true

  # Whoever guesses at the token does so slowly, and leaves the timer its turn.
  default_route_settings {
    throttling_rate_limit  = 5
    throttling_burst_limit = 10
  }
}

resource "aws_lambda_permission" "token" {
  count = var.http == "token" ? 1 : 0

  statement_id  = "HttpApi"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.headway.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.token[0].execution_arn}/*"
}
