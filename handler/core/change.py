"""What a change is called: `INSTANCE/TASK`, in keys, URLs, reports and logs alike."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_ID: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?")


class ChangeId(NamedTuple):
    """A background task of an instance; both ids are dashed UUIDs or 32 hex digits, held loosely.

    Source: `job_id` and `task_id` in https://support.huaweicloud.com/api-kafka/ListBackgroundTasks.html.
    """

    instance_id: str
    task_id: str

    def __str__(self) -> str:
        """The name of the change everywhere, `INSTANCE/TASK`."""
        return f"{self.instance_id}/{self.task_id}"

    @classmethod
    def parse(cls, text: str) -> ChangeId:
        """Read `INSTANCE/TASK`.

        Raises:
            ValueError: It is not two ids with a slash between them.
        """
        instance_id, _, task_id = text.partition("/")
        return cls(check_id(instance_id), check_id(task_id))


class Watch(NamedTuple):
    """A change to follow, and what people call it."""

    change: ChangeId
    name: str


def check_id(text: str) -> str:
    """Return an id that is safe in URLs and object keys: letters, digits, `-` and `_`, at most 64.

    Raises:
        ValueError: It is none.
    """
    if not _ID.fullmatch(text):
        reason = "an id has 1 to 64 letters, digits, '-' or '_' and begins and ends with the former"
        raise ValueError(reason)
    return text
