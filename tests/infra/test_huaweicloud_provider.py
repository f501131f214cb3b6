"""The stand-in for the provider of Huawei Cloud does what Terraform expects of a provider."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.infra.provider.cloud import PROJECT_ID, REGION, Cloud
from tests.infra.provider.server import Provider
from tests.infra.terraform import NEEDS_TERRAFORM, Terraform

pytestmark = NEEDS_TERRAFORM

DEPLOYMENT: Final = """
terraform {
  required_providers {
    huaweicloud = { source = "huaweicloud/huaweicloud", version = ">= 1.91.0, < 2" }
  }
}
variable "days" { default = 7 }
data "huaweicloud_identity_agencies" "known" { name = "by-hand" }
resource "huaweicloud_obs_bucket" "kept" {
  bucket = "a-bucket"
  lifecycle_rule {
    name    = "old"
    enabled = true
    noncurrent_version_expiration { days = var.days }
  }
}
resource "huaweicloud_fgs_function" "function" {
  name        = "headway"
  app         = "default"
  code_type   = "obs"
  code_url    = "https://${huaweicloud_obs_bucket.kept.bucket_domain_name}/code.zip"
  handler     = "index.handler"
  memory_size = 256
  runtime     = "Python3.12"
  timeout     = 60
}
resource "huaweicloud_lts_group" "logs" {
  group_name  = "headway"
  ttl_in_days = var.days
}
output "agencies" { value = data.huaweicloud_identity_agencies.known.agencies[*].name }
output "urn" { value = huaweicloud_fgs_function.function.urn }
output "code" { value = huaweicloud_fgs_function.function.code_url }
output "acl" { value = huaweicloud_obs_bucket.kept.acl }
"""


@pytest.fixture
def provider() -> Iterator[Provider]:
    """The stand-in, of an account where somebody made an agency."""
    with Provider(Cloud(agencies=["by-hand"])) as provider:
        yield provider


@pytest.fixture
def terraform(provider: Provider, tmp_path: Path) -> Terraform:
    """Terraform in the folder of a small deployment."""
    (tmp_path / "main.tf").write_text(DEPLOYMENT, encoding="utf-8")
    return Terraform(tmp_path, provider.environ, mirrors=())


def done(provider: Provider) -> list[tuple[str, str]]:
    """What was carried out, in its order."""
    return [(each.action, each.kind) for each in provider.cloud.applied]


def test_a_deployment_is_made_stays_as_it_is_and_goes_away(terraform: Terraform, provider: Provider) -> None:
    """With what the cloud decides filled in, and defaults where nothing was said."""
    terraform.init()
    terraform.apply()

    assert sorted(done(provider)) == [
        ("create", "fgs_function"),
        ("create", "lts_group"),
        ("create", "obs_bucket"),
    ]
    assert terraform.outputs() == {
        "agencies": ["by-hand"],
        "urn": f"urn:fss:{REGION}:{PROJECT_ID}:function:default:headway:latest",
        "code": f"https://a-bucket.obs.{REGION}.myhuaweicloud.com/code.zip",
        "acl": "private",
    }
    assert not terraform.plan()
    provider.cloud.applied.clear()
    terraform.destroy()
    assert sorted(done(provider)) == [
        ("delete", "fgs_function"),
        ("delete", "lts_group"),
        ("delete", "obs_bucket"),
    ]


def test_a_change_is_an_update_unless_the_provider_needs_a_new_resource(
    terraform: Terraform, provider: Provider
) -> None:
    """What belongs to another resource stays as it is."""
    terraform.init()
    terraform.apply()
    provider.cloud.applied.clear()
    assert terraform.changes("-var=days=9") == {
        "huaweicloud_lts_group.logs": ["update"],
        "huaweicloud_obs_bucket.kept": ["update"],
    }
    text = (terraform.folder / "main.tf").read_text(encoding="utf-8").replace("Python3.12", "Python3.10")
    (terraform.folder / "main.tf").write_text(text, encoding="utf-8")
    terraform.apply()

    assert done(provider) == [("delete", "fgs_function"), ("create", "fgs_function")]


@pytest.mark.parametrize(
    ("text", "replacement", "complaint"),
    [
        ("timeout     = 60", "timeout     = 60 * 60 * 24 * 9", "timeout: 777600, the pages say 3..259200"),
        ('"Python3.12"', '"Python3.${5 + 6}"', "runtime: 'Python3.11', listed by the pages"),
        ("memory_size = 256", "memory_size = 2 * 150", "memory_size: 300, listed by the SDK"),
        ("{ days =", "{ ages =", "Unsupported argument"),
        ('bucket = "a-bucket"', "", 'The argument "bucket" is required'),
        ('app         = "default"', "", "app: required by the provider's pages"),
    ],
)
def test_what_the_provider_or_its_pages_rule_out_is_refused(
    text: str, replacement: str, complaint: str, terraform: Terraform
) -> None:
    """Also where a value shows only when Terraform has evaluated it."""
    file = terraform.folder / "main.tf"
    assert text in DEPLOYMENT
    file.write_text(DEPLOYMENT.replace(text, replacement), encoding="utf-8")
    terraform.init()

    assert complaint in " ".join(terraform.run("validate", "-no-color", codes=(1,)).stderr.split())
