"""What is sent, byte for byte, as it lies in `golden/`; `GOLDEN=write` writes it anew, to be looked at."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from notifiers.apprise_channel import AppriseChannel
from notifiers.messages import Content
from notifiers.verdicts import Outcome
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.webhook_server import WebhookServer
from tests.notifiers import examples

FOLDER = Path(__file__).parent / "golden"
MESSAGES = {
    "step": examples.step_message,
    "failed": examples.failed_message,
    "completed": examples.completed_message,
    "unreachable": examples.unreachable_message,
    "hostile": examples.hostile_message,
    "digest": examples.fleet_digest,
    "hostile_digest": examples.hostile_digest,
}
each_message = pytest.mark.parametrize(("name", "make"), MESSAGES.items(), ids=MESSAGES)


def compare(name: str, sent: str) -> None:
    """Compare what was sent with what was approved."""
    file = FOLDER / name
    if os.environ.get("GOLDEN") == "write":
        file.write_text(sent, encoding="utf-8", newline="\n")

    assert file.read_text(encoding="utf-8") == sent


def pretty(payload: Any) -> str:  # noqa: ANN401 - JSON
    """JSON that people can read; order and characters as they were sent."""
    return json.dumps(payload, ensure_ascii=False, indent=2) + "\n"


@each_message
def test_slack_gets_what_was_approved(
    internet: WebhookServer, name: str, make: Callable[[], Content]
) -> None:
    """The whole body of the request to an incoming webhook."""
    channel = AppriseChannel("slack", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7")

    assert channel.send(make(), 15).outcome is Outcome.SENT
    compare(f"{name}.slack.json", pretty(internet.requests[0].json))


@each_message
def test_a_json_webhook_gets_what_was_approved(
    webhook: WebhookServer, name: str, make: Callable[[], Content]
) -> None:
    """The whole body of the request."""
    channel = AppriseChannel("hook", f"json://{webhook.location}/hook")

    assert channel.send(make(), 15).outcome is Outcome.SENT
    compare(f"{name}.webhook.json", pretty(webhook.requests[0].json))


@each_message
def test_a_mail_holds_what_was_approved(name: str, make: Callable[[], Content]) -> None:
    """Headers that do not change from mail to mail, the text part, and the HTML part for the browser."""
    with SmtpServer() as server:
        url = f"mailto://{server.location}?from=headway@example.com&to=ops@example.com"
        assert AppriseChannel("mail", url).send(make(), 15).outcome is Outcome.SENT
    (received,) = server.mails
    text, html = (str(part.get_content()).replace("\r\n", "\n") for part in received.message.iter_parts())
    headers = "".join(f"{key}: {received.message[key]}\n" for key in ("Subject", "From", "To"))

    compare(f"{name}.mail.txt", f"{headers}\n{text}")
    compare(f"{name}.mail.html", html)


def test_every_golden_file_is_compared() -> None:
    """A file that nothing writes any more would be believed for ever."""
    forms = ("slack.json", "webhook.json", "mail.txt", "mail.html")

    assert {file.name for file in FOLDER.iterdir()} == {
        f"{name}.{form}" for name in MESSAGES for form in forms
    }
