"""One look at one change and what has come of it: what the phases of an invocation hand on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from handler.core.audience import Audience
from handler.core.delivery import Delivery
from handler.core.ledger import Ledger
from handler.core.problem import Problem
from handler.core.watch import Origin, Watch
from notifiers.alerts import Alert
from notifiers.dispatch import Parcel
from notifiers.verdicts import Verdict


class Tick(NamedTuple):
    """One look at one change and what has come of it.

    `before` is the ledger as it was found, `after` as it was last saved (the same when nothing was new);
    `current` is what is known now, saved or not; `damage` is why the document that stood there could not
    be read, if so. `audience` is who listens, `has_news` whether there is anything to save, `store_ahead`
    how far the store's clock is ahead of ours. One that `is_dismissed` nobody wants followed any longer.
    `parcels` are the deliveries in words, and `verdicts` how each went, by channel; None where nothing was
    sent. `alerts` were raised and saved here. Claims that are `unsure` may or may not have been saved: they
    are not used, but released if they are found. Beside a `problem` a tick is blind unless it has seen the
    change all the same.
    """

    watch: Watch
    before: Ledger
    after: Ledger
    current: Ledger
    audience: Audience
    has_news: bool = False
    version: str | None = None
    damage: str | None = None
    store_ahead: timedelta = timedelta()
    deliveries: tuple[Delivery, ...] = ()
    unsure: bool = False
    is_dismissed: bool = False
    parcels: tuple[Parcel, ...] = ()
    verdicts: Mapping[str, Verdict | None] = {}
    alerts: tuple[Alert, ...] = ()
    problem: Problem | None = None
    is_blind: bool = True

    @property
    def is_stranger(self) -> bool:
        """True for what was found and is, by what the API says of its progress, no change to follow."""
        problem = self.problem
        is_none = problem is not None and problem.asked and problem.comes_from_api and self.version is None
        return self.watch.origin is Origin.FOUND and (is_none or self.is_dismissed)

    @property
    def begun_at(self) -> datetime:
        """When its ledger was begun, by our clock."""
        return self.after.created_at - self.store_ahead

    @property
    def is_under_way(self) -> bool:
        """True when the change is followed, and had not ended before."""
        return self.version is not None and not self.before.phase.is_end and not self.is_dismissed

    @property
    def is_newly_told(self) -> bool:
        """True when the change has ended and this tick has brought everybody its end."""
        return self.after.is_told and not self.before.is_told and self.version is not None

    @property
    def needs_settling(self) -> bool:
        """True when there are claims to settle, or a marker to remove."""
        return bool(self.deliveries) or self.is_newly_told

    def tries(self, channel: str) -> int:
        """How often what this tick has to tell the channel has been tried, this time included."""
        claim = self.after.channels[channel].claim
        return claim.tries if claim else 0

    def told(self, channel: str, verdict: Verdict | None) -> Tick:
        """The tick with how one of its deliveries went."""
        return self._replace(verdicts={**self.verdicts, channel: verdict})

    def failed(self, problem: Problem) -> Tick:
        """The tick with what stopped it; nothing is to be sent."""
        return self._replace(deliveries=(), problem=problem, is_blind=True)
