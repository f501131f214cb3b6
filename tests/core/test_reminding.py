"""Of what channels are reminded, how often, and when that is over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta, timezone
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.audience import Audience, enrol
from handler.core.compare import compare
from handler.core.delivery import Delivery, plan, settle
from handler.core.ledger import Attempt, Claim, Ledger
from handler.core.news import is_news
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import Problem, ProblemKind
from handler.core.raising import Cause, raise_alerts
from handler.core.reminding import REMINDED_FOR, remind
from handler.core.rules import Policy
from handler.core.trimming import ALERTS_MAX, HEARD_ALERTS_MAX
from notifiers.alerts import Alert, Ending, Kind, Severity
from notifiers.channel import Channel, parse_kinds
from notifiers.verdicts import Outcome, Verdict

START: Final = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
POLICY: Final = Policy()
OPS: Final = Channel("ops", remind_every=HOUR)
BOSS: Final = Channel("boss", remind_every=4 * HOUR)
QUIETER: Final = Channel("quieter")
SENT, RETRY = Verdict(Outcome.SENT), Verdict(Outcome.RETRY)
BLIND: Final = Problem(ProblemKind.TIMEOUT, "No answer in time.")

Told = list[tuple[str, Kind | None]]
"""Reminders that went out: to whom, and of what."""


def seen(phase: Phase, *states: StepState, percent: int = 40) -> Observation:
    """A poll that saw steps called a, b, c in these states."""
    steps = tuple(Step(name, state) for name, state in zip("abc", states, strict=False))
    return Observation(phase, percent, steps=steps)


RUNNING: Final = seen(Phase.RUNNING, StepState.RUNNING)
STEP_FAILED: Final = seen(Phase.RUNNING, StepState.FAILED, StepState.WAITING)
FAILED: Final = seen(Phase.FAILED, StepState.FAILED, StepState.WAITING)
LOST: Final = replace(RUNNING, phase=Phase.LOST)
GONE_ON: Final = seen(Phase.RUNNING, StepState.COMPLETED, StepState.RUNNING, percent=60)


class Vigil:
    """One change and its channels, looked at whenever a test says so."""

    def __init__(self, *channels: Channel) -> None:
        """Begin at 08:00 with a change that nobody has seen."""
        self.audience = Audience("orders", channels)
        self.now = START
        self.before = self.ledger = Ledger(change="i/t", created_at=START)

    def configure(self, *channels: Channel) -> None:
        """Put other channels into the configuration."""
        self.audience = Audience("orders", channels)

    def look(
        self,
        poll: Observation | Problem | None = None,
        *,
        deaf: Collection[str] = (),
        after: timedelta = MINUTE,
    ) -> Told:
        """See this, and tell all but the deaf, who fail; the reminders that were heard, and time passes."""
        self.before = self.ledger
        ledger = enrol(self.ledger, self.audience, self.now)
        if poll is not None:
            ledger = compare(ledger, poll, POLICY, self.now)
        ledger = remind(ledger, self.audience, self.now)
        ledger, deliveries = plan(
            ledger, self.audience, self.now, Claim("me", self.now + HOUR, upto=0, tries=0)
        )
        for delivery in deliveries:
            verdict = RETRY if delivery.channel in deaf else SENT
            ledger = settle(ledger, self.audience, "me", {delivery.channel: verdict}, self.now)
        self.ledger = ledger
        self.now += after
        return [
            told for delivery in deliveries if delivery.channel not in deaf for told in _reminders(delivery)
        ]

    def wait(self, minutes: int, poll: Observation | Problem | None = None) -> dict[int, Told]:
        """Look once a minute; the minutes of the reminders, counted from 1."""
        told = {minute: self.look(poll) for minute in range(1, minutes + 1)}
        return {minute: reminders for minute, reminders in told.items() if reminders}

    @property
    def reminders(self) -> list[Alert]:
        """Those that the log knows."""
        return [alert for alert in self.ledger.alerts if alert.kind is Kind.REMINDER]


def _reminders(delivery: Delivery) -> Told:
    return [(delivery.channel, alert.reminds_of) for alert in delivery.alerts if alert.kind is Kind.REMINDER]


def stalled(*channels: Channel) -> Vigil:
    """A change that has stood still for half an hour, which was told a minute ago."""
    vigil = Vigil(*channels)
    vigil.look(RUNNING, after=POLICY.stalled_after)
    vigil.look(RUNNING)
    return vigil


def standing(poll: Observation, *channels: Channel) -> Vigil:
    """A change of which this was seen and told a minute ago."""
    vigil = Vigil(*channels)
    vigil.look(RUNNING)
    vigil.look(poll)
    return vigil


@pytest.mark.parametrize(
    ("poll", "kind", "step"),
    [
        (STEP_FAILED, Kind.STEP_FAILED, "a"),
        (FAILED, Kind.FAILED, "a"),
        (seen(Phase.FAILED), Kind.FAILED, None),
        (LOST, Kind.LOST, None),
    ],
)
def test_of_a_failure_that_stands_one_is_reminded(poll: Observation, kind: Kind, step: str | None) -> None:
    """Each hour, with how long it has stood since it was told, and as grave as it is."""
    vigil = standing(poll, OPS)

    assert vigil.wait(130, poll) == {60: [("ops", kind)], 120: [("ops", kind)]}
    first, second = vigil.reminders
    assert (first.channel, first.step, first.severity) == ("ops", step, Severity.FAILURE)
    assert (first.seconds, second.seconds) == (3600, 7200)


def test_of_a_stall_that_stands_one_is_reminded() -> None:
    """Each hour since it was told, with how long the change has stood still."""
    vigil = stalled(OPS)

    assert vigil.wait(130, RUNNING) == {60: [("ops", Kind.STALLED)], 120: [("ops", Kind.STALLED)]}
    assert [(one.seconds, one.step, one.severity) for one in vigil.reminders] == [
        (90 * 60, None, Severity.WARNING),
        (150 * 60, None, Severity.WARNING),
    ]


@pytest.mark.parametrize(
    "poll",
    [
        GONE_ON,
        seen(Phase.COMPLETED, StepState.COMPLETED, percent=100),
        seen(Phase.CANCELLED, StepState.RUNNING),
        seen(Phase.WAITING, StepState.RUNNING, percent=41),
    ],
)
def test_a_stall_that_is_over_is_none_to_remind_of(poll: Observation) -> None:
    """Whatever put an end to it."""
    vigil = stalled(OPS)
    vigil.look(poll)

    assert vigil.wait(29, poll) == {}
    assert vigil.ledger.is_told is poll.phase.is_end


def test_a_stall_after_another_is_one_of_its_own() -> None:
    """Its hour begins when it is told."""
    vigil = stalled(OPS)
    vigil.wait(60, RUNNING)
    vigil.look(GONE_ON, after=POLICY.stalled_after)
    vigil.look(GONE_ON)

    assert vigil.wait(70, GONE_ON) == {60: [("ops", Kind.STALLED)]}
    assert vigil.reminders[-1].seconds == 90 * 60


@pytest.mark.parametrize("state", [StepState.RUNNING, StepState.COMPLETED])
def test_a_step_that_did_not_stay_failed_is_none_to_remind_of(state: StepState) -> None:
    """Somebody has repeated it."""
    vigil = standing(STEP_FAILED, OPS)
    vigil.look(seen(Phase.RUNNING, state, percent=41), after=timedelta())

    assert vigil.wait(29, seen(Phase.RUNNING, state, percent=41)) == {}


@pytest.mark.parametrize("phase", [Phase.COMPLETED, Phase.CANCELLED])
def test_of_a_failed_step_in_a_change_that_has_ended_well_nobody_is_reminded(phase: Phase) -> None:
    """The end says more."""
    vigil = standing(STEP_FAILED, OPS)
    vigil.look(replace(STEP_FAILED, phase=phase))

    assert vigil.wait(70) == {}
    assert vigil.ledger.is_told


@pytest.mark.parametrize("make", [stalled, lambda *channels: standing(STEP_FAILED, *channels)])
def test_while_nobody_can_see_the_change_nobody_says_that_something_stands(make: type[Vigil]) -> None:
    """With the first good look it is said, if it does."""
    vigil = make(OPS)
    last = replace(vigil.ledger.observation or RUNNING, date=None)

    assert vigil.wait(80, BLIND) == {}
    assert [channel for channel, _ in vigil.look(last)] == ["ops"]


def test_of_a_failure_one_is_reminded_although_the_api_is_not_asked() -> None:
    """It has ended; there is nothing left to see."""
    assert standing(FAILED, OPS).wait(70) == {60: [("ops", Kind.FAILED)]}


def test_only_of_the_gravest_of_several_matters_one_is_reminded() -> None:
    """A stall goes without saying where a step has failed, and that where the change has."""
    vigil = standing(STEP_FAILED, OPS)
    vigil.wait(30, STEP_FAILED)

    assert Kind.STALLED in [alert.kind for alert in vigil.ledger.alerts]
    assert vigil.wait(90, STEP_FAILED) == {30: [("ops", Kind.STEP_FAILED)], 90: [("ops", Kind.STEP_FAILED)]}
    vigil.look(FAILED)
    assert vigil.wait(120) == {60: [("ops", Kind.FAILED)], 120: [("ops", Kind.FAILED)]}


def test_a_channel_is_reminded_of_the_gravest_that_it_wants_to_hear_of() -> None:
    """Who has never heard of the step would not understand."""
    vigil = standing(STEP_FAILED, replace(OPS, kinds=parse_kinds(["stalled", "reminder"])))

    assert vigil.wait(100, STEP_FAILED) == {90: [("ops", Kind.STALLED)]}


def test_the_step_that_failed_last_is_named() -> None:
    """Of several that stand one is enough; when it goes on, the other still stands."""
    vigil = standing(STEP_FAILED, OPS)
    both = seen(Phase.RUNNING, StepState.FAILED, StepState.FAILED)
    vigil.wait(10, both)
    vigil.wait(60, both)
    vigil.wait(60, seen(Phase.RUNNING, StepState.FAILED, StepState.RUNNING))

    assert [(one.step, one.seconds) for one in vigil.reminders] == [("b", 3600), ("a", 7260)]


def test_of_many_steps_it_is_enough_that_some_have_failed() -> None:
    """Only their number is kept, and told."""
    steps = tuple(Step(f"s{n}", StepState.FAILED if n < 3 else StepState.WAITING) for n in range(150))
    poll = Observation(Phase.RUNNING, 40, steps=steps)
    vigil = standing(poll, OPS)

    assert vigil.wait(70, poll) == {60: [("ops", Kind.STEP_FAILED)]}


def test_a_step_that_only_changed_its_name_still_stands() -> None:
    """The log knows it by its old name."""
    vigil = standing(STEP_FAILED, OPS)
    renamed = replace(STEP_FAILED, steps=(Step("z", StepState.FAILED), *STEP_FAILED.steps[1:]))

    assert vigil.wait(70, renamed) == {60: [("ops", Kind.STEP_FAILED)]}
    assert [(one.step, one.seconds) for one in vigil.reminders] == [("z", 3600)]


@pytest.mark.parametrize(
    "channel",
    [
        replace(OPS, remind_every=None),
        replace(OPS, kinds=frozenset(Kind) - {Kind.REMINDER}),
        replace(OPS, kinds=frozenset(Kind) - {Kind.STALLED}),
        replace(OPS, min_severity=Severity.FAILURE),
        replace(OPS, changes=("payments",)),
    ],
)
def test_who_does_not_want_reminders_has_none(channel: Channel) -> None:
    """Nor is one written down for them."""
    vigil = stalled(channel)

    assert vigil.wait(130, RUNNING) == {}
    assert vigil.reminders == []


def test_each_channel_is_reminded_by_its_own_period() -> None:
    """And no channel hears another's."""
    vigil = standing(FAILED, OPS, BOSS, QUIETER)
    told = vigil.wait(5 * 60)

    assert told == {
        60: [("ops", Kind.FAILED)],
        120: [("ops", Kind.FAILED)],
        180: [("ops", Kind.FAILED)],
        240: [("ops", Kind.FAILED), ("boss", Kind.FAILED)],
        300: [("ops", Kind.FAILED)],
    }


def test_for_a_channel_that_is_down_no_reminders_pile_up() -> None:
    """One is waiting there, and the next comes an hour after that is heard, but for a minute."""
    vigil = standing(FAILED, OPS)
    for _ in range(5):
        assert vigil.look(deaf=["ops"], after=HOUR) == []

    assert len(vigil.reminders) == 1
    assert vigil.look() == [("ops", Kind.FAILED)]
    assert vigil.wait(130) == {59: [("ops", Kind.FAILED)], 119: [("ops", Kind.FAILED)]}


def test_who_is_set_back_and_has_heard_of_a_failure_is_reminded_of_it() -> None:
    """What it has not heard lies before that, and waits yet."""
    vigil = standing(FAILED, OPS)
    state = vigil.ledger.channels["ops"]
    beyond = tuple(range(2, state.offset + 1))
    set_back = replace(state, offset=0, heard_beyond=beyond)
    vigil.ledger = replace(vigil.ledger, channels={"ops": set_back})
    for _ in range(62):
        vigil.look(FAILED, deaf=["ops"])

    (reminder,) = vigil.reminders
    assert reminder.raised_at == START + HOUR + MINUTE


def test_who_has_not_heard_of_a_failure_is_not_reminded_of_it() -> None:
    """The failure itself is due first."""
    vigil = Vigil(OPS)
    vigil.look(FAILED, deaf=["ops"], after=2 * HOUR)

    assert vigil.look() == []
    assert vigil.wait(70) == {59: [("ops", Kind.FAILED)]}


def test_what_else_a_channel_hears_puts_no_reminder_off() -> None:
    """A change in which a step has failed may have a lot to tell of the others."""
    vigil = standing(STEP_FAILED, OPS)
    vigil.wait(50, STEP_FAILED)
    vigil.look(seen(Phase.RUNNING, StepState.FAILED, StepState.RUNNING, percent=80))

    assert vigil.ledger.channels["ops"].offset == vigil.ledger.length
    assert list(vigil.wait(20)) == [9]


def test_a_gap_in_the_watch_puts_no_reminder_off_and_brings_none_forward() -> None:
    """What stands after it as before is reminded of beside it, if it is time to."""
    vigil = stalled(OPS)
    vigil.now += 30 * MINUTE

    assert vigil.look(RUNNING) == []
    assert vigil.ledger.alerts[-1].kind is Kind.UNWATCHED
    vigil.now += 3 * HOUR
    assert vigil.look(RUNNING) == [("ops", Kind.STALLED)]
    assert [alert.kind for alert in vigil.ledger.alerts[-2:]] == [Kind.UNWATCHED, Kind.REMINDER]
    assert vigil.wait(59, RUNNING) == {}
    assert vigil.look(RUNNING) == [("ops", Kind.STALLED)]


def test_of_a_failure_one_is_reminded_for_a_day() -> None:
    """The last reminder comes an hour before; then the change is told for good."""
    vigil = Vigil(OPS)
    vigil.look(FAILED)
    told = vigil.wait(24 * 60 - 1)

    assert list(told) == [60 * hour for hour in range(1, 24)]
    assert (vigil.ledger.is_reminding, vigil.ledger.is_heard, vigil.ledger.is_told) == (True, True, False)
    assert vigil.look() == []
    assert (vigil.ledger.is_reminding, vigil.ledger.is_told) == (False, True)
    assert vigil.wait(48 * 60) == {}


def test_while_a_failed_step_or_a_stall_stands_there_is_no_last_reminder() -> None:
    """The change is under way: somebody has to do something."""
    vigil = stalled(Channel("ops", remind_every=timedelta(hours=12)))

    assert list(vigil.wait(49 * 60, RUNNING)) == [12 * 60, 24 * 60, 36 * 60, 48 * 60]


@pytest.mark.parametrize("poll", [FAILED, LOST])
def test_a_failed_change_that_is_dropped_is_no_longer_reminded_of(poll: Observation) -> None:
    """Somebody has seen it; a change that goes on although it is dropped is in the configuration."""
    vigil = standing(poll, OPS)
    vigil.ledger = replace(vigil.ledger, is_dismissed=True)

    assert vigil.wait(70) == {}
    assert vigil.ledger.is_told
    going_on = stalled(OPS)
    going_on.ledger = replace(going_on.ledger, is_dismissed=True)
    assert going_on.wait(70, RUNNING) == {60: [("ops", Kind.STALLED)]}


@pytest.mark.parametrize("phase", Phase)
def test_only_after_a_failure_one_goes_on_reminding(phase: Phase) -> None:
    """A change that ended otherwise is told once all have heard it; one that goes on is not told anyway."""
    vigil = Vigil(OPS)
    vigil.look(seen(phase))

    is_failure = phase in {Phase.FAILED, Phase.LOST}
    assert vigil.ledger.is_reminding is is_failure
    assert vigil.ledger.is_told is (phase.is_end and not is_failure)


def test_without_a_wish_for_reminders_a_failure_is_told_as_ever() -> None:
    """A channel that is reminded of others does not count."""
    vigil = Vigil(QUIETER, replace(OPS, changes=("payments",)), replace(BOSS, kinds=parse_kinds(["stalled"])))
    vigil.look(FAILED)

    assert not vigil.ledger.is_reminding
    assert vigil.ledger.is_told


def test_a_look_between_two_reminders_is_no_news() -> None:
    """Nothing has to be written; that the reminders are over has."""
    vigil = standing(FAILED, OPS)
    for _ in range(58):
        vigil.look()
        assert not is_news(vigil.before, vigil.ledger, vigil.now)
    vigil.now += REMINDED_FOR
    vigil.look()
    assert is_news(vigil.before, vigil.ledger, vigil.now)


def test_a_wish_for_reminders_may_come_and_go() -> None:
    """The configuration of the moment says who is reminded; the change is kept in mind for its day."""
    vigil = standing(FAILED, QUIETER)
    vigil.now += HOUR
    vigil.configure(replace(QUIETER, remind_every=HOUR))

    assert vigil.look() == [("quieter", Kind.FAILED)]
    assert vigil.ledger.is_reminding
    vigil.configure(QUIETER)
    assert vigil.wait(23 * 60 - 3) == {}
    assert vigil.ledger.is_reminding
    vigil.wait(2)
    assert vigil.ledger.is_told


@pytest.mark.parametrize(
    "other", [QUIETER, replace(OPS, remind_every=None), replace(OPS, remind_every=4 * HOUR)]
)
def test_two_configurations_with_one_state_do_not_write_by_turns(other: Channel) -> None:
    """Whether they call a channel alike or not: but for the reminders there is nothing new."""
    vigil = standing(FAILED, OPS)
    vigil.configure(other)
    vigil.look()
    writes = 0
    for minute in range(50):
        vigil.configure(OPS if minute % 2 else other)
        assert vigil.look() == []
        writes += is_news(vigil.before, vigil.ledger, vigil.now)

    assert writes == 0
    assert vigil.ledger.is_reminding


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_what_the_log_has_forgotten_is_told_by_the_reminders(kept: int) -> None:
    """They say for how long it has stood; without any the log's age is all that is known."""
    vigil = standing(FAILED, OPS)
    vigil.wait(kept * 60)
    vigil.ledger = raise_alerts(vigil.ledger, [Cause("delayed", Kind.DELAYED)], vigil.now - MINUTE)
    forgotten = vigil.reminders[0].number - 1 if kept else vigil.ledger.length - 1
    vigil.ledger = replace(vigil.ledger, alerts=vigil.ledger.alerts_after(forgotten))

    told = vigil.wait(25 * 60)

    # The one that lasts a minute longer was made of what is known without any alert of the failure.
    last = 24 * 60 - 1 - 60 * kept
    assert min(told) == 60
    assert all(minute <= last + (kept == 0) * 2 for minute in told)
    assert vigil.reminders[-1].seconds == 3600 * 23
    assert vigil.ledger.is_told


@pytest.mark.parametrize("poll", [FAILED, STEP_FAILED])
def test_a_log_without_alerts_tells_nothing(poll: Observation) -> None:
    """Nobody knows since when what stands there stands."""
    ledger = replace(standing(poll, OPS).ledger, alerts=())

    assert remind(ledger, Audience("orders", (OPS,)), START + 5 * HOUR) == replace(ledger, is_reminding=False)


@pytest.mark.parametrize("count", [2, 3, 5])
@pytest.mark.parametrize("hours", [14, 22])
def test_reminders_of_others_push_nothing_out_that_a_channel_has_not_heard(count: int, hours: int) -> None:
    """Who comes back within a day hears of the failure, however many are reminded of it every ten minutes."""
    eager = [Channel(f"eager-{number}", remind_every=10 * MINUTE) for number in range(count)]
    vigil = Vigil(*eager, Channel("pager"))
    vigil.look(FAILED, deaf=["pager"])
    for _ in range(hours * 12):
        vigil.look(deaf=["pager"], after=5 * MINUTE)
        assert len(vigil.ledger.alerts) <= ALERTS_MAX
    before = vigil.ledger.alerts_after(vigil.ledger.channels["pager"].offset)
    vigil.now += HOUR
    vigil.look()

    assert vigil.ledger.length >= count * hours * 6 - count
    assert {Kind.STEP_FAILED, Kind.FAILED} <= {alert.kind for alert in before}
    last = Attempt(Outcome.SENT, vigil.now - MINUTE, upto=vigil.ledger.length)
    assert vigil.ledger.channels["pager"].last_attempt == last
    assert all(alert.endings == {} for alert in vigil.ledger.alerts)


@pytest.mark.parametrize("make", [stalled, lambda *channels: standing(FAILED, *channels)])
def test_reminders_push_out_nothing_that_has_happened(make: type[Vigil]) -> None:
    """Of their causes only the latest is known, of the alerts only the reminders may be forgotten."""
    channels = [Channel(name, remind_every=timedelta(minutes=10)) for name in ("ops", "boss", "team")]
    vigil = make(*channels)
    poll = RUNNING if vigil.ledger.phase is Phase.RUNNING else None
    happened = [alert for alert in vigil.ledger.alerts if alert.kind is not Kind.REMINDER]
    told = vigil.wait(24 * 60, poll)

    assert sum(map(len, told.values())) >= 3 * 143
    assert len(vigil.ledger.alerts) <= HEARD_ALERTS_MAX
    assert vigil.ledger.alerts[: len(happened)] == tuple(happened)
    assert {one.channel for one in vigil.reminders} == {"ops", "boss", "team"}
    assert [key for key in vigil.ledger.raised if key.startswith("reminder:")] == [vigil.reminders[-1].cause]


@pytest.mark.parametrize("poll", [FAILED, LOST])
def test_a_reminder_that_is_still_waiting_when_the_change_is_dropped_is_withdrawn(poll: Observation) -> None:
    """What else the channel has not heard it hears yet."""
    vigil = standing(poll, OPS, QUIETER)
    vigil.look(deaf=["ops"], after=HOUR)
    vigil.look(deaf=["ops"], after=HOUR)
    vigil.ledger = raise_alerts(vigil.ledger, [Cause("delayed", Kind.DELAYED)], vigil.now)
    vigil.ledger = replace(vigil.ledger, is_dismissed=True)
    assert [one.endings for one in vigil.reminders] == [{}]

    assert vigil.look() == []
    assert [one.endings for one in vigil.reminders] == [{"ops": Ending.GIVEN_UP}]
    length = vigil.ledger.length
    last = Attempt(Outcome.SENT, vigil.now - MINUTE, after=length - 1, upto=length)
    assert vigil.ledger.channels["ops"].last_attempt == last
    assert vigil.ledger.is_told
    assert vigil.wait(70) == {}


def test_a_reminder_that_is_just_being_sent_is_not_withdrawn() -> None:
    """Its sender says how that goes; if nobody does, it is withdrawn after all."""
    vigil = standing(FAILED, OPS)
    vigil.now += HOUR
    claim = Claim("other", vigil.now + MINUTE, upto=0, tries=0)
    ledger, _ = plan(remind(vigil.ledger, vigil.audience, vigil.now), vigil.audience, vigil.now, claim)
    vigil.ledger = replace(ledger, is_dismissed=True)

    vigil.look()
    assert [one.endings for one in vigil.reminders] == [{}]
    vigil.look()
    assert [one.endings for one in vigil.reminders] == [{"ops": Ending.GIVEN_UP}]
    assert vigil.ledger.is_told


POLLS: Final = st.sampled_from([RUNNING, STEP_FAILED, GONE_ON, FAILED, LOST, BLIND, None])
WAITS: Final = st.sampled_from([MINUTE, 9 * MINUTE, 31 * MINUTE, HOUR, 5 * HOUR, 23 * HOUR])
CHANNELS: Final = (Channel("ops", remind_every=10 * MINUTE), BOSS, QUIETER)
PERIODS: Final = {"ops": 10 * MINUTE, "boss": 4 * HOUR}


@given(st.lists(st.tuples(POLLS, WAITS, st.sets(st.sampled_from(["ops", "boss"]))), max_size=30))
def test_reminders_are_as_seldom_as_wanted_and_only_of_what_stands(
    script: list[tuple[Observation | Problem | None, timedelta, set[str]]],
) -> None:
    """Whatever happens: each after its period, to who has heard what came before, of what can be seen."""
    vigil = Vigil(*CHANNELS)
    for poll, wait, deaf in script:
        now, offsets = vigil.now, {name: state.offset for name, state in vigil.ledger.channels.items()}
        earlier = vigil.ledger.alerts
        vigil.look(poll, deaf=deaf, after=wait)
        for reminder in vigil.ledger.alerts_after(earlier[-1].number if earlier else 0):
            if reminder.kind is not Kind.REMINDER:
                continue
            name = reminder.channel or ""
            told = [one for one in earlier if one.kind is reminder.reminds_of or one.channel == name]
            assert told
            assert now - told[-1].raised_at >= PERIODS[name]
            assert told[-1].number <= offsets[name]
            assert _stands(vigil.ledger, reminder, now)
        is_reminding = any(_stands(vigil.ledger, one, now) for one in vigil.ledger.alerts if _fails(one))
        assert vigil.ledger.is_reminding is (is_reminding and vigil.ledger.phase.is_end)


def _fails(alert: Alert) -> bool:
    return alert.kind in {Kind.FAILED, Kind.LOST}


def _stands(ledger: Ledger, alert: Alert, now: datetime) -> bool:
    kind = alert.reminds_of or alert.kind
    if _fails(replace(alert, kind=kind)):
        first = next(one for one in ledger.alerts if one.kind is kind)
        return ledger.phase.value == kind.value and now - first.raised_at < REMINDED_FOR
    step = ledger.observation.steps[0].state if ledger.observation else None
    is_running = ledger.phase is Phase.RUNNING and ledger.outage is None
    if kind is Kind.STEP_FAILED:
        return is_running and step is StepState.FAILED
    has_moved = ledger.moved_at is None or now - ledger.moved_at < POLICY.stalled_after
    return is_running and kind is Kind.STALLED and not has_moved
