"""`make deploy-huaweicloud` as people run it, in a copy of the repository, on stand-ins.

They stand in for the provider, the API that invokes functions, FunctionGraph, OBS with its rights, and DMS.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from typing_extensions import Self

from handler.huaweicloud.signing import Credentials
from tests.fakes.functiongraph_api import FakeFunctionGraph
from tests.fakes.invoke_api import Result
from tests.fakes.webhook_server import Answer
from tests.infra.checkout import REFUSED, STARTED, TRIED, Checkout
from tests.infra.huaweicloud_site import DeployedSite
from tests.infra.provider.server import Provider
from tests.infra.terraform import NEEDS_TERRAFORM
from tests.platforms.functiongraph_code import configuration
from tests.platforms.packages import ARCHITECTURE, Interpreter, Package, interpreters
from tests.platforms.read_only import protect
from tests.platforms.services import CHANGE, HOOK_TOKEN, HTTP_TOKEN, NAME

KEYS: Final = Credentials("DEPLOYERSKEY", "deployers/secret+key")
POSSIBLE: Final = [each for each in interpreters("3.12", "3.10") if each.minor in {"3.12", "3.10"}]
pytestmark = [
    NEEDS_TERRAFORM,
    pytest.mark.skipif(not POSSIBLE, reason="FunctionGraph has no Python that is on this machine"),
    pytest.mark.skipif(ARCHITECTURE != "x86_64", reason="FunctionGraph's zips are for x86_64"),
]


class Place:
    """A checkout, and the FunctionGraph that it is deployed to, for the time of a `with` block."""

    def __init__(self, root: Path, interpreter: Interpreter) -> None:
        """Serve nothing yet, and have nothing deployed yet."""
        self.checkout = Checkout(root / "checkout", "huaweicloud")
        self.site = DeployedSite(Package(root / "function" / "code", interpreter, root))
        self.provider = Provider()
        self.api = FakeFunctionGraph(self._invoke, KEYS)
        self._stack = ExitStack()
        self._headway: Any = None

    def __enter__(self) -> Self:
        """Serve."""
        for server in (self.site, self.provider, self.api):
            self._stack.enter_context(server)
        secrets = {"HOOK": self.site.channel, "TOKEN": HTTP_TOKEN}
        self.checkout.environ = {
            **self.provider.environ,
            # No other Python is found, so that nothing is compiled, which takes longest.
            "PYENV_ROOT": os.devnull,
            "HW_ACCESS_KEY": KEYS.access_key,
            "HW_SECRET_KEY": KEYS.secret_key,
            "TF_VAR_secrets": json.dumps(secrets),
        }
        return self

    def __exit__(self, *_: object) -> None:
        """End the function, and stop serving."""
        self._stack.close()

    @property
    def configuration(self) -> str:
        """What is to be deployed."""
        named = {**CHANGE._asdict(), "name": NAME}
        return configuration(self.site, [], watches=[named], channels={"hook": {"url": "${HOOK}"}})

    def deploy(self, *variables: str) -> Any:  # noqa: ANN401 - what came of it
        """Deploy for a Python of this machine; nothing that is said holds a secret."""
        version = f"PYTHON_VERSION={self.site.package.interpreter.minor}"
        done = self.checkout.deploy(version, f"INVOKE_AT={self.api.endpoint}", *variables)
        assert not self.site.leaks(done.stdout + done.stderr)
        return done

    def _invoke(self, event: object) -> Result:
        """Run what is deployed, from its own zip; started at the first call."""
        if self._headway is None:
            self._headway = self._stack.enter_context(self._started())
        answer = self._headway.call(event)
        return Result(answer.error, has_failed=True) if answer.error else Result(answer.result)

    def _started(self) -> AbstractContextManager[Any]:
        state = self.checkout.terraform(self.provider.environ).state()
        (module,) = state["values"]["root_module"]["child_modules"]
        named = {
            each["address"].removeprefix("module.headway."): each["values"] for each in module["resources"]
        }
        source = named["huaweicloud_obs_bucket_object.package"]["source"]
        package = self.site.package._replace(archive=(self.checkout.folder / source).resolve())
        with zipfile.ZipFile(package.archive) as opened:
            opened.extractall(package.root)
        protect(package.root)
        self.site.made, self.site.package = named, package
        self.site.begin()
        return self.site.deployed()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Nothing is deployed yet."""
    with Place(tmp_path_factory.mktemp("place"), POSSIBLE[0]) as place:
        yield place


def test_a_mistake_in_the_configuration_keeps_it_from_being_deployed(place: Place) -> None:
    """It is told by its key, and nothing is made."""
    place.checkout.configure(place.configuration.replace("watches", "watch"))

    done = place.deploy("APPROVE=yes")

    assert done.returncode != 0
    (line,) = (line for line in done.stderr.splitlines() if "watch:" in line)
    place_in_file, _, told = line.partition(": ")
    assert re.fullmatch(r"/.+/headway\.yaml:\d+", place_in_file)
    assert told == "watch: is no key that Headway knows; perhaps watches was meant."
    assert not place.provider.cloud.applied


def test_nothing_is_made_before_somebody_has_approved(place: Place) -> None:
    """Terraform shows what it would do, and asks; here nobody answers."""
    place.checkout.configure(place.configuration)

    done = place.deploy()

    assert done.returncode != 0
    assert "Only 'yes' will be accepted to approve" in done.stdout
    assert not place.provider.cloud.applied


def test_a_test_alert_that_is_refused_is_a_failure(place: Place) -> None:
    """With what the service answered; what was made stays, and the look before went well."""
    place.checkout.configure(place.configuration)
    place.site.webhooks.script(f"/{HOOK_TOKEN}", Answer(), Answer(status=404))

    done = place.deploy("APPROVE=yes")

    assert done.returncode != 0
    assert done.stdout.endswith(f"  hook: 2 alerts sent\n{REFUSED}"), done.stdout + done.stderr
    assert place.site.titles == [STARTED, TRIED]
    assert "fgs_function" in {each.kind for each in place.provider.cloud.applied}


def test_once_all_is_right_the_test_alert_is_there(place: Place) -> None:
    """What has not changed is not deployed again, and what was told is not told again."""
    place.checkout.configure(place.configuration)
    place.site.webhooks.requests.clear()
    place.site.webhooks.script(f"/{HOOK_TOKEN}", Answer())

    done = place.deploy("APPROVE=yes")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "No changes." in done.stdout
    assert done.stdout.endswith("hook (json): sent\n")
    assert place.site.titles == [TRIED]
