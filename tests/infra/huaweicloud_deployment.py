"""A copy of the example for Huawei Cloud, and what Terraform makes of it on the stand-in for the provider."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
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

# All that a run does side by side is to wait; with one thread that takes less.
_ONE_THREAD: Final = {"GOMAXPROCS": "1"}
_INDEX: Final = ".terraform/modules/modules.json"
_IN_MODULE: Final = re.compile(r'^module[. ]"?(\w+)')

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
        """Begin to serve the provider; Terraform has taken the module."""
        self._stack.enter_context(self.provider)
        self.terraform = self.told(SECRETS)
        index = self.folder / _INDEX
        index.parent.mkdir(parents=True)
        index.write_bytes(_index())
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._stack.close()

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.folder / "headway.yaml"

    @property
    def state(self) -> Path:
        """Where Terraform keeps what it has made."""
        return self.folder / "terraform.tfstate"

    def told(self, secrets: Mapping[str, str]) -> Terraform:
        """Terraform with these secrets in its environment."""
        environ = {**_ONE_THREAD, **self.provider.environ, "TF_VAR_secrets": json.dumps(secrets)}
        return Terraform(self.folder, environ, mirrors=())

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

    def refusals(self, cases: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
        """What one plan says against modules side by side, each with arguments of its own; nothing is made.

        A precondition is not looked at where another module's argument is refused.
        """
        usual = {
            "source": "../",
            "config_file": "${path.root}/headway.yaml",
            "package_file": "${var.package_file}",
            "secrets": "${var.secrets}",
        }
        modules = {name: {**usual, **arguments} for name, arguments in cases.items()}
        (self.folder / "cases.tf.json").write_text(json.dumps({"module": modules}), encoding="utf-8")
        self.terraform.init()
        lines = self.terraform.run("plan", "-json", codes=(1,)).stdout.splitlines()
        assert not self.cloud.applied
        said = dict.fromkeys(cases, "")
        for event in map(json.loads, lines):
            if event["type"] == "diagnostic":
                told = event["diagnostic"]
                found = _IN_MODULE.search(told.get("address") or told["snippet"]["context"])
                assert found, told
                said[found[1]] += told["detail"]
        return said

    def resources(self) -> Resources:
        """What is deployed."""
        module = self.terraform.state()["values"]["root_module"]["child_modules"][0]
        prefix = f"{module['address']}."
        return {each["address"].removeprefix(prefix): each["values"] for each in module["resources"]}

    def changes(self) -> dict[str, list[str]]:
        """What would be done, by address without the module's own name."""
        changes = self.terraform.changes()
        return {address.removeprefix("module.headway."): actions for address, actions in changes.items()}


@cache
def _index() -> bytes:
    """What `terraform init` writes down of the module, which is the same for each copy."""
    with TemporaryDirectory() as root, Provider() as provider:
        folder = copied(MODULE, Path(root, "huaweicloud")) / "example"
        Terraform(folder, provider.environ, mirrors=()).init()
        return (folder / _INDEX).read_bytes()
