"""A change that nobody named, on FunctionGraph's stand-in: CTS tells of the order, the API of all else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.fakes.dms_server import a_task, an_instance
from tests.platforms.conftest import Built
from tests.platforms.events import sample
from tests.platforms.functiongraph_code import beside_code, configuration
from tests.platforms.functiongraph_site import Headway, Site
from tests.platforms.packages import interpreters_of
from tests.platforms.services import CHANGE, HTTP_TOKEN, NAME

TIMER: Final = sample("functiongraph-timer-empty-user-event")


@pytest.fixture
def site(built: Built) -> Iterator[Site]:
    """The services, with one instance and none of its tasks in sight."""
    with Site(built("functiongraph", interpreters_of("functiongraph")[0])) as site:
        site.dms.hold_instances(an_instance(CHANGE.instance_id, NAME))
        site.begin()
        yield site


@pytest.fixture
def headway(site: Site, tmp_path: Path) -> Iterator[Headway]:
    """Headway that is to find changes by itself."""
    text = configuration(site, [], channels={"hook": {"url": "${HOOK}"}}, discover=True)
    secrets = {"HOOK": site.channel, "TOKEN": HTTP_TOKEN}
    function = site.function(
        code=beside_code(site, text, tmp_path), user_data={}, encrypted_user_data=secrets
    )
    with site.running(function) as headway:
        yield headway


def trace(name: str) -> Any:  # noqa: ANN401 - JSON
    """An event of CTS's about the one instance."""
    event = sample(f"functiongraph-cts-{name}")
    event["cts"]["resource_id"] = CHANGE.instance_id
    return event


def test_an_order_is_followed_as_soon_as_it_shows_and_told_to_its_end(site: Site, headway: Headway) -> None:
    """Under the instance's own name, although the instance has not begun to change yet."""
    ordered = headway.report(trace("change-accepted"))
    site.dms.hold_tasks(CHANGE.instance_id, a_task(CHANGE.task_id))
    found = headway.report(TIMER)
    site.dms.hold_tasks(CHANGE.instance_id, a_task(CHANGE.task_id, "SUCCESS"))
    claimed = headway.report(trace("change-completed"))
    site.complete()
    told = headway.report(trace("change-completed"))

    assert (ordered["trigger"], ordered["changes"], ordered["ok"]) == ("hint", [], True)
    assert [(one["id"], one["name"], one["phase"]) for one in found["changes"]] == [
        (str(CHANGE), NAME, "running")
    ]
    # The trace says that it is over, the API does not.
    assert [one["phase"] for one in claimed["changes"]] == ["running"]
    assert [one["alerts"] for one in told["changes"]] == [["step_completed", "completed"]]
    assert not any(name.endswith(f"active/{CHANGE}") for name in site.obs.objects)
