"""Runs one command and prints, as the last line, what that process cost.

    python -I -S -B launcher.py COMMAND ARGUMENT...

It is a process of its own and a small one, because Linux counts what the parent held at the time towards
its child's peak memory.
"""

import json
import os
import sys
import time

if __name__ == "__main__":
    begun = time.perf_counter()
    child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
    _, status, usage = os.wait4(child, 0)
    cost = {
        "status": os.waitstatus_to_exitcode(status),
        "wall_seconds": time.perf_counter() - begun,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        # Linux counts kibibytes, macOS bytes.
        "peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }
    print(json.dumps(cost))
