"""Where Headway can be deployed, with which keys, and the error of everything that keeps it from that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from infra.targets import Target


class DeploymentError(Exception):
    """Why nothing was deployed, in a sentence for whoever asked for it."""


class Cloud(NamedTuple):
    """Where to deploy."""

    target: Target
    """What to build for, if nothing else is asked for."""
    state: str
    """How `state` begins there."""
    function: str
    """The output of Terraform that tells which function it made."""
    keys: tuple[str, ...]
    """The variables with the keys to call the function: the last one is for temporary keys only."""
    provider_keys: tuple[str, ...]
    """What Terraform's provider calls the same."""
    wait_seconds: int
    """How long fresh permissions may need to take effect."""


CLOUDS: Final = {
    "aws": Cloud(
        Target("lambda", "3.13", "arm64"),
        "s3://",
        "function_arn",
        keys=("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        provider_keys=("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        wait_seconds=120,
    ),
    "huaweicloud": Cloud(
        Target("functiongraph", "3.12", "x86_64"),
        "obs://",
        "function_urn",
        keys=("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"),
        provider_keys=("HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN"),
        wait_seconds=900,
    ),
}


def with_keys(environ: Mapping[str, str], cloud: Cloud) -> dict[str, str]:
    """The variables for Terraform and for calling the function; whichever has no keys borrows the other's.

    Raises:
        DeploymentError: There are no keys.
    """
    found = dict(environ)
    for wanted, others in ((cloud.keys, cloud.provider_keys), (cloud.provider_keys, cloud.keys)):
        if not any(environ.get(name) for name in wanted[:2]):
            # A token that stood there alone belongs to other keys.
            lent = {name: environ.get(other) for name, other in zip(wanted, others, strict=True)}
            found = {name: value for name, value in {**found, **lent}.items() if value is not None}
    missing = [name for name in cloud.keys[:2] if not found.get(name)]
    if missing:
        names = " and ".join(cloud.provider_keys[:2])
        raise DeploymentError(
            f"Set {names}: Terraform works with them, and at the end the function is called with them."
        )
    return found
