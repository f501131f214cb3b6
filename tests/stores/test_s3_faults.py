"""The S3 store over a real socket, with a server that fails: nothing is claimed that is not so."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from handler.stores.bucket import Bucket
from handler.stores.dialect import S3
from handler.stores.listing import read_page
from handler.stores.port import (
    Absent,
    Committed,
    Conflict,
    Loaded,
    StateUnavailableError,
    Unchanged,
    Unknown,
)
from handler.stores.s3 import S3Store
from handler.stores.sigv4 import Credentials, sign
from handler.transport import Request, Transport
from tests.fakes.moto_server import Moto
from tests.fakes.s3_server import CREDENTIALS, FakeS3, Fault
from tests.stores.building import path_style_store, store_in, utc_now, virtual_host_store

KEY = "changes/i/t.json"


@pytest.fixture
def store(s3: FakeS3, transport: Transport) -> S3Store:
    """A store on the fake, with little time for a request."""
    bucket = Bucket(name=s3.bucket, region=s3.region, endpoint=s3.endpoint, path_style=True)
    return S3Store(bucket, s3.credentials, send=transport, now=utc_now, timeout_seconds=lambda: 0.3)


@pytest.mark.parametrize("fault", [Fault.APPLY_THEN_DROP, Fault.APPLY_THEN_500])
def test_a_save_whose_answer_is_lost_is_unknown(store: S3Store, s3: FakeS3, fault: Fault) -> None:
    """It was done, and the store does not claim either; reading back tells."""
    s3.fail_next(fault)

    assert store.save(KEY, b"doc", None) == Unknown()
    assert s3.counts == {"PUT": 1}
    assert isinstance(store.load(KEY), Loaded)


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.SLOW_DOWN, Fault.TRICKLE])
def test_a_save_whose_request_is_lost_is_unknown(store: S3Store, s3: FakeS3, fault: Fault) -> None:
    """It was not done, which looks the same from here; reading back tells."""
    s3.fail_next(fault)

    assert store.save(KEY, b"doc", None) == Unknown()
    assert s3.counts == {"PUT": 1}
    assert isinstance(store.load(KEY), Absent)


def test_a_save_that_meets_a_removal_is_a_conflict(store: S3Store, s3: FakeS3) -> None:
    """S3 says 409 when a removal won the race; nothing was saved."""
    s3.fail_next(Fault.CONFLICT)

    assert store.save(KEY, b"doc", None) == Conflict()
    assert s3.objects == {}


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.APPLY_THEN_DROP, Fault.APPLY_THEN_500, Fault.SLOW_DOWN])
@pytest.mark.parametrize("method", ["GET", "LIST"])
def test_a_read_gets_over_one_fault(store: S3Store, s3: FakeS3, fault: Fault, method: str) -> None:
    """The second attempt finds the document, and the key in the listing."""
    store.save(KEY, b"doc", None)
    s3.fail_next(fault, method=method)

    assert isinstance(store.load(KEY), Loaded)
    assert store.list("changes/") == [KEY]
    assert s3.counts[method] == 2


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.APPLY_THEN_500, Fault.SLOW_DOWN, Fault.TRICKLE])
def test_a_read_gives_up_after_the_second_fault(store: S3Store, s3: FakeS3, fault: Fault) -> None:
    """Then the store is unavailable; an endless answer is none."""
    for read in (store.load, store.list):
        s3.fail_next(fault, times=2)
        with pytest.raises(StateUnavailableError, match=r"s3://headway-state (cannot be reached|answered)"):
            read(KEY)


def test_a_server_that_is_gone_took_nothing(transport: Transport) -> None:
    """When nobody listens, a save is certainly not done."""
    with FakeS3() as s3:
        store = path_style_store(s3, s3.credentials, transport)
    with pytest.raises(StateUnavailableError, match="could not be reached"):
        store.save(KEY, b"doc", None)


def test_a_quiet_tick_costs_one_read_and_no_body(store: S3Store, s3: FakeS3) -> None:
    """Who knows the version is answered 304, again and again."""
    saved = store.save(KEY, b"doc", None)
    assert isinstance(saved, Committed)
    s3.counts.clear()

    assert [type(store.load(KEY, saved.version)) for _ in range(3)] == [Unchanged] * 3
    assert s3.counts == {"GET": 3}


def test_a_listing_of_several_pages_is_whole(transport: Transport) -> None:
    """One request a page, at both styles of address."""
    keys = [f"active/i-{number}/t" for number in range(5)]
    with FakeS3(page_keys_max=2) as s3:
        store = virtual_host_store(s3, transport, "p")
        for key in keys:
            store.save(key, b"", None)

        assert store.list("active/") == keys
        assert path_style_store(s3, s3.credentials, transport, "p").list("") == keys
        assert s3.counts["LIST"] == 6


def test_what_was_written_last_comes_first_whatever_page_it_is_on(transport: Transport) -> None:
    """One request a page for that as well."""
    keys = [f"changes/i-{number}/t.json" for number in range(5)]
    with FakeS3(page_keys_max=2) as s3:
        store = path_style_store(s3, s3.credentials, transport, "p")
        for key in keys:
            store.save(key, b"", None)
            s3.grow_older(10)

        assert store.latest("changes/") == keys[::-1]
        assert s3.counts["LIST"] == 3


def test_the_clock_of_the_store_is_told(transport: Transport) -> None:
    """A load carries the server's Date, not our time."""
    theirs = utc_now().replace(microsecond=0) - timedelta(minutes=10)
    with FakeS3(now=lambda: theirs) as s3:
        found = path_style_store(s3, s3.credentials, transport).load(KEY)

    assert found.store_date == theirs


WRONG = [
    ({}, Credentials("AKIDEXAMPLE", "wrong"), "SignatureDoesNotMatch"),
    ({}, Credentials("WRONG", "wrong"), "InvalidAccessKeyId"),
    ({}, Credentials(CREDENTIALS.access_key, CREDENTIALS.secret_key, "a token"), "InvalidToken"),
    ({"region": "us-east-1"}, CREDENTIALS, "AuthorizationHeaderMalformed: the bucket is in another region"),
    ({"name": "another-bucket"}, CREDENTIALS, "NoSuchBucket: there is no such bucket"),
]


@pytest.mark.parametrize(("changed", "credentials", "message"), WRONG)
def test_a_wrong_setting_is_explained(
    s3: FakeS3, transport: Transport, changed: dict[str, str], credentials: Credentials, message: str
) -> None:
    """Every operation says the same, and says which."""
    place = {"name": s3.bucket, "region": s3.region, "endpoint": s3.endpoint, **changed}
    store = store_in(Bucket(**place, path_style=True), credentials, transport)  # type: ignore[arg-type]
    for operate in (store.load, store.latest, store.remove, lambda key: store.save(key, b"", None)):
        with pytest.raises(StateUnavailableError, match=message):
            operate(KEY)


def test_a_clock_that_is_wrong_is_explained(s3: FakeS3, transport: Transport) -> None:
    """A machine whose time is off is told so."""
    bucket = Bucket(name=s3.bucket, region=s3.region, endpoint=s3.endpoint, path_style=True)
    long_ago = datetime(2020, 1, 1, tzinfo=timezone.utc)
    store = S3Store(bucket, s3.credentials, send=transport, now=lambda: long_ago, timeout_seconds=lambda: 5)
    with pytest.raises(StateUnavailableError, match="the clock of this machine is wrong"):
        store.load(KEY)


def test_moto_dates_what_it_lists_so_that_it_can_be_read(moto: Moto, transport: Transport) -> None:
    """It is the second opinion on that too."""
    path_style_store(moto, moto.user, transport, "dated").put(KEY, b"")
    bucket = Bucket(
        name=moto.bucket, region=moto.region, prefix="dated", endpoint=moto.endpoint, path_style=True
    )
    request = sign(
        Request("GET", bucket.list_url("", None)), region=moto.region, credentials=moto.user, now=utc_now()
    )

    (listed,) = read_page(transport(request, timeout_seconds=5).body, S3.next_marker).objects

    assert listed.name == f"dated/{KEY}"
    assert listed.modified is not None
    assert abs(listed.modified - utc_now()) < timedelta(seconds=30)


def test_moto_refuses_a_wrong_secret_too(moto: Moto, transport: Transport) -> None:
    """The second opinion is one: it does verify."""
    store = path_style_store(moto, Credentials(moto.user.access_key, "wrong"), transport)
    with pytest.raises(StateUnavailableError, match="SignatureDoesNotMatch"):
        store.load(KEY)
