"""Every answer that the API, a gateway or a proxy may give, and what we make of it."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Final, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.listing import Instance, ListedTask, Page
from handler.core.observation import Phase, StepState
from handler.core.problem import Missing, Problem, ProblemKind
from handler.core.progress import Progress, Task
from handler.core.reading import TimeUnit
from handler.core.scalars import TEXT_LENGTH_MAX
from handler.huaweicloud.decipher import (
    RETRY_AFTER_SECONDS_MAX,
    decipher_instances,
    decipher_progress,
    decipher_specification,
    decipher_task,
    decipher_tasks,
)
from handler.transport import Response
from notifiers.operations import Specification

MISCONFIGURED: Final = ProblemKind.MISCONFIGURED
THROTTLED: Final = ProblemKind.THROTTLED
UNAUTHORISED: Final = ProblemKind.UNAUTHORISED
NOT_FOUND: Final = ProblemKind.NOT_FOUND
UNAVAILABLE: Final = ProblemKind.UNAVAILABLE
MALFORMED: Final = ProblemKind.MALFORMED
ASKS_TASK: Final = True
WAITS: Final = False


class Row(NamedTuple):
    """A row of the table of errors: what came, and what it means."""

    status: int
    code: str | None
    kind: ProblemKind
    asks_task: bool
    says: str
    missing: Missing | None = None


_PROJECT: Final = "check huaweicloud.project_id"
_INSTANCE: Final = "check instance_id"
_TASK: Final = "check task_id"
_KEY: Final = "check huaweicloud.access_key"
_PERMISSION: Final = "dms:instance:getBackgroundTask"

ROWS: Final = [
    Row(400, "DMS.00400002", MISCONFIGURED, ASKS_TASK, _PROJECT),
    Row(400, "DMS.00400030", MISCONFIGURED, ASKS_TASK, _INSTANCE),
    Row(400, "DMS.00400061", MISCONFIGURED, ASKS_TASK, _INSTANCE),
    Row(400, "DMS.00400070", MISCONFIGURED, ASKS_TASK, _TASK),
    Row(400, "DMS.00400026", UNAVAILABLE, ASKS_TASK, "busy"),
    Row(400, "DMS.00400017", UNAVAILABLE, ASKS_TASK, "busy"),
    Row(400, "DMS.00400107", UNAVAILABLE, ASKS_TASK, "busy"),
    Row(400, "DMS.00400108", UNAVAILABLE, ASKS_TASK, "busy"),
    Row(400, "DMS.00400062", UNAVAILABLE, ASKS_TASK, "did not accept the request"),
    Row(400, "DMS.00400800", UNAVAILABLE, ASKS_TASK, "did not accept the request"),
    Row(400, "DMS.40050010", UNAVAILABLE, ASKS_TASK, "did not accept the request"),
    Row(400, "APIGW.0201", UNAVAILABLE, ASKS_TASK, "did not accept the request"),
    Row(400, None, UNAVAILABLE, ASKS_TASK, "did not accept the request"),
    Row(401, "APIGW.0301", UNAUTHORISED, WAITS, _KEY),
    Row(401, "APIGW.0303", UNAUTHORISED, WAITS, _KEY),
    Row(401, "APIGW.0305", UNAUTHORISED, WAITS, _KEY),
    Row(401, "APIGW.0307", UNAUTHORISED, WAITS, _KEY),
    Row(401, "DMS.10240101", UNAUTHORISED, WAITS, _KEY),
    Row(401, "DMS.10240104", UNAUTHORISED, WAITS, _KEY),
    Row(401, None, UNAUTHORISED, WAITS, _KEY),
    Row(403, "APIGW.0302", UNAUTHORISED, WAITS, _PERMISSION),
    Row(403, "APIGW.0310", UNAUTHORISED, WAITS, _PERMISSION),
    Row(403, "DMS.00403002", UNAUTHORISED, WAITS, _PERMISSION),
    Row(403, "DMS.00403003", UNAUTHORISED, WAITS, _PERMISSION),
    Row(403, "DMS.10240306", UNAUTHORISED, WAITS, "account is not frozen"),
    Row(403, None, UNAUTHORISED, WAITS, _PERMISSION),
    Row(404, "DMS.00404022", NOT_FOUND, ASKS_TASK, "no such instance", Missing.INSTANCE),
    Row(404, "DMS.10240407", THROTTLED, WAITS, "fewer requests"),
    Row(404, "APIGW.0101", NOT_FOUND, ASKS_TASK, "no such call", Missing.API),
    Row(404, "APIG.0101", NOT_FOUND, ASKS_TASK, "no such call", Missing.API),
    Row(404, "APIC.0101", NOT_FOUND, ASKS_TASK, "no such call", Missing.API),
    Row(404, "APIGW.0103", NOT_FOUND, ASKS_TASK, "huaweicloud.region", Missing.API),
    Row(404, "DMS.00404001", NOT_FOUND, ASKS_TASK, "no such call", Missing.API),
    Row(404, "DMS.99999999", NOT_FOUND, ASKS_TASK, "no such task", Missing.TASK),
    Row(404, None, NOT_FOUND, ASKS_TASK, "no such task", Missing.TASK),
    Row(405, "DMS.00405001", UNAVAILABLE, ASKS_TASK, "did not accept the request"),
    Row(408, "DMS.111501024", UNAVAILABLE, WAITS, "out of order"),
    Row(413, "APIGW.0201", UNAVAILABLE, ASKS_TASK, "did not accept the request"),
    Row(414, "APIGW.0201", UNAVAILABLE, ASKS_TASK, "did not accept the request"),
    Row(494, "APIGW.0201", UNAVAILABLE, ASKS_TASK, "did not accept the request"),
    Row(429, "APIGW.0308", THROTTLED, WAITS, "fewer requests"),
    Row(429, None, THROTTLED, WAITS, "fewer requests"),
    Row(500, "DMS.00500000", UNAVAILABLE, WAITS, "out of order"),
    Row(502, "APIGW.0201", UNAVAILABLE, WAITS, "out of order"),
    Row(503, "DMS.111501025", UNAVAILABLE, WAITS, "out of order"),
    Row(504, "APIGW.0201", UNAVAILABLE, WAITS, "out of order"),
    Row(301, None, MALFORMED, WAITS, "huaweicloud.endpoint"),
    Row(302, None, MALFORMED, WAITS, "redirects"),
    Row(307, None, MALFORMED, WAITS, "network.proxy"),
    Row(200, None, MALFORMED, WAITS, "none of its own"),
    Row(200, "DMS.00500000", MALFORMED, WAITS, "none of its own"),
    Row(204, None, MALFORMED, WAITS, "none of its own"),
    Row(101, None, MALFORMED, WAITS, "none of its own"),
    Row(999, None, MALFORMED, WAITS, "none of its own"),
]


def answered(status: int, body: object = b"", **headers: str) -> Response:
    """An answer; a body that is no bytes becomes JSON, and `_` in a header's name `-`."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, {name.replace("_", "-"): text for name, text in headers.items()}, raw)


def failed(response: Response) -> Problem:
    """What the progress call makes of an answer, known to be a problem."""
    problem = decipher_progress(response, TimeUnit.SECONDS)
    assert isinstance(problem, Problem)
    return problem


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.status}-{row.code}")
def test_an_error_has_one_meaning(row: Row) -> None:
    """The status decides first, then the code; both are kept and named in the sentence."""
    body = {"error_code": row.code, "error_msg": "their words"}

    problem = failed(answered(row.status, body))

    assert (problem.kind, problem.missing, problem.asks_task) == (row.kind, row.missing, row.asks_task)
    assert (problem.status, problem.code) == (row.status, row.code)
    assert row.says in problem.message
    assert f"HTTP {row.status}" in problem.message
    assert (row.code or "") in problem.message
    assert len(problem.message) <= TEXT_LENGTH_MAX


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.status}-{row.code}")
def test_the_task_call_means_the_same_and_leaves_nothing_to_the_task(row: Row) -> None:
    """Its own answer is the last word."""
    response = answered(row.status, {"error_code": row.code})

    problem = decipher_task(response)

    assert isinstance(problem, Problem)
    assert not problem.asks_task
    assert (problem.kind, problem.missing, problem.message) == (
        row.kind,
        row.missing,
        failed(response).message,
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.status}-{row.code}")
def test_the_list_of_tasks_means_the_same_and_has_no_task_to_ask(row: Row) -> None:
    """It needs the same permission as the task itself."""
    response = answered(row.status, {"error_code": row.code})

    assert decipher_tasks(response) == replace(failed(response), asks_task=False)


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row.code != "DMS.40050010" and row.status != 403],
    ids=lambda row: f"{row.status}-{row.code}",
)
def test_the_list_of_instances_means_the_same_too(row: Row) -> None:
    """All but two of its errors are those of every call."""
    response = answered(row.status, {"error_code": row.code})

    assert decipher_instances(response) == replace(failed(response), asks_task=False)


@pytest.mark.parametrize(
    "code", [None, "APIGW.0302", "APIGW.0310", "DMS.00403002", "DMS.00403003", "DMS.10240306"]
)
def test_whoever_may_not_list_instances_learns_which_permission_that_needs(code: str | None) -> None:
    """It is another one than for reading a change."""
    problem = decipher_instances(answered(403, {"error_code": code}))

    assert isinstance(problem, Problem)
    assert (problem.kind, problem.status, problem.code) == (UNAUTHORISED, 403, code)
    assert "dms:instance:list" in problem.message
    assert _PERMISSION not in problem.message
    assert len(problem.message) <= TEXT_LENGTH_MAX


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.status != 403], ids=lambda row: f"{row.status}-{row.code}"
)
def test_the_call_that_shows_an_instance_means_the_same_too(row: Row) -> None:
    """All but one of its errors are those of every call."""
    response = answered(row.status, {"error_code": row.code})

    assert decipher_specification(response) == replace(failed(response), asks_task=False)


@pytest.mark.parametrize(
    "code", [None, "APIGW.0302", "APIGW.0310", "DMS.00403002", "DMS.00403003", "DMS.10240306"]
)
def test_whoever_may_not_show_an_instance_learns_which_permission_that_needs(code: str | None) -> None:
    """It is a third one."""
    problem = decipher_specification(answered(403, {"error_code": code}))

    assert isinstance(problem, Problem)
    assert (problem.kind, problem.status, problem.code) == (UNAUTHORISED, 403, code)
    assert "grant dms:instance:get," in problem.message
    assert len(problem.message) <= TEXT_LENGTH_MAX


def test_an_instance_is_read_as_the_api_shows_it() -> None:
    """Of its many fields a few say how large it is."""
    body = {
        "name": "orders",
        "engine": "kafka",
        "status": "EXTENDING",
        "specification": "kafka.2u4g.cluster",
        "product_id": "s1.kafka",
        "broker_num": 3,
        "storage_space": 550,
        "total_storage_space": 600,
        "used_storage_space": 120,
        "created_at": "1795507200000",
        "brand_new": {"field": 1},
    }

    assert decipher_specification(answered(200, body)) == Specification("kafka.2u4g.cluster", 3, 600)


def test_beyond_the_last_instance_there_is_an_empty_page() -> None:
    """The list has become shorter since its length was asked for, or it was empty."""
    response = answered(400, {"error_code": "DMS.40050010", "error_msg": "their words"})

    assert decipher_instances(response) == Page((), received=0, total=0)


def test_a_page_of_a_list_is_read_with_the_date_of_the_server() -> None:
    """What is late is measured by its clock."""
    date = datetime(2026, 11, 24, 8, tzinfo=timezone.utc)
    instances = {"instances": [{"instance_id": "i", "name": "n", "status": "RUNNING"}], "instance_num": 70}
    tasks = {"tasks": [{"id": "t", "name": "n", "status": "EXECUTING"}], "task_count": "70"}

    assert decipher_instances(answered(200, instances, date=_DATE)) == Page(
        (Instance("i", "n", "RUNNING"),), received=1, total=70, date=date
    )
    assert decipher_tasks(answered(200, tasks, date=_DATE)) == Page(
        (ListedTask("t", Task(Phase.RUNNING, "EXECUTING", date, "n")),), received=1, total=70, date=date
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.status}-{row.code}")
def test_a_message_is_one_short_sentence_of_ours(row: Row) -> None:
    """It fits everywhere and holds nothing of what the vendor said."""
    body = {"error_code": "ABCDEFGHIJ.123456789012", "error_msg": "their words"}
    response = answered(row.status, body)

    message = failed(response).message

    assert message.startswith("The DMS API ")
    assert message.endswith(".")
    assert len(message) <= TEXT_LENGTH_MAX
    assert "their words" not in message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><head><title>404 Not Found</title></head><center>nginx</center></html>",
        b"404 page not found",
        b'{"error_code": "DMS.00404022"',
        b'["DMS.00404022"]',
        b'"DMS.00404022"',
        b"null",
    ],
)
def test_a_404_that_is_no_object_says_nothing_of_the_change(body: bytes) -> None:
    """A proxy's or a web server's page must not pass for a change that is lost; the task call may know."""
    response = answered(404, body)
    progress, task = failed(response), decipher_task(response)

    assert isinstance(task, Problem)
    assert (progress.kind, progress.missing, progress.asks_task) == (MALFORMED, None, True)
    assert (task.kind, task.missing, task.asks_task) == (MALFORMED, None, False)
    assert "check huaweicloud.endpoint and network.proxy" in progress.message


@pytest.mark.parametrize("body", [{}, {"unheard": "of"}, {"error_code": None}, {"error_code": "XYZ.1"}])
def test_a_404_that_is_an_object_is_a_task_that_is_not_there(body: object) -> None:
    """No code is documented for it, so none is needed."""
    problem = failed(answered(404, body))

    assert (problem.kind, problem.missing, problem.asks_task) == (NOT_FOUND, Missing.TASK, True)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error_code": "DMS.00404022", "error_msg": "…"}, "DMS.00404022"),
        ({"errorCode": "DMS.00404022", "errorMsg": "…"}, "DMS.00404022"),
        ({"code": "DMS.00404022", "message": "…"}, "DMS.00404022"),
        ({"error": {"code": "DMS.00404022", "message": "…"}}, "DMS.00404022"),
        ({"error": "not found", "detail": {"error_code": "DMS.00404022"}}, "DMS.00404022"),
        ({"error": {"code": 401, "message": "…", "title": "Unauthorized"}}, "401"),
        ({"error_code": {"error_code": "DMS.00404022"}}, "DMS.00404022"),
        ({"error_code": "Authorization: SDK-HMAC-SHA256", "code": "DMS.1"}, "DMS.1"),
        ({"error_code": "AKIDTHATWASECHOED"}, None),
        ({"error_code": None, "code": True, "error": [{"code": "DMS.1"}]}, None),
        (["DMS.00404022"], None),
    ],
)
def test_a_code_is_found_in_every_shape_of_error(body: object, code: str | None) -> None:
    """DMS, the gateway and IAM write errors differently; only what looks like a code is taken."""
    assert failed(answered(400, body)).code == code


def test_an_iam_shaped_refusal_is_a_refusal() -> None:
    """IAM nests its error and gives the status as the code."""
    body = {
        "error": {"code": 401, "message": "The request you have made requires …", "title": "Unauthorized"}
    }

    problem = failed(answered(401, body, x_iam_trace_id="token_eu-west-101_null_d8a1ee2b"))

    assert (problem.kind, problem.code) == (UNAUTHORISED, "401")
    assert problem.request_id == "token_eu-west-101_null_d8a1ee2b"


@pytest.mark.parametrize(
    ("headers", "body", "request_id"),
    [
        ({"x_request_id": "abc-1"}, {"request_id": "0" * 32}, "abc-1"),
        ({"x_iam_trace_id": "abc-2"}, {}, "abc-2"),
        ({}, {"error_code": "APIGW.0308", "request_id": "0a1b" * 8}, "0a1b" * 8),
        ({}, {"error": {"request_id": "0a1b" * 8}}, "0a1b" * 8),
        ({"x_request_id": "no id: a sentence"}, {}, None),
        ({}, {"request_id": "AKIDTHATWASECHOED"}, None),
        ({}, {}, None),
    ],
)
def test_the_request_id_is_kept(headers: dict[str, str], body: object, request_id: str | None) -> None:
    """The vendor's support asks for it; what is no id is not taken."""
    assert failed(answered(429, body, **headers)).request_id == request_id


_DATE: Final = "Tue, 24 Nov 2026 08:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": " 0 "}, 0.0),
        ({"retry_after": "9" * 5000}, RETRY_AFTER_SECONDS_MAX),
        ({"retry_after": "86400"}, RETRY_AFTER_SECONDS_MAX),
        ({"retry_after": "-7"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "Tue, 24 Nov 2026 08:00:30 GMT", "date": _DATE}, 30.0),
        ({"retry_after": "Tue, 24 Nov 2026 07:59:00 GMT", "date": _DATE}, 0.0),
        ({"retry_after": "Wed, 25 Nov 2026 08:00:00 GMT", "date": _DATE}, RETRY_AFTER_SECONDS_MAX),
        ({"retry_after": "Tue, 24 Nov 2026 08:00:30 GMT"}, None),
        ({"retry_after": "Tue, 24 Nov 99999999999 08:00:30 GMT", "date": _DATE}, None),
        ({"retry_after": f"Tue, 24 Nov 2026 08:00:30 +{'9' * 20}", "date": _DATE}, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_moment(
    headers: dict[str, str], seconds: float | None
) -> None:
    """A moment is measured by the server's own clock; absurd pauses are bounded."""
    assert failed(answered(429, **headers)).retry_after_seconds == seconds


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><title>Sign in</title>",
        b'{"progress_percentage": 40, "step_li',
        b"[]",
        b'"progress_percentage"',
        b"null",
        b"{}",
        b'{"unheard": "of"}',
        b"NaN",
        b'{"progress_percentage": NaN}',
        b'{"progress_percentage": 1e999}',
        b'{"progress_percentage": "\xff"}',
        b'\xef\xbb\xbf{"progress_percentage": 40}',
        b"[" * 100_000,
    ],
)
def test_a_good_status_with_no_answer_in_it_is_malformed(body: bytes) -> None:
    """Pages of proxies, cut and broken bodies never pass for an empty progress or task."""
    response = answered(200, body)

    for problem in (
        decipher_progress(response, TimeUnit.SECONDS),
        decipher_task(response),
        decipher_instances(response),
        decipher_tasks(response),
        decipher_specification(response),
    ):
        assert isinstance(problem, Problem)
        assert (problem.kind, problem.asks_task) == (MALFORMED, False)


def test_an_empty_list_of_tasks_is_a_task_that_is_not_there() -> None:
    """The call by id answers with the same envelope as the list."""
    problem = decipher_task(answered(200, {"task_count": "0", "tasks": []}))

    assert isinstance(problem, Problem)
    assert (problem.kind, problem.missing) == (NOT_FOUND, Missing.TASK)


def test_the_documented_sample_is_read_whole() -> None:
    """The running example of the vendor's pages, with a field that nobody has heard of."""
    body = {
        "progress_percentage": 40,
        "remain_time": 1124,
        "brand_new": {"field": 1},
        "step_list": [
            {
                "name": "pre_check",
                "statue": "COMPLETED",
                "start_time": 1764921600000,
                "end_time": 1764921643000,
            },
            {
                "name": "rolling_scaling",
                "statue": "IN_PROGRESS",
                "start_time": 1764921643118,
                "end_time": None,
            },
        ],
    }

    progress = decipher_progress(answered(200, body, date=_DATE), TimeUnit.SECONDS)

    assert isinstance(progress, Progress)
    assert (progress.percent, progress.remaining_seconds) == (40, 1124)
    assert [(step.name, step.state) for step in progress.steps] == [
        ("pre_check", StepState.COMPLETED),
        ("rolling_scaling", StepState.RUNNING),
    ]
    assert progress.date == datetime(2026, 11, 24, 8, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "Tue, 24 Nov 99999 08:00:00 GMT",
        "Tue, 24 Nov 99999999999 08:00:00 GMT",
        f"Tue, 24 Nov 2026 08:00:00 +{'9' * 20}",
        "Mon, 1 Jan 1990 0:0:0 GMT",
    ],
)
def test_a_date_that_is_none_leaves_the_answer_undated(date: str) -> None:
    """An answer is worth having without its date."""
    task = decipher_task(answered(200, {"tasks": [{"status": "EXECUTING"}]}, date=date))

    assert task == Task(phase=Phase.RUNNING, status="EXECUTING", date=None)


_JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["COMPLETED", "APIGW.0301", "2026-11-24T08:00:00Z", "1764921600000"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "progress_percentage",
                    "remain_time",
                    "step_list",
                    "tasks",
                    "task_count",
                    "instances",
                    "instance_num",
                    "instance_id",
                    "id",
                    "created_at",
                    "user_name",
                    "params",
                    "specification",
                    "broker_num",
                    "total_storage_space",
                    "updated_at",
                    "status",
                    "statue",
                    "start_time",
                    "end_time",
                    "name",
                    "error_code",
                    "error",
                    "code",
                    "request_id",
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
_BODIES: Final = st.binary(max_size=200) | _JSON.map(lambda value: json.dumps(value).encode())
_STATUSES: Final = st.integers() | st.sampled_from([200, 302, 400, 401, 403, 404, 429, 500, 503])
_HEADERS: Final = st.dictionaries(
    st.sampled_from(["date", "retry-after", "x-request-id", "x-iam-trace-id"]),
    st.text(max_size=40)
    | st.from_regex(r"[A-Za-z]{0,3},? ?[0-9]{1,12} (Jan|Dec) [0-9]{1,12} [0-9:]{1,9} ?[A-Z0-9+-]{0,12}"),
)


@given(status=_STATUSES, headers=_HEADERS, body=_BODIES, unit=st.sampled_from(TimeUnit))
@example(status=200, headers={}, body=b'{"code":' * 900 + b"1" + b"}" * 900, unit=TimeUnit.SECONDS)
@example(status=400, headers={}, body=b'{"code":' + b"9" * 4301 + b"}", unit=TimeUnit.SECONDS)
@example(status=200, headers={}, body=b'{"tasks":[{"status":"a","status":"b"}]}', unit=TimeUnit.SECONDS)
@example(status=200, headers={}, body=b'{"instances":[],"instance_num":1e999}', unit=TimeUnit.SECONDS)
def test_whatever_comes_is_an_answer_or_a_problem(
    status: int, headers: dict[str, str], body: bytes, unit: TimeUnit
) -> None:
    """Any status, headers and bytes: never an exception, and what is said is short and bounded."""
    response = Response(status, headers, body)

    for answer in (
        decipher_progress(response, unit),
        decipher_task(response),
        decipher_instances(response),
        decipher_tasks(response),
        decipher_specification(response),
    ):
        assert isinstance(answer, (Progress, Task, Page, Specification, Problem))
        if isinstance(answer, Problem):
            assert answer.message.isprintable()
            assert 0 <= (answer.retry_after_seconds or 0) <= RETRY_AFTER_SECONDS_MAX
            assert len(answer.request_id or "") <= 128
        else:
            assert 200 <= status < 300 or answer == Page((), received=0, total=0)
