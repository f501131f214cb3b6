"""`headway watch`: changes in the foreground until they have ended, for people and for programs."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from handler.local.printing.display import LEAVE
from handler.local.simulation.chore import Chore
from handler.local.simulation.playback import Playback
from handler.local.simulation.project import Instance, Project, SimulatedTask
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import ProjectSimulator, Simulator
from tests.fakes.webhook_server import WebhookServer
from tests.local.commanding import Ended, Running, run, variables, wait_until

pytestmark = pytest.mark.usefixtures("own_folder")

NO_CHANNEL = "headway: No channel is configured: nobody is told but you.\n"


def instance(name: str, *tasks: SimulatedTask) -> Instance:
    """An instance that has been there for long."""
    return Instance(f"{name}-id", name, utc_now() - timedelta(days=100), tasks, extending_after_seconds=0)


def change(script: str, task_id: str, *, after_seconds: float = 0, speed: float = 10_000) -> Playback:
    """A change that begins so long after now, and then is over at once unless it is slower."""
    return Playback(find_script(script), task_id, utc_now() + timedelta(seconds=after_seconds), speed)


def utc_now() -> datetime:
    """The real time."""
    return datetime.now(timezone.utc)


def watch_project(*instances: Instance, arguments: Sequence[str] = (), **environ: str) -> Ended:
    """Watch what takes place in a whole project, second by second."""
    with ProjectSimulator(Project(utc_now(), instances)) as simulator:
        return run("watch", *arguments, "--every", "1", environ={**simulator.environment(), **environ})


def test_watch_needs_nothing_but_ids_and_the_environment(simulator: Simulator) -> None:
    """No file, no channel, of which it says a word: this is how people try it. The state is in .headway."""
    environ = variables(simulator, "HEADWAY_INSTANCE_ID", "HEADWAY_TASK_ID")

    ended = run("watch", *simulator.change, "--every", "1", environ=environ)

    assert (ended.exit_code, ended.stderr) == (0, NO_CHANNEL), ended
    assert f"{simulator.change}: capacity change completed" in ended.stdout
    assert Path(".headway", "changes", *simulator.change).with_suffix(".json").is_file()


def test_watch_with_ids_passes_over_a_configuration_for_other_changes(brief: Simulator) -> None:
    """Neither the file of this folder nor the one that the environment names is in its way."""
    Path("headway.yaml").write_text("nonsense", "utf-8")
    environ = variables(brief, HEADWAY_CONFIG="not-there.yaml")

    assert run("watch", *brief.change, "--every", "1", environ=environ).exit_code == 0


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, " With INSTANCE headway.yaml is not read: leave INSTANCE out, or set the variables."),
        (
            {"HEADWAY_CONFIG": "other.yaml"},
            " With INSTANCE HEADWAY_CONFIG is not read: leave INSTANCE out, or set the variables.",
        ),
    ],
)
def test_watch_with_ids_says_that_it_reads_no_file_where_there_is_one(
    environ: dict[str, str], said: str
) -> None:
    """For the file seems to say all that is missing."""
    bare = run("watch", "inst")
    Path("headway.yaml").write_text("watches: []", "utf-8")
    ended = run("watch", "inst", environ=environ)

    assert (bare.exit_code, ended.exit_code) == (2, 2)
    assert "HEADWAY_REGION" in ended.stderr
    assert ended.stderr.endswith(f"{said}\n")
    assert "headway validate" not in ended.stderr
    assert "INSTANCE" not in bare.stderr.replace("HEADWAY_INSTANCE_ID", "")


def test_watch_of_an_instance_finds_its_change_and_ends_with_it(simulator: Simulator) -> None:
    """Nobody has to copy a task's id; it is called as the instance is."""
    environ = variables(simulator, "HEADWAY_INSTANCE_ID", "HEADWAY_TASK_ID")

    ended = run("watch", simulator.change.instance_id, "--every", "1", environ=environ)

    assert (ended.exit_code, ended.stderr) == (0, NO_CHANNEL), ended
    assert "  simulated: capacity change started" in ended.stdout
    assert "  simulated: capacity change completed" in ended.stdout


def test_watch_of_an_instance_ends_with_1_when_its_change_failed() -> None:
    """As of a change."""
    with Simulator(find_script("fails"), speed=10_000) as simulator:
        time.sleep(0.1)
        ended = run("watch", simulator.change.instance_id, "--every", "1", environ=variables(simulator))

    assert ended.exit_code == 1
    assert "  FAILED: capacity change of simulated at Disk expansion · step 2 of 3 · " in ended.stdout


def test_watch_of_an_instance_passes_over_all_that_says_what_else_to_watch(brief: Simulator) -> None:
    """Be it a file, or variables for another change."""
    Path("headway.yaml").write_text("nonsense", "utf-8")
    environ = variables(
        brief,
        HEADWAY_CONFIG="not-there.yaml",
        HEADWAY_INSTANCE_ID="another",
        HEADWAY_TASK_ID="another",
        HEADWAY_DISCOVER="nothing-*",
    )

    ended = run("watch", brief.change.instance_id, "--every", "1", environ=environ)

    assert ended.exit_code == 0, ended
    assert "simulated: capacity change completed" in ended.stdout


def test_watch_of_an_instance_waits_for_its_change_and_for_no_other_task() -> None:
    """It may be started before the change is ordered."""
    restart = Chore("chore", "restart", utc_now() - timedelta(minutes=5), 60)
    orders = instance("orders", restart, change("good", "task", after_seconds=1.5))

    ended = watch_project(orders, arguments=["orders-id"])

    assert ended.exit_code == 0, ended
    assert ended.stdout.startswith("No change is under way; 1 instance found, 1 watched.\n")
    assert ended.stdout.count("capacity change completed") == 1
    assert "chore" not in ended.stdout


def test_watch_of_an_instance_watches_no_other_instance() -> None:
    """What happens there meanwhile is not asked for."""
    orders = instance("orders", change("good", "task", after_seconds=1.2))
    billing = instance("billing", change("good", "task", speed=0.01))

    ended = watch_project(billing, orders, arguments=["orders-id"])

    assert ended.exit_code == 0, ended
    assert "billing" not in ended.stdout


def test_watch_of_an_instance_does_not_go_on_with_what_was_watched_before_it() -> None:
    """A watch of another instance was broken off in the same folder; its change is nobody's business now."""
    marker = Path(".headway", "active", "billing-id", "task")
    marker.parent.mkdir(parents=True)
    marker.write_bytes(b"")
    orders = instance("orders", change("good", "task"))
    billing = instance("billing", change("fails", "task"))

    ended = watch_project(billing, orders, arguments=["orders-id"])

    assert ended.exit_code == 0, ended
    assert "billing" not in ended.stdout


def test_a_watch_of_several_changes_ends_with_1_when_any_of_them_failed() -> None:
    """Also when it failed long before the last one was completed."""
    orders = instance("orders", change("fails", "task"))
    billing = instance("billing", change("good", "task", speed=100))

    ended = watch_project(orders, billing, HEADWAY_DISCOVER="true")

    assert "  FAILED: capacity change of orders at Disk expansion · " in ended.stdout
    assert "billing: capacity change completed" in ended.stdout
    assert ended.exit_code == 1


def test_ctrl_c_ends_a_watch_that_still_waits_for_a_change_with_130() -> None:
    """Without a traceback."""
    with ProjectSimulator(Project(utc_now(), (instance("orders"),))) as simulator:

        def leave(watch: Running) -> None:
            wait_until(lambda: simulator.counts["tasks"] > 0)
            watch.stdout.until("No change is under way")
            watch.interrupt()

        ended = run("watch", "orders-id", "--every", "60", environ=simulator.environment(), meanwhile=leave)

    assert (ended.exit_code, ended.stderr) == (130, NO_CHANNEL)


def test_ctrl_c_ends_a_watch_with_130() -> None:
    """Without a word, and without a traceback."""

    def leave(watch: Running) -> None:
        watch.stdout.until("capacity change started")
        watch.interrupt()

    with Simulator(find_script("good")) as simulator:
        ended = run("watch", environ=variables(simulator), meanwhile=leave)

    assert (ended.exit_code, ended.stderr) == (130, NO_CHANNEL)


def test_a_watch_of_an_instance_that_cannot_work_says_why(simulator: Simulator) -> None:
    """A wrong key is not fine, each time somebody tries, and a missing one is a wrong configuration."""
    instance_id = simulator.change.instance_id
    wrong = variables(simulator, HUAWEICLOUD_SDK_SK="a wrong secret")
    refused = [run("watch", instance_id, environ=wrong) for _ in range(2)]
    missing = run("watch", instance_id, environ=variables(simulator, "HUAWEICLOUD_SDK_SK"))

    assert [ended.exit_code for ended in (*refused, missing)] == [1, 1, 2]
    assert all("refused the access key" in ended.stderr for ended in refused)
    assert "HUAWEICLOUD_SDK_SK" in missing.stderr
    assert simulator.counts["refused"] == 2


def test_a_watch_that_cannot_work_says_why(simulator: Simulator) -> None:
    """A wrong key is not fine, a missing one is a wrong configuration; neither is shown."""
    wrong = variables(simulator, HUAWEICLOUD_SDK_SK="a wrong secret")
    refused = run("watch", environ=wrong)
    missing = run("watch", environ=variables(simulator, "HUAWEICLOUD_SDK_SK"))

    assert (refused.exit_code, missing.exit_code) == (1, 2)
    assert "refused the access key" in refused.stderr
    assert "HUAWEICLOUD_SDK_SK" in missing.stderr
    assert "a wrong secret" not in refused.stdout + refused.stderr
    assert "Signature" not in refused.stdout + refused.stderr


def test_a_watch_of_a_change_that_has_ended_says_so_and_ends(brief: Simulator) -> None:
    """With the configuration, here variables; the second time there is no alert left to tell."""
    first, second = (run("watch", "--every", "1", environ=variables(brief)) for _ in range(2))

    assert (first.exit_code, second.exit_code) == (0, 0), first
    assert second.stdout == f"{brief.change}: completed · 100%\n"


def test_a_watch_tells_at_once_of_a_channel_that_cannot_be_reached(brief: Simulator) -> None:
    """And once, as a warning, before it says what it is still waiting for, and that one may leave."""

    def leave(watch: Running) -> None:
        watch.stdout.until(": dead has not heard all yet (unreachable), tried again at ")
        watch.stderr.until("Ctrl-C loses nothing")
        watch.interrupt()

    environ = variables(brief, HEADWAY_CHANNELS="dead=json://127.0.0.1:1")
    ended = run("watch", "--every", "1", environ=environ, meanwhile=leave)

    assert ended.exit_code == 130
    assert ended.stderr.splitlines() == [
        "headway: dead: not sent (unreachable), tried again later",
        f"headway: {LEAVE}",
    ]


def test_a_watch_says_when_quiet_hours_end_that_it_waits_for(brief: Simulator) -> None:
    """Whoever reads that can leave."""

    def leave(watch: Running) -> None:
        watch.stdout.until("team hears it at ")
        watch.interrupt()

    with WebhookServer() as webhook:
        now = datetime.now(timezone.utc)
        quiet = f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=2):%H:%M}"
        until = (now + timedelta(hours=2)).astimezone()
        settings = {
            "huaweicloud": {
                "region": "eu-west-101",
                "project_id": brief.project_id,
                "endpoint": brief.url,
                "access_key": brief.credentials.access_key,
                "secret_key": brief.credentials.secret_key,
            },
            "watches": [{**brief.change._asdict(), "name": "orders"}],
            "channels": {"team": {"url": f"json://{webhook.location}/", "quiet": quiet}},
        }
        Path("headway.yaml").write_text(json.dumps(settings), "utf-8")
        ended = run("watch", "--every", "1", meanwhile=leave)
        checked = run("check")

        assert webhook.requests == []
    assert ended.exit_code == 130
    hears = rf"team hears it at (?:\d+-\d+-\d+ )?{until:%H:%M}, after its quiet hours"
    assert re.search(rf"^orders: completed · 100%: {hears}$", ended.stdout, re.MULTILINE)
    assert re.fullmatch(rf"orders: completed · 100%\n  {hears}\n", checked.stdout)


def test_a_watch_for_programs_prints_a_report_a_line(simulator: Simulator) -> None:
    """And nothing else; the terminal is no channel then."""
    ended = run("watch", "--every", "1", "--json", environ=variables(simulator))

    reports = [json.loads(line) for line in ended.stdout.splitlines()]
    phases = [report["changes"][0]["phase"] for report in reports]
    assert (ended.exit_code, ended.stderr) == (0, NO_CHANNEL.replace(" but you", ""))
    assert phases == ["running"] * (len(phases) - 1) + ["completed"]
    assert all(report["ok"] and report["changes"][0]["deliveries"] == [] for report in reports)
    assert all(report["reasons"] == [] for report in reports)


def test_a_watch_for_programs_that_cannot_work_is_a_document_too(simulator: Simulator) -> None:
    """Of the same shape as any other error, in a line."""
    environ = variables(simulator, HUAWEICLOUD_SDK_SK="a wrong secret")

    ended = run("watch", "--json", environ=environ)

    (line,) = ended.stdout.splitlines()
    told = json.loads(line)
    assert (ended.exit_code, told["ok"], told["error"]["kind"]) == (1, False, "unauthorised")
    assert ended.stderr == f"headway: {told['error']['message']}\n"
    assert told["reasons"] == [told["error"]["message"]]
