"""A whole change on the stand-in for FunctionGraph, in one process and in many, with the state in OBS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from tests.platforms.conftest import Built
from tests.platforms.events import sample
from tests.platforms.functiongraph_site import Site
from tests.platforms.packages import Package, interpreters_of

TITLES: Final = [
    "orders: capacity change started · 0% · about 1 minute left · done around TIME · no action needed",
    (
        "orders: Pre-check completed · step 1 of 2 · 50%"
        " · about 1 minute left · done around TIME · no action needed"
    ),
    "orders: capacity change completed · no action needed",
]

PHASES: Final = ["running", "running", "completed", "completed"]


@pytest.fixture(scope="module")
def package(built: Built) -> Package:
    """The zip for the platform's newest Python."""
    return built("functiongraph", interpreters_of("functiongraph")[0])


@pytest.fixture
def site(package: Package) -> Iterator[Site]:
    """The services."""
    with Site(package) as site:
        yield site


@pytest.mark.parametrize(("place", "calls_max"), [("obs", 100), ("obs", 1), ("folder", 1)])
def test_a_whole_change_is_told_once(place: str, calls_max: int, site: Site, tmp_path: Path) -> None:
    """Timers wake one process again and again, or each a process of its own."""
    function = site.function()
    if place == "folder":
        function = site.function(user_data={**function.user_data, "HEADWAY_STATE": f"file:{tmp_path}"})
    reports: list[Mapping[str, Any]] = []
    with ExitStack() as stack:
        for number, _ in enumerate(course(site)):
            if number % calls_max == 0:
                headway = stack.enter_context(site.running(function))
            reports.append(headway.report(sample("functiongraph-timer")))

    assert site.titles == TITLES
    assert [report["changes"][0]["phase"] for report in reports] == PHASES
    assert all(report["ok"] for report in reports)
    assert site.dms.counts["refused"] == 0


def course(site: Site) -> Iterator[None]:
    """Every state of the change, and its end twice."""
    yield
    site.advance(50, ("pre_check", "COMPLETED"), ("disk_expansion", "IN_PROGRESS"))
    yield
    site.complete()
    yield
    yield
