"""APIG before a function: events as it makes them, and the one shape of answer that it takes."""

from __future__ import annotations

import base64
from typing import Any, Final

from tests.platforms.events import HttpAnswer, sample
from tests.platforms.functiongraph import Answer

OF_THE_GATEWAY: Final = "of the gateway"
"""How the body begins where the gateway has made an answer of its own."""

_SHAPE: Final = {"statusCode": int, "headers": dict, "body": str, "isBase64Encoded": bool}


def request(
    method: str, path: str, body: bytes = b"", *, suffix: str | None = None, **headers: str
) -> dict[str, Any]:
    """Make the event of a request; the body is in base64, an empty one too.

    Args:
        method: The method.
        path: The whole path.
        body: The body.
        suffix: What follows the trigger's own path, where that matches prefixes.
        headers: Headers beside the usual ones; a `_` stands for `-`.
    """
    event: dict[str, Any] = sample("functiongraph-apig-get")
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return event | {
        "httpMethod": method,
        "path": path,
        "headers": {**event["headers"], **more},
        "body": base64.b64encode(body).decode(),
        "pathParameters": {} if suffix is None else {"": suffix},
        "queryStringParameters": {},
    }


def passed_on(answer: Answer) -> HttpAnswer:
    """What the gateway makes of a function's answer: a 500 of its own unless the shape is exact."""
    try:
        return _read(answer)
    except ValueError as error:
        return HttpAnswer(500, {}, f"{OF_THE_GATEWAY}: {error}".encode())


def _read(answer: Answer) -> HttpAnswer:
    if answer.error is not None:
        raise ValueError(answer.error)
    shape = answer.json
    if not isinstance(shape, dict) or {key: type(value) for key, value in shape.items()} != _SHAPE:
        raise ValueError(f"this is no response: {answer.result}")
    texts = [text for pair in shape["headers"].items() for text in pair]
    if not all(isinstance(text, str) and text.isprintable() for text in texts):
        raise ValueError(f"headers are lines of text: {texts}")
    if shape["statusCode"] not in range(200, 600):
        raise ValueError("there is no such status")
    body = base64.b64decode(shape["body"], validate=True) if shape["isBase64Encoded"] else None
    headers = {name.lower(): value for name, value in shape["headers"].items()}
    return HttpAnswer(shape["statusCode"], headers, shape["body"].encode() if body is None else body)
