"""What stays known when an answer says less."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.merge import STEPS_MAX, condense, merge, renamed_steps
from handler.core.observation import Observation, Phase, Step, StepState

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
LATER = NOW + timedelta(minutes=2)

step_tuples = st.lists(st.sampled_from("abcd"), unique=True, max_size=4).flatmap(
    lambda names: st.tuples(*(st.builds(Step, st.just(name), st.sampled_from(StepState)) for name in names))
)
observations = st.builds(
    Observation,
    st.sampled_from(Phase),
    st.none() | st.integers(0, 100),
    st.none() | st.integers(0, 9999),
    step_tuples,
)


def test_the_first_observation_is_taken_as_it_is() -> None:
    """There is nothing to keep yet."""
    first = Observation(Phase.RUNNING, 40)

    assert merge(None, first) == first


def test_times_once_given_are_kept_and_a_step_that_runs_again_has_no_end() -> None:
    """A later answer without times does not take them away."""
    known = Observation(Phase.RUNNING, 40, steps=(Step("a", StepState.COMPLETED, 1, None, NOW, LATER),))
    bare = Observation(Phase.RUNNING, 41, steps=(Step("a", StepState.COMPLETED),))
    again = Observation(Phase.RUNNING, 41, steps=(Step("a", StepState.RUNNING),))

    assert merge(known, bare).steps == known.steps
    assert merge(known, again).steps == (Step("a", StepState.RUNNING, 1, None, NOW),)


def test_a_step_without_a_word_keeps_its_state_and_one_with_a_new_word_shows_it() -> None:
    """Silence is no state; a word that we do not know is one."""
    known = Observation(Phase.RUNNING, steps=(Step("a", StepState.RUNNING),))
    silent = Observation(Phase.RUNNING, steps=(Step("a", StepState.UNKNOWN),))
    strange = Observation(Phase.RUNNING, steps=(Step("a", StepState.UNKNOWN, status="PAUSED"),))

    assert merge(known, silent).steps == known.steps
    assert merge(known, strange).steps == strange.steps


def test_a_shorter_list_leaves_the_longer_one_standing() -> None:
    """What an answer has lost stays as it was, in its place."""
    a, b, c = (Step(name, StepState.RUNNING) for name in "abc")
    known = Observation(Phase.RUNNING, 5, steps=(a, b, c))
    done = replace(c, state=StepState.COMPLETED)

    assert merge(known, Observation(Phase.RUNNING, 6, steps=(done,))).steps == (a, b, done)


def test_an_end_is_not_filled_up_with_what_was_known_before_it() -> None:
    """Neither a percentage nor a running step of earlier stands beside "completed"."""
    known = Observation(Phase.RUNNING, 90, steps=(Step("a", StepState.RUNNING, started_at=NOW),))
    unknown = Step("a", StepState.UNKNOWN, started_at=NOW)

    for steps in ((), (Step("a", StepState.UNKNOWN),)):
        ended = merge(known, Observation(Phase.COMPLETED, None, steps=steps))
        assert (ended.percent, ended.steps) == (None, (unknown,))


def test_counts_give_way_to_a_list_and_stay_without_one() -> None:
    """A change may fall under a hundred steps, or answer with no list at all."""
    known = Observation(Phase.RUNNING, 5, step_counts={StepState.RUNNING: 200})
    listed = Observation(Phase.RUNNING, 5, steps=(Step("a", StepState.RUNNING),))

    assert merge(known, listed).counts() == {StepState.RUNNING: 1}
    assert merge(known, Observation(Phase.RUNNING, 6)).counts() == {StepState.RUNNING: 200}


def test_a_hundred_steps_are_kept_and_one_more_is_counted() -> None:
    """The bound of the kept document."""
    steps = tuple(Step(str(n), StepState.WAITING) for n in range(STEPS_MAX + 1))
    hundred, more = Observation(Phase.RUNNING, steps=steps[1:]), Observation(Phase.RUNNING, steps=steps)

    assert condense(hundred) == hundred
    assert condense(more) == Observation(Phase.RUNNING, step_counts={StepState.WAITING: 101})


def test_only_a_step_in_its_old_place_counts_as_renamed() -> None:
    """A list of another length, or names that swap places, are no renaming."""
    a, b, c = (Step(name, StepState.RUNNING) for name in "abc")

    assert renamed_steps((a, b), (a, c)) == {"b#1": "c#1"}
    assert renamed_steps((a, b), (b, a)) == {}
    assert renamed_steps((a, b), (a, c, b)) == {}


@given(observations, observations)
def test_a_good_part_is_never_replaced_by_an_empty_one(known: Observation, seen: Observation) -> None:
    """While a change goes on, what was known of percent, steps and phase stays known."""
    merged = merge(known, seen)

    if not seen.phase.is_end:
        assert merged.percent is not None or known.percent is None
        assert merged.phase is not Phase.UNKNOWN or known.phase is Phase.UNKNOWN
    assert merged.steps or not known.steps


@given(observations, observations)
def test_merging_the_same_twice_changes_nothing_more(known: Observation, seen: Observation) -> None:
    """A second equal answer adds nothing."""
    once = merge(known, seen)

    assert merge(once, seen) == once
