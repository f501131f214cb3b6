"""What Terraform makes of the module for Huawei Cloud when it is asked for more, or for what cannot be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.infra.huaweicloud_deployment import PACKAGE, SECRETS, URN, Deployment
from tests.infra.provider.cloud import REGION
from tests.infra.terraform import NEEDS_TERRAFORM

pytestmark = NEEDS_TERRAFORM


GATEWAY: Final = 'apig = { instance_id = "gateway", group_id = "group" }'
WRONG: Final[Mapping[str, tuple[Mapping[str, object], str]]] = {
    "short_name": ({"name": "a"}, "name has 2 to 40 letters"),
    "odd_name": ({"name": "with_underscore"}, "name has 2 to 40 letters"),
    "rate_in_seconds": ({"schedule": "90s"}, "schedule is a rate of 1m to 60m"),
    "rate_of_nothing": ({"schedule": "0m"}, "schedule is a rate of 1m to 60m"),
    "cron_of_five_parts": ({"schedule": "* * * * *"}, "schedule is a rate of 1m to 60m"),
    "no_shards": ({"shards": 0}, "shards is a number from 1 to 5"),
    "half_a_shard": ({"shards": 1.5, "max_instances": 2}, "shards is a number from 1 to 5"),
    "many_shards": ({"shards": 6, "max_instances": 6}, "shards is a number from 1 to 5"),
    "odd_memory": ({"memory_mb": 300}, "memory_mb is 128, 256"),
    "no_instances": ({"max_instances": 0}, "max_instances is a whole number from 1 to 1000"),
    "half_an_instance": ({"max_instances": 1.5}, "max_instances is a whole number from 1 to 1000"),
    "empty_agency": ({"agency_name": ""}, "agency_name has 1 to 64 characters"),
    "odd_mail": ({"failure_emails": ["nobody"]}, "failure_emails are mail addresses"),
    "log_for_no_day": ({"log_retention_days": 0}, "log_retention_days is 1 to 365"),
    "versions_for_no_day": ({"noncurrent_days": 0}, "noncurrent_days is a whole number"),
    "other_platform": (
        {"package_file": "headway-lambda-py313-arm64.zip"},
        "package_file is a zip for FunctionGraph",
    ),
    "no_package": ({"package_file": f"elsewhere/{PACKAGE}"}, "package_file is not there"),
    "no_configuration": ({"config_file": "elsewhere.yaml"}, "config_file is not there"),
    "gateway_of_another_way": (
        {"apig": {"instance_id": "i", "group_id": "g", "auth": "ANYBODY"}},
        "apig.auth is IAM, APP, or NONE",
    ),
}
"""Arguments that cannot be, whatever else there is, by a name for each case; and what is said of them."""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Deployment]:
    """A deployment of a test's own, not applied."""
    with Deployment(tmp_path) as deployment:
        yield deployment


def test_shards_have_a_timer_each(own: Deployment) -> None:
    """Together they name every part once."""
    own.set("shards = 3\n max_instances = 3")
    own.terraform.apply()
    timers = [each for address, each in own.resources().items() if ".timer[" in address]
    events = [json.loads(timer["event_data"]) for timer in timers]

    assert [json.loads(event["user_event"]) for event in events] == [
        {"shard": "1/3"},
        {"shard": "2/3"},
        {"shard": "3/3"},
    ]
    assert len({event["name"] for event in events}) == 3


@pytest.mark.parametrize(
    ("schedule", "kind"), [("5m", "Rate"), ("2h", "Rate"), ("@every 90s", "Cron"), ("0 0/5 * * * *", "Cron")]
)
def test_a_schedule_is_a_rate_or_cron(schedule: str, kind: str, own: Deployment) -> None:
    """FunctionGraph wants to be told which."""
    own.set(f'schedule = "{schedule}"')
    own.terraform.apply()
    (timer,) = (each for address, each in own.resources().items() if ".timer[" in address)
    event: dict[str, Any] = json.loads(timer["event_data"])

    assert (event["schedule_type"], event["schedule"]) == (kind, schedule)


def test_cts_wakes_the_function_when_a_change_is_ordered(own: Deployment) -> None:
    """By the traces that Headway knows."""
    own.set("cts_trigger = true")
    own.terraform.apply()
    cts = own.resources()["huaweicloud_fgs_function_trigger.cts[0]"]
    event = json.loads(cts["event_data"])

    assert (cts["type"], event["name"]) == ("CTS", "headway")
    (operation,) = event["operations"]
    service, kind, traces = operation.split(":")
    assert (service, kind) == ("DMS", "kafka")
    assert "extendDMSInstanceSuccess" in traces.split(";")


def test_a_gateway_serves_every_path_to_those_whom_iam_knows(own: Deployment) -> None:
    """It waits for as long as an invocation may take."""
    own.replace("discover:", "http: {token: '${WECOM_KEY}'}\ndiscover:")
    own.set('apig = { instance_id = "gateway", group_id = "group", domain = "headway.example.com" }')
    own.terraform.apply()
    apig = own.resources()["huaweicloud_fgs_function_trigger.apig[0]"]

    assert (apig["type"], apig["function_urn"]) == ("DEDICATEDGATEWAY", URN)
    assert json.loads(apig["event_data"]) == {
        "name": "headway",
        "type": 1,
        "path": "/",
        "match_mode": "SWA",
        "protocol": "HTTPS",
        "req_method": "ANY",
        "auth": "IAM",
        "instance_id": "gateway",
        "group_id": "group",
        "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID",
        "env_name": "RELEASE",
        "func_info": {
            "function_urn": URN,
            "invocation_type": "sync",
            "timeout": 60000,
            "version": "latest",
        },
    }
    assert own.terraform.outputs()["url"] == "https://headway.example.com/"


def test_an_agency_is_made_with_both_policies(own: Deployment) -> None:
    """OBS takes them in a project of its own, DMS and SMN in the one that is watched."""
    own.terraform.apply()
    made = own.resources()
    agency = made["huaweicloud_identity_agency.function[0]"]
    roles = {each["project"]: each["roles"] for each in agency["project_role"]}

    assert (agency["name"], agency["delegated_service_name"]) == ("headway", "op_svc_cff")
    assert agency["delegated_domain_name"] is None
    assert agency["domain_roles"] == ["headway-state"]
    assert roles == {"MOS": ["headway-state"], REGION: ["headway-region"]}
    assert not agency["all_resources_roles"]
    assert made["huaweicloud_identity_role.state"]["type"] == "AX"
    assert made["huaweicloud_identity_role.region"]["type"] == "XA"


def test_an_agency_that_somebody_made_is_taken_by_its_name(own: Deployment) -> None:
    """No other is made; the policies are, for somebody to attach."""
    own.cloud.agencies = ["by-hand"]
    own.set('agency_name = "by-hand"')
    own.terraform.apply()
    made = own.resources()
    function = made["huaweicloud_fgs_function.headway"]

    assert (function["agency"], function["app_agency"]) == ("by-hand", "by-hand")
    assert not [address for address in made if address.startswith("huaweicloud_identity_agency")]
    assert own.terraform.outputs()["policies"] == ["headway-state", "headway-region"]
    assert {"huaweicloud_identity_role.state", "huaweicloud_identity_role.region"} <= {*made}


def test_what_is_asked_for_reaches_its_resource(own: Deployment) -> None:
    """Another name names everything, for two deployments in one region."""
    own.set(
        'name = "second"\n memory_mb = 512\n max_instances = -1\n log_retention_days = 7\n'
        ' noncurrent_days = 3\n failure_emails = ["a@example.com", "b@example.com"]\n delete_history = true'
    )
    own.terraform.apply()
    made = own.resources()
    function = made["huaweicloud_fgs_function.headway"]
    bucket = made["huaweicloud_obs_bucket.state"]
    mails = [each for address, each in made.items() if "smn_subscription" in address]
    named = [each.get("name", "second") for address, each in made.items() if not address.startswith("data.")]

    assert (function["memory_size"], function["max_instance_num"]) == (512, "-1")
    assert made["huaweicloud_lts_group.headway"]["ttl_in_days"] == 7
    assert bucket["force_destroy"] is True
    assert {rule["noncurrent_version_expiration"][0]["days"] for rule in bucket["lifecycle_rule"]} == {1, 3}
    assert [(each["protocol"], each["endpoint"]) for each in mails] == [
        ("email", "a@example.com"),
        ("email", "b@example.com"),
    ]
    assert all(name.startswith("second") for name in named)


def test_an_endpoint_of_the_bucket_is_that_of_the_configuration_too(own: Deployment) -> None:
    """For regions whose address follows another pattern."""
    own.replace("/production", "/production?endpoint=https://obs.example.com&lock=platform")
    own.terraform.apply()
    user_data = json.loads(own.resources()["huaweicloud_fgs_function.headway"]["user_data"])

    assert user_data["HEADWAY_CONFIG"].endswith(f"?region={REGION}&endpoint=https://obs.example.com")


def test_a_literal_and_a_comment_name_no_secret(own: Deployment) -> None:
    """The function asks for neither."""
    own.replace("discover:", "# ${NOT_THIS}\nlinks: {console: 'https://example.com/$${NOR_THIS}'}\ndiscover:")
    own.terraform.apply()

    assert "huaweicloud_fgs_function.headway" in own.resources()


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What is said against each of these arguments before anything is made."""
    with Deployment(tmp_path_factory.mktemp("side-by-side")) as deployment:
        return deployment.refusals({name: arguments for name, (arguments, _) in WRONG.items()})


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_argument_is_refused_by_its_name(name: str, refused: Mapping[str, str]) -> None:
    """Whatever the others are."""
    assert WRONG[name][1] in refused[name]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ("shards = 2", "max_instances is at least shards"),
        ('agency_name = "nobody"', "There is no agency nobody"),
        (GATEWAY, "apig needs `http.token`"),
    ],
)
def test_what_lacks_something_else_is_refused_by_its_name(
    arguments: str, complaint: str, own: Deployment
) -> None:
    """Before anything is made."""
    own.set(arguments)

    assert complaint in own.refusal()
    assert own.cloud.applied == []


@pytest.mark.parametrize(
    ("text", "replacement", "complaint"),
    [
        ("obs://my-headway-state/production", "file:.headway", "`state` in ./headway.yaml has to be obs://"),
        ("obs://my-headway-state/production", "s3://my-headway-state/x", "has to be obs://BUCKET/PREFIX"),
        ("obs://my-headway-state/production", "obs://my-headway-state", "has to be obs://BUCKET/PREFIX"),
        ("my-headway-state", "my.headway.state", "with no dots in BUCKET"),
        ("/production", "/a*", "has to be obs://BUCKET/PREFIX"),
        ("/production", "/config", "needs another prefix"),
        ("/production", "/packages/x", "needs another prefix"),
        ("/production", "/production?region=cn-north-4", "another region than `huaweicloud.region`"),
        ("region: eu-west-101", "region: Dublin", "`huaweicloud.region` in ./headway.yaml"),
        ("0a1b2c3d4e5f60718293a4b5c6d7e8f9", "123", "has to be an id; put one of digits into quotes"),
        ("0a1b2c3d4e5f60718293a4b5c6d7e8f9", "''", "has to be an id; put one of digits into quotes"),
        ("0a1b2c3d", "ffffffff", "This account has no project as `huaweicloud.project_id`"),
        ("WECOM_KEY", "WECOM_TOKEN", "secrets lacks what ./headway.yaml takes: WECOM_TOKEN."),
        ("${WECOM_KEY}", "${ssm:/a/wecom}", "takes from AWS what belongs into secrets here: ssm:/a/wecom."),
        ("${WECOM_KEY}", "${secret:wecom}", "takes from AWS what belongs into secrets here: secret:wecom."),
        ("huaweicloud:", "- huaweicloud:", "config_file is no YAML"),
        ("discover: [", "discover: [[", "config_file is no YAML"),
    ],
)
def test_a_mistake_in_the_configuration_is_refused_by_its_key(
    text: str, replacement: str, complaint: str, own: Deployment
) -> None:
    """Before anything is made; the function itself checks all else."""
    own.replace(text, replacement)

    assert complaint in own.refusal()
    assert own.cloud.applied == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "config_file is not there"),
        ("state: obs://my-headway-state/x\n", "`huaweicloud.region` in ./headway.yaml has to be a region"),
        (
            "huaweicloud: {region: eu-west-101}\n",
            "`huaweicloud.project_id` in ./headway.yaml has to be an id",
        ),
    ],
)
def test_what_is_not_there_is_told_by_the_module(text: str | None, complaint: str, own: Deployment) -> None:
    """Not by the example, which reads the configuration too."""
    if text is None:
        own.config.unlink()
    else:
        own.config.write_text(text, encoding="utf-8")
    refusal = own.refusal()

    assert complaint in refusal
    assert refusal.count("Error: ") == refusal.count('in module "headway"')


@pytest.mark.parametrize(("token", "is_one"), [("12345678", True), ("''", False), ("null", False)])
def test_a_gateway_takes_any_token_but_an_empty_one(token: str, own: Deployment, *, is_one: bool) -> None:
    """Digits too, which are a number without quotes."""
    own.replace("discover:", f"http: {{token: {token}}}\ndiscover:")
    own.set(GATEWAY)

    if is_one:
        assert own.terraform.plan()
    else:
        assert "apig needs `http.token`" in own.refusal()


def test_instances_side_by_side_need_a_lock(own: Deployment) -> None:
    """The configuration says that the platform sees to it, which it then does not."""
    own.replace("/production", "/production?lock=platform")
    own.set("max_instances = 2")

    assert "With lock=platform in `state`" in own.refusal()


@pytest.mark.parametrize(
    ("secrets", "complaint"),
    [
        ({"1A": "x"}, "The names in secrets begin with a letter"),
        ({"HEADWAY_CONFIG": "x"}, "HEADWAY_CONFIG is no secret"),
        ({"EMPTY": ""}, "One of the secrets is empty"),
        ({f"N{number}": "x" for number in range(21)}, "at most 20 secrets"),
        ({"LONG": "x" * 4096}, "at most 4096 characters of user data"),
    ],
)
def test_secrets_that_the_platform_would_refuse_are_refused(
    secrets: dict[str, str], complaint: str, own: Deployment
) -> None:
    """Without a word about what they are."""
    own.terraform = own.told({**SECRETS, **secrets})
    refusal = own.refusal()

    assert complaint in refusal
    assert not [value for value in SECRETS.values() if value in refusal]
