"""A bucket in memory as Huawei OBS has it; knows nothing of sockets, signatures and faults.

https://support.huaweicloud.com/intl/en-us/api-obs/obs_04_0022.html (listing)
https://support.huaweicloud.com/intl/en-us/api-obs/obs_04_0082.html (copying)
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote
from xml.sax.saxutils import escape

from tests.fakes.s3_bucket import Answer, FakeBucket
from tests.fakes.s3_signature import Received


class ObsBucket(FakeBucket):
    """Like S3's, but that the conditions of a PUT are ignored, and path style is refused."""

    copy_source = "x-obs-copy-source"

    def is_named(self, received: Received) -> bool:
        """Whether a bucket stands before the host's name, which cannot be an IP address then."""
        bucket, _, domain = received.headers["host"].partition(".")
        return bool(domain) and not bucket.isdigit()

    def is_listing(self, received: Received) -> bool:
        """Whether the bucket's content is asked for."""
        return received.method == "GET" and received.target.partition("?")[0] == "/"

    def object_name(self, received: Received) -> str | None:
        """Read the address; None is another bucket."""
        bucket = received.headers["host"].partition(".")[0]
        return unquote(received.target.partition("?")[0])[1:] if bucket == self._name else None

    def _unfit(self, name: str, headers: Mapping[str, str]) -> None:
        """Ignore conditions, as what knows none may do, and answer 200 to every writer."""

    def _listing(self, received: Received) -> Answer:
        names, is_last = self.page(received, "marker")
        contents = "".join(map(self.entry, names))
        following = "" if is_last else f"<NextMarker>{escape(names[-1])}</NextMarker>"
        text = f"<IsTruncated>{str(not is_last).lower()}</IsTruncated>{following}{contents}"
        return Answer(200, {}, f"<ListBucketResult>{text}</ListBucketResult>".encode())
