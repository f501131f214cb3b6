"""What the simulated endpoint can say besides how its tasks stand: the API's errors, and worse.

Codes: https://support.huaweicloud.com/api-kafka/ErrorCode.html, and for the gateway (APIGW)
https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum
from typing import Final, NamedTuple


class Answer(NamedTuple):
    """An answer of the API: HTTP status and the JSON document of its body, with headers of its own."""

    status: int
    document: Mapping[str, object]
    headers: Mapping[str, str] = {}


class Page(NamedTuple):
    """An answer in HTML, from some gateway that has never heard of the API."""

    status: int
    html: str


class Silence(Enum):
    """No answer at all."""

    HUNG_UP = "the connection is closed without a word"


Reply = Answer | Page | Silence

NO_API: Final = Answer(404, {"error_code": "APIGW.0101", "error_msg": "The API does not exist."})

NO_INSTANCE: Final = Answer(404, {"error_code": "DMS.00404022", "error_msg": "This instance does not exist."})

NO_TASK: Final = Answer(404, {"error_msg": "The task does not exist."})
"""No code is documented for this case."""

NO_PROGRESS: Final = Answer(
    400, {"error_code": "DMS.00409999", "error_msg": "The task has no progress to show."}
)
"""Nor for a task that is no capacity change; the code is made up, so that nobody can know it."""

WRONG_PARAMETER: Final = Answer(
    400, {"error_code": "DMS.00400800", "error_msg": "Invalid request parameter. Check the request."}
)

PAST_THE_END: Final = Answer(
    400, {"error_code": "DMS.40050010", "error_msg": "The offset exceeds the total number of instances."}
)


def _html(title: str) -> str:
    return f"<html>\n<head><title>{title}</title></head>\n<body><h1>{title}</h1><hr>elb</body>\n</html>\n"


_BACKEND_DOWN: Final = {"error_code": "APIGW.0201", "error_msg": "Backend unavailable."}
_BACKEND_SLOW: Final = {"error_code": "APIGW.0201", "error_msg": "Backend timeout."}

MISHAPS: Final[tuple[Reply, ...]] = (
    Answer(500, {"error_code": "DMS.00500000", "error_msg": "Internal service error."}),
    Answer(502, _BACKEND_DOWN),
    Page(502, _html("502 Bad Gateway")),
    Answer(504, _BACKEND_SLOW),
    Page(504, _html("504 Gateway Time-out")),
    Silence.HUNG_UP,
)
"""What goes wrong on the way to the API, whatever was asked."""


def refused(why: str, authorization: str) -> Answer:
    """Refuse a signature; as the gateway does, repeat in the message what must never be shown."""
    message = f"Incorrect IAM authentication information: {why}, Authorization: {authorization}"
    return Answer(401, {"error_code": "APIGW.0301", "error_msg": message})


def throttled(retry_after_seconds: float | None) -> Answer:
    """Ask for fewer requests; None says nothing of when to come again, else at least one second is said."""
    message = "The throttling threshold has been reached: policy user over ratelimit."
    headers = (
        {} if retry_after_seconds is None else {"Retry-After": str(max(1, math.ceil(retry_after_seconds)))}
    )
    return Answer(429, {"error_code": "APIGW.0308", "error_msg": message}, headers)
