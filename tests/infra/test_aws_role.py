"""The role of `infra/aws` is enough for the packaged function, and not more than enough."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from botocore.exceptions import ClientError

from tests.fakes.webhook_server import Answer
from tests.infra.aws_cloud import ACCOUNT, REGION, connect
from tests.infra.aws_deployment import BUCKET, MODULE, NEEDS_AWS, PREFIX
from tests.infra.aws_policies import Ask, Decision, decide, permissions
from tests.infra.aws_stage import LEDGER, SECRET, TICK, Stage, staged
from tests.platforms.lambda_events import request, response
from tests.platforms.lambda_function import LambdaFunction
from tests.platforms.services import HOOK_TOKEN, HTTP_TOKEN

pytestmark = NEEDS_AWS

OBJECTS: Final = f"arn:aws:s3:::{BUCKET}"
PARAMETERS: Final = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"
OF_S3: Final = [
    ("s3:GetObject", f"{OBJECTS}/{PREFIX}/*"),
    ("s3:PutObject", f"{OBJECTS}/{PREFIX}/*"),
    ("s3:DeleteObject", f"{OBJECTS}/{PREFIX}/active/*"),
    ("s3:GetObject", f"{OBJECTS}/config/headway.yaml"),
    ("s3:ListBucket", OBJECTS),
]
OF_OTHERS: Final = [
    ("ssm:GetParameters", f"{PARAMETERS}/headway/access-key"),
    ("ssm:GetParameters", f"{PARAMETERS}/headway/hook"),
    ("ssm:GetParameters", f"{PARAMETERS}/headway/secret-key"),
    ("ssm:GetParameters", f"{PARAMETERS}/headway/security-token"),
    ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{SECRET}-??????"),
]
OF_THE_PLATFORM: Final = {"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"}
"""What Lambda itself needs on the function's behalf: moto's does neither."""
BEARER: Final = {"Authorization": f"Bearer {HTTP_TOKEN}"}


class Life(NamedTuple):
    """What came of a change's whole life: the alerts each tick raised, and all that the function said."""

    raised: list[Any]
    said: str
    titles: list[str]


@pytest.fixture(scope="module")
def stage(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Everything around the function."""
    with staged(tmp_path_factory.mktemp("stage"), shared) as stage:
        yield stage


def live(stage: Stage) -> Life:
    """Have a function see a change through."""
    stage.begin()
    raised: list[Any] = []
    with stage.running() as function:
        for _ in stage.services.live():
            report = function.invoke(TICK).payload
            raised += [change["alerts"] for change in report.get("changes", [])]
        return Life(raised, function.said, stage.services.titles)


def test_a_whole_change_is_told_with_exactly_this_role(stage: Stage) -> None:
    """The configuration from the bucket, secrets from where they are kept, the state beside it."""
    life = live(stage)

    assert life.raised == list(stage.services.live())
    assert len(life.titles) == 4
    assert "completed" in life.titles[-1]


def test_what_is_asked_over_http_is_done_with_exactly_this_role(stage: Stage) -> None:
    """Pages and metrics, a change registered and dropped, a message tried."""
    stage.begin()
    wanted = json.dumps({"instance_id": "instance-1", "task_id": "task-9", "name": "more"})
    with stage.running() as function:
        function.invoke(TICK)
        answers = [
            ask(function, "GET", "/"),
            ask(function, "GET", "/changes/instance-1/task-1"),
            ask(function, "GET", "/metrics"),
            ask(function, "POST", "/api/watches", wanted),
            ask(function, "DELETE", "/api/watches/instance-1/task-9"),
            ask(function, "POST", "/api/test-alert"),
        ]

    assert [answer // 100 for answer in answers] == [2] * len(answers), answers


def test_a_damaged_ledger_is_set_aside_with_exactly_this_role(stage: Stage) -> None:
    """Copied within the bucket, whose policy lets nobody write a ledger without a condition."""
    stage.begin()
    stage.cloud.client("s3").put_object(Bucket=BUCKET, Key=LEDGER, Body=b"{")
    with stage.running() as function:
        raised = [function.invoke(TICK).payload["changes"][0]["alerts"] for _ in range(2)]

    assert "ledger_reset" in raised[0] + raised[1]
    assert len(stage.cloud.keys(BUCKET, f"{PREFIX}/aside/")) == 1


def test_every_permission_is_used(stage: Stage) -> None:
    """By what the tests before have done; what is Lambda's own stands apart."""
    live(stage)
    given = [each for each in permissions(stage.role) if each[0] not in OF_THE_PLATFORM]

    assert sorted(given) == sorted([*OF_S3, *OF_OTHERS])
    for action, resource in given:
        alone = {"Statement": {"Effect": "Allow", "Action": action, "Resource": resource}}
        assert any(decide([alone], ask) is Decision.ALLOWED for ask in stage.gate.asked), (action, resource)


@pytest.mark.parametrize(("action", "resource"), [*OF_S3, *OF_OTHERS])
def test_with_one_permission_less_it_fails_and_says_which(stage: Stage, action: str, resource: str) -> None:
    """Each by AWS's rules, conditions and resources included."""
    with stage.lacking(action, resource):
        life = live(stage)

    assert "InvocationFailedError" in life.said
    assert action in life.said


@pytest.mark.parametrize(("action", "resource"), OF_S3)
def test_it_says_so_too_when_moto_is_who_refuses(stage: Stage, action: str, resource: str) -> None:
    """A second opinion on what the gate decides: moto has its own reading of actions and resources."""
    with stage.lacking(action, resource, of_moto=True):
        life = live(stage)

    assert "InvocationFailedError" in life.said
    assert action in life.said


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_object", {"Key": "packages/headway.zip"}),
        ("get_object", {"Key": "other/changes/instance-1/task-1.json"}),
        ("put_object", {"Key": "config/headway.yaml", "Body": b"x"}),
        ("put_object", {"Key": "packages/headway.zip", "Body": b"x"}),
        ("put_object", {"Key": f"{PREFIX}-2/changes/a/b.json", "Body": b"x", "IfNoneMatch": "*"}),
        ("delete_object", {"Key": LEDGER}),
        ("delete_object", {"Key": f"{PREFIX}/aside/instance-1/task-1/x.json"}),
        ("delete_object", {"Key": "config/headway.yaml"}),
        ("get_bucket_policy", {}),
        ("delete_bucket_policy", {}),
        ("list_object_versions", {}),
    ],
)
def test_moto_lets_the_role_do_nothing_else_in_the_bucket(
    stage: Stage, operation: str, arguments: dict[str, Any]
) -> None:
    """By the role's own keys, with which the configuration can be read, and by moto's own reading."""
    stage.cloud.let_in(everybody=False)
    try:
        s3 = connect("s3", stage.cloud.endpoint, stage.keys)
        s3.get_object(Bucket=BUCKET, Key="config/headway.yaml")
        with pytest.raises(ClientError, match=r"\(AccessDenied\)"):
            getattr(s3, operation)(Bucket=BUCKET, **arguments)
    finally:
        stage.cloud.let_in(everybody=True)


@pytest.mark.parametrize(
    "ask",
    [
        Ask("s3:GetObject", f"{OBJECTS}-2/{LEDGER}"),
        Ask("s3:GetObjectVersion", f"{OBJECTS}/{LEDGER}"),
        Ask("s3:DeleteObjectVersion", f"{OBJECTS}/{PREFIX}/active/instance-1/task-1"),
        Ask("s3:ListBucket", OBJECTS),
        Ask("s3:ListBucket", OBJECTS, {"s3:prefix": ""}),
        Ask("s3:ListBucket", OBJECTS, {"s3:prefix": "packages/"}),
        Ask("s3:ListBucket", OBJECTS, {"s3:prefix": f"{PREFIX}-2/"}),
        Ask("ssm:GetParameters", f"{PARAMETERS}/headway/other"),
        Ask("ssm:GetParameters", f"{PARAMETERS}/headway/hook-2"),
        Ask("ssm:GetParametersByPath", f"{PARAMETERS}/headway"),
        Ask("ssm:PutParameter", f"{PARAMETERS}/headway/hook"),
        Ask(
            "secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:other-AbCdEf"
        ),
        Ask("logs:CreateLogGroup", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/headway"),
        Ask("sqs:ReceiveMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:headway-failures"),
        Ask("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:headway"),
    ],
)
def test_the_role_may_do_nothing_else(stage: Stage, ask: Ask) -> None:
    """By AWS's rules."""
    assert decide([stage.role], ask) is Decision.UNMENTIONED


def test_the_bucket_refuses_a_ledger_without_a_condition_from_anybody(stage: Stage) -> None:
    """And everything that comes in the clear; what comes with a condition stays the role's matter."""
    everything = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    ledger, marker = f"{OBJECTS}/{LEDGER}", f"{OBJECTS}/{PREFIX}/active/instance-1/task-1"
    creation, secure = {"s3:ObjectCreationOperation": "true"}, {"aws:SecureTransport": "true"}

    def decision(resource: str, **context: str) -> Decision:
        named = {f"s3:{name.replace('_', '-')}": value for name, value in context.items()}
        return decide(
            [everything, stage.bucket], Ask("s3:PutObject", resource, {**creation, **secure, **named})
        )

    assert decision(ledger) is Decision.DENIED
    assert decision(ledger, if_match='"etag"') is Decision.ALLOWED
    assert decision(ledger, if_none_match="*") is Decision.ALLOWED
    assert decision(marker) is Decision.ALLOWED
    for action, resource in (("s3:GetObject", ledger), ("s3:ListBucket", OBJECTS)):
        plain = Ask(action, resource, {"aws:SecureTransport": "false"})
        assert decide([everything, stage.bucket], plain) is Decision.DENIED


def test_the_gate_holds_whoever_writes_a_ledger_to_a_condition(stage: Stage) -> None:
    """So that the tests before would have met with it."""
    stage.begin()
    s3 = connect("s3", stage.gate.endpoint, stage.keys)

    with pytest.raises(ClientError, match=r"\(AccessDenied\)"):
        s3.put_object(Bucket=BUCKET, Key=LEDGER, Body=b"{}")
    s3.put_object(Bucket=BUCKET, Key=LEDGER, Body=b"{}", IfNoneMatch="*")
    assert stage.cloud.keys(BUCKET, f"{PREFIX}/") == [LEDGER]


def test_the_alarm_of_refusals_counts_what_the_log_says(stage: Stage) -> None:
    """Terraform's pattern names the number in the function's line."""
    stage.begin()
    stage.services.webhooks.script(f"/{HOOK_TOKEN}", Answer(status=403))
    try:
        with stage.running() as function:
            function.invoke(TICK)
            line = json.loads(function.output.splitlines()[-1])
    finally:
        stage.services.webhooks.script(f"/{HOOK_TOKEN}", Answer())
    counted = "$.counts.deliveries.refused"
    found = line
    for key in counted.split(".")[1:]:
        found = found[key]

    assert found == 1
    assert f'"{{ {counted} > 0 }}"' in (MODULE / "alarms.tf").read_text(encoding="utf-8")


def ask(function: LambdaFunction, method: str, path: str, body: str = "") -> int:
    """Send a request through the function's URL; gives the status of its answer."""
    event = request("lambda-url-post", method, path, BEARER, body)
    return response(function.invoke(event), event).status
