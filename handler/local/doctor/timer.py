"""The checks of what the function keeps: whether its timer wakes it, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from handler.core.gaps import UNWATCHED_AFTER
from handler.core.news import REFRESH_AFTER
from handler.core.record import Record
from handler.credentials import key_name
from handler.local.doctor.check import Check, Finding, failed, made, needs, ok, skipped, warning
from handler.local.doctor.means import Means
from handler.local.doctor.store import Store
from handler.local.printing.counting import counted
from handler.machine import random_name
from handler.records import Part, Records
from handler.stores.keys import ASIDE
from handler.stores.ledgers import Ledgers
from handler.wanted import wanted_of
from handler.web.readings import Group
from notifiers.languages import ENGLISH
from notifiers.saying import span

RECORDS_MAX: Final = 100
"""So many of the changes that are followed are looked at; where there are more, they tell enough."""

_NAMES_MAX: Final = 3
_UNREAD: Final = needs("what is kept of changes")
_NOBODY: Final = (
    "see that the function is deployed with this `state`, that its timer is on, and what its log says"
)


class Kept:
    """The checks of one examination."""

    def __init__(self, means: Means, store: Store, *, is_key_accepted: bool) -> None:
        """Look at nothing yet; `is_key_accepted` tells whether the API has just taken the access key."""
        self._means = means
        self._store = store
        self._is_key_accepted = is_key_accepted
        self._part: Part | None = None

    def checks(self) -> Iterator[Check]:
        """Make them, one after the other."""
        if not self._store.is_readable:
            for name in ("timer", "ledgers", "resting access key", "ledgers set aside"):
                yield Check(name, needs("the store"))
            return
        yield made("timer", self._find_last_look)
        yield made("ledgers", self._judge_ledgers)
        yield made("resting access key", self._judge_rest)
        yield made("ledgers set aside", self._look_aside)

    def _find_last_look(self) -> Finding:
        means = self._means
        store = means.store(means.wire(), means.last_seconds)
        ledgers = Ledgers(store, random_name, {})
        connections = means.settings.huaweicloud.connections
        records = Records(store, ledgers, connections, key_name(means.settings, means.runtime))
        self._part = records.part(Group.ACTIVE, None, RECORDS_MAX)
        has_heartbeat = means.settings.heartbeat.url is not None
        followed = self._part.records or self._find_unbegun(records)
        return judge_timer(followed, self._now(), has_heartbeat=has_heartbeat)

    def _find_unbegun(self, records: Records) -> list[Record]:
        """Changes that the configuration names and nothing is kept of, though the first look would have."""
        named = islice(wanted_of(self._means.settings).changes, RECORDS_MAX)
        return [Record(change, None, is_active=True) for change in named if records.find(change) is None]

    def _judge_ledgers(self) -> Finding:
        return _UNREAD if self._part is None else judge_ledgers(self._part.records)

    def _judge_rest(self) -> Finding:
        if self._part is None:
            return _UNREAD
        now = self._means.clock.now()
        return judge_rest(self._part.refused_at, now, is_accepted=self._is_key_accepted)

    def _look_aside(self) -> Finding:
        keys = self._means.store(self._means.wire(), self._means.last_seconds).list(ASIDE)
        if not keys:
            return ok("none")
        advice = f"look at what is beneath {ASIDE} in the store, and remove it when it is understood"
        return warning(f"{counted(len(keys), 'ledger')} could not be read, and had to be begun anew", advice)

    def _now(self) -> datetime:
        """By the store's clock, as ledgers are dated."""
        return self._means.clock.now() + self._store.ahead


def judge_timer(records: Sequence[Record], now: datetime, *, has_heartbeat: bool) -> Finding:
    """Judge by what is followed whether somebody looks: each look is noted after ten minutes at the latest.

    Args:
        records: What is followed; changes that are over are not looked at any more.
        now: The store's clock.
        has_heartbeat: Whether somebody else notices when nobody looks.
    """
    ledgers = [record.ledger for record in records if record.is_active]
    going = [ledger for ledger in ledgers if ledger is None or not ledger.phase.is_end]
    if not going:
        return skipped(
            "nothing is followed that goes on, so nothing tells", _ask(has_heartbeat=has_heartbeat)
        )
    looks = [ledger.looked_at for ledger in going if ledger is not None and ledger.looked_at is not None]
    if not looks:
        return warning(
            f"nobody has looked yet at what is to be followed ({counted(len(going), 'change')})", _NOBODY
        )
    age = max(now - max(looks), timedelta())
    said = span(int(age.total_seconds()), ENGLISH)
    if age > UNWATCHED_AFTER:
        return failed(f"nobody has looked for {said}: is the timer on?", _NOBODY)
    return ok(f"the last look is noted {said} ago; a look by hand counts too")


def _ask(*, has_heartbeat: bool) -> str:
    """Say how else one learns whether the function runs."""
    besides = (
        "the heartbeat tells when it does not"
        if has_heartbeat
        else "heartbeat.url would tell when it does not"
    )
    return f"`headway invoke TARGET` shows whether the function runs; {besides}"


def judge_ledgers(records: Sequence[Record]) -> Finding:
    """Judge whether what is kept of changes that are followed can be read."""
    troubles = [record.trouble for record in records if record.trouble]
    if not troubles:
        return ok(f"{counted(len(records), 'change')} followed, all ledgers can be read")
    more = len(troubles) - _NAMES_MAX
    lines = [*troubles[:_NAMES_MAX], *([f"And {more} more."] if more > 0 else [])]
    advice = "what is damaged the next look sets aside, and tells; what is newer needs that Headway"
    return failed("\n".join(lines), advice)


def judge_rest(refused_at: datetime | None, now: datetime, *, is_accepted: bool) -> Finding:
    """Judge what is noted of refusals of the access key in use.

    Args:
        refused_at: When the API refused it last; None if it was accepted since.
        now: Our clock.
        is_accepted: Whether the API has just accepted it.
    """
    if refused_at is None:
        return ok("no refusal is noted")
    again_at = refused_at + REFRESH_AFTER
    rests = (
        f"it rests until {again_at:%H:%M} UTC" if again_at > now else "no look has shown it to be good since"
    )
    detail = f"the API refused it to the function at {refused_at:%H:%M} UTC; {rests}"
    if is_accepted:
        return warning(f"{detail}; here it is accepted", "headway invoke has the function try it at once")
    return warning(detail, "see above what is wrong with it")
