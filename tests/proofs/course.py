"""What an invocation goes on to when a step is done: its memory from one stage to the next."""

from __future__ import annotations

from typing import Final

from handler.stores.port import Committed, Conflict, Unknown
from tests.proofs.deciding import NO_TIME, Deciding, Decision
from tests.proofs.storage import Result
from tests.proofs.world import OVER, Document, Process, Save, Stage, World

KEPT_BACK: Final = 25
"""With less time left no send is begun: it may take 15 s, and 10 s are kept for recording."""

CLAIMING: Final = frozenset({Stage.CLAIM, Stage.CHECK_CLAIM})


def owner(number: int) -> str:
    """What an invocation is called in its claims."""
    return f"p{number}"


class Course:
    """Leads processes from stage to stage, as the main path does."""

    def __init__(self, deciding: Deciding) -> None:
        """Take what decides."""
        self._deciding = deciding

    def decided(self, process: Process, number: int, decision: Decision, found: Document | None) -> Process:
        """Go on to saving what is new, over what was found."""
        process = process._replace(
            stage=Stage.MARK if found is None else Stage.CLAIM,
            before=None if found is None else found.ledger,
            after=decision.after,
            version=None if found is None else found.version,
            parcels=decision.parcels,
        )
        return self._begin_save(process, number, decision.after)

    def _begin_save(self, process: Process, number: int, ledger: int) -> Process:
        document = Document(ledger, f"{owner(number)}n{process.saves}")
        return process._replace(saves=process.saves + 1, save=Save(document, process.version))

    def saved(self, world: World, number: int, process: Process, result: Result) -> Process:
        """Go on from the end of a save; announcements of its own that still stand are remembered."""
        assert process.save is not None
        standing = {each.name for each in world.announcements}
        ours = frozenset(standing & {*process.ours, *process.save.names})
        is_traceless = isinstance(result, (Conflict, str)) and ours.isdisjoint(process.save.names)
        # What left nothing behind is as good as never begun: its names may come again.
        process = process._replace(ours=ours, saves=process.saves - is_traceless)
        if isinstance(result, Unknown):
            check = Stage.CHECK_CLAIM if process.stage in CLAIMING else Stage.CHECK_SETTLE
            return process._replace(stage=check)
        return self.after_save(world.now, number, process, is_committed=isinstance(result, Committed))

    def after_save(self, now: int, number: int, process: Process, *, is_committed: bool) -> Process:
        """Go on from a save that has been made, or has not, as far as its invocation knows."""
        save, is_claim = process.save, process.stage in CLAIMING
        assert save is not None
        process = process._replace(save=None)
        if not is_committed:
            return OVER if is_claim else process._replace(stage=Stage.RELOAD)
        process = process._replace(after=save.document.ledger, version=save.document.version)
        return self.next_send(now, number, process) if is_claim else self._finish(process)

    def next_send(self, now: int, number: int, process: Process) -> Process:
        """Go on to the next send while there is time for one, then to recording how they went."""
        if now > process.deadline - KEPT_BACK:
            unsent = len(process.parcels) - len(process.fates)
            process = process._replace(fates=process.fates + (NO_TIME,) * unsent)
        if len(process.fates) < len(process.parcels):
            return process._replace(stage=Stage.SEND)
        return self.begin_settling(now, number, process)

    def begin_settling(self, now: int, number: int, process: Process) -> Process:
        """Go on to recording how the sends went, unless there is nothing to record."""
        channels = (parcel.channel for parcel in process.parcels)
        told = tuple(zip(channels, process.fates, strict=True))
        settled = self._deciding.settle(process.before, process.after, owner(number), told, now)
        if settled == process.after:
            return self._finish(process)
        return self._begin_save(process._replace(stage=Stage.SETTLE), number, settled)

    def _finish(self, process: Process) -> Process:
        """Be over, but for the mark of a change that has just been told to its end."""
        was_told = process.before is not None and self._deciding.ledger(process.before).is_told
        is_told = self._deciding.ledger(process.after).is_told
        return Process(Stage.UNMARK, process.deadline) if is_told and not was_told else OVER
