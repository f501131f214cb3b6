"""moto, a stand-in for AWS, in its own process; with authentication on, a second opinion on our signatures.

It has no lock, and does not look at payload hash, clock and region; races and those are for `FakeS3`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlencode

from handler.stores.sigv4 import Credentials, sign
from handler.transport import Request, Transport

REGION = "eu-central-1"
BUCKET = "headway-moto"

_PROGRAM = Path(__file__).with_name("moto_process.py")
# moto leaves the calls below unverified, and checks the signature of every one that follows.
_UNVERIFIED_CALLS = 9
_ROLE_CALLS = (
    {"Action": "CreateRole", "RoleName": "headway", "AssumeRolePolicyDocument": "{}"},
    {"Action": "PutRolePolicy", "RoleName": "headway", "PolicyName": "s3"},
    {
        "Action": "AssumeRole",
        "RoleArn": "arn:aws:iam::123456789012:role/headway",
        "RoleSessionName": "headway",
    },
)


class Moto(NamedTuple):
    """A running server with one bucket, and who may use it: a user, and a role for a session.

    A `guest` may use the bucket, too, but nothing else.
    """

    endpoint: str
    user: Credentials
    role: Credentials
    guest: Credentials
    bucket: str = BUCKET
    region: str = REGION


@contextmanager
def running_moto(*actions: str) -> Iterator[Moto]:
    """Run its S3 with authentication on while the block runs; all but guests may do this besides."""
    with serving_moto({"INITIAL_NO_AUTH_ACTION_COUNT": str(_UNVERIFIED_CALLS)}) as endpoint:
        yield _prepared(endpoint, actions)


@contextmanager
def serving_moto(variables: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run all of it while the block runs; gives its endpoint. Without variables it lets everybody in."""
    with TemporaryDirectory() as folder:
        log = Path(folder, "log")
        command = [sys.executable, str(_PROGRAM), "--host", "127.0.0.1", "--port", "0"]
        # Measured for coverage, which is ours to have, it would be twice as slow.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        environment = {**inherited, **(variables or {})}
        with (
            log.open("wb") as output,
            subprocess.Popen(command, stderr=output, env=environment) as server,  # noqa: S603 — our own words
        ):
            try:
                yield _endpoint(log)
            finally:
                server.terminate()


def _endpoint(log: Path) -> str:
    for _ in range(3000):
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
        if found:
            return found[0]
        time.sleep(0.01)
    raise TimeoutError(log.read_text())


def _prepared(endpoint: str, actions: Sequence[str]) -> Moto:
    guest = _credentials(endpoint, _user_calls("guest"), ())
    user = _credentials(endpoint, _user_calls("headway"), actions)
    role = _credentials(endpoint, _ROLE_CALLS, actions)
    configuration = f"<LocationConstraint>{REGION}</LocationConstraint>"
    body = f"<CreateBucketConfiguration>{configuration}</CreateBucketConfiguration>".encode()
    request = Request("PUT", f"{endpoint}/{BUCKET}", {}, body)
    _sent(sign(request, region=REGION, credentials=user, now=datetime.now(timezone.utc)))
    return Moto(endpoint, user, role, guest)


def _user_calls(name: str) -> Iterable[dict[str, str]]:
    return (
        {"Action": "CreateUser", "UserName": name},
        {"Action": "PutUserPolicy", "UserName": name, "PolicyName": "s3"},
        {"Action": "CreateAccessKey", "UserName": name},
    )


def _credentials(endpoint: str, calls: Iterable[dict[str, str]], actions: Sequence[str]) -> Credentials:
    """Make the calls; the last one answers with the credentials, to S3 and to these actions."""
    statement = {"Effect": "Allow", "Action": ["s3:*", *actions], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    for each in calls:
        call = {**each, "PolicyDocument": policy} if "PolicyName" in each else each
        service = "sts" if call["Action"] == "AssumeRole" else "iam"
        scope = f"nobody/20260101/us-east-1/{service}/aws4_request"
        headers = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = _sent(Request("POST", endpoint, headers, urlencode(call).encode()))
    found = dict(re.findall(r"<(AccessKeyId|SecretAccessKey|SessionToken)>([^<]+)<", answer))
    return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found.get("SessionToken"))


def _sent(request: Request) -> str:
    answer = Transport(connections=1)(request, timeout_seconds=10)
    if answer.status != HTTPStatus.OK:
        raise ConnectionError(answer)
    return answer.body.decode()
