"""Functions on the stand-in for FunctionGraph: deploys one in a process of its own, and calls it.

See `functiongraph_runtime` for what that process enforces. Its environment holds what the platform sets and
nothing of whoever runs the tests; beside its script lie packages named as a runtime's own may be.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.platforms.functiongraph_function import NO_AGENCY, Agency, Function
from tests.platforms.read_only import confined

_PROGRAM: Final = Path(__file__).with_name("functiongraph_runtime.py")
_RUNTIMES_OWN: Final = ("common", "config", "context", "handler", "log", "notifiers", "server", "utils")
_LOAD_SECONDS_MAX: Final = 60


class Answer(NamedTuple):
    """What came of a call: a result or an error in the platform's shape, and how long it took.

    One that was killed has outlasted the timeout.
    """

    result: str
    error: Mapping[str, Any] | None
    seconds: float
    is_killed: bool

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever it is
        """The result, read as JSON."""
        return json.loads(self.result)


class Instance:
    """A process that has loaded a function; one call at a time, killed at the timeout."""

    def __init__(self, function: Function, process: subprocess.Popen[bytes], line: socket.socket) -> None:
        """Talk to a process that has just been started, and let it load."""
        self._function = function
        self._process = process
        self._socket = line
        self._lines = line.makefile("rw", encoding="utf-8")
        self._calls = 0
        self.loading = self._exchange(function.layout(), _LOAD_SECONDS_MAX)

    def call(self, event: object, agency: Agency = NO_AGENCY, remaining: object = None) -> Answer:
        """Post an event, JSON or the text of some.

        Args:
            event: The event.
            agency: The keys that the context gives in this call.
            remaining: What the context says is left of the time, instead of the truth.
        """
        self._calls += 1
        text = event if isinstance(event, str) else json.dumps(event)
        told = {"event": text, "agency": agency._asdict(), "remaining": remaining}
        return self._exchange(told | {"request_id": f"request-{self._calls}"}, self._function.timeout_seconds)

    def close(self) -> None:
        """Hang up; else the socket would stay open for as long as there are lines to read from it."""
        with suppress(OSError):
            self._lines.close()

    def _exchange(self, told: Mapping[str, Any], seconds: float) -> Answer:
        began_at = time.monotonic()
        self._socket.settimeout(seconds)
        answer: dict[str, Any] = {"error": {"errorType": "InstanceExited"}}
        is_killed = False
        try:
            self._lines.write(json.dumps(told) + "\n")
            self._lines.flush()
            answer = json.loads(self._lines.readline())
        except TimeoutError:
            self._process.kill()
            is_killed = True
            answer["error"] = {"errorType": "TimedOut"}
        except (OSError, ValueError):
            pass
        spent = time.monotonic() - began_at
        return Answer(answer.get("result", ""), answer.get("error"), spent, is_killed)


class Running(NamedTuple):
    """An instance, and the file with all that it has printed."""

    instance: Instance
    log: Path


@contextmanager
def running(function: Function) -> Iterator[Running]:
    """Run an instance of a function while the block runs.

    Its code is read-only, and nothing may be different in its folder or beside it afterwards.
    """
    before = snapshot(function.code.parent)
    here, there = socket.socketpair()
    with tempfile.TemporaryDirectory() as folder, here:
        root = Path(folder)
        program = shutil.copy(_PROGRAM, root / "main.py")
        for name in _RUNTIMES_OWN:
            (root / name).mkdir()
            (root / name / "__init__.py").touch()
            (root / name / "entry.py").touch()
        log = root / "printed"
        # Without site-packages, or the zip could lean on what is installed for the tests.
        words = [function.python, "-B", "-S", "-s", str(program), str(there.fileno()), function.handler]
        with (
            log.open("wb") as output,
            subprocess.Popen(  # noqa: S603 - our own program
                confined(function.code, function.code.parent, words),
                env=function.environ(root),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[there.fileno()],
            ) as process,
        ):
            there.close()
            try:
                with closing(Instance(function, process, here)) as instance:
                    yield Running(instance, log)
            finally:
                with suppress(ProcessLookupError):
                    process.kill()
    after = snapshot(function.code.parent)
    assert after == before, after.items() ^ before.items()


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """All files and folders in a folder, each with its size and when it was changed."""
    stats = ((path, path.lstat()) for path in folder.rglob("*"))
    return {str(path): (stat.st_size, stat.st_mtime_ns) for path, stat in stats}
