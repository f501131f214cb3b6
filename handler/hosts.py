"""Where the clouds' services are, by their region; what buckets are called; and what is this machine."""

from __future__ import annotations

import re
from ipaddress import ip_address
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


def is_loopback(host: str) -> bool:
    """True for this machine by one of its own addresses, in brackets or not, or by its own name.

    Nothing that is sent there leaves it, so that only there a request may go unencrypted.
    """
    return host == "localhost" or (is_ip(host) and ip_address(host.strip("[]")).is_loopback)


def is_ip(host: str) -> bool:
    """True for an address, in brackets or not, and false for a name."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
