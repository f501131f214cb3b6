"""The files of Huawei Cloud's Terraform against the provider's arguments: right, and a mistake shows."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.infra.check_hcl import check, main
from tests.infra.huaweicloud_deployment import MODULE
from tests.infra.provider.schemas import SCHEMA
from tests.infra.terraform import copied

ACCEPTED: Final = ("delegated_service_name",)
"""An agency for a service is made by what the provider does not document."""

TIMER_KIND: Final = 'schedule_type = can(regex("^[0-9]+[mh]$", var.schedule)) ? "Rate" : "Cron"'


@pytest.mark.parametrize(("folder", "accepted"), [(MODULE, ACCEPTED), (MODULE / "example", ())])
def test_nothing_is_wrong_or_doubtful(folder: Path, accepted: tuple[str, ...]) -> None:
    """What is accepted is needed, too."""
    assert check(SCHEMA, folder, accepted) == []


def test_only_the_service_of_an_agency_is_undocumented() -> None:
    """So no more is forgiven than that."""
    assert [(finding.code, finding.where) for finding in check(SCHEMA, MODULE)] == [
        ("undocumented", "agency.tf:huaweicloud_identity_agency.function.delegated_service_name")
    ]


class Seed(NamedTuple):
    """A mistake: a text in a file that is replaced, and the finding that there has to be then."""

    file: str
    text: str
    replacement: str
    code: str
    where: str


SEEDS: Final = (
    Seed("function.tf", "memory_size  ", "memory  ", "unknown-argument", "fgs_function.headway.memory"),
    Seed("function.tf", "memory_size  ", "memory  ", "missing-required", "fgs_function.headway"),
    Seed("function.tf", 'handler               = "index.handler"', "", "missing-documented", "headway"),
    Seed("function.tf", "= 60\n", '= "a minute"\n', "wrong-type", "headway.timeout"),
    Seed("function.tf", "= 60\n", "= 2\n", "doubtful-value", "headway.timeout"),
    Seed("function.tf", "= local.runtime", '= "Python3.11"', "doubtful-value", "headway.runtime"),
    Seed("function.tf", '= "v2"', '= "v3"', "bad-value", "headway.functiongraph_version"),
    Seed("function.tf", 'app                   = "default"', 'package = "default"', "deprecated", "package"),
    Seed("function.tf", "app_agency            =", "xrole =", "conflict", "headway.agency"),
    Seed("function.tf", "log_group_id  ", "urn  ", "computed-only", "headway.urn"),
    Seed(
        "function.tf",
        "log_group_id          = huaweicloud_lts_group.headway.id",
        "",
        "required-with",
        "log",
    ),
    Seed("function.tf", "on_failure {", "on_failure = {", "wrong-kind", "on_failure"),
    Seed("function.tf", '= "SMN"', '= "MAIL"', "doubtful-value", "on_failure[0].destination"),
    Seed("function.tf", "lifecycle {", "lifecycle {{", "syntax", "function.tf"),
    Seed("function.tf", ": jsonencode(var.secrets)", ": var.secret", "bad-reference", "var.secret"),
    Seed("function.tf", "source       = var.package_file", "", "one-of", "obs_bucket_object.package"),
    Seed(
        "function.tf",
        "huaweicloud_smn_topic.failures.topic_urn",
        "huaweicloud_smn_topic.other.topic_urn",
        "bad-reference",
        "huaweicloud_smn_topic.other.topic_urn",
    ),
    Seed("bucket.tf", "versioning    = true", 'versioning    = "always"', "wrong-type", "state.versioning"),
    Seed(
        "bucket.tf",
        "huaweicloud_obs_bucket.state.bucket\n",
        "huaweicloud_obs_bucket.state.name\n",
        "bad-reference",
        "huaweicloud_obs_bucket.state.name",
    ),
    Seed("bucket.tf", "      days = 1\n", "", "missing-required", "lifecycle_rule"),
    Seed("bucket.tf", '"AES256"', '"DES"', "doubtful-value", "state.sse_algorithm"),
    Seed("triggers.tf", "schedule_type =", "scheduleType =", "missing-required", "timer.event_data"),
    Seed("triggers.tf", "schedule_type =", "scheduleType =", "doubtful-value", "timer.event_data"),
    Seed("triggers.tf", TIMER_KIND, 'schedule_type = "Cron"', "bad-value", "timer.event_data"),
    Seed("triggers.tf", "= var.apig.auth", '= "EVERYBODY"', "bad-value", "apig.event_data"),
    Seed("triggers.tf", 'status       = "ACTIVE"', 'status       = "ON"', "bad-value", "timer.status"),
    Seed("agency.tf", 'Effect   = "Allow"', 'Effect   = "Permit"', "bad-value", "role.state.policy"),
    Seed("agency.tf", "Resource = [", "Ressource = [", "bad-value", "role.state.policy"),
    Seed("agency.tf", '"obs:bucket:ListBucket", ', '"obs:*:*", ', "wide-policy", "role.state.policy"),
    Seed("agency.tf", '"obs:bucket:ListBucket", ', '"s3:ListBucket", ', "bad-value", "role.state.policy"),
    Seed("agency.tf", 'Version = "1.1"', 'Version = "2012-10-17"', "bad-value", "role.state.policy"),
    Seed("agency.tf", 'type        = "AX"', 'type        = "XX"', "doubtful-value", "role.state.type"),
    Seed(
        "agency.tf",
        'huaweicloud_identity_role" "state',
        'huaweicloud_identity_policy" "state',
        "unknown-resource",
        "huaweicloud_identity_policy.state",
    ),
    Seed(
        "variables.tf",
        'variable "noncurrent_days" {',
        'variable "noncurrent_hours" {',
        "unused-variable",
        "var.noncurrent_hours",
    ),
    Seed("variables.tf", "  type        = number\n", "", "untyped-variable", "var."),
)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mistake_is_found(seed: Seed, tmp_path: Path) -> None:
    """Each is put into a copy of the files themselves."""
    folder = copied(MODULE, tmp_path / "module")
    source = (folder / seed.file).read_text(encoding="utf-8")
    assert seed.text in source
    (folder / seed.file).write_text(source.replace(seed.text, seed.replacement, 1), encoding="utf-8")
    findings = check(SCHEMA, folder, ACCEPTED)

    assert [each for each in findings if each.code == seed.code and seed.where in each.where], findings


def test_forgiving_what_is_not_there_is_a_finding_itself() -> None:
    """Lest what is accepted outlives its reason."""
    findings = check(SCHEMA, MODULE, (*ACCEPTED, "package"))

    assert [(finding.code, finding.where) for finding in findings] == [("stale-accept", "package")]


def test_errors_are_never_forgiven(tmp_path: Path) -> None:
    """Whatever is accepted."""
    folder = copied(MODULE, tmp_path / "module")
    with (folder / "logs.tf").open("a", encoding="utf-8") as logs:
        logs.write('resource "huaweicloud_smn_topic" "nameless" {}\n')

    assert [finding.code for finding in check(SCHEMA, folder, (*ACCEPTED, "nameless"))] == [
        "missing-required",
        "stale-accept",
    ]


def test_the_command_tells_by_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    """Warnings count when that is asked for."""
    accepting = (str(SCHEMA), str(MODULE), "--strict")

    assert main((*accepting, "--accept", *ACCEPTED)) == 0
    assert capsys.readouterr().out == "0 error(s), 0 warning(s)\n"
    assert main(accepting) == 1
    assert main(accepting[:2]) == 0
    with pytest.raises(SystemExit, match="2"):
        main((str(SCHEMA), str(MODULE / "nowhere")))
