"""What each error of the DMS API and of the gateway before it means for a watcher; a table, pure.

The status decides first, then the code: APIGW.0201 alone spans 400 to 504. Codes are listed in
https://support.huaweicloud.com/api-kafka/ErrorCode.html for DMS and, for the gateway, in
https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from handler.core.problem import Missing, ProblemKind


class Meaning(NamedTuple):
    """What an error means.

    `said` ends the sentence "The DMS API …"; `{source}` in it is status and code. `asks_task` is for the
    progress call: no code is documented for "no such task" or "not an expansion", so where an answer
    might mean that, the task's own status decides.
    """

    kind: ProblemKind
    said: str
    missing: Missing | None = None
    asks_task: bool = False
    denies_progress: bool = False


def _malformed_id(what: str, setting: str) -> Meaning:
    said = f"finds the {what} badly formed ({{source}}): check {setting}."
    return Meaning(ProblemKind.MISCONFIGURED, said, asks_task=True)


_BUSY: Final = Meaning(
    ProblemKind.UNAVAILABLE,
    "cannot answer while the instance is busy ({source}); the next tick asks again.",
    asks_task=True,
)
_TOO_MANY: Final = Meaning(
    ProblemKind.THROTTLED, "asks for fewer requests ({source}); the next tick asks again."
)
_NO_API: Final = Meaning(
    ProblemKind.NOT_FOUND,
    "has no such call ({source}): check huaweicloud.region and .endpoint; not every region has it.",
    Missing.API,
    asks_task=True,
)
_NO_INSTANCE: Final = Meaning(
    ProblemKind.NOT_FOUND,
    "knows no such instance ({source}): check instance_id, or it was deleted.",
    Missing.INSTANCE,
    asks_task=True,
)
NO_TASK: Final = Meaning(
    ProblemKind.NOT_FOUND,
    "knows no such task ({source}): check task_id, or the record was deleted.",
    Missing.TASK,
    asks_task=True,
    denies_progress=True,
)
_KEY_REFUSED: Final = Meaning(
    ProblemKind.UNAUTHORISED,
    "refused the access key ({source}): check huaweicloud.access_key, .secret_key and .security_token,"
    " and the clock.",
)
_FORBIDDEN: Final = Meaning(
    ProblemKind.UNAUTHORISED,
    "does not let this access key read the change ({source}): grant dms:instance:getBackgroundTask, and"
    " see that the account is not frozen.",
)
MAY_NOT_LIST: Final = Meaning(
    ProblemKind.UNAUTHORISED,
    "does not let this access key list the instances ({source}): grant dms:instance:list, and see that the"
    " account is not frozen.",
)
MAY_NOT_SHOW: Final = Meaning(
    ProblemKind.UNAUTHORISED,
    "does not let this access key read the instance ({source}): grant dms:instance:get, and see that the"
    " account is not frozen.",
)
_REJECTED: Final = Meaning(
    ProblemKind.UNAVAILABLE,
    "did not accept the request ({source}).",
    asks_task=True,
    denies_progress=True,
)
_DOWN: Final = Meaning(ProblemKind.UNAVAILABLE, "is out of order ({source}).")
_REDIRECTED: Final = Meaning(
    ProblemKind.MALFORMED,
    "redirects ({source}), which it never does: check huaweicloud.endpoint and network.proxy.",
)
_UNREADABLE: Final = Meaning(
    ProblemKind.MALFORMED,
    "gave an answer that is none of its own ({source}): check huaweicloud.endpoint and network.proxy.",
)

# A page of some proxy or web server: that DMS does not know the task, only DMS can say.
_NOT_ITS_404: Final = _UNREADABLE._replace(asks_task=True)

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
    (404, "DMS.00404022"): _NO_INSTANCE,
    # Its text is "too frequent, flow control": the change is not gone.
    (404, "DMS.10240407"): _TOO_MANY,
}

_NOT_FOUND: Final = 404
_BY_STATUS: Final = {401: _KEY_REFUSED, 403: _FORBIDDEN, _NOT_FOUND: NO_TASK, 408: _DOWN, 429: _TOO_MANY}

_BY_HUNDRED: Final = {3: _REDIRECTED, 4: _REJECTED, 5: _DOWN}


def meaning_of(status: int, code: str | None, *, is_object: bool) -> Meaning:
    """Look an error up; an answer of 200 that cannot be read is one as well.

    `is_object` is true when the body is a JSON object, as those of DMS and its gateway always are.
    """
    if status == _NOT_FOUND and not is_object:
        return _NOT_ITS_404
    # Dedicated gateways say APIG and ROMA's say APIC where the public one says APIGW.
    public_code = re.sub(r"^API[GC]\.", "APIGW.", code or "")
    by_status = _BY_STATUS.get(status) or _BY_HUNDRED.get(status // 100, _UNREADABLE)
    return _BY_CODE.get((status, public_code), by_status)
