"""Which keys an invocation uses: read anew each time, because platforms change them."""

from __future__ import annotations

from typing import Final

from handler.huaweicloud.signing import Credentials
from handler.runtimes import Runtime
from handler.settings import Settings
from handler.settings.values import read_text
from handler.stores import sigv4

_SECRET_VARIABLES: Final = (
    "HUAWEICLOUD_SDK_SK",
    "HUAWEICLOUD_SDK_SECURITY_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)


class ConfigurationError(Exception):
    """The configuration cannot work on this platform; the message names the key."""


def huawei_credentials(settings: Settings, runtime: Runtime) -> Credentials:
    """The configured keys, else those of the function's agency, else those of the environment.

    Raises:
        ConfigurationError: There are none, or one of them is no line of text.
    """
    cloud = settings.huaweicloud
    if cloud.access_key and cloud.secret_key:
        token = cloud.security_token.reveal() if cloud.security_token else None
        return Credentials(cloud.access_key.reveal(), cloud.secret_key.reveal(), token)
    try:
        return huawei_keys(runtime)
    except LookupError as error:
        raise ConfigurationError(f"huaweicloud.access_key: is not configured, and {error}.") from None


def huawei_keys(runtime: Runtime) -> Credentials:
    """The same before there is a configuration.

    Raises:
        LookupError: There are none, or one of them is no line of text; the reason names the variable.
    """
    agency = runtime.agency_keys
    if agency:
        return Credentials(agency.access_key, agency.secret_key, agency.security_token)
    return Credentials(
        demanded(runtime, "HUAWEICLOUD_SDK_AK"),
        demanded(runtime, "HUAWEICLOUD_SDK_SK"),
        _found(runtime, "HUAWEICLOUD_SDK_SECURITY_TOKEN"),
    )


def key_name(settings: Settings, runtime: Runtime) -> str | None:
    """What the access key in use is told from others by; None if there is none."""
    try:
        return huawei_credentials(settings, runtime).name
    except ConfigurationError:
        return None


def aws_keys(runtime: Runtime) -> sigv4.Credentials:
    """The keys of Lambda's role, or whatever else the environment holds.

    Raises:
        LookupError: There are none, or one of them is no line of text; the reason names the variable.
    """
    return sigv4.Credentials(
        demanded(runtime, "AWS_ACCESS_KEY_ID"),
        demanded(runtime, "AWS_SECRET_ACCESS_KEY"),
        _found(runtime, "AWS_SESSION_TOKEN"),
    )


def demanded(runtime: Runtime, variable: str) -> str:
    """A variable that nothing stands in for.

    Raises:
        LookupError: It is not set, or no line of text.
    """
    value = _found(runtime, variable)
    if value is None:
        raise LookupError(f"the variable {variable} is not set")
    return value


def _found(runtime: Runtime, variable: str) -> str | None:
    """Refuse what cannot be signed or sent, such as the escapes of `os.environ` for what is no UTF-8."""
    value = runtime.lookup(variable)
    try:
        return None if value is None else read_text(value)
    except ValueError as error:
        raise LookupError(f"the variable {variable} {error}") from None


def secrets_of(runtime: Runtime) -> set[str]:
    """What the platform gave that must never be seen."""
    agency = runtime.agency_keys
    found = {runtime.lookup(name) for name in _SECRET_VARIABLES}
    return {*filter(None, found), *((agency.secret_key, agency.security_token) if agency else ())}
