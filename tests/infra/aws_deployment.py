"""The example of `infra/aws` in a working copy, with a configuration of a test's own, against moto.

Needs Terraform and AWS's provider on this machine: `NEEDS_AWS` marks the tests that do.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from infra.targets import Target
from tests.infra.aws_cloud import AwsCloud, write_override
from tests.infra.aws_provider import running_provider
from tests.infra.terraform import Terraform, copied, find_mirror, find_terraform
from tests.infra.zips import REPOSITORY, build_plain

MODULE: Final = REPOSITORY / "infra" / "aws"
BUCKET: Final = "headway-history"
PREFIX: Final = "production"
NEEDS_AWS: Final = pytest.mark.skipif(
    find_terraform() is None or find_mirror() is None,
    reason="terraform, or a mirror with its provider hashicorp/aws, is not on this machine",
)

_PACKAGE: Final = Target("lambda", "3.13", "arm64")


@contextmanager
def prepared(target: Path, cloud: AwsCloud, configuration: str, package: Path) -> Iterator[Terraform]:
    """Copy the module into an empty folder, its example as README.md says, and make Terraform ready there."""
    module = copied(MODULE, target / "infra" / "aws")
    folder = (module / "example").rename(module / "production")
    (folder / "headway.yaml").write_text(configuration, encoding="utf-8")
    write_override(folder)
    with running_provider(module, folder, cloud.variables) as attached:
        environ = {**cloud.variables, **attached, "TF_VAR_package_file": str(package)}
        terraform = Terraform(folder, environ, mirrors=())
        terraform.init()
        yield terraform


def build_package(shared: Path, target: Path) -> Path:
    """The zip of `make package`, in a place where a test may write another under its name."""
    return Path(shutil.copy(build_plain(shared, _PACKAGE), target))


def release(package: Path) -> None:
    """Build the next version of it, or what differs as one does: the bytes."""
    with zipfile.ZipFile(package, "a") as opened:
        opened.comment += b"."
