"""Own templates that a configuration names are shipped beside it, or refused with the key that names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.own_templates import add_templates, read_templates
from infra.targets import PackagingError

RESERVED = frozenset({"handler", "notifiers"})


def config_with(folder: Path, templates: str) -> tuple[Path, bytes]:
    """A configuration with one channel that names a folder of templates."""
    content = f"channels:\n  ops:\n    url: json://127.0.0.1\n    templates: {templates}\n".encode()
    return folder / "headway.yaml", content


def test_the_templates_of_a_folder_are_found_by_their_path_in_the_zip(tmp_path: Path) -> None:
    """Only templates, with the folders they lie in."""
    (tmp_path / "wording" / "slack").mkdir(parents=True)
    (tmp_path / "wording" / "slack" / "message.j2").write_bytes(b"{{ title }}")
    (tmp_path / "wording" / "notes.txt").write_bytes(b"not for the function")

    found = read_templates(*config_with(tmp_path, "wording"), RESERVED)

    assert found == {"wording/slack/message.j2": b"{{ title }}"}


def test_found_templates_are_put_where_the_configuration_names_them(tmp_path: Path) -> None:
    """In the folder that becomes the zip."""
    add_templates({"wording/slack/message.j2": b"{{ title }}"}, tmp_path)

    assert (tmp_path / "wording" / "slack" / "message.j2").read_bytes() == b"{{ title }}"


@pytest.mark.parametrize("folder", ["../wording", "wording/../..", "handler", "notifiers/templates", "."])
def test_a_folder_that_is_not_beside_the_configuration_is_refused(tmp_path: Path, folder: str) -> None:
    """And one of a name that others have."""
    with pytest.raises(PackagingError, match=r"channels\.ops\.templates has to be a folder beside"):
        read_templates(*config_with(tmp_path, folder), RESERVED)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Else every message would come in our form, with a note."""
    with pytest.raises(PackagingError, match=r"channels\.ops\.templates names a folder that is not there"):
        read_templates(*config_with(tmp_path, "wording"), RESERVED)


@pytest.mark.parametrize("name", ["secret.j2", "secrets", "notes.txt"])
def test_a_link_among_templates_is_refused(tmp_path: Path, name: str) -> None:
    """It may lead anywhere; a linked folder is not left out in silence, either."""
    (tmp_path / "wording" / "slack").mkdir(parents=True)
    (tmp_path / "wording" / "slack" / name).symlink_to("/etc")

    with pytest.raises(PackagingError, match=rf"{name}, a link"):
        read_templates(*config_with(tmp_path, "wording"), RESERVED)


@pytest.mark.parametrize("folder", ["wording", "wording/slack"])
def test_a_linked_folder_is_refused(tmp_path: Path, folder: str) -> None:
    """Also one on the way to it; where the configuration itself lies is the user's choice."""
    elsewhere, here = tmp_path / "elsewhere", tmp_path / "here"
    (elsewhere / "slack").mkdir(parents=True)
    (elsewhere / "slack" / "message.j2").write_bytes(b"secret")
    here.mkdir()
    (here / "wording").symlink_to(elsewhere)

    with pytest.raises(PackagingError, match=r"channels\.ops\.templates names a link"):
        read_templates(*config_with(here, folder), RESERVED)
    (tmp_path / "linked").symlink_to(elsewhere)
    found = read_templates(*config_with(tmp_path / "linked", "slack"), RESERVED)
    assert found == {"slack/message.j2": b"secret"}


@pytest.mark.parametrize("folder", ["${T}", "wording/${T}"])
def test_a_folder_from_a_variable_cannot_be_shipped(tmp_path: Path, folder: str) -> None:
    """Here nobody knows what the function's variables will say."""
    with pytest.raises(PackagingError, match=r"templates is a variable's value; the folder .* written out"):
        read_templates(*config_with(tmp_path, folder), RESERVED)


@pytest.mark.parametrize("name", ["requests", "Requests", "headway.yaml"])
def test_templates_do_not_get_among_what_is_shipped_already(tmp_path: Path, name: str) -> None:
    """Nothing is written beside the modules of a dependency, or in the place of a file."""
    (tmp_path / "requests").mkdir()
    (tmp_path / "headway.yaml").touch()

    with pytest.raises(
        PackagingError, match=f"The zip has a {name} of its own: call the folder of {name}/a.j2"
    ):
        add_templates({"wording/b.j2": b"", f"{name}/a.j2": b""}, tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["headway.yaml", "requests"]


def test_an_absolute_folder_is_left_to_the_function(tmp_path: Path) -> None:
    """It lies in a mounted file system."""
    assert read_templates(*config_with(tmp_path, "/mnt/wording"), RESERVED) == {}


@pytest.mark.parametrize("content", [b"state: file:x", b"channels: []", b"channels: {ops: json}"])
def test_a_configuration_without_templates_needs_none(tmp_path: Path, content: bytes) -> None:
    """Whatever else stands in it."""
    assert read_templates(tmp_path / "headway.yaml", content, RESERVED) == {}
