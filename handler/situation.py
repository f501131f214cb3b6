"""Puts a ledger into the words of `notifiers`, which know nothing of DMS."""

from __future__ import annotations

from typing import Final

import msgspec

from handler.core.ledger import Ledger
from handler.core.observation import Observation, Phase
from notifiers.messages import Link, Place, Situation, StepLine


class Links(msgspec.Struct, frozen=True):
    """Where messages lead: the status page's base address, if there is one, and the cloud's console."""

    status_page: str | None
    console: str

    def of_all(self) -> tuple[Link, ...]:
        """Where to read on about all changes together."""
        return _links(self, "")

    def of(self, change_id: str) -> tuple[Link, ...]:
        """Where to read on about one change."""
        return _links(self, f"/changes/{change_id}")


NOWHERE: Final = Links(status_page=None, console="")
"""No links, for what is shown where messages lead to."""


def situation_of(ledger: Ledger, name: str, links: Links) -> Situation:
    """Describe how a change stands for whoever is told of it."""
    observation = ledger.observation or Observation(Phase.UNKNOWN)
    counts = {} if observation.steps else observation.step_counts
    return Situation(
        change_id=ledger.change,
        name=name,
        phase=observation.phase.value,
        percent=observation.percent,
        remaining_seconds=None if observation.phase.is_end else observation.remaining_seconds,
        steps=tuple(
            StepLine(step.name, step.state.value, step.status, step.duration_seconds)
            for step in observation.steps
        ),
        step_counts={state.value: count for state, count in counts.items()},
        links=links.of(ledger.change),
        seen_at=observation.date,
        order=ledger.order,
        specification=ledger.specification,
        specification_now=ledger.specification_now,
        is_stalled=ledger.is_stalled,
        was_calm=ledger.was_calm,
    )


def _links(links: Links, path: str) -> tuple[Link, ...]:
    console = Link(Place.CONSOLE, links.console)
    if links.status_page is None:
        return (console,)
    return (Link(Place.STATUS_PAGE, f"{links.status_page.rstrip('/')}{path}"), console)
