"""The doctor at the API: each thing that can be wrong there, made real once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import pytest

from handler.core.change import ChangeId
from handler.huaweicloud.signing import Credentials
from handler.local.doctor.check import Check, Outcome
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import CREDENTIALS as SIMULATED
from handler.local.simulation.simulator import Simulator
from tests.fakes import dms_server
from tests.fakes.dms_server import Answer, FakeDms, a_task, an_instance
from tests.fakes.loopback import QuietHandler, serving
from tests.fakes.obs_server import FakeObs
from tests.fakes.private_ca import PrivateCa, private_ca
from tests.fakes.proxy_server import running_proxy
from tests.local.doctors import ask, configure, finding, keys, outcomes, said, without_variables

WATCHED: Final = ChangeId("instance", "task")
LIST: Final = "permission dms:instance:list"
GET: Final = "permission dms:instance:get"
TASKS: Final = "permission dms:instance:getBackgroundTask (tasks of an instance)"
TASK: Final = "permission dms:instance:getBackgroundTask (a task)"
PROGRESS: Final = "permission dms:instance:getBackgroundTask (its progress)"
FORBIDDEN: Final = Answer.of_error(403, "DMS.00403002")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, with no variables of Headway's set."""
    monkeypatch.chdir(tmp_path)
    for name in without_variables():
        monkeypatch.delenv(name)


@pytest.fixture
def dms() -> Iterator[FakeDms]:
    """An API with one instance, in which one change goes on."""
    with FakeDms() as dms:
        dms.hold_instances(an_instance(WATCHED.instance_id, "orders"))
        dms.hold_tasks(WATCHED.instance_id, a_task(WATCHED.task_id))
        dms.script_task(WATCHED, Answer.of_task("EXECUTING"))
        dms.script_progress(WATCHED, Answer.of_progress(40))
        yield dms


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> PrivateCa:
    """A private authority."""
    return private_ca(tmp_path_factory.mktemp("ca"))


def examined(dms: FakeDms, **sections: Any) -> list[Check]:  # noqa: ANN401 - YAML's
    """What is found with this API, and the key that it accepts."""
    cloud = {"region": "eu-west-101", "project_id": dms_server.PROJECT_ID, "endpoint": dms.endpoint}
    configure(huaweicloud=cloud, **sections)
    return ask(keys(dms_server.CREDENTIALS))


def test_all_is_fine_with_what_is_simulated() -> None:
    """Every call that Headway makes is made once, and one that is not signed."""
    with Simulator(find_script("good")) as simulator:
        configure(simulator.url, watches=[simulator.change._asdict()])
        checks = ask()

    assert finding(checks, "signature").detail == "the API accepts the access key"
    assert finding(checks, LIST).detail == "granted; 1 Kafka instance in the project"
    assert set(outcomes(checks, "permission").values()) == {Outcome.OK}
    assert finding(checks, "endpoint").detail.startswith("127.0.0.1 answered after ")
    assert simulator.counts == {
        "unknown": 1,
        **dict.fromkeys(("instances", "instance", "tasks", "task", "progress"), 1),
    }


@pytest.mark.parametrize(
    ("minutes", "expected", "refused"),
    [
        (0, Outcome.OK, False),
        (-2, Outcome.WARNING, False),
        (6, Outcome.FAILED, False),
        (-16, Outcome.FAILED, True),
    ],
)
def test_a_wrong_clock_is_found_before_a_signature_is_refused(
    *, minutes: int, expected: Outcome, refused: bool
) -> None:
    """By the API's own; where no signature can be good, none is tried, for it would count as refused."""

    def now() -> datetime:
        return datetime.now(timezone.utc) + timedelta(minutes=minutes)

    with Simulator(find_script("good"), now=now) as simulator:
        configure(simulator.url, watches=[simulator.change._asdict()])
        checks = ask()

    assert finding(checks, "clock").outcome is expected
    assert (finding(checks, "signature").outcome is Outcome.SKIPPED) == refused
    assert (finding(checks, PROGRESS).outcome is Outcome.SKIPPED) == refused
    assert simulator.counts["refused"] == 0


def test_a_refused_key_is_used_once() -> None:
    """Six refusals would lock it for everybody; OBS would refuse it, too, and is not asked."""
    wrong = Credentials(SIMULATED.access_key, "s3cr3t-that-is-wrong")
    with Simulator(find_script("good")) as simulator, FakeObs(credentials=wrong) as obs:
        configure(simulator.url, state=f"obs://{obs.bucket}/p?endpoint={obs.endpoint}")
        checks = ask(keys(wrong))

    signature = finding(checks, "signature")
    assert signature.outcome is Outcome.FAILED
    assert signature.detail == "the secret (SK) does not belong to the access key (AK) (401 APIGW.0301)"
    assert signature.advice is not None
    assert "six refusals" in signature.advice
    assert simulator.counts["refused"] == 1
    assert set(outcomes(checks, "permission").values()) == {Outcome.SKIPPED}
    assert finding(checks, "store").detail == "needs an access key that is accepted"
    assert obs.received == []
    assert wrong.secret_key not in said(checks)
    assert wrong.access_key not in said(checks)


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("instances", LIST, Outcome.FAILED),
        ("instance", GET, Outcome.WARNING),
        ("tasks", TASKS, Outcome.FAILED),
        ("task", TASK, Outcome.FAILED),
        ("progress", PROGRESS, Outcome.FAILED),
    ],
)
def test_each_permission_that_is_missing_is_named(
    dms: FakeDms, kind: str, name: str, expected: Outcome
) -> None:
    """And only that one; without the size of an instance all works."""
    dms.interrupt(kind, FORBIDDEN)
    checks = examined(dms, discover=["orders*"])

    permission = name.split()[1]
    found = finding(checks, name)
    assert (found.outcome, found.detail) == (expected, "the API refused (403 DMS.00403002)")
    assert found.advice is not None
    assert found.advice.startswith(f"grant {permission}, ")
    others = {other: outcome for other, outcome in outcomes(checks, "permission").items() if other != name}
    assert set(others.values()) == {Outcome.OK}, others
    assert finding(checks, "signature").outcome is Outcome.OK


def test_the_list_is_not_needed_where_the_configuration_names_each_change(dms: FakeDms) -> None:
    """Headway never asks for it then."""
    dms.interrupt("instances", FORBIDDEN)

    assert finding(examined(dms), LIST).outcome is Outcome.WARNING


def test_a_region_without_the_progress_call_is_told(dms: FakeDms) -> None:
    """There no change can be found; one that is named is told by its task's status."""
    dms.script_progress(WATCHED, Answer.of_error(404, "APIGW.0101"))

    assert finding(examined(dms), PROGRESS).outcome is Outcome.WARNING
    assert finding(examined(dms, discover=["orders*"]), PROGRESS).outcome is Outcome.FAILED


def test_a_found_instance_stands_in_where_none_is_watched(dms: FakeDms) -> None:
    """One that is discovered rather than any, and the task that its list begins with."""
    dms.hold_instances(an_instance("another"), an_instance(WATCHED.instance_id, "orders"))
    checks = examined(dms, watches=[], discover=["orders"])

    assert finding(checks, TASKS).detail == "granted; 1 task"
    assert [visit.path.partition("/instances/")[2] for visit in dms.visits if visit.kind == "tasks"] == [
        "instance/tasks?limit=100&start=1"
    ]
    assert set(outcomes(checks, "permission").values()) == {Outcome.OK}


def test_patterns_that_match_no_instance_are_told(dms: FakeDms) -> None:
    """Nothing would ever be followed."""
    found = finding(examined(dms, watches=[], discover=["billing*"]), LIST)

    assert (found.outcome, found.advice) == (Outcome.WARNING, "check its patterns")


def test_a_project_without_instances_is_told(dms: FakeDms) -> None:
    """It is perhaps the wrong one; there is nothing then to try the other permissions on."""
    dms.hold_instances()
    checks = examined(dms, watches=[], discover=True)

    assert finding(checks, LIST).advice == "check huaweicloud.project_id and huaweicloud.region"
    assert finding(checks, TASKS).detail == "needs an instance: none is watched, and none was found"
    assert finding(checks, PROGRESS).detail == "needs a task: none is watched, and none was found"


@pytest.mark.parametrize(("status", "code"), [(404, "DMS.00404022"), (404, "DMS.00404000")])
def test_an_unknown_project_is_not_blamed_on_an_instance(dms: FakeDms, status: int, code: str) -> None:
    """The list of instances names none; what is asked of one would be answered alike, and is not asked."""
    dms.interrupt("instances", Answer.of_error(status, code))
    checks = examined(dms, discover=True)

    assert finding(checks, LIST).detail == f"the API knows no such project ({status} {code})"
    assert finding(checks, LIST).advice == "check huaweicloud.project_id and huaweicloud.region"
    assert finding(checks, TASKS).detail == "needs a project that the API knows"
    assert {visit.kind for visit in dms.visits} <= {"instances", "unknown"}


def test_an_unknown_instance_is_told(dms: FakeDms) -> None:
    """One that is watched, for instance with a mistake in its id."""
    checks = examined(dms, watches=[{"instance_id": "mistaken", "task_id": "task"}])

    assert finding(checks, TASKS).outcome is Outcome.FAILED
    assert "knows no such instance" in finding(checks, TASKS).detail


def test_publishing_to_smn_is_not_tried(dms: FakeDms) -> None:
    """Only a message would tell, and nobody is to get one."""
    url = f"smn://eu-west-101/{'0' * 32}/topic?endpoint={dms.endpoint}"
    checks = examined(dms, channels={"phones": {"url": url}})

    found = finding(checks, "permission smn:topic:publish")
    assert (found.outcome, found.detail) == (
        Outcome.SKIPPED,
        "not tried, for only sending would tell: headway test-alert phones",
    )
    assert finding(checks, "channel phones").outcome is Outcome.OK


def test_an_api_that_falls_silent_is_not_asked_on(dms: FakeDms) -> None:
    """Each further call would cost as much time again."""
    dms.interrupt("instances", dms_server.DROP, dms_server.DROP)
    checks = examined(dms)

    assert finding(checks, "signature").outcome is Outcome.FAILED
    assert finding(checks, PROGRESS).detail == "needs an answer of the API"


def test_without_keys_the_rest_is_tried(dms: FakeDms) -> None:
    """What needs none, as far as the clock."""
    configure(dms.endpoint)
    checks = ask({})

    found = finding(checks, "access key")
    assert (found.outcome, found.is_misconfigured) == (Outcome.FAILED, True)
    assert "HUAWEICLOUD_SDK_AK" in found.detail
    assert finding(checks, "clock").outcome is Outcome.OK
    assert finding(checks, "signature").detail == "needs an access key"
    assert finding(checks, "store conditions").outcome is Outcome.OK


def examined_at(endpoint: str, network: Mapping[str, str] | None = None) -> list[Check]:
    """What is found at an endpoint."""
    configure(endpoint, **({"network": network} if network else {}))
    return ask()


def test_a_port_at_which_nobody_listens_is_told() -> None:
    """All that needs the endpoint says so; the store is tried all the same."""
    checks = examined_at("https://127.0.0.1:9")

    assert finding(checks, "endpoint").detail == "127.0.0.1 refused the connection"
    assert finding(checks, "clock").detail == finding(checks, "signature").detail == "needs the endpoint"
    assert finding(checks, PROGRESS).outcome is Outcome.SKIPPED
    assert finding(checks, "store listing").outcome is Outcome.OK


def test_a_name_that_nobody_knows_is_told() -> None:
    """Such as a misspelt region's; with or without a name server."""
    found = finding(examined_at("https://dms.nowhere.invalid"), "endpoint")

    assert found.outcome is Outcome.FAILED
    assert "dms.nowhere.invalid" in found.detail
    assert "name" in found.detail


class Hello(QuietHandler):
    """Says hello."""

    def respond(self) -> None:
        """Say it."""
        self.answer(200, {}, b"hello")


class Redirecting(QuietHandler):
    """Leads elsewhere, as hotels' networks do."""

    def respond(self) -> None:
        """Lead there."""
        self.answer(302, {"Location": "https://sign-in.example.com"})


def test_a_certificate_that_is_not_trusted_is_told(authority: PrivateCa) -> None:
    """With the setting that trusts the network's own; with that it is reached."""
    with serving(Hello, authority.server_context) as port:
        endpoint = f"https://127.0.0.1:{port}"
        found = finding(examined_at(endpoint), "endpoint")
        trusted = examined_at(endpoint, {"ca_file": str(authority.ca_file)})

    assert found.outcome is Outcome.FAILED
    assert found.detail.startswith("the certificate of 127.0.0.1 is not trusted (")
    assert "network.ca_file" in (found.advice or "")
    assert finding(trusted, "endpoint").outcome is Outcome.OK
    assert finding(trusted, "clock").outcome is Outcome.WARNING
    assert "none of its own" in finding(trusted, "signature").detail


def test_an_endpoint_that_speaks_no_tls_is_told() -> None:
    """What answers there is something else."""
    with serving(Hello) as port:
        found = finding(examined_at(f"https://127.0.0.1:{port}"), "endpoint")

    assert found.detail.startswith("127.0.0.1 speaks no TLS on that port (")


def test_a_network_that_wants_somebody_to_sign_in_is_told() -> None:
    """It answers in the API's place."""
    with serving(Redirecting) as port:
        found = finding(examined_at(f"http://127.0.0.1:{port}"), "endpoint")

    assert (found.outcome, found.detail) == (
        Outcome.WARNING,
        "127.0.0.1 redirects (302), which the API never does",
    )


def test_the_way_through_a_proxy_is_told(authority: PrivateCa) -> None:
    """With the right password it leads there, without it the proxy says so."""
    ca_file = str(authority.ca_file)
    with serving(Hello, authority.server_context) as port, running_proxy() as (address, _):
        endpoint = f"https://127.0.0.1:{port}"
        right, wrong = (
            finding(examined_at(endpoint, {"proxy": proxy, "ca_file": ca_file}), "endpoint")
            for proxy in (f"http://user:p%40ss@{address}", f"http://user:s3cr3t@{address}")
        )

    assert right.detail.startswith("127.0.0.1 answered through the proxy 127.0.0.1 after ")
    assert (wrong.outcome, wrong.detail) == (
        Outcome.FAILED,
        "the proxy 127.0.0.1 wants a user and a password",
    )
    assert "s3cr3t" not in f"{wrong.advice}"


def test_a_proxy_that_is_not_there_is_told() -> None:
    """It is not the API's fault."""
    found = finding(examined_at("https://dms.nowhere.invalid", {"proxy": "http://127.0.0.1:9"}), "endpoint")

    assert (found.detail, found.advice) == (
        "the proxy 127.0.0.1 refused the connection",
        "check network.proxy and its port, and firewalls",
    )


def test_a_network_that_cannot_be_used_is_a_matter_of_the_configuration() -> None:
    """Nothing can be asked then."""
    checks = examined_at("https://127.0.0.1:9", {"ca_file": "not-there.pem"})

    assert finding(checks, "network").is_misconfigured
    assert finding(checks, "network").detail.startswith("network.ca_file cannot be used: ")
    assert finding(checks, "store").detail == "needs what is under `network`"
