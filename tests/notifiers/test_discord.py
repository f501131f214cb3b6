"""What a Discord webhook is sent, checked by a server that knows Discord's limits and whom it would call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given

from notifiers.apprise_channel import AppriseChannel, ChannelError
from notifiers.messages import Content
from notifiers.verdicts import Outcome, Reply, Verdict, judge
from tests.fakes.chat_servers import DiscordServer
from tests.notifiers import examples
from tests.notifiers.contents import CONTENTS, EXAMPLES, ON_ONE_SERVER, TOLD
from tests.notifiers.letters import hand_over, letter_for

SENT, RETRY, REFUSED, UNKNOWN = Outcome
ADDRESS: Final = "4174216298/JHKLJHDIEDKSUgtoken"
URL: Final = f"discord://{ADDRESS}"
LINK: Final = re.compile(r"\[[^\[\]]*\]\(https://(?:headway|console)\.example\.com[^()\s]*\)")

pytestmark = pytest.mark.usefixtures("internet")


@pytest.fixture
def webhook() -> Iterator[DiscordServer]:
    """Discord, in place of every host."""
    with DiscordServer(ADDRESS, frozenset({"77"})) as server:
        yield server


def sent_to(server: DiscordServer) -> dict[str, Any]:
    """The only message that it was sent."""
    (request,) = server.requests
    message: dict[str, Any] = request.json
    return message


@pytest.mark.parametrize(("name", "language"), TOLD)
def test_a_message_is_one_request_that_discord_takes(
    webhook: DiscordServer, name: str, language: str
) -> None:
    """Of every kind, in both languages, and the largest there can be."""
    assert hand_over(URL, letter_for("discord", EXAMPLES[name], language)) == Verdict(SENT)
    assert len(webhook.requests) == 1


@ON_ONE_SERVER
@given(content=CONTENTS)
def test_whatever_is_told_is_taken_and_calls_nobody(webhook: DiscordServer, content: Content) -> None:
    """Of all brackets only our links' are left, and nobody may be mentioned."""
    letter = letter_for("discord", content)

    assert hand_over(URL, letter) == Verdict(SENT)
    assert webhook.called == []
    message = webhook.requests[-1].json
    assert message["allowed_mentions"] == {"parse": []}
    assert re.search(r"[\[\]<>`~|#@\\]", LINK.sub("", letter.body).replace(" | ", "")) is None
    assert re.search(r"[\[\]<>`~|#@\\]", message["content"]) is None


def test_the_title_stands_above_a_coloured_box(webhook: DiscordServer) -> None:
    """A push notification shows the text, so the title is one."""
    letter = letter_for("discord", examples.completed_message())

    hand_over(URL, letter)

    message = sent_to(webhook)
    assert message["content"] == f"**{letter.marked_title}**"
    assert message["embeds"] == [{"description": letter.body, "color": 0x15803D}]
    assert webhook.requests[0].query == "wait=true"


@pytest.mark.parametrize("host", ["discord.com", "discordapp.com"])
def test_the_webhooks_own_address_is_as_good(webhook: DiscordServer, host: str) -> None:
    """People paste what Discord shows them."""
    channel = AppriseChannel("ops", f"https://{host}/api/webhooks/{ADDRESS}?thread=77")

    assert channel.send(examples.step_message(), 15) == Verdict(SENT)
    assert webhook.requests[0].query == "wait=true&thread_id=77"


def test_the_urls_options_are_kept(webhook: DiscordServer) -> None:
    """Name, picture and flags are the reader's."""
    url = f"discord://Headway@{ADDRESS}?avatar_url=https://e.example/a.png&flags=4096&tts=no&fields=yes"

    assert AppriseChannel("ops", url).send(examples.step_message(), 15) == Verdict(SENT)
    wanted = {"username": "Headway", "avatar_url": "https://e.example/a.png", "flags": 4096, "tts": False}
    assert sent_to(webhook).items() >= wanted.items()


@pytest.mark.parametrize(
    ("make", "called"),
    [
        (examples.failed_message, ["@here", "12345", "12346", "678"]),
        (examples.unreachable_message, ["@here", "12345", "12346", "678"]),
        (examples.fleet_digest, ["@here", "12345", "12346", "678"]),
        (examples.step_message, []),
        (examples.completed_message, []),
    ],
)
def test_people_are_called_only_when_something_is_to_do(
    webhook: DiscordServer, make: Callable[[], Content], called: list[str]
) -> None:
    """A warning or a failure; nobody is woken for a step."""
    ping = "%3C@12345%3E,12346,%3C@%26678%3E,@here,12345"

    AppriseChannel("ops", f"{URL}?ping={ping}").send(make(), 15)

    assert sorted(webhook.called) == sorted(called)


def test_as_many_may_be_called_as_fit(webhook: DiscordServer) -> None:
    """The longest title has its place beside them."""
    ping = ",".join(f"%26{10**19 + number}" for number in range(50))
    content = EXAMPLES["largest_3"]

    assert AppriseChannel("ops", f"{URL}?ping={ping}").send(content, 15) == Verdict(SENT)
    assert len(webhook.called) == 50


@pytest.mark.parametrize(
    ("ping", "sentence"),
    [
        ("bob", "pings somebody by what is no ID of Discord's; write numbers, &numbers of roles, or @here."),
        (",".join(map(str, range(51))), "pings more than 50."),
    ],
)
def test_who_cannot_be_called_is_an_error_at_once(ping: str, sentence: str) -> None:
    """It says what is wrong, and not the token."""
    with pytest.raises(ChannelError) as caught:
        AppriseChannel("ops", f"{URL}?ping={ping}")

    assert str(caught.value) == f"Channel ops {sentence}"


@pytest.mark.parametrize(
    ("url", "allowance", "verdict"),
    [
        ("discord://1/another", 20, Verdict(REFUSED, "404")),
        (f"{URL}?thread=78", 20, Verdict(REFUSED, "400")),
        (URL, 0, Verdict(RETRY, "429", 64.57)),
    ],
)
def test_a_no_of_discords_is_understood(
    webhook: DiscordServer, url: str, allowance: int, verdict: Verdict
) -> None:
    """How long to wait stands in the body to the hundredth; nothing waits here, as apprise would."""
    webhook.allowance = allowance

    assert AppriseChannel("ops", url).send(examples.step_message(), 15) == verdict
    assert len(webhook.requests) == 1


def test_a_page_in_front_of_discord_tells_its_wait_in_the_header() -> None:
    """Cloudflare's 429 is no JSON."""
    assert judge("discord", Reply(429, "120", body=b"<html>")) == Verdict(RETRY, "429", 120.0)
    assert judge("discord", Reply(429, body=msgspec.json.encode({"retry_after": None}))) == Verdict(
        RETRY, "429"
    )


@pytest.mark.parametrize("body", ["x" * 4097, "🙂" * 2049, ""])
def test_a_body_that_discord_cannot_show_is_refused(webhook: DiscordServer, body: str) -> None:
    """Its characters are those of JavaScript."""
    letter = letter_for("discord", examples.step_message())._replace(body=body)

    assert hand_over(URL, letter) == Verdict(REFUSED, "400")
    assert len(webhook.requests) == 1
