"""How a ledger is written down: an envelope with schema number, nonce and checksum around it.

`ledger.schema.json` beside this file is the JSON Schema of the whole document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

import msgspec

from handler.core.ledger import Ledger

SCHEMA: Final = 4
"""Raised with every addition that an older Headway cannot read, a new kind of alert among them.

A field that may be missing is no such addition: an older one passes over it.
"""

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns a ledger as JSON of one schema into that of the next."""


def _keep_attempts(ledger: dict[str, Any]) -> dict[str, Any]:
    """Make the one attempt that was kept of each channel the first of its attempts."""
    states = msgspec.convert(ledger.get("channels", {}), dict[str, dict[str, Any]])
    return {**ledger, "channels": {name: _with_attempts(state) for name, state in states.items()}}


def _with_attempts(state: dict[str, Any]) -> dict[str, Any]:
    last = state.get("last_attempt")
    rest = {field: value for field, value in state.items() if field != "last_attempt"}
    return {**rest, "attempts": [last]} if last else rest


UPGRADES: Final[Mapping[int, Upgrade]] = {
    # Schema 2 brought refusals and losses; a ledger without them is one of schema 2 as it stands.
    1: lambda ledger: ledger,
    # Schema 3 brought orders, specifications and reminders.
    2: lambda ledger: ledger,
    # Schema 4 keeps all attempts where there was the last one, and brought news of gaps in the watch.
    3: _keep_attempts,
}
"""By the schema from which each leads to the next."""

_UNREADABLE: Final = (msgspec.DecodeError, ValueError, RecursionError)
"""What decoding damaged bytes can raise: invalid text and endless nesting among it."""


class UnreadableLedgerError(Exception):
    """The kept document is damaged or not a ledger; the message says how."""


class NewerLedgerError(Exception):
    """The kept document was written by a newer Headway; it must be left alone."""


LedgerT = TypeVar("LedgerT")


class _Numbered(msgspec.Struct, frozen=True):
    """What every schema, also one to come, has in common."""

    schema: int


class Document(msgspec.Struct, Generic[LedgerT], frozen=True):
    """The envelope that a ledger is kept in.

    `nonce` makes every save unlike every other, so that equal content never has an equal version;
    `sha256` is the checksum of the ledger's own bytes, because a store may return half a document.
    """

    schema: int
    nonce: str
    sha256: str
    ledger: LedgerT


def encode(ledger: Ledger, nonce: str) -> bytes:
    """Write the document of a ledger."""
    content = msgspec.json.encode(ledger)
    return msgspec.json.encode(Document(SCHEMA, nonce, _checksum(content), msgspec.Raw(content)))


def decode(document: bytes, upgrades: Mapping[int, Upgrade] = UPGRADES) -> Ledger:
    """Read the ledger of a document, of this schema or, by way of `upgrades`, of an older one.

    Raises:
        NewerLedgerError: A newer Headway wrote it.
        UnreadableLedgerError: It is damaged, or no ledger at all.
    """
    try:
        schema = msgspec.json.decode(document, type=_Numbered).schema
        if schema > SCHEMA:
            raise NewerLedgerError(f"schema {schema}, this Headway knows {SCHEMA}")
        envelope = msgspec.json.decode(document, type=Document[msgspec.Raw])
        if _checksum(envelope.ledger) != envelope.sha256:
            raise UnreadableLedgerError("its checksum does not match its content")
        content = envelope.ledger if schema == SCHEMA else _upgraded(envelope.ledger, schema, upgrades)
        return msgspec.json.decode(content, type=Ledger)
    except _UNREADABLE as error:
        raise UnreadableLedgerError(_reason(error)) from None


def nonce_of(document: bytes) -> str | None:
    """Read the nonce of a whole document, to tell whose save it was; None when it cannot be read."""
    try:
        envelope = msgspec.json.decode(document, type=Document[msgspec.Raw])
    except _UNREADABLE:
        return None
    return envelope.nonce if _checksum(envelope.ledger) == envelope.sha256 else None


def _reason(error: Exception) -> str:
    """Say what is wrong, or only where: a wrong value could hold anything, and this is told to people."""
    text, at, place = str(error).rpartition(" - at ")
    return f"it is wrong at {place}" if at else place or text


def _upgraded(content: bytes, schema: int, upgrades: Mapping[int, Upgrade]) -> bytes:
    ledger = msgspec.json.decode(content, type=dict[str, Any])
    for older in range(schema, SCHEMA):
        if older not in upgrades:
            raise UnreadableLedgerError(f"schema {older} is not known")
        ledger = upgrades[older](ledger)
    return msgspec.json.encode(ledger)


def _checksum(content: msgspec.Raw | bytes) -> str:
    return hashlib.sha256(content).hexdigest()
