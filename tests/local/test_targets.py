"""Which function is meant, and where its platform is asked."""

from __future__ import annotations

import pytest

from handler.local.invoking.targets import Target, find_endpoint, read_target
from handler.runtimes import Platform

PROJECT = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
URN = f"urn:fss:eu-west-101:{PROJECT}:function:default:headway"
ARN = "arn:aws:lambda:eu-west-1:111122223333:function:headway"


@pytest.mark.parametrize("version", ["", ":latest", ":v1.0", ":1", ":!prod"])
def test_a_urn_says_region_and_project(version: str) -> None:
    """With a version or an alias, or without."""
    name = f"{URN}{version}"

    assert read_target(name) == Target(name, Platform.FUNCTIONGRAPH, "eu-west-101", PROJECT)


@pytest.mark.parametrize("version", ["", ":$LATEST", ":7", ":prod_1"])
def test_an_arn_says_region_and_account(version: str) -> None:
    """With a version or an alias, or without."""
    name = f"{ARN}{version}"

    assert read_target(name) == Target(name, Platform.LAMBDA, "eu-west-1", "111122223333")


@pytest.mark.parametrize(
    "text",
    [
        *("", "headway", "team", "https://example.com/", URN.upper(), URN[:-8], f"{URN}:a:b", f" {URN}"),
        *(f"{URN}\n", URN.replace("eu-west-101", "evil.example.com/"), URN.replace("default", "../..")),
        *(ARN.replace("lambda", "s3"), ARN.replace("111122223333", "1"), f"{ARN}:", f"{ARN}:a/b"),
        *(ARN.replace("eu-west-1", "eu-west-1.example.com#"), ARN.replace("function:", "layer:")),
        ARN.replace("1111", "\u0661" * 4),
    ],
)
def test_anything_else_is_no_target(text: str) -> None:
    """Nothing that could lead a signed request elsewhere."""
    with pytest.raises(ValueError, match=r"^is neither a FunctionGraph URN, urn:fss:"):
        read_target(text)


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [
        (URN, "https://functiongraph.eu-west-101.myhuaweicloud.eu"),
        (
            URN.replace("eu-west-101", "ap-southeast-3"),
            "https://functiongraph.ap-southeast-3.myhuaweicloud.com",
        ),
        (ARN, "https://lambda.eu-west-1.amazonaws.com"),
        (
            ARN.replace("arn:aws:", "arn:aws-cn:").replace("eu-west-1", "cn-north-1"),
            "https://lambda.cn-north-1.amazonaws.com.cn",
        ),
        (
            ARN.replace("arn:aws:", "arn:aws-us-gov:").replace("eu-west-1", "us-gov-west-1"),
            "https://lambda.us-gov-west-1.amazonaws.com",
        ),
    ],
)
def test_each_region_has_an_endpoint(name: str, endpoint: str) -> None:
    """In the domain that its cloud has there."""
    assert find_endpoint(read_target(name), {}) == endpoint


SERVICES_OWN = {"AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:1"}
COMMON = {"AWS_ENDPOINT_URL": "https://aws.example.com/"}


@pytest.mark.parametrize(
    ("environ", "endpoint"),
    [
        (SERVICES_OWN, "http://127.0.0.1:1"),
        (COMMON, "https://aws.example.com"),
        ({**COMMON, **SERVICES_OWN}, "http://127.0.0.1:1"),
        ({**COMMON, "AWS_ENDPOINT_URL_LAMBDA": ""}, "https://aws.example.com"),
    ],
)
def test_the_variables_of_aws_move_lambda(environ: dict[str, str], endpoint: str) -> None:
    """The service's own before the common one; FunctionGraph is no service of AWS's."""
    assert find_endpoint(read_target(ARN), environ) == endpoint
    assert find_endpoint(read_target(URN), environ).startswith("https://functiongraph.")


@pytest.mark.parametrize(
    "endpoint", ["http://aws.example.com", "aws.example.com", "https://example.com/path"]
)
def test_an_endpoint_that_cannot_be_used_is_told_by_its_variable(endpoint: str) -> None:
    """No key is shown to whoever listens on the way."""
    with pytest.raises(ValueError, match=r"^The variable AWS_ENDPOINT_URL is .*\.$"):
        find_endpoint(read_target(ARN), {"AWS_ENDPOINT_URL": endpoint})
