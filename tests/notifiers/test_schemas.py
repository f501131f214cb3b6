"""Which service a URL names, told without apprise but as apprise tells it."""

from __future__ import annotations

from typing import Final

import pytest
from apprise.plugins import N_MGR
from hypothesis import given
from hypothesis import strategies as st

from notifiers.schemas import HOSTS, is_incident_service, schema_of
from notifiers.services.catalog import open_service

INCIDENT_SERVICES: Final = {
    "Better Stack",
    "FireHydrant",
    "GoAlert",
    "ilert",
    "incident.io",
    "Jira",
    "Opsgenie",
    "Pager Duty",
    "PagerTree",
    "SIGNL4",
    "Spike.sh",
    "Splunk On-Call",
    "Squadcast",
    "xMatters",
}

_TEAMS: Final = f"/workflows/{'a' * 32}/triggers/manual/paths/invoke?api-version=1&sig={'b' * 43}"
_XMATTERS: Final = (
    "/api/integration/1/functions/ba601cb1-3513-4320-b48a-05cb501bb5af/triggers?apiKey=ffcd4dec"
)

# The addresses that the services hand out.
ADDRESSES: Final = [
    f"https://alert.victorops.com/integrations/generic/20131114/alert/{'a' * 36}/team",
    "https://api.incident.io/v2/alert_events/http/01GW2G3V0S59R238FAHPDS1R66?token=abcdefgh",
    f"https://default12ab.7f.environment.api.powerplatform.com:443/powerautomate/automations/direct{_TEAMS}",
    f"https://api.spike.sh/v1/alerts/{'a' * 32}",
    f"https://chat.googleapis.com/v1/spaces/AAAA/messages?key={'k' * 39}&token={'t' * 43}",
    f"https://discord.com/api/webhooks/123456789012345678/{'a' * 68}",
    f"https://discordapp.com/api/webhooks/123456789012345678/{'a' * 68}",
    "https://hooks.slack-gov.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7",
    "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7",
    f"https://prod-1.westus.logic.azure.com:443{_TEAMS}",
    "https://oapi.dingtalk.com/robot/send?access_token=566cc69da782ec33f42541b09b08551f",
    "https://open.feishu.cn/open-apis/bot/v2/hook/693a91f6-7abc-4bc4-97a0-0ec2a1f5aaaa",
    "https://open.larksuite.com/open-apis/bot/v2/hook/693a91f6-7abc-4bc4-97a0-0ec2a1f5aaaa",
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7abc-4bc4-97a0-0ec2a1f5aaaa",
    f"https://signals.firehydrant.com/v1/process/{'a' * 40}",
    f"https://api.squadcast.com/v2/incidents/api/{'a' * 40}",
    f"https://api.eu.squadcast.com/v2/incidents/api/{'a' * 40}",
    f"https://acme.xmatters.com{_XMATTERS}&recipients=jdoe",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_services_own_address_is_known_as_apprise_knows_it(address: str) -> None:
    """What is known of the schema then holds for the address too."""
    assert schema_of(address) == open_service("ops", address).schema


def test_every_host_is_tried() -> None:
    """A row that apprise does not share would be believed for ever."""
    assert {schema_of(address) for address in ADDRESSES} == set(HOSTS.values())
    assert all(any(f"/{host}" in a or f".{host}" in a for a in ADDRESSES) for host in HOSTS)


@pytest.mark.parametrize(
    ("url", "schema"),
    [
        ("pagerduty://KEY@API/source", "pagerduty"),
        (" Slack://TA/TB/TC", "slack"),
        ("json://discord.com/x", "json"),
        ("HTTPS://Hooks.Slack.com/services/TA/TB/TC", "slack"),
        ("https://example.com/hooks.slack.com", "https"),
        ("https://nothooks.slack.com.example.com/", "https"),
        ("https://evilsquadcast.com/", "https"),
        ("https://", "https"),
        ("no url", ""),
        ("", ""),
    ],
)
def test_a_url_names_its_service_by_schema_or_host(url: str, schema: str) -> None:
    """A host counts only as a whole, and an address of nobody's stays what it is."""
    assert schema_of(url) == schema


@given(st.text() | st.text().map("https://".__add__))
def test_any_text_names_some_service_or_none(text: str) -> None:
    """Whatever is configured, asking never fails."""
    assert schema_of(text).islower() or schema_of(text) == ""


def test_the_services_that_page_somebody_are_incident_services() -> None:
    """By all of their schemas; of all others none is."""
    schemas = N_MGR.schemas()  # type: ignore[no-untyped-call]
    named = {schema: str(N_MGR[schema].service_name) for schema in schemas}

    assert {schema for schema in named if is_incident_service(schema)} == {
        schema for schema, name in named.items() if name in INCIDENT_SERVICES
    }
    assert set(named.values()) >= INCIDENT_SERVICES
    assert is_incident_service("victorops")
    assert not is_incident_service("nosuch")
