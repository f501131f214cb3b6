"""Who may ask: whoever shows the token, and whom the platform vouches for; without a token nobody else."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from enum import Enum
from typing import Final

from handler.gateways import Request
from handler.web.answers import BadRequestError
from handler.web.signing_in import is_form, media_type_of, pass_of, read_form, read_passes

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""The methods that change nothing."""


class Caller(Enum):
    """Who asks, as far as that is known; the words of the log's `caller`.

    The `PLATFORM` has checked who it is, or the token was shown, or it was once and the browser has kept a
    `COOKIE`. One with a `WRONG_TOKEN` has shown something else, or something where no token is of any avail.
    """

    PLATFORM = "platform"
    TOKEN = "token"  # noqa: S105 - a word for one
    COOKIE = "cookie"
    WRONG_TOKEN = "wrong_token"  # noqa: S105 - the same
    NOBODY = "nobody"

    @property
    def is_known(self) -> bool:
        """Whether the caller may ask for anything but the function's health."""
        return self in {Caller.PLATFORM, Caller.TOKEN, Caller.COOKIE}


def identify(request: Request, token: str | None) -> Caller:
    """Tell who asks, where callers have to show this token, or None if that is of no avail.

    What a browser has kept is good for reading only: it sends that of its own accord.
    """
    if request.is_vouched_for:
        return Caller.PLATFORM
    shown = [*_shown_by_programs(request), *_passwords(request), *_typed_in(request)]
    if _is_among(token, shown):
        return Caller.TOKEN
    is_reading = request.method in READING
    if is_reading and has_signed_in(request, token):
        return Caller.COOKIE
    has_shown = shown or (is_reading and read_passes(request))
    return Caller.WRONG_TOKEN if has_shown else Caller.NOBODY


def has_signed_in(request: Request, token: str | None) -> bool:
    """Tell whether somebody has once signed in with this browser, and with this token."""
    return token is not None and _is_among(pass_of(token), read_passes(request))


def signs_in(request: Request, token: str) -> bool:
    """Tell whether the token was typed into the form, or is shown beside it as programs show it.

    Raises:
        BadRequestError: It is no form.
    """
    return _is_among(token, [read_form(request), *_shown_by_programs(request)])


def may_write(request: Request, token: str | None) -> bool:
    """Tell whether no other site can have made a browser ask, with what that remembers of its user.

    Of a browser's own accord neither a bearer's token is sent nor a header of ours, and JSON is sent to
    another site only after having asked that site, which is never allowed.
    """
    return media_type_of(request) == "application/json" or _is_among(token, [*_shown_by_programs(request)])


def _is_among(token: str | None, shown: list[str]) -> bool:
    """Compare with all of them, and in a time that tells nothing of where they differ."""
    if token is None:
        return False
    return any(hmac.compare_digest(_bytes(one), _bytes(token)) for one in shown)


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _shown_by_programs(request: Request) -> Iterator[str]:
    scheme, shown = _credentials(request)
    if scheme == "bearer" and shown:
        yield shown
    # For gateways whose own signature stands in the other header.
    if own := request.headers.get("x-headway-token", "").strip():
        yield own


def _passwords(request: Request) -> Iterator[str]:
    scheme, shown = _credentials(request)
    if scheme != "basic":
        return
    try:
        password = base64.b64decode(shown, validate=True).decode().partition(":")[2]
    except ValueError:
        password = ""
    if password:
        yield password


def _typed_in(request: Request) -> Iterator[str]:
    try:
        typed = read_form(request) if is_form(request) else ""
    except BadRequestError:
        typed = ""
    if typed:
        yield typed


def _credentials(request: Request) -> tuple[str, str]:
    scheme, _, shown = request.headers.get("authorization", "").strip().partition(" ")
    return scheme.lower(), shown.strip()
