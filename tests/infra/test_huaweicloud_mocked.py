"""The module's own tests, which anybody with Terraform and the provider can run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.huaweicloud_deployment import MODULE, Deployment
from tests.infra.terraform import NEEDS_TERRAFORM, Terraform

pytestmark = NEEDS_TERRAFORM

FILES = sorted(path.name for path in (MODULE / "tests").glob("*.tftest.hcl"))


@pytest.fixture
def terraform(tmp_path: Path) -> Iterator[Terraform]:
    """Terraform in the folder of the module; the zip is where `make package` puts it."""
    with Deployment(tmp_path) as deployment:
        terraform = Terraform(deployment.folder.parent, deployment.provider.environ, mirrors=())
        terraform.init()
        yield terraform


@pytest.mark.parametrize("name", FILES)
def test_every_run_of_a_file_passes(name: str, terraform: Terraform) -> None:
    """As many as there are in the file."""
    runs = re.findall(r"^run ", (MODULE / "tests" / name).read_text(encoding="utf-8"), re.MULTILINE)
    done = terraform.run("test", "-no-color", f"-filter=tests/{name}")

    assert f"Success! {len(runs)} passed, 0 failed." in done.stdout


def test_a_variable_that_takes_anything_is_seen(terraform: Terraform) -> None:
    """So what the runs expect is not simply any failure."""
    source = terraform.folder / "variables.tf"
    text = source.read_text(encoding="utf-8").replace("condition     = ", "condition     = true || ")
    source.write_text(text, encoding="utf-8")
    done = terraform.run("test", "-no-color", "-filter=tests/variables.tftest.hcl", codes=(1,))

    assert "var.name, was expected to report an error but did not" in done.stderr
