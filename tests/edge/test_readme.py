"""What the pages say of settings, alerts and services is what the code does."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest

from handler.core.rules import Policy
from handler.settings import Settings, read_settings
from handler.settings.section import each_field
from handler.settings.variables import VARIABLES
from notifiers.alerts import TRAITS, Alert, Group, Kind
from notifiers.forms import PLAIN
from notifiers.messages import Link, Place, Situation, StepLine, compose
from notifiers.rendering import write
from notifiers.saying import Reader
from notifiers.services.catalog import KNOWN, open_service
from tests.edge.configurations import nothing_kept
from tests.edge.pages import blocks, pages

README = pages()["README.md"]
SETTINGS = pages()["handler/settings/README.md"]
NOTIFIERS = pages()["notifiers/README.md"]
SERVICES = NOTIFIERS.partition("## Services")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| `([a-zA-Z_.\[\]]+)` \| (.+?) \| (.+?) \| (.*?) ?\|$", SETTINGS, re.MULTILINE)


def shown(place: tuple[str, ...]) -> str:
    """A key's place as the page writes it."""
    return ".".join(place).replace("watches.*", "watches[]").replace("channels.*", "channels.NAME")


def test_the_table_names_every_setting_and_no_other() -> None:
    """A key that is added or dropped shows up here."""
    fields = {shown(place): field for place, field in each_field(Settings)}
    sections = {key for key in fields if any(other.startswith((f"{key}.", f"{key}[")) for other in fields)}

    assert {key for key, *_ in ROWS} == fields.keys() - sections


def test_the_table_tells_which_settings_are_required() -> None:
    """So that nobody has to find out by errors."""
    fields = {shown(place): field for place, field in each_field(Settings)}

    assert {key for key, _, default, _ in ROWS if default == "required"} == {
        key for key, *_ in ROWS if fields[key].is_required
    }


def test_the_defaults_are_those_of_the_code() -> None:
    """Each default that has a value."""
    told = {key: default.strip("`") for key, _, default, _ in ROWS}
    policy = Policy()

    assert told["alerts.milestones"] == str(list(policy.milestones))
    assert told["alerts.stalled_after"] == f"{policy.stalled_after.total_seconds() / 60:g}m"
    assert told["alerts.unreachable_after"] == f"{policy.unreachable_after.total_seconds() / 60:g}m"
    assert told["alerts.delayed_by"] == f"{policy.delayed_by}x"
    fields = {shown(place): field for place, field in each_field(Settings)}
    assert told["huaweicloud.connections"] == str(fields["huaweicloud.connections"].default)
    assert told["huaweicloud.remaining_time_unit"] == fields["huaweicloud.remaining_time_unit"].default.value
    assert told["channels.NAME.min_severity"] == fields["channels.NAME.min_severity"].default.value
    assert told["state"] == f"file:{fields['state'].default.directory}"
    assert told["timezone"] == str(fields["timezone"].default)
    assert told["language"] == fields["language"].default.value


def test_the_variables_are_those_of_the_code() -> None:
    """Each variable stands beside the key that it sets."""
    told = {re.sub(r"\[\]|\.NAME\.url$", "", key): re.findall(r"HEADWAY_\w+", cell) for key, *_, cell in ROWS}
    existing = {name: ".".join(str(part) for part in path if part != 0) for name, path in VARIABLES.items()}

    assert {name: key for key, names in told.items() for name in names} == {
        name: key for name, key in existing.items() if key in told
    }


def test_the_groups_are_those_of_the_code() -> None:
    """Each group with all of its kinds."""
    rows = re.findall(r"^\| `(progress|steps|end|trouble)` \| (.+) \|$", SETTINGS, re.MULTILINE)
    told = {Group(group): {Kind(name) for name in re.findall(r"`(\w+)`", kinds)} for group, kinds in rows}

    assert told == {
        group: {kind for kind, traits in TRAITS.items() if group in traits.groups} for group in Group
    }
    sentence = re.search(r"^((?:`\w+`(?:, | and )?)+) get through in quiet hours", SETTINGS, re.MULTILINE)
    assert sentence
    assert {Kind(name) for name in re.findall(r"`(\w+)`", sentence[1])} == {
        kind for kind, traits in TRAITS.items() if traits.passes_quiet_hours
    }


@pytest.mark.parametrize(
    ("page", "channels", "watches"),
    [(README, ["team"], []), (SETTINGS, ["team", "on-call", "shanghai"], ["invoices"])],
    ids=["shortest", "example"],
)
def test_the_configuration_shown_can_be_used(page: str, channels: list[str], watches: list[str]) -> None:
    """As it stands, with its secrets in variables."""
    block = blocks(page, "yaml")[0]
    variables = {"SLACK_TOKENS": "T1/B2/t3", "MAIL_PASSWORD": "pa:ss@/", "WECOM_KEY": "key"}
    settings = read_settings(
        variables.get, fetch=nothing_kept, read_file=lambda _: block, default_path="headway.yaml"
    )

    assert list(settings.channels) == channels
    assert [watch.name for watch in settings.watches] == watches


def test_the_message_shown_is_what_is_sent() -> None:
    """Letter by letter."""
    now = datetime(2026, 11, 24, 11, 12, tzinfo=timezone.utc)
    causes = ("step_completed:disk_expansion#1", "step_started:rolling_restart#1")
    completed = Alert(5, Kind.STEP_COMPLETED, causes[0], now, 68, step="disk_expansion", step_seconds=160)
    started = Alert(6, Kind.STEP_STARTED, causes[1], now, 68, step="rolling_restart")
    situation = Situation(
        change_id="inst/task",
        name="orders",
        phase="running",
        percent=68,
        remaining_seconds=1124,
        steps=(
            StepLine("pre_check", "completed", seconds=40),
            StepLine("disk_expansion", "completed", seconds=160),
            StepLine("rolling_restart", "running"),
        ),
        links=(Link(Place.CONSOLE, "https://console.huaweicloud.com/dms/?region=eu-west-101"),),
        seen_at=now,
    )
    letter = write(compose([completed, started], situation, repeat_upto=0), Reader(), PLAIN)

    assert f"```\n{letter.title}\n\n{letter.body}\n```" in README


def test_the_services_of_our_own_are_all_in_the_table() -> None:
    """By an address of one of their schemas, and none that does not exist."""
    shown = set(re.findall(r"`(\w+)://", SERVICES))
    schemas: dict[str, set[str]] = {}
    for schema, place in KNOWN.items():
        schemas.setdefault(place, set()).add(schema)
    own = [names for place, names in schemas.items() if place.startswith("notifiers.")]

    assert [names for names in own if not names & shown] == []
    assert shown <= KNOWN.keys()


@pytest.mark.parametrize("line", re.findall(r"^export HEADWAY_CHANNELS='\w+=(\S+)'", NOTIFIERS, re.MULTILINE))
def test_the_examples_for_wechat_can_be_used(line: str) -> None:
    """Each is a channel as it stands."""
    assert open_service("wechat", line).schema == line.partition(":")[0]
