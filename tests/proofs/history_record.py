"""What is known for sure of one change: every ledger that was ever saved, every copy that was ever heard."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from handler.core.document import decode
from handler.core.ledger import ChannelState, Ledger
from notifiers.alerts import Alert, Group, Kind
from notifiers.channel import Channel
from notifiers.messages import Message

Blame = Callable[[str], None]
"""Notes that a promise was broken."""


_ENDS: Final = {Kind.FAILED, Kind.LOST}
_REMINDED_FOR: Final = timedelta(days=1)
_UNWATCHED_AFTER: Final = timedelta(minutes=30)
_ATTEMPTS_MAX: Final = 50


class _Copy(NamedTuple):
    """A generation of the ledger, a channel, and the number of an alert."""

    generation: int
    channel: str
    number: int


class Record:
    """The record of one change, which judges whatever is added to it.

    A generation of the ledger ends where its document is damaged; what was told of it then is in nobody's
    memory, so that most promises hold within a generation.
    """

    def __init__(self, channels: Sequence[Channel], name: str, blame: Blame) -> None:
        """Begin with nothing saved."""
        self.ledger: Ledger | None = None
        self.damaged: bytes | None = None
        self._channels, self._name, self._blame = channels, name, blame
        self._generation = 0
        self._alerts: dict[int, Alert] = {}
        self._saved: set[tuple[int, str]] = set()
        self._claimed: dict[tuple[str, str], int] = {}
        self._heard: set[_Copy] = set()
        self._settled: set[_Copy] = set()
        self._set_back: str | None = None
        self._copies: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
        self._unmarked_ends: Counter[str] = Counter()
        self.figures: Counter[str] = Counter()

    def damage(self, document: bytes) -> None:
        """Note that the document was damaged, and how it looks now."""
        self.ledger, self.damaged = None, document
        self.figures["damaged ledgers"] += 1

    @contextmanager
    def setting_back(self, channel: str) -> Iterator[None]:
        """Have somebody set a channel back, which alone may forget what it has heard."""
        self._set_back = channel
        yield
        self._set_back = None

    def save(self, document: bytes, aside: Collection[bytes]) -> None:
        """Judge a document that was saved; `aside` is what has been set aside of this change."""
        ledger = decode(document)
        if self.damaged is not None:
            self._begin_anew(ledger, aside)
        self._judge_log(ledger)
        self._judge_progress(ledger)
        self._judge_gaps(ledger)
        self._judge_reminders(ledger)
        self.ledger = ledger
        for alert in ledger.alerts:
            self._alerts[alert.number] = alert
            self._saved.add((alert.number, alert.cause))
        for channel, state in ledger.channels.items():
            if state.claim:
                self._claimed[state.claim.owner, channel] = self._generation
        for listener in self._channels:
            self._judge_place(listener, ledger.channels[listener.name])

    def send(self, owner: str, channel: str, message: Message, now: datetime) -> None:
        """Judge a send that begins."""
        for alert in message.alerts:
            if (alert.number, alert.cause) not in self._saved:
                self._blame(f"{alert.cause} was sent unsaved")
            if not any(c.name == channel and c.wants(alert, "", self._name) for c in self._channels):
                self._blame(f"{channel} was told {alert.cause}, which is not for it")
        generation = self._claimed.get((owner, channel))
        if generation is None:
            self._blame(f"{owner} sent to {channel} without a claim")
        elif self.ledger is not None and generation == self._generation:
            claim = self.ledger.channels[channel].claim
            if claim is None or claim.owner != owner or claim.until <= now:
                self._blame(f"{owner} sent to {channel} by a claim that is gone")

    def hear(self, owner: str, channel: str, message: Message) -> None:
        """Judge a message that a channel heard."""
        generation = self._claimed.get((owner, channel), 0)
        for alert in message.alerts:
            self._heard.add(_Copy(generation, channel, alert.number))
            # Every loss is told; everything else is the same thing in whichever ledger it stands.
            is_loss = alert.kind is Kind.LEDGER_RESET
            copies = self._copies[channel, f"{alert.cause} of {generation}" if is_loss else alert.cause]
            copies.append(message.repeats(alert))
            self.figures["alerts heard"] += 1
            self.figures["repeats"] += len(copies) > 1
            self.figures["reminders"] += alert.kind is Kind.REMINDER
            self.figures["repeated reminders"] += alert.kind is Kind.REMINDER and len(copies) > 1
            if copies.count(False) > 1:
                self._blame(f"{channel} heard {alert.cause} twice, neither copy marked")
            self._unmarked_ends[channel] += Group.END in alert.kind.traits.groups and not copies[-1]
            if self._unmarked_ends[channel] > 1:
                self._blame(f"{channel} heard of an end twice")

    def is_settled(self) -> bool:
        """True when everybody has heard everything, as far as the last save says."""
        states = self.ledger.channels.values() if self.ledger else ()
        length = self.ledger.length if self.ledger else 0
        return bool(states) and all(s.claim is None and s.offset == length for s in states)

    def _begin_anew(self, ledger: Ledger, aside: Collection[bytes]) -> None:
        if self.damaged not in aside:
            self._blame("a damaged document was overwritten and no copy of it set aside")
        first = ledger.alerts[0].kind if ledger.alerts else None
        if not ledger.follows_loss or first is not Kind.LEDGER_RESET:
            self._blame("a damaged document was overwritten and nobody told")
        self.damaged, self._alerts = None, {}
        self._generation += 1

    def _judge_log(self, ledger: Ledger) -> None:
        """The log is numbered without gap, but for reminders, and only ever appended to."""
        numbers = [alert.number for alert in ledger.alerts]
        forgotten = {one.number for one in self._alerts.values() if one.kind is Kind.REMINDER} - {*numbers}
        first = numbers[0] if numbers else ledger.length + 1
        if numbers != [one for one in range(first, ledger.length + 1) if one not in forgotten]:
            self._blame(f"the log of length {ledger.length} has the numbers {numbers}")
        for alert in ledger.alerts:
            known = self._alerts.get(alert.number, alert)
            if (known.cause, known.raised_at) != (alert.cause, alert.raised_at):
                self._blame(f"alert {alert.number} was {known.cause} and is {alert.cause}")
            lasting = {name: how for name, how in known.endings.items() if name != self._set_back}
            if not lasting.items() <= alert.endings.items():
                self._blame(f"the ending of {alert.cause} was forgotten")
            if ledger.follows_loss and alert.kind is not Kind.LEDGER_RESET and not alert.may_repeat:
                self._blame(f"{alert.cause} was raised after a loss and is not marked")

    def _judge_progress(self, ledger: Ledger) -> None:
        """Nothing goes back: neither the log's length, nor offset or attempts, nor the observation's date."""
        before = self.ledger
        if before is None:
            return
        if ledger.length < before.length or ledger.follows_loss != before.follows_loss:
            self._blame("the log was rolled back")
        for name, state in before.channels.items():
            if ledger.channels[name].offset < state.offset and name != self._set_back:
                self._blame(f"the offset of {name} went back")
            attempts = ledger.channels[name].attempts
            if len(attempts) < _ATTEMPTS_MAX and attempts[: len(state.attempts)] != state.attempts:
                self._blame(f"an attempt on {name} was forgotten")
        dates = [o.date for o in (before.observation, ledger.observation) if o and o.date]
        if dates != sorted(dates):
            self._blame("the observation went back")

    def _judge_gaps(self, ledger: Ledger) -> None:
        """Whoever looks again after a gap says so, once and for how long; else nobody does."""
        before = self.ledger
        since = None if before is None or before.phase.is_end else before.looked_at
        lasted = ledger.looked_at - since if ledger.looked_at and since else timedelta()
        expected = [round(lasted.total_seconds())] if lasted > _UNWATCHED_AFTER else []
        news = ledger.alerts_after(before.length if before else 0)
        told = [alert.seconds for alert in news if alert.kind is Kind.UNWATCHED]
        self.figures["gaps"] += len(told)
        if told != expected:
            self._blame(f"nobody looked for {lasted}, and told were {told} seconds")

    def _judge_reminders(self, ledger: Ledger) -> None:
        """A new one is for who wants it, of what stands, and not too soon; never of what was dropped."""
        before = self.ledger
        news = ledger.alerts_after(before.length if before else 0)
        reminders = [alert for alert in news if alert.kind is Kind.REMINDER]
        self.figures["drops"] += ledger.is_dismissed and not (before and before.is_dismissed)
        if before and before.is_dismissed and (reminders or ledger.is_reminding or not ledger.is_dismissed):
            self._blame("somebody was reminded of what was dropped")
        for reminder in reminders:
            self._judge_reminder(reminder, ledger)

    def _judge_reminder(self, reminder: Alert, ledger: Ledger) -> None:
        kind, name = reminder.reminds_of, reminder.channel or ""
        period = next((one.remind_every for one in self._channels if one.name == name), None)
        matter = [alert for alert in self._alerts.values() if alert.kind is kind]
        own = (a for a in self._alerts.values() if a.kind is Kind.REMINDER and a.channel == name)
        latest = max([*matter, *own], key=lambda alert: alert.number, default=None)
        if kind is None or period is None or not matter or latest is None:
            self._blame(f"{name} was reminded of what it was never told")
            return
        if reminder.raised_at - latest.raised_at < period:
            self._blame(f"{name} was reminded too soon")
        if self.ledger is None or not self.ledger.channels[name].has_settled(latest.number):
            self._blame(f"{name} was reminded of what is still on its way")
        if kind in _ENDS and reminder.raised_at - matter[0].raised_at >= _REMINDED_FOR:
            self._blame(f"{name} was reminded after a day")
        is_over = ledger.phase.is_end or ledger.outage is not None
        if ledger.phase.value != kind.value if kind in _ENDS else is_over:
            self._blame(f"{name} was reminded of what is over")

    def _judge_place(self, channel: Channel, state: ChannelState) -> None:
        """Whatever is settled was heard, is not wanted, or has visibly ended; what was heard never ends."""
        for alert in self._alerts.values():
            is_settled = state.has_settled(alert.number) and channel.name not in alert.endings
            copy = _Copy(self._generation, channel.name, alert.number)
            if is_settled and copy not in self._heard and channel.wants(alert, "", self._name):
                self._blame(f"{channel.name} lost {alert.cause}")
            if is_settled:
                self._settled.add(copy)
            elif copy in self._settled and channel.name in alert.endings:
                self._blame(f"{alert.cause} has ended on {channel.name}, which had heard it")
