"""The browser that the tests look with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.looks.browser import NoBrowserError, Viewer, browsing, viewing


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module; its thread has an event loop meanwhile, which other tests must not meet."""
    try:
        with browsing() as one:
            yield one
    except NoBrowserError as error:
        pytest.fail(str(error))


@pytest.fixture(scope="module")
def viewer(browser: Browser) -> Iterator[Viewer]:
    """A page in it, for one after the other, because opening one takes longer than all the looks at it."""
    with viewing(browser) as one:
        yield one


@pytest.fixture
def album() -> Path | None:
    """Where pictures are wanted, if they are: `make look` asks for them."""
    folder = os.environ.get("HEADWAY_LOOKS")
    return Path(folder) if folder else None
