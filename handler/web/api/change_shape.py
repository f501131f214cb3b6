"""What the API says of a change: the shapes of the JSON, and by them its description.

Times are UTC, by the clock of the state store; those of steps and `seen_at` by the cloud's. What is not
known is null, and nothing depends on when it is asked for.
"""

# Without `from __future__ import annotations`: the description is made of what the annotations hold.
from enum import Enum

import msgspec

from handler.core.observation import Phase, StepState
from handler.core.problem import ProblemKind
from handler.web.api.scalars import ChangeName, Count, Id, Number, Percent, Text, Time
from notifiers.alerts import Ending, Kind, Severity
from notifiers.verdicts import Outcome


class Hearing(Enum):
    """How a channel listens: it has heard all that it wants, is being sent to, or has something to hear yet.

    A `refused` one is one whose service will not take messages, an `in_doubt` one may have heard the last or
    not, an `absent` one is configured no longer.
    """

    IDLE = "idle"
    SENDING = "sending"
    WAITING = "waiting"
    REFUSED = "refused"
    IN_DOUBT = "in_doubt"
    ABSENT = "absent"


class ChangeError(msgspec.Struct, frozen=True, kw_only=True):
    """Why nothing newer is known: the cloud's API has failed since then, or what is kept cannot be read."""

    kind: ProblemKind
    since: Time | None = None
    message: Text | None = None


class ChangeSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How a change stands.

    `step` is the one that runs or has failed, by the API's own name. `done_at` is when the change will be
    done by what the API said at `seen_at`; `looked_at` is when it was last asked. One that `is_active` is
    followed, or has yet to be told to its end; one that `is_stalled` stands still. `ended_at` is when its
    last step ended, or where a step does not tell that, when the change was seen to be over; then
    `duration_seconds` is null. `refused_channels` are those whose service refuses messages.
    """

    id: ChangeName
    instance_id: Id
    task_id: Id
    name: Text | None
    phase: Phase
    percent: Percent | None
    remaining_seconds: Count | None
    done_at: Time | None
    step: Text | None
    is_active: bool
    is_stalled: bool
    created_at: Time | None
    looked_at: Time | None
    seen_at: Time | None
    ended_at: Time | None
    duration_seconds: Count | None
    error: ChangeError | None
    refused_channels: tuple[Text, ...]


class ChangeList(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a list of changes; `next_cursor` asks for the following one, null after the last.

    `access_key_refused_at` is when the API last refused the access key, null while it accepts it.
    """

    changes: tuple[ChangeSummary, ...]
    next_cursor: str | None
    access_key_refused_at: Time | None


class ChangeStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step: its name in the API, and which of that name it is, from 1.

    `status` is the API's own word, where Headway does not know it.
    """

    name: Text
    occurrence: Number
    state: StepState
    status: Text | None
    started_at: Time | None
    ended_at: Time | None
    duration_seconds: Count | None


class OrderParameter(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter that the change was ordered with."""

    name: Text
    value: Text


class ChangeOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Who ordered the change, when, and with which parameters."""

    user: Text | None
    ordered_at: Time | None
    parameters: tuple[OrderParameter, ...]


class InstanceSize(msgspec.Struct, frozen=True, kw_only=True):
    """How large the instance is: its flavor in the API's word, brokers, storage in GB."""

    flavor: Text | None
    brokers: Count | None
    storage_gb: Count | None


class ProgressSample(msgspec.Struct, frozen=True, kw_only=True):
    """How far the change was, and when that was seen."""

    at: Time
    percent: Percent


class RaisedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert: `percent` and `remaining_seconds` are the change's when it was raised.

    `step_seconds` is how long its `step` took, `seconds` how long a stall, an outage or what it `reminds_of`
    lasts, or at most how long nobody looked. `channel` is the one that a refusal is about, or that a reminder
    is for. One that `may_repeat` may have been told before. `endings` says by channel how it ended where it
    was not surely heard.
    """

    number: Number
    kind: Kind
    severity: Severity
    raised_at: Time
    percent: Percent | None
    remaining_seconds: Count | None
    step: Text | None
    step_seconds: Count | None
    seconds: Count | None
    detail: Text | None
    channel: Text | None
    reminds_of: Kind | None
    may_repeat: bool
    endings: dict[str, Ending]


class LastAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """How the last send to a channel ended: the outcome, and the service's own code."""

    outcome: Outcome
    ended_at: Time
    code: Text | None


class ListeningChannel(msgspec.Struct, frozen=True, kw_only=True):
    """How far a channel has heard: up to the alert numbered `heard_upto`, 0 for none.

    `tries` counts what was sent in vain since then; nothing is sent before `not_before`, and what is under
    way counts as cut off after `sending_until`. `outcome_counts` is how many sends have ended how.
    """

    name: Text
    heard_upto: Count
    is_up_to_date: bool
    state: Hearing
    tries: Count
    not_before: Time | None
    sending_until: Time | None
    refused_since: Time | None
    absent_since: Time | None
    last_attempt: LastAttempt | None
    outcome_counts: dict[Outcome, Count]


class ChangeDetail(ChangeSummary, frozen=True, kw_only=True):
    """All that is known of a change.

    Over 100 steps `steps` is empty; `step_counts` says how many stand how in any case. `specification` is the
    instance's size when the change was first looked at, `specification_now` that at its end. `alert_count` is
    how many alerts were ever raised, `alerts` are the newest of them. `outage_counts` is how many times the
    API began to fail, by the kind of problem.
    """

    steps: tuple[ChangeStep, ...]
    step_counts: dict[StepState, Count]
    order: ChangeOrder | None
    specification: InstanceSize | None
    specification_now: InstanceSize | None
    samples: tuple[ProgressSample, ...]
    alert_count: Count
    alerts: tuple[RaisedAlert, ...]
    channels: tuple[ListeningChannel, ...]
    outage_counts: dict[ProblemKind, Count]
