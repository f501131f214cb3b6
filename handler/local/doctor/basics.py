"""The first checks: whether there is a configuration that can be used, and where its access keys are from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Final

from handler.configuration import Outside, UnavailableError
from handler.credentials import ConfigurationError, aws_keys, huawei_credentials
from handler.local.configuration import Configuration
from handler.local.doctor.check import Check, Finding, failed, made, ok
from handler.local.failing import lines_named_by
from handler.local.lenient import read_leniently
from handler.local.printing.counting import counted
from handler.runtimes import Runtime
from handler.settings import S3State, Settings, SettingsError
from handler.settings.sources import CONFIG_FILE, CONFIG_VARIABLE, place_in
from handler.settings.tree import Path

_BY_VARIABLES: Final = "the variables HEADWAY_…"


class Basics:
    """The checks of one examination.

    Attributes:
        settings: None until a configuration is read that can be used.
        missing: Which secrets of channels and the like are not there, each with what it needs.
    """

    def __init__(self, configuration: Configuration, runtime: Runtime, outside: Outside) -> None:
        """Read nothing yet."""
        self.settings: Settings | None = None
        self.missing: Mapping[Path, str] = {}
        self._configuration = configuration
        self._runtime = runtime
        self._outside = outside

    def read(self) -> Check:
        """Read the configuration."""
        return made("configuration", self._read)

    def _read(self) -> Finding:
        try:
            settings, self.missing = read_leniently(
                self._configuration, self._runtime, self._outside, asks_for_all=True
            )
        except UnavailableError as error:
            return failed(str(error))
        except SettingsError as error:
            path, environ = self._configuration.path, self._configuration.environ
            advice = lines_named_by(path if path != CONFIG_FILE else None, environ)
            return failed(str(error), advice, is_misconfigured=True)
        self.settings = settings
        watches = counted(len(settings.watches), "watch")
        discover = "on" if settings.discover else "off"
        channels = counted(len(settings.channels), "channel")
        return ok(f"{place_of(self._configuration)}: {watches}, discover {discover}, {channels}")


def place_of(configuration: Configuration) -> str:
    """Say where a configuration is: its path or address, or that it is in variables."""
    config = configuration.environ.get(CONFIG_VARIABLE)
    if config:
        return place_in(config) or f"the text in {CONFIG_VARIABLE}"
    return configuration.path if FilePath(configuration.path).exists() else _BY_VARIABLES


def keys(settings: Settings, runtime: Runtime) -> Iterator[Check]:
    """Look for access keys, and say where they are from; of a key itself nothing is told."""
    yield made("access key", lambda: _find_huawei(settings, runtime))
    if isinstance(settings.state, S3State):
        yield made("access key of the store", lambda: _find_aws(runtime))


def _find_huawei(settings: Settings, runtime: Runtime) -> Finding:
    try:
        credentials = huawei_credentials(settings, runtime)
    except ConfigurationError as error:
        return failed(str(error), is_misconfigured=True)
    temporary = ", temporary, with a security token" if credentials.security_token else ""
    if settings.huaweicloud.access_key:
        return ok(f"from the configuration, huaweicloud.access_key{temporary}")
    return ok(f"from the environment, HUAWEICLOUD_SDK_AK and _SK{temporary}")


def _find_aws(runtime: Runtime) -> Finding:
    try:
        credentials = aws_keys(runtime)
    except LookupError as error:
        return failed(f"{error}", "set the keys for S3 there", is_misconfigured=True)
    temporary = ", temporary, with a session token" if credentials.session_token else ""
    return ok(f"from the environment, AWS_ACCESS_KEY_ID{temporary}")
