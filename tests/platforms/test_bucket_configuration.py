"""The packaged function with its configuration in a bucket: S3 on Lambda, OBS on FunctionGraph."""

from __future__ import annotations

from typing import Final

from tests.platforms.conftest import Built
from tests.platforms.events import sample
from tests.platforms.functiongraph_site import Site
from tests.platforms.lambda_deployment import Deployment
from tests.platforms.lambda_events import TIMERS
from tests.platforms.packages import interpreters_of
from tests.platforms.services import HTTP_TOKEN, PARAMETER, SECRET, TEXT, Services

KEY: Final = "config/headway.yaml"


def test_lambda_reads_it_from_s3(deployment: Deployment, services: Services) -> None:
    """With the role's keys; its secrets are kept in AWS, and its state lies in the same bucket."""
    place = services.state_in_s3.replace("/state?", f"/{KEY}?")
    variables = {**dict.fromkeys(services.variables, ""), "HEADWAY_CONFIG": place}
    services.begin()
    services.s3.objects[KEY] = services.text.encode()
    with deployment.running(services, variables) as function:
        reports = [function.invoke(sample(TIMERS[0])).payload for _ in range(2)]
        del services.s3.objects[KEY]
        lost = function.invoke(sample(TIMERS[0]))

    assert [report["ok"] for report in reports] == [True, True]
    assert len(services.titles) == 1
    assert lost.error_type == "InvocationFailedError"
    assert lost.payload["errorMessage"].endswith("HEADWAY_CONFIG: names an object that is not there.")


def test_functiongraph_reads_it_from_obs(built: Built) -> None:
    """With the agency's keys, which are new in each call; its secrets stand in encrypted user data."""
    with Site(built("functiongraph", interpreters_of("functiongraph")[0])) as site:
        text = TEXT.format_map({**site.variables, "HEADWAY_STATE": site.state_in_obs})
        text = text.replace(f"ssm:{PARAMETER}", "HOOK").replace(f"secret:{SECRET}", "TOKEN")
        site.obs.objects[KEY] = text.encode()
        place = site.state_in_obs.replace("/state?", f"/{KEY}?")
        function = site.function(
            user_data={"HEADWAY_CONFIG": f"{place}&region=eu-west-101"},
            encrypted_user_data={"HOOK": site.channel, "TOKEN": HTTP_TOKEN},
        )
        with site.running(function) as headway:
            reports = [headway.report(sample("functiongraph-timer")) for _ in range(2)]

        assert [report["ok"] for report in reports] == [True, True]
        assert len(site.titles) == 1
