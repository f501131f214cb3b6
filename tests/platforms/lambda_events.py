"""Lambda's events from the samples, as each platform would write another request, and its answers read."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from tests.platforms.events import HttpAnswer, sample
from tests.platforms.lambda_runtime_api import Answer

TIMERS: Final = ("lambda-schedule", "lambda-scheduler-default", "lambda-scheduler-custom-input")
REQUESTS: Final = (
    "lambda-url-get",
    "lambda-url-post",
    "lambda-url-post-iam-base64",
    "lambda-apigw-v2-http-api",
    "lambda-apigw-v1",
    "lambda-alb",
    "lambda-alb-multivalue",
)

_ANSWER_KEYS: Final = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}

Event = dict[str, Any]


def request(
    name: str, method: str, path: str, headers: Mapping[str, str] | None = None, body: str = ""
) -> Event:
    """A request in the words of the platform and the set-up that a sample comes from.

    Whatever the platform knew of the caller in the sample, it knows here too. A body is JSON unless a header
    says otherwise, and comes encoded where the sample's did.
    """
    event, headers = sample(name), dict(headers or {})
    if body:
        headers.setdefault("Content-Type", "application/json")
    if event.get("version") == "2.0":
        _rewrite_payload_2(event, method, path)
        if "Cookie" in headers:
            event["cookies"] = headers.pop("Cookie").split("; ")
    else:
        event |= {"httpMethod": method, "path": path, "body": ""}
        if "resource" in event:
            _rewrite_rest(event, method, path)
    if body:
        event["body"] = base64.b64encode(body.encode()).decode() if event["isBase64Encoded"] else body
    else:
        event["isBase64Encoded"] = False
    _add_headers(event, headers)
    return event


def _add_headers(event: Event, headers: Mapping[str, str]) -> None:
    """Only a REST API leaves names as the caller wrote them."""
    if "resource" not in event:
        headers = {name.lower(): value for name, value in headers.items()}
    if "headers" in event:
        event["headers"] |= headers
    if "multiValueHeaders" in event:
        event["multiValueHeaders"] |= {name: [value] for name, value in headers.items()}


def _rewrite_payload_2(event: Event, method: str, path: str) -> None:
    """Function URL and HTTP API: what is empty is absent."""
    context = event["requestContext"]
    context["http"] |= {"method": method, "path": path}
    if event["routeKey"] != "$default":
        event["routeKey"] = context["routeKey"] = f"{method} {path}"
    event |= {"rawPath": path, "rawQueryString": ""}
    for key in ("queryStringParameters", "body"):
        event.pop(key, None)
    for header in ("content-type", "content-length"):
        event["headers"].pop(header, None)


def _rewrite_rest(event: Event, method: str, path: str) -> None:
    """A REST API's stage stands in the one path and not in the other; what is empty is null."""
    event |= {"resource": path, "body": None}
    event["requestContext"] |= {"resourcePath": path, "path": f"/prod{path}", "httpMethod": method}
    for headers in (event["headers"], event["multiValueHeaders"]):
        headers.pop("Content-Type", None)


def response(answer: Answer, event: Event) -> HttpAnswer:
    """Read an answer as the platform does that the event came from, which is strict about its shape."""
    shape = answer.payload
    assert answer.error_type is None, shape
    assert isinstance(shape, dict)
    assert {"statusCode", "body", "isBase64Encoded"} <= shape.keys() <= _ANSWER_KEYS
    assert type(shape["statusCode"]) is int
    assert isinstance(shape["body"], str)
    assert shape["isBase64Encoded"] is False
    return HttpAnswer(shape["statusCode"], _headers(shape, event), shape["body"].encode())


def _headers(shape: Event, event: Event) -> Mapping[str, str]:
    """A load balancer that sends lists of values wants such back, and looks at nothing else."""
    if "headers" not in event:
        many = shape["multiValueHeaders"]
        assert all(isinstance(values, list) and len(values) == 1 for values in many.values())
        headers = {name: values[0] for name, values in many.items()}
    else:
        headers = shape["headers"]
    assert all(isinstance(value, str) for value in headers.values())
    return {name.lower(): value for name, value in headers.items()}
