"""Builds stores on the fakes, as wiring does on the real thing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from itertools import count

from handler.stores.bucket import Bucket
from handler.stores.dialect import OBS
from handler.stores.obs import Announcing, ObsStore
from handler.stores.s3 import S3Store
from handler.stores.sigv4 import Credentials
from handler.transport import Send
from tests.fakes.moto_server import Moto
from tests.fakes.obs_server import FakeObs
from tests.fakes.s3_server import FakeS3

TIMEOUT_SECONDS = 5.0


def utc_now() -> datetime:
    """The real time."""
    return datetime.now(timezone.utc)


def path_style_store(s3: FakeS3 | Moto, credentials: Credentials, send: Send, prefix: str = "") -> S3Store:
    """Address the bucket by path, as test servers and gateways want it."""
    bucket = Bucket(name=s3.bucket, region=s3.region, prefix=prefix, endpoint=s3.endpoint, path_style=True)
    return store_in(bucket, credentials, send)


def virtual_host_store(s3: FakeS3, send: Send, prefix: str = "") -> S3Store:
    """Address the bucket by host, as AWS wants it; the fake stands in for AWS."""
    bucket = Bucket(name=s3.bucket, region=s3.region, prefix=prefix)
    return store_in(bucket, s3.credentials, s3.reached_by(send))


def store_in(bucket: Bucket, credentials: Credentials, send: Send) -> S3Store:
    """With time enough for every request."""
    return S3Store(bucket, credentials, send=send, now=utc_now, timeout_seconds=lambda: TIMEOUT_SECONDS)


_NUMBERS = count()

ANNOUNCING = Announcing(lambda: 85, lambda: f"r{next(_NUMBERS)}", lambda: True)
"""As wiring has it, but that nobody waits."""


def obs_store(
    obs: FakeObs,
    send: Send,
    prefix: str = "",
    announcing: Announcing | None = ANNOUNCING,
    timeout_seconds: Callable[[], float] = lambda: TIMEOUT_SECONDS,
) -> ObsStore:
    """Address the bucket by host; without `announcing` it is for the platform to let only one write."""
    return ObsStore(
        Bucket(name=obs.bucket, region="eu-west-101", prefix=prefix, endpoint=obs.endpoint, dialect=OBS),
        obs.credentials,
        send=send,
        now=utc_now,
        timeout_seconds=timeout_seconds,
        announcing=announcing,
    )
