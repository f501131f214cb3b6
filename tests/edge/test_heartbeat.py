"""The heartbeat by itself: it waits for nobody, fails nothing, and gives no secret away."""

from __future__ import annotations

import string
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.core.problem import Problem, ProblemKind
from handler.heartbeat import LINE_LENGTH_MAX, LINES_MAX, Heartbeat, is_owed
from handler.outcome import Beat, Work
from handler.runtimes import Platform, Runtime
from handler.scope import Scope
from handler.settings import Settings
from handler.transport import Request, Response, Send
from handler.triggers import Trigger, TriggerKind
from tests.edge.configurations import LEAST, read
from tests.fakes.clock import FakeClock

TIMER: Final = Trigger(TriggerKind.TIMER, Scope())
URL: Final = "https://hc.example.com/5bf66975"
SETTINGS: Final = read(f"{LEAST}heartbeat: {{url: '{URL}'}}")
TOKENS: Final = st.text(string.ascii_letters + string.digits + "-_.~ /+&é", min_size=6, max_size=24).filter(
    lambda token: len(token.strip()) >= 6
)


def runtime(seconds: float = 60, **variables: str) -> Runtime:
    """An invocation's, that has so much time in all, all of it left."""
    return Runtime(Platform.LOCAL, None, seconds, FakeClock().monotonic() + seconds, variables.get)


class Waiting:
    """Who waits for the heartbeat, without a network in between."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self.requests: list[Request] = []
        self.seconds: list[float] = []

    def connect(self, settings: Settings | None) -> Send:  # noqa: ARG002 - a `Connect`
        """Give the way here."""
        return self._take

    def _take(self, request: Request, *, timeout_seconds: float) -> Response:
        self.requests.append(request)
        self.seconds.append(timeout_seconds)
        return Response(200, {}, b"OK")


@pytest.mark.parametrize("url", ["https://hc.example.com/ping/x/", "http://hc.example.com/x?create=1/"])
def test_a_configured_address_stays_as_it_is(url: str) -> None:
    """A slash at its end may be part of what the service knows."""
    waiting = Waiting()
    settings = read(f"{LEAST}heartbeat: {{url: '{url}'}}")
    Heartbeat(FakeClock(), waiting.connect).tell(TIMER, Work(settings), runtime(), is_fine=True)

    assert [request.url for request in waiting.requests] == [url]


@pytest.fixture
def hanging() -> Iterator[Send]:
    """A way that ends nowhere, as that of a name which nobody resolves, until the test is over."""
    is_over = threading.Event()

    def send(request: Request, *, timeout_seconds: float) -> Response:  # noqa: ARG001 - a `Send`
        is_over.wait()
        return Response(200, {}, b"")

    yield send
    is_over.set()


def beat_of(send: Send, seconds: float = 60) -> Beat | None:
    """What becomes of a good one that is sent like this."""
    heartbeat = Heartbeat(FakeClock(), lambda _: send)
    return heartbeat.tell(TIMER, Work(SETTINGS), runtime(seconds), is_fine=True)


def test_a_way_that_keeps_no_time_is_left(hanging: Send) -> None:
    """To look up the name of a host may take as long as it likes."""
    began_at = time.monotonic()

    assert beat_of(hanging, seconds=1.2) == Beat("it did not answer in time", is_lost=True)
    assert time.monotonic() - began_at < 1.2


@pytest.mark.parametrize("kind", [TriggerKind.TIMER, TriggerKind.MANUAL])
def test_who_watches_one_instance_does_not_vouch_for_all(kind: TriggerKind) -> None:
    """As `headway watch INSTANCE` does: the timer may be dead meanwhile."""
    assert [is_owed(Trigger(kind, Scope(instance_id=instance))) for instance in (None, "i")] == [True, False]


@pytest.mark.parametrize(("timeout", "most"), [(60, 5.0), (900, 5.0), (3, 0.25)])
def test_it_takes_five_seconds_or_a_twelfth_of_the_time(timeout: float, most: float) -> None:
    """Whatever is less."""
    waiting = Waiting()
    Heartbeat(FakeClock(), waiting.connect).tell(TIMER, Work(SETTINGS), runtime(timeout), is_fine=True)

    assert waiting.seconds == [most]


@pytest.mark.parametrize(("used", "seconds"), [(55.0, [4.0]), (58.5, [0.5]), (59.5, [])])
def test_it_leaves_the_answer_its_time(used: float, seconds: list[float]) -> None:
    """Of what is left a second is the answer's."""
    waiting, clock = Waiting(), FakeClock()
    clock.advance(used)
    Heartbeat(clock, waiting.connect).tell(TIMER, Work(SETTINGS), runtime(), is_fine=True)

    assert waiting.seconds == seconds


def test_a_defect_is_noted_and_fails_nothing() -> None:
    """By its kind alone: its text could quote the address."""

    def connect(settings: Settings | None) -> Send:
        raise RuntimeError(URL, settings)

    beat = Heartbeat(FakeClock(), connect).tell(TIMER, Work(SETTINGS), runtime(), is_fine=False)

    assert beat == Beat("it could not be sent (RuntimeError)", is_lost=True)


def test_many_reasons_are_cut() -> None:
    """To what people read, and a Healthchecks of one's own keeps."""
    waiting = Waiting()
    problem = Problem(ProblemKind.MISCONFIGURED, "\n".join(["订" * 400] * 30))
    work = Work(SETTINGS, problem=problem)
    Heartbeat(FakeClock(), waiting.connect).tell(TIMER, work, runtime(), is_fine=False)
    (request,) = waiting.requests

    assert [len(line) for line in request.body.decode().split("\n")] == [LINE_LENGTH_MAX] * LINES_MAX
    assert len(request.body) < 10_000


def _url(token: str) -> str:
    return f"json://user:{quote(token, safe='')}@chat.example.com/{quote(token, safe='')}/x"


FORMS: Final[Sequence[Callable[[str], str]]] = (
    str,
    lambda token: quote(token, safe=""),
    _url,
    # So that the line is cut off behind its third character.
    lambda token: "." * (LINE_LENGTH_MAX - len("It said ") - 4) + token,
)


@given(token=TOKENS, form=st.sampled_from(FORMS))
def test_no_secret_of_the_configuration_is_given_away(token: str, form: Callable[[str], str]) -> None:
    """Whoever lets out the text of a channel, here it is struck out, and before anything is cut off."""
    settings = read(f"{LEAST}heartbeat: {{url: '{URL}'}}\nchannels: {{ops: {{url: '{_url(token)}'}}}}")
    waiting = Waiting()
    problem = Problem(ProblemKind.UNAVAILABLE, f"It said {form(token)} of {URL}.")
    work = Work(settings, problem=problem)
    Heartbeat(FakeClock(), waiting.connect).tell(TIMER, work, runtime(), is_fine=False)
    said = waiting.requests[0].body.decode()

    assert "***" in said
    assert token not in said
    assert quote(token, safe="") not in said
    assert not said.endswith("…") or said.endswith("***…")
    assert "5bf66975" not in said
