"""What a change is called: `INSTANCE/TASK`, in keys, URLs, reports and logs alike."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

ID: Final = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?"
"""The pattern of an id: such as are safe in URLs and object keys."""

NAME_LENGTH_MAX: Final = 100
_ID: Final = re.compile(ID)


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


def check_name(text: str) -> str:
    """Return a name for a change, without blanks around it: 1 to 100 visible characters.

    Raises:
        ValueError: It is none.
    """
    if not text.isprintable() or not 0 < len(text.strip()) <= NAME_LENGTH_MAX:
        raise ValueError(f"a name has 1 to {NAME_LENGTH_MAX} visible characters")
    return text.strip()


def check_id(text: str) -> str:
    """Return an id that is safe in URLs and object keys: letters, digits, `-` and `_`, at most 64.

    Raises:
        ValueError: It is none.
    """
    if not _ID.fullmatch(text):
        reason = "an id has 1 to 64 letters, digits, '-' or '_' and begins and ends with the former"
        raise ValueError(reason)
    return text
