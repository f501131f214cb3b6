"""Values kept in AWS, as Lambda's extension gives them or does not."""

from __future__ import annotations

import json

import pytest

from handler.extension import Extension
from handler.transport import Response, TransportError
from tests.fakes.canned_send import CannedSend

VARIABLES = {"AWS_SESSION_TOKEN": "session-token"}
NOBODY_ANSWERS = (
    "needs ssm:a, and the parameters-and-secrets extension does not answer"
    " (it is on Lambda only, where its layer is attached)"
)
PARAMETER = Response(200, {}, json.dumps({"Parameter": {"Name": "/a", "Value": "hidden"}}).encode())
SECRET = Response(200, {}, json.dumps({"Name": "a", "SecretString": "hidden"}).encode())


def extension(send: CannedSend, remaining_seconds: float = 60, **more: str) -> Extension:
    """The extension in a function with so much time left."""
    return Extension(send, {**VARIABLES, **more}.get, lambda: remaining_seconds)


@pytest.mark.parametrize(
    ("reference", "answer", "target"),
    [
        ("ssm:/ops/a+b", PARAMETER, "/systemsmanager/parameters/get?name=%2Fops%2Fa%2Bb&withDecryption=true"),
        ("secret:arn:aws:x:y-Ab", SECRET, "/secretsmanager/get?secretId=arn%3Aaws%3Ax%3Ay-Ab"),
    ],
)
def test_a_value_is_asked_for_as_the_extension_wants_it(
    reference: str, answer: Response, target: str
) -> None:
    """With the session's token, which keeps others on the machine out."""
    send = CannedSend(answer)

    assert extension(send)(reference) == "hidden"
    (request,) = send.requests
    assert (request.method, request.url) == ("GET", f"http://localhost:2773{target}")
    assert request.headers == {"X-Aws-Parameters-Secrets-Token": "session-token"}


def test_the_extensions_port_can_be_another() -> None:
    """As its documentation has it."""
    send = CannedSend(PARAMETER)
    extension(send, PARAMETERS_SECRETS_EXTENSION_HTTP_PORT="4000")("ssm:a")

    assert send.requests[0].url.startswith("http://localhost:4000/")


def test_it_is_not_waited_for_longer_than_there_is_time() -> None:
    """What is left is for all values together."""
    send = CannedSend(PARAMETER)
    extension(send, 2.5)("ssm:a")

    assert send.timeouts == [2.5]


def test_a_port_that_is_none_is_named() -> None:
    """Rather than asked for an address that there cannot be."""
    with pytest.raises(LookupError, match="PARAMETERS_SECRETS_EXTENSION_HTTP_PORT is no port"):
        extension(CannedSend(PARAMETER), PARAMETERS_SECRETS_EXTENSION_HTTP_PORT="[")("ssm:a")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (
            TransportError("localhost could not be reached.", timed_out=False, request_sent=False),
            NOBODY_ANSWERS,
        ),
        (
            Response(400, {}, b"an unexpected error occurred, with hidden"),
            "needs ssm:a, which AWS does not give (status 400; is it there, and may the role read it?)",
        ),
        (Response(200, {}, b"hidden"), "needs ssm:a, which holds no text"),
        (Response(200, {}, b'{"Parameter": {"Value": 5}}'), "needs ssm:a, which holds no text"),
        (SECRET, "needs ssm:a, which holds no text"),
        (Response(200, {}, b'{"a":' * 99999), "needs ssm:a, which holds no text"),
    ],
)
def test_a_value_that_cannot_be_had_is_named(answer: Response | TransportError, problem: str) -> None:
    """And nothing of the answer is repeated."""
    with pytest.raises(LookupError) as raised:
        extension(CannedSend(answer))("ssm:a")

    assert raised.value.args == (problem,)


def test_a_binary_secret_is_no_text() -> None:
    """It could not stand in a configuration."""
    answer = Response(200, {}, b'{"SecretBinary": "AAAA"}')

    with pytest.raises(LookupError, match="needs secret:a, which holds no text"):
        extension(CannedSend(answer))("secret:a")
