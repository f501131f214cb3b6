"""For how long a function is asked again, after what, and what is said meanwhile."""

from __future__ import annotations

import msgspec
import pytest

from handler.local.invoking.persisting import BUSY_SECONDS, Look, Trials, persist
from handler.local.invoking.setbacks import SetbackError, Sort
from tests.fakes.clock import FakeClock

Answer = object | SetbackError
REPORT = {"ok": True, "trigger": "manual", "started_at": "2026-11-26T08:00:00Z", "error": None, "changes": []}
UNFIT = {**REPORT, "ok": False, "error": {"kind": "unavailable", "message": "DMS is out of order."}}
CHANGE = {
    "id": "a/b",
    "name": "orders",
    "phase": "running",
    "percent": 40,
    "remaining_seconds": None,
    "step": None,
    "deliveries": list[object](),
    "error": None,
}


def delivery(outcome: str) -> dict[str, object]:
    """What became of an alert."""
    return {"channel": "team", "outcome": outcome, "alert_count": 1}


def trial(channel: str, outcome: str = "sent", code: str | None = None) -> dict[str, object]:
    """What came of one channel."""
    return {"channel": channel, "service": "json", "outcome": outcome, "code": code, "remarks": []}


def answer(*trials: dict[str, object]) -> dict[str, object]:
    """What came of some."""
    return {"ok": all(one["outcome"] == "sent" for one in trials), "trials": [*trials]}


class Function:
    """Answers in turn, the last answer for ever; keeps what it was asked, when, and what was said."""

    def __init__(self, *answers: Answer) -> None:
        """Take the answers."""
        self.asked: list[object] = []
        self.times: list[float] = []
        self.said: list[str] = []
        self.clock = FakeClock()
        self._answers = list(answers)
        self._begun = self.clock.monotonic()

    def __call__(self, event: object) -> object:
        """Be invoked."""
        self.asked.append(event)
        self.times.append(self.clock.monotonic() - self._begun)
        told = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(told, SetbackError):
            raise told
        return told

    def pursue(self, wanted: Look | Trials, wait_seconds: float) -> None:
        """Persist with it."""
        for lack in persist(self, wanted, wait_seconds, self.clock, self.clock.advance):
            self.said.append(lack)


def setback(sort: Sort) -> SetbackError:
    """A setback that says its own name."""
    return SetbackError(f"It is {sort.value}.", sort)


def test_what_is_fine_at_once_is_asked_once() -> None:
    """And nothing is said."""
    function = Function(REPORT)
    function.pursue(Look(), 100)

    assert (function.asked, function.said) == ([{"manual": True}], [])


@pytest.mark.parametrize(
    ("sort", "wait_seconds", "tries_for"),
    [
        (Sort.BUSY, 0, BUSY_SECONDS),
        (Sort.BUSY, 10, BUSY_SECONDS),
        (Sort.BUSY, 100, 100),
        *((sort, 0, 0) for sort in (Sort.EARLY, Sort.FAILED, Sort.UNCERTAIN, Sort.FINAL)),
        *((sort, 100, 100) for sort in (Sort.EARLY, Sort.FAILED, Sort.UNCERTAIN)),
        (Sort.FINAL, 100, 0),
    ],
)
def test_a_setback_is_borne_for_as_long_as_it_may_pass(
    sort: Sort, wait_seconds: float, tries_for: float
) -> None:
    """The last try is at the end of that time; then it is told."""
    function = Function(setback(sort))
    with pytest.raises(SetbackError, match=rf"^It is {sort.value}\.$"):
        function.pursue(Look(), wait_seconds)

    assert function.times[-1] == pytest.approx(tries_for)
    assert function.times[:4] == pytest.approx([0, 1, 3, 7][: 4 if tries_for else 1])
    assert all(late - early <= 10 for early, late in zip(function.times, function.times[1:], strict=False))
    expected = [f"It is {sort.value}.\nTrying again for up to {tries_for:.0f} s."] if tries_for else []
    assert function.said == expected


def test_a_setback_that_passes_is_forgotten() -> None:
    """Each reason is said once for as long as it is the same."""
    early, busy = setback(Sort.EARLY), setback(Sort.BUSY)
    function = Function(early, early, busy, UNFIT, REPORT)
    look = Look()
    function.pursue(look, 100)

    assert look.result == REPORT
    assert [text.splitlines()[0] for text in function.said] == [
        "It is early.",
        "It is busy.",
        "DMS is out of order.",
    ]


def test_only_the_first_look_tries_a_key_that_rests() -> None:
    """After a few refusals in a row the key would be locked for everybody."""
    function = Function(UNFIT, UNFIT, REPORT)
    function.pursue(Look(), 100)

    assert function.asked == [{"manual": True}, {}, {}]


def test_a_report_that_is_not_fine_to_the_end_is_the_result() -> None:
    """It says itself what is in the way."""
    function, look = Function(UNFIT), Look()
    function.pursue(look, 5)

    assert look.result == UNFIT
    assert function.times[-1] == pytest.approx(5)


def test_a_report_from_before_a_setback_is_not_the_result() -> None:
    """Since then it has been asked again, and that is what is told."""
    function, look = Function(UNFIT, setback(Sort.FINAL)), Look()
    with pytest.raises(SetbackError):
        function.pursue(look, 100)

    assert not [*look.tell(as_json=False), *look.tell(as_json=True)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([{**CHANGE, "deliveries": [delivery("sent"), delivery("refused")]}], "team: refused"),
        ([CHANGE, {**CHANGE, "error": UNFIT["error"]}], "orders: DMS is out of order."),
        ([], "Not all is fine."),
    ],
)
def test_what_is_waited_for_stands_in_the_report(changes: list[object], said: str) -> None:
    """In its error, with a change, or with a channel."""
    function = Function({**REPORT, "ok": False, "changes": changes}, REPORT)
    function.pursue(Look(), 100)

    assert [text.splitlines()[0] for text in function.said] == [said]


def test_an_event_of_somebodys_own_is_not_repeated_where_it_may_have_been_done() -> None:
    """Who knows what it asks for."""
    function = Function(setback(Sort.EARLY), setback(Sort.UNCERTAIN), REPORT)
    with pytest.raises(SetbackError, match="uncertain"):
        function.pursue(Look({"only": ["a/b"]}), 100)

    assert function.asked == [{"only": ["a/b"]}] * 2


def test_only_channels_that_have_no_message_are_tried_again() -> None:
    """What may have arrived counts as a message: people must not get it twice."""
    first = answer(
        trial("a"),
        trial("b", "refused", "403"),
        trial("c", "retry", "429"),
        trial("d", "unknown", "timeout"),
        trial("e", "retry", "504"),
        trial("f", "retry", "502"),
    )
    function = Function(first, answer(trial("b", "refused", "403"), trial("c")), answer(trial("b")))
    trials = Trials([])
    function.pursue(trials, 100)

    assert function.asked == [{"test_alert": True}, {"test_alert": ["b", "c"]}, {"test_alert": ["b"]}]
    assert [text.splitlines()[0] for text in function.said] == [
        "Not sent yet: b (403), c (429).",
        "Not sent yet: b (403).",
    ]
    outcomes = {name: trial.verdict.outcome.value for name, trial in trials.trials.items()}
    assert outcomes == {"a": "sent", "b": "sent", "c": "sent", "d": "unknown", "e": "retry", "f": "retry"}


def test_as_many_channels_are_named_at_once_as_the_function_takes() -> None:
    """All the others have their turn nevertheless."""
    everybody = [f"c{number}" for number in range(250)]
    trials, clock, asked = Trials([]), FakeClock(), list[list[str]]()

    def invoke(event: object) -> object:
        names = msgspec.convert(event, dict[str, list[str] | bool])["test_alert"]
        asked.append(everybody if isinstance(names, bool) else names)
        return answer(*(trial(name, "retry", "500") for name in asked[-1]))

    said = list(persist(invoke, trials, 6, clock, clock.advance))

    assert [len(names) for names in asked] == [250, 100, 100, 100]
    assert {name for names in asked[1:] for name in names} == {*everybody}
    assert len(said) == 1


def test_a_test_message_to_nobody_is_not_fine() -> None:
    """Nor is it tried again: next time there would be nobody either."""
    function = Function(answer())
    with pytest.raises(SetbackError, match="test message to no channel"):
        function.pursue(Trials([]), 100)

    assert len(function.asked) == 1


@pytest.mark.parametrize("names", [[], ["a", "b"]])
def test_without_waiting_each_channel_is_tried_once(names: list[str]) -> None:
    """Whatever comes of it."""
    function, trials = Function(answer(trial("a"), trial("b", "refused", "403"))), Trials(names)
    function.pursue(trials, 0)

    assert function.asked == [{"test_alert": names or True}]
    assert not trials.is_fine


@pytest.mark.parametrize("sort", [Sort.UNCERTAIN, Sort.FINAL])
def test_test_messages_that_may_have_gone_out_are_not_sent_again(sort: Sort) -> None:
    """However long somebody would wait; what came of others before is kept."""
    function = Function(answer(trial("a"), trial("b", "retry", "500")), setback(sort))
    trials = Trials([])
    with pytest.raises(SetbackError):
        function.pursue(trials, 100)

    assert len(function.asked) == 2
    assert sorted(trials.trials) == ["a", "b"]


@pytest.mark.parametrize("result", [REPORT, None, "text", {"ok": True}, {"trials": [{}]}, {"trials": None}])
def test_a_function_of_an_older_version_knows_no_test_alerts(result: object) -> None:
    """It takes such an event for a look."""
    function = Function(result)
    with pytest.raises(SetbackError, match="knows no test alerts"):
        function.pursue(Trials([]), 100)

    assert len(function.asked) == 1
