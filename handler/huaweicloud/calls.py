"""The calls of the DMS API that Headway makes, as unsigned requests."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlencode

from handler.core.change import ChangeId
from handler.hosts import huawei_endpoint
from handler.transport import Request

INSTANCES_MAX: Final = 50
TASKS_MAX: Final = 100
"""How many entries a page has at most, says the API."""


def endpoint_for(region: str) -> str:
    """Return the address of the API in a region."""
    return huawei_endpoint("dms", region)


def task_request(change: ChangeId, *, endpoint: str, project_id: str) -> Request:
    """Build the task call: https://support.huaweicloud.com/api-kafka/ShowBackgroundTask.html."""
    return _request(endpoint, project_id, "instances", change.instance_id, "tasks", change.task_id)


def progress_request(change: ChangeId, *, endpoint: str, project_id: str) -> Request:
    """Build the progress call.

    See https://support.huaweicloud.com/api-kafka/ShowBackgroundTaskProgress.html.
    """
    request = task_request(change, endpoint=endpoint, project_id=project_id)
    return request._replace(url=f"{request.url}/progress")


def instance_request(instance_id: str, *, endpoint: str, project_id: str) -> Request:
    """Build the call that shows an instance: https://support.huaweicloud.com/api-kafka/ShowInstance.html."""
    return _request(endpoint, project_id, "instances", instance_id)


def instances_request(
    offset: int, instance_id: str | None = None, *, endpoint: str, project_id: str
) -> Request:
    """Build the call for a page of instances, from `offset` on, counted from 0, or for a certain one.

    See https://support.huaweicloud.com/api-kafka/ListInstances.html; beyond the last instance it answers 400.
    """
    request = _request(endpoint, project_id, "instances")
    query = {"engine": "kafka", "limit": INSTANCES_MAX, "offset": offset}
    return _asking(request, {**query, **({"instance_id": instance_id} if instance_id else {})})


def tasks_request(instance_id: str, start: int, *, endpoint: str, project_id: str) -> Request:
    """Build the call for a page of an instance's tasks, from the `start`-th on, counted from 1.

    See https://support.huaweicloud.com/api-kafka/ListBackgroundTasks.html. Some versions of that page say
    `offset`; the official Terraform provider sends `start`.
    """
    request = _request(endpoint, project_id, "instances", instance_id, "tasks")
    return _asking(request, {"start": start, "limit": TASKS_MAX})


def _request(endpoint: str, project_id: str, *path: str) -> Request:
    parts = "/".join(quote(part, safe="") for part in ("v2", project_id, *path))
    headers = {"Content-Type": "application/json", "X-Project-Id": project_id}
    return Request("GET", f"{endpoint.rstrip('/')}/{parts}", headers)


def _asking(request: Request, query: dict[str, object]) -> Request:
    return request._replace(url=f"{request.url}?{urlencode(query)}")
