"""All that can be configured. A field's description says what it expects; errors show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from typing import Annotated, Final, get_args
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo

from handler.core.change import ChangeId
from handler.core.reading import TimeUnit
from handler.core.rules import Policy
from handler.settings import values
from handler.settings.state import FolderState, State, read_state
from handler.settings.tree import Place
from notifiers.alerts import Group, Kind, Severity

Text = Annotated[str, PlainValidator(values.read_text)]
Id = Annotated[str, PlainValidator(values.read_id)]
Secret = Annotated[SecretStr, PlainValidator(values.read_secret)]
Link = Annotated[str, PlainValidator(values.read_link)]
Timezone = Annotated[ZoneInfo, PlainValidator(values.read_timezone)]
Duration = Annotated[timedelta, PlainValidator(values.read_duration)]

_POLICY: Final = Policy()


class Section(BaseModel):
    """Keys that belong together; unknown ones are errors, and nothing changes once it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class HuaweiCloudSettings(Section):
    """Where the instances live, and how to ask for them."""

    region: Annotated[str, PlainValidator(values.read_region)] = Field(
        description="a region, such as eu-west-101"
    )
    project_id: Id = Field(description="the id of the region's project")
    endpoint: Annotated[str, PlainValidator(values.read_endpoint)] | None = Field(
        None, description="the DMS endpoint as https://HOST or https://HOST:PORT"
    )
    access_key: Secret | None = Field(None, description="an access key (AK)")
    secret_key: Secret | None = Field(None, description="the access key's secret (SK)")
    security_token: Secret | None = Field(None, description="the token of a temporary access key")
    remaining_time_unit: TimeUnit = Field(TimeUnit.SECONDS, description="seconds, milliseconds or minutes")
    connections: int = Field(64, ge=1, le=256, description="a number from 1 to 256")

    @model_validator(mode="after")
    def _keys_are_whole(self) -> HuaweiCloudSettings:
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError("has one of access_key and secret_key without the other")
        if self.security_token and not self.access_key:
            raise ValueError("has a security_token without the access_key it belongs to")
        return self


class NetworkSettings(Section):
    """The way out of a company's network."""

    proxy: Annotated[SecretStr, PlainValidator(values.read_proxy)] | None = Field(
        None, description="a proxy as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT"
    )
    ca_file: Text | None = Field(None, description="the path of a PEM file")


class WatchSettings(Section):
    """A change to follow."""

    instance_id: Id = Field(description="the id of a Kafka instance")
    task_id: Id = Field(
        description="the id of a task there (to follow all of them is not in this version yet)"
    )
    name: Annotated[str, PlainValidator(values.read_name)] | None = Field(
        None, description="a name of up to 100 characters"
    )

    @property
    def change(self) -> ChangeId:
        """The change as everything else names it."""
        return ChangeId(self.instance_id, self.task_id)


class ChannelSettings(Section):
    """Somewhere to send alerts, and which."""

    url: Annotated[SecretStr, PlainValidator(values.read_channel_url)] = Field(
        description="an apprise URL with one target, such as slack://TOKEN_A/TOKEN_B/TOKEN_C"
    )
    alerts: Annotated[frozenset[Kind], PlainValidator(values.read_kinds)] = Field(
        frozenset(Kind), description=f"a list of {', '.join(m.value for m in (*Group, *Kind))}"
    )
    min_severity: Severity = Field(Severity.INFO, description="info, success, warning or failure")
    changes: Annotated[tuple[str, ...], PlainValidator(values.read_patterns)] = Field(
        (), description="a list of patterns of changes' names, such as [orders-*]"
    )
    quiet: Annotated[tuple[time, time], PlainValidator(values.read_quiet)] | None = Field(
        None, description="hours as 22:00-07:00"
    )
    timezone: Timezone | None = Field(None, description="an IANA name, such as Asia/Shanghai")


class AlertSettings(Section):
    """When a change is worth a word."""

    milestones: Annotated[tuple[int, ...], PlainValidator(values.read_milestones)] = Field(
        _POLICY.milestones, description="a list of percentages from 1 to 99, such as [25, 50, 75]"
    )
    stalled_after: Duration = Field(_POLICY.stalled_after, description="a duration, such as 30m, 1h30m or 2d")
    delayed_by: Annotated[float, PlainValidator(values.read_factor)] = Field(
        _POLICY.delayed_by, description="a factor over 1, such as 1.5x"
    )
    unreachable_after: Duration = Field(
        _POLICY.unreachable_after, description="a duration, such as 90s, 10m or 1h"
    )

    @property
    def policy(self) -> Policy:
        """The same, as the core wants it."""
        return Policy(**self.model_dump())


class LinkSettings(Section):
    """What messages point to."""

    status_page: Link | None = Field(None, description="an http:// or https:// address")
    console: Link | None = Field(None, description="an http:// or https:// address")


class HttpSettings(Section):
    """Who may ask over HTTP."""

    token: Secret | None = Field(None, description="a token that callers have to show")


class Settings(Section):
    """The whole configuration."""

    huaweicloud: HuaweiCloudSettings = Field(description="region and project_id, and both keys or neither")
    network: NetworkSettings = Field(NetworkSettings(), description="proxy, ca_file")
    state: Annotated[State, PlainValidator(read_state)] = Field(
        FolderState(".headway"),
        description=(
            "file:DIR, s3://BUCKET/PREFIX?region=REGION&endpoint=URL&path_style=true"
            " or obs://BUCKET/PREFIX?region=REGION&endpoint=URL&lock=announce"
        ),
    )
    watches: tuple[WatchSettings, ...] = Field(
        description="a list with an instance_id and a task_id in each entry"
    )
    channels: Mapping[Annotated[str, PlainValidator(values.read_channel_name)], ChannelSettings] = Field(
        {}, description="a name for each channel, and under it at least its url"
    )
    alerts: AlertSettings = Field(AlertSettings(), description="milestones, stalled_after and the like")
    timezone: Timezone = Field(ZoneInfo("UTC"), description="an IANA name, such as Asia/Shanghai")
    links: LinkSettings = Field(LinkSettings(), description="status_page, console")
    http: HttpSettings = Field(HttpSettings(), description="token")

    @field_validator("watches")
    @classmethod
    def _watches_differ(cls, watches: tuple[WatchSettings, ...]) -> tuple[WatchSettings, ...]:
        if not watches:
            raise ValueError("is empty")
        if len({watch.change for watch in watches}) < len(watches):
            raise ValueError("follows the same change twice")
        return watches

    def secrets(self) -> frozenset[str]:
        """All values that must never be seen."""
        return frozenset(_secrets_in(self))


def each_field(section: type[Section] = Settings, place: Place = ()) -> Iterator[tuple[Place, FieldInfo]]:
    """All that can be configured, sections before what is in them."""
    for name, field in section.model_fields.items():
        yield (*place, name), field
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, Section):
                star = () if inner is field.annotation else ("*",)
                yield from each_field(inner, (*place, name, *star))


def _secrets_in(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for _, inner in value:
            yield from _secrets_in(inner)
    elif isinstance(value, (Mapping, tuple)):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _secrets_in(inner)
