"""What Huawei Cloud would say of the resources that Terraform makes: names, ids and addresses, made up.

It refuses nothing, and knows only the forms that others build on.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tests.infra.provider.changes import Invent, Values
from tests.infra.provider.schemas import Spec

REGION: Final = "eu-west-101"
PROJECT_ID: Final = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
DOMAIN_ID: Final = "d0a1b2c3d4e5f60718293a4b5c6d7e8f"


class Applied(NamedTuple):
    """A change to a resource that was carried out."""

    action: str
    """`create`, `update` or `delete`."""
    kind: str
    """The resource's type, without the provider's name before it."""
    values: Values
    """What it is like now, or was."""


_FORMS: Final[Mapping[tuple[str, str], str]] = {
    ("fgs_function", "urn"): "urn:fss:{region}:{project}:function:default:{name}:latest",
    ("fgs_function", "id"): "urn:fss:{region}:{project}:function:default:{name}:latest",
    ("identity_agency", "id"): "agency-of-{name}",
    ("identity_role", "id"): "role-of-{name}",
    ("obs_bucket", "id"): "{bucket}",
    ("obs_bucket", "bucket_domain_name"): "{bucket}.obs.{region}.myhuaweicloud.com",
    ("obs_bucket_object", "id"): "{key}",
    ("smn_topic", "id"): "urn:smn:{region}:{project}:{name}",
    ("smn_topic", "topic_urn"): "urn:smn:{region}:{project}:{name}",
}
_EMPTY: Final[Mapping[str, Any]] = {"bool": False, "int": 0, "float": 0, "list": [], "set": [], "map": {}}
_PROJECT_KEYS: Final = (("name", "name"), ("project_id", "id"))
_SLOW_SECONDS: Final = 0.5


class Cloud:
    """An account in one region. `agencies` are the names of those that somebody made by hand."""

    def __init__(self, agencies: Sequence[str] = ()) -> None:
        """Hold nothing yet."""
        self.agencies = agencies
        self.applied: list[Applied] = []
        self.slow: Collection[str] = ()
        """Kinds of resources that take their time, so that whatever does not wait for them is done before."""
        self.region = REGION
        self._numbers = itertools.count(1)

    def apply(self, change: Applied) -> None:
        """Carry out a change."""
        if change.kind in self.slow:
            time.sleep(_SLOW_SECONDS)
        self.applied.append(change)

    def inventor(self, kind: str, values: Values) -> Invent:
        """Gives what this resource's attributes turn out to be."""
        known = {name: value for name, value in values.items() if isinstance(value, str)}
        facts = {**known, "region": known.get("region", self.region), "project": PROJECT_ID}

        def invent(name: str, spec: Spec) -> Any:  # noqa: ANN401 - a value of any type
            if name == "region":
                return facts["region"]
            if (kind, name) in _FORMS:
                return _FORMS[kind, name].format(**facts)
            return _EMPTY.get(spec["type"], f"{kind}-{name}-{next(self._numbers)}")

        return invent

    def found(self, kind: str, asked: Values) -> Values:
        """What a data source gives beside what was asked for."""
        finders: Mapping[str, Callable[[Values], Values]] = {
            "account": lambda _: {"id": DOMAIN_ID, "name": "an-account"},
            "identity_agencies": self._agencies,
            "identity_projects": self._projects,
        }
        return finders[kind](asked) if kind in finders else {}

    def _agencies(self, asked: Values) -> Values:
        names = [name for name in self.agencies if asked["name"] in (None, name)]
        return {"agencies": [{"id": f"agency-of-{name}", "name": name} for name in names]}

    def _projects(self, asked: Values) -> Values:
        project = {"id": PROJECT_ID, "name": self.region}
        is_asked = all(asked[key] in (None, project[name]) for key, name in _PROJECT_KEYS)
        return {"projects": [project] if is_asked else []}
