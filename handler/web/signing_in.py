"""Signing in by a form: some gateways rename the header that has a browser ask for a password by itself.

What the browser keeps is not the token, from which it is made: nobody has to remember who has signed in, and
with another token nobody has. Who may, and what for, is said elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from urllib.parse import parse_qsl, urlencode

from handler.gateways import Request
from handler.web.answers import BadRequestError

MEDIA_TYPE: Final = "application/x-www-form-urlencoded"
"""Of what a form sends."""

COOKIE: Final = "__Host-headway"
"""The name of what a browser keeps; beginning so, no other host of a domain can have it keep one for us."""

FIELD: Final = "token"
"""The form's field for the token."""

FORM_BYTES_MAX: Final = 10_000
_FIELDS_MAX: Final = 20
_KEPT_SECONDS: Final = 30 * 24 * 60 * 60
_MEANING: Final = b"Headway: whoever shows this has signed in with the token that is its key."


def media_type_of(request: Request) -> str:
    """The type of what a request carries, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_form(request: Request) -> bool:
    """Tell whether somebody has sent a form off."""
    return request.method == "POST" and media_type_of(request) == MEDIA_TYPE


def read_form(request: Request) -> str:
    """Read the token that somebody has typed in; it may be empty.

    Raises:
        BadRequestError: It is no form.
    """
    if request.body is None:
        raise BadRequestError("The body cannot be decoded.")
    if len(request.body) > FORM_BYTES_MAX:
        raise BadRequestError("The form is too large.")
    try:
        fields = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=_FIELDS_MAX)
    except ValueError:
        raise BadRequestError("The body is no form.") from None
    return dict(fields).get(FIELD, "").strip()


def pass_of(token: str) -> str:
    """What shows that somebody had the token."""
    return hmac.new(token.encode(errors="surrogatepass"), _MEANING, hashlib.sha256).hexdigest()


def read_passes(request: Request) -> list[str]:
    """What the browser has kept for us, whether it is of this token or of another one."""
    cookies = (cookie.partition("=") for cookie in request.headers.get("cookie", "").split(";"))
    return [value.strip() for name, _, value in cookies if name.strip() == COOKIE]


def cookie_of(token: str) -> str:
    """What the browser is to keep: scripts do not see it, and what other sites have it ask goes without."""
    return f"{COOKIE}={pass_of(token)}; Path=/; Max-Age={_KEPT_SECONDS}; HttpOnly; Secure; SameSite=Lax"


def same_page(request: Request) -> str:
    """The way back to the page whose form it was, whatever a gateway has left of its path."""
    return f"?{urlencode(request.query, errors='replace')}"
