"""The function under AWS's own runtime client, `awslambdaric`, as it runs on Lambda.

The client runs in a process of its own, with the environment that Lambda gives and nothing of this
machine's, in the unpacked read-only zip, with the interpreter's own site-packages switched off: what is not
in the zip is not there. It does not look at the deadline, hence we end the process as the platform does.
"""

from __future__ import annotations

import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from typing_extensions import Self

from tests.platforms.lambda_runtime_api import Answer, NoAnswerError, RuntimeApi
from tests.platforms.packages import Package

TIMEOUT_SECONDS: Final = 30.0
HANDLER: Final = "index.handler"

_PATIENCE_SECONDS: Final = 10


class LambdaFunction(ABC):
    """A deployed function for the time of a `with` block: one process, many invocations."""

    def __init__(self, package: Package, client: Path, variables: Mapping[str, str]) -> None:
        """Start nothing yet.

        Args:
            package: The unpacked zip, and what runs it.
            client: The folder in which the runtime client is installed.
            variables: The variables of the function, keys included.
        """
        self.timeout_seconds = TIMEOUT_SECONDS
        self._package = package
        self._client = client
        self._variables = dict(variables)
        self._answers: list[Answer] = []
        self._stack = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        self._printed = self._stack.enter_context(TemporaryFile("a+b"))
        self._stack.callback(self.stop)
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._stack.close()

    def invoke(self, event: object) -> Answer:
        """Invoke the function.

        Raises:
            NoAnswerError: It did not answer in time, and was ended.
        """
        answer = self._ask(event)
        self._answers.append(answer)
        return answer

    @abstractmethod
    def _ask(self, event: object) -> Answer:
        """Invoke the function, as `invoke` says."""

    @abstractmethod
    def _start(self) -> None:
        """Start what has to run."""

    @property
    def output(self) -> str:
        """All that its processes have printed so far, both streams."""
        self._printed.seek(0)
        return self._printed.read().decode()

    @property
    def said(self) -> str:
        """All that left it for other eyes: what was printed, and every answer."""
        return f"{self.output}\n{self._answers}"

    @property
    def pid(self) -> int:
        """The process that was started."""
        assert self._process, "nothing runs"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process that was started has not ended."""
        return self._process is not None and self._process.poll() is None

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End the process; the client waits for its next invocation and has nothing to finish."""
        if self._process and self.is_running:
            self._process.send_signal(number)
            try:
                self._process.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _spawn(self, words: Sequence[str], **variables: str) -> None:
        command = self._package.command(*words)
        environ = {**self._environment(), **variables}
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            command, env=environ, stdin=subprocess.DEVNULL, stdout=self._printed, stderr=subprocess.STDOUT
        )

    @property
    def _client_command(self) -> list[str]:
        return [str(self._package.interpreter.binary), "-S", "-m", "awslambdaric", HANDLER]

    def _environment(self) -> dict[str, str]:
        return {
            "LANG": "en_US.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": str(self._client),
            "TZ": ":UTC",
            "LAMBDA_TASK_ROOT": str(self._package.root),
            "LAMBDA_RUNTIME_DIR": str(self._client),
            "_HANDLER": HANDLER,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{self._package.interpreter.minor}",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_LAMBDA_FUNCTION_NAME": "headway",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_FORMAT": "Text",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/headway",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/02/[$LATEST]0123456789abcdef",
            **self._variables,
        }


class ClientFunction(LambdaFunction):
    """The runtime client alone, against our own Runtime API; `api` is that."""

    def __init__(
        self, package: Package, client: Path, variables: Mapping[str, str], api: RuntimeApi | None = None
    ) -> None:
        """See `LambdaFunction`; `api` is a Runtime API that others want to see too."""
        super().__init__(package, client, variables)
        self.api = api or RuntimeApi()

    def _ask(self, event: object) -> Answer:
        try:
            return self.api.invoke(event, self.timeout_seconds)
        except NoAnswerError as error:
            self.stop(signal.SIGKILL)
            raise NoAnswerError(f"{error}; it printed:\n{self.output}") from None

    def _start(self) -> None:
        self._stack.enter_context(self.api)
        # What is entered later is left earlier: the client is to end before its API does.
        self._stack.callback(self.stop)
        self._spawn(self._client_command, AWS_LAMBDA_RUNTIME_API=self.api.address)
