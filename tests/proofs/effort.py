"""How much a proof may cost: little in the suite, much more under `make prove`."""

import os


def is_long() -> bool:
    """True when the long version of every proof is asked for."""
    return os.environ.get("HEADWAY_PROOF") == "long"
