"""The rights that Terraform gives the function on FunctionGraph are enough, and no more than that.

The packaged function runs as it is deployed, and OBS asks the deployed policies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.infra.huaweicloud_site import BUCKET, DeployedSite
from tests.infra.role_policies import actions, allows, without
from tests.infra.terraform import NEEDS_TERRAFORM
from tests.platforms.events import sample
from tests.platforms.packages import build, interpreters_of
from tests.platforms.services import CHANGE

pytestmark = NEEDS_TERRAFORM

TIMER: Final = sample("functiongraph-timer-empty-user-event")
LEDGER: Final = f"state/changes/{CHANGE}.json"
OBJECTS: Final = f"obs:*:*:object:{BUCKET}"
CONTENT: Final = f"obs:*:*:bucket:{BUCKET}"

RIGHTS: Final = [
    ("obs:object:GetObject", f"{OBJECTS}/state/*"),
    ("obs:object:PutObject", f"{OBJECTS}/state/*"),
    ("obs:object:DeleteObject", f"{OBJECTS}/state/active/*"),
    ("obs:object:DeleteObject", f"{OBJECTS}/state/leases/*"),
    ("obs:object:GetObject", f"{OBJECTS}/config/headway.yaml"),
    ("obs:bucket:ListBucket", CONTENT),
    ("obs:bucket:ListBucketVersions", CONTENT),
]
"""All that is given for OBS. It asks for the last one itself, where a bucket has versions."""


@pytest.fixture(scope="module")
def deployed_site(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedSite]:
    """The services, and the function as it is deployed."""
    with DeployedSite(build("functiongraph", interpreters_of("functiongraph")[0], shared)) as site:
        site.deploy(tmp_path_factory.mktemp("deployment"))
        yield site


@pytest.fixture
def site(deployed_site: DeployedSite) -> DeployedSite:
    """The same, with nothing kept and told, and all rights."""
    deployed_site.begin()
    return deployed_site


def lived(site: DeployedSite) -> list[tuple[list[str], Mapping[str, Any]]]:
    """Let the change go through its life; gives what had to be told at each point, and the report."""
    with site.deployed() as headway:
        return [(alerts, headway.report(TIMER)) for alerts in site.live()]


def test_a_whole_change_is_told_with_the_rights_that_terraform_gives(site: DeployedSite) -> None:
    """Configuration from the bucket, secrets from encrypted user data, state under the prefix."""
    reports = lived(site)

    assert [report["changes"][0]["alerts"] for _, report in reports] == [alerts for alerts, _ in reports]
    assert all(report["ok"] for _, report in reports)
    assert {each["outcome"] for _, report in reports for each in report["changes"][0]["deliveries"]} == {
        "sent"
    }
    assert len(site.titles) == len(reports)
    assert site.obs.denied == []
    assert [name for name in site.obs.objects if not name.startswith("config/")] == [LEDGER]


def test_a_damaged_ledger_is_set_aside_with_the_rights_that_terraform_gives(site: DeployedSite) -> None:
    """To copy takes rights at both ends."""
    site.obs.objects[LEDGER] = b"{"
    with site.deployed() as headway:
        reports = [headway.report(TIMER) for _ in range(2)]

    assert reports[0]["changes"][0]["alerts"][0] == "ledger_reset"
    assert any(name.startswith("state/aside/") for name in site.obs.objects)
    assert site.obs.denied == []


def test_no_right_is_given_that_the_function_does_not_use(site: DeployedSite) -> None:
    """But for the one that only OBS knows the use of."""
    lived(site)

    assert sorted(actions(*site.policies)) == sorted(RIGHTS)
    assert site.obs.used == {action for action, _ in RIGHTS} - {"obs:bucket:ListBucketVersions"}


@pytest.mark.parametrize(("action", "resource"), RIGHTS[:-1])
def test_without_a_right_the_function_says_which_is_missing(
    action: str, resource: str, site: DeployedSite
) -> None:
    """In the error with which it fails, so that the failure destination hears of it."""
    with site.deployed() as headway:
        for _ in site.live():
            site.obs.policies = [without(policy, action, resource) for policy in site.policies]
            answer = headway.call(TIMER)
            said = json.dumps(answer.error)
            if action in said:
                break

    assert {need.action for need in site.obs.denied} == {action}
    assert action in said


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("obs:object:DeleteObject", f"{OBJECTS}/{LEDGER}"),
        ("obs:object:DeleteObject", f"{OBJECTS}/state/aside/a.json"),
        ("obs:object:DeleteObject", f"{OBJECTS}/config/headway.yaml"),
        ("obs:object:DeleteObjectVersion", f"{OBJECTS}/state/active/a"),
        ("obs:object:PutObject", f"{OBJECTS}/config/headway.yaml"),
        ("obs:object:PutObject", f"{OBJECTS}/packages/headway.zip"),
        ("obs:object:GetObject", f"{OBJECTS}/packages/headway.zip"),
        ("obs:object:GetObject", f"{OBJECTS}/config/other.yaml"),
        ("obs:object:GetObject", f"{OBJECTS}/state-of-others/a.json"),
        ("obs:object:PutObject", f"{OBJECTS}/state-of-others/a.json"),
        ("obs:object:GetObject", f"obs:*:*:object:{BUCKET}-2/state/a.json"),
        ("obs:bucket:ListBucket", f"obs:*:*:bucket:{BUCKET}-2"),
        ("obs:bucket:DeleteBucket", CONTENT),
        ("obs:bucket:PutBucketPolicy", CONTENT),
    ],
)
def test_what_the_function_never_does_it_may_not_do(action: str, resource: str, site: DeployedSite) -> None:
    """Least of all delete history, or change what it runs."""
    assert not allows(site.policies, action, resource, {})


def test_of_the_region_the_function_may_read_instances_and_say_that_it_failed(site: DeployedSite) -> None:
    """Nothing else, and with no star."""
    policy = site.made["huaweicloud_identity_role.region"]["policy"]

    assert {action for action, _ in actions(policy)} == {
        "dms:instance:get",
        "dms:instance:getBackgroundTask",
        "dms:instance:list",
        "smn:topic:list",
        "smn:topic:publish",
    }
