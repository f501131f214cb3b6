"""A strict stand-in for FunctionGraph's Python runtime: the program of its process.

Run as `main.py SOCKET HANDLER` in the parent of the code's directory. The first line on the socket says
how this instance is laid out, every other one is a call and gets an answer of one line. Only the standard
library is used, because everything else on the path is the function's business. Huawei's own runtime is
not published; what is enforced here stands in the documentation, or is how its open-source core behaves.

https://support.huaweicloud.com/intl/en-us/devg-functiongraph/functiongraph_02_0420.html
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import logging
import os
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any, Final

RESULT_BYTES_MAX: Final = 6291456

Told = dict[str, Any]
Function = Callable[[object, object], object]


def make_context(call: Told, user_data: dict[str, str]) -> object:
    """Make the context: camelCase methods and nothing else, not even room for another attribute."""
    began_at, timeout = time.monotonic(), int(os.environ["RUNTIME_TIMEOUT"])
    agency = call["agency"]

    def get_user_data(_: object, key: str) -> object:
        return user_data.get(key)

    def get_remaining_time(_: object) -> object:
        honest = int((timeout - (time.monotonic() - began_at)) * 1000)
        return honest if call["remaining"] is None else call["remaining"]

    answers = {
        "getRequestID": call["request_id"],
        "getRunningTimeInSeconds": timeout,
        "getFunctionName": os.environ["RUNTIME_FUNC_NAME"],
        "getVersion": os.environ["RUNTIME_FUNC_VERSION"],
        "getMemorySize": int(os.environ["RUNTIME_MEMORY"]),
        "getCPUNumber": int(os.environ["RUNTIME_CPU"]),
        "getPackage": os.environ["RUNTIME_PACKAGE"],
        "getProjectID": os.environ["RUNTIME_PROJECT_ID"],
        "getAlias": "",
        "getLogger": logging.getLogger("functiongraph"),
        "getToken": agency["token"],
        "getSecurityAccessKey": agency["access_key"],
        "getSecuritySecretKey": agency["secret_key"],
        "getSecurityToken": agency["security_token"],
        "getAccessKey": "",
        "getSecretKey": "",
    }
    methods: Told = {name: lambda _, answer=answer: answer for name, answer in answers.items()}
    methods.update(getUserData=get_user_data, getRemainingTimeInMilliSeconds=get_remaining_time)
    return type("RuntimeContext", (), {"__slots__": (), **methods})()


def lay_out(instance: Told) -> None:
    """Put the code root behind this script's directory, and the platform's own libraries where told."""
    sys.path[1:1] = [*instance["ahead"], os.environ["RUNTIME_CODE_ROOT"]]
    sys.path += instance["behind"]
    for name in instance["already_imported"]:
        importlib.import_module(name)


def load(handler: str, *, by_path: bool) -> Function:
    """Find the function as `[file].[function]` says.

    Raises:
        ValueError: It says something else.
    """
    file, _, name = handler.rpartition(".")
    if not file or "/" in handler:
        raise ValueError(f"the handler {handler} is not in the format [file].[function]")
    module = load_by_path(file) if by_path else importlib.import_module(file)
    function: Function = getattr(module, name)
    return function


def load_by_path(file: str) -> ModuleType:
    """Execute a file as the open-source core does: it is never entered in `sys.modules`."""
    path = os.path.join(os.environ["RUNTIME_CODE_ROOT"], *file.split(".")) + ".py"  # noqa: PTH118
    spec = importlib.util.spec_from_file_location(file, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_result(result: object) -> str:
    """Turn what a function returned into what its caller gets."""
    text = result if isinstance(result, str) else json.dumps(result, allow_nan=False)
    text = "" if result is None else text
    if len(text.encode()) > RESULT_BYTES_MAX:
        raise ValueError(f"the result has more than {RESULT_BYTES_MAX} bytes")
    return text


def describe(error: BaseException) -> Told:
    """Tell of an error in the platform's own shape."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "errorMessage": f"function invocation exception, error: {error}",
        "errorType": type(error).__name__,
        "stackTrace": [f'File "{f.filename}", line {f.lineno}, in {f.name}' for f in frames],
    }


def run_in_thread(step: Callable[[], object]) -> Told:
    """Run a step of the user's code, never in the main thread; whatever it raises is caught, an exit too."""
    answer: Told = {}

    def run() -> None:
        try:
            answer["result"] = read_result(step())
        except BaseException as error:  # noqa: BLE001 - an exit ends nothing here
            answer["error"] = describe(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    sys.stdout.flush()
    sys.stderr.flush()
    return answer


def invoke(loaded: list[Function], event: str, context: object) -> object:
    """Call the function with an event, parsed."""
    return loaded[0](json.loads(event), context)


def main() -> None:
    """Load the function, then answer calls until nobody asks any more."""
    logging.basicConfig(level=logging.INFO)
    loaded: list[Function] = []
    with socket.socket(fileno=int(sys.argv[1])) as line, line.makefile("rw", encoding="utf-8") as lines:

        def reply(answer: Told) -> None:
            lines.write(json.dumps(answer) + "\n")
            lines.flush()

        instance = json.loads(lines.readline())
        lay_out(instance)
        reply(run_in_thread(lambda: loaded.append(load(sys.argv[2], by_path=instance["by_path"]))))
        for asked in lines:
            call = json.loads(asked)
            context = make_context(call, instance["user_data"])
            reply(run_in_thread(partial(invoke, loaded, call["event"], context)))


if __name__ == "__main__":
    main()
