"""The signer for OBS against Huawei's own SDK, and what it must never show."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import NamedTuple
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st
from obs.auth import Authentication
from obs.convertor import Adapter

from handler.huaweicloud.signing import Credentials
from handler.stores.obs_signing import sign
from handler.transport import Request
from tests.fakes.obs_signature import refused
from tests.fakes.s3_signature import Received

NOW = datetime(2026, 11, 25, 8, 30, tzinfo=timezone.utc)
DATE = format_datetime(NOW, usegmt=True)
BUCKET = "our-bucket"

SUB_RESOURCES = (
    *("acl", "append", "cors", "delete", "lifecycle", "location", "logging", "metadata", "position"),
    *("rename", "response-content-type", "tagging", "uploadId", "uploads", "versionId", "versioning"),
)
UNSIGNED = ("prefix", "marker", "max-keys", "delimiter", "encoding-type", "acl-", "x")


class Asked(NamedTuple):
    """A request before anything of it is encoded."""

    method: str
    key: str
    query: dict[str, str | None]
    headers: dict[str, str]
    body: bytes

    @property
    def request(self) -> Request:
        """What is to be signed, the bucket in its host."""
        pairs = (
            name if value is None else f"{name}={quote(value, safe='')}" for name, value in self.query.items()
        )
        url = f"https://{BUCKET}.obs.example.com/{quote(self.key, '/~')}?{'&'.join(pairs)}"
        return Request(self.method, url, self.headers, self.body)


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
CREDENTIALS = st.builds(
    Credentials,
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1),
    TEXT.filter(bool),
    st.none() | st.binary(min_size=1).map(lambda token: base64.b64encode(token).decode()),
)
ASKED = st.builds(
    Asked,
    st.sampled_from(["GET", "PUT", "DELETE", "POST", "HEAD"]),
    TEXT,
    st.dictionaries(st.sampled_from(SUB_RESOURCES + UNSIGNED), st.none() | TEXT, max_size=5),
    st.fixed_dictionaries(
        {},
        optional={
            "Content-Type": st.just("application/json"),
            "If-None-Match": st.just('"e"'),
            "x-obs-acl": st.just("private"),
            "X-Obs-Copy-Source": st.just("/our-bucket/a%20b"),
            "x-obs-meta-note": st.text("ab c", min_size=1),
            "X-OBS-meta-Z": st.text(" xyz", min_size=1),
        },
    ),
    st.binary(),
)


def official(asked: Asked, credentials: Credentials) -> dict[str, str]:
    """The headers with which Huawei's SDK would send the request at this moment."""
    headers = {**asked.headers, "Date": DATE}
    if credentials.security_token:
        headers["x-obs-security-token"] = credentials.security_token
    if asked.body or asked.method == "PUT":
        digest = hashlib.md5(asked.body, usedforsecurity=False).digest()
        headers["Content-MD5"] = base64.b64encode(digest).decode()
    keys = credentials.access_key, credentials.secret_key
    sdk = Authentication(*keys, path_style=False, ha=Adapter("obs"), server="", is_cname=False)
    signed = sdk.doAuth(asked.method, BUCKET, asked.key, asked.query, headers)
    return {**headers, "Authorization": signed["Authorization"]}


def arrived(request: Request) -> Received:
    """A signed request as the server sees it."""
    headers = {name.lower(): value.strip() for name, value in request.headers.items()}
    return Received(request.method, f"/{request.url.split('/', 3)[3]}", headers, request.body)


@settings(max_examples=200)
@given(asked=ASKED, credentials=CREDENTIALS)
def test_requests_are_signed_as_the_sdk_signs_them(asked: Asked, credentials: Credentials) -> None:
    """Odd keys, tokens, sub-resources, unsigned parameters, headers: the official signature."""
    signed = sign(asked.request, bucket=BUCKET, credentials=credentials, now=NOW)

    assert signed.headers == official(asked, credentials)
    assert signed._replace(headers={}) == asked.request._replace(headers={})


@given(asked=ASKED, credentials=CREDENTIALS)
def test_the_fake_accepts_what_the_sdk_signed(asked: Asked, credentials: Credentials) -> None:
    """The fake's own reading of the documentation agrees with the SDK's, and so with the signer's."""
    request = asked.request._replace(headers=official(asked, credentials))

    assert refused(arrived(request), BUCKET, credentials, NOW) is None


@given(asked=ASKED, credentials=CREDENTIALS, offset_hours=st.integers(-12, 12))
def test_a_moment_is_signed_in_utc(asked: Asked, credentials: Credentials, offset_hours: int) -> None:
    """The same moment told in another time zone gives the same signature."""
    elsewhere = NOW.astimezone(timezone(timedelta(hours=offset_hours)))
    signed = [
        sign(asked.request, bucket=BUCKET, credentials=credentials, now=now) for now in (NOW, elsewhere)
    ]

    assert signed[0] == signed[1]


@given(asked=ASKED)
def test_the_secret_key_never_travels(asked: Asked) -> None:
    """The signed request holds the security token, which must be sent, and no secret key."""
    credentials = Credentials("AKID", "the secret key", "the token")
    signed = sign(asked.request, bucket=BUCKET, credentials=credentials, now=NOW)

    assert signed.headers["x-obs-security-token"] == "the token"
    assert "the secret key" not in repr(signed)
