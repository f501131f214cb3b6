"""What the platform gives an invocation: its id, its time, its variables and the keys of its agency.

Nothing is kept between invocations, because keys and variables change. A context of the platform's, or
somebody's stub of one, may lack any method, answer nonsense or raise: all that counts as no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

import msgspec

TIMEOUT_SECONDS: Final = 60.0
"""Believed where a platform does not tell."""

_FUNCTIONGRAPH_TIMEOUT_SECONDS_MAX: Final = 259_200
_LAMBDA_TIMEOUT_SECONDS_MAX: Final = 900

Lookup = Callable[[str], "str | None"]


class Platform(Enum):
    """Where the function runs."""

    LAMBDA = "lambda"
    FUNCTIONGRAPH = "functiongraph"
    LOCAL = "local"


@dataclass(frozen=True)
class AgencyKeys:
    """The temporary keys of FunctionGraph's agency; the three belong together."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    security_token: str = field(repr=False)


@dataclass(frozen=True)
class Runtime:
    """What the platform gives one invocation.

    `timeout_seconds` is the most that an invocation may take, `deadline` when this one ends, on the
    monotonic clock. `lookup` finds a variable by its name; an empty one is not set.
    """

    platform: Platform
    request_id: str | None
    timeout_seconds: float
    deadline: float
    lookup: Lookup = field(repr=False)
    agency_keys: AgencyKeys | None = None


def read_runtime(context: object, environ: Mapping[str, str], monotonic_now: float) -> Runtime:
    """Tell what the platform gives this invocation; to be called first and in every invocation."""
    platform = _recognise(context, environ)
    if platform is Platform.FUNCTIONGRAPH:
        return _read_functiongraph(context, environ, monotonic_now)
    if platform is Platform.LAMBDA:
        return _read_lambda(context, environ, monotonic_now)
    return Runtime(
        platform=platform,
        request_id=None,
        timeout_seconds=TIMEOUT_SECONDS,
        deadline=monotonic_now + TIMEOUT_SECONDS,
        lookup=_lookup_in(environ),
    )


def _recognise(context: object, environ: Mapping[str, str]) -> Platform:
    if _read(context, "getRequestID") is not None or "RUNTIME_FUNC_NAME" in environ:
        return Platform.FUNCTIONGRAPH
    if _read(context, "aws_request_id") is not None or "AWS_LAMBDA_FUNCTION_NAME" in environ:
        return Platform.LAMBDA
    return Platform.LOCAL


def _read_functiongraph(context: object, environ: Mapping[str, str], monotonic_now: float) -> Runtime:
    told = environ.get("RUNTIME_TIMEOUT")
    timeout_seconds = _number(told, 1, _FUNCTIONGRAPH_TIMEOUT_SECONDS_MAX) or TIMEOUT_SECONDS
    # The open-source runtime mixes units here and answers 5 for 5 s, hence the lower bound.
    remaining = _call(context, "getRemainingTimeInMilliSeconds")
    remaining_ms = _number(remaining, 1000, timeout_seconds * 1000) or timeout_seconds * 1000
    return Runtime(
        platform=Platform.FUNCTIONGRAPH,
        request_id=_text(_call(context, "getRequestID")),
        timeout_seconds=timeout_seconds,
        deadline=monotonic_now + remaining_ms / 1000,
        lookup=_functiongraph_lookup(context, environ),
        agency_keys=_agency_keys(context),
    )


def _read_lambda(context: object, environ: Mapping[str, str], monotonic_now: float) -> Runtime:
    remaining = _call(context, "get_remaining_time_in_millis")
    remaining_ms = _number(remaining, 1, _LAMBDA_TIMEOUT_SECONDS_MAX * 1000)
    seconds = remaining_ms / 1000 if remaining_ms else TIMEOUT_SECONDS
    return Runtime(
        platform=Platform.LAMBDA,
        request_id=_text(_read(context, "aws_request_id")),
        timeout_seconds=seconds,
        deadline=monotonic_now + seconds,
        lookup=_lookup_in(environ),
    )


def _lookup_in(variables: Mapping[str, object]) -> Lookup:
    return lambda name: _text(variables.get(name))


def _functiongraph_lookup(context: object, environ: Mapping[str, str]) -> Lookup:
    """User data as the documentation has it, then where plain user data is also seen."""
    places: tuple[Lookup, ...] = (
        lambda name: _text(_call(context, "getUserData", name)),
        _lookup_in(environ),
        _lookup_in(_decode_user_data(environ.get("RUNTIME_USERDATA", ""))),
    )
    return lambda name: next((found for place in places if (found := place(name))), None)


def _decode_user_data(text: str) -> Mapping[str, object]:
    try:
        return msgspec.json.decode(text, type=dict[str, object])
    except (ValueError, RecursionError):
        return {}


def _agency_keys(context: object) -> AgencyKeys | None:
    access_key = _text(_call(context, "getSecurityAccessKey"))
    secret_key = _text(_call(context, "getSecuritySecretKey"))
    security_token = _text(_call(context, "getSecurityToken"))
    if access_key and secret_key and security_token:
        return AgencyKeys(access_key, secret_key, security_token)
    return None


def _read(context: object, name: str) -> object:
    try:
        return getattr(context, name, None)
    except Exception:  # noqa: BLE001 - see above: it counts as no answer
        return None


def _call(context: object, name: str, *arguments: str) -> object:
    method = _read(context, name)
    try:
        return method(*arguments) if callable(method) else None
    except Exception:  # noqa: BLE001 - see above: it counts as no answer
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object, low: float, high: float) -> float | None:
    """Read a number from low to high, however it is written; None if it is none such."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if low <= number <= high else None
