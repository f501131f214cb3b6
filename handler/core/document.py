"""How a ledger is written down: an envelope with schema number, nonce and checksum around it.

`ledger.schema.json` beside this file is the JSON Schema of the whole document.
"""

from __future__ import annotations

import hashlib
from typing import Final, Generic, TypeVar

import msgspec

from handler.core.ledger import Ledger

SCHEMA: Final = 1

_UNREADABLE: Final = (msgspec.DecodeError, ValueError, RecursionError)
"""What decoding damaged bytes can raise: invalid text and endless nesting among it."""


class UnreadableLedgerError(Exception):
    """The kept document is damaged or not a ledger; the message says how."""


class NewerLedgerError(Exception):
    """The kept document was written by a newer Headway; it must be left alone."""


LedgerT = TypeVar("LedgerT")


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
    checksum = hashlib.sha256(content).hexdigest()
    return msgspec.json.encode(Document(SCHEMA, nonce, checksum, msgspec.Raw(content)))


def decode(document: bytes) -> Ledger:
    """Read the ledger of a document.

    Raises:
        NewerLedgerError: A newer Headway wrote it.
        UnreadableLedgerError: It is damaged, or no ledger at all.
    """
    try:
        envelope = msgspec.json.decode(document, type=Document[msgspec.Raw])
    except _UNREADABLE as error:
        raise UnreadableLedgerError(str(error)) from None
    if envelope.schema > SCHEMA:
        raise NewerLedgerError(f"schema {envelope.schema}, this Headway knows {SCHEMA}")
    if hashlib.sha256(envelope.ledger).hexdigest() != envelope.sha256:
        raise UnreadableLedgerError("its checksum does not match its content")
    try:
        return msgspec.json.decode(envelope.ledger, type=Ledger)
    except _UNREADABLE as error:
        raise UnreadableLedgerError(str(error)) from None


def nonce_of(document: bytes) -> str | None:
    """Read the nonce of a document, to tell whose save it was; None when it cannot be read."""
    try:
        return msgspec.json.decode(document, type=Document[msgspec.Raw]).nonce
    except _UNREADABLE:
        return None
