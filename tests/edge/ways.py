"""The ways in which a page's command is known to do what the page says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, Protocol

from handler.settings.variables import VARIABLES
from infra.clouds import CLOUDS
from tests.edge.bench import KEYS, Bench
from tests.edge.pages import REPOSITORY

_CI: Final = ".ci/run"


class Way(Protocol):
    """How it is known."""

    def prove(self, command: str, bench: Bench) -> None:
        """See that it is so."""
        ...


class Here(NamedTuple):
    """It is run here, by `headway` in this process: it ends with `exit_code` and prints what `says` matches.

    What stands in `first` is run before, and `more` behind the command's own words. `is_configured` tells
    whether a configuration lies in the folder, or the variables say all.
    """

    says: str
    exit_code: int = 0
    more: Callable[[Bench], tuple[str, ...]] = lambda _: ()
    first: tuple[str, ...] = ()
    is_configured: bool = True

    def prove(self, command: str, bench: Bench) -> None:
        """See `Way`."""
        if self.is_configured:
            bench.configure()
        environ: Mapping[str, str] = KEYS if self.is_configured else bench.variables
        for each in self.first:
            assert bench.headway(each, environ=environ).exit_code == 0
        ended = bench.headway(command, *self.more(bench), environ=environ)

        assert ended.exit_code == self.exit_code, ended.output
        assert re.search(self.says, ended.output.rstrip(), re.MULTILINE), ended.output


class InShell(NamedTuple):
    """It is run here, in bash: how is said by a function."""

    run: Callable[[str, Bench], None]

    def prove(self, command: str, bench: Bench) -> None:
        """See `Way`."""
        self.run(command, bench)


class Elsewhere(NamedTuple):
    """Tests elsewhere run it: each is named as FILE::TEST, and its file holds these words."""

    tests: tuple[str, ...]
    words: str

    def prove(self, command: str, bench: Bench) -> None:
        """See `Way`."""
        del command, bench
        for test in self.tests:
            assert_test(test, self.words)


class ByMake(NamedTuple):
    """A target of make with this in its recipe, which is run by a test, by CI, or by whoever wants it."""

    recipe: str
    run_by: str | None

    def prove(self, command: str, bench: Bench) -> None:
        """See `Way`."""
        del bench
        words = re.sub(r"^(\w+=\w+ )*make ", "", command).split()
        shown = dry_run(*words)
        assert self.recipe in shown, shown
        if self.run_by == _CI:
            assert f"make {words[0]}" in (REPOSITORY / _CI).read_text("utf-8") or self.recipe in dry_run(
                "check"
            )
        elif self.run_by:
            assert_test(self.run_by, "")


class Setting(NamedTuple):
    """It sets variables, each of which is read by Headway or by what it calls."""

    def prove(self, command: str, bench: Bench) -> None:
        """See `Way`."""
        del bench
        program, *pairs = command.split()
        known = {
            *VARIABLES,
            *(key for cloud in CLOUDS.values() for key in (*cloud.keys, *cloud.provider_keys)),
        }
        assert program == "export"
        assert {pair.partition("=")[0] for pair in pairs} <= known


def dry_run(*words: str) -> str:
    """What make would do, all of it in one line's space."""
    done = subprocess.run(  # noqa: S603 - the pages' own words
        ["make", "--dry-run", "--old-file", ".venv/.installed", *words],  # noqa: S607 - whichever make there is
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return " ".join(done.stdout.replace("\\\n", " ").split())


def assert_test(test: str, words: str) -> None:
    """See that there is such a test, in a file that holds these words."""
    path, _, name = test.partition("::")
    text = (REPOSITORY / path).read_text("utf-8")
    assert re.search(rf"^(?:async )?def {name}\(", text, re.MULTILINE), test
    assert words in text, words
