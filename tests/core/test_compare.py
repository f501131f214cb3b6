"""The rules by which a poll becomes alerts, case by case."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.compare import LOST_AFTER, compare, is_unreachable
from handler.core.ledger import Ledger, Sample
from handler.core.merge import STEPS_MAX
from handler.core.news import REFRESH_AFTER, is_news
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import Missing, Problem, ProblemKind
from handler.core.rules import Policy
from notifiers.alerts import Kind

START = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
WAITING, RUNNING, COMPLETED, FAILED, UNKNOWN = StepState
TIMEOUT = Problem(ProblemKind.TIMEOUT, "The DMS API did not answer in time.", request_id="r-1")
GONE = Problem(ProblemKind.NOT_FOUND, "There is no such task.", status=404, missing=Missing.TASK)


def steps(*states: StepState, names: str = "abcdefgh") -> tuple[Step, ...]:
    """Steps called a, b, c … with these states."""
    return tuple(Step(name, state) for name, state in zip(names, states, strict=False))


def seen(
    percent: int | None,
    *states: StepState,
    phase: Phase = Phase.RUNNING,
    remaining: int | None = None,
    date: datetime | None = None,
) -> Observation:
    """An observation of steps called a, b, c and so on."""
    return Observation(phase, percent, remaining, steps(*states), date=date)


class Story:
    """A change told poll by poll, a minute apart."""

    def __init__(self, policy: Policy | None = None) -> None:
        """Begin at 08:00 with nothing known."""
        self.policy = policy or Policy()
        self.now = START
        self.ledger = Ledger(change="i/t", created_at=START)

    def poll(self, *polls: Observation | Problem, after: timedelta = MINUTE) -> list[str]:
        """Compare each poll in turn; the alerts raised by the last one, as `kind` or `kind step`."""
        length = 0
        for poll in polls:
            length = self.ledger.length
            self.ledger = compare(self.ledger, poll, self.policy, self.now)
            self.now += after
        raised = self.ledger.alerts_after(length)
        return [f"{a.kind.value} {a.step}" if a.step else a.kind.value for a in raised]


@pytest.fixture
def story() -> Story:
    """A change of which nothing is known yet."""
    return Story()


def test_a_change_that_begins_is_told_with_its_running_step(story: Story) -> None:
    """The first running poll raises `started` and the step under way."""
    assert story.poll(seen(0, RUNNING, WAITING)) == ["started", "step_started a"]


def test_a_waiting_change_says_nothing_until_it_runs(story: Story) -> None:
    """Waiting is no news to anybody; the start is."""
    assert story.poll(seen(0, WAITING, WAITING, phase=Phase.WAITING)) == []
    assert story.poll(seen(1, RUNNING, WAITING)) == ["started", "step_started a"]


def test_a_first_poll_half_way_takes_the_past_for_known(story: Story) -> None:
    """What was over before the first look is not told as if it had just happened."""
    assert story.poll(seen(60, COMPLETED, RUNNING)) == ["started", "step_started b"]
    assert story.poll(seen(80, COMPLETED, RUNNING)) == ["milestone"]


def test_a_first_poll_that_finds_the_end_tells_only_the_end(story: Story) -> None:
    """A change finished before the first look is told as finished, nothing else."""
    assert story.poll(seen(100, COMPLETED, COMPLETED, phase=Phase.COMPLETED)) == ["completed"]


def test_a_first_poll_that_finds_a_failure_names_the_step(story: Story) -> None:
    """A failed step is told even when it failed before the first look."""
    assert story.poll(seen(40, COMPLETED, FAILED, phase=Phase.FAILED)) == [
        "step_failed b",
        "failed",
    ]


def test_steps_that_moved_between_two_polls_are_told_in_their_order(story: Story) -> None:
    """One step ends, one is passed unseen, one begins: three alerts in the order of the list."""
    story.poll(seen(10, RUNNING, WAITING, WAITING))

    assert story.poll(seen(20, COMPLETED, COMPLETED, RUNNING)) == [
        "step_completed a",
        "step_completed b",
        "step_started c",
    ]


def test_a_failed_step_is_told_while_others_go_on(story: Story) -> None:
    """A failure is told at once and does not end the change by itself."""
    story.poll(seen(10, RUNNING, RUNNING))

    assert story.poll(seen(12, FAILED, RUNNING)) == ["step_failed a"]
    assert story.poll(seen(20, FAILED, COMPLETED)) == ["step_completed b"]
    assert story.ledger.phase is Phase.RUNNING


def test_only_the_highest_of_several_passed_milestones_is_told(story: Story) -> None:
    """A jump over several milestones is one word, and none of them comes again."""
    story.poll(seen(10, RUNNING))

    assert story.poll(seen(60, RUNNING)) == ["milestone"]
    assert story.poll(seen(20, RUNNING), seen(60, RUNNING)) == []
    assert story.poll(seen(75, RUNNING)) == ["milestone"]


def test_an_end_is_told_without_the_milestones_on_the_way(story: Story) -> None:
    """Who hears "completed" need not hear "75 %"."""
    story.poll(seen(60, RUNNING))

    ended = seen(100, COMPLETED, phase=Phase.COMPLETED)

    assert story.poll(ended) == ["step_completed a", "completed"]


@pytest.mark.parametrize("phase", [Phase.COMPLETED, Phase.FAILED, Phase.CANCELLED, Phase.LOST])
def test_each_end_is_told_once_and_absorbs_what_follows(story: Story, phase: Phase) -> None:
    """After an end nothing is raised and nothing changes, whatever the API says."""
    story.poll(seen(60, RUNNING))

    assert story.poll(seen(60, RUNNING, phase=phase)) == [phase.value]
    ended = story.ledger
    later = seen(10, WAITING, RUNNING)
    assert story.poll(later, TIMEOUT, GONE, seen(100, COMPLETED, phase=Phase.COMPLETED)) == []
    assert story.ledger == ended


def test_a_renamed_step_is_not_told_again(story: Story) -> None:
    """A step that only changes its name keeps what was told of it."""
    story.poll(seen(10, COMPLETED, RUNNING))
    renamed = (Step("a2", COMPLETED), Step("b2", RUNNING))

    assert story.poll(Observation(Phase.RUNNING, 10, steps=renamed)) == []
    done = (Step("a2", COMPLETED), Step("b2", COMPLETED))
    assert story.poll(Observation(Phase.RUNNING, 11, steps=done)) == ["step_completed b2"]


def test_a_step_in_the_place_of_another_is_told_as_its_own(story: Story) -> None:
    """What has gone back is not the old step under a new name, and neither is what began anew."""
    story.poll(Observation(Phase.RUNNING, 10, steps=(Step("a", COMPLETED),)))

    assert story.poll(Observation(Phase.RUNNING, 11, steps=(Step("b", WAITING),))) == []
    assert story.poll(Observation(Phase.RUNNING, 12, steps=(Step("b", RUNNING),))) == ["step_started b"]
    failed, other = Step("b", FAILED, started_at=START), Step("c", FAILED, started_at=START + MINUTE)
    assert story.poll(Observation(Phase.RUNNING, 13, steps=(failed,))) == ["step_failed b"]
    assert story.poll(Observation(Phase.RUNNING, 14, steps=(other,))) == ["step_failed c"]


def test_a_poor_first_answer_makes_the_next_one_the_first_look(story: Story) -> None:
    """Old steps are not told as news because the API had nothing to say at first."""
    story.poll(seen(None, phase=Phase.RUNNING))

    assert story.poll(seen(80, COMPLETED, RUNNING)) == ["step_started b"]


def test_steps_added_and_removed_are_taken_as_they_come(story: Story) -> None:
    """A new step is told when it moves; one that vanishes and comes back is not told twice."""
    story.poll(seen(10, RUNNING))

    assert story.poll(seen(10, COMPLETED, RUNNING)) == ["step_completed a", "step_started b"]
    assert story.poll(seen(10, COMPLETED)) == []
    assert story.poll(seen(10, COMPLETED, RUNNING)) == []


def test_steps_of_one_name_are_told_one_by_one(story: Story) -> None:
    """Occurrences of one name are different steps."""
    first, second = Step("roll", COMPLETED), Step("roll", RUNNING, occurrence=2)
    story.poll(seen(5, WAITING), Observation(Phase.RUNNING, 10, steps=(first, second)))
    second = replace(second, state=COMPLETED)

    assert story.poll(Observation(Phase.RUNNING, 20, steps=(first, second))) == ["step_completed roll"]


def test_an_answer_that_says_less_changes_nothing(story: Story) -> None:
    """An empty list or a missing percentage is no news and never replaces a good one."""
    story.poll(seen(40, COMPLETED, RUNNING, date=START))
    before = story.ledger

    assert story.poll(seen(None, phase=Phase.UNKNOWN, date=START)) == []
    assert not is_news(before, story.ledger, story.now)
    assert story.ledger.observation is not None
    assert story.ledger.observation.percent == 40
    assert [s.state for s in story.ledger.observation.steps] == [COMPLETED, RUNNING]


def test_an_older_answer_is_ignored(story: Story) -> None:
    """Two reads side by side may be compared in the wrong order; the older one undoes nothing."""
    story.poll(seen(40, COMPLETED, RUNNING, date=START))
    before = story.ledger

    assert story.poll(seen(20, RUNNING, FAILED, date=START - MINUTE)) == []
    assert story.ledger == replace(before, looked_at=START + MINUTE)


def test_a_date_far_ahead_is_found_to_be_wrong(story: Story) -> None:
    """One answer from a broken clock must not silence all that follow."""
    story.poll(seen(40, RUNNING, date=START + timedelta(days=400)))

    assert story.poll(seen(41, COMPLETED, date=START + MINUTE)) == ["step_completed a"]


def test_a_cloud_clock_ahead_of_ours_changes_nothing(story: Story) -> None:
    """Only the order of the server's dates matters, not how they compare with our clock."""
    ahead = START + timedelta(hours=3)
    story.poll(seen(40, RUNNING, date=ahead))

    assert story.poll(seen(40, COMPLETED, date=ahead + MINUTE)) == ["step_completed a"]


def test_a_standstill_is_told_once_and_so_is_its_end(story: Story) -> None:
    """After 30 minutes without movement one `stalled`, with movement one `resumed`, and again."""
    story.poll(*[seen(40, RUNNING)] * 30)

    assert story.poll(seen(40, RUNNING, remaining=5000)) == ["stalled"]
    assert story.poll(*[seen(40, RUNNING)] * 30) == []
    assert story.poll(seen(41, RUNNING)) == ["resumed"]
    assert story.poll(*[seen(41, RUNNING)] * 29) == []
    assert story.poll(seen(41, RUNNING)) == ["stalled"]
    assert [a.seconds for a in story.ledger.alerts if a.kind is Kind.STALLED] == [1800, 1800]


def test_an_empty_answer_is_no_movement_either(story: Story) -> None:
    """0 % without steps, or all steps waiting again, is an answer that says less, not a restart."""
    empty = seen(0, phase=Phase.WAITING)
    waiting = seen(0, WAITING, phase=Phase.WAITING)
    story.poll(*[seen(40, RUNNING), empty, seen(40, RUNNING), waiting] * 7)

    assert story.poll(seen(40, RUNNING), seen(40, RUNNING), seen(40, RUNNING)) == ["stalled"]
    assert story.poll(empty) == []
    assert story.ledger.observation is not None
    assert (story.ledger.phase, story.ledger.observation.percent) == (Phase.RUNNING, 40)


def test_a_step_that_comes_and_goes_is_neither_movement_nor_news(story: Story) -> None:
    """A shorter list never replaces the longer one that is known."""
    story.poll(seen(40, COMPLETED, RUNNING))
    known = story.ledger
    story.poll(*[seen(40, COMPLETED), seen(40, COMPLETED, RUNNING)] * 14)

    assert not is_news(replace(known, looked_at=story.now), story.ledger, story.now)
    assert story.poll(seen(40, COMPLETED), seen(40, COMPLETED)) == ["stalled"]


def test_a_percentage_regained_is_no_movement(story: Story) -> None:
    """A percentage that swings without passing its peak does not hide a standstill."""
    story.poll(*[seen(40, RUNNING), seen(39, RUNNING)] * 15)

    assert story.poll(seen(40, RUNNING)) == ["stalled"]


def test_a_stalled_change_that_ends_is_told_as_ended_only(story: Story) -> None:
    """Nobody needs to hear that it moves again when it is over."""
    story.poll(*[seen(40, RUNNING)] * 31)

    assert story.poll(seen(100, RUNNING, phase=Phase.COMPLETED)) == ["completed"]


def test_a_waiting_change_does_not_stall(story: Story) -> None:
    """A scheduled change may wait for its hour."""
    assert story.poll(*[seen(0, WAITING, phase=Phase.WAITING)] * 90) == []


def test_estimates_that_only_grow_are_told_once_as_a_delay(story: Story) -> None:
    """Time taken and time left beyond 1.5 times the first estimate is a delay."""
    story.poll(seen(1, RUNNING, remaining=600))

    grown = [seen(1, RUNNING, remaining=600 + 60 * minute) for minute in range(1, 9)]
    raised = [story.poll(poll) for poll in grown]

    assert raised == [[], [], ["delayed"], [], [], [], [], []]
    assert story.ledger.alerts[-1].seconds == 3 * 60 + 180


def test_a_short_first_estimate_is_no_reason_to_cry(story: Story) -> None:
    """Half of very little is not worth a word before it is a minute."""
    story.poll(seen(1, RUNNING, remaining=10))

    assert story.poll(seen(50, RUNNING, remaining=5)) == ["milestone"]
    assert story.poll(seen(60, RUNNING, remaining=5)) == ["delayed"]


def test_a_lack_of_estimates_is_measured_by_time_alone(story: Story) -> None:
    """An estimate that is no longer given does not stop the clock."""
    story.poll(seen(1, RUNNING, remaining=600))
    story.poll(*[seen(1, RUNNING)] * 15)

    assert story.poll(seen(1, RUNNING)) == ["delayed"]


def test_an_outage_is_told_once_when_it_has_lasted_and_so_is_its_end(story: Story) -> None:
    """A blip is nobody's business; ten minutes are, once, with what to quote to support."""
    story.poll(seen(40, RUNNING))

    assert story.poll(TIMEOUT, TIMEOUT) == []
    assert story.poll(*[TIMEOUT] * 8) == []
    assert not is_unreachable(story.ledger, story.policy, story.now - MINUTE)
    assert story.poll(TIMEOUT) == ["unreachable"]
    assert is_unreachable(story.ledger, story.policy, story.now)
    alert = story.ledger.alerts[-1]
    assert (alert.seconds, alert.detail) == (600, f"{TIMEOUT.message} (request id r-1)")
    assert story.poll(TIMEOUT) == []
    assert story.poll(seen(40, RUNNING)) == ["recovered"]
    assert story.poll(seen(40, RUNNING)) == []


def test_a_short_outage_ends_unsaid(story: Story) -> None:
    """What was never told as lost need not be told as found."""
    story.poll(seen(40, RUNNING), TIMEOUT, TIMEOUT)

    assert story.poll(seen(40, RUNNING)) == []
    assert story.ledger.outage is None


def test_the_first_bad_and_the_first_good_poll_are_news(story: Story) -> None:
    """Both are saved, the polls between them are not."""
    story.poll(seen(40, RUNNING))
    known = story.ledger
    story.poll(TIMEOUT)
    bad = story.ledger
    story.poll(TIMEOUT)
    worse = story.ledger
    story.poll(seen(40, RUNNING))

    assert is_news(known, bad, story.now)
    assert not is_news(bad, worse, story.now)
    assert is_news(worse, story.ledger, story.now)


def test_a_change_that_stays_missing_is_lost(story: Story) -> None:
    """One "not found" may be a mistake; three minutes of it are not."""
    story.poll(seen(40, RUNNING))

    assert story.poll(GONE, GONE, GONE) == []
    assert story.poll(GONE) == ["lost"]
    assert story.ledger.phase is Phase.LOST
    assert story.ledger.alerts[-1].detail == GONE.message


def test_a_change_that_was_never_there_is_lost_too(story: Story) -> None:
    """A wrong id does not poll for ever."""
    assert story.poll(GONE, GONE, after=LOST_AFTER) == ["lost"]


def test_a_good_poll_ends_the_search(story: Story) -> None:
    """Not found, found, not found again: the count begins anew."""
    story.poll(GONE, GONE, seen(40, RUNNING))

    assert story.poll(GONE, TIMEOUT, GONE) == []
    assert story.poll(GONE) == ["lost"]


def test_a_deleted_task_is_lost_with_its_reason(story: Story) -> None:
    """Whoever deletes the record takes the outcome with it."""
    story.poll(seen(40, RUNNING))

    assert story.poll(seen(None, phase=Phase.LOST)) == ["lost"]
    assert story.ledger.alerts[-1].detail == "The task's record was deleted."


def test_an_end_without_steps_leaves_open_ones_unknown(story: Story) -> None:
    """What nobody saw finish is not shown as running, nor as completed."""
    story.poll(seen(97, COMPLETED, RUNNING))

    assert story.poll(seen(None, phase=Phase.COMPLETED)) == ["completed"]
    assert story.ledger.observation is not None
    assert [s.state for s in story.ledger.observation.steps] == [COMPLETED, UNKNOWN]
    assert story.ledger.observation.percent is None


def test_a_refused_key_is_noted_while_it_is_refused(story: Story) -> None:
    """The ledger knows since when a key has been refused, so that it can be spared."""
    refused = Problem(ProblemKind.UNAUTHORISED, "The access key was refused.", status=401)
    story.poll(refused, refused)

    assert story.ledger.outage is not None
    assert story.ledger.outage.key_refused_since == START
    story.poll(TIMEOUT)
    assert story.ledger.outage.key_refused_since is None


def test_of_over_a_hundred_steps_only_counts_are_kept_and_failures_told(story: Story) -> None:
    """A list that long tells nobody anything step by step."""
    many = tuple(Step(f"s{n}", RUNNING) for n in range(STEPS_MAX + 1))
    failed = (Step("s0", FAILED), *many[1:])

    assert story.poll(Observation(Phase.RUNNING, 5, steps=many)) == ["started"]
    assert story.poll(Observation(Phase.RUNNING, 5, steps=failed)) == ["step_failed s0"]
    assert story.poll(Observation(Phase.RUNNING, 5, steps=failed)) == []
    assert story.ledger.observation is not None
    assert story.ledger.observation.steps == ()
    assert story.ledger.observation.counts() == {FAILED: 1, RUNNING: STEPS_MAX}
    assert story.ledger.alerts[-1].detail == "1 of 101 steps failed."


def test_the_moment_of_the_last_look_is_news_every_ten_minutes(story: Story) -> None:
    """The page must not show a look as older than it is by more than that."""
    story.poll(seen(40, RUNNING))
    kept = story.ledger
    story.poll(seen(40, RUNNING))

    assert not is_news(kept, story.ledger, START + REFRESH_AFTER - MINUTE)
    assert is_news(kept, story.ledger, START + REFRESH_AFTER)


def test_how_far_it_was_is_kept_until_the_end(story: Story) -> None:
    """What the ledger takes for the percentage counts: an empty answer is no way back."""
    story.poll(seen(None, WAITING), seen(0, RUNNING), seen(40, RUNNING), seen(None), TIMEOUT)
    story.poll(seen(100, COMPLETED, phase=Phase.COMPLETED))

    assert story.ledger.samples == (
        Sample(START + MINUTE, 0),
        Sample(START + 2 * MINUTE, 40),
        Sample(START + 3 * MINUTE, 40),
        Sample(START + 5 * MINUTE, 100),
    )


def test_a_standstill_is_kept_until_the_last_look_that_saw_it(story: Story) -> None:
    """An outage at its end shows nothing, so it is none of it; and no look without news is news for it."""
    story.poll(seen(0, RUNNING), seen(40, RUNNING), *[seen(40, RUNNING)] * 8)
    standing, begun = story.ledger, story.now
    story.poll(TIMEOUT, TIMEOUT, TIMEOUT, seen(40, RUNNING), TIMEOUT, TIMEOUT)
    story.poll(seen(70, RUNNING), *[seen(70, RUNNING)] * 5, seen(80, RUNNING))

    assert standing.samples == (Sample(START, 0), Sample(START + MINUTE, 40))
    assert story.ledger.samples == (
        *standing.samples,
        Sample(begun + 3 * MINUTE, 40),
        Sample(begun + 6 * MINUTE, 70),
        Sample(begun + 11 * MINUTE, 70),
        Sample(begun + 12 * MINUTE, 80),
    )


def test_an_outage_begins_where_a_standstill_was_last_seen(story: Story) -> None:
    """That is kept with the news of the outage, and what is unseen is drawn as the way between two sights."""
    story.poll(seen(40, RUNNING), seen(40, RUNNING), TIMEOUT, TIMEOUT)
    unseen = story.ledger
    story.poll(seen(70, RUNNING))

    assert unseen.samples == (Sample(START, 40), Sample(START + MINUTE, 40))
    assert unseen.looked_at == START + 3 * MINUTE
    assert story.ledger.samples == (*unseen.samples, Sample(START + 4 * MINUTE, 70))


def test_an_answer_that_lost_its_steps_is_no_way_back(story: Story) -> None:
    """Its 0 % means nothing; what was known is what is sampled."""
    story.poll(seen(40, RUNNING))
    known = story.ledger
    story.poll(seen(0, phase=Phase.WAITING))

    assert story.ledger.samples is known.samples


def test_an_end_that_tells_no_percentage_leaves_the_samples_as_they_are(story: Story) -> None:
    """Nobody has said how far it was then."""
    story.poll(seen(40, RUNNING), seen(None, COMPLETED, phase=Phase.COMPLETED))

    assert story.ledger.samples == (Sample(START, 40),)


def test_a_look_without_news_keeps_the_samples(story: Story) -> None:
    """Also where the time left moves, or an earlier Headway has taken none."""
    story.poll(seen(40, RUNNING, remaining=900))
    known = story.ledger
    story.poll(seen(40, RUNNING, remaining=840))

    assert story.ledger.samples is known.samples
    assert not is_news(known, story.ledger, story.now)
    earlier = replace(known, samples=())
    again = compare(earlier, seen(40, RUNNING), story.policy, story.now)
    assert again.samples == (Sample(story.now, 40),)
    assert not is_news(earlier, again, story.now)


def test_outages_are_counted_by_what_they_began_with(story: Story) -> None:
    """Once each, with the poll that is news already, however many follow it."""
    story.poll(TIMEOUT)
    began = story.ledger
    story.poll(TIMEOUT, GONE)
    assert not is_news(replace(began, outage=story.ledger.outage), story.ledger, story.now)
    assert began.outage_counts == story.ledger.outage_counts == {ProblemKind.TIMEOUT: 1}

    story.poll(seen(40, RUNNING), GONE, seen(41, RUNNING), TIMEOUT)
    assert story.ledger.outage_counts == {ProblemKind.TIMEOUT: 2, ProblemKind.NOT_FOUND: 1}


step_lists = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(StepState)), max_size=5)
observations = st.builds(
    lambda phase, percent, remaining, pairs, minute: Observation(
        phase,
        percent,
        remaining,
        tuple(
            Step(name, state, occurrence=[n for n, _ in pairs[: i + 1]].count(name))
            for i, (name, state) in enumerate(pairs)
        ),
        date=START + minute * MINUTE,
    ),
    st.sampled_from(Phase),
    st.none() | st.integers(0, 100),
    st.none() | st.integers(0, 5000),
    step_lists,
    st.integers(0, 15),
)
polls = st.lists(observations | st.sampled_from([TIMEOUT, GONE]), max_size=30)


@given(polls)
def test_no_cause_is_ever_told_twice_and_numbers_have_no_gap(
    script: list[Observation | Problem],
) -> None:
    """Whatever is polled, each cause key is in the log once, and the log counts from 1."""
    story = Story()
    story.poll(*script)

    alerts = story.ledger.alerts
    assert [alert.number for alert in alerts] == list(range(1, story.ledger.length + 1))
    assert len({alert.cause for alert in alerts}) == len(alerts)
    assert sum(a.kind.value in {"completed", "failed", "cancelled", "lost"} for a in alerts) <= 1


@given(polls, observations)
def test_seeing_the_same_again_raises_nothing(script: list[Observation | Problem], last: Observation) -> None:
    """A second look at the same, at the same moment, is no news."""
    story = Story()
    story.poll(*script, last)
    once = compare(story.ledger, last, story.policy, story.now)

    assert compare(once, last, story.policy, story.now) == once


@given(polls, observations, observations)
def test_an_older_observation_undoes_nothing(
    script: list[Observation | Problem], first: Observation, second: Observation
) -> None:
    """Of two observations the one with the older date, coming last, changes nothing."""
    older, newer = sorted([first, second], key=lambda seen: seen.date or START)
    story = Story()
    story.poll(*script, newer)
    kept = story.ledger

    if older.date != newer.date and kept.observation and kept.observation.date == newer.date:
        again = compare(kept, older, story.policy, story.now)
        assert again == replace(kept, looked_at=again.looked_at)
