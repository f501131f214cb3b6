"""Our signer against the official one: its recorded vectors, and itself on random requests."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from hypothesis import given, settings
from hypothesis import strategies as st

from handler.huaweicloud.signing import Credentials, sign
from handler.transport import Request

_RECORDED: Final = json.loads(
    Path(__file__).with_name("sdk-hmac-sha256-vectors.json").read_text(encoding="utf-8")
)
_VECTORS: Final = {vector["id"]: vector for vector in _RECORDED["vectors"]}
# V11-HMAC-SHA256 derives a key per region; the vendor's Kafka client never uses it, nor do we.
_APPLICABLE: Final = [name for name in _VECTORS if name != "v11-derived-progress"]
_KEYS: Final = Credentials("EXAMPLEAK1234567890", "exampleSK/abcdefghijklmnopqrstuvwxyz+01234")
_NOW: Final = datetime(2026, 1, 31, 23, 59, 59, tzinfo=timezone.utc)


@pytest.mark.parametrize("name", _APPLICABLE)
def test_a_recorded_vector_is_reproduced_whole(name: str) -> None:
    """The text of the query, the headers and the signature are those of the official signer."""
    given_, expected = _VECTORS[name]["input"], _VECTORS[name]["expected"]

    signed = sign(
        Request(given_["method"], _url(given_), given_["headers"], (given_["body"] or "").encode()),
        credentials=Credentials(given_["access_key"], given_["secret_key"]),
        now=_moment(given_["headers"]["X-Sdk-Date"]),
    )

    assert signed.headers == expected["headers_sent"] | {"Authorization": expected["authorization"]}
    assert signed.url == f"https://{given_['host']}{expected['uri']}"


def test_only_the_derived_key_vector_does_not_apply() -> None:
    """All the other recorded vectors are of the algorithm that we use."""
    assert {_VECTORS[name]["algorithm"] for name in _APPLICABLE} == {"SDK-HMAC-SHA256"}
    assert len(_APPLICABLE) == len(_RECORDED["vectors"]) - 1 == 23


@pytest.mark.parametrize("recorded", _RECORDED["client_requests"], ids=lambda each: each["id"])
def test_a_whole_request_of_the_official_client_is_reproduced(recorded: dict[str, Any]) -> None:
    """Given the same headers, what goes out is what the official Kafka client sends."""
    added = {"Authorization", "Host", "X-Sdk-Date", "X-Security-Token"}
    headers = {name: text for name, text in recorded["headers"].items() if name not in added}
    token = recorded["headers"].get("X-Security-Token")

    signed = sign(
        Request(recorded["method"], recorded["url"], headers),
        credentials=Credentials(_KEYS.access_key, _KEYS.secret_key, token),
        now=_NOW,
    )

    assert signed.url == recorded["url"]
    assert signed.headers == recorded["headers"]


def test_the_trailing_slash_is_signed_but_not_sent() -> None:
    """To the gateway, the path with a slash at its end is another API."""
    signed = sign(Request("GET", "https://dms.example.com/v2/a"), credentials=_KEYS, now=_NOW)

    assert signed.url == "https://dms.example.com/v2/a"


def test_credentials_do_not_show_their_secrets() -> None:
    """What is printed or logged by accident tells which key it was and nothing that opens a door."""
    shown = repr(Credentials("AKID", "the-secret", "the-token"))

    assert shown == "Credentials(access_key='AKID')"


class _Draft(NamedTuple):
    """A request before either signer has seen it, the query still in pairs."""

    method: str
    host: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    content_type: dict[str, str]
    body: bytes


_WORDS: Final = st.text("abcXYZ019-_.~ /+%é扩🙂[]:,@()*'!", min_size=1, max_size=8)
_DRAFTS: Final = st.builds(
    _Draft,
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    host=st.sampled_from(["dms.eu-west-101.myhuaweicloud.eu", "127.0.0.1:8443"]),
    path=st.lists(_WORDS.map(lambda word: quote(word, safe="")), max_size=5).map(
        lambda parts: "/" + "/".join(parts)
    ),
    query=st.lists(st.tuples(_WORDS, st.text("abc =&?#é扩~+%/", max_size=6)), max_size=5),
    headers=st.dictionaries(
        st.from_regex(r"X-Custom[-_][a-z]{1,3}", fullmatch=True),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12),
        max_size=3,
    ),
    content_type=st.fixed_dictionaries(
        {},
        optional={
            "Content-Type": st.sampled_from(
                ["application/json", "application/json;charset=utf8", "text/plain"]
            )
        },
    ),
    body=st.binary(max_size=40),
)
_SECRETS: Final = st.text("abcXYZ019+/=", min_size=1, max_size=30)
_CREDENTIALS: Final = st.builds(Credentials, st.just("AKID"), _SECRETS, st.none() | _SECRETS)
_MOMENTS: Final = st.integers(0, 4_000_000_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, tz=timezone(timedelta(hours=8)))
)


@settings(max_examples=200)
@given(draft=_DRAFTS, credentials=_CREDENTIALS, now=_MOMENTS)
def test_any_request_is_signed_as_the_official_signer_signs_it(
    draft: _Draft, credentials: Credentials, now: datetime
) -> None:
    """Whatever path, query, headers, body and kind of key: both send the same."""
    headers = draft.headers | draft.content_type
    query = f"?{urlencode(draft.query, quote_via=quote)}" if draft.query else ""
    url = f"https://{draft.host}{draft.path}{query}"

    signed = sign(Request(draft.method, url, headers, draft.body), credentials=credentials, now=now)

    official = _official(draft, credentials, now)
    assert signed.headers == official.header_params
    assert signed.url == official.url


def _official(draft: _Draft, credentials: Credentials, now: datetime) -> SdkRequest:
    token = {"X-Security-Token": credentials.security_token} if credentials.security_token else {}
    date = {"X-Sdk-Date": now.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")}
    request = SdkRequest(
        method=draft.method,
        schema="https",
        host=draft.host,
        resource_path=draft.path,
        query_params=list(draft.query),
        header_params=draft.headers | draft.content_type | date | token,
        body=draft.body,
    )
    keys = BasicCredentials(credentials.access_key, credentials.secret_key, "project")
    return Signer(keys).sign(request)


def _url(given_: dict[str, Any]) -> str:
    pairs = [
        (key, each if isinstance(each, str) else json.dumps(each))
        for key, value in given_["query"]
        for each in (value if isinstance(value, list) else [value])
    ]
    query = f"?{urlencode(pairs, quote_via=quote)}" if pairs else ""
    return f"https://{given_['host']}{given_['path']}{query}"


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
