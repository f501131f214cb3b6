"""What the S3 store makes of every answer, one row each, with canned answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handler.stores.bucket import Bucket
from handler.stores.port import (
    Absent,
    Committed,
    Conflict,
    Loaded,
    Oversized,
    StateUnavailableError,
    Unchanged,
    Unknown,
)
from handler.stores.s3 import S3Store
from handler.stores.sigv4 import Credentials
from handler.transport import Response, TooLargeError, TransportError
from tests.fakes.canned_send import CannedSend

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=timezone.utc)
DATE = {"date": "Tue, 24 Nov 2026 08:29:58 GMT"}
STORE_DATE = datetime(2026, 11, 24, 8, 29, 58, tzinfo=timezone.utc)
KEY = "changes/i/t.json"
BUCKET = Bucket(name="our-bucket", region="eu-central-1", prefix="headway")
CREDENTIALS = Credentials("AKID", "s3cret", "t0ken")

REFUSED = TransportError("s3 could not be reached.", timed_out=False, request_sent=False)
CUT_OFF = TransportError("s3 did not answer in time.", timed_out=True, request_sent=True)


def store_on(send: CannedSend, timeout_seconds: Callable[[], float] = lambda: 3.0) -> S3Store:
    """A store whose server answers like that."""
    return S3Store(BUCKET, CREDENTIALS, send=send, now=lambda: NOW, timeout_seconds=timeout_seconds)


def refusing(status: int, code: str | None = None, headers: dict[str, str] | None = None) -> Response:
    """An answer that says no, in a vendor's words."""
    body = f"<Error><Code>{code}</Code><Message>Vendor's words.</Message></Error>" if code else "<html>"
    return Response(status, {**DATE, **(headers or {})}, body.encode())


def complaint(operate: Callable[[], object]) -> str:
    """The words with which the store says that it is unavailable."""
    with pytest.raises(StateUnavailableError) as caught:
        operate()
    return str(caught.value)


def load(store: S3Store) -> object:
    """Read a document."""
    return store.load(KEY)


def list_all(store: S3Store) -> object:
    """List all keys."""
    return store.list("")


def remove(store: S3Store) -> object:
    """Remove a document."""
    store.remove(KEY)
    return None


READS = (load, list_all)

LOADS = [
    (None, Response(200, {**DATE, "etag": '"e"'}, b"doc"), Loaded(b"doc", '"e"', STORE_DATE)),
    ('"d"', Response(200, {**DATE, "etag": 'W/"e"'}, b"doc"), Loaded(b"doc", 'W/"e"', STORE_DATE)),
    (None, Response(200, {"etag": "e"}, b""), Loaded(b"", "e", NOW)),
    ('"e"', Response(304, DATE, b""), Unchanged(STORE_DATE)),
    (None, refusing(404, "NoSuchKey"), Absent(STORE_DATE)),
    ('"e"', refusing(404, "NoSuchKey"), Absent(STORE_DATE)),
]


@pytest.mark.parametrize(("known_version", "answer", "outcome"), LOADS)
def test_an_answer_to_a_load(known_version: str | None, answer: Response, outcome: object) -> None:
    """A document, nothing new, or no such document, each with the store's clock."""
    send = CannedSend(answer)

    assert store_on(send).load(KEY, known_version) == outcome
    assert send.requests[0].headers.get("If-None-Match") == known_version


SAVES = [
    (None, Response(200, {"etag": '"e"'}, b""), Committed('"e"')),
    ('"d"', Response(200, {"etag": "e"}, b""), Committed("e")),
    ('"d"', Response(204, {"etag": '"e"'}, b""), Committed('"e"')),
    ('"d"', Response(200, {}, b""), Unknown()),
    (None, refusing(412, "PreconditionFailed"), Conflict()),
    ('"d"', refusing(412, "PreconditionFailed"), Conflict()),
    (None, refusing(409, "ConditionalRequestConflict"), Conflict()),
    ('"d"', refusing(409, "ConditionalRequestConflict"), Conflict()),
    ('"d"', refusing(404, "NoSuchKey"), Conflict()),
    ('"d"', refusing(500, "InternalError"), Unknown()),
    ('"d"', refusing(503, "SlowDown"), Unknown()),
    ('"d"', refusing(504), Unknown()),
    ('"d"', CUT_OFF, Unknown()),
]


@pytest.mark.parametrize(("expected", "answer", "outcome"), SAVES)
def test_an_answer_to_a_save(
    expected: str | None, answer: Response | TransportError, outcome: object
) -> None:
    """Saved, contested or unknown; asked once, under the condition that was wanted."""
    send = CannedSend(answer)

    assert store_on(send).save(KEY, b"doc", expected) == outcome
    assert [request.method for request in send.requests] == ["PUT"]
    assert send.requests[0].body == b"doc"
    condition = {name: send.requests[0].headers.get(name) for name in ("If-Match", "If-None-Match")}
    assert condition == {"If-Match": expected, "If-None-Match": None if expected else "*"}


REFUSALS = [
    (refusing(403, "AccessDenied"), "403 AccessDenied: the permission s3:{} may be missing."),
    (refusing(403), "403: the permission s3:{} may be missing."),
    (refusing(404, "NoSuchBucket"), "404 NoSuchBucket: there is no such bucket."),
    (refusing(404), "404."),
    (refusing(400, "ExpiredToken"), "400 ExpiredToken: the session token of the credentials has expired."),
    (refusing(400, "InvalidToken"), "400 InvalidToken: the session token does not belong to the access key."),
    (refusing(403, "InvalidAccessKeyId"), "403 InvalidAccessKeyId: this access key does not exist."),
    (
        refusing(403, "SignatureDoesNotMatch"),
        "403 SignatureDoesNotMatch: the secret key does not belong to the access key.",
    ),
    (
        refusing(403, "RequestTimeTooSkewed"),
        "403 RequestTimeTooSkewed: the clock of this machine is wrong by more than 15 minutes.",
    ),
    (
        refusing(301, "PermanentRedirect"),
        "301 PermanentRedirect: the bucket is in another region.",
    ),
    (
        refusing(307, "TemporaryRedirect"),
        "307 TemporaryRedirect: the bucket is in another region.",
    ),
    (
        refusing(400, "AuthorizationHeaderMalformed"),
        "400 AuthorizationHeaderMalformed: the bucket is in another region.",
    ),
    (refusing(429, "TooManyRequests"), "429 TooManyRequests."),
    (refusing(400, "NeverHeardOf"), "400 NeverHeardOf."),
    (refusing(418), "418."),
]
"""Answers that every operation refuses alike; `{}` is the permission of the operation."""


def operations(store: S3Store) -> list[tuple[str, Callable[[], object]]]:
    """Each operation with the permission it needs."""
    return [
        ("GetObject, or s3:ListBucket for what is not there,", lambda: store.load(KEY, '"e"')),
        ("PutObject", lambda: store.save(KEY, b"doc", '"e"')),
        ("PutObject", lambda: store.save(KEY, b"doc", None)),
        ("PutObject", lambda: store.put(KEY, b"doc")),
        ("GetObject or s3:PutObject", lambda: store.copy(KEY, '"e"', "aside/x")),
        ("ListBucket", lambda: store.list("")),
        ("DeleteObject", lambda: store.remove(KEY)),
    ]


@pytest.mark.parametrize(("answer", "meaning"), REFUSALS)
def test_a_refusal_is_explained(answer: Response, meaning: str) -> None:
    """The bucket, status, code and what to do about it, and none of the vendor's or our own secrets."""
    for permission, operate in operations(store_on(CannedSend(answer))):
        said = complaint(operate)

        assert said == f"s3://our-bucket/headway answered {meaning.format(permission)}"


@pytest.mark.parametrize("status", [200, 304])
def test_an_answer_to_a_load_that_cannot_be_is_refused(status: int) -> None:
    """A document without an ETag could never be saved over; unchanged is no answer to who knows nothing."""
    said = complaint(lambda: store_on(CannedSend(Response(status, DATE, b"doc"))).load(KEY))

    assert said == f"s3://our-bucket/headway answered {status}."


@pytest.mark.parametrize(
    "trouble", [REFUSED, CUT_OFF, refusing(503, "SlowDown"), refusing(429), refusing(500)]
)
def test_a_read_gets_over_a_passing_trouble(trouble: Response | TransportError) -> None:
    """Reading is tried once more, at once, and signed anew."""
    good = Response(200, {**DATE, "etag": '"e"'}, b"")
    for read in READS:
        send = CannedSend(trouble, good)
        read(store_on(send))

        assert [request.method for request in send.requests] == ["GET", "GET"]


@pytest.mark.parametrize("trouble", [REFUSED, CUT_OFF])
def test_a_store_out_of_reach_is_unavailable(trouble: TransportError) -> None:
    """Two attempts at reading, one at anything else; the message says what happened."""
    for operate, attempts in [(read, 2) for read in READS] + [(remove, 1)]:
        send = CannedSend(trouble)
        said = complaint(partial(operate, store_on(send)))

        assert said == f"s3://our-bucket/headway cannot be reached: {trouble}"
        assert len(send.requests) == attempts


def test_a_save_that_never_left_did_not_happen() -> None:
    """When no connection stood, the save is certainly not done, and there is nothing to read back."""
    send = CannedSend(REFUSED)
    said = complaint(lambda: store_on(send).save(KEY, b"doc", None))

    assert said == "s3://our-bucket/headway cannot be reached: s3 could not be reached."
    assert len(send.requests) == 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"<IsTruncated>true</IsTruncated>", "cannot be listed: there is more, but no marker."),
        (None, "lists more at once than can be read."),
    ],
)
def test_a_listing_that_is_not_whole_is_none(answer: bytes | None, message: str) -> None:
    """What is not listed would be taken for what is not there."""
    given = TooLargeError("s3", 200, {}) if answer is None else Response(200, {}, answer)

    assert complaint(lambda: store_on(CannedSend(given)).list("")) == f"s3://our-bucket/headway {message}"


TOO_LARGE = [
    (TooLargeError("s3", 200, {**DATE, "etag": '"e"'}), Oversized('"e"', STORE_DATE)),
    (TooLargeError("s3", 200, {"etag": '"e"'}), Oversized('"e"', NOW)),
]


@pytest.mark.parametrize(("answer", "outcome"), TOO_LARGE)
def test_a_document_that_is_too_large_is_noticed_once(answer: TooLargeError, outcome: Oversized) -> None:
    """It is not read a second time, for it would still be too large."""
    send = CannedSend(answer)

    assert store_on(send).load(KEY) == outcome
    assert len(send.requests) == 1


def test_a_document_that_is_too_large_and_has_no_version_is_unavailable() -> None:
    """Nobody could save over it, nor copy it."""
    said = complaint(lambda: store_on(CannedSend(TooLargeError("s3", 200, DATE))).load(KEY))

    assert said == "s3://our-bucket/headway answered 200."


@pytest.mark.parametrize("trouble", [REFUSED, CUT_OFF, refusing(503, "SlowDown"), refusing(429)])
def test_a_put_gets_over_a_passing_trouble(trouble: Response | TransportError) -> None:
    """To write the same twice does no harm; no condition stands in its way."""
    send = CannedSend(trouble, Response(200, {"etag": '"e"'}, b""))
    store_on(send).put(KEY, b"doc")

    assert [(request.method, request.body) for request in send.requests] == [("PUT", b"doc")] * 2
    assert not {"If-Match", "If-None-Match"} & send.requests[0].headers.keys()


COPIED = b"<CopyObjectResult><ETag>&quot;n&quot;</ETag></CopyObjectResult>"
COPIES = [
    (Response(200, {}, COPIED), Committed('"n"')),
    (Response(200, {}, b'<CopyObjectResult><ETag>"n"</ETag></CopyObjectResult>'), Committed('"n"')),
    (refusing(412, "PreconditionFailed"), Conflict()),
    (refusing(412), Conflict()),
    (refusing(404, "NoSuchKey"), Conflict()),
    (refusing(200, "PreconditionFailed"), Conflict()),
]


@pytest.mark.parametrize(("answer", "outcome"), COPIES)
def test_an_answer_to_a_copy(answer: Response, outcome: object) -> None:
    """Copied by the store itself, or no longer the version that was meant."""
    send = CannedSend(answer)

    assert store_on(send).copy(KEY, '"v"', "aside/x") == outcome
    [request] = send.requests
    assert (request.method, request.url.rpartition("/headway/")[2]) == ("PUT", "aside/x")
    assert request.headers["x-amz-copy-source"] == f"/our-bucket/headway/{KEY}"
    assert request.headers["x-amz-copy-source-if-match"] == '"v"'


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (refusing(200, "InternalError"), "answered 200 InternalError."),
        (Response(200, {}, b""), "answered 200."),
        (refusing(500, "InternalError"), "answered 500 InternalError."),
        (
            refusing(403, "AccessDenied"),
            "answered 403 AccessDenied: the permission s3:GetObject or s3:PutObject may be missing.",
        ),
        (CUT_OFF, "cannot be reached: s3 did not answer in time."),
    ],
)
def test_a_copy_that_may_not_be_whole_is_none(answer: Response | TransportError, message: str) -> None:
    """Even a 200 may be followed by an error; it is asked once."""
    send = CannedSend(answer)
    said = complaint(lambda: store_on(send).copy(KEY, '"v"', "aside/x"))

    assert said == f"s3://our-bucket/headway {message}"
    assert len(send.requests) == 1


def test_a_removal_that_failed_is_not_repeated() -> None:
    """Whether it happened is unknown, and for a removal that is a trouble like any other."""
    send = CannedSend(refusing(500, "InternalError"))

    assert (
        complaint(lambda: store_on(send).remove(KEY)) == "s3://our-bucket/headway answered 500 InternalError."
    )
    assert len(send.requests) == 1


@pytest.mark.parametrize(
    "answer", [Response(204, {}, b""), Response(200, {}, b""), refusing(404, "NoSuchKey")]
)
def test_a_removed_document_is_gone(answer: Response) -> None:
    """It does not matter who removed it."""
    send = CannedSend(answer)
    store_on(send).remove(KEY)

    assert send.requests[0].method == "DELETE"


def test_nothing_is_asked_when_time_is_up() -> None:
    """No request begins past the deadline."""
    send = CannedSend(Response(200, {}, b""))
    for _, operate in operations(store_on(send, lambda: 0.0)):
        assert complaint(operate) == "No time is left to ask s3://our-bucket/headway."

    assert send.requests == []


def test_a_second_attempt_has_what_time_is_left() -> None:
    """The time for a request is asked for anew each time."""
    left = iter([3.0, 0.5])
    send = CannedSend(refusing(503))
    complaint(lambda: store_on(send, lambda: next(left)).load(KEY))

    assert send.timeouts == [3.0, 0.5]


@given(
    date=st.text()
    | st.from_regex(r"\w{3}, \d{1,3} (\w{3}|Nov) \d{1,24} \d{1,24}:\d\d:\d\d( [+-]\d{4,24}|GMT)?")
)
@example(date="Tue, 24 Nov 99999999999 08:00:00 GMT")
@example(date=f"Tue, 24 Nov 2026 08:00:00 +{'9' * 20}")
def test_a_date_that_is_none_is_our_own(date: str) -> None:
    """Whatever a gateway puts for a date, a load has one, in UTC."""
    answer = Response(200, {"date": date, "etag": '"e"'}, b"")
    loaded = store_on(CannedSend(answer)).load(KEY)

    assert loaded.store_date.tzinfo == timezone.utc


def listed(*keys: str) -> str:
    """Objects as a listing shows them."""
    return "".join(f"<Contents><Key>headway/{key}</Key></Contents>" for key in keys)


def test_a_listing_goes_on_to_its_last_page() -> None:
    """Pages are asked for with the token as it was received; keys come back without our prefix."""
    token = "1/ab+c=="
    first = f"{listed('b', 'a/1')}<NextContinuationToken>{token}</NextContinuationToken>"
    last = listed("c", "not ours &amp; odd")
    send = CannedSend(Response(200, {}, first.encode()), Response(200, {}, last.encode()))

    assert store_on(send).list("") == ["a/1", "b", "c"]
    assert [request.url.partition("?")[2] for request in send.requests] == [
        "list-type=2&prefix=headway%2F",
        "list-type=2&prefix=headway%2F&continuation-token=1%2Fab%2Bc%3D%3D",
    ]


@given(
    status=st.integers(200, 599),
    headers=st.dictionaries(st.sampled_from(["etag", "date", "location"]), st.text(), max_size=3),
    body=st.binary() | st.text("<>/CodeKeyNoSuch &;").map(str.encode),
)
def test_whatever_is_answered_the_store_knows_what_to_say(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    """No answer makes any operation raise anything but what the port allows, or show a secret."""
    send = CannedSend(Response(status, headers, body))
    said = [complaint_if_any(operate) for _, operate in operations(store_on(send))]

    assert all(re.match(r"(s3://our-bucket/headway answered \d|$)", words) for words in said)
    assert not any(secret in words for words in said for secret in ("s3cret", "t0ken"))


def complaint_if_any(operate: Callable[[], object]) -> str:
    """The words with which the store says that it is unavailable; none if it is not."""
    try:
        operate()
    except StateUnavailableError as error:
        return str(error)
    return ""
