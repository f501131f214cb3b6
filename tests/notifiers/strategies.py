"""Messages and digests of any content, for what holds of every one."""

from __future__ import annotations

from hypothesis import strategies as st

from notifiers.alerts import Kind
from notifiers.messages import Link, Place, StepLine, compose, digest
from notifiers.operations import Order, Specification
from tests.notifiers.examples import NOW, alert, situation

STATES = st.sampled_from(["waiting", "running", "completed", "failed", "unknown", "odd"])
STEPS = st.builds(
    StepLine,
    st.text(max_size=300),
    STATES,
    st.none() | st.text(max_size=300),
    st.none() | st.integers(0, 10**6),
)
URLS = st.text(st.characters(codec="ascii", exclude_categories=["C", "Z"]), max_size=200)
LINKS = st.builds(Link, st.sampled_from(Place), URLS.map("https://example.com/".__add__))
NAMES = st.none() | st.text(max_size=100)
NUMBERS = st.none() | st.integers(0, 10**5)
SPECIFICATIONS = st.builds(Specification, flavor=NAMES, brokers=NUMBERS, storage_gb=NUMBERS)
PARAMETERS = st.lists(st.tuples(st.text(max_size=50), st.text(max_size=50)), max_size=4).map(tuple)
SITUATIONS = st.builds(
    situation,
    name=st.text(max_size=300),
    percent=st.none() | st.integers(0, 100),
    remaining_seconds=NUMBERS,
    steps=st.lists(STEPS, max_size=14).map(tuple),
    links=st.lists(LINKS, max_size=2).map(tuple),
    seen_at=st.none() | st.just(NOW),
    order=st.none() | st.builds(Order, NAMES, st.none() | st.just(NOW), PARAMETERS),
    specification=st.none() | SPECIFICATIONS,
    specification_now=st.none() | SPECIFICATIONS,
)
ALERTS = st.lists(
    st.builds(
        alert,
        st.integers(1, 200),
        st.sampled_from(Kind),
        minutes_ago=st.integers(0, 600),
        step=st.none() | st.text(max_size=200),
        detail=st.none() | st.text(max_size=300),
        channel=NAMES,
    ),
    min_size=1,
    max_size=14,
)
MESSAGES = st.builds(compose, ALERTS, SITUATIONS, st.integers(0, 200))
DIGESTS = st.builds(
    digest, st.lists(MESSAGES, min_size=1, max_size=6), st.lists(LINKS, max_size=2).map(tuple)
)
