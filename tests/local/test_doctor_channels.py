"""The doctor at the channels: where each leads, whether that can be reached, and that nothing is sent."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
import syslog
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from functools import partial
from typing import Final

import pytest
import requests

from handler.local.doctor.channels import Channels
from handler.local.doctor.check import Check, Finding, Outcome
from handler.local.doctor.leads import Lead, find_lead
from handler.local.doctor.means import Means
from handler.local.doctor.reaching import look_up, reach
from handler.local.doctor.rehearsal import Destination, RehearsalError, rehearsing
from handler.machine import SystemClock
from handler.runtimes import Runtime, read_runtime
from handler.settings import Settings
from tests.edge.configurations import LEAST, read
from tests.fakes.loopback import accepting
from tests.fakes.proxy_server import running_proxy
from tests.fakes.webhook_server import WebhookServer
from tests.local.doctors import finding, keys, said

NOW: Final = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
SECRET: Final = "s3cr3t0fOurs"
NOBODY: Final = "127.0.0.1:9"


def settings_of(channels: Mapping[str, str], *sections: str) -> Settings:
    """A configuration with these channels, by name."""
    urls = "".join(f"  {name}: {{url: '{url}'}}\n" for name, url in channels.items())
    return read("\n".join((LEAST, *sections, f"channels:\n{urls}" if channels else "")))


def runtime_of(environ: Mapping[str, str]) -> Runtime:
    """What this machine gives."""
    return read_runtime(None, environ, SystemClock().monotonic())


def lead_of(url: str, environ: Mapping[str, str] | None = None) -> Lead:
    """Where a channel leads."""
    environ = keys() if environ is None else environ
    return find_lead(settings_of({"team": url}), "team", runtime_of(environ), NOW)


def examined(channels: Mapping[str, str], *sections: str) -> list[Check]:
    """What is found with these channels."""
    means = Means.of(settings_of(channels, *sections), runtime_of(keys()), SystemClock())
    return [*Channels(means, {}).checks()]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazk{SECRET}", "hooks.slack.com"),
        (f"slack://xoxb-1234567890-1234567890-{SECRET}/#ops", "slack.com"),
        (f"https://discord.com/api/webhooks/12345/{SECRET}", "discord.com"),
        (f"wecombot://{SECRET}", "qyapi.weixin.qq.com"),
        (f"dingtalk://{SECRET}@{SECRET}", "oapi.dingtalk.com"),
        (f"feishu://{SECRET}@{SECRET}", "open.feishu.cn"),
        (f"lark://{SECRET}@{SECRET}", "open.larksuite.com"),
        ("tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/12345", "api.telegram.org"),
        (f"pagerduty://{SECRET}@{SECRET}?region=eu", "events.eu.pagerduty.com"),
        (f"workflows://prod-1.example.com:443/{'a' * 32}/{SECRET}", "prod-1.example.com"),
        (f"ntfys://{SECRET}", "ntfy.sh"),
        (f"pushplus://{'a' * 32}", "www.pushplus.plus"),
        (f"wxpusher://AT_{SECRET}/UID_{SECRET}", "wxpusher.zjiecode.com"),
        (f"smn://eu-west-101/{'0' * 32}/{SECRET}", "smn.eu-west-101.myhuaweicloud.eu"),
        (f"jsons://hooks.example.com/{SECRET}", "hooks.example.com"),
        (f"pover://{'u' * 30}@{'a' * 30}", "api.pushover.net"),
    ],
)
def test_where_a_channel_leads_is_found_out_of_its_service(url: str, expected: str) -> None:
    """By what it does, whether it is ours, one that is shipped, or any of apprise's."""
    assert lead_of(url).destination == Destination(expected, 443)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"mailtos://u:{SECRET}@example.com?smtp=smtp.example.com&to=a@example.com", "smtp.example.com:587"),
        (f"mailtos://u:{SECRET}@example.com?mode=ssl&to=a@example.com", "example.com:465"),
        (f"mailto://u:{SECRET}@gmail.com", "smtp.gmail.com:587"),
    ],
)
def test_a_mail_leads_to_its_server(url: str, expected: str) -> None:
    """Which the address need not name; no proxy leads there."""
    lead = lead_of(url)

    assert str(lead.destination) == expected
    assert lead.is_mail


def test_a_service_that_does_not_speak_http_leads_somewhere_too() -> None:
    """Whichever library it connects with."""
    assert str(lead_of(f"ircs://u:{SECRET}@irc.example.com/#c").destination) == "irc.example.com:6697"


def test_a_service_of_this_machine_leads_nowhere() -> None:
    """There is nothing to be reached; a test message would tell."""
    found = lead_of("syslog://local5").destination

    assert isinstance(found, Finding)
    assert (found.outcome, found.advice) == (Outcome.WARNING, "headway test-alert team tells")


def test_a_channel_that_cannot_be_used_is_a_matter_of_the_configuration() -> None:
    """In the words of every other command."""
    found = lead_of(f"slack://{SECRET}").destination

    assert isinstance(found, Finding)
    assert found.is_misconfigured
    assert found.detail == "Channel team has a url that the service slack:// does not understand."


def test_a_channel_that_lacks_keys_is_a_matter_of_the_configuration() -> None:
    """SMN is asked with those for the API."""
    found = lead_of(f"smn://eu-west-101/{'0' * 32}/topic", {}).destination

    assert isinstance(found, Finding)
    assert found.is_misconfigured
    assert "HUAWEICLOUD_SDK_AK" in found.detail


def test_a_channel_is_reached_and_nothing_is_said() -> None:
    """Webhook and mail server see somebody come and go; of the address only the host is told."""
    heard: list[bytes] = []

    def listen(connection: socket.socket) -> None:
        heard.append(connection.recv(100))

    with accepting(listen) as hook, accepting(listen) as smtp:
        mail = f"mailto://127.0.0.1:{smtp}/?from=a@example.com&to=b@example.com&mode=insecure&name={SECRET}"
        checks = examined({"hook": f"json://127.0.0.1:{hook}/{SECRET}", "mail": mail})

    assert finding(checks, "channel hook").detail == f"127.0.0.1:{hook} can be reached"
    assert finding(checks, "channel mail").detail == f"127.0.0.1:{smtp} can be reached"
    assert {check.finding.outcome for check in checks[:2]} == {Outcome.OK}
    assert {*heard} <= {b""}
    assert SECRET not in said(checks)


def test_a_host_that_is_dead_is_told_and_the_others_are_reached() -> None:
    """Each by itself, in the order of the configuration."""
    with WebhookServer() as webhook:
        urls = {
            "dead": f"json://{NOBODY}/{SECRET}",
            "unknown": "json://nowhere.invalid/x",
            "mail": "mailto://u:p@nowhere.invalid?to=a@example.com",
        }
        checks = examined({**urls, "alive": f"json://{webhook.location}/"})

    assert [check.name for check in checks] == [
        "channel dead",
        "channel unknown",
        "channel mail",
        "channel alive",
        "heartbeat",
    ]
    assert finding(checks, "channel dead").detail == f"{NOBODY} refused the connection"
    assert finding(checks, "channel dead").advice == "check channels.dead.url and its port, and firewalls"
    assert finding(checks, "channel unknown").outcome is Outcome.FAILED
    assert "nowhere.invalid" in finding(checks, "channel unknown").detail
    assert "network.proxy" not in f"{finding(checks, 'channel mail').advice}"
    assert finding(checks, "channel alive").outcome is Outcome.OK
    assert SECRET not in said(checks)


def test_a_channel_behind_a_proxy_is_reached_through_it() -> None:
    """As far as the proxy alone can tell; mail goes without it."""
    with running_proxy() as (address, targets), WebhookServer() as server:
        urls = {
            "hook": f"jsons://{NOBODY}/{SECRET}",
            "mail": f"mailto://{server.location}/?from=a@example.com&to=b@example.com&mode=insecure",
        }
        checks = examined(urls, f"network: {{proxy: 'http://user:p%40ss@{address}'}}")

    assert finding(checks, "channel hook").detail == f"{NOBODY} can be reached through the proxy 127.0.0.1"
    assert finding(checks, "channel mail").detail == f"{server.location} can be reached"
    assert targets == []


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("", "the proxy 127.0.0.1 wants a user and a password"),
        (f"user:{SECRET}@", "the proxy 127.0.0.1 wants a user and a password"),
        ("user:p%40ss@", None),
    ],
)
def test_whether_a_proxy_leads_to_a_service_is_asked_of_it(user: str, expected: str | None) -> None:
    """That can be told for HTTPS; with the right password it tries."""
    with running_proxy() as (address, targets):
        checks = examined(
            {"hook": f"jsons://127.0.0.1/{SECRET}"}, f"network: {{proxy: 'http://{user}{address}'}}"
        )

    assert targets == ([] if expected else ["127.0.0.1:443"])
    assert finding(checks, "channel hook").outcome is Outcome.FAILED
    assert expected in {None, finding(checks, "channel hook").detail}
    assert SECRET not in said(checks)


def test_a_proxy_that_is_not_there_is_told() -> None:
    """It is nobody else's fault."""
    for proxy in (f"http://{NOBODY}", f"https://{NOBODY}"):
        checks = examined({"hook": "jsons://example.com/x"}, f"network: {{proxy: '{proxy}'}}")

        assert finding(checks, "channel hook").detail == "the proxy 127.0.0.1 refused the connection"


def test_templates_that_cannot_be_used_are_told() -> None:
    """The channel works in our form, but not in the way that is wanted."""
    with WebhookServer() as server:
        channel = f"{{url: 'json://{server.location}/', templates: not-there}}"
        settings = read(f"{LEAST}\nchannels: {{hook: {channel}}}\n")
        means = Means.of(settings, runtime_of(keys()), SystemClock())
        found = finding([*Channels(means, {}).checks()], "channel hook")

    assert (found.outcome, found.detail) == (Outcome.WARNING, f"{server.location} can be reached")
    assert found.advice is not None
    assert found.advice.startswith("Channel hook ")
    assert server.requests == []


def test_without_channels_nobody_is_told() -> None:
    """Which somebody may want, who only looks at the page."""
    assert finding(examined({}), "channels").outcome is Outcome.WARNING


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        (["heartbeat: {url: 'http://HERE/SECRET'}"], "ok: HERE can be reached; it is not pinged"),
        ([f"heartbeat: {{url: 'http://{NOBODY}/SECRET'}}"], f"failed: {NOBODY} refused the connection"),
        (["heartbeat: {url: 'https://nowhere.invalid/SECRET'}"], "failed: "),
        (
            ["heartbeat: {url: 'https://nowhere.invalid/SECRET'}", f"network: {{proxy: 'http://{NOBODY}'}}"],
            "failed: the proxy 127.0.0.1 refused the connection",
        ),
        (
            ["heartbeat: {url: 'http://nowhere.invalid/SECRET'}", "network: {proxy: 'http://HERE'}"],
            "ok: nowhere.invalid:80 can be reached through the proxy 127.0.0.1; it is not pinged",
        ),
        ([], "skipped: none is configured"),
    ],
)
def test_a_heartbeat_is_reached_and_not_pinged(sections: list[str], expected: str) -> None:
    """A ping would say that all is fine; a name that is known does not tell whether anybody listens there."""
    with WebhookServer() as webhook:
        here = webhook.location
        texts = (each.replace("SECRET", SECRET).replace("HERE", here) for each in sections)
        found = finding(examined({}, *texts), "heartbeat")

    assert f"{found.outcome.value}: {found.detail}".startswith(expected.replace("HERE", here))
    assert webhook.requests == []
    assert SECRET not in f"{found.detail} {found.advice}"


@pytest.mark.parametrize(
    "leave",
    [
        lambda host, port: requests.get(f"http://{host}:{port}/", timeout=5),
        lambda host, port: smtplib.SMTP(host, port, timeout=5),
        lambda host, port: socket.create_connection((host, port), timeout=5),
    ],
    ids=["requests", "smtplib", "socket"],
)
def test_in_a_rehearsal_nothing_leaves_the_machine(leave: Callable[[str, int], object]) -> None:
    """Whichever library wants to, and whichever thread; afterwards all is as before."""
    with WebhookServer() as webhook:
        with rehearsing() as met:
            with pytest.raises(OSError):  # noqa: PT011 - each library has its own
                leave("127.0.0.1", webhook.port)
            thread = threading.Thread(target=partial(_ignoring, leave), args=("127.0.0.1", webhook.port))
            thread.start()
            thread.join()
        assert webhook.requests == []
        requests.get(webhook.url, timeout=5)

    assert met == [Destination("127.0.0.1", webhook.port)] * 2
    assert len(webhook.requests) == 1


@pytest.mark.parametrize(
    "tell",
    [
        lambda: syslog.syslog(syslog.LOG_DEBUG, "nobody's message"),
        lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        lambda: os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {}),
        lambda: os.system("exit 0"),  # noqa: S605, S607 - no matter what
    ],
    ids=["syslog", "subprocess", "posix_spawn", "system"],
)
def test_in_a_rehearsal_nobody_is_told_by_this_machine_either(tell: Callable[[], object]) -> None:
    """Neither by its log, from where a message may go on, nor by another program."""
    with rehearsing() as met, pytest.raises(RehearsalError):
        tell()

    assert met == []


def test_in_a_rehearsal_nobody_is_reached_by_number_either() -> None:
    """Without a name to look up, or without a connection."""
    with rehearsing() as met, socket.socket(type=socket.SOCK_DGRAM) as plain:
        with pytest.raises(RehearsalError):
            plain.connect(("127.0.0.1", 9))
        with pytest.raises(RehearsalError):
            plain.sendto(b"x", ("127.0.0.1", 9))

    assert met == [Destination("127.0.0.1", 9), Destination("127.0.0.1")]


def test_a_look_up_that_takes_too_long_is_given_up() -> None:
    """The resolver itself would take half a minute."""
    is_over = threading.Event()
    with pytest.raises(socket.gaierror) as caught:
        look_up("slow.example.com", seconds_max=0.01, resolve=lambda _: is_over.wait())
    is_over.set()

    assert caught.value.errno == socket.EAI_AGAIN


def test_a_name_that_can_be_none_is_not_known() -> None:
    """Python does not even ask for it."""
    with pytest.raises((OSError, UnicodeError)):
        reach(f"{'a' * 70}.example.com", 443, None)


def _ignoring(leave: Callable[[str, int], object], host: str, port: int) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - as above
        leave(host, port)
