"""Ledgers in a state store: the codec, the marker of an active change, and saves whose answer is lost."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from datetime import datetime

import msgspec

from handler.core.change import ChangeId
from handler.core.document import (
    NewerLedgerError,
    UnreadableLedgerError,
    decode,
    encode,
    nonce_of,
)
from handler.core.ledger import Ledger
from handler.stores.port import (
    Absent,
    Committed,
    Conflict,
    Loaded,
    StateStore,
    StateUnavailableError,
    Unchanged,
    Unknown,
)

Recalled = MutableMapping[str, tuple[str, Ledger]]
"""Ledgers by key with their versions, as a warm process may remember them; it may be lost at any time."""

_RECALLED_MAX = 1000


class Kept(msgspec.Struct, frozen=True):
    """What the store holds of a change: no ledger and no version when there is nothing yet."""

    ledger: Ledger | None
    version: str | None
    store_date: datetime


class Ledgers:
    """Loads and saves the ledgers of changes; one invocation's."""

    def __init__(self, store: StateStore, new_nonce: Callable[[], str], recalled: Recalled) -> None:
        """Take the store, a source of random nonces, and what this process still remembers."""
        self._store = store
        self._new_nonce = new_nonce
        self._recalled = recalled

    def load(self, change: ChangeId) -> Kept:
        """Read the ledger of a change.

        Raises:
            StateUnavailableError: The store cannot be read, or what it holds is not a ledger of ours.
        """
        key = _ledger_key(change)
        known_version, known = self._recalled.get(key, (None, None))
        match self._store.load(key, known_version):
            case Unchanged(store_date=store_date):
                return Kept(known, known_version, store_date)
            case Absent(store_date=store_date):
                return Kept(None, None, store_date)
            case Loaded(document=document, version=version, store_date=store_date):
                ledger = _read(document, change)
                self._recall(key, version, ledger)
                return Kept(ledger, version, store_date)

    def save(self, change: ChangeId, ledger: Ledger, expected: str | None) -> Committed | Conflict | Unknown:
        """Save a ledger over the version `expected`; an answer that is lost is settled by reading back.

        Raises:
            StateUnavailableError: The store certainly did not take it.
        """
        key = _ledger_key(change)
        nonce = self._new_nonce()
        answer = self._store.save(key, encode(ledger, nonce), expected)
        if isinstance(answer, Unknown):
            answer = self._read_back(key, nonce)
        if isinstance(answer, Committed):
            self._recall(key, answer.version, ledger)
        return answer

    def mark_active(self, change: ChangeId) -> None:
        """Leave the marker by which a change is found while it is being followed.

        Raises:
            StateUnavailableError: It may not be there.
        """
        if isinstance(self._store.save(f"active/{change}", b"", None), Unknown):
            raise StateUnavailableError(f"Whether {change} is marked as active is not known.")

    def unmark_active(self, change: ChangeId) -> None:
        """Remove the marker of a change whose end has been told.

        Raises:
            StateUnavailableError: It may still be there.
        """
        self._store.remove(f"active/{change}")

    def _read_back(self, key: str, nonce: str) -> Committed | Conflict | Unknown:
        try:
            found = self._store.load(key)
        except StateUnavailableError:
            return Unknown()
        if isinstance(found, Loaded) and nonce_of(found.document) == nonce:
            return Committed(found.version)
        return Conflict()

    def _recall(self, key: str, version: str, ledger: Ledger) -> None:
        if len(self._recalled) >= _RECALLED_MAX:
            self._recalled.clear()
        self._recalled[key] = (version, ledger)


def _ledger_key(change: ChangeId) -> str:
    return f"changes/{change}.json"


def _read(document: bytes, change: ChangeId) -> Ledger:
    """Decode a document that must be this change's.

    Raises:
        StateUnavailableError: It is damaged, another change's, or a newer Headway's; it is left alone.
    """
    try:
        ledger = decode(document)
    except NewerLedgerError as error:
        reason = f"The ledger of {change} was written by a newer Headway ({error}); update this one."
        raise StateUnavailableError(reason) from None
    except UnreadableLedgerError as error:
        reason = f"The ledger of {change} cannot be read ({error}); it was left as it is."
        raise StateUnavailableError(reason) from None
    if ledger.change != str(change):
        raise StateUnavailableError(f"The ledger of {change} is another change's; it was left alone.")
    return ledger
