"""The signer against AWS's own, and what it must never show."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta, timezone
from typing import Final
from urllib.parse import quote, urlencode

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from handler.stores.sigv4 import Credentials, sign
from handler.transport import Request

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=timezone.utc)

ROLE = Credentials("AKID", "the secret key", "the token")
CREDENTIALS = st.builds(
    Credentials,
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1),
    st.text(min_size=1),
    st.none() | st.binary(min_size=1).map(lambda token: base64.b64encode(token).decode()),
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "If-Match": st.text('"abcdef0123456789-', min_size=1),
        "If-None-Match": st.just("*"),
        "Content-Type": st.just("application/json"),
        "X-Amz-Meta-Note": st.text("ab c", min_size=1).filter(str.strip),
    },
)
HOSTS = st.sampled_from(
    [
        "https://bucket.s3.eu-central-1.amazonaws.com",
        "https://s3.cn-north-1.amazonaws.com.cn",
        "https://minio.example.com:9000",
        "http://127.0.0.1:49152",
    ]
)
PATHS = st.lists(st.text(), max_size=4).map(lambda names: quote("/" + "/".join(names), "/-_.~"))
QUERIES = st.lists(st.tuples(st.text(), st.text()), max_size=4).map(
    lambda pairs: urlencode(pairs, quote_via=quote, safe="")
)
REQUESTS = st.builds(
    lambda method, host, path, query, headers, body: Request(method, f"{host}{path}?{query}", headers, body),
    st.sampled_from(["GET", "PUT", "DELETE", "POST"]),
    HOSTS,
    PATHS,
    QUERIES,
    HEADERS,
    st.binary(),
)


def official(
    signer: type[SigV4Auth], request: Request, credentials: Credentials, region: str, service: str
) -> tuple[str, datetime]:
    """AWS's own signature of a request, and the moment for which it holds."""
    unsigned = AWSRequest(request.method, request.url, dict(request.headers), request.body)
    unsigned.context["payload_signing_enabled"] = True
    keys = BotocoreCredentials(credentials.access_key, credentials.secret_key, credentials.session_token)
    signer(keys, service, region).add_auth(unsigned)
    moment = datetime.strptime(unsigned.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    return unsigned.headers["Authorization"], moment


@settings(max_examples=200)
@given(request=REQUESTS, credentials=CREDENTIALS, region=st.sampled_from(["eu-central-1", "cn-north-1"]))
def test_s3_requests_are_signed_as_aws_signs_them(
    request: Request, credentials: Credentials, region: str
) -> None:
    """Odd keys, queries, headers, bodies and tokens: header for header the official signature."""
    authorization, moment = official(S3SigV4Auth, request, credentials, region, "s3")

    signed = sign(request, region=region, credentials=credentials, now=moment)

    assert signed.headers["Authorization"] == authorization
    assert (signed.method, signed.url, signed.body) == (request.method, request.url, request.body)


@given(body=st.binary(), credentials=CREDENTIALS)
def test_other_services_are_signed_too(body: bytes, credentials: Credentials) -> None:
    """A service that takes its orders in the body differs in the scope only."""
    headers = {
        "X-Amz-Content-Sha256": hashlib.sha256(body).hexdigest(),
        "X-Amz-Target": "AmazonSSM.GetParameters",
    }
    request = Request("POST", "https://ssm.eu-central-1.amazonaws.com/", headers, body)
    authorization, moment = official(SigV4Auth, request, credentials, "eu-central-1", "ssm")

    signed = sign(request, region="eu-central-1", credentials=credentials, now=moment, service="ssm")

    assert signed.headers["Authorization"] == authorization


SEGMENTS: Final = st.lists(st.text(min_size=1).filter(lambda name: name not in {".", ".."}), max_size=4)


@settings(max_examples=200)
@given(names=SEGMENTS, query=QUERIES, body=st.binary(), credentials=CREDENTIALS)
@example(["2015-03-31", "functions", "arn:aws:lambda:eu-west-1:1:function:f", "invocations"], "", b"", ROLE)
def test_other_services_want_their_path_encoded_once_more(
    names: list[str], query: str, body: bytes, credentials: Credentials
) -> None:
    """As for a function that is named by its ARN; the request itself is sent as it was."""
    path = "".join(f"/{quote(name, safe='')}" for name in names)
    headers = {"X-Amz-Content-Sha256": hashlib.sha256(body).hexdigest()}
    request = Request("POST", f"https://lambda.eu-west-1.amazonaws.com{path}?{query}", headers, body)
    authorization, moment = official(SigV4Auth, request, credentials, "eu-west-1", "lambda")

    signed = sign(request, region="eu-west-1", credentials=credentials, now=moment, service="lambda")

    assert signed.headers["Authorization"] == authorization
    assert signed.url == request.url


@given(request=REQUESTS, credentials=CREDENTIALS, offset_hours=st.integers(-12, 12))
def test_a_moment_is_signed_in_utc(request: Request, credentials: Credentials, offset_hours: int) -> None:
    """The same moment told in another time zone gives the same signature."""
    elsewhere = NOW.astimezone(timezone(timedelta(hours=offset_hours)))

    signed = [
        sign(request, region="eu-central-1", credentials=credentials, now=now) for now in (NOW, elsewhere)
    ]

    assert signed[0] == signed[1]


@given(request=REQUESTS)
def test_the_secret_key_never_travels(request: Request) -> None:
    """The signed request holds the session token, which must be sent, and no secret key."""
    credentials = Credentials("AKID", "the secret key", "the token")

    signed = sign(request, region="eu-central-1", credentials=credentials, now=NOW)

    assert signed.headers["X-Amz-Security-Token"] == "the token"
    assert "the secret key" not in repr(signed)


def test_credentials_do_not_show_their_secrets() -> None:
    """Neither in a log nor in a traceback, however they are printed."""
    credentials = Credentials("AKID", "the secret key", "the token")

    for shown in (repr(credentials), str(credentials), pretty_repr(credentials)):
        assert "AKID" in shown
        assert "the secret key" not in shown
        assert "the token" not in shown
