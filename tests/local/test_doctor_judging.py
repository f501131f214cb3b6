"""What the doctor makes of what it meets: the deciding parts, without API, store and network."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from threading import Event
from typing import Final
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.core.change import ChangeId
from handler.core.ledger import Ledger
from handler.core.listing import Page
from handler.core.observation import Observation, Phase
from handler.core.problem import Problem, ProblemKind
from handler.core.reading import TimeUnit
from handler.core.record import Record
from handler.huaweicloud.decipher import decipher_instances, decipher_progress
from handler.local.doctor.causes import cause_of
from handler.local.doctor.check import (
    Check,
    Outcome,
    exit_code_of,
    failed,
    is_fine,
    made,
    ok,
    skipped,
    warning,
)
from handler.local.doctor.judging import judge_permission, judge_progress, judge_signature
from handler.local.doctor.means import Means
from handler.local.doctor.race import FlawError, InconclusiveError, Race, Saved, Won, winner
from handler.local.doctor.scratch import Scratch, is_dead, scratch_name
from handler.local.doctor.skew import is_refused, judge_skew
from handler.local.doctor.timer import judge_ledgers, judge_rest, judge_timer
from handler.local.exits import ExitCode
from handler.runtimes import read_runtime
from handler.stores.markers import Marked, read_marked
from handler.stores.port import Absent, Committed, Conflict, Loaded, Oversized, Unchanged, Unknown
from handler.transport import Response, TransportError
from tests.edge.configurations import LEAST, read
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore, Trouble

NOW: Final = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
CHANGE: Final = ChangeId("instance", "task")
NOBODY: Final = Page((), received=0, total=0)
SECRET: Final = "Signature=abcdef0123456789"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.4, "ok: less than a second from the API's"),
        (-3, "ok: 3 seconds ahead of the API's"),
        (30, "ok: 30 seconds behind the API's"),
        (31, "warning: 31 seconds behind the API's"),
        (-300, "warning: 5 minutes ahead of the API's"),
        (301, "failed: 5 minutes 1 second behind the API's"),
        (-7200, "failed: 2 hours ahead of the API's"),
    ],
)
def test_a_wrong_clock_is_worse_the_more_it_is_wrong(seconds: float, expected: str) -> None:
    """In either direction; what to do is said as soon as there is something to do."""
    found = judge_skew(timedelta(seconds=seconds), "API")

    assert f"{found.outcome.value}: {found.detail}" == expected
    assert (found.advice is None) == (found.outcome is Outcome.OK)


@given(st.floats(-100_000, 100_000))
def test_a_clock_that_no_signature_survives_has_failed(seconds: float) -> None:
    """So that who skips what needs a signature has said why."""
    ahead = timedelta(seconds=seconds)

    assert not is_refused(ahead) or judge_skew(ahead, "API").outcome is Outcome.FAILED
    assert is_refused(ahead) == (abs(seconds) >= 900)


def test_who_tells_no_time_cannot_be_compared_with() -> None:
    """That is odd, but nothing is known to be wrong."""
    assert judge_skew(None, "store").outcome is Outcome.WARNING
    assert not is_refused(None)


def answered(status: int, code: str, words: str = "") -> Response:
    """An error as the API words it."""
    body = msgspec.json.encode({"error_code": code, "error_msg": f"{words} {SECRET}"})
    return Response(status, {"x-request-id": "r-1"}, body)


@pytest.mark.parametrize(
    ("code", "words", "expected"),
    [
        ("APIGW.0301", "Get secretKey failed,ak:A,err:ak not exist", "no such access key (AK)"),
        ("APIGW.0301", "ak ABC not exist", "no such access key (AK)"),
        ("APIGW.0301", "verify aksk signature fail", "the secret (SK) does not belong"),
        ("APIG.0301", "AK access failed to reach the limit,forbidden", "locked for five minutes"),
        ("APIGW.0301", "decrypt token fail", "the security token is not good"),
        ("APIGW.0307", "", "the security token has to be renewed"),
        ("APIGW.0303", "", "an application's key"),
        ("DMS.10240101", "", "the security token is missing"),
        ("DMS.10240103", "", "the security token is not good"),
        ("DMS.10240104", "", "for another project or region"),
        ("APIGW.0301", "something new", "refused the access key (HTTP 401, APIGW.0301)"),
    ],
)
def test_a_refused_key_is_told_apart_by_what_the_gateway_says(code: str, words: str, expected: str) -> None:
    """As far as it says so; its words may quote the signed request, and are never repeated."""
    response = answered(401, code, f"Incorrect IAM authentication information: {words}")
    found = judge_signature(decipher_instances(response), response)

    assert found.outcome is Outcome.FAILED
    assert expected in found.detail
    assert SECRET not in f"{found.detail} {found.advice}"
    assert found.advice


@pytest.mark.parametrize("status", [400, 403])
def test_whoever_is_refused_something_else_has_been_recognised(status: int) -> None:
    """An error of DMS's own, or a 403, comes after the gateway has accepted the key."""
    response = answered(status, "DMS.00400002")

    assert judge_signature(decipher_instances(response), response).outcome is Outcome.OK


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (answered(404, "APIGW.0101"), Outcome.FAILED),
        (answered(500, "APIGW.0201"), Outcome.FAILED),
        (Response(200, {}, b"<html>"), Outcome.FAILED),
        (answered(429, "APIGW.0308"), Outcome.WARNING),
        (Response(200, {}, b'{"instances": []}'), Outcome.OK),
    ],
)
def test_other_answers_prove_nothing_about_the_key(response: Response, expected: Outcome) -> None:
    """Unless it is the list that was asked for."""
    assert judge_signature(decipher_instances(response), response).outcome is expected


@pytest.mark.parametrize(
    ("status", "code", "is_needed", "expected"),
    [
        (403, "DMS.00403002", True, Outcome.FAILED),
        (403, "APIGW.0302", False, Outcome.WARNING),
        (404, "APIGW.0101", True, Outcome.FAILED),
        (404, "DMS.00404022", True, Outcome.FAILED),
        (404, "", True, Outcome.WARNING),
        (500, "DMS.00500000", True, Outcome.FAILED),
    ],
)
def test_a_permission_is_judged_by_the_answer_to_its_call(
    *, status: int, code: str, is_needed: bool, expected: Outcome
) -> None:
    """What Headway can do without is worth a warning; so is a task whose record was deleted."""
    problem = decipher_progress(answered(status, code), TimeUnit.SECONDS)
    found = judge_permission(problem, "dms:some:thing", is_needed=is_needed)

    assert found.outcome is expected
    assert str(status) in found.detail
    assert ("grant dms:some:thing" in (found.advice or "")) == (status == 403)


def test_what_was_not_asked_is_not_judged() -> None:
    """For want of time nothing is known."""
    problem = Problem(ProblemKind.TIMEOUT, "no time", asked=False)

    assert judge_permission(problem, "dms:some:thing", is_needed=True).outcome is Outcome.SKIPPED
    assert judge_permission(NOBODY, "dms:some:thing", is_needed=True).outcome is Outcome.OK


@pytest.mark.parametrize("status", [400, 404])
def test_a_task_without_progress_shows_that_it_may_be_asked_for(status: int) -> None:
    """No code is documented for what is no change of capacity; but the task must be there."""
    problem = decipher_progress(answered(status, "DMS.00409999"), TimeUnit.SECONDS)

    there, gone = (
        judge_progress(problem, "dms:some:thing", is_task_there=is_there, is_needed=True).outcome
        for is_there in (True, False)
    )
    assert there is Outcome.OK
    assert gone is not Outcome.OK


def caused(cause: Exception, *, request_sent: bool = False) -> TransportError:
    """What the transport makes of it."""
    error = TransportError("it did not work", timed_out=False, request_sent=request_sent)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "direct", "through_proxy"),
    [
        (
            socket.gaierror(socket.EAI_NONAME, "x"),
            "the name of host is not known",
            "the proxy p is not known",
        ),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "no name server says where host is", "where the proxy p is"),
        (UnicodeError("label too long"), "the name of host is not known", "the proxy p is not known"),
        (ConnectionRefusedError(), "host:1 refused the connection", "the proxy p refused the connection"),
        (TimeoutError(), "host:1 did not answer in time", "the proxy p did not answer in time"),
        (
            ssl.SSLCertVerificationError("bad"),
            "certificate of host:1 is not trusted",
            "certificate of host:1",
        ),
        (ssl.SSLError(1, "x"), "host:1 speaks no TLS", "host:1 speaks no TLS"),
        (
            OSError("Tunnel connection failed: 407 x"),
            "wants a user and a password",
            "the proxy p wants a user",
        ),
        (
            OSError("Tunnel connection failed: 403 x"),
            "(it answered 403)",
            "the proxy p does not lead to host:1",
        ),
        (OSError(113, "No route to host"), "host:1 failed (No route to host)", "to the proxy p failed"),
    ],
)
def test_what_keeps_one_from_a_host_is_told_apart(cause: Exception, direct: str, through_proxy: str) -> None:
    """With a proxy it is that which is not reached, but for what comes after."""
    assert direct in cause_of(caused(cause), "host:1", "the key").detail
    assert through_proxy in cause_of(cause, "host:1", "the key", "p").detail


def test_a_late_answer_is_not_the_proxys_fault() -> None:
    """What was asked has gone through it."""
    error = caused(TimeoutError(), request_sent=True)

    assert cause_of(error, "host", "the key", "p").detail == "host did not answer in time"


def saved(*answers: Committed | Conflict | Unknown) -> Sequence[Saved]:
    """What contenders were told."""
    return [Saved(f"document {number}".encode(), answer) for number, answer in enumerate(answers)]


def test_one_winner_at_most_is_right() -> None:
    """Nobody may have got through, too."""
    assert winner(saved(Conflict(), Committed("v"), Conflict())) == Won(b"document 1", "v")
    assert winner(saved(Conflict(), Conflict())) is None


def test_two_winners_are_a_flaw_whatever_else_was_answered() -> None:
    """And lost answers may hide another winner."""
    with pytest.raises(FlawError, match=r"^2 of 3 "):
        winner(saved(Committed("v"), Committed("w"), Unknown()))
    with pytest.raises(InconclusiveError):
        winner(saved(Committed("v"), Unknown()))


class _Odd(MemoryStore):
    """A store that, after so many saves, tells everybody who expects this that it has saved."""

    def __init__(self, after: int, *, expects_none: bool = False, forgets: bool = False) -> None:
        super().__init__()
        self._after = after
        self._expects_none = expects_none
        self._forgets = forgets

    def save(self, key: str, document: bytes, expected: str | None) -> Committed | Conflict | Unknown:
        answer = super().save(key, document, expected)
        is_odd = self.counts["save"] > self._after and (expected is None) == self._expects_none
        return Committed("odd") if is_odd else answer

    def load(self, key: str, known_version: str | None = None) -> Unchanged | Absent | Loaded | Oversized:
        found = super().load(key, known_version)
        return Absent(NOW) if self._forgets else found


@pytest.mark.parametrize(
    ("store", "expected"),
    [
        (_Odd(0, expects_none=True), "4 of 4 that saved one document at once"),
        (_Odd(4), "4 of 4 that saved one document at once"),
        (_Odd(8), "over a version that was there no more"),
        (_Odd(8, expects_none=True), "a new document was saved where there was one"),
        (_Odd(99, forgets=True), "another document stands there"),
    ],
    ids=["new", "over", "stale", "again", "forgotten"],
)
def test_each_way_in_which_a_save_is_not_conditional_is_found(store: MemoryStore, expected: str) -> None:
    """At once, and one after the other."""
    with pytest.raises(FlawError, match=expected):
        race_of(store).run("key")


def race_of(store: MemoryStore) -> Race:
    """A race of four in one store."""
    return Race([store] * 4, lambda: uuid4().hex)


def test_a_race_is_run_by_all_and_ends_with_what_is_tried_alone() -> None:
    """Four save a new document, four the next version, and two more save what is out of date."""
    store = MemoryStore()
    race_of(store).run("key")

    assert store.counts == {"save": 10, "load": 1}


def test_who_cannot_save_even_alone_is_told() -> None:
    """A lease that nobody ever gets would look like it."""
    store = MemoryStore()
    store.fail_next(Trouble.CONFLICT, times=5)

    with pytest.raises(FlawError, match="nobody could save a document, not even alone"):
        race_of(store).run("key")


def test_a_minute_is_shared_out() -> None:
    """What comes later has time left; once somebody wants to stop, nothing has."""
    clock = FakeClock()
    means = Means.of(read(LEAST), read_runtime(None, {}, clock.monotonic()), clock)
    shares = [means.api_seconds(), means.store_seconds(), means.last_seconds()]
    means.wish = Event()
    means.wish.set()
    stopped = means.last_seconds()
    means.wish.clear()
    clock.advance(60)

    assert stopped == 0
    assert shares == [25, 45, 58]
    assert max(means.api_seconds(), means.store_seconds(), means.last_seconds()) <= 0


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)), st.integers(-86_400, 86_400))  # noqa: DTZ001
def test_only_what_cannot_be_under_way_any_more_counts_as_left_behind(begun: datetime, seconds: int) -> None:
    """Ten minutes after it began; the announcements of OBS's lease as well."""
    begun = begun.replace(microsecond=0, tzinfo=timezone.utc)
    keys = [f"{top}active/_doctor/{scratch_name(begun, 'ab12')}/listed/1" for top in ("", "leases/")]

    assert [is_dead(key, begun + timedelta(seconds=seconds)) for key in keys] == [seconds > 600] * 2


class _Blind(MemoryStore):
    """A store whose listings show nothing."""

    def list(self, prefix: str) -> list[str]:
        super().list(prefix)
        return []


def test_what_no_listing_shows_is_removed_all_the_same() -> None:
    """An examination remembers what it has written."""
    store = _Blind()
    scratch = Scratch("1-ab", None, has_leases=False)
    store.put(scratch.key("written"), b"")
    scratch.key("never-written")
    scratch.clear(store)

    assert store.documents == {}


@pytest.mark.parametrize(
    "key", ["active/_doctor/", "active/_doctor/notes/x", "active/inst/task", "active/_doctor/1-a"]
)
def test_what_is_no_examinations_is_left_alone(key: str) -> None:
    """Whoever put it there."""
    assert not is_dead(key, NOW)


def test_markers_take_no_notice_of_an_examination() -> None:
    """Its keys are no changes, nor anything else that is to be looked at."""
    name = scratch_name(NOW, "0123456789abcdef")

    assert read_marked([f"active/_doctor/{name}/{key}" for key in ("written", "listed/1")], "key") == Marked()


def record(
    phase: Phase = Phase.RUNNING, looked_at: datetime | None = None, trouble: str | None = None
) -> Record:
    """What is kept of a change that is followed."""
    ledger = Ledger(str(CHANGE), NOW, looked_at=looked_at, observation=Observation(phase))
    return Record(CHANGE, ledger, is_active=True, trouble=trouble)


@pytest.mark.parametrize(
    ("minutes", "expected"), [(3, Outcome.OK), (30, Outcome.OK), (31, Outcome.FAILED), (-1, Outcome.OK)]
)
def test_the_newest_look_tells_whether_somebody_looks(minutes: int, expected: Outcome) -> None:
    """It may be ten minutes old, and as much older as the next one takes."""
    looks = [record(looked_at=NOW - timedelta(minutes=ago)) for ago in (300, minutes)]
    found = judge_timer(looks, NOW, has_heartbeat=False)

    assert found.outcome is expected
    assert ("is the timer on?" in found.detail) == (expected is Outcome.FAILED)


def test_what_is_over_tells_nothing_of_the_timer() -> None:
    """Nobody looks at it any more, and a heartbeat would notice what this cannot."""
    over = [record(Phase.COMPLETED, NOW - timedelta(days=1))]
    with_heartbeat = judge_timer(over, NOW, has_heartbeat=True)
    without = judge_timer([], NOW, has_heartbeat=False)

    assert with_heartbeat.outcome is without.outcome is Outcome.SKIPPED
    assert (with_heartbeat.advice or "").endswith("; the heartbeat tells when it does not")
    assert (without.advice or "").endswith("; heartbeat.url would tell when it does not")


def test_what_nobody_has_looked_at_yet_is_odd() -> None:
    """It may just have been registered."""
    found = judge_timer([Record(CHANGE, None, is_active=True), record()], NOW, has_heartbeat=False)

    assert (found.outcome, found.detail) == (
        Outcome.WARNING,
        "nobody has looked yet at what is to be followed (2 changes)",
    )


def test_ledgers_that_cannot_be_read_are_named() -> None:
    """Three of them; the others are counted."""
    troubles = [record(trouble=f"The ledger of i/{number} cannot be read.") for number in range(5)]
    found = judge_ledgers([record(), *troubles])

    assert found.outcome is Outcome.FAILED
    assert found.detail.splitlines()[0] == "The ledger of i/0 cannot be read."
    assert found.detail.splitlines()[-1] == "And 2 more."
    assert judge_ledgers([record()]).outcome is Outcome.OK


@pytest.mark.parametrize(
    ("minutes_ago", "is_accepted", "expected"),
    [
        (None, False, "no refusal is noted"),
        (4, False, "the API refused it to the function at 07:56 UTC; it rests until 08:06 UTC"),
        (
            4,
            True,
            "the API refused it to the function at 07:56 UTC; it rests until 08:06 UTC; here it is accepted",
        ),
        (30, False, "the API refused it to the function at 07:30 UTC; no look has shown it to be good since"),
    ],
)
def test_a_key_that_rests_is_told(*, minutes_ago: int | None, is_accepted: bool, expected: str) -> None:
    """And until when."""
    refused_at = None if minutes_ago is None else NOW - timedelta(minutes=minutes_ago)
    found = judge_rest(refused_at, NOW, is_accepted=is_accepted)

    assert found.detail == expected
    assert (found.outcome is Outcome.OK) == (refused_at is None)


def test_a_line_says_in_words_what_mark_and_colour_say() -> None:
    """What to do stands at its end; of several lines the others stand below, and it stands below them."""
    check = Check("store", failed("one\ntwo.", "do this"))

    assert check.show().plain == "✗ failed   store · one\n           two.\n           Do this"
    assert Check("store", failed("one.", "do this")).show().plain == "✗ failed   store · one; do this"
    assert Check("store", ok("fine")).show().plain == "✓ ok       store · fine"
    assert Check("store", skipped("needs it")).show().plain == "– skipped  store · needs it"  # noqa: RUF001 - a dash
    assert Check("store", warning("odd")).show().plain == "! warning  store · odd"


def test_what_would_move_the_terminal_is_not_shown() -> None:
    """A text from elsewhere may hold anything."""
    assert "\x1b" not in Check("store", failed("a\x1b[2Jb")).show().plain


def test_json_has_every_field() -> None:
    """Also those that say nothing."""
    assert Check("store", ok("fine"), 0.12345).describe() == {
        "name": "store",
        "outcome": "ok",
        "detail": "fine",
        "advice": None,
        "seconds": 0.123,
    }


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([ok(""), warning(""), skipped("")], ExitCode.FINE),
        ([ok(""), failed("")], ExitCode.NOT_FINE),
        ([failed(""), failed("", is_misconfigured=True)], ExitCode.WRONG_USAGE),
    ],
)
def test_the_exit_code_says_whose_matter_it_is(findings: Sequence[object], expected: ExitCode) -> None:
    """Warnings are fine; what the configuration alone can mend comes first."""
    checks = [Check("x", finding) for finding in findings]  # type: ignore[arg-type]

    assert exit_code_of(checks) is expected
    assert is_fine(checks) == (expected is ExitCode.FINE)


def test_a_defect_in_a_check_is_what_it_has_found() -> None:
    """By where it is, without its text, which could hold anything."""

    def find() -> object:
        raise ZeroDivisionError(SECRET)

    check = made("store", find)  # type: ignore[arg-type]

    assert check.finding.outcome is Outcome.FAILED
    assert "ZeroDivisionError in test_doctor_judging.py" in check.finding.detail
    assert SECRET not in check.finding.detail
