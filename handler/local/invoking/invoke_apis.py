"""Deployed functions, invoked through the API of their platform: signs, sends, reads the answer; no retries.

https://support.huaweicloud.com/intl/en-us/api-functiongraph/functiongraph_06_0125.html and
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (read November 2026)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

import msgspec

from handler.clock import Clock
from handler.credentials import aws_keys, huawei_keys
from handler.huaweicloud import signing
from handler.local.invoking.setbacks import Service, SetbackError, Sort, failure, refusal
from handler.local.invoking.targets import Target
from handler.runtimes import Platform, read_runtime
from handler.stores import sigv4
from handler.transport import Request, Response, Send, TooLargeError, TransportError

ANSWER_SECONDS_MAX: Final = 90.0
"""Longer than the function may run and than its start may take; after that FunctionGraph gives no answer."""

_LAMBDA_API: Final = "2015-03-31"
_OK: Final = 200
_JSON: Final = {"Content-Type": "application/json"}
_FUNCTIONGRAPH: Final = Service(
    "FunctionGraph",
    "functiongraph:function:invoke",
    "HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK and HUAWEICLOUD_SDK_SECURITY_TOKEN",
)
_LAMBDA: Final = Service(
    "Lambda",
    "lambda:InvokeFunction",
    "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
    # https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
    frozenset(
        {
            *("ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "IncompleteSignatureException"),
            *("InvalidClientTokenId", "InvalidSignatureException", "MissingAuthenticationToken"),
            *("MissingAuthenticationTokenException", "RequestExpired", "SignatureDoesNotMatch"),
            *("UnrecognizedClientException", "NotAuthorized"),
        }
    ),
)

Invoke = Callable[[object], object]
"""Invokes a function with an event, and gives its result."""


def opened(target: Target, endpoint: str, environ: Mapping[str, str], clock: Clock, send: Send) -> Invoke:
    """Make ready to invoke a function.

    Args:
        target: The function.
        endpoint: Where its platform is asked.
        environ: Where the access key stands.
        clock: What time it is, for signatures.
        send: Sends what is signed.

    Returns:
        What invokes it; a `SetbackError` says why that did not work.

    Raises:
        LookupError: There is no access key; the reason names the variable.
    """
    runtime = read_runtime(None, environ, clock.monotonic())
    if target.platform is Platform.LAMBDA:
        keys = aws_keys(runtime)

        def invoke_lambda(event: object) -> object:
            request = _lambda_request(target, endpoint, event)
            signed = sigv4.sign(
                request, region=target.region, credentials=keys, now=clock.now(), service="lambda"
            )
            return _read_lambda(_exchange(send, signed))

        return invoke_lambda
    huawei = huawei_keys(runtime)

    def invoke_functiongraph(event: object) -> object:
        request = _functiongraph_request(target, endpoint, event)
        return _read_functiongraph(
            _exchange(send, signing.sign(request, credentials=huawei, now=clock.now()))
        )

    return invoke_functiongraph


def _lambda_request(target: Target, endpoint: str, event: object) -> Request:
    url = f"{endpoint}/{_LAMBDA_API}/functions/{quote(target.name, safe='')}/invocations"
    return Request("POST", url, {**_JSON, "X-Amz-Invocation-Type": "RequestResponse"}, _encode(event))


def _functiongraph_request(target: Target, endpoint: str, event: object) -> Request:
    url = f"{endpoint}/v2/{target.owner}/fgs/functions/{target.name}/invocations"
    headers = {**_JSON, "X-Project-Id": target.owner, "X-CFF-Request-Version": "v1"}
    return Request("POST", url, headers, _encode(event))


def _exchange(send: Send, request: Request) -> Response:
    try:
        return send(request, timeout_seconds=ANSWER_SECONDS_MAX)
    except TooLargeError as error:
        message = "The function has answered with more than 1 MiB, which is not shown."
        raise SetbackError(message, Sort.FINAL) from error
    except TransportError as error:
        if not error.request_sent:
            raise SetbackError(str(error), Sort.EARLY) from error
        raise SetbackError(f"{error} Whether the function has run is not known.", Sort.UNCERTAIN) from error


def _read_lambda(response: Response) -> object:
    result = _decode(response.body)
    if response.status == _OK and "x-amz-function-error" not in response.headers:
        return result
    if response.status == _OK:
        raise failure(_object(result))
    code = response.headers.get("x-amzn-errortype") or str(_object(result).get("__type") or "")
    raise refusal(_LAMBDA, response.status, code.partition(":")[0].rpartition("#")[2])


def _read_functiongraph(response: Response) -> object:
    """Read a result out of its envelope; of errors of the function itself only headers are documented."""
    answer, headers = _decode(response.body), response.headers
    envelope = _object(answer)
    result = answer
    if "request_id" in envelope and isinstance(envelope.get("result"), str):
        result = _decode(str(envelope["result"]).encode())
    told = _object(result)
    code = str(envelope.get("error_code") or "")
    is_its_own = headers.get("x-is-func-err", "").lower() == "true" or "errorMessage" in told
    if response.status != _OK and not is_its_own:
        raise refusal(_FUNCTIONGRAPH, response.status, code)
    has_failed = {headers.get("x-func-err-code", ""), code} - {"", "0"} or envelope.get("status", _OK) != _OK
    if is_its_own or has_failed:
        raise failure({"errorType": code, "errorMessage": result if isinstance(result, str) else "", **told})
    return result


def _encode(event: object) -> bytes:
    return msgspec.json.encode(event)


def _decode(body: bytes) -> object:
    """What an answer holds, if it is JSON; else its text."""
    try:
        return msgspec.json.decode(body) if body else None
    except (ValueError, RecursionError):
        return body.decode(errors="replace")


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
