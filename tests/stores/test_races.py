"""Many at once on one document: exactly one wins each round, and nobody is told otherwise."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Barrier

from handler.stores.folder import FolderStore
from handler.stores.port import Absent, Committed, Conflict, Loaded, StateStore, Unchanged
from handler.transport import Transport
from tests.fakes.memory_store import MemoryStore
from tests.fakes.obs_server import FakeObs
from tests.fakes.s3_server import FakeS3
from tests.stores.building import obs_store, path_style_store, utc_now

REPOSITORY = Path(__file__).parents[2]
KEY = "changes/i/t.json"
THREADS = 16
ROUNDS = 25


def race(stores: list[StateStore], rounds: int) -> None:
    """Let all save over the same version at once, round after round; exactly one must win."""
    barrier = Barrier(len(stores))

    def save(racer: int, number: int, expected: str | None) -> object:
        barrier.wait(timeout=30)
        return stores[racer].save(KEY, f"{number}/{racer}".encode(), expected)

    version = None
    with ThreadPoolExecutor(len(stores)) as threads:
        for number in range(rounds):
            answers = list(threads.map(partial(save, number=number, expected=version), range(len(stores))))
            [winner] = [racer for racer, answer in enumerate(answers) if isinstance(answer, Committed)]
            found = stores[0].load(KEY)

            assert answers.count(Conflict()) == len(stores) - 1
            assert isinstance(found, Loaded)
            assert found.document == f"{number}/{winner}".encode()
            version = found.version


def test_one_of_many_threads_wins_in_a_folder(tmp_path: Path) -> None:
    """Threads that share nothing but the folder, as two commands on one machine do."""
    race([FolderStore(tmp_path, utc_now) for _ in range(THREADS)], ROUNDS)


def test_one_of_many_threads_wins_in_s3(s3: FakeS3, transport: Transport) -> None:
    """Invocations that overlap: one is told that it saved, all others that they did not."""
    race([path_style_store(s3, s3.credentials, transport) for _ in range(THREADS)], ROUNDS)


def test_at_most_one_of_many_threads_wins_in_obs(obs: FakeObs, transport: Transport) -> None:
    """All may step back, but whoever is told that it saved is the only one, and its bytes stand there."""
    stores = [obs_store(obs, transport) for _ in range(5)]
    barrier = Barrier(len(stores))

    def save(racer: int, number: int, expected: str | None) -> object:
        barrier.wait(timeout=30)
        return stores[racer].save(KEY, f"{number}/{racer}".encode(), expected)

    version, winners = None, 0
    with ThreadPoolExecutor(len(stores)) as threads:
        for number in range(ROUNDS):
            answers = list(threads.map(partial(save, number=number, expected=version), range(len(stores))))
            won = [f"{number}/{racer}".encode() for racer, each in enumerate(answers) if each != Conflict()]
            found = stores[0].load(KEY, version)

            assert len(won) <= 1
            if won:
                assert isinstance(found, Loaded)
                assert found.document == won[0]
                version, winners = found.version, winners + 1
            else:
                assert isinstance(found, (Absent, Unchanged))
    assert winners > 0
    assert obs.objects.keys() == {KEY}


def test_one_of_many_threads_wins_in_memory() -> None:
    """The fake keeps the same promise."""
    race([MemoryStore()] * THREADS, ROUNDS)


def test_no_increment_of_many_processes_is_lost(tmp_path: Path) -> None:
    """Processes that count up together reach the sum of what each did."""
    command = [sys.executable, "-m", "tests.stores.counting", str(tmp_path), KEY, "50"]
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(  # noqa: S603 - our own words
                    command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
            )
            for _ in range(4)
        ]
        # All of them are there before the first begins.
        assert [str(one.stdout and one.stdout.readline()) for one in processes] == ["ready\n"] * 4
        for one in processes:
            assert one.stdin
            one.stdin.write("go\n")
            one.stdin.flush()
        conflicts = [int(one.communicate(timeout=60)[0]) for one in processes]
    found = FolderStore(tmp_path, utc_now).load(KEY)

    assert isinstance(found, Loaded)
    assert json.loads(found.document) == 200
    assert sum(conflicts) > 0
