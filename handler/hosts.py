"""Where the clouds are: the endpoint that each of their services has in a region."""

from __future__ import annotations


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
