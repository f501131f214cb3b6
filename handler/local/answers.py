"""What the simulated endpoint can say besides the progress of its change: the API's documented errors.

Codes: https://support.huaweicloud.com/api-kafka/ErrorCode.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Answer(NamedTuple):
    """An answer of the API: HTTP status and the JSON document of its body."""

    status: int
    document: Mapping[str, object]


NO_API: Final = Answer(404, {"error_code": "APIGW.0101", "error_msg": "The API does not exist."})

NO_INSTANCE: Final = Answer(404, {"error_code": "DMS.00404022", "error_msg": "This instance does not exist."})

NO_TASK: Final = Answer(404, {"error_msg": "The task does not exist."})
"""No code is documented for this case."""


def refused(why: str, authorization: str) -> Answer:
    """Refuse a signature; as the gateway does, repeat in the message what must never be shown."""
    message = f"Incorrect IAM authentication information: {why}, Authorization: {authorization}"
    return Answer(401, {"error_code": "APIGW.0301", "error_msg": message})
