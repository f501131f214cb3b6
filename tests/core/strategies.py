"""Ledgers of any content, for what holds of every one."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st

from handler.core.ledger import Attempt, ChannelState, Claim, Estimate, Ledger, Outage, Sample
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import ProblemKind
from handler.core.sampling import SAMPLES_MAX
from notifiers.alerts import Alert, Ending, Kind
from notifiers.operations import Order, Specification
from notifiers.verdicts import Outcome

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)

moments = st.integers(0, 10**6).map(lambda seconds: NOW + timedelta(seconds=seconds))
texts = st.text(max_size=20)
numbers = st.integers(0, 10**6)
percents = st.none() | st.integers(0, 100)


def observations_at(times: st.SearchStrategy[datetime]) -> st.SearchStrategy[Observation]:
    """Observations that tell such times, of steps in whichever order."""
    steps = st.builds(
        Step,
        texts,
        st.sampled_from(StepState),
        status=st.none() | texts,
        started_at=st.none() | times,
        ended_at=st.none() | times,
    )
    return st.builds(
        Observation,
        st.sampled_from(Phase),
        percents,
        st.none() | numbers,
        st.lists(steps, max_size=10).map(tuple),
        st.dictionaries(st.sampled_from(StepState), numbers),
        st.none() | times,
    )


samples = st.lists(st.builds(Sample, moments, st.integers(0, 100)), max_size=SAMPLES_MAX).map(
    lambda taken: tuple(sorted(taken, key=lambda one: one.at))
)
specifications = st.builds(Specification, st.none() | texts, st.none() | numbers, st.none() | numbers)
orders = st.builds(
    Order,
    st.none() | texts,
    st.none() | moments,
    st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
)
alerts = st.builds(
    Alert,
    numbers,
    st.sampled_from(Kind),
    texts,
    moments,
    percents,
    step=st.none() | texts,
    channel=st.none() | texts,
    reminds_of=st.none() | st.sampled_from(Kind),
    may_repeat=st.booleans(),
    endings=st.dictionaries(texts, st.sampled_from(Ending), max_size=2),
)
attempts = st.builds(
    Attempt,
    st.sampled_from(Outcome),
    moments,
    st.none() | texts,
    after=numbers,
    upto=numbers,
    is_shared=st.booleans(),
)
channel_states = st.builds(
    ChannelState,
    numbers,
    st.none() | st.builds(Claim, texts, moments, numbers, numbers),
    not_before=st.none() | moments,
    refused_since=st.none() | moments,
    heard_beyond=st.lists(numbers, max_size=3).map(tuple),
    heard_again=st.lists(numbers, max_size=3).map(tuple),
    is_set_back=st.booleans(),
    resent_at=st.none() | moments,
    attempts=st.lists(attempts, max_size=3).map(tuple),
    outcome_counts=st.dictionaries(st.sampled_from(Outcome), numbers),
)
ledgers = st.builds(
    Ledger,
    change=texts,
    created_at=moments,
    name=st.none() | texts,
    is_dismissed=st.booleans(),
    is_reminding=st.booleans(),
    order=st.none() | orders,
    specification=st.none() | specifications,
    specification_now=st.none() | specifications,
    looked_at=st.none() | moments,
    observation=st.none() | observations_at(moments),
    moved_at=st.none() | moments,
    percent_peak=percents,
    first_estimate=st.none() | st.builds(Estimate, moments, numbers),
    samples=samples,
    outage=st.none() | st.builds(Outage, moments, st.sampled_from(ProblemKind), st.none() | moments),
    outage_counts=st.dictionaries(st.sampled_from(ProblemKind), numbers),
    follows_loss=st.booleans(),
    raised=st.lists(texts).map(tuple),
    length=numbers,
    alerts=st.lists(alerts, max_size=5).map(tuple),
    channels=st.dictionaries(texts, channel_states, max_size=3),
)
