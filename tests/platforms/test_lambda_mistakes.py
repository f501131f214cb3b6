"""What Lambda shows of a deployed function that cannot do its job at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest

from tests.platforms.events import sample
from tests.platforms.lambda_deployment import KINDS, Deployment
from tests.platforms.lambda_events import REQUESTS, TIMERS, request, response
from tests.platforms.lambda_function import LambdaFunction
from tests.platforms.services import HTTP_TOKEN, Services

BEARER = {"Authorization": f"Bearer {HTTP_TOKEN}"}
OTHER_SECRET = "another/secret+key"
UNUSABLE: Mapping[str, Mapping[str, str]] = {
    "HEADWAY_PROJECT_ID": {"HEADWAY_PROJECT_ID": ""},
    "HEADWAY_STATE": {"HEADWAY_STATE": "s3:/bucket"},
}
"""Words that the message has to have, and the variables with which no configuration can be read."""

FRUITLESS: Mapping[str, Mapping[str, str]] = {
    "HUAWEICLOUD_SDK_SK": {"HUAWEICLOUD_SDK_SK": ""},
    "huaweicloud.access_key, .secret_key": {"HUAWEICLOUD_SDK_SK": OTHER_SECRET},
    "the secret key does not belong to the access key": {"AWS_SECRET_ACCESS_KEY": OTHER_SECRET},
}
"""The same where it can, and its keys are no good."""

MISTAKES = {**UNUSABLE, **FRUITLESS}


@pytest.fixture(scope="module", params=MISTAKES)
def mistake(request: pytest.FixtureRequest) -> str:
    """What has to be said of what is wrong."""
    return str(request.param)


@pytest.fixture(scope="module", params=KINDS)
def broken(
    request: pytest.FixtureRequest, mistake: str, deployment: Deployment, services: Services
) -> Iterator[LambdaFunction]:
    """A function that cannot work as it is configured."""
    services.begin()
    with deployment.running(services, MISTAKES[mistake], kind=request.param) as running:
        yield running
        assert OTHER_SECRET not in running.said


def test_a_timer_fails_with_a_sentence_that_names_what_is_wrong(broken: LambdaFunction, mistake: str) -> None:
    """So that the platform's own alarm goes off; where in our code it happened helps nobody."""
    answer = broken.invoke(sample(TIMERS[0]))

    assert answer.error_type == "InvocationFailedError"
    assert mistake in answer.payload["errorMessage"]
    assert len(answer.payload["stackTrace"]) <= 1


@pytest.mark.parametrize("name", REQUESTS)
def test_a_caller_gets_a_well_formed_answer(name: str, broken: LambdaFunction, mistake: str) -> None:
    """The report; where nobody can be known, because the token cannot be, an error that tells nothing."""
    event = request(name, "POST", "/api/check", BEARER)
    got = response(broken.invoke(event), event)

    if mistake in UNUSABLE:
        assert (got.status, got.json["error"]["code"]) == (500, "misconfigured")
    else:
        assert (got.status, got.json["ok"], got.json["trigger"]) == (200, False, "http")


def test_the_log_stays_json_where_lambda_is_told_so(deployment: Deployment, services: Services) -> None:
    """Our line passes as it is, and the client writes the error as one."""
    variables = {"HEADWAY_PROJECT_ID": "", "AWS_LAMBDA_LOG_FORMAT": "JSON"}
    with deployment.running(services, variables) as function:
        function.invoke(sample(TIMERS[0]))
        lines = [json.loads(line) for line in function.output.splitlines()]

    assert [line["level"].lower() for line in lines] == ["error", "error"]
    assert lines[0]["request_id"] == lines[1]["requestId"]
