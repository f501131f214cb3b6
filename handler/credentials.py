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
    return _agency_keys(runtime) or Credentials(
        needed(runtime, "HUAWEICLOUD_SDK_AK", "huaweicloud.access_key"),
        needed(runtime, "HUAWEICLOUD_SDK_SK", "huaweicloud.secret_key"),
        _readable(runtime, "HUAWEICLOUD_SDK_SECURITY_TOKEN", "huaweicloud.security_token"),
    )


def huawei_keys(runtime: Runtime) -> Credentials:
    """The same before there is a configuration.

    Raises:
        LookupError: There are none, or one of them is no line of text; the reason names the variable.
    """
    return _agency_keys(runtime) or Credentials(
        demanded(runtime, "HUAWEICLOUD_SDK_AK"),
        demanded(runtime, "HUAWEICLOUD_SDK_SK"),
        _found(runtime, "HUAWEICLOUD_SDK_SECURITY_TOKEN"),
    )


def _agency_keys(runtime: Runtime) -> Credentials | None:
    agency = runtime.agency_keys
    return Credentials(agency.access_key, agency.secret_key, agency.security_token) if agency else None


def key_name(settings: Settings, runtime: Runtime) -> str | None:
    """What the access key in use is told from others by; None if there is none."""
    try:
        return huawei_credentials(settings, runtime).name
    except ConfigurationError:
        return None


def aws_credentials(runtime: Runtime) -> sigv4.Credentials:
    """The keys of Lambda's role, or whatever else the environment holds, for the bucket of `state`.

    Raises:
        ConfigurationError: There are none, or one of them is no line of text.
    """
    try:
        return aws_keys(runtime)
    except LookupError as error:
        raise ConfigurationError(f"state: {error}.") from None


def aws_keys(runtime: Runtime) -> sigv4.Credentials:
    """The same for whatever else is asked of AWS.

    Raises:
        LookupError: There are none, or one of them is no line of text; the reason names the variable.
    """
    return sigv4.Credentials(
        demanded(runtime, "AWS_ACCESS_KEY_ID"),
        demanded(runtime, "AWS_SECRET_ACCESS_KEY"),
        _found(runtime, "AWS_SESSION_TOKEN"),
    )


def needed(runtime: Runtime, variable: str, key: str) -> str:
    """The variable that stands in for a key of the configuration.

    Raises:
        ConfigurationError: It is not set, or no line of text.
    """
    value = _readable(runtime, variable, key)
    if value is None:
        raise ConfigurationError(f"{key}: neither the configuration nor the variable {variable} gives it.")
    return value


def demanded(runtime: Runtime, variable: str) -> str:
    """A variable that nothing stands in for.

    Raises:
        LookupError: It is not set, or no line of text.
    """
    value = _found(runtime, variable)
    if value is None:
        raise LookupError(f"the variable {variable} is not set")
    return value


def _readable(runtime: Runtime, variable: str, key: str) -> str | None:
    try:
        return _found(runtime, variable)
    except LookupError as error:
        raise ConfigurationError(f"{key}: {error}.") from None


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
