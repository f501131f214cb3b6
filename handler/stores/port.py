"""The StateStore port: a small compare-and-swap register over named documents.

Adapters (`s3.py`, `obs.py`, `folder.py`) differ in protocol only; `tests/stores` runs one contract test
over all of them. They know nothing of ledgers: `ledgers.py` puts those on top.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

import msgspec

DOCUMENT_BYTES_MAX: Final = 1024 * 1024
"""A larger document is none of ours: it is not read, only noticed."""


class StateUnavailableError(Exception):
    """The store could not be reached or refused us; the message names it and holds no secret."""


class UnusableDocumentError(StateUnavailableError):
    """One document cannot be used, and the message names it; the others may well be."""


class Unchanged(msgspec.Struct, frozen=True):
    """The document still has the version that the caller knows."""

    store_date: datetime


class Absent(msgspec.Struct, frozen=True):
    """There is no such document."""

    store_date: datetime


class Loaded(msgspec.Struct, frozen=True):
    """A document, the version to hand back when saving, and the store's own clock (UTC)."""

    document: bytes
    version: str
    store_date: datetime


class Oversized(msgspec.Struct, frozen=True):
    """There is a document of more than `DOCUMENT_BYTES_MAX`; it was not read."""

    version: str
    store_date: datetime


class Committed(msgspec.Struct, frozen=True):
    """The document was saved and now has this version."""

    version: str


class Conflict(msgspec.Struct, frozen=True):
    """Somebody else's version stands there, or is being written just now; nothing was saved."""


class Unknown(msgspec.Struct, frozen=True):
    """The answer was lost: the document may or may not have been saved. Never save again blindly."""


class StateStore(Protocol):
    """Documents of at most 1 MiB under keys of `[A-Za-z0-9/_.-]`, relative to the store's prefix."""

    def load(self, key: str, known_version: str | None = None) -> Unchanged | Absent | Loaded | Oversized:
        """Read a document, or learn that it still has `known_version`.

        Raises:
            StateUnavailableError: The store cannot be read now, or not by us.
        """
        ...

    def save(self, key: str, document: bytes, expected: str | None) -> Committed | Conflict | Unknown:
        """Write a document if it still has the version `expected`; None: if there is none yet.

        Raises:
            StateUnavailableError: The store certainly did not take it (refused, or never reached).
        """
        ...

    def put(self, key: str, document: bytes) -> None:
        """Write a document whatever stands there; to do so twice changes nothing.

        Raises:
            StateUnavailableError: It may not be there.
        """
        ...

    def copy(self, key: str, version: str, to: str) -> Committed | Conflict:
        """Copy a document, of any size, to another key if it still has this version.

        Raises:
            StateUnavailableError: The copy may not be there, or not whole.
        """
        ...

    # Before `list`, because in what follows that is no longer the name of a type.
    def latest(self, prefix: str) -> list[str]:
        """Keys that begin with `prefix`, the last written first; empty when there are none.

        Those written at the same moment, which many stores know to the second only, are sorted; so are those
        of which it is not known, at the end.

        Raises:
            StateUnavailableError: The store cannot be listed now, or not by us.
        """
        ...

    def list(self, prefix: str) -> list[str]:
        """Keys that begin with `prefix`, sorted; empty when there are none.

        Raises:
            StateUnavailableError: The store cannot be listed now, or not by us.
        """
        ...

    def remove(self, key: str) -> None:
        """Remove a document; one that is not there is fine.

        Raises:
            StateUnavailableError: It may still be there.
        """
        ...
