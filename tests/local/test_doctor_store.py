"""The doctor at the store: each thing that can be wrong there, made real once; and that nothing is left."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import pytest

from handler.local.configuration import Configuration
from handler.local.doctor.check import Check, Outcome
from handler.local.doctor.examination import examine
from handler.local.doctor.scratch import TOP
from handler.stores import sigv4
from tests.fakes.moto_server import Moto, running_moto
from tests.fakes.object_server import ObjectServer
from tests.fakes.obs_server import FakeObs
from tests.fakes.odd_buckets import (
    CarelessS3,
    ForgetfulS3,
    GuardedObs,
    GuardedS3,
    LaggingObs,
    LaggingS3,
    LossyS3,
)
from tests.fakes.s3_server import CREDENTIALS, FakeS3
from tests.local.doctors import ask, configure, finding, keys, outcomes, said, without_variables

ALL: Final = ("store", "store clock", "store writing", "store conditions", "store listing")
NOBODY: Final = 65534
OF_THE_ROLE: Final = (
    ("GET", "headway/"),
    ("PUT", "headway/"),
    ("DELETE", "headway/active/"),
)
"""What `infra/aws/role.tf` allows beside listing."""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, with no variables of Headway's set."""
    monkeypatch.chdir(tmp_path)
    for name in without_variables():
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    """S3 as moto understands it, with everybody's rights looked at."""
    with running_moto() as server:
        yield server


def of_aws(credentials: sigv4.Credentials = CREDENTIALS) -> dict[str, str]:
    """The variables with an access key for S3."""
    token = {"AWS_SESSION_TOKEN": credentials.session_token} if credentials.session_token else {}
    return {
        **keys(),
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        **token,
    }


def configure_s3(server: FakeS3) -> None:
    """Write a configuration with this store."""
    where = f"region={server.region}&endpoint={server.endpoint}&path_style=true"
    configure(state=f"s3://{server.bucket}/headway?{where}")


def examined(server: ObjectServer) -> list[Check]:
    """What is found with this store."""
    if isinstance(server, FakeS3):
        configure_s3(server)
        return ask(of_aws())
    assert isinstance(server, FakeObs)
    configure_obs(server)
    return ask(keys(server.credentials))


def configure_obs(server: FakeObs, lock: str = "announce") -> None:
    """Write a configuration with this store."""
    configure(state=f"obs://{server.bucket}/headway?endpoint={server.endpoint}&lock={lock}")


def left(server: ObjectServer) -> list[str]:
    """What stands in the store afterwards."""
    return sorted(server.objects)


def test_a_folder_keeps_every_promise_and_is_left_as_it_was() -> None:
    """No lock of its own stays, and no folder that was not there before."""
    configure()
    checks = ask()

    assert set(outcomes(checks, "store").values()) == {Outcome.OK}
    assert finding(checks, "store").detail == "file:.headway can be read; 0 changes marked as followed"
    assert finding(checks, "store conditions").detail == (
        "8 saved one document at once, and no more than one won; 3 rounds"
    )
    assert [path.name for path in Path().iterdir()] == ["headway.yaml"]


def test_a_folder_that_is_in_use_keeps_what_it_holds() -> None:
    """Also when it holds nothing but itself."""
    for folder in ("empty", "used/active/inst"):
        Path(folder).mkdir(parents=True)
    Path("used/active/inst/task").touch()
    for name in ("empty", "used"):
        configure(state=f"file:{name}")
        assert finding(ask(), "store writing").outcome is Outcome.OK

    assert [path.as_posix() for path in sorted(Path("used").rglob("*"))] == [
        "used/active",
        "used/active/inst",
        "used/active/inst/task",
    ]
    assert list(Path("empty").iterdir()) == []


def test_a_folder_that_cannot_be_used_is_told() -> None:
    """For instance because it is a file."""
    Path("file").touch()
    configure(state="file:file/folder")
    checks = ask()

    assert finding(checks, "store").outcome is Outcome.FAILED
    assert finding(checks, "store").detail == "The folder file/folder cannot be used: Not a directory."
    assert finding(checks, "store writing").detail == "needs the store"


@pytest.mark.parametrize(("mode", "name"), [(0o000, "store"), (0o500, "store writing")])
def test_a_folder_without_rights_is_told_with_who_needs_which(tmp_path: Path, mode: int, name: str) -> None:
    """Whoever may do everything is somebody else meanwhile."""
    configure(state="file:ro")
    Path("ro").mkdir(mode=mode)
    # Not even the way there is theirs.
    tmp_path.chmod(0o755)
    # What an examination imports may be out of their reach.
    ask()
    us = os.geteuid()
    if us == 0:
        os.chown("ro", NOBODY, -1)
        os.seteuid(NOBODY)
    try:
        checks, user = ask(), os.geteuid()
    finally:
        os.seteuid(us)
    Path("ro").chmod(0o700)

    found = finding(checks, name)
    assert (found.outcome, found.detail) == (
        Outcome.FAILED,
        "The folder ro cannot be used: Permission denied.",
    )
    assert found.advice == (
        f"whoever runs Headway, here user {user}, needs the right to read, write and enter it and all in it,"
        " or to make it where it is not there"
    )


def test_s3_keeps_every_promise() -> None:
    """By no more rights than the function has, and nothing is left."""
    with GuardedS3(*OF_THE_ROLE) as server:
        checks = examined(server)

    assert {name: finding(checks, name).outcome for name in ALL} == dict.fromkeys(ALL, Outcome.OK)
    assert (
        finding(checks, "store").detail
        == "s3://headway-state/headway can be read; 0 changes marked as followed"
    )
    assert finding(checks, "access key of the store").detail == "from the environment, AWS_ACCESS_KEY_ID"
    assert left(server) == []


def test_obs_keeps_every_promise_by_its_lease() -> None:
    """Removing no more than the function's agency may, and nothing is left; of its announcements neither."""
    with FakeObs() as server:
        checks = examined(server)

    assert {name: finding(checks, name).outcome for name in ALL} == dict.fromkeys(ALL, Outcome.OK), said(
        checks
    )
    assert "3 saved one document at once" in finding(checks, "store conditions").detail
    removed = {each.target for each in server.received if each.method == "DELETE"}
    assert {target.split("/")[2] for target in removed} == {"active", "leases"}
    assert left(server) == []


def test_obs_without_a_lease_is_not_raced_for() -> None:
    """There it is for the platform to keep invocations apart."""
    with FakeObs() as server:
        configure_obs(server, "platform")
        checks = ask(keys(server.credentials))

    found = finding(checks, "store conditions")
    assert (found.outcome, found.detail.partition(" ")[0]) == (Outcome.SKIPPED, "lock=platform")
    assert finding(checks, "store listing").outcome is Outcome.OK
    assert left(server) == []


def test_moto_is_understood(moto: Moto) -> None:
    """A second opinion on requests and rights, with temporary keys; it has no lock, so nobody races there."""
    where = f"region={moto.region}&endpoint={moto.endpoint}&path_style=true"
    configure(state=f"s3://{moto.bucket}/headway?{where}")
    checks = ask(of_aws(moto.role))

    names = [name for name in ALL if name != "store conditions"]
    assert {name: finding(checks, name).outcome for name in names} == dict.fromkeys(names, Outcome.OK)
    assert finding(checks, "access key of the store").detail.endswith(", temporary, with a session token")


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        (sigv4.Credentials("AKIANOBODY", CREDENTIALS.secret_key), "this access key does not exist"),
        (sigv4.Credentials(CREDENTIALS.access_key, "s3cr3t"), "the secret key does not belong"),
    ],
)
def test_keys_that_the_store_refuses_are_told(credentials: sigv4.Credentials, expected: str) -> None:
    """Once, and with what may be wrong with them; the secret itself is never told."""
    with FakeS3() as server:
        configure_s3(server)
        checks = ask(of_aws(credentials))

    assert finding(checks, "store").outcome is Outcome.FAILED
    assert expected in finding(checks, "store").detail
    assert server.counts == {"LIST": 1}
    assert finding(checks, "store clock").outcome is Outcome.OK
    assert finding(checks, "store listing").detail == "needs the right to write and to remove"
    assert finding(checks, "timer").detail == "needs the store"
    assert "s3cr3t" not in said(checks)


def test_a_store_whose_clock_is_another_is_told() -> None:
    """Who refuses for that reason says what time it is."""
    with FakeS3(now=lambda: datetime.now(timezone.utc) + timedelta(hours=1)) as server:
        checks = examined(server)

    assert "more than 15 minutes" in finding(checks, "store").detail
    assert finding(checks, "store clock").detail.endswith(" behind the store's")
    assert finding(checks, "store clock").outcome is Outcome.FAILED


def test_a_store_that_is_not_there_is_told() -> None:
    """By what keeps one from it."""
    configure(state="s3://bucket/headway?region=eu-west-1&endpoint=https://127.0.0.1:9&path_style=true")
    checks = ask(of_aws())

    found = finding(checks, "store")
    assert (found.detail, found.advice) == (
        "127.0.0.1 refused the connection",
        "check state and its port, and firewalls",
    )
    assert finding(checks, "store clock").detail == "needs the store"


def test_a_store_without_keys_is_a_matter_of_the_configuration() -> None:
    """The variables are named."""
    configure(state="s3://bucket/headway?region=eu-west-1")
    checks = ask(keys())

    assert finding(checks, "store").is_misconfigured
    assert finding(checks, "access key of the store").is_misconfigured
    assert "AWS_ACCESS_KEY_ID" in finding(checks, "access key of the store").detail


@pytest.mark.parametrize(
    ("lacking", "name", "expected"),
    [
        (("GET", "headway/"), "store", "s3:GetObject"),
        (("PUT", "headway/"), "store writing", "s3:PutObject"),
        (("DELETE", "headway/active/"), "store writing", "s3:DeleteObject"),
    ],
)
def test_each_right_that_is_missing_is_named(lacking: tuple[str, str], name: str, expected: str) -> None:
    """And nothing more is tried that would only leave something behind."""
    with GuardedS3(*(right for right in OF_THE_ROLE if right != lacking)) as server:
        checks = examined(server)

    found = finding(checks, name)
    assert found.outcome is Outcome.FAILED
    assert expected in found.detail
    assert finding(checks, "store conditions").outcome is Outcome.SKIPPED
    assert len(left(server)) == (lacking[0] == "DELETE")
    assert ("store tidied" in outcomes(checks)) == (lacking[0] == "DELETE")


def test_a_lease_that_may_not_be_withdrawn_is_told() -> None:
    """Else whoever announces a save would be in its own way for as long as that holds."""
    with GuardedObs(*OF_THE_ROLE) as server:
        found = finding(examined(server), "store conditions")

    assert found.outcome is Outcome.FAILED
    assert "obs:object:DeleteObject" in found.detail


def test_what_cannot_be_removed_is_told() -> None:
    """Beneath which name, and why."""
    with GuardedS3(*OF_THE_ROLE[:2]) as server:
        checks = examined(server)

    found = finding(checks, "store tidied")
    assert found.outcome is Outcome.WARNING
    assert found.detail.startswith(f"something of this examination stays beneath {TOP}")
    assert found.detail.endswith("s3:DeleteObject may be missing")


@pytest.mark.parametrize(
    ("unknown", "expected"),
    [
        (("if-match", "if-none-match"), "8 of 8 that saved one document at once"),
        (("if-none-match",), "8 of 8 that saved one document at once"),
        (("if-match",), "8 of 8 that saved one document at once"),
    ],
)
def test_a_store_that_does_not_know_conditions_is_found(unknown: tuple[str, ...], expected: str) -> None:
    """Whichever of the two it ignores; it answers 200 to everybody."""
    with CarelessS3(*unknown) as server:
        checks = examined(server)

    found = finding(checks, "store conditions")
    assert found.outcome is Outcome.FAILED
    assert found.detail.startswith(f"saves are not conditional: {expected}")
    assert "If-None-Match" in (found.advice or "")
    assert left(server) == []


def test_a_store_that_forgets_is_found() -> None:
    """What it has written must be there."""
    with ForgetfulS3() as server:
        found = finding(examined(server), "store writing")

    assert (found.outcome, found.detail) == (
        Outcome.FAILED,
        "what has just been written is not what can be read then",
    )


def test_lost_answers_prove_nothing() -> None:
    """Nobody knows then who has won."""
    with LossyS3() as server:
        found = finding(examined(server), "store conditions")

    assert (found.outcome, found.advice) == (Outcome.WARNING, "run the doctor again")
    assert left(server) == []


def test_a_listing_that_lags_breaks_obss_lease() -> None:
    """Nobody sees anybody else's announcement there, nor their own."""
    with LaggingObs(0.5) as server:
        found = finding(checks := examined(server), "store listing")

    assert found.outcome is Outcome.FAILED
    assert found.detail.startswith(
        "5 of 5 new keys did not show in a LIST right after they were put (one came after "
    )
    assert "lock=platform" in (found.advice or "")
    assert finding(checks, "store conditions").outcome is Outcome.FAILED


def test_a_listing_that_lags_is_a_nuisance_elsewhere() -> None:
    """Changes are found a little later; all is removed, though no listing shows it."""
    with LaggingS3(0.5) as server:
        found = finding(checks := examined(server), "store listing")

    assert found.outcome is Outcome.WARNING
    assert found.detail.startswith("5 of 5 new keys did not show in a LIST")
    assert finding(checks, "store conditions").outcome is Outcome.OK
    assert left(server) == []


def test_what_an_examination_has_left_that_died_is_removed() -> None:
    """Unless it may be under way, or is not an examination's; announcements of OBS's lease as well."""
    now = int(time.time())
    kept = [f"{TOP}{now - 60}-ab/written", f"{TOP}notes", "active/inst/task"]
    dead = [f"{TOP}{now - 700}-ab/written", f"leases/{TOP}{now - 700}-ab/race-0/60-cd"]
    with FakeObs() as server:
        server.objects.update({f"headway/{key}": b"" for key in (*kept, *dead)})
        checks = examined(server)

    assert finding(checks, "store").detail.endswith("can be read; 1 change marked as followed")
    assert finding(checks, "store writing").detail.endswith(
        "; removed 2 keys that an examination before had left"
    )
    assert left(server) == sorted(f"headway/{key}" for key in kept)


def test_a_folder_is_swept_too() -> None:
    """With the locks of documents that are gone."""
    now = int(time.time())
    for name in (f"{now - 700}-ab", f"{now - 60}-ab"):
        for file in ("written~lock", "race-0"):
            path = Path(".headway", TOP, name, file)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    configure()
    checks = ask()

    assert finding(checks, "store writing").detail.endswith(
        "; removed 1 key that an examination before had left"
    )
    assert [path.name for path in Path(".headway", TOP).iterdir()] == [f"{now - 60}-ab"]


def test_whoever_breaks_it_off_leaves_nothing_behind() -> None:
    """At whichever check."""
    with FakeS3() as server:
        configure_s3(server)
        for last in ("store writing", "store conditions", "store listing"):
            checks = examine(Configuration(of_aws(), "headway.yaml"))
            for check in checks:
                if check.name == last:
                    break
            checks.close()
            assert left(server) == []


def test_ctrl_c_in_the_middle_of_a_race_leaves_nothing_behind() -> None:
    """Who contends gives up, and what was written is removed before anybody is let go."""
    with FakeObs() as server:
        configure_obs(server)

        def interrupt() -> None:
            while not any("race-" in each.target for each in server.received):
                time.sleep(0.001)
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=interrupt, daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            ask(keys(server.credentials))

    assert left(server) == []
