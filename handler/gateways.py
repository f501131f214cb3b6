"""HTTP as the platforms' gateways hand it over: an event becomes a request, a response what they want back.

Their shapes are files of `tests/edge/events`; none of them is believed to be whole, so nothing raises here.
Sources: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html (payload 2.0),
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html (1.0),
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html and
https://support.huaweicloud.com/intl/en-us/devg-functiongraph/functiongraph_02_0102.html (APIG).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_plus

from handler.scope import Shape


class Request(NamedTuple):
    """A request, whichever gateway it came through.

    Names of headers are in lower case. `path` begins with a slash and is as the gateway's own routing left
    it; `stage_path` may stand before it. There is no `body` where it cannot be decoded. `is_vouched_for`
    tells that the platform has checked who calls; `wants_lists` that its headers want lists of values. Of
    keys that stand in the query more than once, `query` has the last value.
    """

    method: str
    path: str
    headers: Mapping[str, str] = {}
    body: bytes | None = b""
    stage_path: str = ""
    is_vouched_for: bool = False
    wants_lists: bool = False
    query: Mapping[str, str] = {}


class Response(NamedTuple):
    """An answer in text."""

    status: int
    headers: Mapping[str, str]
    body: str


def is_request(event: object) -> bool:
    """Tell whether an event may come from a gateway, so that somebody waits for an answer."""
    return isinstance(event, Mapping) and ("httpMethod" in event or "requestContext" in event)


def read_request(event: Shape) -> Request | None:
    """Tell an HTTP event, and read it; None for all other events."""
    context = _mapping(event.get("requestContext"))
    if "elb" in context:
        return _read_load_balancer(event)
    if "http" in context:
        return _read_payload_2(event, context)
    if "httpMethod" not in event:
        return None
    return _read_rest(event, context) if "resource" in event else _read_apig(event)


def write_response(response: Response, request: Request) -> dict[str, Any]:
    """Write an answer as all gateways want it."""
    answer: dict[str, Any] = {
        "statusCode": response.status,
        "headers": dict(response.headers),
        "body": response.body,
        "isBase64Encoded": False,
    }
    if request.wants_lists:
        answer["multiValueHeaders"] = {name: [value] for name, value in response.headers.items()}
    return answer


def _read_load_balancer(event: Shape) -> Request:
    lists = event.get("multiValueHeaders")
    return _request(
        event,
        method=event.get("httpMethod"),
        path=event.get("path"),
        headers=event.get("headers") if lists is None else lists,
        query=_decode(_parameters(event)),
    )._replace(wants_lists=lists is not None)


def _read_payload_2(event: Shape, context: Shape) -> Request:
    """Function URL and HTTP API, with IAM's word for the caller."""
    iam = _mapping(_mapping(context.get("authorizer")).get("iam"))
    return _request(
        event,
        method=_mapping(context.get("http")).get("method"),
        path=event.get("rawPath"),
        headers={**_mapping(event.get("headers")), **_cookies(event)},
        query=dict(parse_qsl(_text(event.get("rawQueryString")), keep_blank_values=True)),
        stage=context.get("stage"),
        caller=_caller(iam),
    )


def _read_rest(event: Shape, context: Shape) -> Request:
    """REST API, which takes its stage off, and HTTP API with payload 1.0, which names its version."""
    identity = _mapping(context.get("identity"))
    return _request(
        event,
        method=event.get("httpMethod"),
        path=event.get("path"),
        headers=event.get("headers"),
        query=_parameters(event),
        stage=context.get("stage") if "version" in event else None,
        caller=_caller(identity),
    )


def _read_apig(event: Shape) -> Request:
    """FunctionGraph's gateway; where it matches by prefix, a parameter without a name is the path's rest."""
    rest = _mapping(event.get("pathParameters")).get("")
    return _request(
        event,
        method=event.get("httpMethod"),
        path=event.get("path") if rest is None else rest,
        headers=event.get("headers"),
        query=_parameters(event),
    )


def _request(  # noqa: PLR0913 - the parts of a request, each by name
    event: Shape,
    *,
    method: object,
    path: object,
    headers: object,
    query: Mapping[str, str],
    stage: object = None,
    caller: str = "",
) -> Request:
    return Request(
        method=_text(method).upper(),
        path="/" + _text(path).lstrip("/"),
        stage_path=f"/{stage}" if _text(stage) else "",
        headers=_read_headers(_mapping(headers)),
        body=_body(event.get("body"), is_base64=event.get("isBase64Encoded") is True),
        is_vouched_for=bool(caller),
        query=query,
    )


def _cookies(event: Shape) -> dict[str, object]:
    """Payload 2.0 takes them out of the headers, and each by itself."""
    cookies = event.get("cookies")
    return {"cookie": cookies} if cookies and isinstance(cookies, list) else {}


def _read_headers(headers: Shape) -> dict[str, str]:
    read = {str(name).lower(): value for name, value in headers.items()}
    cookies = read.get("cookie")
    joined = {"cookie": "; ".join(map(_text, cookies))} if isinstance(cookies, list) else {}
    return {name: _last(value) for name, value in read.items()} | joined


def _parameters(event: Shape) -> dict[str, str]:
    """The query where the gateway has split it; a key that stands there more than once may have a list."""
    lists = _mapping(event.get("multiValueQueryStringParameters"))
    parameters = lists or _mapping(event.get("queryStringParameters"))
    return {str(key): _last(value) for key, value in parameters.items()}


def _decode(parameters: Mapping[str, str]) -> dict[str, str]:
    """A load balancer splits the query, and decodes nothing of it."""
    return {unquote_plus(key): unquote_plus(value) for key, value in parameters.items()}


def _caller(iam: Shape) -> str:
    """Whom IAM knows; behind a session that Cognito opens may be anybody, also where it is not told apart."""
    arn = _text(iam.get("userArn"))
    is_cognito = iam.get("cognitoIdentity") or iam.get("cognitoIdentityId")
    return "" if is_cognito or arn.endswith("/CognitoIdentityCredentials") else arn


def _body(body: object, *, is_base64: bool) -> bytes | None:
    if body is None:
        return b""
    try:
        return base64.b64decode(body, validate=True) if is_base64 else body.encode()  # type: ignore[arg-type,attr-defined]
    except (AttributeError, TypeError, ValueError):
        return None


def _last(value: object) -> str:
    return _text(value[-1] if isinstance(value, list) and value else value)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
