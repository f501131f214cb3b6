"""The example of `infra/aws` in a working copy, with a configuration of a test's own, against moto.

Needs Terraform and AWS's provider on this machine: `NEEDS_TERRAFORM` marks the tests that do.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Final

import pytest

from infra.targets import Target
from tests.infra.aws_cloud import AwsCloud, write_override
from tests.infra.terraform import Terraform, copied, find_mirror, find_terraform
from tests.infra.zips import REPOSITORY, build_plain

MODULE: Final = REPOSITORY / "infra" / "aws"
BUCKET: Final = "headway-history"
PREFIX: Final = "production"
NEEDS_TERRAFORM: Final = pytest.mark.skipif(
    find_terraform() is None or find_mirror() is None,
    reason="terraform, or a mirror with its provider hashicorp/aws, is not on this machine",
)

_PACKAGE: Final = Target("lambda", "3.13", "arm64")


def prepare(target: Path, cloud: AwsCloud, configuration: str, package: Path) -> Terraform:
    """Copy the module and its example into an empty folder, and have Terraform take what they ask for."""
    folder = copied(MODULE, target / "aws") / "example"
    (folder / "headway.yaml").write_text(configuration, encoding="utf-8")
    write_override(folder)
    mirror = find_mirror()
    assert mirror
    terraform = Terraform(folder, {**cloud.variables, "TF_VAR_package_file": str(package)}, [mirror])
    terraform.init()
    return terraform


def build_package(shared: Path, target: Path) -> Path:
    """The zip of `make package`, in a place where a test may write another under its name."""
    return Path(shutil.copy(build_plain(shared, _PACKAGE), target))


def release(package: Path) -> None:
    """Build the next version of it, or what differs as one does: the bytes."""
    with zipfile.ZipFile(package, "a") as opened:
        opened.comment += b"."
