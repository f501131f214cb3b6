"""What the pictures in README show: a change as Slack and a mail tell of it, and its page a bit later.

It is played, minute by minute, through what compares one look with the one before; only the API is made up.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Final

from msgspec.structs import replace

from handler.core.change import ChangeId
from handler.core.compare import compare
from handler.core.ledger import Attempt, ChannelState, Ledger
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.record import Record
from handler.core.rules import Policy
from handler.situation import Links, situation_of
from handler.web.pages import change_page
from handler.web.pages.visitor import Visitor
from notifiers.forms import MAIL, SLACK
from notifiers.messages import Message, compose
from notifiers.operations import Order, Specification
from notifiers.rendering import write
from notifiers.saying import Reader
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.detour import detour_to
from tests.fakes.slack_server import SlackServer
from tests.notifiers.letters import hand_over

START: Final = datetime(2026, 11, 24, 10, 27, tzinfo=timezone.utc)
MINUTE: Final = timedelta(minutes=1)
STEPS: Final = (
    ("pre_check", 2, 3),
    ("disk_expansion", 19, 40),
    ("broker_expansion", 14, 58),
    ("partition_reassignment", 24, 96),
    ("post_check", 3, 100),
)
"""What the change does, in how many minutes, and at which percentage that ends."""

LASTS: Final = sum(minutes for _, minutes, _ in STEPS)
TOLD_AFTER: Final = 35
"""Minutes: a step has just ended, and the next one begun."""
LOOKED_AT_AFTER: Final = 46
"""Minutes: somebody follows the link."""

_CHANGE: Final = ChangeId("6b0e3a52-4f1d-4c2e-9a57-8d1f0c7be210", "f2c8d1a4-0b7e-4e63-8f35-51c9a6d20e78")
_CONSOLE: Final = "https://console.huaweicloud.com/dms/?region=eu-west-101"
_LINKS: Final = Links("https://headway.example.com", _CONSOLE)
_READER: Final = Reader()
_TOKEN: Final = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"


def told_at() -> str:
    """When the messages came, as Slack shows it."""
    return f"{_at(TOLD_AFTER):%I:%M %p}"


def page() -> str:
    """The change's page."""
    record = Record(_CHANGE, _ledger(LOOKED_AT_AFTER), is_active=True)
    return change_page(record, Visitor(_READER, _at(LOOKED_AT_AFTER), console=_CONSOLE))


def mail() -> str:
    """The mail about what is new, as HTML."""
    return write(_message(), _READER, MAIL).body


def slack_payload() -> dict[str, Any]:
    """What Slack is sent about it: the very request, and Slack has checked it."""
    with SlackServer(f"/hooks.slack.com/services/{_TOKEN}") as slack, detour_to(slack):
        verdict = hand_over(f"slack://{_TOKEN}", write(_message(), _READER, SLACK))
    (request,) = slack.requests
    assert verdict == Verdict(Outcome.SENT)
    payload: dict[str, Any] = request.json
    return payload


def _at(minutes: int) -> datetime:
    return START + minutes * MINUTE


def _seen(minutes: int) -> Observation:
    """What the API says after so many minutes."""
    steps, begun, percent, percent_then = [], 0, 0, 0
    for name, takes, percent_after in STEPS:
        done = min(max(minutes - begun, 0), takes)
        state = StepState.COMPLETED if done == takes else StepState.RUNNING
        state = state if begun <= minutes else StepState.WAITING
        began_at = None if state is StepState.WAITING else _at(begun)
        ended_at = _at(begun + takes) if state is StepState.COMPLETED else None
        steps.append(Step(name, state, started_at=began_at, ended_at=ended_at))
        percent += (percent_after - percent_then) * done // takes
        begun, percent_then = begun + takes, percent_after
    return Observation(Phase.RUNNING, percent, (LASTS - minutes) * 60, tuple(steps), date=_at(minutes))


def _ledger(minutes: int) -> Ledger:
    """What is kept of the change, looked at each minute until then; all channels have heard all."""
    ledger = Ledger(
        str(_CHANGE),
        START,
        name="orders",
        order=Order("lin.mei", START - MINUTE, (("new_storage_space", "600"), ("new_broker_num", "6"))),
        specification=Specification("kafka.4u8g.cluster", 3, 300),
    )
    for minute in range(minutes + 1):
        ledger = compare(ledger, _seen(minute), Policy(), _at(minute))
    heard = ChannelState(ledger.length, attempts=(Attempt(Outcome.SENT, ledger.alerts[-1].raised_at),))
    return replace(ledger, channels={"team": heard, "on-call": heard})


def _message() -> Message:
    """What a channel is sent that has heard all before."""
    ledger = _ledger(TOLD_AFTER)
    news = [alert for alert in ledger.alerts if alert.raised_at == _at(TOLD_AFTER)]
    return compose(news, situation_of(ledger, "orders", _LINKS), repeat_upto=0)
