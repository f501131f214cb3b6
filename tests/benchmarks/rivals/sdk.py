"""The same by the book: Huawei Cloud's official SDK, S3 by way of boto3 to remember by, `apprise` to tell.

What is new is written down before the message goes out, and once more that it is out; each time only if
nobody else has written since. So nothing is lost, and two runs at once do not both tell it.
"""

from __future__ import annotations

import json
import os
from typing import Any

import apprise
import boto3
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkkafka.v2 import KafkaClient, ShowBackgroundTaskProgressRequest


def look() -> list[Any]:
    """Ask how far the change is."""
    env = os.environ
    keys = BasicCredentials(env["HUAWEICLOUD_SDK_AK"], env["HUAWEICLOUD_SDK_SK"], env["PROJECT_ID"])
    client = KafkaClient.new_builder().with_credentials(keys).with_endpoint(env["DMS_ENDPOINT"]).build()
    request = ShowBackgroundTaskProgressRequest(instance_id=env["INSTANCE_ID"], task_id=env["TASK_ID"])
    progress = client.show_background_task_progress(request)
    return [progress.progress_percentage, [[step.name, step.statue] for step in progress.step_list]]


class State:
    """What is remembered: one object in a bucket."""

    def __init__(self) -> None:
        """Read it."""
        self._client = boto3.client("s3", endpoint_url=os.environ["STATE_ENDPOINT"])
        self._object = {"Bucket": os.environ["STATE_BUCKET"], "Key": os.environ["STATE_KEY"]}
        self.value: Any = None
        self._condition = {"IfNoneMatch": "*"}
        try:
            answer = self._client.get_object(**self._object)
        except self._client.exceptions.NoSuchKey:
            return
        self.value = json.load(answer["Body"])
        self._condition = {"IfMatch": answer["ETag"]}

    def save(self, value: object) -> None:
        """Write it unless somebody else did since."""
        body = json.dumps(value).encode()
        answer = self._client.put_object(**self._object, **self._condition, Body=body)
        self._condition = {"IfMatch": answer["ETag"]}


def handler(event: object, context: object) -> dict[str, bool]:  # noqa: ARG001 - a function's signature
    """Look once; say it and remember it if something is new."""
    seen = look()
    state = State()
    if state.value is not None and state.value["seen"] == seen:
        return {"changed": False}

    state.save({"seen": seen, "told": False})
    channels = apprise.Apprise()
    channels.add(os.environ["CHANNEL_URL"])
    if not channels.notify(title="Kafka capacity change", body=f"{seen[0]} % done"):
        raise RuntimeError("The channel could not be told.")
    state.save({"seen": seen, "told": True})
    return {"changed": True}
