"""Where a configuration comes from, and what is said when it comes from nowhere or everywhere."""

from __future__ import annotations

import errno
import re
import subprocess
import sys
from collections.abc import Collection, Mapping
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.core.change import ChangeId
from handler.settings import FolderState, SettingsError, read_settings
from handler.settings.tree import Tree, fill, kept_in, variables_in
from handler.settings.variables import VARIABLES
from tests.edge.configurations import (
    DEFAULT_PATH,
    LEAST,
    LEAST_VARIABLES,
    NO_WATCHES,
    mistakes,
    nothing_kept,
    read,
)


def channels(text: str) -> dict[str, str]:
    """Read the channels of `HEADWAY_CHANNELS`, names and URLs."""
    variables = {**LEAST_VARIABLES, "HEADWAY_CHANNELS": text, "URL": "jsons://u:p@h"}
    settings = read(variables=variables)
    return {name: channel.url.reveal() for name, channel in settings.channels.items()}


def test_file_text_and_variables_say_the_same() -> None:
    """The three sources are read alike."""
    by_text = read(LEAST)

    assert by_text == read(files={DEFAULT_PATH: LEAST})
    assert by_text == read(files={"other.yaml": LEAST}, variables={"HEADWAY_CONFIG": "other.yaml"})
    assert by_text == read(variables=LEAST_VARIABLES)


def test_a_named_file_goes_before_the_one_beside_the_code() -> None:
    """Whoever names one means it."""
    other = LEAST.replace("t-1", "t-2")
    files = {DEFAULT_PATH: LEAST, "other.yaml": other}

    assert read(files=files, variables={"HEADWAY_CONFIG": "other.yaml"}) == read(other)


def test_variables_configure_one_change() -> None:
    """All that the variables can say."""
    variables = {
        **LEAST_VARIABLES,
        "HEADWAY_ENDPOINT": "https://dms.example",
        "HEADWAY_STATE": "file:/var/headway",
        "HEADWAY_NAME": "订单",
        "HEADWAY_CHANNELS": "ops=slack://A/B/C",
        "HEADWAY_TIMEZONE": "Asia/Shanghai",
        "HEADWAY_STATUS_PAGE": "https://page.example",
        "HEADWAY_DISCOVER": "false",
        "HEADWAY_LANGUAGE": "en",
    }
    settings = read(variables=variables)
    (watch,) = settings.watches

    assert (watch.change, watch.name) == (ChangeId("i-1", "t-1"), "订单")
    assert settings.huaweicloud.endpoint == "https://dms.example"
    assert settings.state == FolderState("/var/headway")
    assert settings.channels["ops"].url.reveal() == "slack://A/B/C"
    assert settings.timezone.key == "Asia/Shanghai"
    assert settings.links.status_page == "https://page.example"


def test_an_empty_variable_is_not_set() -> None:
    """Templates set variables to nothing."""
    empty = dict.fromkeys([*VARIABLES, "HEADWAY_CONFIG"], "")

    assert read(variables={**empty, **LEAST_VARIABLES}) == read(LEAST)


KEEP_ONE = "keep the one or the others (a file takes a value as ${NAME})"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ops=slack://A/B/C", {"ops": "slack://A/B/C"}),
        ("slack://A/B/C", {"slack": "slack://A/B/C"}),
        ("json://h/?a=b", {"json": "json://h/?a=b"}),
        ("MAILTOS://h", {"mailtos": "MAILTOS://h"}),
        ("a+b.c://h", {"a-b-c": "a+b.c://h"}),
        (
            "\n slack://1 \n\nslack://2\r\nslack://3\n",
            {"slack": "slack://1", "slack-2": "slack://2", "slack-3": "slack://3"},
        ),
        (
            "slack://1\nslack=json://2\nslack-2=json://3\nslack://4",
            {
                "slack-3": "slack://1",
                "slack": "json://2",
                "slack-2": "json://3",
                "slack-4": "slack://4",
            },
        ),
        ("a_1-b= json://h/c=d", {"a_1-b": "json://h/c=d"}),
        ("ops=${URL}", {"ops": "jsons://u:p@h"}),
        ("ops=json://h/$${URL}", {"ops": "json://h/${URL}"}),
    ],
)
def test_each_line_is_a_channel(text: str, expected: dict[str, str]) -> None:
    """A name stands before the scheme, or is made of it; given names go first."""
    assert channels(text) == expected


NAMES: Final = st.from_regex(r"[a-z0-9_-]{1,8}", fullmatch=True)
SCHEMES: Final = st.from_regex(r"[a-z]{1,4}", fullmatch=True)


@given(st.lists(st.tuples(st.none() | NAMES, SCHEMES), unique_by=lambda line: line[0] or object()))
def test_no_channel_is_lost(lines: list[tuple[str | None, str]]) -> None:
    """Whatever they are called, there are as many channels as lines, under the names given."""
    text = "\n".join(f"{name}={scheme}://h" if name else f"{scheme}://h" for name, scheme in lines)
    found = channels(text)

    assert len(found) == len(lines)
    assert {name for name, _ in lines if name} <= found.keys()


def test_channels_that_cannot_be_told_apart_are_refused() -> None:
    """Offsets hang on names."""
    text = "ops=json://a\nops=json://b\nno scheme\n=x\n1://x"

    assert mistakes(variables={**LEAST_VARIABLES, "HEADWAY_CHANNELS": text}) == [
        "HEADWAY_CHANNELS (channels.ops): stands there twice (line 2, column 1).",
        "HEADWAY_CHANNELS (channels): has a line with neither name= nor scheme:// (line 3, column 1).",
    ]


def test_what_is_missing_is_told_as_the_variable_to_set() -> None:
    """A person who sets variables thinks in variables."""
    lines = mistakes(variables={"HEADWAY_NAME": "orders"})

    assert [line.partition(":")[0] for line in lines] == [
        "HEADWAY_REGION (huaweicloud.region)",
        "HEADWAY_PROJECT_ID (huaweicloud.project_id)",
        "HEADWAY_INSTANCE_ID (watches[0].instance_id)",
    ]


UNWATCHED: Final = {
    name: text
    for name, text in LEAST_VARIABLES.items()
    if name not in {"HEADWAY_INSTANCE_ID", "HEADWAY_TASK_ID"}
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("true", ("*",)),
        (" True ", ("*",)),
        ("false", ()),
        ("orders-*", ("orders-*",)),
        ("orders-*,audit", ("orders-*", "audit")),
        (" orders-* , , audit ,", ("orders-*", "audit")),
        ("[a-c]?", ("[a-c]?",)),
        ("true,false", ("true", "false")),
    ],
)
def test_a_variable_says_which_instances_are_discovered(text: str, found: tuple[str, ...]) -> None:
    """A word, or patterns with commas between them; one change may be watched besides."""
    variables = {**LEAST_VARIABLES, "HEADWAY_DISCOVER": text}
    settings = read(variables=variables)

    assert settings.discover == found
    assert [watch.change for watch in settings.watches] == [ChangeId("i-1", "t-1")]


@pytest.mark.parametrize("text", ["true", "orders-*"])
def test_whoever_discovers_need_not_watch(text: str) -> None:
    """Three variables are enough for a whole project."""
    settings = read(variables={**UNWATCHED, "HEADWAY_DISCOVER": text})

    assert settings.watches == ()
    assert settings == read(f"{NO_WATCHES}discover: {text if text == 'true' else [text]}")


def test_an_instance_is_watched_without_a_task() -> None:
    """By variables as by a file."""
    variables = {**UNWATCHED, "HEADWAY_INSTANCE_ID": "i-1", "HEADWAY_NAME": "orders"}
    (watch,) = read(variables=variables).watches

    assert (watch.instance_id, watch.task_id, watch.name) == ("i-1", None, "orders")


def test_half_a_watch_is_one_also_where_instances_are_discovered() -> None:
    """A task that nobody looks for would be one that nobody hears of."""
    variables = {**UNWATCHED, "HEADWAY_DISCOVER": "true", "HEADWAY_TASK_ID": "t-1"}
    (line,) = mistakes(variables=variables)

    assert line.startswith("HEADWAY_INSTANCE_ID (watches[0].instance_id): is missing; ")


def test_whoever_discovers_nothing_has_to_watch() -> None:
    """An instance that was forgotten would be one that nobody hears of."""
    (line,) = mistakes(variables={**UNWATCHED, "HEADWAY_DISCOVER": "false"})

    assert line.startswith("HEADWAY_INSTANCE_ID (watches[0].instance_id): is missing; ")


@pytest.mark.parametrize("text", ["ture", "yes", "1", " "])
def test_a_word_that_is_no_pattern_is_taken_for_a_misspelt_one(text: str) -> None:
    """As a name it would be that of a single instance, and most likely find nothing, without a word."""
    (line,) = mistakes(variables={**LEAST_VARIABLES, "HEADWAY_DISCOVER": text})

    assert line.startswith("HEADWAY_DISCOVER (discover): is not valid; expected true, false, or ")


@pytest.mark.parametrize("text", [",", " , "])
def test_patterns_of_nothing_are_refused(text: str) -> None:
    """Nobody would be discovered, and that is said by another word."""
    (line,) = mistakes(variables={**LEAST_VARIABLES, "HEADWAY_DISCOVER": text})

    assert line.startswith("HEADWAY_DISCOVER (discover): is empty, or no list; expected true, false, or ")


def test_nothing_at_all_says_what_to_do() -> None:
    """The first thing that everybody sees."""
    (line,) = mistakes()

    assert line == (
        "headway.yaml: is not there; put it beside the code, name a file in HEADWAY_CONFIG, or set"
        " HEADWAY_REGION, HEADWAY_PROJECT_ID and HEADWAY_INSTANCE_ID (or HEADWAY_DISCOVER)."
    )


def test_what_is_to_be_set_where_there_is_nothing_is_enough() -> None:
    """No variable is named that is not required."""
    least = {name: text for name, text in LEAST_VARIABLES.items() if name != "HEADWAY_TASK_ID"}

    assert read(variables=least).watches[0].instance_id == "i-1"
    assert read(variables={**least, "HEADWAY_INSTANCE_ID": "", "HEADWAY_DISCOVER": "true"}).discover == ("*",)


@pytest.mark.parametrize("name", ["headway.yaml", "HEADWAY_CONFIG"])
def test_two_sources_at_once_are_refused(name: str) -> None:
    """One of the two would be ignored, and nobody knows which."""
    files = {DEFAULT_PATH: LEAST} if name == "headway.yaml" else {}
    variables = {"HEADWAY_STATE": "file:x", "HEADWAY_NAME": "y"}

    assert mistakes(None if files else LEAST, variables=variables, files=files) == [
        f"{name}: stands beside HEADWAY_STATE, HEADWAY_NAME; {KEEP_ONE}."
    ]


TOKEN_TAKEN: Final = f"{LEAST}http: {{token: '${{HEADWAY_HTTP_TOKEN}}'}}"
TOKEN_SET: Final = {"HEADWAY_HTTP_TOKEN": "a-token-of-this-function"}


@pytest.mark.parametrize("name", ["headway.yaml", "HEADWAY_CONFIG"])
def test_a_file_may_stand_beside_the_variables_that_it_takes_values_from(name: str) -> None:
    """None of them is ignored; without one it is the variable that is missing."""
    files = {DEFAULT_PATH: TOKEN_TAKEN} if name == "headway.yaml" else {}
    text = None if files else TOKEN_TAKEN
    token = read(text, files=files, variables=TOKEN_SET).http.token

    assert token is not None
    assert token.reveal() == TOKEN_SET["HEADWAY_HTTP_TOKEN"]
    assert mistakes(text, files=files) == [
        "http.token: needs the variable HEADWAY_HTTP_TOKEN, which is not set."
    ]


def test_each_other_variable_is_refused_beside_it_by_name() -> None:
    """The ones that it takes are not to blame."""
    text = f"{TOKEN_TAKEN}\nchannels: {{ops: {{url: 'json://${{HEADWAY_NAME}}/$${{HEADWAY_STATE}}'}}}}"
    variables = {**TOKEN_SET, "HEADWAY_NAME": "h", "HEADWAY_STATE": "file:x", "HEADWAY_LANGUAGE": "zh"}

    assert mistakes(text, variables=variables) == [
        f"HEADWAY_CONFIG: stands beside HEADWAY_STATE, HEADWAY_LANGUAGE; {KEEP_ONE}."
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"{LEAST}# ${{HEADWAY_HTTP_TOKEN}}",
        f"{LEAST}${{HEADWAY_HTTP_TOKEN}}: x",
        f"{LEAST}http: {{token: '$${{HEADWAY_HTTP_TOKEN}}'}}",
        f"{LEAST}http: {{token: '${{ssm:HEADWAY_HTTP_TOKEN}}'}}",
        f"{LEAST}http: {{token: HEADWAY_HTTP_TOKEN}}",
    ],
    ids=["a comment", "a key", "an escape", "kept in AWS", "a text"],
)
def test_to_name_a_variable_is_not_to_take_its_value(text: str) -> None:
    """It would be ignored; what else is wrong is told all the same."""
    first, *_ = mistakes(text, variables=TOKEN_SET)

    assert first == f"HEADWAY_CONFIG: stands beside HEADWAY_HTTP_TOKEN; {KEEP_ONE}."


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: [b\n", "is no YAML: there is a [ that no ] closes"), ("[]", "has no keys in it.")],
)
def test_what_cannot_be_read_is_not_blamed_for_the_variables_beside_it(text: str, line: str) -> None:
    """Nobody knows which of them it takes."""
    (only,) = mistakes(text, variables=TOKEN_SET)

    assert only.startswith(f"HEADWAY_CONFIG: {line}")


PIECES: Final = st.sampled_from(
    ["${A}", "${_b1}", "$${A}", "${ssm:A}", "${secret:/b}", "${ssm:}", "${", "${1}", "$", "{A}", "x", "${}"]
)
TREES: Final = st.recursive(
    st.none() | st.lists(PIECES, max_size=4).map("".join),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(PIECES, below, max_size=3),
    max_leaves=8,
)


@given(TREES)
def test_what_values_are_taken_from_is_known_beforehand(tree: Tree) -> None:
    """Neither more nor less."""
    asked: set[str] = set()

    def lookup(name: str) -> str:
        asked.add(name)
        return "x"

    taken: set[str] = set()

    def take(reference: str) -> str:
        taken.add(reference)
        return "x"

    fill(tree, lookup, take)

    assert variables_in(tree) == asked
    assert kept_in(tree) == taken


def test_what_is_kept_in_aws_is_fetched_at_once() -> None:
    """However often and wherever it is named; where nothing is, nobody is asked."""
    asked: list[Collection[str]] = []

    def fetch(references: Collection[str]) -> Mapping[str, str]:
        asked.append({*references})
        return dict.fromkeys(references, "x")

    urls = ("json://${ssm:/a}/${secret:b}", "json://h/${ssm:/a}")
    channels = ", ".join(f"c{number}: {{url: '{url}'}}" for number, url in enumerate(urls))
    settings = read(f"{LEAST}channels: {{{channels}}}", fetch=fetch)
    read(LEAST, fetch=fetch)

    assert [each.url.reveal() for each in settings.channels.values()] == ["json://x/x", "json://h/x"]
    assert asked == [{"ssm:/a", "secret:b"}]


@pytest.mark.parametrize("address", ["s3://bucket/headway.yaml?region=a", "obs://bucket/headway.yaml"])
def test_a_configuration_may_lie_in_a_bucket(address: str) -> None:
    """What is there is read like a file."""
    assert read(files={address: LEAST}, variables={"HEADWAY_CONFIG": address}) == read(LEAST)
    assert mistakes(files={DEFAULT_PATH: LEAST}, variables={"HEADWAY_CONFIG": address}) == [
        "HEADWAY_CONFIG: names an object that is not there."
    ]


@pytest.mark.parametrize("around", ["{}\n", " {}", "\n{}\r\n", "\t{} "])
@pytest.mark.parametrize(
    "address", ["s3://bucket/headway.yaml?region=a", "OBS://bucket/headway.yaml", "S3://bucket/a b.yaml"]
)
def test_what_stands_around_an_address_does_not_count(address: str, around: str) -> None:
    """A line break comes along when it is copied out of a file."""
    variables = {"HEADWAY_CONFIG": around.format(address)}

    assert read(files={address: LEAST}, variables=variables) == read(LEAST)


def test_a_line_break_says_that_it_is_the_text() -> None:
    """Even the only one, at the end; and an address in a text is no address."""
    text = "{huaweicloud: {region: a-1, project_id: p}, discover: true}"

    assert read(variables={"HEADWAY_CONFIG": f"{text}\n"}).discover == ("*",)
    assert mistakes(
        files={text: LEAST}, variables={"HEADWAY_CONFIG": "s3://bucket/key\ns3://bucket/key"}
    ) == ["HEADWAY_CONFIG: has no keys in it."]


def test_a_named_file_must_be_there() -> None:
    """Also when another one lies beside the code."""
    assert mistakes(files={DEFAULT_PATH: LEAST}, variables={"HEADWAY_CONFIG": "other.yaml"}) == [
        "HEADWAY_CONFIG: names a file (other.yaml) that is not there."
    ]


@pytest.mark.parametrize(
    ("config", "shown"),
    [
        ("conf/of production.yaml", " (conf/of production.yaml)"),
        ("conf/\x1b[31m.yaml", ""),
        ("conf/\x07.yaml", " (conf/ .yaml)"),
        ("{channels: {team: {url: 'slack://s3cr3t'}}}", ""),
        ("channels: s3cr3t", ""),
    ],
)
def test_the_path_of_a_file_that_is_not_there_is_shown_and_a_text_in_its_place_is_not(
    config: str, shown: str
) -> None:
    """A text without a line break is taken for a path, and there may be secrets in it."""
    assert mistakes(variables={"HEADWAY_CONFIG": config}) == [
        f"HEADWAY_CONFIG: names a file{shown} that is not there."
    ]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "path"), "cannot be read (Permission denied)"),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "path"), "cannot be read (Is a directory)"),
        (OSError("path"), "cannot be read"),
        (
            UnicodeDecodeError("utf-8", b"a: b\nc: \xff", 8, 9, "path"),
            "is no text in UTF-8 (line 2, column 4)",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(error: Exception, said: str) -> None:
    """Its path stays out of the error."""

    def read_file(_: str) -> str:
        raise error

    with pytest.raises(SettingsError) as caught:
        read_settings(lambda _: None, fetch=nothing_kept, read_file=read_file, default_path=DEFAULT_PATH)

    assert caught.value.lines == (f"headway.yaml: {said}.",)


NO_YAML: Final = "is no YAML: there is"
CAUSES: Final = "from wrong indentation or missing quotes"
QUOTE: Final = "which wants quotes around it"
BOMB: Final = "\n".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}' if n else '*a'] * 9)}]" for n in range(7))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b\n c: s3cr3t\n", f"{NO_YAML} a colon where none may be, {CAUSES} (line 2, column 3)."),
        ("a: b: s3cr3t\n", f"{NO_YAML} a colon where none may be, {CAUSES} (line 1, column 5)."),
        ("a:\n\tb: s3cr3t\n", f"{NO_YAML} a tab, and YAML indents by spaces alone (line 2, column 1)."),
        (
            "a: @s3cr3t\n",
            f"{NO_YAML} a value that begins with a character of YAML's own, {QUOTE} (line 1, column 4).",
        ),
        ("a: *s3cr3t\n", f"{NO_YAML} a value that begins with * or &, {QUOTE} (line 1, column 4)."),
        ("a: [*]\n", f"{NO_YAML} a value that begins with * or &, {QUOTE} (line 1, column 6)."),
        ("%s3cr3t: b\n", f"{NO_YAML} a line that begins with %, {QUOTE} (line 1, column 1)."),
        ("a: !x!s3cr3t b\n", f"{NO_YAML} a value that begins with !, {QUOTE} (line 1, column 4)."),
        ("a: [${s3cr3t}]\n", f"{NO_YAML} a ${{…}} between brackets, {QUOTE} (line 1, column 6)."),
        (
            "a: [s3cr3t\n",
            f"{NO_YAML} a [ that no ] closes, or a comma is missing after it (line 1, column 4).",
        ),
        ("a: [", f"{NO_YAML} a [ or {{ that is never closed (line "),
        (
            "a: {s3cr3t\n",
            f"{NO_YAML} a {{ that no }} closes, or a comma is missing after it (line 1, column 4).",
        ),
        ("a: {b: s3cr3t}}\n", f"{NO_YAML} a ] or }} that closes nothing (line 1, column 15)."),
        ("a: 's3cr3t\n", f"{NO_YAML} a quote that is never closed (line 1, column 4)."),
        (
            "a: 's3cr3t's'\n",
            f"{NO_YAML} something after the end of a value; quotes within quotes are written ",
        ),
        (
            'a: "s3cr3t\\d"\n',
            f"{NO_YAML} a \\ between double quotes; single quotes would take it as it is",
        ),
        ("a: b\ns3cr3t\n", f"{NO_YAML} a line that has no colon after a key (line 2, column 1)."),
        (
            "a:\n  b: c\n d: s3cr3t\n",
            f"{NO_YAML} a line that is not indented like those that it belongs to (line 3, column 2).",
        ),
        (
            "a: b\n--- \nc: s3cr3t\n",
            f"{NO_YAML} a second document after a ---; only one is read (line 2, column 1).",
        ),
        ("a: > s3cr3t\n", f"{NO_YAML} something that cannot stand there, {CAUSES} (line 1, column 6)."),
        ("a: s3cr3t\x00\n", "holds a character that YAML does not allow (line 1, column 10)."),
        (f"a: &a [s3cr3t, s3cr3t]\n{BOMB}", "unfolds to too much by its aliases (*)."),
        ("# " * (1 << 19) + "s3cr3t\n", "is larger than 1 MiB, which no configuration needs to be."),
        ("a: &a [*a]\n", "is nested too deeply."),
        ("[" * 600, "is nested too deeply."),
        ("- a\n- b\n", "has no keys in it."),
        ("s3cr3t\n", "has no keys in it."),
        ("\n# nothing\n", "has no keys in it."),
    ],
)
def test_what_is_no_yaml_is_refused_by_its_place_alone(text: str, line: str) -> None:
    """Line and column are enough to find it; the text may be a secret."""
    (only,) = mistakes(text)

    assert only.startswith(f"HEADWAY_CONFIG: {line}")
    assert "s3cr3t" not in only


@pytest.mark.parametrize(
    ("text", "key", "problem"),
    [
        (
            "alerts: &a {stalled_after: 5m}\nlinks: {<<: *a}",
            "links",
            "has a merge key (<<); its keys have to be written out",
        ),
        (
            "network:\n  proxy: !s3cr3t 'http://h'",
            "network.proxy",
            "has a tag (a word with ! before it), of which Headway knows none",
        ),
    ],
)
def test_what_yaml_does_elsewhere_is_not_quietly_left_out(text: str, key: str, problem: str) -> None:
    """Whoever writes it means it."""
    (line,) = mistakes(f"{LEAST}{text}")

    assert re.fullmatch(rf"{re.escape(f'{key}: {problem}')} \(line 5, column \d+\)\.", line)


def test_a_key_that_stands_twice_is_refused() -> None:
    """YAML would silently take the last one."""
    text = f"{LEAST}alerts: {{milestones: [], milestones: [5]}}\nhuaweicloud: {{}}\n? {{a: b}}\n: c"

    assert mistakes(text)[:2] == [
        "alerts.milestones: stands there twice (line 4, column 26).",
        "huaweicloud: stands there twice (line 5, column 1).",
    ]


def test_variables_do_without_yaml() -> None:
    """Loading it would cost every cold start."""
    script = """
import sys
from handler.settings import read_settings
variables = dict(part.split("=") for part in sys.argv[1:])
read_settings(variables.get, fetch=dict, read_file={}.get, default_path="headway.yaml")
print("yaml" in sys.modules)
"""
    arguments = [f"{name}={value}" for name, value in LEAST_VARIABLES.items()]
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script, *arguments], check=True, capture_output=True, text=True
    )

    assert done.stdout.strip() == "False"
