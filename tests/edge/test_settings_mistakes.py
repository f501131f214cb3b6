"""What is said of a configuration that cannot be used: every mistake at once, and never a value."""

from __future__ import annotations

import json
import traceback
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.settings import AlertSettings, Settings, SettingsError
from handler.settings.section import each_field
from handler.settings.tree import NAMELESS, UNCLOSED
from tests.edge.configurations import LEAST, LEAST_VARIABLES, mistakes, mistakes_in, read


def test_all_mistakes_are_told_at_once() -> None:
    """Nobody wants to learn of them one deployment at a time."""
    text = """
huaweicloud: {regoin: eu-west-101, project_id: ../x}
state: ${STATE}
watches: [{instance: i-1}]
channels: {ops: {url: 'slack://${TOKEN}', min_severity: fatal}}
http: {tokn: x}
"""
    keys = [line.partition(":")[0] for line in mistakes(text)]

    assert keys == [
        "state",
        "channels.ops.url",
        "huaweicloud.region",
        "huaweicloud.project_id",
        "huaweicloud.regoin",
        "watches[0].instance_id",
        "watches[0].instance",
        "channels.ops.min_severity",
        "http.tokn",
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("chanels: {}", "chanels: is no key that Headway knows; perhaps channels was meant."),
        ("discovr: x", "discovr: is no key that Headway knows; perhaps discover was meant."),
        ("xyz: 1", "xyz: is no key that Headway knows."),
        (
            "region: eu-west-101",
            "region: is no key that Headway knows; perhaps huaweicloud.region was meant.",
        ),
        ("url: 'json://h'", "url: is no key that Headway knows."),
        (
            "alerts: {stalled_afer: 5m}",
            "alerts.stalled_afer: is no key that Headway knows; perhaps stalled_after was meant.",
        ),
        (
            "channels: {ops: {url: 'json://h', alert: [end]}}",
            "channels.ops.alert: is no key that Headway knows; perhaps alerts was meant.",
        ),
        (
            "network: {proxies: x}",
            "network.proxies: is no key that Headway knows; perhaps proxy was meant.",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(line: str, problem: str) -> None:
    """A misspelt key that is ignored would be a setting that does nothing."""
    assert mistakes(f"{LEAST}{line}") == [problem]


@pytest.mark.parametrize(
    "key",
    [
        "huaweicloud.access_key",
        "huaweicloud.secret_key",
        "huaweicloud.security_token",
        "network.proxy",
        "network.ca_file",
        "state",
        "channels.ops.url",
        "links.console",
    ],
)
@pytest.mark.parametrize("bad", ["s3cr3t\udcff", "\ud800s3cr3t"])
def test_what_is_no_utf_8_is_refused_under_its_key(key: str, bad: str) -> None:
    """Python escapes such bytes of a variable to characters that can be neither signed nor sent."""
    text = "'${BAD}'"
    for part in reversed(key.split(".")):
        text = f"{{{part}: {text}}}"
    (line,) = (line for line in mistakes(text, variables={"BAD": bad}) if line.startswith(f"{key}:"))

    assert line.startswith(f"{key}: holds a line break or another invisible character; expected ")
    assert "s3cr3t" not in line


def test_a_heartbeat_that_is_no_address_is_refused_and_not_repeated() -> None:
    """From the file and from its variable."""
    wanted = "is not valid; expected an http:// or https:// address to ping."
    variables = {**LEAST_VARIABLES, "HEADWAY_HEARTBEAT": "hc-ping.com/s3cr3t"}

    assert mistakes(f"{LEAST}heartbeat: {{url: 'hc-ping.com/s3cr3t'}}") == [f"heartbeat.url: {wanted}"]
    assert mistakes(variables=variables) == [f"HEADWAY_HEARTBEAT (heartbeat.url): {wanted}"]


@pytest.mark.parametrize("line", ["discover: False", "language: en", "timezone: UTC"])
def test_what_holds_anyway_may_be_said(line: str) -> None:
    """A default is as good as nothing."""
    assert read(f"{LEAST}{line}") == read(LEAST)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${URL}", "json://host/path"),
        ("json://${HOST}/${HOST}", "json://h: #'\"/h: #'\""),
        ("json://$${HOST}/${HOST}", "json://${HOST}/h: #'\""),
        ("json://h/$HOST/$", "json://h/$HOST/$"),
        ("json://h/$$${HOST}", "json://h/$${HOST}"),
    ],
)
def test_variables_stand_for_secrets(value: str, expected: str) -> None:
    """They are put in after parsing, so that a secret may hold any character."""
    text = f"{LEAST}channels: {{ops: {{url: '{value}'}}}}"
    variables = {"URL": "json://host/path", "HOST": "h: #'\""}
    channel = read(text, variables=variables).channels["ops"]

    assert channel.url.reveal() == expected


def test_what_is_kept_in_aws_stands_for_secrets() -> None:
    """As variables do, by the service it is kept in and its name there."""
    text = f"{LEAST}channels: {{ops: {{url: 'json://${{ssm:/ops/host}}/${{secret:arn:aws:x:ops-Ab1}}'}}}}"
    channel = read(text, fetch=lambda _: {"ssm:/ops/host": "h", "secret:arn:aws:x:ops-Ab1": "${X}'"})

    assert channel.channels["ops"].url.reveal() == "json://h/${X}'"


def test_a_variable_may_stand_for_any_value() -> None:
    """Numbers, and entries of lists, too."""
    text = LEAST.replace("{region", "{connections: '${N}', region")
    settings = read(f"{text}alerts: {{milestones: ['${{N}}']}}", variables={"N": "7"})

    assert settings.huaweicloud.connections == 7
    assert settings.alerts.milestones == (7,)


FORMS: Final = "expected ${NAME}, ${ssm:NAME} or ${secret:NAME}; a literal ${ is written $${"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("${TOKEN}", "needs the variable TOKEN, which is not set"),
        ("json://${EMPTY}/x", "needs the variable EMPTY, which is not set"),
        ("${ssm:/ops/url}", "needs ssm:/ops/url, which is not there"),
        ("json://h/${secret:ops}", "needs secret:ops, which is not there"),
        *(
            (value, f"{NAMELESS}; {FORMS}")
            for value in ("${}", "${a-b}", "${ssm:}", "${1a}", "${ A }", "${env:A}")
        ),
        *((value, f"{UNCLOSED}; {FORMS}") for value in ("json://${", "${TOKEN", "${a{b}}")),
        *(
            (value, f"{NAMELESS}; perhaps {meant} was meant; {FORMS}")
            for value, meant in (("${sm:}", "ssm:"), ("${sm:a}", "ssm:"), ("${SECRETS:a}", "secret:"))
        ),
    ],
)
def test_a_variable_that_is_not_there_is_named_with_its_key(value: str, problem: str) -> None:
    """What the key is then worth is not another mistake."""
    text = f"{LEAST}channels: {{ops: {{url: '{value}'}}}}"

    assert mistakes(text, variables={"EMPTY": ""}) == [f"channels.ops.url: {problem}."]


@pytest.mark.parametrize(
    "text",
    [
        f"{LEAST}slack://s3cr3t/B/C: x",
        f"{LEAST}channels: {{'slack://s3cr3t/B/C': {{url: 'json://h'}}}}",
        f"{LEAST}channels: {{ops: {{'slack://s3cr3t/B/C': x, url: 'json://h'}}}}",
        f"{LEAST}? {{s3cr3t: s3cr3t}}\n: x",
        f"{LEAST}? [s3cr3t, s3cr3t]\n: x",
    ],
)
def test_a_secret_in_the_place_of_a_key_is_not_repeated(text: str) -> None:
    """A key is named only if it looks like one."""
    (line,) = mistakes(text)

    assert "(an odd key): " in line
    assert "s3cr3t" not in line


SECRET: Final = "zq" + "s3cr3t" * 3
PLACES: Final = [place for place, field in each_field(Settings) if place not in {("channels",), ("watches",)}]


@pytest.mark.parametrize("place", PLACES, ids=".".join)
@pytest.mark.parametrize("value", [SECRET, f"[{SECRET}]", f"{{{SECRET}: {SECRET}}}"])
def test_no_key_repeats_a_value_that_cannot_be(place: tuple[str, ...], value: str) -> None:
    """A secret may stand in the wrong place, and then above all it is not to be seen."""
    ops = "ops" if place[0] == "channels" else "0"
    text = value
    for part in reversed(place):
        key = f"{{{ops if part == '*' else part}: {text}}}"
        text = f"[{text}]" if part == "*" and place[0] == "watches" else key
    try:
        assert SECRET not in repr(read(text))
    except SettingsError as error:
        for line in error.lines:
            assert SECRET not in line or f".{SECRET}: is no" in line, line


SECRETS: Final = st.lists(st.from_regex(r"[!-~]{8,40}", fullmatch=True), min_size=3, max_size=3).map(
    lambda texts: dict(zip(("KEY", "TOKEN", "PASSWORD"), texts, strict=True))
)

SECRETIVE: Final = """
huaweicloud:
  region: eu-west-101
  project_id: p-1
  access_key: ${KEY}
  secret_key: ${KEY}
  security_token: ${TOKEN}
watches: [{instance_id: i-1, task_id: t-1}]
channels:
  ops: {url: 'json://${TOKEN}:${PASSWORD}@h/${KEY}'}
"""


@given(SECRETS)
def test_settings_show_no_secret(secrets: dict[str, str]) -> None:
    """Whatever characters there are in it."""
    settings = read(SECRETIVE, variables=secrets)
    shown = f"{settings} {settings!r}"

    assert settings.secrets() >= {secrets["KEY"], secrets["TOKEN"]}
    assert not [secret for secret in secrets.values() if secret in shown]


KEYS: Final = st.sampled_from(
    ["alerts", "links", "links.console", "network", "network.proxy", "state", "timezone"]
    + [f"alerts.{name}" for name in AlertSettings.__struct_fields__]
)


@given(SECRETS, KEYS)
def test_neither_an_error_nor_its_traceback_shows_a_secret(secrets: dict[str, str], key: str) -> None:
    """A secret in the wrong place is wrong, and the only thing told of it is the place."""
    section, _, name = key.partition(".")
    line = f"{section}: {{{name}: '${{KEY}}'}}" if name else f"{section}: '${{KEY}}'"
    with pytest.raises(SettingsError) as caught:
        read(f"{SECRETIVE}{line}", variables=secrets)
    error = caught.value
    shown = f"{error} {error!r} {''.join(traceback.format_exception(error))}"

    assert (error.__cause__, error.__context__) == (None, None)
    assert not [secret for secret in secrets.values() if secret in shown]


SCALARS: Final = (
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["${A}", "file:x", "5m"])
)
WORDS: Final = st.sampled_from(sorted({part for place, _ in each_field(Settings) for part in place}))
TREES: Final = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.text() | TREES.map(json.dumps) | st.dictionaries(WORDS, TREES).map(json.dumps))
def test_any_text_is_a_configuration_or_told_why_not(text: str) -> None:
    """Nothing but a `SettingsError` with lines in it ever comes of a configuration."""
    try:
        settings = read(text, variables={"A": "a"})
    except SettingsError as error:
        lines = error.lines
    else:
        lines = (settings.huaweicloud.region,)

    assert lines
    assert all(line.isprintable() for line in lines)


def test_the_text_of_a_file_alone_shows_its_mistakes() -> None:
    """What comes from elsewhere is believed, as long as it is asked for rightly."""
    asked = f"{LEAST}http: {{token: '${{ssm:/token}}'}}\n"
    text = f"{asked}links: {{console: '${{A}}', status_pge: x}}\nstate: '${{}}'\n"

    assert mistakes_in(text) == [
        f"state: {NAMELESS}; {FORMS}.",
        "links.status_pge: is no key that Headway knows; perhaps status_page was meant.",
    ]
    assert mistakes_in(asked) == []
    assert mistakes_in("# nothing") == ["headway.yaml: has no keys in it."]


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("http: {tokn: '${G}'}", "http.tokn"),
        ("channels: {a: {url: 'json://h', langage: '${ssm:/x}'}}", "channels.a.langage"),
        ("http: '${G}'", "http"),
        ("channels: {a: '${G}'}", "channels.a"),
        ("http: {token: '${A}${}'}", "http.token"),
        ("discover: {a: '${G}'}", "discover"),
        ("channels: {a: {url: 'json://h', alerts: '${G}'}}", "channels.a.alerts"),
        ("alerts: {milestones: '${G}'}", "alerts.milestones"),
        ("heartbeat: '${G}'", "heartbeat"),
    ],
)
def test_no_value_from_elsewhere_mends_a_key(line: str, key: str) -> None:
    """A misspelt key takes its secret from a variable like any other."""
    (found,) = mistakes_in(f"{LEAST}{line}")

    assert found.startswith(f"{key}: ")


@pytest.mark.parametrize(
    "line",
    [
        "channels: {a: {url: '${G}', alerts: ['${G}'], quiet: '${G}'}}",
        "alerts: {milestones: ['${G}', 50]}",
        "state: '${G}'",
        "timezone: '${secret:a}'",
        "language: '${LANGUAGE}'",
        "discover: '${G}'",
        "discover: ['${G}', 'orders-*']",
    ],
)
def test_any_value_may_come_from_elsewhere(line: str) -> None:
    """One of a list's, too."""
    assert mistakes_in(f"{LEAST}{line}") == []
