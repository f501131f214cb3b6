"""Values kept in AWS, as Parameter Store and Secrets Manager give them or do not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Final

import pytest

from handler.aws_calls import AwsCalls
from handler.kept_values import fetch_values
from handler.runtimes import read_runtime
from handler.stores.sigv4 import Credentials, sign
from handler.transport import Request, Response, Transport, TransportError
from tests.fakes.canned_send import CannedSend
from tests.fakes.moto_server import Moto, running_moto
from tests.fakes.vault_server import CREDENTIALS, REGION, Answer, FakeVault

NOW: Final = datetime(2026, 11, 26, 8, 30, tzinfo=timezone.utc)
PARAMETER: Final = Response(200, {}, json.dumps({"Parameters": [{"Name": "a", "Value": "hidden"}]}).encode())
SECRET: Final = Response(200, {}, b'{"Name": "a", "SecretString": "hidden"}')
THROTTLED: Final = Answer(400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
BROKEN_OFF: Final = TransportError("It broke off.", timed_out=False, request_sent=True)
NO_ENDPOINT: Final = "is no host with https:// before it and nothing but a port after it"
EXPIRED: Final = "the session token of the credentials has expired"
BROKEN: Final = Answer(500, {"__type": "InternalServerError"})


Variables = Mapping[str, str]


def variables(credentials: Credentials = CREDENTIALS) -> dict[str, str]:
    """What the environment holds: keys and the region."""
    keys = {
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_SESSION_TOKEN": credentials.session_token or "",
    }
    return {"AWS_REGION": REGION, **keys}


def calls(
    send: CannedSend | Transport,
    more: Variables,
    remaining_seconds: float = 60,
    rest: Callable[[], None] = lambda: None,
) -> AwsCalls:
    """Who asks, in a function with so much time left; an empty variable is not set."""
    runtime = read_runtime(None, {**variables(), **more}, 0)
    now = (lambda: NOW) if isinstance(send, CannedSend) else (lambda: datetime.now(timezone.utc))
    return AwsCalls(send, runtime, now, lambda: remaining_seconds, rest)


def why(reference: str, send: CannedSend | Transport, more: Variables) -> str:
    """Why a value cannot be had."""
    found = fetch_values([reference], calls(send, more))[reference]
    assert isinstance(found, LookupError)
    return str(found)


@pytest.fixture
def vault() -> Iterator[FakeVault]:
    """Where values are kept."""
    with FakeVault() as vault:
        yield vault


def fetched(vault: FakeVault, *references: str, more: Variables | None = None) -> dict[str, str]:
    """Each with its value, or why it cannot be had."""
    asking = calls(Transport(connections=1), {"AWS_ENDPOINT_URL": vault.endpoint, **(more or {})})
    return {reference: str(found) for reference, found in fetch_values(references, asking).items()}


def test_values_are_asked_for_as_aws_wants_it(vault: FakeVault) -> None:
    """Signed for the service, ten parameters at a time, decrypted; each secret by itself."""
    vault.parameters = {f"/ops/{number}": f"value {number}" for number in range(11)}
    vault.secrets = {"ops/token": "hidden", "arn:aws:secretsmanager:eu-west-1:1:secret:x-Ab": "too"}
    found = fetched(
        vault, *(f"ssm:{name}" for name in vault.parameters), *(f"secret:{i}" for i in vault.secrets)
    )

    assert found == {
        **{f"ssm:{name}": value for name, value in vault.parameters.items()},
        **{f"secret:{name}": value for name, value in vault.secrets.items()},
    }
    assert [len(names) for names in vault.asked] == [10, 1, 1, 1]


def test_a_version_or_a_label_is_told_from_the_value_of_now(vault: FakeVault) -> None:
    """The answer names the parameter without it."""
    vault.parameters = {"/a": "now", "/a:3": "third", "/a:prod": "labelled", "/b:1": "first"}
    found = fetched(vault, "ssm:/a", "ssm:/a:3", "ssm:/a:prod", "ssm:/b:1")

    assert found == {"ssm:/a": "now", "ssm:/a:3": "third", "ssm:/a:prod": "labelled", "ssm:/b:1": "first"}
    assert len(vault.asked) == 1


def test_a_parameter_may_be_named_by_its_arn(vault: FakeVault) -> None:
    """With a version or label, too."""
    vault.parameters = {"/a": "now", "/a:3": "third"}
    arns = [vault.arn("/a"), f"{vault.arn('/a')}:3"]
    found = fetched(vault, *(f"ssm:{arn}" for arn in arns))

    assert [*found.values()] == ["now", "third"]


def test_what_is_not_there_is_named_and_the_rest_is_given(vault: FakeVault) -> None:
    """A parameter, a version of one, a secret."""
    vault.parameters = {"/a": "now"}
    found = fetched(vault, "ssm:/a", "ssm:/b", "ssm:/a:9", "secret:c")

    assert found == {
        "ssm:/a": "now",
        "ssm:/b": "needs ssm:/b, which is not there",
        "ssm:/a:9": "needs ssm:/a:9, which is not there",
        "secret:c": "needs secret:c, which is not there",
    }


def test_the_one_that_may_not_be_read_is_named_and_the_rest_is_given(vault: FakeVault) -> None:
    """Though AWS then refuses all that was asked for with it."""
    vault.parameters, vault.secrets = {"/a": "1", "/b": "2"}, {"s": "3"}
    vault.forbidden = {"/b", "s"}
    found = fetched(vault, "ssm:/a", "ssm:/b", "secret:s")

    refused = "which AWS does not give (AccessDeniedException: the permission {} may be missing, or {})"
    key = "kms:Decrypt for its key"
    assert found == {
        "ssm:/a": "1",
        "ssm:/b": "needs ssm:/b, " + refused.format("ssm:GetParameters", key),
        "secret:s": "needs secret:s, " + refused.format("secretsmanager:GetSecretValue", key),
    }


def test_a_binary_or_empty_secret_is_no_text(vault: FakeVault) -> None:
    """It could not stand in a configuration."""
    vault.secrets = {"b": b"\0", "e": ""}

    assert fetched(vault, "secret:b", "secret:e") == {
        "secret:b": "needs secret:b, which holds no text",
        "secret:e": "needs secret:e, which holds no text",
    }


@pytest.mark.parametrize(
    "trouble",
    [
        *(THROTTLED, BROKEN, Answer(429, {}), Answer(503, "busy")),
        *(Answer(400, {"__type": code}) for code in ("InternalServerError", "InternalServiceError")),
        Answer(400, {"__type": "com.amazonaws#RequestLimitExceeded"}),
    ],
)
def test_a_passing_trouble_is_met_twice_and_no_more(vault: FakeVault, trouble: Answer) -> None:
    """The second time it is told."""
    vault.parameters = {"/a": "1"}
    vault.instead.append(trouble)

    assert fetched(vault, "ssm:/a") == {"ssm:/a": "1"}
    vault.instead.extend([trouble] * 2)
    told = fetched(vault, "ssm:/a")["ssm:/a"]
    assert told.startswith("needs ssm:/a, which AWS does not give (")
    assert len(vault.asked) == 4


@pytest.mark.parametrize(
    ("trouble", "requests"), [(THROTTLED, 2), (Answer(400, {"__type": "ExpiredTokenException"}), 1)]
)
def test_a_trouble_that_is_about_no_name_is_not_gone_into(
    vault: FakeVault, trouble: Answer, requests: int
) -> None:
    """To ask for each name then would only make it worse."""
    vault.parameters = {"/a": "1", "/b": "2"}
    vault.instead.extend([trouble] * 9)
    found = fetched(vault, "ssm:/a", "ssm:/b")

    assert all("which AWS does not give" in reason for reason in found.values())
    assert len(vault.asked) == requests


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(403, "forbidden"),
        *(Answer(400, {"__type": code}) for code in ("AccessDeniedException", "InvalidKeyId")),
        Answer(400, {"__type": "ValidationException"}),
    ],
)
def test_a_trouble_that_may_be_about_one_name_is_gone_into(vault: FakeVault, trouble: Answer) -> None:
    """So that only that name has to do without."""
    vault.parameters = {"/a": "1", "/b": "2"}
    vault.instead.extend([trouble] * 2)
    found = fetched(vault, "ssm:/a", "ssm:/b")

    assert "which AWS does not give" in found.pop("ssm:/a")
    assert found == {"ssm:/b": "2"}
    assert vault.asked == [["/a", "/b"], ["/a"], ["/b"]]


def test_an_answer_that_does_not_come_is_asked_for_once_more() -> None:
    """To read twice does no harm."""
    send, rests = CannedSend(BROKEN_OFF, PARAMETER), list[int]()
    asking = calls(send, {}, rest=lambda: rests.append(len(send.requests)))

    assert fetch_values(["ssm:a"], asking) == {"ssm:a": "hidden"}
    assert rests == []


def test_who_has_too_much_to_do_is_left_alone_for_a_while() -> None:
    """Before the second attempt, not after it."""
    throttled = Response(400, {}, b'{"__type": "ThrottlingException"}')
    send, rests = CannedSend(throttled), list[int]()
    asking = calls(send, {}, rest=lambda: rests.append(len(send.requests)))
    found = fetch_values(["ssm:a"], asking)

    assert str(found["ssm:a"]) == "needs ssm:a, which AWS does not give (ThrottlingException)"
    assert (rests, len(send.requests)) == ([1], 2)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"AWS_ACCESS_KEY_ID": "AKIDOTHER"}, "UnrecognizedClientException: this access key does not exist"),
        ({"AWS_SESSION_TOKEN": "t0ken"}, "UnrecognizedClientException: this access key does not exist"),
        ({"AWS_SECRET_ACCESS_KEY": "s3cr3t"}, "InvalidSignatureException: the secret key is another"),
        ({"AWS_REGION": "eu-west-2"}, "InvalidSignatureException"),
    ],
)
def test_keys_that_are_refused_are_told_and_not_shown(
    vault: FakeVault, more: dict[str, str], reason: str
) -> None:
    """By what AWS calls the trouble."""
    told = fetched(vault, "ssm:/a", more=more)["ssm:/a"]

    assert f"needs ssm:/a, which AWS does not give ({reason}" in told
    assert not any(value in told for value in more.values())


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"AWS_REGION": ""}, "and the variable AWS_REGION is not set"),
        ({"AWS_REGION": "s3cr3t.example/"}, "and the variable AWS_REGION is no region, such as eu-west-1"),
        ({"AWS_ACCESS_KEY_ID": ""}, "and the variable AWS_ACCESS_KEY_ID is not set"),
        ({"AWS_SECRET_ACCESS_KEY": ""}, "and the variable AWS_SECRET_ACCESS_KEY is not set"),
        (
            {"AWS_SESSION_TOKEN": "s3cr3t\n"},
            "and the variable AWS_SESSION_TOKEN holds a line break or another invisible character",
        ),
        (
            {"AWS_ENDPOINT_URL": "http://s3cr3t.example"},
            "and the variable AWS_ENDPOINT_URL is unencrypted, which only a loopback host may be",
        ),
        (
            {"AWS_ENDPOINT_URL_SSM": "https://s3cr3t.example/path"},
            f"and the variable AWS_ENDPOINT_URL_SSM {NO_ENDPOINT}",
        ),
    ],
)
def test_what_there_is_to_ask_with_is_looked_at_first(more: dict[str, str], reason: str) -> None:
    """Nothing is sent then."""
    send = CannedSend(PARAMETER)

    assert why("ssm:a", send, more) == f"needs ssm:a, {reason}"
    assert not send.requests


@pytest.mark.parametrize(
    ("reference", "more", "url"),
    [
        ("ssm:a", {}, "https://ssm.eu-west-1.amazonaws.com/"),
        ("secret:a", {}, "https://secretsmanager.eu-west-1.amazonaws.com/"),
        ("ssm:a", {"AWS_REGION": "cn-north-1"}, "https://ssm.cn-north-1.amazonaws.com.cn/"),
        ("ssm:a", {"AWS_ENDPOINT_URL": "https://all.example"}, "https://all.example/"),
        (
            "ssm:a",
            {"AWS_ENDPOINT_URL": "https://all.example", "AWS_ENDPOINT_URL_SSM": "https://vpce.example:8443/"},
            "https://vpce.example:8443/",
        ),
        (
            "secret:a",
            {
                "AWS_ENDPOINT_URL_SSM": "https://x.example",
                "AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://[::1]:1",
            },
            "http://[::1]:1/",
        ),
    ],
)
def test_each_service_is_asked_where_it_is(reference: str, more: dict[str, str], url: str) -> None:
    """In its region, or where AWS's own variables say."""
    send = CannedSend(PARAMETER if reference.startswith("ssm") else SECRET)
    found = fetch_values([reference], calls(send, more, 2.5))

    assert found == {reference: "hidden"}
    assert [request.url for request in send.requests] == [url]
    assert send.timeouts == [2.5]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            TransportError("ssm.example did not answer in time.", timed_out=True, request_sent=True),
            "and AWS cannot be asked: ssm.example did not answer in time",
        ),
        (
            TransportError("No time is left to ask ssm.example.", timed_out=True, request_sent=False),
            "and AWS cannot be asked: No time is left to ask ssm.example",
        ),
        (Response(200, {}, b"hidden"), "and what AWS answers cannot be read"),
        (
            Response(200, {}, b'{"Parameters": [{"Name": "a", "Value": 5}]}'),
            "and what AWS answers cannot be read",
        ),
        (SECRET, "and what AWS answers cannot be read"),
        (Response(200, {}, b'{"a":' * 99999), "and what AWS answers cannot be read"),
        (Response(400, {}, b"hidden"), "which AWS does not give (400)"),
        (Response(307, {}, b'{"__type": "hidden!"}'), "which AWS does not give (307)"),
        (
            Response(400, {}, b'{"__type":"com.amazonaws.ssm#ValidationException","message":"hidden"}'),
            "which AWS does not give (ValidationException: nothing can be called so)",
        ),
        (
            Response(400, {}, b'{"__type": "ExpiredTokenException", "Message": "hidden"}'),
            f"which AWS does not give (ExpiredTokenException: {EXPIRED})",
        ),
    ],
)
def test_a_value_that_cannot_be_had_is_named(answer: Response | TransportError, reason: str) -> None:
    """And nothing of the answer is repeated."""
    assert why("ssm:a", CannedSend(answer), {}) == f"needs ssm:a, {reason}"


READING: Final = ("ssm:GetParameters", "secretsmanager:GetSecretValue")
KEEPING: Final = ("ssm:PutParameter", "secretsmanager:CreateSecret")


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    """AWS as moto understands it, with a parameter and a secret."""
    with running_moto(*READING, *KEEPING) as server:
        keep(server)
        yield server


def keep(moto: Moto) -> None:
    """Keep a parameter and a secret there."""
    send = Transport(connections=1)
    for service, target, order in (
        ("ssm", "AmazonSSM.PutParameter", {"Name": "/a", "Value": "1", "Type": "SecureString"}),
        ("secretsmanager", "secretsmanager.CreateSecret", {"Name": "s", "SecretString": "2"}),
    ):
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
        request = Request("POST", f"{moto.endpoint}/", headers, json.dumps(order).encode())
        now = datetime.now(timezone.utc)
        signed = sign(request, region=REGION, credentials=moto.user, now=now, service=service)
        assert send(signed, timeout_seconds=10).status == 200


def test_moto_gives_what_is_kept_there_to_whoever_may_read_it(moto: Moto) -> None:
    """A second opinion, which looks at key, secret and token as AWS does."""
    send = Transport(connections=1)

    def told(credentials: Credentials) -> dict[str, str]:
        asking = calls(send, {**variables(credentials), "AWS_ENDPOINT_URL": moto.endpoint})
        found = fetch_values(["ssm:/a", "ssm:/b", "secret:s", "secret:t"], asking)
        return {reference: str(value) for reference, value in found.items()}

    expected = {
        "ssm:/a": "1",
        "ssm:/b": "needs ssm:/b, which is not there",
        "secret:s": "2",
        "secret:t": "needs secret:t, which is not there",
    }
    assert told(moto.user) == told(moto.role) == expected
    for wrong in (replace(moto.role, secret_key="other"), replace(moto.role, session_token="other")):
        assert all("which AWS does not give" in reason for reason in told(wrong).values())


def test_moto_gives_nothing_to_who_may_not_read_it(moto: Moto) -> None:
    """And the reason names the permission that is missing."""
    more = {**variables(moto.guest), "AWS_ENDPOINT_URL": moto.endpoint}
    reasons = [why(each, Transport(connections=1), more) for each in ("ssm:/a", "secret:s")]

    assert "the permission ssm:GetParameters may be missing" in reasons[0]
    assert "the permission secretsmanager:GetSecretValue may be missing" in reasons[1]
