"""What has happened to a change and who has heard of it, in words: alerts, channels, each attempt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final, NamedTuple

import msgspec

from handler.core.audience import Audience, refuses
from handler.core.ledger import Attempt, ChannelState
from handler.core.record import NOTHING, Record
from handler.local.kept.health import find_unheard, missed
from handler.local.printing.explaining import meaning
from handler.local.printing.hearing import (
    JUST_WAITS,
    TERMINAL,
    in_brackets,
    mend_hint,
    title_of,
    why_waiting,
)
from handler.web.api.scalars import in_utc
from handler.web.api.shapes import detail_of
from handler.web.pages.log_views import notes_of
from handler.web.pages.visitor import Visitor
from notifiers.alerts import Alert, Ending, cannot_wait
from notifiers.channel import Channel
from notifiers.saying import SEPARATOR, fill, one_line
from notifiers.telling import as_sentence, share
from notifiers.translating import translate

_DETAIL_LENGTH_MAX: Final = 250
_ENDINGS: Final = {Ending.GIVEN_UP: "given up", Ending.UNKNOWN: "unknown whether heard"}


class Listener(NamedTuple):
    """A channel in a ledger; its service's schema if that is known, what it wants if it is configured.

    One that `is_gone` stands in the configuration no longer.
    """

    name: str
    service: str = ""
    channel: Channel | None = None
    is_gone: bool = False


class Logbook:
    """The log of one change, for somebody who looks at it now."""

    def __init__(self, record: Record, listeners: Sequence[Listener], visitor: Visitor) -> None:
        """Take what is kept of the change, and who listens to it."""
        self.listeners = listeners
        self._record = record
        self._ledger = record.ledger or NOTHING
        self._visitor = visitor

    def alert_rows(self) -> Iterator[tuple[str, ...]]:
        """Number, time, severity and kind of each alert that is kept, and what it says."""
        for alert in self._ledger.alerts:
            time = self._time(alert.raised_at)
            yield str(alert.number), time, alert.severity.value, alert.kind.value, self._told(alert)

    def older(self) -> str:
        """Say how many alerts are no longer kept; nothing if all are."""
        count = self._ledger.length - len(self._ledger.alerts)
        return fill(self._visitor.words.older, count=count) if count > 0 else ""

    def hearing(self, listener: Listener) -> str:
        """Say how far a channel has heard, what it waits for, and what is wrong with it."""
        state, length = self._state(listener), self._ledger.length
        service = f" ({listener.service})" if listener.service else ""
        missed = sum(listener.name in alert.endings for alert in self._ledger.alerts)
        heard = f"has heard {state.offset} of {length}"
        if state.offset >= length:
            heard = f"has heard all but {missed}" if missed else "has heard all"
        beyond = [f"and {_ranges(state.heard_beyond)} already"] if state.heard_beyond else []
        said = [f"{title_of(listener.name)}{service}: {heard}", *beyond, *self._waiting(state, listener)]
        return SEPARATOR.join(said)

    def endings(self, listener: Listener) -> Iterator[str]:
        """Say which alerts a channel has missed, or may have."""
        for ending, said in _ENDINGS.items():
            numbers = self._ended(listener, ending)
            if numbers:
                yield f"{said}: {_ranges(numbers)}"

    def attempt_rows(self, listener: Listener) -> Iterator[tuple[str, ...]]:
        """Time, alerts, outcome and meaning of each attempt that is kept.

        Of those alerts it left out what the channel does not want, or had heard.
        """
        for attempt in self._state(listener).attempts:
            numbers = _ranges(range(attempt.after + 1, attempt.upto + 1))
            outcome = self._visitor.words.outcomes[attempt.outcome]
            shared = "with other changes" if attempt.is_shared else ""
            said = "; ".join(filter(None, [shared, meaning(listener.service, attempt.outcome, attempt.code)]))
            yield self._time(attempt.ended_at), numbers, f"{outcome}{in_brackets(attempt.code)}", said

    def as_json(self, heeded: Record) -> dict[str, Any]:
        """All of it as JSON shows it: as the API does, with what is said here in words besides.

        It is `ok` when all channels of `heeded` have surely heard all: the record with the configured ones.
        """
        ledger = heeded.ledger or NOTHING
        shown: dict[str, Any] = msgspec.to_builtins(detail_of(self._record))
        alerts = zip(shown["alerts"], self._ledger.alerts, strict=True)
        channels = zip(shown["channels"], self.listeners, strict=True)
        return {
            "ok": not missed(ledger) and not find_unheard(ledger),
            **{key: shown[key] for key in ("id", "instance_id", "task_id", "name", "phase", "alert_count")},
            "alerts": [{**fields, "said": self._told(alert)} for fields, alert in alerts],
            "channels": [{**fields, **self._listening(listener)} for fields, listener in channels],
        }

    def _listening(self, listener: Listener) -> dict[str, Any]:
        state = self._state(listener)
        return {
            "service": listener.service or None,
            "heard_beyond": list(state.heard_beyond),
            "resent_at": state.resent_at and msgspec.to_builtins(in_utc(state.resent_at)),
            "attempts": [_attempt(attempt, listener.service) for attempt in state.attempts],
            **{ending.value: self._ended(listener, ending) for ending in _ENDINGS},
        }

    def _waiting(self, state: ChannelState, listener: Listener) -> Iterator[str]:
        visitor, words = self._visitor, self._visitor.words
        if listener.name == TERMINAL:
            return
        if listener.is_gone:
            since = state.absent_since
            yield fill(words.absent, time=visitor.time(since)) if since else "no longer configured"
            return
        is_waiting = state.offset < self._ledger.length
        if is_waiting:
            why = why_waiting(state, self._held_by(listener.channel), visitor.now, visitor.reader)
            hint = mend_hint(self._ledger.change, listener.name, state) if refuses(state) else ""
            yield from [] if why == JUST_WAITS else [f"{why}{hint}"]
        if state.refused_since is not None and not (is_waiting and refuses(state)):
            yield fill(words.refusing, time=visitor.time(state.refused_since))
        if state.resent_at is not None:
            yield f"to be told again since {visitor.time(state.resent_at)}"

    def _held_by(self, channel: Channel | None) -> Channel | None:
        """The channel, for its quiet hours, unless they hold back nothing of what it has yet to hear."""
        if channel is None:
            return None
        audience = Audience(self._ledger.name or self._ledger.change, (channel,))
        return None if cannot_wait(audience.wanted(self._ledger, channel.name)) else channel

    def _told(self, alert: Alert) -> str:
        """What an alert says, how far the change was, and where it may not have been heard."""
        language = self._visitor.reader.language
        detail = translate(one_line(alert.detail or "", _DETAIL_LENGTH_MAX), language.details)
        told = language.colon.join(filter(None, [as_sentence(alert, language), detail]))
        percent = [] if alert.percent is None else [share(alert.percent, language)]
        return SEPARATOR.join([told, *percent, *notes_of(alert, self._visitor)])

    def _ended(self, listener: Listener, ending: Ending) -> list[int]:
        return [a.number for a in self._ledger.alerts if a.endings.get(listener.name) is ending]

    def _state(self, listener: Listener) -> ChannelState:
        return self._ledger.channels[listener.name]

    def _time(self, moment: datetime) -> str:
        return f"{moment.astimezone(self._visitor.reader.timezone):%Y-%m-%d %H:%M:%S}"


def _attempt(attempt: Attempt, service: str) -> dict[str, Any]:
    return {
        "ended_at": msgspec.to_builtins(in_utc(attempt.ended_at)),
        "after": attempt.after,
        "upto": attempt.upto,
        "outcome": attempt.outcome.value,
        "code": attempt.code,
        "is_shared": attempt.is_shared,
        "meaning": meaning(service, attempt.outcome, attempt.code) or None,
    }


def _ranges(numbers: Sequence[int]) -> str:
    """Write numbers in rising order, those that follow each other as a range: `1-3, 7`."""
    runs = [
        [number for _, number in run]
        for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    ]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
