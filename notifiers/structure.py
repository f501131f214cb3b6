"""A message or a digest in fields, for machines; `message.schema.json` beside this file describes them.

However much there is to tell, it stays within `BYTES_MAX` as JSON, so that 64 KB hold it beside a text. What
does not fit is left out in this order: steps, details of alerts, a change's alerts but the latest, then but
its headline, and at last whole changes from a digest's end. Counts say how much is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from notifiers.alerts import Alert
from notifiers.markup import safe_url
from notifiers.messages import Content, Digest, Link, Message, Situation
from notifiers.operations import Order, Specification
from notifiers.saying import NAME_LENGTH_MAX, one_line

VERSION: Final = 1
BYTES_MAX: Final = 40_000
CHANGES_MAX: Final = 300
_PARAMETERS_MAX: Final = 20
_ID_LENGTH_MAX: Final = 200
_DETAIL_LENGTH_MAX: Final = 250
_URL_LENGTH_MAX: Final = 2000


class _Extent(NamedTuple):
    """How much is told."""

    steps: bool = True
    details: bool = True
    alerts: int = 200


_EXTENTS: Final = (
    _Extent(),
    _Extent(steps=False),
    _Extent(steps=False, details=False),
    _Extent(steps=False, details=False, alerts=10),
    _Extent(steps=False, details=False, alerts=1),
)


def structured(content: Content, title: str, language: str) -> dict[str, Any]:
    """Put everything into fields; ids, names of kinds and moments are the same in every language.

    `alert_id` is that of the headline: equal ids are the same news, whenever and however often they come.
    """
    for extent in _EXTENTS:
        fields = _fields(content, title, language, extent)
        excess = _size(fields) - BYTES_MAX
        if excess <= 0:
            return fields
    return _shortened(fields, excess) if "changes" in fields else fields


def _shortened(fields: dict[str, Any], excess: int) -> dict[str, Any]:
    """Leave out as many last changes as take up so many bytes; their commas make room for a longer count."""
    changes = list(fields["changes"])
    while excess > 0 and len(changes) > 1:
        excess -= _size(changes.pop())
    left_out = fields["left_out"] + len(fields["changes"]) - len(changes)
    return {**fields, "changes": changes, "left_out": left_out}


def _size(fields: Mapping[str, Any]) -> int:
    return len(msgspec.json.encode(fields))


def _fields(content: Content, title: str, language: str, extent: _Extent) -> dict[str, Any]:
    common = {
        "version": VERSION,
        "type": "digest" if isinstance(content, Digest) else "change",
        "title": title,
        "language": language,
        "possible_repeat": content.possible_repeat,
        "is_test": content.is_test,
    }
    if not isinstance(content, Digest):
        told = _told(content, extent)
        told["change"] |= _particulars(content.situation, extent)
        return {**common, **told, "links": _links(content.situation.links)}
    changes = [_told(message, extent) for message in content.messages[:CHANGES_MAX]]
    return {
        **common,
        "alert_id": changes[0]["alert_id"],
        "severity": content.severity.value,
        "changes": changes,
        "left_out": len(content.messages) - len(changes),
        "links": _links(content.links),
    }


def _told(message: Message, extent: _Extent) -> dict[str, Any]:
    """What is told of one change; in a digest each has such fields of its own."""
    alerts = _choose(message, extent.alerts)
    return {
        "alert_id": _alert_id(message, message.headline),
        "severity": message.severity.value,
        "change": _change(message.situation),
        "alerts": [_alert(message, alert, extent) for alert in alerts],
        "alerts_left_out": len(message.alerts) - len(alerts),
    }


def _choose(message: Message, count: int) -> Sequence[Alert]:
    """The headline, and as many of the latest others as there is room for, in order."""
    others = [alert for alert in message.alerts if alert != message.headline]
    kept = [message.headline, *others[max(0, len(others) - count + 1) :]]
    return sorted(kept, key=lambda alert: alert.number)


def _change(situation: Situation) -> dict[str, Any]:
    change_id = one_line(situation.change_id, _ID_LENGTH_MAX)
    instance_id, _, task_id = change_id.partition("/")
    return {
        "id": change_id,
        "instance_id": instance_id,
        "task_id": task_id,
        "name": one_line(situation.name) or change_id,
        "phase": situation.phase,
        "percent": situation.percent,
        "remaining_seconds": situation.remaining_seconds,
        "done_at": _moment(situation.done_at),
        "seen_at": _moment(situation.seen_at),
        "step_counts": dict(Counter(step.state for step in situation.steps)) or situation.step_counts,
    }


def _particulars(situation: Situation, extent: _Extent) -> dict[str, Any]:
    """What only the change's own message has room for."""
    return {
        "steps": [
            {
                "name": one_line(one.name),
                "state": one.state,
                "status": _text(one.status),
                "seconds": one.seconds,
            }
            for one in (situation.steps if extent.steps else ())
        ],
        "order": _order(situation.order),
        "specification": _specification(situation.specification),
        "specification_now": _specification(situation.specification_now),
    }


def _alert(message: Message, alert: Alert, extent: _Extent) -> dict[str, Any]:
    return {
        "alert_id": _alert_id(message, alert),
        "kind": alert.kind.value,
        "reminds_of": alert.reminds_of.value if alert.reminds_of else None,
        "severity": alert.severity.value,
        "raised_at": _moment(alert.raised_at),
        "percent": alert.percent,
        "step": _text(alert.step),
        "step_seconds": alert.step_seconds,
        "seconds": alert.seconds,
        "detail": _text(alert.detail, _DETAIL_LENGTH_MAX) if extent.details else None,
        "channel": _text(alert.channel),
        "possible_repeat": message.repeats(alert),
    }


def _alert_id(message: Message, alert: Alert) -> str:
    return f"{one_line(message.situation.change_id, _ID_LENGTH_MAX)}#{alert.number}"


def _order(order: Order | None) -> Mapping[str, Any] | None:
    if order is None:
        return None
    known = order.parameters[:_PARAMETERS_MAX]
    told = [{"name": one_line(name), "value": one_line(value)} for name, value in known]
    return {"user": _text(order.user), "ordered_at": _moment(order.ordered_at), "parameters": told}


def _specification(one: Specification | None) -> Mapping[str, Any] | None:
    if one is None:
        return None
    return {"flavor": _text(one.flavor), "brokers": one.brokers, "storage_gb": one.storage_gb}


def _links(links: Sequence[Link]) -> dict[str, str]:
    addresses = ((link.place.value, str(safe_url(link.url))) for link in links)
    return {place: url for place, url in addresses if len(url) <= _URL_LENGTH_MAX}


def _text(text: str | None, length_max: int = NAME_LENGTH_MAX) -> str | None:
    """One line of a text from elsewhere; None where there is nothing to see."""
    return one_line(text, length_max) or None if text else None


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
