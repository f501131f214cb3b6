"""The fake of OBS: what OBS would refuse it must refuse, and what OBS ignores it must ignore."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.huaweicloud.signing import Credentials
from handler.stores.obs_signing import sign
from handler.transport import Request, Response, Transport
from tests.fakes.object_server import Fault
from tests.fakes.obs_server import FakeObs
from tests.fakes.obs_signature import refused
from tests.fakes.s3_bucket import etag_of
from tests.fakes.s3_signature import Received
from tests.stores.building import obs_store, utc_now

NOW = datetime(2026, 11, 25, 8, 30, tzinfo=timezone.utc)
SOMEBODY = Credentials("AKID", "secret", "token")


def received(request: Request) -> Received:
    """A request as it arrives, signed."""
    signed = sign(request, bucket="b", credentials=SOMEBODY, now=NOW)
    headers = {name.lower(): value for name, value in signed.headers.items()}
    return Received(signed.method, f"/{signed.url.split('/', 3)[3]}", headers, signed.body)


PUT = received(
    Request("PUT", "https://b.obs.example.com/k?append&position=1", {"x-obs-acl": "private"}, b"doc")
)

TAMPERED = [
    (PUT._replace(body=b"another"), 400, "BadDigest"),
    (PUT._replace(method="DELETE"), 403, "SignatureDoesNotMatch"),
    (PUT._replace(target="/other?append&position=1"), 403, "SignatureDoesNotMatch"),
    (PUT._replace(target="/k?append&position=2"), 403, "SignatureDoesNotMatch"),
    (PUT._replace(target="/k"), 403, "SignatureDoesNotMatch"),
    (PUT._replace(headers={**PUT.headers, "x-obs-acl": "public-read"}), 403, "SignatureDoesNotMatch"),
    (PUT._replace(headers={**PUT.headers, "content-md5": "x"}), 403, "SignatureDoesNotMatch"),
    (PUT._replace(headers={**PUT.headers, "x-obs-security-token": "y"}), 403, "InvalidAccessKeyId"),
    (PUT._replace(headers={**PUT.headers, "date": "today"}), 403, "RequestTimeTooSkewed"),
    (PUT._replace(headers={**PUT.headers, "authorization": "Basic bWU="}), 403, "AccessDenied"),
    (PUT._replace(headers={}), 403, "AccessDenied"),
]


@pytest.mark.parametrize(("tampered", "status", "code"), TAMPERED)
def test_a_request_that_was_changed_is_refused(tampered: Received, status: int, code: str) -> None:
    """Method, resource, OBS's own headers and the body's digest are covered by the signature."""
    assert refused(PUT, "b", SOMEBODY, NOW) is None
    assert refused(tampered, "b", SOMEBODY, NOW) == (status, code)


@given(minutes=st.integers(-60, 60))
def test_a_clock_that_is_far_off_is_refused(minutes: int) -> None:
    """Fifteen minutes are allowed, in both directions."""
    refusal = refused(PUT, "b", SOMEBODY, NOW + timedelta(minutes=minutes))

    assert refusal == (None if abs(minutes) <= 15 else (403, "RequestTimeTooSkewed"))


def asked(obs: FakeObs, send: Transport, request: Request) -> Response:
    """Ask as the owner of the bucket."""
    signed = sign(request, bucket=obs.bucket, credentials=obs.credentials, now=utc_now())
    return send(signed, timeout_seconds=5)


def virtual(obs: FakeObs) -> str:
    """The address of a document, the bucket in its host."""
    return obs.endpoint.replace("//", f"//{obs.bucket}.") + "/k"


@pytest.mark.parametrize("condition", [{"If-Match": '"x"'}, {"If-None-Match": "*"}])
def test_the_conditions_of_a_put_are_ignored(
    obs: FakeObs, transport: Transport, condition: dict[str, str]
) -> None:
    """Every writer is answered 200, so a store that relied on it would lose documents here."""
    obs.objects["k"] = b"one"

    assert asked(obs, transport, Request("PUT", virtual(obs), condition, b"two")).status == 200
    assert obs.objects["k"] == b"two"


def test_a_bucket_in_the_path_is_refused(obs: FakeObs, transport: Transport) -> None:
    """There is no path style."""
    answer = asked(obs, transport, Request("GET", f"{obs.endpoint}/{obs.bucket}/k"))

    assert (answer.status, b"VirtualHostDomainRequired" in answer.body) == (403, True)


def test_half_a_document_has_the_version_of_the_whole(obs: FakeObs, transport: Transport) -> None:
    """As a read that meets a write may find it."""
    obs.objects["k"] = b"whole"
    obs.fail_next(Fault.HALF, method="GET")

    answer = asked(obs, transport, Request("GET", virtual(obs)))

    assert (answer.body, answer.headers["etag"]) == (b"wh", etag_of(b"whole"))


def test_requests_are_counted_by_method(obs: FakeObs, transport: Transport) -> None:
    """A listing is counted apart."""
    store = obs_store(obs, transport)
    store.load("a")
    store.put("a", b"")
    store.list("")
    store.remove("a")

    assert obs.counts == {"GET": 1, "PUT": 1, "LIST": 1, "DELETE": 1}
