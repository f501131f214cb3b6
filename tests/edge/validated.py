"""Configurations in files of text, each with what is said of it; and how they are looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from handler.local.configuration import Configuration
from handler.local.validating import review
from handler.local.validating.result import Review
from handler.settings import Settings
from handler.settings.section import each_field

FOLDER: Final = Path(__file__).parent
NAME: Final = "headway.yaml"
SECRET: Final = "s3cr3t"

CLOUD: Final = "huaweicloud: {region: eu-west-101, project_id: 00000000000000000000000000000001}\n"
INSTANCE: Final = "6c0dc1a8-2e3d-4f7b-9a51-0f6c1c7b9a22"
WATCHES: Final = f"watches: [{{instance_id: {INSTANCE}, task_id: 00000000000000000000000000000002}}]\n"
GOOD: Final = CLOUD + WATCHES
"""Two lines in which nothing is wrong or odd."""
STATE: Final = "state: s3://kafka-alerts/production?region=eu-west-1\n"
CHANNELS: Final = "channels: {team: {url: 'slack://${SLACK_TOKENS}'}}\n"

_LINES: Final = {
    "GOOD": GOOD,
    "CLOUD": CLOUD,
    "WATCHES": WATCHES,
    "STATE": STATE,
    "CHANNELS": CHANNELS,
}
_KINDS: Final = next(
    field.key.expects for place, field in each_field(Settings) if place == ("channels", "*", "alerts")
)


def read_cases(name: str) -> dict[str, tuple[str, list[str]]]:
    """Read a file of configurations: by its name, each text and the lines that are said of it."""
    _, *parts = re.split(r"^### ", (FOLDER / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(map(_read_case, parts))


def _read_case(part: str) -> tuple[str, tuple[str, list[str]]]:
    name, *lines = part.rstrip("\n").splitlines()
    text = "".join(_LINES.get(line, f"{line}\n") for line in lines if not line.startswith("=> "))
    said = [line[3:].replace("{KINDS}", _KINDS) for line in lines if line.startswith("=> ")]
    return name, (text, said)


def look_at(content: str | bytes, environ: Mapping[str, str] | None = None) -> Review:
    """Write a configuration into the current folder, and look at it."""
    Path(NAME).write_bytes(content if isinstance(content, bytes) else content.encode())
    return review(Configuration(environ or {}, NAME))


def mistakes_in(content: str | bytes, environ: Mapping[str, str] | None = None) -> list[str]:
    """The lines that tell its mistakes."""
    return [str(mistake) for mistake in look_at(content, environ).mistakes]
