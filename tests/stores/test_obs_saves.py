"""The OBS store over a real socket: what a save costs, and what it claims when requests fail."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import chain, repeat

import pytest

from handler.huaweicloud.signing import Credentials
from handler.stores.obs import Announcing, ObsStore
from handler.stores.port import (
    Absent,
    Committed,
    Conflict,
    Loaded,
    StateUnavailableError,
    Unknown,
)
from handler.transport import Transport
from tests.fakes.clock import FakeClock
from tests.fakes.object_server import Fault
from tests.fakes.obs_server import FakeObs
from tests.stores.building import ANNOUNCING, obs_store

KEY = "changes/i/t.json"
LEASES = f"leases/{KEY}/"


@pytest.fixture
def store(obs: FakeObs, transport: Transport) -> ObsStore:
    """A store on the fake, with little time for a request."""
    return obs_store(obs, transport, timeout_seconds=lambda: 0.3)


def announced(obs: FakeObs, name: str, age_seconds: float = 0) -> None:
    """Let somebody have announced a save."""
    obs.objects[LEASES + name] = b""
    obs.age(LEASES + name, age_seconds)


def leases(obs: FakeObs) -> list[str]:
    """Announcements that stand there."""
    return [name for name in obs.objects if name.startswith("leases/")]


def test_a_save_that_nobody_contests_costs_five_requests(store: ObsStore, obs: FakeObs) -> None:
    """Announce, look, compare, write, withdraw; and never a condition on a PUT."""
    first = store.save(KEY, b"one", None)
    assert isinstance(first, Committed)
    assert obs.counts == {"PUT": 2, "LIST": 1, "GET": 1, "DELETE": 1}
    obs.counts.clear()

    assert isinstance(store.save(KEY, b"two", first.version), Committed)
    assert obs.counts == {"PUT": 2, "LIST": 1, "GET": 1, "DELETE": 1}
    assert obs.objects == {KEY: b"two"}
    assert not any({"if-match", "x-obs-if-match"} & each.headers.keys() for each in obs.received)
    assert not any("if-none-match" in each.headers for each in obs.received if each.method == "PUT")
    assert all("content-md5" in each.headers for each in obs.received if each.method == "PUT")


def test_without_a_lease_a_save_costs_two_requests(obs: FakeObs, transport: Transport) -> None:
    """Compare, write."""
    assert isinstance(obs_store(obs, transport, announcing=None).save(KEY, b"one", None), Committed)
    assert obs.counts == {"PUT": 1, "GET": 1}


def test_an_announcement_is_named_by_how_long_it_holds(obs: FakeObs, transport: Transport) -> None:
    """Anybody can read from it until when to wait."""
    obs.fail_next(Fault.DROP, method="DELETE")
    store = obs_store(obs, transport, "p", Announcing(lambda: 85, lambda: "r1", lambda: True))
    store.save(KEY, b"one", None)

    assert list(obs.objects) == [f"p/leases/{KEY}/85-r1", f"p/{KEY}"]


def test_somebody_elses_announcement_is_a_conflict(store: ObsStore, obs: FakeObs) -> None:
    """After four attempts; nothing was saved, and nothing of ours is left."""
    announced(obs, "60-other")

    assert store.save(KEY, b"one", None) == Conflict()
    assert leases(obs) == [f"{LEASES}60-other"]
    assert KEY not in obs.objects
    assert obs.counts == {"PUT": 4, "LIST": 4, "DELETE": 4, "GET": 3}


def test_an_expired_announcement_is_removed(store: ObsStore, obs: FakeObs) -> None:
    """The crash of another invocation delays only until its lease ends."""
    announced(obs, "60-other", age_seconds=90)

    assert isinstance(store.save(KEY, b"one", None), Committed)
    assert leases(obs) == []


def test_the_clock_of_the_store_decides(transport: Transport) -> None:
    """Ours runs far behind, and the lease has ended all the same."""
    clock = FakeClock(datetime.now(timezone.utc) + timedelta(minutes=10))
    with FakeObs(now=clock.now) as obs:
        announced(obs, "60-other")
        store = obs_store(obs, transport)
        assert store.save(KEY, b"one", None) == Conflict()
        clock.advance(62)
        assert isinstance(store.save(KEY, b"one", None), Committed)


def test_a_document_below_has_leases_of_its_own(store: ObsStore, obs: FakeObs) -> None:
    """A key may go on where another one ends."""
    obs.objects[f"{LEASES}deeper/60-other"] = b""

    assert isinstance(store.save(KEY, b"one", None), Committed)


def test_all_pages_of_announcements_are_seen(transport: Transport) -> None:
    """The one that matters may be on the last."""
    with FakeObs(page_keys_max=2) as obs:
        for number in range(4):
            announced(obs, f"60-a{number}", age_seconds=90)
        announced(obs, "90-other", age_seconds=10)

        assert obs_store(obs, transport).save(KEY, b"one", None) == Conflict()
        assert leases(obs) == [f"{LEASES}90-other"]


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.APPLY_THEN_DROP, Fault.APPLY_THEN_500, Fault.SLOW_DOWN])
def test_an_announcement_that_may_not_be_there_holds_nothing(
    store: ObsStore, obs: FakeObs, fault: Fault
) -> None:
    """The save certainly did not happen, and whatever arrived is taken away."""
    obs.fail_next(fault, method="PUT")
    with pytest.raises(StateUnavailableError, match=r"^obs://headway-obs (cannot be reached|answered 50)"):
        store.save(KEY, b"one", None)

    assert obs.objects == {}
    assert obs.counts == {"PUT": 1, "DELETE": 1}


FORBIDDEN = [
    ("PUT", "/leases/", "obs:object:PutObject"),
    ("LIST", "/", "obs:bucket:ListBucket"),
    ("GET", f"/{KEY}", "obs:object:GetObject, or obs:bucket:ListBucket for what is not there,"),
    ("PUT", f"/{KEY}", "obs:object:PutObject"),
]


@pytest.mark.parametrize(("method", "at", "permission"), FORBIDDEN)
def test_a_permission_that_is_missing_is_named(
    store: ObsStore, obs: FakeObs, method: str, at: str, permission: str
) -> None:
    """Whichever request is refused: nothing was saved, and nothing stands in anybody's way."""
    obs.fail_next(Fault.FORBIDDEN, method=method, at=at)
    with pytest.raises(StateUnavailableError, match=rf": the permission {permission} may be missing\.$"):
        store.save(KEY, b"one", None)

    assert obs.objects == {}


@pytest.mark.parametrize("announcing", [ANNOUNCING, None])
@pytest.mark.parametrize("fault", [Fault.APPLY_THEN_DROP, Fault.APPLY_THEN_500])
def test_a_write_whose_answer_is_lost_is_read_back(
    obs: FakeObs, transport: Transport, fault: Fault, announcing: Announcing | None
) -> None:
    """Our very bytes stand there, so it was saved, and the announcement is gone."""
    store = obs_store(obs, transport, announcing=announcing)
    obs.fail_next(fault, method="PUT", at=f"/{KEY}")
    saved = store.save(KEY, b"one", None)
    found = store.load(KEY)

    assert isinstance(found, Loaded)
    assert saved == Committed(found.version)
    assert leases(obs) == []


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.SLOW_DOWN, Fault.TRICKLE])
def test_a_write_that_may_still_arrive_keeps_others_out(
    obs: FakeObs, transport: Transport, store: ObsStore, fault: Fault
) -> None:
    """Until the lease ends nobody else may write, but whoever left it may."""
    obs.fail_next(fault, method="PUT", at=f"/{KEY}")

    assert store.save(KEY, b"one", None) == Unknown()
    [left] = leases(obs)
    assert obs_store(obs, transport).save(KEY, b"other", None) == Conflict()
    again = store.save(KEY, b"one again", None)
    assert isinstance(again, Committed)
    assert leases(obs) == [left]
    obs.age(left, 90)
    assert isinstance(obs_store(obs, transport).save(KEY, b"other", again.version), Committed)
    assert leases(obs) == []


def test_a_withdrawal_that_failed_only_delays(store: ObsStore, obs: FakeObs, transport: Transport) -> None:
    """It was saved; others wait for the lease to end, we do not."""
    obs.fail_next(Fault.DROP, method="DELETE")
    saved = store.save(KEY, b"one", None)
    assert isinstance(saved, Committed)
    assert obs_store(obs, transport).save(KEY, b"two", saved.version) == Conflict()
    assert isinstance(store.save(KEY, b"two", saved.version), Committed)


def test_half_of_our_bytes_are_not_ours(store: ObsStore, obs: FakeObs) -> None:
    """A read that meets a write may give a part of it under the ETag of the whole."""
    first = store.save(KEY, b"one", None)
    assert isinstance(first, Committed)
    obs.fail_next(Fault.APPLY_THEN_DROP, method="PUT", at=f"/{KEY}")
    # The first of the two falls on the comparison, whose answer has no body.
    obs.fail_next(Fault.HALF, method="GET", times=2)

    assert store.save(KEY, b"two", first.version) == Unknown()


def test_nothing_is_sent_when_time_is_up(obs: FakeObs, transport: Transport) -> None:
    """A process that thaws long after its deadline writes nothing, wherever it was frozen."""
    for requests in range(4):
        left = chain(repeat(5.0, requests), repeat(0.0))
        store = obs_store(obs, transport, timeout_seconds=left.__next__)
        with pytest.raises(StateUnavailableError, match=r"^No time is left to ask obs://headway-obs\.$"):
            store.save(KEY, b"one", None)

        assert sum(obs.counts.values()) == requests
        assert isinstance(obs_store(obs, transport).load(KEY), Absent)
        obs.counts.clear()
        obs.objects.clear()


def test_the_wrong_keys_are_explained(obs: FakeObs, transport: Transport) -> None:
    """As with S3, and without a secret."""
    store, keys = obs_store(obs, transport), obs.credentials
    for right, message in [
        (Credentials("ANOTHER", keys.secret_key), "InvalidAccessKeyId: this access key does not exist"),
        (
            Credentials(keys.access_key, "another", keys.security_token),
            "SignatureDoesNotMatch: the secret key does not belong to the access key",
        ),
    ]:
        obs.credentials = right
        with pytest.raises(StateUnavailableError, match=rf"^obs://headway-obs answered 403 {message}\.$"):
            store.load(KEY)
