"""Where the state is kept in proofs with real processes and sockets: a folder, S3 or OBS on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from handler.core.change import ChangeId
from handler.core.document import decode
from handler.core.ledger import Ledger
from handler.stores.bucket import Bucket
from handler.stores.dialect import OBS
from handler.stores.folder import FolderStore
from handler.stores.obs import ObsStore
from handler.stores.port import Loaded, StateStore
from handler.stores.s3 import S3Store
from handler.transport import Transport
from tests.fakes import dms_server
from tests.fakes.obs_server import FakeObs
from tests.fakes.s3_server import FakeS3

KINDS: Final = ("folder", "s3", "obs")

Now = Callable[[], datetime]


class Place(NamedTuple):
    """A place for state: `state` and `variables` configure it; `port` is its server's, 0 without one."""

    state: str
    variables: Mapping[str, str]
    store: StateStore
    port: int = 0

    def version(self, change: ChangeId) -> str | None:
        """The version of a change's ledger, None if there is none."""
        found = self.store.load(_key(change))
        return found.version if isinstance(found, Loaded) else None

    def ledger(self, change: ChangeId) -> Ledger:
        """The ledger of a change, read as the product reads it."""
        found = self.store.load(_key(change))
        assert isinstance(found, Loaded), f"{change} has no ledger"
        return decode(found.document)

    def behind(self, port: int) -> Place:
        """The same place, reached through another port; `store` still goes the straight way."""
        return self._replace(state=self.state.replace(f":{self.port}", f":{port}"))


@contextmanager
def place(kind: str, folder: Path, now: Now) -> Iterator[Place]:
    """Open a place of a kind for a while; `now` is its clock."""
    match kind:
        case "s3":
            with FakeS3(now=now) as s3:
                yield _in_s3(s3, now)
        case "obs":
            with FakeObs(credentials=dms_server.CREDENTIALS, now=now) as obs:
                yield _in_obs(obs, now)
        case _:
            yield Place(f"file:{folder}", {}, FolderStore(folder, now))


def _in_s3(s3: FakeS3, now: Now) -> Place:
    keys = s3.credentials
    bucket = Bucket(name=s3.bucket, region=s3.region, prefix="p", endpoint=s3.endpoint, path_style=True)
    store = S3Store(bucket, keys, send=Transport(connections=1), now=now, timeout_seconds=_long_enough)
    return Place(
        f"s3://{s3.bucket}/p?region={s3.region}&endpoint={s3.endpoint}&path_style=true",
        {"AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key},
        store,
        urlsplit(s3.endpoint).port or 0,
    )


def _in_obs(obs: FakeObs, now: Now) -> Place:
    """On OBS the keys are those of the API."""
    bucket = Bucket(name=obs.bucket, region="eu-west-101", prefix="p", endpoint=obs.endpoint, dialect=OBS)
    store = ObsStore(
        bucket,
        obs.credentials,
        send=Transport(connections=1),
        now=now,
        timeout_seconds=_long_enough,
        announcing=None,
    )
    state = f"obs://{obs.bucket}/p?endpoint={obs.endpoint}"
    return Place(state, {}, store, urlsplit(obs.endpoint).port or 0)


def _long_enough() -> float:
    return 5.0


def _key(change: ChangeId) -> str:
    return f"changes/{change}.json"
