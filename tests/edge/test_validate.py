"""What `headway validate` says of configurations: every mistake by its line, in words, and no secret."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.local.configuration import Configuration
from handler.local.validating import review
from handler.settings import SettingsError, read_settings
from handler.settings.sources import find_source
from tests.edge.configurations import nothing_kept
from tests.edge.validated import (
    CHANNELS,
    CLOUD,
    GOOD,
    INSTANCE,
    NAME,
    SECRET,
    STATE,
    WATCHES,
    look_at,
    mistakes_in,
    read_cases,
)

WRONG: Final = read_cases("wrong_configurations.txt")
ODD: Final = read_cases("odd_configurations.txt")
ENVIRON: Final = {"MAIL_PASSWORD": f"pa#{SECRET}"}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", WRONG)
def test_every_mistake_is_told_by_its_line(name: str) -> None:
    """All at once, in the order of the file, with what would be right; and no secret anywhere."""
    text, said = WRONG[name]
    found = look_at(text, ENVIRON)

    assert [str(mistake) for mistake in found.mistakes] == said
    assert said
    assert SECRET not in "\n".join(found.lines())
    assert SECRET not in str(found.fields())


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_told_and_can_be_used(name: str) -> None:
    """A remark is no mistake; at the end stands what the configuration comes to."""
    text, said = ODD[name]
    found = look_at(text)

    assert found.lines() == said
    assert found.is_fine
    assert SECRET not in str(found.fields())


def test_there_are_enough_of_them() -> None:
    """Each with its own name."""
    assert len(WRONG) >= 60
    assert len(ODD) >= 15


SERVICES_WORDS: Final = (
    "names a service",
    "does not understand",
    "no service knows",
    "needs one url",
    "2 targets",
    "mentions everybody",
    "sends to a port",
)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_refused_by_the_function_too(name: str) -> None:
    """But for what only the services behind channels know, which it finds out when it sends."""
    text, said = WRONG[name]
    values = {"MAIL_URL": "json://h", "SLACK_TOKENS": "A/B/C", "ALERTS": "x", "TOKEN": "x" * 16, **ENVIRON}
    is_known_late = all(any(words in line for words in SERVICES_WORDS) for line in said)

    with contextlib.nullcontext() if is_known_late else pytest.raises(SettingsError):
        read_settings(values.get, fetch=nothing_kept, read_file={NAME: text}.get, default_path=NAME)


BOMB: Final = "\n".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}' if n else '*a'] * 9)}]" for n in range(7))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no keys in it."),
        (b"\x7fELF\x02\x01\x00\x00s3cr3t\xff\xfe", "1: is no text in UTF-8."),
        (f"{GOOD}# M\xfcller s3cr3t\n".encode("latin-1"), "3: is no text in UTF-8."),
        (GOOD.encode("utf-16"), "1: is no text in UTF-8."),
        (f"{GOOD}http: {{token: 's3cr3t\x07'}}\n", "3: holds a character that YAML does not allow."),
        (GOOD + "# s3cr3t\n" * 1_150_000, "is larger than 1 MiB, which no configuration needs to be."),
        (f"{GOOD}discover: {'[' * 500}s3cr3t{']' * 500}\n", "is nested too deeply."),
        (f"{GOOD}a: &a [s3cr3t, s3cr3t]\n{BOMB}", "unfolds to too much by its aliases (*)."),
        (
            b"\xef\xbb\xbf" + f"{GOOD}http:\n  tokn: s3cr3t\n".replace("\n", "\r\n").encode(),
            "4: http.tokn: is no key that Headway knows; perhaps token was meant.",
        ),
    ],
    ids=["empty", "binary", "Latin-1", "UTF-16", "control", "10 MB", "deep", "bomb", "BOM and CRLF"],
)
def test_whatever_is_in_the_file_is_told_in_a_line(content: str | bytes, said: str) -> None:
    """Also what is no configuration at all."""
    (line,) = mistakes_in(content)

    assert line in {f"{NAME}:{said}", f"{NAME}: {said}"}


def test_a_byte_order_mark_and_ends_of_lines_of_windows_do_no_harm() -> None:
    """Editors write them unasked."""
    content = b"\xef\xbb\xbf" + ODD["nothing odd"][0].replace("\n", "\r\n").encode()

    assert look_at(content).lines() == ODD["nothing odd"][1]


def test_a_value_that_is_set_is_looked_at() -> None:
    """And one that is not is listed by its name, and no mistake."""
    text = f"{GOOD}links: {{console: '${{A}}'}}\nchannels: {{a: {{url: '${{URL}}'}}}}\nstate: ${{ssm:/x}}\n"
    found = look_at(text, {"A": "s3cr3t", "URL": "slakc://s3cr3t"})

    assert [str(mistake) for mistake in found.mistakes] == [
        f"{NAME}:3: links.console: is not valid; expected an http:// or https:// address.",
        (
            f"{NAME}:4: channels.a.url: names a service that does not exist: slakc://; perhaps slack:// was"
            " meant; expected the scheme of a service that apprise knows."
        ),
    ]
    assert found.elsewhere == ("ssm:/x",)


KEEP_ONE: Final = "keep the one or the others (a file takes a value as ${NAME})"


def test_variables_beside_a_file_hide_no_other_mistake() -> None:
    """Both are told."""
    assert mistakes_in(f"{GOOD}stat: file:x\n", {"HEADWAY_NAME": "s3cr3t"}) == [
        f"{NAME}: stands beside HEADWAY_NAME; {KEEP_ONE}.",
        f"{NAME}:3: stat: is no key that Headway knows; perhaps state was meant.",
    ]


def test_templates_lie_beside_the_configuration() -> None:
    """Where they are, nothing is said of them."""
    text = ODD["templates that are not there"][0]
    Path("wording").mkdir()

    assert look_at(text).remarks == ()


def test_a_secret_that_comes_from_elsewhere_does_not_stand_in_the_file() -> None:
    """Nor one in the text of HEADWAY_CONFIG, which lies in the environment like others."""
    text = ODD["secrets in the file"][0].replace("s3cr3t", "${SECRET}")

    assert look_at(text, {"SECRET": "s3cr3t-of-sixteen-letters"}).remarks == ()


def test_what_is_wrong_is_not_also_odd() -> None:
    """One word about a place is enough."""
    text = f"{CLOUD}{WATCHES}channels: {{a: {{url: 'slakc://s3cr3t@example.com'}}}}\nstate: oss://a\n"

    assert look_at(text).remarks == ()


@pytest.mark.parametrize(
    "text",
    [
        f"{GOOD}State: s3://kafka-alerts/x\n{CHANNELS}",
        f"{GOOD}{STATE}chanels: {{team: {{url: 'slack://${{T}}'}}}}\n",
        f"{GOOD}{STATE}channels: {{team: 'slack://${{T}}'}}\n",
        f"{GOOD}{STATE}channels: [{{url: 'slack://${{T}}'}}]\n",
        f"{GOOD}{STATE}{CHANNELS}netwrk: {{ca_file: x}}\n",
    ],
)
def test_nothing_odd_is_said_of_a_place_that_a_mistake_is_about(text: str) -> None:
    """What is misspelt, or no section, is neither missing nor in its default."""
    found = look_at(text)

    assert len(found.mistakes) == 1
    assert found.remarks == ()


def test_secrets_in_a_list_are_found_where_they_stand() -> None:
    """That it is to be no list is another matter."""
    text = f"{GOOD}{STATE}channels: [{{url: 'slack://s3cr3t/B/C'}}, {{url: 'slack://${{T}}'}}]\n"

    assert [str(remark).partition("; ")[0] for remark in look_at(text).remarks] == [
        f"{NAME}:4: channels[0].url: stands in the file for all to read"
    ]


def test_a_variable_that_nobody_takes_a_value_from_is_told() -> None:
    """One of Headway's own that is misspelt would do nothing; what the file takes a value from is none."""
    text = f"{GOOD}{STATE}channels: {{team: {{url: 'json://${{HEADWAY_HOOK}}'}}}}\n"
    names = ("HEADWAY_HOOK", "HEADWAY_REGIN", "HEADWAY_XYZ", "_HEADWAY_COMPLETE", "PATH")
    found = look_at(text, dict.fromkeys(names, "localhost"))

    unknown = "is no variable that Headway knows"
    assert found.is_fine
    assert found.lines()[:2] == [
        f"remark: HEADWAY_REGIN: {unknown}; perhaps HEADWAY_REGION was meant.",
        f"remark: HEADWAY_XYZ: {unknown}.",
    ]
    assert found.remarks[0].fields()["variable"] == "HEADWAY_REGIN"


def test_a_misspelt_variable_is_told_where_the_configuration_is_found_nowhere() -> None:
    """It may be all that there is."""
    found = review(Configuration({"HEADWAY_CONFG": "text"}, "not-there.yaml"))

    assert "HEADWAY_CONFIG was meant" in str(found.remarks[0])


def test_mistakes_in_the_variable_of_channels_name_its_line() -> None:
    """Empty ones are counted as well."""
    channels = "team=json://localhost\n\nops=slakc://s3cr3t\ns3cr3t\nteam=json://h\n=a\nhook=jsons://"
    variables = {"HEADWAY_REGION": "eu-west-101", "HEADWAY_PROJECT_ID": "0" * 32, "HEADWAY_DISCOVER": "true"}
    found = review(Configuration({**variables, "HEADWAY_CHANNELS": channels}, "not-there.yaml"))

    assert [str(mistake).partition(": ")[0] for mistake in found.mistakes] == [
        "HEADWAY_CHANNELS, line 4 (channels)",
        "HEADWAY_CHANNELS, line 5 (channels.team)",
        "HEADWAY_CHANNELS, line 7 (channels.hook.url)",
        "HEADWAY_CHANNELS, line 3 (channels.ops.url)",
    ]
    assert SECRET not in "\n".join(found.lines())


def test_what_is_to_be_encoded_is_no_whole_url() -> None:
    """Where a variable holds all of it, nothing of that can be said to be special."""
    text = f"{GOOD}channels: {{a: {{url: '${{URL}}'}}}}\n"

    assert mistakes_in(text, {"URL": "slack://s3cr3t"})[0].endswith(
        "expected slack://TOKEN_A/TOKEN_B/TOKEN_C, with whatever is special in a secret percent-encoded."
    )


@given(st.lists(st.sampled_from(sorted(WRONG)), min_size=1, max_size=3))
def test_any_texts_together_are_looked_at(names: list[str]) -> None:
    """Whatever comes of it, it is lines without secrets."""
    text = "".join(WRONG[name][0] for name in names)
    found = look_at(text, ENVIRON)

    assert not found.is_fine or len(names) == 1
    assert all(line.isprintable() and SECRET not in line for line in found.lines())


@given(
    st.text(max_size=60), st.sampled_from(["json://", "slack://", "mailtos://", "https://", "tgram://", ""])
)
def test_any_url_is_looked_at(text: str, scheme: str) -> None:
    """Whatever a service makes of it, nothing of it is told."""
    url = f"{scheme}qzx{text}"
    found = look_at(f"{GOOD}channels: {{a: {{url: '${{URL}}'}}}}\n", {"URL": url})

    assert not [line for line in found.lines() if "qzx" in line]


def test_a_text_without_mistakes_is_one_that_the_function_takes() -> None:
    """It is found and read alike."""
    for text, _ in ODD.values():
        source = find_source(lambda _: None, {NAME: text}.get, NAME)

        assert not source.mistakes


@pytest.mark.parametrize(
    "url",
    [
        "tgram://123456789:99999999999999999999999999999999999/12345",
        "json://user:12345678@localhost/x",
        "json://user:12345678@localhost:8080/x",
        "json://[::1]/x",
        "json://localhost:65535/x",
        "json://localhost:0/x",
        "jsons://[fe80::1]:443/x",
        "mailto://user:99999@localhost?to=a@example.org",
    ],
)
def test_a_colon_before_what_is_no_port_says_nothing(url: str) -> None:
    """Secrets are of digits as well."""
    assert mistakes_in(f"{GOOD}channels: {{a: {{url: '{url}'}}}}\n") == []


def test_a_hundred_channels_are_looked_at_by_their_lines() -> None:
    """Each of them."""
    channels = "".join(f"  c{number}:\n    url: slakc://x\n" for number in range(100))
    lines = mistakes_in(f"{GOOD}channels:\n{channels}")

    assert [line.partition(": ")[0] for line in lines] == [f"{NAME}:{5 + 2 * n}" for n in range(100)]
    assert INSTANCE not in "".join(lines)
