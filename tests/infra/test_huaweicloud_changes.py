"""What Terraform changes of a deployment on Huawei Cloud, what it shows of it, and how it takes it away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.huaweicloud_deployment import MODULE, SECRETS, Deployment, key_of
from tests.infra.terraform import NEEDS_TERRAFORM

pytestmark = NEEDS_TERRAFORM


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Deployment]:
    """A deployment of a test's own, not applied."""
    with Deployment(tmp_path) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What Terraform keeps of such a one that is applied."""
    with Deployment(tmp_path_factory.mktemp("applied")) as deployment:
        deployment.terraform.apply()
        return deployment.state.read_bytes()


@pytest.fixture
def applied(own: Deployment, state: bytes) -> Deployment:
    """A deployment of a test's own, applied; nothing was done to it since."""
    own.state.write_bytes(state)
    return own


def test_nothing_that_terraform_prints_holds_a_secret_or_the_configuration(own: Deployment) -> None:
    """Neither when they are planned, nor when they are made, nor when they are shown."""
    terraform = own.terraform
    printed = [terraform.run(*words).stdout for words in (("plan",), ("apply", "-auto-approve"), ("show",))]

    assert all("encrypted_user_data" in text for text in printed)
    assert not [secret for secret in SECRETS.values() for text in printed if secret in text]
    assert not [text for text in printed if "quiet" in text]


@pytest.mark.parametrize("arguments", ["noncurrent_days = 3", "delete_history = true"])
def test_what_becomes_of_history_changes_the_bucket_alone(arguments: str, applied: Deployment) -> None:
    """Above all it stays closed to the public."""
    applied.set(arguments)

    assert applied.changes() == {"huaweicloud_obs_bucket.state": ["update"]}


def test_another_bucket_is_refused_before_the_old_one_loses_its_guards(applied: Deployment) -> None:
    """The history is in the old one, and the page says how to move it."""
    applied.replace("my-headway-state", "another-bucket")

    assert "names another bucket than my-headway-state" in applied.refusal()
    assert applied.cloud.applied == []


def test_null_is_what_nobody_chose(applied: Deployment) -> None:
    """For every variable that has a default, so that whoever wraps the module may hand on what is not set."""
    text = (MODULE / "variables.tf").read_text(encoding="utf-8")
    names = re.findall(r'^variable "(\w+)" \{(?:(?!\n\}).)*?\n  default ', text, re.MULTILINE | re.DOTALL)
    applied.set("".join(f" {name} = null\n" for name in names if name != "secrets"))

    assert len(names) > 10
    assert not applied.terraform.plan()


def test_a_secret_may_hold_what_means_something_to_terraform(own: Deployment) -> None:
    """Written as the page says."""
    page = (MODULE / "README.md").read_text(encoding="utf-8")
    for mark in ("`$${`", "`%%{`", '`\\"`', "`\\\\`"):
        assert mark in page
    written = "".join(f'{name} = "$${{a}}%%{{b}}\\"\\\\"\n' for name in SECRETS)
    (own.folder / "secrets.auto.tfvars").write_text(f"secrets = {{\n{written}}}\n", encoding="utf-8")
    own.terraform.apply()
    function = own.resources()["huaweicloud_fgs_function.headway"]

    assert {*json.loads(function["encrypted_user_data"]).values()} == {'${a}%{b}"\\'}


def test_a_new_zip_reaches_the_function_before_the_old_one_goes(applied: Deployment) -> None:
    """And nothing else changes."""
    applied.package.write_bytes(b"the second zip")

    assert applied.changes() == {
        "huaweicloud_fgs_function.headway": ["update"],
        "huaweicloud_obs_bucket_object.package": ["create", "delete"],
    }
    applied.terraform.apply()
    assert [(each.action, each.kind) for each in applied.cloud.applied] == [
        ("create", "obs_bucket_object"),
        ("update", "fgs_function"),
        ("delete", "obs_bucket_object"),
    ]
    new, function, old = (each.values for each in applied.cloud.applied)
    assert (new["key"], old["key"]) == (key_of(b"the second zip"), key_of(b"the first zip"))
    assert function["code_url"].endswith(new["key"])


def test_another_configuration_is_uploaded_and_nothing_else_changes(applied: Deployment) -> None:
    """The function reads it each time."""
    applied.replace("22:00-07:00", "23:00-07:00")

    assert applied.changes() == {"huaweicloud_obs_bucket_object.config": ["update"]}


def test_another_secret_changes_the_function_alone(applied: Deployment) -> None:
    """It is in encrypted user data."""
    applied.terraform = applied.told({**SECRETS, "WECOM_KEY": "another-secret"})

    assert applied.changes() == {"huaweicloud_fgs_function.headway": ["update"]}


def test_destroying_leaves_nothing(own: Deployment) -> None:
    """The trigger goes before the function, the function before its agency, the bucket at the end."""
    own.terraform.apply()
    made = [each.kind for each in own.cloud.applied]
    own.cloud.applied.clear()
    own.terraform.destroy()
    gone = [each.kind for each in own.cloud.applied]

    assert {each.action for each in own.cloud.applied} == {"delete"}
    assert sorted(gone) == sorted(made)
    order = ["fgs_function_trigger", "fgs_function", "identity_agency"]
    assert sorted(order, key=gone.index) == order
    assert max(place for place, kind in enumerate(gone) if kind == "obs_bucket_object") < gone.index(
        "obs_bucket"
    )


def test_history_outlives_the_deployment_by_the_commands_of_the_page(own: Deployment) -> None:
    """The bucket stays, with its guards; all else goes."""
    own.terraform.apply()
    made = {each.kind for each in own.cloud.applied}
    own.cloud.applied.clear()
    page = (MODULE / "README.md").read_text(encoding="utf-8")
    recipe = re.search(r"^## Uninstall.*?```sh\n(.*?)```", page, re.MULTILINE | re.DOTALL)
    assert recipe
    deployment = own.folder.with_name("production")
    deployment.symlink_to(own.folder)
    own.terraform.run_script(f"cd ../../..\n{recipe[1]}")

    assert {each.kind for each in own.cloud.applied} == made - {
        "obs_bucket",
        "obs_bucket_policy",
        "obs_bucket_bpa",
    }
