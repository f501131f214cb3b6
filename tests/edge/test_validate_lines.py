"""Where in a YAML text keys and entries stand."""

from __future__ import annotations

from collections.abc import Iterator

import yaml
from hypothesis import given
from hypothesis import strategies as st

from handler.settings.lines import find_marks, nearest_mark
from handler.settings.tree import Mark, Path, Tree
from handler.settings.yaml_text import parse_yaml

TEXT = """\
huaweicloud:
  region: eu-west-101

watches:
  - instance_id: i-1
    name:
  - {instance_id: i-2,
     name: orders}
channels: {team: {url: 'json://h'},
  on-call: &a {url: "x"}}
links: *a
"""


def test_keys_and_entries_have_lines_and_columns() -> None:
    """A key's are those of its name; one without a value has some, too."""
    marks = find_marks(TEXT)

    assert marks == {
        (): Mark(1, 1),
        ("huaweicloud",): Mark(1, 1),
        ("huaweicloud", "region"): Mark(2, 3),
        ("watches",): Mark(4, 1),
        ("watches", 0): Mark(5, 5),
        ("watches", 0, "instance_id"): Mark(5, 5),
        ("watches", 0, "name"): Mark(6, 5),
        ("watches", 1): Mark(7, 5),
        ("watches", 1, "instance_id"): Mark(7, 6),
        ("watches", 1, "name"): Mark(8, 6),
        ("channels",): Mark(9, 1),
        ("channels", "team"): Mark(9, 12),
        ("channels", "team", "url"): Mark(9, 19),
        ("channels", "on-call"): Mark(10, 3),
        ("channels", "on-call", "url"): Mark(10, 16),
        ("links",): Mark(11, 1),
        ("links", "url"): Mark(10, 16),
    }


def test_what_is_missing_stands_where_its_section_does() -> None:
    """The nearest there is."""
    marks = find_marks(TEXT)

    assert nearest_mark(marks, ("huaweicloud", "project_id")) == Mark(2, 3)._replace(line=1, column=1)
    assert nearest_mark(marks, ("http", "token")) == Mark(1, 1)
    assert nearest_mark(marks, ("watches", 1, "task_id")) == Mark(7, 5)
    assert nearest_mark({}, ("http",)) is None


def test_what_is_no_yaml_has_no_lines() -> None:
    """Its mistake says where it is itself."""
    assert find_marks("a: [b") == {}
    assert find_marks("") == {}
    assert find_marks("[" * 500) == {}


KEYS = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=8)
TREES = st.recursive(
    st.text(max_size=8), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)


def paths(tree: Tree, path: Path = ()) -> Iterator[Path]:
    """All paths in a tree."""
    yield path
    for part, inner in tree.items() if isinstance(tree, dict) else ():
        yield from paths(inner, (*path, part))
    for index, inner in enumerate(tree) if isinstance(tree, list) else ():
        yield from paths(inner, (*path, index))


@given(st.dictionaries(KEYS, TREES, max_size=4), st.booleans())
def test_whatever_can_be_read_has_a_line(tree: Tree, flow: bool) -> None:  # noqa: FBT001 - a strategy's
    """Every key and every entry, and a key's line holds the key."""
    text = yaml.safe_dump(tree, allow_unicode=True, default_flow_style=flow)
    read, _ = parse_yaml(text)
    marks = find_marks(text)
    lines = text.splitlines()

    assert {*paths(read)} <= marks.keys()
    for path, mark in marks.items():
        if path and isinstance(path[-1], str):
            assert lines[mark.line - 1][mark.column - 1 :].lstrip("?'\" ").startswith(path[-1][:1])
