"""Where the state is kept, as `state` says: a folder or a bucket."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from handler.hosts import BUCKET_NAME
from handler.settings.addresses import read_endpoint
from handler.settings.spelling import MisspeltError, nearest
from handler.settings.values import read_region, read_text

LOCKS: Final = ("announce", "platform")
OBS_OPTIONS: Final = ("region", "endpoint", "lock")
S3_OPTIONS: Final = ("region", "endpoint", "path_style")

STATE_DEFAULT: Final = "file:.headway"
"""Where it is kept if nothing is said."""

PREFIX: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")


class FolderState(NamedTuple):
    """State in a folder: `file:DIR`."""

    directory: str


class S3State(NamedTuple):
    """State in an S3 bucket: `s3://bucket/prefix?region=&endpoint=&path_style=`."""

    bucket: str
    prefix: str = ""
    region: str | None = None
    endpoint: str | None = None
    path_style: bool = False


class ObsState(NamedTuple):
    """State in a bucket of Huawei OBS: `obs://bucket/prefix?region=&endpoint=&lock=`."""

    bucket: str
    prefix: str = ""
    region: str | None = None
    endpoint: str | None = None
    lock: str = "announce"


State = FolderState | S3State | ObsState


def read_state(value: object) -> State:
    """Read where the state is kept.

    Raises:
        ValueError: It is no such address; the text says why, and not what it was.
    """
    text = read_text(value)
    scheme, _, rest = text.partition(":")
    if scheme == "file":
        return FolderState(_read_folder(rest))
    if scheme == "s3" and rest.startswith("//"):
        return S3State(*_read_place(rest[2:]), **_read_options(rest, S3_OPTIONS))
    if scheme == "obs" and rest.startswith("//"):
        return ObsState(*_read_place(rest[2:]), **_read_options(rest, OBS_OPTIONS))
    raise MisspeltError("begins with none of file:, s3:// and obs://", [_likely_scheme(text)])


def read_object(value: object) -> tuple[S3State | ObsState, str]:
    """Read the address of an object, `s3://bucket/key?…` or `obs://bucket/key?…`, written as one in `state`.

    Returns:
        The bucket, with what stands before the object's last `/` as its prefix; and the rest of its key.

    Raises:
        ValueError: It is no such address; the text says why, and not what it was.
    """
    scheme, _, rest = read_text(value).partition(":")
    bucket, key = _read_place(rest.removeprefix("//"))
    folder, _, name = key.rpartition("/")
    if not name:
        raise ValueError("names no object in the bucket")
    if scheme.lower() == "s3":
        return S3State(bucket, folder, **_read_options(rest, S3_OPTIONS)), name
    return ObsState(bucket, folder, **_read_options(rest, ("region", "endpoint"))), name


def _read_folder(text: str) -> str:
    if not text:
        raise ValueError("names no folder")
    return text


def _likely_scheme(text: str) -> str | None:
    """What it begins with is a scheme without its slashes, or spelt like one; or it is a mere path."""
    if re.match(r"/|\.\.?/|~/", text):
        return "file:/DIR" if text.startswith("/") else "file:DIR"
    schemes = {"file": "file:", "s3": "s3://", "obs": "obs://"}
    match = re.match(r"([A-Za-z0-9]{2,12})[:/]", text)
    close = nearest(match[1], schemes) if match else None
    return schemes[close] if close else None


def _read_place(text: str) -> tuple[str, str]:
    bucket, _, prefix = text.partition("?")[0].partition("/")
    prefix = prefix.strip("/")
    if not bucket:
        raise ValueError("names no bucket")
    if not BUCKET_NAME.fullmatch(bucket):
        raise ValueError("has a bucket's name that is not 3 to 63 lower-case letters, digits, '-' and '.'")
    if prefix and not PREFIX.fullmatch(prefix):
        raise ValueError("has a prefix with more than letters, digits, '-', '_', '.' and '/' in it")
    return bucket, prefix


def _read_options(text: str, known: tuple[str, ...]) -> dict[str, Any]:
    pairs = parse_qsl(text.partition("?")[2], keep_blank_values=True)
    options = dict(pairs)
    if len(options) < len(pairs) or not options.keys() <= set(known):
        names = " and ".join((", ".join(known[:-1]), known[-1]))
        close = [nearest(name, known) for name in options if name not in known]
        raise MisspeltError(f"has a `?` with more after it than {names}, once each", close)
    return {name: _read_option(name, value) for name, value in options.items()}


def _read_option(name: str, text: str) -> object:
    try:
        return _OPTIONS[name](text)
    except ValueError as error:
        meant = error.meant if isinstance(error, MisspeltError) else ()
        raise MisspeltError(f"has a wrong option: its {name} {error}", meant) from None


def _read_switch(text: str) -> bool:
    if text not in ("true", "false"):
        raise MisspeltError("is neither true nor false", [nearest(text, ("true", "false"))])
    return text == "true"


def _read_lock(text: str) -> str:
    if text not in LOCKS:
        raise MisspeltError("is neither announce nor platform", [nearest(text, LOCKS)])
    return text


_OPTIONS: Final[Mapping[str, Callable[[str], object]]] = {
    "region": read_region,
    "endpoint": read_endpoint,
    "path_style": _read_switch,
    "lock": _read_lock,
}
