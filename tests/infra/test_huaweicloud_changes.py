"""What Terraform changes of a deployment on Huawei Cloud, what it shows of it, and how it takes it away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.huaweicloud_deployment import SECRETS, Deployment, key_of
from tests.infra.terraform import find_terraform

pytestmark = pytest.mark.skipif(find_terraform() is None, reason="there is no terraform on the path")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Deployment]:
    """A deployment of a test's own, not applied."""
    with Deployment(tmp_path) as deployment:
        yield deployment


def test_nothing_that_terraform_prints_holds_a_secret(own: Deployment) -> None:
    """Neither when they are planned, nor when they are made, nor when they are shown."""
    terraform = own.terraform
    printed = [terraform.run(*words).stdout for words in (("plan",), ("apply", "-auto-approve"), ("show",))]

    assert all("encrypted_user_data" in text for text in printed)
    assert not [secret for secret in SECRETS.values() for text in printed if secret in text]


def test_a_new_zip_reaches_the_function_before_the_old_one_goes(own: Deployment) -> None:
    """And nothing else changes."""
    own.terraform.apply()
    own.cloud.applied.clear()
    own.package.write_bytes(b"the second zip")

    assert own.changes() == {
        "huaweicloud_fgs_function.headway": ["update"],
        "huaweicloud_obs_bucket_object.package": ["create", "delete"],
    }
    own.terraform.apply()
    assert [(each.action, each.kind) for each in own.cloud.applied] == [
        ("create", "obs_bucket_object"),
        ("update", "fgs_function"),
        ("delete", "obs_bucket_object"),
    ]
    new, function, old = (each.values for each in own.cloud.applied)
    assert (new["key"], old["key"]) == (key_of(b"the second zip"), key_of(b"the first zip"))
    assert function["code_url"].endswith(new["key"])


def test_another_configuration_is_uploaded_and_nothing_else_changes(own: Deployment) -> None:
    """The function reads it each time."""
    own.terraform.apply()
    own.replace("22:00-07:00", "23:00-07:00")

    assert own.changes() == {"huaweicloud_obs_bucket_object.config": ["update"]}


def test_another_secret_changes_the_function_alone(own: Deployment) -> None:
    """It is in encrypted user data."""
    own.terraform.apply()
    own.terraform = own.told({**SECRETS, "WECOM_KEY": "another-secret"})

    assert own.changes() == {"huaweicloud_fgs_function.headway": ["update"]}


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
