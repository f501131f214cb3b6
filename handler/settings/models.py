"""All that can be configured; errors show what each key expects."""

# Without `from __future__ import annotations`: what the annotations hold is used.
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import msgspec

from handler.core.change import ChangeId
from handler.core.reading import TimeUnit
from handler.core.rules import Policy
from handler.settings import addresses, times, values
from handler.settings.channel import ChannelSettings
from handler.settings.secret import Secret
from handler.settings.section import Key, Section
from handler.settings.state import STATE_DEFAULT, State, read_state
from notifiers.language_code import LanguageCode

_POLICY: Final = Policy()


class HuaweiCloudSettings(Section, frozen=True):
    """Where the instances live, and how to ask for them."""

    region: Annotated[str, Key("a region, such as eu-west-101", values.read_region)]
    project_id: Annotated[str, Key("the id of the region's project", values.read_id)]
    endpoint: Annotated[
        str | None, Key("the DMS endpoint as https://HOST or https://HOST:PORT", addresses.read_endpoint)
    ] = None
    access_key: Annotated[Secret | None, Key("an access key (AK)", values.read_secret)] = None
    secret_key: Annotated[Secret | None, Key("the access key's secret (SK)", values.read_secret)] = None
    security_token: Annotated[
        Secret | None, Key("the token of a temporary access key", values.read_secret)
    ] = None
    remaining_time_unit: Annotated[
        TimeUnit, Key("seconds, milliseconds or minutes", values.reader_of(TimeUnit))
    ] = TimeUnit.SECONDS
    connections: Annotated[int, Key("a number from 1 to 256", values.read_connections)] = 64
    rate_per_second: Annotated[int, Key("a number from 1 to 1000", values.read_rate)] = 50

    def check(self) -> None:
        """See `Section`."""
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError("has one of access_key and secret_key without the other")
        if self.security_token and not self.access_key:
            raise ValueError("has a security_token without the access_key it belongs to")


class NetworkSettings(Section, frozen=True):
    """The way out of a company's network."""

    proxy: Annotated[
        Secret | None,
        Key(
            "a proxy as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, or https:// if it speaks TLS,"
            " with whatever is special in it percent-encoded",
            addresses.read_proxy,
        ),
    ] = None
    ca_file: Annotated[str | None, Key("the path of a PEM file", values.read_text)] = None


class WatchSettings(Section, frozen=True):
    """A change to follow, or an instance of which every change is followed."""

    instance_id: Annotated[str, Key("the id of a Kafka instance", values.read_id)]
    task_id: Annotated[
        str | None, Key("the id of a task there, or nothing at all to follow all of them", values.read_id)
    ] = None
    name: Annotated[str | None, Key("a name of up to 100 characters", values.read_name)] = None

    @property
    def change(self) -> ChangeId | None:
        """The change as everything else names it; None where it is any change of the instance."""
        return ChangeId(self.instance_id, self.task_id) if self.task_id else None


def _check_watches(watches: tuple[WatchSettings, ...]) -> None:
    if len({(watch.instance_id, watch.task_id) for watch in watches}) < len(watches):
        raise ValueError("follows the same twice")


class AlertSettings(Section, frozen=True):
    """When a change is worth a word."""

    milestones: Annotated[
        tuple[int, ...],
        Key("a list of percentages from 1 to 99, such as [25, 50, 75]", values.read_milestones),
    ] = _POLICY.milestones
    stalled_after: Annotated[timedelta, Key("a duration, such as 30m, 1h30m or 2d", times.read_duration)] = (
        _POLICY.stalled_after
    )
    delayed_by: Annotated[float, Key("a factor over 1, such as 1.5x", times.read_factor)] = _POLICY.delayed_by
    unreachable_after: Annotated[
        timedelta, Key("a duration, such as 90s, 10m or 1h", times.read_duration)
    ] = _POLICY.unreachable_after

    @property
    def policy(self) -> Policy:
        """The same, as the core wants it."""
        return Policy(**msgspec.structs.asdict(self))


class LinkSettings(Section, frozen=True):
    """What messages point to."""

    status_page: Annotated[
        str | None, Key("an http:// or https:// address without a query", addresses.read_base)
    ] = None
    console: Annotated[str | None, Key("an http:// or https:// address", addresses.read_link)] = None


class HttpSettings(Section, frozen=True):
    """Who may ask over HTTP."""

    token: Annotated[
        Secret | None, Key("a token of at least 16 visible ASCII characters", values.read_token)
    ] = None


class HeartbeatSettings(Section, frozen=True):
    """Who notices when nobody looks any more."""

    url: Annotated[Secret | None, Key("an http:// or https:// address to ping", addresses.read_heartbeat)] = (
        None
    )


class Settings(Section, frozen=True, kw_only=True):
    """The whole configuration."""

    huaweicloud: Annotated[HuaweiCloudSettings, Key("region and project_id, and both keys or neither")]
    network: Annotated[NetworkSettings, Key("proxy, ca_file")] = NetworkSettings()
    state: Annotated[
        State,
        Key(
            "file:DIR, s3://BUCKET/PREFIX?region=REGION&endpoint=URL&path_style=true"
            " or obs://BUCKET/PREFIX?region=REGION&endpoint=URL&lock=announce",
            read_state,
        ),
    ] = read_state(STATE_DEFAULT)
    watches: Annotated[
        tuple[WatchSettings, ...],
        Key("a list with an instance_id in each entry, or discover instead", check=_check_watches),
    ]
    discover: Annotated[
        tuple[str, ...],
        Key(
            "true, false, or a list of patterns of instances' names, such as [orders-*]", values.read_discover
        ),
    ] = ()
    channels: Annotated[
        Mapping[str, ChannelSettings],
        Key("a name for each channel, and under it at least its url", check_name=values.check_channel_name),
    ] = {}
    alerts: Annotated[AlertSettings, Key("milestones, stalled_after and the like")] = AlertSettings()
    language: Annotated[LanguageCode, Key("en or zh", values.reader_of(LanguageCode))] = LanguageCode.EN
    timezone: Annotated[ZoneInfo, Key("an IANA name, such as Asia/Shanghai", times.read_timezone)] = ZoneInfo(
        "UTC"
    )
    links: Annotated[LinkSettings, Key("status_page, console")] = LinkSettings()
    http: Annotated[HttpSettings, Key("token")] = HttpSettings()
    heartbeat: Annotated[HeartbeatSettings, Key("url")] = HeartbeatSettings()

    @property
    def follows_registered(self) -> bool:
        """False where the configuration names each change, and nobody can register another over HTTP."""
        is_closed = self.watches and all(watch.task_id for watch in self.watches)
        return not is_closed or bool(self.discover) or self.http.token is not None

    def secrets(self) -> frozenset[str]:
        """All values that must never be seen."""
        return frozenset(_secrets_in(self))


def _secrets_in(value: object) -> Iterator[str]:
    if isinstance(value, Secret):
        yield value.reveal()
    elif isinstance(value, Section):
        for name in value.__struct_fields__:
            yield from _secrets_in(getattr(value, name))
    elif isinstance(value, (Mapping, tuple)):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _secrets_in(inner)
