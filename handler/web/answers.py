"""What every answer has in common, and what every request that carries something has to be."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from handler.gateways import Request, Response

BODY_BYTES_MAX: Final = 4_000_000
"""What all gateways but a load balancer pass on, as runtimes write it; with room for what is around it."""

JSON: Final = "application/json; charset=utf-8"

_PRECAUTIONS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_SHOWN_MAX: Final = 40
_TAG: Final = re.compile(r'"[^"]*"')
_KEPT_BY_NOBODY: Final = "no-store"
_KEPT_BUT_ASKED_FOR: Final = "private, no-cache"


def _policy(forms: str) -> str:
    return f"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action {forms}"


_POLICY: Final = _policy(forms="'none'")


class BadRequestError(Exception):
    """What was asked for cannot be understood; the message is for whoever asked."""


def answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make an answer of JSON, which nobody keeps."""
    return _make(status, {**_typed(JSON), **(headers or {})}, _encode(content))


def copy_of(content: object) -> Response:
    """Make an answer of JSON that was only read: it may be kept, and asked for again if it still holds."""
    return text_copy(_encode(content), JSON)


def text_copy(text: str, media_type: str) -> Response:
    """Make the same of a text."""
    return _make(200, {**_typed(media_type), "cache-control": _KEPT_BUT_ASKED_FOR}, text)


def page(  # noqa: PLR0913 - what is around a page, each by name
    document: str,
    style_source: str,
    language: str,
    *,
    status: int = 200,
    refresh_seconds: int | None = None,
    has_form: bool = False,
) -> Response:
    """Make an answer of a page.

    Args:
        document: The page.
        style_source: What its one style is known by to the browser, such as `'sha256-…'`.
        language: What it is written in.
        status: Only one of 200 may be kept.
        refresh_seconds: After how long the browser is to ask again; None: never.
        has_form: Whether it has a form, which may be sent to where the page is from.
    """
    policy = _policy(forms="'self'") if has_form else _POLICY
    headers = {
        **_typed("text/html; charset=utf-8"),
        "cache-control": _KEPT_BUT_ASKED_FOR if status == 200 else _KEPT_BY_NOBODY,  # noqa: PLR2004 - HTTP's
        "content-language": language,
        "content-security-policy": f"{policy}; style-src {style_source}; img-src data:",
        "vary": "accept-language",
    }
    if refresh_seconds:
        headers["refresh"] = str(refresh_seconds)
    return _make(status, headers, document)


def failure(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Make an answer that says why there is no other."""
    return answer({"error": {"code": code, "message": message}}, status, headers)


def see_other(location: str, cookie: str) -> Response:
    """Make an answer that sends a browser elsewhere, with something to keep."""
    return _make(303, {"location": location, "set-cookie": cookie}, "")


def methods_of(allowed: str) -> Response:
    """Make the answer to whoever asks which methods there are."""
    return _make(204, {"allow": allowed}, "")


def finish(request: Request, response: Response) -> Response:
    """Make of an answer what goes out: without a body, if none is wanted, or if the caller has it already."""
    if len(json.dumps(response.body)) > BODY_BYTES_MAX:
        response = failure(500, "too_large", "The answer would be too large to be passed on; ask for less.")
    if response.headers["cache-control"] == _KEPT_BUT_ASKED_FOR:
        response = _tag(response)
        if _has(request, response.headers["etag"]):
            return response._replace(status=304, body="")
    return response._replace(body="") if request.method == "HEAD" else response


def read_object(request: Request, keys: Sequence[str]) -> dict[str, object]:
    """Read the JSON object that a request carries; nothing at all is an empty one.

    Raises:
        BadRequestError: It carries something else, or has another key, which may be a misspelt one.
    """
    if request.body is None:
        raise BadRequestError("The body cannot be decoded.")
    try:
        payload = msgspec.json.decode(request.body or b"{}")
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise BadRequestError("The body is no JSON object.")
    unknown = sorted(payload.keys() - set(keys))
    if unknown:
        raise BadRequestError(
            f"`{unknown[0][:_SHOWN_MAX]}` is no key here; what there is: {', '.join(keys)}."
        )
    return payload


def _make(status: int, headers: Mapping[str, str], body: str) -> Response:
    common = {"cache-control": _KEPT_BY_NOBODY, **_PRECAUTIONS, "content-security-policy": _POLICY}
    return Response(status, {**common, **headers}, body)


def _typed(media_type: str) -> dict[str, str]:
    return {"content-type": media_type}


def _encode(content: object) -> str:
    return msgspec.json.encode(content).decode()


def _tag(response: Response) -> Response:
    digest = hashlib.sha256(response.body.encode()).hexdigest()
    return response._replace(headers={**response.headers, "etag": f'"{digest}"'})


def _has(request: Request, tag: str) -> bool:
    """Whether the caller has this already; a gateway that packs answers may call it weak since."""
    wanted = request.headers.get("if-none-match", "")
    return wanted.strip() == "*" or tag in _TAG.findall(wanted)
