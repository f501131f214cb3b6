"""Who is told what, and what follows from how it went."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.audience import DROPPED_AFTER, Audience, enrol
from handler.core.concluding import ATTEMPTS_MAX
from handler.core.delivery import GIVEN_UP_AFTER, Delivery, plan, settle
from handler.core.ledger import Attempt, Claim, Ledger
from handler.core.news import is_news
from handler.core.observation import Observation, Phase
from handler.core.pausing import (
    DOUBT_PAUSE,
    LAPSED,
    REFUSED_PAUSE,
    RETRY_AFTER_MAX,
    RETRY_PAUSE,
    RETRY_PAUSE_MAX,
    retry_pause,
)
from handler.core.raising import Cause, raise_alerts
from handler.core.standing import Standing, find_standings
from handler.core.trimming import ALERTS_MAX, HEARD_ALERTS_MAX
from notifiers.alerts import Ending, Kind
from notifiers.channel import Channel, parse_kinds, parse_quiet
from notifiers.verdicts import Outcome, Verdict

START = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
LEASE = timedelta(seconds=75)
SENT, RETRY, REFUSED, UNKNOWN = (Verdict(outcome) for outcome in Outcome)
SHARED = Verdict(Outcome.RETRY, "504", may_have_arrived=True, is_shared=True)
OPS = Channel(name="ops")
TROUBLE = Channel(name="trouble", kinds=parse_kinds(["trouble"]))


class Post:
    """A ledger with its channels, told tick by tick; no alert is raised unless a test says so."""

    def __init__(self, *channels: Channel) -> None:
        """Begin at 08:00 with an empty log."""
        self.audience = Audience("orders", channels)
        self.now = START
        self.ledger = enrol(Ledger(change="i/t", created_at=START), self.audience, START)

    def raise_(self, *kinds: Kind) -> None:
        """Append alerts to the log."""
        causes = [_cause(kind, self.ledger.length + number) for number, kind in enumerate(kinds)]
        self.ledger = raise_alerts(self.ledger, causes, self.now)

    def plan(self, owner: str = "me") -> dict[str, Delivery]:
        """Plan one tick's deliveries, by channel."""
        claim = Claim(owner, self.now + LEASE, upto=0, tries=0)
        self.ledger = enrol(self.ledger, self.audience, self.now)
        self.ledger, deliveries = plan(self.ledger, self.audience, self.now, claim)
        return {delivery.channel: delivery for delivery in deliveries}

    def settle(self, verdict: Verdict | None, owner: str = "me", channel: str = "ops") -> None:
        """Record how the delivery to one channel went, knowing what the ledger knows of it."""
        standings = self.audience.standings or find_standings([self.ledger])
        audience = replace(self.audience, standings=standings)
        self.ledger = settle(self.ledger, audience, owner, {channel: verdict}, self.now)

    def tick(self, verdict: Verdict | None, after: timedelta = MINUTE) -> list[int]:
        """Plan, send to `ops` and settle; the numbers that went out, and time passes."""
        delivery = self.plan().get("ops")
        if delivery is not None:
            self.settle(verdict)
        self.now += after
        return [alert.number for alert in delivery.alerts] if delivery else []

    @property
    def offset(self) -> int:
        """How far `ops` has heard."""
        return self.ledger.channels["ops"].offset


def _cause(kind: Kind, number: int) -> Cause:
    """A cause of its own; a reminder is one for `ops`, of a failure."""
    is_reminder = kind is Kind.REMINDER
    return Cause(
        f"{kind.value}:{number}",
        kind,
        channel="ops" if is_reminder else None,
        reminds_of=Kind.FAILED if is_reminder else None,
    )


@pytest.fixture
def post() -> Post:
    """One channel that wants everything."""
    return Post(OPS)


def test_what_was_sent_is_not_sent_again(post: Post) -> None:
    """A delivery moves the offset, and nothing is due after it."""
    post.raise_(Kind.STARTED, Kind.STEP_STARTED)

    assert post.tick(SENT) == [1, 2]
    assert post.tick(SENT) == []
    assert post.offset == 2


def test_a_claim_covers_the_log_counts_the_try_and_outlives_the_holder(post: Post) -> None:
    """What is written before the send says who, until when, up to where and for the how-manieth time."""
    post.raise_(Kind.STARTED, Kind.STEP_STARTED)
    post.plan()

    assert post.ledger.channels["ops"].claim == Claim("me", START + LEASE, upto=2, tries=1)


def test_a_claimed_channel_is_left_to_its_holder(post: Post) -> None:
    """Nobody else sends while a claim lives, whatever is new meanwhile."""
    post.raise_(Kind.STARTED)
    post.plan("first")
    post.raise_(Kind.STEP_STARTED)

    assert post.plan("second") == {}
    post.settle(SENT, "first")
    assert post.tick(SENT) == [2]


def test_a_strangers_claim_is_not_settled(post: Post) -> None:
    """An invocation thawed after its claim lapsed changes nothing of its successor's."""
    post.raise_(Kind.STARTED)
    post.plan("frozen")
    post.now += LEASE
    post.plan("successor")
    before = post.ledger
    post.settle(SENT, "frozen")

    assert post.ledger == before


def test_a_lapsed_claim_is_sent_once_more_and_marked(post: Post) -> None:
    """Nobody knows whether it arrived, so it comes again, said to be perhaps a repeat."""
    post.raise_(Kind.STARTED)
    post.plan("crashed")
    post.now += LEASE
    post.raise_(Kind.STEP_STARTED)

    delivery = post.plan()["ops"]

    assert [alert.number for alert in delivery.alerts] == [1, 2]
    assert (delivery.repeat_upto, delivery.is_possible_repeat) == (1, True)
    assert post.ledger.channels["ops"].claim == Claim("me", post.now + LEASE, upto=2, tries=2)


def test_a_second_unknown_outcome_ends_an_alert_visibly(post: Post) -> None:
    """What was in doubt twice is not sent a third time; what was in doubt once is."""
    post.raise_(Kind.STARTED)
    assert post.tick(UNKNOWN, after=DOUBT_PAUSE) == [1]
    post.raise_(Kind.STEP_STARTED)
    assert post.tick(UNKNOWN, after=DOUBT_PAUSE) == [1, 2]

    assert post.ledger.alerts[0].endings == {"ops": Ending.UNKNOWN}
    assert post.tick(SENT) == [2]
    assert post.ledger.alerts[1].endings == {}


def test_what_is_in_doubt_waits_until_a_short_trouble_should_be_over(post: Post) -> None:
    """It is sent only once more, so a channel that hangs for minutes must not have both."""
    post.raise_(Kind.STARTED)
    post.tick(Verdict(Outcome.UNKNOWN, "timeout"))
    post.raise_(Kind.STEP_STARTED)
    tries = [minute for minute in range(1, 10) if post.tick(SENT)]

    assert timedelta(minutes=5) == DOUBT_PAUSE
    assert tries == [5]


def test_what_is_urgent_and_new_does_not_wait_for_a_doubt_to_pass(post: Post) -> None:
    """A failure goes out at once, and takes along what was in doubt; in doubt itself it waits too."""
    post.raise_(Kind.STARTED)
    post.tick(Verdict(Outcome.UNKNOWN, "timeout"))
    post.raise_(Kind.STEP_FAILED)

    assert post.tick(Verdict(Outcome.UNKNOWN, "timeout")) == [1, 2]
    assert post.tick(SENT) == []
    post.now += DOUBT_PAUSE
    assert post.tick(SENT) == [2]


@pytest.mark.parametrize("verdict", [RETRY, REFUSED])
def test_no_urgency_breaks_a_pause_that_the_service_asks_for(post: Post, verdict: Verdict) -> None:
    """It would only be turned away again."""
    post.raise_(Kind.STARTED)
    post.tick(verdict, after=timedelta(seconds=20))
    post.raise_(Kind.STEP_FAILED)

    assert post.tick(SENT) == []


def test_what_a_gateway_may_have_passed_on_is_marked_when_it_comes_again(post: Post) -> None:
    """A 504 is tried again for as long as any passing failure, but never as if for the first time."""
    post.raise_(Kind.STARTED)
    post.tick(Verdict(Outcome.RETRY, "504", may_have_arrived=True))
    post.raise_(Kind.STEP_STARTED)
    delivery = post.plan()["ops"]

    assert [alert.number for alert in delivery.alerts] == [1, 2]
    assert delivery.repeat_upto == 1


@pytest.mark.parametrize("earlier", [(), (RETRY,), (RETRY, RETRY)])
def test_what_failed_in_a_digest_with_others_counts_for_another_of_them(
    post: Post, earlier: tuple[Verdict, ...]
) -> None:
    """It is due at once, as if never tried, but marked: tries, pause, last attempt are as they were.

    Why it is marked one can see among the attempts.
    """
    post.raise_(Kind.STARTED)
    for verdict in earlier:
        post.tick(verdict, after=timedelta(hours=1))
    post.raise_(Kind.STEP_STARTED)
    before = post.ledger.channels["ops"]
    assert post.tick(SHARED, after=timedelta()) == [1, 2]

    after = post.ledger.channels["ops"]
    shared = Attempt(Outcome.RETRY, post.now, "504", upto=2, is_shared=True)
    assert after == replace(before, repeat_upto=2, attempts=(*before.attempts, shared))
    assert after.last_attempt == before.last_attempt
    post.raise_(Kind.STEP_COMPLETED)
    delivery = post.plan()["ops"]
    assert [alert.number for alert in delivery.alerts] == [1, 2, 3]
    assert (delivery.repeat_upto, delivery.is_possible_repeat) == (2, True)


def test_a_failure_in_a_digest_with_others_says_nothing_of_the_channel_here(post: Post) -> None:
    """It is the one change's to tell all others that the channel is in trouble."""
    post.raise_(Kind.STARTED)
    post.tick(SHARED)

    assert find_standings([post.ledger]) == {}


def test_a_refusal_of_long_ago_does_not_hush_up_a_new_one(post: Post) -> None:
    """What was refused for a day is given up, and with it the refusal is over."""
    post.raise_(Kind.STARTED)
    for _ in range(26):
        post.tick(REFUSED, after=timedelta(hours=1))
    post.raise_(Kind.STEP_STARTED)
    post.tick(REFUSED)

    refusals = [alert.kind for alert in post.ledger.alerts if alert.kind is Kind.CHANNEL_REFUSED]
    assert len(refusals) == 2


def test_a_passing_failure_is_tried_again_later_and_later(post: Post) -> None:
    """The pause doubles; it is time that counts, not ticks."""
    post.raise_(Kind.STARTED)
    tries = [minute for minute in range(10) if post.tick(RETRY)]

    assert tries == [0, 1, 2, 4, 8]
    state = post.ledger.channels["ops"]
    assert (state.tries, state.claim) == (5, None)
    assert state.last_attempt is not None
    assert state.last_attempt.outcome is Outcome.RETRY


def test_a_service_that_asks_for_a_longer_pause_gets_it(post: Post) -> None:
    """Retry-After is kept to."""
    post.raise_(Kind.STARTED)
    post.tick(Verdict(Outcome.RETRY, "429", retry_after_seconds=600))

    assert post.ledger.channels["ops"].not_before == START + timedelta(minutes=10)


def test_a_refused_channel_is_tried_every_hour_for_a_day_and_then_given_up(post: Post) -> None:
    """A revoked token costs one send an hour, and the end is visible."""
    post.raise_(Kind.STARTED)
    tries = [minute for minute in range(26 * 60) if post.tick(REFUSED)]

    assert tries == [60 * hour for hour in range(24)]
    assert timedelta(minutes=60) == REFUSED_PAUSE
    assert post.ledger.alerts[0].endings == {"ops": Ending.GIVEN_UP}
    assert post.offset == post.ledger.length


def test_a_refusal_is_told_once_to_the_others_and_never_to_the_channel_itself() -> None:
    """Hour after hour it is the same refusal, until the service takes a message again."""
    post = Post(OPS, TROUBLE)
    post.raise_(Kind.STARTED)
    heard: list[tuple[str, str | None]] = []
    for _ in range(5):
        trouble = post.plan().get("trouble")
        heard += [(alert.kind.value, alert.channel) for alert in trouble.alerts] if trouble else []
        post.settle(SENT, channel="trouble")
        post.settle(Verdict(Outcome.REFUSED, "401"))
        post.now += timedelta(hours=1)

    assert heard == [("channel_refused", "ops")]
    assert post.ledger.alerts[1].detail == "Its service answered 401."
    assert post.ledger.channels["ops"].refused_since == START
    assert [alert.number for alert in post.plan()["ops"].alerts] == [1]
    post.settle(SENT)
    assert post.ledger.channels["ops"].refused_since is None
    post.raise_(Kind.STEP_STARTED)
    post.plan()
    post.settle(REFUSED)
    assert [alert.kind for alert in post.plan()["trouble"].alerts] == [Kind.CHANNEL_REFUSED]


def test_a_refusal_that_goes_on_through_a_blip_is_the_same_refusal(post: Post) -> None:
    """A 503 between two 401 is no new reason to wake anybody."""
    post.raise_(Kind.STARTED)
    for verdict in (REFUSED, RETRY, UNKNOWN, REFUSED):
        post.tick(verdict, after=timedelta(hours=1))

    assert [alert.kind for alert in post.ledger.alerts] == [Kind.STARTED, Kind.CHANNEL_REFUSED]


def test_a_refusal_known_from_another_change_is_not_told_again(post: Post) -> None:
    """Whichever change tries next, it is the same refusal, and keeps its first moment."""
    post.audience = Audience("orders", (OPS,), {"ops": Standing(refused_since=START)})
    post.raise_(Kind.STARTED)
    post.now += MINUTE
    post.tick(REFUSED)

    assert post.ledger.length == 1
    assert post.ledger.channels["ops"].refused_since == START


@pytest.mark.parametrize(
    ("standing", "is_due"),
    [
        (Standing(), True),
        (Standing(rest_until=START), True),
        (Standing(rest_until=START + MINUTE), False),
        (Standing(is_tried=True), False),
        (Standing(rest_until=START + MINUTE, in_doubt=True), False),
    ],
)
def test_a_channel_rests_for_all_changes_alike(post: Post, standing: Standing, *, is_due: bool) -> None:
    """What another change has learnt of it holds here too; nothing is claimed meanwhile."""
    post.audience = Audience("orders", (OPS,), {"ops": standing})
    post.raise_(Kind.STARTED)

    assert bool(post.plan()) is is_due
    assert (post.ledger.channels["ops"].claim is not None) is is_due


def test_a_channel_down_for_an_hour_gets_one_message(post: Post) -> None:
    """What piled up comes together, in order."""
    post.raise_(Kind.STARTED)
    post.tick(RETRY, after=timedelta(hours=1))
    post.raise_(Kind.STEP_STARTED, Kind.STEP_COMPLETED)

    assert post.tick(SENT) == [1, 2, 3]


def test_sends_are_counted_by_their_outcomes(post: Post) -> None:
    """Also those that nobody settled, but not what was never sent."""
    post.raise_(Kind.STARTED)
    for verdict in (None, RETRY, RETRY):
        post.tick(verdict, after=timedelta(hours=1))
    post.plan()
    post.now += LEASE
    assert post.tick(SENT) == [1]
    settled = post.ledger

    counts = {Outcome.RETRY: 2, Outcome.UNKNOWN: 1, Outcome.SENT: 1}
    assert settled.channels["ops"].outcome_counts == counts
    post.tick(SENT)
    assert post.ledger == settled


def test_every_attempt_is_kept_with_what_it_told(post: Post) -> None:
    """Also one that nobody settled, but no claim that was not used; two numbers say which alerts it told."""
    post.raise_(Kind.STARTED, Kind.STEP_STARTED)
    post.tick(None)
    post.tick(SENT)
    post.raise_(Kind.STEP_COMPLETED)
    post.tick(Verdict(Outcome.RETRY, "503"))
    post.raise_(Kind.STEP_STARTED)
    post.plan()
    post.now += LEASE
    post.tick(SENT)

    lapsed_at = post.now - MINUTE
    attempts = post.ledger.channels["ops"].attempts
    assert attempts == (
        Attempt(Outcome.SENT, START + MINUTE, None, 0, 2),
        Attempt(Outcome.RETRY, START + 2 * MINUTE, "503", 2, 3),
        Attempt(Outcome.UNKNOWN, lapsed_at, LAPSED, 2, 4),
        Attempt(Outcome.SENT, lapsed_at, None, 2, 4),
    )


def test_of_many_attempts_the_newest_are_kept(post: Post) -> None:
    """Those of a day in which a channel takes nothing, the end of it among them."""
    post.raise_(Kind.STARTED)
    tries = [minute for minute in range(24 * 60) if post.tick(RETRY)]

    attempts = post.ledger.channels["ops"].attempts
    assert len(tries) > ATTEMPTS_MAX == len(attempts) == 50
    assert [one.ended_at for one in attempts] == [START + n * MINUTE for n in tries[-ATTEMPTS_MAX:]]
    assert post.ledger.channels["ops"].last_attempt == attempts[-1]


def test_digests_with_others_never_push_out_the_newest_attempt_of_ones_own(post: Post) -> None:
    """By that all changes know how the channel fares, however many others fail with this one after it."""
    post.raise_(Kind.STARTED)
    post.tick(RETRY)
    post.tick(REFUSED, after=timedelta(hours=1))
    refused, standings = post.ledger.channels["ops"].last_attempt, find_standings([post.ledger])
    while len(post.ledger.channels["ops"].attempts) < ATTEMPTS_MAX:
        post.tick(SHARED)
    for _ in range(ATTEMPTS_MAX):
        post.tick(SHARED)
        attempts = post.ledger.channels["ops"].attempts
        assert len(attempts) == ATTEMPTS_MAX
        assert attempts[-1].is_shared
        assert post.ledger.channels["ops"].last_attempt == refused
        assert find_standings([post.ledger]) == standings


def test_what_somebody_has_told_once_more_is_tried_for_another_day(post: Post) -> None:
    """It counts from when that was asked for; what was raised after that, from when it was raised."""
    post.raise_(Kind.STARTED)
    post.now += GIVEN_UP_AFTER
    resent_at = post.now
    state = replace(post.ledger.channels["ops"], resent_at=resent_at)
    post.ledger = replace(post.ledger, channels={"ops": state})

    assert post.tick(RETRY, after=2 * MINUTE) == [1]
    post.raise_(Kind.STEP_STARTED)
    post.now = resent_at + GIVEN_UP_AFTER - MINUTE
    assert post.tick(RETRY, after=MINUTE) == [1, 2]
    post.plan()
    assert [alert.endings for alert in post.ledger.alerts] == [{"ops": Ending.GIVEN_UP}, {}]
    post.now += 2 * MINUTE
    post.plan()
    assert [alert.endings for alert in post.ledger.alerts] == [{"ops": Ending.GIVEN_UP}] * 2


def test_a_channel_counts_on_while_it_is_absent_for_a_while(post: Post) -> None:
    """It is dropped with all that is known of it, and its sends are then counted anew."""
    post.raise_(Kind.STARTED)
    post.tick(SENT)
    gone = Audience("orders", ())
    absent = enrol(post.ledger, gone, post.now)

    counted = {Outcome.SENT: 1}
    assert absent.channels["ops"].outcome_counts == counted
    assert enrol(absent, post.audience, post.now).channels["ops"].outcome_counts == counted
    dropped = enrol(absent, gone, post.now + DROPPED_AFTER)
    assert enrol(dropped, post.audience, post.now).channels["ops"].outcome_counts == {}


def test_a_claim_not_used_is_released(post: Post) -> None:
    """What was not sent for lack of time is due at the next tick, as if never claimed."""
    post.raise_(Kind.STARTED)

    assert post.tick(None) == [1]
    assert post.ledger.channels["ops"].tries == 0
    assert post.tick(SENT) == [1]


def test_alerts_that_a_channel_does_not_want_are_stepped_over() -> None:
    """An unwanted alert neither goes out nor holds the offset back."""
    post = Post(TROUBLE)
    post.raise_(Kind.STARTED, Kind.STEP_STARTED)

    assert post.plan() == {}
    assert post.ledger.channels["trouble"].offset == 2
    post.raise_(Kind.STEP_COMPLETED, Kind.STEP_FAILED, Kind.COMPLETED)
    assert [alert.kind for alert in post.plan()["trouble"].alerts] == [Kind.STEP_FAILED]
    post.settle(SENT, channel="trouble")
    assert post.ledger.channels["trouble"].offset == 5


def test_quiet_hours_hold_back_what_can_wait_and_let_pass_what_cannot() -> None:
    """An alert that passes takes along what was held."""
    post = Post(Channel(name="ops", quiet=parse_quiet("07:00-09:00")))
    post.raise_(Kind.STARTED)

    assert post.tick(SENT) == []
    post.raise_(Kind.STEP_FAILED)
    assert post.tick(SENT) == [1, 2]
    post.raise_(Kind.STEP_COMPLETED)
    assert post.tick(SENT, after=timedelta(hours=1)) == []
    assert post.tick(SENT) == [3]


@pytest.mark.parametrize("kind", Kind)
def test_what_gets_through_quiet_hours_is_in_the_table(kind: Kind) -> None:
    """Whatever its severity; a reminder does, for it is of what somebody has to do something about."""
    post = Post(Channel(name="ops", quiet=parse_quiet("07:00-09:00")))
    post.raise_(Kind.STEP_STARTED, kind)

    assert post.tick(SENT) == ([1, 2] if kind.traits.passes_quiet_hours else [])


def test_what_was_held_back_over_night_is_one_message_in_the_morning() -> None:
    """Once, with everything, at the first look after the quiet hours; not a minute earlier."""
    post = Post(Channel(name="ops", quiet=parse_quiet("22:00-09:00")))
    for kind in (Kind.STARTED, Kind.STEP_STARTED, Kind.MILESTONE, Kind.STEP_COMPLETED, Kind.COMPLETED):
        post.raise_(kind)
        assert post.tick(SENT, after=timedelta(minutes=11)) == []
    assert post.tick(SENT, after=timedelta(minutes=5)) == []

    assert post.now == START + timedelta(hours=1)
    assert post.tick(SENT) == [1, 2, 3, 4, 5]
    assert post.tick(SENT) == []


def test_a_new_channel_begins_at_the_end_of_the_log(post: Post) -> None:
    """Who comes late is not told the whole story, only what follows."""
    post.raise_(Kind.STARTED)
    post.tick(SENT)
    post.audience = Audience("orders", (OPS, TROUBLE))
    post.ledger = enrol(post.ledger, post.audience, post.now)
    post.raise_(Kind.STALLED)

    assert [alert.number for alert in post.plan()["trouble"].alerts] == [2]


def test_a_channel_gone_from_the_configuration_is_stamped_and_dropped_after_a_day(post: Post) -> None:
    """A mistake in the configuration loses nothing for a day; coming back clears the stamp."""
    post.raise_(Kind.STARTED)
    gone, back = Audience("orders", ()), post.audience
    post.ledger = enrol(post.ledger, gone, START)

    assert post.ledger.channels["ops"].absent_since == START
    assert enrol(post.ledger, gone, START + MINUTE) == post.ledger
    assert enrol(post.ledger, back, START + MINUTE).channels["ops"].absent_since is None
    assert enrol(post.ledger, gone, START + DROPPED_AFTER).channels == {}


def test_coming_and_going_of_a_channel_is_no_news_while_the_change_goes_on(post: Post) -> None:
    """Two configurations with one state must not make each other write; who has heard all is no matter."""
    gone = enrol(post.ledger, Audience("orders", ()), START)
    looked = replace(post.ledger, looked_at=START)

    assert not is_news(looked, replace(gone, looked_at=START), START)
    ended = replace(looked, observation=Observation(Phase.COMPLETED))
    left = replace(gone, observation=Observation(Phase.COMPLETED))
    assert not is_news(ended, left, START)
    assert is_news(replace(ended, length=1), replace(left, length=1), START)


def test_a_dropped_channels_verdict_is_ignored(post: Post) -> None:
    """A settlement for a channel that is no longer there changes nothing."""
    before = post.ledger
    post.settle(SENT, channel="elsewhere")

    assert post.ledger == before


def test_an_ended_change_is_told_when_every_channel_has_heard_all(post: Post) -> None:
    """Only then may it be forgotten."""
    post.ledger = replace(post.ledger, observation=Observation(Phase.COMPLETED))
    post.raise_(Kind.COMPLETED)

    assert not post.ledger.is_told
    post.tick(SENT)
    assert post.ledger.is_told


def test_a_failed_change_that_is_reminded_of_is_heard_but_not_told(post: Post) -> None:
    """There may be more to hear."""
    post.ledger = replace(post.ledger, observation=Observation(Phase.FAILED), is_reminding=True)
    post.raise_(Kind.FAILED)

    assert not post.ledger.is_heard
    post.tick(SENT)
    assert (post.ledger.is_heard, post.ledger.is_told) == (True, False)
    assert replace(post.ledger, is_reminding=False).is_told


def test_only_the_newest_heard_alerts_are_kept(post: Post) -> None:
    """The log forgets from its far end, never what is still to be heard."""
    post.raise_(*[Kind.STEP_STARTED] * 300)
    post.tick(RETRY)
    assert len(post.ledger.alerts) == 300
    post.tick(SENT)

    assert [alert.number for alert in post.ledger.alerts] == list(range(101, 301))
    assert len(post.ledger.alerts) == HEARD_ALERTS_MAX
    post.raise_(*[Kind.STEP_STARTED] * 2000)
    post.tick(RETRY)
    assert len(post.ledger.alerts) == ALERTS_MAX


@given(st.integers(1, 10**6), st.none() | st.floats(0, 10**9))
def test_a_pause_is_never_shorter_than_asked_nor_longer_than_bounded(
    tries: int, retry_after_seconds: float | None
) -> None:
    """From 30 s to 30 min by itself, up to six hours if asked."""
    pause = retry_pause(tries, retry_after_seconds)

    assert RETRY_PAUSE <= pause <= max(RETRY_PAUSE_MAX, RETRY_AFTER_MAX)
    assert pause >= min(timedelta(seconds=retry_after_seconds or 0), RETRY_AFTER_MAX)


verdicts = st.sampled_from([SENT, RETRY, REFUSED, UNKNOWN, SHARED, None])
waits = st.sampled_from([MINUTE, LEASE, timedelta(hours=1), GIVEN_UP_AFTER])
kinds = st.lists(st.sampled_from(Kind), max_size=3)


@given(st.lists(st.tuples(kinds, verdicts, waits, st.booleans()), max_size=30))
def test_every_alert_is_heard_or_ends_visibly(
    script: list[tuple[list[Kind], Verdict | None, timedelta, bool]],
) -> None:
    """No wanted alert just disappears, nothing heard returns, and exactly what was in doubt is marked."""
    post = Post(OPS)
    heard: set[int] = set()
    in_doubt: set[int] = set()
    for raised, verdict, wait, crashes in script:
        post.raise_(*raised)
        delivery = post.plan().get("ops")
        if delivery is not None:
            numbers = {alert.number for alert in delivery.alerts}
            assert not numbers & heard
            assert in_doubt & numbers == {n for n in numbers if n <= delivery.repeat_upto}
            if verdict is SENT and not crashes:
                heard |= numbers
            if verdict in {UNKNOWN, SHARED} or crashes:
                in_doubt |= numbers
            if not crashes:
                post.settle(verdict)
        post.now += wait
    ended = {alert.number for alert in post.ledger.alerts if alert.endings}
    waiting = {alert.number for alert in post.ledger.alerts_after(post.offset)}

    wanted = {alert.number for alert in post.ledger.alerts if OPS.wants(alert, "i/t", "orders")}
    assert (heard | ended | waiting) & wanted == wanted
    assert not heard & waiting
