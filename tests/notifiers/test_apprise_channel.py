"""Real sends to real sockets: what arrives."""

from __future__ import annotations

from typing import Final

import pytest

from notifiers import digests, forms, wording
from notifiers.alerts import Kind
from notifiers.apprise_channel import AppriseChannel
from notifiers.messages import Content, StepLine, compose, digest
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.webhook_server import Answer, WebhookServer
from tests.notifiers.examples import (
    LINKS,
    OVERVIEW,
    alert,
    completed_message,
    failed_message,
    fleet_digest,
    hostile_digest,
    hostile_message,
    situation,
    step_message,
    told_of,
)

SENT, RETRY, REFUSED, UNKNOWN = Outcome
TOKEN: Final = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"
SLACK: Final = f"slack://{TOKEN}"
SLACK_PATH: Final = f"/hooks.slack.com/services/{TOKEN}"
LONG_STEPS: Final = tuple(StepLine(f"step_{n}" * 13, "waiting") for n in range(10))
KEY: Final = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"


def send(url: str, message: Content | None = None, seconds: float = 15.0) -> Verdict:
    """Send through a channel of its own."""
    return AppriseChannel("ops", url).send(message or step_message(), seconds)


def test_a_json_webhook_gets_title_body_and_severity(webhook: WebhookServer) -> None:
    """All in fields of their own, with the headers that the URL asks for."""
    verdict = send(f"json://{webhook.location}/hook?+X-Team=ops", failed_message())

    (request,) = webhook.received("/hook")
    assert verdict == Verdict(SENT)
    assert request.method == "POST"
    assert request.headers["x-team"] == "ops"
    assert request.json == {
        "version": "1.0",
        "title": wording.title(failed_message()),
        "message": forms.plain(failed_message()),
        "attachments": [],
        "type": "failure",
    }


def test_slack_gets_the_title_as_text_and_the_body_in_a_coloured_section(internet: WebhookServer) -> None:
    """A push notification shows the text, and a section is not folded."""
    verdict = send(SLACK, completed_message())

    (request,) = internet.received(SLACK_PATH)
    (attachment,) = request.json["attachments"]
    assert verdict == Verdict(SENT)
    assert request.json["text"] == "*orders: capacity change completed · took 1 h 12 min*"
    assert attachment["color"] == "#3AA337"
    assert attachment["blocks"] == [
        {"type": "section", "text": {"type": "mrkdwn", "text": forms.slack(completed_message())}}
    ]


def test_slack_takes_the_address_that_it_hands_out(internet: WebhookServer) -> None:
    """An https:// address copied from Slack is the same channel, sent by the same service of ours."""
    assert send(f"https://hooks.slack.com/services/{TOKEN}") == Verdict(SENT)
    assert internet.received(SLACK_PATH)[0].json["text"].startswith("*orders: ")


def test_a_slack_bot_is_judged_by_what_it_is_told(internet: WebhookServer) -> None:
    """A bot is always answered with 200."""
    path = "/slack.com/api/chat.postMessage"
    internet.script(
        path, Answer.of_json({"ok": True}), Answer.of_json({"ok": False, "error": "invalid_auth"})
    )
    url = "slack://xoxb-1234-1234-abc124/#ops"

    assert send(url) == Verdict(SENT)
    assert send(url) == Verdict(REFUSED, "invalid_auth")
    assert internet.received(path)[0].json["channel"] == "#ops"


def test_slack_is_never_made_to_call_everybody(internet: WebhookServer) -> None:
    """Neither title nor body brings a mention of an outside text to life, nor does a digest's line."""
    send(SLACK, hostile_message())
    send(SLACK, hostile_digest())

    for request in internet.received(SLACK_PATH):
        assert b"<!" not in request.body
        assert b"<@" not in request.body
        assert b"&lt;!channel&gt;" in request.body


@pytest.mark.parametrize("query", ["?blocks=yes", "?footer=no", "?image=no"])
def test_a_slack_urls_options_do_no_harm(internet: WebhookServer, query: str) -> None:
    """Whatever is asked of apprise's layout, something readable is sent."""
    assert send(SLACK + query) == Verdict(SENT)
    assert b"disk_expansion" in internet.received(SLACK_PATH)[0].body


def test_other_services_get_plain_text(internet: WebhookServer) -> None:
    """Title and body stand in one text where there is no title."""
    internet.script("/qyapi.weixin.qq.com/cgi-bin/webhook/send", Answer.of_json({"errcode": 0}))
    message = step_message()

    assert send(f"wecombot://{KEY}", message) == Verdict(SENT)
    content = internet.requests[0].json["text"]["content"]
    assert content == f"{wording.title(message)}\r\n{forms.plain(message)}"
    assert len(content.encode()) <= 2048


def test_a_digest_goes_out_as_a_message_does(internet: WebhookServer) -> None:
    """With its own title, body and the severity of its worst change."""
    assert send(SLACK, fleet_digest()) == Verdict(SENT)
    assert send(f"json://{internet.location}/hook", fleet_digest()) == Verdict(SENT)

    (request,) = internet.received(SLACK_PATH)
    (attachment,) = request.json["attachments"]
    assert request.json["text"] == "*12 changes: 2 FAILED, 1 stalled, 9 completed*"
    assert attachment["color"] == "#A32037"
    assert attachment["blocks"][0]["text"]["text"] == digests.slack(fleet_digest())
    (posted,) = internet.received("/hook")
    assert posted.json["title"] == "12 changes: 2 FAILED, 1 stalled, 9 completed"
    assert posted.json["message"] == digests.plain(fleet_digest())
    assert posted.json["type"] == "failure"


@pytest.mark.parametrize(
    "message",
    [
        digest([told_of(f"change_{n}.x", Kind.COMPLETED) for n in range(60)], OVERVIEW),
        compose([alert(1, Kind.STARTED, detail="x" * 200)], situation(steps=LONG_STEPS, links=LINKS), 0),
    ],
    ids=["digest", "message"],
)
def test_what_takes_little_gets_less_and_whole_links(internet: WebhookServer, message: Content) -> None:
    """Apprise cuts at 1,000 characters for Teams, and would cut the link at the end in two."""
    send(f"workflows://host.example.com:443/{'a' * 32}/{'b' * 43}", message)

    sent = internet.requests[0].body.decode()
    assert len(sent) > 500
    assert "engine\\\\=kafka" in sent


def test_nothing_is_sent_twice_by_a_url_that_asks_for_it(webhook: WebhookServer) -> None:
    """Retries are the ledger's, whatever the URL says."""
    webhook.script("/hook", Answer(b"", 500))

    assert send(f"json://{webhook.location}/hook?retry=3&wait=1").outcome is RETRY
    assert len(webhook.requests) == 1
