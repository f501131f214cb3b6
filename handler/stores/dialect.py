"""In what the protocols of object stores differ, as far as we speak them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, NamedTuple

from handler.hosts import aws_endpoint, huawei_endpoint


class Dialect(NamedTuple):
    """One protocol; all else is the same in both."""

    scheme: str
    """How `state` calls it."""
    endpoint: Callable[[str], str]
    """The vendor's own endpoint in a region."""
    without_virtual_host: str
    """What is left to do for a bucket that cannot stand before the endpoint's host."""
    header: str
    """How its own headers begin."""
    may_read: str
    may_write: str
    may_delete: str
    may_list: str
    """How it calls permissions."""
    listing: Mapping[str, str]
    """What asks for a listing, beside its prefix."""
    marker: str
    """What asks for a further page of it."""
    next_marker: re.Pattern[bytes]
    """What the answer gives for that."""


S3: Final = Dialect(
    scheme="s3",
    endpoint=partial(aws_endpoint, "s3"),
    without_virtual_host="add path_style=true",
    header="x-amz-",
    may_read="s3:GetObject",
    may_write="s3:PutObject",
    may_delete="s3:DeleteObject",
    may_list="s3:ListBucket",
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html (read November 2026)
    listing={"list-type": "2"},
    marker="continuation-token",
    next_marker=re.compile(rb"<NextContinuationToken>([^<]+)</NextContinuationToken>"),
)

OBS: Final = Dialect(
    scheme="obs",
    endpoint=partial(huawei_endpoint, "obs"),
    without_virtual_host="OBS has no path style",
    header="x-obs-",
    # https://support.huaweicloud.com/intl/en-us/api-obs/obs_04_0111.html (read November 2026)
    may_read="obs:object:GetObject",
    may_write="obs:object:PutObject",
    may_delete="obs:object:DeleteObject",
    may_list="obs:bucket:ListBucket",
    # https://support.huaweicloud.com/intl/en-us/api-obs/obs_04_0022.html (read November 2026)
    listing={"max-keys": "1000"},
    marker="marker",
    next_marker=re.compile(rb"<NextMarker>([^<]+)</NextMarker>"),
)
