"""What the API takes and answers beside changes: reports, the list of what is followed, trials of channels.

Whoever makes these answers stands above this package; tests compare what they make with these shapes.
"""

# Without `from __future__ import annotations`: the description is made of what the annotations hold.
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from handler.chosen import CHANNELS_MAX, NAME_PATTERN
from handler.chosen import NAME_LENGTH_MAX as CHANNEL_LENGTH_MAX
from handler.core.change import NAME_LENGTH_MAX
from handler.core.observation import Phase
from handler.core.problem import ProblemKind
from handler.scope import SHARDS_MAX
from handler.web.api.scalars import ChangeName, Count, Id, Number, Percent, Time
from notifiers.alerts import Kind
from notifiers.verdicts import Outcome

Name = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH_MAX, pattern=r"\S")]
ChannelName = Annotated[str, Meta(max_length=CHANNEL_LENGTH_MAX, pattern=NAME_PATTERN)]
Shard = Annotated[str, Meta(pattern=r"^[0-9]{1,4}/[0-9]{1,4}$")]


class FailureReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no other answer: a code for programs, a sentence for people."""

    code: str
    message: str


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Says why there is no other answer."""

    error: FailureReason


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The function runs, and its configuration can be used."""

    ok: Literal[True]


class CheckRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which changes are to be looked at: all, unless it says otherwise.

    `only` names them. `shard` is a part of all, from 1, such as `2/8`, or with `shards` a number from 0.
    """

    only: Annotated[tuple[ChangeName, ...], Meta(min_length=1)] | UnsetType | None = UNSET
    shard: Shard | Annotated[int, Meta(ge=0, lt=SHARDS_MAX)] | UnsetType | None = UNSET
    shards: Annotated[int, Meta(ge=1, le=SHARDS_MAX)] | UnsetType | None = UNSET


class ReportedProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong: its kind for programs, a sentence for people."""

    kind: ProblemKind
    message: str


class ReportedDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one message: of how many alerts, and whether the channel may have had some before."""

    channel: str
    outcome: Outcome
    alert_count: Number
    possible_repeat: bool


class ReportedChange(msgspec.Struct, frozen=True, kw_only=True):
    """How a change stands that was looked at, which alerts that raised, and what was sent of it.

    `step` is the one that runs or has failed, by the API's own name.
    """

    id: ChangeName
    name: str
    phase: Phase
    percent: Percent | None
    remaining_seconds: Count | None
    step: str | None
    alerts: tuple[Kind, ...]
    deliveries: tuple[ReportedDelivery, ...]
    error: ReportedProblem | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What one look at changes came to; `deferred` is how many there was no time for.

    It is not `ok` when configuration, credentials or state failed, when the API has been out of reach for
    long, or when a channel is refused.
    """

    ok: bool
    trigger: Literal["timer", "http", "hint", "manual", "unrecognised"]
    started_at: Time
    duration_ms: Count
    deferred: Count
    error: ReportedProblem | None
    changes: tuple[ReportedChange, ...]


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is followed: a change, or with no task an instance's changes.

    A `configured` one stands in the configuration, a `followed` one was registered or found and goes on until
    it ends; of an `expected` instance the next change is followed.
    """

    instance_id: Id
    task_id: Id | None
    name: str | None
    reason: Literal["configured", "followed", "expected"]


class WatchList(msgspec.Struct, frozen=True, kw_only=True):
    """All that is followed, and by which patterns of instances' names changes are found besides."""

    watches: tuple[Watch, ...]
    discover: tuple[str, ...]


class ChangeToFollow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change to follow until it ends, and what to call it."""

    instance_id: Id
    task_id: Id
    name: Name | UnsetType | None = UNSET


class InstanceToFollow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An instance whose next change is to be followed."""

    instance_id: Id
    task_id: UnsetType | None = UNSET
    name: UnsetType | None = UNSET


class Nothing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """There is nothing to say: it is done."""


class TrialRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which channels are sent a test message: all, unless it names some."""

    channels: (
        Annotated[tuple[ChannelName, ...], Meta(min_length=1, max_length=CHANNELS_MAX)] | UnsetType | None
    ) = UNSET


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one channel's test message: the outcome, and the service's own code.

    `remarks` are what is wrong with how the channel is configured.
    """

    channel: str
    service: str
    outcome: Outcome
    code: str | None
    remarks: tuple[str, ...]


class TrialList(msgspec.Struct, frozen=True, kw_only=True):
    """What came of each channel's test message; it is `ok` if all were sent."""

    ok: bool
    trials: tuple[Trial, ...]
