"""`headway validate`: what it looks at, what it prints, and how it ends."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from handler.local import cli
from handler.settings.schema import make_schema
from tests.local.commanding import run as run_headway

CLOUD: Final = "huaweicloud: {region: eu-west-101, project_id: 00000000000000000000000000000001}\n"
FINE: Final = f"{CLOUD}state: obs://kafka-alerts/production\ndiscover: true\nchannels: {{team: {{url: 'slack://${{T}}'}}}}\n"
WRONG: Final = f"{FINE}stat: s3cr3t\nlinks:\n  console: s3cr3t\n"
FOUND: Final = [
    "5: stat: is no key that Headway knows; perhaps state was meant.",
    "7: links.console: is not valid; expected an http:// or https:// address.",
]
UNLIKE: Final = "looks unlike the id of a project; expected 32 hexadecimal digits"
NO_REGION: Final = "is not valid; perhaps eu-west-101 was meant; expected a region, such as eu-west-101"
NO_SERVICE: Final = (
    "names a service that does not exist: slakc://; perhaps slack:// was meant;"
    " expected the scheme of a service that apprise knows"
)
FOLDER: Final = (
    "is a folder in the current one, which a function would lose;"
    " expected a bucket there, as s3://BUCKET/PREFIX or obs://BUCKET/PREFIX"
)
SUMMARY: Final = (
    "1 channel (team); follows all instances of the project; keeps its state in obs://kafka-alerts/production"
)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, with no variables of Headway's set."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("HEADWAY_", "HUAWEICLOUD_"))]:
        monkeypatch.delenv(name)


def run(*arguments: str, environ: Mapping[str, str] | None = None) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli.app, ["validate", *arguments], env=environ, prog_name="headway")


def write(text: str, name: str = "headway.yaml") -> str:
    """Write a file, and give its name."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, "utf-8")
    return name


def document(result: Result) -> Any:  # noqa: ANN401 - JSON
    """What was printed as JSON, and nothing else on stdout."""
    return json.loads(result.stdout)


def test_a_fine_file_says_one_calm_line() -> None:
    """And which values it did not see."""
    write(FINE)
    unset, whole = run(), run(environ={"T": "T1AAAAAAA/B1AAAAAAA/XXXXXXXXXXXXXXXXXXXXXXXX"})

    assert (whole.exit_code, whole.stderr) == (0, "")
    assert whole.stdout == f"headway.yaml is fine: {SUMMARY}.\n"
    assert unset.stdout == f"Not set here, so not looked at: T.\n{whole.stdout}"
    assert unset.exit_code == 0


def test_every_mistake_is_a_line_that_leads_to_its_place() -> None:
    """In a file named by its path, as it was named; it ends with 2."""
    name = write(WRONG, "infra/aws/production.yaml")
    result = run(name)

    assert result.exit_code == 2
    assert result.stdout.splitlines() == [
        *(f"{name}:{line}" for line in FOUND),
        "Not set here, so not looked at: T.",
        f"{name} cannot be used: 2 mistakes.",
    ]
    assert result.stderr == ""


def test_what_is_odd_is_a_remark_and_no_mistake() -> None:
    """It ends with 0."""
    write(CLOUD.replace("00000000000000000000000000000001", "p-1") + FINE.removeprefix(CLOUD))
    result = run(environ={"T": "T1AAAAAAA/B1AAAAAAA/XXXXXXXXXXXXXXXXXXXXXXXX"})

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"headway.yaml:1: remark: huaweicloud.project_id: {UNLIKE}.",
        f"headway.yaml can be used: {SUMMARY}.",
    ]


def test_for_programs_it_is_one_document() -> None:
    """With all that the lines say, apart."""
    write(f"{WRONG}heartbeat: {{url: 'https://example.com/s3cr3t'}}\n")
    result = run("--json")

    assert result.exit_code == 2
    assert "s3cr3t" not in result.output
    assert document(result) == {
        "ok": False,
        "configuration": "headway.yaml",
        "summary": None,
        "mistakes": [
            {
                "file": "headway.yaml",
                "line": 5,
                "column": 1,
                "variable": None,
                "key": "stat",
                "problem": "is no key that Headway knows",
                "expected": None,
                "suggestions": ["state"],
            },
            {
                "file": "headway.yaml",
                "line": 7,
                "column": 3,
                "variable": None,
                "key": "links.console",
                "problem": "is not valid",
                "expected": "an http:// or https:// address",
                "suggestions": [],
            },
        ],
        "remarks": [
            {
                "file": "headway.yaml",
                "line": 8,
                "column": 13,
                "variable": None,
                "key": "heartbeat.url",
                "problem": "still has a domain of the example's in it",
                "expected": "one of yours",
                "suggestions": [],
            },
            {
                "file": "headway.yaml",
                "line": 8,
                "column": 13,
                "variable": None,
                "key": "heartbeat.url",
                "problem": "stands in the file for all to read",
                "expected": "${NAME}, which keeps it out",
                "suggestions": [],
            },
        ],
        "elsewhere": ["T"],
    }


def test_a_fine_document_says_what_the_configuration_comes_to() -> None:
    """Mistakes and remarks are empty lists."""
    write(FINE)
    result = run("--json")

    assert result.exit_code == 0
    assert document(result) == {
        "ok": True,
        "configuration": "headway.yaml",
        "summary": SUMMARY,
        "mistakes": [],
        "remarks": [],
        "elsewhere": ["T"],
    }


@pytest.mark.parametrize("arguments", [["other.yaml"], ["--config", "other.yaml"], []])
def test_it_looks_at_what_other_commands_would_use(arguments: list[str]) -> None:
    """A file that is named goes before the variable, and that before the file in this folder."""
    write(FINE)
    write(WRONG, "other.yaml")
    environ = {"HEADWAY_CONFIG": "headway.yaml" if arguments else "other.yaml"}
    result = run(*arguments, environ=environ)

    assert result.exit_code == 2
    assert result.stdout.splitlines()[:2] == [f"other.yaml:{line}" for line in FOUND]


def test_the_text_in_the_variable_has_lines_too() -> None:
    """It is called by the variable."""
    result = run(environ={"HEADWAY_CONFIG": WRONG})

    assert result.exit_code == 2
    assert result.stdout.splitlines()[:2] == [f"HEADWAY_CONFIG:{line}" for line in FOUND]


def test_variables_are_looked_at_where_they_are_the_configuration() -> None:
    """Each mistake names the variable to change."""
    environ = {
        "HEADWAY_REGION": "EU_West_101",
        "HEADWAY_PROJECT_ID": "00000000000000000000000000000001",
        "HEADWAY_DISCOVER": "true",
        "HEADWAY_CHANNELS": "team=slakc://s3cr3t",
    }
    result = run(environ=environ)

    assert result.exit_code == 2
    assert result.stdout.splitlines() == [
        f"HEADWAY_REGION (huaweicloud.region): {NO_REGION}.",
        f"HEADWAY_CHANNELS, line 1 (channels.team.url): {NO_SERVICE}.",
        f"remark: HEADWAY_STATE (state): {FOLDER}.",
        "the variables cannot be used: 2 mistakes.",
    ]
    assert document(run("--json", environ=environ))["mistakes"][0]["variable"] == "HEADWAY_REGION"


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_no_bucket_is_asked(as_json: list[str]) -> None:
    """It says so, whether the variable or the argument names an object; and what to do."""
    by_variable = run(*as_json, environ={"HEADWAY_CONFIG": "s3://bucket/headway.yaml?region=eu-west-1"})
    by_argument = run("obs://bucket/headway.yaml", *as_json)

    for result in (by_variable, by_argument):
        assert result.exit_code == 2
        assert "an object in a bucket, and no bucket is asked here: give a copy of it" in result.stderr


def test_what_is_not_there_is_no_mistake_in_it() -> None:
    """Whoever named it may have misspelt it; where nothing is named it says what there may be."""
    named, unnamed = run("headwy.yaml"), run()

    assert named.exit_code == unnamed.exit_code == 2
    assert "There is no headwy.yaml." in named.stderr
    assert unnamed.stdout.startswith(
        "headway.yaml: is not in this folder; put it there, name another with --config or in HEADWAY_CONFIG,"
        " or set HEADWAY_REGION, HEADWAY_PROJECT_ID and HEADWAY_INSTANCE_ID (or HEADWAY_DISCOVER).\n"
    )


MISTAKEN: Final = "huaweicloud: {region: eu-west-101}\nwatchs: []\n"


@pytest.mark.parametrize("command", ["status", "check", "watch"])
@pytest.mark.parametrize(
    ("options", "config", "leads_to"),
    [
        ([], None, "headway validate"),
        ([], "conf/a b.yaml", "headway validate"),
        ([], MISTAKEN, "headway validate"),
        (["--config", "conf/a b.yaml"], None, "headway validate 'conf/a b.yaml'"),
    ],
)
def test_other_commands_lead_here(
    command: str, options: list[str], config: str | None, leads_to: str
) -> None:
    """They tell what keeps them from reading it, and no lines."""
    Path("conf").mkdir()
    for path in ("headway.yaml", "conf/a b.yaml"):
        if config != MISTAKEN or path != "headway.yaml":
            write(MISTAKEN, path)
    ended = run_headway(command, *options, environ={"HEADWAY_CONFIG": config} if config else {})

    assert ended.exit_code == 2
    assert ended.stderr.endswith(f"`{leads_to}` names every mistake with its line.\n")
    assert ended.stderr.count("names every mistake") == 1


@pytest.mark.parametrize(
    "environ", [{}, {"HEADWAY_CONFIG": "not-there.yaml"}, {"HEADWAY_REGION": "eu-west-101"}]
)
@pytest.mark.parametrize("command", ["status", "check", "doctor"])
def test_where_no_text_is_there_are_no_lines(command: str, environ: Mapping[str, str]) -> None:
    """What is wrong is told whole."""
    ended = run_headway(command, environ=environ)

    assert ended.exit_code == 2
    assert "headway validate" not in f"{ended.stdout}{ended.stderr}"


def test_a_folder_is_no_file() -> None:
    """Without a traceback."""
    Path("production").mkdir()
    result = run("production")

    assert result.exit_code == 2
    assert result.stdout.splitlines() == [
        "production: cannot be read (Is a directory).",
        "production cannot be used: 1 mistake.",
    ]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("production", "--config: file 'production' is a directory."),
        ("~/not-there.yaml", "--config: file '~/not-there.yaml' does not exist."),
        ("n" * 300, f"--config: file '{'n' * 300}' does not exist."),
        ("~nobody-of-this-name/a.yaml", "--config: file '~nobody-of-this-name/a.yaml' does not exist."),
    ],
)
def test_a_file_that_is_named_by_the_option_is_there(named: str, said: str) -> None:
    """Else whoever named it has misspelt it."""
    Path("production").mkdir()
    result = run("--config", named)

    assert result.exit_code == 2
    assert said in result.stderr


def test_one_file_is_enough() -> None:
    """Which of two is meant nobody knows."""
    result = run(write(FINE), "--config", write(FINE, "other.yaml"))

    assert result.exit_code == 2
    assert "Name the file once: as FILE or with --config." in result.stderr


def test_the_schema_is_printed_for_editors() -> None:
    """It is the same for every file."""
    result, beside = run("--schema"), run("--schema", write(FINE))

    assert result.exit_code == 0
    assert document(result) == make_schema()
    assert beside.exit_code == 2
    assert "leave out FILE" in beside.stderr
