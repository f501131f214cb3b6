"""What is kept of changes, for whatever shows it: a change in trouble, and any ledger there could be."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.change import ChangeId
from handler.core.ledger import Attempt, ChannelState, Claim, Ledger, Outage, Sample
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import ProblemKind
from handler.core.record import Record
from notifiers.alerts import Alert, Ending, Kind
from notifiers.operations import Order, Specification
from notifiers.verdicts import Outcome

NOW: Final = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
CHANGE: Final = ChangeId("inst", "task")


def after(seconds: int) -> datetime:
    """So much later."""
    return NOW + timedelta(seconds=seconds)


LEDGER: Final = Ledger(
    change=str(CHANGE),
    created_at=NOW,
    name="orders",
    order=Order("alice", after(-60), (("new_storage", "600"),)),
    specification=Specification("kafka.4u8g.cluster", 3, 300),
    looked_at=after(600),
    observation=Observation(
        Phase.RUNNING,
        40,
        1200,
        (
            Step("precheck", StepState.COMPLETED, started_at=NOW, ended_at=after(120)),
            Step("expand", StepState.RUNNING, started_at=after(120)),
            Step("expand", StepState.UNKNOWN, 2, "PAUSED"),
        ),
        date=after(590),
    ),
    moved_at=after(500),
    samples=(Sample(NOW, 0), Sample(after(500), 40)),
    outage=Outage(after(595), ProblemKind.THROTTLED),
    outage_counts={ProblemKind.THROTTLED: 2},
    length=3,
    alerts=(
        Alert(2, Kind.STEP_STARTED, "step_started:expand#1", after(120), 10, 1800, "expand"),
        Alert(
            3,
            Kind.REMINDER,
            "reminder",
            after(500),
            seconds=600,
            channel="ops",
            reminds_of=Kind.STEP_FAILED,
            endings={"mail": Ending.GIVEN_UP},
        ),
    ),
    channels={
        "ops": ChannelState(3, attempts=(Attempt(Outcome.SENT, NOW),), outcome_counts={Outcome.SENT: 2}),
        "mail": ChannelState(
            1,
            tries=2,
            not_before=after(3600),
            refused_since=NOW,
            attempts=(Attempt(Outcome.REFUSED, NOW, "535"),),
            outcome_counts={Outcome.SENT: 1, Outcome.REFUSED: 2},
        ),
    },
)
RECORD: Final = Record(CHANGE, LEDGER, is_active=True)

moments: Final = st.integers(0, 10**6).map(after)
texts: Final = st.text(max_size=20) | st.sampled_from(['a"b', "back\\slash", "two\nlines", "😀", "x" * 300])
counts: Final = st.integers(0, 10**6)
percents: Final = st.integers(0, 100)
ids: Final = st.from_regex(r"[A-Za-z0-9_-]{0,3}[A-Za-z0-9]", fullmatch=True).map("x".__add__)
sizes: Final = st.builds(Specification, st.none() | texts, st.none() | counts, st.none() | counts)
steps: Final = st.builds(
    Step,
    texts,
    st.sampled_from(StepState),
    st.integers(1, 3),
    status=st.none() | texts,
    started_at=st.none() | moments,
    ended_at=st.none() | moments,
)
observations: Final = st.builds(
    Observation,
    st.sampled_from(Phase),
    st.none() | percents,
    st.none() | counts,
    st.lists(steps, max_size=3).map(tuple),
    st.dictionaries(st.sampled_from(StepState), counts),
    st.none() | moments,
)
alerts: Final = st.builds(
    Alert,
    number=st.integers(1, 10**6),
    kind=st.sampled_from(Kind),
    cause=texts,
    raised_at=moments,
    percent=st.none() | percents,
    step=st.none() | texts,
    detail=st.none() | texts,
    channel=st.none() | texts,
    reminds_of=st.none() | st.sampled_from(Kind),
    endings=st.dictionaries(texts, st.sampled_from(Ending), max_size=2),
)
states: Final = st.builds(
    ChannelState,
    counts,
    claim=st.none() | st.builds(Claim, texts, moments, counts, counts),
    tries=counts,
    not_before=st.none() | moments,
    refused_since=st.none() | moments,
    absent_since=st.none() | moments,
    attempts=st.lists(
        st.builds(Attempt, st.sampled_from(Outcome), moments, st.none() | texts), max_size=2
    ).map(tuple),
    outcome_counts=st.dictionaries(st.sampled_from(Outcome), counts),
)
orders: Final = st.builds(
    Order, st.none() | texts, st.none() | moments, st.lists(st.tuples(texts, texts), max_size=2).map(tuple)
)
ledgers: Final = st.builds(
    Ledger,
    change=st.just(str(CHANGE)),
    created_at=moments,
    name=st.none() | texts,
    order=st.none() | orders,
    specification=st.none() | sizes,
    specification_now=st.none() | sizes,
    looked_at=st.none() | moments,
    observation=st.none() | observations,
    samples=st.lists(st.builds(Sample, moments, percents), max_size=3).map(tuple),
    outage=st.none() | st.builds(Outage, moments, st.sampled_from(ProblemKind)),
    outage_counts=st.dictionaries(st.sampled_from(ProblemKind), counts),
    length=counts,
    alerts=st.lists(alerts, max_size=2).map(tuple),
    channels=st.dictionaries(texts, states, max_size=2),
)
records: Final = st.builds(
    Record,
    st.builds(ChangeId, ids, ids),
    st.none() | ledgers,
    is_active=st.booleans(),
    trouble=st.none() | texts,
)


def with_channel(state: ChannelState) -> Record:
    """The change with one channel only."""
    return RECORD._replace(ledger=replace(LEDGER, channels={"ops": state}))
