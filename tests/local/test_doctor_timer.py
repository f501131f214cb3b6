"""The doctor at what is kept: whether anybody looks, a key that rests, ledgers that cannot be read."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import pytest

from handler.core.change import ChangeId
from handler.core.ledger import Ledger
from handler.core.observation import Observation, Phase
from handler.huaweicloud.signing import Credentials
from handler.local.doctor.check import Outcome
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import CREDENTIALS as SIMULATED
from handler.local.simulation.simulator import Simulator
from handler.stores.bucket import Bucket
from handler.stores.folder import FolderStore
from handler.stores.ledgers import Ledgers
from handler.stores.markers import Markers
from handler.stores.port import StateStore
from handler.stores.s3 import S3Store
from handler.transport import Transport
from tests.fakes.s3_server import CREDENTIALS, FakeS3
from tests.local.doctors import ask, configure, finding, without_variables

CHANGE: Final = ChangeId("instance", "task")


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(timezone.utc)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, with no variables of Headway's set."""
    monkeypatch.chdir(tmp_path)
    for name in without_variables():
        monkeypatch.delenv(name)


@pytest.fixture
def store() -> FolderStore:
    """What the configuration calls the state."""
    configure()
    return FolderStore(Path(".headway"), utc_now)


def follow(store: StateStore, looked_at: datetime, phase: Phase = Phase.RUNNING) -> None:
    """Keep a change as the function does that looked at it then."""
    ledger = Ledger(str(CHANGE), looked_at, looked_at=looked_at, observation=Observation(phase))
    Ledgers(store, lambda: "nonce", {}).save(CHANGE, ledger, None)
    Markers(store).follow(CHANGE)


def test_a_function_that_looks_is_known_by_what_it_keeps(store: FolderStore) -> None:
    """By the last look that it noted."""
    # Half a minute more, for what a slow machine or a clock that is set meanwhile adds or takes away.
    follow(store, utc_now() - timedelta(minutes=3, seconds=30))
    checks = ask()

    found = finding(checks, "timer")
    assert found.outcome is Outcome.OK
    assert re.fullmatch(r"the last look is noted 3 minutes .*ago; a look by hand counts too", found.detail)
    assert finding(checks, "ledgers").detail == "1 change followed, all ledgers can be read"
    assert finding(checks, "store").detail == "file:.headway can be read; 1 change marked as followed"


def test_a_timer_that_is_off_is_found(store: FolderStore) -> None:
    """Who looks notes it after ten minutes at the latest."""
    follow(store, utc_now() - timedelta(hours=2, seconds=30))
    found = finding(ask(), "timer")

    assert found.outcome is Outcome.FAILED
    assert found.detail == "nobody has looked for 2 hours: is the timer on?"


def test_looks_are_dated_by_the_stores_clock() -> None:
    """Here it is ten minutes ahead, so by ours the look that it dates is younger than it is."""

    def store_now() -> datetime:
        return utc_now() + timedelta(minutes=10)

    with FakeS3(now=store_now) as server:
        where = f"region={server.region}&endpoint={server.endpoint}&path_style=true"
        configure(state=f"s3://{server.bucket}?{where}")
        bucket = Bucket(name=server.bucket, region=server.region, endpoint=server.endpoint, path_style=True)
        store = S3Store(
            bucket, CREDENTIALS, send=Transport(connections=1), now=utc_now, timeout_seconds=lambda: 5.0
        )
        follow(store, store_now() - timedelta(minutes=35, seconds=30))
        variables = {
            "AWS_ACCESS_KEY_ID": CREDENTIALS.access_key,
            "AWS_SECRET_ACCESS_KEY": CREDENTIALS.secret_key,
        }
        found = finding(ask(variables), "timer")

    assert found.detail.startswith("nobody has looked for 35 minutes")


def test_where_nothing_goes_on_nothing_tells(store: FolderStore) -> None:
    """A change that is over is not looked at any more."""
    follow(store, utc_now() - timedelta(hours=2), Phase.COMPLETED)
    found = finding(ask(), "timer")

    assert found.outcome is Outcome.SKIPPED
    assert found.advice == (
        "`headway invoke TARGET` shows whether the function runs; heartbeat.url would tell when it does not"
    )


def test_a_change_that_is_named_and_of_which_nothing_is_kept_nobody_has_looked_at(store: FolderStore) -> None:
    """As after a first deployment whose timer is off; a look would have kept something."""
    assert store.list("active/") == []
    found = finding(ask(), "timer")

    assert found.outcome is Outcome.WARNING
    assert found.detail == "nobody has looked yet at what is to be followed (1 change)"


def test_a_change_that_is_named_and_over_needs_no_look(store: FolderStore) -> None:
    """It is told to its end, and taken from what is followed."""
    follow(store, utc_now() - timedelta(hours=2), Phase.COMPLETED)
    Markers(store).drop(CHANGE)

    assert finding(ask(), "timer").outcome is Outcome.SKIPPED


def test_a_ledger_that_cannot_be_read_is_named(store: FolderStore) -> None:
    """The others are read all the same."""
    follow(store, utc_now())
    damaged = ChangeId("instance", "damaged")
    Markers(store).follow(damaged)
    store.put(f"changes/{damaged}.json", b"{")
    checks = ask()

    assert finding(checks, "ledgers").outcome is Outcome.FAILED
    assert "The ledger of instance/damaged cannot be read" in finding(checks, "ledgers").detail
    assert finding(checks, "timer").outcome is Outcome.OK


def test_a_folder_in_place_of_a_ledger_is_that_changes_trouble(store: FolderStore) -> None:
    """The others are read all the same, and the place is named."""
    follow(store, utc_now())
    Markers(store).follow(ChangeId("instance", "stray"))
    Path(".headway/changes/instance/stray.json").mkdir()
    checks = ask()

    assert finding(checks, "ledgers").detail == (
        "The file .headway/changes/instance/stray.json cannot be used: Is a directory."
    )
    assert finding(checks, "timer").outcome is Outcome.OK


def test_ledgers_that_were_set_aside_are_told(store: FolderStore) -> None:
    """They wait for somebody to look at them."""
    store.put(f"aside/{CHANGE}/0123456789abcdef.json", b"{")
    found = finding(ask(), "ledgers set aside")

    assert found.outcome is Outcome.WARNING
    assert found.detail == "1 ledger could not be read, and had to be begun anew"


@pytest.mark.parametrize("minutes", [4, 40])
def test_a_key_that_was_refused_to_the_function_is_told(minutes: int) -> None:
    """It rests for ten minutes; here it is accepted, so it was mended meanwhile."""
    refused_at = utc_now() - timedelta(minutes=minutes)
    with Simulator(find_script("good")) as simulator:
        configure(simulator.url, watches=[simulator.change._asdict()])
        store = FolderStore(Path(".headway"), utc_now)
        Markers(store, SIMULATED.name).note_refusal(refused_at)
        Markers(store, Credentials("another", "key").name).note_refusal(utc_now())
        found = finding(ask(), "resting access key")

    assert found.outcome is Outcome.WARNING
    assert found.detail.startswith(f"the API refused it to the function at {refused_at:%H:%M} UTC")
    assert ("it rests until" in found.detail) == (minutes < 10)
    assert found.detail.endswith("here it is accepted")


def test_no_refusal_is_no_news(store: FolderStore) -> None:
    """And nothing set aside neither."""
    follow(store, utc_now())
    checks = ask()

    assert finding(checks, "resting access key").outcome is Outcome.OK
    assert finding(checks, "ledgers set aside").outcome is Outcome.OK
