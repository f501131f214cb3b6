"""The metrics: what Prometheus reads is what is kept, and nothing is made up."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.parser import text_string_to_metric_families

from handler.core.ledger import ChannelState, Ledger
from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.record import Record
from handler.web.api.metrics import KEY_REFUSED, MEDIA_TYPE, METRICS, metrics_of
from notifiers.verdicts import Outcome
from tests.web.kept import LEDGER, NOW, RECORD, after, records, with_channel

Sample = tuple[str, dict[str, str], float]

CALM: Final = replace(LEDGER, outage=None)
STALLED: Final = replace(CALM, raised=(f"stalled:{after(500).isoformat()}",))
SEEN: Final = CALM.observation or Observation(Phase.UNKNOWN)
TIMES: Final = {
    "headway_change_remaining_seconds",
    "headway_change_done_timestamp_seconds",
    "headway_change_seen_timestamp_seconds",
}


def read(*kept: Record) -> list[Sample]:
    """What Prometheus reads, without the labels that are the change's own."""
    families = text_string_to_metric_families(metrics_of(kept))
    samples = [sample for family in families for sample in family.samples]
    own = {"instance_id", "task_id", "name"}
    assert all(own <= sample.labels.keys() for sample in samples)
    return [(s.name, {k: v for k, v in s.labels.items() if k not in own}, s.value) for s in samples]


def test_a_change_that_is_followed_is_told_of_in_numbers() -> None:
    """Each with the change's ids and name."""
    assert read(RECORD) == [
        ("headway_change_percent", {}, 40),
        ("headway_change_phase", {"phase": "running"}, 1),
        ("headway_change_seen_timestamp_seconds", {}, after(590).timestamp()),
        ("headway_change_last_look_timestamp_seconds", {}, after(600).timestamp()),
        ("headway_change_stalled", {}, 0),
        ("headway_deliveries_total", {"channel": "ops", "outcome": "sent"}, 2),
        ("headway_deliveries_total", {"channel": "mail", "outcome": "sent"}, 1),
        ("headway_deliveries_total", {"channel": "mail", "outcome": "refused"}, 2),
        ("headway_channel_unheard_alerts", {"channel": "ops"}, 0),
        ("headway_channel_unheard_alerts", {"channel": "mail"}, 2),
        ("headway_channel_refused", {"channel": "ops"}, 0),
        ("headway_channel_refused", {"channel": "mail"}, 1),
        ("headway_api_outages_total", {"kind": "throttled"}, 2),
        ("headway_api_unavailable", {"kind": "throttled"}, 1),
    ]
    line = 'headway_change_percent{instance_id="inst",name="orders",task_id="task"} 40.0'
    assert line in metrics_of([RECORD]).splitlines()


def test_that_the_access_key_was_refused_is_told_until_it_is_accepted() -> None:
    """Though no change be followed; it is of none, and has no labels."""
    (sample,) = [
        sample
        for family in text_string_to_metric_families(metrics_of([], after(90)))
        for sample in family.samples
    ]

    assert (sample.name, sample.labels, sample.value) == (KEY_REFUSED, {}, after(90).timestamp())
    assert KEY_REFUSED == "headway_access_key_refused_timestamp_seconds"
    assert not [line for line in metrics_of([RECORD]).splitlines() if line.startswith(KEY_REFUSED)]


def test_what_is_over_and_heard_has_no_metrics() -> None:
    """Nor is there anything of this process, which ends with the invocation."""
    assert read(RECORD._replace(is_active=False)) == []


@pytest.mark.parametrize("ledger", [None, replace(LEDGER, observation=None, looked_at=None, outage=None)])
def test_what_is_not_known_has_no_sample(ledger: Ledger | None) -> None:
    """But for the phase, which has a word for it."""
    samples = read(RECORD._replace(ledger=ledger))
    names = {"headway_change_percent", "headway_change_remaining_seconds", "headway_change_stalled"}

    assert names.isdisjoint(name for name, _, _ in samples)
    assert ("headway_change_phase", {"phase": "unknown"}, 1) in samples


def test_what_a_channel_that_was_set_back_has_heard_is_not_unheard() -> None:
    """It does not hear that again."""
    record = with_channel(ChannelState(0, heard_beyond=(2,)))
    unheard = [value for name, _, value in read(record) if name == "headway_channel_unheard_alerts"]

    assert unheard == [LEDGER.length - 1]


def test_the_time_that_remains_counts_from_when_the_api_said_it() -> None:
    """By its own clock, however much later somebody looks."""
    samples = read(RECORD._replace(ledger=CALM))

    assert ("headway_change_seen_timestamp_seconds", {}, after(590).timestamp()) in samples
    assert ("headway_change_remaining_seconds", {}, 1200) in samples
    assert ("headway_change_done_timestamp_seconds", {}, after(1790).timestamp()) in samples


@pytest.mark.parametrize(
    ("observation", "names"),
    [
        (Observation(Phase.RUNNING, 60, 300), {"remaining_seconds"}),
        (Observation(Phase.RUNNING, 60, date=NOW), {"seen_timestamp_seconds"}),
        (Observation(Phase.RUNNING, 60), set()),
    ],
)
def test_what_the_api_did_not_say_of_time_is_not_told(observation: Observation, names: set[str]) -> None:
    """Neither how long, nor when, nor both together."""
    samples = read(RECORD._replace(ledger=replace(CALM, observation=observation)))

    assert {name for name, _, _ in samples} & TIMES == {f"headway_change_{name}" for name in names}


@pytest.mark.parametrize(
    "ledger",
    [
        LEDGER,
        STALLED,
        replace(CALM, observation=replace(SEEN, phase=Phase.FAILED)),
        replace(CALM, observation=replace(SEEN, steps=(Step("expand", StepState.FAILED),))),
        replace(CALM, observation=replace(SEEN, steps=(), step_counts={StepState.FAILED: 1})),
    ],
    ids=["unreachable", "stalled", "over", "a step failed", "one of many failed"],
)
def test_no_time_is_told_that_no_longer_holds(ledger: Ledger) -> None:
    """Whatever the API last said, and when is told."""
    samples = read(RECORD._replace(ledger=ledger))

    assert {name for name, _, _ in samples} & TIMES == {"headway_change_seen_timestamp_seconds"}


def test_a_standstill_that_was_told_is_told_here_too() -> None:
    """Until the change moves."""
    assert ("headway_change_stalled", {}, 1) in read(RECORD._replace(ledger=STALLED))


def test_the_outcomes_of_sends_are_explained() -> None:
    """Each where the metric is, for `retry` and `unknown` do not speak for themselves."""
    (meaning,) = [metric.meaning for metric in METRICS if metric.name == "headway_deliveries_total"]

    assert [outcome.value for outcome in Outcome if outcome.value not in meaning] == []


def test_a_channel_that_is_configured_no_longer_alarms_nobody() -> None:
    """What was sent to it stays counted."""
    gone = ChannelState(1, absent_since=LEDGER.created_at, outcome_counts={Outcome.SENT: 1})

    assert {name for name, labels, _ in read(with_channel(gone)) if "channel" in labels} == {
        "headway_deliveries_total"
    }


@pytest.mark.parametrize(
    ("kept", "read_name"),
    [
        (None, "inst/task"),
        ('say "hi"', 'say "hi"'),
        ("back\\slash\\n", "back\\slash\\n"),
        ("two\nlines\r\n", "two\nlines\r\n"),
        ('"} 1\nup 0', '"} 1\nup 0'),
        ("😀 订单", "😀 订单"),
        ("x" * 300, "x" * 200),
    ],
)
def test_no_name_breaks_out_of_its_label(kept: str | None, read_name: str) -> None:
    """It is read as it is, if it is not very long."""
    text = metrics_of(
        [RECORD._replace(ledger=replace(LEDGER, name=kept, channels={str(kept): ChannelState(0)}))]
    )
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]

    assert {sample.labels["name"] for sample in samples} == {read_name}
    assert {s.labels["channel"] for s in samples if "channel" in s.labels} == {str(kept)}


@given(st.lists(records, max_size=3, unique_by=lambda record: record.change))
def test_whatever_is_kept_can_be_read(kept: Sequence[Record]) -> None:
    """No two samples are of the same, no value is no number, and each metric is explained."""
    families = list(text_string_to_metric_families(metrics_of(kept)))
    samples = [sample for family in families for sample in family.samples]
    active = {str(record.change) for record in kept if record.is_active}

    assert max(Counter((s.name, *sorted(s.labels.items())) for s in samples).values(), default=1) == 1
    assert not any(math.isnan(sample.value) for sample in samples)
    assert {f"{s.labels['instance_id']}/{s.labels['task_id']}" for s in samples} == active
    names = [metric.name.removesuffix("_total") for metric in METRICS]
    assert [family.name for family in families] == [*names, KEY_REFUSED]
    assert all(family.documentation for family in families)


def test_the_media_type_is_that_of_the_text() -> None:
    """As prometheus_client calls it."""
    assert MEDIA_TYPE == CONTENT_TYPE_PLAIN_0_0_4
