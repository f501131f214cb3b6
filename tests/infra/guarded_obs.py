"""OBS that asks policies whether its caller may do what it asks.

https://support.huaweicloud.com/intl/en-us/usermanual-obs/obs_03_0154.html (which request needs which action)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import parse_qs, unquote

from tests.fakes.obs_server import FakeObs
from tests.fakes.s3_signature import Received
from tests.infra.role_policies import Facts, allows

_ACTIONS = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}


class Need(NamedTuple):
    """A permission that a request takes."""

    action: str
    resource: str
    facts: Facts


class GuardedObs(FakeObs):
    """A bucket whose owner has let somebody in by `policies`; `denied` is what they did not allow.

    Until there are policies, everything is allowed to whoever signs well.
    """

    def __init__(self, *, bucket: str) -> None:
        """Serve nothing yet."""
        super().__init__(bucket=bucket)
        self.policies: Sequence[str] | None = None
        self.used: set[str] = set()
        self.denied: list[Need] = []

    def refused(self, received: Received) -> tuple[int, str] | None:
        """See `FakeObs`; the signature is looked at first."""
        refusal = super().refused(received)
        if refusal or self.policies is None:
            return refusal
        for need in self._needs(received):
            if not allows(self.policies, *need):
                self.denied.append(need)
                return 403, "AccessDenied"
            self.used.add(need.action)
        return None

    def _needs(self, received: Received) -> Iterator[Need]:
        path, _, query = received.target.partition("?")
        facts = {f"obs:{name}": values[0] for name, values in parse_qs(query).items()}
        if self._content.is_listing(received):
            yield Need("obs:bucket:ListBucket", f"obs:*:*:bucket:{self.bucket}", facts)
            return
        name = unquote(path)[1:]
        yield Need(f"obs:object:{_ACTIONS[received.method]}", self._object(name), facts)
        if "x-obs-copy-source" in received.headers:
            source = unquote(received.headers["x-obs-copy-source"]).lstrip("/").partition("/")[2]
            yield Need("obs:object:GetObject", self._object(source), facts)
        elif received.method == "GET" and name not in self.objects:
            # Whether OBS tells strangers what is not there, nobody says: here it does not.
            yield Need("obs:bucket:ListBucket", f"obs:*:*:bucket:{self.bucket}", {"obs:prefix": name})

    def _object(self, name: str) -> str:
        return f"obs:*:*:object:{self.bucket}/{name}"
