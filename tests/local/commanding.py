"""Runs `headway` in this process: what it prints can be read meanwhile, and Ctrl-C pressed at any moment."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Final, NamedTuple

import pytest
import requests

from handler.local.cli import run as run_headway
from handler.local.simulation.simulator import Simulator
from notifiers.languages import ENGLISH

COMMAND: Final = (sys.executable, "-c", "from handler.local.main import main; main()")
"""What a shell runs."""

TOP: Final = Path(__file__).parents[2]
_BESIDE_ALERTS: Final = (*(f"{label}: " for label in ENGLISH.facts.values()), ENGLISH.no_cause)
"""With what lines begin that stand below a title, and tell of no alert."""

PATIENCE_SECONDS: Final = 60.0
"""For what comes sooner or later on any machine."""


class Ended(NamedTuple):
    """How a command has ended, and all that it has printed."""

    exit_code: int
    stdout: str
    stderr: str


class Tape(io.StringIO):
    """Keeps what is printed, for another thread to read while that goes on."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self._changed = threading.Condition()
        self._has_ended = False

    def write(self, text: str) -> int:
        """Keep it, and tell who waits."""
        with self._changed:
            length = super().write(text)
            self._changed.notify_all()
        return length

    def end(self) -> None:
        """Let nobody wait for more."""
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()

    def until(self, wanted: str) -> str:
        """Wait until this is printed; give the whole line in which it stands."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_ended or self._line_of(wanted), PATIENCE_SECONDS)
            found = self._line_of(wanted)
        if found is None:
            raise AssertionError(f"{wanted!r} is not in {self.getvalue()!r}")
        return found

    def _line_of(self, wanted: str) -> str | None:
        lines = self.getvalue().splitlines(keepends=True)
        return next((line for line in lines if wanted in line and line.endswith("\n")), None)


class Running:
    """A command while it runs."""

    def __init__(self) -> None:
        """Begin with nothing printed."""
        self.stdout = Tape()
        self.stderr = Tape()
        self._goes_on = True

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.kill(os.getpid(), signal.SIGINT)

    @contextmanager
    def taking_interrupts(self) -> Iterator[None]:
        """Take Ctrl-C as long as the command runs; after that it is nobody's, and least of all pytest's."""

        def interrupt(*_: object) -> None:
            if self._goes_on:
                raise KeyboardInterrupt

        before = signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def end(self) -> None:
        """Note that it has ended: nothing is printed any more."""
        self._goes_on = False
        self.stdout.end()
        self.stderr.end()


def run(
    *arguments: str,
    environ: Mapping[str, str] | None = None,
    meanwhile: Callable[[Running], object] = lambda _: None,
) -> Ended:
    """Run the command; `meanwhile` does what it does in another thread, and what it raises is raised here.

    Whatever the command waits for, it is interrupted when `meanwhile` has failed.
    """
    running = Running()

    def accompany() -> None:
        try:
            meanwhile(running)
        except BaseException:
            running.interrupt()
            raise

    with (
        pytest.MonkeyPatch.context() as patched,
        redirect_stdout(running.stdout),
        redirect_stderr(running.stderr),
        running.taking_interrupts(),
        ThreadPoolExecutor(1) as pool,
    ):
        for name, text in (environ or {}).items():
            patched.setenv(name, text)
        accompanied = pool.submit(accompany)
        try:
            exit_code = run_headway(arguments)
        finally:
            running.end()
        accompanied.result()
    return Ended(exit_code, running.stdout.getvalue(), running.stderr.getvalue())


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait, though not for ever."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def variables(simulator: Simulator, *left_out: str, **more: str) -> dict[str, str]:
    """The environment that points at a simulator, without some of it and with more."""
    named = simulator.environment()
    return {**{name: text for name, text in named.items() if name not in left_out}, **more}


def told(output: str) -> list[str]:
    """The alerts among what was printed: titles, or the lines below a title that stands for several.

    They come without what follows them in a title, and without how long what they end has taken.
    """
    groups: list[list[str]] = []
    for text in output.splitlines():
        title = re.fullmatch(r"\d\d:\d\d:\d\d  (?:demo: )?(.*)", text)
        if title:
            groups.append([title[1].partition(" · ")[0]])
        elif text.startswith(" " * 10) and not text.lstrip().startswith(_BESIDE_ALERTS):
            groups[-1].append(text.strip())
    happenings = [happening for group in groups for happening in group[1:] or group]
    return [re.sub(r" (?:in|after) \d+ \w+.*", "", happening) for happening in happenings]


def assert_gone(url: str) -> None:
    """Nobody serves there any longer."""
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=10)


@contextmanager
def started(*arguments: str, environ: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Start the command as its users do, in a process that lasts at most as long as the block."""
    with subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TOP), **(environ or {})},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def on_terminal(
    *arguments: str, columns: int, environ: Mapping[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], Callable[[], bytes]]]:
    """Start the command on a terminal of this width; give the process, and what reads on what it shows.

    That gives nothing when it has ended.
    """
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read() -> bytes:
        try:
            return os.read(ours, 65536)
        except OSError:
            # Linux's word for the end.
            return b""

    inherited = {name: text for name, text in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    with subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, *arguments],
        stdin=its,
        stdout=its,
        stderr=its,
        env={**inherited, "PYTHONPATH": str(TOP), "TERM": "xterm-256color", "LANG": "C.UTF-8", **environ},
        start_new_session=True,
    ) as process:
        os.close(its)
        try:
            yield process, read
        finally:
            process.kill()
            os.close(ours)
