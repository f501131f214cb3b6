"""`infra/aws` applied by Terraform, and all that it made read back from AWS's side, which is moto here.

One deployment lives through the whole file: it is made, looked at, changed and at last taken away.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from botocore.exceptions import ClientError

from tests.infra.aws_cloud import ACCOUNT, REGION, AwsCloud, running_cloud, write_override
from tests.infra.aws_deployment import (
    BUCKET,
    MODULE,
    NEEDS_AWS,
    PREFIX,
    build_package,
    prepared,
    release,
)
from tests.infra.terraform import Terraform

pytestmark = NEEDS_AWS

CONFIGURATION: Final = f"""
huaweicloud:
  region: eu-west-101
  project_id: 0a1b2c3d4e5f60718293a4b5c6d7e8f9
  access_key: ${{ssm:/headway/access-key}}
  secret_key: ${{ssm:/headway/secret-key:3}}
state: s3://{BUCKET}/{PREFIX}?region={REGION}
discover: true
channels:
  team: {{url: "slack://${{secret:headway/slack}}"}}
http: {{token: "${{ssm:/headway/http-token}}"}}  # not ${{ssm:/headway/comment}}
"""
ADDED: Final = "language: zh\n"
LEDGER: Final = f"{PREFIX}/changes/instance-1/task-1.json"
BUCKET_ARN: Final = f"arn:aws:s3:::{BUCKET}"
FUNCTION_ARN: Final = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:headway"
QUEUE_ARN: Final = f"arn:aws:sqs:{REGION}:{ACCOUNT}:headway-failures"
LOG_ARN: Final = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/headway"
UNINSTALL: Final = re.compile(r"^## Uninstall\n.*?^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
"""The first commands of that section."""


class Deployed(NamedTuple):
    """What was deployed, with what, and where."""

    terraform: Terraform
    cloud: AwsCloud
    package: Path

    @property
    def code(self) -> bytes:
        """The zip as it lies here."""
        return self.package.read_bytes()

    def function(self) -> dict[str, Any]:
        """The function's configuration."""
        found = self.cloud.client("lambda").get_function(FunctionName="headway")
        configuration: dict[str, Any] = found["Configuration"]
        return configuration

    def schedules(self) -> list[dict[str, Any]]:
        """All schedules, with what they send."""
        scheduler = self.cloud.client("scheduler")
        names = [each["Name"] for each in scheduler.list_schedules(GroupName="headway")["Schedules"]]
        return [scheduler.get_schedule(GroupName="headway", Name=name) for name in names]

    def alarm(self, name: str) -> dict[str, Any]:
        """An alarm, less what nobody has set."""
        (alarm,) = self.cloud.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return {key: value for key, value in alarm.items() if value not in ([], "", None)}


@pytest.fixture(scope="module")
def deployed(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The example with a configuration of ours, applied."""
    folder = tmp_path_factory.mktemp("deployment")
    package = build_package(shared, folder)
    with running_cloud() as cloud, prepared(folder, cloud, CONFIGURATION, package) as terraform:
        terraform.apply()
        yield Deployed(terraform, cloud, package)


def test_a_second_plan_has_nothing_to_do(deployed: Deployed) -> None:
    """All that was asked for is what stands there."""
    assert not deployed.terraform.plan()


def test_the_function_is_the_zip_with_what_it_needs(deployed: Deployed) -> None:
    """Its code by hash; runtime and architecture as the zip's name says."""
    function = deployed.function()
    digest = hashlib.sha256(deployed.code)

    assert function["CodeSha256"] == base64.b64encode(digest.digest()).decode()
    assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
    assert (function["Handler"], function["Timeout"], function["MemorySize"]) == ("index.handler", 60, 256)
    assert function["Role"] == f"arn:aws:iam::{ACCOUNT}:role/headway-function"
    assert function["Environment"]["Variables"] == {
        "HEADWAY_CONFIG": f"s3://{BUCKET}/config/headway.yaml?region={REGION}"
    }
    assert deployed.cloud.keys(BUCKET) == [
        "config/headway.yaml",
        f"packages/headway-lambda-py313-arm64-{digest.hexdigest()[:16]}.zip",
    ]


def test_a_tick_that_fails_or_grows_old_is_not_tried_again(deployed: Deployed) -> None:
    """Nor do two run at once; what failed is kept in the queue."""
    functions = deployed.cloud.client("lambda")
    config = functions.get_function_event_invoke_config(FunctionName="headway")
    concurrency = functions.get_function_concurrency(FunctionName="headway")

    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (0, 60)
    assert config["DestinationConfig"]["OnFailure"] == {"Destination": QUEUE_ARN}
    assert concurrency["ReservedConcurrentExecutions"] == 1


def test_nobody_calls_it_whom_iam_does_not_know(deployed: Deployed) -> None:
    """The URL asks IAM, and no policy of the function lets anybody in."""
    functions = deployed.cloud.client("lambda")
    url = functions.get_function_url_config(FunctionName="headway")

    assert url["AuthType"] == "AWS_IAM"
    assert "Cors" not in url
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        functions.get_policy(FunctionName="headway")


def test_a_schedule_wakes_it_each_minute(deployed: Deployed) -> None:
    """On the minute and once, by a role that only this group of schedules can take."""
    (schedule,) = deployed.schedules()
    target, iam = schedule["Target"], deployed.cloud.client("iam")
    trust = iam.get_role(RoleName="headway-schedule")["Role"]["AssumeRolePolicyDocument"]
    (statement,) = trust["Statement"]

    assert (schedule["ScheduleExpression"], schedule["State"]) == ("rate(1 minute)", "ENABLED")
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert (target["Arn"], json.loads(target["Input"])) == (FUNCTION_ARN, {"kind": "timer"})
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}
    assert target["DeadLetterConfig"] == {"Arn": QUEUE_ARN}
    assert target["RoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/headway-schedule"
    assert (statement["Principal"], statement["Action"]) == (
        {"Service": "scheduler.amazonaws.com"},
        "sts:AssumeRole",
    )
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnEquals": {"aws:SourceArn": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/headway"},
    }


def test_the_roles_may_do_what_is_meant_and_no_more(deployed: Deployed) -> None:
    """Word for word."""
    trust = deployed.cloud.client("iam").get_role(RoleName="headway-function")["Role"]

    assert bare(trust["AssumeRolePolicyDocument"]) == [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    ]
    (function,) = deployed.cloud.role_policies("headway-function").values()
    assert bare(function) == [
        allow(["s3:GetObject", "s3:PutObject"], f"{BUCKET_ARN}/{PREFIX}/*"),
        allow("s3:DeleteObject", f"{BUCKET_ARN}/{PREFIX}/active/*"),
        allow("s3:GetObject", f"{BUCKET_ARN}/config/headway.yaml"),
        {
            **allow("s3:ListBucket", BUCKET_ARN),
            "Condition": {"StringLike": {"s3:prefix": ["config/headway.yaml", f"{PREFIX}/*"]}},
        },
        allow("ssm:GetParameters", [parameter(name) for name in ("access-key", "http-token", "secret-key")]),
        allow(
            "secretsmanager:GetSecretValue",
            f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:headway/slack-??????",
        ),
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"{LOG_ARN}:*"),
        allow("sqs:SendMessage", QUEUE_ARN),
    ]
    (schedule,) = deployed.cloud.role_policies("headway-schedule").values()
    assert bare(schedule) == [
        allow("lambda:InvokeFunction", FUNCTION_ARN),
        allow("sqs:SendMessage", QUEUE_ARN),
    ]


def test_the_bucket_is_closed_encrypted_and_remembers(deployed: Deployed) -> None:
    """Four times closed; what is current never expires."""
    s3 = deployed.cloud.client("s3")
    access = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    (owner,) = s3.get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"]["Rules"]
    encryption = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]

    assert access == dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    assert owner == {"ObjectOwnership": "BucketOwnerEnforced"}
    assert encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert (rule["Status"], rule["NoncurrentVersionExpiration"]) == ("Enabled", {"NoncurrentDays": 30})
    assert rule["Expiration"] == {"ExpiredObjectDeleteMarker": True}
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_the_bucket_refuses_plain_connections_and_unconditional_ledgers(deployed: Deployed) -> None:
    """Whoever it is."""
    everybody = {"Effect": "Deny", "Principal": "*"}

    assert bare(deployed.cloud.bucket_policy(BUCKET)) == [
        {
            **everybody,
            "Action": "s3:*",
            "Resource": [BUCKET_ARN, f"{BUCKET_ARN}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            **everybody,
            "Action": "s3:PutObject",
            "Resource": f"{BUCKET_ARN}/{PREFIX}/changes/*",
            "Condition": {
                "Bool": {"s3:ObjectCreationOperation": "true"},
                "Null": {"s3:if-match": "true", "s3:if-none-match": "true"},
            },
        },
    ]


def test_what_failed_is_kept_for_two_weeks(deployed: Deployed) -> None:
    """Encrypted, at the address that the outputs say."""
    url = deployed.terraform.outputs()["failure_queue_url"]
    found = deployed.cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    attributes = found["Attributes"]

    assert attributes["QueueArn"] == QUEUE_ARN
    assert attributes["MessageRetentionPeriod"] == str(14 * 24 * 60 * 60)
    assert attributes["SqsManagedSseEnabled"] == "true"


def test_the_log_is_kept_for_a_month_and_refusals_in_it_are_counted(deployed: Deployed) -> None:
    """By the number that stands in the line."""
    logs = deployed.cloud.client("logs")
    (group,) = logs.describe_log_groups()["logGroups"]
    (counted,) = logs.describe_metric_filters(logGroupName="/aws/lambda/headway")["metricFilters"]
    (metric,) = counted["metricTransformations"]

    assert (group["logGroupName"], group["retentionInDays"]) == ("/aws/lambda/headway", 30)
    assert counted["filterPattern"] == "{ $.counts.deliveries.refused > 0 }"
    assert (metric["metricNamespace"], metric["metricName"]) == ("Headway", "headway-refused")
    assert metric["metricValue"] == "$.counts.deliveries.refused"


def test_alarms_stand_for_errors_silence_and_refusals(deployed: Deployed) -> None:
    """Silence is alarming where no data comes; the others are not."""
    errors, refused = deployed.alarm("headway-errors"), deployed.alarm("headway-refused")
    silence = deployed.alarm("headway-silence")
    metrics = {
        each["Id"]: each["MetricStat"]["Metric"]["MetricName"]
        for each in silence["Metrics"]
        if "MetricStat" in each
    }

    assert (errors["Namespace"], errors["MetricName"], errors["Statistic"]) == ("AWS/Lambda", "Errors", "Sum")
    assert errors["Dimensions"] == [{"Name": "FunctionName", "Value": "headway"}]
    assert (refused["Namespace"], refused["MetricName"]) == ("Headway", "headway-refused")
    assert refused["Period"] * refused["EvaluationPeriods"] > 60 * 60
    assert [each["TreatMissingData"] for each in (errors, refused)] == ["notBreaching"] * 2
    assert silence["TreatMissingData"] == "breaching"
    assert silence["ComparisonOperator"] == "LessThanThreshold"
    assert silence["EvaluationPeriods"] * 60 == 10 * 60
    assert set(metrics.values()) == {"AsyncEventsReceived", "AsyncEventsDropped"}


def test_the_outputs_say_what_comes_next(deployed: Deployed) -> None:
    """Where things are, and which parameters somebody has to make."""
    outputs = deployed.terraform.outputs()

    assert outputs["function_arn"] == FUNCTION_ARN
    assert (outputs["function_name"], outputs["bucket"]) == ("headway", BUCKET)
    assert outputs["log_group"] == "/aws/lambda/headway"
    assert outputs["url"].startswith("https://")
    assert outputs["parameters"] == ["/headway/access-key", "/headway/http-token", "/headway/secret-key"]
    assert outputs["test_alert"] == f".venv/bin/headway invoke {FUNCTION_ARN} --test-alert"


# From here on the deployment is changed, each time from where the test before has left it.


def test_a_new_zip_changes_the_function_alone(deployed: Deployed) -> None:
    """The old one stays until the function has moved."""
    release(deployed.package)
    done = deployed.terraform.applied("-refresh=false")
    digest = hashlib.sha256(deployed.code)

    assert done == [
        ("module.headway.aws_s3_object.package", "create"),
        ("module.headway.aws_lambda_function.headway", "update"),
        ("module.headway.aws_s3_object.package", "delete"),
    ]
    assert deployed.function()["CodeSha256"] == base64.b64encode(digest.digest()).decode()
    assert deployed.cloud.keys(BUCKET, "packages/") == [
        f"packages/headway-lambda-py313-arm64-{digest.hexdigest()[:16]}.zip"
    ]


def test_a_changed_configuration_changes_its_object_alone(deployed: Deployed) -> None:
    """The function reads it anew each time."""
    file = deployed.terraform.folder / "headway.yaml"
    file.write_text(CONFIGURATION + ADDED, encoding="utf-8")
    done = deployed.terraform.applied("-refresh=false")
    kept = deployed.cloud.client("s3").get_object(Bucket=BUCKET, Key="config/headway.yaml")["Body"].read()

    assert done == [("module.headway.aws_s3_object.configuration", "update")]
    assert kept == file.read_bytes()


def test_another_way_of_http_and_more_schedules_take_the_place_of_the_first(deployed: Deployed) -> None:
    """Headway's own token behind an HTTP API; a schedule for each shard; nothing reserved."""
    write_override(deployed.terraform.folder, http="token", shards=2, reserved_concurrency=-1)
    deployed.terraform.apply()
    functions, gateway = deployed.cloud.client("lambda"), deployed.cloud.client("apigatewayv2")
    (api,) = gateway.get_apis()["Items"]
    (route,) = gateway.get_routes(ApiId=api["ApiId"])["Items"]
    (integration,) = gateway.get_integrations(ApiId=api["ApiId"])["Items"]
    (stage,) = gateway.get_stages(ApiId=api["ApiId"])["Items"]
    (permission,) = json.loads(functions.get_policy(FunctionName="headway")["Policy"])["Statement"]

    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        functions.get_function_url_config(FunctionName="headway")
    assert (api["ProtocolType"], route["RouteKey"], stage["StageName"]) == ("HTTP", "$default", "$default")
    assert route["Target"] == f"integrations/{integration['IntegrationId']}"
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")
    assert FUNCTION_ARN in integration["IntegrationUri"]
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] <= 10
    assert (permission["Action"], permission["Principal"]) == (
        "lambda:InvokeFunction",
        {"Service": "apigateway.amazonaws.com"},
    )
    assert permission["Condition"]["ArnLike"]["AWS:SourceArn"].split(":")[-1] == f"{api['ApiId']}/*"
    inputs = sorted(json.loads(each["Target"]["Input"])["shard"] for each in deployed.schedules())
    assert inputs == ["1/2", "2/2"]
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(FunctionName="headway")
    assert not deployed.terraform.plan()


def test_history_outlives_the_deployment_unless_somebody_wants_it_gone(deployed: Deployed) -> None:
    """By the README's commands the bucket stays, guarded; taken back, it takes two steps to delete it."""
    s3, terraform = deployed.cloud.client("s3"), deployed.terraform
    s3.put_object(Bucket=BUCKET, Key=LEDGER, Body=b"{}", IfNoneMatch="*")
    recipe = UNINSTALL.search((MODULE / "README.md").read_text(encoding="utf-8"))
    assert recipe
    terraform.run_script(f"cd ../../..\n{recipe[1]}")

    assert deployed.cloud.keys(BUCKET) == [LEDGER]
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert len(deployed.cloud.bucket_policy(BUCKET)["Statement"]) == 2
    assert s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]["BlockPublicPolicy"]
    assert left(deployed.cloud) == {"buckets": [BUCKET]}

    terraform.run("import", "module.headway.aws_s3_bucket.state", BUCKET)
    refused = terraform.run("destroy", "-auto-approve", codes=(1,))
    assert "BucketNotEmpty" in refused.stderr
    assert deployed.cloud.keys(BUCKET) == [LEDGER]

    write_override(terraform.folder, delete_history=True)
    terraform.apply("-target=module.headway.aws_s3_bucket.state")
    terraform.destroy()
    assert left(deployed.cloud) == {}


def allow(action: str | list[str], resource: str | list[str]) -> dict[str, Any]:
    """A statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def bare(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of a policy without their names, lists in order."""

    def ordered(value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, dict):
            return {key: ordered(each) for key, each in value.items()}
        return sorted(value) if isinstance(value, list) else value

    return [{key: ordered(each[key]) for key in each if key != "Sid"} for each in policy["Statement"]]


def parameter(name: str) -> str:
    """The ARN of one of ours."""
    return f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/headway/{name}"


def left(cloud: AwsCloud) -> dict[str, list[str]]:
    """All that is there, of every kind that a deployment makes; kinds that are empty are left out."""
    found = {
        "functions": [each["FunctionName"] for each in cloud.client("lambda").list_functions()["Functions"]],
        "roles": [each["RoleName"] for each in cloud.client("iam").list_roles()["Roles"]],
        "queues": cloud.client("sqs").list_queues().get("QueueUrls", []),
        "schedules": [each["Name"] for each in cloud.client("scheduler").list_schedules()["Schedules"]],
        "alarms": [
            each["AlarmName"] for each in cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]
        ],
        "logs": [each["logGroupName"] for each in cloud.client("logs").describe_log_groups()["logGroups"]],
        "apis": [each["Name"] for each in cloud.client("apigatewayv2").get_apis()["Items"]],
        "buckets": [each["Name"] for each in cloud.client("s3").list_buckets()["Buckets"]],
    }
    return {kind: names for kind, names in found.items() if names}
