"""Who ordered a change and how large its instance is: what is read, what stays out, and what is kept."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handler.core.ledger import Ledger
from handler.core.listing import read_tasks
from handler.core.observation import Observation, Phase
from handler.core.operation import (
    BROKERS_MAX,
    FLAVOR_LENGTH_MAX,
    PARAMETER_LENGTH_MAX,
    PARAMETER_NAME_LENGTH_MAX,
    PARAMETERS_MAX,
    STORAGE_GB_MAX,
    USER_LENGTH_MAX,
    learn,
    read_order,
    read_specification,
)
from handler.core.problem import Problem, ProblemKind
from handler.core.reading import read_task
from handler.core.secrecy import may_be_secret
from notifiers.operations import Order, Specification

NOW: Final = datetime(2026, 11, 24, 8, tzinfo=timezone.utc)
ORDERED: Final = datetime(2026, 11, 24, 7, tzinfo=timezone.utc)
TASK: Final = {
    "id": "t-1",
    "name": "extend",
    "user_name": "alice",
    "user_id": "0a1b",
    "params": '{"oper_type": "storage", "new_storage_space": 600}',
    "status": "EXECUTING",
    "created_at": "2026-11-24T07:00:00.000Z",
}
ORDER: Final = Order("alice", ORDERED, (("oper_type", "storage"), ("new_storage_space", "600")))
BEFORE: Final = Specification("kafka.2u4g.cluster", 3, 300)
AFTER: Final = Specification("kafka.2u4g.cluster", 3, 600)
RUNNING: Final = Observation(Phase.RUNNING)
ENDED: Final = Observation(Phase.COMPLETED)
PROBLEM: Final = Problem(ProblemKind.TIMEOUT, "Nothing was said.")

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=300)
    | st.sampled_from(["600", "kafka.2u4g.cluster", "p\u00e4ss\x00word", "\ud800"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(st.text(max_size=60), inner, max_size=12),
    max_leaves=30,
)
orders = st.builds(
    Order,
    user=st.none() | st.sampled_from(["alice", "bob"]),
    ordered_at=st.none() | st.just(NOW) | st.just(ORDERED),
    parameters=st.sampled_from([(), (("a", "1"),), (("b", "2"),)]),
)
specifications = st.builds(
    Specification,
    flavor=st.none() | st.sampled_from(["kafka.2u4g.cluster", "kafka.4u8g.cluster"]),
    brokers=st.none() | st.integers(1, 50),
    storage_gb=st.none() | st.integers(1, 9000),
)
seen = st.sampled_from([RUNNING, ENDED, Observation(Phase.LOST), PROBLEM])


def parameters_of(params: object) -> tuple[tuple[str, str], ...]:
    """The parameters that are read."""
    order = read_order({"params": params})
    return order.parameters if order else ()


def test_an_order_is_read_of_a_task_alone_and_of_one_in_a_list() -> None:
    """Both calls show the same fields."""
    alone = read_task({"tasks": [TASK]}, NOW)
    page = read_tasks({"tasks": [TASK]}, NOW)

    assert alone is not None
    assert page is not None
    assert alone.order == page.entries[0].task.order == ORDER


@pytest.mark.parametrize(
    ("fields", "order"),
    [
        ({}, None),
        ({"user_name": None, "user_id": "", "created_at": "soon", "params": "{}"}, None),
        ({"user_name": " alice\n", "user_id": "0a1b"}, Order("alice")),
        ({"user_name": "", "user_id": "0a1b"}, Order("0a1b")),
        ({"user_name": ["alice"], "user_id": "0a1b"}, Order("0a1b")),
        ({"user_name": "a" * 101}, Order("a" * 100)),
        ({"user_name": "a" * 99 + " b"}, Order("a" * 99)),
        ({"created_at": 1795507200000}, Order(ordered_at=NOW)),
        ({"created_at": "1795507200000"}, Order(ordered_at=NOW)),
        ({"created_at": "1970-01-01T00:00:00Z"}, None),
        ({"created_at": "\ud800"}, None),
    ],
)
def test_what_an_order_does_not_say_is_unknown(fields: dict[str, object], order: Order | None) -> None:
    """The user's name, else the id; a moment that cannot be is none."""
    assert read_order(fields) == order


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ('{"new_broker_num": 5}', (("new_broker_num", "5"),)),
        ({"new_broker_num": 5}, (("new_broker_num", "5"),)),
        (
            {"a": 1.5, "b": True, "c": False, "d": 0},
            (("a", "1.5"), ("b", "true"), ("c", "false"), ("d", "0")),
        ),
        ({"a": None, "b": "", "c": " \n", "d": [], "e": {}, "": 1, "f": [None, ""]}, ()),
        ({"a": {"b": 1, "c": {"d": 2}}}, (("a.b", "1"),)),
        ({"a": ["x", 2, True, None]}, (("a", "x, 2, true"),)),
        ({"a": [["x"]], "b": [{"c": 1}]}, ()),
        ({"a\nb": " c\t d "}, (("a b", "c d"),)),
        ({"n" * 50: "v" * 90}, (("n" * 40, "v" * 80),)),
        ({"a": ["v" * 50, "w" * 50]}, (("a", "v" * 50 + ", " + "w" * 28),)),
        ({f"p{n}": n for n in range(12)}, tuple((f"p{n}", str(n)) for n in range(8))),
        ("[1, 2]", ()),
        ('"text"', ()),
        ("null", ()),
        ("", ()),
        ("new_storage_space=600", ()),
        ('{"a": 1', ()),
        ('{"a": NaN}', ()),
        ('{"a": "\ud800"}', ()),
        ("[" * 100_000, ()),
        ([{"a": 1}], ()),
        (600, ()),
        (None, ()),
    ],
)
def test_parameters_are_read_whatever_they_are(params: object, expected: tuple[object, ...]) -> None:
    """As JSON in a text or as they are: one level deep, bounded, and in their order."""
    assert parameters_of(params) == expected


@pytest.mark.parametrize("name", ["password", "kafka_manager_pw", "secret", "value", "\u5bc6\u7801"])
def test_what_may_be_a_secret_stays_out(name: str) -> None:
    """On both levels, in lists, and when only the value names it; what stands beside it is kept."""
    for params in (
        {name: "hidden", "a": 1},
        {"user": {name: "hidden"}, "a": 1},
        {name: {"user": "hidden"}, "a": 1},
        {name: ["hidden"], "a": 1},
        {"settings": f"{name}=hidden", "a": 1},
        {"settings": ["x", json.dumps({name: "hidden"}, ensure_ascii=False)], "a": 1},
        {"settings": {"name": name, "value": "hidden"}, "a": 1},
        {"broker": "https://alice:hidden@host", "a": 1},
    ):
        assert parameters_of(params) == parameters_of(json.dumps(params)) == (("a", "1"),)


@given(st.dictionaries(st.sampled_from([*TASK, "unheard"]), values))
@example({"params": '{"a": ' + "9" * 4301 + "}"})
@example({"params": '{"a": 1e999}'})
@example({"params": '{"a":' * 900 + "1" + "}" * 900})
def test_any_task_makes_an_order_within_bounds(task: dict[str, Any]) -> None:
    """Whatever the fields hold, also as JSON in a text."""
    as_text = {**task, "params": json.dumps(task.get("params"))}
    for order in filter(None, (read_order(task), read_order(as_text))):
        assert order != Order()
        assert order.user is None or 0 < len(order.user) <= USER_LENGTH_MAX
        assert len(order.parameters) <= PARAMETERS_MAX
        for name, value in order.parameters:
            assert 0 < len(name) <= PARAMETER_NAME_LENGTH_MAX
            assert 0 < len(value) <= PARAMETER_LENGTH_MAX
            assert name.isprintable()
            assert value.isprintable()
            assert not may_be_secret(name, "")


@pytest.mark.parametrize(
    ("body", "specification"),
    [
        (
            {
                "specification": "kafka.2u4g.cluster",
                "broker_num": 3,
                "total_storage_space": 600,
                "storage_space": 550,
            },
            AFTER,
        ),
        ({"product_id": "s1.kafka", "storage_space": "300"}, Specification("s1.kafka", None, 300)),
        ({"specification": "  ", "product_id": "s1.kafka"}, Specification("s1.kafka")),
        ({"total_storage_space": 0, "storage_space": 300}, Specification(storage_gb=300)),
        ({"total_storage_space": None, "storage_space": 300.0}, Specification(storage_gb=300)),
        ({"broker_num": " 4 "}, Specification(brokers=4)),
        ({"broker_num": 1}, Specification(brokers=1)),
        ({"broker_num": BROKERS_MAX, "storage_space": STORAGE_GB_MAX}, Specification(None, 1000, 10**7)),
        ({"specification": "f" * 200}, Specification("f" * FLAVOR_LENGTH_MAX)),
        ({"broker_num": BROKERS_MAX + 1, "storage_space": STORAGE_GB_MAX + 1}, None),
        ({"broker_num": 0, "storage_space": -1}, None),
        ({"broker_num": 2.5, "storage_space": True}, None),
        ({"broker_num": "many", "storage_space": [300], "specification": {"name": "x"}}, None),
        ({"broker_num": float("nan"), "storage_space": float("inf")}, None),
        ({"instance_id": "i", "status": "RUNNING"}, None),
        ({}, None),
        ([], None),
        ("kafka.2u4g.cluster", None),
        (None, None),
    ],
)
def test_a_specification_is_read_as_far_as_it_makes_sense(
    body: object, specification: Specification | None
) -> None:
    """Numbers may be text; what cannot be is unknown."""
    assert read_specification(body) == specification


@given(
    values
    | st.dictionaries(
        st.sampled_from(
            ["specification", "product_id", "broker_num", "total_storage_space", "storage_space"]
        ),
        values,
    )
)
def test_any_body_makes_a_specification_within_bounds(body: object) -> None:
    """Never an error, never an empty one."""
    specification = read_specification(body)

    assert specification != Specification()
    if specification is not None:
        assert specification.flavor is None or 0 < len(specification.flavor) <= FLAVOR_LENGTH_MAX
        assert 1 <= (specification.brokers or 1) <= BROKERS_MAX
        assert 1 <= (specification.storage_gb or 1) <= STORAGE_GB_MAX


def ledger_of(observation: Observation | None, **fields: Any) -> Ledger:  # noqa: ANN401 - whatever a ledger has
    """A ledger into which a look has been taken."""
    return Ledger("i/t", NOW, observation=observation, **fields)


def test_what_was_read_at_the_beginning_stays_the_specification_before() -> None:
    """A later one does not replace it, nor does the end."""
    ledger = learn(ledger_of(RUNNING), RUNNING, ORDER, BEFORE)
    later = learn(ledger, RUNNING, None, AFTER)

    assert ledger == ledger_of(RUNNING, order=ORDER, specification=BEFORE)
    assert later == ledger


def test_what_was_read_at_the_end_is_the_specification_after() -> None:
    """Also when the first look already shows the end: how it was before is unknown then."""
    ledger = ledger_of(ENDED, specification=BEFORE)

    assert learn(ledger, ENDED, None, AFTER) == ledger_of(
        ENDED, specification=BEFORE, specification_now=AFTER
    )
    assert learn(ledger_of(ENDED), ENDED, ORDER, AFTER) == ledger_of(
        ENDED, order=ORDER, specification_now=AFTER
    )


def test_a_specification_read_at_an_end_that_is_not_believed_is_none() -> None:
    """An answer older than what is known is ignored as a whole."""
    ledger = ledger_of(RUNNING)

    assert learn(ledger, ENDED, None, AFTER) == ledger


@pytest.mark.parametrize(
    ("known", "read", "kept"),
    [
        (None, None, None),
        (None, ORDER, ORDER),
        (ORDER, None, ORDER),
        (ORDER, Order("bob", NOW, (("a", "1"),)), ORDER),
        (Order("alice"), Order(None, ORDERED, (("a", "1"),)), Order("alice", ORDERED, (("a", "1"),))),
        (Order(ordered_at=ORDERED), Order("bob"), Order("bob", ORDERED)),
    ],
)
def test_an_order_is_completed_and_never_changed(
    known: Order | None, read: Order | None, kept: Order | None
) -> None:
    """What was known first stays, and later answers fill the gaps."""
    assert learn(ledger_of(RUNNING, order=known), RUNNING, read, None).order == kept


@given(
    st.lists(st.tuples(seen, st.none() | orders, st.none() | specifications), max_size=6),
    st.sampled_from([None, RUNNING, ENDED]),
)
def test_what_is_known_stays_known(
    looks: list[tuple[Observation | Problem, Order | None, Specification | None]],
    observation: Observation | None,
) -> None:
    """Whatever is read in whichever order; and what is read again changes nothing."""
    ledger = ledger_of(observation)
    for what, order, specification in looks:
        after = learn(ledger, what, order, specification)

        assert learn(after, what, order, specification) == after
        assert ledger.specification in {None, after.specification}
        assert ledger.specification_now in {None, after.specification_now}
        if ledger.order and after.order:
            assert ledger.order.user in {None, after.order.user}
            assert ledger.order.ordered_at in {None, after.order.ordered_at}
            assert ledger.order.parameters in {(), after.order.parameters}
        assert after.order or not ledger.order
        ledger = after
