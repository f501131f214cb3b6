"""What is kept of a change has bounds, whatever the API sends and however long a channel stays deaf."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from msgspec.structs import replace

from handler.core.audience import Audience, enrol
from handler.core.compare import LOST_AFTER, compare
from handler.core.concluding import ATTEMPTS_MAX
from handler.core.delivery import Delivery, plan, settle
from handler.core.document import decode, encode
from handler.core.ledger import Claim, Ledger
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.operation import read_order, read_specification
from handler.core.problem import Missing, Problem, ProblemKind
from handler.core.reading import TimeUnit, read_progress
from handler.core.reminding import remind
from handler.core.rules import Policy
from handler.core.sampling import SAMPLES_MAX
from handler.core.trimming import ALERTS_MAX, trim
from notifiers.alerts import Kind
from notifiers.channel import Channel
from notifiers.verdicts import Outcome, Verdict

START = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
DOCUMENT_BYTES_MAX = 1024 * 1024
POLLS = 500
"""Each raises at least one alert: more than a log keeps, and as many as there are causes remembered."""

WIDE = "\U0001d53e" * 10_000
"""A text far too long, of characters that take four bytes each."""

TIMEOUT = Problem(ProblemKind.TIMEOUT, WIDE, request_id=WIDE)
GONE = Problem(ProblemKind.NOT_FOUND, WIDE, status=404, missing=Missing.TASK)
HASTY = Policy(unreachable_after=timedelta())


class Tale:
    """A change told poll by poll, with channels that listen; what each poll raised is kept."""

    def __init__(self, *channels: str, every: timedelta = MINUTE, policy: Policy | None = None) -> None:
        """Begin at 08:00 with nothing known."""
        self.channels = channels
        self.ledger = Ledger(change="i/t", created_at=START)
        self.raised: list[Kind] = []
        self._now = START
        self._every = every
        self._policy = policy or Policy()

    def poll(self, seen: Observation | Problem, *, verdict: Verdict | None = None) -> tuple[Delivery, ...]:
        """Take in one poll, plan what is due and settle it all alike; what was due."""
        audience = Audience("orders", tuple(Channel(name) for name in self.channels))
        ledger = enrol(self.ledger, audience, self._now)
        length = ledger.length
        ledger = compare(ledger, seen, self._policy, self._now)
        self.raised += [alert.kind for alert in ledger.alerts_after(length)]
        claim = Claim("me", self._now + MINUTE, upto=0, tries=0)
        ledger, deliveries = plan(ledger, audience, self._now, claim)
        verdicts = {delivery.channel: verdict for delivery in deliveries}
        self.ledger = settle(ledger, audience, "me", verdicts, self._now)
        self._now += self._every
        return deliveries


def churned(number: int, percent: int = 60) -> Observation:
    """A poll whose steps have names that no other poll has; that they began anew makes them other steps."""
    states = (StepState.COMPLETED, StepState.FAILED, StepState.RUNNING)
    steps = (
        Step(f"{state.value}-{number}", state, started_at=START + number * MINUTE, ended_at=None)
        for state in states
    )
    return Observation(Phase.RUNNING, percent, steps=tuple(steps))


@pytest.mark.parametrize(("problem", "kind"), [(TIMEOUT, Kind.UNREACHABLE), (GONE, Kind.LOST)])
def test_the_detail_of_an_alert_has_at_most_200_characters(problem: Problem, kind: Kind) -> None:
    """Whatever an answer says, an alert keeps its beginning."""
    tale = Tale(policy=HASTY, every=LOST_AFTER)
    tale.poll(problem)
    tale.poll(problem)

    details = [alert.detail for alert in tale.ledger.alerts if alert.kind is kind]
    assert details == [WIDE[:200]]


def test_steps_that_change_their_names_for_ever_make_nothing_else_said_twice() -> None:
    """What is forgotten of 1,500 steps is the oldest step, never the start, milestones or the end."""
    tale = Tale("ops", every=timedelta(seconds=30), policy=Policy(milestones=(25, 50, 75)))
    told = Verdict(Outcome.SENT)
    for number in range(POLLS):
        # A percentage that swings passes the milestones again and again.
        tale.poll(churned(number, percent=80 if number % 2 else 10), verdict=told)
    tale.poll(Observation(Phase.COMPLETED, 100), verdict=told)
    tale.poll(Observation(Phase.COMPLETED, 100), verdict=told)

    once = [kind for kind in tale.raised if kind.value.partition("_")[0] != "step"]
    assert once == [Kind.STARTED, Kind.MILESTONE, Kind.COMPLETED]
    assert {"started", "milestone:25", "milestone:50", "milestone:75", "completed"} <= {*tale.ledger.raised}
    assert tale.raised.count(Kind.STEP_FAILED) == POLLS


def test_a_step_that_stands_while_others_come_and_go_is_told_once() -> None:
    """What is still listed is not forgotten."""
    tale = Tale("ops", policy=Policy(stalled_after=timedelta(days=9)))
    standing = Step("standing", StepState.RUNNING, started_at=START)
    for number in range(400):
        others = churned(number).steps
        tale.poll(Observation(Phase.RUNNING, 60, steps=(standing, *others)), verdict=Verdict(Outcome.SENT))

    # Of the others each poll begins one.
    assert tale.raised.count(Kind.STEP_STARTED) == 401


def test_the_causes_that_are_remembered_are_bounded() -> None:
    """At most 500, the newest of the steps among them."""
    tale = Tale("ops")
    sizes = []
    for number in range(POLLS):
        tale.poll(churned(number), verdict=Verdict(Outcome.SENT))
        sizes.append(len(tale.ledger.raised))

    assert max(sizes) == 500
    assert tale.poll(churned(POLLS - 1)) == ()
    assert len({*tale.ledger.raised}) == 500


def widest_steps() -> tuple[Step, ...]:
    """The 100 steps that take most room: long names, and states of which the API's own long word is kept."""
    names = [f"{number:03}{WIDE}" for number in range(100)]
    times = {"start_time": 1795507200000, "end_time": 1795507260000}
    entries = [{"name": name, "statue": WIDE, **times} for name in names]
    progress = read_progress({"step_list": entries}, TimeUnit.SECONDS, START)
    assert progress
    return progress.steps


def widest_polls() -> Iterator[Observation | Problem]:
    """Outages by turns with steps that are all new: nearly every poll raises alerts, as long as can be."""
    steps = widest_steps()
    for number in range(POLLS):
        if number % 4 == 0:
            yield TIMEOUT
            continue
        first = steps[0]
        fresh = tuple(
            replace(
                first,
                name=f"{number:05}{place}{first.name[6:]}",
                state=StepState.FAILED,
                status=None,
                started_at=START + number * MINUTE,
            )
            for place in range(2)
        )
        yield Observation(
            Phase.RUNNING, number % 100, 3600, (*fresh, *steps[2:]), date=START + number * MINUTE
        )


def test_the_largest_document_is_below_a_megabyte() -> None:
    """Long names, a hundred steps, and channels that hear nothing for 500 polls, over a day of them."""
    tale = Tale("deaf", every=3 * MINUTE, policy=HASTY)
    tale.ledger = replace(
        tale.ledger,
        order=read_order({"user_name": WIDE, "params": {f"{n}{WIDE}": WIDE for n in range(9)}}),
        specification=read_specification({"specification": WIDE}),
        specification_now=read_specification({"specification": WIDE}),
    )
    sizes = []
    for number, seen in enumerate(widest_polls()):
        tale.poll(seen, verdict=Verdict(Outcome.RETRY, "c" * 40))
        if number % 50 == 0:
            sizes.append(len(encode(tale.ledger, "n")))
    deaf = tale.ledger.channels["deaf"]
    tale.ledger = replace(tale.ledger, channels={f"deaf-{number}": deaf for number in range(20)})
    document = encode(tale.ledger, "n")

    assert len(deaf.attempts) == ATTEMPTS_MAX
    assert tale.ledger.length > POLLS
    assert len(tale.ledger.samples) == SAMPLES_MAX
    assert len(tale.ledger.alerts) < POLLS
    assert max(*sizes, len(document)) < DOCUMENT_BYTES_MAX
    assert decode(document) == tale.ledger


def test_the_oldest_that_is_unheard_goes_only_when_nothing_else_is_left_to_go() -> None:
    """Beside a deaf channel five are reminded, of a stall for three days; then steps come and go."""
    eager = tuple(Channel(f"eager-{number}", remind_every=10 * MINUTE) for number in range(5))
    audience = Audience("orders", (*eager, Channel("deaf")))
    ledger, now = Ledger(change="i/t", created_at=START), START
    seen = Observation(Phase.RUNNING, 40)
    for poll in range(300):
        ledger = enrol(ledger, audience, now)
        ledger = remind(compare(ledger, seen, Policy(), now), audience, now)
        claim = Claim("me", now + MINUTE, upto=0, tries=0)
        ledger, deliveries = plan(ledger, audience, now, claim)
        verdicts = {one.channel: Verdict(Outcome.SENT) for one in deliveries if one.channel != "deaf"}
        ledger = settle(ledger, audience, "me", {"deaf": None, **verdicts}, now)
        now += 10 * MINUTE / 2
        unheard = [alert.kind for alert in ledger.alerts_after(ledger.channels["deaf"].offset)]
        assert len(ledger.alerts) <= ALERTS_MAX
        assert Kind.STARTED in unheard or poll * 5 >= 24 * 60
    told = Policy(stalled_after=timedelta(days=9))
    for number in range(ALERTS_MAX):
        ledger = trim(compare(ledger, churned(number), told, now))
        now += MINUTE

    assert ledger.length > 1000
    assert len(ledger.alerts) == ALERTS_MAX


def test_a_new_channel_begins_at_the_logs_end() -> None:
    """It is not told what happened before it came, and is told all that happens from then on."""
    tale = Tale("old")
    tale.poll(Observation(Phase.RUNNING, 10), verdict=Verdict(Outcome.RETRY))
    length = tale.ledger.length
    tale.channels = ("old", "new")

    assert length > 0
    assert "new" not in {delivery.channel for delivery in tale.poll(Observation(Phase.RUNNING, 11))}
    assert tale.ledger.channels["new"].offset == length
    deliveries = tale.poll(Observation(Phase.RUNNING, 30))
    kinds = {d.channel: [alert.kind for alert in d.alerts] for d in deliveries}
    assert kinds == {"old": [Kind.STARTED, Kind.MILESTONE], "new": [Kind.MILESTONE]}


def test_a_new_channel_hears_what_the_tick_of_its_coming_raises() -> None:
    """The log's end is that before this tick's alerts; of a new change that is the very beginning."""
    tale = Tale("first")

    assert [d.alerts[0].kind for d in tale.poll(Observation(Phase.RUNNING, 10))] == [Kind.STARTED]
    tale.channels = ("first", "second")
    deliveries = {d.channel: d.alerts for d in tale.poll(Observation(Phase.RUNNING, 30))}
    assert [alert.kind for alert in deliveries["second"]] == [Kind.MILESTONE]
