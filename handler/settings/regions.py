"""What regions are called; only for advice, since clouds open new ones all the time."""

from __future__ import annotations

import re
from typing import Final

_HUAWEI_NUMBERS: Final = {
    "ae-ad": (1,),
    "af-north": (1,),
    "af-south": (1,),
    "ap-southeast": (1, 2, 3, 4, 5),
    "cn-east": (2, 3, 4, 5),
    "cn-north": (1, 2, 4, 9, 11, 12),
    "cn-south": (1, 2, 4),
    "cn-southwest": (2, 3),
    "eu-west": (0, 101),
    "la-north": (2,),
    "la-south": (2,),
    "me-east": (1,),
    "my-kualalumpur": (1,),
    "na-mexico": (1,),
    "ru-moscow": (1,),
    "ru-northwest": (2,),
    "sa-brazil": (1,),
    "tr-west": (1,),
}

HUAWEI_REGIONS: Final = frozenset(
    f"{place}-{number}" for place, numbers in _HUAWEI_NUMBERS.items() for number in numbers
)
"""Those whose endpoints the official SDK for Kafka lists (3.1.219, 2026)."""

_AWS: Final = re.compile(
    r"(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov|-iso[a-z]?)?"
    r"-(?:central|north|south|east|west|northeast|northwest|southeast|southwest)-\d"
)


def is_aws_region(text: str) -> bool:
    """Whether AWS would call a region so."""
    return bool(_AWS.fullmatch(text))


def likely_region(text: str) -> str | None:
    """The region that a text means which is not quite written like one."""
    likely = re.sub(r"[_ ]", "-", text.strip().lower())
    return likely if likely in HUAWEI_REGIONS or is_aws_region(likely) else None
