"""The packaged function with the role that `infra/aws` gives it, among services that hold it to that role.

with staged(folder, shared) as stage:
    with stage.running() as function:
        function.invoke(TICK)
    ...
    with stage.lacking("s3:PutObject", "arn:…"):
        ...

Bucket, role, configuration and code are what Terraform has made in moto; parameters and secret are made by
hand, as people do. The function comes to moto through a gate that follows the policies to the letter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from handler.stores.sigv4 import Credentials
from tests.fakes.dms_server import PROJECT_ID
from tests.infra.aws_cloud import REGION, AwsCloud, running_cloud
from tests.infra.aws_deployment import BUCKET, PREFIX, build_package, prepared
from tests.infra.aws_gate import Gate
from tests.infra.aws_policies import Policy, Statement, permissions, statements, without
from tests.infra.terraform import Terraform
from tests.platforms.lambda_function import ClientFunction, LambdaFunction
from tests.platforms.packages import Package, build, install, interpreters_of
from tests.platforms.services import CHANGE, HTTP_TOKEN, HUAWEI_KEYS, NAME, Services

ROLE: Final = "headway-function"
TICK: Final = {"kind": "timer"}
"""What the schedule sends."""
SECRET: Final = "headway/http-token"
LEDGER: Final = f"{PREFIX}/changes/{CHANGE.instance_id}/{CHANGE.task_id}.json"

_CLIENT: Final = Path(__file__).parents[1] / "platforms" / "requirements-lambda.txt"
_MADE: Final = ("aws_s3_object.configuration", "aws_s3_bucket_policy.state")
_EVERYTHING: Final = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


@dataclass
class Stage:
    """All that stands around the function."""

    services: Services
    cloud: AwsCloud
    gate: Gate
    terraform: Terraform
    package: Package
    client: Path
    role: Policy
    """The role's policy as it was applied."""
    bucket: Policy
    """The bucket's."""
    keys: Credentials
    """What the platform gives a function with this role."""

    @contextmanager
    def running(self) -> Iterator[LambdaFunction]:
        """Run the function; nothing but its role and what Terraform gave it is in its environment."""
        configured = self.cloud.client("lambda").get_function(FunctionName="headway")["Configuration"]
        self.cloud.let_in(everybody=False)
        variables = {
            **configured["Environment"]["Variables"],
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.gate.endpoint,
            "AWS_ACCESS_KEY_ID": self.keys.access_key,
            "AWS_SECRET_ACCESS_KEY": self.keys.secret_key,
            "AWS_SESSION_TOKEN": str(self.keys.session_token),
        }
        try:
            with ClientFunction(self.package, self.client, variables) as function:
                yield function
                function.stop()
                assert not self.services.leaks(function.said)
        finally:
            self.cloud.let_in(everybody=True)

    @contextmanager
    def lacking(self, action: str, resource: str, *, of_moto: bool = False) -> Iterator[None]:
        """Take one permission away from the role: the gate's role, or moto's."""
        less = without(self.role, action, resource)
        self.hold_to(_EVERYTHING if of_moto else less, less if of_moto else self.role)
        try:
            yield
        finally:
            self.hold_to(self.role, self.role)

    def begin(self) -> None:
        """Forget all that was kept and told."""
        for key in self.cloud.keys(BUCKET, f"{PREFIX}/"):
            self.cloud.client("s3").delete_object(Bucket=BUCKET, Key=key)
        self.services.begin()

    def hold_to(self, of_gate: Policy, of_moto: Policy) -> None:
        """Let the gate follow one policy of the role, and moto another."""
        self.gate.policies = [of_gate, self.bucket]
        iam = self.cloud.client("iam")
        iam.put_role_policy(RoleName=ROLE, PolicyName="headway", PolicyDocument=_loosened(of_moto))


@contextmanager
def staged(folder: Path, shared: Path) -> Iterator[Stage]:
    """Deploy what the function needs, make what people make, and hold everybody to the policies."""
    interpreter = interpreters_of("lambda")[0]
    package, client = build("lambda", interpreter, shared), install(_CLIENT, interpreter, shared)
    with ExitStack() as stack:
        services, cloud = stack.enter_context(Services()), stack.enter_context(running_cloud())
        gate = stack.enter_context(Gate(cloud.endpoint))
        text = configuration(services, gate)
        made = prepared(folder, cloud, text, build_package(shared, folder))
        terraform = stack.enter_context(made)
        terraform.apply(*(f"-target=module.headway.{each}" for each in _MADE))
        (role,) = cloud.role_policies(ROLE).values()
        bucket, keys = cloud.bucket_policy(BUCKET), cloud.assume(ROLE)
        make_secrets(services, cloud)
        stage = Stage(services, cloud, gate, terraform, package, client, role, bucket, keys)
        stage.hold_to(role, role)
        yield stage


def configuration(services: Services, gate: Gate) -> str:
    """A configuration with which the function uses all its rights."""
    options = f"region={REGION}&endpoint={quote(gate.endpoint)}&path_style=true"
    return f"""
huaweicloud:
  region: eu-west-101
  project_id: {PROJECT_ID}
  endpoint: {services.dms.endpoint}
  access_key: ${{ssm:/headway/access-key}}
  secret_key: ${{ssm:/headway/secret-key}}
  security_token: ${{ssm:/headway/security-token}}
state: s3://{BUCKET}/{PREFIX}?{options}
watches:
  - {{instance_id: {CHANGE.instance_id}, task_id: {CHANGE.task_id}, name: {NAME}}}
channels:
  hook: {{url: "${{ssm:/headway/hook}}"}}
http: {{token: "${{secret:{SECRET}}}"}}
"""


def make_secrets(services: Services, cloud: AwsCloud) -> None:
    """Make what the configuration names."""
    values = {
        "/headway/access-key": HUAWEI_KEYS.access_key,
        "/headway/secret-key": HUAWEI_KEYS.secret_key,
        "/headway/security-token": str(HUAWEI_KEYS.security_token),
        "/headway/hook": services.channel,
    }
    for name, value in values.items():
        cloud.client("ssm").put_parameter(Name=name, Value=value, Type="SecureString")
    cloud.client("secretsmanager").create_secret(Name=SECRET, SecretString=HTTP_TOKEN)


def _loosened(policy: Policy) -> str:
    """As much of a policy as moto understands: no conditions, and of what is not S3 no resources."""
    return json.dumps({"Version": "2012-10-17", "Statement": [*map(_loose, statements(policy))]})


def _loose(statement: Statement) -> Statement:
    named = {key: value for key, value in statement.items() if key != "Condition"}
    is_s3 = all(action.startswith("s3:") for action, _ in permissions({"Statement": statement}))
    return named if is_s3 else {**named, "Resource": "*"}
