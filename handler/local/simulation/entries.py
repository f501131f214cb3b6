"""How an instance and a task look in the API's lists.

The shapes are those of https://support.huaweicloud.com/api-kafka/ListInstances.html and
https://support.huaweicloud.com/api-kafka/ListBackgroundTasks.html, as far as somebody might read them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

Entry = dict[str, object]


FLAVOR: Final = "kafka.2u4g.cluster"


def task_entry(task_id: str, name: str, status: str, created_at: datetime, updated_at: datetime) -> Entry:
    """A task; `updated_at` is its end, or now."""
    return {
        "id": task_id,
        "name": name,
        "user_name": "simulator",
        "user_id": "0" * 32,
        "params": "{}",
        "status": status,
        "created_at": _iso(created_at),
        "updated_at": _iso(updated_at),
    }


def instance_entry(  # noqa: PLR0913, PLR0917 - all that differs between two
    instance_id: str, name: str, status: str, created_at: datetime, storage_gb: int, extend_times: int
) -> Entry:
    """An instance, as lists show it and by itself; all have the same brokers."""
    return {
        "name": name,
        "engine": "kafka",
        "engine_version": "2.7",
        "specification": FLAVOR,
        "product_id": FLAVOR,
        "storage_space": storage_gb,
        "total_storage_space": storage_gb,
        "used_storage_space": 120,
        "broker_num": 3,
        "connect_address": "192.168.0.10,192.168.0.11,192.168.0.12",
        "port": 9092,
        "status": status,
        "instance_id": instance_id,
        "resource_spec_code": "",
        "charging_mode": 1,
        "created_at": str(round(created_at.timestamp() * 1000)),
        "user_id": "0" * 32,
        "user_name": "simulator",
        "type": "cluster",
        "extend_times": extend_times,
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
