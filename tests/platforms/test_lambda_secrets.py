"""Secrets out of Parameter Store and Secrets Manager, fetched by the packaged function itself."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.fakes.loopback import accepting
from tests.platforms.events import sample
from tests.platforms.lambda_deployment import Deployment
from tests.platforms.lambda_events import TIMERS, request, response
from tests.platforms.lambda_function import LambdaFunction
from tests.platforms.services import HTTP_TOKEN, PARAMETER, SECRET, Services

NEW_TOKEN: Final = "token-after-its-rotation"
TIMEOUT_SECONDS: Final = 3


@contextmanager
def running(
    deployment: Deployment, services: Services, timeout_seconds: int = 30, **variables: str
) -> Iterator[LambdaFunction]:
    """Run a function that is configured by a YAML text with references in it."""
    services.begin()
    configured = {**dict.fromkeys(services.variables, ""), "HEADWAY_CONFIG": services.text, **variables}
    with deployment.running(services, configured, timeout_seconds=timeout_seconds) as function:
        yield function


def test_what_is_kept_elsewhere_is_used_like_what_is_configured(
    deployment: Deployment, services: Services
) -> None:
    """A channel's address and the callers' token; both are asked for in every invocation."""
    check = request("lambda-url-post", "POST", "/api/check", {"Authorization": f"Bearer {HTTP_TOKEN}"})
    services.vault.asked.clear()
    with running(deployment, services) as function:
        report = function.invoke(sample(TIMERS[0])).payload
        got = response(function.invoke(check), check)

    assert [each["outcome"] for each in report["changes"][0]["deliveries"]] == ["sent"]
    assert len(services.titles) == 1
    assert (got.status, got.json["ok"]) == (200, True)
    assert services.vault.asked == [[PARAMETER], [SECRET]] * 2


def test_a_rotated_token_counts_from_the_next_invocation(deployment: Deployment, services: Services) -> None:
    """Nothing is kept in the process."""
    old = request("lambda-url-post", "POST", "/api/check", {"Authorization": f"Bearer {HTTP_TOKEN}"})
    new = request("lambda-url-post", "POST", "/api/check", {"Authorization": f"Bearer {NEW_TOKEN}"})
    with running(deployment, services) as function:
        before = response(function.invoke(old), old)
        services.vault.secrets[SECRET] = NEW_TOKEN
        after = [response(function.invoke(each), each).status for each in (old, new)]

        assert NEW_TOKEN not in function.said
    assert before.status == 200
    assert after == [401, 200]


def test_what_is_not_there_is_told_by_its_key_and_name(deployment: Deployment, services: Services) -> None:
    """All of it at once; nothing is sent then."""
    with running(deployment, services) as function:
        services.vault.parameters.clear()
        services.vault.secrets.clear()
        answer = function.invoke(sample(TIMERS[0]))

    assert answer.error_type == "InvocationFailedError"
    assert answer.payload["errorMessage"].splitlines()[1:] == [
        f"channels.hook.url: needs ssm:{PARAMETER}, which is not there.",
        f"http.token: needs secret:{SECRET}, which is not there.",
    ]
    assert not services.titles


def test_a_permission_that_the_role_lacks_is_named(deployment: Deployment, services: Services) -> None:
    """As it stands in a policy."""
    with running(deployment, services) as function:
        services.vault.forbidden |= {PARAMETER, SECRET}
        answer = function.invoke(sample(TIMERS[0]))

    assert answer.error_type == "InvocationFailedError"
    for permission in ("ssm:GetParameters", "secretsmanager:GetSecretValue"):
        assert f"the permission {permission} may be missing" in answer.payload["errorMessage"]


def test_a_service_that_says_nothing_is_given_up_before_the_deadline(
    deployment: Deployment, services: Services
) -> None:
    """However many values it is asked for: the platform would end who waits for them to the end."""
    is_over = threading.Event()

    def say_nothing(_: socket.socket) -> None:
        is_over.wait()

    with accepting(say_nothing) as port:
        silent = {"AWS_ENDPOINT_URL_SSM": f"http://127.0.0.1:{port}"}
        with running(deployment, services, TIMEOUT_SECONDS, **silent) as function:
            try:
                answer = function.invoke(sample(TIMERS[0]))
            finally:
                is_over.set()

    assert answer.error_type == "InvocationFailedError"
    assert "channels.hook.url: needs ssm:" in answer.payload["errorMessage"]
    assert "did not answer in time" in answer.payload["errorMessage"]
