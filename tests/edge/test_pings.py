"""Where a heartbeat is sent, with what, and what is made of the answer."""

from __future__ import annotations

import string
from typing import Final
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.outcome import Beat
from handler.pings import SENT, address_for, attempt, bad, good, judge
from handler.scope import Scope
from handler.settings.addresses import read_heartbeat
from handler.transport import Request, Response, TooLargeError, Transport, TransportError
from tests.fakes.heartbeat_server import PING_KEY, HeartbeatServer

PLAIN: Final = "https://hc-ping.com/uuid"
SHARDED: Final = "https://hc-ping.com/key/headway-{shard}?create=1"
PATHS: Final = st.text(string.ascii_letters + string.digits + "-_~%/.{}", max_size=30).map("/{}".format)
QUERIES: Final = st.text(string.ascii_letters + "=&?/{}", max_size=20).map("?{}".format) | st.just("")
FRAGMENTS: Final = st.text(string.ascii_letters + "/?#", max_size=10).map("#{}".format) | st.just("")
URLS: Final = st.builds("https://hc.example.com:8000{}{}{}".format, PATHS, QUERIES, FRAGMENTS)
SHARDS: Final = st.integers(2, 1000).flatmap(lambda parts: st.tuples(st.integers(1, parts), st.just(parts)))


def lost(message: str) -> TransportError:
    """No whole answer came."""
    return TransportError(message, timed_out=False, request_sent=True)


@pytest.mark.parametrize(
    ("url", "scope", "address"),
    [
        (PLAIN, Scope(), PLAIN),
        (PLAIN, None, PLAIN),
        (PLAIN, Scope(instance_id="i"), PLAIN),
        (PLAIN, Scope(shard=(1, 1)), PLAIN),
        (PLAIN, Scope(shard=(2, 4)), None),
        (SHARDED, Scope(shard=(2, 4)), "https://hc-ping.com/key/headway-2-of-4?create=1"),
        (SHARDED, Scope(shard=(1, 1)), None),
        (SHARDED, Scope(), None),
        (SHARDED, None, None),
        (f"{PLAIN}#note", Scope(), PLAIN),
    ],
)
def test_a_part_has_an_address_of_its_own_and_all_changes_another(
    url: str, scope: Scope | None, address: str | None
) -> None:
    """Nobody pings what is another's; a fragment is nobody's."""
    assert address_for(url, scope) == address


@pytest.mark.parametrize(
    ("url", "failing"),
    [
        (PLAIN, f"{PLAIN}/fail"),
        (f"{PLAIN}/", f"{PLAIN}/fail"),
        (f"{PLAIN}?create=1", f"{PLAIN}/fail?create=1"),
        (f"{PLAIN}/?rid=a/", f"{PLAIN}/fail?rid=a/"),
        ("https://hc-ping.com", "https://hc-ping.com/fail"),
    ],
)
def test_a_failure_is_posted_behind_the_path(url: str, failing: str) -> None:
    """With the reason in lines; a good look asks for the address as it is."""
    request = bad(url, ["One.", "订单"])

    assert (request.method, request.url, request.body) == ("POST", failing, "One.\n订单".encode())
    assert request.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert good(url)[:2] == ("GET", url)
    assert good(url).body == b""


@given(url=URLS, shard=SHARDS | st.none())
def test_an_address_keeps_all_but_what_stands_for_the_part(url: str, shard: tuple[int, int] | None) -> None:
    """Whatever the configuration takes can be asked for: same host, same query, a path that ends in /fail."""
    configured = read_heartbeat(url).reveal()
    address = address_for(configured, Scope(shard=shard))
    assert (address is None) is (("{shard}" in url) is not bool(shard))
    if address is None:
        return
    request = bad(address, [])
    asked, failing = urlsplit(good(address).url), urlsplit(request.url)

    assert "#" not in request.url
    assert (asked.netloc, asked.query) == (failing.netloc, failing.query)
    assert failing.path == f"{asked.path.rstrip('/')}/fail"


def test_what_cannot_be_encoded_is_sent_all_the_same() -> None:
    """Half a character is no reason to say nothing."""
    assert bad(PLAIN, ["a\ud800b"]).body == b"a?b"


@pytest.mark.parametrize(
    ("status", "body", "beat"),
    [
        (200, b"OK", SENT),
        (200, b"", SENT),
        (201, b"Created", SENT),
        (202, b'{"ok": true}', SENT),
        (204, b"", SENT),
        (200, b"OK (not found)", Beat("it answered: not found", is_lost=True)),
        (200, b"OK (rate limited)\n", Beat("it answered: rate limited", is_lost=True)),
        (200, b"OK (https://hc-ping.com/secret)", SENT),
        (301, b"", Beat("it answered 301", is_lost=True)),
        (404, b"not found", Beat("it answered 404", is_lost=True)),
        (409, b"ambiguous slug", Beat("it answered 409", is_lost=True)),
        (429, b"rate limited", Beat("it answered 429", is_lost=True)),
        (500, b"secret", Beat("it answered 500", is_lost=True)),
    ],
)
def test_an_answer_is_read_by_its_status_and_what_stands_behind_the_ok(
    status: int, body: bytes, beat: Beat
) -> None:
    """Healthchecks.io says OK to pings that it takes no notice of; other texts are not repeated."""
    assert judge(Response(status, {}, body)) == beat


@pytest.mark.parametrize(
    ("error", "note"),
    [
        (lost("S3cr3t.example could not be reached in time."), "it could not be reached in time"),
        (lost("s3cr3t.example broke off (Reset by peer)."), "it broke off (Reset by peer)"),
        (ValueError("s3cr3t.example"), "it could not be sent (ValueError)"),
    ],
)
def test_what_went_wrong_is_told_without_the_host(error: Exception, note: str) -> None:
    """A host, too, may be what nobody else knows of an address."""

    def send(request: Request, *, timeout_seconds: float) -> Response:
        assert timeout_seconds == 2.5
        assert request.url == "https://s3cr3t.example/x"
        raise error

    assert attempt(send, good("https://s3cr3t.example/x"), 2.5) == Beat(note, is_lost=True)


@pytest.mark.parametrize(("status", "beat"), [(200, SENT), (500, Beat("it answered 500", is_lost=True))])
def test_an_answer_that_is_too_long_counts_by_its_status(status: int, beat: Beat) -> None:
    """Nobody reads it."""

    def send(request: Request, *, timeout_seconds: float) -> Response:  # noqa: ARG001 - a `Send`
        raise TooLargeError("host", status, {})

    assert attempt(send, good(PLAIN), 1) == beat


def test_both_kinds_of_ping_are_understood_by_the_service() -> None:
    """By UUID and by slug, good and bad; a redirect is not followed."""
    send = Transport(connections=1)
    with HeartbeatServer() as server:
        slug = f"{server.endpoint}/{PING_KEY}/headway?create=1"
        requests = [good(server.url), bad(f"{server.url}/", ["No."]), good(slug), bad(slug, ["No."])]
        beats = [attempt(send, request, 5) for request in requests]
        assert beats == [SENT] * 4
        assert server.signals == ["success", "fail"] * 2
        assert [ping.body for ping in server.pings] == ["", "No."] * 2

        server.redirects = True
        assert attempt(send, good(server.url), 5) == Beat("it answered 301", is_lost=True)
        assert len(server.asked) == 5
