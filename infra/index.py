"""The entry of the deployed function: `index.handler`, whose code is `handler.entry.handle`.

It stands at the zip's root as `index.py`, the one name that both platforms find. FunctionGraph may have its
own scripts ahead on the path, with modules called like ours, and has old libraries beside them, requests
and urllib3 among them; whichever of them was imported before us would be used in place of the one that this
zip was tested with. So, before anything else is imported:

- the zip's folder, known by this file since the working folder is another, goes first on the path, once;
- what the zip brings but was imported from elsewhere is forgotten. By rule and not by a list of names: nobody
  outside knows what the runtime imports, and a list would have to grow with our dependencies.

No classes here: the platform may run this file without registering it as a module, and dataclasses and the
like do not work in such a one.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

__all__ = ["handler"]


def _put_first(folder: str) -> None:
    """Have all that lies in a folder imported from there; this module is, whatever its name stands for."""
    sys.path[:] = [folder, *(entry for entry in sys.path if entry != folder)]
    names = {name.partition(".")[0] for name in os.listdir(folder)}  # noqa: PTH208 - names are enough
    for brought in names - {Path(__file__).stem}:
        origin = str(getattr(sys.modules.get(brought), "__file__", None) or "")
        if brought in sys.modules and not origin.startswith(folder + os.sep):
            for name in [name for name in sys.modules if name.partition(".")[0] == brought]:
                del sys.modules[name]


def _refuse_other_machines(folder: str) -> None:
    """See that the zip is for this Python and machine; else some import would fail and not say why."""
    loadable = {f"_core{suffix}" for suffix in EXTENSION_SUFFIXES}
    found = sorted(path.name for path in Path(folder, "msgspec").glob("_core.*"))
    if loadable.isdisjoint(found):
        wanted = f"_core{EXTENSION_SUFFIXES[0]}"
        raise ImportError(f"this zip is for another Python or machine: it has {found}, here is {wanted}")


_FOLDER = str(Path(__file__).absolute().parent)
_put_first(_FOLDER)
_refuse_other_machines(_FOLDER)

# Nothing of what is imported is garbage; to look for some takes a tenth of a cold start.
gc.disable()
from handler.entry import handle as handler  # noqa: E402 - only now is it ours

gc.freeze()
gc.enable()
