"""Markers: empty documents whose names alone say what to look at, so that one LIST tells it all.

    active/INSTANCE/TASK             a change to be followed to its end
    active/INSTANCE/_expected-TIME   an instance whose next change is to be followed
    active/_told/INSTANCE/TASK/TIME  a change that was told to its end: it need not be looked at again
    active/_change/NAME              a kind of task that has been seen to change capacity
    active/_other/NAME               a kind of task that has been seen to be something else
    active/_key/KEY/refused-TIME     the API refused the access key that goes by this name
    active/_doctor/NAME/…            what `headway doctor` tries out for a moment; it says nothing

TIME is in seconds since 1970; no id begins with `_`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Final, NamedTuple

from handler.core.change import ID, ChangeId
from handler.stores.keys import ACTIVE
from handler.stores.port import StateStore

_NAME: Final = r"[A-Za-z0-9_-]{1,64}"
_KIND: Final = re.compile(_NAME)
_TIME: Final = r"(\d{1,11})"
_CHANGE: Final = re.compile(f"({ID})/({ID})")
_EXPECTED: Final = re.compile(f"({ID})/_expected-{_TIME}")
_TOLD: Final = re.compile(f"_told/({ID})/({ID})/{_TIME}")
KEPT_FOR: Final = timedelta(days=1)
_CHANGE_KIND: Final = re.compile(f"_change/({_NAME})")
_OTHER_KIND: Final = re.compile(f"_other/({_NAME})")
_REFUSED: Final = re.compile(f"_key/({_NAME})/refused-{_TIME}")


class Marked(NamedTuple):
    """What the markers say.

    `changes` are to be followed; of the instances in `expected` one is, since when; those in `told` are
    over, since when. `change_kinds` and `other_kinds` are what is known of tasks by their names. The access
    key was `refused` at these moments, and `others_refused` are those of other keys.
    """

    changes: frozenset[ChangeId] = frozenset()
    expected: Mapping[str, datetime] = {}
    told: Mapping[ChangeId, datetime] = {}
    change_kinds: frozenset[str] = frozenset()
    other_kinds: frozenset[str] = frozenset()
    refused: frozenset[datetime] = frozenset()
    others_refused: frozenset[datetime] = frozenset()


class Markers:
    """The markers in a state store; each operation raises StateUnavailableError if it may not be done."""

    def __init__(self, store: StateStore, key_name: str = "key") -> None:
        """Take the store, and what the access key in use is told from others by."""
        self._store = store
        self._key_name = key_name

    def find(self) -> Marked:
        """Read them all, with one LIST per thousand; refusals of the key in use stand apart."""
        return read_marked(self._store.list(ACTIVE), self._key_name)

    def is_followed(self, change: ChangeId) -> bool:
        """Whether a change is to be followed, with one LIST."""
        key = f"{ACTIVE}{change}"
        # A longer id may begin alike.
        return key in self._store.list(key)

    def follow(self, change: ChangeId) -> None:
        """Have a change followed; to do so twice changes nothing."""
        self._put(str(change))

    def drop(self, change: ChangeId) -> None:
        """Follow a change no longer."""
        self._remove(str(change))

    def expect(self, instance_id: str, now: datetime) -> None:
        """Have an instance's next change followed, whichever it is."""
        self._put(_expected(instance_id, now))

    def fulfil(self, instance_id: str, since: datetime) -> None:
        """Expect nothing of an instance any longer that was expected by then, however often."""
        for key in self._store.list(f"{ACTIVE}{instance_id}/_expected-"):
            match = _EXPECTED.fullmatch(key.removeprefix(ACTIVE))
            if match and _moment(match[2]) <= since:
                self._store.remove(key)

    def note_told(self, change: ChangeId, now: datetime) -> None:
        """Note that a change was told to its end."""
        self._put(_told(change, now))

    def forget_told(self, change: ChangeId, since: datetime) -> None:
        """Forget that a change was told to its end."""
        self._remove(_told(change, since))

    def note_kind(self, name: str, *, is_change: bool) -> None:
        """Note of a kind of task whether it changes capacity; a name that can be no key is not noted."""
        if _KIND.fullmatch(name):
            self._put(f"_{'change' if is_change else 'other'}/{name}")

    def forget_other_kind(self, name: str) -> None:
        """Forget that a kind of task is something else."""
        self._remove(f"_other/{name}")

    def note_refusal(self, now: datetime) -> None:
        """Note that the access key was refused; what was noted of any key a day ago is of no use any more."""
        self._put(_refused(self._key_name, now))
        for key in self._store.list(f"{ACTIVE}_key/"):
            match = _REFUSED.fullmatch(key.removeprefix(ACTIVE))
            if match and now - _moment(match[2]) > KEPT_FOR:
                self._store.remove(key)

    def forget_refusal(self, moment: datetime) -> None:
        """Forget that the access key was refused then."""
        self._remove(_refused(self._key_name, moment))

    def _put(self, name: str) -> None:
        self._store.put(f"{ACTIVE}{name}", b"")

    def _remove(self, name: str) -> None:
        self._store.remove(f"{ACTIVE}{name}")


def read_marked(keys: Iterable[str], key_name: str) -> Marked:
    """Tell what the names of markers say, for whoever uses this access key; other names say nothing."""
    names = [key.removeprefix(ACTIVE) for key in keys]
    refused = [(match[1] == key_name, _moment(match[2])) for match in _matches(_REFUSED, names)]
    return Marked(
        changes=frozenset(ChangeId(match[1], match[2]) for match in _matches(_CHANGE, names)),
        expected={match[1]: _moment(match[2]) for match in _matches(_EXPECTED, names)},
        told={ChangeId(match[1], match[2]): _moment(match[3]) for match in _matches(_TOLD, names)},
        change_kinds=frozenset(match[1] for match in _matches(_CHANGE_KIND, names)),
        other_kinds=frozenset(match[1] for match in _matches(_OTHER_KIND, names)),
        refused=frozenset(moment for is_ours, moment in refused if is_ours),
        others_refused=frozenset(moment for is_ours, moment in refused if not is_ours),
    )


def _matches(pattern: re.Pattern[str], names: Iterable[str]) -> Iterable[re.Match[str]]:
    return filter(None, map(pattern.fullmatch, names))


def _moment(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), timezone.utc)


def _expected(instance_id: str, since: datetime) -> str:
    return f"{instance_id}/_expected-{int(since.timestamp())}"


def _told(change: ChangeId, since: datetime) -> str:
    return f"_told/{change}/{int(since.timestamp())}"


def _refused(key_name: str, moment: datetime) -> str:
    return f"_key/{key_name}/refused-{int(moment.timestamp())}"
