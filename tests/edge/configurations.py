"""Configurations to read in tests, and how to read them without environment and files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import pytest

from handler.settings import Fetch, Settings, SettingsError, read_settings
from handler.settings.examination import examine
from handler.settings.mistakes import explain
from handler.settings.sources import find_source

DEFAULT_PATH: Final = "/code/headway.yaml"

LEAST: Final = """
huaweicloud: {region: eu-west-101, project_id: 00000000000000000000000000000001}
watches: [{instance_id: i-1, task_id: t-1}]
"""

NO_WATCHES: Final = LEAST.partition("watches:")[0]
"""The same without anything to follow."""

LEAST_VARIABLES: Final = {
    "HEADWAY_REGION": "eu-west-101",
    "HEADWAY_PROJECT_ID": "00000000000000000000000000000001",
    "HEADWAY_INSTANCE_ID": "i-1",
    "HEADWAY_TASK_ID": "t-1",
}


def nothing_kept(references: Collection[str]) -> Mapping[str, LookupError]:
    """AWS, where nothing is kept."""
    return {each: LookupError(f"needs {each}, which is not there") for each in references}


def read(
    text: str | None = None,
    *,
    variables: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    fetch: Fetch = nothing_kept,
) -> Settings:
    """Read settings from a YAML text, variables, files, and what is kept in AWS."""
    found = {**(variables or {})}
    if text is not None:
        found["HEADWAY_CONFIG"] = f"{text}\n"
    return read_settings(found.get, fetch=fetch, read_file=(files or {}).get, default_path=DEFAULT_PATH)


def mistakes_in(text: str) -> list[str]:
    """Tell what is wrong with a text where no value from elsewhere is known, line by line."""
    source = find_source(lambda _: None, {DEFAULT_PATH: text}.get, DEFAULT_PATH)
    found = examine(source, lambda _: None, nothing_kept).certain_mistakes()
    return [source.describe(explain(mistake)) for mistake in found]


def mistakes(
    text: str | None = None,
    *,
    variables: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
) -> list[str]:
    """Read settings that are refused, and tell why, line by line."""
    with pytest.raises(SettingsError) as caught:
        read(text, variables=variables, files=files)
    head, *lines = str(caught.value).splitlines()
    assert head == "The configuration cannot be used."
    assert lines == list(caught.value.lines)
    return lines
