"""A process that counts up in a document, side by side with others; it imports nothing but the store."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timezone
from pathlib import Path

from handler.stores.folder import FolderStore
from handler.stores.port import Committed, Loaded


def count_up(directory: Path, key: str, increments: int) -> int:
    """Raise the number in a document, again and again; gives how often somebody was quicker."""
    store = FolderStore(directory, lambda: datetime.now(timezone.utc))
    conflicts = done = 0
    while done < increments:
        found = store.load(key)
        number, version = (
            (json.loads(found.document), found.version) if isinstance(found, Loaded) else (0, None)
        )
        if isinstance(store.save(key, json.dumps(number + 1).encode(), version), Committed):
            done += 1
        else:
            conflicts += 1
    return conflicts


if __name__ == "__main__":
    folder, key, increments = sys.argv[1:]
    # Whoever has started it tells when all are there.
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(f"{count_up(Path(folder), key, int(increments))}\n")
