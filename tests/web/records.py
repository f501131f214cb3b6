"""Changes whose pages the tests look at."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from math import sin
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from handler.core.change import ChangeId
from handler.core.ledger import Attempt, ChannelState, Claim, Ledger, Outage, Sample
from handler.core.observation import Observation, Phase, Step, StepState, leave_open_unknown
from handler.core.problem import ProblemKind
from handler.core.record import Record
from handler.web.pages.visitor import Visitor
from notifiers.alerts import Alert, Ending, Kind
from notifiers.languages import LANGUAGES, LanguageCode
from notifiers.operations import Order, Specification
from notifiers.saying import Reader
from notifiers.verdicts import Outcome

NOW: Final = datetime(2026, 11, 24, 9, 52, tzinfo=timezone.utc)
START: Final = NOW - timedelta(minutes=96)
MINUTE: Final = timedelta(minutes=1)
CHANGE: Final = ChangeId("6b0e3a52-4f1d-4c2e-9a57-8d1f0c7be210", "f2c8d1a4-0b7e-4e63-8f35-51c9a6d20e78")
STEPS: Final = (
    ("pre_check", 2),
    ("resource_creation", 6),
    ("disk_expansion", 19),
    ("broker_expansion", 14),
    ("rolling_restart", 22),
    ("bandwidth_expansion", 5),
    ("rolling_upgrade", 17),
    ("partition_reassignment", 30),
    ("partition_rebalance", 12),
    ("post_check", 3),
)
"""What a change does, and in how many minutes."""

EVIL: Final = (
    '"><script>window.hurt=1</script><img src=//evil.example/x onerror=window.hurt=1>',
    "'</title></style></svg><svg onload=window.hurt=1>{{ 7 * 7 }}{% raw %}",
    "\u202eright to left\u2066\u0000\r\n\u2028 lines \ud800 " + "W" * 10_000,
    "👩‍👩‍👧‍👦" * 2_000 + "很长的名称" * 2_000,
)
"""Texts that try to be more than text."""


def visitor(code: LanguageCode = LanguageCode.EN, **fields: Any) -> Visitor:  # noqa: ANN401 - any field
    """Somebody in Shanghai."""
    return Visitor(Reader(LANGUAGES[code], ZoneInfo("Asia/Shanghai")), NOW, **fields)


def at(minutes: float) -> datetime:
    """So many minutes after the change began."""
    return START + minutes * MINUTE


def steps_until(minutes: float, last: StepState = StepState.RUNNING) -> tuple[Step, ...]:
    """The steps of a change that has been running for so long; the one that is under way stands so."""
    made, begun = [], 0.0
    for name, takes in STEPS:
        ended = begun + takes
        if ended <= minutes:
            made.append(Step(name, StepState.COMPLETED, started_at=at(begun), ended_at=at(ended)))
        elif begun < minutes:
            is_over = last is StepState.FAILED
            made.append(Step(name, last, started_at=at(begun), ended_at=at(minutes) if is_over else None))
        else:
            made.append(Step(name, StepState.WAITING))
        begun = ended
    return tuple(made)


def log_until(minutes: float, *more: Alert) -> tuple[Alert, ...]:
    """What is told on the way: each step and each tenth, numbered."""
    told = [Alert(0, Kind.STARTED, "started", START, percent=0)]
    begun = 0.0
    for name, takes in STEPS:
        if begun < minutes:
            told.append(
                Alert(0, Kind.STEP_STARTED, f"s:{name}", at(begun), percent=percent_at(begun), step=name)
            )
        begun += takes
        if begun <= minutes:
            ended = Alert(0, Kind.STEP_COMPLETED, f"c:{name}", at(begun), percent=percent_at(begun))
            told.append(replace(ended, step=name, step_seconds=takes * 60))
    for percent in (25, 50, 75):
        when = percent * 130 / 100
        if when <= minutes:
            told.append(Alert(0, Kind.MILESTONE, f"m:{percent}", at(when), percent=percent))
    told = sorted([*told, *more], key=lambda alert: alert.raised_at)
    return tuple(replace(alert, number=number) for number, alert in enumerate(told, 1))


def percent_at(minutes: float) -> int:
    """How far the change is after so many minutes."""
    return max(0, min(100, round(100 * minutes / 130)))


def samples_until(minutes: float) -> tuple[Sample, ...]:
    """How far it was in the course of time: at times faster, at times slower."""
    places = [minutes * number / 40 for number in range(41)]
    return tuple(Sample(at(place), percent_at(place + 4 * sin(place / 8))) for place in places)


def ledger(**fields: Any) -> Ledger:  # noqa: ANN401 - any field
    """A change that runs: 88 of 130 minutes are over."""
    minutes = 88.0
    alerts = log_until(minutes)
    known: dict[str, Any] = {
        "change": str(CHANGE),
        "created_at": START,
        "name": "orders",
        "order": Order(
            "lin.mei", START - 2 * MINUTE, (("oper_type", "storage"), ("new_storage_space", "600"))
        ),
        "specification": Specification("kafka.4u8g.cluster", 3, 300),
        "looked_at": NOW - MINUTE,
        "observation": Observation(Phase.RUNNING, 68, 1124 + 60, steps_until(96), date=NOW - MINUTE),
        "moved_at": NOW - 3 * MINUTE,
        "samples": samples_until(95),
        "length": len(alerts),
        "alerts": alerts,
        "channels": {
            "ops": ChannelState(len(alerts), attempts=(Attempt(Outcome.SENT, at(63)),)),
            "managers": ChannelState(len(alerts), attempts=(Attempt(Outcome.SENT, at(65)),)),
        },
    }
    return Ledger(**{**known, **fields})


def record(made: Ledger | None = None, *, is_active: bool = True, **fields: Any) -> Record:  # noqa: ANN401
    """What is kept of a change."""
    return Record(CHANGE, made or ledger(**fields), is_active=is_active)


def running() -> Record:
    """All is well."""
    return record()


def busy() -> Record:
    """Much has been told, to four channels of which hardly one is well."""
    more = [
        Alert(0, Kind.STALLED, "a", at(40), percent=30, seconds=1800),
        Alert(0, Kind.RESUMED, "b", at(43), percent=31, seconds=1980),
        Alert(0, Kind.DELAYED, "c", at(60), percent=45, seconds=900),
        Alert(
            0,
            Kind.UNREACHABLE,
            "d",
            at(70),
            percent=52,
            seconds=600,
            detail="The DMS API is out of order (HTTP 503, APIGW.0201). (request id 4f8ce29b0d1c4a6f)",
        ),
        Alert(0, Kind.RECOVERED, "e", at(74), percent=54, seconds=840),
        Alert(
            0,
            Kind.CHANNEL_REFUSED,
            "f",
            at(75),
            percent=54,
            channel="ops-slack",
            detail="Its service answered invalid_token.",
            endings={"mail": Ending.UNKNOWN},
        ),
        *(
            Alert(
                0,
                Kind.STEP_COMPLETED,
                f"g{number}",
                at(76 + number / 2),
                percent=55,
                step=f"extra_{number}",
                step_seconds=30,
            )
            for number in range(14)
        ),
    ]
    alerts = log_until(88, *more)
    alerts = (replace(alerts[0], may_repeat=True, endings={"ops-slack": Ending.GIVEN_UP}), *alerts[1:])
    length = len(alerts)
    return record(
        alerts=alerts,
        length=length,
        channels={
            "feishu-group": ChannelState(length, attempts=(Attempt(Outcome.SENT, at(88)),)),
            "ops-slack": ChannelState(
                length - 9,
                tries=3,
                not_before=NOW + 40 * MINUTE,
                refused_since=at(75),
                attempts=(Attempt(Outcome.REFUSED, at(76), "invalid_token"),),
            ),
            "mail": ChannelState(
                length - 4,
                claim=Claim("x", NOW + MINUTE, length, 2),
                tries=1,
                repeat_upto=length - 2,
                attempts=(Attempt(Outcome.UNKNOWN, at(90), "timeout"),),
            ),
            "old-webhook": ChannelState(
                length - 12, absent_since=at(50), attempts=(Attempt(Outcome.RETRY, at(49), "503"),)
            ),
        },
    )


def failed() -> Record:
    """A step has failed, and with it the change."""
    steps = steps_until(84, StepState.FAILED)
    alerts = log_until(
        84,
        Alert(0, Kind.STEP_FAILED, "x", at(84), percent=64, step="rolling_upgrade", step_seconds=960),
        Alert(0, Kind.FAILED, "failed", at(84), percent=64, seconds=84 * 60),
    )
    return record(
        observation=Observation(Phase.FAILED, 64, None, steps, date=at(85)),
        samples=samples_until(84),
        alerts=alerts,
        length=len(alerts),
        channels={
            "ops": ChannelState(len(alerts), attempts=(Attempt(Outcome.SENT, at(85)),)),
            "mail": ChannelState(
                len(alerts) - 2,
                tries=1,
                not_before=NOW + MINUTE,
                attempts=(Attempt(Outcome.RETRY, at(85), "503"),),
            ),
        },
    )


def completed() -> Record:
    """The end that everybody waits for."""
    ended_at = START - 24 * 60 * MINUTE
    shift = at(0) - ended_at
    steps = tuple(
        replace(step, started_at=step.started_at - shift, ended_at=step.ended_at - shift)
        for step in steps_until(1000)
        if step.started_at and step.ended_at
    )
    alerts = tuple(
        replace(alert, raised_at=alert.raised_at - shift, number=number)
        for number, alert in enumerate(
            [*log_until(130), Alert(0, Kind.COMPLETED, "completed", at(130), percent=100, seconds=7800)], 1
        )
    )
    return record(
        is_active=False,
        created_at=START - shift,
        looked_at=at(130) - shift,
        specification_now=Specification("kafka.4u8g.cluster", 3, 600),
        observation=Observation(Phase.COMPLETED, 100, None, steps, date=at(131) - shift),
        samples=tuple(Sample(sample.at - shift, sample.percent) for sample in samples_until(130)),
        alerts=alerts,
        length=len(alerts),
        channels={"ops": ChannelState(len(alerts), attempts=(Attempt(Outcome.SENT, at(131) - shift),))},
    )


def waiting() -> Record:
    """It has been ordered, and nothing is known of it."""
    return record(
        observation=Observation(Phase.WAITING, date=NOW),
        specification=None,
        samples=(),
        alerts=(),
        length=0,
        channels={"ops": ChannelState(0)},
    )


def unseen() -> Record:
    """It is followed, and nobody has looked yet."""
    return Record(CHANGE, None, is_active=True)


def unreadable() -> Record:
    """What is kept of it is no good."""
    return Record(
        CHANGE,
        None,
        is_active=True,
        trouble=f"The ledger of {CHANGE} cannot be read (Input data was truncated).",
    )


def stalled() -> Record:
    """It stands still, and that has been told."""
    moved_at = NOW - 41 * MINUTE
    return record(moved_at=moved_at, raised=(f"stalled:{moved_at.isoformat()}",), samples=samples_until(55))


def deaf() -> Record:
    """All is well with it, but one channel has failed again and again, and another but once."""
    kept = ledger()
    retry = Attempt(Outcome.RETRY, NOW - MINUTE, "unreachable")
    return record(
        channels={
            **kept.channels,
            "dead": ChannelState(4, tries=5, not_before=NOW + 7 * MINUTE, attempts=(retry,)),
            "slow": ChannelState(16, tries=1, not_before=NOW + MINUTE, attempts=(retry,)),
        }
    )


def lost() -> Record:
    """Nothing more is to be had of it."""
    alerts = log_until(88, Alert(0, Kind.LOST, "lost", at(90)))
    return record(
        observation=Observation(Phase.LOST, None, None, leave_open_unknown(steps_until(88)), date=at(90)),
        alerts=alerts,
        length=len(alerts),
    )


def cancelled() -> Record:
    """Somebody had enough of it; how far it was is not known."""
    alerts = log_until(60, Alert(0, Kind.CANCELLED, "cancelled", at(60)))
    return record(
        observation=Observation(Phase.CANCELLED, None, None, steps_until(57), date=at(60)),
        looked_at=at(60),
        samples=samples_until(60),
        alerts=alerts,
        length=len(alerts),
    )


def brief() -> Record:
    """It has failed at once, and much has happened in the same minute."""
    began_at = NOW - 2 * MINUTE
    ended_at = began_at + timedelta(seconds=47)
    steps = (
        Step("pre_check", StepState.COMPLETED, started_at=began_at, ended_at=began_at + timedelta(seconds=5)),
        Step(
            "disk_expansion",
            StepState.FAILED,
            started_at=began_at + timedelta(seconds=5),
            ended_at=ended_at,
        ),
        Step("post_check", StepState.WAITING),
    )
    alerts = (
        Alert(1, Kind.STARTED, "a", began_at, percent=0),
        Alert(2, Kind.STEP_COMPLETED, "b", began_at + timedelta(seconds=6), percent=10, step="pre_check"),
        Alert(3, Kind.STEP_FAILED, "c", ended_at, percent=40, step="disk_expansion", step_seconds=42),
        Alert(4, Kind.FAILED, "d", ended_at, percent=40, seconds=47),
    )
    return record(
        created_at=began_at,
        observation=Observation(Phase.FAILED, 40, None, steps, date=ended_at),
        samples=(Sample(began_at, 0), Sample(began_at + timedelta(seconds=6), 10), Sample(ended_at, 40)),
        alerts=alerts,
        length=4,
        channels={"ops": ChannelState(2)},
    )


def unreachable() -> Record:
    """Nothing is seen of it."""
    return record(outage=Outage(NOW - 12 * MINUTE, ProblemKind.THROTTLED))


def dropped() -> Record:
    """It ran when it was last seen, and three hours ago everybody lost interest."""
    shift = timedelta(hours=3)
    steps = tuple(
        replace(
            step,
            started_at=step.started_at - shift if step.started_at else None,
            ended_at=step.ended_at - shift if step.ended_at else None,
        )
        for step in steps_until(96)
    )
    return record(
        is_active=False,
        created_at=START - shift,
        looked_at=NOW - shift,
        observation=Observation(Phase.RUNNING, 68, 1200, steps, date=NOW - shift),
        samples=tuple(Sample(sample.at - shift, sample.percent) for sample in samples_until(95)),
        alerts=tuple(replace(alert, raised_at=alert.raised_at - shift) for alert in log_until(88)),
        channels={"ops": ChannelState(18, attempts=(Attempt(Outcome.SENT, at(88) - shift),))},
    )


def unwatched() -> Record:
    """It ran when it was last seen, and nobody has looked for three hours."""
    return dropped()._replace(is_active=True)


def reminded() -> Record:
    """It has failed, all have heard of that, and are still to be reminded of it."""
    kept = failed().ledger
    assert kept
    return record(replace(kept, is_reminding=True, channels={"ops": ChannelState(kept.length)}))


def hundred() -> Record:
    """As many steps as are kept."""
    steps = tuple(
        Step(
            f"move_partition_batch_{number:03}",
            StepState.COMPLETED if number < 63 else StepState.RUNNING if number == 63 else StepState.WAITING,
            started_at=at(number * 1.5) if number < 64 else None,
            ended_at=at(number * 1.5 + 1.5) if number < 63 else None,
        )
        for number in range(100)
    )
    return record(observation=Observation(Phase.RUNNING, 63, 3300, steps, date=NOW - MINUTE))


def counted() -> Record:
    """More steps than are kept."""
    counts = {StepState.COMPLETED: 63, StepState.FAILED: 1, StepState.RUNNING: 2, StepState.WAITING: 58}
    return record(observation=Observation(Phase.RUNNING, 51, 3300, step_counts=counts, date=NOW - MINUTE))


def hostile() -> Record:
    """Whatever comes from elsewhere tries to be more than text."""
    tag, quote, long, emoji = EVIL
    steps = (
        Step(tag, StepState.COMPLETED, started_at=START, ended_at=at(3)),
        Step(quote, StepState.UNKNOWN, status=quote, started_at=at(3)),
        Step(long, StepState.RUNNING, started_at=at(9)),
        Step(emoji, StepState.WAITING),
    )
    alerts = (
        Alert(1, Kind.STEP_COMPLETED, "a", at(3), step=tag, detail=emoji),
        Alert(2, Kind.CHANNEL_REFUSED, "b", at(4), channel=quote, detail=tag, endings={tag: Ending.GIVEN_UP}),
        Alert(3, Kind.STEP_FAILED, "c", at(9), step=long, detail=long),
    )
    attempt = Attempt(Outcome.REFUSED, at(4), quote)
    return record(
        name=tag,
        order=Order(quote, START, ((tag, quote), (long, emoji))),
        specification=Specification(long, 3, 300),
        specification_now=Specification(tag, 3, 300),
        observation=Observation(Phase.RUNNING, 7, 60, steps, date=NOW),
        alerts=alerts,
        length=3,
        channels={name: ChannelState(1, refused_since=at(4), attempts=(attempt,)) for name in EVIL},
    )


def lasting(span: timedelta) -> Record:
    """It runs for so long by now, and is half done."""
    began_at = NOW - span
    steps = (
        Step("pre_check", StepState.COMPLETED, started_at=began_at, ended_at=began_at + span / 4),
        Step("disk_expansion", StepState.RUNNING, started_at=began_at + span / 4),
    )
    return record(
        created_at=began_at,
        observation=Observation(Phase.RUNNING, 50, round(span.total_seconds()), steps, date=NOW),
        samples=tuple(Sample(began_at + span * number / 5, number * 10) for number in range(6)),
    )


def fleet(active: int = 12, ended: int = 50) -> list[Record]:
    """Many changes, some of which are in trouble."""
    kinds = [
        running,
        running,
        stalled,
        running,
        busy,
        running,
        waiting,
        unseen,
        failed,
        unreachable,
        running,
        counted,
    ]
    made = []
    for number in range(active):
        one = kinds[number % len(kinds)]()
        change = ChangeId(f"instance-{number:04}", f"task-{number:04}")
        named = (
            replace(one.ledger, name=f"{NAMES[number % len(NAMES)]}-{number // len(NAMES) + 1}")
            if one.ledger
            else None
        )
        made.append(one._replace(change=change, ledger=named))
    for number in range(ended):
        one = completed() if number % 9 else failed()
        alerts = one.ledger.alerts if one.ledger else ()
        ended_at = NOW - number * 7 * 60 * MINUTE
        seen = replace(one.ledger.observation, steps=()) if one.ledger and one.ledger.observation else None
        kept = (
            replace(
                one.ledger,
                name=f"{NAMES[number % len(NAMES)]}-old",
                observation=seen,
                looked_at=ended_at,
                alerts=alerts[-1:],
            )
            if one.ledger
            else None
        )
        made.append(Record(ChangeId(f"instance-{number:04}", f"old-{number:04}"), kept, is_active=False))
    return made


NAMES: Final = (
    "orders",
    "payments",
    "inventory",
    "search-index",
    "clickstream",
    "billing",
    "物流事件",
    "audit-log",
    "recommendations",
    "sessions",
    "notifications",
    "fraud-detection-features-eu-central-long-name",
)
