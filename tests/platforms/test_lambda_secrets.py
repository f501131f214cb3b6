"""Secrets out of Parameter Store and Secrets Manager, through the extension beside the function."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.fakes.loopback import accepting
from tests.platforms.events import sample
from tests.platforms.lambda_deployment import Deployment
from tests.platforms.lambda_events import TIMERS, request, response
from tests.platforms.lambda_extension import PORT_VARIABLE, SecretsExtension
from tests.platforms.lambda_function import LambdaFunction
from tests.platforms.lambda_runtime_api import RuntimeApi
from tests.platforms.services import AWS_KEYS, HTTP_TOKEN, Services

PARAMETER = "/headway/channels/hook"
SECRET = "headway/http+token"
NEW_TOKEN = "token-after-its-rotation"
UNUSED_PORT = 1
TIMEOUT_SECONDS = 3
TEXT = """
huaweicloud: {{region: {HEADWAY_REGION}, project_id: {HEADWAY_PROJECT_ID}, endpoint: "{HEADWAY_ENDPOINT}"}}
state: {HEADWAY_STATE}
watches: [{{instance_id: {HEADWAY_INSTANCE_ID}, task_id: {HEADWAY_TASK_ID}, name: {HEADWAY_NAME}}}]
channels: {{hook: {{url: "${{ssm:/headway/channels/hook}}"}}}}
http: {{token: "${{secret:headway/http+token}}"}}
"""


class Vault:
    """What the extension serves; a test may change it, or end the extension."""

    def __init__(self, services: Services) -> None:
        """Hold the channel's URL and the callers' token."""
        self.api = RuntimeApi()
        self.parameters = {PARAMETER: services.channel}
        self.secrets = {SECRET: HTTP_TOKEN}
        self.extension = SecretsExtension(
            str(AWS_KEYS.session_token),
            parameters=self.parameters,
            secrets=self.secrets,
            is_invoking=lambda: self.api.is_invoking,
        )


@contextmanager
def running(
    deployment: Deployment, services: Services, vault: Vault, timeout_seconds: int = 30
) -> Iterator[LambdaFunction]:
    """Run a function that is configured by a YAML text with references in it."""
    services.begin()
    variables = {
        **dict.fromkeys(services.variables, ""),
        "HEADWAY_CONFIG": TEXT.format_map(services.variables),
        PORT_VARIABLE: str(vault.extension.port),
    }
    with deployment.running(services, variables, api=vault.api, timeout_seconds=timeout_seconds) as function:
        yield function


@pytest.fixture
def vault(services: Services) -> Iterator[Vault]:
    """The extension at work."""
    vault = Vault(services)
    with vault.extension:
        yield vault


def test_what_is_kept_elsewhere_is_used_like_what_is_configured(
    deployment: Deployment, services: Services, vault: Vault
) -> None:
    """A channel's address and the callers' token; both are asked for within an invocation."""
    check = request("lambda-url-post", "POST", "/api/check", {"Authorization": f"Bearer {HTTP_TOKEN}"})
    with running(deployment, services, vault) as function:
        report = function.invoke(sample(TIMERS[0])).payload
        got = response(function.invoke(check), check)

    assert [each["outcome"] for each in report["changes"][0]["deliveries"]] == ["sent"]
    assert len(services.titles) == 1
    assert (got.status, got.json["ok"]) == (200, True)
    assert vault.extension.asked


def test_a_rotated_token_counts_from_the_next_invocation(
    deployment: Deployment, services: Services, vault: Vault
) -> None:
    """Nothing is kept in the process."""
    old = request("lambda-url-post", "POST", "/api/check", {"Authorization": f"Bearer {HTTP_TOKEN}"})
    new = request("lambda-url-post", "POST", "/api/check", {"Authorization": f"Bearer {NEW_TOKEN}"})
    with running(deployment, services, vault) as function:
        before = response(function.invoke(old), old)
        vault.secrets[SECRET] = NEW_TOKEN
        after = [response(function.invoke(each), each).status for each in (old, new)]

        assert NEW_TOKEN not in function.said
    assert before.status == 200
    assert after == [401, 200]


def test_what_is_not_there_is_told_by_its_key_and_name(
    deployment: Deployment, services: Services, vault: Vault
) -> None:
    """Nothing is sent then."""
    vault.parameters.clear()
    with running(deployment, services, vault) as function:
        answer = function.invoke(sample(TIMERS[0]))

    assert answer.error_type == "InvocationFailedError"
    assert "channels.hook.url" in answer.payload["errorMessage"]
    assert PARAMETER in answer.payload["errorMessage"]
    assert not services.titles


def test_an_extension_that_is_not_there_is_told(deployment: Deployment, services: Services) -> None:
    """The layer was forgotten, say: nobody listens where it should be."""
    vault = Vault(services)
    vault.extension.port = UNUSED_PORT
    with running(deployment, services, vault) as function:
        answer = function.invoke(sample(TIMERS[0]))

    assert answer.error_type == "InvocationFailedError"
    assert "channels.hook.url" in answer.payload["errorMessage"]


def test_an_extension_that_says_nothing_is_given_up_before_the_deadline(
    deployment: Deployment, services: Services
) -> None:
    """However many values it is asked for: the platform would end who waits for them to the end."""
    vault, is_over = Vault(services), threading.Event()

    def say_nothing(_: socket.socket) -> None:
        is_over.wait()

    with (
        accepting(say_nothing) as vault.extension.port,
        running(deployment, services, vault, TIMEOUT_SECONDS) as function,
    ):
        try:
            answer = function.invoke(sample(TIMERS[0]))
        finally:
            is_over.set()

    assert answer.error_type == "InvocationFailedError"
    assert "channels.hook.url" in answer.payload["errorMessage"]
