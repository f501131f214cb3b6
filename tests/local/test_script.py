"""Scripts: those that come with Headway, and what is said of one's own when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from handler.local.simulation.script import (
    Script,
    ScriptedStep,
    Stall,
    find_script,
    script_names,
    script_summaries,
)
from tests.local.commanding import run


def test_the_scripts_that_come_along_are_the_four_of_the_help() -> None:
    """Each plays one way in which a change can go."""
    assert script_names() == ["fails", "good", "stalls", "vanishes"]


def test_each_script_says_in_a_line_what_it_does() -> None:
    """In the help, beside where a file of one's own is explained."""
    said = script_summaries()
    shown = run("demo", "--help").stdout

    assert [*said] == script_names()
    for name, summary in said.items():
        assert 10 < len(summary) <= 44
        assert f" {name}: {summary}\n" in shown
    assert "handler/settings/README.md" in shown


@pytest.mark.parametrize("name", script_names())
def test_every_script_that_comes_along_can_be_read(name: str) -> None:
    """Its name is enough to find it."""
    assert [step.name for step in find_script(name).steps] == [
        "pre_check",
        "disk_expansion",
        "rolling_restart",
    ]


def test_a_script_of_ones_own_is_found_by_its_path_and_may_say_everything(tmp_path: Path) -> None:
    """The example in the module's docstring is the whole format."""
    path = tmp_path / "own.yaml"
    docstring = find_script.__globals__["__doc__"]
    path.write_text(docstring[docstring.index("    steps:") : docstring.index("The scripts that")], "utf-8")

    assert find_script(str(path)) == Script(
        (
            ScriptedStep("pre_check", 40),
            ScriptedStep("disk_expansion", 160, Stall(60, 90), fails_after=120),
        ),
        vanishes_after=300,
    )


def test_an_unknown_script_is_told_with_the_known_ones() -> None:
    """The same goes for a path that leads nowhere."""
    with pytest.raises(ValueError) as told:  # noqa: PT011 - the whole sentence is compared below
        find_script("better")

    assert str(told.value) == (
        "There is no script 'better': take fails, good, stalls, vanishes, or the path of a file."
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", " is not as it should be: Expected `object`, got `null`."),
        ("steps: []", ", at steps, is not as it should be: Expected `array` of length >= 1."),
        (
            "steps: [{name: a}]",
            ", at steps[0], is not as it should be: Object missing required field `seconds`.",
        ),
        (
            "steps: [{name: a, seconds: soon}]",
            ", at steps[0].seconds, is not as it should be: Expected `float`, got `str`.",
        ),
        (
            "steps: [{name: a, seconds: nan}]",
            ", at steps[0].seconds, is not as it should be: Expected `float` > 0.0.",
        ),
        (
            "steps: [{name: a, seconds: -1}]",
            ", at steps[0].seconds, is not as it should be: Expected `float` > 0.0.",
        ),
        (
            "steps: [{name: a, seconds: 1, colour: red}]",
            ", at steps[0], is not as it should be: Object contains unknown field `colour`.",
        ),
        (
            "steps: [{name: a, seconds: 5, fails_after: 6}]",
            ", at steps[0], is not as it should be: `fails_after` lies behind the end of the step.",
        ),
        (
            "steps: [{name: a, seconds: 5, stalls: {after: 4, seconds: 9}, fails_after: 4}]",
            ", at steps[0], is not as it should be: `stalls.after` lies behind the end of the step.",
        ),
        ("steps: {}\nsteps: {}", ", at steps, stands there twice (line 2, column 1)."),
        (
            "steps: [",
            " is no YAML: there is a [ or { that is never closed (line 1, column 9).",
        ),
    ],
)
def test_what_is_wrong_with_a_script_is_told_with_file_and_key(
    tmp_path: Path, text: str, complaint: str
) -> None:
    """Whoever writes one finds the place."""
    path = tmp_path / "own.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(ValueError) as told:  # noqa: PT011 - the whole sentence is compared below
        find_script(str(path))

    assert str(told.value) == f"The script {path}{complaint}"


def test_a_file_that_is_no_text_or_may_not_be_read_is_told(tmp_path: Path) -> None:
    """A picture given by mistake is no traceback."""
    picture = tmp_path / "picture.yaml"
    picture.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ValueError, match="is no text"):
        find_script(str(picture))
    with pytest.raises(ValueError, match="cannot be read: Is a directory"):
        find_script(str(tmp_path))
