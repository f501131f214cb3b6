"""What a shell offers at a Tab: commands, options, names; quickly, and without a word about what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from notifiers.alerts import Kind
from notifiers.forms import FAMILIES
from tests.local.commanding import COMMAND, TOP, Ended, run

pytestmark = pytest.mark.usefixtures("own_folder")

CHANNELS = {"team": {"url": "slack://${SLACK_TOKENS}"}, "on-call": {"url": "mailtos://x"}, "test": {}}


def ask(shell: str, line: str) -> Ended:
    """Ask what may stand at the end of a line, as the shell's script does."""
    words = line.split(" ")
    place = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    action = {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    return run(environ={"_HEADWAY_COMPLETE": f"complete_{shell}", **(place if shell == "bash" else action)})


def offered(line: str) -> list[str]:
    """What bash gets to offer."""
    ended = ask("bash", f"headway {line}")

    assert (ended.exit_code, ended.stderr) == (0, "")
    return ended.stdout.split()


def configure(text: str | None = None, path: str = "headway.yaml", **keys: object) -> None:
    """Write a configuration of which nothing but these keys is there."""
    Path(path).write_text(json.dumps(keys) if text is None else text, "utf-8")


def keep(*changes: str, folder: str = ".headway") -> None:
    """Have these changes kept."""
    for change in changes:
        path = Path(folder, "changes", f"{change}.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        ("bash", "watch\n"),
        ("zsh", '_arguments \'*: :(("watch":"Watch changes in the foreground until they have ended."))\'\n'),
        ("fish", "watch\tWatch changes in the foreground until they have ended.\n"),
    ],
)
def test_each_shell_is_told_the_command_that_begins_so(shell: str, said: str) -> None:
    """In its own protocol, with what the command does where the shell shows that."""
    ended = ask(shell, "headway wa")

    assert (ended.exit_code, ended.stdout, ended.stderr) == (0, said, "")


@pytest.mark.parametrize(
    ("shell", "says"),
    [("bash", "complete -o default -F"), ("zsh", "#compdef headway"), ("fish", "complete --command headway")],
)
def test_each_shell_gets_a_script(shell: str, says: str) -> None:
    """That asks as the tests here do."""
    ended = run(environ={"_HEADWAY_COMPLETE": f"source_{shell}"})

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert says in ended.stdout
    assert f"_HEADWAY_COMPLETE=complete_{shell}" in ended.stdout


def test_bash_itself_completes_with_its_script(tmp_path: Path) -> None:
    """All the way."""
    program = tmp_path / "headway"
    words = " ".join(f"'{word}'" for word in COMMAND)
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{TOP}" exec {words} "$@"\n', "utf-8")
    program.chmod(0o755)
    script = run(environ={"_HEADWAY_COMPLETE": "source_bash"}).stdout
    tab = f"COMP_WORDS=(headway wa)\nCOMP_CWORD=1\n_headway_completion {program}\n"
    typed = f"{script}\n{tab}echo ${{COMPREPLY[@]}}"
    shell = subprocess.run(["bash", "-c", typed], capture_output=True, text=True, check=False)  # noqa: S603, S607

    assert (shell.returncode, shell.stdout, shell.stderr) == (0, "watch\n", "")


def test_options_and_words_that_are_known_are_offered() -> None:
    """Scripts, families, kinds and languages."""
    assert offered("watch --e") == ["--every"]
    assert offered("demo --script ") == ["fails", "good", "stalls", "vanishes"]
    assert offered("preview ") == [*FAMILIES]
    assert offered("preview sl") == ["slack"]
    assert offered("preview slack --kind ") == [*(kind.value for kind in Kind), "digest", "test"]
    assert offered("preview slack --language ") == ["en", "zh"]


def test_channels_are_offered_from_the_configuration_and_no_secret_is_needed() -> None:
    """Not those that stand there already; from the file that is named, if one is."""
    configure(channels=CHANNELS)
    configure(path="other.yaml", channels={"else": {}})

    assert offered("test-alert ") == ["team", "on-call", "test"]
    assert offered("test-alert te") == ["team", "test"]
    assert offered("test-alert team te") == ["test"]
    assert offered("preview --channel o") == ["on-call"]
    assert offered("test-alert --config other.yaml ") == ["else"]


def test_channels_are_offered_from_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where there is no file."""
    monkeypatch.setenv("HEADWAY_CHANNELS", "ops=json://127.0.0.1/\nteam=json://127.0.0.1/")

    assert offered("test-alert o") == ["ops"]


def test_changes_are_offered_from_a_state_that_is_a_folder() -> None:
    """Instance by instance, and as one word where that is wanted."""
    keep("one/t-1", "one/t-2", "two/t-3")

    assert offered("watch ") == ["one", "two"]
    assert offered("follow one ") == ["t-1", "t-2"]
    assert offered("follow two t-1") == []
    assert offered("log o") == ["one/t-1", "one/t-2"]
    configure(state="file:elsewhere")
    keep("three/t-4", folder="elsewhere")
    assert offered("resend ") == ["three/t-4"]


def test_changes_are_offered_wherever_the_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell hands on what is typed, with `~` in it; the state may take its folder from a variable."""
    monkeypatch.setenv("HOME", str(Path("home").absolute()))
    monkeypatch.setenv("PLACE", "elsewhere")
    Path("home").mkdir()
    configure(path="home/own.yaml", state="file:${PLACE}/state")
    keep("one/t-1", folder="elsewhere/state")

    assert offered("log --config ~/own.yaml ") == ["one/t-1"]
    assert offered("resend --config home/own.yaml o") == ["one/t-1"]
    monkeypatch.setenv("HEADWAY_CONFIG", "home/own.yaml")
    assert offered("log ") == ["one/t-1"]


def test_of_another_configuration_than_the_named_one_nothing_is_offered() -> None:
    """Where that cannot be found, as behind a variable of the shell's."""
    configure(channels=CHANNELS)
    keep("one/t-1")

    assert offered("log --config $PLACE ") == []
    assert offered("test-alert --config not-there.yaml ") == []


@pytest.mark.parametrize(
    "text",
    [
        "state: s3://bucket/prefix?region=r",
        'state: "file:\\0"',
        "state: [1]",
        "channels: []",
        "nonsense",
        "a: [",
        "\x00",
        "",
    ],
)
def test_what_cannot_be_read_offers_nothing_and_says_nothing(text: str) -> None:
    """A bucket is not asked: whoever presses Tab waits for it."""
    configure(text)
    keep("one/t-1")

    assert offered("test-alert ") == []
    assert offered("watch ") in ([], ["one"])


def test_what_is_odd_on_the_line_offers_nothing_and_says_nothing(tmp_path: Path) -> None:
    """A file that is none, a state that nobody may read."""
    secret = tmp_path / "secret"
    secret.mkdir()
    secret.chmod(0)
    configure(state=f"file:{secret}")

    assert offered("test-alert --config not-there.yaml ") == []
    assert offered(f"test-alert --config {tmp_path} ") == []
    assert offered("watch ") == []
    secret.chmod(0o700)


def test_what_a_shell_asks_for_commands_loads_none() -> None:
    """So it is there at once."""
    asked = "import os, sys, handler.local.cli as cli; cli.run([]); print(*sys.modules, file=sys.stderr)"
    told = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", asked],
        capture_output=True,
        text=True,
        check=False,
        cwd=TOP,
        env={"_HEADWAY_COMPLETE": "complete_bash", "COMP_WORDS": "headway wa", "COMP_CWORD": "1"},
    )

    assert told.stdout == "watch\n"
    assert not {"handler.application", "rich", "urllib3", "yaml"} & {*told.stderr.split()}
