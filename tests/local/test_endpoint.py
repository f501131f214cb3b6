"""What happens to a request before it is answered: each is counted once, under what became of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

from handler.huaweicloud.signing import Credentials, sign
from handler.local.exchange import Asked
from handler.local.simulation.answers import MISHAPS, Answer, Reply
from handler.local.simulation.endpoint import FAIR, Conditions, Endpoint
from handler.local.simulation.simulator import CREDENTIALS, PROJECT_ID
from handler.local.simulation.throttle import Throttle
from handler.transport import Request
from tests.local.projects import START, at, plain_project

WRONG = Credentials(CREDENTIALS.access_key, "a wrong secret")


def endpoint(conditions: Conditions = FAIR, now: Callable[[], datetime] = lambda: START) -> Endpoint:
    """An endpoint of three instances."""
    return Endpoint(
        plain_project(3), credentials=CREDENTIALS, project_id=PROJECT_ID, conditions=conditions, now=now
    )


def ask(
    asked: Endpoint, path: str = "/instances?engine=kafka", credentials: Credentials = CREDENTIALS
) -> Reply:
    """What it answers to a request that was signed at the beginning."""
    url = f"http://127.0.0.1:1/v2/{PROJECT_ID}{path}"
    signed = sign(Request("GET", url), credentials=credentials, now=START)
    headers = {name.lower(): text for name, text in signed.headers.items()}
    return asked.answer(signed._replace(headers=headers))[0]


def statuses(asked: Endpoint, count: int) -> list[int]:
    """The HTTP statuses of so many answers."""
    replies = [ask(asked) for _ in range(count)]
    return [reply.status for reply in replies if isinstance(reply, Answer)]


def test_each_request_is_counted_by_kind() -> None:
    """By what was asked, or by what stood against it."""
    fair = endpoint()
    for path in (
        "/instances?engine=kafka",
        "/instances?engine=kafka&limit=0",
        "/instances/id-0/tasks",
        "/instances/id-0/tasks/t",
        "/instances/id-0",
        "/instances/nobody/tasks",
        "/topics",
    ):
        ask(fair, path)
    ask(fair, credentials=WRONG)

    assert fair.counts == {"instances": 2, "instance": 1, "tasks": 1, "unknown": 3, "refused": 1}


def test_another_projects_instances_are_unknown() -> None:
    """Whoever has a key for one project cannot list another's."""
    other = Endpoint(
        plain_project(3), credentials=CREDENTIALS, project_id="other", conditions=FAIR, now=lambda: START
    )

    reply = ask(other)

    assert isinstance(reply, Answer)
    assert reply.document["error_code"] == "DMS.00404022"
    assert other.counts == {"unknown": 1}


def test_what_is_too_much_is_throttled_whatever_it_is() -> None:
    """Even what would have been refused; the header says when there is room again."""
    strict = endpoint(Conditions(Throttle(0.5, burst=2)))

    assert statuses(strict, 2) == [200, 200]
    assert ask(strict, "/topics", WRONG) == Answer(
        429,
        {
            "error_code": "APIGW.0308",
            "error_msg": "The throttling threshold has been reached: policy user over ratelimit.",
        },
        {"Retry-After": "4"},
    )
    assert strict.counts == {"instances": 2, "throttled": 1}


@pytest.mark.parametrize(("rate", "told"), [(100.0, "1"), (1.0, "1"), (0.75, "2"), (0.01, "100")])
def test_the_time_to_wait_is_told_in_whole_seconds(rate: float, told: str) -> None:
    """Rounded up, and never none."""
    strict = endpoint(Conditions(Throttle(rate, burst=1, refusals_count=False)))
    ask(strict)
    reply = ask(strict)

    assert isinstance(reply, Answer)
    assert reply.headers == {"Retry-After": told}


def test_a_throttled_answer_may_say_nothing_of_when() -> None:
    """No public answer has ever been seen with that header."""
    silent = endpoint(Conditions(Throttle(1, burst=1, tells_when=False)))
    ask(silent)
    reply = ask(silent)

    assert isinstance(reply, Answer)
    assert (reply.status, reply.headers) == (429, {})


def test_there_is_room_again_when_the_clock_of_the_endpoint_says_so() -> None:
    """Nobody has to wait for it in earnest."""
    moments = [START]
    strict = endpoint(Conditions(Throttle(1, burst=2, refusals_count=False)), lambda: moments[-1])

    assert statuses(strict, 3) == [200, 200, 429]
    moments.append(at(1))
    assert statuses(strict, 2) == [200, 429]
    moments.append(at(60))
    assert statuses(strict, 3) == [200, 200, 429]


def test_a_share_of_the_requests_goes_wrong_in_every_way() -> None:
    """By chance, so that there are about as many as there should be."""
    shaky = endpoint(Conditions(error_share=0.05, seed=1))
    replies = [ask(shaky) for _ in range(2000)]

    assert 60 <= shaky.counts["faulty"] <= 140
    assert shaky.counts["instances"] + shaky.counts["faulty"] == 2000
    assert [mishap for mishap in MISHAPS if mishap not in replies] == []
    assert [reply for reply in replies if reply not in (*MISHAPS, ask(endpoint()))] == []


def test_the_same_seed_lets_the_same_requests_go_wrong() -> None:
    """And another one others."""
    first, again, other = (endpoint(Conditions(error_share=0.3, seed=seed)) for seed in (7, 7, 8))
    replies = [ask(first) for _ in range(50)]

    assert [ask(again) for _ in range(50)] == replies
    assert [ask(other) for _ in range(50)] != replies


def test_a_wrong_key_is_refused_however_shaky_the_endpoint_is() -> None:
    """The gateway stands before what goes wrong."""
    shaky = endpoint(Conditions(error_share=1.0))
    reply = ask(shaky, credentials=WRONG)

    assert isinstance(reply, Answer)
    assert reply.status == 401
    assert shaky.counts == {"refused": 1}


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (-14, 200), (16, 401), (-16, 401)])
def test_the_age_of_a_signature_goes_by_the_clock_of_the_endpoint(minutes: int, status: int) -> None:
    """So a test may live in any year."""
    moved = endpoint(now=lambda: START + timedelta(minutes=minutes))

    assert statuses(moved, 1) == [status]
    assert moved.answer(Request("GET", "http://127.0.0.1:1/"))[1].tzinfo is timezone.utc


def asked_for(path: str, method: str = "GET") -> Asked:
    """A request as it comes over HTTP, signed at the beginning."""
    target = f"/v2/{PROJECT_ID}{path}"
    signed = sign(Request(method, f"http://127.0.0.1:1{target}"), credentials=CREDENTIALS, now=START)
    headers = {name.lower(): text for name, text in signed.headers.items()}
    return Asked(method, target, {"host": "127.0.0.1:1", **headers}, b"")


def test_over_http_an_answer_has_the_headers_of_the_real_api() -> None:
    """And those of its own; the date is what the endpoint says it is."""
    strict = endpoint(Conditions(Throttle(0.5, burst=1)))
    listed = strict.serve(asked_for("/instances?engine=kafka"))
    refused = strict.serve(asked_for("/instances?engine=kafka"))

    assert listed is not None
    assert refused is not None
    assert (listed.status, refused.status, refused.headers["Retry-After"]) == (200, 429, "4")
    assert len(listed.headers["X-Request-Id"]) == 32
    assert listed.headers["Date"] == "Tue, 24 Nov 2026 08:00:00 GMT"
    assert listed.headers["Content-Type"] == "application/json"
    assert listed.body.startswith(b'{"instances":[{')


def test_what_goes_wrong_on_the_way_looks_over_http_as_it_would() -> None:
    """JSON, a page of some gateway that is no JSON, or the connection's end."""
    faulty = endpoint(Conditions(error_share=1.0))
    answers = [faulty.serve(asked_for("/instances?engine=kafka")) for _ in range(60)]

    kinds = {answer and answer.headers["Content-Type"] for answer in answers}
    assert kinds == {None, "text/html", "application/json"}
    assert all(answer is None or answer.body[:1] in {b"<", b"{"} for answer in answers)


@pytest.mark.parametrize("method", ["POST", "DELETE", "HEAD"])
def test_what_would_change_something_is_not_there(method: str) -> None:
    """As the gateway answers what has no route."""
    answer = endpoint().serve(asked_for("/instances?engine=kafka", method))

    assert answer is not None
    assert answer.status == 404
    assert b"APIGW.0101" in answer.body
