"""What an endpoint of somebody's own is sent: apprise's fields, and the whole in fields of ours."""

from __future__ import annotations

from typing import Final

import pytest

from notifiers.alerts import Kind
from notifiers.apprise_channel import AppriseChannel
from notifiers.messages import digest
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.webhook_server import Answer, WebhookServer
from tests.notifiers.contents import EXAMPLES, QUOTES
from tests.notifiers.examples import OVERVIEW, told_of
from tests.notifiers.letters import hand_over, letter_for

SENT, RETRY, REFUSED, UNKNOWN = Outcome
REQUEST_BYTES_MAX: Final = 64 * 1024


def test_the_fields_come_beside_those_of_apprise(webhook: WebhookServer) -> None:
    """With the headers, the query and the login that the URL asks for."""
    url = f"json://user:pass@{webhook.location}/hook?+X-Team=ops&-key=v"
    letter = letter_for("json", EXAMPLES["mixed"])

    assert hand_over(url, letter) == Verdict(SENT)

    (request,) = webhook.received("/hook")
    assert request.method == "POST"
    assert request.query == "key=v"
    assert request.headers["x-team"] == "ops"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == "Basic dXNlcjpwYXNz"
    assert request.json == {
        "version": "1.0",
        "title": letter.title,
        "message": letter.body,
        "attachments": [],
        "type": "failure",
        "headway": letter.data,
    }


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_the_method_is_the_urls(webhook: WebhookServer, method: str) -> None:
    """As apprise has it."""
    webhook.answer_all(Answer(b""))

    channel = AppriseChannel("ops", f"json://{webhook.location}/?method={method}")

    assert channel.send(EXAMPLES["step"], 15) == Verdict(SENT)
    assert [request.method for request in webhook.requests] == [method]


def test_fields_are_renamed_left_out_and_added_as_the_url_asks(webhook: WebhookServer) -> None:
    """As apprise has it, ours included."""
    url = f"json://{webhook.location}/hook?:message=text&:title=&:team=ops&:headway=data"

    assert AppriseChannel("ops", url).send(EXAMPLES["step"], 15) == Verdict(SENT)
    assert set(webhook.requests[0].json) == {"version", "text", "attachments", "type", "team", "data"}
    assert webhook.requests[0].json["team"] == "ops"
    assert webhook.requests[0].json["data"]["type"] == "change"


def test_an_endpoint_behind_tls_is_asked_for_at_its_own_host(internet: WebhookServer) -> None:
    """The scheme says so."""
    assert AppriseChannel("ops", "jsons://e.example:8443/a/b").send(EXAMPLES["digest"], 15) == Verdict(SENT)
    assert internet.requests[0].path == "/e.example:8443/a/b"


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_request_is_never_larger_than_64_kb(webhook: WebhookServer, name: str) -> None:
    """Text and fields together, in one request."""
    assert AppriseChannel("ops", f"json://{webhook.location}/hook").send(EXAMPLES[name], 15) == Verdict(SENT)
    assert len(webhook.requests) == 1
    assert len(webhook.requests[0].body) <= REQUEST_BYTES_MAX


def test_a_request_full_of_quotes_is_not_either(webhook: WebhookServer) -> None:
    """They take two bytes each."""
    content = digest([told_of(f"{QUOTES}{n}", Kind.FAILED, step=QUOTES) for n in range(400)], OVERVIEW)

    AppriseChannel("ops", f"json://{webhook.location}/hook").send(content, 15)

    assert 50_000 < len(webhook.requests[0].body) <= REQUEST_BYTES_MAX


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Answer(b"", 204), Verdict(SENT)),
        (Answer(b"", 302, {"Location": "/elsewhere"}), Verdict(REFUSED, "302")),
        (Answer(b"", 410), Verdict(REFUSED, "410")),
        (Answer(b"", 429, {"Retry-After": "17"}), Verdict(RETRY, "429", 17.0)),
        (Answer.of_json({"retry_after": 99}, 429), Verdict(RETRY, "429")),
        (Answer(b"", 500), Verdict(RETRY, "500")),
    ],
)
def test_an_answer_is_judged_by_its_status(webhook: WebhookServer, answer: Answer, verdict: Verdict) -> None:
    """Nothing is followed, and nothing in the body counts."""
    webhook.script("/hook", answer)

    assert AppriseChannel("ops", f"json://{webhook.location}/hook").send(EXAMPLES["step"], 15) == verdict
    assert len(webhook.requests) == 1
