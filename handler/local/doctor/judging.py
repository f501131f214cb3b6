"""What an answer of the API says of access key and permissions; pure.

The gateway says only in words what it does not like about a key. They are looked at and never repeated, for
they may hold the signed request. https://support.huaweicloud.com/eu/devg-apisign/api-sign-0001.html (read
November 2026)
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from handler.core.problem import Missing, Problem, ProblemKind
from handler.local.doctor.check import Finding, failed, ok, skipped, warning
from handler.transport import Response

_FORBIDDEN: Final = 403
_LOCK: Final = (
    "try it again only then: six refusals in a row lock an access key for everybody for five minutes"
)


class _Refusal(NamedTuple):
    detail: str
    advice: str


_UNKNOWN_KEY: Final = _Refusal(
    "there is no such access key (AK)",
    f"see in the console under My Credentials whether it exists in this account, and correct it; {_LOCK}",
)
_WRONG_SECRET: Final = _Refusal(
    "the secret (SK) does not belong to the access key (AK)", f"correct the secret; {_LOCK}"
)
_LOCKED: Final = _Refusal(
    "the access key is locked for five minutes, after six refusals in a row",
    "correct the secret (SK) wherever this key is used, wait five minutes, and run the doctor again once",
)
_TOKEN: Final = _Refusal(
    "the security token is not good, or no longer: temporary keys hold for 24 hours at most",
    f"take new temporary keys, all three parts at once; {_LOCK}",
)
_NO_TOKEN: Final = _Refusal(
    "the security token is missing that belongs to a temporary access key",
    f"configure it beside the key, or take a permanent key; {_LOCK}",
)
_ELSEWHERE: Final = _Refusal(
    "the access key is good for another project or region",
    f"check huaweicloud.project_id and .region; {_LOCK}",
)
_NOT_FOR_APPS: Final = _Refusal(
    "the endpoint wants an application's key, which DMS never does",
    "check huaweicloud.endpoint",
)

_BY_CODE: Final = {
    "APIGW.0303": _NOT_FOR_APPS,
    "APIGW.0305": _NOT_FOR_APPS,
    "APIGW.0307": _Refusal(
        "the security token has to be renewed, or is another region's",
        f"take new temporary keys, and check huaweicloud.region; {_LOCK}",
    ),
    "DMS.10240101": _NO_TOKEN,
    "DMS.10240102": _TOKEN,
    "DMS.10240103": _TOKEN,
    "DMS.10240104": _ELSEWHERE,
}
_BY_WORDS: Final = (
    (re.compile(rb"reach the limit"), _LOCKED),
    (re.compile(rb"not exist|get secretkey failed"), _UNKNOWN_KEY),
    (re.compile(rb"verify aksk signature fail"), _WRONG_SECRET),
    (re.compile(rb"decrypt token fail|token (?:has )?expire"), _TOKEN),
)


def judge_signature(answer: object, response: Response | None) -> Finding:
    """Judge by the first answer to a signed request whether the access key is accepted.

    Args:
        answer: What was read from it, or the problem with it.
        response: The answer itself, if one came.
    """
    if not isinstance(answer, Problem):
        return ok("the API accepts the access key")
    if answer.refuses_key:
        return _judge_refusal(answer, response)
    if answer.status == _FORBIDDEN or (answer.code or "").startswith("DMS."):
        return ok(f"the API accepts the access key ({source_of(answer)})")
    if answer.kind is ProblemKind.THROTTLED:
        return warning(_said(answer))
    return _unknown_project(answer) if denies_project(answer) else failed(_said(answer))


def denies_project(answer: object) -> bool:
    """Tell whether the API knows no such project, by its answer to the list of its instances."""
    return isinstance(answer, Problem) and answer.missing in {Missing.INSTANCE, Missing.TASK}


def judge_list(answer: object, permission: str, *, is_needed: bool) -> Finding:
    """Judge the same as `judge_permission` of the call for that list."""
    if isinstance(answer, Problem) and denies_project(answer):
        return _unknown_project(answer)
    return judge_permission(answer, permission, is_needed=is_needed)


def _unknown_project(problem: Problem) -> Finding:
    return failed(
        f"the API knows no such project ({source_of(problem)})",
        "check huaweicloud.project_id and huaweicloud.region",
    )


def _judge_refusal(problem: Problem, response: Response | None) -> Finding:
    words = response.body.lower() if response else b""
    by_words = next((refusal for pattern, refusal in _BY_WORDS if pattern.search(words)), None)
    refusal = _BY_CODE.get(problem.code or "") or by_words
    if refusal is None:
        return failed(_said(problem), _LOCK)
    return failed(f"{refusal.detail} ({source_of(problem)})", refusal.advice)


def judge_permission(answer: object, permission: str, *, is_needed: bool) -> Finding:
    """Judge by the answer to a call whether it may be made.

    Args:
        answer: What was read from it, or the problem with it.
        permission: What the call takes.
        is_needed: False where Headway does without, if it has to.
    """
    complain = failed if is_needed else warning
    if not isinstance(answer, Problem):
        return ok("granted")
    if not answer.asked:
        return skipped("no time was left to try it")
    if answer.status == _FORBIDDEN:
        advice = (
            f"grant {permission}, or the system policy DMS ReadOnlyAccess, to the access key's user or the"
            " function's agency; and see that the account is not frozen"
        )
        return complain(f"the API refused ({source_of(answer)})", advice)
    if answer.missing is Missing.API:
        return complain(
            f"the API has no such call there ({source_of(answer)})",
            "check huaweicloud.region and .endpoint; where a region lacks it, changes are told by the status"
            " of their task alone, and none can be found: name them in `watches`",
        )
    # Whoever watches one change may have deleted its record when it was over.
    return warning(_said(answer)) if answer.missing is Missing.TASK else complain(_said(answer))


def judge_progress(answer: object, permission: str, *, is_task_there: bool, is_needed: bool) -> Finding:
    """Judge the same of the call for a task's progress, which most kinds of task do not have."""
    if isinstance(answer, Problem) and answer.denies_progress and is_task_there:
        return ok(f"granted; this task has none to show ({source_of(answer)})")
    return judge_permission(answer, permission, is_needed=is_needed)


def source_of(problem: Problem) -> str:
    """Give status and code of an answer, such as `403 DMS.00403002`."""
    return " ".join(str(part) for part in (problem.status, problem.code) if part)


def _said(problem: Problem) -> str:
    """Take the problem's own sentence, which says what to do, too."""
    return problem.explanation.rstrip(".")
