"""What an answer of the DMS API means: status, headers and body become a reading or a named problem.

Pure, and never an exception, whatever a gateway or a proxy sends. The status decides first, then the code:
APIGW.0201 alone spans 400 to 504. Codes: https://support.huaweicloud.com/api-kafka/ErrorCode.html for DMS,
https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html for the gateway. The vendor's
own words are deliberately absent: those of a 401 may hold the signed request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

import msgspec

from handler.core.problem import Missing, Problem, ProblemKind
from handler.core.progress import Progress, Task
from handler.core.reading import TimeUnit, read_progress, read_task, read_time
from handler.transport import Response

RETRY_AFTER_SECONDS_MAX: Final = 3600.0
"""A longer pause than an hour is not believed."""

_CODE: Final = re.compile(r"(?:[A-Za-z]{2,10}\.)?[0-9]{1,12}")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_REQUEST_ID_IN_BODY: Final = re.compile(r"[0-9a-fA-F-]{32,36}")
_SUCCESSES: Final = 2
_REFUSALS: Final = 4
_PERMISSION: Final = "dms:instance:getBackgroundTask"


class _Verdict(NamedTuple):
    """What an error means; `said` ends the sentence "The DMS API …", `{source}` is status and code."""

    kind: ProblemKind
    said: str
    missing: Missing | None = None


def _malformed_id(what: str, setting: str) -> _Verdict:
    said = f"finds the {what} badly formed ({{source}}): check {setting}."
    return _Verdict(ProblemKind.MISCONFIGURED, said)


_BUSY: Final = _Verdict(
    ProblemKind.UNAVAILABLE, "cannot answer while the instance is busy ({source}); asked again."
)
_TOO_MANY: Final = _Verdict(
    ProblemKind.THROTTLED, "asks for fewer requests ({source}); the next tick asks again."
)
_NO_API: Final = _Verdict(
    ProblemKind.NOT_FOUND,
    "has no such call ({source}): check huaweicloud.region and .endpoint; not every region has it.",
    Missing.API,
)
_NO_TASK: Final = _Verdict(
    ProblemKind.NOT_FOUND,
    "knows no such task ({source}): check task_id, or the record was deleted.",
    Missing.TASK,
)
_KEY_REFUSED: Final = _Verdict(
    ProblemKind.UNAUTHORISED,
    "refused the access key ({source}): check huaweicloud.access_key, .secret_key and .security_token,"
    " and the clock.",
)
_FORBIDDEN: Final = _Verdict(
    ProblemKind.UNAUTHORISED,
    f"does not let this access key read the change ({{source}}): grant {_PERMISSION}, and see that the"
    " account is not frozen.",
)
_REJECTED: Final = _Verdict(ProblemKind.UNAVAILABLE, "did not accept the request ({source}).")
_DOWN: Final = _Verdict(ProblemKind.UNAVAILABLE, "is out of order ({source}).")
_REDIRECTED: Final = _Verdict(
    ProblemKind.MALFORMED,
    "redirects ({source}), which it never does: check huaweicloud.endpoint and network.proxy.",
)
_UNREADABLE: Final = _Verdict(
    ProblemKind.MALFORMED,
    "gave an answer that is none of its own ({source}): check huaweicloud.endpoint and network.proxy.",
)

_BY_CODE: Final = {
    (400, "DMS.00400002"): _malformed_id("project id", "huaweicloud.project_id"),
    (400, "DMS.00400030"): _malformed_id("instance id", "instance_id"),
    (400, "DMS.00400061"): _malformed_id("instance id", "instance_id"),
    (400, "DMS.00400070"): _malformed_id("task id", "task_id"),
    (400, "DMS.00400017"): _BUSY,
    (400, "DMS.00400026"): _BUSY,
    (400, "DMS.00400107"): _BUSY,
    (400, "DMS.00400108"): _BUSY,
    (404, "APIGW.0101"): _NO_API,
    (404, "APIGW.0103"): _NO_API,
    (404, "DMS.00404001"): _NO_API,
    (404, "DMS.00404022"): _Verdict(
        ProblemKind.NOT_FOUND,
        "knows no such instance ({source}): check instance_id, or it was deleted.",
        Missing.INSTANCE,
    ),
    # Its text is "too frequent, flow control": the change is not gone.
    (404, "DMS.10240407"): _TOO_MANY,
}

_BY_STATUS: Final = {401: _KEY_REFUSED, 403: _FORBIDDEN, 404: _NO_TASK, 408: _DOWN, 429: _TOO_MANY}

_BY_HUNDRED: Final = {3: _REDIRECTED, 4: _REJECTED, 5: _DOWN}

_NOT_FOR_TASK: Final = (_KEY_REFUSED, _FORBIDDEN, _TOO_MANY, _DOWN)


def decipher_progress(response: Response, unit: TimeUnit) -> Progress | Problem:
    """Read the answer of the progress call."""
    document = _decode(response.body)
    if _is_success(response):
        progress = read_progress(document, unit, _read_date(response.headers.get("date")))
        if progress is not None:
            return progress
    verdict = _judge(response.status, _read_code(document))
    # No code is documented for "no such task" or "not an expansion": what other 4xx mean, the task knows.
    asks_task = response.status // 100 == _REFUSALS and verdict not in _NOT_FOR_TASK
    return _problem(response, document, verdict, asks_task=asks_task)


def decipher_task(response: Response) -> Task | Problem:
    """Read the answer of the task call; an empty list of tasks is a task that is not there."""
    document = _decode(response.body)
    verdict = _judge(response.status, _read_code(document))
    if _is_success(response):
        task = read_task(document, _read_date(response.headers.get("date")))
        if task is not None:
            return task
        is_empty = isinstance(document, Mapping) and document.get("tasks") == []
        verdict = _NO_TASK if is_empty else verdict
    return _problem(response, document, verdict, asks_task=False)


def _is_success(response: Response) -> bool:
    return response.status // 100 == _SUCCESSES


def _decode(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None


def _judge(status: int, code: str | None) -> _Verdict:
    # Dedicated gateways say APIG and ROMA's say APIC where the public one says APIGW.
    public_code = re.sub(r"^API[GC]\.", "APIGW.", code or "")
    by_status = _BY_STATUS.get(status) or _BY_HUNDRED.get(status // 100, _UNREADABLE)
    return _BY_CODE.get((status, public_code), by_status)


def _problem(response: Response, document: object, verdict: _Verdict, *, asks_task: bool) -> Problem:
    code = _read_code(document)
    source = f"HTTP {response.status}, {code}" if code else f"HTTP {response.status}"
    return Problem(
        kind=verdict.kind,
        message="The DMS API " + verdict.said.format(source=source),
        status=response.status,
        code=code,
        request_id=_read_request_id(response.headers, document),
        retry_after_seconds=_read_retry_after(response.headers),
        missing=verdict.missing,
        asks_task=asks_task,
    )


def _read_code(document: object) -> str | None:
    return _find(document, ("error_code", "errorCode", "code"), _CODE)


def _read_request_id(headers: Mapping[str, str], document: object) -> str | None:
    for name in ("x-request-id", "x-iam-trace-id"):
        if _REQUEST_ID.fullmatch(headers.get(name, "")):
            return headers[name]
    return _find(document, ("request_id",), _REQUEST_ID_IN_BODY)


def _find(document: object, names: tuple[str, ...], pattern: re.Pattern[str]) -> str | None:
    """Find the first text of a pattern under one of the names, in the document or one level down."""
    if not isinstance(document, Mapping):
        return None
    levels = [document, *(inner for inner in document.values() if isinstance(inner, Mapping))]
    values = (level.get(name) for level in levels for name in names)
    texts = (str(value) for value in values if isinstance(value, (str, int)))
    return next((text for text in texts if pattern.fullmatch(text)), None)


def _read_date(text: str | None) -> datetime | None:
    try:
        return read_time(parsedate_to_datetime(text)) if text else None
    except (ValueError, OverflowError):
        return None


def _read_retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return min(float(text), RETRY_AFTER_SECONDS_MAX)
    until, since = _read_date(text), _read_date(headers.get("date"))
    if until is None or since is None:
        return None
    return min(max((until - since).total_seconds(), 0.0), RETRY_AFTER_SECONDS_MAX)
