"""The tests that lie with `infra/aws`, run with a mocked provider; and what is said of each mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import pytest

from tests.infra.aws_deployment import MODULE, NEEDS_AWS
from tests.infra.aws_provider import running_provider
from tests.infra.terraform import Terraform, copied

pytestmark = NEEDS_AWS

MISTAKES: Final[Mapping[str, str]] = {
    "name_with_a_capital": "name has to begin with a letter",
    "name_that_is_too_long": "no more than 40 lower-case letters",
    "package_of_another_name": "package_file has to be a zip of `make package PLATFORM=lambda`",
    "package_that_is_not_there": "package_file is not there",
    "configuration_that_is_not_there": "config_file is not there",
    "configuration_that_is_empty": "config_file has to be a YAML file",
    "configuration_without_state": "state, in the configuration, has to be s3://BUCKET/PREFIX",
    "state_in_the_other_cloud": "state, in the configuration, has to be s3://BUCKET/PREFIX",
    "state_without_a_prefix": "and a prefix of letters",
    "state_with_an_odd_prefix": "a prefix of letters, digits, -, _, . and /",
    "state_where_the_configuration_lies": "state, in the configuration, needs another prefix",
    "state_where_the_code_lies": "state, in the configuration, needs another prefix",
    "state_in_another_bucket_than_before": "names another bucket than headway-before",
    "state_in_another_region": "says region=eu-central-1, but the provider works in eu-west-1",
    "keys_that_are_not_there": "huaweicloud.access_key and huaweicloud.secret_key, in the configuration",
    "secret_by_a_wildcard": "such a name holds letters, digits and",
    "secret_in_a_variable": "takes KEY from variables",
    "schedule_of_one_minutes": "schedule has to be rate(1 minute)",
    "schedule_of_two_minute": "schedule has to be rate(1 minute)",
    "schedule_by_cron": "schedule has to be rate(1 minute)",
    "no_shards": "shards has to be a number from 1 to 5",
    "too_many_shards": "shards has to be a number from 1 to 5",
    "half_a_shard": "shards has to be a number from 1 to 5",
    "too_little_memory": "memory_mb has to be a whole number from 128",
    "concurrency_of_none": "reserved_concurrency has to be null, -1, or a number from shards",
    "concurrency_below_shards": "reserved_concurrency has to be null, -1, or a number from shards",
    "http_for_everybody": "http has to be iam, token or off",
    "http_by_an_empty_token": "needs http.token in the configuration",
    "log_kept_for_ever": "log_retention_days has to be a number of days that",
    "versions_kept_for_no_time": "noncurrent_days has to be a whole number of at least 1",
    "alarms_to_an_address": "alarm_topic_arns has to hold ARNs of SNS topics",
}
"""What is said to each run of `variables.tftest.hcl`."""

RUN: Final = re.compile(r'^run "(\w+)" \{\n.*?^\}\n', re.MULTILINE | re.DOTALL)
MESSAGE: Final = re.compile(r'^ +error_message = "(.+)"$', re.MULTILINE)
EXPECTED: Final = re.compile(r"^  expect_failures = \[(.+)\]\n", re.MULTILINE)


class Said(NamedTuple):
    """What was said of a mistake: the words, and the variables and resources that they are about."""

    words: str = ""
    about: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """Terraform in a copy of the module."""
    folder = copied(MODULE, tmp_path_factory.mktemp("module") / "aws")
    with running_provider(folder, folder, {}) as attached:
        terraform = Terraform(folder, attached, mirrors=())
        terraform.init()
        yield terraform


@pytest.fixture(scope="module")
def runs(terraform: Terraform) -> Mapping[str, str]:
    """The runs of `variables.tftest.hcl` by their names."""
    return {each[1]: each[0] for each in RUN.finditer(_mistakes(terraform))}


@pytest.fixture(scope="module")
def said(terraform: Terraform, runs: Mapping[str, str]) -> Mapping[str, Said]:
    """What was said to each run as if nothing were expected; one that fails would end its file."""
    folder = terraform.folder / "mistakes"
    folder.mkdir()
    head = _mistakes(terraform).partition('\nrun "')[0]
    for name, run in runs.items():
        (folder / f"{name}.tftest.hcl").write_text(f"{head}\n{EXPECTED.sub('', run)}", encoding="utf-8")
    done = terraform.run("test", "-json", f"-test-directory={folder.name}", codes=(1,))
    found: dict[str, Said] = {}
    for line in map(json.loads, done.stdout.splitlines()):
        if line["type"] == "diagnostic":
            name, before = line["@testrun"], found.get(line["@testrun"], Said())
            words, about = _read(line["diagnostic"])
            found[name] = Said(f"{before.words}{words}\n", before.about | about)
    return found


def test_it_chooses_what_its_own_tests_say(terraform: Terraform) -> None:
    """By the variables and by the configuration."""
    terraform.run("test", "-filter=tests/choices.tftest.hcl")


def test_every_mistake_is_refused_where_its_own_tests_expect_it(
    runs: Mapping[str, str], said: Mapping[str, Said]
) -> None:
    """One that is added there has its words here."""
    assert runs.keys() == said.keys() == MISTAKES.keys()
    for name, run in runs.items():
        expected = EXPECTED.search(run)
        assert expected, name
        assert expected[1] in said[name].about, name


def test_every_rule_of_the_module_is_broken_once(terraform: Terraform, said: Mapping[str, Said]) -> None:
    """Each message is seen, as far as it is the same each time."""
    files = [file.read_text(encoding="utf-8") for file in terraform.folder.glob("*.tf")]
    messages = [_constant(found) for text in files for found in MESSAGE.findall(text)]

    assert len(messages) > len(MISTAKES) / 2
    assert not [each for each in messages if not any(each in words for words, _ in said.values())]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_in_words_that_help(said: Mapping[str, Said], mistake: str) -> None:
    """They name the variable, or the key of the configuration, and say what is right, once."""
    words = said[mistake].words.replace("\n\nThis was checked", " This was checked")

    assert MISTAKES[mistake] in words
    assert words.count("\n") == 1


def _mistakes(terraform: Terraform) -> str:
    return (terraform.folder / "tests" / "variables.tftest.hcl").read_text(encoding="utf-8")


def _constant(message: str) -> str:
    """The longest part of a message that holds no value."""
    parts = re.split(r"(?<!\$)\$\{[^}]*\}", message)
    return max(parts, key=len).replace("$${", "${").replace('\\"', '"')


def _read(diagnostic: Mapping[str, Any]) -> Said:
    snippet = diagnostic["snippet"]
    resource = re.fullmatch(r'resource "(\w+)" "(\w+)"', snippet["context"] or "")
    addresses = {each["traversal"] for each in snippet["values"]}
    return Said(
        diagnostic["detail"], frozenset(addresses | ({".".join(resource.groups())} if resource else set()))
    )
