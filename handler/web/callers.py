"""Who may ask: whoever shows the token, and whom the platform vouches for; without a token nobody else."""

from __future__ import annotations

import base64
import hmac

from handler.gateways import Request


def is_known(request: Request, token: str | None) -> bool:
    """Tell whether the caller may ask for anything but the function's health."""
    return request.is_vouched_for or _shows(request, token)


def is_lured(request: Request, token: str | None) -> bool:
    """Tell whether another site may have made a browser ask: one that remembers the token as a password.

    A browser sends JSON to another site only after having asked that site, which is never allowed.
    """
    scheme, _ = _credentials(request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return scheme == "basic" and media_type != "application/json" and _shows(request, token)


def _shows(request: Request, token: str | None) -> bool:
    scheme, shown = _credentials(request)
    if scheme == "basic":
        shown = _password(shown)
    elif scheme != "bearer":
        return False
    return token is not None and hmac.compare_digest(shown.encode(errors="replace"), token.encode())


def _credentials(request: Request) -> tuple[str, str]:
    scheme, _, shown = request.headers.get("authorization", "").strip().partition(" ")
    return scheme.lower(), shown.strip()


def _password(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""
