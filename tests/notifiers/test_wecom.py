"""What a WeCom bot is sent, checked by a server that knows WeCom's rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

import msgspec
import pytest

from notifiers.alerts import Kind
from notifiers.apprise_channel import AppriseChannel, ChannelError, Style
from notifiers.languages import LANGUAGES, LanguageCode
from notifiers.messages import Content, digest
from notifiers.saying import Reader
from notifiers.services.catalog import open_service
from notifiers.services.wecom import CALL_BYTES_MAX
from notifiers.verdicts import Outcome, Reply, Verdict, judge
from tests.fakes.bot_servers import FONT, WeComServer
from tests.notifiers import examples
from tests.notifiers.letters import hand_over, letter_for

SENT, RETRY, REFUSED, UNKNOWN = Outcome
KEY: Final = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
URL: Final = f"wecombot://{KEY}"
OWN_URL: Final = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"

pytestmark = pytest.mark.usefixtures("internet")


@pytest.fixture
def webhook() -> Iterator[WeComServer]:
    """WeCom, in place of every host."""
    with WeComServer(KEY) as server:
        yield server


def content_of(server: WeComServer) -> str:
    """What the last request would show."""
    return str(server.requests[-1].json["markdown"]["content"])


@pytest.mark.parametrize("language", list(LanguageCode))
@pytest.mark.parametrize("make", examples.EVERY)
def test_a_message_is_one_request_that_wecom_takes(
    webhook: WeComServer, make: Callable[[], Content], language: LanguageCode
) -> None:
    """In either language, and whatever is told."""
    channel = AppriseChannel("ops", URL, style=Style(Reader(LANGUAGES[language])))

    assert channel.send(make(), 15) == Verdict(SENT)
    assert [request.path for request in webhook.requests] == ["/qyapi.weixin.qq.com/cgi-bin/webhook/send"]
    assert webhook.requests[0].query == f"key={KEY}"


def test_the_bots_own_address_is_as_good(webhook: WeComServer) -> None:
    """People paste what WeCom shows them."""
    channel = AppriseChannel("ops", f"{OWN_URL}&mention=zhangsan")

    assert channel.send(examples.failed_message(), 15) == Verdict(SENT)
    assert webhook.called == ["zhangsan"]


def test_the_title_is_bold_and_coloured_and_the_links_can_be_followed(webhook: WeComServer) -> None:
    """The markup is WeCom's: three colours, quotes, links."""
    AppriseChannel("ops", URL).send(examples.failed_message(), 15)
    lines = content_of(webhook).splitlines()

    assert re.fullmatch(r'\*\*<font color="warning">.*orders.*</font>\*\*', lines[0])
    assert sorted(lines[-1].split(" | ")) == [
        f"[Console]({examples.LINKS[1].url})",
        f"[Status page]({examples.LINKS[0].url})",
    ]
    assert any(line.startswith("> ") for line in lines)


@pytest.mark.parametrize(
    ("url", "allowance", "verdict"),
    [
        ("wecombot://another-key", 20, Verdict(REFUSED, "93000")),
        (URL, 0, Verdict(RETRY, "45009")),
    ],
)
def test_a_no_of_wecoms_is_understood(
    webhook: WeComServer, url: str, allowance: int, verdict: Verdict
) -> None:
    """The status is 200 all the same."""
    webhook.allowance = allowance

    assert AppriseChannel("ops", url).send(examples.step_message(), 15) == verdict
    assert len(webhook.requests) == 1


@pytest.mark.parametrize(("body", "code"), [("状" * 1400, "40058"), ("", "44004")])
@pytest.mark.usefixtures("webhook")
def test_a_body_that_wecom_cannot_show_is_refused(body: str, code: str) -> None:
    """Too many bytes, which are not characters, or none."""
    letter = letter_for("wecombot", examples.step_message())._replace(body=body)

    assert hand_over(URL, letter) == Verdict(REFUSED, code)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (-1, RETRY),
        (40008, REFUSED),
        (40058, REFUSED),
        (44004, REFUSED),
        (45002, REFUSED),
        (45009, RETRY),
        (45033, RETRY),
        (60020, REFUSED),
        (93000, REFUSED),
        (93004, REFUSED),
        (93008, REFUSED),
    ],
)
def test_wecoms_codes_are_judged(code: int, outcome: Outcome) -> None:
    """What is the key's, the bot's or the message's fault does not get better by itself."""
    reply = Reply(200, body=msgspec.json.encode({"errcode": code, "errmsg": "…"}))

    assert judge("wecombot", reply) == Verdict(outcome, str(code))


@pytest.mark.parametrize(
    ("make", "called"),
    [
        (examples.failed_message, ["zhangsan", "li.si@corp"]),
        (examples.unreachable_message, ["zhangsan", "li.si@corp"]),
        (examples.fleet_digest, ["zhangsan", "li.si@corp"]),
        (examples.step_message, []),
        (examples.completed_message, []),
    ],
)
def test_people_are_called_only_when_something_is_to_do(
    webhook: WeComServer, make: Callable[[], Content], called: list[str]
) -> None:
    """A warning or a failure; nobody is woken for a step."""
    AppriseChannel("ops", f"{URL}?mention=zhangsan,%20li.si@corp").send(make(), 15)

    assert webhook.called == called


def test_without_a_mention_in_the_url_nobody_is_called(webhook: WeComServer) -> None:
    """Whatever has happened."""
    AppriseChannel("ops", URL).send(examples.failed_message(), 15)

    assert webhook.called == []


@pytest.mark.parametrize(
    ("mention", "sentence"),
    [
        *(
            (who, "mentions everybody, which WeCom's Markdown cannot; write its members' user IDs.")
            for who in ("@all", "zhangsan,@ALL", "all", "%40all")
        ),
        *(
            (who, "mentions somebody by what is no user ID of WeCom's.")
            for who in ("zhang%20san", "a%3E%3C@b", "张三", "x" * 65, "a%0Ab")
        ),
        (",".join(["x" * 64] * 6), "mentions more people than fit into a message."),
    ],
)
def test_who_cannot_be_called_is_an_error_at_once(mention: str, sentence: str) -> None:
    """It says what is wrong, and neither the key nor the names."""
    with pytest.raises(ChannelError) as caught:
        AppriseChannel("ops", f"{URL}?mention={mention}")

    assert str(caught.value) == f"Channel ops {sentence}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("language", list(LanguageCode))
def test_the_longest_message_still_has_room_for_a_call(webhook: WeComServer, language: LanguageCode) -> None:
    """The limit counts bytes, and the call is among them."""
    called = ",".join(f"{'x' * 60}{number}" for number in range(6))
    told = [examples.told_of("很长" * 30, Kind.FAILED, f"T{number}", seconds=60) for number in range(99)]
    channel = AppriseChannel("ops", f"{URL}?mention={called}", style=Style(Reader(LANGUAGES[language])))

    assert channel.send(digest(told, examples.OVERVIEW), 15) == Verdict(SENT)
    assert webhook.called == called.split(",")
    assert 3000 < len(content_of(webhook).encode()) <= 4096
    assert len(f"\n{' '.join(f'<@{one}>' for one in webhook.called)}") <= CALL_BYTES_MAX


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("make", [examples.hostile_message, examples.hostile_digest])
def test_hostile_texts_call_nobody_and_mark_nothing_up(
    webhook: WeComServer, make: Callable[[], Content], language: str
) -> None:
    """All tags are our colours, and all links lead where ours do."""
    letter = letter_for("wecombot", make(), language)

    assert hand_over(URL, letter) == Verdict(SENT)
    assert webhook.called == []
    assert "<" not in FONT.sub("", letter.body)
    assert "<!" not in letter.body
    addresses = re.findall(r"\]\(([^)]*)\)", letter.body)
    assert addresses
    assert all(re.match(r"https://(headway|console)\.example\.com", address) for address in addresses)


def test_there_is_no_pause_between_messages(webhook: WeComServer) -> None:
    """Apprise would wait for seconds."""
    channel = AppriseChannel("ops", URL)

    assert open_service("ops", URL).plugin.request_rate_per_sec == 0
    assert [channel.send(examples.step_message(), 15).outcome for _ in range(3)] == [SENT] * 3
    assert len(webhook.requests) == 3
