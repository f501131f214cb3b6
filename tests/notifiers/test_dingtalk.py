"""What a DingTalk bot is sent, checked by a server that knows DingTalk's rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import msgspec
import pytest

from notifiers.alerts import Kind
from notifiers.apprise_channel import AppriseChannel, ChannelError, Style
from notifiers.languages import LANGUAGES, LanguageCode
from notifiers.messages import Content, digest
from notifiers.saying import Reader
from notifiers.services.bots import signature
from notifiers.services.catalog import open_service
from notifiers.services.dingtalk import DingTalk
from notifiers.verdicts import Outcome, Reply, Verdict, judge
from tests.fakes.bot_servers import DingTalkServer
from tests.notifiers import examples
from tests.notifiers.letters import hand_over, letter_for

SENT, RETRY, REFUSED, UNKNOWN = Outcome
TOKEN: Final = "566cc69da782ec33f42541b09b08551f09fbe864eb8008112e994b43887"
SECRET: Final = "SECthisissecret"
URL: Final = f"dingtalk://{SECRET}@{TOKEN}"
OWN_URL: Final = f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"

pytestmark = pytest.mark.usefixtures("internet")


@pytest.fixture
def webhook() -> Iterator[DingTalkServer]:
    """DingTalk, in place of every host, with a bot that wants signatures."""
    with DingTalkServer(TOKEN) as server:
        server.secret = SECRET
        yield server


def text_of(server: DingTalkServer) -> str:
    """What the last request would show."""
    return str(server.requests[-1].json["markdown"]["text"])


@pytest.mark.parametrize("language", list(LanguageCode))
@pytest.mark.parametrize("make", examples.EVERY)
def test_a_message_is_one_signed_request_that_dingtalk_takes(
    webhook: DingTalkServer, make: Callable[[], Content], language: LanguageCode
) -> None:
    """In either language, and whatever is told."""
    channel = AppriseChannel("ops", URL, style=Style(Reader(LANGUAGES[language])))

    assert channel.send(make(), 15) == Verdict(SENT)
    assert [request.path for request in webhook.requests] == ["/oapi.dingtalk.com/robot/send"]


# By openssl: printf '%s\n%s' TIMESTAMP SECRET | openssl dgst -sha256 -hmac SECRET -binary | base64
@pytest.mark.parametrize(
    ("timestamp", "sign"),
    [
        (1700000000000, "azrqDJMNHPof7+WgNaBmtWpetwsQOkG9SrD5xjc7Svs="),
        (1700000000002, "s/RjhuizCJ95/fXN5JQ1VZfK2HeTZhYCae7lq2keFr8="),
        (1700000000005, "wm0+m61J+VPJlaZ9L7y3+/pyuUnzuvmbHquLGgLTgPU="),
    ],
)
def test_the_signature_is_encoded_once(webhook: DingTalkServer, timestamp: int, sign: str) -> None:
    """Known signatures with everything in them that a URL has to encode."""
    bot = DingTalk(token=TOKEN, secret=SECRET, now=lambda: timestamp / 1000)
    bot.deliver(letter_for("dingtalk", examples.step_message()))
    encoded = sign.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")

    assert signature(key=SECRET, text=f"{timestamp}\n{SECRET}") == sign
    assert webhook.requests[0].query == f"access_token={TOKEN}&timestamp={timestamp}&sign={encoded}"


@pytest.mark.parametrize("hours", [-1.1, 1.1])
def test_a_clock_that_is_an_hour_off_is_refused(webhook: DingTalkServer, hours: float) -> None:
    """With the same code as a wrong signature has; within the hour all is well."""
    webhook.clock = lambda: 1_700_000_000.0
    letter = letter_for("dingtalk", examples.step_message())
    for drift in (0.9, hours):
        moment = 1_700_000_000.0 + 3600 * drift
        DingTalk(token=TOKEN, secret=SECRET, now=partial(float, moment)).deliver(letter)

    assert [webhook.judge(request)["errcode"] for request in webhook.requests] == [0, 310000]


@pytest.mark.parametrize(
    "url",
    [
        URL,
        f"dingtalk://{TOKEN}?secret={SECRET}",
        f"{OWN_URL}&secret={SECRET}",
        f"{OWN_URL.replace('/send', '/send/')}&secret={SECRET}&rto=3",
    ],
)
@pytest.mark.usefixtures("webhook")
def test_the_secret_is_found_wherever_it_stands(url: str) -> None:
    """Also in the bot's own address, which DingTalk hands out without it."""
    assert AppriseChannel("ops", url).send(examples.step_message(), 15) == Verdict(SENT)


@pytest.mark.parametrize("url", [f"dingtalk://{TOKEN}", OWN_URL])
def test_without_a_secret_nothing_is_signed(webhook: DingTalkServer, url: str) -> None:
    """A bot may be guarded by a keyword or an address instead."""
    webhook.secret = None

    assert AppriseChannel("ops", url).send(examples.step_message(), 15) == Verdict(SENT)
    assert webhook.requests[0].query == f"access_token={TOKEN}"


@pytest.mark.parametrize(
    "url",
    [
        "https://oapi.dingtalk.com/robot/send",
        "https://oapi.dingtalk.com/robot/send?access_token=",
        f"https://oapi.dingtalk.com/robot/other?access_token={TOKEN}",
        "https://oapi.dingtalk.com/robot/send?access_token=a%2Fb",
    ],
)
def test_another_address_of_dingtalks_is_none(url: str) -> None:
    """Only a bot's is."""
    with pytest.raises(ChannelError, match="no service knows"):
        AppriseChannel("ops", url)


@pytest.mark.parametrize(
    ("url", "allowance", "verdict"),
    [
        (f"dingtalk://{SECRET}@anothertoken", 20, Verdict(REFUSED, "300005")),
        (f"dingtalk://SECwrong@{TOKEN}", 20, Verdict(REFUSED, "310000")),
        (f"dingtalk://{TOKEN}", 20, Verdict(REFUSED, "310000")),
        (URL, 0, Verdict(RETRY, "130101")),
    ],
)
def test_a_no_of_dingtalks_is_understood(
    webhook: DingTalkServer, url: str, allowance: int, verdict: Verdict
) -> None:
    """The status is 200 all the same."""
    webhook.allowance = allowance

    assert AppriseChannel("ops", url).send(examples.step_message(), 15) == verdict
    assert len(webhook.requests) == 1


@pytest.mark.parametrize(
    ("body", "verdict"),
    [("状" * 7000, Verdict(REFUSED, "460101")), ("", Verdict(REFUSED, "40035"))],
)
@pytest.mark.usefixtures("webhook")
def test_a_body_that_dingtalk_cannot_show_is_not_taken(body: str, verdict: Verdict) -> None:
    """Too many bytes, which are not characters, or none."""
    letter = letter_for("dingtalk", examples.step_message())._replace(body=body)

    assert hand_over(URL, letter) == verdict


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (-1, RETRY),
        (130101, RETRY),
        (410100, RETRY),
        (430101, REFUSED),
        (300001, REFUSED),
        (300005, REFUSED),
        (310000, REFUSED),
        (400013, REFUSED),
        (400101, REFUSED),
        (400102, REFUSED),
        (400105, REFUSED),
        (400106, REFUSED),
    ],
)
def test_dingtalks_codes_are_judged(code: int, outcome: Outcome) -> None:
    """What is the token's, the bot's or the group's fault does not get better by itself."""
    reply = Reply(200, body=msgspec.json.encode({"errcode": code, "errmsg": "…"}))

    assert judge("dingtalk", reply) == Verdict(outcome, str(code))


@pytest.mark.parametrize(
    ("make", "called"),
    [
        (examples.failed_message, ["13812345678", "13912345678"]),
        (examples.unreachable_message, ["13812345678", "13912345678"]),
        (examples.fleet_digest, ["13812345678", "13912345678"]),
        (examples.step_message, []),
        (examples.completed_message, []),
    ],
)
@pytest.mark.parametrize(
    "url",
    [f"{URL}/13812345678/13912345678", f"{OWN_URL}&secret={SECRET}&to=13812345678,13912345678"],
)
def test_people_are_called_only_when_something_is_to_do(
    webhook: DingTalkServer, url: str, make: Callable[[], Content], called: list[str]
) -> None:
    """A warning or a failure; they are one group and one request, however many they are."""
    assert AppriseChannel("ops", url).send(make(), 15) == Verdict(SENT)

    assert webhook.called == called
    assert ("at" in webhook.requests[0].json) is bool(called)
    assert len(webhook.requests) == 1


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("13812345678/zhangsan", "calls somebody by what is no phone number."),
        ("12", "calls somebody by what is no phone number."),
        ("/".join(str(13_800_000_000 + number) for number in range(11)), "calls more than 10 people."),
    ],
)
def test_who_cannot_be_called_is_an_error_at_once(path: str, sentence: str) -> None:
    """It says what is wrong, and neither token nor numbers."""
    with pytest.raises(ChannelError) as caught:
        AppriseChannel("ops", f"{URL}/{path}")

    assert str(caught.value) == f"Channel ops {sentence}"


def test_the_title_is_a_preview_and_a_heading(webhook: DingTalkServer) -> None:
    """DingTalk shows it only in the notification, so that the text begins with it too."""
    AppriseChannel("ops", URL).send(examples.failed_message(), 15)
    markdown = webhook.requests[0].json["markdown"]

    assert "orders" in markdown["title"]
    assert markdown["text"].startswith(f"#### {markdown['title']}\n\n")
    assert sorted(markdown["text"].splitlines()[-1].split(" | ")) == [
        f"[Console]({examples.LINKS[1].url})",
        f"[Status page]({examples.LINKS[0].url})",
    ]


@pytest.mark.parametrize("make", examples.EVERY)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_lines_stay_apart(make: Callable[[], Content], language: str) -> None:
    """A single line break is none in DingTalk: what goes on after one is an item of a list."""
    body = letter_for("dingtalk", make(), language).body

    assert re.findall(r"[^\n]\n(?!\n|- )", body) == []


@pytest.mark.parametrize("language", list(LanguageCode))
def test_the_longest_message_still_has_room_for_a_call(
    webhook: DingTalkServer, language: LanguageCode
) -> None:
    """The limit counts the bytes of the whole request."""
    phones = [str(13_800_000_000 + number) for number in range(10)]
    told = [examples.told_of("很长" * 30, Kind.FAILED, f"T{number}", seconds=60) for number in range(300)]
    channel = AppriseChannel("ops", f"{URL}/{'/'.join(phones)}", style=Style(Reader(LANGUAGES[language])))

    assert channel.send(digest(told, examples.OVERVIEW), 15) == Verdict(SENT)
    assert webhook.called == phones
    assert 17_000 < len(webhook.requests[0].body) <= 20_000


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("make", [examples.hostile_message, examples.hostile_digest])
def test_hostile_texts_call_nobody_and_mark_nothing_up(
    webhook: DingTalkServer, make: Callable[[], Content], language: str
) -> None:
    """No tag, no mention, and all links lead where ours do."""
    letter = letter_for("dingtalk", make(), language)

    assert hand_over(f"{URL}/13812345678", letter) == Verdict(SENT)
    assert webhook.called == ["13812345678"]
    assert re.findall(r"[<@]", letter.body) == []
    addresses = re.findall(r"\]\(([^)]*)\)", letter.body)
    assert addresses
    assert all(re.match(r"https://(headway|console)\.example\.com", address) for address in addresses)


def test_there_is_no_pause_between_messages(webhook: DingTalkServer) -> None:
    """Apprise would wait for seconds."""
    channel = AppriseChannel("ops", URL)

    assert open_service("ops", URL).plugin.request_rate_per_sec == 0
    assert [channel.send(examples.step_message(), 15).outcome for _ in range(3)] == [SENT] * 3
    assert len(webhook.requests) == 3


def test_nothing_shows_token_or_secret() -> None:
    """Neither the channel nor the service behind it, whatever prints them."""
    shown = f"{AppriseChannel('ops', URL)!r} {open_service('ops', URL).plugin}"

    assert TOKEN not in shown
    assert SECRET not in shown
