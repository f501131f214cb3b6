"""The servers that the stores are tried against."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from handler.transport import Transport
from tests.fakes.moto_server import Moto, running_moto
from tests.fakes.obs_server import FakeObs
from tests.fakes.s3_server import FakeS3


@pytest.fixture(scope="session")
def moto() -> Iterator[Moto]:
    """S3 as moto understands it."""
    with running_moto() as server:
        yield server


@pytest.fixture(scope="session")
def transport() -> Transport:
    """The real transport; the servers are all on loopback."""
    return Transport(connections=64)


@pytest.fixture
def s3() -> Iterator[FakeS3]:
    """S3 as we understand it."""
    with FakeS3() as server:
        yield server


@pytest.fixture
def obs() -> Iterator[FakeObs]:
    """OBS as we understand it."""
    with FakeObs() as server:
        yield server
