"""The client against a real server on loopback: signed requests, retries, and a key that is spared."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Final

import pytest

from handler.core.change import ChangeId
from handler.core.listing import Instance, ListedTask, Page
from handler.core.observation import Phase
from handler.core.problem import Missing, Problem, ProblemKind
from handler.core.progress import Progress, Task
from handler.core.reading import TimeUnit
from handler.huaweicloud.calls import (
    endpoint_for,
    instance_request,
    instances_request,
    progress_request,
    task_request,
    tasks_request,
)
from handler.huaweicloud.dms import SPECIFICATION_SECONDS_MAX, DmsClient
from handler.huaweicloud.guard import is_outage
from handler.huaweicloud.pace import Pace
from handler.huaweicloud.signing import Credentials
from handler.transport import Request, Response, Transport
from notifiers.operations import Order, Specification
from tests.fakes.dms_server import CREDENTIALS, DROP, PROJECT_ID, Answer, FakeDms, a_task, an_instance

CHANGE: Final = ChangeId("6c0dc1a8-2e3d-4f7b-9a51-0f6c1c7b9a21", "8abfa7b372160bfd0172165864064079")
OTHER: Final = ChangeId("another-instance", "another-task")
WRONG_KEY: Final = Credentials(CREDENTIALS.access_key, "not the secret key")
FORTY: Final = Answer.of_progress(40, ("pre_check", "COMPLETED"), ("disk_expansion", "IN_PROGRESS"))
ORDER: Final = Order(
    "operator",
    datetime(2026, 11, 24, 7, tzinfo=timezone.utc),
    (("oper_type", "storage"), ("new_storage_space", "600")),
)
BUSY: Final = Answer.of_error(503, "APIGW.0201")
TOO_MANY: Final = Answer.of_error(429, "APIGW.0308", Retry_After="1")


@pytest.fixture
def dms() -> Iterator[FakeDms]:
    """A DMS that knows nothing yet."""
    with FakeDms() as fake:
        yield fake


@pytest.fixture
def client(dms: FakeDms) -> DmsClient:
    """A client with the right key, five seconds for every call, and no need to go slowly."""
    return DmsClient(
        send=Transport(connections=64),
        endpoint=dms.endpoint,
        project_id=PROJECT_ID,
        credentials=CREDENTIALS,
        unit=TimeUnit.SECONDS,
        pace=pace(),
        now=lambda: datetime.now(timezone.utc),
        timeout_seconds=lambda: 5.0,
        exchange_seconds=5.0,
    )


def pace(rate_per_second: float = 1000) -> Pace:
    """A pace in real time."""
    return Pace(rate_per_second, time.monotonic, time.sleep)


def problem(
    answer: Progress | Task | Specification | Page[Instance] | Page[ListedTask] | Problem,
) -> Problem:
    """The answer, known to be a problem."""
    assert isinstance(answer, Problem)
    return answer


@pytest.mark.parametrize(
    ("region", "endpoint"),
    [
        ("cn-north-4", "https://dms.cn-north-4.myhuaweicloud.com"),
        ("eu-west-0", "https://dms.eu-west-0.myhuaweicloud.com"),
        ("eu-west-101", "https://dms.eu-west-101.myhuaweicloud.eu"),
    ],
)
def test_an_endpoint_follows_from_its_region(region: str, endpoint: str) -> None:
    """All regions look alike but one, which lives under `.eu`."""
    assert endpoint_for(region) == endpoint


def test_ids_cannot_leave_their_place_in_the_path() -> None:
    """Whatever an id holds is percent-encoded; a slash after the endpoint does not double."""
    change = ChangeId("a/../b", "t?x=1#é")

    request = progress_request(change, endpoint="https://dms.example.com/", project_id="p q")

    assert request == Request(
        "GET",
        "https://dms.example.com/v2/p%20q/instances/a%2F..%2Fb/tasks/t%3Fx%3D1%23%C3%A9/progress",
        {"Content-Type": "application/json", "X-Project-Id": "p q"},
    )


def test_the_task_call_is_the_progress_call_without_its_end() -> None:
    """Both ask about the same task."""
    task, progress = (
        build(CHANGE, endpoint="https://dms.example.com", project_id=PROJECT_ID)
        for build in (task_request, progress_request)
    )

    assert progress == task._replace(url=task.url + "/progress")


def test_an_instance_is_shown_by_its_id() -> None:
    """It stays in its place, and there is no query."""
    request = instance_request("i/x", endpoint="https://dms.example.com/", project_id="p q")

    assert request == Request(
        "GET",
        "https://dms.example.com/v2/p%20q/instances/i%2Fx",
        {"Content-Type": "application/json", "X-Project-Id": "p q"},
    )


def test_the_lists_are_asked_for_by_the_largest_page_there_is() -> None:
    """Instances are counted from 0 and tasks from 1; the ids stay in their place."""
    endpoint = "https://dms.example.com"
    headers = {"Content-Type": "application/json", "X-Project-Id": "p q"}
    instances = f"{endpoint}/v2/p%20q/instances"

    assert instances_request(50, endpoint=endpoint, project_id="p q") == Request(
        "GET", f"{instances}?engine=kafka&limit=50&offset=50", headers
    )
    assert instances_request(0, "i&x", endpoint=endpoint, project_id="p q") == Request(
        "GET", f"{instances}?engine=kafka&limit=50&offset=0&instance_id=i%26x", headers
    )
    assert tasks_request("i/x", 101, endpoint=f"{endpoint}/", project_id="p q") == Request(
        "GET", f"{instances}/i%2Fx/tasks?start=101&limit=100", headers
    )


@pytest.mark.parametrize(
    "endpoint", ["http://dms.example.com", "dms.example.com", "ftp://127.0.0.1", "//127.0.0.1", ""]
)
def test_nothing_signed_is_sent_in_the_clear(client: DmsClient, endpoint: str) -> None:
    """Only on this machine may an address begin with `http://`."""
    with pytest.raises(ValueError, match=r"huaweicloud\.endpoint must begin with https://"):
        replace(client, endpoint=endpoint)


@pytest.mark.parametrize("endpoint", ["http://localhost", "http://127.9.9.9:8080", "http://[::1]:8080"])
def test_on_this_machine_nothing_need_be_encrypted(client: DmsClient, endpoint: str) -> None:
    """By whichever of its names and addresses, as the configuration has it."""
    assert replace(client, endpoint=endpoint).endpoint == endpoint


def test_progress_is_read_with_the_date_of_the_server(dms: FakeDms, client: DmsClient) -> None:
    """What orders observations is the server's clock, not ours."""
    date = "Tue, 24 Nov 2026 08:00:00 GMT"
    dms.script_progress(CHANGE, FORTY._replace(headers={"Date": date}))

    progress = client.fetch_progress(CHANGE)

    assert isinstance(progress, Progress)
    assert (progress.percent, progress.remaining_seconds, len(progress.steps)) == (40, 60, 2)
    assert progress.date == datetime(2026, 11, 24, 8, tzinfo=timezone.utc)


def test_the_configured_unit_of_the_remaining_time_is_used(dms: FakeDms, client: DmsClient) -> None:
    """The API does not document it, so it is a setting."""
    dms.script_progress(CHANGE, Answer.of_progress(40, remain_time=90))

    progress = replace(client, unit=TimeUnit.MINUTES).fetch_progress(CHANGE)

    assert isinstance(progress, Progress)
    assert progress.remaining_seconds == 90 * 60


def test_a_task_is_read(dms: FakeDms, client: DmsClient) -> None:
    """Its status is the dependable sign of the end."""
    dms.script_task(CHANGE, Answer.of_task("SUCCESS"))

    task = client.fetch_task(CHANGE)

    assert isinstance(task, Task)
    assert (task.phase, task.status, task.order) == (Phase.COMPLETED, "SUCCESS", ORDER)
    assert task.date is not None


def test_a_change_nobody_knows_is_missing(client: DmsClient) -> None:
    """Both calls say so, and the request id is kept for the vendor's support."""
    progress, task = problem(client.fetch_progress(CHANGE)), problem(client.fetch_task(CHANGE))

    assert progress.missing is task.missing is Missing.INSTANCE
    assert progress.request_id
    assert (progress.asks_task, task.asks_task) == (True, False)


def test_temporary_keys_send_their_token(client: DmsClient) -> None:
    """The function's agency gives such keys."""
    temporary = replace(CREDENTIALS, security_token="a/token+with==")
    with FakeDms(credentials=temporary) as dms:
        dms.script_progress(CHANGE, FORTY)
        with_token = replace(client, endpoint=dms.endpoint, credentials=temporary)

        assert isinstance(with_token.fetch_progress(CHANGE), Progress)
        assert problem(replace(client, endpoint=dms.endpoint).fetch_progress(CHANGE)).status == 401


def test_a_clock_that_is_far_off_is_refused(dms: FakeDms, client: DmsClient) -> None:
    """The gateway takes a date that is 15 minutes off for a forgery; the message names the clock."""
    late = replace(client, now=lambda: datetime.now(timezone.utc) - timedelta(minutes=16))

    refusal = problem(late.fetch_progress(CHANGE))

    assert refusal.kind is ProblemKind.UNAUTHORISED
    assert "the clock" in refusal.message
    assert dms.counts == {"refused": 1}


@pytest.mark.parametrize("mishap", [BUSY, DROP, Answer(status=500), Answer.of_error(502, "APIGW.0201")])
def test_a_fault_of_the_api_is_retried_once(dms: FakeDms, client: DmsClient, mishap: Answer) -> None:
    """A second attempt at once heals most of them."""
    dms.script_progress(CHANGE, mishap, FORTY)

    assert isinstance(client.fetch_progress(CHANGE), Progress)
    assert dms.counts == {"progress": 2}


@pytest.mark.parametrize(
    ("mishap", "kind", "status"),
    [(BUSY, ProblemKind.UNAVAILABLE, 503), (DROP, ProblemKind.UNAVAILABLE, None)],
)
def test_a_fault_that_stays_is_a_problem(
    dms: FakeDms, client: DmsClient, mishap: Answer, kind: ProblemKind, status: int | None
) -> None:
    """After the second attempt the next tick asks again."""
    dms.script_progress(CHANGE, mishap)

    found = problem(client.fetch_progress(CHANGE))

    assert (found.kind, found.status) == (kind, status)
    assert not found.asks_task
    assert dms.counts == {"progress": 2}


@pytest.mark.parametrize(
    "answer",
    [
        Answer.of_error(400, "DMS.00400026"),
        Answer.of_error(401, "APIGW.0301"),
        Answer.of_error(403, "DMS.00403002"),
        Answer.of_error(408, "DMS.111501024"),
        Answer.of_error(503, "DMS.111501025", Retry_After="5"),
        Answer(b"<html>", 200),
        Answer(b" " * (2**20 + 1), 200),
        Answer(b"", 302, {"Location": "https://example.com/"}),
    ],
)
def test_nothing_else_is_retried(dms: FakeDms, client: DmsClient, answer: Answer) -> None:
    """Asking again would change nothing, or come sooner than the API allows."""
    dms.script_progress(CHANGE, answer)

    problem(client.fetch_progress(CHANGE))

    assert dms.counts == {"progress": 1}


@pytest.mark.parametrize("mishap", [BUSY, TOO_MANY])
def test_no_retry_is_begun_when_time_is_short(dms: FakeDms, client: DmsClient, mishap: Answer) -> None:
    """With less than a second left the answer would come too late."""
    dms.script_progress(CHANGE, mishap)

    problem(replace(client, timeout_seconds=lambda: 0.9).fetch_progress(CHANGE))

    assert dms.counts == {"progress": 1}


def test_an_answer_that_takes_too_long_is_a_timeout(dms: FakeDms, client: DmsClient) -> None:
    """The call ends at its deadline, and the retry does not go past it."""
    dms.script_progress(CHANGE, FORTY._replace(delay_seconds=30))
    began_at = time.monotonic()

    found = problem(_until(client, began_at + 1.2).fetch_progress(CHANGE))

    assert found.kind is ProblemKind.TIMEOUT
    assert 1.1 < time.monotonic() - began_at < 3


def test_without_time_nothing_is_sent(dms: FakeDms, client: DmsClient) -> None:
    """A call that comes after the deadline costs nothing."""
    dms.script_progress(CHANGE, FORTY)

    found = problem(_until(client, 0.0).fetch_progress(CHANGE))

    assert (found.kind, found.asked) == (ProblemKind.TIMEOUT, False)
    assert not dms.visits


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_a_proved_key_sends_nothing_without_time_either(
    dms: FakeDms, client: DmsClient, seconds: float
) -> None:
    """Nobody waits for a turn then, and still nothing goes out."""
    dms.script_progress(CHANGE, FORTY)
    left = [5.0]
    hurried = replace(client, timeout_seconds=lambda: left[0])
    hurried.fetch_progress(CHANGE)
    left[0] = seconds

    found = problem(hurried.fetch_progress(CHANGE))

    assert (found.kind, found.asked) == (ProblemKind.TIMEOUT, False)
    assert dms.counts == {"progress": 1}


def test_time_that_runs_out_while_one_waits_for_ones_turn_is_no_time(dms: FakeDms, client: DmsClient) -> None:
    """The wait may have been longer than it was meant to be."""
    dms.script_progress(CHANGE, FORTY)
    left = iter([5.0, 5.0, 0.0])

    found = problem(replace(client, timeout_seconds=lambda: next(left)).fetch_progress(CHANGE))

    assert (found.kind, found.asked) == (ProblemKind.TIMEOUT, False)
    assert not dms.visits


def test_time_that_runs_out_before_the_retry_leaves_the_first_answer(dms: FakeDms, client: DmsClient) -> None:
    """The API was asked, so nobody is told that it was not."""
    dms.script_progress(CHANGE, BUSY)
    left = iter([5.0, 5.0, 5.0, 1.0, 1.0, 0.0, 0.0])

    found = problem(replace(client, timeout_seconds=lambda: next(left)).fetch_progress(CHANGE))

    assert (found.status, found.asked) == (503, True)
    assert dms.counts == {"progress": 1}


@pytest.mark.parametrize(
    ("kind", "status", "asked", "expected"),
    [
        (ProblemKind.UNAVAILABLE, None, True, True),
        (ProblemKind.TIMEOUT, None, True, True),
        (ProblemKind.UNAVAILABLE, 500, True, True),
        (ProblemKind.UNAVAILABLE, 503, True, True),
        (ProblemKind.UNAVAILABLE, 400, True, False),
        (ProblemKind.MALFORMED, None, True, False),
        (ProblemKind.MALFORMED, 999, True, False),
        (ProblemKind.TIMEOUT, None, False, False),
    ],
)
def test_an_outage_is_what_may_be_over_in_a_moment(
    kind: ProblemKind, status: int | None, *, asked: bool, expected: bool
) -> None:
    """No answer or a fault of the API's own; a page too large comes again, and not to ask tells nothing."""
    assert is_outage(Problem(kind, "…", status=status, asked=asked)) is expected


def test_an_answer_over_one_mebibyte_is_not_read(dms: FakeDms, client: DmsClient) -> None:
    """No page of a proxy fills the memory of a small function."""
    dms.script_progress(CHANGE, Answer(b" " * (2**20 + 1)))

    found = problem(client.fetch_progress(CHANGE))

    assert found.kind is ProblemKind.MALFORMED
    assert "more than 1 MiB" in found.message


def test_a_host_that_is_not_there_is_unavailable(client: DmsClient) -> None:
    """The message names it, so that a typing error in the endpoint is seen."""
    with FakeDms() as gone:
        endpoint = gone.endpoint

    found = problem(replace(client, endpoint=endpoint).fetch_progress(CHANGE))

    assert found.kind is ProblemKind.UNAVAILABLE
    assert "127.0.0.1 could not be reached" in found.message


def test_after_a_refusal_no_further_request_goes_out(dms: FakeDms, client: DmsClient) -> None:
    """More than five refusals in a row would lock the key for everybody who uses it."""
    refused = replace(client, credentials=WRONG_KEY)

    answers = [refused.fetch_progress(CHANGE), refused.fetch_task(CHANGE), refused.fetch_task(OTHER)]

    assert [problem(answer).kind for answer in answers] == [ProblemKind.UNAUTHORISED] * 3
    assert answers[0] is answers[1] is answers[2]
    assert dms.counts == {"refused": 1}


def test_a_refusal_repeats_nothing_of_what_was_signed(client: DmsClient) -> None:
    """The gateway's words hold the signed request, its headers and its signature; none is passed on."""
    token = "a-secret-token"
    refused = replace(client, credentials=replace(WRONG_KEY, security_token=token))

    shown = repr(refused.fetch_progress(CHANGE))

    assert "APIGW.0301" in shown
    for secret in (token, "Signature", "canonicalRequest", CREDENTIALS.access_key):
        assert secret not in shown


def test_the_first_call_goes_alone(dms: FakeDms, client: DmsClient) -> None:
    """When many ask at once, all others wait until its answer has proved the key, then go together."""
    dms.script_progress(CHANGE, FORTY._replace(delay_seconds=0.4))

    answers = _at_once(client.fetch_progress, [CHANGE] * 20)

    first, *others = sorted(dms.visits, key=lambda visit: visit.began_at)
    assert all(isinstance(answer, Progress) for answer in answers)
    assert all(first.ended_at <= other.began_at for other in others)
    assert max(other.began_at for other in others) < min(other.ended_at for other in others)


def test_a_refused_key_is_shown_once_however_many_ask(dms: FakeDms, client: DmsClient) -> None:
    """Everybody gets the answer of the first."""
    answers = _at_once(replace(client, credentials=WRONG_KEY).fetch_progress, [CHANGE] * 20)

    assert {problem(answer).kind for answer in answers} == {ProblemKind.UNAUTHORISED}
    assert dms.counts == {"refused": 1}


def test_an_answer_that_proves_nothing_keeps_the_others_waiting(dms: FakeDms, client: DmsClient) -> None:
    """A gateway's error may come before the key is looked at, so the next one goes alone as well."""
    dms.script_progress(CHANGE, Answer.of_error(403, "APIGW.0302")._replace(delay_seconds=0.02))
    dms.script_progress(OTHER, Answer.of_error(401, "APIGW.0301"))

    _at_once(client.fetch_progress, [CHANGE] * 5)
    _at_once(client.fetch_progress, [OTHER] * 5)

    visits = sorted(dms.visits, key=lambda visit: visit.began_at)
    assert len(visits) == 6
    assert all(one.ended_at <= next_.began_at for one, next_ in pairwise(visits))


def test_who_waits_while_the_api_is_out_of_order_shares_the_problem(dms: FakeDms, client: DmsClient) -> None:
    """An outage costs an invocation the time of two changes, not of every one; the next call tries anew."""
    changes = [ChangeId("inst", f"t{number}") for number in range(20)]
    for change in changes:
        dms.script_progress(change, DROP._replace(delay_seconds=0.2))
    dms.script_progress(OTHER, FORTY)

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(client.fetch_progress, changes))

    assert {problem(answer).kind for answer in answers} == {ProblemKind.UNAVAILABLE}
    assert all(problem(answer).asked for answer in answers)
    assert dms.counts["progress"] <= 4
    assert isinstance(client.fetch_progress(OTHER), Progress)


def test_one_changes_trouble_is_not_shared(dms: FakeDms, client: DmsClient) -> None:
    """The next in the queue finds out by itself, and the first one's second try comes after it."""
    dms.script_progress(CHANGE, DROP._replace(delay_seconds=0.2))
    dms.script_progress(OTHER, FORTY)

    with ThreadPoolExecutor() as threads:
        alone = threads.submit(client.fetch_progress, CHANGE)
        time.sleep(0.1)
        others = list(threads.map(client.fetch_progress, [OTHER] * 5))

    assert all(isinstance(answer, Progress) for answer in others)
    assert problem(alone.result()).kind is ProblemKind.UNAVAILABLE


def test_waiting_for_ones_turn_ends_at_the_deadline(dms: FakeDms, client: DmsClient) -> None:
    """The call of another change may take longer than there is time for this one."""
    dms.script_progress(CHANGE, FORTY._replace(delay_seconds=30))
    is_sent = threading.Event()
    waiting = replace(_telling(client, is_sent), timeout_seconds=lambda: 0.1 if is_sent.is_set() else 5.0)
    with ThreadPoolExecutor() as threads:
        threads.submit(waiting.fetch_progress, CHANGE)
        assert is_sent.wait(5)
        found = problem(waiting.fetch_progress(OTHER))
        dms.end_delays()

    assert (found.kind, found.asked) == (ProblemKind.TIMEOUT, False)
    assert "was not asked" in found.message


def test_a_refusal_ends_the_retries_of_others(dms: FakeDms, client: DmsClient) -> None:
    """A second attempt is a further request as well."""
    dms.script_task(CHANGE, Answer.of_task("EXECUTING"))
    dms.script_progress(CHANGE, BUSY._replace(delay_seconds=30), FORTY)
    dms.script_progress(OTHER, Answer.of_error(401, "APIGW.0301"))
    is_sent = threading.Event()
    telling = _telling(replace(client, timeout_seconds=lambda: 30.0), is_sent)
    telling.fetch_task(CHANGE)
    is_sent.clear()

    with ThreadPoolExecutor() as threads:
        busy = threads.submit(telling.fetch_progress, CHANGE)
        assert is_sent.wait(5)
        refused = telling.fetch_progress(OTHER)
        dms.end_delays()

    assert (problem(busy.result()).status, problem(refused).status) == (503, 401)
    assert dms.counts == {"task": 1, "progress": 2}


@pytest.mark.parametrize(
    ("answer", "proves"),
    [
        (FORTY, True),
        (Answer.of_error(400, "DMS.00400070"), True),
        (Answer.of_error(403, "DMS.00403002"), True),
        (Answer.of_error(404, "DMS.00404022"), True),
        (Answer.of_error(500, "DMS.00500000"), True),
        (Answer.of_error(401, "DMS.10240101"), False),
        (Answer.of_error(403, "APIGW.0302"), False),
        (Answer.of_error(404, "APIGW.0101"), False),
        (Answer.of_error(429, "APIGW.0308"), False),
        (Answer.of_error(502, "APIGW.0201"), False),
        (Answer(b"<html>", 200), False),
        (Answer(b"", 403), False),
        (DROP, False),
    ],
)
def test_a_key_is_accepted_when_dms_itself_has_answered(
    dms: FakeDms, client: DmsClient, answer: Answer, *, proves: bool
) -> None:
    """The gateway passes on only what it has authenticated; what it says itself proves nothing."""
    dms.script_progress(CHANGE, answer)
    hurried = replace(client, timeout_seconds=lambda: 0.9)
    assert not hurried.key_accepted

    hurried.fetch_progress(CHANGE)

    assert hurried.key_accepted is proves


def test_a_key_known_to_the_process_stays_accepted_until_it_is_refused(
    dms: FakeDms, client: DmsClient
) -> None:
    """A warm process need not look at the ledger first, but it hears of a key that was withdrawn."""
    dms.script_progress(CHANGE, Answer.of_error(401, "APIGW.0301"))
    warm = replace(client, is_key_known=True)
    assert warm.key_accepted

    refusal = warm.fetch_progress(CHANGE)

    assert not warm.key_accepted
    assert warm.refusal is refusal


@pytest.mark.parametrize("too_many", [TOO_MANY, Answer.of_error(404, "DMS.10240407", Retry_After="1")])
def test_whoever_met_a_429_asks_again_when_the_api_wants_it(
    dms: FakeDms, client: DmsClient, too_many: Answer
) -> None:
    """One answer is late, none is lost; the flow control of DMS itself says the same with a 404."""
    dms.script_progress(CHANGE, too_many, FORTY)

    assert isinstance(client.fetch_progress(CHANGE), Progress)

    first, second = dms.visits
    assert second.began_at - first.ended_at >= 0.99


def test_a_429_holds_up_everybody_for_as_long_as_it_says(dms: FakeDms, client: DmsClient) -> None:
    """All calls share one gateway, so the others wait too; whoever has the time is then answered."""
    dms.script_progress(CHANGE, TOO_MANY, FORTY)
    dms.script_progress(OTHER, FORTY)
    dms.script_task(OTHER, Answer.of_task("EXECUTING"))
    client.fetch_task(OTHER)

    with ThreadPoolExecutor() as threads:
        unlucky = threads.submit(client.fetch_progress, CHANGE)
        while not client.pace.is_throttled:
            time.sleep(0.01)
        others = _at_once(client.fetch_progress, [OTHER] * 10)

    _, met, *held_up = sorted(dms.visits, key=lambda visit: visit.began_at)
    assert all(isinstance(answer, Progress) for answer in (unlucky.result(), *others))
    assert all(visit.began_at >= met.ended_at + 0.99 for visit in held_up)
    assert dms.counts == {"task": 1, "progress": 12}


def test_whoever_has_no_time_to_wait_for_the_end_of_a_429_is_not_asked_for(
    dms: FakeDms, client: DmsClient
) -> None:
    """Neither the one that met it again nor any other, and nobody waits to hear so."""
    dms.script_task(CHANGE, Answer.of_task("EXECUTING"))
    dms.script_progress(CHANGE, Answer.of_error(429, "APIGW.0308", Retry_After="60"))
    client.fetch_task(CHANGE)
    began_at = time.monotonic()

    answers = [client.fetch_progress(CHANGE), client.fetch_progress(OTHER), client.list_tasks("i", 1)]

    problems = [problem(answer) for answer in answers]
    assert [(one.kind, one.asked) for one in problems] == [(ProblemKind.THROTTLED, False)] * 3
    assert {one.message for one in problems} == {
        "The DMS API was not asked: it wants fewer requests than that."
    }
    assert time.monotonic() - began_at < 1
    assert dms.counts == {"task": 1, "progress": 1}


def test_a_429_that_stays_is_the_answer(dms: FakeDms, client: DmsClient) -> None:
    """It is asked for once more, and not a third time."""
    dms.script_progress(CHANGE, Answer.of_error(429, "APIGW.0308"))

    found = problem(client.fetch_progress(CHANGE))

    assert (found.kind, found.status, found.asked) == (ProblemKind.THROTTLED, 429, True)
    assert dms.counts == {"progress": 2}


def test_many_requests_keep_to_the_rate(dms: FakeDms, client: DmsClient) -> None:
    """After the first burst they come one by one, whatever the number of threads."""
    dms.script_progress(OTHER, FORTY)
    slow = replace(client, pace=pace(20), timeout_seconds=lambda: 30.0)

    answers = _at_once(slow.fetch_progress, [OTHER] * 80)

    began_at = sorted(visit.began_at for visit in dms.visits)
    assert all(isinstance(answer, Progress) for answer in answers)
    assert began_at[-1] - began_at[0] >= (80 - 1 - 3 * 20) / 20 - 0.05


def test_whoever_comes_too_late_for_the_rate_is_not_asked_for(dms: FakeDms, client: DmsClient) -> None:
    """Nothing is wrong with the API: it is our own time that is short."""
    dms.script_progress(OTHER, FORTY)
    slow = replace(client, pace=pace(1), timeout_seconds=lambda: 0.5)

    answers = [slow.fetch_progress(OTHER) for _ in range(6)]

    late = [problem(answer) for answer in answers[4:]]
    assert [(one.kind, one.asked) for one in late] == [(ProblemKind.TIMEOUT, False)] * 2
    assert dms.counts == {"progress": 4}


def test_the_list_of_instances_is_read_to_its_end_by_count(dms: FakeDms, client: DmsClient) -> None:
    """Page by page, with the server's date; whatever else the project holds is not listed."""
    dms.hold_instances(*(an_instance(f"i{n}", f"orders-{n}", "EXTENDING") for n in range(120)))

    pages = [client.list_instances(offset) for offset in (0, 50, 100)]

    assert all(isinstance(page, Page) and page.total == 120 and page.date for page in pages)
    assert [entry for page in pages if isinstance(page, Page) for entry in page.entries] == [
        Instance(f"i{n}", f"orders-{n}", "EXTENDING") for n in range(120)
    ]
    assert [page.received for page in pages if isinstance(page, Page)] == [50, 50, 20]
    assert dms.counts == {"instances": 3}


def test_one_instance_can_be_asked_for(dms: FakeDms, client: DmsClient) -> None:
    """The others are not listed besides."""
    dms.hold_instances(an_instance("i1"), an_instance("i2"))

    page = client.list_instances(0, "i2")

    assert isinstance(page, Page)
    assert [entry.instance_id for entry in page.entries] == ["i2"]
    assert (page.received, page.total) == (1, 1)


@pytest.mark.parametrize("instance_id", [None, "gone"])
def test_beyond_the_last_instance_there_is_an_empty_page(
    dms: FakeDms, client: DmsClient, instance_id: str | None
) -> None:
    """The API calls it an error, which instances that have just been deleted can cause."""
    dms.hold_instances(an_instance("i1"))

    page = client.list_instances(50, instance_id)

    assert page == Page((), received=0, total=0)
    assert client.key_accepted


def test_the_tasks_of_an_instance_are_read_from_the_first_on(dms: FakeDms, client: DmsClient) -> None:
    """A hundred a page, in the order in which the API gives them."""
    dms.hold_tasks("i1", *(a_task(f"t{n}", "SUCCESS") for n in range(130)))

    first, second = client.list_tasks("i1", 1), client.list_tasks("i1", 101)

    assert isinstance(first, Page)
    assert isinstance(second, Page)
    assert (first.received, first.total, second.received, second.total) == (100, 130, 30, 130)
    assert [entry.task_id for entry in (*first.entries, *second.entries)] == [f"t{n}" for n in range(130)]
    assert first.entries[0] == ListedTask(
        "t0",
        Task(Phase.COMPLETED, "SUCCESS", first.date, "extend", ORDER),
        datetime(2026, 11, 24, 7, tzinfo=timezone.utc),
        datetime(2026, 11, 24, 7, 30, tzinfo=timezone.utc),
    )


def test_the_tasks_of_an_instance_that_is_gone_are_a_problem(client: DmsClient) -> None:
    """Whoever asked knows that there is nothing to find."""
    found = problem(client.list_tasks("gone", 1))

    assert (found.missing, found.asks_task) == (Missing.INSTANCE, False)


@pytest.mark.parametrize("mishap", [DROP, BUSY, TOO_MANY])
def test_lists_are_retried_as_other_calls_are(dms: FakeDms, client: DmsClient, mishap: Answer) -> None:
    """An outage of a moment, or a 429, leaves no gap in them."""
    dms.hold_instances(an_instance("i1"))
    dms.interrupt("instances", mishap)
    dms.interrupt("tasks", mishap)

    assert isinstance(client.list_instances(0), Page)
    assert isinstance(client.list_tasks("i1", 1), Page)
    assert dms.counts == {"instances": 2, "tasks": 2}


def test_lists_that_meet_an_api_out_of_order_share_the_problem(dms: FakeDms, client: DmsClient) -> None:
    """An outage costs the search for twenty expected instances the time of two, not of every one."""
    dms.interrupt("instances", *[DROP._replace(delay_seconds=0.1)] * 40)

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda n: client.list_instances(0, f"i{n}"), range(20)))

    assert {problem(answer).kind for answer in answers} == {ProblemKind.UNAVAILABLE}
    assert dms.counts["instances"] <= 4


def test_a_refused_key_is_shown_once_by_lists_too(dms: FakeDms, client: DmsClient) -> None:
    """They are signed with the same key."""
    refused = replace(client, credentials=WRONG_KEY)
    assert refused.refusal is None

    answers = [refused.list_instances(0), refused.list_tasks("i1", 1), refused.fetch_progress(CHANGE)]

    assert [problem(answer).kind for answer in answers] == [ProblemKind.UNAUTHORISED] * 3
    assert refused.refusal is answers[0]
    assert dms.counts == {"refused": 1}


@pytest.fixture
def proved(dms: FakeDms, client: DmsClient) -> DmsClient:
    """A client whose key the answer to a task call has proved."""
    dms.script_task(CHANGE, Answer.of_task("EXECUTING"))
    assert isinstance(client.fetch_task(CHANGE), Task)
    return client


def test_a_specification_is_read(dms: FakeDms, proved: DmsClient) -> None:
    """One request, signed like all others."""
    dms.script_instance("i1", Answer.of_instance(300), Answer.of_instance(600))

    answers = [proved.fetch_specification("i1"), proved.fetch_specification("i1")]

    assert answers == [Specification("kafka.2u4g.cluster", 3, size) for size in (300, 600)]
    assert dms.counts == {"task": 1, "instance": 2}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer.of_error(400, "DMS.00400030"), ProblemKind.MISCONFIGURED),
        (Answer.of_error(401, "APIGW.0301"), ProblemKind.UNAUTHORISED),
        (Answer.of_error(403, "DMS.00403002"), ProblemKind.UNAUTHORISED),
        (Answer.of_error(404, "DMS.00404022"), ProblemKind.NOT_FOUND),
        (Answer.of_error(404, "APIGW.0101"), ProblemKind.NOT_FOUND),
        (TOO_MANY, ProblemKind.THROTTLED),
        (Answer.of_error(500, "DMS.00500000"), ProblemKind.UNAVAILABLE),
        (BUSY, ProblemKind.UNAVAILABLE),
        (DROP, ProblemKind.UNAVAILABLE),
        (Answer(b"<html>"), ProblemKind.MALFORMED),
        (Answer({"instance_id": "i1", "status": "RUNNING"}), ProblemKind.MALFORMED),
    ],
)
def test_no_specification_is_a_problem_of_nobody_else(
    dms: FakeDms, proved: DmsClient, answer: Answer, kind: ProblemKind
) -> None:
    """It is not asked for again, and neither slows nor stops what else is asked."""
    dms.script_instance("i1", answer)
    dms.script_progress(CHANGE, FORTY)
    began_at = time.monotonic()

    found = problem(proved.fetch_specification("i1"))

    assert found.kind is kind
    assert not found.asks_task
    assert isinstance(proved.fetch_progress(CHANGE), Progress)
    assert (proved.refusal, proved.key_accepted) == (None, True)
    assert time.monotonic() - began_at < 1
    assert dms.counts == {"task": 1, "instance": 1, "progress": 1}


@pytest.mark.parametrize(
    "answer", [Answer.of_error(401, "APIGW.0301"), DROP, Answer.of_error(502, "APIGW.0201")]
)
def test_a_refusal_or_an_outage_ends_specifications_and_nothing_else(
    dms: FakeDms, proved: DmsClient, answer: Answer
) -> None:
    """Many refusals in a row lock a key, so of many who ask at once only one is let out to meet it."""
    for number in range(20):
        dms.script_instance(f"i{number}", answer._replace(delay_seconds=0.1))

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(proved.fetch_specification, [f"i{number}" for number in range(20)]))

    assert all(isinstance(one, Problem) for one in answers)
    assert proved.refusal is None
    assert dms.counts == {"task": 1, "instance": 1}


@pytest.mark.parametrize("is_key_known", [True, False])
def test_a_key_is_not_tried_on_a_specification(
    dms: FakeDms, client: DmsClient, *, is_key_known: bool
) -> None:
    """Only after another answer of this invocation has proved it, and not when it was refused."""
    dms.hold_instances(an_instance("i1"))
    unproved = replace(client, is_key_known=is_key_known)
    refused = replace(client, credentials=WRONG_KEY)
    assert problem(refused.fetch_progress(CHANGE)).status == 401

    found = [problem(one.fetch_specification("i1")) for one in (unproved, refused)]

    assert [one.asked for one in found] == [False, False]
    assert dms.counts == {"refused": 1}


def test_no_specification_is_asked_for_after_a_late_refusal(dms: FakeDms, proved: DmsClient) -> None:
    """The key may have been withdrawn meanwhile."""
    dms.hold_instances(an_instance("i1"))
    dms.script_progress(CHANGE, Answer.of_error(401, "APIGW.0301"))
    proved.fetch_progress(CHANGE)

    assert not problem(proved.fetch_specification("i1")).asked
    assert dms.counts == {"task": 1, "progress": 1}


def test_a_specification_is_not_waited_for_long_and_only_once(dms: FakeDms, proved: DmsClient) -> None:
    """Instances that do not answer take no change the time for all else."""
    dms.script_instance("i1", Answer.of_instance()._replace(delay_seconds=30))
    dms.hold_instances(an_instance("i2"))
    began_at = time.monotonic()

    found = [problem(proved.fetch_specification(one)) for one in ("i1", "i2")]

    assert [(one.kind, one.asked) for one in found] == [
        (ProblemKind.TIMEOUT, True),
        (ProblemKind.TIMEOUT, False),
    ]
    assert time.monotonic() - began_at < SPECIFICATION_SECONDS_MAX + 1


def test_no_specification_is_asked_for_when_time_or_turns_are_short(dms: FakeDms, client: DmsClient) -> None:
    """With less than an exchange's time left, after a 429, or if a turn has to be waited for at all."""
    dms.hold_instances(an_instance("i1"))
    dms.script_task(CHANGE, Answer.of_task("EXECUTING"))
    times = [5.0]
    hurried = replace(client, timeout_seconds=lambda: times[0])
    slowed, busy = replace(client, pace=pace()), replace(client, pace=pace(5))
    for one in (hurried, slowed, busy):
        one.fetch_task(CHANGE)
    times[0] = 4.9
    slowed.pace.slow_down(None)
    while busy.pace.wait(0):
        pass

    found = [problem(one.fetch_specification("i1")) for one in (hurried, slowed, busy)]

    assert [(one.kind, one.asked) for one in found] == [(ProblemKind.TIMEOUT, False)] * 3
    assert dms.counts == {"task": 3}


def _until(client: DmsClient, deadline: float) -> DmsClient:
    return replace(client, timeout_seconds=lambda: max(0.0, deadline - time.monotonic()))


def _telling(client: DmsClient, is_sent: threading.Event) -> DmsClient:
    """A client that tells when it sends: what it learns afterwards cannot hold that request back."""

    def send(request: Request, *, timeout_seconds: float) -> Response:
        is_sent.set()
        return client.send(request, timeout_seconds=timeout_seconds)

    return replace(client, send=send)


def _at_once(
    fetch: Callable[[ChangeId], Progress | Problem], changes: list[ChangeId]
) -> list[Progress | Problem]:
    """Call from as many threads as there are changes, all released together."""
    start = threading.Barrier(len(changes))

    def call(change: ChangeId) -> Progress | Problem:
        start.wait()
        return fetch(change)

    with ThreadPoolExecutor(len(changes)) as threads:
        return list(threads.map(call, changes))
