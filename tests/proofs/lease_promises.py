"""What must hold under a lease, whatever contenders do: of each write, and of what a save is told."""

from __future__ import annotations

from typing import Final

from handler.stores.port import Committed, Unknown
from tests.proofs.promises import owner_of
from tests.proofs.storage import Result
from tests.proofs.world import Link, Save, World

REPLACED: Final = "a write replaces what its writer expected"
WRITTEN: Final = "what is committed was written, over what was expected"
UNWRITTEN: Final = "what met a conflict or failed was not written, nor will be"


def broken_by(before: World, after: World, ended: tuple[Save, Result] | None) -> str | None:
    """The promise that a deed breaks, by which a save may have ended."""
    if len(after.chain) > len(before.chain) and not _replaces_expected(after.chain):
        return REPLACED
    if ended is None or isinstance(ended[1], Unknown):
        return None
    save, result = ended
    version, place = save.document.version, save.document.ledger
    versions = [link.version for link in after.chain]
    if not isinstance(result, Committed):
        late = (straggler.document.version for straggler in after.stragglers)
        return UNWRITTEN if version in {*versions, *late} else None
    # The first write over an expected version is its one winner's, so no two of them commit.
    is_true = result.version == version in versions and owner_of(versions[place]) == owner_of(version)
    return None if is_true else WRITTEN


def _replaces_expected(chain: tuple[Link, ...]) -> bool:
    """Whether the last write stands next after what it expects, or with its sender's own late ones."""
    *before, last = chain
    own, between = owner_of(last.version), before[last.place :]
    return all(owner_of(link.version) == own and (last.is_late or link.is_late) for link in between)
