"""`headway test-alert`: what arrives, and what is said of each channel."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from handler.local import cli
from handler.machine import SystemClock
from handler.runtimes import read_runtime
from handler.trial import Trial, try_channels
from notifiers.verdicts import Outcome, Verdict
from tests.edge.configurations import LEAST, read
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.webhook_server import DROP, HANG, Answer, WebhookServer

SECRET: Final = "s3cr3t-of-ours"
TOP: Final = Path(__file__).parents[2]
SENT: Final = "(json): sent\n"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, with no variables of Headway's set."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("HEADWAY_", "HUAWEICLOUD_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def webhook() -> Iterator[WebhookServer]:
    """A webhook's other end, and the API's; it says yes to everything."""
    with WebhookServer() as server:
        yield server


def configure(webhook: WebhookServer, **channels: str | Mapping[str, Any]) -> None:
    """Write a configuration with these channels, whose API is the webhook's server."""
    settings = {
        "huaweicloud": {"region": "eu-west-101", "project_id": "project", "endpoint": webhook.url},
        "watches": [{"instance_id": "instance", "task_id": "task"}],
        "channels": {
            name: {"url": channel} if isinstance(channel, str) else channel
            for name, channel in channels.items()
        },
    }
    Path("headway.yaml").write_text(json.dumps(settings), "utf-8")


def hook(webhook: WebhookServer, path: str, *answers: Answer) -> str:
    """The URL of a channel, at whose path this is answered."""
    if answers:
        webhook.script(f"/{path}", *answers)
    return f"json://{webhook.location}/{path}"


def run(*arguments: str, environ: Mapping[str, str] | None = None) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli.app, ["test-alert", *arguments], env=environ, prog_name="headway")


def start(*arguments: str) -> subprocess.Popen[str]:
    """Run the command as its users do."""
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", "from handler.local.main import main; main()", "test-alert", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TOP)},
    )


def test_each_channel_gets_a_message_that_says_it_is_a_test(webhook: WebhookServer) -> None:
    """By mail as by webhook; both took it, so all is fine."""
    with SmtpServer() as smtp:
        mail = f"mailto://{smtp.location}/?from=headway@example.com&to=ops@example.com&mode=insecure"
        configure(webhook, hook=hook(webhook, "hook"), mail=mail)
        result = run()

    (request,) = webhook.received("/hook")
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    assert sorted(result.stdout.splitlines()) == ["hook (json): sent", "mail (mailto): sent"]
    assert request.json["headway"]["is_test"] is True
    assert "TEST" in request.json["title"]
    assert "TEST" in str(smtp.mails[0].message["Subject"])


def test_neither_state_nor_api_is_touched(webhook: WebhookServer) -> None:
    """All that is asked is the channel, and no keys for the API are needed."""
    configure(webhook, hook=hook(webhook, "hook"))

    assert run().exit_code == 0
    assert [request.path for request in webhook.requests] == ["/hook"]
    assert sorted(path.name for path in Path().iterdir()) == ["headway.yaml"]


def test_only_the_named_channels_are_tried(webhook: WebhookServer) -> None:
    """Each once, however often it is named."""
    configure(webhook, one=hook(webhook, "one"), two=hook(webhook, "two"), three=hook(webhook, "three"))

    result = run("two", "three", "two")

    assert result.exit_code == 0
    assert sorted(request.path for request in webhook.requests) == ["/three", "/two"]
    assert "one" not in result.stdout


def test_what_a_channel_wants_to_hear_and_when_does_not_count(webhook: WebhookServer) -> None:
    """A test that waits for the morning would be none."""
    configure(
        webhook,
        hook={
            "url": hook(webhook, "hook"),
            "alerts": ["failed"],
            "min_severity": "failure",
            "changes": ["nothing-*"],
            "quiet": "00:00-23:59",
        },
    )

    assert run().stdout == f"hook {SENT}"


def test_the_message_is_written_as_the_channel_is_configured(webhook: WebhookServer) -> None:
    """In its language."""
    configure(webhook, hook={"url": hook(webhook, "hook"), "language": "zh"})

    assert run().exit_code == 0
    assert webhook.requests[0].json["headway"]["language"] == "zh"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            Answer(status=404),
            "refused (404): the service does not know this address; check the channel's url",
        ),
        (
            Answer(status=401),
            (
                "refused (401): the service does not accept the token or password in the channel's url;"
                " take a new one there"
            ),
        ),
        (
            Answer(status=503),
            "not taken (503): the service is in trouble itself; an alert would be tried again",
        ),
        (
            DROP,
            (
                "outcome unknown (broken-off): the connection broke before the service had answered;"
                " see whether the message arrived"
            ),
        ),
    ],
)
def test_a_channel_that_does_not_take_it_is_told_with_what_to_do(
    webhook: WebhookServer, answer: Answer, said: str
) -> None:
    """Which is not fine, though the others took it."""
    configure(webhook, good=hook(webhook, "good"), bad=hook(webhook, "bad", answer))

    result = run()

    assert result.exit_code == 1
    assert sorted(result.stdout.splitlines()) == [f"bad (json): {said}", "good (json): sent"]


def test_a_mail_server_that_refuses_the_password_is_told(webhook: WebhookServer) -> None:
    """By its reply code; the password is not."""
    with SmtpServer(login=("ops", "another")) as smtp:
        url = f"mailto://ops:{SECRET}@{smtp.location}/?from=headway@example.com&to=ops@example.com&mode=insecure"
        configure(webhook, mail=url)
        result = run()

    assert result.exit_code == 1
    assert result.stdout.startswith(
        "mail (mailto): refused (535): the mail server does not accept user and pass"
    )
    assert SECRET not in result.output


def test_nobody_at_the_address_is_told(webhook: WebhookServer) -> None:
    """With all that may be in the way."""
    with WebhookServer() as gone:
        url = hook(gone, "hook")
    configure(webhook, hook=url)

    result = run()

    assert result.exit_code == 1
    assert "not taken (unreachable): there was no connection to the service; check the host" in result.stdout


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense://{secret}", "Channel bad names a service that does not exist: nonsense://."),
        ("https://example.com/{secret}", "Channel bad has a web address that no service knows as its own."),
        ("slack://{secret}", "Channel bad has a url that the service slack:// does not understand."),
    ],
)
def test_a_url_that_cannot_be_used_is_told_of_its_channel(
    webhook: WebhookServer, url: str, said: str
) -> None:
    """The others are tried all the same."""
    configure(webhook, good=hook(webhook, "good"), bad=url.format(secret=SECRET))

    result = run()

    assert result.exit_code == 2
    assert f"misconfigured: {said}\n" in result.stdout
    assert f"good {SENT}" in result.stdout
    assert SECRET not in result.output


def test_a_configuration_that_is_out_of_reach_ends_with_1() -> None:
    """Nothing may be wrong with it."""
    bucket = "s3://bucket/headway.yaml?region=eu-west-1&endpoint=http://127.0.0.1:1&path_style=true"
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": SECRET}

    result = run(environ={"HEADWAY_CONFIG": bucket, **keys})

    assert (result.exit_code, result.stdout) == (1, "")
    assert "127.0.0.1 could not be reached" in result.stderr
    assert SECRET not in result.output


def test_a_channel_that_signs_says_which_keys_it_lacks(webhook: WebhookServer) -> None:
    """While those that do not sign need none."""
    topic = f"smn://eu-west-101/project/topic?endpoint={webhook.url}"
    configure(webhook, topic=topic, hook=hook(webhook, "hook"))

    result = run()

    assert result.exit_code == 2
    assert "topic (smn): misconfigured: huaweicloud.access_key: " in result.stdout
    assert "HUAWEICLOUD_SDK_AK" in result.stdout
    assert f"hook {SENT}" in result.stdout


def test_a_wrong_configuration_counts_for_more_than_a_refusal(webhook: WebhookServer) -> None:
    """Whoever runs it in a script wants to know which of the two it is."""
    configure(webhook, gone=hook(webhook, "gone", Answer(status=404)))
    assert run().exit_code == 1

    configure(webhook, gone=hook(webhook, "gone", Answer(status=404)), bad="nonsense://x")
    assert run().exit_code == 2


def test_an_own_template_that_cannot_be_used_is_told(webhook: WebhookServer) -> None:
    """The message was sent all the same."""
    folder = Path("of-trial", "plain")
    folder.mkdir(parents=True)
    (folder / "message.j2").write_text("{% nonsense %}", "utf-8")
    configure(webhook, hook={"url": hook(webhook, "hook"), "templates": "of-trial"})

    result = run()

    assert result.exit_code == 0
    assert result.stdout.startswith(
        f"hook {SENT}  Channel hook could not use its own template plain/message.j2"
    )


def test_an_unknown_channel_is_wrong_usage(webhook: WebhookServer) -> None:
    """Those that there are are named, and nothing is sent."""
    configure(webhook, team=hook(webhook, "team"), ops=hook(webhook, "ops"))

    result = run("team", "opps")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "headway: There is no channel opps; there are team, ops.\n"
    assert json.loads(run("opps", "--json").stdout)["error"]["kind"] == "usage"
    assert webhook.requests == []


def test_without_channels_there_is_nothing_to_try(webhook: WebhookServer) -> None:
    """Which is a wrong configuration for this command."""
    configure(webhook)

    result = run()

    assert (result.exit_code, result.stderr) == (2, "headway: No channel is configured.\n")


def test_without_a_configuration_it_says_what_to_set() -> None:
    """As all commands do."""
    result = run()

    assert result.exit_code == 2
    assert "HEADWAY_REGION" in result.stderr


def test_the_configuration_may_come_from_elsewhere(webhook: WebhookServer) -> None:
    """From another file, or from variables."""
    configure(webhook, hook=hook(webhook, "hook"))
    Path("headway.yaml").rename("other.yaml")
    environ = {
        "HEADWAY_REGION": "eu-west-101",
        "HEADWAY_PROJECT_ID": "project",
        "HEADWAY_INSTANCE_ID": "instance",
        "HEADWAY_CHANNELS": f"ops={hook(webhook, 'ops')}",
    }

    assert run("--config", "other.yaml").stdout == f"hook {SENT}"
    assert run(environ=environ).stdout == f"ops {SENT}"


def test_json_is_for_scripts(webhook: WebhookServer) -> None:
    """One object, channels by name, and the exit code as ever."""
    bad = hook(webhook, "bad", Answer(status=410))
    configure(webhook, worse="nonsense://x", good=hook(webhook, "good"), bad=bad)

    result = run("--json")
    report = json.loads(result.stdout)

    assert result.exit_code == 2
    assert report["ok"] is False
    assert [channel.pop("advice") != "" for channel in report["channels"]] == [True, False, True]
    assert report["channels"] == [
        {"channel": "bad", "service": "json", "outcome": "refused", "code": "410", "remarks": []},
        {"channel": "good", "service": "json", "outcome": "sent", "code": None, "remarks": []},
        {
            "channel": "worse",
            "service": "nonsense",
            "outcome": "refused",
            "code": "misconfigured",
            "remarks": ["Channel worse names a service that does not exist: nonsense://."],
        },
    ]


def test_no_secret_is_printed_whatever_goes_wrong(webhook: WebhookServer) -> None:
    """Not even one that the service itself repeats."""
    answers = {
        "sent": Answer(),
        "echo": Answer(SECRET.encode(), 400),
        "gone": Answer(SECRET.encode(), 301, {"Location": f"http://{SECRET}.example.com/"}),
        "drop": DROP,
    }
    channels = {path: f"json://user:{SECRET}@{webhook.location}/{path}?+X-Token={SECRET}" for path in answers}
    for path, answer in answers.items():
        webhook.script(f"/{path}", answer)
    configure(webhook, **channels, bad=f"slack://{SECRET}")

    outputs = [run().output, run("--json").output]

    assert len(webhook.requests) == 2 * len(answers)
    assert [output for output in outputs if SECRET in output] == []


def test_channels_are_tried_side_by_side(webhook: WebhookServer) -> None:
    """Four of them take as long as one."""
    slow = {f"c{number}": hook(webhook, f"c{number}", Answer(delay_seconds=1)) for number in range(4)}
    configure(webhook, **slow)
    assert run("c0").exit_code == 0
    begun = time.monotonic()

    assert run().exit_code == 0
    assert time.monotonic() - begun < 3


def test_what_there_is_no_time_for_is_not_sent(webhook: WebhookServer) -> None:
    """A function may have little; it is told all the same."""
    settings = read(LEAST + f"channels: {{ops: {{url: 'json://{webhook.location}/'}}}}")
    clock = SystemClock()
    runtime = replace(read_runtime(None, {}, clock.monotonic()), deadline=clock.monotonic() + 1)

    (trial,) = try_channels(settings, (), runtime, clock)

    assert trial == Trial("ops", "json", Verdict(Outcome.RETRY, "no-time"))
    assert not trial.is_fine
    assert not webhook.requests


def test_ctrl_c_ends_it_at_once_with_130(webhook: WebhookServer) -> None:
    """Without a traceback, and without waiting for who does not answer."""
    configure(webhook, hook=hook(webhook, "hook", HANG))
    with start() as command:
        until = time.monotonic() + 20
        while not webhook.requests and time.monotonic() < until:
            time.sleep(0.05)
        begun = time.monotonic()
        command.send_signal(signal.SIGINT)
        printed, complaints = command.communicate(timeout=30)

    assert (command.returncode, printed, complaints) == (130, "", "")
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize(("forced", "is_coloured"), [({}, False), ({"FORCE_COLOR": "1"}, True)])
def test_only_a_terminal_gets_colours(
    webhook: WebhookServer, forced: dict[str, str], *, is_coloured: bool
) -> None:
    """A file gets none, and a line that is too long for a terminal is not cut."""
    configure(webhook, hook=hook(webhook, "hook", Answer(status=404)))

    result = run(environ={"COLUMNS": "80", "TERM": "xterm", "NO_COLOR": "", **forced})

    assert ("\x1b[" in result.stdout) is is_coloured
    assert len(result.stdout.splitlines()) == 1
