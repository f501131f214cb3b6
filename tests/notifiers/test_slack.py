"""What Slack is sent, checked against the limits that it publishes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given

from notifiers.apprise_channel import AppriseChannel
from notifiers.messages import Content
from notifiers.verdicts import Outcome, Reply, Verdict, judge, may_blame_message
from tests.fakes.slack_server import SlackServer, slack_faults
from tests.fakes.webhook_server import Answer, WebhookServer
from tests.notifiers import examples
from tests.notifiers.contents import CONTENTS, EXAMPLES, ON_ONE_SERVER, TOLD
from tests.notifiers.letters import hand_over, letter_for

SENT, RETRY, REFUSED, UNKNOWN = Outcome
TOKEN: Final = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"
URL: Final = f"slack://{TOKEN}"
PATH: Final = f"/hooks.slack.com/services/{TOKEN}"
BOT: Final = "slack://xoxb-1234-1234-abc124/#ops"
BOT_PATH: Final = "/slack.com/api/chat.postMessage"
LINK: Final = re.compile(r"<https://(?:headway|console)\.example\.com[^<>|]*\|[^<>]*>")

pytestmark = pytest.mark.usefixtures("internet")


@pytest.fixture
def webhook() -> Iterator[WebhookServer]:
    """Slack, in place of every host."""
    with SlackServer(PATH) as server:
        yield server


def sent_to(server: WebhookServer) -> dict[str, Any]:
    """The only message that it was sent."""
    (request,) = server.requests
    message: dict[str, Any] = request.json
    return message


@pytest.mark.parametrize(("name", "language"), TOLD)
def test_a_message_is_one_request_that_slack_takes(webhook: SlackServer, name: str, language: str) -> None:
    """Of every kind, in both languages, and the largest there can be."""
    letter = letter_for("slack", EXAMPLES[name], language)

    assert hand_over(URL, letter) == Verdict(SENT)
    assert re.fullmatch(r"\*[^*\s](?:[^*\n]*[^*\s])?\*", sent_to(webhook)["text"])


@ON_ONE_SERVER
@given(content=CONTENTS)
def test_whatever_is_told_is_taken_and_calls_nobody(webhook: SlackServer, content: Content) -> None:
    """Each `<` is one of our links', the title's bold is the only one, and nothing is linked by itself."""
    letter = letter_for("slack", content)

    assert hand_over(URL, letter) == Verdict(SENT)
    assert "<" not in LINK.sub("", letter.body)
    assert "<" not in letter.marked_title
    assert "*" not in f"{letter.marked_title}{letter.body}"
    (attachment,) = webhook.requests[-1].json["attachments"]
    assert attachment["blocks"][0]["text"]["verbatim"] is True


def test_the_title_is_text_and_the_body_a_coloured_section(webhook: WebhookServer) -> None:
    """A push notification shows the text, and a section is not folded."""
    letter = letter_for("slack", examples.completed_message())

    hand_over(URL, letter)

    message = sent_to(webhook)
    assert message["text"] == f"*{letter.marked_title}*"
    section = {"type": "section", "text": {"type": "mrkdwn", "text": letter.body, "verbatim": True}}
    assert message["attachments"] == [{"color": "#15803d", "blocks": [section]}]


def test_the_address_that_slack_hands_out_is_as_good(webhook: WebhookServer) -> None:
    """People paste it."""
    channel = AppriseChannel("ops", f"https://hooks.slack.com/services/{TOKEN}")

    assert channel.send(examples.step_message(), 15) == Verdict(SENT)
    assert webhook.requests[0].path == PATH


@pytest.mark.parametrize("kind", ["workflows/T1JJ3T3L2/A1BRTD4JD", "triggers/T1JJ3T3L2"])
def test_a_workflow_gets_title_and_body_as_one_text(webhook: SlackServer, kind: str) -> None:
    """Whoever builds one decides how it looks; nobody is called by it either."""
    path = f"/hooks.slack.com/{kind}/123456789/abcdefghijk"
    webhook.path = path

    AppriseChannel("ops", f"https:/{path}").send(examples.hostile_message(), 15)

    text = sent_to(webhook)["text"]
    assert "Status page" in text
    assert "<" not in LINK.sub("", text)


@pytest.mark.parametrize("query", ["?blocks=yes", "?footer=no", "?image=no"])
def test_options_for_apprises_layout_do_no_harm(webhook: SlackServer, query: str) -> None:
    """Whatever is asked of it, something readable is sent."""
    assert AppriseChannel("ops", URL + query).send(examples.step_message(), 15) == Verdict(SENT)
    assert b"Disk expansion" in webhook.requests[0].body


def test_the_server_of_these_tests_finds_what_slack_would_not_take() -> None:
    """The tests above could fail."""
    text = {"type": "mrkdwn", "text": "x" * 3001}
    good = {"color": "#15803d", "blocks": [{"type": "section", "text": {**text, "text": "x"}}]}

    assert list(slack_faults({"text": "x", "attachments": [good]})) == []
    assert list(slack_faults({"text": "x", "attachments": [{**good, "blocks": []}]})) == ["attachment"]
    long = {**good, "blocks": [{"type": "section", "text": text}]}
    assert list(slack_faults({"text": "", "attachments": [long]})) == ["text", "section"]


@pytest.mark.parametrize(
    ("status", "word", "verdict"),
    [
        (400, "invalid_payload", Verdict(REFUSED, "400")),
        (400, "user_not_found", Verdict(REFUSED, "400")),
        (400, "too_many_attachments", Verdict(REFUSED, "400")),
        (403, "action_prohibited", Verdict(REFUSED, "403")),
        (403, "posting_to_general_channel_denied", Verdict(REFUSED, "403")),
        (403, "invalid_token", Verdict(REFUSED, "403")),
        (404, "channel_not_found", Verdict(REFUSED, "404")),
        (404, "no_service", Verdict(REFUSED, "404")),
        (404, "no_team", Verdict(REFUSED, "404")),
        (410, "channel_is_archived", Verdict(REFUSED, "410")),
        (500, "rollup_error", Verdict(RETRY, "500")),
        (503, "service_unavailable", Verdict(RETRY, "503")),
    ],
)
def test_a_webhooks_no_is_judged_by_its_status(status: int, word: str, verdict: Verdict) -> None:
    """The words are at https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks."""
    assert judge("slack", Reply(status, body=word.encode())) == verdict
    assert may_blame_message(verdict.code) is (status == 400)


def test_a_webhook_that_is_sent_too_much_says_for_how_long(webhook: SlackServer) -> None:
    """In the header."""
    webhook.allowance = 0

    assert AppriseChannel("ops", URL).send(examples.step_message(), 15) == Verdict(RETRY, "429", 30.0)
    assert len(webhook.requests) == 1


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        *(
            (word, REFUSED)
            for word in ("account_inactive", "is_archived", "restricted_action", "token_revoked")
        ),
        *((word, REFUSED) for word in ("invalid_blocks", "msg_blocks_too_long", "msg_too_long")),
        *((word, RETRY) for word in ("fatal_error", "internal_error", "ratelimited", "service_unavailable")),
    ],
)
def test_a_bots_no_is_judged_by_its_word(word: str, outcome: Outcome) -> None:
    """A bot is always answered with 200; what is wrong with a message is not the channel's fault."""
    body = msgspec.json.encode({"ok": False, "error": word})

    assert judge("slack", Reply(200, body=body)) == Verdict(outcome, word)
    assert may_blame_message(word) is (word.startswith("msg_") or word == "invalid_blocks")


class _Bot(WebhookServer):
    """Slack's Web API."""

    def __init__(self) -> None:
        super().__init__()
        self.script(
            BOT_PATH, Answer.of_json({"ok": True}), Answer.of_json({"ok": False, "error": "is_archived"})
        )


class TestBot:
    """A bot writes through another door."""

    @pytest.fixture
    def webhook(self) -> Iterator[WebhookServer]:
        """Slack, in place of every host."""
        with _Bot() as server:
            yield server

    def test_a_bot_writes_the_same_to_a_channel(self, webhook: WebhookServer) -> None:
        """With its token in a header, and one request each."""
        channel = AppriseChannel("ops", BOT)

        assert channel.send(examples.failed_message(), 15) == Verdict(SENT)
        assert channel.send(examples.failed_message(), 15) == Verdict(REFUSED, "is_archived")

        first, second = webhook.requests
        assert first.headers["authorization"] == "Bearer xoxb-1234-1234-abc124"
        assert (first.json["channel"], list(slack_faults(first.json))) == ("#ops", [])
        assert first.json == second.json
