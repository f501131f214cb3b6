"""Changes and alerts that the tests of messages tell of."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Final

from notifiers.alerts import Alert, Kind
from notifiers.messages import Digest, Link, Message, Place, Situation, StepLine, compose, digest

NOW = datetime(2026, 11, 24, 8, 3, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
LINKS = (
    Link(Place.STATUS_PAGE, "https://headway.example.com/changes/INSTANCE/TASK"),
    Link(Place.CONSOLE, "https://console.example.com/dms?region=eu-west-101&engine=kafka"),
)

OVERVIEW = (Link(Place.STATUS_PAGE, "https://headway.example.com"), LINKS[1])

PRE_CHECK = StepLine("pre_check", "completed", seconds=12)
EXPANDED = StepLine("disk_expansion", "completed", seconds=250)
SCALING = StepLine("rolling_scaling", "running")
REBALANCE = StepLine("partition_rebalance", "waiting")


def alert(number: int, kind: Kind, *, minutes_ago: int = 0, **fields: Any) -> Alert:  # noqa: ANN401 - any field
    """An alert raised now or some minutes ago."""
    return Alert(number, kind, f"{kind.value}:{number}", NOW - minutes_ago * MINUTE, **fields)


def situation(**fields: Any) -> Situation:  # noqa: ANN401 - any field
    """The change `orders`, running."""
    return Situation(**{"change_id": "INSTANCE/TASK", "name": "orders", "phase": "running", **fields})


def many_steps(count: int, current: int) -> tuple[StepLine, ...]:
    """Steps called step_0, step_1 and so on, of which one is running."""
    states = ("completed" if i < current else "running" if i == current else "waiting" for i in range(count))
    return tuple(StepLine(f"step_{i}", state) for i, state in enumerate(states))


def step_message() -> Message:
    """One step is done, the next has begun."""
    alerts = [
        alert(3, Kind.STEP_COMPLETED, step="disk_expansion", step_seconds=250),
        alert(4, Kind.STEP_STARTED, step="rolling_scaling"),
    ]
    steps = (PRE_CHECK, EXPANDED, SCALING, REBALANCE, StepLine("post_check", "unknown", "PAUSED"))
    return compose(
        alerts,
        situation(percent=40, remaining_seconds=1124, steps=steps, links=LINKS, seen_at=NOW),
        repeat_upto=0,
    )


def failed_message() -> Message:
    """A failure caught up with what came before it; the first alert may have been heard already."""
    alerts = [
        alert(1, Kind.STEP_COMPLETED, minutes_ago=40, step="disk_expansion", step_seconds=250),
        alert(2, Kind.STALLED, minutes_ago=10, seconds=1800),
        alert(3, Kind.STEP_FAILED, step="rolling_scaling", step_seconds=1910),
        alert(4, Kind.FAILED, seconds=2300),
    ]
    steps = (PRE_CHECK, EXPANDED, StepLine("rolling_scaling", "failed", seconds=1910), REBALANCE)
    return compose(
        alerts,
        situation(phase="failed", percent=40, steps=steps, links=LINKS, seen_at=NOW),
        repeat_upto=1,
    )


def completed_message() -> Message:
    """The end that everybody waits for."""
    steps = (PRE_CHECK, EXPANDED, StepLine("rolling_scaling", "completed", seconds=3700))
    return compose(
        [alert(9, Kind.COMPLETED, seconds=4320)],
        situation(phase="completed", percent=100, steps=steps, links=LINKS, seen_at=NOW),
        repeat_upto=0,
    )


def unreachable_message() -> Message:
    """Nothing is known but what was known before."""
    detail = "The DMS API did not answer in time. (request id 4f8ce2)"
    return compose(
        [alert(5, Kind.UNREACHABLE, seconds=720, detail=detail)],
        situation(percent=53, remaining_seconds=600, step_counts={"completed": 63, "waiting": 41}),
        repeat_upto=0,
    )


def hostile_message() -> Message:
    """Names and texts that try to be more than text."""
    steps = (
        StepLine("<script>alert(1)</script>", "completed"),
        StepLine("<!channel> & <@U123|you>", "running"),
        StepLine("two\nlines\r\nand a \x07 bell \u202e\u2066", "unknown", "<b>ODD</b>\n"),
        StepLine("很长的步骤" * 40, "waiting"),
    )
    detail = 'Bcc: everybody@example.com\n\n"><img src=x onerror=alert(1)>'
    return compose(
        [alert(7, Kind.STEP_FAILED, step="<!channel>\nSubject: x", detail=detail)],
        situation(name="or\r\nders <b>&amp;</b>", percent=7, steps=steps, links=LINKS),
        repeat_upto=7,
    )


def told_of(
    name: str,
    kind: Kind,
    task: str | None = None,
    *,
    is_repeat: bool = False,
    **fields: Any,  # noqa: ANN401 - any field
) -> Message:
    """One alert about a change with this name, which is as it is after such an alert and has a page."""
    change = f"INSTANCE/{task or name}"
    phases = {Kind.COMPLETED: "completed", Kind.FAILED: "failed", Kind.CANCELLED: "cancelled"}
    state = situation(
        change_id=change,
        name=name,
        phase=phases.get(kind, "running"),
        percent=100 if kind is Kind.COMPLETED else 40,
        links=(Link(Place.STATUS_PAGE, f"https://headway.example.com/changes/{change}"), LINKS[1]),
    )
    return compose([alert(1, kind, **fields)], state, int(is_repeat))


def fleet_digest() -> Digest:
    """Twelve changes at once, most of them at their end; one may have been told already."""
    done = [told_of(f"orders-{number}", Kind.COMPLETED, seconds=60 * number) for number in range(12, 3, -1)]
    stalled = told_of("payments", Kind.STALLED, seconds=1800)
    failed = told_of("carts", Kind.FAILED, seconds=2300)
    repeated = told_of("audit", Kind.FAILED, is_repeat=True, step="rolling_scaling")
    return digest([*done, stalled, failed, repeated], OVERVIEW)


def hostile_digest() -> Digest:
    """Names and steps that try to be more than text, among them a name that cannot be seen."""
    names = [
        "<!channel>",
        "a|b> <@U123|you>",
        "<script>alert(1)</script>",
        "two\r\nlines",
        "\x07\u202e",
        "很长" * 99,
    ]
    step = '"><img src=x onerror=alert(1)>\n<!here>'
    hostile = [told_of(name, Kind.STEP_FAILED, f"T{n}", step=step) for n, name in enumerate(names)]
    return digest([told_of("orders", Kind.COMPLETED), *hostile], OVERVIEW)


EVERY: Final = (
    step_message,
    failed_message,
    completed_message,
    unreachable_message,
    hostile_message,
    fleet_digest,
    hostile_digest,
)
"""How each of them is made."""
