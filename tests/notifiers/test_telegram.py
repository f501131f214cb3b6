"""What a Telegram bot is asked to send, checked by a server that knows the Bot API's rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given

from notifiers.apprise_channel import AppriseChannel, ChannelError
from notifiers.messages import Content
from notifiers.verdicts import Outcome, Reply, Verdict, judge
from tests.fakes.chat_servers import FLOOD_SECONDS, TelegramServer
from tests.notifiers import examples
from tests.notifiers.contents import CONTENTS, EXAMPLES, ON_ONE_SERVER, TOLD
from tests.notifiers.letters import hand_over, letter_for

SENT, RETRY, REFUSED, UNKNOWN = Outcome
TOKEN: Final = "123456789:abcdefg_hijklmnop"
URL: Final = f"tgram://{TOKEN}/12315544"
LANGUAGES: Final = ["en", "zh"]

pytestmark = pytest.mark.usefixtures("internet")


@pytest.fixture
def webhook() -> Iterator[TelegramServer]:
    """Telegram, in place of every host."""
    with TelegramServer(TOKEN, {12315544: True, -100123: True, "@ops_room": True, 403: False}) as server:
        yield server


def sent_to(server: TelegramServer) -> dict[str, Any]:
    """The only message that it was sent."""
    (request,) = server.requests
    message: dict[str, Any] = request.json
    return message


@pytest.mark.parametrize(("name", "language"), TOLD)
def test_a_message_is_one_request_that_telegram_takes(
    webhook: TelegramServer, name: str, language: str
) -> None:
    """Of every kind, in both languages, and the largest there can be."""
    letter = letter_for("tgram", EXAMPLES[name], language)

    assert hand_over(URL, letter) == Verdict(SENT)
    assert len(webhook.requests) == 1
    assert webhook.shown.splitlines()[0] == unescape(letter.marked_title)


@ON_ONE_SERVER
@given(content=CONTENTS)
def test_whatever_is_told_is_taken_and_calls_nobody(webhook: TelegramServer, content: Content) -> None:
    """Only our tags are in it, only our links lead anywhere, and nothing becomes live by itself."""
    assert hand_over(URL, letter_for("tgram", content)) == Verdict(SENT)
    assert webhook.called == []
    assert all(re.match(r"https://(headway|console)\.example\.com", link) for link in webhook.links)


def test_the_title_is_bold_and_the_links_can_be_followed(webhook: TelegramServer) -> None:
    """No preview of them takes up room."""
    AppriseChannel("ops", URL).send(examples.failed_message(), 15)

    message = sent_to(webhook)
    assert re.match(r"<b>[^<]*orders[^<]*</b>\n", message["text"])
    assert sorted(webhook.links) == sorted(link.url for link in examples.LINKS)
    assert message["link_preview_options"] == {"is_disabled": True}
    assert message["disable_notification"] is False
    assert "message_thread_id" not in message


@pytest.mark.parametrize(
    ("url", "fields"),
    [
        (f"tgram://{TOKEN}/-100123:7", {"chat_id": -100123, "message_thread_id": 7}),
        (f"tgram://{TOKEN}/-100123?topic=8", {"chat_id": -100123, "message_thread_id": 8}),
        (f"tgram://{TOKEN}/ops_room", {"chat_id": "@ops_room"}),
        (f"tgram://bot{TOKEN}/12315544", {"chat_id": 12315544}),
        (f"{URL}?silent=yes", {"disable_notification": True}),
        (f"{URL}?preview=yes", {"link_preview_options": {"is_disabled": False}}),
        (f"{URL}?image=yes&mdv=v2&format=markdown", {"parse_mode": "HTML"}),
    ],
)
def test_the_urls_options_are_kept(webhook: TelegramServer, url: str, fields: dict[str, Any]) -> None:
    """Topic, silence and preview are the reader's; how it is marked up is ours, and pictures are not sent."""
    assert AppriseChannel("ops", url).send(examples.step_message(), 15) == Verdict(SENT)
    assert sent_to(webhook).items() >= fields.items()


@pytest.mark.parametrize(
    ("url", "allowance", "verdict"),
    [
        (f"tgram://{TOKEN}/99", 20, Verdict(REFUSED, "400")),
        ("tgram://987654321:abcdefg/12315544", 20, Verdict(REFUSED, "401")),
        (f"tgram://{TOKEN}/403", 20, Verdict(REFUSED, "403")),
        (URL, 0, Verdict(RETRY, "429", FLOOD_SECONDS)),
    ],
)
def test_a_no_of_telegrams_is_understood(
    webhook: TelegramServer, url: str, allowance: int, verdict: Verdict
) -> None:
    """How long to wait stands in the body alone."""
    webhook.allowance = allowance

    assert AppriseChannel("ops", url).send(examples.step_message(), 15) == verdict
    assert len(webhook.requests) == 1


@pytest.mark.parametrize("text", ["<b>open", "<u>x</u>", "x" * 4097, " "])
def test_a_text_that_telegram_cannot_show_is_refused(webhook: TelegramServer, text: str) -> None:
    """The server of these tests would notice."""
    letter = letter_for("tgram", examples.step_message())._replace(body=text)

    assert hand_over(URL, letter) == Verdict(REFUSED, "400")
    assert len(webhook.requests) == 1


@pytest.mark.parametrize(
    ("parameters", "header", "expected"),
    [
        ({"retry_after": 5}, None, 5.0),
        ({"retry_after": 5.5}, "9", 5.5),
        ({"retry_after": 0}, "9", 0.0),
        ({"retry_after": -1}, "9", 9.0),
        ({"retry_after": "5"}, "9", 9.0),
        ({"retry_after": True}, "9", 9.0),
        ({"retry_after": 1e300}, "9", 9.0),
        ({}, "9", 9.0),
        ([], "9", 9.0),
        (None, None, None),
    ],
)
def test_a_wait_is_read_where_it_is_one(
    parameters: object, header: str | None, expected: float | None
) -> None:
    """What is no number of seconds is not believed; the header is next."""
    body = msgspec.json.encode({"ok": False, "error_code": 429, "parameters": parameters})

    assert judge("tgram", Reply(429, header, body=body)) == Verdict(RETRY, "429", expected)


@pytest.mark.parametrize("url", [f"tgram://{TOKEN}", f"tgram://{TOKEN}/", f"tgram://{TOKEN}/no.chat"])
def test_without_a_chat_nobody_is_looked_for(webhook: TelegramServer, url: str) -> None:
    """Apprise would ask for the bot's mail, and write to whoever wrote first."""
    with pytest.raises(ChannelError) as caught:
        AppriseChannel("ops", url)

    told = "Channel ops has no chat in its url; write tgram://BOT_TOKEN/CHAT or tgram://BOT_TOKEN/CHAT:TOPIC."
    assert str(caught.value) == told
    assert webhook.requests == []


def test_two_chats_are_two_channels() -> None:
    """Each is told once."""
    with pytest.raises(ChannelError, match="has 2 targets"):
        AppriseChannel("ops", f"{URL}/99")
