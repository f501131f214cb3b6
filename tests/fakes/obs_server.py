"""OBS on loopback with one bucket: its own signature, no conditional PUT, no path style."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

from handler.huaweicloud.signing import Credentials
from tests.fakes.object_server import ObjectServer
from tests.fakes.obs_bucket import ObsBucket
from tests.fakes.obs_signature import refused
from tests.fakes.s3_signature import Received

CREDENTIALS = Credentials("HUAWEIEXAMPLE", "a secret of the fake of OBS", "a token of the fake of OBS")


class FakeObs(ObjectServer):
    """OBS behind a real socket, for the time of a `with` block; see `ObjectServer`.

    The bucket is at `http://BUCKET.localhost:PORT`, so `obs://BUCKET/PREFIX?endpoint=ENDPOINT` works.
    """

    def __init__(
        self,
        *,
        bucket: str = "headway-obs",
        credentials: Credentials = CREDENTIALS,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        page_keys_max: int = 1000,
    ) -> None:
        """Serve nothing yet."""
        self._content: ObsBucket
        super().__init__(ObsBucket(bucket, page_keys_max, now))
        self.bucket = bucket
        self.credentials = credentials

    @property
    def _host(self) -> str:
        return "localhost"

    def refused(self, received: Received) -> tuple[int, str] | None:
        """See `ObjectServer`; a host that names no bucket is refused whoever asks."""
        if not self._content.is_named(received):
            return 403, "VirtualHostDomainRequired"
        return refused(received, self.bucket, self.credentials, self._content.now())
