"""Runs one function once, as its first process would; started for each measurement, knows no function.

    python -I -S -B one_invocation.py FOLDER MODULE EVENT

Only the standard library and the function's folder are on the path. The answer is printed as JSON, and
nothing is torn down: no platform does that before it has the answer.
"""

import importlib
import json
import os
import sys

if __name__ == "__main__":
    folder, module, event = sys.argv[1:]
    sys.path[:0] = [folder]
    answer = importlib.import_module(module).handler(json.loads(event), None)
    print(json.dumps(answer), flush=True)
    os._exit(0)
