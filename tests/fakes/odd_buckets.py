"""Object stores that do not keep to what Headway relies on, as some do that speak S3's protocol."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from tests.fakes.object_server import Fault, ObjectServer
from tests.fakes.obs_bucket import ObsBucket
from tests.fakes.obs_server import FakeObs
from tests.fakes.s3_bucket import Answer, FakeBucket, error
from tests.fakes.s3_server import FakeS3
from tests.fakes.s3_signature import Received


class CarelessS3(FakeS3):
    """S3 that does not know some conditions of a PUT, by their headers, and answers 200 to all of them."""

    def __init__(self, *unknown: str) -> None:
        """Serve nothing yet."""
        super().__init__()
        self._content = _CarelessBucket(self.bucket, unknown, self._content)


class LaggingS3(FakeS3):
    """S3 whose listings show what was put only after a while."""

    def __init__(self, lag_seconds: float) -> None:
        """Serve nothing yet."""
        super().__init__()
        self._content = _LaggingBucket(self.bucket, lag_seconds, self._content)


class LaggingObs(FakeObs):
    """The same of OBS."""

    def __init__(self, lag_seconds: float) -> None:
        """Serve nothing yet."""
        super().__init__()
        self._content: ObsBucket = _LaggingObsBucket(self.bucket, lag_seconds, self._content)


class ForgetfulS3(FakeS3):
    """S3 that keeps nothing of what it says it has written."""

    def __init__(self) -> None:
        """Serve nothing yet."""
        super().__init__()
        self._content = _ForgetfulBucket(self.bucket, 1000, self._content.now)


class LossyS3(FakeS3):
    """S3 that does what it is asked, and whose answers to conditional writes are lost."""

    def answer(self, received: Received) -> tuple[Fault | None, Answer]:
        """See `ObjectServer`."""
        fault, answer = super().answer(received)
        is_lost = received.method == "PUT" and {"if-match", "if-none-match"} & received.headers.keys()
        return fault, error(500, "InternalError") if is_lost else answer


Right = tuple[str, str]
"""A method, and how the names of objects begin for which it is allowed."""


class _Guarded(ObjectServer):
    """A store that lets somebody do only what is allowed, beside listing."""

    allowed: tuple[Right, ...]

    def answer(self, received: Received) -> tuple[Fault | None, Answer]:
        """See `ObjectServer`."""
        name = self._content.object_name(received) or ""
        may = any(received.method == method and name.startswith(top) for method, top in self.allowed)
        if may or self._content.is_listing(received):
            return super().answer(received)
        return None, error(403, "AccessDenied")


class GuardedS3(_Guarded, FakeS3):
    """S3 to somebody with few rights."""

    def __init__(self, *allowed: Right) -> None:
        """Serve nothing yet."""
        super().__init__()
        self.allowed = allowed


class GuardedObs(_Guarded, FakeObs):
    """OBS to somebody with few rights."""

    def __init__(self, *allowed: Right) -> None:
        """Serve nothing yet."""
        super().__init__()
        self.allowed = allowed


class _CarelessBucket(FakeBucket):
    def __init__(self, name: str, unknown: tuple[str, ...], model: FakeBucket) -> None:
        super().__init__(name, 1000, model.now)
        self._unknown = unknown

    def _unfit(self, name: str, headers: Mapping[str, str]) -> Answer | None:
        known = {header: value for header, value in headers.items() if header not in self._unknown}
        return super()._unfit(name, known)


class _LaggingBucket(FakeBucket):
    def __init__(self, name: str, lag_seconds: float, model: FakeBucket) -> None:
        super().__init__(name, 1000, model.now)
        self._lag = timedelta(seconds=lag_seconds)

    def page(self, received: Received, marker: str) -> tuple[list[str], bool]:
        names, is_last = super().page(received, marker)
        return [name for name in names if self.now() - self.modified[name] >= self._lag], is_last


class _LaggingObsBucket(_LaggingBucket, ObsBucket):
    pass


class _ForgetfulBucket(FakeBucket):
    def _put(self, name: str, document: bytes) -> Answer:
        answer = super()._put(name, document)
        del self.objects[name]
        return answer
