"""Headway on the stand-in for FunctionGraph, whatever its libraries, its loader and its clock are like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest

from handler.core.change import ChangeId
from tests.fakes.dms_server import Answer
from tests.platforms import functiongraph
from tests.platforms.conftest import Built
from tests.platforms.events import sample
from tests.platforms.functiongraph import running
from tests.platforms.functiongraph_code import bundled, configuration
from tests.platforms.functiongraph_gateway import passed_on, request
from tests.platforms.functiongraph_site import BEARER, Site
from tests.platforms.packages import Interpreter, Package, interpreters_of
from tests.platforms.services import HTTP_TOKEN

TIMEOUT_SECONDS: Final = 3
STARTED: Final = (
    "orders: capacity change started · 0% · about 1 minute left · done around TIME · no action needed"
)

PYTHONS: Final = interpreters_of("functiongraph")
OLD: Final = (
    "typing_extensions",
    *(["requests"] if PYTHONS[-1].minor in {"3.10", "3.11"} else ["certifi", "idna"]),
)
"""That old, requests cannot be imported any more by the Python with which it comes."""

RUNTIMES: Final[Mapping[str, Mapping[str, Any]]] = {
    "libraries-behind": {"behind": True},
    "libraries-ahead": {"ahead": True},
    "libraries-imported": {"ahead": True, "already_imported": OLD},
    "namesakes-imported": {"already_imported": ("handler.entry", "notifiers.entry", "utils")},
    "function-imported": {"behind": True, "is_loaded_by_path": False},
    "all-at-once": {
        "ahead": True,
        "already_imported": ("typing_extensions", "handler.entry"),
        "is_loaded_by_path": False,
    },
}
"""Each with where its old libraries are on the path, and what it has imported for itself."""


@pytest.fixture(scope="module")
def package(built: Built) -> Package:
    """The zip for the oldest Python, of whose libraries most can be imported."""
    return built("functiongraph", PYTHONS[-1])


@pytest.fixture(scope="module")
def libraries(package: Package, shared: Path) -> Path:
    """What the platform's Python 3.12 brings along, years older than what we need."""
    return bundled(package, shared)


@pytest.fixture
def site(package: Package) -> Iterator[Site]:
    """The services."""
    with Site(package) as site:
        yield site


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_what_a_runtime_brings_along_is_not_in_the_way(runtime: str, site: Site, libraries: Path) -> None:
    """A poll, a message and an answer over HTTP, with nothing but what is in the zip."""
    options = {key: (libraries,) if value is True else value for key, value in RUNTIMES[runtime].items()}
    with site.running(site.function(**options)) as headway:
        report = headway.report(sample("functiongraph-timer"))
        answer = passed_on(headway.call(request("POST", "/api/check", authorization=BEARER)))

    assert (report["ok"], answer.status, site.titles) == (True, 200, [STARTED])


@pytest.mark.parametrize("path", ["handler/entry.handle", "handler.missing"])
def test_a_handler_that_is_none_is_an_error_in_the_platforms_shape(path: str, package: Package) -> None:
    """A path with a slash is refused by the platform, not by us."""
    site = Site(package)
    with running(site.function(handler=path)) as (instance, _):
        assert {*(instance.loading.error or {})} == {*sample("functiongraph-error")}


@pytest.mark.parametrize("interpreter", PYTHONS, ids=str)
def test_it_runs_on_every_python_that_the_platform_has(interpreter: Interpreter, built: Built) -> None:
    """Each with the zip that was built for it."""
    with Site(built("functiongraph", interpreter)) as site:
        with site.running(site.function()) as headway:
            report = headway.report(sample("functiongraph-timer"))

        assert (report["ok"], site.titles) == (True, [STARTED])


def test_the_deadline_comes_before_the_kill_whatever_the_context_says(site: Site, tmp_path: Path) -> None:
    """DMS is too slow for all changes. What the context says is left is believed only if it can be true."""
    changes = [ChangeId("slow", f"task-{number}") for number in range(12)]
    for change in changes:
        site.dms.script_progress(change, Answer(Answer.of_progress(10).body, delay_seconds=0.5))
    agency = site.agency()

    def call(remaining: object) -> functiongraph.Answer:
        text = configuration(site, changes, state=f"file:{tmp_path}/{remaining}")
        function = site.function(
            timeout_seconds=TIMEOUT_SECONDS,
            user_data={"HEADWAY_CONFIG": text},
            encrypted_user_data={"TOKEN": HTTP_TOKEN},
        )
        with site.running(function) as headway:
            return headway.call(sample("functiongraph-timer"), agency, remaining)

    remaining = (None, 1000, 3, 60_000, -1, "soon")
    with ThreadPoolExecutor(len(remaining)) as pool:
        answers = [*pool.map(call, remaining)]
    assert not any(answer.is_killed for answer in answers)
    truthful, short, *odd = [
        sum(c["phase"] == "running" for c in answer.json["changes"]) for answer in answers
    ]

    assert 0 == short < truthful < len(changes)
    assert {abs(looked_at - truthful) <= 1 for looked_at in odd} == {True}
