"""To have channels told again: what is saved, what is refused, what trouble with the store makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any, Final, TypeVar

import pytest
from msgspec.structs import replace

from handler.clock import Deadline
from handler.core.change import ChangeId
from handler.core.document import decode, encode
from handler.core.ledger import Attempt, ChannelState, Claim, Ledger
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.progress import Progress, Task
from handler.core.rules import Policy
from handler.discovery import Discovery
from handler.fleet import Wanted
from handler.invocation import Invocation, Setting
from handler.records import Records
from handler.registry import Registry
from handler.resending import Hindrance, NoSuchChannelError, Resending, ResendingError, Resent
from handler.scope import Scope
from handler.situation import Links
from handler.stores.ledgers import Ledgers
from handler.stores.markers import Markers
from handler.stores.port import StateUnavailableError
from notifiers.alerts import Alert, Ending, Kind
from notifiers.channel import Channel, parse_quiet
from notifiers.dispatch import Parcel
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.clock import START, FakeClock
from tests.fakes.memory_store import MemoryStore, Trouble
from tests.fakes.scripted_directory import ScriptedDirectory
from tests.fakes.scripted_source import ScriptedSource
from tests.proofs.history_store import ProcessStore

T = TypeVar("T")
CHANGE: Final = ChangeId("inst", "task")
HOUR: Final = timedelta(hours=1)
OPEN: Final = Wanted(is_open=True)
OPS: Final = Channel("ops")
TEAM: Final = Channel("team")
MISSED: Final = (
    Alert(1, Kind.STARTED, "started", START - 30 * HOUR, endings={"ops": Ending.GIVEN_UP}),
    Alert(2, Kind.COMPLETED, "completed", START - 29 * HOUR, endings={"ops": Ending.UNKNOWN}),
)
LEDGER: Final = Ledger(
    change=str(CHANGE),
    created_at=START - 30 * HOUR,
    name="orders",
    observation=Observation(Phase.COMPLETED, 100),
    length=2,
    alerts=MISSED,
    channels={"ops": ChannelState(2, repeat_upto=2), "team": ChannelState(2)},
)


class Desk:
    """A store in memory with one change in it, that is told to its end."""

    def __init__(self, ledger: Ledger = LEDGER) -> None:
        """Keep the change."""
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock.now)
        self.keep(ledger)
        self._numbers = count()

    def keep(self, ledger: Ledger) -> None:
        """Put a ledger there, as a tick has left it."""
        self.store.documents[f"changes/{ledger.change}.json"] = encode(ledger, "a tick's")

    def resend(
        self,
        name: str | None = "ops",
        *,
        wanted: Wanted = OPEN,
        channels: Sequence[Channel] = (OPS, TEAM),
        everything: bool = False,
    ) -> dict[str, Resent]:
        """Have a channel told again, by a process that remembers nothing; what comes of it, by channel."""
        ledgers = Ledgers(self.store, self.new_name, {})
        registry = Registry(wanted, Markers(self.store), ledgers, self.clock)
        resending = Resending(registry, Records(self.store, ledgers, 4), channels)
        told = resending.resend(CHANGE, name, everything=everything)
        assert len({one.channel for one in told}) == len(told)
        return {one.channel: one for one in told}

    def new_name(self) -> str:
        """Make up a name that nobody has yet."""
        return f"name-{next(self._numbers)}"

    def kept(self) -> Ledger:
        """The ledger as it stands."""
        return decode(self.store.documents["changes/inst/task.json"])

    @property
    def is_marked(self) -> bool:
        """Whether the next tick looks at the change."""
        return f"active/{CHANGE}" in self.store.documents


def numbers(resent: Resent) -> list[int]:
    """Which alerts a channel is told again."""
    return [alert.number for alert in resent.alerts]


def with_state(ledger: Ledger = LEDGER, **states: Mapping[str, Any]) -> Ledger:
    """A ledger in which channels stand so."""
    changed = {name: replace(ledger.channels[name], **fields) for name, fields in states.items()}
    return replace(ledger, channels={**ledger.channels, **changed})


@pytest.fixture
def desk() -> Desk:
    """One channel has missed all of a change, another one nothing."""
    return Desk()


def test_a_channel_is_set_back_and_the_change_is_marked(desk: Desk) -> None:
    """The next tick finds it by its marker; nothing else is written."""
    told = desk.resend()

    assert {name: numbers(one) for name, one in told.items()} == {"ops": [1, 2]}
    assert [alert.number for alert in told["ops"].repeats] == [1, 2]
    assert told["ops"].hindrance is None
    assert desk.is_marked
    assert desk.kept().channels["ops"] == ChannelState(0, repeat_upto=2, resent_at=START, is_set_back=True)
    assert desk.kept().channels["team"] == LEDGER.channels["team"]
    assert (desk.store.counts["save"], desk.store.counts["put"]) == (1, 1)


def test_without_a_name_all_channels_are_set_back(desk: Desk) -> None:
    """As far as there is something to tell them."""
    told = desk.resend(None)

    assert {name: numbers(one) for name, one in told.items()} == {"ops": [1, 2], "team": []}
    assert desk.resend(None, everything=True)["team"].repeat_upto == 2


def test_where_nothing_is_missed_nothing_is_written(desk: Desk) -> None:
    """Nor marked."""
    before = dict(desk.store.documents)

    assert numbers(desk.resend("team")["team"]) == []
    assert desk.store.documents == before


def test_who_is_cut_off_before_the_marker_begins_anew(desk: Desk) -> None:
    """What was saved is still to be told, so that it is found again."""
    desk.store.fail_next(Trouble.UNAVAILABLE, operation="put")
    with pytest.raises(StateUnavailableError):
        desk.resend()
    assert not desk.is_marked

    assert numbers(desk.resend()["ops"]) == [1, 2]
    assert desk.is_marked


@pytest.mark.parametrize("trouble", [Trouble.CONFLICT, Trouble.REQUEST_LOST, Trouble.ANSWER_LOST])
def test_a_save_that_others_forestall_or_whose_answer_is_lost_is_tried_again(
    desk: Desk, trouble: Trouble
) -> None:
    """Over what stands there then; to be set back twice is the same as once."""
    desk.store.fail_next(trouble)

    assert numbers(desk.resend()["ops"]) == [1, 2]
    assert desk.kept().channels["ops"] == ChannelState(0, repeat_upto=2, resent_at=START, is_set_back=True)
    assert desk.is_marked


def test_a_store_that_is_always_busy_is_told(desk: Desk) -> None:
    """Nothing is marked then."""
    desk.store.fail_next(Trouble.CONFLICT, times=9)

    with pytest.raises(StateUnavailableError, match="is being written by others; try again"):
        desk.resend()
    assert not desk.is_marked


def test_a_channel_that_is_being_told_is_left_as_it_is() -> None:
    """What becomes of that send decides; who asks for all channels has the others told."""
    claim = Claim("somebody", START + timedelta(seconds=1), upto=2, tries=1)
    desk = Desk(with_state(ops={"claim": claim}))
    told = desk.resend(None, everything=True)

    assert told["ops"].hindrance is Hindrance.BEING_TOLD
    assert desk.kept().channels["ops"] == replace(LEDGER.channels["ops"], claim=claim)
    assert numbers(told["team"]) == [1, 2]
    desk.clock.advance(1)
    assert numbers(desk.resend()["ops"]) == [1, 2]


@pytest.mark.parametrize("name", ["nobody", "(terminal)"])
def test_a_channel_that_does_not_listen_is_not_told(desk: Desk, name: str) -> None:
    """Be it not configured, or gone from there, or a terminal that somebody watched in."""
    desk.keep(replace(LEDGER, channels={**LEDGER.channels, "(terminal)": ChannelState(0)}))

    with pytest.raises(NoSuchChannelError) as error:
        desk.resend(name)
    assert str(error.value) == f"No channel {name} listens to inst/task; there are ops, team."


def test_a_change_to_which_nobody_listens_cannot_be_told(desk: Desk) -> None:
    """Channels that are new listen from the next tick on."""
    with pytest.raises(NoSuchChannelError, match=r"^No configured channel listens to inst/task yet\.$"):
        desk.resend(None, channels=[Channel("new")])


def test_a_change_that_no_tick_looks_at_is_refused(desk: Desk) -> None:
    """The configuration names others only, or somebody has dropped it while it ran."""
    with pytest.raises(ResendingError, match=r"have it followed again first: headway follow inst task$"):
        desk.resend(wanted=Wanted())
    desk.keep(replace(LEDGER, is_dismissed=True, observation=Observation(Phase.RUNNING)))
    with pytest.raises(ResendingError, match="is followed no longer"):
        desk.resend()
    assert not desk.is_marked
    assert desk.store.counts["save"] == 0


@pytest.mark.parametrize(
    ("ledger", "wanted"),
    [
        (LEDGER, Wanted(changes={CHANGE: None})),
        (replace(LEDGER, is_dismissed=True), OPEN),
        (
            replace(LEDGER, is_dismissed=True, observation=Observation(Phase.RUNNING)),
            Wanted(changes={CHANGE: None}, is_open=True),
        ),
    ],
)
def test_a_change_that_ticks_look_at_is_told(ledger: Ledger, wanted: Wanted) -> None:
    """By its place in the configuration; or it was dropped, but has ended, which all are to hear."""
    assert numbers(Desk(ledger).resend(wanted=wanted)["ops"]) == [1, 2]


def test_a_channel_that_lately_failed_with_other_changes_rests() -> None:
    """That two of them did blames the channel; what this change itself waits for is lifted."""
    desk = Desk()
    refused = Attempt(Outcome.REFUSED, START - timedelta(minutes=10), "401")
    state = ChannelState(0, not_before=START + HOUR, attempts=(refused,))
    desk.keep(with_state(ops={"not_before": START + 2 * HOUR, "attempts": (refused,)}))
    assert desk.resend()["ops"].hindrance is None

    other = Ledger(change="inst/other", created_at=START, length=1, channels={"ops": state})
    desk.keep(other)
    desk.store.put("active/inst/other", b"")
    told = desk.resend()["ops"]
    assert (told.hindrance, told.until) == (Hindrance.REST, START + HOUR)


def test_a_channel_in_its_quiet_hours_is_told_after_them() -> None:
    """Unless what it missed passes them."""
    quiet = replace(OPS, quiet=parse_quiet("07:00-09:00"))
    told = Desk().resend(channels=[quiet])["ops"]
    assert (told.hindrance, told.until) == (Hindrance.QUIET_HOURS, START + HOUR)

    failed = replace(MISSED[1], kind=Kind.FAILED)
    urgent = Desk(replace(LEDGER, alerts=(MISSED[0], failed)))
    assert urgent.resend(channels=[quiet])["ops"].hindrance is None


# While a tick runs -----------------------------------------------------------------------------------------

RUNNING: Final = replace(
    LEDGER,
    observation=Observation(Phase.RUNNING, 40, steps=(Step("a", StepState.RUNNING),)),
    length=1,
    alerts=MISSED[:1],
    raised=("started", "step_started:a#1"),
    channels={"ops": ChannelState(1), "team": ChannelState(1)},
)


class Process:
    """A tick that somebody interrupts: at one of its calls of the store, before its effect or after it."""

    def __init__(self, planned: int, act: Callable[[], object]) -> None:
        """Plan the moment, of two for each call."""
        self.moment = 0
        self._planned = planned
        self._act = act

    def call(self, _: str, effect: Callable[[], T]) -> T:
        """See `Caller`."""
        self._pass()
        result = effect()
        self._pass()
        return result

    def _pass(self) -> None:
        if self.moment == self._planned:
            self._act()
        self.moment += 1


def tick(desk: Desk, process: Process | None = None) -> tuple[int, list[int]]:
    """Look at what is marked; how many moments that had, and the numbers of the alerts that `ops` hears."""
    process = process or Process(-1, lambda: None)
    store = ProcessStore(process, desk.store)
    source = ScriptedSource()
    source.progress = Progress(100, 0, (Step("a", StepState.COMPLETED),))
    source.task = Task(Phase.COMPLETED, "SUCCESS")
    ledgers = Ledgers(store, desk.new_name, {})
    heard: list[int] = []

    def hear(parcel: Parcel) -> Verdict:
        if parcel.channel == "ops":
            heard.extend(alert.number for message in parcel.message.messages for alert in message.alerts)
        return Verdict(Outcome.SENT)

    discovery = Discovery(
        OPEN,
        Scope(),
        directory=ScriptedDirectory(),
        markers=Markers(store),
        ledgers=ledgers,
        clock=desk.clock,
    )
    invocation = Invocation(
        Setting((OPS, TEAM), Policy(), Links(None, "https://c"), 4, desk.new_name()),
        source=source,
        ledgers=ledgers,
        dispatch=lambda parcels: [(parcel, hear(parcel)) for parcel in parcels],
        clock=desk.clock,
        deadline=Deadline(desk.clock, 60),
        pause=lambda _: None,
    )
    discovery.conclude(invocation.run(discovery.known()))
    desk.clock.advance(60)
    return process.moment, heard


@pytest.mark.parametrize("ledger", [RUNNING, LEDGER], ids=["ends", "has ended"])
def test_what_is_told_once_more_while_a_tick_takes_the_marker_away_is_told(ledger: Ledger) -> None:
    """Whether that tick tells the end or finds a marker that was left behind; only a crash may lose it."""

    def marked() -> Desk:
        desk = Desk(ledger)
        desk.store.put(f"active/{CHANGE}", b"")
        return desk

    moments, _ = tick(marked())
    assert moments
    for moment in range(moments):
        desk, wanted = marked(), list[int]()

        def resend(desk: Desk = desk, wanted: list[int] = wanted) -> None:
            wanted += numbers(desk.resend()["ops"])

        heard = [*tick(desk, Process(moment, resend))[1], *tick(desk)[1], *tick(desk)[1]]

        assert {*wanted} <= {*heard}
        assert len(heard) == len({*heard})
        assert not desk.is_marked
