"""Sending: what would be a flood goes as one digest, and its outcome is shared as it should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import chain
from threading import Event
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.clock import Deadline
from handler.core.change import ChangeId
from handler.core.document import decode
from handler.core.ledger import Attempt, ChannelState, Ledger
from handler.core.observation import Phase, Step, StepState
from handler.core.problem import Problem
from handler.core.progress import Progress, Task
from handler.core.rules import Policy
from handler.core.watch import Watch
from handler.invocation import Invocation, Setting
from handler.sending import Dispatch, Sending
from handler.situation import Links
from handler.stores.ledgers import Ledgers, Recalled
from notifiers.alerts import Alert, Kind
from notifiers.channel import Channel
from notifiers.dispatch import Limits, Parcel, Sent, dispatch
from notifiers.gathering import DIGEST_ABOVE
from notifiers.messages import Content, Digest, Link, Place, Situation, compose
from notifiers.verdicts import Outcome, Reply, Verdict, judge, judge_smtp
from tests.fakes.clock import START, FakeClock
from tests.fakes.memory_store import MemoryStore
from tests.fakes.scripted_source import ScriptedSource

LINKS: Final = (Link(Place.CONSOLE, "https://console"),)
CHANNELS: Final = {
    "ops": Channel("ops"),
    "team": Channel("team"),
    "pager": Channel("pager", is_incident=True),
}
SENT, UNKNOWN = Verdict(Outcome.SENT), Verdict(Outcome.UNKNOWN, "timeout")
REFUSED, TOO_LARGE = Verdict(Outcome.REFUSED, "401"), Verdict(Outcome.REFUSED, "413")
DOWN, LATER = Verdict(Outcome.RETRY, "503"), Verdict(Outcome.RETRY, "429", retry_after_seconds=60.0)
PERHAPS: Final = Verdict(Outcome.RETRY, "504", may_have_arrived=True)

verdicts = st.one_of(
    st.none(),
    st.builds(
        judge,
        st.sampled_from(["slack", "wecombot", "json"]),
        st.builds(
            Reply,
            st.sampled_from([200, 204, 301, 400, 401, 404, 408, 413, 422, 429, 500, 502, 503, 504, 600]),
            st.sampled_from([None, "30"]),
            body=st.sampled_from(
                [b"", b"ok", b'{"errcode": 0}', b'{"errcode": 40058}', b'{"errcode": 45009}']
            ),
        ),
    ),
    st.builds(judge_smtp, st.sampled_from([250, 421, 450, 535, 550, 552, 554, 0])),
    st.just(UNKNOWN),
)
"""What can become of a send."""


def parcel(number: int, channel: str = "ops", kind: Kind = Kind.STARTED) -> Parcel:
    """What a channel is to hear of a change."""
    alert = Alert(1, kind, kind.value, START)
    situation = Situation(f"i/t{number}", f"n{number:03}", "running")
    return Parcel(channel, compose([alert], situation, 0))


def parcels(count: int, channel: str = "ops") -> list[Parcel]:
    """So many of them."""
    return [parcel(number, channel) for number in range(count)]


def of_each_severity(channel: str) -> list[Parcel]:
    """What a channel is to hear of changes that fare differently, the worst last."""
    kinds = (Kind.STARTED, Kind.COMPLETED, Kind.STALLED, Kind.FAILED)
    return [parcel(number, channel, kind) for number, kind in enumerate(kinds)]


class Post:
    """Sends as a test says, by channel and number of messages in one; `batches` is what was sent together."""

    def __init__(self, answer: Callable[[Parcel], Verdict | None] = lambda _: SENT) -> None:
        """Take what becomes of each."""
        self.batches: list[list[Parcel]] = []
        self._answer = answer

    def __call__(self, batch: Sequence[Parcel]) -> Iterable[Sent]:
        """See `Dispatch`."""
        self.batches.append(list(batch))
        return ((one, self._answer(one)) for one in batch)

    @property
    def sizes(self) -> list[list[int]]:
        """How many messages each send held, batch by batch."""
        return [[len(one.message.messages) for one in batch] for batch in self.batches]


def digests_get(verdict: Verdict | None, others: Verdict = SENT) -> Post:
    """A post that answers digests like this, and all else like that."""
    return Post(lambda one: verdict if isinstance(one.message, Digest) else others)


def fresh(*all_parcels: Sequence[Parcel]) -> dict[Parcel, int]:
    """Parcels that are tried for the first time."""
    return {one: 1 for batch in all_parcels for one in batch}


def sent(tries: Mapping[Parcel, int], post: Dispatch) -> dict[Parcel, Verdict | None]:
    """What has become of each."""
    return dict(Sending(CHANNELS.values(), LINKS, post).send(tries))


# When one digest takes the place of many messages -----------------------------------------------------------


def test_five_messages_go_one_by_one_and_six_as_a_digest() -> None:
    """That is what a flood is, for each channel by itself."""
    post = Post()
    few, many = parcels(DIGEST_ABOVE, "team"), parcels(DIGEST_ABOVE + 1, "ops")
    outcome = sent(fresh(few, many), post)

    assert sorted(post.sizes[0]) == [1, 1, 1, 1, 1, 6]
    assert outcome == dict.fromkeys([*few, *many], SENT)


def test_a_digest_leads_to_all_changes() -> None:
    """Its links are those of the whole."""
    post = Post()
    sent(fresh(parcels(6)), post)

    (digest,) = post.batches[0]
    assert isinstance(digest.message, Digest)
    assert digest.message.links == LINKS


def test_incidents_are_never_gathered() -> None:
    """Each change opens one of its own."""
    post = Post()
    sent(fresh(parcels(20, "pager")), post)

    assert post.sizes == [[1] * 20]


def test_nothing_to_send_reaches_nobody() -> None:
    """Most invocations have nothing to tell."""
    post = Post()

    assert sent({}, post) == {}
    assert post.batches == []


# How the outcome of a digest is shared ----------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [SENT, UNKNOWN, PERHAPS])
def test_what_may_have_been_heard_holds_for_each_change_in_it(verdict: Verdict) -> None:
    """Else one of them might be told twice without a mark."""
    many = parcels(8)

    heard = sent(fresh(many), digests_get(verdict))

    # That it failed counts for one of them only.
    shared = (
        verdict if verdict.outcome in {Outcome.SENT, Outcome.UNKNOWN} else replace(verdict, is_shared=True)
    )
    assert heard == {**dict.fromkeys(many, shared), many[0]: verdict}


@pytest.mark.parametrize("verdict", [REFUSED, LATER])
def test_what_was_certainly_not_heard_is_one_changes_to_note(verdict: Verdict) -> None:
    """The others are released: one is enough to know that the channel takes nothing now."""
    outcome = sent(fresh(parcels(8)), digests_get(verdict))

    assert list(outcome.values()) == [verdict] + [None] * 7


def test_a_digest_that_was_not_sent_leaves_all_as_they_were() -> None:
    """No time was left for it."""
    post = digests_get(None)

    assert set(sent(fresh(parcels(8)), post).values()) == {None}
    assert post.sizes == [[8]]


@pytest.mark.parametrize(
    "verdict", [TOO_LARGE, Verdict(Outcome.REFUSED, "400"), Verdict(Outcome.REFUSED, "552"), DOWN]
)
def test_a_digest_that_may_be_at_fault_itself_is_sent_apart_at_once(verdict: Verdict) -> None:
    """It may be too long, or one message in it no good; each of them then has an outcome of its own."""
    post = Post(
        lambda one: (
            verdict if isinstance(one.message, Digest) or one.message.alert_ids == ("i/t3#1",) else SENT
        )
    )
    many = parcels(8)
    outcome = sent(fresh(many), post)

    assert post.sizes == [[8], [1] * 8]
    assert outcome == {**dict.fromkeys(many, SENT), many[3]: verdict}


def test_one_channels_digest_that_is_sent_apart_is_not_told_again_elsewhere() -> None:
    """Another channel has taken its own."""
    post = Post(lambda one: TOO_LARGE if one.channel == "ops" and isinstance(one.message, Digest) else SENT)
    sent(fresh(parcels(6, "ops"), parcels(6, "team")), post)

    assert [one.channel for one in post.batches[1]] == ["ops"] * 6


# Who goes first, and who by himself -------------------------------------------------------------------------


def test_who_was_not_taken_twice_goes_by_himself_and_last() -> None:
    """Perhaps the others fail for its sake."""
    many = parcels(8)
    post = Post()
    sent({**fresh(many), many[0]: 3}, post)

    assert post.sizes == [[7, 1]]
    assert post.batches[0][1] is many[0]


def test_a_second_try_is_still_gathered() -> None:
    """Once means little: perhaps the channel was down."""
    post = Post()
    sent(dict.fromkeys(parcels(8), 2), post)

    assert post.sizes == [[8]]


def test_who_was_tried_less_goes_first() -> None:
    """A channel that does not take one is spared the rest, which must not always be the same."""
    few = parcels(4)
    post = Post()
    sent({few[0]: 2, few[1]: 1, few[2]: 7, few[3]: 1}, post)

    assert post.batches == [[few[1], few[3], few[0], few[2]]]


@pytest.mark.parametrize("channel", ["ops", "pager"])
def test_the_worst_goes_first(channel: str) -> None:
    """Time may be up before the last; services for incidents, which get no digest, need it most."""
    post = Post()
    told = of_each_severity(channel)
    sent(fresh(told, parcels(3, "team")), post)

    (batch,) = post.batches
    assert [one for one in batch if one.channel == channel] == told[::-1]


def test_the_worst_does_not_go_before_what_was_tried_less() -> None:
    """What a channel did not take may be at fault itself, however bad the news."""
    post = Post()
    once, often = of_each_severity("ops"), of_each_severity("ops")
    sent({**dict.fromkeys(often, 2), **dict.fromkeys(once[:1], 1)}, post)

    assert post.batches == [[once[0], *often[::-1]]]


@pytest.mark.parametrize("tries", [3, 30])
def test_many_that_were_not_taken_twice_go_as_a_digest_of_their_own(tries: int) -> None:
    """A channel that was down for long must not get a flood; what is fresh does not depend on them."""
    stale, news = parcels(6), parcels(7)
    post = Post()
    outcome = sent({**dict.fromkeys(stale, tries), **fresh(news)}, post)

    assert post.sizes == [[7, 6]]
    assert all(isinstance(one.message, Digest) for one in post.batches[0])
    assert outcome == dict.fromkeys([*stale, *news], SENT)


def test_few_that_were_not_taken_twice_go_one_by_one() -> None:
    """Then each shows whether it is the one for whose sake they failed."""
    post = Post()
    sent({**fresh(parcels(7)), **dict.fromkeys(parcels(5), 3)}, post)

    assert post.sizes == [[7, 1, 1, 1, 1, 1]]


# In several rounds ------------------------------------------------------------------------------------------


def rounds(post: Post, *all_parcels: Sequence[Parcel]) -> list[list[int]]:
    """How many messages each send held, when an invocation sends these one round after the other."""
    sending = Sending(CHANNELS.values(), LINKS, post)
    for batch in all_parcels:
        dict(sending.send(fresh(batch)))
    return post.sizes


def test_what_a_channel_was_told_in_an_earlier_round_counts() -> None:
    """Five in each of many rounds would be a flood as well."""
    assert rounds(Post(), parcels(3), parcels(2), parcels(2)) == [[1, 1, 1], [1, 1], [2]]
    assert rounds(Post(), parcels(9), parcels(4), parcels(4)) == [[9], [1, 1, 1, 1], [4]]


def test_one_message_is_no_digest_whatever_came_before_it() -> None:
    """There is nothing to put together."""
    assert rounds(Post(), parcels(5), parcels(1)) == [[1] * 5, [1]]


def test_what_another_channel_was_told_before_does_not_count() -> None:
    """Each has five of its own."""
    assert rounds(Post(), parcels(5, "team"), parcels(5, "ops")) == [[1] * 5, [1] * 5]


def test_what_was_not_sent_in_an_earlier_round_does_not_count() -> None:
    """Nobody has heard it."""
    answers = chain([None] * 5, [SENT] * 5)

    assert rounds(Post(lambda _: next(answers)), parcels(5), parcels(5)) == [[1] * 5, [1] * 5]


def test_incidents_are_not_gathered_in_later_rounds_either() -> None:
    """However many there were before."""
    assert rounds(Post(), parcels(9, "pager"), parcels(9, "pager")) == [[1] * 9, [1] * 9]


# Whatever becomes of it -------------------------------------------------------------------------------------


@given(
    lanes=st.dictionaries(st.sampled_from([*CHANNELS, "nobody's"]), st.lists(st.integers(1, 5), max_size=9)),
    answers=st.lists(verdicts, min_size=1, max_size=12),
)
def test_every_parcel_has_one_outcome_and_none_is_sent_again_that_may_have_been_heard(
    lanes: dict[str, list[int]], answers: list[Verdict | None]
) -> None:
    """Whatever dispatch says of what, and in whatever order it comes."""
    tries = {
        parcel(number, channel): count
        for channel, counts in lanes.items()
        for number, count in enumerate(counts)
    }
    perhaps_heard: Counter[tuple[str, str]] = Counter()
    turn = iter(range(10**6))

    def answer(one: Parcel) -> Verdict | None:
        verdict = answers[next(turn) % len(answers)]
        is_heard = verdict and (
            verdict.outcome in {Outcome.SENT, Outcome.UNKNOWN} or verdict.may_have_arrived
        )
        perhaps_heard.update((one.channel, alert) for alert in one.message.alert_ids if is_heard)
        return verdict

    def backwards(batch: Sequence[Parcel]) -> Iterable[Sent]:
        return [(one, answer(one)) for one in reversed(batch)]

    outcomes = list(Sending(CHANNELS.values(), LINKS, backwards).send(tries))

    assert Counter(one for one, _ in outcomes) == Counter(tries.keys())
    assert set(perhaps_heard.values()) <= {1}
    for one, verdict in outcomes:
        was_heard = verdict and (
            verdict.outcome in {Outcome.SENT, Outcome.UNKNOWN} or verdict.may_have_arrived
        )
        assert bool(was_heard) == all(
            (one.channel, alert) in perhaps_heard for alert in one.message.alert_ids
        )


# Many changes, over several ticks ---------------------------------------------------------------------------

MANY: Final = 60
"""Far more than a channel may be sent to find out that it takes nothing."""


class Service:
    """A service behind the real dispatch: it answers some changes as told, digests by the worst in them."""

    def __init__(self, answers: Mapping[str, Verdict]) -> None:
        """Take the answers, by task."""
        self.answers = dict(answers)
        self.heard: Counter[str] = Counter()
        self.requests: list[Content] = []
        self.while_sending: Callable[[], None] = lambda: None

    def send(self, message: Content, timeout_seconds: float) -> Verdict:
        """See `Sender`."""
        del timeout_seconds
        self.requests.append(message)
        self.while_sending()
        tasks = [one.situation.change_id.partition("/")[2] for one in message.messages]
        verdict = next((self.answers[task] for task in tasks if task in self.answers), SENT)
        if verdict.outcome is Outcome.SENT:
            self.heard.update(message.alert_ids)
        return verdict


class SomeFail(ScriptedSource):
    """A source that says of some changes that they have failed."""

    def __init__(self) -> None:
        """Let none of them fail yet."""
        super().__init__()
        self.failed: set[ChangeId] = set()

    def fail(self, watch: Watch) -> None:
        """Let one fail."""
        self.failed.add(watch.change)
        self.answers[watch.change] = Progress(10, None, (Step("a", StepState.FAILED),))

    def fetch_task(self, change: ChangeId) -> Task | Problem:
        """See `Source`."""
        answer = super().fetch_task(change)
        return Task(Phase.FAILED, "FAILED") if change in self.failed else answer


class Town:
    """Sixty changes, or as many as one likes, with one channel, tick by tick."""

    def __init__(self, answers: Mapping[str, Verdict], count: int = MANY) -> None:
        """Begin at 08:00, with all of them running."""
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock.now)
        self.source = SomeFail()
        self.source.task = Task(Phase.RUNNING, "EXECUTING")
        self.service = Service(answers)
        self.watches = [Watch(ChangeId("i", f"t{number}"), f"n{number}") for number in range(count)]
        self._recalled: Recalled = {}
        self._count = 0

    def tick(self, percent: int = 10, *, after: float = 60) -> int:
        """Run one invocation; how many requests it made to the channel."""
        self.source.progress = Progress(percent, 360_000, (Step("a", StepState.RUNNING),))
        before = len(self.service.requests)
        Invocation(
            Setting((CHANNELS["ops"],), Policy(), Links(None, "https://c"), 8, self._name()),
            source=self.source,
            ledgers=Ledgers(self.store, self._name, self._recalled),
            dispatch=self._dispatch,
            clock=self.clock,
            deadline=Deadline(self.clock, 60),
            pause=lambda _: None,
        ).run(self.watches)
        self.clock.advance(after)
        return len(self.service.requests) - before

    def ledgers(self) -> list[Ledger]:
        """What is kept."""
        return [decode(self.store.documents[f"changes/{watch.change}.json"]) for watch in self.watches]

    def states(self) -> list[ChannelState]:
        """What is kept of the channel, change by change."""
        return [ledger.channels["ops"] for ledger in self.ledgers()]

    def _dispatch(self, batch: Sequence[Parcel]) -> Iterable[Sent]:
        return dispatch(batch, {"ops": self.service}, Limits(15.0, lambda: 60.0))

    def _name(self) -> str:
        self._count += 1
        return f"name-{self._count}"


def test_two_hundred_changes_are_told_by_one_message_a_tick() -> None:
    """Nothing is lost in it, nothing told twice."""
    town = Town({}, 200)
    requests = [town.tick(percent) for percent in (10, 30, 30, 60)]

    assert requests == [1, 1, 0, 1]
    alerts = [f"{ledger.change}#{alert.number}" for ledger in town.ledgers() for alert in ledger.alerts]
    assert town.service.heard == Counter(alerts)


def behind_a_gateway(count: int) -> Town:
    """A town whose first digest a gateway has lost sight of; all is well afterwards."""
    town = Town({f"t{number}": PERHAPS for number in range(count)}, count)
    assert town.tick() == 1
    town.service.answers.clear()
    return town


@pytest.mark.parametrize("count", [12, 40])
def test_one_digest_that_may_have_arrived_is_told_again_within_minutes(count: int) -> None:
    """Marked as a possible repeat, and by no flood: one message to see how the channel is, and a digest."""
    town = behind_a_gateway(count)
    requests = [town.tick() for _ in range(3)]

    alerts = [f"{ledger.change}#{alert.number}" for ledger in town.ledgers() for alert in ledger.alerts]
    assert town.service.heard == Counter(alerts)
    assert sum(requests) <= 3
    assert all(message.possible_repeat for message in town.service.requests[1:])
    assert max(len(message.messages) for message in town.service.requests[1:]) >= count - 2


@pytest.mark.parametrize("count", [12, 40])
def test_a_digest_that_may_have_arrived_counts_as_a_try_of_one_change_only(count: int) -> None:
    """Else it would seem that the channel has failed with every one of them, and it would rest for long."""
    town = behind_a_gateway(count)
    first, *others = sorted(town.states(), key=lambda state: state.tries, reverse=True)

    begun_at = town.clock.now() - timedelta(minutes=1)
    assert (first.tries, first.attempts) == (1, (Attempt(Outcome.RETRY, begun_at, "504", upto=2),))
    assert first.not_before
    assert first.not_before > begun_at
    assert {ledger.length for ledger in town.ledgers()} == {2}
    assert first.repeat_upto == 2
    shared = replace(first.attempts[0], is_shared=True)
    assert others == [ChannelState(offset=0, repeat_upto=2, attempts=(shared,))] * (count - 1)


@pytest.mark.parametrize("count", [12, 40])
@pytest.mark.parametrize("place", [0, 7, 11])
@pytest.mark.parametrize("fails_after", [False, True])
def test_a_failure_is_not_held_back_by_a_digest_that_may_have_arrived(
    count: int, place: int, *, fails_after: bool
) -> None:
    """Whether it was in that digest, or came to pass a minute later."""
    if fails_after:
        town = behind_a_gateway(count)
        town.source.fail(town.watches[place])
    else:
        town = Town({f"t{number}": PERHAPS for number in range(count)}, count)
        town.source.fail(town.watches[place])
        town.tick()
        town.service.answers.clear()
    requests = [town.tick() for _ in range(3)]

    ledger = town.ledgers()[place]
    (failed,) = (alert for alert in ledger.alerts if alert.kind is Kind.FAILED)
    assert town.service.heard[f"{ledger.change}#{failed.number}"] == 1
    assert all(state.offset == one.length for state, one in zip(town.states(), town.ledgers(), strict=True))
    assert sum(requests) <= 3


def test_what_a_slow_round_brings_is_gathered_with_what_was_told_already() -> None:
    """Four changes answer late; the channel has heard of four others in this invocation by then."""
    town = Town({}, 8)
    is_told = Event()
    late = {watch.change for watch in town.watches[4:]}

    def wait(change: ChangeId) -> None:
        if change in late:
            is_told.wait(30)

    town.source.while_asking = wait
    town.service.while_sending = is_told.set
    town.tick()

    assert [len(message.messages) for message in town.service.requests] == [1, 1, 1, 1, 4]


@pytest.mark.parametrize("place", [0, 30, MANY - 1])
@pytest.mark.parametrize("verdict", [TOO_LARGE, Verdict(Outcome.RETRY, "500")])
def test_one_poisonous_message_costs_sixty_changes_nothing_but_a_few_minutes(
    verdict: Verdict, place: int
) -> None:
    """All others are heard, each alert once; and before long they have their digest again."""
    town = Town({f"t{place}": verdict})
    requests = [town.tick(min(90, 10 + 20 * minute)) for minute in range(6)]
    settled = [town.tick(92), town.tick(92)]

    others = [ledger for ledger in town.ledgers() if ledger.change != f"i/t{place}"]
    alerts = [f"{ledger.change}#{alert.number}" for ledger in others for alert in ledger.alerts]
    assert town.service.heard == Counter(alerts)
    assert all(ledger.channels["ops"].offset == ledger.length for ledger in others)
    assert sum(requests) <= 2 * MANY + 10
    assert max(settled) <= 1
    assert any(isinstance(message, Digest) for message in town.service.requests[-10:])
    del town.service.answers[f"t{place}"]
    town.clock.advance(3600)
    town.tick(92)
    assert all(ledger.channels["ops"].offset == ledger.length for ledger in town.ledgers())


@pytest.mark.parametrize(
    ("verdict", "requests_max", "afterwards_max"),
    [
        (REFUSED, 3, 2),
        (Verdict(Outcome.REFUSED, "400"), 5, 2),
        (LATER, 10, 2),
        (DOWN, 12, 2),
        (PERHAPS, 12, 6),
        (UNKNOWN, 15, 16),
    ],
    ids=["refused", "refused for any reason", "told to wait", "down", "behind a gateway", "never answers"],
)
def test_a_dead_channel_costs_sixty_changes_few_requests(
    verdict: Verdict, requests_max: int, afterwards_max: int
) -> None:
    """Two hours of it; then it hears everything, in a few messages; only a send cut off twice is given up."""
    town = Town({f"t{number}": verdict for number in range(MANY)})
    requests = [town.tick(10 if minute < 5 else 30) for minute in range(10)]
    requests += [town.tick(30, after=600) for _ in range(11)]
    town.service.answers.clear()
    town.clock.advance(3600)
    afterwards = [town.tick(30) for _ in range(3)]

    assert sum(requests) <= requests_max
    assert sum(afterwards) <= afterwards_max
    assert all(ledger.channels["ops"].offset == ledger.length for ledger in town.ledgers())
    assert town.service.heard == Counter(
        f"{ledger.change}#{alert.number}"
        for ledger in town.ledgers()
        for alert in ledger.alerts
        if alert.kind is not Kind.CHANNEL_REFUSED and not alert.endings
    )
