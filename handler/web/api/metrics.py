"""What is kept of the changes that are followed, as Prometheus reads it.

The text is that of https://prometheus.io/docs/instrumenting/exposition_formats/. What is not known has no
sample. Nothing is counted in this process: all comes from the ledgers, whichever process wrote them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from handler.core.estimating import is_estimate_good
from handler.core.ledger import ChannelState, Ledger
from handler.core.record import NOTHING, Record

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

KEY_REFUSED: Final = "headway_access_key_refused_timestamp_seconds"
"""The one metric that is of no change."""

_KEY_REFUSED_MEANING: Final = "When the API last refused the access key; not given once it accepts it."
_NAME_LENGTH_MAX: Final = 200
_LABELS: Final = ("instance_id", "task_id", "name")

Sample = tuple[float, tuple[str, ...]]
"""A value, and those of the labels that its metric has besides the change's."""

Family = GaugeMetricFamily | CounterMetricFamily


class Metric(NamedTuple):
    """A metric: what it is called, what it tells, how it is read, and which labels it has besides."""

    name: str
    meaning: str
    read: Callable[[Ledger], Iterator[Sample]]
    labels: tuple[str, ...] = ()
    family: type[Family] = GaugeMetricFamily


def metrics_of(records: Sequence[Record], refused_at: datetime | None = None) -> str:
    """Tell how the changes that are followed stand, and what became of telling of them.

    Args:
        records: What is kept of changes.
        refused_at: When the access key was refused, if it was not accepted since.
    """
    registry = CollectorRegistry()
    registry.register(_Kept([record for record in records if record.is_active], refused_at))
    return generate_latest(registry).decode()


class _Kept(Collector):
    """Gives all metrics."""

    def __init__(self, records: Sequence[Record], refused_at: datetime | None) -> None:
        self._records = records
        self._refused_at = refused_at

    def collect(self) -> Iterator[Family]:
        """See `Collector`."""
        yield from map(self._gather, METRICS)
        refused_at = self._refused_at.timestamp() if self._refused_at else None
        yield GaugeMetricFamily(KEY_REFUSED, _KEY_REFUSED_MEANING, refused_at)

    def _gather(self, metric: Metric) -> Family:
        family = metric.family(metric.name, metric.meaning, labels=(*_LABELS, *metric.labels))
        for record in self._records:
            ledger = record.ledger or NOTHING
            name = (ledger.name or str(record.change))[:_NAME_LENGTH_MAX]
            for value, labels in metric.read(ledger):
                family.add_metric((*record.change, name, *labels), value)
        return family


def _percent(ledger: Ledger) -> Iterator[Sample]:
    if ledger.observation and ledger.observation.percent is not None:
        yield ledger.observation.percent, ()


def _phase(ledger: Ledger) -> Iterator[Sample]:
    yield 1, (ledger.phase.value,)


def _remaining(ledger: Ledger) -> Iterator[Sample]:
    seen = ledger.observation
    if seen and seen.remaining_seconds is not None and is_estimate_good(ledger):
        yield seen.remaining_seconds, ()


def _done(ledger: Ledger) -> Iterator[Sample]:
    for at, _ in _seen(ledger):
        for remaining_seconds, _ in _remaining(ledger):
            yield at + remaining_seconds, ()


def _seen(ledger: Ledger) -> Iterator[Sample]:
    if ledger.observation and ledger.observation.date is not None:
        yield ledger.observation.date.timestamp(), ()


def _last_look(ledger: Ledger) -> Iterator[Sample]:
    if ledger.looked_at is not None:
        yield ledger.looked_at.timestamp(), ()


def _stalled(ledger: Ledger) -> Iterator[Sample]:
    if ledger.observation is not None:
        yield int(ledger.is_stalled), ()


def _deliveries(ledger: Ledger) -> Iterator[Sample]:
    for name, state in ledger.channels.items():
        for outcome, count in state.outcome_counts.items():
            yield count, (name, outcome.value)


def _unheard(ledger: Ledger) -> Iterator[Sample]:
    for name, state in _present(ledger):
        yield ledger.length - state.offset - len(state.heard_beyond), (name,)


def _refused(ledger: Ledger) -> Iterator[Sample]:
    for name, state in _present(ledger):
        yield int(state.refused_since is not None), (name,)


def _present(ledger: Ledger) -> Iterator[tuple[str, ChannelState]]:
    """The channels that are still configured."""
    return ((name, state) for name, state in ledger.channels.items() if state.absent_since is None)


def _outages(ledger: Ledger) -> Iterator[Sample]:
    for kind, count in ledger.outage_counts.items():
        yield count, (kind.value,)


def _unavailable(ledger: Ledger) -> Iterator[Sample]:
    if ledger.outage is not None:
        yield 1, (ledger.outage.kind.value,)


METRICS: Final = (
    Metric("headway_change_percent", "How far the change is in percent, by the API's last word.", _percent),
    Metric("headway_change_phase", "1 for the phase that the change was last seen in.", _phase, ("phase",)),
    Metric(
        "headway_change_remaining_seconds",
        "Time left by the API's last word; not given in a standstill, in an outage and after a failed step.",
        _remaining,
    ),
    Metric(
        "headway_change_done_timestamp_seconds",
        "When the change will be done by the API's last word; not given while the time left is not.",
        _done,
    ),
    Metric(
        "headway_change_seen_timestamp_seconds",
        "When the API gave its last word on the change, by its own clock.",
        _seen,
    ),
    Metric(
        "headway_change_last_look_timestamp_seconds",
        "When the API was last asked about the change; up to ten minutes behind while nothing is new.",
        _last_look,
    ),
    Metric("headway_change_stalled", "1 from the alert of a standstill until it is over, else 0.", _stalled),
    Metric(
        "headway_deliveries_total",
        "Sends to the channel by outcome: sent, retry (not taken), refused, unknown (may have arrived).",
        _deliveries,
        ("channel", "outcome"),
        CounterMetricFamily,
    ),
    Metric(
        "headway_channel_unheard_alerts", "Alerts still to be sent to the channel.", _unheard, ("channel",)
    ),
    Metric(
        "headway_channel_refused", "1 while its service refuses messages, else 0.", _refused, ("channel",)
    ),
    Metric(
        "headway_api_outages_total",
        "Outages of the API that the change has seen, by the kind of the first failure.",
        _outages,
        ("kind",),
        CounterMetricFamily,
    ),
    Metric(
        "headway_api_unavailable",
        "1 while the API gives no good answer for the change, by the kind of the first failure.",
        _unavailable,
        ("kind",),
    ),
)
"""All of changes."""
