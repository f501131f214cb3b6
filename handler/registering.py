"""Does what callers over HTTP want of the list of what is followed, and answers them."""

from __future__ import annotations

from typing import Any

from handler.gateways import Response
from handler.registry import Entry, Registry, RegistryError
from handler.web.answers import answer, copy_of, failure
from handler.web.watches import Verb, Wish


def fulfil(wish: Wish, registry: Registry) -> Response:
    """Do it, or say why it cannot be done.

    Raises:
        StateUnavailableError: The list cannot be read, or not written.
    """
    try:
        return _fulfil(wish, registry)
    except RegistryError as error:
        return failure(409, "conflict", str(error))


def _fulfil(wish: Wish, registry: Registry) -> Response:
    if wish.verb is Verb.LIST:
        return copy_of(describe_all(registry))
    if wish.verb is Verb.FOLLOW:
        return answer(describe(registry.follow(wish.instance_id, wish.task_id, wish.name)), 201)
    if registry.drop(wish.instance_id, wish.task_id):
        return answer({})
    return failure(404, "not_found", "Nothing of that name is followed.")


def describe_all(registry: Registry) -> dict[str, Any]:
    """The whole list as JSON shows it."""
    return {
        "watches": [describe(entry) for entry in registry.entries()],
        "discover": list(registry.patterns),
    }


def describe(entry: Entry) -> dict[str, Any]:
    """An entry as JSON shows it."""
    return {
        "instance_id": entry.instance_id,
        "task_id": entry.task_id,
        "name": entry.name,
        "reason": entry.reason.value,
    }
