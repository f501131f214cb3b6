"""Threads that are none: what runs side by side runs in a known order, so that a history can be repeated.

A crash passes through them all at once, as the end of a process does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, TypeVar
from unittest import mock

from typing_extensions import Self

import handler.bookkeeping
import handler.invocation
import handler.records
import handler.rounds
import notifiers.dispatch

T = TypeVar("T")


class Hanging(BaseException):
    """Raised by a sender that never answers; whoever waited for its thread has stopped waiting."""


class InlineFuture(Future[T]):
    """Work that is done when its result is asked for."""

    def __init__(self, work: Callable[[], T]) -> None:
        """Take the work."""
        super().__init__()
        self._work = work

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Do the work unless it is done; return what it raised."""
        self.work()
        return super().exception(timeout)

    def result(self, timeout: float | None = None) -> T:
        """Do the work unless it is done; return or raise what came of it."""
        self.work()
        return super().result(timeout)

    def work(self) -> None:
        """Do the work unless it is done."""
        if self.done():
            return
        try:
            self.set_result(self._work())
        except Exception as error:  # noqa: BLE001 - as the real executor does
            self.set_exception(error)


class InlineExecutor:
    """An executor without threads, as early or as late as can be."""

    def __init__(self, _width: int, *, is_lazy: bool) -> None:
        """Take when to work."""
        self._is_lazy = is_lazy

    def __enter__(self) -> Self:
        """Be ready."""
        return self

    def __exit__(self, *_: object) -> None:
        """Have nothing to wait for."""

    def submit(self, function: Callable[..., T], *args: Any) -> InlineFuture[T]:  # noqa: ANN401 - as the real one
        """Do the work now, or when its result is asked for."""
        future = InlineFuture(partial(function, *args))
        if not self._is_lazy:
            future.work()
        return future

    def map(self, function: Callable[..., T], *iterables: Iterable[Any]) -> Iterator[T]:
        """Work off one after another, or all arguments first."""
        rows = zip(*iterables, strict=False)
        return iter([function(*row) for row in (list(rows) if self._is_lazy else rows)])


class InlineThread:
    """A thread that has ended when it has been started, or hangs for ever."""

    def __init__(
        self, target: Callable[..., object], args: tuple[object, ...] = (), *, daemon: bool | None = None
    ) -> None:
        """Take what to do."""
        self._run = partial(target, *args)
        self.daemon = daemon

    def start(self) -> None:
        """Do it."""
        try:
            self._run()
        except Hanging:
            return

    def join(self, timeout: float | None = None) -> None:
        """Have nothing to wait for."""


def wait_inline(
    futures: Iterable[InlineFuture[Any]], timeout: float
) -> tuple[set[InlineFuture[Any]], set[InlineFuture[Any]]]:
    """Wait for work by doing it, in order."""
    del timeout
    for future in futures:
        future.work()
    return set(futures), set()


@contextmanager
def no_threads(*, is_lazy: bool) -> Iterator[None]:
    """Run invocations and dispatches without threads."""
    executor = partial(InlineExecutor, is_lazy=is_lazy)
    with ExitStack() as stack:
        for module in (handler.invocation, handler.rounds, handler.bookkeeping, handler.records):
            stack.enter_context(mock.patch.object(module, "ThreadPoolExecutor", executor))
        stack.enter_context(mock.patch.object(handler.rounds, "wait", wait_inline))
        stack.enter_context(mock.patch.object(notifiers.dispatch, "Thread", InlineThread))
        yield
