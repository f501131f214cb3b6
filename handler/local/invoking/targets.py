"""Which deployed function is meant, and where its platform is asked to invoke it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from handler.hosts import aws_endpoint, huawei_endpoint
from handler.runtimes import Platform
from handler.settings.addresses import endpoint_in
from handler.settings.values import REGION_PATTERN

# https://support.huaweicloud.com/intl/en-us/api-functiongraph/functiongraph_06_0102.html
_URN: Final = re.compile(
    rf"urn:fss:({REGION_PATTERN}):([A-Za-z0-9_-]+):function:[\w-]+:[\w-]+(?::!?[\w.-]+)?", re.ASCII
)
# https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
_ARN: Final = re.compile(
    rf"arn:aws(?:-[a-z]+)*:lambda:({REGION_PATTERN}):(\d{{12}}):function:[\w-]+(?::(?:\$LATEST|[\w-]+))?",
    re.ASCII,
)
_WANTED: Final = (
    "is neither a FunctionGraph URN, urn:fss:REGION:PROJECT:function:PACKAGE:NAME, nor a Lambda ARN,"
    " arn:aws:lambda:REGION:ACCOUNT:function:NAME."
)


class Target(NamedTuple):
    """A deployed function: its URN or ARN as it was given, and what that says.

    `owner` is the project on Huawei Cloud, the account on AWS.
    """

    name: str
    platform: Platform
    region: str
    owner: str


def read_target(text: str) -> Target:
    """Read a URN or an ARN.

    Raises:
        ValueError: It is neither; the text ends a sentence about it.
    """
    for platform, pattern in ((Platform.FUNCTIONGRAPH, _URN), (Platform.LAMBDA, _ARN)):
        match = pattern.fullmatch(text)
        if match:
            return Target(text, platform, *match.groups())
    raise ValueError(_WANTED)


def find_endpoint(target: Target, environ: Mapping[str, str]) -> str:
    """Find where a function's platform is asked.

    Raises:
        ValueError: A variable names another endpoint, and that cannot be used; the text is a sentence.
    """
    if target.platform is Platform.FUNCTIONGRAPH:
        return huawei_endpoint("functiongraph", target.region)
    try:
        other = endpoint_in(environ.get, "AWS_ENDPOINT_URL_LAMBDA")
    except ValueError as error:
        raise ValueError(f"The {error}.") from None
    return other or aws_endpoint("lambda", target.region)
