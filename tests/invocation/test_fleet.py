"""Which changes an invocation looks at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from handler.core.change import ChangeId, Watch
from handler.fleet import select, shard_of
from handler.scope import Scope

changes = st.builds(ChangeId, st.text(min_size=1, max_size=9), st.text(min_size=1, max_size=9))
fleets = st.lists(changes, unique=True, max_size=20).map(lambda ids: [Watch(change, "n") for change in ids])


@given(fleets, st.integers(1, 9))
def test_shards_share_all_changes_without_overlap(watches: list[Watch], count: int) -> None:
    """Each change falls to exactly one part."""
    parts = [select(watches, Scope(shard=(index, count))) for index in range(1, count + 1)]

    assert sorted(watch for part in parts for watch in part) == sorted(watches)


def test_a_change_falls_to_the_same_part_everywhere() -> None:
    """The hash is fixed for good: a function of another version must not take over another part."""
    assert shard_of(ChangeId("inst", "task"), 8) == 6


@given(fleets)
def test_only_the_named_changes_are_selected(watches: list[Watch]) -> None:
    """No name means all."""
    named = {watch.change for watch in watches[::2]}

    assert select(watches, Scope()) == watches
    assert select(watches, Scope(only=tuple(named))) == (watches[::2] if named else watches)


@given(fleets)
def test_a_hint_selects_the_changes_of_its_instance(watches: list[Watch]) -> None:
    """Whatever else the instance is called like."""
    scope = Scope(instance_id=watches[0].change.instance_id if watches else "i")

    assert select(watches, scope) == [w for w in watches if w.change.instance_id == scope.instance_id]
