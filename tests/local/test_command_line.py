"""The command `headway` as a whole: what it lists, how it takes what is mistyped, and how errors look."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from inspect import getdoc
from io import BytesIO, TextIOWrapper
from pathlib import Path
from types import SimpleNamespace

import pytest

from handler.local.cli import COMMANDS
from handler.local.cli import run as run_headway
from handler.local.command_group import Row
from handler.local.exits import CommandError, ExitCode, tell_error
from handler.local.help_text import write_paragraphs
from tests.local.commanding import run

pytestmark = pytest.mark.usefixtures("own_folder")

TOP = Path(__file__).parents[2]
ROWS = {name: row for rows in COMMANDS.values() for name, row in rows.items()}


def test_the_help_lists_the_commands_by_what_they_are_for_and_says_how_they_end() -> None:
    """In lines that are whole, on any terminal that is 80 columns wide."""
    ended = run("--help")
    lines = ended.stdout.splitlines()

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert [line[:-1] for line in lines if line.endswith(":") and line[:-1] in COMMANDS] == [*COMMANDS]
    assert [line.split(maxsplit=1) for line in lines if line[2:].split(" ")[0] in ROWS] == [
        [name, row.summary] for name, row in ROWS.items()
    ]
    assert all(len(line) <= 80 for line in lines)
    assert "0 if all is fine, 1 if not, 2 if the usage or the configuration is" in ended.stdout
    assert "130 if interrupted" in ended.stdout
    assert "A result that is not fine is no error" in " ".join(ended.stdout.split())


@pytest.mark.parametrize("name", ROWS)
def test_every_command_has_help_with_an_example_and_its_exit_codes(name: str) -> None:
    """It begins with what the list says of it, and no type of Python's is in it."""
    ended = run(name, "--help")
    paragraphs = [" ".join(paragraph.split()) for paragraph in ended.stdout.split("\n\n")]

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert paragraphs[1] == ROWS[name].summary
    assert paragraphs[-1] == f"Example: {ROWS[name].example}"
    assert any("nds with 0" in paragraph or "nds with 130" in paragraph for paragraph in paragraphs)
    assert all(len(line) <= 80 for line in ended.stdout.splitlines())
    assert "<" not in ended.stdout


def test_help_breaks_no_options_name_in_two() -> None:
    """Nor anything else that has hyphens; blank lines part the paragraphs."""
    written: list[str] = []
    formatter = SimpleNamespace(width=16, write=written.append)
    write_paragraphs(formatter, "With --no-ticks\nall is\nquiet.\n\nOr a-very-long-word.")  # type: ignore[arg-type]

    assert written == ["\n  With\n  --no-ticks all\n  is quiet.\n", "\n  Or\n  a-very-long-word.\n"]


@pytest.mark.parametrize(("name", "row"), ROWS.items())
def test_the_list_says_of_a_command_what_it_says_of_itself(name: str, row: Row) -> None:
    """For the list is made without loading any of them."""
    module, _, function = row.place.partition(":")
    command = getattr(import_module(f"handler.local.commands.{module}"), function)

    assert row.example.startswith(f"headway {name} ") or row.example == f"headway {name}"
    assert (getdoc(command) or "").partition("\n")[0] == row.summary


def test_without_a_command_the_commands_are_listed() -> None:
    """And it counts as wrong usage."""
    ended = run()

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert all(name in ended.stderr for name in ROWS)


@pytest.mark.parametrize("arguments", [["-h"], ["watch", "-h"]])
def test_the_short_name_of_help_is_known(arguments: list[str]) -> None:
    """Many people try it first."""
    assert run(*arguments).exit_code == 0


def test_the_version_is_told() -> None:
    """That of the installed package."""
    ended = run("--version")

    assert (ended.exit_code, ended.stdout) == (0, "headway 0.1.0\n")


def test_help_and_version_load_no_command() -> None:
    """So they are there at once, and so is what a shell asks at each Tab."""
    loaded = "import sys, handler.local.cli; handler.local.cli.run(['--help']); print(sorted(sys.modules))"
    told = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True, cwd=TOP
    )
    modules = told.stdout.splitlines()[-1]

    assert "'handler.local.command_group'" in modules
    assert not any(f"'{name}'" in modules for name in ("handler.application", "rich", "urllib3", "yaml"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chekc"], "No such command 'chekc'. Did you mean 'check'? Try `headway --help`."),
        (["nothing-like-it"], "No such command 'nothing-like-it'. Try `headway --help`."),
        (
            ["watch", "--evry", "5"],
            "No such option: --evry (Possible options: --every). Try `headway watch --help`.",
        ),
        (["check", "--colour"], "No such option: --colour. Try `headway check --help`."),
        (["invoke"], "Missing argument 'TARGET'. Try `headway invoke --help`."),
        (
            ["demo", "--script", "better"],
            "--script: There is no script 'better': take fails, good, stalls, vanishes, or the path",
        ),
        (["demo", "--speed", "0"], "--speed: 0 is no number from 0.01 to 10000."),
        (["simulate", "--speed", "nan"], "--speed: nan is no number from 0.01 to 10000."),
        (["simulate", "--port", "70000"], "--port: 70000 is no whole number from 0 to 65535."),
        (["serve", "--port", "many"], "--port: many is no whole number from 0 to 65535."),
        (["serve", "--every", "0"], "--every: 0 is no number from 1 to 1500."),
        (["watch", "--every", "abc"], "--every: abc is no number from 1 to 1500."),
        (["watch", "an-instance", "a/task"], "INSTANCE TASK: an id has 1 to 64 letters"),
        (["watch", "an/instance"], "INSTANCE TASK: an id has 1 to 64 letters"),
        (["watch", "", "a-task"], "INSTANCE TASK: an id has 1 to 64 letters"),
        (["watch", "an-instance", ""], "INSTANCE TASK: an id has 1 to 64 letters"),
        (
            ["watch", "i", "t", "--config", __file__],
            "--config: a change that is named is watched with the environment's variables, not with a file",
        ),
        (
            ["watch", "i", "--config", __file__],
            "--config: a change that is named is watched with the environment's variables, not with a file",
        ),
        (["check", "--config", "not-there.yaml"], "--config: file 'not-there.yaml' does not exist."),
        (["follow", "--stop"], "--stop: name the INSTANCE, or the INSTANCE and the TASK."),
        (["follow", "i", "--name", "n"], "--name needs a TASK."),
        (
            ["preview", "--channel", "ops", "smn"],
            "--channel: A channel has a family, language",
        ),
    ],
)
@pytest.mark.parametrize("is_json", [False, True])
def test_wrong_usage_is_2_and_a_sentence_and_for_programs_a_document(
    arguments: list[str], said: str, *, is_json: bool
) -> None:
    """Never a traceback; the sentence says what is wrong, what to do, and where to read on."""
    ended = run(*arguments, *(["--json"] if is_json else []))

    if is_json and arguments[0] in {"demo", "serve"}:
        said = "No such option: --json"
    assert ended.exit_code == 2
    assert ended.stderr.startswith(f"headway: {said}")
    if is_json:
        message = ended.stderr.removeprefix("headway: ").rstrip("\n")
        assert json.loads(ended.stdout) == {"ok": False, "error": {"kind": "usage", "message": message}}
    else:
        assert ended.stdout == ""


@pytest.mark.parametrize("command", ["check", "follow", "test-alert", "watch"])
def test_a_configuration_that_cannot_be_used_is_the_same_document_everywhere(command: str) -> None:
    """A report has more keys."""
    ended = run(command, "--json")
    told = json.loads(ended.stdout)

    assert ended.exit_code == 2
    assert (told["ok"], told["error"]["kind"]) == (False, "misconfigured")
    assert ended.stderr == f"headway: {told['error']['message']}\n"


def test_what_is_told_of_an_error_moves_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """What was done before it stands in the document, too."""
    error = CommandError("Gone.\n\x1b[2JAway.", "not_found", ExitCode.NOT_FINE, {"answer": 1})
    tell_error(error, as_json=True)

    told = capsys.readouterr()
    assert told.err == "headway: Gone.\n [2JAway.\n"
    assert json.loads(told.out) == {
        "answer": 1,
        "ok": False,
        "error": {"kind": "not_found", "message": "Gone.\n\x1b[2JAway."},
    }


def test_a_terminal_that_knows_ascii_only_is_no_reason_to_break_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it cannot show becomes a question mark."""
    printed = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(printed, encoding="ascii", write_through=True))

    assert run_headway(["preview", "--kind", "test", "--language", "zh"]) == 0
    assert printed.getvalue().startswith(b"?? test ??\n")


def test_without_the_packages_of_the_command_it_says_what_to_install() -> None:
    """The function itself does without them, so they may be missing."""
    hidden = "import sys; sys.modules['typer'] = None; from handler.local.main import main; main()"
    told = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", hidden], capture_output=True, text=True, check=False, cwd=TOP
    )

    assert told.returncode == 1
    assert (
        told.stderr == "headway: the command needs what comes with the extra `cli`; install headway[cli].\n"
    )
