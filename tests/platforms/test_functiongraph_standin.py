"""The stand-in for FunctionGraph is as strict as its documentation says, seen with a function of our own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.platforms.functiongraph import Instance, running
from tests.platforms.functiongraph_function import Agency, Function
from tests.platforms.functiongraph_gateway import passed_on

PROBE = """
import os, sys, threading, time
from __main__ import __file__ as program

def handler(event, context):
    return eval(event["tell"])
"""

OF_NO_MATTER = ("PATH", "PLAIN", "PWD", "OLDPWD", "LC_CTYPE")

Tell = Callable[[str], Any]


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of a function that answers whatever it is asked."""
    folder = tmp_path_factory.mktemp("function") / "code"
    folder.mkdir()
    (folder / "index.py").write_text(PROBE)
    return folder


@pytest.fixture(scope="module")
def instance(code: Path) -> Iterator[Instance]:
    """An instance of it."""
    function = Function(code, {"PLAIN": "seen"}, {"ENCRYPTED": "hidden"})
    with running(function) as (instance, _):
        yield instance


@pytest.fixture(scope="module")
def tell(instance: Instance) -> Tell:
    """Ask the function for the value of an expression."""
    # In a list, because a text by itself is passed on as it is.
    return lambda expression: instance.call({"tell": f"[{expression}]"}, Agency("a", "s", "t", "i")).json[0]


def test_a_function_is_laid_out_as_on_the_platform(tell: Tell, code: Path) -> None:
    """The working directory is the parent of the code, which is second on the path."""
    assert tell("os.getcwd()") == str(code.parent)
    assert tell("sys.path[0] == os.path.dirname(program)")
    assert tell("sys.path[1]") == str(code)
    assert tell("len(sys.argv)") == 3
    assert tell("sys.version_info[:2]") == [*sys.version_info[:2]]
    assert tell("[path for path in sys.path if 'site-packages' in path]") == []


def test_a_function_sees_no_more_of_the_environment_than_the_platform_makes(tell: Tell) -> None:
    """Encrypted user data is not in it, and the home of whoever runs the tests is not either."""
    names = tell("[*os.environ]")

    assert {name for name in names if not name.startswith("RUNTIME_")} <= {*OF_NO_MATTER}
    assert tell("[os.environ['PLAIN'], context.getUserData('PLAIN')]") == ["seen", "seen"]
    assert tell("context.getUserData('ENCRYPTED')") == "hidden"
    assert "hidden" not in tell("str(os.environ)")


def test_a_function_is_run_off_the_main_thread_by_a_module_nobody_knows(tell: Tell) -> None:
    """So signals, and classes that look their own module up, do not work."""
    assert tell("threading.current_thread() is not threading.main_thread()")
    assert tell("__name__") == "index"
    assert tell("'index' not in sys.modules")


def test_a_context_has_its_methods_and_nothing_else(tell: Tell) -> None:
    """The withdrawn keys are empty."""
    assert tell("[n for n in dir(context) if n[0] != '_' and not n.startswith('get')]") == []
    assert tell("context.getAccessKey() + context.getSecretKey()") == ""
    assert tell("context.getSecurityAccessKey() + context.getSecurityToken()") == "at"
    assert tell("59000 < context.getRemainingTimeInMilliSeconds() <= 60000")
    assert tell("context.getRunningTimeInSeconds()") == 60


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("context.aws_request_id", "AttributeError"),
        ("setattr(context, 'mine', 1)", "AttributeError"),
        ("context.getUserData('PLAIN', '')", "TypeError"),
        ("context.getUserData()", "TypeError"),
        ("{1, 2}", "TypeError"),
        ("b'bytes'", "TypeError"),
        ("float('nan')", "ValueError"),
        ("'x' * 6291457", "ValueError"),
        ("sys.exit(1)", "SystemExit"),
        ("open(os.environ['RUNTIME_CODE_ROOT'] + '/new', 'w')", "OSError"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_what_the_platform_does_not_take_is_an_error_in_its_shape(
    instance: Instance, tell: Tell, expression: str, kind: str
) -> None:
    """And the instance lives on."""
    error = instance.call({"tell": expression}).error

    assert error is not None
    assert (error["errorType"], {*error}) == (kind, {"errorMessage", "errorType", "stackTrace"})
    assert error["errorMessage"].startswith("function invocation exception, error: ")
    assert tell("1 + 1") == 2


@pytest.mark.parametrize(
    ("expression", "result"),
    [("None", ""), ("'text'", "text"), ("{'a': [1]}", '{"a": [1]}'), ("'x' * 6291456", "x" * 6291456)],
)
def test_a_result_is_nothing_text_or_json(instance: Instance, expression: str, result: str) -> None:
    """At most 6 MB of it."""
    assert instance.call({"tell": expression}).result == result


def test_an_event_must_be_json(instance: Instance) -> None:
    """It arrives parsed, so what cannot be parsed does not arrive."""
    assert instance.call("{'tell': 1}").error is not None


@pytest.mark.parametrize(
    "shape",
    [
        {"statusCode": 200, "headers": {}, "body": ""},
        {"statusCode": "200", "headers": {}, "body": "", "isBase64Encoded": False},
        {"statusCode": True, "headers": {}, "body": "", "isBase64Encoded": False},
        {"statusCode": 200, "headers": {"Allow": 1}, "body": "", "isBase64Encoded": False},
        {"statusCode": 200, "headers": {}, "body": {}, "isBase64Encoded": False},
        {"statusCode": 200, "headers": {}, "body": "%", "isBase64Encoded": True},
        {"statusCode": 20, "headers": {}, "body": "", "isBase64Encoded": False},
        "text",
        None,
    ],
)
def test_the_gateway_makes_500_of_any_other_shape(instance: Instance, shape: object) -> None:
    """Its callers get no word of what the function said."""
    assert passed_on(instance.call({"tell": repr(shape)})).status == 500


def test_the_gateway_passes_the_documented_shape_on(instance: Instance) -> None:
    """The body is decoded if it says that it is encoded."""
    shape = {"statusCode": 201, "headers": {"A-B": "c"}, "body": "b2s=", "isBase64Encoded": True}

    assert passed_on(instance.call({"tell": repr(shape)})) == (201, {"a-b": "c"}, b"ok")


def test_an_instance_that_outlasts_its_timeout_is_killed(code: Path) -> None:
    """It answers nothing more."""
    with running(Function(code, timeout_seconds=1)) as (instance, _):
        killed = instance.call({"tell": "time.sleep(30)"})
        after = instance.call({"tell": "1"})

    assert (killed.error is not None, killed.is_killed, killed.seconds < 2) == (True, True, True)
    assert (after.result, after.error is not None) == ("", True)


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        ("./index.handler", "ValueError"),
        ("index", "ValueError"),
        ("index.missing", "AttributeError"),
        ("elsewhere.handler", "FileNotFoundError"),
    ],
)
def test_a_handler_is_a_file_and_a_function(code: Path, handler: str, kind: str) -> None:
    """With a slash in it nothing is loaded."""
    with running(Function(code, handler=handler)) as (instance, _):
        error = instance.loading.error

    assert (error or {})["errorType"] == kind


def test_a_function_may_also_be_imported(code: Path) -> None:
    """Nobody outside knows which of the two ways the platform takes."""
    with running(Function(code, is_loaded_by_path=False)) as (instance, _):
        assert instance.call({"tell": "'index' in sys.modules"}).json


@pytest.mark.parametrize(
    "user_data", [{"1A": ""}, {"A-B": ""}, {"A": "x" * 4096}, {f"A{n}": "" for n in range(21)}]
)
def test_user_data_has_limits(code: Path, user_data: dict[str, str]) -> None:
    """The form refuses what is over them."""
    with pytest.raises(ValueError, match="user data"):
        Function(code, user_data)
