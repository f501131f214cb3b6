"""What paths of the API's description share: parameters, headers, and what is answered to mistakes."""

from __future__ import annotations

from typing import Any, Final

from handler.core.change import ID
from handler.web.api.answer_shape import Failure
from handler.web.readings import LIMIT_MAX, REFRESH_SECONDS_MAX, Group
from handler.web.signing_in import COOKIE
from notifiers.language_code import LanguageCode

Json = dict[str, Any]

JSON: Final = "application/json"
HTML: Final = "text/html"

TEXT: Final[Json] = {"type": "string"}
"""The schema of any text."""


def schema_of(shape: type) -> Json:
    """Refer to the schema of a shape."""
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def content(media_type: str, schema: Json) -> Json:
    """Describe a body."""
    return {media_type: {"schema": schema}}


def content_of(shape: type) -> Json:
    """Describe a body of JSON in a shape."""
    return content(JSON, schema_of(shape))


def parameter(name: str) -> Json:
    """Refer to a parameter."""
    return {"$ref": f"#/components/parameters/{name}"}


def header(name: str) -> Json:
    """Refer to a header."""
    return {"$ref": f"#/components/headers/{name}"}


def response(name: str) -> Json:
    """Refer to a response."""
    return {"$ref": f"#/components/responses/{name}"}


def _parameter(name: str, place: str, schema: Json, description: str) -> Json:
    described = {"name": name, "in": place, "description": description, "schema": schema}
    return {**described, "required": True} if place == "path" else described


PARAMETERS: Final[Json] = {
    "InstanceId": _parameter("instance_id", "path", {**TEXT, "pattern": f"^{ID}$"}, "The instance of Kafka."),
    "TaskId": _parameter(
        "task_id", "path", {**TEXT, "pattern": f"^{ID}$"}, "The background task that is the change."
    ),
    "Language": _parameter(
        "lang",
        "query",
        {"enum": [code.value for code in LanguageCode]},
        "The page's language, instead of the one that the browser prefers.",
    ),
    "Refresh": _parameter(
        "refresh",
        "query",
        {"anyOf": [{"const": "off"}, {"type": "integer", "minimum": 1, "maximum": REFRESH_SECONDS_MAX}]},
        "After how many seconds the page asks anew, instead of as often as it finds right.",
    ),
    "Group": _parameter(
        "group",
        "query",
        {"enum": [group.value for group in Group], "default": Group.ALL.value},
        "Which changes: those that are followed, those that are over, or first the ones and then the others.",
    ),
    "Limit": _parameter(
        "limit",
        "query",
        {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_MAX},
        "How many changes at most.",
    ),
    "Cursor": _parameter(
        "cursor", "query", TEXT, "The `next_cursor` of the part before; it says nothing else."
    ),
    "IfNoneMatch": _parameter(
        "If-None-Match", "header", TEXT, "The ETag of what is known already; then a 304 says that it holds."
    ),
}


SECURITY: Final[Json] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The token."},
    "basic": {"type": "http", "scheme": "basic", "description": "Any user, with the token as password."},
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Headway-Token",
        "description": "The token, where a gateway's own signature stands in Authorization.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "What signing in on a page has left; it is good for reading only.",
    },
}

FOR_WRITING: Final[list[Json]] = [{"bearer": []}, {"basic": []}, {"token": []}]
FOR_READING: Final[list[Json]] = [*FOR_WRITING, {"cookie": []}]
FOR_ANYBODY: Final[list[Json]] = []


def _header(schema: Json, description: str, *, is_required: bool = True) -> Json:
    return {"description": description, "schema": schema, "required": is_required}


HEADERS: Final[Json] = {
    "ETag": _header({**TEXT, "pattern": '^"[0-9a-f]{64}"$'}, "Changes with what is answered."),
    "Allow": _header(TEXT, "All methods that there are."),
    "Refresh": _header(
        {"type": "integer", "minimum": 1}, "The page asks anew after so many seconds.", is_required=False
    ),
    "WWW-Authenticate": _header(TEXT, "Has a browser ask for the token, as a password."),
    "Location": _header(TEXT, "The same page."),
    "Set-Cookie": _header(TEXT, "What shows from now on that somebody has signed in here."),
}

_FAILURES: Final = {
    400: ("BadRequest", "What is asked for cannot be understood."),
    401: ("Unauthorised", "The token was not shown, and the platform does not know the caller."),
    404: ("NotFound", "There is no such thing."),
    409: ("Conflict", "That cannot be done as things stand."),
    415: ("UnsupportedMediaType", "Without the token in a header of its own, this wants JSON."),
    500: (
        "Defect",
        "The configuration cannot be used, the answer would be too large, or Headway is at fault.",
    ),
    503: ("StateUnavailable", "What is kept cannot be read or written."),
}
_ON_PAGES: Final = (400, 401, 404, 415, 500, 503)
_UNAUTHORISED: Final = 401


def failures(*statuses: int, is_page: bool = False) -> Json:
    """Refer to what is answered when something goes wrong, on a page's path to browsers as a page."""
    return {str(status): response(_name(status, is_page=is_page)) for status in statuses}


def _name(status: int, *, is_page: bool) -> str:
    name, _ = _FAILURES[status]
    return f"{name}Page" if is_page else name


def _failure(status: int, *, is_page: bool) -> Json:
    _, description = _FAILURES[status]
    body = {**content_of(Failure), **(content(HTML, TEXT) if is_page else {})}
    headers = {"WWW-Authenticate": header("WWW-Authenticate")} if status == _UNAUTHORISED else {}
    return {"description": description, "headers": headers, "content": body}


RESPONSES: Final[Json] = {
    "NotModified": {"description": "It is what the caller has.", "headers": {"ETag": header("ETag")}},
    **{_name(status, is_page=False): _failure(status, is_page=False) for status in _FAILURES},
    **{_name(status, is_page=True): _failure(status, is_page=True) for status in _ON_PAGES},
}
"""What is answered to whoever has it already, and to whoever gets nothing."""
