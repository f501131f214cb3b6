"""`/api/watches`: what callers may want of the list of what is followed."""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

from handler.core.change import check_id, check_name
from handler.gateways import Request
from handler.web.answers import BadRequestError, read_object

PATH: Final = "/api/watches"
_KEYS: Final = ("instance_id", "task_id", "name")


class Verb(Enum):
    """What is wanted of the list; the methods of HTTP."""

    LIST = "GET"
    FOLLOW = "POST"
    DROP = "DELETE"


class Wish(NamedTuple):
    """What a caller wants of the list; without a task, of the next change of an instance."""

    verb: Verb
    instance_id: str = ""
    task_id: str | None = None
    name: str | None = None


def read_wish(request: Request, place: str) -> Wish:
    """Read what is wanted.

    Args:
        request: Its method is one of those of `Verb`, or HEAD.
        place: What stands behind `/api/watches` in the path.

    Raises:
        BadRequestError: It cannot be understood.
    """
    verb = Verb.LIST if request.method == "HEAD" else Verb(request.method)
    if verb is Verb.LIST:
        return Wish(verb)
    if verb is Verb.FOLLOW:
        return _read_follow(read_object(request, _KEYS))
    instance_id, _, task_id = place.strip("/").partition("/")
    return Wish(verb, _read_id(instance_id, "path"), _read_id(task_id, "path") if task_id else None)


def _read_follow(payload: dict[str, object]) -> Wish:
    task_id, name = payload.get("task_id"), _read_name(payload.get("name"))
    if task_id is None and name is not None:
        raise BadRequestError("`name` wants a `task_id`; until the change is known it is its instance's.")
    return Wish(
        Verb.FOLLOW,
        _read_id(payload.get("instance_id"), "instance_id"),
        None if task_id is None else _read_id(task_id, "task_id"),
        name,
    )


def _read_id(value: object, key: str) -> str:
    if value is None:
        raise BadRequestError(f"`{key}` is missing.")
    try:
        return check_id(value if isinstance(value, str) else "")
    except ValueError as error:
        raise BadRequestError(f"`{key}`: {error}.") from None


def _read_name(value: object) -> str | None:
    if value is None:
        return None
    try:
        return check_name(value if isinstance(value, str) else "")
    except ValueError as error:
        raise BadRequestError(f"`name`: {error}.") from None
