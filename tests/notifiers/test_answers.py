"""Real sends to real sockets: what is made of the answers."""

from __future__ import annotations

import socket
import time
from typing import Final

import pytest
import requests

from notifiers.apprise_channel import AppriseChannel
from notifiers.messages import Message
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.loopback import HOST, accepting
from tests.fakes.webhook_server import DROP, HANG, Answer, WebhookServer
from tests.notifiers.examples import completed_message, step_message

SENT, RETRY, REFUSED, UNKNOWN = Outcome
KEY: Final = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"

# A URL of each service that answers 200 to everything, where it sends to, and its no and its yes.
FALSE_SUCCESSES = [
    (
        "wecombot",
        f"wecombot://{KEY}",
        "/qyapi.weixin.qq.com/cgi-bin/webhook/send",
        {"errcode": 93000},
        {"errcode": 0},
    ),
    (
        "dingtalk",
        "dingtalk://abcdefgh1234",
        "/oapi.dingtalk.com/robot/send",
        {"errcode": 310000},
        {"errcode": 0},
    ),
    (
        "feishu",
        f"feishu://{KEY}",
        f"/open.feishu.cn/open-apis/bot/v2/hook/{KEY}",
        {"code": 19024},
        {"code": 0},
    ),
    (
        "lark",
        f"lark://{KEY}",
        f"/open.larksuite.com/open-apis/bot/v2/hook/{KEY}",
        {"code": 19021},
        {"code": 0},
    ),
    ("schan", "schan://SCT1234abcd", "/sctapi.ftqq.com/SCT1234abcd.send", {"code": 40001}, {"code": 0}),
    (
        "pushdeers",
        "pushdeers://PDU1234abcd",
        "/api2.pushdeer.com:443/message/push",
        {"code": 80501},
        {"code": 0},
    ),
    (
        "wxpusher",
        "wxpusher://AT_abcdefgh/UID_abc",
        "/wxpusher.zjiecode.com/api/send/message",
        {"code": 1001},
        {"code": 1000},
    ),
    (
        "pushplus",
        "pushplus://abcdefghijklmnopqrstuvwxyz012345",
        "/www.pushplus.plus/send",
        {"code": 903},
        {"code": 200},
    ),
]


def send(url: str, message: Message | None = None, seconds: float = 15.0) -> Verdict:
    """Send through a channel of its own."""
    return AppriseChannel("ops", url).send(message or step_message(), seconds)


@pytest.mark.parametrize(("schema", "url", "path", "no", "yes"), FALSE_SUCCESSES, ids=lambda v: str(v)[:9])
def test_a_service_that_answers_200_and_means_no_is_found_out(  # noqa: PLR0913, PLR0917
    internet: WebhookServer,
    schema: str,
    url: str,
    path: str,
    no: object,
    yes: object,
) -> None:
    """Its own code decides; without a code nothing is claimed."""
    internet.script(path, Answer.of_json(yes), Answer.of_json(no), Answer(b"<html>"), Answer(b"", 429))
    channel = AppriseChannel(schema, url)
    began = time.monotonic()

    outcomes = [channel.send(step_message(), 15).outcome for _ in range(4)]

    assert outcomes[0] is SENT
    assert outcomes[1] in {RETRY, REFUSED}
    assert outcomes[2:] == [UNKNOWN, RETRY]
    assert len(internet.received(path)) == len(internet.requests)
    assert time.monotonic() - began < 4


def test_bark_is_found_out_on_a_host_of_ones_own(webhook: WebhookServer) -> None:
    """A server that people run themselves is judged by its code too."""
    webhook.script("/push", Answer.of_json({"code": 200}), Answer.of_json({"code": 500}))
    channel = AppriseChannel("phone", f"bark://{webhook.location}/device")

    assert channel.send(step_message(), 15) == Verdict(SENT)
    assert channel.send(step_message(), 15) == Verdict(RETRY, "500")


def test_a_service_that_asks_for_a_token_first_is_judged_by_the_last_answer(internet: WebhookServer) -> None:
    """A WeCom app logs in and sends; a refused login is a refusal."""
    login, message = "/qyapi.weixin.qq.com/cgi-bin/gettoken", "/qyapi.weixin.qq.com/cgi-bin/message/send"
    internet.script(login, Answer.of_json({"errcode": 0, "access_token": "x", "expires_in": 7200}))
    internet.script(message, Answer.of_json({"errcode": 0}), Answer.of_json({"errcode": 81013}))
    url = "wechat://ww1234567890abcdef:abcdefghij@1000002/@user"

    assert send(url) == Verdict(SENT)
    assert send(url) == Verdict(REFUSED, "81013")
    internet.script(login, Answer.of_json({"errcode": 40013}))
    assert send(url) == Verdict(REFUSED, "40013")


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Answer(b"", 204), Verdict(SENT)),
        (Answer(b"", 302, {"Location": "/elsewhere"}), Verdict(REFUSED, "302")),
        (Answer(b"", 401), Verdict(REFUSED, "401")),
        (Answer(b"", 404), Verdict(REFUSED, "404")),
        (Answer(b"", 429, {"Retry-After": "17"}), Verdict(RETRY, "429", 17.0)),
        (
            Answer(
                b"",
                503,
                {"Retry-After": "Tue, 24 Nov 2026 08:01:00 GMT", "Date": "Tue, 24 Nov 2026 08:00:00 GMT"},
            ),
            Verdict(RETRY, "503", 60.0),
        ),
        (DROP, Verdict(UNKNOWN, "broken-off")),
    ],
)
def test_an_answer_over_http_is_judged(webhook: WebhookServer, answer: Answer, verdict: Verdict) -> None:
    """By status and Retry-After; a redirect is not followed, a connection lost after the body is unknown."""
    webhook.script("/hook", answer)

    assert send(f"json://{webhook.location}/hook") == verdict
    assert not webhook.received("/elsewhere")


def test_a_service_out_of_reach_is_tried_again() -> None:
    """Nothing has left, so nothing can arrive twice."""
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]

    assert send(f"json://{HOST}:{port}/hook") == Verdict(RETRY, "unreachable")
    assert send("json://no-such-host.invalid/hook") == Verdict(RETRY, "unreachable")
    assert send(f"jsons://{HOST}:{port}/hook") == Verdict(RETRY, "unreachable")


def test_a_handshake_that_fails_is_tried_again(webhook: WebhookServer) -> None:
    """No byte of the message has left before TLS stands."""
    assert send(f"jsons://{webhook.location}/hook") == Verdict(RETRY, "unreachable")


def test_an_answer_that_does_not_come_in_time_is_unknown(webhook: WebhookServer) -> None:
    """The body has left, so it may have arrived."""
    webhook.script("/hook", HANG)
    began = time.monotonic()

    assert send(f"json://{webhook.location}/hook", seconds=0.5) == Verdict(UNKNOWN, "timeout")
    assert time.monotonic() - began < 1.5


def pour(connection: socket.socket) -> None:
    """Answer a request, and never end."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while True:
        connection.sendall(b"." * 65536)


def test_of_an_answer_without_end_only_the_beginning_is_read() -> None:
    """The status has come, and more than that is neither waited for nor kept."""
    began = time.monotonic()

    with accepting(pour) as port:
        assert send(f"json://{HOST}:{port}/hook") == Verdict(SENT)

    assert time.monotonic() - began < 3


def test_without_time_nothing_is_requested(webhook: WebhookServer) -> None:
    """A request that could not end is not begun."""
    assert send(f"json://{webhook.location}/hook", seconds=0) == Verdict(RETRY, "no-time")
    assert webhook.requests == []


def test_a_shorter_timeout_in_the_url_is_kept(webhook: WebhookServer) -> None:
    """People may be less patient than we are."""
    webhook.script("/hook", HANG)
    began = time.monotonic()

    assert send(f"json://{webhook.location}/hook?rto=0.3") == Verdict(UNKNOWN, "timeout")
    assert time.monotonic() - began < 1.5


def test_a_request_that_breaks_in_our_own_hands_is_unknown(webhook: WebhookServer) -> None:
    """HTTP cannot carry such a header, and the exception says so where apprise does not expect it."""
    assert send(f"json://{webhook.location}/hook?+X-Name=%E4%BD%A0") == Verdict(UNKNOWN, "broken-off")
    assert webhook.requests == []


def test_requests_of_others_are_none_of_our_business(webhook: WebhookServer) -> None:
    """What is not sent by a channel is neither cut off nor recorded."""
    webhook.script("/hook", Answer(b"hello", delay_seconds=0.1))

    assert requests.get(f"{webhook.url}/hook", timeout=9).content == b"hello"


def test_a_service_that_sends_nothing_has_refused(internet: WebhookServer) -> None:
    """Opsgenie closes an incident that it never opened: apprise calls that a success."""
    url = "opsgenie://8b799edf-6f98-4d3a-9be7-2862fb4e5752/@user"

    assert send(url, completed_message()) == Verdict(REFUSED, "nothing-sent")
    assert internet.requests == []


# Apprise leaves the socket open.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_is_no_http_is_judged_by_apprise() -> None:
    """There is no answer to look at, so its word has to do."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind((HOST, 0))
        assert send(f"rsyslog://{HOST}:{listener.getsockname()[1]}/daemon") == Verdict(SENT)
        assert b"Disk expansion" in listener.recv(65536)

    assert send("rsyslog://no-such-host.invalid/daemon") == Verdict(UNKNOWN, "failed")
