"""To open what is kept: which secrets of the configuration that takes, and what there is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from handler.core.change import ChangeId
from handler.local.configuration import of_file
from handler.local.exits import CommandError
from handler.local.kept.keeping import Keeping, open_kept
from tests.local.kept_changes import configure, keep, mark, running

URLS = {
    "team": {"url": "slack://${TEAM_TOKENS}"},
    "ops": {"url": "${OPS_URL}"},
    "mail": {"url": "${ssm:mail}"},
}


@pytest.fixture(autouse=True)
def _own_folder(own_folder: Path) -> None:  # noqa: ARG001 - where all is kept
    """Run in a folder with a configuration in it."""
    configure()


def opened(**environ: str) -> Keeping:
    """Open it with these variables."""
    return open_kept(of_file(None, environ))


def refusal(**environ: str) -> str:
    """Why it cannot be opened."""
    with pytest.raises(CommandError) as error:
        opened(**environ)
    assert error.value.exit_code == 2
    return str(error.value)


def test_what_channels_callers_and_the_heartbeat_are_reached_by_need_not_be_known() -> None:
    """Not even AWS is asked for it, for which there are no keys."""
    configure(channels=URLS, http={"token": "${TOKEN}"}, heartbeat={"url": "${ssm:heartbeat}"})
    keeping = opened()

    assert [*keeping.settings.channels] == ["team", "ops", "mail"]
    assert keeping.settings.follows_registered
    assert [keeping.service_of(name) for name in ("team", "ops", "mail", "nobody")] == ["slack", "", "", ""]


@pytest.mark.parametrize(
    "address",
    [
        "https://${HOST}/ping",
        "http://${HOST}:8000/ping",
        "https://example.com:${PORT}/ping",
        "https://example.com/${ssm:uuid}",
    ],
)
def test_any_part_of_an_address_need_not_be_known(address: str) -> None:
    """Wherever in it the value belongs."""
    configure(channels={"ops": {"url": address.replace("https", "jsons")}}, heartbeat={"url": address})

    assert opened().service_of("ops") in {"json", "jsons", "http"}


def test_a_value_may_be_a_whole_secret_and_a_part_of_another() -> None:
    """What stands for it has to do for both."""
    configure(channels={"ops": {"url": "json://u:${X}@example.com/"}}, http={"token": "${X}"})

    assert opened().settings.follows_registered


def test_a_secret_that_is_there_says_which_service_it_is_for() -> None:
    """As in a channel whose whole URL is one."""
    configure(channels=URLS)

    assert opened(OPS_URL="mailtos://user:password@example.com").service_of("ops") == "mailtos"


@pytest.mark.parametrize(
    ("more", "mistake"),
    [
        ({"state": "file:${STATE}"}, "state: needs the variable STATE"),
        ({"state": "file:${TEAM_TOKENS}"}, "state: needs the variable TEAM_TOKENS"),
        (
            {"channels": {"ops": {"url": "${OPS_URL}", "quiet": "${QUIET}"}}},
            "quiet: needs the variable QUIET",
        ),
        ({"network": {"proxy": "${ssm:proxy}"}}, "network.proxy: needs ssm:proxy"),
        ({"channels": {"ops": {"url": "nonsense"}}}, "channels.ops.url: has no scheme"),
    ],
)
def test_all_else_has_to_be_there(more: Mapping[str, object], mistake: str) -> None:
    """Also a value that a channel takes, too."""
    configure(**{"channels": URLS, **more})

    assert mistake in refusal()


def test_without_a_configuration_it_says_what_to_do() -> None:
    """As every command does."""
    Path("headway.yaml").unlink()

    assert "headway.yaml: is not in this folder" in refusal()


def test_of_a_change_that_there_is_not_it_says_which_there_are() -> None:
    """Some of them, with what people call them."""
    with pytest.raises(CommandError, match=r"^Nothing is kept of inst/gone, nor of any other change\.$"):
        opened().find(ChangeId("inst", "gone"))
    mark("inst/new")
    for number in range(7):
        keep(running(f"inst/task-{number}", name=f"orders\n{number}"))

    with pytest.raises(CommandError) as error:
        opened().find(ChangeId("inst", "gone"))
    assert str(error.value) == (
        "Nothing is kept of inst/gone. There are inst/new, inst/task-0 (orders 0), inst/task-1 (orders 1),"
        " inst/task-2 (orders 2), inst/task-3 (orders 3); `headway status` shows all."
    )
    assert (error.value.kind, error.value.exit_code) == ("not_found", 1)
