"""The store that `state` names, opened with the keys that belong to it."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from handler.credentials import (
    ConfigurationError,
    aws_keys,
    demanded,
    huawei_credentials,
    huawei_keys,
)
from handler.huaweicloud import signing
from handler.runtimes import Platform, Runtime
from handler.settings import FolderState, ObsState, S3State, Settings
from handler.stores.port import StateStore
from handler.transport import Send

if TYPE_CHECKING:
    from handler.stores.obs import Announcing, ObsStore
    from handler.stores.s3 import S3Store

_LEASE_MARGIN_SECONDS: Final = 25
"""How long a write may still arrive after the function's timeout: one request, and how far clocks differ."""

_ANY_REGION: Final = "any"
"""Stands for a region that is not asked for, where the endpoint is named."""


class Conditions(NamedTuple):
    """What a store takes from outside."""

    send: Send
    now: Callable[[], datetime]
    remaining_seconds: Callable[[], float]
    """How much time is left for the store; 0 when it is up."""
    exchange_seconds: float
    """How long one exchange may take at most."""
    random_name: Callable[[], str]
    pause: Callable[[float], None]
    """Waits at random, no longer than told, so that those who contend for a lease part."""

    def timeout_seconds(self) -> float:
        """How long a request may take if it begins now; 0 when time is up."""
        return min(self.exchange_seconds, self.remaining_seconds())


def open_store(settings: Settings, runtime: Runtime, conditions: Conditions) -> StateStore:
    """Open the store; nothing is asked yet, and only this one's adapter is imported.

    Raises:
        ConfigurationError: There are no keys for it, or it could never work like that.
    """
    try:
        return _open_store(settings, runtime, conditions)
    except (LookupError, ValueError) as error:
        raise ConfigurationError(f"state: {str(error).removesuffix('.')}.") from None


def _open_store(settings: Settings, runtime: Runtime, conditions: Conditions) -> StateStore:
    state = settings.state
    if isinstance(state, FolderState):
        _refuse_passing(state, runtime)
        from handler.stores.folder import FolderStore  # noqa: PLC0415 - see above

        return FolderStore(Path(state.directory), conditions.now)
    if isinstance(state, ObsState):
        state = state._replace(region=state.region or settings.huaweicloud.region)
        return _open_obs(state, huawei_credentials(settings, runtime), conditions)
    return _open_s3(state, runtime, conditions)


def open_bucket(state: S3State | ObsState, runtime: Runtime, conditions: Conditions) -> StateStore:
    """Open a bucket to read a configuration from it, with what the platform gives alone.

    Raises:
        LookupError: There are no keys for it, or no region.
        ValueError: It could never work like that; either text continues a sentence about it.
    """
    if isinstance(state, S3State):
        return _open_s3(state, runtime, conditions)
    if not (state.region or state.endpoint):
        raise LookupError("needs `?region=` with the bucket's region after it")
    state = state._replace(region=state.region or _ANY_REGION)
    return _open_obs(state, huawei_keys(runtime), conditions)


def _refuse_passing(state: FolderState, runtime: Runtime) -> None:
    """A mounted file system stays; the folder that a function runs in is gone with its instance."""
    if runtime.platform is not Platform.LOCAL and not Path(state.directory).is_absolute():
        raise ValueError(
            "a folder beside the function is gone with its instance; name a bucket, as"
            " s3://BUCKET/PREFIX or obs://BUCKET/PREFIX, or a mounted folder by its whole path"
        )


def _open_s3(state: S3State, runtime: Runtime, conditions: Conditions) -> S3Store:
    from handler.stores.bucket import Bucket  # noqa: PLC0415 - see above
    from handler.stores.s3 import S3Store  # noqa: PLC0415

    bucket = Bucket(
        name=state.bucket,
        prefix=state.prefix,
        region=state.region or demanded(runtime, "AWS_REGION"),
        endpoint=state.endpoint,
        path_style=state.path_style,
    )
    return S3Store(
        bucket,
        aws_keys(runtime),
        send=conditions.send,
        now=conditions.now,
        timeout_seconds=conditions.timeout_seconds,
    )


def _open_obs(state: ObsState, credentials: signing.Credentials, conditions: Conditions) -> ObsStore:
    from handler.stores.bucket import Bucket  # noqa: PLC0415 - see above
    from handler.stores.dialect import OBS  # noqa: PLC0415
    from handler.stores.obs import ObsStore  # noqa: PLC0415

    bucket = Bucket(
        name=state.bucket,
        prefix=state.prefix,
        region=state.region or "",
        endpoint=state.endpoint,
        dialect=OBS,
    )
    return ObsStore(
        bucket,
        credentials,
        send=conditions.send,
        now=conditions.now,
        timeout_seconds=conditions.timeout_seconds,
        announcing=None if state.lock == "platform" else _announcing(conditions),
    )


def _announcing(conditions: Conditions) -> Announcing:
    from handler.stores.obs import Announcing  # noqa: PLC0415 - see above

    def lease_seconds() -> int:
        # However slow each exchange is, no write of ours begins later than this invocation may last.
        return math.ceil(conditions.remaining_seconds() + _LEASE_MARGIN_SECONDS)

    def pause() -> bool:
        conditions.pause(conditions.remaining_seconds())
        return conditions.remaining_seconds() > 0

    return Announcing(lease_seconds, conditions.random_name, pause)
