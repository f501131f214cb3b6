"""What ntfy is asked to publish, checked by a server that knows its limits and its logins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from hypothesis import given

from notifiers.alerts import Kind
from notifiers.apprise_channel import AppriseChannel, ChannelError, Style
from notifiers.languages import CHINESE
from notifiers.messages import Content, Link, Place, compose
from notifiers.saying import Reader
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.push_servers import NtfyServer
from tests.fakes.webhook_server import WebhookServer
from tests.notifiers import examples
from tests.notifiers.contents import CONTENTS, EXAMPLES, ON_ONE_SERVER, TOLD
from tests.notifiers.examples import alert, situation
from tests.notifiers.letters import hand_over, letter_for

SENT, RETRY, REFUSED, UNKNOWN = Outcome
URL: Final = "ntfys://ntfy.example/ops-alerts"

pytestmark = pytest.mark.usefixtures("internet")


@pytest.fixture
def webhook() -> Iterator[NtfyServer]:
    """An ntfy, in place of every host."""
    with NtfyServer() as server:
        yield server


def published(server: WebhookServer) -> dict[str, Any]:
    """The only message that it was sent."""
    (request,) = server.requests
    message: dict[str, Any] = request.json
    return message


@pytest.mark.parametrize(("name", "language"), TOLD)
def test_a_message_is_one_request_that_ntfy_takes(webhook: NtfyServer, name: str, language: str) -> None:
    """Of every kind, in both languages, and the largest there can be is no attachment."""
    assert hand_over(URL, letter_for("ntfys", EXAMPLES[name], language)) == Verdict(SENT)
    assert len(webhook.requests) == 1
    assert not webhook.is_attachment


@ON_ONE_SERVER
@given(content=CONTENTS)
def test_whatever_is_told_is_taken(webhook: NtfyServer, content: Content) -> None:
    """A message is text, so nothing in it can be more."""
    assert hand_over(URL, letter_for("ntfys", content)) == Verdict(SENT)
    assert not webhook.is_attachment
    assert "markdown" not in webhook.requests[-1].json


def test_a_message_leads_to_the_page_and_has_buttons_for_the_links(webhook: NtfyServer) -> None:
    """So that its text need not hold their addresses."""
    letter = letter_for("ntfys", examples.step_message())

    hand_over(URL, letter)

    status_page, console = (link.url for link in examples.LINKS)
    assert webhook.requests[0].path == "/ntfy.example/"
    assert published(webhook) == {
        "topic": "ops-alerts",
        "title": letter.title,
        "message": letter.body,
        "priority": 2,
        "tags": ["information_source"],
        "click": status_page,
        "actions": [
            {"action": "view", "label": "Status page", "url": status_page},
            {"action": "view", "label": "Console", "url": console},
        ],
    }
    assert "https://" not in letter.body


def test_the_buttons_are_in_the_channels_language(webhook: NtfyServer) -> None:
    """As all else."""
    AppriseChannel("ops", URL, style=Style(Reader(CHINESE))).send(examples.fleet_digest(), 15)

    assert [action["label"] for action in published(webhook)["actions"]] == ["状态页", "控制台"]


@pytest.mark.parametrize(
    ("make", "priority", "tag"),
    [
        (examples.step_message, 2, "information_source"),
        (examples.completed_message, 3, "white_check_mark"),
        (examples.unreachable_message, 4, "warning"),
        (examples.fleet_digest, 5, "rotating_light"),
    ],
)
def test_the_priority_is_that_of_the_severity(
    webhook: NtfyServer, make: Callable[[], Content], priority: int, tag: str
) -> None:
    """A failure rings, a step does not."""
    AppriseChannel("ops", URL).send(make(), 15)

    assert (published(webhook)["priority"], published(webhook)["tags"]) == (priority, [tag])


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("priority=default", {"priority": 3}),
        ("priority=min", {"priority": 1}),
        ("priority=5", {"priority": 5}),
        ("tags=kafka,ops", {"tags": ["kafka", "ops"]}),
        ("click=https://e.example/x", {"click": "https://e.example/x"}),
        ("delay=5min&email=a@example.com", {"delay": "5min", "email": "a@example.com"}),
        ("avatar_url=https://e.example/a.png", {"icon": "https://e.example/a.png"}),
        ("attach=https://e.example/a.png", {"attach": "https://e.example/a.png", "filename": "a.png"}),
    ],
)
def test_what_the_url_sets_is_kept(webhook: NtfyServer, query: str, fields: dict[str, Any]) -> None:
    """Whatever the severity says."""
    assert AppriseChannel("ops", f"{URL}?{query}").send(examples.failed_message(), 15) == Verdict(SENT)

    message = published(webhook)
    assert {
        name: sorted(value) if name == "tags" else value for name, value in message.items()
    }.items() >= fields.items()


def test_the_urls_own_buttons_take_the_place_of_ours(webhook: NtfyServer) -> None:
    """In the short form, which stands in a header, in UTF-8."""
    actions = "view,%20%E6%89%93%E5%BC%80,%20https://e.example"

    AppriseChannel("ops", f"{URL}?actions={actions}").send(examples.step_message(), 15)

    (request,) = webhook.requests
    assert "actions" not in request.json
    assert request.headers["x-actions"].encode("latin-1").decode() == "view, 打开, https://e.example"


@pytest.mark.parametrize(
    ("login", "url"),
    [
        ("alice:pass", "ntfys://alice:pass@ntfy.example/ops"),
        ("tk_abcdefghijklmnopqrstuvwxyz012", "ntfys://tk_abcdefghijklmnopqrstuvwxyz012@ntfy.example/ops"),
        ("secret", "ntfys://ntfy.example/ops?token=secret"),
        ("secret", "ntfys://secret@ntfy.example/ops?auth=token"),
    ],
)
def test_the_login_is_the_urls(webhook: NtfyServer, login: str, url: str) -> None:
    """A user with a password, or a token."""
    webhook.login = login

    assert AppriseChannel("ops", url).send(examples.step_message(), 15) == Verdict(SENT)


@pytest.mark.parametrize(
    "url", [URL, "ntfys://bob:wrong@ntfy.example/ops", "ntfys://tk_wrong@ntfy.example/ops"]
)
def test_a_wrong_login_is_refused(webhook: NtfyServer, url: str) -> None:
    """Or none where one is wanted."""
    webhook.login = "alice:pass"

    assert AppriseChannel("ops", url).send(examples.step_message(), 15) == Verdict(REFUSED, "403")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("ntfys://ops-alerts", "/ntfy.sh/"),
        ("https://ntfy.sh/ops-alerts", "/ntfy.sh/"),
        ("ntfy://ntfy.example:8080/ops-alerts", "/ntfy.example:8080/"),
    ],
)
def test_a_topic_is_published_to_at_its_server(webhook: NtfyServer, url: str, path: str) -> None:
    """Ntfy's own, or somebody's."""
    assert AppriseChannel("ops", url).send(examples.step_message(), 15) == Verdict(SENT)
    assert (webhook.requests[0].path, published(webhook)["topic"]) == (path, "ops-alerts")


def test_a_link_of_any_length_is_not_carried_along(webhook: NtfyServer) -> None:
    """As JSON a message may have 8 KB."""
    long = Link(Place.STATUS_PAGE, f"https://headway.example.com/{'x' * 1500}")
    message = compose([alert(1, Kind.FAILED)], situation(links=(long, examples.LINKS[1])), 0)

    assert AppriseChannel("ops", URL).send(message, 15) == Verdict(SENT)
    assert [action["label"] for action in published(webhook)["actions"]] == ["Console"]


@pytest.mark.parametrize(
    ("message", "is_attachment", "verdict"),
    [
        ("x" * 4096, False, Verdict(SENT)),
        ("x" * 4097, True, Verdict(SENT)),
        ("x" * 9000, False, Verdict(REFUSED, "413")),
    ],
)
def test_ntfys_limits_are_in_bytes(
    webhook: NtfyServer, message: str, verdict: Verdict, *, is_attachment: bool
) -> None:
    """The server of these tests would notice."""
    letter = letter_for("ntfys", examples.step_message())._replace(body=message)

    assert hand_over(URL, letter) == verdict
    assert webhook.is_attachment is is_attachment


def test_too_many_messages_are_sent_later(webhook: NtfyServer) -> None:
    """It does not say how much later."""
    webhook.allowance = 0

    assert AppriseChannel("ops", URL).send(examples.step_message(), 15) == Verdict(RETRY, "429")
    assert len(webhook.requests) == 1


@pytest.mark.parametrize("url", ["ntfys://ntfy.example/b.ad", "ntfys://user:pass@ntfy.sh"])
def test_without_a_topic_there_is_nothing_to_publish_to(url: str) -> None:
    """It is said at once, and without the password."""
    with pytest.raises(ChannelError) as caught:
        AppriseChannel("ops", url)

    assert "pass" not in str(caught.value)
    assert "topic" in str(caught.value)


def test_two_topics_are_two_channels() -> None:
    """Each is told once."""
    with pytest.raises(ChannelError, match="has 2 targets"):
        AppriseChannel("ops", f"{URL}/other")
