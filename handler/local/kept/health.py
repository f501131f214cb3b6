"""Whether what is followed is well, by what is kept of it, and what there is to say where it is not. Pure.

What is past is no trouble any more: of a change that has ended it counts for a day how.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from handler.core.audience import unheard
from handler.core.compare import is_unreachable
from handler.core.ledger import Ledger
from handler.core.mending import Completion, find_completion, is_mended
from handler.core.news import REFRESH_AFTER
from handler.core.observation import Phase
from handler.core.record import NOTHING, Record
from handler.core.rules import Policy
from handler.local.printing.counting import counted
from handler.local.printing.hearing import TERMINAL, mend_hint, next_time
from handler.web.drawing.sight import seen_until
from handler.web.pages.troubles import Trouble, find_troubles, remark
from handler.web.pages.visitor import Visitor
from handler.web.pages.words import Matter
from notifiers.alerts import Kind
from notifiers.saying import one_line

LATELY: Final = timedelta(days=1)
_FAILURES: Final = frozenset({Phase.FAILED, Phase.LOST})


def find_unwell(records: Sequence[Record], policy: Policy, now: datetime) -> tuple[Record, ...]:
    """Those of the changes that need somebody: see `is_troubled` and `went_wrong`.

    What went wrong counts while the change is followed, and for a day after its end.
    """
    completions = [find_completion(str(record.change), None, record.ledger) for record in records]
    mending = [*filter(None, completions)]
    return tuple(
        record
        for record in records
        if is_troubled(record, policy, now) or (_is_recent(record, now) and went_wrong(record, mending))
    )


def is_troubled(record: Record, policy: Policy, now: datetime) -> bool:
    """True when something is wrong with how a change goes on, how it is watched, or how it is told.

    A step has failed, it stands still, it is out of sight for as long as the policy bears, the access key is
    refused, nobody looks, a channel refuses messages or takes none, nobody tells what one has yet to hear, or
    it cannot be read.
    """
    counting = (_counts(trouble, record, policy, now) for trouble in _find_troubles(record, now))
    return _is_left(record) or any(counting)


def went_wrong(record: Record, mending: Iterable[Completion] = ()) -> bool:
    """True when a change has failed or is lost, and none of these mends it, or some channel missed alerts."""
    ledger = record.ledger or NOTHING
    has_failed = ledger.phase in _FAILURES and not is_mended(ledger, mending)
    return has_failed or bool(missed(ledger))


def say_troubles(record: Record, visitor: Visitor) -> Iterator[str]:
    """Say what is wrong, a sentence each, the gravest first."""
    ledger = record.ledger or NOTHING
    for trouble in _find_troubles(record, visitor.now):
        yield _say(trouble, record, visitor)
    waiting = ", ".join(map(one_line, find_unheard(ledger)))
    if _is_left(record):
        yield f"Nobody tells {waiting} how it ended; `headway resend` has it told"
    elif waiting and ledger.phase.is_end:
        yield f"Not yet told to its end: {waiting}"
    if _is_recent(record, visitor.now):
        for name, count in missed(ledger).items():
            alerts = counted(count, "alert")
            yield f"{one_line(name)} may have missed {alerts}; `headway resend` has it told again"


def missed(ledger: Ledger) -> Counter[str]:
    """How many alerts have ended unheard or unsure on which channel that is still there."""
    return Counter(
        name
        for alert in ledger.alerts
        for name in alert.endings
        if alert.kind is not Kind.REMINDER and _is_there(ledger, name)
    )


def _find_troubles(record: Record, now: datetime) -> Iterator[Trouble]:
    """All that is wrong but for a terminal, which may be closed by now."""
    return (trouble for trouble in find_troubles(record, now) if trouble.culprit != TERMINAL)


def _say(trouble: Trouble, record: Record, visitor: Visitor) -> str:
    ledger, said = record.ledger or NOTHING, remark(trouble, visitor).text
    if trouble.matter is Matter.CHANNEL_REFUSES and trouble.culprit in find_unheard(ledger):
        return f"{said}{mend_hint(str(record.change), trouble.culprit, ledger.channels[trouble.culprit])}"
    if trouble.matter is Matter.CHANNEL_FAILS:
        code = _last_code(ledger, trouble.culprit)
        return f"{said}{f': {code}' if code else ''}; `headway log {record.change}` says why"
    refused_since = _key_refused_since(ledger)
    if trouble.matter is Matter.UNREACHABLE and refused_since is not None:
        return (
            f"The access key is refused since {visitor.time(refused_since)}; {_tried_again(ledger, visitor)}"
        )
    return said


def _last_code(ledger: Ledger, channel: str) -> str:
    attempt = ledger.channels[channel].last_attempt
    return one_line(attempt.code or "") if attempt else ""


def _tried_again(ledger: Ledger, visitor: Visitor) -> str:
    """Say when an access key that was refused is used again: it rests, or six refusals would lock it."""
    again_at = (ledger.looked_at or ledger.created_at) + REFRESH_AFTER
    if again_at <= visitor.now:
        return "tried again at the next look"
    return f"tried again at {next_time(again_at, visitor.reader, visitor.now)}"


def _counts(trouble: Trouble, record: Record, policy: Policy, now: datetime) -> bool:
    """A single blip of the API is told, but troubles nobody; a refused key needs somebody at once."""
    ledger = record.ledger or NOTHING
    is_outage = trouble.matter is Matter.UNREACHABLE and _key_refused_since(ledger) is None
    return not is_outage or is_unreachable(ledger, policy, now)


def _key_refused_since(ledger: Ledger) -> datetime | None:
    return ledger.outage.key_refused_since if ledger.outage else None


def _is_recent(record: Record, now: datetime) -> bool:
    return record.is_followed or seen_until(record, now) >= now - LATELY


def _is_left(record: Record) -> bool:
    """True when a change has ended, a channel has yet to hear of that, and no tick looks at it any more."""
    ledger = record.ledger or NOTHING
    return not record.is_active and ledger.phase.is_end and bool(find_unheard(ledger))


def find_unheard(ledger: Ledger) -> list[str]:
    """The channels that have yet to hear something; a terminal that is closed by now is none."""
    return [name for name in unheard(ledger) if name != TERMINAL]


def _is_there(ledger: Ledger, name: str) -> bool:
    """True for a channel that is configured still, as far as the ledger knows."""
    state = ledger.channels.get(name)
    return state is not None and state.absent_since is None and name != TERMINAL
