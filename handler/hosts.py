"""Where the clouds are: which endpoint a service of theirs has in a region, and what buckets are called."""

from __future__ import annotations

import re
from typing import Final

BUCKET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""What a bucket's name is like in either cloud, where it becomes a part of its host."""


def aws_endpoint(service: str, region: str) -> str:
    """Return the address of a service of AWS, which is called as in its host."""
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://{service}.{region}.{domain}"


def huawei_endpoint(service: str, region: str) -> str:
    """Return the address of a service of Huawei Cloud, as the vendor's own SDK lists it.

    See https://support.huaweicloud.com/eu/qs-obs/obs_qs_0006.html (read November 2026).
    """
    domain = "myhuaweicloud.eu" if region == "eu-west-101" else "myhuaweicloud.com"
    return f"https://{service}.{region}.{domain}"
