"""What bots of Feishu and Lark are sent, checked by a server that knows Feishu's rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import msgspec
import pytest

from notifiers.alerts import Kind
from notifiers.apprise_channel import AppriseChannel, ChannelError, Style
from notifiers.languages import LANGUAGES, LanguageCode
from notifiers.messages import Content, digest
from notifiers.saying import Reader
from notifiers.services.bots import signature
from notifiers.services.catalog import open_service
from notifiers.services.feishu import Feishu
from notifiers.verdicts import Outcome, Reply, Verdict, judge
from tests.fakes.bot_servers import FeishuServer, faults
from tests.notifiers import examples
from tests.notifiers.letters import hand_over, letter_for

SENT, RETRY, REFUSED, UNKNOWN = Outcome
TOKEN: Final = "693a91f6-7abc-4bc4-97a0-0ec2a1f5aaaa"
SECRET: Final = "zMMu6Jn2hTkSecret"
HOOKS: Final = {
    "feishu": f"open.feishu.cn/open-apis/bot/v2/hook/{TOKEN}",
    "lark": f"open.larksuite.com/open-apis/bot/v2/hook/{TOKEN}",
}
URL: Final = f"feishu://{SECRET}@{TOKEN}"

pytestmark = pytest.mark.usefixtures("internet")
each_schema = pytest.mark.parametrize("schema", HOOKS)


@pytest.fixture
def webhook() -> Iterator[FeishuServer]:
    """Feishu, in place of every host, with a bot that wants signatures."""
    with FeishuServer(TOKEN) as server:
        server.secret = SECRET
        yield server


def texts_in(value: Any) -> list[str]:  # noqa: ANN401 - JSON
    """All that stands in a card as text."""
    if isinstance(value, list):
        return [text for one in value for text in texts_in(one)]
    if not isinstance(value, dict):
        return []
    own = [value["content"]] if "content" in value else []
    return own + [text for one in value.values() for text in texts_in(one)]


@each_schema
@pytest.mark.parametrize("language", list(LanguageCode))
@pytest.mark.parametrize("make", examples.EVERY)
def test_a_message_is_one_signed_card_that_feishu_takes(
    webhook: FeishuServer, schema: str, make: Callable[[], Content], language: LanguageCode
) -> None:
    """In either language, and whatever is told."""
    channel = AppriseChannel("ops", f"{schema}://{SECRET}@{TOKEN}", style=Style(Reader(LANGUAGES[language])))

    assert channel.send(make(), 15) == Verdict(SENT)
    assert [request.path for request in webhook.requests] == [f"/{HOOKS[schema]}"]


# By openssl: printf '' | openssl dgst -sha256 -mac HMAC -macopt hexkey:HEX -binary | base64
@pytest.mark.parametrize(
    ("timestamp", "secret", "sign"),
    [
        (1756800000, "orbit-test-secret", "sN+9ZKa5w6BQmKyxCaxNA1DWEgtEnZaOcfEOCqZ26fg="),
        (1700000000, "this is secret", "OfGzRzoUICBOoc8wVra1e4A1hPfbZ9zqXozA8CWVUuY="),
    ],
)
def test_the_signature_is_feishus(webhook: FeishuServer, timestamp: int, secret: str, sign: str) -> None:
    """Known signatures; the moment is a text, in seconds."""
    bot = Feishu(token=TOKEN, qsd={"secret": secret}, now=lambda: float(timestamp))
    bot.deliver(letter_for("feishu", examples.step_message()))
    payload = webhook.requests[0].json

    assert signature(key=f"{timestamp}\n{secret}", text="") == sign
    assert (payload["timestamp"], payload["sign"]) == (str(timestamp), sign)


@pytest.mark.parametrize("hours", [-1.1, 1.1])
def test_a_clock_that_is_an_hour_off_is_refused(webhook: FeishuServer, hours: float) -> None:
    """With the same code as a wrong signature has; within the hour all is well."""
    webhook.clock = lambda: 1_700_000_000.0
    letter = letter_for("feishu", examples.step_message())
    for drift in (0.9, hours):
        moment = 1_700_000_000.0 + 3600 * drift
        Feishu(token=TOKEN, user=SECRET, now=partial(float, moment)).deliver(letter)

    assert [webhook.judge(request)["code"] for request in webhook.requests] == [0, 19021]


@each_schema
@pytest.mark.parametrize(
    "url",
    [
        "{schema}://{secret}@{token}",
        "{schema}://{token}?secret={secret}",
        "https://{hook}?secret={secret}",
        "https://{hook}/?secret={secret}&rto=3",
    ],
)
@pytest.mark.usefixtures("webhook")
def test_the_secret_is_found_wherever_it_stands(schema: str, url: str) -> None:
    """Also in the bot's own address, which the vendor hands out without it."""
    address = url.format(schema=schema, secret=SECRET, token=TOKEN, hook=HOOKS[schema])

    assert AppriseChannel("ops", address).send(examples.step_message(), 15) == Verdict(SENT)


@pytest.mark.parametrize(
    "url",
    ["feishu://s%2Be%25c@{token}", "feishu://{token}?secret=s%2Be%25c", "https://{hook}?secret=s%2Be%25c"],
)
def test_a_secret_may_hold_anything(webhook: FeishuServer, url: str) -> None:
    """As long as it is encoded for a URL, once."""
    webhook.secret = "s+e%c"
    address = url.format(token=TOKEN, hook=HOOKS["feishu"])

    assert AppriseChannel("ops", address).send(examples.step_message(), 15) == Verdict(SENT)


@each_schema
def test_without_a_secret_nothing_is_signed(webhook: FeishuServer, schema: str) -> None:
    """A bot may be guarded by a keyword or an address instead."""
    webhook.secret = None

    assert AppriseChannel("ops", f"https://{HOOKS[schema]}").send(examples.step_message(), 15) == Verdict(
        SENT
    )
    assert set(webhook.requests[0].json) == {"msg_type", "card"}


@pytest.mark.parametrize(
    "path", ["", "open-apis/bot/v2/hook/", f"open-apis/bot/v2/hook/{TOKEN}/more", "open-apis/bot/v2/hook/a@b"]
)
def test_another_address_of_feishus_is_none(path: str) -> None:
    """Only a bot's is."""
    with pytest.raises(ChannelError, match="no service knows"):
        AppriseChannel("ops", f"https://open.feishu.cn/{path}")


@each_schema
@pytest.mark.parametrize(
    ("url", "allowance", "verdict"),
    [
        (f"{SECRET}@another-token", 20, Verdict(REFUSED, "19001")),
        (f"wrong@{TOKEN}", 20, Verdict(REFUSED, "19021")),
        (TOKEN, 20, Verdict(REFUSED, "19021")),
        (f"{SECRET}@{TOKEN}", 0, Verdict(RETRY, "11232")),
    ],
)
def test_a_no_of_feishus_is_understood(
    webhook: FeishuServer, schema: str, url: str, allowance: int, verdict: Verdict
) -> None:
    """The status is 200 all the same."""
    webhook.allowance = allowance

    assert AppriseChannel("ops", f"{schema}://{url}").send(examples.step_message(), 15) == verdict
    assert len(webhook.requests) == 1


@pytest.mark.parametrize("content", ["状" * 7000, ""])
@pytest.mark.usefixtures("webhook")
def test_a_card_that_feishu_cannot_show_is_not_taken(content: str) -> None:
    """Too many bytes, which are not characters, or an element without any."""
    letter = letter_for("feishu", examples.step_message())
    card = json.loads(letter.body)
    card["elements"][0]["text"]["content"] = content

    assert hand_over(URL, letter._replace(body=json.dumps(card, ensure_ascii=False))) == Verdict(
        REFUSED, "9499"
    )


@each_schema
@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ({"StatusCode": 0, "StatusMessage": "success", "code": 0, "msg": "success"}, Verdict(SENT)),
        ({"code": 0, "msg": "success"}, Verdict(SENT)),
        ({"Extra": None, "StatusCode": 0, "StatusMessage": "success"}, Verdict(SENT)),
        ({"StatusCode": 9499, "StatusMessage": "fail to parse content"}, Verdict(REFUSED, "9499")),
        ({"code": 19022, "msg": "Ip Not Allowed"}, Verdict(REFUSED, "19022")),
        ({"code": 19024, "msg": "Key Words Not Found"}, Verdict(REFUSED, "19024")),
        ({"msg": "success"}, Verdict(UNKNOWN, "200")),
    ],
)
def test_feishus_codes_are_judged_under_either_name(
    schema: str, said: dict[str, object], verdict: Verdict
) -> None:
    """Feishu keeps the old name beside the new one."""
    assert judge(schema, Reply(200, body=msgspec.json.encode(said))) == verdict


@pytest.mark.parametrize(
    ("make", "colour"),
    [
        (examples.failed_message, "red"),
        (examples.unreachable_message, "orange"),
        (examples.completed_message, "green"),
        (examples.step_message, "blue"),
    ],
)
def test_a_card_has_the_severitys_colour_and_leads_on(
    webhook: FeishuServer, make: Callable[[], Content], colour: str
) -> None:
    """The title is the head, and the links are buttons."""
    content = make()
    AppriseChannel("ops", URL).send(content, 15)
    card = webhook.requests[0].json["card"]
    links = [link.url for message in content.messages for link in message.situation.links]
    buttons = [one for element in card["elements"] for one in element.get("actions", [])]

    assert card["header"]["template"] == colour
    assert "orders" in card["header"]["title"]["content"]
    assert sorted(button["url"] for button in buttons) == sorted(links)


def test_a_card_without_anything_but_a_title_is_none_of_an_empty_body() -> None:
    """Without links there is no row of buttons, which may not be empty, and something always stands below."""
    bare = examples.told_of("orders", Kind.CANCELLED)
    bare = msgspec.structs.replace(
        bare, situation=msgspec.structs.replace(bare.situation, links=(), percent=None)
    )
    card = json.loads(letter_for("feishu", bare).body)

    assert list(faults(card)) == []
    assert [element["tag"] for element in card["elements"]] == ["div"]


def test_a_digest_leads_to_each_change_as_long_as_there_are_few(webhook: FeishuServer) -> None:
    """A button each; of many, the others are only told of."""
    told = [examples.told_of(f"orders-{number:03}", Kind.COMPLETED) for number in range(60)]
    AppriseChannel("ops", URL).send(digest(told, examples.OVERVIEW), 15)
    card = webhook.requests[0].json["card"]
    addresses = [element["extra"]["url"] for element in card["elements"] if "extra" in element]

    assert addresses == [message.situation.links[0].url for message in told[:20]]
    assert all(any(message.situation.name in text for text in texts_in(card)) for message in told)


@pytest.mark.parametrize("language", list(LanguageCode))
def test_the_longest_message_keeps_to_feishus_size(webhook: FeishuServer, language: LanguageCode) -> None:
    """The limit counts the bytes of the whole request."""
    told = [examples.told_of("很长" * 30, Kind.FAILED, f"T{number}", seconds=60) for number in range(300)]
    channel = AppriseChannel("ops", URL, style=Style(Reader(LANGUAGES[language])))

    assert channel.send(digest(told, examples.OVERVIEW), 15) == Verdict(SENT)
    assert 17_000 < len(webhook.requests[0].body) <= 20_000


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("make", [examples.hostile_message, examples.hostile_digest])
def test_hostile_texts_stay_what_they_are(
    webhook: FeishuServer, make: Callable[[], Content], language: str
) -> None:
    """They stand in plain text, which knows no markup, and break no JSON."""
    letter = letter_for("feishu", make(), language)

    assert hand_over(URL, letter) == Verdict(SENT)
    card = webhook.requests[0].json["card"]
    assert list(faults(card)) == []
    assert any("<!channel>" in text for text in texts_in(card))
    assert "lark_md" not in letter.body


def test_there_is_no_pause_between_messages(webhook: FeishuServer) -> None:
    """Apprise would wait for seconds, for Lark even before the first."""
    for schema in HOOKS:
        url = f"{schema}://{SECRET}@{TOKEN}"
        channel = AppriseChannel("ops", url)

        assert open_service("ops", url).plugin.request_rate_per_sec == 0
        assert [channel.send(examples.step_message(), 15).outcome for _ in range(2)] == [SENT] * 2
    assert len(webhook.requests) == 4


@each_schema
def test_nothing_shows_token_or_secret(schema: str) -> None:
    """Neither the channel nor the service behind it, whatever prints them."""
    url = f"{schema}://{SECRET}@{TOKEN}"
    shown = f"{AppriseChannel('ops', url)!r} {open_service('ops', url).plugin}"

    assert TOKEN not in shown
    assert SECRET not in shown
