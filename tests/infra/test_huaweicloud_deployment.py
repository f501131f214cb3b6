"""What Terraform makes of the example for Huawei Cloud, on a stand-in for the provider."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

import pytest

from tests.infra.huaweicloud_deployment import SECRETS, URN, Deployment, Resources, key_of
from tests.infra.provider.cloud import PROJECT_ID, REGION
from tests.infra.terraform import NEEDS_TERRAFORM

pytestmark = NEEDS_TERRAFORM

BUCKET: Final = "my-headway-state"
TOPIC: Final = f"urn:smn:{REGION}:{PROJECT_ID}:headway-failures"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The example, applied."""
    with Deployment(tmp_path_factory.mktemp("example")) as deployment:
        deployment.terraform.apply()
        yield deployment


@pytest.fixture(scope="module")
def made(deployment: Deployment) -> Resources:
    """What the example made."""
    return deployment.resources()


def test_the_function_is_set_up_as_the_readme_says(made: Resources) -> None:
    """Code, runtime, limits, agencies and log."""
    function = made["huaweicloud_fgs_function.headway"]
    expected = {
        "name": "headway",
        "app": "default",
        "functiongraph_version": "v2",
        "handler": "index.handler",
        "runtime": "Python3.12",
        "code_type": "obs",
        "code_url": f"https://{BUCKET}.obs.{REGION}.myhuaweicloud.com/{key_of(b'the first zip')}",
        "timeout": 60,
        "memory_size": 256,
        "max_instance_num": "1",
        "agency": "headway",
        "app_agency": "headway",
        "vpc_id": None,
        "enable_lts_log": True,
        "log_group_name": "headway",
        "log_group_id": made["huaweicloud_lts_group.headway"]["id"],
        "log_stream_name": "headway",
        "log_stream_id": made["huaweicloud_lts_stream.headway"]["id"],
    }

    assert {name: function[name] for name in expected} == expected
    assert made["huaweicloud_lts_group.headway"]["ttl_in_days"] == 30
    assert made["huaweicloud_lts_stream.headway"]["group_id"] == made["huaweicloud_lts_group.headway"]["id"]


def test_the_function_learns_where_its_configuration_is_and_gets_its_secrets_encrypted(
    made: Resources, deployment: Deployment
) -> None:
    """And what is at that place is the file, as it stands."""
    function, config = made["huaweicloud_fgs_function.headway"], made["huaweicloud_obs_bucket_object.config"]

    assert json.loads(function["user_data"]) == {
        "HEADWAY_CONFIG": f"obs://{BUCKET}/config/headway.yaml?region={REGION}"
    }
    assert json.loads(function["encrypted_user_data"]) == SECRETS
    assert (config["bucket"], config["key"]) == (BUCKET, "config/headway.yaml")
    assert config["content"] == deployment.config.read_text(encoding="utf-8")


def test_an_invocation_is_not_tried_again_and_its_failure_is_told(made: Resources) -> None:
    """To a topic of SMN, whose subscribers the owner chooses."""
    configuration = made["huaweicloud_fgs_async_invoke_configuration.headway"]

    assert configuration["function_urn"] == URN
    assert configuration["max_async_retry_attempts"] == 0
    assert configuration["max_async_event_age_in_seconds"] == 60
    assert configuration["on_success"] == []
    assert configuration["on_failure"] == [
        {"destination": "SMN", "param": json.dumps({"topic_urn": TOPIC}, separators=(",", ":"))}
    ]


def test_a_timer_wakes_the_function_every_minute_and_nothing_else_does(made: Resources) -> None:
    """CTS and APIG are asked for."""
    triggers = {address: each for address, each in made.items() if "fgs_function_trigger" in address}

    assert [*triggers] == ['huaweicloud_fgs_function_trigger.timer["headway"]']
    (timer,) = triggers.values()
    assert (timer["function_urn"], timer["type"], timer["status"]) == (URN, "TIMER", "ACTIVE")
    assert json.loads(timer["event_data"]) == {
        "name": "headway",
        "schedule_type": "Rate",
        "schedule": "1m",
        "user_event": "",
    }


def test_the_bucket_is_private_and_encrypted_and_keeps_what_was_before(made: Resources) -> None:
    """Announcements are cleared away, nothing else that is current; and history outlives a destroy."""
    bucket = made["huaweicloud_obs_bucket.state"]
    expected = {
        "bucket": BUCKET,
        "acl": "private",
        "encryption": True,
        "sse_algorithm": "AES256",
        "versioning": True,
        "force_destroy": False,
    }
    block = made["huaweicloud_obs_bucket_bpa.state"]
    rules = {rule["prefix"]: rule for rule in bucket["lifecycle_rule"]}

    assert {name: bucket[name] for name in expected} == expected
    assert block["bucket"] == BUCKET
    assert [value for name, value in block.items() if name.startswith(("block", "ignore", "restrict"))] == [
        *[True] * 4
    ]
    assert all(rule["enabled"] for rule in rules.values())
    assert {prefix: rule["expiration"] for prefix, rule in rules.items() if rule["expiration"]} == {
        "production/leases": [{"days": 1}]
    }
    assert {prefix: rule["noncurrent_version_expiration"][0]["days"] for prefix, rule in rules.items()} == {
        "config": 30,
        "packages": 30,
        "production/active": 30,
        "production/aside": 30,
        "production/changes": 30,
        "production/leases": 1,
    }


def test_the_bucket_is_closed_to_requests_without_tls(made: Resources) -> None:
    """By a policy that lets nobody in."""
    policy = json.loads(made["huaweicloud_obs_bucket_policy.tls_only"]["policy"])

    assert [statement["Effect"] for statement in policy["Statement"]] == ["Deny"]
    assert policy["Statement"][0]["Condition"] == {"Bool": {"SecureTransport": ["false"]}}
    assert policy["Statement"][0]["Resource"] == [BUCKET, f"{BUCKET}/*"]


def test_a_second_plan_changes_nothing(deployment: Deployment) -> None:
    """What is deployed is what was asked for."""
    assert not deployment.terraform.plan()


def test_outputs_say_what_is_needed_next(deployment: Deployment) -> None:
    """And hold no secret."""
    outputs = deployment.terraform.outputs()

    assert outputs == {
        "agency_name": "headway",
        "bucket": BUCKET,
        "failure_topic_urn": TOPIC,
        "function_name": "headway",
        "function_urn": URN,
        "log_group": "headway",
        "policies": ["headway-state", "headway-region"],
        "test_alert": f".venv/bin/headway invoke {URN} --test-alert",
    }
    assert not any(secret in json.dumps(outputs) for secret in SECRETS.values())
