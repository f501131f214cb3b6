"""What was ordered, what the instance is like, and what the change is known by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from handler.core.record import Record
from handler.situation import NOWHERE, situation_of
from handler.web.pages.change_views import name_of
from handler.web.pages.visitor import Visitor
from notifiers.saying import date_and_time
from notifiers.wording import particulars


class DetailView(NamedTuple):
    """A labelled value; one that `is_id` is for programs as well."""

    label: str
    value: str
    is_id: bool = False


def view_details(record: Record, visitor: Visitor) -> Iterator[DetailView]:
    """Word the details, as far as they are known."""
    words, ledger = visitor.words, record.ledger
    if ledger is not None:
        told = particulars(situation_of(ledger, name_of(record), NOWHERE), visitor.reader)
        yield from (DetailView(label, value) for label, value in told)
        yield DetailView(words.followed_since, date_and_time(ledger.created_at, visitor.reader))
    yield DetailView(words.instance_id, record.change.instance_id, is_id=True)
    yield DetailView(words.task_id, record.change.task_id, is_id=True)
