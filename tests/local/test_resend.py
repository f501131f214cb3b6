"""`headway resend`: a channel is told again what may not have reached it, and it is said when and how."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from handler.core.change import ChangeId
from handler.core.document import encode
from handler.core.ledger import Attempt, ChannelState, Claim
from handler.core.observation import Observation, Phase
from notifiers.verdicts import Outcome
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID, Answer, FakeDms, a_task, an_instance
from tests.fakes.s3_server import CREDENTIALS as S3_KEYS
from tests.fakes.s3_server import FakeS3
from tests.fakes.s3_signature import Received
from tests.fakes.webhook_server import WebhookServer
from tests.local.commanding import Ended, run
from tests.local.kept_changes import (
    HOUR,
    MINUTE,
    NOW,
    configure,
    is_marked,
    keep,
    kept,
    mark,
    missed,
    running,
    written,
)

LOOK = "`headway check` looks at once."


@pytest.fixture(autouse=True)
def _missed(own_folder: Path) -> None:  # noqa: ARG001 - where it is kept
    """Run in a folder with a configuration in it, and with a change that a channel missed."""
    configure()
    keep(missed(), is_marked=False)


def done(*arguments: str) -> list[str]:
    """Run it where all is well; the lines that it prints."""
    ended_so = run("resend", *arguments)
    assert (ended_so.exit_code, ended_so.stderr) == (0, ""), ended_so
    return ended_so.stdout.splitlines()


def refused(*arguments: str, exit_code: int) -> str:
    """Run it where something is in the way; the sentence, and nothing is written."""
    before = written()
    ended_so = run("resend", *arguments)
    assert (ended_so.exit_code, ended_so.stdout) == (exit_code, ""), ended_so
    assert written() == before
    return ended_so.stderr.removeprefix("headway: ").strip()


# What is said ----------------------------------------------------------------------------------------------


def test_a_channel_is_set_back_and_it_is_said_what_it_will_hear() -> None:
    """The secrets of channels are not there, and not wanted for that."""
    assert done("inst/task", "team") == [
        "team: 3 alerts are told again at the next look, marked as possible repeats",
        LOOK,
    ]
    assert kept("inst/task").channels["team"].offset == 0
    assert is_marked("inst/task")


def test_without_a_channel_all_are_told_what_they_missed() -> None:
    """Each in a line; who has heard all is left alone."""
    assert done("inst/task") == [
        "team: 3 alerts are told again at the next look, marked as possible repeats",
        "ops: nothing is lost; --all tells all that is kept",
        LOOK,
    ]


def test_where_nothing_is_lost_nothing_is_done() -> None:
    """And it is said how it may be told all the same."""
    before = written()

    assert done("inst/task", "ops") == ["ops: nothing is lost; --all tells all that is kept"]
    assert written() == before
    assert done("inst/task", "ops", "--all") == [
        "ops: 3 alerts are told again at the next look, marked as possible repeats",
        LOOK,
    ]


def test_a_channel_that_wants_nothing_of_it_gets_nothing() -> None:
    """Not even all that is kept."""
    configure(channels={"team": {"url": "slack://${TEAM_TOKENS}", "changes": ["payments-*"]}})

    assert done("inst/task", "team", "--all") == ["team: nothing that it wants is kept"]


def test_what_was_certainly_not_heard_is_no_repeat() -> None:
    """What waits, for one; of what may have been heard it is said how much that is."""
    keep(running(length=1, channels={"team": ChannelState(0, not_before=NOW + HOUR, tries=3)}))
    assert done("inst/task", "team") == ["team: 1 alert is told again at the next look", LOOK]

    state = missed().channels["team"]
    keep(missed(channels={"team": replace(state, repeat_upto=1), "ops": ChannelState(3)}))
    assert done("inst/task", "team")[0] == (
        "team: 3 alerts are told again at the next look, marked as possible repeats"
    )
    alerts = tuple(replace(alert, endings={}) if alert.number > 1 else alert for alert in missed().alerts)
    keep(missed(alerts=alerts, channels={"team": ChannelState(2, repeat_upto=1)}))
    assert done("inst/task", "team")[0] == (
        "team: 2 alerts are told again at the next look, 1 of them marked as a possible repeat"
    )


def test_quiet_hours_and_the_rest_of_a_failing_channel_are_foreseen() -> None:
    """It says when they are over."""
    configure(channels={"team": {"url": "slack://${TEAM_TOKENS}", "quiet": "00:00-23:59"}})
    quiet = done("inst/task", "team")
    configure()
    refusal = Attempt(Outcome.REFUSED, NOW - MINUTE, "401")
    state = ChannelState(0, not_before=NOW + HOUR, attempts=(refusal,))
    keep(running("inst/other", channels={"team": state}))
    resting = done("inst/task", "team")

    assert len(quiet) == len(resting) == 1
    assert quiet[0].startswith("team: 3 alerts are told again at ")
    assert ", after its quiet hours, marked as" in quiet[0]
    assert " or later, because it has failed with other changes, marked as" in resting[0]


def test_a_channel_that_merely_waits_is_left_as_it_is() -> None:
    """It hears what it has not heard yet, by itself; --all is another matter."""
    quiet = {"url": "slack://${TEAM_TOKENS}", "quiet": "00:00-23:59"}
    configure(channels={"team": quiet, "ops": {"url": "${ssm:ops-url}"}})
    alerts = tuple(replace(alert, endings={}) for alert in missed().alerts)
    keep(running(length=3, alerts=alerts, channels={"team": ChannelState(1), "ops": ChannelState(0)}))
    before = kept("inst/task").channels
    team, ops, look = done("inst/task")

    assert re.fullmatch("team: hears the rest at [-0-9: ]+ anyway, after its quiet hours", team)
    assert ops == "ops: hears it at the next look anyway"
    assert look == LOOK
    assert kept("inst/task").channels == before
    assert done("inst/task", "ops", "--all")[0] == "ops: 3 alerts are told again at the next look"


def test_what_nobody_looks_at_any_more_is_looked_at_again() -> None:
    """Also for a channel that merely waits."""
    alerts = tuple(replace(alert, endings={}) for alert in missed().alerts)
    keep(missed(alerts=alerts, channels={"team": ChannelState(1)}), is_marked=False)
    done("inst/task")

    assert is_marked("inst/task")


def test_for_scripts_it_is_told_in_numbers() -> None:
    """As JSON, and nothing else."""
    (team, ops) = json.loads("\n".join(done("inst/task", "--json")))["channels"]

    assert team == {
        "channel": "team",
        "alerts": [1, 2, 3],
        "possible_repeats": [1, 2, 3],
        "hindrance": None,
        "until": None,
    }
    assert ops == {"channel": "ops", "alerts": [], "possible_repeats": [], "hindrance": None, "until": None}


# What cannot be done ---------------------------------------------------------------------------------------


def test_a_channel_that_is_being_told_is_not_set_back() -> None:
    """With a sentence; where all are meant the others are told, and it is not fine either."""
    claim = Claim("somebody", NOW + HOUR, upto=3, tries=1)
    channels = missed().channels
    keep(missed(channels={**channels, "ops": ChannelState(3, claim=claim)}), is_marked=False)

    assert refused("inst/task", "ops", exit_code=1) == (
        "ops is being told just now, and was left as it is; try again in a minute."
    )
    both = run("resend", "inst/task")
    assert both.exit_code == 1
    assert both.stdout.splitlines()[1:] == [
        "ops: is being told just now, and was left as it is; try again in a minute",
        LOOK,
    ]
    as_json = json.loads(run("resend", "inst/task", "--json").stdout)
    assert (as_json["ok"], as_json["channels"][1]["hindrance"]) == (False, "being_told")


@pytest.mark.parametrize(
    ("arguments", "exit_code", "sentence"),
    [
        (["inst/task", "nobody"], 2, "No channel nobody listens to inst/task; there are team, ops."),
        (["inst/new"], 1, "Nobody has looked at inst/new yet: there is nothing to tell."),
        (["inst/damaged"], 1, "The ledger of inst/damaged cannot be read (Input data was truncated)."),
        (["inst"], 2, "INSTANCE/TASK: wants an instance's id and a task's with a slash between"),
        (
            ["inst/dropped"],
            1,
            "nobody would be told; to have it followed again first: headway follow inst dropped",
        ),
        (["inst/gone"], 1, "Nothing is kept of inst/gone. There are inst/new, inst/"),
    ],
)
def test_it_is_said_why_it_cannot_be_done(arguments: list[str], exit_code: int, sentence: str) -> None:
    """In a sentence; and nothing is changed."""
    mark("inst/new")
    keep(running("inst/dropped", is_dismissed=True), is_marked=False)
    Path("state/changes/inst/damaged.json").write_text("{", "utf-8")

    assert sentence in refused(*arguments, exit_code=exit_code)


def test_an_error_is_json_too() -> None:
    """For scripts."""
    told = run("resend", "inst/task", "nobody", "--json")

    assert told.exit_code == 2
    assert json.loads(told.stdout)["error"]["kind"] == "usage"


class HurriedS3(FakeS3):
    """S3 for somebody who presses Ctrl-C as soon as something is written."""

    def refused(self, received: Received) -> tuple[int, str] | None:
        """See `FakeS3`."""
        if received.method == "PUT" and self.counts["PUT"] == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return super().refused(received)


def test_whoever_interrupts_it_has_it_done_all_the_same() -> None:
    """Else the ledger would say that something is to be told, and no marker lead there."""
    keys = {"AWS_ACCESS_KEY_ID": S3_KEYS.access_key, "AWS_SECRET_ACCESS_KEY": S3_KEYS.secret_key}
    with HurriedS3() as s3:
        s3.objects["p/changes/inst/task.json"] = encode(missed(), "a tick's")
        place = f"s3://{s3.bucket}/p?region={s3.region}&endpoint={s3.endpoint}&path_style=true"
        configure(state=place)
        told = run("resend", "inst/task", environ=keys)

        assert told.exit_code == 130
        assert told.stdout.startswith("team: 3 alerts are told again at the next look")
        assert "p/active/inst/task" in s3.objects


# What comes of it ------------------------------------------------------------------------------------------


class Site:
    """A project with one change that has ended and is remembered as told, and a channel that missed it."""

    def __init__(self, dms: FakeDms, webhooks: WebhookServer) -> None:
        """Configure what discovers it."""
        self.webhooks = webhooks
        change = ChangeId("inst", "task")
        dms.hold_instances(an_instance("inst", "orders", "RUNNING"))
        dms.script_progress(change, Answer.of_progress(100, ("a", "COMPLETED")))
        dms.script_task(change, Answer.of_task("SUCCESS"))
        listed = {"updated_at": f"{NOW - HOUR:%Y-%m-%dT%H:%M:%S}.000Z"}
        dms.hold_tasks("inst", a_task("task", "SUCCESS", **listed))
        keys = {"access_key": CREDENTIALS.access_key, "secret_key": CREDENTIALS.secret_key}
        cloud = {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": dms.endpoint, **keys}
        configure(
            huaweicloud=cloud,
            discover=True,
            channels={"team": {"url": f"json://{webhooks.location}/team"}},
        )
        keep(missed(channels={"team": missed().channels["team"]}), is_marked=False)
        mark(f"_told/inst/task/{(NOW - HOUR).timestamp():.0f}")

    def check(self) -> Ended:
        """Look once."""
        return run("check")

    def messages(self) -> list[dict[str, Any]]:
        """What the channel got."""
        return [request.json["headway"] for request in self.webhooks.received("/team")]


@pytest.fixture
def site() -> Iterator[Site]:
    """All of it on loopback."""
    with FakeDms() as dms, WebhookServer() as webhooks:
        yield Site(dms, webhooks)


def test_the_next_look_tells_a_change_that_was_told_to_its_end(site: Site) -> None:
    """Once, as a possible repeat; then nobody looks at it any more."""
    assert site.check().exit_code == 0
    assert site.messages() == []
    done("inst/task", "team")

    assert site.check().stdout.splitlines()[1] == "  team: 3 alerts sent"
    assert not is_marked("inst/task")
    assert site.check().exit_code == 0
    (message,) = site.messages()
    assert [alert["kind"] for alert in message["alerts"]] == ["started", "milestone", "completed"]
    assert message["possible_repeat"] is True
    assert kept("inst/task").is_told
    assert run("resend", "inst/task").stdout == "team: nothing is lost; --all tells all that is kept\n"


def test_a_change_that_is_configured_is_told_again(site: Site) -> None:
    """Where nothing else is looked at, and no marker is ever read."""
    settings = json.loads(Path("headway.yaml").read_text("utf-8"))
    settings |= {"discover": False, "watches": [{"instance_id": "inst", "task_id": "task"}]}
    Path("headway.yaml").write_text(json.dumps(settings), "utf-8")
    done("inst/task")
    site.check()
    site.check()

    assert len(site.messages()) == 1


def test_a_change_that_failed_long_ago_may_be_told_again(site: Site) -> None:
    """What is told again is not given up at once for its age."""
    seen = Observation(Phase.FAILED, 40, date=NOW - timedelta(days=9))
    old = tuple(replace(one, raised_at=one.raised_at - timedelta(days=9)) for one in missed().alerts)
    keep(missed(observation=seen, alerts=old, channels={"team": ChannelState(3)}), is_marked=False)
    done("inst/task")
    site.check()

    assert len(site.messages()) == 1
    assert kept("inst/task").is_told
