"""What tests of packaging share: the zips, and the one for this interpreter unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.infra.zips import Zips, build_all


@pytest.fixture(scope="session")
def zips(tmp_path_factory: pytest.TempPathFactory) -> Zips:
    """All zips."""
    return build_all(tmp_path_factory.mktemp("zips"))


@pytest.fixture(scope="session")
def unpacked(zips: Zips, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a deployed function."""
    folder = tmp_path_factory.mktemp("function") / "code"
    with zipfile.ZipFile(zips.own) as opened:
        opened.extractall(folder)
    return folder
