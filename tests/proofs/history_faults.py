"""Headways that are broken on purpose, each in one way that a history has to bring to light."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest import mock

from msgspec.structs import replace

import handler.core.compare
import handler.core.concluding
import handler.core.gaps
import handler.core.reminding
import handler.deciding
import handler.invocation
import handler.resending
import handler.settling
from handler.bookkeeping import Bookkeeping
from handler.clock import Deadline
from handler.core.audience import Audience
from handler.core.change import ChangeId
from handler.core.delivery import Delivery, settle
from handler.core.ledger import Ledger
from handler.core.reminding import remind
from handler.core.resending import resend
from handler.invocation import Invocation
from handler.stores.ledgers import Ledgers, Recalled
from handler.stores.port import Committed, Conflict, Unknown
from handler.tick import Tick
from notifiers.alerts import Alert
from notifiers.messages import Message, Situation, compose
from notifiers.verdicts import Outcome, Verdict
from tests.proofs.history_process import Process
from tests.proofs.history_store import ProcessStore
from tests.proofs.history_world import LIFE_SECONDS, World


class EndlessDeadline(Deadline):
    """A deadline that never comes."""

    def life_seconds(self) -> float:
        """All of it."""
        return LIFE_SECONDS


class TimelessWorld(World):
    """Invocations that think they have just begun, whenever they thaw."""

    def new_deadline(self) -> Deadline:
        """See `World`."""
        return EndlessDeadline(self.clock, LIFE_SECONDS)


class StubbornLedgers(Ledgers):
    """Ledgers that save over whatever stands there."""

    def save(self, change: ChangeId, ledger: Ledger, expected: str | None) -> Committed | Conflict | Unknown:
        """See `Ledgers`."""
        answer = super().save(change, ledger, expected)
        if isinstance(answer, Conflict):
            answer = super().save(change, ledger, self.load(change).version)
        return answer


class StubbornWorld(World):
    """Whoever saves last is right."""

    def new_ledgers(self, process: Process, recalled: Recalled) -> Ledgers:
        """See `World`."""
        return StubbornLedgers(ProcessStore(process, self.store), self.new_name, recalled)


class CarelessLedgers(Ledgers):
    """Ledgers that set nothing aside."""

    def set_aside(self, change: ChangeId, version: str) -> Committed:
        """See `Ledgers`."""
        del change
        return Committed(version)


class CarelessWorld(World):
    """What cannot be read is thrown away."""

    def new_ledgers(self, process: Process, recalled: Recalled) -> Ledgers:
        """See `World`."""
        return CarelessLedgers(ProcessStore(process, self.store), self.new_name, recalled)


@contextmanager
def settles_to_the_end_of_the_log() -> Iterator[None]:
    """What was appended during a send counts as sent."""

    def overshoot(
        ledger: Ledger,
        audience: Audience,
        owner: str,
        verdicts: Mapping[str, Verdict | None],
        now: datetime,
    ) -> Ledger:
        settled = settle(ledger, audience, owner, verdicts, now)
        told = {name for name, verdict in verdicts.items() if verdict and verdict.outcome is Outcome.SENT}
        channels = {
            name: replace(state, offset=settled.length) if name in told else state
            for name, state in settled.channels.items()
        }
        return replace(settled, channels=channels)

    with mock.patch.object(handler.settling, "settle", overshoot):
        yield


@contextmanager
def sends_before_it_saves() -> Iterator[None]:
    """Claims are made, but never written down."""

    def save_nothing(_: Invocation, tick: Tick) -> Tick:
        return tick._replace(after=tick.current)

    with mock.patch.object(Invocation, "_claim", save_nothing):
        yield


@contextmanager
def marks_no_repeats() -> Iterator[None]:
    """A second copy looks like the first."""

    def compose_unmarked(alerts: Sequence[Alert], situation: Situation, repeat_upto: int) -> Message:
        del repeat_upto
        return compose(alerts, situation, 0)

    with mock.patch.object(handler.invocation, "compose", compose_unmarked):
        yield


@contextmanager
def reminds_all_the_time() -> Iterator[None]:
    """However seldom a channel wants to be reminded, it is in every minute."""

    def remind_often(ledger: Ledger, audience: Audience, now: datetime) -> Ledger:
        channels = (
            replace(channel, remind_every=channel.remind_every and timedelta(minutes=1))
            for channel in audience.channels
        )
        return remind(ledger, replace(audience, channels=tuple(channels)), now)

    with mock.patch.object(handler.deciding, "remind", remind_often):
        yield


@contextmanager
def reminds_for_days() -> Iterator[None]:
    """A failure is never long enough ago."""
    with mock.patch.object(handler.core.reminding, "REMINDED_FOR", timedelta(days=9)):
        yield


@contextmanager
def reminds_of_what_was_dropped() -> Iterator[None]:
    """Nobody listens to whoever wants to hear no more."""

    def insist(ledger: Ledger, audience: Audience, now: datetime) -> Ledger:
        insisting = remind(replace(ledger, is_dismissed=False), audience, now)
        return replace(insisting, is_dismissed=ledger.is_dismissed)

    with mock.patch.object(handler.deciding, "remind", insist):
        yield


@contextmanager
def forgets_to_stop_reminding() -> Iterator[None]:
    """A change that has failed is looked at for ever."""

    def go_on(ledger: Ledger, audience: Audience, now: datetime) -> Ledger:
        reminding = remind(ledger, audience, now)
        return replace(reminding, is_reminding=ledger.is_reminding or reminding.is_reminding)

    with mock.patch.object(handler.deciding, "remind", go_on):
        yield


@contextmanager
def removes_markers_blindly() -> Iterator[None]:
    """Whoever has a channel told once more meanwhile is forgotten."""
    with mock.patch.object(Ledgers, "unmark_active", lambda self, change: self._markers.drop(change)):
        yield


@contextmanager
def ends_what_was_heard() -> Iterator[None]:
    """What is told once more ends like anything else."""

    def forget(
        ledger: Ledger, audience: Audience, name: str, now: datetime, *, everything: bool
    ) -> tuple[Ledger, Delivery]:
        set_back, owed = resend(ledger, audience, name, now, everything=everything)
        channels = {name: replace(state, heard_again=()) for name, state in set_back.channels.items()}
        return replace(set_back, channels=channels), owed

    with mock.patch.object(handler.resending, "resend", forget):
        yield


@contextmanager
def leaves_markers() -> Iterator[None]:
    """Who was killed before it removed one has left it for good."""
    with mock.patch.object(Bookkeeping, "keep", return_value=[]):
        yield


@contextmanager
def keeps_one_attempt_only() -> Iterator[None]:
    """How a send went is known until the next one."""
    with mock.patch.object(handler.core.concluding, "ATTEMPTS_MAX", 1):
        yield


@contextmanager
def makes_up_gaps() -> Iterator[None]:
    """Nobody looked, it says, though only the kept moment lags behind."""
    with mock.patch.object(handler.core.gaps, "UNWATCHED_AFTER", timedelta(minutes=5)):
        yield


@contextmanager
def hushes_up_gaps() -> Iterator[None]:
    """However long nobody looked, nobody hears of it."""
    with mock.patch.object(handler.core.gaps, "UNWATCHED_AFTER", timedelta(days=9)):
        yield


@contextmanager
def believes_older_answers() -> Iterator[None]:
    """Whatever was read last is what is true."""
    with mock.patch.object(handler.core.compare, "_is_outdated", return_value=False):
        yield
