"""The API keeps to its own description, whatever is asked for, through the gateways of both platforms."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

import pytest
import requests

from handler.core.change import ChangeId
from handler.entry import handle
from handler.stores.folder import FolderStore
from handler.stores.markers import Markers
from handler.web.api.openapi import document
from tests.entry.loopback_site import Gateway, by_turns, serve, through_apig, through_function_url
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID, Answer, FakeDms
from tests.fakes.webhook_server import WebhookServer

TOKEN: Final = "the-token-of-this-function"
KNOWN: Final = {"Authorization": f"Bearer {TOKEN}"}
TIMER: Final = {"trigger_type": "TIMER", "user_event": ""}
RUNNING: Final = ChangeId("running", "task")
OVER: Final = ChangeId("over", "task")
DAMAGED: Final = ChangeId("damaged", "task")
SCHEMATHESIS: Final = Path(sys.executable).with_name("schemathesis")
# Hypothesis finds its tables, which take it a second to make; and before each request all variables are read.
VARIABLES: Final = {"HYPOTHESIS_STORAGE_DIRECTORY": str(Path(".hypothesis").resolve())}
RULES: Final = f"""
warnings = false
max-redirects = 0

[generation]
deterministic = true
database = "none"
max-examples = {100 if os.environ.get("HEADWAY_PROOF") == "long" else 8}
# A query's keys that are none of ours say nothing.
allow-extra-parameters = false

# Nobody looks at ids here, nor at what is kept.
[[operations]]
include-method = "OPTIONS"
checks.negative_data_rejection.enabled = false
checks.ensure_resource_availability.enabled = false
checks.use_after_free.enabled = false

# Whoever signs in is sent back to the same page, whatever that says.
[[operations]]
include-method = "POST"
include-path = ["/", "/changes/{{instance_id}}/{{task_id}}"]
checks.negative_data_rejection.enabled = false

# More has to hold than a schema can say: of cursors, of parts of a whole, of names.
[[operations]]
include-path = ["/api/changes", "/api/check", "/api/watches"]
checks.positive_data_acceptance.enabled = false
"""


@pytest.fixture(scope="module")
def _deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The function of this process with a change that runs, one that is over, and a damaged ledger."""
    folder = tmp_path_factory.mktemp("state")
    with FakeDms() as dms, WebhookServer() as webhook, pytest.MonkeyPatch.context() as patch:
        progress = Answer.of_progress(40, ("expand", "IN_PROGRESS"))
        dms.script_progress(RUNNING, progress)
        dms.script_progress(OVER, progress, Answer.of_progress(100, ("expand", "COMPLETED")))
        dms.script_task(RUNNING, Answer.of_task("EXECUTING"))
        dms.script_task(OVER, Answer.of_task("EXECUTING"), Answer.of_task("SUCCESS"))
        configuration = {
            "huaweicloud": {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": dms.endpoint},
            "state": f"file:{folder}",
            "watches": [{**change._asdict(), "name": "订单 <b>"} for change in (RUNNING, OVER)],
            "channels": {"ops": {"url": webhook.url.replace("http", "json")}},
            "http": {"token": TOKEN},
        }
        patch.setenv("HEADWAY_CONFIG", json.dumps(configuration, indent=1))
        patch.setenv("HUAWEICLOUD_SDK_AK", CREDENTIALS.access_key)
        patch.setenv("HUAWEICLOUD_SDK_SK", CREDENTIALS.secret_key)
        for _ in range(2):
            handle(TIMER, None)
        store = FolderStore(folder, lambda: datetime.now(timezone.utc))
        store.put(f"changes/{DAMAGED}.json", b"{")
        Markers(store).follow(DAMAGED)
        yield


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the description, how to compare it, and what is there to find.

    An answer may hold nothing that is not described.
    """
    described = copy.deepcopy(document())
    components = described["components"]
    for name, schema in components["schemas"].items():
        if "properties" in schema and not name.endswith("Request"):
            schema["additionalProperties"] = False
    examples = {"InstanceId": [change.instance_id for change in (RUNNING, OVER, DAMAGED)], "TaskId": ["task"]}
    for name, values in examples.items():
        components["parameters"][name]["examples"] = {value: {"value": value} for value in values}
    components["schemas"]["TrialRequest"]["properties"]["channels"]["anyOf"][0]["items"] = {"const": "ops"}
    for path in ("/", "/changes/{instance_id}/{task_id}"):
        [form] = described["paths"][path]["post"]["requestBody"]["content"].values()
        form["schema"]["properties"]["token"] = {"enum": [TOKEN, "no-token"]}
    folder = tmp_path_factory.mktemp("api")
    (folder / "openapi.json").write_text(json.dumps(described), encoding="utf-8")
    (folder / "schemathesis.toml").write_text(RULES, encoding="utf-8")
    return folder


@pytest.mark.usefixtures("_deployed")
@pytest.mark.parametrize("gateway", [through_function_url, through_apig])
def test_the_description_is_there_to_be_read(gateway: Gateway) -> None:
    """As it is compared with the answers here."""
    with serve(gateway) as address:
        answer = requests.get(f"{address}/api/openapi.json", headers=KNOWN, timeout=10)

    assert answer.json() == document()


@pytest.mark.usefixtures("_deployed")
def test_what_is_answered_is_described(api: Path) -> None:
    """To whoever has the token; to all others only that the function runs. The gateways take turns."""
    with serve(by_turns(through_function_url, through_apig)) as address:
        asked = ("run", "openapi.json", "--url", address, "--header", f"Authorization: Bearer {TOKEN}")
        run = subprocess.run(  # noqa: S603 - our own
            [SCHEMATHESIS, *asked], cwd=api, env=VARIABLES, capture_output=True, check=False, text=True
        )

    assert run.returncode == 0, run.stdout + run.stderr
