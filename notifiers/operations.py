"""What is being changed and who ordered it, as the DMS API tells: kept in a ledger, shown in a message."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who ordered a change, when, and with which parameters, as name and value; each may be unknown."""

    user: str | None = None
    ordered_at: datetime | None = None
    parameters: tuple[tuple[str, str], ...] = ()


class Specification(msgspec.Struct, frozen=True, omit_defaults=True):
    """How large an instance is: its flavor in the API's word, brokers, storage in GB; None is unknown."""

    flavor: str | None = None
    brokers: int | None = None
    storage_gb: int | None = None
