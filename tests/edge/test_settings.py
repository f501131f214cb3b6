"""What can be configured, and what each value comes to."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.chosen import NAME_WANTED
from handler.core.change import ChangeId
from handler.core.reading import TimeUnit
from handler.core.rules import Policy
from handler.settings import FolderState, S3State, Settings
from handler.settings.section import each_field
from handler.settings.state import ObsState, State
from notifiers.alerts import Group, Kind, Severity
from notifiers.language_code import LanguageCode
from tests.edge.configurations import LEAST, LEAST_VARIABLES, NO_WATCHES, mistakes, read

WHOLE: Final = """
huaweicloud:
  region: eu-west-101
  project_id: 00000000000000000000000000000001
  endpoint: https://dms.example.com:443/
  access_key: AK-1
  secret_key: "sk: #'"
  security_token: ${TOKEN}
  remaining_time_unit: minutes
  connections: 8
  rate_per_second: 20
network:
  proxy: http://me:pass:word@proxy.example:3128
  ca_file: /etc/ssl/company.pem
state: s3://my.bucket/some/prefix/?region=eu-west-1&endpoint=http://127.0.0.1:9000&path_style=true
discover: ["orders-*", "[a-c]?"]
language: zh
watches:
  - {instance_id: 12345678, task_id: 0b1011, name: orders}
  - {instance_id: 12345678, task_id: t-2}
  - {instance_id: 12345678, name: audit}
channels:
  on:
    url: slack://A/B/C
    alerts: [trouble, completed]
    min_severity: warning
    changes: ["orders-*", "12345678/*"]
    language: en
    timezone: Asia/Shanghai
    quiet: 22:00-07:00
    remind_every: 1h30m
    templates: my templates/on
  2: {url: "json://localhost:1"}
alerts:
  milestones: [90, 10, 50, 50]
  stalled_after: 1h30m
  delayed_by: 2.25x
  unreachable_after: 90s
timezone: Europe/Paris
links:
  status_page: https://headway.example/page/
  console: https://console.example/?region=eu#/dms
"""


EXPECTED: Final = {".".join(place): field.key.expects for place, field in each_field(Settings)}


def general(key: str) -> str:
    """Write a key for any channel and any number in a list."""
    return re.sub(r"\[\d+\]", ".*", key).replace("channels.ops", "channels.*")


def huaweicloud(line: str) -> str:
    """Add a key to the section of the least configuration there can be."""
    return LEAST.replace("{region", f"{{{line}, region")


def channel(line: str) -> str:
    """Add a channel with a key besides its URL."""
    return f"{LEAST}channels: {{ops: {{url: 'json://h', {line}}}}}"


def test_everything_can_be_configured() -> None:
    """Each key of a whole configuration is read as what it means."""
    settings = read(WHOLE, variables={"TOKEN": "token-1"})
    cloud, network = settings.huaweicloud, settings.network
    keys = (cloud.access_key, cloud.secret_key, cloud.security_token, network.proxy)

    assert cloud.region == "eu-west-101"
    assert cloud.project_id == "00000000000000000000000000000001"
    assert cloud.endpoint == "https://dms.example.com:443"
    assert [key and key.reveal() for key in keys] == [
        "AK-1",
        "sk: #'",
        "token-1",
        "http://me:pass:word@proxy.example:3128",
    ]
    assert (cloud.remaining_time_unit, cloud.connections) == (TimeUnit.MINUTES, 8)
    assert cloud.rate_per_second == 20
    assert network.ca_file == "/etc/ssl/company.pem"
    assert settings.state == S3State(
        "my.bucket", "some/prefix", "eu-west-1", "http://127.0.0.1:9000", path_style=True
    )
    assert [(watch.change, watch.name) for watch in settings.watches] == [
        (ChangeId("12345678", "0b1011"), "orders"),
        (ChangeId("12345678", "t-2"), None),
        (None, "audit"),
    ]
    assert settings.discover == ("orders-*", "[a-c]?")
    assert settings.alerts.policy == Policy(
        milestones=(10, 50, 90),
        stalled_after=timedelta(minutes=90),
        delayed_by=2.25,
        unreachable_after=timedelta(seconds=90),
    )
    assert settings.language is LanguageCode.ZH
    assert settings.timezone == ZoneInfo("Europe/Paris")
    assert settings.links.status_page == "https://headway.example/page"
    assert settings.links.console == "https://console.example/?region=eu#/dms"


def test_a_channel_says_what_it_wants_to_hear() -> None:
    """Kinds and groups, how grave, of which changes, when not, and how: all of it is its own."""
    settings = read(WHOLE, variables={"TOKEN": "token-1"})
    ops = settings.channels["on"]
    trouble = {kind for kind in Kind if Group.TROUBLE in kind.traits.groups}

    assert list(settings.channels) == ["on", "2"]
    assert ops.url.reveal() == "slack://A/B/C"
    assert ops.alerts == trouble | {Kind.COMPLETED}
    assert ops.min_severity is Severity.WARNING
    assert ops.changes == ("orders-*", "12345678/*")
    assert ops.quiet == (time(22, 0), time(7, 0))
    assert ops.timezone == ZoneInfo("Asia/Shanghai")
    assert (ops.language, ops.remind_every) == (LanguageCode.EN, timedelta(minutes=90))
    assert ops.templates == "my templates/on"


def test_little_must_be_configured() -> None:
    """All else has a default, those of the design."""
    settings = read(f"{LEAST}channels: {{ops: {{url: 'json://h'}}}}")
    ops = settings.channels["ops"]

    assert settings.huaweicloud.endpoint is None
    assert settings.huaweicloud.access_key is None
    assert settings.huaweicloud.remaining_time_unit is TimeUnit.SECONDS
    assert settings.huaweicloud.connections == 64
    assert settings.huaweicloud.rate_per_second == 50
    assert settings.discover == ()
    assert (settings.network.proxy, settings.network.ca_file) == (None, None)
    assert settings.state == FolderState(".headway")
    assert settings.watches[0].name is None
    assert (ops.alerts, ops.min_severity) == (frozenset(Kind), Severity.INFO)
    assert (ops.changes, ops.quiet, ops.timezone) == ((), None, None)
    assert (ops.language, ops.remind_every, ops.templates) == (None, None, None)
    assert settings.language is LanguageCode.EN
    assert settings.alerts.policy == Policy()
    assert settings.timezone == ZoneInfo("UTC")
    assert (settings.links.status_page, settings.links.console) == (None, None)


def test_a_key_without_a_value_is_left_out() -> None:
    """A template with empty keys says nothing."""
    empty = "network:\nlinks: {console: }\nchannels: ~\nalerts: {milestones: }\nhttp:\n"

    assert read(f"{LEAST}{empty}") == read(LEAST)


def test_secrets_are_known_and_never_shown() -> None:
    """Whoever strikes secrets out of a log needs them all; its text shows none."""
    settings = read(WHOLE, variables={"TOKEN": "token-1"})
    secrets = {
        "AK-1",
        "sk: #'",
        "token-1",
        "http://me:pass:word@proxy.example:3128",
        "slack://A/B/C",
        "json://localhost:1",
    }

    assert settings.secrets() == secrets
    assert not [secret for secret in secrets if secret in f"{settings} {settings!r}"]


def test_nothing_changes_once_it_is_read() -> None:
    """Settings are a value."""
    with pytest.raises(AttributeError):
        read(LEAST).timezone = ZoneInfo("Europe/Paris")  # type: ignore[misc]


def test_every_key_says_what_it_expects() -> None:
    """Errors and documentation take it from there."""
    fields = dict(each_field(Settings))

    assert len(fields) == 43
    assert all(field.key.expects for field in fields.values())
    assert ("channels", "*", "url") in fields
    assert ("watches", "*", "task_id") in fields


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("30m", 1800),
        ("1h30m", 5400),
        ("2d", 172_800),
        ("1d2h3m4s", 93_784),
        ("0h1s", 1),
    ],
)
def test_durations_are_written_as_people_do(text: str, seconds: int) -> None:
    """Days, hours, minutes, seconds, in this order."""
    settings = read(f"{LEAST}alerts: {{stalled_after: {text}}}")

    assert settings.alerts.stalled_after == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["30", "0s", "m", "1m1h", "-5m", "1.5h", "30 m", "''", "[1m]", "∞"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """A number alone would leave its unit to guess."""
    (line,) = mistakes(f"{LEAST}alerts: {{stalled_after: {text}}}")

    assert line.startswith("alerts.stalled_after: is ")
    assert line.endswith("expected a duration, such as 30m, 1h30m or 2d.")


@pytest.mark.parametrize(("text", "minutes"), [("10m", 10), ("600s", 10), ("1h", 60), ("2d", 2880)])
def test_reminders_come_as_often_as_is_said(text: str, minutes: int) -> None:
    """A duration like any other."""
    settings = read(channel(f"remind_every: {text}"))

    assert settings.channels["ops"].remind_every == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("text", "problem"),
    [("599s", "is too short"), ("9m", "is too short"), ("1", "is not valid"), ("0h", "is not valid")],
)
def test_reminders_come_every_ten_minutes_at_most(text: str, problem: str) -> None:
    """Who hears of the same each minute mutes the channel."""
    assert mistakes(channel(f"remind_every: {text}")) == [
        f"channels.ops.remind_every: {problem}; expected a duration of at least 10m, such as 1h."
    ]


@pytest.mark.parametrize("alerts", ["trouble", "reminder, failed", "reminder, stalled", "end, reminder"])
def test_reminders_are_of_what_a_channel_hears_of(alerts: str) -> None:
    """The reminder, and something that may stand so long."""
    settings = read(channel(f"remind_every: 1h, alerts: [{alerts}]"))

    assert Kind.REMINDER in settings.channels["ops"].alerts


@pytest.mark.parametrize(
    "keys",
    [
        "alerts: [end]",
        "alerts: [failed, stalled]",
        "alerts: [reminder]",
        "alerts: [reminder, started]",
        "alerts: [reminder, stalled], min_severity: failure",
    ],
)
def test_a_channel_that_can_hear_no_reminder_has_no_use_for_their_period(keys: str) -> None:
    """Else it would be a setting that does nothing."""
    (line,) = mistakes(channel(f"remind_every: 1h, {keys}"))

    assert line == (
        "channels.ops: has a remind_every, but hears of nothing to be reminded of; expected among its alerts"
        " reminder and one of step_failed, failed, lost, stalled, and a min_severity that lets it through."
    )


@pytest.mark.parametrize(
    "keys", ["alerts: [reminder, stalled], min_severity: warning", "min_severity: failure"]
)
def test_a_severity_that_lets_some_reminders_through_is_none_too_many(keys: str) -> None:
    """Failures pass any."""
    assert read(channel(f"remind_every: 1h, {keys}")).channels["ops"].remind_every == timedelta(hours=1)


@pytest.mark.parametrize("code", LanguageCode)
def test_there_are_two_languages(code: LanguageCode) -> None:
    """For all channels, or one of them; a variable will do as well."""
    settings = read(f"{channel(f'language: {code.value}')}\nlanguage: {code.value}")
    variables = {**LEAST_VARIABLES, "HEADWAY_LANGUAGE": code.value}

    assert (settings.language, settings.channels["ops"].language) == (code, code)
    assert read(variables=variables).language is code


@pytest.mark.parametrize("word", ["EN", "de", "zh-CN", "''", "[en]"])
def test_any_other_language_is_refused(word: str) -> None:
    """It says which there are."""
    (line,) = mistakes(f"{LEAST}language: {word}")
    (line_of_channel,) = mistakes(channel(f"language: {word}"))

    assert line.startswith("language: is ")
    assert line_of_channel == f"channels.ops.{line}"
    assert line.endswith("; expected en or zh.")


@pytest.mark.parametrize("text", ["''", "[a]", '"a\\nb"'])
def test_templates_are_in_a_folder(text: str) -> None:
    """Whether it is there is for whoever reads it to say."""
    (line,) = mistakes(channel(f"templates: {text}"))

    assert line.startswith("channels.ops.templates: ")
    assert line.endswith("; expected the path of a folder with templates.")


@pytest.mark.parametrize("text", ["1.5", "x", "1x", "0.5x", "-2x", "1.5 x", "nanx", "infx", "[2x]"])
def test_what_is_no_factor_is_refused(text: str) -> None:
    """A delay is more than was estimated."""
    (line,) = mistakes(f"{LEAST}alerts: {{delayed_by: {text}}}")

    assert line.endswith("expected a factor over 1, such as 1.5x.")


@pytest.mark.parametrize("text", ["50", "[0]", "[100]", "[-5]", "[5.5]", "[a]", "[[5]]", "[~]"])
def test_what_is_no_percentage_is_no_milestone(text: str) -> None:
    """Begin and end have alerts of their own."""
    (line,) = mistakes(f"{LEAST}alerts: {{milestones: {text}}}")

    assert line.endswith("expected a list of percentages from 1 to 99, such as [25, 50, 75].")


def test_there_may_be_no_milestones() -> None:
    """Whoever does not want them says so."""
    assert read(f"{LEAST}alerts: {{milestones: []}}").alerts.milestones == ()


@pytest.mark.parametrize(
    "url",
    [
        *("https://h", "https://h:8443/", "https://h:65535", "https://[2001:db8::1.2.3.4]"),
        *("http://localhost:80", "http://127.9.9.9", "http://[::1]:8080"),
    ],
)
def test_an_endpoint_is_encrypted_or_here(url: str) -> None:
    """What a simulator serves on loopback leaves no machine."""
    settings = read(huaweicloud(f"endpoint: '{url}'"))

    assert settings.huaweicloud.endpoint == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://h",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "http://127.0.0.1@example",
        "http://[::2]",
        "https://user@h",
        "https://h/path",
        "https://h?q",
        "https://h#f",
        "https://",
        "https://h:x",
        "https://h:0",
        "https://h:65536",
        "https://h:99999",
        "https://h:４４３",  # noqa: RUF001 - digits that are none in an address
        "https://[::::]",
        "https://[1.2]",
        "https://[1.2.3.4]",
        "https://[]",
        "https://h\\@example",
        "h",
        "ftp://h",
        "",
    ],
)
def test_any_other_endpoint_is_refused(url: str) -> None:
    """Signed requests in the clear, or to somebody else, are no use."""
    (line,) = mistakes(huaweicloud(f"endpoint: '{url}'"))

    assert line.startswith("huaweicloud.endpoint: ")
    assert line.endswith("expected the DMS endpoint as https://HOST or https://HOST:PORT.")


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("file:.headway", FolderState(".headway")),
        ("file:/var/lib/headway", FolderState("/var/lib/headway")),
        ("s3://bucket", S3State("bucket")),
        ("s3://bucket/", S3State("bucket")),
        ("s3://bucket/a/b_c-1.d/", S3State("bucket", "a/b_c-1.d")),
        ("s3://bucket/a?path_style=false", S3State("bucket", "a")),
        ("s3://bucket?path_style=true", S3State("bucket", path_style=True)),
        ("s3://bucket/a?region=eu-west-1", S3State("bucket", "a", "eu-west-1")),
        (
            "s3://bucket/a?endpoint=https%3A%2F%2Fh%3A1",
            S3State("bucket", "a", endpoint="https://h:1"),
        ),
        ("obs://bucket", ObsState("bucket")),
        ("obs://bucket/a/b/?lock=announce", ObsState("bucket", "a/b")),
        (
            "obs://bucket/a?region=eu-west-101&endpoint=http://localhost:9000&lock=platform",
            ObsState("bucket", "a", "eu-west-101", "http://localhost:9000", "platform"),
        ),
    ],
)
def test_the_state_has_an_address(address: str, state: State) -> None:
    """A folder, or a bucket with a few options."""
    assert read(f"{LEAST}state: '{address}'").state == state


S3_OPTIONS: Final = "region, endpoint and path_style"
NO_SCHEME: Final = "begins with none of file:, s3:// and obs://"
BAD_BUCKET: Final = "has a bucket's name that is not 3 to 63 lower-case letters, digits, '-' and '.'"


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("", "is empty, or no text"),
        ("headway", NO_SCHEME),
        ("file:", "names no folder"),
        ("s3:bucket", f"{NO_SCHEME}; perhaps s3:// was meant"),
        ("S3://bucket", f"{NO_SCHEME}; perhaps s3:// was meant"),
        ("ftp://bucket", NO_SCHEME),
        ("obs:bucket", f"{NO_SCHEME}; perhaps obs:// was meant"),
        ("oss://bucket/a", f"{NO_SCHEME}; perhaps obs:// was meant"),
        ("flie:/var/headway", f"{NO_SCHEME}; perhaps file: was meant"),
        ("obs://", "names no bucket"),
        ("obs://bucket/a//b", "has a prefix with more than letters, digits, '-', '_', '.' and '/' in it"),
        (
            "obs://bucket/a?path_style=true",
            "has a `?` with more after it than region, endpoint and lock, once each",
        ),
        ("obs://bucket/a?lock=maybe", "has a wrong option: its lock is neither announce nor platform"),
        (
            "obs://bucket/a?lock=anounce",
            "has a wrong option: its lock is neither announce nor platform; perhaps announce was meant",
        ),
        (
            "obs://bucket/a?region=EU_West_101",
            "has a wrong option: its region is not valid; perhaps eu-west-101 was meant",
        ),
        ("obs://bucket/a?region=x y", "has a wrong option: its region is not valid"),
        ("s3://", "names no bucket"),
        ("s3://B/a", BAD_BUCKET),
        ("s3://user@bucket/a", BAD_BUCKET),
        ("s3://bucket:9000/a", BAD_BUCKET),
        *(
            (
                f"s3://bucket/{prefix}",
                "has a prefix with more than letters, digits, '-', '_', '.' and '/' in it",
            )
            for prefix in ("a b", "a//b", "../a", "a/../b", "ä", "a#b")
        ),
        *(
            (
                f"s3://bucket/a?{query}",
                "has a `?` with more after it than region, endpoint and path_style, once each",
            )
            for query in ("lock=x", "region=eu-1&region=eu-1")
        ),
        (
            "s3://bucket/a?Region=eu-1",
            f"has a `?` with more after it than {S3_OPTIONS}, once each; perhaps region was meant",
        ),
        ("s3://bucket/a?region=", "has a wrong option: its region is empty, or no text"),
        ("s3://bucket/a?region=x y", "has a wrong option: its region is not valid"),
        ("s3://bucket/a?path_style=yes", "has a wrong option: its path_style is neither true nor false"),
        (
            "s3://bucket/a?endpoint=http://minio.example",
            "has a wrong option: its endpoint is unencrypted, which only a loopback host may be",
        ),
    ],
)
def test_any_other_state_is_refused(address: str, problem: str) -> None:
    """An option that is not known would be one that is not heeded."""
    (line,) = mistakes(f"{LEAST}state: '{address}'")

    assert line == f"state: {problem}; expected {EXPECTED['state']}."


NO_ID: Final = "is no id, which has at most 64 letters, digits, '-' and '_'"


@pytest.mark.parametrize(
    ("text", "key", "problem"),
    [
        (huaweicloud("connections: 0"), "huaweicloud.connections", "is not valid"),
        *(
            (huaweicloud(f"connections: {text}"), "huaweicloud.connections", "is not valid")
            for text in ("many", "257", "1000", "+8", "0008", "8_0", "8.0", "' 8'", "\uff18")
        ),
        *(
            (huaweicloud(f"rate_per_second: {text}"), "huaweicloud.rate_per_second", "is not valid")
            for text in ("0", "1001", "10000", "-1", "0.5", "050", "many", "\uff15")
        ),
        (huaweicloud("rate_per_second: []"), "huaweicloud.rate_per_second", "is empty, or no text"),
        *(
            (f"{LEAST}discover: {text}", "discover", "is not valid")
            for text in ("ture", "yes", "on", "1", "'true '", "'*'", "orders-*", "${WORD}")
        ),
        (f"{LEAST}discover: []", "discover", "is empty, or no list"),
        (f"{LEAST}discover: {{}}", "discover", "is empty, or no list"),
        (f"{LEAST}discover: ['']", "discover", "is empty, or no text"),
        (f"{LEAST}discover: [orders-*, [x]]", "discover", "is empty, or no text"),
        (f"{LEAST}http: {{token: fifteen-letters}}", "http.token", "is not valid"),
        (f"{LEAST}http: {{token: 'a token with a space'}}", "http.token", "is not valid"),
        (f"{LEAST}http: {{token: sixteen-letters-ü}}", "http.token", "is not valid"),
        (huaweicloud("remaining_time_unit: h"), "huaweicloud.remaining_time_unit", "is not valid"),
        (
            huaweicloud("access_key: AK"),
            "huaweicloud",
            "has one of access_key and secret_key without the other",
        ),
        (
            huaweicloud("security_token: T"),
            "huaweicloud",
            "has a security_token without the access_key it belongs to",
        ),
        (
            huaweicloud('access_key: AK, secret_key: "a\\n"'),
            "huaweicloud.secret_key",
            "holds a line break or another invisible character",
        ),
        (huaweicloud("endpoint: []"), "huaweicloud.endpoint", "is empty, or no text"),
        (LEAST.replace("eu-west-101", "EU_West"), "huaweicloud.region", "is not valid"),
        (
            LEAST.replace("eu-west-101", "CN North 4"),
            "huaweicloud.region",
            "is not valid; perhaps cn-north-4 was meant",
        ),
        (f"{LEAST}network: none", "network", "is no section with keys"),
        (f"{LEAST}network: {{proxy: 'socks5://h'}}", "network.proxy", "is not valid"),
        (f"{LEAST}network: {{proxy: 'http://user:p]w@h:8080'}}", "network.proxy", "is not valid"),
        (
            f"{LEAST}network: {{proxy: 'http://h:65536'}}",
            "network.proxy",
            "has a port that is not from 1 to 65535",
        ),
        *(
            (f"{LEAST}timezone: {name}", "timezone", "is no timezone known here")
            for name in ("Mars/Phobos", "/etc/passwd", "Europe", "UTC/x", "CST", "UTC+99")
        ),
        *(
            (f"{LEAST}timezone: {name}", "timezone", f"is no timezone known here; perhaps {meant} was meant")
            for name, meant in (
                ("Asia/Shangai", "Asia/Shanghai"),
                ("shanghai", "Asia/Shanghai"),
                ("Asia/Beijing", "Asia/Shanghai"),
                ("New York", "America/New_York"),
                ("UTC+8", "Etc/GMT-8"),
                ("-05:00", "Etc/GMT+5"),
            )
        ),
        (
            f"{LEAST}links: {{status_page: 'https://me:password@h/'}}",
            "links.status_page",
            "is not valid",
        ),
        *(
            (
                f"{LEAST}links: {{status_page: 'https://h/page{rest}'}}",
                "links.status_page",
                "has a ? or a # in it, and paths are put behind it",
            )
            for rest in ("?lang=zh", "#top", "/?", "?a/")
        ),
        (f"{LEAST}channels: ['slack://A/B/C']", "channels", "is no section with keys"),
        (f"{LEAST}channels: {{ops: {{}}}}", "channels.ops.url", "is missing"),
        (f"{LEAST}channels: {{ops: {{url: 'a b://'}}}}", "channels.ops.url", "is not valid"),
        (
            f"{LEAST}channels: {{ops: {{url: A/B/C}}}}",
            "channels.ops.url",
            "has no scheme such as slack:// before it",
        ),
        (
            f"{LEAST}channels: {{ops: {{url: hooks.slack.com/services/A/B/C}}}}",
            "channels.ops.url",
            "has no scheme such as https:// before it",
        ),
        (channel("min_severity: loud"), "channels.ops.min_severity", "is not valid"),
        *(
            (
                channel(f"min_severity: {word}"),
                "channels.ops.min_severity",
                f"is not valid; perhaps {meant} was meant",
            )
            for word, meant in (("warn", "warning"), ("FAILURE", "failure"), ("error", "failure"))
        ),
        (channel("language: zh-CN"), "channels.ops.language", "is not valid; perhaps zh was meant"),
        (f"{LEAST}language: English", "language", "is not valid; perhaps en was meant"),
        (
            huaweicloud("remaining_time_unit: ms"),
            "huaweicloud.remaining_time_unit",
            "is not valid; perhaps milliseconds was meant",
        ),
        (channel("quiet: 22-7"), "channels.ops.quiet", "is not valid"),
        *(
            (
                channel(f"quiet: '22:00 {dash} 07:00'"),
                "channels.ops.quiet",
                "has a dash where a hyphen (-) belongs",
            )
            for dash in "\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}"
        ),
        (channel("quiet: 22:00-22:00"), "channels.ops.quiet", "is not valid"),
        (channel("changes: orders"), "channels.ops.changes", "is empty, or no list"),
        (channel("changes: ['']"), "channels.ops.changes", "is empty, or no text"),
        (channel("alerts: []"), "channels.ops.alerts", "is empty, or no list"),
        (channel("alerts: ended"), "channels.ops.alerts", "is empty, or no list"),
        (channel("alerts: end"), "channels.ops.alerts", "is empty, or no list; perhaps [end] was meant"),
        (channel("alerts: [[end]]"), "channels.ops.alerts", "is empty, or no text"),
        (
            channel("alerts: [x, troubel, end, finished]"),
            "channels.ops.alerts",
            "names what is neither a kind of alert nor a group; perhaps trouble and completed were meant",
        ),
        (LEAST.replace("i-1", "../x"), "watches[0].instance_id", NO_ID),
        (LEAST.replace("instance_id: i-1, ", ""), "watches[0].instance_id", "is missing"),
        (LEAST.replace("task_id: t-1", "task_id: t/1"), "watches[0].task_id", NO_ID),
        (LEAST.replace("task_id: t-1", f"task_id: {'1' * 65}"), "watches[0].task_id", NO_ID),
        (LEAST.replace("task_id: t-1", "task_id: ''"), "watches[0].task_id", "is empty, or no text"),
        (LEAST.replace("}]", f", name: '{'x' * 101}'}}]"), "watches[0].name", "is not valid"),
        (NO_WATCHES, "watches", "is missing"),
        (f"{NO_WATCHES}watches:", "watches", "is missing"),
        (f"{NO_WATCHES}discover:", "watches", "is missing"),
        (f"{NO_WATCHES}discover: false", "watches", "is missing"),
        (LEAST.replace("[{instance_id: i-1, task_id: t-1}]", "i"), "watches", "is no list"),
        (
            LEAST.replace("}]", "}, {instance_id: i-1, task_id: t-1, name: other}]"),
            "watches",
            "follows the same twice",
        ),
        (
            f"{NO_WATCHES}watches: [{{instance_id: i-1}}, {{instance_id: i-1, name: other}}]",
            "watches",
            "follows the same twice",
        ),
    ],
)
def test_a_value_that_cannot_be_is_refused(text: str, key: str, problem: str) -> None:
    """The one line says which key, what is wrong, and what would be right."""
    assert mistakes(text, variables={"WORD": "ture"}) == [
        f"{key}: {problem}; expected {EXPECTED[general(key)]}."
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("true", ("*",)),
        ("True", ("*",)),
        ("'TRUE'", ("*",)),
        ("false", ()),
        ("False", ()),
        ("${WORD}", ("*",)),
        ("[orders-*]", ("orders-*",)),
        ("[ 'orders-*', audit, '[a-c]?' ]", ("orders-*", "audit", "[a-c]?")),
        ("['${WORD}', false]", ("true", "false")),
    ],
)
def test_instances_are_discovered_all_or_none_or_by_their_names(text: str, found: tuple[str, ...]) -> None:
    """In a list nothing is a word: an instance may be called `true`."""
    assert read(f"{LEAST}discover: {text}", variables={"WORD": "true"}).discover == found


def test_an_instance_can_be_watched_without_a_task() -> None:
    """All of its changes are followed; a single one of them may be watched besides, under another name."""
    settings = read(
        f"{NO_WATCHES}watches: [{{instance_id: i-1, name: all}}, {{instance_id: i-1, task_id: t-1}}]"
    )
    whole, single = settings.watches

    assert (whole.change, whole.instance_id, whole.name) == (None, "i-1", "all")
    assert (single.change, single.name) == (ChangeId("i-1", "t-1"), None)


@pytest.mark.parametrize(
    "text", ["watches: []", "discover: true", "discover: [x]", "discover: true\nwatches: []"]
)
def test_nothing_need_be_watched_by_name(text: str) -> None:
    """Where changes are discovered, or registered by whoever starts them."""
    assert read(f"{NO_WATCHES}{text}").watches == ()


TOKEN: Final = "http: {token: a-token-of-sixteen-letters}\n"
ONE: Final = "watches: [{instance_id: i-1, task_id: t-1}]\n"
WHOLE_ONE: Final = "watches: [{instance_id: i-1}]\n"
BOTH: Final = "watches: [{instance_id: i-1}, {instance_id: i-1, task_id: t-1}]\n"
NONE: Final = "watches: []\n"


@pytest.mark.parametrize("token", ["", TOKEN])
@pytest.mark.parametrize("discover", ["", "discover: false\n", "discover: true\n", "discover: [x]\n"])
@pytest.mark.parametrize("watches", [ONE, WHOLE_ONE, BOTH, NONE])
def test_only_where_each_change_is_named_and_nobody_can_register_one_others_are_not_looked_for(
    watches: str, discover: str, token: str
) -> None:
    """It would cost a request each time, to find nothing."""
    settings = read(f"{NO_WATCHES}{watches}{discover}{token}")
    is_closed = watches == ONE and not token and discover in {"", "discover: false\n"}

    assert settings.follows_registered is not is_closed


def test_a_channels_name_is_short_and_has_a_small_alphabet() -> None:
    """It stands in ledgers, logs and reports."""
    assert [*read(f"{LEAST}channels: {{{'a' * 100}: {{url: 'json://h'}}}}").channels] == ["a" * 100]
    assert mistakes(f"{LEAST}channels: {{{'a' * 101}: {{url: 'json://h'}}}}") == [
        f"channels.(an odd key): is no name; expected {NAME_WANTED}.",
    ]
    assert mistakes(f"{LEAST}channels: {{Ops: {{url: 'json://h', min_severity: x}}}}") == [
        f"channels.Ops: is no name; expected {NAME_WANTED}.",
        "channels.Ops.min_severity: is not valid; expected info, success, warning or failure.",
    ]


def test_what_a_channel_may_hear_is_told() -> None:
    """All kinds and groups are in the line."""
    assert all(member.value in EXPECTED["channels.*.alerts"] for member in (*Group, *Kind))


NAMES: Final = st.from_regex(r"[a-z0-9_-]+", fullmatch=True)


@given(st.dictionaries(NAMES, st.integers(0, 9), min_size=1))
def test_a_channel_may_have_any_name_of_its_alphabet(names: dict[str, int]) -> None:
    """Names like `on`, `no`, `1e3` and `0x1` are text, whatever YAML makes of them elsewhere."""
    channels = "".join(f"  {name}: {{url: json://h{port}}}\n" for name, port in names.items())
    settings: Settings = read(f"{LEAST}channels:\n{channels}")

    assert list(settings.channels) == list(names)
