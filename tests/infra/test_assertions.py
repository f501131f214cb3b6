"""What has to hold for the Terraform files, by the files alone; and that each assertion finds a fault."""

from __future__ import annotations

import inspect
from pathlib import Path
from types import ModuleType

import pytest

from infra.staging import read_config
from tests.infra import (
    faults_aws,
    faults_huaweicloud,
    safety,
    safety_aws,
    safety_aws_alarms,
    safety_aws_bucket,
    safety_aws_rights,
    safety_example,
    safety_huaweicloud,
)
from tests.infra.faults import Assertion, Fault
from tests.infra.hcl_files import read_module
from tests.infra.terraform import copied
from tests.infra.zips import REPOSITORY


def assertions(*modules: ModuleType) -> list[Assertion]:
    """The functions in these modules that take nothing but a module of Terraform."""
    found: list[Assertion] = [
        function
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and list(inspect.signature(function).parameters) == ["module"]
        and inspect.signature(function).return_annotation == "None"
    ]
    assert found
    return found


EXAMPLE = [
    *assertions(safety_example),
    *(safety.pins_what_it_runs_with, safety.describes_its_variables, safety.describes_its_outputs),
    *(safety.keeps_secrets_out_of_defaults, safety.keeps_secrets_out_of_outputs),
]
FOLDERS = {
    "aws": (
        assertions(safety, safety_aws, safety_aws_alarms, safety_aws_bucket, safety_aws_rights),
        faults_aws.MODULE,
    ),
    "huaweicloud": (assertions(safety, safety_huaweicloud), faults_huaweicloud.MODULE),
    "aws/example": (EXAMPLE, faults_aws.EXAMPLE),
    "huaweicloud/example": (EXAMPLE, faults_huaweicloud.EXAMPLE),
}
HELD = [
    pytest.param(folder, assertion, id=f"{folder}-{assertion.__name__}")
    for folder, (held, _) in FOLDERS.items()
    for assertion in held
]
SEEDED = [
    pytest.param(folder, fault, id=f"{folder}-{fault.finder.__name__}-{number}")
    for folder, (_, seeded) in FOLDERS.items()
    for number, fault in enumerate(seeded)
]


@pytest.mark.parametrize(("folder", "assertion"), HELD)
def test_it_holds(folder: str, assertion: Assertion) -> None:
    """For the files as they are."""
    assertion(read_module(REPOSITORY / "infra" / folder))


@pytest.mark.parametrize(("folder", "fault"), SEEDED)
def test_a_fault_is_found(folder: str, fault: Fault, tmp_path: Path) -> None:
    """It can be put into the files as they are, and the assertion fails then and not before."""
    cloud, _, rest = folder.partition("/")
    seeded = copied(REPOSITORY / "infra" / cloud, tmp_path / cloud) / rest
    file = seeded / fault.file
    written = file.read_text(encoding="utf-8")
    assert fault.text in written, "the fault is one of other files"
    fault.finder(read_module(seeded))
    file.write_text(written.replace(fault.text, fault.instead, 1), encoding="utf-8")

    module = read_module(seeded)
    with pytest.raises(AssertionError):
        fault.finder(module)


def test_every_assertion_finds_a_fault() -> None:
    """Else nobody knows whether it looks at anything."""
    proven = {fault.finder for _, seeded in FOLDERS.values() for fault in seeded}
    held = {assertion for asserted, _ in FOLDERS.values() for assertion in asserted}

    assert held == proven


@pytest.mark.parametrize("cloud", ["aws", "huaweicloud"])
def test_the_configuration_of_an_example_can_be_used(cloud: str) -> None:
    """And none of its channels' addresses stands there whole."""
    content = read_config(REPOSITORY / "infra" / cloud / "example" / "headway.yaml").decode()

    urls = [line for line in content.splitlines() if line.strip().startswith("url:")]
    assert urls
    assert all("${" in line for line in urls)
