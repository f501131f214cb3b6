"""How an instance and a task look in the API's lists.

The shapes are those of https://support.huaweicloud.com/api-kafka/ListInstances.html and
https://support.huaweicloud.com/api-kafka/ListBackgroundTasks.html, as far as somebody might read them.
"""

from __future__ import annotations

from datetime import datetime

Entry = dict[str, object]


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


def instance_entry(instance_id: str, name: str, status: str, created_at: datetime) -> Entry:
    """An instance; all are of one size."""
    return {
        "name": name,
        "engine": "kafka",
        "engine_version": "2.7",
        "specification": "kafka.2u4g.cluster.small * 3 broker",
        "storage_space": 300,
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
        "extend_times": 0,
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
