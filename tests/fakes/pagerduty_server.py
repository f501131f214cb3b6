"""PagerDuty's Events API v2 on loopback, in place of both of its regions: keeps incidents by their key.

As strict as https://developer.pagerduty.com/docs/send-alert-event and
https://developer.pagerduty.com/docs/send-change-event.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from tests.fakes.loopback import QuietHandler
from tests.fakes.webhook_server import Received, WebhookServer

_CALL: Final = re.compile(r"/(events(?:\.eu)?\.pagerduty\.com)/v2/(change/)?enqueue")
_ROUTING_KEY: Final = re.compile(r"[A-Za-z0-9]{32}")
_ACTIONS: Final = {"trigger", "acknowledge", "resolve"}
_SEVERITIES: Final = {"critical", "error", "warning", "info"}
_SUMMARY_LENGTH_MAX: Final = 1024
_DEDUP_KEY_LENGTH_MAX: Final = 255
_EVENT_BYTES_MAX: Final = 512 * 1024

Event = dict[str, Any]


class Incident(msgspec.Struct):
    """An incident, with the events that opened it, joined it and closed it."""

    dedup_key: str
    events: list[Event]
    is_open: bool = True

    @property
    def severities(self) -> list[str]:
        """How grave each of its triggers was."""
        return [event["payload"]["severity"] for event in self.events if event["event_action"] == "trigger"]


class FakePagerDuty(WebhookServer):
    """The other end, for the time of a `with` block; `statuses` are what it says next instead of its own."""

    def __init__(self) -> None:
        """Know of no incident yet."""
        super().__init__()
        self.incidents: list[Incident] = []
        self.change_events: list[Event] = []
        self.dropped: list[Event] = []
        self.hosts: set[str] = set()
        self.statuses: list[int] = []

    def visit(self, handler: QuietHandler) -> None:
        """Take in an event and answer."""
        body, path = handler.body(), urlsplit(handler.path).path
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.requests.append(Received(handler.command, path, "", headers, body))
        status, answer = self._decide(handler.command, path, body)
        handler.answer(status, {"Content-Type": "application/json"}, json.dumps(answer).encode())

    def open_incidents(self) -> list[Incident]:
        """Those that nothing has closed."""
        return [incident for incident in self.incidents if incident.is_open]

    def _decide(self, method: str, path: str, body: bytes) -> tuple[int, Event]:
        call = _CALL.fullmatch(path)
        if self.statuses:
            return self.statuses.pop(0), {"status": "error", "message": "SECRET words"}
        if call is None or method != "POST":
            return 404, {}
        self.hosts.add(call[1])
        event: Event = json.loads(body)
        errors = [*_faults(event, is_change=bool(call[2]))]
        if errors or len(body) > _EVENT_BYTES_MAX:
            return 400, {"status": "invalid event", "message": "Event object is invalid", "errors": errors}
        if call[2]:
            self.change_events.append(event)
            return 202, {"status": "success", "message": "Change event processed"}
        return 202, {"status": "success", "message": "Event processed", "dedup_key": self._apply(event)}

    def _apply(self, event: Event) -> str:
        """Open, join or close; an event that closes what is not open is dropped."""
        key = event.get("dedup_key") or f"generated-{len(self.incidents)}"
        standing = [incident for incident in self.open_incidents() if incident.dedup_key == key]
        if standing:
            standing[0].events.append(event)
            standing[0].is_open = event["event_action"] != "resolve"
        elif event["event_action"] == "trigger":
            self.incidents.append(Incident(key, [event]))
        else:
            self.dropped.append(event)
        return str(key)


def _faults(event: Event, *, is_change: bool) -> Iterator[str]:
    payload = event.get("payload") or {}
    if not _ROUTING_KEY.fullmatch(event.get("routing_key", "")):
        yield "Length of 'routing_key' is incorrect (should be 32 characters)"
    yield from _faulty_links(event.get("links", []))
    if is_change or event.get("event_action") == "trigger":
        yield from _missing(payload, ("summary",) if is_change else ("summary", "source", "severity"))
    if len(payload.get("summary", "")) > _SUMMARY_LENGTH_MAX:
        yield "'payload.summary' is too long (maximum is 1024 characters)"
    if not is_change:
        yield from _alert_faults(event, payload)


def _alert_faults(event: Event, payload: Event) -> Iterator[str]:
    if event.get("event_action") not in _ACTIONS:
        yield "'event_action' is invalid (must be one of 'trigger', 'acknowledge' or 'resolve')"
    if event.get("event_action") != "trigger" and not event.get("dedup_key"):
        yield "'dedup_key' is missing or blank"
    if len(event.get("dedup_key", "")) > _DEDUP_KEY_LENGTH_MAX:
        yield "'dedup_key' is too long (maximum is 255 characters)"
    if payload.get("severity", "info") not in _SEVERITIES:
        yield "'payload.severity' is invalid"


def _missing(payload: Event, names: tuple[str, ...]) -> Iterator[str]:
    yield from (f"'payload.{name}' is missing or blank" for name in names if not payload.get(name))


def _faulty_links(links: list[Event]) -> Iterator[str]:
    yield from ("'links' is invalid" for link in links if not link.get("href", "").startswith("http"))
