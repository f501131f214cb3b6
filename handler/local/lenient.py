"""Reads a configuration of which some secrets are not there, for what can be done without them.

Whoever looks after the state need not hold the channels' addresses: where one is not there something else
stands for it, and nothing may ever be sent to that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

from handler.configuration import Outside, read_configuration, reader
from handler.local.configuration import Configuration
from handler.runtimes import Runtime
from handler.settings import Settings
from handler.settings.sources import find_source
from handler.settings.tree import Path, Place, Tree, kept_in, matches, variables_in

_SECRETS: Final[tuple[Place, ...]] = (("channels", "*", "url"), ("http", "token"), ("heartbeat", "url"))
"""What is not needed to look."""

STAND_IN: Final = "https://not-known.invalid/"
"""Stands for a value of theirs that is not there: each of them may look like that."""

_STAND_IN_INSIDE: Final = "1"
"""Stands for a part of an address: it may be a host, a port, or anything else there."""


class LenientReading(NamedTuple):
    """The settings, and of which of the secrets a value is not there: each with what it needs."""

    settings: Settings
    missing: Mapping[Path, str]


def read_leniently(
    configuration: Configuration, runtime: Runtime, outside: Outside, *, asks_for_all: bool = False
) -> LenientReading:
    """Read the configuration.

    Args:
        configuration: Where it is.
        runtime: Finds variables.
        outside: Reads what does not lie on this machine.
        asks_for_all: Whether secrets that are kept in AWS are asked for; else they count as not there.

    Raises:
        SettingsError: There is none, or something else is wrong with it.
        UnavailableError: It cannot be read now, or not by us.
    """
    tree = find_source(runtime.lookup, reader(outside), configuration.path).tree
    secrets, others = dict(_secrets_in(tree)), _without_secrets(tree)
    spare = variables_in([*secrets.values()]) - variables_in(others)
    lenient = _Lenient(outside, secrets, kept_in(others), asks_for_all=asks_for_all)

    def lookup(name: str) -> str | None:
        return runtime.lookup(name) or (_stand_in_for(name, secrets) if name in spare else None)

    settings = read_configuration(lookup, lenient, configuration.path)
    needs = {
        **{name: f"the variable {name}, which is not set here" for name in spare if not runtime.lookup(name)},
        **lenient.missing,
    }
    missing = {path: _needs_of(secret, needs) for path, secret in secrets.items()}
    return LenientReading(settings, {path: said for path, said in missing.items() if said})


class _Lenient:
    """An `Outside` of which only the needed values have to be there; those `missing` were not."""

    def __init__(
        self, outside: Outside, secrets: Mapping[Path, Tree], needed: Collection[str], *, asks_for_all: bool
    ) -> None:
        self.missing: dict[str, str] = {}
        self._secrets = secrets
        self._outside = outside
        self._needed = needed
        self._asks_for_all = asks_for_all

    def read(self, address: str) -> str | None:
        return self._outside.read(address)

    def fetch(self, references: Collection[str]) -> Mapping[str, str | LookupError]:
        asked = [each for each in references if self._asks_for_all or each in self._needed]
        fetched = self._outside.fetch(asked) if asked else {}
        return {each: self._or_stand_in(each, fetched.get(each)) for each in references}

    def _or_stand_in(self, reference: str, value: str | LookupError | None) -> str | LookupError:
        if value is not None and (isinstance(value, str) or reference in self._needed):
            return value
        self.missing[reference] = reference if value is None else str(value).removeprefix("needs ")
        return _stand_in_for(reference, self._secrets)


def _stand_in_for(name: str, secrets: Mapping[Path, Tree]) -> str:
    """What stands for a value: another one where it is but a part of an address, behind how that begins."""
    taken = f"${{{name}}}"
    texts = [str(text) for path, text in secrets.items() if path[-1] == "url"]
    is_whole = taken in map(str, secrets.values())
    is_inside = not is_whole and any(taken in text and not text.startswith(taken) for text in texts)
    return _STAND_IN_INSIDE if is_inside else STAND_IN


def _secrets_in(tree: Tree, path: Path = ()) -> Iterator[tuple[Path, Tree]]:
    if isinstance(tree, dict):
        for key, below in tree.items():
            yield from _secrets_in(below, (*path, key))
    elif any(matches(place, path) for place in _SECRETS):
        yield path, tree


def _without_secrets(tree: Tree, path: Path = ()) -> Tree:
    if isinstance(tree, dict):
        return {key: _without_secrets(below, (*path, key)) for key, below in tree.items()}
    return None if any(matches(place, path) for place in _SECRETS) else tree


def _needs_of(secret: Tree, needs: Mapping[str, str]) -> str:
    """Say what a secret needs that is not there; nothing where all of it is."""
    return " and ".join(
        needs[name] for name in sorted(variables_in(secret) | kept_in(secret)) if name in needs
    )
