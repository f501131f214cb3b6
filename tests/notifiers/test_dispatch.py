"""Channels side by side, each message in turn, and never a moment too long."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from notifiers import dispatch as module
from notifiers.apprise_channel import AppriseChannel
from notifiers.dispatch import SEND_SECONDS_MAX, Limits, Parcel, Sender, dispatch
from notifiers.messages import Content
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.webhook_server import Answer, WebhookServer
from tests.notifiers.examples import step_message

SENT, RETRY, REFUSED, UNKNOWN = map(Verdict, Outcome)
MESSAGE = step_message()


class Scripted:
    """A sender that says what it was told to, after a while; an exception is raised."""

    def __init__(self, *says: Verdict | Exception, seconds: float = 0.0) -> None:
        """Take the answers in turn; the last one stays."""
        self.timeouts: list[float] = []
        self.ended = threading.Event()
        self._says = list(says) or [SENT]
        self._seconds = seconds

    def send(self, message: Content, timeout_seconds: float) -> Verdict:
        """See `Sender`."""
        assert message is MESSAGE
        self.timeouts.append(timeout_seconds)
        says = self._says.pop(0) if len(self._says) > 1 else self._says[0]
        time.sleep(self._seconds)
        self.ended.set()
        if isinstance(says, Exception):
            raise says
        return says


def parcels(*channels: str) -> list[Parcel]:
    """A parcel to each of these channels."""
    return [Parcel(channel, MESSAGE) for channel in channels]


def limits(seconds: float = 60.0, send_seconds: float = SEND_SECONDS_MAX) -> Limits:
    """Limits that many seconds from now."""
    ends_at = time.monotonic() + seconds
    return Limits(send_seconds, lambda: ends_at - time.monotonic())


def verdicts(
    sent: list[Parcel], senders: dict[str, Sender], bounds: Limits | None = None
) -> list[Verdict | None]:
    """How parcels fared, in their order."""
    fared = dict(dispatch(sent, senders, bounds or limits()))
    return [fared[parcel] for parcel in sent]


def test_every_parcel_has_its_own_verdict() -> None:
    """Two parcels that are alike are still two."""
    senders: dict[str, Sender] = {"a": Scripted(SENT, RETRY), "b": Scripted(REFUSED)}

    assert verdicts(parcels("a", "b", "a"), senders) == [SENT, REFUSED, RETRY]


def test_nothing_to_send_is_nothing_sent() -> None:
    """No parcel, no thread, no verdict."""
    assert list(dispatch([], {"a": Scripted()}, limits())) == []


def test_a_channel_without_a_sender_is_left_alone() -> None:
    """Its parcel stays unused instead of stopping the others."""
    assert verdicts(parcels("gone", "a"), {"a": Scripted()}) == [None, SENT]


def test_channels_are_served_side_by_side() -> None:
    """Five slow channels take as long as one."""
    names = ["a", "b", "c", "d", "e"]
    began = time.monotonic()

    assert verdicts(parcels(*names), {name: Scripted(seconds=0.3) for name in names}) == [SENT] * 5
    assert time.monotonic() - began < 0.9


def test_a_channels_parcels_go_one_after_another() -> None:
    """A service is never asked twice at once."""

    class Jealous:
        """Fails if it is asked while it is being asked."""

        busy = threading.Lock()

        def send(self, message: Content, timeout_seconds: float) -> Verdict:  # noqa: ARG002
            """See `Sender`."""
            if not self.busy.acquire(blocking=False):
                return UNKNOWN
            time.sleep(0.02)
            self.busy.release()
            return SENT

    assert verdicts(parcels("a", "a", "a"), {"a": Jealous()}) == [SENT] * 3


@pytest.mark.parametrize("said", [REFUSED, RETRY, UNKNOWN])
def test_a_channel_that_did_not_take_one_is_spared_the_rest(said: Verdict) -> None:
    """A revoked token with 200 changes costs one send, and a limited rate is not strained."""
    refusing = Scripted(SENT, said)

    assert verdicts(parcels("a", "a", "a", "a"), {"a": refusing}) == [SENT, said, None, None]
    assert len(refusing.timeouts) == 2


@pytest.mark.parametrize("code", ["400", "413", "554"])
def test_a_message_that_may_be_refused_for_its_own_sake_stops_no_other(code: str) -> None:
    """What one service finds too large or malformed says nothing of the next message."""
    refused = Verdict(Outcome.REFUSED, code)

    assert verdicts(parcels("a", "a", "a"), {"a": Scripted(refused, SENT)}) == [refused, SENT, SENT]


def test_a_second_such_refusal_is_taken_for_the_channels() -> None:
    """Some services say 400 of a wrong key, and 200 messages need not find that out."""
    refused = Verdict(Outcome.REFUSED, "400")

    fared = verdicts(parcels("a", "a", "a", "a"), {"a": Scripted(refused, SENT, refused)})

    assert fared == [refused, SENT, refused, None]


def test_a_send_has_so_many_seconds_and_no_more() -> None:
    """A sender is told a little less than 15 s at most, so that its own word comes before ours."""
    patient, hurried = Scripted(), Scripted()

    verdicts(parcels("a"), {"a": patient})
    verdicts(parcels("a"), {"a": hurried}, limits(60, send_seconds=2.5))

    assert (patient.timeouts, hurried.timeouts) == ([13.5], [2.25])


def test_a_hanging_send_is_given_up_in_time() -> None:
    """It is unknown, the rest of its channel stays unused, and nobody else is delayed."""
    hanging = Scripted(seconds=1.5)
    began = time.monotonic()
    sent = parcels("a", "b", "a")
    fared, waited = {}, {}
    for parcel, verdict in dispatch(sent, {"a": hanging, "b": Scripted()}, limits(send_seconds=0.6)):
        fared[parcel], waited[parcel] = verdict, time.monotonic() - began

    assert [fared[parcel] for parcel in sent] == [Verdict(Outcome.UNKNOWN, "timeout"), SENT, None]
    assert waited[sent[1]] < 0.4
    assert waited[sent[2]] < 1.2
    hanging.ended.wait()


def test_a_late_result_is_dropped() -> None:
    """What was called unknown stays unknown."""
    hanging = Scripted(seconds=0.6)

    fared = verdicts(parcels("a"), {"a": hanging}, limits(send_seconds=0.3))
    hanging.ended.wait()
    time.sleep(0.1)

    assert fared == [Verdict(Outcome.UNKNOWN, "timeout")]


def test_no_send_begins_that_could_not_end_in_time() -> None:
    """What would have to be cut off waits for the next invocation instead."""
    late = Scripted()

    assert verdicts(parcels("a", "a"), {"a": late}, limits(14.5)) == [None, None]
    assert late.timeouts == []


def test_the_time_left_is_asked_before_each_send() -> None:
    """Whoever was frozen and thawed in the meantime sends nothing more."""
    left = iter([60.0, 60.0, 0.0, 0.0])
    sender = Scripted()

    fared = verdicts(parcels("a", "a", "a", "a"), {"a": sender}, Limits(15.0, lambda: next(left)))

    assert fared == [SENT, SENT, None, None]
    assert len(sender.timeouts) == 2


class Waiting:
    """Limits on a clock that only sleeping moves; keeps what happened in order."""

    def __init__(self, seconds: float, *, free_at: dict[str, float] | None = None, **pauses: float) -> None:
        """Begin with so much time; `free_at` is shared with the dispatches before."""
        self.now = 0.0
        self.slept: list[float] = []
        free_at = {} if free_at is None else free_at
        self.limits = Limits(15.0, lambda: seconds - self.now, pauses, self.sleep, free_at)

    def sleep(self, seconds: float) -> None:
        """Let that time pass at once."""
        self.slept.append(seconds)
        self.now += seconds


def test_a_service_with_a_rate_is_left_alone_between_two_sends() -> None:
    """Neither before the first nor after the last is waited, and others do not wait at all."""
    clock = Waiting(60, a=3.0)

    assert verdicts(parcels("a", "b", "a", "b", "a"), {"a": Scripted(), "b": Scripted()}, clock.limits) == (
        [SENT] * 5
    )
    assert clock.slept == [3.0, 3.0]


def test_a_service_with_a_rate_is_left_alone_from_one_dispatch_to_the_next() -> None:
    """It does not know that they are two; a service without a rate, or another one, does not wait."""
    free_at: dict[str, float] = {}
    first, second = (Waiting(60, free_at=free_at, a=3.0, c=3.0) for _ in range(2))
    senders: dict[str, Sender] = {name: Scripted() for name in ("a", "b", "c")}

    assert verdicts(parcels("a", "b"), senders, first.limits) == [SENT] * 2
    assert verdicts(parcels("c", "a", "b"), senders, second.limits) == [SENT] * 3
    assert first.slept == []
    # By the real clock a moment has passed.
    assert second.slept == [pytest.approx(3.0, abs=1.0)]


def test_what_has_passed_between_two_dispatches_is_not_waited_for_again() -> None:
    """A slow look at other changes may have taken longer than the pause."""
    free_at: dict[str, float] = {}
    first, second = (Waiting(60, free_at=free_at, a=0.05) for _ in range(2))

    assert verdicts(parcels("a"), {"a": Scripted()}, first.limits) == [SENT]
    time.sleep(0.1)
    assert verdicts(parcels("a"), {"a": Scripted()}, second.limits) == [SENT]
    assert second.slept == []


def test_nothing_is_waited_for_in_a_later_dispatch_that_could_not_be_sent_in_time() -> None:
    """With 16 s there is time for a send, but not for a pause before it."""
    free_at: dict[str, float] = {}
    first, second = (Waiting(16, free_at=free_at, a=3.0) for _ in range(2))

    assert verdicts(parcels("a"), {"a": Scripted()}, first.limits) == [SENT]
    assert verdicts(parcels("a"), {"a": Scripted()}, second.limits) == [None]
    assert second.slept == []


def test_after_a_refused_message_a_service_is_left_alone_too() -> None:
    """It has counted that request as well."""
    clock = Waiting(60, a=3.0)
    refused = Verdict(Outcome.REFUSED, "400")

    assert verdicts(parcels("a", "a"), {"a": Scripted(refused, SENT)}, clock.limits) == [refused, SENT]
    assert clock.slept == [3.0]


def test_nothing_is_waited_for_that_could_not_be_sent_in_time() -> None:
    """With 21 s there are two pauses of 3 s before sends of 15 s, and the rest is left for the next time."""
    clock = Waiting(21, a=3.0)
    sender = Scripted()

    assert verdicts(parcels(*["a"] * 5), {"a": sender}, clock.limits) == [SENT] * 3 + [None] * 2
    assert clock.slept == [3.0, 3.0]
    assert len(sender.timeouts) == 3


def test_a_closed_channel_is_not_waited_for() -> None:
    """Its other parcels are left unsent at once."""
    clock = Waiting(60, a=3.0)

    assert verdicts(parcels("a", "a", "a"), {"a": Scripted(RETRY)}, clock.limits) == [RETRY, None, None]
    assert clock.slept == []


def test_whoever_oversleeps_sends_nothing_more() -> None:
    """A frozen function may wake up long after its time."""
    left = iter([60.0, 60.0, 0.0, 0.0])
    bounds = Limits(15.0, lambda: next(left), {"a": 3.0}, lambda _: None)

    assert verdicts(parcels("a", "a", "a"), {"a": Scripted()}, bounds) == [SENT, None, None]


def test_one_channels_pause_holds_up_no_other() -> None:
    """With real pauses each channel waits for itself."""
    names = ["a", "b", "c"]
    bounds = Limits(15.0, lambda: 60.0, dict.fromkeys(names, 0.3))
    began = time.monotonic()

    assert verdicts(parcels(*names, *names), {name: Scripted() for name in names}, bounds) == [SENT] * 6
    assert 0.3 <= time.monotonic() - began < 0.7


def test_an_exception_in_a_sender_harms_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    """It is unknown by its type alone; its text could hold a token, so it goes nowhere."""
    failing = Scripted(KeyError("https://hooks.example.com/SECRETTOKEN"))

    fared = verdicts(parcels("a", "b"), {"a": failing, "b": Scripted()})

    assert fared == [Verdict(Outcome.UNKNOWN, "KeyError"), SENT]
    assert capsys.readouterr() == ("", "")


def test_a_hanging_send_does_not_keep_the_process_alive() -> None:
    """A platform that waits for the end of the process is not kept waiting."""
    program = f"""
import time
from {module.__name__} import *
class Hanging:
    def send(self, message, timeout_seconds):
        time.sleep(60)
list(dispatch([Parcel("a", None)], {{"a": Hanging()}}, Limits(0.5, lambda: 60.0)))
"""
    began = time.monotonic()

    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)  # noqa: S603 - our own words

    assert time.monotonic() - began < 10


def test_channels_on_real_sockets_each_have_their_own_verdict(webhook: WebhookServer) -> None:
    """Sends of many threads are recorded apart, and a trickling answer is cut off as unknown."""
    webhook.script("/429", Answer(b"", 429, {"Retry-After": "7"}, delay_seconds=0.1))
    webhook.script("/403", Answer(b"", 403, delay_seconds=0.1))
    webhook.script("/trickle", Answer(b"x" * 100, trickle_seconds=0.5))
    expected = {
        "/200": SENT,
        "/403": Verdict(Outcome.REFUSED, "403"),
        "/429": Verdict(Outcome.RETRY, "429", 7.0),
        "/trickle": Verdict(Outcome.UNKNOWN, "timeout"),
    }
    paths = [path for path in expected for _ in range(8)]
    senders = {
        f"{path} {number}": AppriseChannel("hook", f"json://{webhook.location}{path}")
        for number, path in enumerate(paths)
    }
    began = time.monotonic()

    fared = verdicts(parcels(*senders), dict(senders), limits(send_seconds=2.0))

    assert fared == [expected[path] for path in paths]
    assert time.monotonic() - began < 3
