"""Which alert of several is the headline, and what is a possible repeat."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.alerts import Group, Kind, Severity
from notifiers.messages import Message, compose, digest
from notifiers.services.pagerduty import Action, decide
from tests.notifiers.examples import LINKS, OVERVIEW, alert, situation, told_of

TOLD = st.builds(told_of, st.sampled_from(["a", "B", "c"]), st.sampled_from(Kind), is_repeat=st.booleans())
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


def test_a_reminder_is_over_with_what_it_reminds_of() -> None:
    """The change moves again: nobody is to look at a stall, and an incident of that is closed."""
    reminder = alert(1, Kind.REMINDER, reminds_of=Kind.STALLED, seconds=7200)
    moving, failing = (alert(2, kind, seconds=7500) for kind in (Kind.RESUMED, Kind.STEP_FAILED))
    message = compose([reminder, moving], situation(), 0)

    assert message.headline is moving
    assert decide(message) is Action.RESOLVE
    assert compose([reminder, failing], situation(), 0).headline is failing
    again = compose([moving, alert(3, Kind.REMINDER, reminds_of=Kind.STALLED)], situation(), 0)
    assert again.headline.kind is Kind.REMINDER
    assert decide(again) is Action.TRIGGER


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


@pytest.mark.parametrize(
    ("told", "order"),
    [
        ([("a", Kind.STARTED), ("b", Kind.COMPLETED), ("c", Kind.STALLED), ("d", Kind.FAILED)], "dcba"),
        ([("a", Kind.STEP_FAILED), ("b", Kind.FAILED), ("c", Kind.LOST)], "bca"),
        ([("a", Kind.STALLED), ("b", Kind.CANCELLED)], "ba"),
        ([("c", Kind.COMPLETED), ("B", Kind.COMPLETED), ("a", Kind.COMPLETED)], "aBc"),
    ],
)
def test_a_digest_tells_the_worst_first(told: list[tuple[str, Kind]], order: str) -> None:
    """The gravest headline, of these an end, of these by name in any case of letters."""
    made = digest([told_of(name, kind) for name, kind in told], OVERVIEW)

    assert "".join(message.situation.name for message in made.messages) == order


def test_a_change_without_a_name_has_its_place_by_its_id() -> None:
    """It is called so in the digest."""
    unnamed = compose([alert(1, Kind.STARTED)], situation(name="", change_id="m/n"), 0)

    made = digest([told_of("z", Kind.STARTED), unnamed, told_of("a", Kind.STARTED)], LINKS)

    assert [message.situation.name for message in made.messages] == ["a", "", "z"]
    assert made.links == LINKS


@given(st.lists(TOLD, min_size=1, max_size=12))
def test_a_digest_keeps_every_message_and_is_as_grave_as_the_gravest(messages: list[Message]) -> None:
    """Nothing is lost, nothing is told twice, equals stay in order, and one repeat makes it one."""
    made = digest(messages, ())

    ranks = [message.severity.rank for message in made.messages]
    assert sorted(map(id, made.messages)) == sorted(map(id, messages))
    assert ranks == sorted(ranks, reverse=True)
    assert made.severity is made.messages[0].severity
    assert digest(made.messages, ()).messages == made.messages
    assert made.possible_repeat is any(message.possible_repeat for message in messages)
    assert sorted(made.alert_ids) == sorted(i for message in messages for i in message.alert_ids)
