"""Which outages are tried: everything in every way, or in the suite each and every way at least once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Final

import pytest

from tests.proofs.effort import is_long
from tests.proofs.real_trouble import Trouble

WHOLE: Final = (Trouble.DOWN, Trouble.RESET)
"""These strike a server as a whole, never some requests only."""

NEVER_ARRIVED: Final = {Trouble.DOWN, Trouble.BUSY, Trouble.BUSY_FOR, Trouble.LIMITED}
"""These tell whoever sends that the message has not arrived."""

MAIL_NEVER_ARRIVED: Final = NEVER_ARRIVED | {Trouble.RESET, Trouble.SILENT, Trouble.TRICKLE, Trouble.NOISE}
"""A mail server has to greet first: until then nothing was handed over."""

Case = tuple[str, Trouble]

IN_SUITE: Final[set[Case]] = {
    ("api", Trouble.BUSY),
    ("alpha", Trouble.GARBAGE),
    ("alpha", Trouble.SLOW),
    ("s3", Trouble.RESET),
    ("obs", Trouble.DOWN),
    ("s3 writes", Trouble.CUT_AFTER),
    ("obs writes", Trouble.CUT_BEFORE),
    ("json", Trouble.SLOW),
    ("json", Trouble.BUSY_FOR),
    ("slack", Trouble.TRICKLE),
    ("slack", Trouble.LIMITED),
    ("api", Trouble.LIMITED),
    ("wecom", Trouble.GARBAGE),
    ("wecom", Trouble.NOISE),
    ("mail", Trouble.SILENT),
    ("mail", Trouble.NOISE),
    ("mail", Trouble.BUSY),
}
"""Everything that can be in trouble, and every trouble, at least once."""


def cases(names: Sequence[str], troubles: Sequence[Trouble]) -> list[object]:
    """All that is to be tried of these: everything, or in the suite a few of each."""
    return [
        pytest.param(name, trouble, id=f"{name}-{trouble.name}")
        for name, trouble in product(names, troubles)
        if is_long() or (name, trouble) in IN_SUITE
    ]
