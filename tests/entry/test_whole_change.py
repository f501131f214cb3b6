"""A whole simulated change through `handle`, on real protocol from the trigger to the channels."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from apprise.plugins.slack import NotifySlack

from handler.entry import InvocationFailedError, handle
from handler.huaweicloud.signing import Credentials
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import Simulator
from tests.fakes.moto_server import Moto, running_moto
from tests.fakes.obs_server import FakeObs
from tests.fakes.s3_server import FakeS3
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.webhook_server import WebhookServer

EVENTS = Path("tests/edge/events")
POLL_SECONDS = 10
KEYS = Credentials("TEMPORARYACCESSKEY", "temporary-secret-key", "temporary-token")
STARTED = "orders: capacity change started · 0% · about 5 minutes left · done around TIME · no action needed"
PRE_CHECKED = (
    "orders: Pre-check completed in 40 seconds · step 1 of 3 · 13%"
    " · about 4 minutes left · done around TIME · no action needed"
)
EXPANDED = (
    "orders: Disk expansion completed in 2 minutes 40 seconds · step 2 of 3 · 68%"
    " · about 2 minutes left · done around TIME · no action needed"
)
ON_THE_WAY = [
    STARTED,
    PRE_CHECKED,
    "orders: 27% done · about 4 minutes left · done around TIME · no action needed",
    "orders: 51% done · about 2 minutes left · done around TIME · no action needed",
    EXPANDED,
    "orders: 75% done · about 1 minute left · done around TIME · no action needed",
]
TITLES = {
    "good": [*ON_THE_WAY, "orders: capacity change completed in 4 minutes 50 seconds · no action needed"],
    "fails": [
        *ON_THE_WAY[:3],
        "FAILED: capacity change of orders at Disk expansion · step 2 of 3 · 48% · action needed",
    ],
    "vanishes": [*ON_THE_WAY, "orders: capacity change completed · no action needed"],
}
"""What each script implies, message by message, with TIME for when the change will be done."""


class LambdaContext:
    """Lambda's context, as far as it matters."""

    aws_request_id = "lambda-request"

    def get_remaining_time_in_millis(self) -> int:
        """Sixty seconds."""
        return 60_000


class FunctionGraphContext:
    """FunctionGraph's context with the keys of an agency."""

    def __init__(self, simulator: Simulator) -> None:
        """Give the keys that the simulator accepts."""
        self._credentials = simulator.credentials

    def getRequestID(self) -> str:  # noqa: N802 - the vendor's name
        """The platform's id of this invocation."""
        return "functiongraph-request"

    def getSecurityAccessKey(self) -> str:  # noqa: N802 - the vendor's name
        """The agency's access key."""
        return self._credentials.access_key

    def getSecuritySecretKey(self) -> str:  # noqa: N802 - the vendor's name
        """The agency's secret key."""
        return self._credentials.secret_key

    def getSecurityToken(self) -> str:  # noqa: N802 - the vendor's name
        """The agency's token."""
        return self._credentials.security_token or ""


class Stage:
    """A simulated change whose time a test moves, and three channels that listen."""

    def __init__(self, stack: ExitStack, script: str, state: str, variables: Mapping[str, str]) -> None:
        """Start everything and set the environment."""
        self._elapsed = timedelta()
        self._begin = datetime.now(timezone.utc)
        simulator = Simulator(find_script(script), credentials=KEYS, now=lambda: self._begin + self._elapsed)
        self.simulator = stack.enter_context(simulator)
        self.webhooks = stack.enter_context(WebhookServer())
        self.smtp = stack.enter_context(SmtpServer())
        self._environment = stack.enter_context(pytest.MonkeyPatch.context())
        self._environment.setattr(NotifySlack, "webhook_url", f"{self.webhooks.url}/services")
        configuration = {
            "huaweicloud": {
                "region": "eu-west-101",
                "project_id": self.simulator.project_id,
                "endpoint": self.simulator.url,
            },
            "state": state,
            "watches": [{**self.simulator.change._asdict(), "name": "orders"}],
            "channels": {
                "slack": {"url": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"},
                "mail": {"url": f"mailto://{self.smtp.location}?from=headway@example.com&to=ops@example.com"},
                "json": {"url": f"json://{self.webhooks.location}/json"},
            },
        }
        secrets = {
            "HUAWEICLOUD_SDK_AK": self.simulator.credentials.access_key,
            "HUAWEICLOUD_SDK_SK": self.simulator.credentials.secret_key,
            "HUAWEICLOUD_SDK_SECURITY_TOKEN": self.simulator.credentials.security_token or "",
        }
        for name in [*os.environ]:
            if name.startswith("HEADWAY_"):
                self._environment.delenv(name)
        self.set({"HEADWAY_CONFIG": json.dumps(configuration, indent=1), **secrets, **variables})

    def set(self, variables: Mapping[str, str]) -> None:
        """Set variables of the environment."""
        for name, value in variables.items():
            self._environment.setenv(name, value)

    def poll(self, count: int = 1, seconds: float = POLL_SECONDS) -> list[dict[str, Any]]:
        """Invoke as Lambda and as FunctionGraph by turns, and let the simulated time pass."""
        invokers = [
            ("lambda-schedule.json", LambdaContext()),
            ("functiongraph-timer.json", FunctionGraphContext(self.simulator)),
        ]
        reports = []
        for number in range(count):
            name, context = invokers[number % 2]
            reports.append(handle(json.loads((EVENTS / name).read_text()), context))
            self._elapsed += timedelta(seconds=seconds)
        return reports

    @property
    def told(self) -> dict[str, list[str]]:
        """What each channel has heard, title by title."""
        return {
            "slack": [r.json["text"].strip("*") for r in self.webhooks.requests if "services" in r.path],
            "mail": [mail.message["Subject"] for mail in self.smtp.mails],
            "json": [request.json["title"] for request in self.webhooks.received("/json")],
        }

    @property
    def titles(self) -> list[str]:
        """What the JSON channel has heard, with TIME for when the change will be done."""
        return [request.title for request in self.webhooks.received("/json")]

    @property
    def alerts(self) -> list[list[str]]:
        """Of which alerts each message to the JSON channel tells, with the steps that they are about."""
        messages = [request.json["headway"]["alerts"] for request in self.webhooks.received("/json")]
        return [
            [" ".join(filter(None, [alert["kind"], alert["step"]])) for alert in alerts]
            for alerts in messages
        ]


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    """A moto server with authentication on."""
    with running_moto() as server:
        yield server


@pytest.fixture
def obs() -> Iterator[FakeObs]:
    """OBS, which takes the keys that DMS takes."""
    with FakeObs(credentials=KEYS) as server:
        yield server


def obs_place(obs: FakeObs) -> str:
    """The address of the state there."""
    return f"obs://{obs.bucket}/state?endpoint=http://localhost:{urlsplit(obs.endpoint).port}"


@pytest.fixture(params=["folder", "moto", "obs"])
def state(
    request: pytest.FixtureRequest, tmp_path: Path, moto: Moto, obs: FakeObs
) -> tuple[str, dict[str, str]]:
    """Where the state is kept, and the variables that belong to it."""
    if request.param == "folder":
        return f"file:{tmp_path}", {}
    if request.param == "obs":
        return obs_place(obs), {}
    place = (
        f"s3://{moto.bucket}/{tmp_path.name}?region={moto.region}&endpoint={moto.endpoint}&path_style=true"
    )
    variables = {
        "AWS_ACCESS_KEY_ID": moto.role.access_key,
        "AWS_SECRET_ACCESS_KEY": moto.role.secret_key,
        "AWS_SESSION_TOKEN": moto.role.session_token or "",
    }
    return place, variables


EXPECTED = {
    "good": {
        0: ["started", "step_started pre_check"],
        4: ["step_completed pre_check", "step_started disk_expansion"],
        8: ["milestone"],
        15: ["milestone"],
        20: ["step_completed disk_expansion", "step_started rolling_restart"],
        22: ["milestone"],
        29: ["step_completed rolling_restart", "completed"],
    },
    "fails": {
        0: ["started", "step_started pre_check"],
        4: ["step_completed pre_check", "step_started disk_expansion"],
        8: ["milestone"],
        14: ["step_failed disk_expansion", "failed"],
    },
    "vanishes": {
        0: ["started", "step_started pre_check"],
        4: ["step_completed pre_check", "step_started disk_expansion"],
        8: ["milestone"],
        15: ["milestone"],
        20: ["step_completed disk_expansion", "step_started rolling_restart"],
        22: ["milestone"],
        29: ["completed"],
    },
}
"""What each script implies, by the number of the poll: one every ten seconds of the script."""


@pytest.mark.parametrize("script", EXPECTED)
def test_a_change_sends_exactly_what_its_script_implies(
    script: str, state: tuple[str, dict[str, str]]
) -> None:
    """Every alert once, in one message a poll, to Slack, mail and JSON alike; after the end nothing more."""
    with ExitStack() as stack:
        stage = Stage(stack, script, *state)
        reports = stage.poll(40)
        told = stage.told

    assert stage.titles == TITLES[script]
    assert stage.alerts == [*EXPECTED[script].values()]
    raised = {n: report["changes"][0]["alerts"] for n, report in enumerate(reports)}
    kinds = {n: [alert.split()[0] for alert in alerts] for n, alerts in EXPECTED[script].items()}
    assert {n: alerts for n, alerts in raised.items() if alerts} == kinds
    assert told == dict.fromkeys(["slack", "mail", "json"], told["json"])
    outcomes = {d["outcome"] for report in reports for d in report["changes"][0]["deliveries"]}
    assert outcomes == {"sent"}
    assert all(report["ok"] for report in reports)


def test_a_thousand_polls_after_the_end_send_nothing(tmp_path: Path) -> None:
    """The end absorbs, whatever keeps it."""
    with ExitStack() as stack:
        stage = Stage(stack, "good", f"file:{tmp_path}", {})
        stage.poll(30)
        told = stage.told
        reports = stage.poll(1000, seconds=0.1)

        assert stage.told == told
    assert all(report["ok"] and not report["changes"][0]["alerts"] for report in reports)
    assert {report["changes"][0]["phase"] for report in reports} == {"completed"}


def test_a_poll_without_news_makes_two_requests_and_no_write() -> None:
    """Seen by the servers' own counters: one progress call and one GET."""
    with ExitStack() as stack:
        bucket = stack.enter_context(FakeS3())
        place = (
            f"s3://{bucket.bucket}/state?region={bucket.region}&endpoint={bucket.endpoint}&path_style=true"
        )
        keys = bucket.credentials
        variables = {"AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key}
        stage = Stage(stack, "good", place, variables)
        stage.poll(1, seconds=0.1)
        asked, stored = stage.simulator.counts.copy(), bucket.counts.copy()
        stage.poll(5, seconds=0.1)

        assert stage.simulator.counts - asked == {"progress": 5}
        assert bucket.counts - stored == {"GET": 5}


@pytest.mark.parametrize(("lock", "requests"), [("announce", 11), ("platform", 5)])
def test_a_poll_with_news_costs_obs_a_load_and_two_saves(obs: FakeObs, lock: str, requests: int) -> None:
    """Under a lease of its own each save takes five requests, without one two."""
    with ExitStack() as stack:
        stage = Stage(stack, "good", f"{obs_place(obs)}&lock={lock}", {})
        stage.poll(1, seconds=40)
        stored = obs.counts.copy()
        stage.poll(1, seconds=0.1)
        with_news = obs.counts - stored
        stored = obs.counts.copy()
        stage.poll(1, seconds=0.1)

        assert with_news.total() == requests
        assert with_news["PUT"] == {"announce": 4, "platform": 2}[lock]
        assert obs.counts - stored == {"GET": 1}


def test_a_configuration_that_cannot_work_raises_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform's own alarm goes off, and its log says what to do."""
    monkeypatch.setenv("HEADWAY_CONFIG", "huaweicloud:\n  regoin: x\n")

    with pytest.raises(InvocationFailedError, match=r"huaweicloud\.regoin"):
        handle(json.loads((EVENTS / "functiongraph-timer.json").read_text()), None)


@pytest.mark.parametrize(
    "name", ["lambda-async-destination-failure.json", "functiongraph-async-destination-failure.json"]
)
def test_an_event_that_is_not_understood_gets_a_report_that_says_so(name: str) -> None:
    """Nothing is looked at, and nothing raises."""
    report = handle(json.loads((EVENTS / name).read_text()), None)

    assert (report["ok"], report["trigger"], report["changes"]) == (False, "unrecognised", [])
    assert report["error"]["kind"] == "misconfigured"
