"""What must hold, whatever happens: in every state, and from each saved ledger to the next."""

from __future__ import annotations

from typing import Final, NamedTuple

from handler.core.ledger import Ledger
from notifiers.alerts import Alert, Group
from notifiers.channel import Channel
from tests.proofs.deciding import CHANGE, NAME, Deciding
from tests.proofs.storage import moment
from tests.proofs.world import Copies, Hearings, Parcel, World

LOST: Final = "no alert of a saved ledger is ever unheard and not pending"
UNMARKED: Final = "of two copies a channel hears at least one is marked"
THRICE: Final = "a channel hears an alert twice at most"
OFFSET: Final = "offsets never go back"
HOLDER: Final = "a claim has one holder"
END: Final = "an end is told once"
DATE: Final = "an older observation never follows a newer one"
COUNTED: Final = "every send is counted before it leaves"
NUMBERS: Final = "the log is numbered without gaps and only grows"
UNSAVED: Final = "a channel hears only what was saved"
MARKED: Final = "a change that is not told to its end is marked active"
TOLD: Final = "in the end all is told"


class _Saved(NamedTuple):
    """One saved ledger over another: by whom, and when."""

    before: int
    after: int
    owner: str
    now: int


class Promises:
    """Checks worlds; each distinct question is answered once."""

    def __init__(self, deciding: Deciding) -> None:
        """Take what knows the ledgers."""
        self._deciding = deciding
        self._states: dict[tuple[int, Hearings], str | None] = {}
        self._saves: dict[_Saved, str | None] = {}
        self._sends: dict[tuple[int, int, str, Parcel, int], str | None] = {}

    def broken_in(self, world: World) -> str | None:
        """The promise that a state breaks, if any."""
        if world.document is None:
            return None
        key = world.document.ledger, world.heard
        if key not in self._states:
            self._states[key] = self._broken_by_ledger(*key)
        if self._states[key] is None and not world.is_marked and not self._is_told(key[0]):
            return MARKED
        return self._states[key]

    def broken_by_save(self, before: World, after: World) -> str | None:
        """The promise that one saved ledger breaks over another."""
        if before.document is None or after.document is None or before.document is after.document:
            return None
        owner = owner_of(after.document.version)
        key = _Saved(before.document.ledger, after.document.ledger, owner, after.now)
        if key not in self._saves:
            self._saves[key] = self._broken_between(key)
        return self._saves[key]

    def broken_by_send(self, world: World, owner: str, parcel: Parcel, sender_ledger: int) -> str | None:
        """The promise that a message breaks at the moment at which it leaves."""
        if world.document is None:
            return UNSAVED
        copies = world.heard[parcel.channel]
        first = parcel.numbers[0]
        sends = 1 + (copies[first - 1].sends if first <= len(copies) else 0)
        key = world.document.ledger, sender_ledger, owner, parcel, sends
        if key not in self._sends:
            self._sends[key] = self._broken_by_parcel(*key)
        return self._sends[key]

    def _is_told(self, number: int) -> bool:
        return self._deciding.ledger(number).is_told

    def _broken_by_ledger(self, number: int, heard: Hearings) -> str | None:
        ledger = self._deciding.ledger(number)
        if [alert.number for alert in ledger.alerts] != list(range(1, ledger.length + 1)):
            return NUMBERS
        if sum(Group.END in alert.kind.traits.groups for alert in ledger.alerts) > 1:
            return END
        for channel, copies in zip(self._deciding.channels, heard, strict=True):
            if any(heard.unmarked > 1 for heard in copies):
                return UNMARKED
            if any(heard.unmarked + heard.marked > 2 for heard in copies):
                return THRICE
            if any(_is_lost(ledger, channel, alert, copies) for alert in ledger.alerts):
                return LOST
        return None

    def _broken_between(self, saved: _Saved) -> str | None:
        before, after = (self._deciding.ledger(number) for number in saved[:2])
        if any(_matter(before, alert.number) != _matter(after, alert.number) for alert in before.alerts):
            return NUMBERS
        dates = [ledger.observation.date if ledger.observation else None for ledger in (before, after)]
        if dates[0] and (dates[1] is None or dates[1] < dates[0]):
            return DATE
        for name, state in before.channels.items():
            if after.channels[name].offset < state.offset:
                return OFFSET
            claim, next_claim = state.claim, after.channels[name].claim
            is_held = claim is not None and claim.until > moment(saved.now) and claim.owner != saved.owner
            if is_held and next_claim != claim:
                return HOLDER
        return None

    def _broken_by_parcel(
        self, saved: int, sender_ledger: int, owner: str, parcel: Parcel, sends: int
    ) -> str | None:
        name = self._deciding.channels[parcel.channel].name
        ledger, own = self._deciding.ledger(saved), self._deciding.ledger(sender_ledger)
        claim = ledger.channels[name].claim
        if any(_matter(ledger, number) != _matter(own, number) for number in parcel.numbers):
            return UNSAVED
        if claim is None or claim.owner != owner:
            return HOLDER
        return COUNTED if claim.tries < sends else None


def owner_of(version: str) -> str:
    """Whose save a version is."""
    return version.partition("n")[0]


def _is_lost(ledger: Ledger, channel: Channel, alert: Alert, copies: tuple[Copies, ...]) -> bool:
    is_heard = alert.number <= len(copies) and any(copies[alert.number - 1][:2])
    is_pending = alert.number > ledger.channels[channel.name].offset
    is_ended = channel.name in alert.endings
    return not (is_heard or is_pending or is_ended) and channel.wants(alert, CHANGE, NAME)


def _matter(ledger: Ledger, number: int) -> tuple[object, ...]:
    """What an alert tells, but for when it was raised: its holder's own late write may change that."""
    return next(((a.kind, a.step, a.channel, a.percent) for a in ledger.alerts if a.number == number), ())
