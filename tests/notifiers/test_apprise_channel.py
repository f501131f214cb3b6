"""What services get that apprise sends to by itself, and what holds for all channels: time, own templates."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from notifiers.alerts import Kind
from notifiers.apprise_channel import AppriseChannel, Style
from notifiers.forms import PLAIN
from notifiers.languages import CHINESE
from notifiers.messages import Content, StepLine, compose, digest
from notifiers.rendering import write
from notifiers.saying import Reader
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.bot_servers import FeishuServer
from tests.fakes.chat_servers import TelegramServer
from tests.fakes.loopback import HOST
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.webhook_server import Answer, WebhookServer
from tests.notifiers.examples import (
    LINKS,
    OVERVIEW,
    alert,
    failed_message,
    fleet_digest,
    hostile_message,
    situation,
    step_message,
    told_of,
)

SENT, RETRY, REFUSED, UNKNOWN = Outcome
LONG_STEPS: Final = tuple(StepLine(f"step_{n}" * 13, "waiting") for n in range(10))
# Apprise cuts at 512 characters.
PUSHOVER: Final = f"pover://{'u' * 30}@{'a' * 30}"


@pytest.mark.parametrize("language", [Reader(), Reader(CHINESE)])
@pytest.mark.parametrize("content", [step_message(), failed_message(), fleet_digest(), hostile_message()])
def test_other_services_get_plain_text(webhook: WebhookServer, content: Content, language: Reader) -> None:
    """Title and body, in the channel's language, and nothing of it escaped."""
    webhook.script("/push", Answer.of_json({"code": 200}))
    channel = AppriseChannel("phone", f"bark://{webhook.location}/device", style=Style(language))
    letter = write(content, language, PLAIN)

    assert channel.send(content, 15) == Verdict(SENT)

    (request,) = webhook.requests
    assert request.json["title"] == letter.title
    assert request.json["body"] == letter.body


@pytest.mark.parametrize(
    "content",
    [
        digest([told_of(f"change_{n}.x", Kind.COMPLETED) for n in range(60)], OVERVIEW),
        compose([alert(1, Kind.STARTED, detail="x" * 200)], situation(steps=LONG_STEPS, links=LINKS), 0),
    ],
    ids=["digest", "message"],
)
def test_what_takes_little_gets_less_and_whole_links(internet: WebhookServer, content: Content) -> None:
    """Apprise would cut the link at the end in two."""
    internet.answer_all(Answer.of_json({"status": 1}))

    assert AppriseChannel("ops", PUSHOVER).send(content, 15) == Verdict(SENT)

    sent = internet.requests[0].body.decode()
    assert len(internet.requests) == 1
    assert len(sent) > 300
    assert "engine%3Dkafka" in sent


def test_nothing_is_sent_twice_by_a_url_that_asks_for_it(webhook: WebhookServer) -> None:
    """Retries are the ledger's, whatever the URL says."""
    webhook.answer_all(Answer(b"", 500))

    for url in (f"json://{webhook.location}/hook", f"bark://{webhook.location}/device"):
        assert AppriseChannel("ops", f"{url}?retry=3&wait=1").send(step_message(), 15).outcome is RETRY

    assert len(webhook.requests) == 2


TELEGRAM_TOKEN: Final = "123456789:abcdefg_hijklmnop"
TELEGRAM: Final = f"tgram://{TELEGRAM_TOKEN}/12315544"
EMPTY_CARD: Final = (
    '{"header": {"template": "red", "title": {"tag": "plain_text", "content": {{ title }}}}, "elements": []}'
)
SLOW: Final = "{% for _ in range(999) %}" * 4 + "{% endfor %}" * 4


class Complaints(list[str]):
    """What a channel complains of that has a folder with one template of its own."""

    def __init__(self, folder: Path, name: str, template: str) -> None:
        """Write the template."""
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(template, "utf-8")
        self.style = Style(Reader(), str(folder), self.append)


def telegram() -> TelegramServer:
    """Telegram, with one chat."""
    return TelegramServer(TELEGRAM_TOKEN, {12315544: True})


def feishu() -> FeishuServer:
    """Feishu, with one bot."""
    return FeishuServer("AbCdEf12-3456")


@pytest.fixture
def webhook(request: pytest.FixtureRequest) -> Iterator[WebhookServer]:
    """A webhook's other end, or the vendor's server that a test asks for."""
    with getattr(request, "param", WebhookServer)() as server:
        yield server


@pytest.mark.parametrize("webhook", [telegram], indirect=True)
@pytest.mark.usefixtures("internet")
def test_what_a_service_refuses_of_an_own_template_is_sent_in_our_form(
    webhook: TelegramServer, tmp_path: Path
) -> None:
    """At once: it surely has not arrived, and our form is known to be taken."""
    complaints = Complaints(tmp_path, "telegram/message.j2", "<b>{{ title }}")
    channel = AppriseChannel("ops", TELEGRAM, style=complaints.style)

    assert channel.send(failed_message(), 15) == Verdict(SENT)

    refused, taken = (request.json["text"] for request in webhook.requests)
    assert refused.startswith("<b>FAILED")
    assert taken.startswith("<b>FAILED")
    assert "could not be used (the service refuses what it makes: 400)" in taken
    assert complaints == [
        "could not use its own template telegram/message.j2: the service refuses what it makes: 400"
    ]


@pytest.mark.parametrize("webhook", [feishu], indirect=True)
@pytest.mark.usefixtures("internet")
def test_a_card_that_feishu_refuses_is_sent_in_our_form(webhook: FeishuServer, tmp_path: Path) -> None:
    """Its own code says that it is the card."""
    complaints = Complaints(tmp_path, "feishu/message.j2", EMPTY_CARD)
    channel = AppriseChannel("ops", "feishu://AbCdEf12-3456", style=complaints.style)

    assert channel.send(failed_message(), 15) == Verdict(SENT)

    assert len(webhook.requests) == 2
    assert complaints == [
        "could not use its own template feishu/message.j2: the service refuses what it makes: 9499"
    ]


@pytest.mark.parametrize("status", [403, 404, 429, 500, 502])
def test_what_is_not_the_messages_fault_is_not_sent_again(
    internet: WebhookServer, tmp_path: Path, status: int
) -> None:
    """The channel's own troubles are nobody's template's; and it may have arrived."""
    complaints = Complaints(tmp_path, "telegram/message.j2", "fine")
    internet.answer_all(Answer(b"{}", status))

    verdict = AppriseChannel("ops", TELEGRAM, style=complaints.style).send(failed_message(), 15)

    assert verdict.code == str(status)
    assert len(internet.requests) == 1
    assert complaints == []


def test_our_own_form_is_not_sent_again(internet: WebhookServer, tmp_path: Path) -> None:
    """Not even where there are templates, but none for this."""
    complaints = Complaints(tmp_path, "telegram/digest.j2", "fine")
    internet.answer_all(Answer(b"{}", 400))

    for style in (Style(), complaints.style):
        assert AppriseChannel("ops", TELEGRAM, style=style).send(failed_message(), 15).code == "400"

    assert len(internet.requests) == 2
    assert complaints == []


def test_a_template_is_not_blamed_if_our_form_is_refused_too(internet: WebhookServer, tmp_path: Path) -> None:
    """Then it is the channel."""
    complaints = Complaints(tmp_path, "telegram/message.j2", "fine")
    internet.answer_all(Answer(b"{}", 400))

    verdict = AppriseChannel("ops", TELEGRAM, style=complaints.style).send(failed_message(), 15)

    assert verdict == Verdict(REFUSED, "400")
    assert len(internet.requests) == 2
    assert complaints == []


def test_a_mail_that_is_refused_is_sent_in_our_form(tmp_path: Path) -> None:
    """The part that was somebody's own, beside the other one."""
    complaints = Complaints(tmp_path, "mail/message.j2", "<p>mine</p>")
    with SmtpServer() as smtp:
        smtp.replies = OnceOnly({"DATA": "554 5.7.1 looks like spam"})
        channel = AppriseChannel("ops", mail_url(smtp.location), style=complaints.style)
        assert channel.send(failed_message(), 15) == Verdict(SENT)

    (mail,) = smtp.mails
    text, html = (part.get_content() for part in mail.message.iter_parts())
    assert "Your template mail/message.j2 could not be used" in html
    assert "Your template" not in text
    assert complaints == [
        "could not use its own template mail/message.j2: the service refuses what it makes: 554"
    ]


class OnceOnly(dict[str, str]):
    """Replies that are given once."""

    def get(self, command: str, default: str = "") -> str:  # type: ignore[override]
        """Forget the reply."""
        return self.pop(command, default)


@pytest.mark.parametrize("seconds", [0, -1])
def test_nothing_is_sent_once_time_is_up(webhook: WebhookServer, seconds: float) -> None:
    """Whoever waited has given it up already, so it would come in doubt and once more."""
    with SmtpServer() as smtp:
        for url in (f"json://{webhook.location}/", mail_url(smtp.location)):
            verdict = AppriseChannel("ops", url).send(failed_message(), seconds)
            assert verdict == Verdict(RETRY, "no-time")
        assert smtp.mails == []

    assert webhook.requests == []


@pytest.mark.parametrize("name", ["mail/message.j2", "plain/message.j2"])
def test_the_time_that_a_template_takes_counts(tmp_path: Path, name: str) -> None:
    """A server that says nothing has only what is left."""
    complaints = Complaints(tmp_path, name, SLOW)
    with socket.create_server((HOST, 0)) as silent:
        channel = AppriseChannel("ops", mail_url(f"{HOST}:{silent.getsockname()[1]}"), style=complaints.style)
        begun = time.monotonic()
        verdict = channel.send(failed_message(), 2)

    assert verdict.outcome is RETRY
    assert 1.9 < time.monotonic() - begun < 2.4
    assert complaints == [f"could not use its own template {name}: line 1: it takes too long"]


def test_a_slow_template_leaves_time_to_send(webhook: WebhookServer, tmp_path: Path) -> None:
    """However little there is."""
    complaints = Complaints(tmp_path, "plain/message.j2", SLOW)
    webhook.answer_all(Answer(b"{}"))

    channel = AppriseChannel("ops", f"json://{webhook.location}/", style=complaints.style)

    assert channel.send(failed_message(), 0.6) == Verdict(SENT)
    assert len(complaints) == 1


@pytest.mark.parametrize("webhook", [telegram], indirect=True)
@pytest.mark.usefixtures("internet")
@pytest.mark.parametrize("name", ["slack/message.j2", "telegram/mesage.j2"])
def test_a_folder_without_a_template_for_the_channel_is_told(
    webhook: TelegramServer, tmp_path: Path, name: str
) -> None:
    """Which is no error: the message comes in our form, without a note."""
    complaints = Complaints(tmp_path, name, "fine")

    assert AppriseChannel("ops", TELEGRAM, style=complaints.style).send(failed_message(), 15) == Verdict(SENT)

    assert complaints == ["has no template such as telegram/message.j2 in its folder of templates"]
    assert "Your template" not in webhook.shown


@pytest.mark.parametrize("name", ["mail/message.j2", "mail/digest.j2", "plain/message.j2"])
def test_a_mail_may_have_templates_for_one_of_its_parts(tmp_path: Path, name: str) -> None:
    """Or for digests alone."""
    complaints = Complaints(tmp_path, name, "fine")
    with SmtpServer() as smtp:
        channel = AppriseChannel("ops", mail_url(smtp.location), style=complaints.style)
        assert channel.send(failed_message(), 15) == Verdict(SENT)

    assert complaints == []


def mail_url(location: str) -> str:
    """A channel that mails through a server."""
    return f"mailto://{location}/?from=headway@example.com&to=ops@example.com&mode=insecure"
