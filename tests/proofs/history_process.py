"""One process as its ports see it: its calls are counted, and at some of them something comes in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, TypeVar

from handler.clock import Deadline
from handler.core.change import ChangeId
from handler.core.problem import Problem
from handler.core.progress import Progress, Task
from handler.stores.port import StateUnavailableError
from notifiers.messages import Content, Message
from notifiers.operations import Specification
from notifiers.verdicts import Verdict
from tests.fakes.clock import FakeClock
from tests.proofs.history_inline import Hanging
from tests.proofs.history_plan import Act, Crash, Fault, Incident, Meanwhile, Slow
from tests.proofs.history_source import ScriptedChange
from tests.proofs.history_store import WitnessedStore

T = TypeVar("T")
STORE_CALLS: Final = frozenset({"load", "save", "put", "copy", "list", "remove"})


class Crashed(BaseException):
    """The end of a process, in the middle of anything."""


class Surroundings(Protocol):
    """The world, as a process touches it: see `World`."""

    clock: FakeClock
    store: WitnessedStore
    broken: list[str]

    def act(self, act: Act) -> None:
        """Let something happen."""
        ...


class Process:
    """An invocation's process: who it is, until when it may act, and what will come in between."""

    def __init__(
        self, world: Surroundings, owner: str, deadline: Deadline, incidents: Sequence[Incident]
    ) -> None:
        """Have called nothing yet."""
        self.owner = owner
        self._world, self._deadline, self._incidents = world, deadline, incidents
        self._count = 0

    def call(self, name: str, effect: Callable[[], T]) -> T:
        """Call a port: what was planned happens before or after its effect."""
        self._count += 1
        place = self._count
        if name in {"send", "save"} and self._deadline.remaining_seconds() <= 0:
            self._world.broken.append(f"{self.owner} began to {name} after its deadline")
        if name in STORE_CALLS and self._world.store.is_out:
            raise StateUnavailableError("The store is out.")
        self._meet(place, name, is_after=False)
        result = effect()
        self._meet(place, name, is_after=True)
        return result

    def pause(self, tries: int) -> None:
        """Wait a little before the next try."""
        self.call("pause", lambda: self._world.clock.advance(tries))

    def _meet(self, place: int, name: str, *, is_after: bool) -> None:
        for incident in self._incidents:
            if (incident.at, incident.is_after) == (place, is_after):
                self._suffer(incident.what, name)

    def _suffer(self, what: Crash | Slow | Fault | Meanwhile, name: str) -> None:
        match what:
            case Crash():
                raise Crashed
            case Slow(seconds):
                self._world.clock.advance(seconds)
            case Meanwhile(seconds, acts):
                for act in acts:
                    self._world.clock.freeze(seconds)
                    self._world.act(act)
            case Fault(trouble) if name == "save" or name not in STORE_CALLS:
                self._world.store.fail_next(trouble)
            case Fault():
                raise StateUnavailableError("The store was told to be unavailable.")


class ProcessSource:
    """A process's way to the API."""

    def __init__(
        self, process: Process, changes: Mapping[ChangeId, ScriptedChange], *, key_accepted: bool
    ) -> None:
        """Take what there is to ask, and whether the process has seen its key accepted."""
        self.key_accepted = key_accepted
        self._process, self._changes = process, changes

    def fetch_progress(self, change: ChangeId) -> Progress | Problem:
        """See `Source`."""
        return self._process.call("fetch", self._changes[change].progress)

    def fetch_task(self, change: ChangeId) -> Task | Problem:
        """See `Source`."""
        return self._process.call("fetch", self._changes[change].task)

    def fetch_specification(self, instance_id: str) -> Specification | Problem:
        """See `Source`; all changes of an instance know how large it is."""
        change = next(each for each in self._changes if each.instance_id == instance_id)
        return self._process.call("fetch", self._changes[change].specification)


class ProcessSender:
    """A process's way to one channel: `begin` sees each message off, `deliver` says how it was taken."""

    def __init__(
        self,
        process: Process,
        begin: Callable[[Message], None],
        deliver: Callable[[Message], Verdict | None],
    ) -> None:
        """Take the process, and both ends of the way."""
        self._process, self._begin, self._deliver = process, begin, deliver

    def send(self, message: Content, timeout_seconds: float) -> Verdict:
        """See `Sender`; `timeout_seconds` is for those who wait."""
        del timeout_seconds
        (told,) = message.messages
        self._begin(told)
        verdict = self._process.call("send", lambda: self._deliver(told))
        if verdict is None:
            raise Hanging
        return verdict
