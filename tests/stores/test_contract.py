"""What every state store promises, tried on each of them: ours, and the fakes that stand in for them."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handler.stores.folder import FolderStore
from handler.stores.port import (
    DOCUMENT_BYTES_MAX,
    Absent,
    Committed,
    Conflict,
    Loaded,
    Oversized,
    StateStore,
    Unchanged,
)
from handler.transport import Transport
from tests.fakes.memory_store import MemoryStore
from tests.fakes.moto_server import Moto
from tests.fakes.obs_server import FakeObs
from tests.fakes.s3_server import FakeS3
from tests.stores.building import obs_store, path_style_store, utc_now, virtual_host_store

KEY = "changes/instance-1/task_2.json"

NewStore = Callable[[], StateStore]


@pytest.fixture
def new_memory_store() -> NewStore:
    """The fake for everybody else's tests."""
    return MemoryStore


@pytest.fixture
def new_folder_store(tmp_path: Path) -> NewStore:
    """A folder that is not there yet."""
    return lambda: FolderStore(tmp_path / uuid4().hex / "state", utc_now)


@pytest.fixture
def new_path_style_store(s3: FakeS3, transport: Transport) -> NewStore:
    """The S3 store, the bucket named in the path."""
    return lambda: path_style_store(s3, s3.credentials, transport, uuid4().hex)


@pytest.fixture
def new_virtual_host_store(s3: FakeS3, transport: Transport) -> NewStore:
    """The S3 store at AWS's own address, two levels of prefix."""
    return lambda: virtual_host_store(s3, transport, f"team/{uuid4().hex}")


@pytest.fixture
def new_moto_user_store(moto: Moto, transport: Transport) -> NewStore:
    """The S3 store on moto, with a user's keys."""
    return lambda: path_style_store(moto, moto.user, transport, uuid4().hex)


@pytest.fixture
def new_moto_role_store(moto: Moto, transport: Transport) -> NewStore:
    """The S3 store on moto, with a role's temporary keys and session token."""
    return lambda: path_style_store(moto, moto.role, transport, uuid4().hex)


@pytest.fixture
def new_obs_announce_store(obs: FakeObs, transport: Transport) -> NewStore:
    """The OBS store under leases."""
    return lambda: obs_store(obs, transport, uuid4().hex)


@pytest.fixture
def new_obs_platform_store(obs: FakeObs, transport: Transport) -> NewStore:
    """The OBS store that trusts its platform to run one invocation at a time."""
    return lambda: obs_store(obs, transport, f"team/{uuid4().hex}", announcing=None)


MINUTE = timedelta(minutes=1)


@pytest.fixture
def pass_a_minute(store: StateStore, tmp_path: Path, s3: FakeS3, obs: FakeObs) -> Callable[[], None]:
    """Makes whatever is kept a minute older, wherever that is; only moto's clock is its own."""

    def pass_it() -> None:
        s3.grow_older(MINUTE.total_seconds())
        obs.grow_older(MINUTE.total_seconds())
        for path in tmp_path.rglob("*"):
            seconds = path.stat().st_mtime - MINUTE.total_seconds()
            os.utime(path, (seconds, seconds))
        if isinstance(store, MemoryStore):
            store.modified = {key: moment - MINUTE for key, moment in store.modified.items()}

    return pass_it


STORES = (
    *("memory", "folder", "path_style", "virtual_host", "moto_user", "moto_role"),
    *("obs_announce", "obs_platform"),
)


@pytest.fixture(params=STORES)
def new_store(request: pytest.FixtureRequest) -> NewStore:
    """Makes empty stores of one kind."""
    made: NewStore = request.getfixturevalue(f"new_{request.param}_store")
    return made


@pytest.fixture
def store(new_store: NewStore) -> StateStore:
    """An empty store."""
    return new_store()


def saved(store: StateStore, key: str, document: bytes, expected: str | None = None) -> str:
    """Save a document that nobody contests; gives its version."""
    answer = store.save(key, document, expected)
    assert isinstance(answer, Committed)
    return answer.version


def document_of(store: StateStore, key: str) -> bytes | None:
    """What stands in the store."""
    answer = store.load(key)
    return answer.document if isinstance(answer, Loaded) else None


def test_a_document_nobody_saved_is_absent(store: StateStore) -> None:
    """The first tick of a change finds nothing, whether it remembers a version or not."""
    assert isinstance(store.load(KEY), Absent)
    assert isinstance(store.load(KEY, '"a version from another life"'), Absent)


@pytest.mark.parametrize("document", [b'{"schema": 1}', b"", bytes(range(256)), b"." * DOCUMENT_BYTES_MAX])
def test_what_was_saved_is_loaded(store: StateStore, document: bytes) -> None:
    """Documents come back byte for byte, empty and largest ones too, under the version of the save."""
    version = saved(store, KEY, document)

    found = store.load(KEY)

    assert isinstance(found, Loaded)
    assert (found.document, found.version) == (document, version)


def test_a_known_version_is_unchanged(store: StateStore) -> None:
    """Who knows the version is spared the document."""
    version = saved(store, KEY, b"one")

    assert isinstance(store.load(KEY, version), Unchanged)


def test_an_outdated_version_is_loaded_anew(store: StateStore) -> None:
    """Who knows an older version gets the newer document."""
    old = saved(store, KEY, b"one")
    new = saved(store, KEY, b"two", old)

    found = store.load(KEY, old)

    assert old != new
    assert isinstance(found, Loaded)
    assert found.document == b"two"


def test_a_new_document_conflicts_with_one_that_stands(store: StateStore) -> None:
    """Two that both found nothing cannot both begin."""
    saved(store, KEY, b"one")

    assert store.save(KEY, b"two", None) == Conflict()
    assert document_of(store, KEY) == b"one"


def test_an_outdated_version_conflicts(store: StateStore) -> None:
    """A save that is based on an older version changes nothing."""
    old = saved(store, KEY, b"one")
    saved(store, KEY, b"two", old)

    assert store.save(KEY, b"three", old) == Conflict()
    assert document_of(store, KEY) == b"two"


def test_a_version_of_a_document_that_is_gone_conflicts(store: StateStore) -> None:
    """A document removed meanwhile is not brought back by a save."""
    version = saved(store, KEY, b"one")
    store.remove(KEY)

    assert store.save(KEY, b"two", version) == Conflict()
    assert document_of(store, KEY) is None


def test_a_removed_document_can_begin_anew(store: StateStore) -> None:
    """Removing leaves nothing behind that a new document would stumble over."""
    saved(store, KEY, b"one")
    store.remove(KEY)
    saved(store, KEY, b"two")

    assert document_of(store, KEY) == b"two"


def test_what_was_put_stands_whatever_stood_there(store: StateStore) -> None:
    """A marker is put without asking, and putting it again changes nothing."""
    saved(store, KEY, b"one")
    store.put(KEY, b"two")
    store.put(KEY, b"two")
    store.put("active/a/1", b"")

    assert document_of(store, KEY) == b"two"
    assert document_of(store, "active/a/1") == b""


def test_a_version_is_outdated_by_a_put(store: StateStore) -> None:
    """Who saves over what was put meanwhile is told so."""
    version = saved(store, KEY, b"one")
    store.put(KEY, b"two")

    assert store.save(KEY, b"three", version) == Conflict()


@pytest.mark.parametrize("document", [b"", b"doc", b"." * (DOCUMENT_BYTES_MAX + 1)])
def test_a_copy_is_the_document_of_that_version(store: StateStore, document: bytes) -> None:
    """Of any size, over whatever stood there; the original stays."""
    store.put(KEY, document)
    found = store.load(KEY)
    assert isinstance(found, (Loaded, Oversized))
    store.put("aside/x", b"older")

    copied = store.copy(KEY, found.version, "aside/x")

    there = store.load("aside/x")
    assert isinstance(copied, Committed)
    assert isinstance(there, type(found))
    assert there.version == copied.version
    assert isinstance(there, Oversized) or there.document == document
    assert isinstance(store.load(KEY, found.version), Unchanged)


@pytest.mark.parametrize(
    "new_store",
    # moto does not look at the condition of a copy.
    [name for name in STORES if not name.startswith("moto")],
    indirect=True,
)
def test_an_outdated_version_is_not_copied(store: StateStore) -> None:
    """Somebody mended the document meanwhile; there is nothing to set aside."""
    old = saved(store, KEY, b"one")
    saved(store, KEY, b"two", old)

    assert store.copy(KEY, old, "aside/x") == Conflict()
    assert store.copy("changes/nothing.json", old, "aside/x") == Conflict()
    assert document_of(store, "aside/x") is None


def test_a_document_that_is_too_large_is_only_noticed(store: StateStore) -> None:
    """It has a version, which can be known, and over which can be saved."""
    store.put(KEY, b"." * (DOCUMENT_BYTES_MAX + 1))
    found = store.load(KEY, '"a version from another life"')

    assert isinstance(found, Oversized)
    assert isinstance(store.load(KEY, found.version), Unchanged)
    assert store.save(KEY, b"small", None) == Conflict()
    saved(store, KEY, b"small", found.version)
    assert document_of(store, KEY) == b"small"


def test_removing_what_is_not_there_is_fine(store: StateStore) -> None:
    """Two ticks may both see the end of a change."""
    store.remove(KEY)

    assert store.list("") == store.latest("") == []


def test_keys_are_listed_by_prefix_and_sorted(store: StateStore) -> None:
    """A listing holds all keys that begin so, whole, in order, and none of other documents."""
    for key in ("active/b/2", "active/b/1", "active/a-1/1", "activity/x", "changes/b/1.json"):
        saved(store, key, b"")

    assert store.list("active/") == ["active/a-1/1", "active/b/1", "active/b/2"]
    assert store.list("active/b/") == ["active/b/1", "active/b/2"]
    assert store.list("activ") == ["active/a-1/1", "active/b/1", "active/b/2", "activity/x"]
    assert store.list("aside/") == []


def test_a_removed_key_is_not_listed(store: StateStore) -> None:
    """The marker of a change that has ended is gone for good."""
    saved(store, "active/a/1", b"")
    saved(store, "active/a/2", b"")
    store.remove("active/a/1")

    assert store.list("active/") == store.latest("active/") == ["active/a/2"]


@pytest.mark.parametrize("new_store", [name for name in STORES if not name.startswith("moto")], indirect=True)
def test_what_was_written_last_comes_first(store: StateStore, pass_a_minute: Callable[[], None]) -> None:
    """However it was written, and whatever it is called; what is elsewhere does not come at all."""
    version = saved(store, "changes/b/1.json", b"one")
    store.put("changes/b/2.json", b"one")
    store.put("changes/c/1.json", b"one")
    pass_a_minute()
    copied = store.copy("changes/b/1.json", version, "changes/b/3.json")
    store.put("aside/b/1.json", b"one")
    pass_a_minute()
    saved(store, "changes/b/1.json", b"two", version)
    pass_a_minute()
    store.put("changes/c/1.json", b"two")

    assert isinstance(copied, Committed)
    assert store.latest("changes/") == [
        *("changes/c/1.json", "changes/b/1.json", "changes/b/3.json", "changes/b/2.json"),
    ]
    assert store.latest("changes/b/") == ["changes/b/1.json", "changes/b/3.json", "changes/b/2.json"]
    assert store.latest("change") == store.latest("changes/")
    assert store.latest("active/") == []


def test_what_was_written_in_one_second_is_sorted(store: StateStore) -> None:
    """It was written backwards here, so that who tells the moments apart says the same."""
    for key in ("changes/b/2", "changes/b/1", "changes/a-1/1"):
        saved(store, key, b"")

    assert store.latest("changes/") == ["changes/a-1/1", "changes/b/1", "changes/b/2"]


def test_the_store_tells_its_own_time(store: StateStore) -> None:
    """Every answer to a load carries the store's clock, in UTC."""
    answers = [store.load(KEY)]
    version = saved(store, KEY, b"one")
    answers += [store.load(KEY), store.load(KEY, version)]

    for answer in answers:
        assert answer.store_date.utcoffset() == timedelta(0)
        assert abs(answer.store_date - utc_now()) < timedelta(seconds=30)


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "a//b", "../a", "a/../b", "a/.", "ä", "a b", "a~new", "a%2Fb"]
)
def test_a_key_that_could_mean_something_else_is_refused(store: StateStore, key: str) -> None:
    """No key leaves the store's own place or means two things, not even one that somebody registered."""
    operations: list[Callable[[str], object]] = [
        store.load,
        store.remove,
        lambda key: store.save(key, b"", None),
        lambda key: store.put(key, b""),
        lambda key: store.copy(key, "v", "aside/x"),
        lambda key: store.copy(KEY, "v", key),
    ]
    for operation in operations:
        with pytest.raises(ValueError, match="no key"):
            operation(key)


@pytest.mark.parametrize("prefix", ["/", "a//", "../", "a/../b", "./a", "ä", "a b", "a\n"])
def test_what_no_key_begins_with_is_not_listed(store: StateStore, prefix: str) -> None:
    """A listing of what cannot be there is a mistake, not an empty list."""
    for read in (store.list, store.latest):
        with pytest.raises(ValueError, match="No key can begin with"):
            read(prefix)


class Operation(NamedTuple):
    """Something done to a store; a save that does not look first expects nothing to be there."""

    name: str
    key: str
    document: bytes
    looks_first: bool


OPERATIONS = st.builds(
    Operation,
    st.sampled_from(["save", "save", "put", "copy", "remove", "list", "latest"]),
    st.sampled_from(["a/1", "a/2", "b"]),
    st.sampled_from([b"x", b"y", b""]),
    st.booleans(),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=st.lists(OPERATIONS, max_size=12))
def test_every_store_behaves_like_the_one_in_memory(new_store: NewStore, operations: list[Operation]) -> None:
    """Whatever is done in whatever order, each store answers as the model does."""
    model, store = MemoryStore(), new_store()

    assert [outcome(model, each) for each in operations] == [outcome(store, each) for each in operations]


def outcome(store: StateStore, operation: Operation) -> object:
    """Do it and say what came of it, in words that hold for every store."""
    match operation:
        case Operation("list", key):
            return store.list(key)
        case Operation("latest", key):
            # In which order depends on how finely a store tells the time.
            return sorted(store.latest(key))
        case Operation("remove", key):
            store.remove(key)
            return document_of(store, key)
        case Operation("put", key, document):
            store.put(key, document)
            return document_of(store, key)
        case Operation("copy", key):
            found = store.load(key)
            version = found.version if isinstance(found, Loaded) else '"e"'
            return type(store.copy(key, version, "c")), document_of(store, "c")
        case Operation(_, key, document, looks_first):
            found = store.load(key)
            expected = found.version if isinstance(found, Loaded) and looks_first else None
            return type(store.save(key, document, expected)), document_of(store, key)
