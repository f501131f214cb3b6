"""What proofs understand of messages: each alert by its words, and nothing that is not said."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Final

import msgspec
import pytest
from msgspec.structs import replace

from handler.core.ledger import ChannelState, Ledger
from notifiers.alerts import Alert, Ending, Kind
from notifiers.forms import MAIL_TEXT, SLACK, WECOM, Form
from notifiers.messages import Situation, StepLine, compose
from notifiers.rendering import write
from notifiers.saying import Reader
from tests.fakes.webhook_server import Received
from tests.proofs.real_hearing import Copy, Told, complaints, phrase, told_in_json, told_in_text

NOW: Final = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
CHANGE: Final = "inst/alpha"
FORMS: Final = {"slack": SLACK, "wecom": WECOM, "mail": MAIL_TEXT}
WAYS: Final = ("json", *FORMS)


def alert(number: int, kind: Kind, step: str | None = None, channel: str | None = None) -> Alert:
    """An alert of the log."""
    return Alert(number, kind, f"{kind.value}:{step}", NOW, 10, step=step, seconds=300, channel=channel)


ALERTS: Final = (
    alert(1, Kind.STARTED),
    alert(2, Kind.STEP_STARTED, "s000"),
    alert(3, Kind.STEP_COMPLETED, "s000"),
    alert(4, Kind.UNREACHABLE),
    alert(5, Kind.RECOVERED),
    alert(6, Kind.CHANNEL_REFUSED, channel="slow"),
    alert(7, Kind.COMPLETED),
)


def told(way: str, *alerts: Alert, repeat_upto: int = 0) -> Told:
    """What is understood of a message in a form, whose list of steps knows many."""
    steps = tuple(StepLine(f"s{n:03}", "running" if n == 5 else "completed") for n in range(6))
    situation = Situation(CHANGE, CHANGE, "running", 10, 2_592_000, steps, seen_at=NOW)
    message = compose(alerts, situation, repeat_upto)
    form: Form = FORMS.get(way, MAIL_TEXT)
    letter = write(message, Reader(), form)
    if way == "json":
        return told_in_json(Received("POST", "/", "", {}, msgspec.json.encode({"headway": letter.data})))
    return told_in_text(f"{letter.marked_title}\n{letter.body}")


def ledger(*alerts: Alert) -> Ledger:
    """A ledger whose channel has settled all of these."""
    states = {"ears": ChannelState(offset=len(alerts))}
    return Ledger(CHANGE, NOW, length=len(alerts), alerts=alerts, channels=states)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("alone", ALERTS, ids=lambda one: one.kind.value)
def test_an_alert_is_known_by_its_words(way: str, alone: Alert) -> None:
    """Alone in a message it is one copy, without a mark."""
    understood = told(way, alone)

    assert understood.change == CHANGE
    assert [copy[:2] for copy in understood.copies] == [(phrase(alone), False)]


@pytest.mark.parametrize("way", WAYS)
def test_each_of_several_alerts_is_known_and_only_repeats_are_marked(way: str) -> None:
    """Whatever the list of steps beneath them shows."""
    understood = told(way, *ALERTS, repeat_upto=3)

    assert {copy[:2] for copy in understood.copies} == {(phrase(one), one.number <= 3) for one in ALERTS}
    assert complaints(ledger(*ALERTS), "ears", [told(way, *ALERTS[:3]), understood]) == []


@pytest.mark.parametrize("way", FORMS)
def test_what_a_message_only_counts_is_lost(way: str) -> None:
    """That there was more is not the same as what it was."""
    steps = [alert(number, Kind.STEP_COMPLETED, f"s{number:03}") for number in range(1, 15)]

    assert complaints(ledger(*steps), "ears", [told(way, *steps)]) == [
        f"ears never heard of: {phrase(one)}" for one in steps[:4]
    ]


@pytest.mark.parametrize("way", WAYS)
def test_whoever_breaks_a_promise_is_complained_of(way: str) -> None:
    """Lost, told twice unmarked, told though nowhere noted, or of another change."""
    known = ledger(*ALERTS[:2])
    once, other = told(way, *ALERTS[:2]), told(way, *ALERTS[2:3])

    assert complaints(known, "ears", [told(way, ALERTS[0])]) == ["ears never heard of: s000 started"]
    assert complaints(known, "ears", [once, told(way, ALERTS[1])]) == [
        "ears heard unmarked 2 times: s000 started"
    ]
    assert complaints(known, "ears", [once, other]) == ["ears heard what is in no ledger: s000 completed"]
    assert len(complaints(known, "ears", [once._replace(change="inst/beta")])) == 2


def test_an_alert_that_was_given_up_is_lost_and_one_in_doubt_is_not() -> None:
    """Only two doubtful sends excuse anybody."""
    for ending, complaint in ((Ending.UNKNOWN, []), (Ending.GIVEN_UP, ["ears never heard of: s000 started"])):
        first, second = ALERTS[0], replace(ALERTS[1], endings={"ears": ending})

        assert complaints(ledger(first, second), "ears", [told("json", first)]) == complaint


def test_an_alert_with_anothers_number_is_complained_of() -> None:
    """By its number it is known for good."""
    swapped = Told(CHANGE, (Copy("capacity change started", is_marked=False, number=2),))

    assert complaints(ledger(ALERTS[0]), "ears", [swapped]) == [
        "ears heard by the number 2: capacity change started"
    ]
