"""Headway on the stand-in for FunctionGraph, with all that it talks to on loopback.

Every call comes with keys of its own, and DMS and OBS take only those: to keep a key is to be refused.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from handler.core.change import ChangeId
from handler.huaweicloud.signing import Credentials
from tests.fakes.dms_server import Answer, FakeDms
from tests.platforms import functiongraph
from tests.platforms.functiongraph import Instance
from tests.platforms.functiongraph_function import Agency, Function
from tests.platforms.packages import Package
from tests.platforms.services import HOOK_TOKEN, HTTP_TOKEN, Services

BEARER: Final = f"Bearer {HTTP_TOKEN}"
OTHER: Final = ChangeId("instance-2", "task-2")
"""A change that is watched where the configuration names two."""

_ENCRYPTED: Final = ("HEADWAY_CHANNELS", "HEADWAY_HTTP_TOKEN")


class RotatingDms(FakeDms):
    """DMS that takes another key from time to time, and from then on no other."""

    def take(self, credentials: Credentials) -> None:
        """Take this key."""
        self._credentials = credentials


class Site(Services):
    """The services, with keys that change from call to call; sets functions up."""

    dms: RotatingDms

    def __init__(self, package: Package) -> None:
        """Serve nothing yet; no key works yet."""
        super().__init__()
        self.dms = RotatingDms()
        self.secrets = {HTTP_TOKEN, HOOK_TOKEN}
        self.package = package
        self._numbers = itertools.count(1)

    def begin(self) -> None:
        """Forget what was asked, too; the other change stands at 20 %."""
        super().begin()
        self.dms.visits.clear()
        self.dms.script_task(OTHER, Answer.of_task("EXECUTING"))
        self.dms.script_progress(OTHER, Answer.of_progress(20, ("disk_expansion", "IN_PROGRESS")))

    def function(self, **options: Any) -> Function:  # noqa: ANN401 - whatever they are
        """Set Headway up to watch one change, its settings in plain and in encrypted user data."""
        variables = self.variables | {"HEADWAY_STATE": self.state_in_obs}
        encrypted = {name: variables.pop(name) for name in _ENCRYPTED}
        usual: dict[str, Any] = {
            "code": self.package.root,
            "python": str(self.package.interpreter.binary),
            "user_data": variables,
            "encrypted_user_data": encrypted,
        }
        return Function(**usual | options)

    def agency(self) -> Agency:
        """Keys that nobody has had before, and that alone work from now on."""
        number = next(self._numbers)
        keys = [f"{name}/of+call={number}" for name in ("AccessKey", "secretkey", "securitytoken", "iam")]
        agency = Agency(*keys)
        self.dms.take(Credentials(*keys[:3]))
        self.obs.credentials = Credentials(*keys[:3])
        self.secrets |= {*keys[1:]}
        return agency

    @contextmanager
    def running(self, function: Function) -> Iterator[Headway]:
        """Run an instance while the block runs.

        It prints a line of JSON for each call and nothing else, and nothing that it says holds a secret.
        """
        with functiongraph.running(function) as (instance, log):
            headway = Headway(self, instance)
            assert instance.loading.error is None, instance.loading.error
            yield headway
            printed = log.read_text(encoding="utf-8")
        lines = [json.loads(line) for line in printed.splitlines()]
        assert [line["request_id"] for line in lines] == headway.answered, printed
        leaks = [text for text in (printed, *headway.said) for secret in self.secrets if secret in text]
        assert not leaks, leaks


class Headway:
    """An instance of Headway, called with the keys of the hour."""

    def __init__(self, site: Site, instance: Instance) -> None:
        """Take an instance."""
        self.said: list[str] = []
        self.answered: list[str] = []
        self._site = site
        self._instance = instance

    def call(
        self, event: object, agency: Agency | None = None, remaining: object = None
    ) -> functiongraph.Answer:
        """Post an event; see `Instance.call`."""
        answer = self._instance.call(event, agency or self._site.agency(), remaining)
        self.said.append(f"{answer.result}{answer.error}")
        if not answer.is_killed:
            self.answered.append(f"request-{len(self.said)}")
        return answer

    def report(
        self, event: object, agency: Agency | None = None, remaining: object = None
    ) -> Mapping[str, Any]:
        """Post an event that is no request, and read the report in the result."""
        answer = self.call(event, agency, remaining)
        assert answer.error is None, answer.error
        report: Mapping[str, Any] = answer.json
        return report
