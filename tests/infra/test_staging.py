"""What goes into a zip, and what keeps it from being built: names that two want, files that nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.staging import add_ours, owners, refuse_collisions
from infra.targets import PackagingError


def distribute(folder: Path, name: str, *files: str) -> None:
    """Put files into a folder as an installation of a distribution leaves them."""
    metadata = f"{name}-1.0.dist-info"
    for path in (*files, f"{metadata}/METADATA"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    record = [*files, f"{metadata}/METADATA", f"{metadata}/RECORD"]
    (folder / metadata / "RECORD").write_text("".join(f'"{path}",,\n' for path in record), encoding="utf-8")


@pytest.mark.parametrize(
    "file",
    [
        "handler/__init__.py",
        "Handler/__init__.py",
        "handler.py",
        "notifiers/core.py",
        "notifiers.cpython-312-x86_64-linux-gnu.so",
        "infra/x.py",
        "index.py",
        "INDEX.PY",
        "index/__init__.py",
        "headway.yaml",
        "Headway.YAML",
    ],
)
def test_a_dependency_that_takes_a_name_of_ours_is_refused(file: str, tmp_path: Path) -> None:
    """By the name and by who brought it."""
    distribute(tmp_path, "innocent", "innocent/__init__.py")
    distribute(tmp_path, "culprit", file, "culprit.py")
    top = file.partition("/")[0]

    with pytest.raises(PackagingError, match=f"^A dependency brings {top}, .* installed by culprit\\.$"):
        refuse_collisions(tmp_path, owners(tmp_path))


def test_two_dependencies_with_one_file_are_refused(tmp_path: Path) -> None:
    """By both names and the file's, however it is written down."""
    distribute(tmp_path, "one", "shared/__init__.py", "shared/one.py")
    distribute(tmp_path, "two", "shared/../shared/__init__.py")

    with pytest.raises(PackagingError, match=r"^one and two both install shared/__init__\.py\.$"):
        refuse_collisions(tmp_path, owners(tmp_path))


def test_dependencies_that_only_share_a_folder_are_fine(tmp_path: Path) -> None:
    """As namespace packages do; names that merely begin like ours are fine as well."""
    distribute(tmp_path, "one", "shared/one.py", "handlers/__init__.py")
    distribute(tmp_path, "handler_tools", "shared/two.py", "index_of/__init__.py")

    refuse_collisions(tmp_path, owners(tmp_path))


def test_a_dependency_that_does_not_say_what_it_installed_is_refused(tmp_path: Path) -> None:
    """For it could have overwritten anything."""
    (tmp_path / "silent-1.0.dist-info").mkdir()

    with pytest.raises(PackagingError, match=r"^silent-1\.0\.dist-info has no RECORD"):
        owners(tmp_path)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A checkout with a bit of everything."""
    files = (
        *("handler/__init__.py", "handler/core/ledger.schema.json", "handler/py.typed", "handler/locals.py"),
        *("handler/local/cli.py", "handler/.env", "handler/__pycache__/x.cpython-312.pyc", "notifiers/x.j2"),
        *("infra/index.py", "infra/package.py", "headway.yaml", ".env"),
        *("handler/README.md", "notifiers/services/README.md"),
    )
    for path in files:
        (tmp_path / "repository" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "repository" / path).write_text(path, encoding="utf-8")
    return tmp_path / "repository"


@pytest.mark.parametrize("config", [None, b"state: memory"])
def test_our_packages_the_entry_and_a_named_configuration_are_added(
    config: bytes | None, repository: Path, tmp_path: Path
) -> None:
    """No command line, page or hidden file, no bytecode of whoever builds, no configuration lying there."""
    folder = tmp_path / "code"
    folder.mkdir()
    add_ours(repository, folder, config)
    added = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    named = {} if config is None else {"headway.yaml": config}

    assert added == named | {
        "handler/__init__.py": b"handler/__init__.py",
        "handler/core/ledger.schema.json": b"handler/core/ledger.schema.json",
        "handler/locals.py": b"handler/locals.py",
        "handler/py.typed": b"handler/py.typed",
        "index.py": b"infra/index.py",
        "notifiers/x.j2": b"notifiers/x.j2",
    }


@pytest.mark.parametrize(
    ("name", "target"), [("inside.json", "outside.json"), ("folder", "."), ("broken.py", "nowhere.py")]
)
def test_a_link_among_ours_is_refused(name: str, target: str, repository: Path, tmp_path: Path) -> None:
    """It may lead to anything on this machine, whatever its name says."""
    (tmp_path / "outside.json").write_text("{}", encoding="utf-8")
    (repository / "handler" / name).symlink_to(tmp_path / target)

    with pytest.raises(PackagingError, match=f"handler/{name} is a link"):
        add_ours(repository, tmp_path / "code", None)


@pytest.mark.parametrize("name", ["secret.pem", "entry.py.orig", "headway.yaml"])
def test_a_file_of_an_unknown_kind_among_ours_is_refused(name: str, repository: Path, tmp_path: Path) -> None:
    """By its name, rather than shipped or silently left out."""
    (repository / "handler" / name).touch()

    with pytest.raises(PackagingError, match=f"handler/{name} is of no kind that is shipped"):
        add_ours(repository, tmp_path / "code", None)
