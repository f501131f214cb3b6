"""The S3 fake: what S3 would refuse it must refuse, or a green run against it means nothing."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.stores.sigv4 import Credentials, sign
from handler.transport import Request, Transport
from tests.fakes.s3_server import FakeS3, Fault
from tests.fakes.s3_signature import Received, refused
from tests.stores.building import path_style_store
from tests.stores.test_sigv4 import CREDENTIALS, REQUESTS

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=timezone.utc)
REGION = "eu-central-1"
SOMEBODY = Credentials("AKID", "secret", "token")


def received(request: Request, credentials: Credentials = SOMEBODY, now: datetime = NOW) -> Received:
    """A request as it arrives, signed."""
    signed = sign(request, region=REGION, credentials=credentials, now=now)
    target = "/" + signed.url.split("/", 3)[3]
    headers = {name.lower(): value for name, value in signed.headers.items()}
    return Received(signed.method, target, headers, signed.body)


PUT = received(Request("PUT", "https://b.s3.example.com/k?a=1", {"If-Match": '"e"'}, b"doc"))


@given(request=REQUESTS.filter(lambda request: "/" in request.url[8:]), credentials=CREDENTIALS)
def test_a_good_signature_is_accepted(request: Request, credentials: Credentials) -> None:
    """The fake's own reading of the documentation agrees with the signer, and so with AWS."""
    assert refused(received(request, credentials), credentials, REGION, NOW) is None


TAMPERED = [
    (PUT._replace(body=b"another"), 400, "XAmzContentSHA256Mismatch"),
    (PUT._replace(method="DELETE"), 403, "SignatureDoesNotMatch"),
    (PUT._replace(target="/other?a=1"), 403, "SignatureDoesNotMatch"),
    (PUT._replace(target="/k?a=2"), 403, "SignatureDoesNotMatch"),
    (PUT._replace(target="/k"), 403, "SignatureDoesNotMatch"),
    (PUT._replace(headers={**PUT.headers, "if-match": '"f"'}), 403, "SignatureDoesNotMatch"),
    (PUT._replace(headers={**PUT.headers, "host": "c.s3.example.com"}), 403, "SignatureDoesNotMatch"),
    (PUT._replace(headers={**PUT.headers, "x-amz-acl": "public-read"}), 403, "AccessDenied"),
    (PUT._replace(headers={**PUT.headers, "x-amz-security-token": "another"}), 400, "InvalidToken"),
    (PUT._replace(headers={**PUT.headers, "x-amz-date": "today"}), 403, "RequestTimeTooSkewed"),
    (PUT._replace(headers={**PUT.headers, "authorization": "Basic bWU="}), 403, "AccessDenied"),
    (PUT._replace(headers={}), 403, "AccessDenied"),
]


@pytest.mark.parametrize(("tampered", "status", "code"), TAMPERED)
def test_a_request_that_was_changed_is_refused(tampered: Received, status: int, code: str) -> None:
    """Every part of the request is covered by the signature."""
    assert refused(tampered, SOMEBODY, REGION, NOW) == (status, code)


@pytest.mark.parametrize(
    ("credentials", "code"),
    [
        (Credentials("ANOTHER", "secret", "token"), "InvalidAccessKeyId"),
        (Credentials("AKID", "another", "token"), "SignatureDoesNotMatch"),
        (Credentials("AKID", "secret"), "InvalidToken"),
    ],
)
def test_somebody_else_is_refused(credentials: Credentials, code: str) -> None:
    """Access key, secret key and token must all be right."""
    refusal = refused(PUT, credentials, REGION, NOW)

    assert refusal is not None
    assert refusal[1] == code


@given(minutes=st.integers(-60, 60))
def test_a_clock_that_is_far_off_is_refused(minutes: int) -> None:
    """Fifteen minutes are allowed, in both directions."""
    refusal = refused(PUT, SOMEBODY, REGION, NOW + timedelta(minutes=minutes))

    assert refusal == (None if abs(minutes) <= 15 else (403, "RequestTimeTooSkewed"))


def test_another_region_is_refused() -> None:
    """S3 has the region in its signature."""
    assert refused(PUT, SOMEBODY, "us-east-1", NOW) == (400, "AuthorizationHeaderMalformed")


def test_requests_are_counted_by_method(s3: FakeS3, transport: Transport) -> None:
    """A listing is counted apart; failed requests count too."""
    store = path_style_store(s3, s3.credentials, transport)
    s3.fail_next(Fault.SLOW_DOWN, method="GET")
    store.load("a")
    store.save("a", b"", None)
    store.list("")
    store.remove("a")

    assert s3.counts == {"GET": 2, "PUT": 1, "LIST": 1, "DELETE": 1}
