"""What a page is made from: a bucket with changes of ten steps that run, each an hour old and half done."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Final
from urllib.parse import urlsplit

from handler.core.document import encode
from handler.core.ledger import ChannelState, Estimate, Ledger, Sample
from handler.core.observation import Observation, Phase, Step, StepState
from notifiers.alerts import Alert, Kind
from notifiers.operations import Order, Specification
from tests.benchmarks.fleet_shape import Fleet

STEPS: Final = (
    *("pre_check", "backup_metadata", "node_creation", "disk_expansion", "rolling_restart"),
    *("partition_reassignment", "leader_balancing", "configuration_sync", "post_check", "clean_up"),
)
DONE: Final = 5
STEP_TIME: Final = timedelta(minutes=11)
CHANNELS: Final = ("ops", "management", "night-shift")


def fill(fleet: Fleet) -> None:
    """Put a fleet's ledgers and markers into its bucket."""
    bucket = http.client.HTTPConnection(urlsplit(fleet.bucket).netloc, timeout=10)
    now = datetime.now(timezone.utc)
    for number, instance in enumerate(fleet.instances):
        document = encode(_ledger(f"{instance}/task", f"orders-{number}", now), "a tick's")
        for key, content in ((f"active/{instance}/task", b""), (f"changes/{instance}/task.json", document)):
            bucket.request("PUT", f"/{fleet.prefix}/{key}", content)
            bucket.getresponse().read()
    bucket.close()


def _ledger(change: str, name: str, now: datetime) -> Ledger:
    begun_at = now - DONE * STEP_TIME - timedelta(minutes=5)
    alerts = tuple(_alerts(begun_at))
    return Ledger(
        change=change,
        created_at=begun_at,
        name=name,
        order=Order("somebody", begun_at, (("new_storage_space", "1200"),)),
        specification=Specification("kafka.4u8g.cluster", 3, 600),
        looked_at=now,
        observation=Observation(
            Phase.RUNNING,
            percent=55,
            remaining_seconds=3000,
            steps=tuple(_step(name, number, begun_at) for number, name in enumerate(STEPS)),
            date=now,
        ),
        moved_at=now,
        percent_peak=55,
        first_estimate=Estimate(begun_at, 6000),
        samples=tuple(Sample(begun_at + timedelta(minutes=percent), percent) for percent in range(56)),
        raised=tuple(alert.cause for alert in alerts),
        length=len(alerts),
        alerts=alerts,
        channels={name: ChannelState(offset=len(alerts)) for name in CHANNELS},
    )


def _step(name: str, number: int, begun_at: datetime) -> Step:
    started_at = begun_at + number * STEP_TIME
    if number < DONE:
        return Step(name, StepState.COMPLETED, started_at=started_at, ended_at=started_at + STEP_TIME)
    return (
        Step(name, StepState.RUNNING, started_at=started_at)
        if number == DONE
        else Step(name, StepState.WAITING)
    )


def _alerts(begun_at: datetime) -> Iterator[Alert]:
    """Of each step that it began and, if so, that it ended."""
    yield Alert(1, Kind.STARTED, "started", begun_at, percent=0)
    for number, name in enumerate(STEPS[: DONE + 1]):
        at = begun_at + number * STEP_TIME
        began = f"step_started:{name}#1"
        yield Alert(2 * number + 2, Kind.STEP_STARTED, began, at, percent=10 * number, step=name)
        if number < DONE:
            ended, seconds = f"step_completed:{name}#1", int(STEP_TIME.total_seconds())
            at += STEP_TIME
            yield Alert(2 * number + 3, Kind.STEP_COMPLETED, ended, at, step=name, step_seconds=seconds)
