"""Every event of FunctionGraph's that is no request, on the stand-in; the configuration is a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.platforms.conftest import Built
from tests.platforms.events import EVENTS, sample
from tests.platforms.functiongraph_code import beside_code, configuration
from tests.platforms.functiongraph_function import Agency
from tests.platforms.functiongraph_site import OTHER, Headway, Site
from tests.platforms.packages import interpreters_of
from tests.platforms.services import CHANGE, HTTP_TOKEN

BOTH: Final = [str(CHANGE), str(OTHER)]
EXPECTED: Final[dict[str, tuple[str, list[str]]]] = {
    "timer": ("timer", BOTH),
    "timer-empty-user-event": ("timer", BOTH),
    "timer-plain-user-event": ("timer", BOTH),
    "manual-test": ("manual", BOTH),
    "cts": ("hint", []),
    "cts-change-accepted": ("hint", []),
    "cts-change-refused": ("hint", []),
    "cts-change-completed": ("hint", []),
    "cts-change-failed": ("hint", []),
    "smn": ("hint", []),
    "async-destination-failure": ("unrecognised", []),
}
"""What each is taken for, and which changes are looked at."""

TRACE: Final[dict[str, Any]] = sample("functiongraph-cts")["cts"] | {
    "service_type": "DMS",
    "resource_type": "kafka",
    "resource_id": OTHER.instance_id,
    "trace_name": "resizeInstanceSuccess",
}


def message(content: object) -> dict[str, Any]:
    """Make SMN's event of a message."""
    event: dict[str, Any] = sample("functiongraph-smn")
    text = content if isinstance(content, str) else json.dumps(content)
    event["record"][0]["smn"]["message"] = text
    return event


@pytest.fixture(scope="module")
def running_site(built: Built) -> Iterator[Site]:
    """The services."""
    with Site(built("functiongraph", interpreters_of("functiongraph")[0])) as site:
        yield site


@pytest.fixture(scope="module")
def instance(running_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Headway]:
    """Headway with two changes to watch; its file takes secrets from encrypted user data."""
    text = configuration(running_site, [CHANGE, OTHER], channels={"hook": {"url": "${HOOK}"}})
    code = beside_code(running_site, text, tmp_path_factory.mktemp("configured"))
    secrets = {"HOOK": running_site.channel, "TOKEN": HTTP_TOKEN}
    function = running_site.function(code=code, user_data={}, encrypted_user_data=secrets)
    with running_site.running(function) as headway:
        yield headway


@pytest.fixture
def site(running_site: Site) -> Site:
    """The services, with nothing asked, kept and told."""
    running_site.begin()
    return running_site


def test_every_recorded_event_is_tried() -> None:
    """Here, or as a request in the tests of HTTP; two of the files are answers, no events."""
    names = {path.stem.removeprefix("functiongraph-") for path in EVENTS.glob("functiongraph-*.json")}

    assert {*EXPECTED} == {name for name in names if "apig" not in name} - {"error", "response-ok"}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_event_is_recognised_and_done(name: str, site: Site, instance: Headway) -> None:
    """What is looked at is told, in the same call."""
    trigger, changes = EXPECTED[name]
    report = instance.report(sample(f"functiongraph-{name}"))

    assert (report["trigger"], [change["id"] for change in report["changes"]]) == (trigger, changes)
    assert report["ok"] == (trigger != "unrecognised") == (report["error"] is None)
    assert site.dms.counts["progress"] == len(changes) == len(site.titles)
    assert site.dms.counts["refused"] == 0


@pytest.mark.parametrize(
    "event", [TRACE, {"cts": TRACE}, message(TRACE), message({"cts": TRACE})], ids=range(4)
)
def test_a_trace_of_an_instance_has_its_changes_looked_at(
    event: object, site: Site, instance: Headway
) -> None:
    """Bare, in its envelope or in a message; and no others."""
    report = instance.report(event)

    assert (report["trigger"], [change["id"] for change in report["changes"]]) == ("hint", [str(OTHER)])
    assert (report["ok"], site.dms.counts["progress"]) == (True, 1)


@pytest.mark.parametrize(
    ("content", "changes"),
    [
        ({"only": [str(OTHER)]}, [str(OTHER)]),
        ({"shard": "1/1"}, BOTH),
        ("plain text", []),
        ("{", []),
        ("[1, 2]", []),
        ({**TRACE, "resource_id": "of-nobody"}, []),
    ],
    ids=range(6),
)
def test_a_message_is_obeyed_as_far_as_it_asks(
    content: object, changes: list[str], site: Site, instance: Headway
) -> None:
    """What asks for nothing gets nothing."""
    report = instance.report(message(content))

    assert (report["trigger"], [change["id"] for change in report["changes"]]) == ("hint", changes)
    assert (report["ok"], site.dms.counts["progress"]) == (True, len(changes))


@pytest.mark.parametrize("event", ["[]", "[{}]", "5", '"text"', "true"])
def test_an_event_that_is_no_object_gets_a_report_that_says_so(
    event: str, site: Site, instance: Headway
) -> None:
    """Nothing raises, and nothing is looked at."""
    report = instance.report(event)

    assert (report["ok"], report["trigger"], report["changes"]) == (False, "unrecognised", [])
    assert report["error"]["message"]
    assert site.dms.counts.total() == 0


def test_an_empty_event_is_one_by_hand(site: Site, instance: Headway) -> None:
    """As the console posts it, and null as well."""
    for event in ("{}", "null"):
        report = instance.report(event)

        assert (report["trigger"], len(report["changes"])) == ("manual", 2)
    assert len(site.titles) == 2


@pytest.mark.parametrize("event", ["timer", "manual-test"])
@pytest.mark.parametrize("nothing", ["", None], ids=["empty", "none"])
def test_without_keys_the_invocation_fails_and_names_what_is_missing(
    event: str, nothing: str | None, site: Site, instance: Headway
) -> None:
    """In the platform's own shape, so that its alarm goes off."""
    answer = instance.call(sample(f"functiongraph-{event}"), Agency(nothing, nothing, nothing, nothing))

    assert answer.error is not None
    assert {*answer.error} == {*sample("functiongraph-error")}
    assert answer.error["errorType"] == "InvocationFailedError"
    assert "huaweicloud.access_key" in answer.error["errorMessage"]
    assert site.dms.counts.total() == 0


def test_keys_that_are_refused_fail_the_invocation_and_the_next_ones_work(
    site: Site, instance: Headway
) -> None:
    """An agency's keys live a day; the function must not be redeployed for the next ones."""
    old = site.agency()
    site.agency()
    refused = instance.call(sample("functiongraph-timer"), old)

    assert (refused.error or {})["errorType"] == "InvocationFailedError"
    assert instance.report(sample("functiongraph-timer"))["ok"]


@pytest.mark.parametrize("user_event", ['{"only": 1}', '{"shard": "9"}', "{"])
def test_a_timer_that_cannot_be_obeyed_fails_and_says_why(
    user_event: str, site: Site, instance: Headway
) -> None:
    """The payload is configuration, too."""
    answer = instance.call(sample("functiongraph-timer") | {"user_event": user_event})

    assert (answer.error or {})["errorType"] == "InvocationFailedError"
    assert site.dms.counts.total() == 0


def test_a_timer_narrows_down_what_is_looked_at(site: Site, instance: Headway) -> None:
    """One timer a shard, or one for a change."""
    event = sample("functiongraph-timer") | {"user_event": json.dumps({"only": [str(OTHER)]})}

    assert [change["id"] for change in instance.report(event)["changes"]] == [str(OTHER)]
    assert site.dms.counts["progress"] == 1
