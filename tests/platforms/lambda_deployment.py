"""Headway deployed to Lambda on this machine: the zip, the runtime client and the emulator, put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from tests.platforms.lambda_emulator import EmulatedFunction
from tests.platforms.lambda_function import ClientFunction, LambdaFunction
from tests.platforms.lambda_runtime_api import RuntimeApi
from tests.platforms.packages import Package
from tests.platforms.services import Services

KINDS: Final = ("client", "emulator")
"""What serves the Runtime API: our own server, or AWS's emulator."""


class Deployment(NamedTuple):
    """What it takes to start the function: its package, the client's folder, the emulator's binary."""

    package: Package
    client: Path
    emulator: Path

    @contextmanager
    def running(
        self,
        services: Services,
        variables: Mapping[str, str] | None = None,
        *,
        kind: str = "client",
        timeout_seconds: int = 30,
        api: RuntimeApi | None = None,
    ) -> Iterator[LambdaFunction]:
        """Run the function among the services; no secret of theirs may ever leave it.

        Args:
            services: What it talks to, and what it is configured for.
            variables: Variables to add or to replace; an empty one counts as not set.
            kind: One of `KINDS`.
            timeout_seconds: The timeout of the function.
            api: The Runtime API of the client, if others want to see it.
        """
        known = {**services.variables, **services.huawei_variables, **services.aws_variables}
        every = {**known, **(variables or {})}
        function: LambdaFunction
        if kind == "emulator":
            function = EmulatedFunction(
                self.package, self.client, every, emulator=self.emulator, timeout=timeout_seconds
            )
        else:
            function = ClientFunction(self.package, self.client, every, api)
            function.timeout_seconds = timeout_seconds
        with function:
            yield function
            function.stop()
            leaks = services.leaks(function.said)
            assert not leaks, f"it gave away {leaks}"
