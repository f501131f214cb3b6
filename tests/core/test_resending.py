"""What a channel is told once more, and what that leaves as it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Final, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.audience import Audience, enrol
from handler.core.delivery import GIVEN_UP_AFTER, plan, settle
from handler.core.ledger import Attempt, ChannelState, Claim, Ledger
from handler.core.news import is_news
from handler.core.observation import Observation, Phase
from handler.core.pausing import LAPSED
from handler.core.raising import Cause, raise_alerts
from handler.core.reminding import remind
from handler.core.resending import is_being_told, resend
from notifiers.alerts import Ending, Kind
from notifiers.channel import Channel, parse_kinds, parse_quiet
from notifiers.verdicts import Outcome, Verdict

START: Final = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
MINUTE: Final = timedelta(minutes=1)
LEASE: Final = timedelta(seconds=75)
SENT, RETRY, REFUSED, UNKNOWN = (Verdict(outcome) for outcome in Outcome)
OPS: Final = Channel("ops")
TEAM: Final = Channel("team")


class Post:
    """A ledger with its channels, told tick by tick; no alert is raised unless a test says so."""

    def __init__(self, *channels: Channel) -> None:
        """Begin at 08:00 with an empty log."""
        self.audience = Audience("orders", channels)
        self.now = START
        self.ledger = enrol(Ledger(change="i/t", created_at=START), self.audience, START)

    def raise_(self, *kinds: Kind) -> None:
        """Append alerts to the log."""
        for kind in kinds:
            number = self.ledger.length + 1
            is_reminder = kind is Kind.REMINDER
            cause = Cause(
                f"{kind.value}:{number}",
                kind,
                channel="ops" if is_reminder else None,
                reminds_of=Kind.FAILED if is_reminder else None,
            )
            self.ledger = raise_alerts(self.ledger, [cause], self.now)

    def claim(self) -> dict[str, list[int]]:
        """Plan one tick's deliveries; the numbers by channel."""
        claim = Claim("me", self.now + LEASE, upto=0, tries=0)
        self.ledger, deliveries = plan(self.ledger, self.audience, self.now, claim)
        return {d.channel: [alert.number for alert in d.alerts] for d in deliveries}

    def tick(self, after: timedelta = MINUTE, **verdicts: Verdict | None) -> dict[str, list[int]]:
        """Plan, send and settle; what went out, by channel, and time passes."""
        told = self.claim()
        self.ledger = settle(self.ledger, self.audience, "me", {n: verdicts[n] for n in told}, self.now)
        self.now += after
        return told

    def resend(self, name: str = "ops", *, everything: bool = False) -> tuple[list[int], list[int]]:
        """Have a channel told again; the numbers, and those of them that are marked as perhaps a repeat."""
        self.ledger, owed = resend(self.ledger, self.audience, name, self.now, everything=everything)
        repeats = [alert.number for alert in owed.alerts if alert.number <= owed.repeat_upto]
        assert owed.is_possible_repeat == bool(repeats)
        return [alert.number for alert in owed.alerts], repeats

    def state(self, name: str = "ops") -> ChannelState:
        """How far a channel has heard."""
        return self.ledger.channels[name]

    def ended(self, name: str = "ops") -> dict[int, Ending]:
        """Which alerts have ended on a channel, and how."""
        return {a.number: a.endings[name] for a in self.ledger.alerts if name in a.endings}


@pytest.fixture
def post() -> Post:
    """Two channels that want everything."""
    return Post(OPS, TEAM)


def give_up(post: Post, *kinds: Kind) -> None:
    """Raise alerts that `ops` never takes, for more than a day, and `team` does."""
    post.raise_(*kinds)
    post.tick(GIVEN_UP_AFTER, ops=RETRY, team=SENT)
    post.tick(ops=RETRY, team=SENT)


def test_what_was_given_up_is_told_again_unmarked(post: Post) -> None:
    """It never arrived, for the service has said so each time; once it is sent that is all over."""
    give_up(post, Kind.STARTED, Kind.MILESTONE)
    assert post.ended() == {1: Ending.GIVEN_UP, 2: Ending.GIVEN_UP}

    assert post.resend() == ([1, 2], [])
    assert post.ended() == {}
    assert post.tick(ops=SENT) == {"ops": [1, 2]}
    assert post.tick() == {}
    assert post.state().offset == 2


def test_that_it_is_to_be_told_again_is_known_until_it_is(post: Post) -> None:
    """What was raised since then waits as anything does."""
    give_up(post, Kind.STARTED)
    post.resend()
    post.tick(ops=RETRY)
    waiting = post.state().resent_at
    post.tick(timedelta(hours=1), ops=SENT)
    post.raise_(Kind.MILESTONE)

    assert waiting is not None
    assert post.state().resent_at is None


def test_what_may_have_arrived_is_told_again_and_marked(post: Post) -> None:
    """Two sends were cut off."""
    post.raise_(Kind.STARTED)
    post.tick(timedelta(hours=1), ops=UNKNOWN, team=SENT)
    post.tick(timedelta(hours=1), ops=UNKNOWN)
    assert post.ended() == {1: Ending.UNKNOWN}

    assert post.resend() == ([1], [1])
    assert post.tick(ops=SENT) == {"ops": [1]}
    assert post.ended() == {}


def test_what_was_heard_meanwhile_is_not_told_again(post: Post) -> None:
    """The channel is set back before it, but knows what it has heard; a second set-back knows it too."""
    give_up(post, Kind.STARTED)
    post.raise_(Kind.MILESTONE, Kind.STEP_STARTED)
    post.tick(ops=SENT, team=SENT)

    assert post.resend() == ([1], [])
    assert post.state().heard_beyond == (2, 3)
    assert post.resend() == ([1], [])
    post.raise_(Kind.COMPLETED)
    assert post.tick(ops=SENT, team=SENT) == {"ops": [1, 4], "team": [4]}
    assert post.state().heard_beyond == ()
    assert post.state().offset == 4


def test_what_still_waits_is_told_at_once_however_long_it_was_to_wait(post: Post) -> None:
    """The service refuses, or asks for time; a person who has mended that need not wait an hour for it."""
    post.raise_(Kind.STARTED)
    post.tick(ops=REFUSED, team=SENT)
    assert post.tick(team=SENT) == {"team": [2]}

    assert post.resend() == ([1], [])
    assert post.state().not_before is None
    assert post.state().tries == 0
    assert post.state().refused_since == START


def test_what_was_told_to_all_is_not_touched(post: Post) -> None:
    """There is nothing to tell again, and nothing to be saved."""
    post.raise_(Kind.STARTED)
    post.tick(ops=SENT, team=SENT)
    before = post.ledger

    assert post.resend() == ([], [])
    assert post.ledger is before


def test_everything_is_told_again_as_one_message_of_repeats(post: Post) -> None:
    """If somebody wants that: the whole log, all of it heard before but for what is new."""
    give_up(post, Kind.STARTED)
    post.raise_(Kind.MILESTONE)
    post.tick(ops=SENT, team=SENT)
    post.raise_(Kind.COMPLETED)

    assert post.resend(everything=True) == ([1, 2, 3], [1, 2])
    assert post.tick(ops=SENT, team=SENT) == {"ops": [1, 2, 3], "team": [3]}


def test_everything_is_told_again_of_what_a_set_back_channel_knew_as_heard(post: Post) -> None:
    """As a repeat, too."""
    give_up(post, Kind.STARTED)
    post.raise_(Kind.MILESTONE)
    post.tick(ops=SENT, team=SENT)
    post.resend()

    assert post.resend(everything=True) == ([1, 2], [1, 2])
    assert post.state().heard_beyond == ()


@pytest.mark.parametrize("everything", [False, True])
def test_what_a_channel_does_not_want_it_is_not_told(*, everything: bool) -> None:
    """It may have wanted it when it was raised."""
    post = Post(OPS, TEAM)
    give_up(post, Kind.STARTED, Kind.STALLED)
    post.audience = Audience("orders", (Channel("ops", kinds=parse_kinds(["trouble"])), TEAM))

    assert post.resend(everything=everything) == ([2], [])
    assert post.ended() == {1: Ending.GIVEN_UP}


def test_a_reminder_that_has_ended_is_not_told_again_and_one_that_waits_is(post: Post) -> None:
    """It says for how long something had stood when it was raised."""
    give_up(post, Kind.FAILED, Kind.REMINDER)
    post.raise_(Kind.REMINDER)

    assert post.resend() == ([1, 3], [])
    assert post.ended() == {2: Ending.GIVEN_UP}
    assert post.tick(ops=SENT) == {"ops": [1, 3]}


def test_a_reminder_that_was_heard_is_not_withdrawn_where_the_channel_is_set_back(post: Post) -> None:
    """Nor does a failure that somebody has dismissed keep what was given up before from being told."""
    give_up(post, Kind.FAILED)
    post.raise_(Kind.REMINDER)
    post.tick(ops=SENT)
    post.resend()
    post.ledger = replace(post.ledger, is_dismissed=True, observation=Observation(Phase.FAILED))
    post.ledger = remind(post.ledger, post.audience, post.now)

    assert post.ended() == {}
    assert post.tick(ops=SENT) == {"ops": [1]}


def test_a_lapsed_claim_counts_as_a_send_that_was_cut_off(post: Post) -> None:
    """Else the next tick would count it against what is told again, and end that as unknown."""
    post.raise_(Kind.STARTED)
    post.tick(timedelta(hours=1), ops=UNKNOWN, team=SENT)
    post.claim()
    assert is_being_told(post.state(), post.now)
    assert not is_being_told(post.state("team"), post.now)
    post.now += LEASE
    assert not is_being_told(post.state(), post.now)

    assert post.resend() == ([1], [1])
    assert post.state().last_attempt == Attempt(Outcome.UNKNOWN, post.now, LAPSED, after=0, upto=1)
    assert post.tick(ops=SENT) == {"ops": [1]}


@pytest.mark.parametrize("everything", [False, True])
def test_what_was_in_doubt_before_is_sent_twice_again_before_it_ends(post: Post, *, everything: bool) -> None:
    """Nothing that is told along with it ends earlier than it would have alone."""
    give_up(post, Kind.STARTED)
    post.raise_(Kind.MILESTONE)
    post.tick(timedelta(hours=1), ops=UNKNOWN, team=SENT)
    post.tick(timedelta(hours=1), ops=UNKNOWN)
    assert post.ended() == {1: Ending.GIVEN_UP, 2: Ending.UNKNOWN}

    assert post.resend(everything=everything) == ([1, 2], [1, 2])
    assert post.tick(timedelta(hours=1), ops=UNKNOWN) == {"ops": [1, 2]}
    assert post.ended() == {}
    assert post.tick(timedelta(hours=1), ops=UNKNOWN) == {"ops": [1, 2]}
    assert post.ended() == {1: Ending.UNKNOWN, 2: Ending.UNKNOWN}
    assert post.tick() == {}


@pytest.mark.parametrize("verdict", [Verdict(Outcome.RETRY, "504", may_have_arrived=True), UNKNOWN])
def test_a_send_that_may_have_arrived_since_then_is_a_doubt(post: Post, verdict: Verdict) -> None:
    """Also one of which a gateway could not say what became of it."""
    give_up(post, Kind.STARTED)
    post.resend()
    post.tick(timedelta(hours=1), ops=verdict)
    assert post.ended() == {}
    post.tick(timedelta(hours=1), ops=UNKNOWN)

    assert post.ended() == {1: Ending.UNKNOWN}


@pytest.mark.parametrize("verdict", [UNKNOWN, RETRY, REFUSED])
def test_what_was_heard_for_sure_stays_so_whatever_comes_of_telling_it_again(
    post: Post, verdict: Verdict
) -> None:
    """Only what it has not heard ends in another way."""
    give_up(post, Kind.STARTED)
    post.raise_(Kind.MILESTONE)
    post.tick(ops=SENT, team=SENT)
    assert post.resend(everything=True) == ([1, 2], [1, 2])
    assert post.state().heard_again == (2,)
    while told := post.tick(timedelta(hours=7), ops=verdict, team=SENT):
        assert told.get("ops", [])[:2] in ([], [1, 2])

    assert [*post.ended()] == [1]
    assert post.state().heard_again == ()
    assert post.state().offset == post.ledger.length
    numbers, repeats = post.resend(everything=True)
    assert ({*numbers} >= {1, 2}, 2 in repeats) == (True, True)


def test_what_was_heard_for_sure_stays_so_if_the_channel_is_set_back_once_more(post: Post) -> None:
    """Before it is told."""
    post.raise_(Kind.STARTED)
    post.tick(ops=SENT, team=SENT)
    post.resend(everything=True)
    post.raise_(Kind.MILESTONE)
    assert post.resend() == ([1, 2], [1])
    for _ in range(2):
        post.tick(timedelta(hours=1), ops=UNKNOWN, team=SENT)

    assert post.ended() == {2: Ending.UNKNOWN}


def test_all_before_the_last_alert_that_may_have_been_heard_is_marked(post: Post) -> None:
    """What was given up before it was not heard; it is told up to which number there may be repeats."""
    give_up(post, Kind.STARTED)
    post.raise_(Kind.MILESTONE)
    post.tick(ops=SENT, team=SENT)

    assert post.resend(everything=True) == ([1, 2], [1, 2])


def test_what_is_told_again_has_another_day_before_it_is_given_up(post: Post) -> None:
    """Counted from when somebody said so."""
    give_up(post, Kind.STARTED)
    post.resend()
    post.tick(GIVEN_UP_AFTER - MINUTE, ops=RETRY)
    assert post.ended() == {}
    post.tick(2 * MINUTE, ops=RETRY)

    assert post.tick() == {}
    assert post.ended() == {1: Ending.GIVEN_UP}


def test_quiet_hours_hold_back_what_is_told_again() -> None:
    """As they hold back all else, but for what passes them."""
    post = Post(Channel("ops", quiet=parse_quiet("09:00-10:00")))
    give_up(post, Kind.STARTED)
    post.now = post.now.replace(hour=9, minute=30)
    post.resend()

    assert post.tick(timedelta(hours=1)) == {}
    assert post.tick(ops=SENT) == {"ops": [1]}


def test_a_set_back_is_news_to_be_saved(post: Post) -> None:
    """What is planned after it, too."""
    give_up(post, Kind.STARTED)
    before = post.ledger
    post.resend()

    assert is_news(before, post.ledger, post.now)


# What holds whatever has happened before -------------------------------------------------------------------

KINDS: Final = (Kind.STARTED, Kind.STALLED, Kind.RESUMED, Kind.FAILED, Kind.REMINDER, Kind.COMPLETED)
SHARED: Final = Verdict(Outcome.RETRY, "504", may_have_arrived=True, is_shared=True)
CUT_OFF: Final = Verdict(Outcome.UNKNOWN, LAPSED)
"""Stands for a claim that nobody settles."""

verdicts = st.sampled_from([SENT, RETRY, REFUSED, UNKNOWN, SHARED, CUT_OFF, None])


class Event(NamedTuple):
    """What is raised in a tick, how its sends end, and how long the next one is in coming."""

    kinds: Sequence[Kind]
    of_ops: Verdict | None
    of_team: Verdict | None
    passes: timedelta


class Life(NamedTuple):
    """What came of some ticks: what `ops` has certainly heard, and what it may have."""

    post: Post
    heard: set[int]
    doubtful: set[int]


def live(history: Sequence[Event]) -> Life:
    """Let things happen."""
    post, heard, doubtful = Post(OPS, TEAM), set[int](), set[int]()
    for event in history:
        post.raise_(*event.kinds)
        told = post.claim()
        fates = {"ops": event.of_ops, "team": event.of_team}
        known = {name: fates[name] for name in told if fates[name] is not CUT_OFF}
        post.ledger = settle(post.ledger, post.audience, "me", known, post.now)
        for state in post.ledger.channels.values():
            assert all(number > state.offset for number in (*state.heard_beyond, *state.heard_again))
        numbers = {*told.get("ops", [])}
        heard |= numbers if event.of_ops is SENT else set()
        doubtful |= numbers if event.of_ops in {UNKNOWN, SHARED, CUT_OFF} else set()
        post.now += event.passes
    return Life(post, heard, doubtful)


passing = st.sampled_from([2 * MINUTE, timedelta(hours=1), timedelta(hours=9)])
kinds = st.lists(st.sampled_from(KINDS), max_size=2)
lives = st.lists(st.builds(Event, kinds, verdicts, verdicts, passing), max_size=12).map(live)


@given(lives)
def test_whatever_was_not_heard_for_sure_is_told_again_and_nothing_else(life: Life) -> None:
    """Once: then the channel has heard all, and what it may have heard before was marked."""
    post = life.post
    owed = {alert.number for alert in post.audience.wanted(post.ledger, "ops")}
    log = {
        alert.number
        for alert in post.ledger.alerts
        if alert.kind is not Kind.REMINDER and OPS.wants(alert, "i/t", "orders")
    }
    numbers, repeats = post.resend()

    assert {*numbers} == (log - life.heard) | (owed & {*numbers})
    assert {*repeats} >= life.doubtful & {*numbers}
    assert post.claim().get("ops", []) == numbers
    post.ledger = settle(post.ledger, post.audience, "me", {"ops": SENT}, post.now)
    assert post.state().heard_beyond == ()
    assert post.claim().get("ops", []) == []
    assert post.resend() == ([], [])


@given(lives)
def test_of_everything_that_is_told_again_all_that_may_have_been_heard_is_marked(life: Life) -> None:
    """For each of the two copies may be the one that is read."""
    post = life.post
    numbers, repeats = post.resend(everything=True)

    assert {*numbers} >= life.heard - {a.number for a in post.ledger.alerts if a.kind is Kind.REMINDER}
    assert {*repeats} >= (life.heard | life.doubtful) & {*numbers}
    assert post.claim().get("ops", []) == numbers
    ends = {number for number in post.ended() if number in life.heard}
    for _ in range(4):
        post.ledger = settle(post.ledger, post.audience, "me", {"ops": UNKNOWN}, post.now)
        post.now += timedelta(hours=1)
        post.claim()
    assert {number for number in post.ended() if number in life.heard} == ends
    assert post.state().heard_again == ()


@given(lives, st.booleans())
def test_nothing_but_the_place_of_one_channel_is_changed(life: Life, everything: bool) -> None:  # noqa: FBT001
    """What others have heard, and what has happened, stays; to say it twice changes nothing more."""
    post, before = life.post, life.post.ledger
    others = post.ended("team")
    numbers, _ = post.resend(everything=everything)
    after = post.ledger

    assert numbers or after is before
    assert post.state("team") == before.channels["team"]
    assert post.ended("team") == others
    untouched = replace(after, alerts=(), channels={}), [replace(a, endings={}) for a in after.alerts]
    assert untouched == (
        replace(before, alerts=(), channels={}),
        [replace(alert, endings={}) for alert in before.alerts],
    )
    assert post.resend(everything=everything)[0] == numbers
    assert replace(post.state(), resent_at=None) == replace(after.channels["ops"], resent_at=None)
