"""Channels go through the configured proxy and trust the configured authority, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from notifiers.apprise_channel import AppriseChannel
from notifiers.network import Network
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.loopback import HOST, QuietHandler, serving
from tests.fakes.private_ca import private_ca
from tests.fakes.proxy_server import running_proxy
from tests.fakes.webhook_server import WebhookServer
from tests.notifiers.examples import step_message

SENT = Verdict(Outcome.SENT)


class _Accepting(QuietHandler):
    def respond(self) -> None:
        self.body()
        self.answer(200, {})


@pytest.fixture
def hook(tmp_path: Path) -> Iterator[str]:
    """A webhook over TLS, with a certificate of the authority in `ca.pem`."""
    with serving(_Accepting, private_ca(tmp_path).server_context) as port:
        yield f"jsons://{HOST}:{port}/hook"


def test_a_message_goes_through_the_proxy_to_whom_the_private_authority_vouches_for(
    hook: str, tmp_path: Path
) -> None:
    """As company networks have them."""
    ca_file = str(tmp_path / "ca.pem")
    with running_proxy() as (address, targets):
        network = Network(f"http://user:p%40ss@{address}", ca_file)

        assert AppriseChannel("ops", hook, network).send(step_message(), 15) == SENT
    assert targets == [hook.split("/")[2]]


def test_an_unknown_authority_is_not_trusted(hook: str) -> None:
    """Nothing has left."""
    verdict = AppriseChannel("ops", hook).send(step_message(), 15)

    assert verdict.outcome is Outcome.RETRY


def test_a_proxy_that_cannot_be_reached_is_tried_again(hook: str, tmp_path: Path) -> None:
    """There is no way around it."""
    network = Network("http://127.0.0.1:9", str(tmp_path / "ca.pem"))

    assert AppriseChannel("ops", hook, network).send(step_message(), 15).outcome is Outcome.RETRY


def test_a_proxy_that_the_environment_names_is_not_used(
    webhook: WebhookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the configuration counts."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")

    assert AppriseChannel("ops", f"json://{webhook.location}/hook").send(step_message(), 15) == SENT


def test_a_proxys_password_is_not_shown() -> None:
    """Its address may hold one."""
    assert "secret" not in repr(Network("http://user:secret@proxy"))
