"""A configuration that lies in a bucket: how it is had, and what is said where it cannot be."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pytest

from handler.configuration import UnavailableError, config_folder, read_configuration
from handler.elsewhere import Elsewhere
from handler.machine import SystemClock
from handler.runtimes import read_runtime
from handler.settings import Settings, SettingsError
from handler.transport import Request, Response, Transport
from tests.edge.configurations import LEAST, read
from tests.fakes import obs_server, s3_server
from tests.fakes.clock import FakeClock
from tests.fakes.loopback import accepting
from tests.fakes.object_server import Fault, ObjectServer
from tests.fakes.obs_server import FakeObs
from tests.fakes.s3_server import FakeS3
from tests.fakes.vault_server import FakeVault

KEY: Final = "config/headway.yaml"
CODE: Final = "/code/headway.yaml"
AWS: Final = {
    "AWS_ACCESS_KEY_ID": s3_server.CREDENTIALS.access_key,
    "AWS_SECRET_ACCESS_KEY": s3_server.CREDENTIALS.secret_key,
}
HUAWEI: Final = {
    "HUAWEICLOUD_SDK_AK": obs_server.CREDENTIALS.access_key,
    "HUAWEICLOUD_SDK_SK": obs_server.CREDENTIALS.secret_key,
    "HUAWEICLOUD_SDK_SECURITY_TOKEN": str(obs_server.CREDENTIALS.security_token),
}
AGENCY: Final = SimpleNamespace(
    getRequestID=lambda: "request",
    getSecurityAccessKey=lambda: obs_server.CREDENTIALS.access_key,
    getSecuritySecretKey=lambda: obs_server.CREDENTIALS.secret_key,
    getSecurityToken=lambda: obs_server.CREDENTIALS.security_token,
)
MAY_READ_S3: Final = "the permission s3:GetObject, or s3:ListBucket for what is not there, may be missing"
MAY_READ_OBS: Final = MAY_READ_S3.replace("s3:G", "obs:object:G").replace("s3:L", "obs:bucket:L")


@pytest.fixture
def s3() -> Iterator[FakeS3]:
    """A bucket of S3 with a configuration in it."""
    with FakeS3() as server:
        server.objects[KEY] = LEAST.encode()
        yield server


@pytest.fixture
def obs() -> Iterator[FakeObs]:
    """The same of OBS."""
    with FakeObs() as server:
        server.objects[KEY] = LEAST.encode()
        yield server


def in_s3(server: FakeS3, region: str | None = "eu-central-1") -> str:
    """The address of the configuration."""
    named = f"region={region}&" if region else ""
    return f"s3://{server.bucket}/{KEY}?{named}endpoint={server.endpoint}&path_style=true"


def in_obs(server: FakeObs, more: str = "") -> str:
    """The same in OBS."""
    return f"obs://{server.bucket}/{KEY}?endpoint={server.endpoint}{more}"


def configured(
    address: str, variables: Mapping[str, str], context: object = None, send: Transport | None = None
) -> Settings:
    """What a process reads whose HEADWAY_CONFIG holds the address."""
    return _read({**variables, "HEADWAY_CONFIG": address}, context, send or Transport(connections=1))


def _read(variables: Mapping[str, str], context: object, send: Callable[..., Response]) -> Settings:
    clock = SystemClock()
    runtime = read_runtime(context, variables, clock.monotonic())
    return read_configuration(runtime.lookup, Elsewhere(runtime, clock, lambda: send), CODE)


def refused(address: str, variables: Mapping[str, str], kind: type[SettingsError] = SettingsError) -> str:
    """The one thing that is wrong with it."""
    with pytest.raises(SettingsError) as caught:
        configured(address, variables)
    assert type(caught.value) is kind
    (line,) = caught.value.lines
    return line


def test_it_is_read_from_s3_with_the_keys_of_the_environment(s3: FakeS3) -> None:
    """In one request; the region may be that of the function."""
    assert configured(in_s3(s3).replace("s3://", " S3://"), AWS) == read(LEAST)
    assert configured(in_s3(s3, region=None), {**AWS, "AWS_REGION": s3.region}) == read(LEAST)
    assert s3.counts == {"GET": 2}


def test_it_is_read_from_obs_with_the_agencys_keys_or_those_of_the_environment(obs: FakeObs) -> None:
    """The agency's go first."""
    assert configured(in_obs(obs), HUAWEI) == read(LEAST)
    assert configured(in_obs(obs, "&region=eu-west-101"), {}, AGENCY) == read(LEAST)
    assert configured(in_obs(obs), {**HUAWEI, "HUAWEICLOUD_SDK_SK": "other"}, AGENCY) == read(LEAST)


def test_the_region_is_enough_to_find_a_bucket(s3: FakeS3, obs: FakeObs) -> None:
    """Each cloud's own endpoint is known; a bucket stands before it."""
    asked = []

    def through(server: ObjectServer) -> Callable[..., Response]:
        reached = server.reached_by(Transport(connections=1))

        def send(request: Request, *, timeout_seconds: float) -> Response:
            asked.append(request.url)
            return reached(request, timeout_seconds=timeout_seconds)

        return send

    _read({**AWS, "HEADWAY_CONFIG": f"s3://{s3.bucket}/{KEY}?region={s3.region}"}, None, through(s3))
    _read({**HUAWEI, "HEADWAY_CONFIG": f"obs://{obs.bucket}/{KEY}?region=eu-west-101"}, None, through(obs))

    assert asked == [
        f"https://headway-state.s3.eu-central-1.amazonaws.com/{KEY}",
        f"https://headway-obs.obs.eu-west-101.myhuaweicloud.eu/{KEY}",
    ]


def test_values_kept_in_aws_are_put_into_it(s3: FakeS3) -> None:
    """Both are had by the same means."""
    s3.objects[KEY] = f"{LEAST}http: {{token: '${{ssm:/ops/token}}'}}".encode()
    with FakeVault(region=s3.region, credentials=s3.credentials) as vault:
        vault.parameters["/ops/token"] = "a-token-of-this-function"
        more = {"AWS_REGION": s3.region, "AWS_ENDPOINT_URL": vault.endpoint}
        token = configured(in_s3(s3), {**AWS, **more}).http.token
        del vault.parameters["/ops/token"]
        told = refused(in_s3(s3), {**AWS, **more})

    assert token is not None
    assert token.reveal() == "a-token-of-this-function"
    assert told == "http.token: needs ssm:/ops/token, which is not there."


def test_its_templates_lie_beside_the_code(s3: FakeS3) -> None:
    """Where the package has them."""
    s3.objects[KEY] = f"{LEAST}channels: {{a: {{url: 'json://h', templates: wording}}}}".encode()
    lookup = {"HEADWAY_CONFIG": in_s3(s3)}.get

    assert configured(in_s3(s3), AWS).channels["a"].templates == "/code/wording"
    assert config_folder(lookup, CODE) == Path("/code")


def test_what_is_not_there_is_told(s3: FakeS3, obs: FakeObs) -> None:
    """It is the address that is wrong."""
    s3.objects.clear()
    obs.objects.clear()
    told = "HEADWAY_CONFIG: names an object that is not there."

    assert refused(in_s3(s3), AWS) == told
    assert refused(in_obs(obs), HUAWEI) == told


def test_what_cannot_be_a_configuration_is_told(s3: FakeS3) -> None:
    """Neither is shown."""
    s3.objects[KEY] = b"s3cr3t\xff"
    no_text = refused(in_s3(s3), AWS)
    s3.fail_next(Fault.OVERSIZED)
    too_large = refused(in_s3(s3), AWS)
    s3.objects[KEY] = b"watches: [s3cr3t"
    no_yaml = refused(in_s3(s3), AWS)

    assert no_text == "HEADWAY_CONFIG: is no text in UTF-8 (line 1, column 7)."
    assert too_large == "HEADWAY_CONFIG: names an object of more than 1 MiB."
    assert no_yaml.startswith("HEADWAY_CONFIG: is no YAML: there is a [ that no ] closes")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (
            "s3://B/headway.yaml",
            "has a bucket's name that is not 3 to 63 lower-case letters, digits, '-' and '.'",
        ),
        ("s3:///headway.yaml", "names no bucket"),
        ("s3://bucket", "names no object in the bucket"),
        ("s3://bucket/?region=eu-west-1", "names no object in the bucket"),
        (
            "s3://bucket/a b.yaml",
            "has a prefix with more than letters, digits, '-', '_', '.' and '/' in it",
        ),
        (
            "s3://bucket/headway.yaml?lock=platform",
            "has a `?` with more after it than region, endpoint and path_style, once each",
        ),
        (
            "obs://bucket/headway.yaml?lock=platform",
            "has a `?` with more after it than region and endpoint, once each",
        ),
        (
            "s3://bucket/headway.yaml?path_style=1",
            "has a wrong option: its path_style is neither true nor false",
        ),
        (
            "s3://bucket/headway.yaml?endpoint=http://example.com",
            "has a wrong option: its endpoint is unencrypted, which only a loopback host may be",
        ),
        ("s3://bucket/headway.yaml", "the variable AWS_REGION is not set"),
        ("obs://bucket/headway.yaml", "needs `?region=` with the bucket's region after it"),
        (
            "s3://my.bucket/headway.yaml?region=eu-west-1",
            "no certificate covers a bucket's name with a dot; add path_style=true",
        ),
    ],
)
def test_an_address_that_cannot_be_used_is_told_by_what_is_wrong(address: str, reason: str) -> None:
    """Nothing is asked then."""
    assert refused(address, {**AWS, **HUAWEI}) == f"HEADWAY_CONFIG: {reason}."


@pytest.mark.parametrize(
    ("address", "variables", "variable"),
    [
        ("s3://bucket/headway.yaml?region=eu-west-1", {**AWS, "AWS_ACCESS_KEY_ID": ""}, "AWS_ACCESS_KEY_ID"),
        (
            "s3://bucket/headway.yaml?region=eu-west-1",
            {**AWS, "AWS_SECRET_ACCESS_KEY": ""},
            "AWS_SECRET_ACCESS_KEY",
        ),
        ("obs://bucket/headway.yaml?region=eu-west-1", {}, "HUAWEICLOUD_SDK_AK"),
        (
            "obs://bucket/headway.yaml?region=eu-west-1",
            {**HUAWEI, "HUAWEICLOUD_SDK_SK": ""},
            "HUAWEICLOUD_SDK_SK",
        ),
    ],
)
def test_a_key_that_is_missing_is_named(address: str, variables: dict[str, str], variable: str) -> None:
    """By its variable."""
    assert refused(address, variables) == f"HEADWAY_CONFIG: the variable {variable} is not set."


def test_a_bucket_that_refuses_is_no_mistake_in_the_configuration(s3: FakeS3, obs: FakeObs) -> None:
    """What may be missing is named."""
    s3.fail_next(Fault.FORBIDDEN)
    obs.fail_next(Fault.FORBIDDEN)

    assert refused(in_s3(s3), AWS, UnavailableError) == (
        f"HEADWAY_CONFIG: s3://headway-state/config answered 403 AccessDenied: {MAY_READ_S3}."
    )
    assert refused(in_obs(obs), HUAWEI, UnavailableError) == (
        f"HEADWAY_CONFIG: obs://headway-obs/config answered 403 AccessDenied: {MAY_READ_OBS}."
    )
    assert refused(in_s3(s3, "eu-west-1"), AWS, UnavailableError) == (
        "HEADWAY_CONFIG: s3://headway-state/config answered 400 AuthorizationHeaderMalformed:"
        " the bucket is in another region."
    )


def test_a_passing_trouble_is_met_twice_and_no_more(s3: FakeS3) -> None:
    """A bucket is not always at its best."""
    s3.fail_next(Fault.SLOW_DOWN)
    assert configured(in_s3(s3), AWS) == read(LEAST)

    s3.fail_next(Fault.DROP, times=2)
    assert "cannot be reached: 127.0.0.1 broke off" in refused(in_s3(s3), AWS, UnavailableError)
    assert s3.counts["GET"] == 4


def test_a_bucket_that_says_nothing_is_given_up_with_time_left() -> None:
    """An invocation of 2 s gives it half a second, in two attempts."""
    is_over, attempts = threading.Event(), []

    def say_nothing(connection: socket.socket) -> None:
        attempts.append(connection)
        is_over.wait()

    context = SimpleNamespace(aws_request_id="request", get_remaining_time_in_millis=lambda: 2000)
    with accepting(say_nothing) as port:
        address = f"s3://bucket/{KEY}?region=eu-west-1&path_style=true&endpoint=http://127.0.0.1:{port}"
        begun = time.monotonic()
        with pytest.raises(UnavailableError, match="did not answer in time"):
            configured(address, AWS, context)
        took_seconds = time.monotonic() - begun
        is_over.set()

    assert 0.4 < took_seconds < 1.5
    assert len(attempts) == 2


class Slow:
    """A cloud that takes its time to say that it has too much to do."""

    def __init__(self, clock: FakeClock, seconds: float) -> None:
        """Take so many seconds for each answer."""
        self._clock, self._seconds = clock, seconds
        self.timeouts: list[float] = []
        self.pauses: list[float] = []

    def send(self, request: Request, *, timeout_seconds: float) -> Response:  # noqa: ARG002 - a `Send`
        """Refuse what it has no time for."""
        self.timeouts.append(timeout_seconds)
        self._clock.advance(self._seconds)
        return Response(503, {}, b'{"__type": "ThrottlingException"}')

    def pause(self, seconds_max: float) -> None:
        """Wait for as long as one may."""
        self.pauses.append(seconds_max)
        self._clock.advance(seconds_max)

    def elsewhere(self) -> Elsewhere:
        """What asks it, in a function with a minute."""
        runtime = read_runtime(None, {**AWS, "AWS_REGION": "eu-west-1"}, self._clock.monotonic())
        return Elsewhere(runtime, self._clock, lambda: self.send, self.pause)


def test_all_of_it_together_takes_a_few_seconds() -> None:
    """A tick has a minute for everything; who waits for a second attempt leaves time for it."""
    quick, slow = (Slow(FakeClock(), seconds) for seconds in (0.5, 2))
    for cloud in (quick, slow):
        outside = cloud.elsewhere()
        outside.fetch(["ssm:a"])
        with pytest.raises(UnavailableError, match=r"^The conf.*\nHEADWAY_CONFIG: .*"):
            outside.read(f"s3://bucket/{KEY}")

    assert (quick.timeouts, quick.pauses) == ([2.5, 2.5, 2, 1.5], [2])
    assert (slow.timeouts, slow.pauses) == ([2.5, 2.5, 0.5], [0.5])


def test_an_attempt_with_little_time_before_it_is_not_waited_for() -> None:
    """What is left is shorter than one attempt may take."""
    cloud = Slow(FakeClock(), 3)
    cloud.elsewhere().fetch(["ssm:a"])

    assert (cloud.timeouts, cloud.pauses) == ([2.5, 2], [0])


def test_nothing_is_connected_to_where_nothing_lies_elsewhere() -> None:
    """A file on the machine and variables are read without."""

    def send(*_: object, **__: object) -> Response:
        raise AssertionError

    assert _read({"HEADWAY_CONFIG": f"{LEAST}\n"}, None, send) == read(LEAST)
