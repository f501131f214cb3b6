"""How a message looks on the services that take text: plain, or Slack's mrkdwn. Nothing is converted.

A form is laid out as lines first; each markup then escapes whatever came from outside in its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from notifiers import wording
from notifiers.messages import Link, Message, Situation, StepLine

PLAIN_BYTES_MAX: Final = 2000
"""WeCom refuses more than 2048 bytes, title included."""

SLACK_LENGTH_MAX: Final = 3000
"""Of a section's text: https://docs.slack.dev/reference/block-kit/blocks/section-block."""

ROWS_MAX: Final = 10
_BAR_LENGTH: Final = 20


class Row(NamedTuple):
    """A step as shown: in which state, its name, what there is to say of it; or what is left out."""

    state: str
    name: str
    note: str = ""

    @property
    def mark(self) -> str:
        """The sign for the state; none for a row that stands for others."""
        return wording.MARKS.get(self.state, wording.MARKS["unknown"]) if self.state else ""

    def __str__(self) -> str:
        """The row as a line."""
        return " ".join(
            filter(None, [self.mark, wording.SEPARATOR.join(filter(None, [self.name, self.note]))])
        )


class Layout(NamedTuple):
    """The parts of a message from top to bottom, in words; each may be empty."""

    bar: str
    standing: str
    happenings: list[str]
    steps: list[Row]
    seen_at: str
    links: tuple[Link, ...]


def lay_out(message: Message, rows: int = ROWS_MAX) -> Layout:
    """Word a message, with at most so many rows of happenings and of steps each."""
    situation = message.situation
    return Layout(
        bar=bar(situation.percent),
        standing=wording.standing(situation, in_sight=message.headline.kind not in wording.OUT_OF_SIGHT),
        happenings=_latest(wording.happenings(message), rows),
        steps=_steps(situation, rows),
        seen_at=wording.seen_at(situation),
        links=situation.links,
    )


def plain(message: Message, length_max: int = PLAIN_BYTES_MAX) -> str:
    """The body as plain text, with the title short enough to be sent; rows are left out to that end."""
    return _fit(message, _plain, fits(wording.title(message), length_max))


def slack(message: Message) -> str:
    """The body as Slack's mrkdwn, short enough for a section."""
    return _fit(message, _slack, lambda body: len(body) <= SLACK_LENGTH_MAX)


def fits(title: str, length_max: int) -> Callable[[str], bool]:
    """Tell whether a body under this title is short enough: in bytes for WeCom, in characters for others."""

    def is_short(body: str) -> bool:
        whole = f"{title}\r\n{body}"
        return len(whole) <= length_max and len(whole.encode()) <= PLAIN_BYTES_MAX

    return is_short


def bar(percent: int | None) -> str:
    """Draw how far the change is; nothing if that is unknown."""
    if percent is None:
        return ""
    filled = percent * _BAR_LENGTH // 100
    return "█" * filled + "░" * (_BAR_LENGTH - filled)


def plain_links(links: Sequence[Link]) -> str:
    """Write links below each other, each with its address."""
    return "\n".join(f"{link.label}: {link.url}" for link in links)


def slack_links(links: Sequence[Link]) -> str:
    """Write links beside each other, each behind its label."""
    return " | ".join(slack_link(link) for link in links)


def slack_link(link: Link) -> str:
    """Write a link as mrkdwn."""
    return f"<{slack_escape(link.url.replace('|', '%7C'))}|{slack_escape(link.label)}>"


def slack_escape(text: str) -> str:
    """Keep a text from being markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def window(steps: tuple[StepLine, ...], rows: int) -> tuple[int, int]:
    """Choose the slice of steps to show: so many around the failed, the running or the last finished one."""
    states = [step.state for step in steps]
    wanted = next((state for state in ("failed", "running") if state in states), None)
    current = states.index(wanted) if wanted else states.count("completed")
    start = max(0, min(current - rows // 2, len(steps) - rows))
    return start, min(start + rows, len(steps))


def _fit(message: Message, render: Callable[[Layout], str], is_short: Callable[[str], bool]) -> str:
    """Render with as many rows as fit; if even none is too much, only say how the change stands.

    Returns:
        A body that is never empty, because services refuse that: what has only a title is told twice.
    """
    bodies = (render(lay_out(message, rows)) for rows in range(ROWS_MAX, -1, -1))
    return next(filter(is_short, bodies), wording.standing(message.situation)) or wording.title(message)


def _plain(layout: Layout) -> str:
    return _join(layout, str, plain_links(layout.links))


def _slack(layout: Layout) -> str:
    return _join(layout, slack_escape, slack_links(layout.links))


def _join(layout: Layout, escape: Callable[[str], str], links: str) -> str:
    """Put the parts below each other, a blank line between them."""
    parts = [
        " ".join(filter(None, [layout.bar, layout.standing])),
        "\n".join(map(escape, layout.happenings)),
        "\n".join(escape(str(row)) for row in layout.steps),
        "\n".join(filter(None, [layout.seen_at, links])),
    ]
    return "\n\n".join(filter(None, parts))


def _latest(lines: list[str], rows: int) -> list[str]:
    hidden = len(lines) - rows
    return lines if hidden <= 0 else [wording.more(hidden), *lines[hidden:]]


def _steps(situation: Situation, rows: int) -> list[Row]:
    if not situation.steps:
        counts = wording.step_counts(situation)
        return [Row("", counts)] if counts else []
    start, end = window(situation.steps, rows)
    hidden_after = len(situation.steps) - end
    return [
        *([Row("", wording.more(start))] if start else []),
        *(
            Row(step.state, wording.step_name(step.name), wording.step_note(step))
            for step in situation.steps[start:end]
        ),
        *([Row("", wording.more(hidden_after))] if hidden_after else []),
    ]
