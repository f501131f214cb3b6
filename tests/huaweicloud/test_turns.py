"""Turns are taken in the order in which they were wanted, and none is lost."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from handler.huaweicloud.turns import Turns

PATIENCE_SECONDS: Final = 30.0


def queued(turns: Turns, pool: ThreadPoolExecutor) -> Future[bool]:
    """Let somebody want in, and see them stand in the queue; gives whether they got in, later."""
    threads: list[int] = []

    def want() -> bool:
        threads.append(threading.get_ident())
        return turns.acquire(PATIENCE_SECONDS)

    wanted = pool.submit(want)
    until = time.monotonic() + PATIENCE_SECONDS
    while not threads or sys._current_frames()[threads[0]].f_code.co_name != "wait":  # noqa: SLF001 - it waits
        assert time.monotonic() < until
        time.sleep(0.001)
    return wanted


def test_who_has_been_in_comes_after_those_who_wait() -> None:
    """However soon it wants in again, and whoever is the quicker."""
    turns, order = Turns(), list[str]()
    with ThreadPoolExecutor(2) as pool:
        assert turns.acquire(0)
        second = queued(turns, pool)
        third = queued(turns, pool)
        turns.release()
        again = pool.submit(turns.acquire, PATIENCE_SECONDS)
        for name, turn in (("second", second), ("third", third), ("first", again)):
            assert turn.result(PATIENCE_SECONDS)
            order.append(name)
            turns.release()

    assert order == ["second", "third", "first"]
    assert turns.acquire(0)


def test_who_waits_for_too_long_goes_away() -> None:
    """And is not let in later, when nobody would get out."""
    turns = Turns()
    assert turns.acquire(0)

    assert not turns.acquire(0)
    assert not turns.acquire(0.01)
    turns.release()
    assert turns.acquire(0)


def test_one_is_in_at_a_time_and_each_gets_in() -> None:
    """With many who come and go."""
    turns, inside, most = Turns(), 0, 0

    def visit(_: int) -> bool:
        nonlocal inside, most
        got_in = turns.acquire(PATIENCE_SECONDS)
        inside += 1
        most = max(most, inside)
        time.sleep(0)
        inside -= 1
        turns.release()
        return got_in

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(visit, range(200)))
    assert most == 1
