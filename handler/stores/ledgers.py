"""Ledgers in a state store: documents that cannot be read, saves whose answer is lost, active changes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, MutableMapping
from datetime import datetime

import msgspec

from handler.core.change import ID, ChangeId
from handler.core.document import (
    NewerLedgerError,
    UnreadableLedgerError,
    decode,
    encode,
    nonce_of,
)
from handler.core.ledger import Ledger
from handler.stores.keys import ASIDE, CHANGES
from handler.stores.markers import Markers
from handler.stores.port import (
    Absent,
    Committed,
    Conflict,
    Loaded,
    Oversized,
    StateStore,
    StateUnavailableError,
    Unchanged,
    Unknown,
    UnusableDocumentError,
)

Recalled = MutableMapping[str, tuple[str, Ledger]]
"""Ledgers by key with their versions, as a warm process may remember them; it may be lost at any time."""

_RECALLED_MAX = 2000
_LEDGER_KEY = re.compile(rf"{CHANGES}({ID})/({ID})\.json")


class Kept(msgspec.Struct, frozen=True):
    """What the store holds of a change: no ledger and no version when there is nothing yet.

    `damage` is why what stands there cannot be read; it has to be set aside before a ledger is begun anew.
    """

    ledger: Ledger | None
    version: str | None
    store_date: datetime
    damage: str | None = None


class Ledgers:
    """Loads and saves the ledgers of changes; one invocation's."""

    def __init__(self, store: StateStore, new_nonce: Callable[[], str], recalled: Recalled) -> None:
        """Take the store, a source of random nonces, and what this process still remembers."""
        self._store = store
        self._markers = Markers(store)
        self._new_nonce = new_nonce
        self._recalled = recalled

    def load(self, change: ChangeId) -> Kept:
        """Read the ledger of a change.

        Raises:
            StateUnavailableError: The store cannot be read, or holds a newer Headway's ledger.
        """
        key = _ledger_key(change)
        known_version, known = self._recalled.get(key, (None, None))
        match self._store.load(key, known_version):
            case Unchanged(store_date=store_date):
                return Kept(known, known_version, store_date)
            case Absent(store_date=store_date):
                return Kept(None, None, store_date)
            case found:
                return self._believe(change, found)

    def latest(self) -> list[ChangeId]:
        """Of which changes there are ledgers, the last written first; with one LIST per thousand.

        Raises:
            StateUnavailableError: The store cannot be listed.
        """
        found = map(_LEDGER_KEY.fullmatch, self._store.latest(CHANGES))
        return [ChangeId(match[1], match[2]) for match in found if match]

    def recalls_end(self, change: ChangeId) -> bool:
        """True when this process remembers that the change has ended: there is nothing to ask of it."""
        _, known = self._recalled.get(_ledger_key(change), (None, None))
        return known is not None and known.phase.is_end

    def _believe(self, change: ChangeId, found: Loaded | Oversized) -> Kept:
        """Read a document; one that cannot be read is read again, for a store may answer with half of it."""
        try:
            return self._read(change, found)
        except UnreadableLedgerError:
            again = self._store.load(_ledger_key(change))
        if not isinstance(again, (Loaded, Oversized)):
            return Kept(None, None, again.store_date)
        try:
            return self._read(change, again)
        except UnreadableLedgerError as error:
            if _content(again) != _content(found):
                raise UnusableDocumentError(f"The ledger of {change} is in flux ({error}).") from None
            return Kept(None, again.version, again.store_date, damage=str(error))

    def _read(self, change: ChangeId, found: Loaded | Oversized) -> Kept:
        if isinstance(found, Oversized):
            raise UnreadableLedgerError("it has more than 1 MiB")
        try:
            ledger = decode(found.document)
        except NewerLedgerError as error:
            reason = f"The ledger of {change} was written by a newer Headway ({error}); update this one."
            raise UnusableDocumentError(reason) from None
        if ledger.change != str(change):
            raise UnreadableLedgerError("it is another change's")
        self._recall(_ledger_key(change), found.version, ledger)
        return Kept(ledger, found.version, found.store_date)

    def set_aside(self, change: ChangeId, version: str) -> Committed | Conflict:
        """Keep a copy of what cannot be read, as it stands; to do so twice makes one copy.

        Raises:
            StateUnavailableError: The copy may not be there.
        """
        name = hashlib.sha256(version.encode()).hexdigest()[:16]
        return self._store.copy(_ledger_key(change), version, f"{ASIDE}{change}/{name}.json")

    def save(self, change: ChangeId, ledger: Ledger, expected: str | None) -> Committed | Conflict | Unknown:
        """Save a ledger over the version `expected`; an answer that is lost is settled by reading back.

        Raises:
            StateUnavailableError: The store certainly did not take it.
        """
        key = _ledger_key(change)
        nonce = self._new_nonce()
        answer = self._store.save(key, encode(ledger, nonce), expected)
        if isinstance(answer, Unknown):
            answer = self._read_back(key, nonce, expected)
        if isinstance(answer, Committed):
            self._recall(key, answer.version, ledger)
        return answer

    def mark_active(self, change: ChangeId) -> None:
        """Leave the marker by which a change is found while it is being followed.

        Raises:
            StateUnavailableError: It may not be there.
        """
        self._markers.follow(change)

    def unmark_active(self, change: ChangeId) -> None:
        """Remove the marker of a change that is closed; if somebody has opened it meanwhile, put it back.

        Whoever opens one saves before they mark it: the marker that is removed here may be theirs.

        Raises:
            StateUnavailableError: It may still be there.
        """
        self._markers.drop(change)
        try:
            ledger = self.load(change).ledger
        except StateUnavailableError:
            # One too many the next tick removes.
            self._markers.follow(change)
            raise
        if ledger is not None and not ledger.is_closed:
            self._markers.follow(change)

    def _read_back(self, key: str, nonce: str, expected: str | None) -> Committed | Conflict | Unknown:
        """Tell whose document stands there; the old one does not tell whether ours is still on its way."""
        try:
            found = self._store.load(key)
            if isinstance(found, Loaded) and nonce_of(found.document) is None:
                found = self._store.load(key)
        except StateUnavailableError:
            return Unknown()
        if isinstance(found, Loaded) and nonce_of(found.document) == nonce:
            return Committed(found.version)
        stands = found.version if isinstance(found, (Loaded, Oversized)) else None
        return Unknown() if stands == expected else Conflict()

    def _recall(self, key: str, version: str, ledger: Ledger) -> None:
        # The names are taken all at once, for other threads may be adding to them.
        while key not in self._recalled and len(self._recalled) >= _RECALLED_MAX:
            oldest, *_ = tuple(self._recalled)
            self._recalled.pop(oldest, None)
        self._recalled[key] = (version, ledger)


def _ledger_key(change: ChangeId) -> str:
    return f"{CHANGES}{change}.json"


def _content(found: Loaded | Oversized) -> tuple[str, bytes | None]:
    return found.version, found.document if isinstance(found, Loaded) else None
