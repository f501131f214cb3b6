"""What becomes of a command whose result nobody can get: a sentence and an exit code, never a traceback."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.local.commanding import COMMAND, TOP
from tests.local.kept_changes import configure

FULL: Final = Path("/dev/full")
"""A file that takes nothing, as on a full disk."""

SENTENCE: Final = "headway: the result could not be written: No space left on device.\n"


@pytest.fixture(autouse=True)
def _own_folder(own_folder: Path) -> None:  # noqa: ARG001 - where all is kept
    """Run in a folder with a configuration in it."""
    configure()


def run_in_shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run it with a shell's redirections; `headway` stands for our own command."""
    python, *rest = COMMAND
    return subprocess.run(  # noqa: S603 - our own command
        ["/bin/sh", "-c", f'headway() {{ "$PYTHON" -c "$CODE" "$@"; }}; {command}'],
        env={**os.environ, "PYTHON": python, "CODE": rest[-1], "PYTHONPATH": str(TOP)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", ["status --json", "validate --schema"])
def test_a_full_disk_is_said_to_be_full(command: str) -> None:
    """And the result is no success: a script that keeps it must know."""
    ended = run_in_shell(f"headway {command} >{FULL}")

    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", SENTENCE)


def test_where_nothing_can_be_said_the_exit_code_says_it() -> None:
    """Nothing hangs, and nothing is printed elsewhere."""
    ended = run_in_shell(f"headway status >{FULL} 2>{FULL}")

    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "")


def test_outputs_that_are_closed_are_nobodys_and_no_trouble() -> None:
    """As for any other command: it ends as it went."""
    ended = run_in_shell("headway status >&- 2>&- <&-; echo $?; headway status no-change >&-")

    assert (ended.stdout, ended.returncode) == ("0\n", 2)
    assert ended.stderr.startswith("headway: INSTANCE/TASK: ")
