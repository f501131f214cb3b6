"""A copy of the example for Huawei Cloud, and what Terraform makes of it on the stand-in for the provider."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from typing_extensions import Self

from tests.infra.provider.cloud import PROJECT_ID, REGION, Cloud
from tests.infra.provider.server import Provider
from tests.infra.terraform import Terraform, copied

MODULE: Final = Path(__file__).parents[2] / "infra" / "huaweicloud"
PACKAGE: Final = "headway-functiongraph-py312-x86_64.zip"
URN: Final = f"urn:fss:{REGION}:{PROJECT_ID}:function:default:headway:latest"
SECRETS: Final = {
    "SLACK_TOKENS": "secret-of-slack",
    "MAIL_PASSWORD": "secret-of-mail",
    "WECOM_KEY": "secret-of-wecom",
}
"""What the example's configuration names."""

Resources = Mapping[str, Mapping[str, Any]]
"""The arguments and attributes of the module's resources, by address, without the module's own name."""


def key_of(content: bytes) -> str:
    """Where in the bucket a zip is."""
    return f"packages/{PACKAGE.removesuffix('.zip')}-{sha256(content).hexdigest()[:16]}.zip"


class Deployment:
    """A deployment's folder for the time of a `with` block; nothing is deployed yet."""

    def __init__(self, root: Path, cloud: Cloud | None = None) -> None:
        """Copy the module and its example, with a zip whose content nobody reads."""
        self.folder = copied(MODULE, root / "infra" / "huaweicloud") / "example"
        self.package = root / "dist" / PACKAGE
        self.package.parent.mkdir()
        self.package.write_bytes(b"the first zip")
        self.provider = Provider(cloud)
        self.cloud = self.provider.cloud
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begin to serve the provider, and have Terraform take the module."""
        self._stack.enter_context(self.provider)
        self.terraform = self.told(SECRETS)
        self.terraform.init()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._stack.close()

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.folder / "headway.yaml"

    def told(self, secrets: Mapping[str, str]) -> Terraform:
        """Terraform with these secrets in its environment."""
        return Terraform(
            self.folder, {**self.provider.environ, "TF_VAR_secrets": json.dumps(secrets)}, mirrors=()
        )

    def set(self, arguments: str) -> None:
        """Let the example give the module these arguments, too; they stay until others are set."""
        text = f'module "headway" {{\n{arguments}\n}}\n'
        (self.folder / "test_override.tf").write_text(text, encoding="utf-8")

    def replace(self, text: str, replacement: str) -> None:
        """Change the configuration; what is not in it cannot be replaced."""
        found = self.config.read_text(encoding="utf-8")
        assert text in found, text
        self.config.write_text(found.replace(text, replacement), encoding="utf-8")

    def refusal(self) -> str:
        """What Terraform says against a plan, in one line."""
        return " ".join(self.terraform.run("plan", "-no-color", codes=(1,)).stderr.replace("│", " ").split())

    def resources(self) -> Resources:
        """What is deployed."""
        module = self.terraform.state()["values"]["root_module"]["child_modules"][0]
        prefix = f"{module['address']}."
        return {each["address"].removeprefix(prefix): each["values"] for each in module["resources"]}

    def changes(self) -> dict[str, list[str]]:
        """What would be done, by address without the module's own name."""
        changes = self.terraform.changes()
        return {address.removeprefix("module.headway."): actions for address, actions in changes.items()}
