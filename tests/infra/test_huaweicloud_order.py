"""In which order Terraform makes, changes and takes away a deployment on Huawei Cloud."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.infra.huaweicloud_deployment import SECRETS, Deployment
from tests.infra.terraform import NEEDS_TERRAFORM

pytestmark = NEEDS_TERRAFORM

SLOW: Final = [
    ("fgs_function", "fgs_async_invoke_configuration"),
    ("obs_bucket_object",),
    ("identity_role",),
    ("fgs_function_trigger",),
]
"""What takes its time in turn, for else the right order might be chance."""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Deployment]:
    """A deployment of a test's own, not applied."""
    with Deployment(tmp_path) as deployment:
        yield deployment


def done(own: Deployment) -> list[tuple[str, str]]:
    """What was carried out, in its order: the kind, or by what its like are told apart."""
    marks = {"fgs_function_trigger": "type", "identity_role": "name", "obs_bucket_object": "key"}
    return [
        (each.action, each.values[marks[each.kind]] if each.kind in marks else each.kind)
        for each in own.cloud.applied
    ]


@pytest.mark.parametrize("slow", SLOW)
def test_what_wakes_the_function_comes_last_and_goes_first(slow: Collection[str], own: Deployment) -> None:
    """So it always finds its configuration, which finds the function's secrets and the rights."""
    own.replace("discover:", "http: {token: '${WECOM_KEY}'}\ndiscover:")
    own.cloud.agencies = ["by-hand"]
    own.set('agency_name = "by-hand"\n cts_trigger = true\n apig = { instance_id = "i", group_id = "g" }')
    triggers = ["CTS", "DEDICATEDGATEWAY", "TIMER"]
    own.cloud.slow = slow
    own.terraform.apply()
    made = [name for _, name in done(own)]
    own.cloud.applied.clear()
    own.terraform.destroy()
    gone = [name for _, name in done(own)]

    assert sorted(made[-3:]) == triggers
    assert max(map(gone.index, triggers)) < gone.index("config/headway.yaml") < gone.index("fgs_function")
    for name in ("fgs_function", "headway-state", "headway-region"):
        assert made.index(name) < made.index("config/headway.yaml")


@pytest.mark.parametrize("is_upgrade", [False, True])
def test_a_configuration_comes_after_the_secret_and_the_code_that_it_needs(
    own: Deployment, *, is_upgrade: bool
) -> None:
    """Else every look between the two would fail."""
    own.terraform.apply()
    own.cloud.applied.clear()
    own.cloud.slow = ("fgs_function",)
    own.replace("wecombot://${WECOM_KEY}", "wecombot://${WECOM_KEY_2}")
    own.terraform = own.told({**SECRETS, "WECOM_KEY_2": "a-new-secret"})
    if is_upgrade:
        own.package.write_bytes(b"the second zip")
    own.terraform.apply()
    changed = done(own)

    assert changed.index(("update", "fgs_function")) < changed.index(("update", "config/headway.yaml"))
    assert len(changed) == (4 if is_upgrade else 2)
