"""What the tests of both platforms share: the built zips and the services around the function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.platforms.lambda_deployment import KINDS, Deployment
from tests.platforms.lambda_emulator import take_emulator
from tests.platforms.lambda_function import LambdaFunction
from tests.platforms.packages import Interpreter, Package, build, install, interpreters
from tests.platforms.services import Services

HERE: Final = Path(__file__).parent

Built = Callable[[str, Interpreter], Package]


@pytest.fixture(scope="session")
def built(shared: Path) -> Iterator[Built]:
    """Gives the package of a platform (`lambda`, `functiongraph`) for an interpreter, built once a session.

    Whether anything was written into any of them is seen at the end of the session: that is an error then.

        @pytest.fixture(scope="module", params=interpreters_of("functiongraph"), ids=str)
        def package(request: pytest.FixtureRequest, built: Built) -> Package:
            return built("functiongraph", request.param)
    """
    packages: dict[tuple[str, str], Package] = {}

    def give(target: str, interpreter: Interpreter) -> Package:
        key = (target, interpreter.minor)
        if key not in packages:
            packages[key] = build(target, interpreter, shared)
        return packages[key]._replace(interpreter=interpreter)

    yield give
    for package in packages.values():
        assert package.contents() == package.packed()


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    """The services around the function, shared by a module; each test calls `begin()` first."""
    with Services() as running:
        yield running


@pytest.fixture(scope="session")
def emulator(shared: Path) -> Path:
    """AWS's emulator of Lambda."""
    return take_emulator(HERE / "requirements-emulator.txt", shared)


@pytest.fixture(scope="session", params=interpreters("3.13"), ids=str)
def deployment(request: pytest.FixtureRequest, built: Built, emulator: Path, shared: Path) -> Deployment:
    """Headway as it is deployed to Lambda, for each interpreter."""
    package = built("lambda", request.param)
    client = install(HERE / "requirements-lambda.txt", request.param, shared)
    return Deployment(package, client, emulator)


@pytest.fixture(scope="module", params=KINDS)
def function(
    request: pytest.FixtureRequest, deployment: Deployment, services: Services
) -> Iterator[LambdaFunction]:
    """A warm function that a module's tests share, under the client alone and under the emulator."""
    with deployment.running(services, kind=request.param) as running:
        yield running
