"""Messages in English."""

from __future__ import annotations

from typing import Final

from notifiers.alerts import Kind
from notifiers.language_code import LanguageCode
from notifiers.languages.language import Action, Fact, Fault, Language, Noun
from notifiers.messages import Place


def _count(number: int, noun: Noun) -> str:
    return f"{number} {noun.value}" if number == 1 else f"{number} {noun.value}s"


ENGLISH: Final = Language(
    code=LanguageCode.EN,
    html_code="en",
    comma=", ",
    colon=": ",
    brackets=" ({text})",
    count=_count,
    short_units={
        Noun.SECOND: "{number} s",
        Noun.MINUTE: "{number} min",
        Noun.HOUR: "{number} h",
        Noun.DAY: "{number} d",
    },
    about="about {span}",
    some_time="some time",
    a_step="a step",
    told={
        Kind.STARTED: "capacity change started",
        Kind.STEP_STARTED: "{step} started",
        Kind.STEP_COMPLETED: "{step} completed",
        Kind.MILESTONE: "{percent} done",
        Kind.STEP_FAILED: "FAILED at {step}",
        Kind.COMPLETED: "capacity change completed",
        Kind.FAILED: "capacity change FAILED",
        Kind.LOST: "capacity change no longer found, outcome unknown",
        Kind.CANCELLED: "capacity change cancelled",
        Kind.STALLED: "no progress for {span}",
        Kind.RESUMED: "moving again after {span}",
        Kind.DELAYED: "{span} later than first estimated",
        Kind.UNREACHABLE: "no usable answer from Huawei Cloud for {span}",
        Kind.RECOVERED: "Huawei Cloud answers again after {span}",
        Kind.CHANNEL_REFUSED: "channel {channel} refuses messages",
        Kind.LEDGER_RESET: "Headway's notes on it were unreadable and begin anew",
        Kind.REMINDER: "a reminder",
    },
    partly_done="partly done",
    failed_at="{told} at {step}",
    completed_in="{told} in {span}",
    ended_after="{told} after {span}",
    reminders={
        Kind.STALLED: "still no progress after {span}",
        Kind.STEP_FAILED: "FAILED at {step} {span} ago, still not resolved",
        Kind.FAILED: "capacity change FAILED {span} ago",
        Kind.LOST: "capacity change not found for {span}, outcome unknown",
    },
    reminder="reminder after {span}",
    failed_briefly="FAILED: {name}",
    headline="{name}: {told}",
    failed={
        Kind.STEP_FAILED: "FAILED: {name} at {step}",
        Kind.FAILED: "FAILED: capacity change of {name}",
    },
    step_of="step {number} of {count}",
    percent="{percent}%",
    last_seen_at="last seen at {percent}",
    time_left="{span} left",
    done_at="done around {time}",
    progress_unknown="progress unknown",
    time_left_unknown="time left unknown",
    actions={
        Action.NONE: "no action needed",
        Action.CHECK: "please check",
        Action.ACT: "action needed",
    },
    no_cause=(
        "The API gives no cause. The console does: point at the status “Change failed”,"
        " or see Background Tasks."
    ),
    repeat="possible repeat",
    as_of="as of {time}",
    more="… and {count} more",
    states={
        "waiting": "{steps} waiting",
        "running": "{steps} running",
        "completed": "{steps} completed",
        "failed": "{steps} failed",
        "unknown": "{steps} in an unknown state",
    },
    facts={
        Fact.ORDERED_BY: "Ordered by",
        Fact.ORDERED_AT: "Ordered at",
        Fact.PARAMETERS: "Parameters",
        Fact.SPECIFICATION: "Instance",
    },
    places={Place.STATUS_PAGE: "Status page", Place.CONSOLE: "Console"},
    digest="{news} ({changes})",
    news={
        Kind.STARTED: "started: {count}",
        Kind.STEP_STARTED: "step started: {count}",
        Kind.STEP_COMPLETED: "step completed: {count}",
        Kind.MILESTONE: "partly done: {count}",
        Kind.STEP_FAILED: "FAILED at a step: {count}",
        Kind.COMPLETED: "completed: {count}",
        Kind.FAILED: "FAILED: {count}",
        Kind.LOST: "no longer found: {count}",
        Kind.CANCELLED: "cancelled: {count}",
        Kind.STALLED: "no progress: {count}",
        Kind.RESUMED: "moving again: {count}",
        Kind.DELAYED: "delayed: {count}",
        Kind.UNREACHABLE: "out of sight: {count}",
        Kind.RECOVERED: "in sight again: {count}",
        Kind.CHANNEL_REFUSED: "with a refusing channel: {count}",
        Kind.LEDGER_RESET: "with new notes: {count}",
        Kind.REMINDER: "still in trouble: {count}",
    },
    own_form_broken="Your template {template} could not be used ({reason}); this is the built-in one.",
    own_form_faults={
        Fault.NO_FOLDER: "there is no such folder",
        Fault.AT_LINE: "line {line}: {reason}",
        Fault.NO_JSON: "what it makes is no JSON: {reason}",
        Fault.TOO_LONG: "what it makes is too long, however little there is to tell",
        Fault.TOO_SLOW: "it takes too long",
        Fault.REFUSED: "the service refuses what it makes: {reason}",
        Fault.UNDEFINED: "{reason} is not defined",
        Fault.ERROR: "it ends with {reason}",
    },
    test="TEST",
    test_note="This is a test: nothing has happened.",
    steps={
        "pre_check": "Pre-check",
        "precheck": "Pre-check",
        "check": "Check",
        "disk_expansion": "Disk expansion",
        "storage_expansion": "Storage expansion",
        "volume_expansion": "Volume expansion",
        "broker_expansion": "Broker expansion",
        "node_expansion": "Node expansion",
        "horizontal_scaling": "Adding brokers",
        "vertical_scaling": "Changing the broker flavor",
        "flavor_change": "Flavor change",
        "bandwidth_expansion": "Bandwidth expansion",
        "resource_creation": "Creating resources",
        "rolling_scaling": "Rolling scaling",
        "rolling_restart": "Rolling restart",
        "rolling_upgrade": "Rolling upgrade",
        "restart": "Restart",
        "partition_rebalance": "Partition rebalancing",
        "partition_reassignment": "Partition reassignment",
        "post_check": "Final check",
    },
    details={
        "Its service answered misconfigured.": "The channel's settings cannot be used.",
        "Its service answered nothing-sent.": "Its service could not be asked at all.",
        "Its service answered unsendable.": "The mail could not be made up for its recipients.",
        "Its service answered unsupported.": "The mail server lacks what the channel's settings ask for.",
    },
)
