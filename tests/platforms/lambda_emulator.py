"""The function under AWS's own emulator, the binary that `sam local` puts into its containers.

It serves the Runtime API to the same client as `lambda_function`, enforces the timeout, and is invoked over
HTTP as Lambda is. By default it listens on all addresses, hence it always gets both on loopback.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.fakes.loopback import HOST
from tests.platforms.lambda_function import LambdaFunction
from tests.platforms.lambda_runtime_api import Answer
from tests.platforms.packages import ARCHITECTURE, Package, download
from tests.workers import made_once

_PATH: Final = "/2015-03-31/functions/function/invocations"
_LISTENS: Final = "0A"
_PATIENCE_SECONDS: Final = 10


def take_emulator(requirements: Path, shared: Path) -> Path:
    """Download the wheel that holds the emulator, by its hash, and take this machine's binary out of it."""
    name = f"samcli/local/rapid/aws-lambda-rie-{ARCHITECTURE}"

    def make(folder: Path) -> None:
        (wheel,) = download(requirements, folder)
        with zipfile.ZipFile(wheel) as opened:
            Path(opened.extract(name, folder)).chmod(0o755)
        wheel.unlink()

    return made_once(shared, "emulator", make) / name


class EmulatedFunction(LambdaFunction):
    """The function under the emulator; `timeout_seconds` is the timeout of the function, in whole seconds."""

    def __init__(
        self,
        package: Package,
        client: Path,
        variables: Mapping[str, str],
        *,
        emulator: Path,
        timeout: int = 30,
    ) -> None:
        """See `LambdaFunction`."""
        super().__init__(package, client, variables)
        self.timeout_seconds = timeout
        self._emulator = emulator
        self._port = 0

    def _ask(self, event: object) -> Answer:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=2 * self.timeout_seconds)
        connection.request("POST", _PATH, json.dumps(event), {"Content-Type": "application/json"})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        if response.status != http.client.OK:
            raise ConnectionError(f"{response.status} {body!r}; it printed:\n{self.output}")
        payload = json.loads(body)
        # The emulator tells an error by nothing but its shape.
        told = payload if isinstance(payload, dict) else {}
        return Answer(payload, told.get("errorType"))

    @property
    def listeners(self) -> list[str]:
        """The addresses on which the emulator listens, as the kernel writes them."""
        inodes = set()
        for entry in Path(f"/proc/{self.pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                inodes |= set(re.findall(r"socket:\[(\d+)\]", str(entry.readlink())))
        lines = [
            line.split()
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/{self.pid}/net/{table}").read_text().splitlines()[1:]
        ]
        return [words[1] for words in lines if words[3] == _LISTENS and words[9] in inodes]

    def _start(self) -> None:
        self._port, runtime_port = _free_ports()
        self._spawn(
            [
                str(self._emulator),
                *("--runtime-interface-emulator-address", f"{HOST}:{self._port}"),
                *("--runtime-api-address", f"{HOST}:{runtime_port}"),
                *("--log-level", "error"),
                *self._client_command,
            ],
            AWS_LAMBDA_FUNCTION_TIMEOUT=str(self.timeout_seconds),
        )
        self._await_listening()

    def _await_listening(self) -> None:
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < give_up_at and self.is_running:
            with suppress(ConnectionRefusedError), socket.create_connection((HOST, self._port)):
                return
            time.sleep(0.01)
        raise ConnectionError(self.output)


def _free_ports() -> tuple[int, int]:
    """Two ports that nobody uses at the moment; the emulator cannot choose any itself."""
    with socket.create_server((HOST, 0)) as one, socket.create_server((HOST, 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]
