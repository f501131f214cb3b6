"""How a message looks on the services that take text: plain, or Slack's mrkdwn. Nothing is converted.

A form is laid out as lines first; each markup then escapes whatever came from outside in its own way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from notifiers import wording
from notifiers.messages import Link, Message, Situation, StepLine

PLAIN_BYTES_MAX: Final = 2000
"""WeCom refuses more than 2048 bytes, title included."""

ROWS_MAX: Final = 10
_BAR_LENGTH: Final = 20


class Layout(NamedTuple):
    """The parts of a message from top to bottom, in words; each may be empty."""

    bar: str
    standing: str
    happenings: list[str]
    steps: list[str]
    seen_at: str
    links: tuple[Link, ...]


def lay_out(message: Message, rows: int = ROWS_MAX) -> Layout:
    """Word a message, with at most so many rows of happenings and of steps each."""
    situation = message.situation
    return Layout(
        bar=bar(situation.percent),
        standing=wording.standing(situation),
        happenings=_latest(wording.happenings(message), rows),
        steps=_steps(situation, rows),
        seen_at=wording.seen_at(situation),
        links=situation.links,
    )


def plain(message: Message) -> str:
    """The body as plain text; with the title at most 2,000 bytes, steps being left out to that end."""
    spent = len(wording.title(message).encode()) + 2
    bodies = (_plain(lay_out(message, rows)) for rows in range(ROWS_MAX, -1, -1))
    return next(
        (body for body in bodies if spent + len(body.encode()) <= PLAIN_BYTES_MAX),
        wording.standing(message.situation),
    )


def slack(message: Message) -> str:
    """The body as Slack's mrkdwn."""
    layout = lay_out(message)
    links = " | ".join(f"<{_slack_escape(link.url)}|{_slack_escape(link.label)}>" for link in layout.links)
    return _join(layout, _slack_escape, [links])


def bar(percent: int | None) -> str:
    """Draw how far the change is; nothing if that is unknown."""
    if percent is None:
        return ""
    filled = round(percent * _BAR_LENGTH / 100)
    return "█" * filled + "░" * (_BAR_LENGTH - filled)


def window(steps: tuple[StepLine, ...], rows: int) -> tuple[int, int]:
    """Choose the slice of steps to show: so many around the failed, the running or the last finished one."""
    states = [step.state for step in steps]
    wanted = next((state for state in ("failed", "running") if state in states), None)
    current = states.index(wanted) if wanted else states.count("completed")
    start = max(0, min(current - rows // 2, len(steps) - rows))
    return start, min(start + rows, len(steps))


def _plain(layout: Layout) -> str:
    return _join(layout, str, [f"{link.label}: {link.url}" for link in layout.links])


def _join(layout: Layout, escape: Callable[[str], str], links: list[str]) -> str:
    """Put the parts below each other, a blank line between them."""
    parts = [
        " ".join(filter(None, [layout.bar, layout.standing])),
        "\n".join(map(escape, layout.happenings)),
        "\n".join(map(escape, layout.steps)),
        "\n".join(filter(None, [layout.seen_at, *links])),
    ]
    return "\n\n".join(filter(None, parts))


def _latest(lines: list[str], rows: int) -> list[str]:
    hidden = len(lines) - rows
    return lines if hidden <= 0 else [wording.more(hidden), *lines[hidden:]]


def _steps(situation: Situation, rows: int) -> list[str]:
    if not situation.steps:
        return list(filter(None, [wording.step_counts(situation)]))
    start, end = window(situation.steps, rows)
    before = [wording.more(start)] if start else []
    after = [wording.more(len(situation.steps) - end)] if end < len(situation.steps) else []
    return [*before, *map(_step, situation.steps[start:end]), *after]


def _step(step: StepLine) -> str:
    mark = wording.MARKS.get(step.state, wording.MARKS["unknown"])
    name = f"{mark} {wording.one_line(step.name)}"
    return wording.SEPARATOR.join(filter(None, [name, wording.step_note(step)]))


def _slack_escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
