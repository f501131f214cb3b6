"""Ctrl-C, SIGTERM, and a reader that has gone: from the first moment on, nothing is left half done."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from handler.local.configuration import of_simulator
from handler.local.exits import ExitCode
from handler.local.interrupting import interruptible
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import Simulator
from handler.local.watching import watch_until_over
from tests.local.commanding import COMMAND, PATIENCE_SECONDS, TOP, on_terminal, started, variables

pytestmark = pytest.mark.usefixtures("own_folder")

SLEEPY = """
import os, signal, sys, time
sys.path.insert(0, {top!r})
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), {number})
            time.sleep(10)
sys.meta_path.insert(0, Finder())
from handler.local.main import main
main()
"""
"""Interrupts itself when it comes to import something."""


def ignore(_: object) -> None:
    """Show nothing."""


@pytest.mark.parametrize(
    ("module", "number"),
    [("handler.local.cli", signal.SIGINT), ("typer", signal.SIGTERM), ("urllib3", signal.SIGINT)],
)
def test_who_interrupts_it_while_it_starts_gets_no_traceback(module: str, number: signal.Signals) -> None:
    """It takes a third of a second, in which somebody may see that they forgot something."""
    script = SLEEPY.format(top=str(TOP), module=module, number=int(number))
    ended = subprocess.run(  # noqa: S603 - our own code
        [COMMAND[0], "-c", script, "check"], capture_output=True, text=True, check=False, timeout=60
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_ctrl_c_during_a_look_lets_it_finish(tmp_path: Path) -> None:
    """All that the look was to do is done, and what it saw is shown."""
    shown: list[object] = []

    def show(ticks: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        shown.append(ticks)

    with Simulator(find_script("good")) as simulator, interruptible() as interrupted:
        application = of_simulator(simulator, str(tmp_path), 1).application()
        exit_code = watch_until_over(application, show, ignore, interrupted, 60)

    assert exit_code is ExitCode.INTERRUPTED
    assert len(shown) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_means_again_what_it_did_before(number: signal.Signals) -> None:
    """Only for as long as somebody waits for the wish."""
    before = signal.getsignal(number)
    with interruptible() as interrupted:
        assert signal.getsignal(number) is not before
        assert not interrupted.is_set()

    assert signal.getsignal(number) is before
    assert not interrupted.is_set()


def test_whoever_waits_is_woken_by_a_signal_and_by_nothing_else() -> None:
    """A wait has an end, and after the wish there is nothing to wait for."""
    with interruptible() as interrupted:
        assert not interrupted.wait(0.01)
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
        assert interrupted.wait(PATIENCE_SECONDS)
        assert interrupted.wait()
        assert interrupted.is_set()


def test_a_second_ctrl_c_breaks_off_and_a_third_would_end_the_process() -> None:
    """What is waited for may take a minute; what it is, is said after a moment."""
    with interruptible() as interrupted:
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupted.is_set()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)

        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL


def test_what_takes_a_while_after_ctrl_c_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Once, and not where it does not."""
    with interruptible():
        os.kill(os.getpid(), signal.SIGINT)
    with interruptible():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.8)

    explained = "headway: What has begun is brought to its end. Ctrl-C once more breaks it off.\n"
    assert capsys.readouterr().err == explained


def test_sigterm_ends_a_watch_as_ctrl_c_does() -> None:
    """As a service's manager sends it; what was shown stays whole."""
    with Simulator(find_script("good")) as simulator, started("watch", environ=variables(simulator)) as watch:
        assert watch.stdout is not None
        begun = watch.stdout.readline()
        watch.terminate()
        _, complaints = watch.communicate(timeout=60)

    assert "capacity change started" in begun
    assert (watch.returncode, complaints.count("\n")) == (130, 1)


@contextmanager
def unread(*arguments: str, environ: dict[str, str] | None = None) -> Iterator[Callable[[], tuple[int, str]]]:
    """Start the command with a reader that goes after the first line; gives what waits for its end."""
    with started(*arguments, environ=environ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()

        def end() -> tuple[int, str]:
            assert process.stderr is not None
            return process.wait(60), process.stderr.read()

        yield end


def test_whoever_reads_no_further_gets_no_traceback() -> None:
    """As with `| head -1`: not all could be said, so it is not fine."""
    with unread("preview", "mail") as end:
        assert end() == (1, "")


def test_a_watch_that_nobody_reads_any_more_ends() -> None:
    """Also where only a thread that sends can notice, for every look has something to tell."""
    with Simulator(find_script("good"), speed=60) as simulator:
        with unread("watch", "--every", "1", environ=variables(simulator)) as end:
            exit_code, complaints = end()
        asked = simulator.counts["progress"]

    assert exit_code == 1
    assert asked < 4
    assert "Traceback" not in complaints


def test_ctrl_c_leaves_a_terminal_as_it_was() -> None:
    """With its cursor, and without a traceback."""
    shown = b""
    with (
        Simulator(find_script("good")) as simulator,
        on_terminal("watch", columns=80, environ=variables(simulator)) as (watch, read),
    ):
        while b"running" not in shown:
            shown += read()
        watch.send_signal(signal.SIGINT)
        while piece := read():
            shown += piece

    assert watch.returncode == 130
    assert shown.rfind(b"\x1b[?25h") > shown.rfind(b"\x1b[?25l")
    assert b"Traceback" not in shown
