"""What a message says, in English: its title, a line an alert, a line a step, and how numbers are said."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Final

from msgspec.structs import replace

from notifiers.alerts import Alert, Group, Kind
from notifiers.messages import Message, Situation, StepLine

SEPARATOR: Final = " · "
REPEAT: Final = "possible repeat"
MARKS: Final = {"waiting": "·", "running": "▶", "completed": "✓", "failed": "✗", "unknown": "?"}

_NAME_LENGTH_MAX: Final = 80
_DETAIL_LENGTH_MAX: Final = 250
_MINUTE_SECONDS: Final = 60
_SECONDS_MATTER_BELOW_MINUTES: Final = 10
_ENDS: Final = frozenset({"completed", "failed", "cancelled", "lost"})
OUT_OF_SIGHT: Final = frozenset({Kind.UNREACHABLE, Kind.LOST})
_HURRY_IS_MOOT: Final = OUT_OF_SIGHT | {Kind.STALLED, Kind.STEP_FAILED}

_TELLINGS: Final[dict[Kind, Callable[[Alert], str]]] = {
    Kind.STARTED: lambda _: "capacity change started",
    Kind.STEP_STARTED: lambda alert: f"{step_name(alert.step)} started",
    Kind.STEP_COMPLETED: lambda alert: f"{step_name(alert.step)} completed",
    Kind.MILESTONE: lambda alert: f"{'partly' if alert.percent is None else share(alert.percent)} done",
    Kind.STEP_FAILED: lambda alert: f"FAILED at {step_name(alert.step)}",
    Kind.COMPLETED: lambda _: "capacity change completed",
    Kind.FAILED: lambda alert: (
        f"capacity change FAILED{f' at {step_name(alert.step)}' if alert.step else ''}"
    ),
    Kind.LOST: lambda _: "capacity change is gone, its outcome unknown",
    Kind.CANCELLED: lambda _: "capacity change cancelled",
    Kind.STALLED: lambda alert: f"no progress for {_span(alert)}",
    Kind.RESUMED: lambda alert: f"moving again after {_span(alert)}",
    Kind.DELAYED: lambda alert: f"{_span(alert)} later than first estimated",
    Kind.UNREACHABLE: lambda alert: f"no usable answer from the API for {_span(alert)}",
    Kind.RECOVERED: lambda alert: f"the API answers again after {_span(alert)}",
    Kind.CHANNEL_REFUSED: lambda alert: f"channel {one_line(alert.channel or '')} refuses our messages",
    Kind.LEDGER_RESET: lambda _: "what was known of it is lost, and begun anew",
}


def title(message: Message) -> str:
    """Say it all in one line: name, what happened, percent, time left."""
    situation, headline = message.situation, message.headline
    told = _TELLINGS[headline.kind](_updated(headline, situation))
    parts = [f"{change_name(situation)}: {told}", *_figures(headline, situation)]
    return SEPARATOR.join([*parts, REPEAT] if message.repeats(headline) else parts)


def change_name(situation: Situation) -> str:
    """Name a change, even one whose name cannot be seen."""
    return one_line(situation.name) or situation.change_id


def happenings(message: Message) -> list[str]:
    """Say what happened, an alert a line, in order; nothing where the title has said it all."""
    alerts = message.alerts
    if len(alerts) == 1 and not alerts[0].detail:
        said = title(message)
        return [] if all(word in said for word in _telling(alerts[0])) else [_line(message, alerts[0])]
    with_time = len({clock_time(alert.raised_at) for alert in alerts}) > 1
    return [_line(message, alert, with_time=with_time) for alert in alerts]


def standing(situation: Situation, *, in_sight: bool = True) -> str:
    """Say how far the change is and how long it will take; unknown where it is unknown.

    Args:
        situation: How the change stands.
        in_sight: Whether the API answers; else what it last said of the time left no longer holds.
    """
    percent = [] if situation.percent is None else [share(situation.percent)]
    if situation.phase in _ENDS:
        return SEPARATOR.join(percent)
    said = percent or ["progress unknown"]
    time_left = _time_left(situation) if in_sight else []
    return SEPARATOR.join([*said, *(time_left or ["time left unknown"])])


def step_name(name: str | None) -> str:
    """Name a step, even one whose name is not known or cannot be seen."""
    return one_line(name or "") or "a step"


def step_note(step: StepLine) -> str:
    """Say what the mark before a step does not: how long it took, or the API's own word for its state."""
    said = [one_line(step.status)] if step.state == "unknown" and step.status else []
    return SEPARATOR.join([*said, *([] if step.seconds is None else [duration(step.seconds)])])


def step_counts(situation: Situation) -> str:
    """Say how many steps are in which state."""
    return SEPARATOR.join(f"{count} {state}" for state, count in situation.step_counts.items() if count)


def seen_at(situation: Situation) -> str:
    """Say when the API last said all this."""
    return (
        f"as of {situation.seen_at.date()} {clock_time(situation.seen_at)} UTC" if situation.seen_at else ""
    )


def more(count: int) -> str:
    """Say that something is left out."""
    return f"… and {count} more"


def share(percent: int) -> str:
    """Say a percentage."""
    return f"{percent} %"


def duration(seconds: int) -> str:
    """Say how long, in the two largest units that matter; from ten minutes on, seconds do not."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    parts = [f"{minutes} min"] if minutes else []
    if not minutes or (minutes < _SECONDS_MATTER_BELOW_MINUTES and seconds % 60):
        parts.append(f"{seconds % 60} s")
    return " ".join(parts)


def clock_time(moment: datetime) -> str:
    """Say what time it is, UTC."""
    return f"{moment.astimezone(timezone.utc):%H:%M}"


def one_line(text: str, length_max: int = _NAME_LENGTH_MAX) -> str:
    """Make one short line of a text from elsewhere, without line breaks and invisible characters."""
    visible = (" " if unicodedata.category(char)[0] == "C" else char for char in text)
    line = " ".join("".join(visible).split())
    return line if len(line) <= length_max else f"{line[: length_max - 1]}…"


def _updated(headline: Alert, situation: Situation) -> Alert:
    """The headline with what has been known since: how far the change is, and at which step it failed."""
    failed = [step.name for step in situation.steps if step.state == "failed"]
    step = headline.step or (failed[0] if failed else None)
    percent = headline.percent if situation.percent is None else situation.percent
    return replace(headline, step=step, percent=percent)


def _figures(headline: Alert, situation: Situation) -> Iterator[str]:
    """The figures that belong behind a headline."""
    if headline.kind is Kind.COMPLETED:
        yield from _took(headline)
        return
    if situation.percent is not None and headline.kind is not Kind.MILESTONE:
        seen = "last seen at " if headline.kind in OUT_OF_SIGHT else ""
        yield f"{seen}{share(situation.percent)}"
    if headline.kind not in _HURRY_IS_MOOT and situation.phase not in _ENDS:
        yield from _time_left(situation)


def _line(message: Message, alert: Alert, *, with_time: bool = False) -> str:
    time = f"{clock_time(alert.raised_at)} " if with_time else ""
    detail = f": {one_line(alert.detail, _DETAIL_LENGTH_MAX)}" if alert.detail else ""
    repeat = f" ({REPEAT})" if message.repeats(alert) else ""
    return f"{time}{', '.join(_telling(alert))}{detail}{repeat}"


def _telling(alert: Alert) -> list[str]:
    return [_TELLINGS[alert.kind](alert), *_took(alert)]


def _took(alert: Alert) -> list[str]:
    """How long what has ended has lasted, if that is known."""
    is_end = Group.END in alert.kind.traits.groups
    seconds = alert.seconds if is_end else alert.step_seconds
    return [] if seconds is None else [f"took {duration(seconds)}"]


def _time_left(situation: Situation) -> list[str]:
    seconds = situation.remaining_seconds
    if seconds is None:
        return []
    unit = 10 if seconds < _MINUTE_SECONDS else _MINUTE_SECONDS
    return [f"about {duration(max(1, round(seconds / unit)) * unit)} left"]


def _span(alert: Alert) -> str:
    return "some time" if alert.seconds is None else duration(alert.seconds)
