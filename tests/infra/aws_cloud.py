"""moto as the AWS that a deployment is made in, looked at with botocore.

with running_cloud() as cloud:
    terraform = Terraform(folder, cloud.variables, mirrors)
    ...
    cloud.client("lambda").get_function(FunctionName="headway")
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import botocore.session
from botocore.config import Config

from handler.stores.sigv4 import Credentials
from handler.transport import Request, Transport
from tests.fakes.moto_server import serving_moto

REGION: Final = "eu-west-1"
ACCOUNT: Final = "123456789012"
"""Whose everything is in moto."""

_DEPLOYER: Final = Credentials("AKIADEPLOYER", "deployer/secret+key")
# All clients are its, for each session reads descriptions of its own.
_SESSION: Final = botocore.session.Session()


class AwsCloud:
    """A running moto."""

    def __init__(self, endpoint: str) -> None:
        """Look at the one at this endpoint."""
        self.endpoint = endpoint
        self.client = cache(partial(connect, endpoint=endpoint, keys=_DEPLOYER))
        """Gives botocore's client of a service, with the keys of whoever deploys."""

    @property
    def variables(self) -> dict[str, str]:
        """What AWS's own programs need in order to come here."""
        return {
            "AWS_ACCESS_KEY_ID": _DEPLOYER.access_key,
            "AWS_SECRET_ACCESS_KEY": _DEPLOYER.secret_key,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
        }

    def let_in(self, *, everybody: bool) -> None:
        """Whether calls are answered without a look at who makes them, as at first."""
        headers, unverified = {"Content-Type": "text/plain"}, b"inf" if everybody else b"0"
        request = Request("POST", f"{self.endpoint}/moto-api/reset-auth", headers, unverified)
        answer = Transport(connections=1)(request, timeout_seconds=10)
        assert answer.status == 200, answer

    def assume(self, role: str) -> Credentials:
        """The keys with which a function runs that has this role."""
        arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
        given = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="headway")["Credentials"]
        return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def role_policies(self, role: str) -> dict[str, Any]:
        """The policies written into a role, by name."""
        iam = self.client("iam")
        attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        assert not attached, "they would have to be read too"
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        return {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}

    def bucket_policy(self, bucket: str) -> Any:  # noqa: ANN401 - JSON
        """The policy of a bucket."""
        return json.loads(self.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """The keys of a bucket's objects."""
        listed = self.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
        return [each["Key"] for each in listed.get("Contents", [])]


def connect(service: str, endpoint: str, keys: Credentials) -> Any:  # noqa: ANN401 - made at run time, without types
    """A service as botocore calls it, with somebody's keys."""
    return _SESSION.create_client(
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        aws_session_token=keys.session_token,
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )


@contextmanager
def running_cloud() -> Iterator[AwsCloud]:
    """Run one while the block runs."""
    with serving_moto() as endpoint:
        yield AwsCloud(endpoint)


def write_override(folder: Path, **arguments: object) -> None:
    """Have a deployment's working copy come to moto, and give its module other arguments."""
    # moto has no names for buckets and no service that tells of the machine.
    provider = dict.fromkeys(
        ("s3_use_path_style", "skip_credentials_validation", "skip_metadata_api_check"), True
    )
    override: dict[str, object] = {"provider": {"aws": provider}}
    if arguments:
        override["module"] = {"headway": arguments}
    (folder / "moto_override.tf.json").write_text(json.dumps(override), encoding="utf-8")
