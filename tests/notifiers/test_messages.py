"""Which alert of several is the headline, and what is a possible repeat."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.alerts import Group, Kind, Severity
from notifiers.messages import Message, compose
from tests.notifiers.examples import alert, situation

KINDS = st.lists(st.sampled_from(Kind), min_size=1, max_size=8)


def told(*kinds: Kind, repeat_upto: int = 0) -> Message:
    """A message of alerts of these kinds, numbered from 1."""
    alerts = [alert(number, kind) for number, kind in enumerate(kinds, 1)]
    return compose(alerts, situation(), repeat_upto)


@pytest.mark.parametrize(
    ("kinds", "headline"),
    [
        ([Kind.STEP_COMPLETED, Kind.STEP_STARTED], Kind.STEP_COMPLETED),
        ([Kind.STARTED, Kind.STEP_STARTED], Kind.STARTED),
        ([Kind.STEP_COMPLETED, Kind.MILESTONE], Kind.STEP_COMPLETED),
        ([Kind.MILESTONE, Kind.STEP_STARTED], Kind.STEP_STARTED),
        ([Kind.STEP_FAILED, Kind.STEP_COMPLETED], Kind.STEP_FAILED),
        ([Kind.DELAYED, Kind.STEP_COMPLETED], Kind.DELAYED),
        ([Kind.STEP_FAILED, Kind.COMPLETED], Kind.COMPLETED),
        ([Kind.STEP_FAILED, Kind.CANCELLED], Kind.CANCELLED),
        ([Kind.STEP_FAILED, Kind.FAILED], Kind.FAILED),
        ([Kind.STALLED, Kind.RESUMED], Kind.RESUMED),
        ([Kind.RESUMED, Kind.STALLED], Kind.STALLED),
        ([Kind.UNREACHABLE, Kind.RECOVERED, Kind.STEP_STARTED], Kind.RECOVERED),
    ],
)
def test_the_headline_is_what_matters_most(kinds: list[Kind], headline: Kind) -> None:
    """An end beats all, then the gravest that is not over, then what tells more, then the latest."""
    assert told(*kinds).headline.kind is headline


def test_the_latest_of_equals_is_the_headline() -> None:
    """Of two completed steps the later one says where the change is."""
    assert told(Kind.STEP_COMPLETED, Kind.STEP_COMPLETED).headline.number == 2


def test_what_may_have_been_heard_gives_no_headline() -> None:
    """A new alert is the headline even where a graver one is repeated."""
    message = told(Kind.STEP_FAILED, Kind.STEP_COMPLETED, repeat_upto=1)

    assert message.headline.kind is Kind.STEP_COMPLETED
    assert message.severity is Severity.INFO
    assert message.possible_repeat
    assert [message.repeats(alert) for alert in message.alerts] == [True, False]


def test_with_nothing_new_the_headline_is_a_repeat() -> None:
    """If all of it may have been heard, the gravest of it leads."""
    message = told(Kind.STEP_FAILED, Kind.STEP_STARTED, repeat_upto=2)

    assert message.headline.kind is Kind.STEP_FAILED
    assert message.repeats(message.headline)


def test_an_alert_is_known_by_its_change_and_number() -> None:
    """The id stays the same however often an alert is sent."""
    assert told(Kind.STARTED, Kind.STEP_STARTED).alert_ids == ("INSTANCE/TASK#1", "INSTANCE/TASK#2")


@given(KINDS, st.integers(0, 8))
def test_a_message_keeps_its_alerts_and_leads_with_one_of_them(kinds: list[Kind], repeat_upto: int) -> None:
    """Nothing is lost or reordered; a repeat leads only if all are; an end is never passed over."""
    message = told(*kinds, repeat_upto=repeat_upto)
    fresh = message.alerts[repeat_upto:]

    assert [alert.kind for alert in message.alerts] == kinds
    assert message.headline in (fresh or message.alerts)
    assert message.possible_repeat == (repeat_upto > 0)
    if any(Group.END in alert.kind.traits.groups for alert in fresh):
        assert Group.END in message.headline.kind.traits.groups
