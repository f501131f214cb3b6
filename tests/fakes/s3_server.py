"""S3 on loopback with one bucket: verifies signatures, is atomic, counts, and fails when told to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

from handler.stores.sigv4 import Credentials
from tests.fakes.object_server import Fault, ObjectServer
from tests.fakes.s3_bucket import FakeBucket
from tests.fakes.s3_signature import Received, refused

__all__ = ["CREDENTIALS", "FakeS3", "Fault"]

CREDENTIALS = Credentials("AKIDEXAMPLE", "a secret of S3's fake")


class FakeS3(ObjectServer):
    """S3 behind a real socket, for the time of a `with` block; see `ObjectServer`."""

    def __init__(
        self,
        *,
        bucket: str = "headway-state",
        region: str = "eu-central-1",
        credentials: Credentials = CREDENTIALS,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        page_keys_max: int = 1000,
    ) -> None:
        """Serve nothing yet."""
        super().__init__(FakeBucket(bucket, page_keys_max, now))
        self.bucket = bucket
        self.region = region
        self.credentials = credentials

    def refused(self, received: Received) -> tuple[int, str] | None:
        """See `ObjectServer`."""
        return refused(received, self.credentials, self.region, self._content.now())
