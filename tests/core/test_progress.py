"""The words of the core: changes, steps, problems, and the one observation that two answers make."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import product
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.change import ChangeId, check_id
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import Missing, Problem, ProblemKind
from handler.core.progress import Progress, Task, observe

DATE: Final = datetime(2026, 11, 24, 8, tzinfo=timezone.utc)
DONE: Final = Step("pre_check", StepState.COMPLETED)
GOING: Final = Step("disk_expansion", StepState.RUNNING)
TO_COME: Final = Step("verify", StepState.WAITING)
BROKEN: Final = Step("disk_expansion", StepState.FAILED)
ODD: Final = Step("disk_expansion", StepState.UNKNOWN, status="ROLLING_BACK")


def problem(
    status: int | None, missing: Missing | None = None, kind: ProblemKind = ProblemKind.UNAVAILABLE
) -> Problem:
    """A problem as the client would have named it."""
    kinds = {
        401: ProblemKind.UNAUTHORISED,
        403: ProblemKind.UNAUTHORISED,
        404: ProblemKind.NOT_FOUND,
    }
    asks_task = status in {400, 404, 405}
    found_kind = kinds.get(status or 0, kind)
    return Problem(found_kind, f"HTTP {status}", status, missing=missing, asks_task=asks_task)


@pytest.mark.parametrize(
    "text",
    [
        "6c0dc1a8-2e3d-4f7b-9a51-0f6c1c7b9a21/8abfa7b372160bfd0172165864064079",
        "a/b",
        f"{'a' * 64}/{'b' * 64}",
        "orders_1/task-2",
    ],
)
def test_a_change_is_called_by_both_its_ids(text: str) -> None:
    """What is parsed is written again as it was."""
    change = ChangeId.parse(text)

    assert str(change) == text
    assert "/".join(change) == text


@pytest.mark.parametrize(
    "text",
    ["", "a", "a/", "/b", "a/b/c", "a b/c", "../a", "a/..", "-a/b", "a/b-", "a/b\n", "é/b", "a" * 65 + "/b"],
)
def test_what_could_leave_a_path_or_a_key_is_no_change(text: str) -> None:
    """Ids stand in URLs and object keys."""
    with pytest.raises(ValueError, match="an id has 1 to 64 letters"):
        ChangeId.parse(text)


@given(text=st.text(max_size=70))
def test_an_id_is_safe_or_refused(text: str) -> None:
    """There is nothing between the two."""
    try:
        checked = check_id(text)
    except ValueError:
        return

    assert checked == text
    assert 1 <= len(text) <= 64
    assert text.isascii()
    assert text.replace("-", "a").replace("_", "a").isalnum()


def test_exactly_the_four_ends_are_ends() -> None:
    """Nothing follows them."""
    ends = {phase for phase in Phase if phase.is_end}

    assert ends == {Phase.COMPLETED, Phase.FAILED, Phase.CANCELLED, Phase.LOST}


@pytest.mark.parametrize(
    ("steps", "current"),
    [
        ((), None),
        ((DONE, TO_COME), None),
        ((DONE, GOING, TO_COME), GOING),
        ((GOING, BROKEN), BROKEN),
        ((GOING, Step("other", StepState.RUNNING)), GOING),
    ],
    ids=["none", "between", "running", "failed", "two running"],
)
def test_the_current_step_is_the_failed_or_the_first_running_one(
    steps: tuple[Step, ...], current: Step | None
) -> None:
    """It answers the question where the change is."""
    assert Observation(Phase.RUNNING, steps=steps).current_step is current


def test_steps_are_counted_by_state() -> None:
    """With too many steps to keep, the counts are all that was kept."""
    counted = Observation(Phase.RUNNING, steps=(DONE, DONE, GOING)).counts()
    kept = Observation(Phase.RUNNING, step_counts={StepState.COMPLETED: 150}).counts()

    assert counted == {StepState.COMPLETED: 2, StepState.RUNNING: 1}
    assert kept == {StepState.COMPLETED: 150}


@pytest.mark.parametrize(
    ("started_after", "ended_after", "seconds"),
    [(0, 43, 43), (0, 43.118, 43), (0, 0, 0), (None, 43, None), (0, None, None), (43, 0, None)],
)
def test_a_duration_needs_a_start_and_a_later_end(
    started_after: float | None, ended_after: float | None, seconds: int | None
) -> None:
    """What the API does not say is unknown; an end before the start says nothing."""
    step = Step("pre_check", StepState.COMPLETED, 1, None, _after(started_after), _after(ended_after))

    assert step.duration_seconds == seconds
    assert Observation(Phase.COMPLETED, steps=(step,)).duration_seconds == seconds


def test_a_change_lasts_from_its_first_start_to_its_last_end() -> None:
    """The pause between two steps counts; without steps nothing is known."""
    steps = tuple(
        Step(name, StepState.COMPLETED, 1, None, _after(start), _after(end))
        for name, start, end in (("disk_expansion", 43, 121), ("pre_check", 0, 40))
    )

    assert Observation(Phase.COMPLETED, steps=steps).duration_seconds == 121
    assert Observation(Phase.COMPLETED).duration_seconds is None


@pytest.mark.parametrize(
    ("phase", "states", "seconds"),
    [
        (Phase.FAILED, ("COMPLETED", "FAILED", "WAITING"), 121),
        (Phase.FAILED, ("COMPLETED", "FAILED", "UNKNOWN"), None),
        (Phase.FAILED, ("COMPLETED", "FAILED", "RUNNING"), None),
        (Phase.FAILED, ("COMPLETED", "COMPLETED", "WAITING"), None),
        (Phase.COMPLETED, ("COMPLETED", "FAILED", "WAITING"), None),
        (Phase.CANCELLED, ("COMPLETED", "FAILED", "WAITING"), None),
    ],
)
def test_a_change_that_has_failed_lasted_to_the_end_of_its_failed_step(
    phase: Phase, states: tuple[str, str, str], seconds: int | None
) -> None:
    """What still waits has taken no time; as soon as anything may have gone on, nothing is known."""
    times = ((0, 40), (43, 121), (None, None))
    steps = tuple(
        Step(state, StepState[state], 1, None, _after(start), _after(end))
        for state, (start, end) in zip(states, times, strict=True)
    )

    assert Observation(phase, steps=steps).duration_seconds == seconds


def test_of_a_failed_step_without_an_end_no_duration_follows() -> None:
    """It may have lasted for any time."""
    steps = (Step("a", StepState.FAILED, 1, None, _after(0), None), Step("b", StepState.WAITING))

    assert Observation(Phase.FAILED, steps=steps).duration_seconds is None


@pytest.mark.parametrize("status", [None, 200, 302, 400, 401, 403, 404, 405, 408, 429, 500, 503])
def test_a_status_tells_whether_reading_is_denied_and_the_key_refused(status: int | None) -> None:
    """A 401 may heal with another key, and what is out of order may be mended; a "no" is a "no"."""
    found = problem(status)

    assert found.denies_reading == (status in {403, 404})
    assert found.refuses_key == (status == 401)


def test_an_explanation_names_the_request_for_the_vendors_support() -> None:
    """Without an id it is the message alone."""
    found = problem(500)

    assert found.explanation == "HTTP 500"
    assert msgspec.structs.replace(found, request_id="r1").explanation == "HTTP 500 (request id r1)"


@pytest.mark.parametrize(
    ("percent", "steps", "phase"),
    [
        (None, (), Phase.UNKNOWN),
        (0, (), Phase.WAITING),
        (0, (ODD,), Phase.WAITING),
        (None, (TO_COME,), Phase.WAITING),
        (None, (TO_COME, ODD), Phase.UNKNOWN),
        (None, (ODD,), Phase.UNKNOWN),
        (1, (), Phase.RUNNING),
        (1, (TO_COME,), Phase.RUNNING),
        (0, (GOING,), Phase.RUNNING),
        (None, (DONE, TO_COME), Phase.RUNNING),
        (97, (DONE,), Phase.RUNNING),
        (100, (DONE,), Phase.RUNNING),
        (40, (BROKEN,), Phase.RUNNING),
    ],
    ids=repr,
)
def test_progress_alone_never_tells_an_end(
    percent: int | None, steps: tuple[Step, ...], phase: Phase
) -> None:
    """Neither 100 % nor a failed step is the task's own word."""
    assert Progress(percent, steps=steps).phase is phase


@pytest.mark.parametrize(
    ("percent", "steps", "looks_ended"),
    [
        (None, (), True),
        (100, (), True),
        (100, (GOING,), True),
        (97, (DONE,), True),
        (40, (DONE, BROKEN, GOING), True),
        (40, (), False),
        (40, (DONE, GOING), False),
        (None, (GOING,), False),
        (0, (TO_COME,), False),
    ],
    ids=repr,
)
def test_the_task_is_asked_when_progress_looks_like_an_end(
    percent: int | None, steps: tuple[Step, ...], *, looks_ended: bool
) -> None:
    """A tick with nothing new must not cost that request."""
    assert Progress(percent, steps=steps).looks_ended is looks_ended


RUNNING: Final = Progress(40, 1124, (DONE, GOING), DATE)
COMPLETE: Final = Progress(100, 0, (DONE,), DATE)


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.COMPLETED])
def test_the_tasks_own_word_decides(phase: Phase) -> None:
    """Whatever the percentage; only a word that we do not know leaves it to progress."""
    observed = observe(RUNNING, Task(phase, "…", DATE))

    expected = Phase.RUNNING if phase is Phase.UNKNOWN else phase
    assert observed == Observation(expected, 40, 1124, (DONE, GOING), date=DATE)


def test_of_a_completed_change_progress_read_just_before_shows_nothing_stale() -> None:
    """Neither 40 % nor a running step stands beside "completed"; what is not known is unknown."""
    unseen = replace(GOING, state=StepState.UNKNOWN)
    done = Task(Phase.COMPLETED, "SUCCESS", DATE)

    assert observe(RUNNING, done) == Observation(Phase.COMPLETED, None, 1124, (DONE, unseen), date=DATE)
    assert observe(COMPLETE, done) == Observation(Phase.COMPLETED, 100, 0, (DONE,), date=DATE)


@pytest.mark.parametrize("progress", [RUNNING, COMPLETE], ids=["running", "complete"])
def test_an_unasked_task_ends_nothing(progress: Progress) -> None:
    """Progress alone is a running change, even at 100 %."""
    observed = observe(progress, None)

    assert isinstance(observed, Observation)
    assert observed.phase is Phase.RUNNING


@pytest.mark.parametrize("task", [problem(400, kind=ProblemKind.MISCONFIGURED), problem(403), problem(404)])
@pytest.mark.parametrize(
    ("progress", "known", "phase"),
    [
        (COMPLETE, 0, Phase.COMPLETED),
        (COMPLETE, 1, Phase.COMPLETED),
        (COMPLETE, 2, Phase.RUNNING),
        (msgspec.structs.replace(COMPLETE, percent=97), 0, Phase.RUNNING),
        (msgspec.structs.replace(COMPLETE, steps=(DONE, GOING)), 0, Phase.RUNNING),
        (msgspec.structs.replace(COMPLETE, steps=()), 0, Phase.RUNNING),
    ],
    ids=["first sight", "as known", "a step is gone", "97 %", "a step runs", "no steps"],
)
def test_where_the_task_cannot_be_read_everything_else_must_say_completed(
    task: Problem, progress: Progress, known: int, phase: Phase
) -> None:
    """That is 100 %, every step completed, and none of the known ones gone."""
    observed = observe(progress, task, known)

    assert isinstance(observed, Observation)
    assert observed.phase is phase


@pytest.mark.parametrize(
    "task",
    [
        problem(400),
        problem(429),
        problem(500),
        problem(None),
        Problem(ProblemKind.THROTTLED, "", status=404),
    ],
    ids=repr,
)
def test_a_task_that_may_be_readable_later_is_waited_for(task: Problem) -> None:
    """DMS says "too frequent" with a 404 as well; that is no reason to take 100 % for the end."""
    observed = observe(COMPLETE, task)

    assert isinstance(observed, Observation)
    assert observed.phase is Phase.RUNNING


@pytest.mark.parametrize("phase", Phase)
def test_a_task_is_enough_where_progress_is_refused(phase: Phase) -> None:
    """An error of the progress call ends nothing by itself."""
    assert observe(problem(404, Missing.API), Task(phase, "…", DATE)) == Observation(phase, date=DATE)


@pytest.mark.parametrize("phase", Phase)
def test_where_progress_is_out_of_order_only_an_end_of_the_task_counts(phase: Phase) -> None:
    """A running task must not make an outage of the progress call seem to be over, again and again."""
    outage = problem(503)
    observed = observe(outage, Task(phase, "…", DATE))

    assert observed == (Observation(phase, date=DATE) if phase.is_end else outage)


def test_a_key_that_the_task_call_refuses_is_refused() -> None:
    """However well progress was read: asking on would lock the key."""
    refused = problem(401)

    assert observe(RUNNING, refused) is refused


def test_a_problem_without_an_asked_task_is_the_problem() -> None:
    """Nothing else is known."""
    found = problem(500)

    assert observe(found, None) is found


@pytest.mark.parametrize(
    ("progress", "task", "says"),
    [
        (problem(404, Missing.INSTANCE), problem(404, Missing.INSTANCE), "progress"),
        (problem(404, Missing.INSTANCE), problem(404, Missing.TASK), "progress"),
        (problem(404, Missing.TASK), problem(404, Missing.INSTANCE), "task"),
        (problem(404, Missing.TASK), problem(404, Missing.TASK), "task"),
        (problem(404, Missing.TASK), problem(404, Missing.API), "progress"),
        (problem(400), problem(404, Missing.API), "progress"),
        (problem(404, Missing.API), problem(404, Missing.TASK), "task"),
        (problem(404, Missing.API), problem(403), "task"),
        (problem(404, Missing.API), problem(503), "task"),
        (problem(404, Missing.INSTANCE), problem(403), "task"),
        (problem(400), problem(403), "progress"),
        (problem(404, Missing.INSTANCE), problem(503), "task"),
        (problem(404, Missing.TASK), problem(401), "task"),
        (problem(400), problem(400), "task"),
    ],
    ids=repr,
)
def test_of_two_problems_the_one_that_tells_more_is_passed_on(
    progress: Problem, task: Problem, says: str
) -> None:
    """A call that is not there, or that we may not make, says nothing of the change."""
    assert observe(progress, task) is (progress if says == "progress" else task)


def test_an_api_without_both_calls_is_misconfigured_not_a_lost_change() -> None:
    """The region or the endpoint is wrong; the change may be well."""
    observed = observe(problem(404, Missing.API), problem(404, Missing.API))

    assert isinstance(observed, Problem)
    assert (observed.kind, observed.missing) == (ProblemKind.MISCONFIGURED, None)


def test_a_missing_api_never_counts_as_a_missing_change() -> None:
    """Whatever both calls say, what is passed on never claims that the API itself is the change."""
    kinds = [problem(404, missing) for missing in Missing] + [problem(s) for s in (400, 403, 429, 500, None)]

    for progress, task in product(kinds, kinds):
        observed = observe(progress, task)
        assert isinstance(observed, Problem)
        assert observed.missing is not Missing.API


_STEPS: Final = st.lists(st.sampled_from([DONE, GOING, TO_COME, BROKEN, ODD]), max_size=4).map(tuple)
_PROGRESS: Final = st.builds(
    Progress, st.none() | st.integers(0, 100), st.none() | st.integers(0, 9999), _STEPS, st.just(DATE)
)
_STATUSES: Final = st.sampled_from([None, 400, 401, 403, 404, 405, 429, 500])
_PROBLEMS: Final = st.builds(problem, _STATUSES, st.none() | st.sampled_from(Missing))
_TASKS: Final = st.builds(Task, st.sampled_from(Phase), st.just("…"), st.just(DATE))


@given(progress=_PROGRESS, task=st.none() | _TASKS | _PROBLEMS, known=st.integers(0, 5))
def test_completed_is_never_made_up(progress: Progress, task: Task | Problem | None, known: int) -> None:
    """It takes the task's own word, or 100 % and every step completed; other ends take the task's word."""
    observed = observe(progress, task, known)

    if observed is task:
        assert task.refuses_key
        return
    assert isinstance(observed, Observation)
    assert [step.key for step in observed.steps] == [step.key for step in progress.steps]
    if observed.phase.is_end and not isinstance(task, Task):
        assert observed.phase is Phase.COMPLETED
        assert progress.percent == 100
        assert {step.state for step in progress.steps} == {StepState.COMPLETED}


def _after(seconds: float | None) -> datetime | None:
    return None if seconds is None else DATE + timedelta(seconds=seconds)
