"""`headway status`: how changes stand by what is kept, in a file, on a terminal and for scripts."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime, timedelta, timezone
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console

from handler.application import Application
from handler.core.change import ChangeId
from handler.core.ledger import Attempt, ChannelState, Outage
from handler.core.observation import Observation, Phase
from handler.core.problem import ProblemKind
from handler.core.record import Record
from handler.huaweicloud.signing import Credentials
from handler.local.kept.overview import Overview
from handler.local.printing.reader import local_reader
from handler.machine import SystemClock
from handler.web.pages.visitor import Visitor
from handler.wiring import Workshop
from notifiers.alerts import Ending
from notifiers.verdicts import Outcome
from tests.fakes.s3_server import CREDENTIALS, FakeS3, Fault
from tests.local.commanding import run
from tests.local.kept_changes import HOUR, MINUTE, NOW, configure, ended, keep, mark, missed, running, written
from tests.platforms.functiongraph_gateway import request

MISSED = "team may have missed 3 alerts; `headway resend` has it told again"
TOKEN = "the-token-of-this-function"
LONG = ("5bb3e7f6-1111-4c2e-9a57-8d1f0c7be210", "9a2d10c4-2222-4333-8444-555566667777")
"""Ids as the cloud gives them."""


@pytest.fixture(autouse=True)
def _own_folder(own_folder: Path) -> None:  # noqa: ARG001 - where all is kept
    """Run in a folder with a configuration in it."""
    configure()


def shown(*arguments: str, exit_code: int = 0) -> list[str]:
    """The lines that it prints, with TIME for times and LEFT for the time left; nothing is written."""
    before = written()
    told = run("status", *arguments)
    assert (told.exit_code, told.stderr) == (exit_code, ""), told
    assert written() == before
    return [_timeless(line) for line in told.stdout.splitlines()]


def _timeless(line: str) -> str:
    return re.sub(r"about \d+ minutes left", "LEFT", re.sub(r"(?:\d{4}-\d\d-\d\d )?\d\d:\d\d", "TIME", line))


def drawn(records: list[Record], width: int) -> list[str]:
    """The lines of a terminal that is so wide."""
    file = StringIO()
    console = Console(
        file=file,
        width=width,
        force_terminal=True,
        force_interactive=True,
        color_system=None,
        highlight=False,
    )
    overview = Overview(Visitor(local_reader(), datetime.now(timezone.utc)), console)
    overview.show_followed([record for record in records if record.is_active])
    overview.show_others([record for record in records if not record.is_active])
    return file.getvalue().splitlines()


# What is said ----------------------------------------------------------------------------------------------


def test_where_nothing_is_followed_it_says_so() -> None:
    """What is over may stand there all the same."""
    Path("state").mkdir()
    assert shown() == ["Nothing is followed."]
    keep(ended(), is_marked=False)
    assert shown() == ["Nothing is followed.", "", "orders: completed in 30 min · at TIME · inst/task"]


def test_what_runs_comes_before_what_is_over() -> None:
    """With when somebody looked last, which change it is, and what is wrong; the gravest first."""
    refused = ChannelState(0, refused_since=NOW - HOUR)
    keep(running())
    keep(running("inst-2/task", name="billing", channels={"team": refused}))
    keep(running("inst-3/task", name=None, observation=None, looked_at=None))
    keep(missed("inst-4/task", name="audit"), is_marked=False)
    mended = "; mended? `headway resend inst-2/task team` has it told at the next look"

    assert shown(exit_code=1) == [
        "billing: running · 40% · LEFT · done around TIME · Disk expansion · step 2 of 3",
        f"  Channel team has refused messages since TIME{mended}",
        "  last look TIME · inst-2/task",
        "inst-3/task: not looked at yet",
        "orders: running · 40% · LEFT · done around TIME · Disk expansion · step 2 of 3",
        "  last look TIME · inst/task",
        "",
        "audit: completed · at TIME · inst-4/task",
        "  team may have missed 3 alerts; `headway resend` has it told again",
    ]


def test_what_is_not_found_yet_is_said_too() -> None:
    """Else nothing would seem to be followed."""
    watches = [
        {"instance_id": "inst", "task_id": "task", "name": "orders"},
        {"instance_id": "inst-2", "name": "billing"},
        {"instance_id": "inst-3", "task_id": "old"},
    ]
    configure(watches=watches, discover=["audit-*", "bill*"])
    keep(ended("inst-3/old", name=None), is_marked=False)
    mark(f"inst-4/_expected-{NOW.timestamp():.0f}")

    assert shown() == [
        "orders: inst/task · not looked at yet",
        "billing: inst-2 · its changes are looked for",
        "inst-4 · its changes are looked for",
        "audit-*, bill* · changes are looked for there",
        "",
        "inst-3/old: completed in 30 min · at TIME",
    ]


def test_where_all_instances_are_looked_at_that_is_said_in_words() -> None:
    """However that is written."""
    Path("state").mkdir()
    for discover in (True, ["orders-*", "*"]):
        configure(discover=discover)
        assert shown() == ["all instances of the project · changes are looked for"]


def test_a_channel_that_was_taken_out_of_the_configuration_is_no_trouble() -> None:
    """Though the ledger learns of that with the next news only; whoever comes back is heeded again."""
    refused = ChannelState(0, refused_since=NOW - HOUR, attempts=(Attempt(Outcome.REFUSED, NOW, "401"),))
    keep(running(channels={"gone": refused, "team": ChannelState(1)}))
    keep(ended("inst/done", channels={"gone": ChannelState(0)}))
    alerts = (replace(missed().alerts[0], endings={"gone": Ending.GIVEN_UP}),)
    keep(ended("inst/past", alerts=alerts, channels={"gone": ChannelState(1)}), is_marked=False)

    for arguments in ([], ["inst/task"], ["inst/done"], ["inst/past"]):
        assert "gone" not in "".join(shown(*arguments))
        assert json.loads(run("status", *arguments, "--json").stdout)["troubles"] == []
    assert not any("gone refuse" in line for line in run("log", "inst/task").stdout.splitlines())
    keep(running(channels={"team": replace(refused, absent_since=NOW)}))
    assert any("Channel team has refused messages" in line for line in shown(exit_code=1))


def test_a_refused_access_key_is_said_first() -> None:
    """Until it is accepted nothing new is seen."""
    keys = {"access_key": "AK", "secret_key": "SK"}
    project_id = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
    configure(huaweicloud={"region": "eu-west-101", "project_id": project_id, **keys})
    keep(running())
    mark(f"_key/{Credentials('AK', 'SK').name}/refused-{NOW.timestamp():.0f}")

    first, *rest = shown(exit_code=1)
    assert first.startswith("Huawei Cloud refused the access key at TIME: please check it.")
    assert len(rest) == 2
    assert json.loads(run("status", "--json").stdout)["access_key_refused_at"]


def test_a_folder_that_is_not_there_is_said_to_hold_nothing_yet() -> None:
    """For it may be mistyped; what is configured is said all the same."""
    assert shown() == ["Nothing is kept yet in file:state."]
    configure(state="file:stat", watches=[{"instance_id": "inst-2", "name": "billing"}])
    keep(running())
    assert shown() == [
        "Nothing is kept yet in file:stat.",
        "billing: inst-2 · its changes are looked for",
    ]


def test_a_key_that_is_refused_is_said_by_the_change_that_is_watched_by_its_task() -> None:
    """No marker tells it then; it is not fine at once."""
    refused = Outage(NOW - MINUTE, ProblemKind.UNAUTHORISED, key_refused_since=NOW - MINUTE)
    keep(running(outage=refused))

    for arguments in ([], ["inst/task"]):
        assert "  The access key is refused since TIME; tried again at TIME" in shown(*arguments, exit_code=1)
    told = json.loads(run("status", "--json").stdout)
    assert told["troubles"][0].startswith("orders: The access key is refused since ")


@pytest.mark.parametrize(("age", "exit_code"), [(HOUR, 1), (3 * HOUR, 0)])
def test_another_key_that_is_refused_is_said_to_be_another(age: timedelta, exit_code: int) -> None:
    """Who looks here rarely holds the function's; after a while it counts no more."""
    keep(running())
    mark(f"_key/of-the-function/refused-{(NOW - age).timestamp():.0f}")
    first = shown(exit_code=exit_code)[0]
    told = json.loads(run("status", "--json").stdout)

    assert first.startswith("An access key (not the one here) was refused at TIME") is bool(exit_code)
    assert (told["ok"], len(told["troubles"])) == (not exit_code, exit_code)
    assert told["access_key_refused_at"] is None


def test_what_is_in_trouble_comes_first_of_many_and_all_are_summed() -> None:
    """Else nobody would find it; few are seen at a glance."""
    for number in range(9):
        keep(running(f"inst/task-{number}", name=f"orders-{number}"))
    assert "followed" not in run("status").stdout
    keep(running("inst/task-9", name="orders-9"))
    assert shown()[-1] == "10 followed, none of them in trouble"
    keep(running("inst/task-9", name="zebra", looked_at=NOW - HOUR))

    lines = shown(exit_code=1)
    assert lines[0].startswith("zebra: ")
    assert lines[-1] == "10 followed, 1 of them in trouble"


def test_what_has_failed_is_a_reason_for_scripts_too() -> None:
    """Where there is nothing else to say of it."""
    keep(ended(phase=Phase.FAILED), is_marked=False)
    told = json.loads(run("status", "--json").stdout)

    assert (told["ok"], told["troubles"]) == (False, ["orders: Failed"])


def test_a_change_that_is_named_is_shown_with_its_steps() -> None:
    """And nothing else."""
    keep(running())
    keep(running("inst/other"))

    assert shown("inst/task") == [
        "orders: running · 40% · LEFT · done around TIME · Disk expansion · step 2 of 3",
        "  last look TIME · inst/task",
        "  ✓ Pre-check · 1 min",
        "  ▶ Disk expansion",
        "  · Rolling restart",
    ]


@pytest.mark.parametrize(
    ("phase", "age", "all_code", "one_code"),
    [
        (Phase.COMPLETED, HOUR, 0, 0),
        (Phase.CANCELLED, HOUR, 0, 0),
        (Phase.FAILED, HOUR, 1, 1),
        (Phase.LOST, HOUR, 1, 1),
        (Phase.FAILED, 25 * HOUR, 0, 1),
    ],
)
def test_the_exit_code_says_whether_somebody_is_needed(
    phase: Phase, age: timedelta, all_code: int, one_code: int
) -> None:
    """A failure counts for a day, and for good of a change that is named."""
    keep(ended(observation=Observation(phase, 100), looked_at=NOW - age), is_marked=False)

    for arguments in ([], ["--json"]):
        assert run("status", *arguments).exit_code == all_code
        assert run("status", "inst/task", *arguments).exit_code == one_code


def test_a_change_that_is_in_trouble_is_not_fine() -> None:
    """Be it named or not."""
    keep(running(looked_at=NOW - HOUR))

    assert run("status").exit_code == run("status", "inst/task").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "exit_code", "sentence"),
    [
        (["inst"], 2, "INSTANCE/TASK: wants an instance's id and a task's with a slash between"),
        (["inst/gone"], 1, "Nothing is kept of inst/gone, nor of any other change."),
    ],
)
def test_a_change_that_there_is_not(arguments: list[str], exit_code: int, sentence: str) -> None:
    """Is said to be none."""
    told = run("status", *arguments)

    assert (told.exit_code, told.stdout) == (exit_code, "")
    assert sentence in told.stderr


def test_a_state_that_cannot_be_read_is_not_fine() -> None:
    """With the reason, for scripts as for people."""
    keys = {"AWS_ACCESS_KEY_ID": CREDENTIALS.access_key, "AWS_SECRET_ACCESS_KEY": CREDENTIALS.secret_key}
    with FakeS3() as s3:
        s3.fail_next(Fault.FORBIDDEN, times=9)
        configure(state=f"s3://{s3.bucket}/p?region={s3.region}&endpoint={s3.endpoint}&path_style=true")
        told = run("status", environ=keys)
        as_json = run("status", "--json", environ=keys)

    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.startswith("headway: ")
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout)["error"]["kind"] == "state_unavailable"


# For scripts -----------------------------------------------------------------------------------------------


def over_http(path: str) -> Any:  # noqa: ANN401 - whatever it is
    """What the API answers, from the same state."""
    configure(channels={}, http={"token": TOKEN})
    application = Application(os.environ, Workshop(SystemClock()), SystemClock(), config_path="headway.yaml")
    response = application.invoke(request("GET", path, authorization=f"Bearer {TOKEN}"), None).response
    assert response is not None
    return json.loads(response.body)


def test_scripts_get_what_the_api_answers() -> None:
    """All of it at once, where the API gives parts."""
    keep(running())
    keep(missed("inst-2/task", name="audit"), is_marked=False)
    all_of_them = json.loads(run("status", "--json").stdout)
    one = json.loads(run("status", "inst-2/task", "--json").stdout)

    assert (all_of_them.pop("ok"), one.pop("ok")) == (False, False)
    assert all_of_them.pop("troubles") == [f"audit: {MISSED}"]
    assert one.pop("troubles") == [MISSED]
    own = [(change.pop("ok"), change.pop("troubles")) for change in all_of_them["changes"]]
    assert own == [(True, []), (False, [MISSED])]
    assert all_of_them == over_http("/api/changes")
    assert one == over_http("/api/changes/inst-2/task")
    for number in range(101):
        keep(ended(f"inst/old-{number}"), is_marked=False)
    assert len(json.loads(run("status", "--json").stdout)["changes"]) == 103


# On a terminal ---------------------------------------------------------------------------------------------


def records() -> list[Record]:
    """Changes with ids and names as long as they come."""
    change = ChangeId(*LONG)
    refused = ChannelState(0, refused_since=NOW - HOUR)
    return [
        Record(change, running(str(change), channels={"team": refused}), is_active=True),
        Record(change, running(str(change), name="支付" * 20), is_active=True),
        Record(change, missed(str(change), name="audit"), is_active=False),
        Record(change, ended(str(change), Phase.FAILED, name="很长的名称"), is_active=False),
    ]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_it_fits_any_terminal(width: int) -> None:
    """No line is longer, and none is broken within an id that has room."""
    lines = drawn(records(), width)

    assert all(cell_len(line) <= width for line in lines), lines
    if width >= 80:
        assert sum("/".join(LONG) in line for line in lines) == 5


@pytest.mark.parametrize("width", [80, 120, 200, 250])
def test_a_change_that_goes_by_its_id_shows_it_whole_once(width: int) -> None:
    """For `headway log` wants it; beside the bar it is cut where it has no room."""
    change = ChangeId(*LONG)
    nameless = Record(change, running(str(change), name=None), is_active=True)
    short = Record(ChangeId("inst", "task"), running(name=None), is_active=True)

    assert sum(str(change) in line for line in drawn([nameless], width)) == 1
    assert sum("inst/task" in line for line in drawn([short], width)) == 1


def test_a_terminal_shows_bars_and_what_is_wrong() -> None:
    """The bar for the whole is followed by those of the steps; at 80 columns the time left has room."""
    lines = drawn(records()[:1], 80)

    assert lines[0].startswith("orders")
    assert lines[0].rstrip().endswith("40% · about 20 minutes left")
    assert [line[:18].rstrip() for line in lines[1:4]] == [
        "✓ Pre-check",
        "▶ Disk expansion",
        "· Rolling restart",
    ]
    assert lines[4].startswith("Channel team has refused messages since ")


def test_a_wide_terminal_shows_what_is_over_in_columns() -> None:
    """Beneath each other, whatever their names are made of."""
    lines = [line for line in drawn(records()[2:], 200) if "/".join(LONG) in line]
    places = {cell_len(line.partition("/".join(LONG))[0]) for line in lines}

    assert len(lines) == 2
    assert len(places) == 1


def test_of_many_changes_the_steps_are_left_out() -> None:
    """A bar each says enough."""
    many = [replace_change(records()[0], f"task-{number}") for number in range(4)]

    assert not any("Pre-check" in line for line in drawn(many, 120))
    assert any("Pre-check" in line for line in drawn(many[:3], 120))


def replace_change(record: Record, task_id: str) -> Record:
    """The same of another change."""
    change = ChangeId("inst", task_id)
    assert record.ledger is not None
    return record._replace(change=change, ledger=replace(record.ledger, change=str(change)))


def test_what_waits_or_cannot_be_read_is_no_bar_that_runs() -> None:
    """It is said in words."""
    waiting = Observation(Phase.WAITING, 0, date=NOW)
    unread = Record(ChangeId("inst", "a"), None, is_active=True, trouble="The ledger cannot be read.")
    lines = drawn(
        [
            Record(ChangeId("inst", "b"), running(observation=waiting), is_active=True),
            unread,
        ],
        100,
    )

    assert any("waiting · 0%" in line for line in lines)
    assert any("cannot be read" in line for line in lines)
