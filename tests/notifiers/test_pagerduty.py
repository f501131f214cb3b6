"""What PagerDuty makes of a change's messages: at most one open incident for each change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from notifiers.alerts import Alert, Kind
from notifiers.apprise_channel import AppriseChannel, ChannelError, Style
from notifiers.languages import CHINESE
from notifiers.messages import Content, Message, StepLine, compose
from notifiers.saying import Reader
from notifiers.services.pagerduty import dedup_key
from notifiers.verdicts import Outcome, Verdict
from notifiers.views import title_of
from tests.fakes.pagerduty_server import FakePagerDuty, Incident
from tests.notifiers.examples import (
    LINKS,
    NOW,
    alert,
    fleet_digest,
    hostile_message,
    many_steps,
    situation,
    told_of,
)

SENT, RETRY, REFUSED, UNKNOWN = Outcome
KEY: Final = "e93facc04764012d7bfb002500d5d1a6"
URL: Final = f"pagerduty://{KEY}@apikeySECRET"
FAILED_STEP: Final = (StepLine("rolling_scaling", "failed"),)
STALLED: Final = alert(2, Kind.STALLED, seconds=1800)
RESUMED: Final = alert(3, Kind.RESUMED, seconds=2000)
UNREACHABLE: Final = alert(2, Kind.UNREACHABLE, seconds=700)
RECOVERED: Final = alert(3, Kind.RECOVERED, seconds=900)
COMPLETED: Final = alert(9, Kind.COMPLETED, seconds=4000)


@pytest.fixture
def webhook() -> Iterator[FakePagerDuty]:
    """PagerDuty in place of a webhook's other end, so that the `internet` leads there."""
    with FakePagerDuty() as server:
        yield server


@pytest.fixture
def pagerduty(internet: FakePagerDuty) -> FakePagerDuty:
    """PagerDuty at its own addresses."""
    return internet


def told(*alerts: Alert, repeat_upto: int = 0, **fields: Any) -> Message:  # noqa: ANN401 - any field
    """A message of some alerts about the change `orders`."""
    return compose(alerts, situation(**{"links": LINKS, "seen_at": NOW, **fields}), repeat_upto)


def send(*messages: Content, url: str = URL) -> None:
    """Send messages one after another, all of which are taken."""
    for message in messages:
        assert AppriseChannel("pager", url).send(message, 15) == Verdict(SENT)


def actions(incident: Incident) -> list[str]:
    """What became of an incident, in PagerDuty's words."""
    return [event["event_action"] for event in incident.events]


def test_a_change_that_meets_trouble_is_one_incident_which_its_end_closes(pagerduty: FakePagerDuty) -> None:
    """It opens once, at the first trouble; whatever else goes wrong joins it, mere news does not."""
    send(
        told(alert(1, Kind.STARTED)),
        told(alert(2, Kind.STEP_COMPLETED, step="pre_check")),
        told(alert(3, Kind.DELAYED, seconds=600)),
        told(alert(4, Kind.MILESTONE, percent=50)),
        told(alert(5, Kind.STEP_FAILED, step="rolling_scaling"), steps=FAILED_STEP),
        told(alert(6, Kind.REMINDER, reminds_of=Kind.STEP_FAILED, seconds=3600), steps=FAILED_STEP),
        told(COMPLETED, phase="completed"),
    )

    (incident,) = pagerduty.incidents
    assert actions(incident) == ["trigger", "trigger", "trigger", "resolve"]
    assert incident.severities == ["warning", "critical", "critical"]
    assert not incident.is_open
    kinds = [event["payload"]["custom_details"]["alerts"][0]["kind"] for event in pagerduty.change_events]
    assert kinds == ["started", "step_completed", "milestone"]


def test_a_change_without_trouble_opens_no_incident(pagerduty: FakePagerDuty) -> None:
    """Its end is news like its start: PagerDuty would drop what closes nothing."""
    send(told(alert(1, Kind.STARTED)), told(COMPLETED, phase="completed", was_calm=True))

    assert pagerduty.incidents == []
    assert len(pagerduty.change_events) == 2
    assert not pagerduty.dropped


@pytest.mark.parametrize("kind", [Kind.FAILED, Kind.LOST])
def test_a_change_that_has_failed_stays_open(pagerduty: FakePagerDuty, kind: Kind) -> None:
    """Somebody has to act, and closes it; reminders and what else is told join it."""
    phase = kind.value
    send(
        told(STALLED),
        told(alert(3, Kind.RESUMED), alert(4, kind, seconds=2300), phase=phase),
        told(alert(5, Kind.REMINDER, reminds_of=kind, seconds=3600), phase=phase),
        told(alert(6, Kind.CHANNEL_REFUSED, channel="chat"), phase=phase),
        told(alert(7, Kind.RECOVERED), phase=phase),
    )

    (incident,) = pagerduty.open_incidents()
    assert incident.severities == ["warning", "critical", "critical"]
    assert pagerduty.incidents == [incident]


def test_a_cancelled_change_is_closed(pagerduty: FakePagerDuty) -> None:
    """Though that it was cancelled is a warning: nothing is left to be done."""
    send(told(STALLED), told(alert(3, Kind.CANCELLED, seconds=900), phase="cancelled"))

    (incident,) = pagerduty.incidents
    assert actions(incident) == ["trigger", "resolve"]


@pytest.mark.parametrize(("begin", "end"), [(STALLED, RESUMED), (UNREACHABLE, RECOVERED)])
def test_trouble_that_is_over_is_closed(pagerduty: FakePagerDuty, begin: Alert, end: Alert) -> None:
    """With whatever has happened since; the next trouble opens an incident anew."""
    send(told(begin), told(end, alert(4, Kind.STEP_STARTED, step="post_check")), told(alert(5, begin.kind)))

    assert [actions(incident) for incident in pagerduty.incidents] == [["trigger", "resolve"], ["trigger"]]


@pytest.mark.parametrize("fields", [{"steps": FAILED_STEP}, {"step_counts": {"completed": 150, "failed": 1}}])
@pytest.mark.parametrize("end", [RESUMED, RECOVERED])
def test_nothing_is_closed_while_a_step_has_failed(
    pagerduty: FakePagerDuty, end: Alert, fields: dict[str, Any]
) -> None:
    """That it goes on is mere news then."""
    send(told(alert(1, Kind.STEP_FAILED, step="rolling_scaling"), **fields), told(end, **fields))

    assert len(pagerduty.open_incidents()) == len(pagerduty.change_events) == 1


def test_nothing_is_closed_while_the_change_stands_still(pagerduty: FakePagerDuty) -> None:
    """An outage that is over, told together with a stall that is not."""
    send(told(UNREACHABLE), told(RECOVERED, alert(4, Kind.STALLED, seconds=1800)))

    (incident,) = pagerduty.open_incidents()
    assert actions(incident) == ["trigger", "trigger"]


def test_nothing_is_closed_while_a_stall_that_was_told_before_stands(pagerduty: FakePagerDuty) -> None:
    """Though the message that tells of the outage's end does not mention it."""
    send(told(STALLED, is_stalled=True), told(UNREACHABLE, is_stalled=True), told(RECOVERED, is_stalled=True))

    assert len(pagerduty.open_incidents()) == len(pagerduty.change_events) == 1


@pytest.mark.parametrize("kind", [Kind.UNWATCHED, Kind.CHANNEL_REFUSED, Kind.LEDGER_RESET])
def test_trouble_of_headways_own_pages_nobody(pagerduty: FakePagerDuty, kind: Kind) -> None:
    """Nor does it hide what the change itself is told of in the same message."""
    own = alert(4, kind, channel="chat")
    send(told(own), told(UNREACHABLE, own))

    (incident,) = pagerduty.open_incidents()
    assert actions(incident) == ["trigger"]
    assert len(pagerduty.change_events) == 1


def test_trouble_that_was_over_before_it_was_told_pages_nobody(pagerduty: FakePagerDuty) -> None:
    """Then it is mere news, and is not dropped as the end of nothing."""
    send(told(STALLED, RESUMED))

    assert not pagerduty.incidents
    assert not pagerduty.dropped
    assert len(pagerduty.change_events) == 1


def test_trouble_that_may_have_been_told_is_closed(pagerduty: FakePagerDuty) -> None:
    """A send whose outcome is unknown may have opened an incident."""
    send(told(STALLED), told(STALLED, RESUMED, repeat_upto=2))

    assert [actions(incident) for incident in pagerduty.incidents] == [["trigger", "resolve"]]


@pytest.mark.parametrize("phase", ["completed", "cancelled"])
@pytest.mark.parametrize("kind", [Kind.UNWATCHED, Kind.CHANNEL_REFUSED, Kind.LEDGER_RESET, Kind.STALLED])
def test_nothing_is_opened_that_no_message_would_close(
    pagerduty: FakePagerDuty, kind: Kind, phase: str
) -> None:
    """After a good end, what is still to be told is told as a change event."""
    send(told(alert(10, kind, channel="chat"), phase=phase))

    assert pagerduty.incidents == []
    assert len(pagerduty.change_events) == 1


def test_two_changes_are_two_incidents(pagerduty: FakePagerDuty) -> None:
    """Also where they have the same name; one's end leaves the other open."""
    send(
        told_of("orders", Kind.STALLED, "T1"),
        told_of("orders", Kind.STALLED, "T2"),
        told_of("orders", Kind.COMPLETED, "T1"),
    )

    assert [incident.dedup_key for incident in pagerduty.incidents] == [
        "headway:INSTANCE/T1",
        "headway:INSTANCE/T2",
    ]
    assert [incident.dedup_key for incident in pagerduty.open_incidents()] == ["headway:INSTANCE/T2"]


def test_a_possible_repeat_joins_and_says_so(pagerduty: FakePagerDuty) -> None:
    """The incident stays one, and its timeline tells that the second may be the first again."""
    send(told(STALLED), told(STALLED, repeat_upto=2))

    (incident,) = pagerduty.incidents
    first, second = (event["payload"] for event in incident.events)
    assert not first["custom_details"]["possible_repeat"]
    assert second["custom_details"]["possible_repeat"]
    assert second["summary"] == f"{first['summary']} · possible repeat"


def test_a_test_message_pages_nobody(pagerduty: FakePagerDuty) -> None:
    """Whatever it tells, it is a change event that says that it is a test."""
    for message in (told(STALLED), told(alert(9, Kind.FAILED), phase="failed"), told(COMPLETED)):
        send(Message(message.headline, message.alerts, message.situation, is_test=True))

    assert not pagerduty.incidents
    assert not pagerduty.dropped
    summaries = [event["payload"]["summary"] for event in pagerduty.change_events]
    assert len(summaries) == 3
    assert all(summary.startswith("TEST") for summary in summaries)


def test_an_alert_event_tells_all_there_is_to_know(pagerduty: FakePagerDuty) -> None:
    """In PagerDuty's own fields, what the URL says, and the whole as details; the API key goes nowhere."""
    message = told(STALLED, percent=40)
    send(
        message,
        url=f"{URL}/kafka.example.com/brokers?group=prod&class=capacity&click=https://wiki.example.com&+team=ops",
    )

    event, (request,) = pagerduty.incidents[0].events[0], pagerduty.requests
    details = event["payload"].pop("custom_details")
    assert event == {
        "routing_key": KEY,
        "event_action": "trigger",
        "dedup_key": "headway:INSTANCE/TASK",
        "payload": {
            "summary": title_of(message, Reader()),
            "source": "kafka.example.com",
            "component": "brokers",
            "group": "prod",
            "class": "capacity",
            "severity": "warning",
            "timestamp": "2026-11-24T08:03:00+00:00",
        },
        "links": [
            {"href": LINKS[0].url, "text": "Status page"},
            {"href": LINKS[1].url, "text": "Console"},
            {"href": "https://wiki.example.com"},
        ],
        "client": "Headway",
        "client_url": LINKS[0].url,
    }
    assert details["team"] == "ops"
    assert details["change"]["percent"] == 40
    assert [told["kind"] for told in details["alerts"]] == ["stalled"]
    assert "Status page" in details["text"]
    assert "SECRET" not in f"{request.headers} {request.body!r}"


def test_what_the_url_does_not_say_the_change_does(pagerduty: FakePagerDuty) -> None:
    """The source is the instance, and nothing bears apprise's name."""
    send(told(STALLED))

    (request,) = pagerduty.requests
    assert request.json["payload"]["source"] == "INSTANCE"
    assert "component" not in request.json["payload"]
    assert b"apprise" not in request.body.lower()


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ("info", ["warning", "critical"]),
        ("error", ["error", "critical"]),
        ("critical", ["critical", "critical"]),
    ],
)
def test_the_urls_severity_is_the_least(pagerduty: FakePagerDuty, severity: str, expected: list[str]) -> None:
    """A failure is never made less of."""
    send(told(STALLED), told(alert(3, Kind.STEP_FAILED)), url=f"{URL}?severity={severity}")

    assert pagerduty.incidents[0].severities == expected


@pytest.mark.parametrize(
    ("query", "host"),
    [
        ("", "events.pagerduty.com"),
        ("?region=us", "events.pagerduty.com"),
        ("?region=eu", "events.eu.pagerduty.com"),
    ],
)
def test_each_region_gets_both_sorts_of_events(pagerduty: FakePagerDuty, query: str, host: str) -> None:
    """An account lives in one region, and the other knows nothing of its keys."""
    send(told(STALLED), told(alert(1, Kind.STARTED)), url=f"{URL}{query}")

    assert len(pagerduty.incidents) == len(pagerduty.change_events) == 1
    assert pagerduty.hosts == {host}


@pytest.mark.parametrize("query", ["?action=resolve", "?dedup=KEY", "?action=map&dedup=KEY"])
def test_which_incident_is_meant_is_not_for_the_url_to_say(query: str) -> None:
    """One key for all would make one incident of all changes."""
    with pytest.raises(ChannelError) as caught:
        AppriseChannel("pager", f"{URL}{query}")

    assert str(caught.value) == (
        "Channel pager has an action or a dedup in its url; leave it out: each change has an incident of its"
        " own."
    )


def test_a_digest_is_one_event_about_its_worst_change(pagerduty: FakePagerDuty) -> None:
    """Incident services get none, but one that comes is not lost."""
    digest = fleet_digest()
    send(digest)

    (request,) = pagerduty.requests
    assert request.json["dedup_key"] == dedup_key(digest.messages[0])
    assert request.json["payload"]["severity"] == "critical"
    assert request.json["payload"]["custom_details"]["change"]["name"] == digest.messages[0].situation.name


def test_links_are_labelled_in_the_channels_language(pagerduty: FakePagerDuty) -> None:
    """As the text is."""
    style = Style(Reader(CHINESE))
    assert AppriseChannel("pager", URL, style=style).send(told(STALLED), 15) == Verdict(SENT)

    assert [link["text"] for link in pagerduty.requests[0].json["links"]] == [*CHINESE.places.values()]


def test_the_worst_message_is_taken(pagerduty: FakePagerDuty) -> None:
    """Texts from elsewhere break nothing, and however much there is to tell fits."""
    alerts = [
        alert(number, Kind.STEP_FAILED, step="很长" * 40, detail="很长" * 100) for number in range(1, 3000)
    ]
    send(hostile_message(), told(*alerts, steps=many_steps(100, 50), name="很长" * 900))

    for request in pagerduty.requests:
        assert request.json["payload"]["custom_details"]["alerts"]
        assert len(request.body) < 100_000


def test_a_change_with_a_very_long_id_has_a_key_of_its_own(pagerduty: FakePagerDuty) -> None:
    """A key that were cut would be another change's too."""
    changes = [f"{'i' * 200}/{'t' * 200}{number}" for number in range(2)]
    send(*(told(STALLED, change_id=change) for change in changes))
    send(*(told(COMPLETED, change_id=change, phase="completed") for change in changes))

    assert len(pagerduty.incidents) == 2
    assert pagerduty.open_incidents() == []


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, REFUSED),
        (401, REFUSED),
        (403, REFUSED),
        (404, REFUSED),
        (429, RETRY),
        (500, RETRY),
        (503, RETRY),
    ],
)
@pytest.mark.parametrize("message", [told(STALLED), told(alert(1, Kind.STARTED))], ids=["alert", "change"])
def test_an_answer_is_judged_by_its_status(
    pagerduty: FakePagerDuty, message: Message, status: int, outcome: Outcome
) -> None:
    """No word of it is kept."""
    pagerduty.statuses = [status]

    assert AppriseChannel("pager", URL).send(message, 15) == Verdict(outcome, str(status))
    assert len(pagerduty.requests) == 1


def test_a_key_that_is_none_is_refused(pagerduty: FakePagerDuty) -> None:
    """PagerDuty says so with status 400."""
    verdict = AppriseChannel("pager", "pagerduty://tooshort@api").send(told(STALLED), 15)

    assert verdict == Verdict(REFUSED, "400")
    assert pagerduty.incidents == []
