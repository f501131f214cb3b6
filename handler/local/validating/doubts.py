"""What looks odd in a configuration and may be right all the same: ids, regions, an example's remains."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path as FilePath
from typing import Final

from handler.local.validating.draft import Draft
from handler.settings.regions import HUAWEI_REGIONS, is_aws_region
from handler.settings.spelling import nearest
from handler.settings.state import STATE_DEFAULT, FolderState, ObsState, S3State, read_state
from handler.settings.tree import Mistake, Path

_HEX: Final = "[0-9A-Fa-f]"
_UUID: Final = re.compile(rf"{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}")
_HEX_DIGITS: Final = re.compile(rf"{_HEX}{{32}}")
_EXAMPLE_HOST: Final = re.compile(r"(?<![a-z0-9-])example\.(?:com|net|org)(?![a-z0-9.-])", re.IGNORECASE)

_IDS: Final = (
    (("huaweicloud", "project_id"), (_HEX_DIGITS,), "a project", "32 hexadecimal digits"),
    (("watches", "*", "instance_id"), (_UUID,), "an instance", "a UUID, with hyphens"),
    (("watches", "*", "task_id"), (_HEX_DIGITS, _UUID), "a task", "32 hexadecimal digits, or a UUID"),
)
"""As https://support.huaweicloud.com/api-kafka/ListBackgroundTasks.html shows them; none is promised."""

_EXAMPLES: Final = frozenset(
    {
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "6c0dc1a8-2e3d-4f7b-9a51-0f6c1c7b9a21",
        "8abfa7b372160bfd0172165864064079",
    }
)
"""The ids of the examples, in README and in `infra/`."""

_EXAMPLE_BUCKET: Final = "my-headway-state"

_PLACES_OF_HOSTS: Final = (
    ("huaweicloud", "endpoint"),
    ("network", "proxy"),
    ("channels", "*", "url"),
    ("links", "status_page"),
    ("links", "console"),
    ("heartbeat", "url"),
)


def find_doubts(draft: Draft) -> Iterator[Mistake]:
    """Find what looks unlike what it should be."""
    yield from _doubt_ids(draft)
    yield from _doubt_hosts(draft)
    if not [*draft.texts("huaweicloud", "endpoint")]:
        for path, region in draft.known_texts("huaweicloud", "region"):
            yield from _doubt_huawei_region(path, region, "is")
    for path, file in draft.known_texts("network", "ca_file"):
        if not FilePath(file).is_file():
            yield Mistake(path, "names a file that is not there", "one that is there wherever Headway runs")
    for _, state in draft.known_texts("state"):
        yield from _doubt_state(state)
    if draft.written("state") is None:
        yield from _doubt_state(STATE_DEFAULT)


def _doubt_ids(draft: Draft) -> Iterator[Mistake]:
    for place, patterns, whose, form in _IDS:
        for path, text in draft.known_texts(*place):
            if text in _EXAMPLES:
                yield Mistake(path, "is still the example's", f"the id of {whose} of yours")
            elif not any(pattern.fullmatch(text) for pattern in patterns):
                yield Mistake(path, f"looks unlike the id of {whose}", form)


def _doubt_hosts(draft: Draft) -> Iterator[Mistake]:
    for place in _PLACES_OF_HOSTS:
        for path, text in draft.texts(*place):
            if _EXAMPLE_HOST.search(text):
                yield Mistake(path, "still has a domain of the example's in it", "one of yours")


def _doubt_huawei_region(path: Path, region: str, verb: str) -> Iterator[Mistake]:
    if region not in HUAWEI_REGIONS:
        yield Mistake(
            path,
            f"{verb} no region of Huawei Cloud that Headway knows",
            "one such as eu-west-101, unless it is new",
            _likely(region, HUAWEI_REGIONS),
        )


def _likely(region: str, known: Collection[str]) -> tuple[str, ...]:
    close = nearest(region, known, likeness=0.75)
    return (close,) if close else ()


def _doubt_state(text: str) -> Iterator[Mistake]:
    path, state = ("state",), read_state(text)
    if isinstance(state, FolderState):
        yield from _doubt_folder(state.directory)
    elif state.bucket == _EXAMPLE_BUCKET:
        yield Mistake(path, "is still in the example's bucket", "a bucket of yours")
    if isinstance(state, ObsState) and state.region and not state.endpoint:
        yield from _doubt_huawei_region(path, state.region, "has a region that is")
    if isinstance(state, S3State) and state.region and not state.endpoint and not is_aws_region(state.region):
        yield Mistake(path, "has a region that AWS would not call so", "one such as eu-west-1")


def _doubt_folder(directory: str) -> Iterator[Mistake]:
    if re.match("//[^/]", directory):
        yield Mistake(
            ("state",), "is a folder at the very top of this machine", "file:DIR for DIR in this folder"
        )
    elif not directory.startswith("/"):
        yield Mistake(
            ("state",),
            "is a folder in the current one, which a function would lose",
            "a bucket there, as s3://BUCKET/PREFIX or obs://BUCKET/PREFIX",
        )
