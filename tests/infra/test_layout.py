"""What lies around the Terraform files: their form, their pages, and what git never sees."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.infra.hcl_files import read_module
from tests.infra.safety import allowing
from tests.infra.terraform import NEEDS_TERRAFORM, Terraform, copied
from tests.infra.zips import REPOSITORY

INFRA = REPOSITORY / "infra"
CLOUDS = ("aws", "huaweicloud")


@NEEDS_TERRAFORM
@pytest.mark.parametrize("cloud", CLOUDS)
def test_terraform_would_write_the_files_as_they_are(cloud: str, tmp_path: Path) -> None:
    """Tests of the modules, too."""
    folder = copied(INFRA / cloud, tmp_path / cloud)

    Terraform(folder, {}, ()).run("fmt", "-check", "-diff", "-recursive")


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_pages_lead_to_what_is_there(cloud: str) -> None:
    """Files by their path, sections by their heading."""
    page = INFRA / cloud / "README.md"
    text = page.read_text(encoding="utf-8")
    anchors = {heading_anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", text)

    assert links
    assert [path for path, _ in links if not (page.parent / path).exists()] == []
    assert {anchor for path, anchor in links if anchor and not path} <= anchors


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_pages_name_every_right_that_is_given(cloud: str) -> None:
    """So that whoever has to agree can read there what for."""
    text = (INFRA / cloud / "README.md").read_text(encoding="utf-8")
    actions = {action for each in allowing(read_module(INFRA / cloud)) for action in each.actions}

    given = {action.rpartition(":")[2] for action in actions - {"sts:AssumeRole"}}
    assert given
    assert {name for name in given if not re.search(rf"[`:]{name}`", text)} == set()


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_pages_say_how_to_deploy(cloud: str) -> None:
    """By the one command."""
    assert f"make deploy-{cloud}" in (INFRA / cloud / "README.md").read_text(encoding="utf-8")


def test_git_never_sees_what_holds_secrets(tmp_path: Path) -> None:
    """Terraform's state and the values of variables; a deployment's own files it does."""
    (tmp_path / ".gitignore").write_bytes((REPOSITORY / ".gitignore").read_bytes())
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)  # noqa: S603, S607 - our own words
    hidden = [
        f"infra/aws/example/{name}"
        for name in (
            *(
                ".terraform/terraform.tfstate",
                ".terraform.lock.hcl",
                "secrets.auto.tfvars",
                "terraform.tfvars",
            ),
            *("terraform.tfstate", "terraform.tfstate.backup", "terraform.tfstate.1764152000.backup"),
        )
    ]
    seen = [
        f"infra/aws/{name}" for name in ("main.tf", "example/main.tf", "example/headway.yaml", "README.md")
    ]
    asked = subprocess.run(  # noqa: S603 - our own words
        ["git", "-C", str(tmp_path), "check-ignore", *hidden, *seen],  # noqa: S607 - whichever git there is
        capture_output=True,
        text=True,
        check=False,
    )

    assert asked.stdout.splitlines() == hidden


def heading_anchor(heading: str) -> str:
    """What a heading is reached by."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
