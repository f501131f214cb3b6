"""What a Teams workflow is sent, checked by a server that knows the schema of Adaptive Cards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given

from notifiers.alerts import Kind
from notifiers.apprise_channel import AppriseChannel
from notifiers.messages import Content, compose
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.push_servers import TEAMS_BYTES_MAX, TeamsServer, card_actions, text_runs
from tests.notifiers import examples
from tests.notifiers.contents import CONTENTS, EXAMPLES, ON_ONE_SERVER, TOLD
from tests.notifiers.letters import hand_over, letter_for

SENT, RETRY, REFUSED, UNKNOWN = Outcome
HOST: Final = "prod-00.westeurope.logic.azure.com:443"
WORKFLOW: Final = "643e69f83c8944438d68119179a10a64"
SIGNATURE: Final = "KODuebWbDGYFr0z0eu-6Rj8aUKz7108W3wrNJZxFE5A"
URL: Final = f"workflows://{HOST}/{WORKFLOW}/{SIGNATURE}"
PATH: Final = f"/workflows/{WORKFLOW}/triggers/manual/paths/invoke"
QUERY: Final = f"sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={SIGNATURE}"
POWER: Final = "default0123.11.environment.api.powerplatform.com"
POWER_PATH: Final = f"/powerautomate/automations/direct{PATH}"

pytestmark = pytest.mark.usefixtures("internet")


@pytest.fixture
def webhook() -> Iterator[TeamsServer]:
    """Teams, in place of every host."""
    with TeamsServer(f"/{HOST}{PATH}", SIGNATURE) as server:
        yield server


def card_of(server: TeamsServer) -> dict[str, Any]:
    """The last card that it was sent."""
    card: dict[str, Any] = server.requests[-1].json["attachments"][0]["content"]
    return card


@pytest.mark.parametrize(("name", "language"), TOLD)
def test_a_message_is_one_card_that_teams_takes(webhook: TeamsServer, name: str, language: str) -> None:
    """Of every kind, in both languages, and the largest there can be."""
    assert hand_over(URL, letter_for("workflows", EXAMPLES[name], language)) == Verdict(SENT)
    assert len(webhook.requests) == 1
    assert len(webhook.requests[0].body) <= TEAMS_BYTES_MAX


@ON_ONE_SERVER
@given(content=CONTENTS)
def test_whatever_is_told_is_taken_and_stays_text(webhook: TeamsServer, content: Content) -> None:
    """Each text is a run, which knows no Markdown; only our links lead anywhere, and nobody is mentioned."""
    letter = letter_for("workflows", content)

    assert hand_over(URL, letter) == Verdict(SENT)
    card = card_of(webhook)
    assert card["fallbackText"] == letter.title
    assert "entities" not in card["msteams"]
    addresses = [action["url"] for action in card_actions(card)]
    assert all(url.startswith(("https://headway.", "https://console.")) for url in addresses)


def test_a_text_from_elsewhere_is_shown_as_it_is(webhook: TeamsServer) -> None:
    """Nothing has to be escaped where there is no markup."""
    AppriseChannel("ops", URL).send(examples.hostile_message(), 15)

    shown = [run["text"] for run in text_runs(card_of(webhook))]
    assert any('"><img src=x onerror=alert(1)>' in text for text in shown)
    assert "▶ <!channel> & <@U123|you>" in shown


def test_a_card_has_the_title_in_colour_then_how_it_stands(webhook: TeamsServer) -> None:
    """What runs or has failed is bold, what is to come is not; the links are buttons."""
    letter = letter_for("workflows", examples.failed_message())

    hand_over(URL, letter)

    card = card_of(webhook)
    assert card["body"][0]["style"] == "attention"
    runs = list(text_runs(card))
    assert (runs[0]["text"], runs[0]["weight"]) == (letter.title, "bolder")
    assert runs[1]["text"].endswith("40%")
    assert [run["text"] for run in runs[1:] if run.get("weight")] == ["✗ Rolling scaling · 31 min"]
    assert {action["url"] for action in card["actions"]} == {link.url for link in examples.LINKS}


@pytest.mark.parametrize(
    ("make", "style"),
    [
        (examples.step_message, "accent"),
        (examples.completed_message, "good"),
        (examples.unreachable_message, "warning"),
        (examples.fleet_digest, "attention"),
    ],
)
def test_the_colour_tells_how_grave_it_is(webhook: TeamsServer, make: Any, style: str) -> None:  # noqa: ANN401
    """By the names that cards have for colours."""
    AppriseChannel("ops", URL).send(make(), 15)

    assert card_of(webhook)["body"][0]["style"] == style


def test_a_change_in_a_digest_leads_to_its_page(webhook: TeamsServer) -> None:
    """Its name is a link in the text."""
    AppriseChannel("ops", URL).send(examples.fleet_digest(), 15)

    linked = {
        run["text"]: run["selectAction"]["url"]
        for run in text_runs(card_of(webhook))
        if "selectAction" in run
    }
    assert linked["carts"] == "https://headway.example.com/changes/INSTANCE/carts"
    assert len(linked) == 12


def test_without_links_there_are_no_buttons(webhook: TeamsServer) -> None:
    """An empty list of them is not in the schema."""
    message = compose([examples.alert(1, Kind.STARTED)], examples.situation(), 0)

    assert AppriseChannel("ops", URL).send(message, 15) == Verdict(SENT)
    assert "actions" not in card_of(webhook)


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        (URL, f"/{HOST}{PATH}", f"api-version=2016-06-01&{QUERY}"),
        (f"{URL}?ver=2024-10-01", f"/{HOST}{PATH}", f"api-version=2024-10-01&{QUERY}"),
        (
            f"https://{HOST}{PATH}?api-version=2016-06-01&{QUERY}",
            f"/{HOST}{PATH}",
            f"api-version=2016-06-01&{QUERY}",
        ),
        (
            f"https://{POWER}:443{POWER_PATH}?api-version=1&{QUERY}",
            f"/{POWER}:443{POWER_PATH}",
            f"api-version=1&{QUERY}",
        ),
        (
            f"workflow://{POWER}/{WORKFLOW}/{SIGNATURE}?pa=yes&route=07",
            f"/{POWER}/powerautomate/automations/direct/cu/07{PATH}",
            f"api-version=2022-03-01-preview&{QUERY}",
        ),
    ],
)
def test_the_workflows_own_address_is_as_good(webhook: TeamsServer, url: str, path: str, query: str) -> None:
    """Of Logic Apps, of Power Automate, and as apprise writes them."""
    AppriseChannel("ops", url).send(examples.step_message(), 15)

    (request,) = webhook.requests
    assert (request.path, request.query) == (path, query)


def test_a_card_comes_in_a_message_as_utf_8(webhook: TeamsServer) -> None:
    """Teams wants that said, or shows no emoji."""
    AppriseChannel("ops", URL).send(examples.step_message(), 15)

    (request,) = webhook.requests
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert "█".encode() in request.body
    assert msgspec.json.decode(request.body)["attachments"][0]["contentUrl"] is None


@pytest.mark.parametrize(
    ("url", "allowance", "verdict"),
    [
        (f"workflows://{HOST}/another/{SIGNATURE}", 20, Verdict(REFUSED, "404")),
        (f"workflows://{HOST}/{WORKFLOW}/another", 20, Verdict(REFUSED, "401")),
        (URL, 0, Verdict(RETRY, "429", 12.0)),
    ],
)
def test_a_no_of_the_workflows_is_understood(
    webhook: TeamsServer, url: str, allowance: int, verdict: Verdict
) -> None:
    """By its status, and by how long it wants to be left alone."""
    webhook.allowance = allowance

    assert AppriseChannel("ops", url).send(examples.step_message(), 15) == verdict
    assert len(webhook.requests) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"type": "AdaptiveCard", "version": "1.2", "fallbackText": "", "body": []}', "400"),
        (f'"{"x" * 29_000}"', "413"),
    ],
)
def test_a_card_that_teams_cannot_show_is_refused(webhook: TeamsServer, body: str, code: str) -> None:
    """The server of these tests would notice."""
    letter = letter_for("workflows", examples.step_message())._replace(body=body)

    assert hand_over(URL, letter) == Verdict(REFUSED, code)
    assert len(webhook.requests) == 1
