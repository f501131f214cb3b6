"""Which keys are taken from the environment, and which are refused before anything is signed."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping
from typing import Final

import pytest

from handler.credentials import ConfigurationError, aws_keys, huawei_credentials
from handler.huaweicloud import signing
from handler.runtimes import Runtime, read_runtime
from handler.storage import Conditions, open_store
from handler.stores import sigv4
from handler.stores.port import StateStore
from handler.transport import Response
from tests.edge.configurations import LEAST, read
from tests.fakes.canned_send import CannedSend
from tests.fakes.clock import FakeClock

HUAWEI: Final = {
    "HUAWEICLOUD_SDK_AK": "AK",
    "HUAWEICLOUD_SDK_SK": "s3cr3t",
    "HUAWEICLOUD_SDK_SECURITY_TOKEN": "t0ken",
}
AWS: Final = {
    "AWS_ACCESS_KEY_ID": "AK",
    "AWS_SECRET_ACCESS_KEY": "s3cr3t",
    "AWS_SESSION_TOKEN": "t0ken",
}
ESCAPED: Final = os.fsdecode(b"s3cr3t\xff")


def runtime(variables: Mapping[str, str]) -> Runtime:
    """What a machine gives whose environment holds these variables."""
    return read_runtime(None, variables, 0.0)


def huawei(variables: Mapping[str, str]) -> signing.Credentials:
    """The keys for the cloud, of which the configuration has none."""
    return huawei_credentials(read(LEAST), runtime(variables))


def aws(variables: Mapping[str, str]) -> sigv4.Credentials:
    """The keys for AWS."""
    return aws_keys(runtime(variables))


def bucket(variables: Mapping[str, str]) -> StateStore:
    """The bucket of `state`; nothing is asked of it."""
    settings = read(f"{LEAST}state: 's3://bucket/prefix?region=eu-west-1'")
    conditions = Conditions(
        send=CannedSend(Response(500, {}, b"")),
        now=FakeClock().now,
        remaining_seconds=lambda: 60,
        exchange_seconds=15,
        random_name=lambda: "name",
        pause=lambda _: None,
    )
    return open_store(settings, runtime(variables), conditions)


def test_the_environment_gives_what_the_configuration_does_not() -> None:
    """Whole sets of keys, with the token that is only there for temporary ones."""
    assert huawei(HUAWEI) == signing.Credentials("AK", "s3cr3t", "t0ken")
    assert aws(AWS) == sigv4.Credentials("AK", "s3cr3t", "t0ken")
    assert huawei({**HUAWEI, "HUAWEICLOUD_SDK_SECURITY_TOKEN": ""}).security_token is None
    assert aws({**AWS, "AWS_SESSION_TOKEN": ""}).session_token is None


@pytest.mark.parametrize(
    ("take", "given", "variable", "key"),
    [
        *((huawei, HUAWEI, name, "huaweicloud.access_key: is not configured, and") for name in HUAWEI),
        *((bucket, AWS, name, "state:") for name in AWS),
    ],
)
@pytest.mark.parametrize("value", [ESCAPED, "s3cr3t\n", "s3c\x00r3t"])
def test_a_variable_that_cannot_be_signed_is_refused_by_its_name(
    take: Callable[[Mapping[str, str]], object], given: dict[str, str], variable: str, key: str, value: str
) -> None:
    """Bytes that are no UTF-8 would break the signing later, a line break the request; neither is shown."""
    with pytest.raises(ConfigurationError) as caught:
        take({**given, variable: value})

    said = str(caught.value)
    shown = "".join(traceback.format_exception(caught.value))
    reason = "holds a line break or another invisible character"
    assert said == f"{key} the variable {variable} {reason}."
    assert "s3c" not in shown


@pytest.mark.parametrize(
    ("take", "given", "variable", "key"),
    [
        (huawei, HUAWEI, "HUAWEICLOUD_SDK_AK", "huaweicloud.access_key: is not configured, and"),
        (huawei, HUAWEI, "HUAWEICLOUD_SDK_SK", "huaweicloud.access_key: is not configured, and"),
        (bucket, AWS, "AWS_ACCESS_KEY_ID", "state:"),
        (bucket, AWS, "AWS_SECRET_ACCESS_KEY", "state:"),
    ],
)
def test_a_variable_that_is_missing_is_named(
    take: Callable[[Mapping[str, str]], object], given: dict[str, str], variable: str, key: str
) -> None:
    """With what in the configuration it stands in for."""
    with pytest.raises(ConfigurationError) as caught:
        take({**given, variable: ""})

    assert str(caught.value) == f"{key} the variable {variable} is not set."
