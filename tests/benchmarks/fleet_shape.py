"""A fleet of changes as both sides see it: where its services are, what is asked of them, over how much."""

from __future__ import annotations

from typing import Final, NamedTuple

CONNECTIONS: Final = 64
"""Open to each of the two services at most, on every side."""


class Fleet(NamedTuple):
    """So many changes, known to a DMS and with their ledgers in a bucket; each is an instance's only task."""

    dms: str
    bucket: str
    changes: int

    @property
    def instances(self) -> list[str]:
        """The instances' ids."""
        return [f"i{number}" for number in range(self.changes)]

    @property
    def prefix(self) -> str:
        """Bucket and prefix of the ledgers."""
        return f"bucket/fleet-of-{self.changes}"

    @property
    def progress_urls(self) -> list[str]:
        """Where each change's progress is asked for."""
        return [f"{self.dms}/v2/project/instances/{i}/tasks/task/progress" for i in self.instances]

    @property
    def ledger_urls(self) -> list[str]:
        """Where each change's ledger lies."""
        return [f"{self.bucket}/{self.prefix}/changes/{i}/task.json" for i in self.instances]
