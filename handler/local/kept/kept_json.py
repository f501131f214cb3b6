"""What is kept of changes as `headway status --json` shows it: as the API does, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from handler.core.record import NOTHING, Record
from handler.local.kept.health import say_troubles
from handler.records import Overview
from handler.web.api.shapes import detail_of, list_of
from handler.web.pages.change_views import name_of
from handler.web.pages.visitor import Visitor


def one_as_json(record: Record, heeded: Record, visitor: Visitor, *, is_fine: bool) -> dict[str, Any]:
    """Show all that is kept of a change: `ok` unless it needs somebody, `troubles` in sentences.

    Args:
        record: All of it.
        heeded: The same with those channels alone that are configured.
        visitor: Who looks.
        is_fine: Whether it needs nobody.
    """
    detail = msgspec.to_builtins(detail_of(record))
    return {"ok": is_fine, "troubles": _troubles(heeded, visitor, is_fine=is_fine), **detail}


def all_as_json(
    kept: Overview,
    heeded: Sequence[Record],
    unwell: Sequence[Record],
    refusals: Sequence[str],
    visitor: Visitor,
) -> dict[str, Any]:
    """Show how changes stand; the troubles of those that need somebody stand beside the list, too.

    Args:
        kept: All of them.
        heeded: The same with those channels alone that are configured.
        unwell: Those that need somebody.
        refusals: What there is to say of access keys.
        visitor: Who looks.
    """
    listed = msgspec.to_builtins(list_of(kept.records, None, kept.refused_at))
    needing = {record.change for record in unwell}
    changes, troubles = [], [*refusals]
    for record, change in zip(heeded, listed["changes"], strict=True):
        is_fine = record.change not in needing
        own = _troubles(record, visitor, is_fine=is_fine)
        changes.append({"ok": is_fine, "troubles": own, **change})
        troubles += [] if is_fine else [f"{name_of(record)}: {trouble}" for trouble in own]
    return {"ok": not troubles, "troubles": troubles, **listed, "changes": changes}


def _troubles(record: Record, visitor: Visitor, *, is_fine: bool) -> list[str]:
    """Say what is wrong; of a change that needs somebody for its end alone, that end."""
    said = [*say_troubles(record, visitor)]
    return said if said or is_fine else [visitor.words.phases[(record.ledger or NOTHING).phase]]
