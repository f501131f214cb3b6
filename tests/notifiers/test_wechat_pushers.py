"""What the pushers to one person's WeChat are sent: ServerChan, PushPlus, WxPusher."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given

from notifiers.alerts import Kind
from notifiers.apprise_channel import AppriseChannel, ChannelError
from notifiers.forms import Form, form_for
from notifiers.languages import LANGUAGES, LanguageCode
from notifiers.messages import Content, compose
from notifiers.rendering import Letter, write
from notifiers.saying import Reader
from notifiers.verdicts import Outcome, Reply, Verdict, judge
from tests.fakes.chat_servers import ChatServer
from tests.fakes.push_servers import PushPlusServer, ServerChanServer, WxPusherServer
from tests.notifiers import examples
from tests.notifiers.contents import CONTENTS, EXAMPLES, LONG_LINK, ON_ONE_SERVER, TOLD
from tests.notifiers.examples import alert, situation
from tests.notifiers.letters import hand_over, letter_for

SENT, RETRY, REFUSED, UNKNOWN = Outcome
KEY: Final = "SCT1234abcd"
THIRD_KEY: Final = "sctp42tabcdefgh"
TOKEN: Final = "abcdefghijklmnopqrstuvwxyz012345"
APP: Final = "AT_abcdefgh"
LINK: Final = re.compile(r"\[[^\[\]]*\]\(https://(?:headway|console)\.example\.com[^()\s]*\)")

SERVERS: Final[dict[str, tuple[str, ChatServer]]] = {
    "schan": (f"schan://{KEY}", ServerChanServer(f"/sctapi.ftqq.com/{KEY}.send")),
    "schan3": (f"schan://{THIRD_KEY}", ServerChanServer(f"/42.push.ft07.com/send/{THIRD_KEY}.send")),
    "pushplus": (f"pushplus://{TOKEN}", PushPlusServer(TOKEN)),
    "wecom": (f"wecom://{TOKEN}", PushPlusServer(TOKEN)),
    "wxpusher": (f"wxpusher://{APP}/UID_abc", WxPusherServer(APP, "UID_abc")),
}

pytestmark = pytest.mark.usefixtures("internet")


@pytest.fixture(params=SERVERS)
def pusher(request: pytest.FixtureRequest) -> str:
    """Each of them in turn."""
    return str(request.param)


@pytest.fixture
def webhook(pusher: str) -> Iterator[ChatServer]:
    """It, in place of every host."""
    _, server = SERVERS[pusher]
    server.requests.clear()
    server.allowance = 1_000_000
    with server:
        yield server


@cache
def example_letter(form: Form, name: str, language: str) -> Letter:
    """It is the same for all services of a form."""
    return write(EXAMPLES[name], Reader(LANGUAGES[LanguageCode(language)]), form)


@pytest.mark.parametrize(("name", "language"), TOLD)
def test_a_message_is_one_request_that_is_taken(
    webhook: ChatServer, pusher: str, name: str, language: str
) -> None:
    """Of every kind, in both languages, and the largest there can be."""
    url, _ = SERVERS[pusher]

    assert hand_over(url, example_letter(form_for(url.partition(":")[0]), name, language)) == Verdict(SENT)
    assert len(webhook.requests) == 1


@pytest.mark.parametrize("pusher", ["schan", "pushplus", "wxpusher"])
@ON_ONE_SERVER
@given(content=CONTENTS)
def test_whatever_is_told_is_taken_and_marks_nothing_up(
    webhook: ChatServer, pusher: str, content: Content
) -> None:
    """All brackets are our links', and there are no tags."""
    url, _ = SERVERS[pusher]
    letter = letter_for(url.partition(":")[0], content)

    assert hand_over(url, letter) == Verdict(SENT)
    assert re.search(r"[\[\]<>`~#@\\]", LINK.sub("", letter.body)) is None
    assert len(webhook.requests[-1].body) < 64 * 1024


@pytest.mark.parametrize("pusher", ["schan", "schan3"])
def test_serverchan_is_asked_where_the_key_belongs(webhook: ChatServer, pusher: str) -> None:
    """A key of the third generation holds a number that is part of the host's name."""
    url, _ = SERVERS[pusher]
    letter = letter_for("schan", examples.failed_message())

    hand_over(url, letter)

    assert webhook.requests[0].json == {"title": letter.title, "desp": letter.body}
    assert len(letter.title) <= 32


@pytest.mark.parametrize(
    ("pusher", "url", "fields"),
    [
        ("pushplus", f"pushplus://{TOKEN}", {"channel": "wechat"}),
        ("pushplus", f"pushplus://{TOKEN}/oncall", {"channel": "wechat", "topic": "oncall"}),
        ("pushplus", f"pushplus://{TOKEN}?channel=mail", {"channel": "mail"}),
        ("pushplus", f"pushplus://hook@{TOKEN}", {"channel": "webhook", "webhook": "hook"}),
        ("pushplus", f"https://www.pushplus.plus/send?token={TOKEN}", {"channel": "wechat"}),
        ("wecom", f"wecom://{TOKEN}", {"channel": "cp"}),
    ],
)
def test_pushplus_is_told_which_way(webhook: ChatServer, url: str, fields: dict[str, Any]) -> None:
    """To whom and through what the URL says."""
    letter = letter_for("pushplus", examples.failed_message())

    assert hand_over(url, letter) == Verdict(SENT)
    common = {"token": TOKEN, "title": letter.title, "content": letter.body, "template": "markdown"}
    assert webhook.requests[0].json == {**common, **fields}


@pytest.mark.parametrize("pusher", ["wxpusher"])
def test_wxpushers_page_has_the_title_too(webhook: ChatServer) -> None:
    """In the chat it is the summary."""
    letter = letter_for("wxpusher", examples.failed_message())

    hand_over(f"wxpusher://{APP}/UID_abc", letter)

    assert webhook.requests[0].json == {
        "appToken": APP,
        "content": f"### {letter.marked_title}\n\n{letter.body}",
        "summary": letter.title,
        "contentType": 3,
        "topicIds": [],
        "uids": ["UID_abc"],
        "url": letter.page,
    }


@pytest.mark.parametrize("pusher", ["wxpusher"])
def test_wxpusher_gets_no_link_longer_than_it_takes(webhook: ChatServer) -> None:
    """It would refuse all of it."""
    message = compose([alert(1, Kind.STARTED)], situation(links=(LONG_LINK,)), 0)

    assert AppriseChannel("ops", f"wxpusher://{APP}/UID_abc").send(message, 15) == Verdict(SENT)
    assert "url" not in webhook.requests[0].json


@pytest.mark.parametrize(
    ("pusher", "url", "verdict"),
    [
        ("schan", "schan://SCT0wrong", Verdict(REFUSED, "40001")),
        ("schan3", "schan://sctp42twrong", Verdict(REFUSED, "40001")),
        ("pushplus", f"pushplus://{'x' * 32}", Verdict(REFUSED, "903")),
        ("wxpusher", "wxpusher://AT_wrong/UID_abc", Verdict(REFUSED, "1001")),
        ("wxpusher", f"wxpusher://{APP}/UID_gone", Verdict(REFUSED, "1001")),
    ],
)
def test_a_wrong_address_is_refused(webhook: ChatServer, url: str, verdict: Verdict) -> None:
    """WxPusher says of whom it does not know beside its word that all is well."""
    assert AppriseChannel("ops", url).send(examples.step_message(), 15) == verdict
    assert len(webhook.requests) == 1


@pytest.mark.parametrize(
    ("pusher", "verdict"),
    [
        ("schan", Verdict(REFUSED, "40001")),
        ("pushplus", Verdict(REFUSED, "900")),
        ("wxpusher", Verdict(RETRY, "1005")),
    ],
)
def test_too_many_messages_are_understood(webhook: ChatServer, pusher: str, verdict: Verdict) -> None:
    """ServerChan and PushPlus take no more that day, and want to be left alone."""
    webhook.allowance = 0

    assert AppriseChannel("ops", SERVERS[pusher][0]).send(examples.step_message(), 15) == verdict
    assert len(webhook.requests) == 1


@pytest.mark.parametrize(
    ("schema", "answer", "outcome"),
    [
        ("schan", {"code": 0, "data": {"errno": 0}}, SENT),
        ("schan", {"code": 50000}, RETRY),
        *(("pushplus", {"code": code}, REFUSED) for code in (401, 403, 805, 888, 900, 903, 905, 999)),
        *(("wecom", {"code": code}, RETRY) for code in (302, 500, 600)),
        ("wxpusher", {"code": 1002, "msg": "未登录"}, REFUSED),
        ("wxpusher", {"code": 1006}, RETRY),
        ("wxpusher", {"code": 1000, "data": None}, SENT),
        ("wxpusher", {"code": 1000, "data": [{"code": 1000}, {"uid": "UID_a"}, 7]}, SENT),
        ("wxpusher", {"code": 1000, "data": [{"code": 1000}, {"code": 1001}]}, REFUSED),
        ("wxpusher", {"code": 1000, "data": [{"code": None}]}, UNKNOWN),
        ("wxpusher", {"msg": "?"}, UNKNOWN),
    ],
)
@pytest.mark.parametrize("pusher", ["schan"])
def test_their_codes_are_judged(schema: str, answer: object, outcome: Outcome) -> None:
    """What is the token's, the account's or the message's fault does not get better by itself."""
    assert judge(schema, Reply(200, body=msgspec.json.encode(answer))).outcome is outcome


@pytest.mark.parametrize("pusher", ["schan"])
@pytest.mark.parametrize(
    "url", [f"pushplus://{TOKEN}/one/two", f"wxpusher://{APP}/UID_a/UID_b", f"wxpusher://{APP}/UID_a/123"]
)
def test_two_targets_are_two_channels(url: str) -> None:
    """Each is told once."""
    with pytest.raises(ChannelError, match="has 2 targets"):
        AppriseChannel("ops", url)


@pytest.mark.parametrize("pusher", ["schan"])
def test_without_a_target_there_is_nobody_to_push_to() -> None:
    """WxPusher has no default."""
    with pytest.raises(ChannelError, match="has 0 targets"):
        AppriseChannel("ops", f"wxpusher://{APP}")
