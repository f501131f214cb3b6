"""The paths of the API's description: what each method takes, and all that it may answer."""

from __future__ import annotations

from typing import Final

from handler.web.api.answer_shape import (
    ChangeToFollow,
    CheckRequest,
    Health,
    InstanceToFollow,
    Nothing,
    Report,
    TrialList,
    TrialRequest,
    Watch,
    WatchList,
)
from handler.web.api.change_shape import ChangeDetail, ChangeList
from handler.web.api.openapi_parts import (
    FOR_ANYBODY,
    FOR_READING,
    HTML,
    JSON,
    TEXT,
    Json,
    content,
    content_of,
    failures,
    header,
    parameter,
    response,
    schema_of,
)
from handler.web.signing_in import FIELD
from handler.web.signing_in import MEDIA_TYPE as FORM

_PLAIN: Final = "text/plain"
_VIEW: Final = ("Language", "Refresh")
_PART: Final = ("Group", "Limit", "Cursor")
_FOLLOWED: Final[Json] = {"anyOf": [schema_of(ChangeToFollow), schema_of(InstanceToFollow)]}


def paths() -> Json:
    """All paths with all their methods."""
    instance, change = ("InstanceId",), ("InstanceId", "TaskId")
    return {
        "/": _path(_page("show_overview_page", "How all changes stand, as a page.", 400)),
        "/changes/{instance_id}/{task_id}": _path(
            _page("show_change_page", "How a change stands, as a page.", 400, 404), takes=change
        ),
        "/api/changes": _path(
            _read("list_changes", "How changes stand.", content_of(ChangeList), 400, 503, takes=_PART)
        ),
        "/api/changes/{instance_id}/{task_id}": _path(
            _read("show_change", "All that is known of a change.", content_of(ChangeDetail), 404, 503),
            takes=change,
        ),
        "/api/check": _path(
            _post("check", "Looks at changes now, and tells what is new.", Report, schema_of(CheckRequest))
        ),
        "/api/test-alert": _path(
            _post("test_alert", "Sends a test message to channels.", TrialList, schema_of(TrialRequest), 409)
        ),
        "/api/watches": _path(_watches()),
        "/api/watches/{instance_id}": _path(
            _drop("drop_instance", "Has an instance's next change followed no longer."), takes=instance
        ),
        "/api/watches/{instance_id}/{task_id}": _path(
            _drop("drop_change", "Has a change followed no longer."), takes=change
        ),
        "/api/openapi.json": _path(
            _read("describe_api", "This description.", content(JSON, {"type": "object"}))
        ),
        "/metrics": _path(
            _read(
                "show_metrics", "The changes that are followed, for Prometheus.", content(_PLAIN, TEXT), 503
            )
        ),
        "/healthz": _path(_health(), is_open=True),
    }


def _path(methods: Json, takes: tuple[str, ...] = (), *, is_open: bool = False) -> Json:
    """Describe a path; whoever may ask for anything is told what can be asked for."""
    operation_id = next(iter(methods.values()))["operationId"]
    told = {"204": {"description": "What there is.", "headers": {"Allow": header("Allow")}}}
    # Where something is dropped any id will do; elsewhere there is no path with what is none.
    missing = (404,) if takes and "get" in methods else ()
    responses = {**told, **_failures(*missing, is_open=is_open)}
    options = _operation(f"{operation_id}_options", "Which methods there are.", responses)
    security = FOR_ANYBODY if is_open else FOR_READING
    read = {
        method: {**operation, "security": security}
        for method, operation in {**methods, "options": options}.items()
        if method in {"get", "head", "options"}
    }
    path = {**methods, **read}
    return {"parameters": [parameter(name) for name in takes], **path} if takes else path


def _failures(*statuses: int, is_open: bool = False, is_page: bool = False) -> Json:
    """Refer to failures, those that there may always be among them."""
    always = (500,) if is_open else (401, 500)
    return failures(*sorted({*statuses, *always}), is_page=is_page)


def _operation(operation_id: str, summary: str, responses: Json, takes: tuple[str, ...] = ()) -> Json:
    operation = {"operationId": operation_id, "summary": summary, "responses": responses}
    return {**operation, "parameters": [parameter(name) for name in takes]} if takes else operation


def _get(operation: Json) -> Json:
    """Describe GET, and HEAD, which is the same without a body."""
    responses = operation["responses"]
    bare = {**responses, "200": {key: it for key, it in responses["200"].items() if key != "content"}}
    head = {
        **operation,
        "operationId": f"{operation['operationId']}_head",
        "summary": "The same without a body.",
        "responses": bare,
    }
    return {"get": operation, "head": head}


def _read(operation_id: str, summary: str, body: Json, *statuses: int, takes: tuple[str, ...] = ()) -> Json:
    read = {"description": "What is kept.", "headers": {"ETag": header("ETag")}, "content": body}
    responses = {"200": read, "304": response("NotModified"), **_failures(*statuses)}
    return _get(_operation(operation_id, summary, responses, (*takes, "IfNoneMatch")))


def _page(operation_id: str, summary: str, *statuses: int) -> Json:
    page = {
        "description": "A page.",
        "headers": {"ETag": header("ETag"), "Refresh": header("Refresh")},
        "content": content(HTML, TEXT),
    }
    responses = {
        "200": page,
        "304": response("NotModified"),
        **_failures(*statuses, 503, is_page=True),
    }
    read = _get(_operation(operation_id, summary, responses, (*_VIEW, "IfNoneMatch")))
    return {**read, "post": _sign_in(f"{operation_id}_after_signing_in")}


def _sign_in(operation_id: str) -> Json:
    """Describe the form that the page is refused with."""
    let_in = {
        "description": "What was typed in is the token.",
        "headers": {name: header(name) for name in ("Location", "Set-Cookie")},
    }
    responses = {"303": let_in, **_failures(400, 404, 415, is_page=True)}
    form = {"type": "object", "properties": {FIELD: TEXT}, "required": [FIELD]}
    return {
        **_operation(operation_id, "Signs in.", responses, _VIEW),
        "requestBody": {"content": content(FORM, form), "required": True},
        "security": FOR_ANYBODY,
    }


def _post(operation_id: str, summary: str, answered: type, taken: Json, *statuses: int) -> Json:
    responses = {"200": _answer("What came of it.", answered), **_failures(400, 415, *statuses)}
    return {"post": {**_operation(operation_id, summary, responses), "requestBody": _body(taken)}}


def _watches() -> Json:
    added = {"201": _answer("It is followed.", Watch), **_failures(400, 409, 415, 503)}
    add = _operation("add_watch", "Has a change, or an instance's next one, followed.", added)
    return {
        **_read("list_watches", "All that is followed.", content_of(WatchList), 503),
        "post": {**add, "requestBody": {**_body(_FOLLOWED), "required": True}},
    }


def _drop(operation_id: str, summary: str) -> Json:
    dropped = _answer("It is followed no longer.", Nothing)
    responses = {"200": dropped, **_failures(400, 404, 409, 415, 503)}
    return {"delete": _operation(operation_id, summary, responses)}


def _health() -> Json:
    healthy = _answer("It runs, and its configuration can be used.", Health)
    responses = {"200": healthy, **_failures(is_open=True)}
    return _get(_operation("show_health", "Whether the function runs.", responses))


def _answer(description: str, shape: type) -> Json:
    return {"description": description, "content": content_of(shape)}


def _body(schema: Json) -> Json:
    return {"content": content(JSON, schema)}
