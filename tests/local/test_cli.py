"""The command `headway`: exit codes, what it prints, and that it takes the same path as the platforms."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from itertools import takewhile
from pathlib import Path

import pytest
import requests
from typer.testing import CliRunner, Result

from handler.local import cli
from handler.local.chore import Chore
from handler.local.playback import Playback
from handler.local.project import Instance, Project, SimulatedTask
from handler.local.script import find_script
from handler.local.simulator import ProjectSimulator, Simulator
from notifiers.languages import ENGLISH

COMMANDS = ["check", "demo", "follow", "invoke", "preview", "serve", "simulate", "test-alert", "watch"]
TOP = Path(__file__).parents[2]
BESIDE_ALERTS = (*(f"{label}: " for label in ENGLISH.facts.values()), ENGLISH.no_cause)
"""With what lines begin that stand below a title, and tell of no alert."""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, with no variables of Headway's set."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("HEADWAY_", "HUAWEICLOUD_"))]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("KEEP", raising=False)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A change that takes three seconds."""
    with Simulator(find_script("good"), speed=100) as simulator:
        yield simulator


@pytest.fixture
def brief() -> Iterator[Simulator]:
    """A change that is over."""
    with Simulator(find_script("good"), speed=10_000) as simulator:
        time.sleep(0.1)
        yield simulator


def run(*arguments: str, environ: Mapping[str, str] | None = None) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli.app, arguments, env=environ, prog_name="headway")


@contextmanager
def start(*arguments: str, environ: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run the command as its users do, at most as long as the block runs."""
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", "from handler.local.cli import main; main()", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TOP), **(environ or {})},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def told(output: str) -> list[str]:
    """The alerts among what was printed: titles, or the lines below a title that stands for several.

    They come without what follows them in a title, and without how long what they end has taken.
    """
    groups: list[list[str]] = []
    for text in output.splitlines():
        title = re.fullmatch(r"\d\d:\d\d:\d\d  (?:demo: )?(.*)", text)
        if title:
            groups.append([title[1].partition(" · ")[0]])
        elif text.startswith(" " * 10) and not text.lstrip().startswith(BESIDE_ALERTS):
            groups[-1].append(text.strip())
    happenings = [happening for group in groups for happening in group[1:] or group]
    return [re.sub(r" (?:in|after) \d+ \w+.*", "", happening) for happening in happenings]


def variables(simulator: Simulator, *left_out: str) -> dict[str, str]:
    """The environment that points at the simulator, without some of it."""
    return {name: text for name, text in simulator.environment().items() if name not in left_out}


def test_the_demo_shows_a_whole_change_and_its_alerts_in_order() -> None:
    """It ends with 0 when the change was completed, and prints no control characters into a file."""
    result = run("demo", "--speed", "50")
    happenings = [happening for happening in told(result.stdout) if not happening.endswith("% done")]
    steps = ["Pre-check", "Disk expansion", "Rolling restart"]
    expected = [f"{step} {end}" for step in steps for end in ("started", "completed")]

    assert result.exit_code == 0, result.output
    # A slow machine may look so late that a step is over by then.
    assert happenings[1:-1] == [happening for happening in expected if happening in happenings]
    assert happenings[:1] + happenings[-1:] == ["capacity change started", "capacity change completed"]
    assert re.match(r"See it at http://127\.0\.0\.1:\d+/\?refresh=2\n", result.stdout)
    assert result.stdout.endswith("\nThe page is gone; KEEP=1 keeps it.\n")
    assert result.stderr == ""
    assert all(char.isprintable() or char == "\n" for char in result.stdout)


def test_the_demo_ends_with_1_when_the_change_failed() -> None:
    """And says at which step."""
    result = run("demo", "--script", "fails", "--speed", "50")

    assert result.exit_code == 1
    assert "FAILED: capacity change of demo at Disk expansion · step 2 of 3 · " in result.stdout
    assert told(result.stdout)[-2:] == ["FAILED at Disk expansion", "capacity change FAILED"]


def test_the_demo_tells_a_standstill_and_its_end_once_each() -> None:
    """Between them nothing, and the change is completed all the same."""
    result = run("demo", "--script", "stalls", "--speed", "30")

    happenings = told(result.stdout)
    assert result.exit_code == 0
    assert sum(happening.startswith("no progress for ") for happening in happenings) == 1
    assert sum(happening == "moving again" for happening in happenings) == 1


def test_the_demo_keeps_page_and_endpoint_until_ctrl_c_if_that_is_wanted() -> None:
    """It says until when; the change was completed, so it is fine all the same."""
    with start("demo", "--speed", "10000", environ={"KEEP": "1"}) as demo:
        assert demo.stderr is not None
        assert demo.stdout is not None
        url = demo.stdout.readline().removeprefix("See it at ").partition("?")[0]
        notes = [demo.stderr.readline() for _ in range(2)]
        health = requests.get(f"{url}healthz", timeout=10)
        demo.send_signal(signal.SIGINT)
        printed, complaints = demo.communicate(timeout=30)

    assert (demo.returncode, health.status_code, complaints) == (0, 200, "")
    endpoint = re.search(r"^export HEADWAY_ENDPOINT=(http://127.0.0.1:\d+)$", printed, re.MULTILINE)
    assert endpoint is not None
    assert notes == [f"Serving at {endpoint[1]} until Ctrl-C.\n", f"The page stays at {url} until Ctrl-C.\n"]
    assert_gone(url)


@pytest.mark.parametrize("keep", ["", "1"])
def test_ctrl_c_in_the_middle_ends_the_demo_whether_its_page_was_to_be_kept_or_not(keep: str) -> None:
    """Nothing is said of what would stay: nothing does."""
    with start("demo", "--speed", "1", environ={"KEEP": keep}) as demo:
        assert demo.stdout is not None
        url = demo.stdout.readline().removeprefix("See it at ").partition("?")[0]
        begun = demo.stdout.readline()
        demo.send_signal(signal.SIGINT)
        printed, complaints = demo.communicate(timeout=30)

    assert "capacity change started" in begun
    assert (demo.returncode, complaints) == (130, "")
    assert [text for text in printed.splitlines() if not text.startswith((" ", "demo: "))] == []
    assert_gone(url)


def assert_gone(url: str) -> None:
    """Nobody serves there any longer."""
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=10)


def test_serve_serves_and_watches_until_ctrl_c_also_after_the_end(brief: Simulator) -> None:
    """Without a token anybody on this machine may look, and it says so; it ends as any other command."""
    with start("serve", "--port", "0", "--every", "1", environ=variables(brief)) as serve:
        assert serve.stdout is not None
        told_before, note = until_note(serve.stdout)
        url = note.removeprefix("See it at ").partition(" ")[0]
        with pytest.raises(subprocess.TimeoutExpired):
            serve.wait(1.5)
        watches = requests.get(f"{url}api/watches", timeout=10)
        serve.send_signal(signal.SIGINT)
        rest, complaints = serve.communicate(timeout=30)

    assert "capacity change completed" in told_before
    assert note == (
        f"See it at {url} until Ctrl-C."
        " Anybody on this machine may look, because no http.token is configured.\n"
    )
    assert (watches.status_code, serve.returncode, complaints) == (200, 130, ""), rest
    assert_gone(url)


def until_note(printed: Iterable[str]) -> tuple[str, str]:
    """What is printed before it is said where the page is, and that line."""
    before: list[str] = []
    for text in printed:
        if text.startswith("See "):
            return "".join(before), text
        before.append(text)
    raise AssertionError(before)


def test_serve_sends_nobody_to_a_page_with_a_configuration_that_its_first_look_finds_wrong(
    simulator: Simulator,
) -> None:
    """A channel's URL that leads nowhere, for one; a sentence says so."""
    environ = {**variables(simulator), "HEADWAY_CHANNELS": "ops=slack://nonsense"}

    result = run("serve", "--port", "0", environ=environ)

    assert result.exit_code == 2
    assert result.stderr == (
        "headway: Channel ops has a url that the service slack:// does not understand.\n"
    )
    assert "See it at" not in result.stdout


def kept() -> dict[Path, bytes]:
    """All that is in the state of this folder."""
    return {path: path.read_bytes() for path in Path(".headway").rglob("*") if path.is_file()}


def test_serve_without_ticks_only_shows_what_is_kept(simulator: Simulator) -> None:
    """Nothing is asked, sent or written, whatever is asked of it; the terminal is no channel."""
    environ = variables(simulator)
    run("check", environ=environ)
    before, asked = kept(), dict(simulator.counts)
    with start("serve", "--no-ticks", "--port", "0", "--every", "1", environ=environ) as serve:
        assert serve.stdout is not None
        url = serve.stdout.readline().removeprefix("See what is kept at ").partition(" ")[0]
        time.sleep(1.2)
        page = requests.get(f"{url}changes/{simulator.change}", timeout=10)
        looked = requests.post(f"{url}api/check", json={}, timeout=10)
        serve.send_signal(signal.SIGINT)
        rest, complaints = serve.communicate(timeout=30)

    assert (page.status_code, looked.status_code) == (200, 403)
    assert (serve.returncode, rest, complaints) == (130, "", "")
    assert (kept(), simulator.counts) == (before, asked)
    assert before
    assert_gone(url)


def test_serve_without_ticks_needs_no_key_but_a_configuration() -> None:
    """Nor does it make a folder where nothing is kept."""
    environ = {"HEADWAY_REGION": "r-1", "HEADWAY_PROJECT_ID": "p", "HEADWAY_DISCOVER": "true"}
    with start("serve", "--no-ticks", "--port", "0", environ=environ) as serve:
        assert serve.stdout is not None
        note = serve.stdout.readline()
        page = requests.get(note.removeprefix("See what is kept at ").partition(" ")[0], timeout=10)
    nothing = run("serve", "--no-ticks")

    assert "until Ctrl-C. Anybody on this machine may look" in note
    assert page.status_code == 200
    assert not Path(".headway").exists()
    assert (nothing.exit_code, nothing.stdout) == (2, "")
    assert "HEADWAY_REGION" in nothing.stderr


def test_serve_asks_for_the_token_if_there_is_one_and_says_trouble_in_a_line(simulator: Simulator) -> None:
    """A key that is refused does not end it, and is told once and without a traceback."""
    token = "a-token-of-nobody-else"
    environ = {**variables(simulator), "HUAWEICLOUD_SDK_SK": "another secret", "HEADWAY_HTTP_TOKEN": token}
    with start("serve", "--port", "0", "--every", "1", environ=environ) as serve:
        assert serve.stdout is not None
        note, trouble = (serve.stdout.readline() for _ in range(2))
        url = note.removeprefix("See it at ").partition(" ")[0]
        answers = [
            requests.get(f"{url}api/watches", auth=auth, timeout=10) for auth in (None, ("anybody", token))
        ]
        serve.send_signal(signal.SIGINT)
        rest, complaints = serve.communicate(timeout=30)

    assert note.endswith(" It asks for the http.token as a password; any name will do.\n")
    assert "refused the access key" in trouble
    assert [answer.status_code for answer in answers] == [401, 200]
    assert (serve.returncode, rest, complaints) == (130, "", "")


def test_serve_without_any_configuration_says_what_to_set() -> None:
    """As every command; a key that is missing shows at the first look, before anybody is sent to a page."""
    nothing = run("serve")
    keyless = run(
        "serve",
        "--port",
        "0",
        environ={"HEADWAY_REGION": "r-1", "HEADWAY_PROJECT_ID": "p", "HEADWAY_DISCOVER": "true"},
    )

    assert [result.exit_code for result in (nothing, keyless)] == [2, 2]
    assert "HEADWAY_REGION" in nothing.stderr
    assert "HUAWEICLOUD_SDK_AK" in keyless.stderr
    assert (nothing.stdout, keyless.stdout) == ("", "")


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait, though not for ever."""
    until = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_watch_needs_nothing_but_ids_and_the_environment(simulator: Simulator) -> None:
    """No file, no channel: this is how people try it; the state is kept in .headway."""
    environ = variables(simulator, "HEADWAY_INSTANCE_ID", "HEADWAY_TASK_ID")

    result = run("watch", *simulator.change, "--every", "1", environ=environ)

    assert result.exit_code == 0, result.output
    assert f"{simulator.change}: capacity change completed" in result.stdout
    assert Path(".headway", "changes", *simulator.change).with_suffix(".json").is_file()


def test_watch_with_ids_passes_over_a_configuration_for_other_changes(brief: Simulator) -> None:
    """Neither the file of this folder nor the one that the environment names is in its way."""
    Path("headway.yaml").write_text("nonsense", "utf-8")
    environ = {**variables(brief), "HEADWAY_CONFIG": "not-there.yaml"}

    assert run("watch", *brief.change, "--every", "1", environ=environ).exit_code == 0


def test_watch_of_an_instance_finds_its_change_and_ends_with_it(simulator: Simulator) -> None:
    """Nobody has to copy a task's id; it is called as the instance is."""
    environ = variables(simulator, "HEADWAY_INSTANCE_ID", "HEADWAY_TASK_ID")

    result = run("watch", simulator.change.instance_id, "--every", "1", environ=environ)

    assert (result.exit_code, result.stderr) == (0, ""), result.output
    assert "  simulated: capacity change started" in result.stdout
    assert "  simulated: capacity change completed" in result.stdout


def test_watch_of_an_instance_ends_with_1_when_its_change_failed() -> None:
    """As of a change."""
    with Simulator(find_script("fails"), speed=10_000) as simulator:
        time.sleep(0.1)
        result = run("watch", simulator.change.instance_id, "--every", "1", environ=variables(simulator))

    assert result.exit_code == 1
    assert "  FAILED: capacity change of simulated at Disk expansion · step 2 of 3 · " in result.stdout


def test_watch_of_an_instance_passes_over_all_that_says_what_else_to_watch(brief: Simulator) -> None:
    """Be it a file, or variables for another change."""
    Path("headway.yaml").write_text("nonsense", "utf-8")
    environ = {
        **variables(brief),
        "HEADWAY_CONFIG": "not-there.yaml",
        "HEADWAY_INSTANCE_ID": "another",
        "HEADWAY_TASK_ID": "another",
        "HEADWAY_DISCOVER": "nothing-*",
    }

    result = run("watch", brief.change.instance_id, "--every", "1", environ=environ)

    assert result.exit_code == 0, result.output
    assert "simulated: capacity change completed" in result.stdout


def instance(name: str, *tasks: SimulatedTask) -> Instance:
    """An instance that has been there for long."""
    return Instance(f"{name}-id", name, utc_now() - timedelta(days=100), tasks, extending_after_seconds=0)


def change(script: str, task_id: str, *, after_seconds: float = 0, speed: float = 10_000) -> Playback:
    """A change that begins so long after now, and then is over at once unless it is slower."""
    return Playback(find_script(script), task_id, utc_now() + timedelta(seconds=after_seconds), speed)


def utc_now() -> datetime:
    """The real time."""
    return datetime.now(timezone.utc)


def watch_project(*instances: Instance, arguments: Sequence[str] = (), **environ: str) -> Result:
    """Watch what takes place in a whole project, second by second."""
    with ProjectSimulator(Project(utc_now(), instances)) as simulator:
        return run("watch", *arguments, "--every", "1", environ={**simulator.environment(), **environ})


def test_watch_of_an_instance_waits_for_its_change_and_for_no_other_task() -> None:
    """It may be started before the change is ordered."""
    restart = Chore("chore", "restart", utc_now() - timedelta(minutes=5), 60)
    orders = instance("orders", restart, change("good", "task", after_seconds=1.5))

    result = watch_project(orders, arguments=["orders-id"])

    assert result.exit_code == 0, result.output
    assert result.stdout.count("capacity change completed") == 1
    assert "chore" not in result.output


def test_watch_of_an_instance_watches_no_other_instance() -> None:
    """What happens there meanwhile is not asked for."""
    orders = instance("orders", change("good", "task", after_seconds=1.2))
    billing = instance("billing", change("good", "task", speed=0.01))

    result = watch_project(billing, orders, arguments=["orders-id"])

    assert result.exit_code == 0, result.output
    assert "billing" not in result.output


def test_watch_of_an_instance_does_not_go_on_with_what_was_watched_before_it() -> None:
    """A watch of another instance was broken off in the same folder; its change is nobody's business now."""
    marker = Path(".headway", "active", "billing-id", "task")
    marker.parent.mkdir(parents=True)
    marker.write_bytes(b"")
    orders = instance("orders", change("good", "task"))
    billing = instance("billing", change("fails", "task"))

    result = watch_project(billing, orders, arguments=["orders-id"])

    assert result.exit_code == 0, result.output
    assert "billing" not in result.output


def test_a_watch_of_several_changes_ends_with_1_when_any_of_them_failed() -> None:
    """Also when it failed long before the last one was completed."""
    orders = instance("orders", change("fails", "task"))
    billing = instance("billing", change("good", "task", speed=100))

    result = watch_project(orders, billing, HEADWAY_DISCOVER="true")

    assert "  FAILED: capacity change of orders at Disk expansion · " in result.stdout
    assert "billing: capacity change completed" in result.stdout
    assert result.exit_code == 1


def test_ctrl_c_ends_a_watch_that_still_waits_for_a_change_with_130() -> None:
    """Without a traceback."""
    with ProjectSimulator(Project(utc_now(), (instance("orders"),))) as simulator:
        environ = simulator.environment()
        with start("watch", "orders-id", "--every", "60", environ=environ) as watch:
            wait_until(lambda: simulator.counts["tasks"] > 0)
            watch.send_signal(signal.SIGINT)
            _, complaints = watch.communicate(timeout=30)

    assert (watch.returncode, complaints) == (130, "")


def test_a_watch_of_an_instance_that_cannot_work_says_why(simulator: Simulator) -> None:
    """A wrong key is not fine, each time somebody tries, and a missing one is a wrong configuration."""
    instance_id = simulator.change.instance_id
    wrong = {**variables(simulator), "HUAWEICLOUD_SDK_SK": "a wrong secret"}
    refused = [run("watch", instance_id, environ=wrong) for _ in range(2)]
    missing = run("watch", instance_id, environ=variables(simulator, "HUAWEICLOUD_SDK_SK"))

    assert [result.exit_code for result in (*refused, missing)] == [1, 1, 2]
    assert all("refused the access key" in result.stderr for result in refused)
    assert "HUAWEICLOUD_SDK_SK" in missing.stderr
    assert simulator.counts["refused"] == 2


def test_watch_without_ids_follows_the_configuration(brief: Simulator) -> None:
    """Here the variables that `headway simulate` prints."""
    result = run("watch", "--every", "1", environ=variables(brief))

    assert result.exit_code == 0, result.output


def test_a_watch_of_a_change_that_has_ended_says_so_and_ends(brief: Simulator) -> None:
    """The second time there is no alert left to tell."""
    for _ in range(2):
        result = run("watch", "--every", "1", environ=variables(brief))

    assert result.exit_code == 0
    assert result.stdout == f"{brief.change}: completed · 100%\n"


def test_ctrl_c_ends_a_watch_with_130() -> None:
    """Without a word, and without a traceback."""
    with Simulator(find_script("good")) as simulator, start("watch", environ=variables(simulator)) as watch:
        assert watch.stdout is not None
        begun = watch.stdout.readline()
        watch.send_signal(signal.SIGINT)
        _, complaints = watch.communicate(timeout=30)

    assert "capacity change started" in begun
    assert (watch.returncode, complaints) == (130, "")


def test_a_watch_tells_at_once_of_a_channel_that_cannot_be_reached(brief: Simulator) -> None:
    """And once, before it says what it is still waiting for."""
    environ = {**variables(brief), "HEADWAY_CHANNELS": "dead=json://127.0.0.1:1"}
    with start("watch", "--every", "1", environ=environ) as watch:
        assert watch.stdout is not None
        printed = list(takewhile(lambda text: "still to be told: dead" not in text, watch.stdout))
        watch.send_signal(signal.SIGINT)
        rest, complaints = watch.communicate(timeout=30)

    assert [text for text in printed if text.startswith("dead: ")] == [
        "dead: not sent (unreachable), tried again later\n"
    ]
    assert (watch.returncode, rest, complaints) == (130, "", "")


def test_a_watch_that_cannot_work_says_why(simulator: Simulator) -> None:
    """A wrong key is not fine, a missing one is a wrong configuration; neither is shown."""
    wrong = {**variables(simulator), "HUAWEICLOUD_SDK_SK": "a wrong secret"}
    refused = run("watch", environ=wrong)
    missing = run("watch", environ=variables(simulator, "HUAWEICLOUD_SDK_SK"))

    assert (refused.exit_code, missing.exit_code) == (1, 2)
    assert "refused the access key" in refused.stderr
    assert "HUAWEICLOUD_SDK_SK" in missing.stderr
    assert "a wrong secret" not in refused.output
    assert "Signature" not in refused.output


def test_check_looks_once_and_says_how_the_change_stands(simulator: Simulator) -> None:
    """For people in a line, for programs as the report."""
    summary = run("check", environ=variables(simulator))
    report = run("check", "--json", environ=variables(simulator))

    assert (summary.exit_code, report.exit_code) == (0, 0)
    assert summary.stdout.startswith(f"{simulator.change}: running")
    assert json.loads(report.stdout)["changes"][0]["id"] == str(simulator.change)
    assert json.loads(report.stdout)["trigger"] == "manual"


def test_check_takes_another_configuration_file(simulator: Simulator) -> None:
    """It stands for whatever the environment would say."""
    settings = {
        "huaweicloud": {
            "region": "eu-west-101",
            "project_id": simulator.project_id,
            "endpoint": simulator.url,
            "access_key": simulator.credentials.access_key,
            "secret_key": simulator.credentials.secret_key,
        },
        "watches": [{**simulator.change._asdict(), "name": "orders"}],
    }
    Path("other.yaml").write_text(json.dumps(settings), "utf-8")

    result = run("check", "--config", "other.yaml", environ={"HEADWAY_CONFIG": "not-there.yaml"})

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("orders: running")


def test_check_is_not_fine_when_the_key_is_refused(simulator: Simulator) -> None:
    """The report says so, and so does the exit code."""
    result = run("check", environ={**variables(simulator), "HUAWEICLOUD_SDK_AK": "ANOTHERKEY"})

    assert result.exit_code == 1
    assert "refused the access key" in result.stdout


def test_check_without_any_configuration_says_what_to_set() -> None:
    """Wrong configuration is 2."""
    result = run("check")

    assert result.exit_code == 2
    assert "HEADWAY_REGION" in result.output


@pytest.mark.parametrize(
    ("arguments", "complaints"),
    [
        (["demo", "--script", "better"], ["--script: There is no script 'better': take fails, good, stalls"]),
        (["demo", "--speed", "0"], ["--speed", "0 is not from 0.01 to 10000."]),
        (["simulate", "--speed", "nan"], ["--speed", "nan is not from 0.01 to 10000."]),
        (["simulate", "--port", "70000"], ["--port", "65535"]),
        (["serve", "--port", "70000"], ["--port", "65535"]),
        (["serve", "--every", "0"], ["--every", "0 is not from 1 to 3600."]),
        (["watch", "--every", "0"], ["--every", "0 is not from 1 to 3600."]),
        (["watch", "an-instance", "a/task"], ["INSTANCE TASK: an id has 1 to 64 letters"]),
        (["watch", "an/instance"], ["INSTANCE TASK: an id has 1 to 64 letters"]),
        (["watch", "", "a-task"], ["INSTANCE TASK: an id has 1 to 64 letters"]),
        (["watch", "an-instance", ""], ["INSTANCE TASK: an id has 1 to 64 letters"]),
        (["watch", "i", "t", "--config", __file__], ["--config: goes without INSTANCE and TASK."]),
        (["watch", "i", "--config", __file__], ["--config: goes without INSTANCE and TASK."]),
        (["check", "--config", "not-there.yaml"], ["--config", "not-there.yaml", "does not exist"]),
        (["check", "--colour"], ["--colour"]),
        (["chekc"], ["chekc"]),
    ],
)
def test_wrong_usage_is_2_and_a_sentence(arguments: list[str], complaints: list[str]) -> None:
    """Never a traceback."""
    result = run(*arguments)

    assert result.exit_code == 2
    assert [complaint for complaint in complaints if complaint not in result.stderr] == []
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["simulate", "serve"])
def test_a_port_in_use_is_told(simulator: Simulator, command: str) -> None:
    """With its number, and how to take another."""
    result = run(command, "--port", str(simulator.port), environ=variables(simulator))

    assert result.exit_code == 2
    assert (
        f"--port: Port {simulator.port} of 127.0.0.1 cannot be used: Address already in use." in result.stderr
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    """One that can be copied."""
    result = run(command, "--help")

    assert result.exit_code == 0
    assert f"Example: headway {command} " in result.stdout


def test_without_a_command_the_commands_are_listed() -> None:
    """And it counts as wrong usage."""
    result = run()

    assert result.exit_code == 2
    assert all(command in result.output for command in COMMANDS)


def test_simulate_serves_what_another_process_watches_until_ctrl_c() -> None:
    """What it prints can be given to a shell as it is; both end as they should, as real processes."""
    with start("simulate", "--speed", "100") as simulate:
        assert simulate.stdout is not None
        exports = [simulate.stdout.readline() for _ in range(7)]
        environ = dict(text.strip().removeprefix("export ").split("=", 1) for text in exports)
        with start("watch", "--every", "1", environ=environ) as watch:
            printed, complaints = watch.communicate(timeout=30)
        simulate.send_signal(signal.SIGINT)
        rest, note = simulate.communicate(timeout=10)

    assert (watch.returncode, simulate.returncode) == (0, 130)
    assert "capacity change completed" in printed
    assert (complaints, rest) == ("", "")
    assert note == f"Serving at {environ['HEADWAY_ENDPOINT']} until Ctrl-C.\n"


def test_a_terminal_that_knows_ascii_only_is_no_reason_to_break_off() -> None:
    """What it cannot show becomes a question mark."""
    with start("check", environ={"PYTHONIOENCODING": "ascii", "HEADWAY_REGION": "ö"}) as check:
        output, complaints = check.communicate(timeout=30)

    assert check.returncode == 2
    assert "HEADWAY_REGION" in output
    assert complaints == ""


def test_without_the_packages_of_the_command_it_says_what_to_install() -> None:
    """The function itself does without them, so they may be missing."""
    hidden = "import sys; sys.modules['typer'] = None; import handler.local.cli"
    command = [sys.executable, "-c", hidden]
    result = subprocess.run(command, capture_output=True, text=True, cwd=TOP, check=False)  # noqa: S603

    assert result.returncode == 1
    assert (
        result.stderr == "headway: the command needs what comes with the extra `cli`; install headway[cli].\n"
    )
