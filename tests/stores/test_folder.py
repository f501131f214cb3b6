"""The folder store: what it leaves on the disk, and what it says when the disk does not take it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from handler.stores.folder import FolderStore
from handler.stores.port import Absent, Committed, Loaded, StateUnavailableError, UnusableDocumentError
from tests.stores.building import utc_now

KEY = "changes/i/t.json"


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """A store in a folder of its own."""
    return FolderStore(tmp_path / "state", utc_now)


def test_a_document_is_a_file_that_people_can_read(store: FolderStore, tmp_path: Path) -> None:
    """Its key is its path, its content the document and nothing else."""
    store.save(KEY, b'{"schema": 1}', None)

    assert (tmp_path / "state" / KEY).read_bytes() == b'{"schema": 1}'


def test_looking_leaves_nothing_behind(store: FolderStore, tmp_path: Path) -> None:
    """Neither reading nor removing what is not there makes a folder."""
    store.load(KEY)
    store.list("active/")
    store.latest("changes/")
    store.remove(KEY)

    assert list(tmp_path.iterdir()) == []


def test_what_a_crash_left_behind_is_not_listed_and_taken_over(store: FolderStore, tmp_path: Path) -> None:
    """Half a document beside the real one does no harm, and does not pile up."""
    folder = tmp_path / "state" / "changes" / "i"
    folder.mkdir(parents=True)
    (folder / "t.json~new").write_bytes(b"half a docu")
    (folder / "not ours.txt").write_bytes(b"")

    assert store.list("") == []
    assert isinstance(store.load(KEY), Absent)
    assert isinstance(store.save(KEY, b"doc", None), Committed)
    assert store.list("") == [KEY]
    assert sorted(each.name for each in folder.iterdir()) == ["not ours.txt", "t.json", "t.json~lock"]


def test_what_is_removed_while_it_is_listed_comes_last(tmp_path: Path) -> None:
    """Nobody knows any more when it was written; the others are there."""

    class Overtaken(FolderStore):
        def list(self, prefix: str) -> list[str]:
            return ["changes/a/gone.json", *super().list(prefix)]

    store = Overtaken(tmp_path / "state", utc_now)
    store.put(KEY, b"doc")

    assert store.latest("changes/") == [KEY, "changes/a/gone.json"]


def test_documents_survive_the_process(store: FolderStore, tmp_path: Path) -> None:
    """Another process finds what this one saved, under the same version."""
    saved = store.save(KEY, b"doc", None)
    found = FolderStore(tmp_path / "state", utc_now).load(KEY)

    assert isinstance(saved, Committed)
    assert isinstance(found, Loaded)
    assert found.version == saved.version


OPERATIONS: dict[str, Callable[[FolderStore], object]] = {
    "load": lambda store: store.load(KEY),
    "save": lambda store: store.save(KEY, b"doc", None),
    "put": lambda store: store.put(KEY, b"doc"),
    "copy": lambda store: store.copy(KEY, "v", "aside/x"),
    "list": lambda store: store.list("changes/i/"),
    "latest": lambda store: store.latest("changes/i/"),
    "remove": lambda store: store.remove(KEY),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path, operation: str) -> None:
    """A link that leads nowhere is a trouble of the state, told with its reason."""
    directory = tmp_path / "state"
    directory.symlink_to(directory)
    with pytest.raises(StateUnavailableError, match=rf"^The folder {directory} cannot be used: \w.*\w\.$"):
        OPERATIONS[operation](FolderStore(directory, utc_now))


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("below", ["", "folder"])
def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path, operation: str, below: str) -> None:
    """So is a file where the folder should be, or one above it: not even a list of it is empty."""
    directory = tmp_path / "state" / below
    (tmp_path / "state").write_text("a file")
    with pytest.raises(StateUnavailableError, match=rf"^The folder {directory} cannot be used: \w.*\w\.$"):
        OPERATIONS[operation](FolderStore(directory, utc_now))


@pytest.mark.parametrize("operation", ["load", "save", "put"])
def test_a_folder_in_place_of_a_document_is_named(store: FolderStore, tmp_path: Path, operation: str) -> None:
    """It is that document's trouble, and no other's."""
    stray = tmp_path / "state" / KEY
    stray.mkdir(parents=True)
    store.put("changes/i/other.json", b"doc")
    with pytest.raises(UnusableDocumentError, match=rf"^The file {stray} cannot be used: Is a directory\.$"):
        OPERATIONS[operation](store)

    assert isinstance(store.load("changes/i/other.json"), Loaded)


def test_where_a_document_stands_nothing_is_beneath(store: FolderStore) -> None:
    """In a bucket there could be; here the list of it is empty."""
    store.put("active/inst", b"")

    assert store.list("active/inst/") == []


def test_copies_that_cross_do_not_wait_for_each_other(store: FolderStore) -> None:
    """Each takes both locks, always in the same order; a copy onto itself takes one."""
    for key in ("a", "b"):
        store.put(key, b"same")
    version = hashlib.sha256(b"same").hexdigest()
    with ThreadPoolExecutor(8) as threads:
        pairs = [("a", "b"), ("b", "a"), ("a", "a")] * 20
        copied = list(threads.map(lambda pair: store.copy(pair[0], version, pair[1]), pairs))

    assert copied == [Committed(version)] * len(pairs)


def test_a_disk_that_is_full_costs_nothing_saved(tmp_path: Path) -> None:
    """The older document stays whole, and the next save works again when there is room.

    In a process of its own, because the limit holds for every file that a process writes; one of them holds
    what coverage has measured.
    """
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from handler.stores.folder import FolderStore\n"
        "from handler.stores.port import StateUnavailableError\n"
        "store = FolderStore(Path(sys.argv[1]), lambda: None)\n"
        "first = store.save('a/b', b'one', None)\n"
        "unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, unlimited[1]))\n"
        "try: store.save('a/b', b'.' * 5000, first.version)\n"
        "except StateUnavailableError as error: print(error)\n"
        "print(type(store.save('a/b', b'two', first.version)).__name__, store.list(''))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()  # noqa: S603 — our own words

    assert said == [f"The folder {tmp_path} cannot be used: File too large.", "Committed ['a/b']"]


def test_a_platform_without_file_locks_is_told_so() -> None:
    """On Windows the folder store refuses at once, with what to do instead."""
    program = (
        "import sys; sys.modules['fcntl'] = None\n"
        "from handler.stores.folder import FolderStore\n"
        "try: FolderStore(None, None)\n"
        "except ValueError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)  # noqa: S603 — our own words

    assert said.stdout.startswith("a folder needs POSIX file locks")
