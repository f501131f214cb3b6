"""What the platforms' contexts and environments are believed to say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.runtimes import AgencyKeys, Platform, Runtime, read_runtime

NOW: Final = 1000.0
SECRET: Final = "a-secret-of-the-agency"
AGENCY: Final = ("AGENCY-KEY", SECRET, f"{SECRET}-token")


def functiongraph_context(
    remaining_ms: object = 60_000, agency: Sequence[str | None] = AGENCY, **user_data: str
) -> SimpleNamespace:
    """Make FunctionGraph's context as its documentation has it."""
    access_key, secret_key, security_token = agency
    return SimpleNamespace(
        getRequestID=lambda: "request-1",
        getRemainingTimeInMilliSeconds=lambda: remaining_ms,
        getUserData=user_data.get,
        getSecurityAccessKey=lambda: access_key,
        getSecuritySecretKey=lambda: secret_key,
        getSecurityToken=lambda: security_token,
    )


class Hostile:
    """A stub of somebody's whose every attribute raises."""

    def __getattr__(self, name: str) -> object:
        """Raise, and not AttributeError."""
        raise RuntimeError(name)


def lambda_context(remaining_ms: object) -> SimpleNamespace:
    """Make Lambda's context, as far as it is read."""
    return SimpleNamespace(aws_request_id="request-2", get_remaining_time_in_millis=lambda: remaining_ms)


def read(context: object = None, environ: Mapping[str, str] | None = None) -> Runtime:
    """Read a runtime at `NOW`."""
    return read_runtime(context, environ or {}, NOW)


@pytest.mark.parametrize(
    ("context", "environ", "platform"),
    [
        (functiongraph_context(), {}, Platform.FUNCTIONGRAPH),
        (None, {"RUNTIME_FUNC_NAME": "headway"}, Platform.FUNCTIONGRAPH),
        (lambda_context(1), {}, Platform.LAMBDA),
        (None, {"AWS_LAMBDA_FUNCTION_NAME": "headway"}, Platform.LAMBDA),
        (None, {}, Platform.LOCAL),
        (object(), {"HOME": "/"}, Platform.LOCAL),
        (Hostile(), {}, Platform.LOCAL),
    ],
    ids=range(7),
)
def test_the_platform_is_known_by_context_or_environment(
    context: object, environ: dict[str, str], platform: Platform
) -> None:
    """Either of the two is enough."""
    assert platform is read(context, environ).platform


def test_each_platform_gives_its_request_id() -> None:
    """The id is what one asks the platform's log for."""
    contexts = (functiongraph_context(), lambda_context(1), None)

    assert [read(context).request_id for context in contexts] == ["request-1", "request-2", None]


@pytest.mark.parametrize(
    ("told", "remaining_ms", "timeout_seconds", "seconds"),
    [
        ("30", 29_500, 30, 29.5),
        ("30", 30_000, 30, 30),
        ("30", 30_001, 30, 30),
        ("30", 30, 30, 30),
        ("30", 999, 30, 30),
        ("30", 1000, 30, 1),
        ("30", None, 30, 30),
        ("30", "nonsense", 30, 30),
        ("30", True, 30, 30),
        ("30", float("nan"), 30, 30),
        ("3", 2_000, 3, 2),
        (None, 50_000, 60, 50),
        (None, 120_000, 60, 60),
        ("", 50_000, 60, 50),
        ("x", 50_000, 60, 50),
        ("0", 50_000, 60, 50),
        ("-5", 50_000, 60, 50),
        ("inf", 50_000, 60, 50),
        ("259201", 50_000, 60, 50),
        ("900", 600_000, 900, 600),
    ],
)
def test_functiongraph_is_believed_only_when_its_times_are_plausible(
    told: str | None, remaining_ms: object, timeout_seconds: float, seconds: float
) -> None:
    """Runtimes mix up seconds and milliseconds; the configured timeout is the measure."""
    environ = {} if told is None else {"RUNTIME_TIMEOUT": told}
    runtime = read(functiongraph_context(remaining_ms), environ)

    assert (runtime.timeout_seconds, runtime.deadline) == (timeout_seconds, NOW + seconds)


@pytest.mark.parametrize(
    ("remaining_ms", "seconds"),
    [(59_990, 59.99), (1, 0.001), (900_000, 900), (0, 60), (-3, 60), (900_001, 60), (None, 60)],
)
def test_lambda_tells_the_time_that_is_left(remaining_ms: object, seconds: float) -> None:
    """On Lambda the time left at the begin is the timeout, too."""
    runtime = read(lambda_context(remaining_ms))

    assert (runtime.timeout_seconds, runtime.deadline) == (seconds, NOW + seconds)


def test_a_minute_is_believed_where_nobody_tells() -> None:
    """Your own machine has no timeout."""
    assert (read().timeout_seconds, read().deadline) == (60, NOW + 60)


def test_functiongraph_looks_up_user_data_before_anything_else() -> None:
    """Encrypted user data is in the context only, plain user data in several places."""
    context = functiongraph_context(A="context", B="")
    user_data = json.dumps({"A": "json", "B": "json", "C": "json", "D": 4, "E": ""})
    environ = {"A": "environ", "B": "environ", "RUNTIME_USERDATA": user_data}
    lookup = read(context, environ).lookup

    assert [lookup(name) for name in "ABCDEF"] == ["context", "environ", "json", None, None, None]


@pytest.mark.parametrize("user_data", ["", "{", "[]", "null", "5", '{"A": "\udc80"}', "[" * 9999])
def test_user_data_that_cannot_be_read_is_none(user_data: str) -> None:
    """The environment is the platform's, and not to be trusted."""
    assert read(functiongraph_context(), {"RUNTIME_USERDATA": user_data}).lookup("A") is None


@pytest.mark.parametrize("context", [None, lambda_context(1)])
def test_elsewhere_variables_are_the_environments(context: object) -> None:
    """An empty variable is not set."""
    lookup = read(context, {"A": "environ", "B": ""}).lookup

    assert [lookup(name) for name in "ABC"] == ["environ", None, None]


def test_the_agency_gives_its_keys_to_each_invocation() -> None:
    """They live a day and change; a process may live longer."""
    assert AgencyKeys(*AGENCY) == read(functiongraph_context()).agency_keys


@pytest.mark.parametrize("missing", ["", None])
@pytest.mark.parametrize("place", range(3))
def test_two_of_three_keys_are_no_keys(missing: str | None, place: int) -> None:
    """Without an agency the platform answers with empty text, or with None."""
    agency: list[str | None] = [*AGENCY]
    agency[place] = missing

    assert read(functiongraph_context(agency=agency)).agency_keys is None


@pytest.mark.parametrize("context", [Hostile(), lambda_context(1), None], ids=range(3))
def test_a_context_without_keys_gives_none(context: object) -> None:
    """Also where the environment says that this is FunctionGraph."""
    assert read(context, {"RUNTIME_FUNC_NAME": "headway"}).agency_keys is None


def test_a_method_that_raises_has_said_nothing() -> None:
    """What it would have said has a default, or another place to be found."""

    def fail(*_: object) -> None:
        raise RuntimeError(SECRET)

    context = SimpleNamespace(**dict.fromkeys(vars(functiongraph_context()), fail))
    runtime = read(context, {"A": "environ"})

    assert (runtime.platform, runtime.request_id) == (Platform.FUNCTIONGRAPH, None)
    assert (runtime.timeout_seconds, runtime.deadline) == (60, NOW + 60)
    assert (runtime.lookup("A"), runtime.agency_keys) == ("environ", None)


def test_a_runtime_does_not_show_its_secrets() -> None:
    """It may end up in a traceback."""
    runtime = read(functiongraph_context(TOKEN=SECRET), {"PASSWORD": SECRET})

    assert SECRET not in repr(runtime)
    assert "AGENCY-KEY" not in repr(runtime)


ANSWERS: Final[st.SearchStrategy[object]] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([])
)


@given(ANSWERS, ANSWERS, st.none() | st.text())
def test_no_context_is_too_odd_to_be_read(answer: object, time: object, told: str | None) -> None:
    """Whatever a platform says, the deadline lies ahead and within its timeout."""
    functiongraph = SimpleNamespace(
        getRequestID=lambda: answer, getRemainingTimeInMilliSeconds=lambda: time, getUserData=answer
    )
    aws = SimpleNamespace(aws_request_id=answer, get_remaining_time_in_millis=lambda: time)
    for context in (functiongraph, aws):
        runtime = read(context, {} if told is None else {"RUNTIME_TIMEOUT": told})

        assert NOW < runtime.deadline <= NOW + runtime.timeout_seconds
        assert runtime.lookup("A") is None
        assert runtime.request_id is None or isinstance(runtime.request_id, str)
