"""What the provider, its pages and the platform say of a value. No Terraform in here: just values.

A sentence for each thing that is wrong; nothing is said of what nobody knows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

Spec = Mapping[str, Any]

_CRON_FIELDS: Final = 6


def converted(value: Any, kind: str) -> Any:  # noqa: ANN401 - a scalar of any type
    """Turn a scalar into the declared type as Terraform would.

    Raises:
        ValueError: It cannot be turned into that.
    """
    if kind == "bool":
        text = str(value).lower()
        if text not in {"true", "false"}:
            raise ValueError(f"{value!r}, expected true or false")
        return text
    if kind in {"int", "float"}:
        text = "true or false" if isinstance(value, bool) else str(value)
        try:
            return int(text) if kind == "int" else float(text)
        except ValueError:
            raise ValueError(
                f"{value!r}, expected {'a whole number' if kind == 'int' else 'a number'}"
            ) from None
    return str(value).lower() if isinstance(value, bool) else str(value)


def refusals(value: Any, spec: Spec) -> Iterator[str]:  # noqa: ANN401 - a scalar of any type
    """What the provider itself refuses."""
    if spec.get("enum") and value not in spec["enum"]:
        yield f"{value!r}, allowed: {spec['enum']}"
    low_high = spec.get("range")
    if low_high and not low_high[0] <= value <= low_high[1]:
        yield f"{value}, allowed: {low_high[0]}..{low_high[1]}"
    if spec.get("json") and not _is_json(str(value)):
        yield "not JSON"


def doubts(value: Any, spec: Spec) -> Iterator[str]:  # noqa: ANN401 - a scalar of any type
    """What the pages, the SDK and the guide rule out, not the provider."""
    if spec.get("sdk_values") and value not in spec["sdk_values"]:
        yield f"{value!r}, listed by the SDK: {spec['sdk_values']}"
    listed = spec.get("doc_values")
    if listed and not spec.get("doc_values_open") and "null" not in listed:
        every = [*listed, *spec.get("guide_values", [])]
        if str(value) not in every:
            yield f"{value!r}, listed by the pages: {every}"
    low_high = spec.get("doc_range")
    if low_high:
        size = len(value) if spec.get("doc_range_is_length") and isinstance(value, str) else value
        if isinstance(size, int | float) and not low_high[0] <= size <= low_high[1]:
            yield f"{size}, the pages say {low_high[0]}..{low_high[1]}"


def schedule_problem(schedule: str, kind: object, rate_max: Mapping[str, int]) -> str | None:
    """What is wrong with a timer's schedule: 5m, 1h, 2d; six cron fields or @every."""
    if kind == "Rate":
        match = re.fullmatch(r"(\d+)([mhd])", schedule)
        if not match or not 1 <= int(match.group(1)) <= rate_max[match.group(2)]:
            limits = ", ".join(f"{unit} 1..{top}" for unit, top in rate_max.items())
            return f"rate {schedule!r}: a number and a unit ({limits})"
    if kind == "Cron":
        fields = re.sub(r"^CRON_TZ=\S+\s+", "", schedule).split()
        is_every = len(fields) == len(("@every", "90s")) and fields[0] == "@every"
        if len(fields) != _CRON_FIELDS and not is_every:
            return f"cron {schedule!r}: six fields, seconds first, or @every and a duration"
    return None


def _is_json(text: str) -> bool:
    try:
        json.loads(text.replace('\\"', '"'))
    except ValueError:
        return _is_plain_json(text)
    return True


def _is_plain_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
