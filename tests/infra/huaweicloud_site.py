"""Headway as Terraform deploys it to FunctionGraph, with the rights that Terraform gives it and no others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.infra.guarded_obs import GuardedObs
from tests.infra.huaweicloud_deployment import Deployment, Resources
from tests.platforms.functiongraph_code import configuration
from tests.platforms.functiongraph_function import Function
from tests.platforms.functiongraph_site import Site
from tests.platforms.packages import Package
from tests.platforms.services import CHANGE, HTTP_TOKEN

BUCKET: Final = "deployed-by-terraform"


class DeployedSite(Site):
    """The services, whose bucket is what Terraform has put there and lets in whom Terraform has let in."""

    obs: GuardedObs

    def __init__(self, package: Package) -> None:
        """Serve nothing yet; nothing is deployed yet."""
        super().__init__(package)
        self.obs = GuardedObs(bucket=BUCKET)
        self.made: Resources = {}

    def deploy(self, root: Path) -> None:
        """Apply the example with a configuration for these services, on the stand-in for the provider."""
        with Deployment(root) as deployment:
            text = configuration(self, [CHANGE], channels={"hook": {"url": "${HOOK}"}})
            deployment.config.write_text(text, encoding="utf-8")
            deployment.terraform = deployment.told({"HOOK": self.channel, "TOKEN": HTTP_TOKEN})
            deployment.terraform.apply()
            self.made = deployment.resources()

    def begin(self) -> None:
        """Forget what was kept and told; bucket and rights are as Terraform has made them."""
        super().begin()
        self.obs.used.clear()
        self.obs.denied.clear()
        self.obs.policies = self.policies
        if self.made:
            config = self.made["huaweicloud_obs_bucket_object.config"]
            assert config["bucket"] == self.obs.bucket
            self.obs.objects[config["key"]] = config["content"].encode()

    @property
    def policies(self) -> list[str]:
        """Those for the whole account that the agency of the function has, in the project of OBS too."""
        roles = {each["name"]: each for each in self._all("huaweicloud_identity_role.")}
        names = {
            name
            for agency in self._all("huaweicloud_identity_agency.")
            for name in agency["domain_roles"]
            if [name] in [each["roles"] for each in agency["project_role"] if each["project"] == "MOS"]
        }
        return [roles[name]["policy"] for name in sorted(names) if roles[name]["type"] == "AX"]

    @contextmanager
    def deployed(self) -> Iterator[Any]:
        """Run an instance of the function as it is deployed, while the block runs."""
        function = self.made["huaweicloud_fgs_function.headway"]
        set_up: Mapping[str, Any] = {
            "code": self.package.root,
            "python": str(self.package.interpreter.binary),
            "handler": function["handler"],
            "timeout_seconds": function["timeout"],
            "user_data": json.loads(function["user_data"]),
            "encrypted_user_data": json.loads(function["encrypted_user_data"]),
        }
        with self.running(Function(**set_up)) as headway:
            yield headway

    def _all(self, prefix: str) -> list[Mapping[str, Any]]:
        return [values for address, values in self.made.items() if address.startswith(prefix)]
