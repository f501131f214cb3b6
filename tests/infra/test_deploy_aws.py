"""`make deploy-aws` as people run it, in a copy of the repository, to a moto whose functions really run.

What keeps it from deploying, on either cloud, is tried in `test_deploy.py` and `test_deploy_huaweicloud.py`.
The latter also has it fail at the end, and deploys what has not changed.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.fakes.dms_server import PROJECT_ID
from tests.infra.aws_cloud import REGION, AwsCloud, running_cloud, write_override
from tests.infra.aws_deployment import NEEDS_AWS
from tests.infra.aws_front import AwsFront, Machine
from tests.infra.checkout import STARTED, TRIED, Checkout
from tests.infra.terraform import find_mirror
from tests.infra.zips import REPOSITORY
from tests.platforms.lambda_emulator import take_emulator
from tests.platforms.packages import ARCHITECTURE, install, interpreters
from tests.platforms.services import CHANGE, HUAWEI_KEYS, NAME, Services

pytestmark = NEEDS_AWS

PLATFORMS: Final = REPOSITORY / "tests" / "platforms"
BUCKET: Final = "headway-deployed"
SECRETS: Final = {
    "/headway/access-key": HUAWEI_KEYS.access_key,
    "/headway/secret-key": HUAWEI_KEYS.secret_key,
    "/headway/security-token": str(HUAWEI_KEYS.security_token),
}
INTERPRETER: Final = interpreters()[0]


class Site(NamedTuple):
    """A checkout, and the world that it is deployed to."""

    checkout: Checkout
    cloud: AwsCloud
    front: AwsFront
    services: Services

    @property
    def configuration(self) -> str:
        """What is to be deployed."""
        return f"""
huaweicloud:
  region: eu-west-101
  project_id: {PROJECT_ID}
  endpoint: {self.services.dms.endpoint}
  access_key: ${{ssm:/headway/access-key}}
  secret_key: ${{ssm:/headway/secret-key}}
  security_token: ${{ssm:/headway/security-token}}
state: s3://{BUCKET}/production?region={REGION}&endpoint={self.cloud.endpoint}&path_style=true
watches: [{{instance_id: {CHANGE.instance_id}, task_id: {CHANGE.task_id}, name: {NAME}}}]
channels: {{hook: {{url: "${{ssm:/headway/hook}}"}}}}
"""

    def deploy(self) -> subprocess.CompletedProcess[str]:
        """Deploy for this machine's Python; nothing that is said holds a secret."""
        done = self.checkout.deploy(
            f"PYTHON_VERSION={INTERPRETER.minor}", f"ARCHITECTURE={ARCHITECTURE}", "APPROVE=yes"
        )
        assert not self.services.leaks(f"{done.stdout}{done.stderr}{self.front.said}")
        return done

    @property
    def made(self) -> list[str]:
        """What there is of functions, and of buckets."""
        functions = self.cloud.client("lambda").list_functions()["Functions"]
        buckets = self.cloud.client("s3").list_buckets()["Buckets"]
        return [*(each["FunctionName"] for each in functions), *(each["Name"] for each in buckets)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Site]:
    """The secrets are there, as README.md says how to make them, and nothing else is."""
    mirror = find_mirror()
    assert mirror
    client = install(PLATFORMS / "requirements-lambda.txt", INTERPRETER, shared)
    emulator = take_emulator(PLATFORMS / "requirements-emulator.txt", shared)
    machine = Machine(INTERPRETER, client, emulator, tmp_path_factory.mktemp("lambda"))
    checkout = Checkout(tmp_path_factory.mktemp("checkout"), "aws", [mirror])
    write_override(checkout.folder)
    with ExitStack() as stack:
        cloud, services = stack.enter_context(running_cloud()), stack.enter_context(Services())
        front = stack.enter_context(AwsFront(cloud, machine))
        for name, value in {**SECRETS, "/headway/hook": services.channel}.items():
            cloud.client("ssm").put_parameter(Name=name, Value=value, Type="SecureString")
        nothing = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
        checkout.environ = {**nothing, **cloud.variables, "AWS_ENDPOINT_URL": front.endpoint}
        yield Site(checkout, cloud, front, services)


def test_it_is_deployed_looks_once_and_sends_a_test_alert(site: Site) -> None:
    """Each step says how it went; code, configuration and secrets are found where they lie."""
    site.checkout.configure(site.configuration)
    site.services.begin()

    done = site.deploy()

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("  hook: 2 alerts sent\nhook (json): sent\n")
    assert site.services.titles == [STARTED, TRIED]
    assert site.made == ["headway", BUCKET]
