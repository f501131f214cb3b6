"""The world of a history: real invocations over fakes of their ports, and somebody who records it all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from handler.clock import Deadline
from handler.core.change import ChangeId
from handler.core.ledger import Ledger
from handler.core.rules import Policy
from handler.core.watch import Watch
from handler.invocation import Invocation, Setting
from handler.situation import Links
from handler.stores.ledgers import Ledgers, Recalled
from handler.stores.port import DOCUMENT_BYTES_MAX
from handler.tick import Tick as Looked
from notifiers.channel import Channel, parse_kinds, parse_quiet
from notifiers.dispatch import Limits, Parcel, Sent, dispatch
from notifiers.messages import Message
from notifiers.verdicts import Verdict
from tests.fakes.clock import FakeClock
from tests.proofs.history_clerk import Clerk
from tests.proofs.history_inline import no_threads
from tests.proofs.history_plan import Act, Answer, Damage, Drop, Manner, Move, Resend, Spoil, Tick, Turn
from tests.proofs.history_process import Crashed, Process, ProcessSender, ProcessSource
from tests.proofs.history_record import Record
from tests.proofs.history_source import Mood, ScriptedChange
from tests.proofs.history_store import ProcessStore, WitnessedStore

CHANNELS: Final = (
    Channel("all"),
    Channel("trouble", kinds=parse_kinds(["trouble"])),
    Channel("quiet", quiet=parse_quiet("08:30-10:00")),
)
WATCHES: Final = (Watch(ChangeId("inst", "one"), "orders"), Watch(ChangeId("inst", "two"), "payments"))
LIFE_SECONDS: Final = 60
_SEND_SECONDS, _SETTLE_SECONDS = 15, 10
_RECOVERY: Final = (80, 60, 1800, *[3600] * 48)


def key_of(watch: Watch) -> str:
    """Where the ledger of a change is kept."""
    return f"changes/{watch.change}.json"


def reminded(periods: Mapping[str, int]) -> list[Channel]:
    """The channels, some of which want to be reminded, in so many seconds."""
    every = {name: timedelta(seconds=seconds) for name, seconds in periods.items()}
    return [replace(channel, remind_every=every.get(channel.name)) for channel in CHANNELS]


class World:
    """Two changes, three channels, one store, which may keep documents from damage.

    `broken` is which promises were broken.
    """

    def __init__(self, channels: Sequence[Channel] = CHANNELS) -> None:
        """Begin at 08:00 with everything healthy."""
        self.channels = tuple(channels)
        self.broken: list[str] = []
        self.keeps_documents = False
        self.figures: Counter[str] = Counter()
        self.clock = FakeClock()
        self.records = {str(w.change): Record(channels, w.title, self.broken.append) for w in WATCHES}
        self.store = WitnessedStore(self.clock, self.records)
        self._scripts = [ScriptedChange(self.clock) for _ in WATCHES]
        self.manners = dict.fromkeys((channel.name for channel in channels), Manner.UP)
        self._clerk = Clerk(self.store, WATCHES, self.clock, self.new_name)
        self._warm: Recalled = {}
        self._names = 0
        self._depth = 0
        self._resent: set[int] = set()

    def new_ledgers(self, process: Process, recalled: Recalled) -> Ledgers:
        """Build the ledgers of one invocation."""
        return Ledgers(ProcessStore(process, self.store), self.new_name, recalled)

    def new_deadline(self) -> Deadline:
        """Build the deadline of one invocation."""
        return Deadline(self.clock, LIFE_SECONDS)

    def act(self, act: Act) -> None:
        """Let something happen; who was to be told once more must not be forgotten when all that is over."""
        self._depth += 1
        self._let(act)
        self._depth -= 1
        if self._depth == 0:
            lost = [i for i in self._resent if self._clerk.is_lost(WATCHES[i].change, self._ledger(i))]
            self.broken += [f"what was to be told once more of change {i} is found by nobody" for i in lost]

    def _let(self, act: Act) -> None:
        match act:
            case Move(change, event):
                self._scripts[change].happen(event)
            case Answer(change, mood):
                self._scripts[change].mood = mood
            case Turn(channel, manner):
                self.manners[channel] = manner
            case Drop(change):
                self._clerk.drop(WATCHES[change].change)
            case Resend():
                self._resend(act)
            case Spoil(change, damage):
                self._spoil(change, damage)
            case Tick():
                self._tick(act)

    def _resend(self, act: Resend) -> None:
        watch = WATCHES[act.change]
        with self.records[str(watch.change)].setting_back(act.channel):
            if self._clerk.resend(watch.change, act.channel, self.channels, everything=act.everything):
                self._resent.add(act.change)
                self.figures["resends"] += 1

    def _ledger(self, change: int) -> Ledger | None:
        return self.records[str(WATCHES[change].change)].ledger

    def _spoil(self, change: int, damage: Damage) -> None:
        if self.keeps_documents:
            return
        key, others_key = key_of(WATCHES[change]), key_of(WATCHES[1 - change])
        found = self.store.documents.get(key, b"")
        others = self.records[str(WATCHES[1 - change].change)]
        document = {
            Damage.OVERWRITTEN: b"no ledger",
            Damage.TRUNCATED: found[: len(found) // 2],
            Damage.ANOTHERS: self.store.documents[others_key] if others.ledger else b"nobody's",
            Damage.OVERSIZED: b" " * (DOCUMENT_BYTES_MAX + 1),
        }[damage]
        self.store.documents[key] = document
        self.records[str(WATCHES[change].change)].damage(document)

    def _tick(self, tick: Tick) -> None:
        self.figures["ticks"] += 1
        try:
            with no_threads(is_lazy=tick.is_lazy):
                ticks = self._invoke(tick)
        except Crashed:
            self.figures["crashes"] += 1
            # It may have removed a marker, and not have seen any more that somebody needs it.
            self._resent.clear()
            self._warm = {} if tick.is_warm else self._warm
        except Exception as error:  # noqa: BLE001 - nothing else may leave an invocation
            self.broken.append(f"an invocation raised {error!r}")
        else:
            self.broken += [t.problem.message for t in ticks if t.problem and t.problem.is_defect]

    def recover(self) -> None:
        """Let everything be healthy, and time pass until nobody has anything left to hear."""
        self.store.heal()
        for script in self._scripts:
            script.mood = Mood.GOOD
        self.manners = dict.fromkeys(self.manners, Manner.UP)
        for seconds in _RECOVERY:
            self.clock.advance(seconds)
            self.act(Tick(is_warm=False))
            if all(self._is_through(watch.change) for watch in WATCHES):
                return
        self.broken.append("two healthy days were not enough to tell everything")

    def _is_through(self, change: ChangeId) -> bool:
        record = self.records[str(change)]
        return record.is_settled() and self._clerk.is_through(change, record.ledger)

    def _invoke(self, tick: Tick) -> list[Looked]:
        deadline = self.new_deadline()
        process = Process(self, self.new_name(), deadline, tick.incidents)
        marked = self._clerk.marked()
        ticks = self._invocation(tick, process, deadline).run([WATCHES[index] for index in tick.changes])
        ledgers = self.new_ledgers(process, self._warm if tick.is_warm else {})
        self._clerk.conclude(ProcessStore(process, self.store), ledgers, marked, ticks)
        return ticks

    def _invocation(self, tick: Tick, process: Process, deadline: Deadline) -> Invocation:
        limits = Limits(_SEND_SECONDS, lambda: deadline.remaining_seconds() - _SETTLE_SECONDS)
        senders = {channel.name: self._sender(process, channel.name) for channel in self.channels}
        scripts = {watch.change: script for watch, script in zip(WATCHES, self._scripts, strict=True)}

        def send(parcels: Sequence[Parcel]) -> Iterator[Sent]:
            """Dispatch one channel after the other."""
            names = list(dict.fromkeys(parcel.channel for parcel in parcels))
            for name in reversed(names) if tick.is_lazy else names:
                yield from dispatch([p for p in parcels if p.channel == name], senders, limits)

        return Invocation(
            Setting(self.channels, Policy(), Links(None, "https://console"), 2, process.owner),
            source=ProcessSource(process, scripts, key_accepted=tick.is_warm),
            ledgers=self.new_ledgers(process, self._warm if tick.is_warm else {}),
            dispatch=send,
            clock=self.clock,
            deadline=deadline,
            pause=process.pause,
        )

    def _sender(self, process: Process, channel: str) -> ProcessSender:
        """Build a process's way to a channel, which takes messages as it does at present."""

        def begin(message: Message) -> None:
            self._record(message).send(process.owner, channel, message, self.store.now())

        def deliver(message: Message) -> Verdict | None:
            manner = self.manners[channel]
            self.clock.advance(manner.seconds)
            self.figures["sends"] += 1
            if manner.is_heard:
                self._record(message).hear(process.owner, channel, message)
                self.figures["lost answers"] += manner.is_cut_off
            return manner.verdict

        return ProcessSender(process, begin, deliver)

    def _record(self, message: Message) -> Record:
        return self.records[message.situation.change_id]

    def new_name(self) -> str:
        """Make up a name that nobody has yet."""
        self._names += 1
        return f"name-{self._names}"
