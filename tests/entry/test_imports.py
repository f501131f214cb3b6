"""What a fresh process imports: no more than its one invocation needs, because every start pays for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from handler.core.change import ChangeId
from handler.entry import handle
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID, FakeDms
from tests.fakes.heartbeat_server import HeartbeatServer
from tests.fakes.webhook_server import WebhookServer

CHANGE: Final = ChangeId("inst", "task")
TIMER: Final = {"trigger_type": "TIMER", "user_event": ""}
TOKEN: Final = "the-token-of-this-function"
RUN: Final = """
import json, sys
from handler.entry import handle
answer = handle(json.loads(sys.argv[1]), None)
print(json.dumps({"answer": answer, "modules": sorted(sys.modules)}))
"""
TEMPLATES: Final = {"jinja2", "markupsafe"}
WORDS: Final = {
    "notifiers.languages",
    "notifiers.languages.chinese",
    "notifiers.languages.english",
    "notifiers.rendering",
}
HEARTBEAT: Final = {"handler.heartbeat", "handler.pings"}
REASONS: Final = {"handler.reasons"}
TRIALS: Final = {"handler.trial", "notifiers.samples"}
FOR_SOME_CONFIGURATIONS: Final = {"yaml", "jinja2.sandbox", "notifiers.own_templates", "notifiers.sandbox"}
SENDING: Final = {"apprise", "requests", "smtplib"}
STORES: Final = {"handler.stores.folder", "handler.stores.obs", "handler.stores.s3"}
THE_COMMANDS: Final = {"typer", "handler.local"}
ANSWERING: Final = {"handler.answering", "handler.showing", "handler.web.answers", "handler.web.routes"}
LOOKING: Final = {"handler.records"}
PAGES: Final = {"handler.web.pages", "handler.web.pages.words"}
METRICS: Final = {"prometheus_client", "handler.web.api.metrics"}
DESCRIPTION: Final = {"handler.web.api.openapi", "handler.web.api.answer_shape"}
SHAPES: Final = {"handler.web.api.shapes", "handler.web.api.change_shape"}


@pytest.fixture
def variables(dms: FakeDms, tmp_path: Path) -> dict[str, str]:
    """All the configuration there is."""
    return {
        "HEADWAY_REGION": "eu-west-101",
        "HEADWAY_PROJECT_ID": PROJECT_ID,
        "HEADWAY_ENDPOINT": dms.endpoint,
        "HEADWAY_INSTANCE_ID": CHANGE.instance_id,
        "HEADWAY_TASK_ID": CHANGE.task_id,
        "HEADWAY_STATE": f"file:{tmp_path}",
        "HUAWEICLOUD_SDK_AK": CREDENTIALS.access_key,
        "HUAWEICLOUD_SDK_SK": CREDENTIALS.secret_key,
    }


def modules_after(variables: Mapping[str, str], event: object = TIMER) -> set[str]:
    """Run one invocation in a fresh process, and tell all that it has imported by then."""
    environ = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
    run = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", RUN, json.dumps(event)],
        env={**environ, **variables},
        capture_output=True,
        check=True,
        text=True,
    )
    result = json.loads(run.stdout.splitlines()[-1])
    answer = result["answer"]
    assert answer.get("ok") or answer.get("statusCode") == 200, answer
    return set(result["modules"])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("has_channel", [False, True])
def test_a_tick_without_news_imports_nothing_to_word_or_to_send_with(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch, *, has_channel: bool, language: str
) -> None:
    """Nor what reads files where variables configure it, nor what other places are for."""
    with WebhookServer() as webhooks:
        channels = {"HEADWAY_CHANNELS": f"ops=json://{webhooks.location}/path"} if has_channel else {}
        configured = {**variables, **channels, "HEADWAY_LANGUAGE": language}
        for name, value in configured.items():
            monkeypatch.setenv(name, value)
        # The news, which this process tells.
        assert handle(TIMER, None)["changes"][0]["alerts"]
        modules = modules_after(configured)

        assert len(webhooks.received("/path")) == has_channel
    unneeded = {
        *(TEMPLATES | WORDS | TRIALS | SENDING | FOR_SOME_CONFIGURATIONS | HEARTBEAT | REASONS),
        *(THE_COMMANDS | STORES | ANSWERING | LOOKING | PAGES | METRICS | DESCRIPTION | SHAPES),
        "handler.web",
        "handler.aws_calls",
        "handler.kept_values",
        "difflib",
    }

    assert modules & unneeded == {"handler.stores.folder"}


def test_a_heartbeat_takes_words_only_where_something_is_wrong(variables: dict[str, str]) -> None:
    """Who has nothing to tell but that all is fine imports no language for it."""
    with HeartbeatServer() as waiting:
        modules = modules_after({**variables, "HEADWAY_HEARTBEAT": waiting.url})

        assert waiting.signals == ["success"]
    assert modules >= HEARTBEAT
    assert not modules & (REASONS | WORDS | SENDING)


@pytest.mark.parametrize("scheme", ["json", "ntfy"])
def test_a_tick_that_sends_imports_the_services_in_use_only(variables: dict[str, str], scheme: str) -> None:
    """Apprise has 183; to import them all takes longer than the rest of the tick."""
    with WebhookServer() as webhooks:
        channel = f"ops={scheme}://{webhooks.location}/path"
        modules = modules_after({**variables, "HEADWAY_CHANNELS": channel})

        assert len(webhooks.received("/path" if scheme == "json" else "/")) == 1
    services = {name for name in modules if name.startswith("apprise.plugins.")}
    assert {name for name in services if name.count(".") == 2} - {"apprise.plugins.base"} == {
        "apprise.plugins.custom_json" if scheme == "json" else "apprise.plugins.ntfy"
    }
    assert modules >= TEMPLATES | WORDS
    assert not modules & (FOR_SOME_CONFIGURATIONS | TRIALS)


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("POST", "/api/check", set()),
        ("GET", "/", LOOKING | PAGES | TEMPLATES),
        ("GET", "/metrics", LOOKING | METRICS),
        ("GET", "/api/changes", LOOKING | SHAPES),
        ("GET", "/api/openapi.json", DESCRIPTION),
    ],
)
def test_a_caller_waits_for_no_import_but_what_the_answer_is_made_with(
    variables: dict[str, str], method: str, path: str, needed: set[str]
) -> None:
    """A program that asks for JSON does not wait for pages, nor a browser for metrics."""
    headers = {"authorization": f"Bearer {TOKEN}"}
    event = {"httpMethod": method, "path": path, "headers": headers, "pathParameters": {}}
    configured = {**variables, "HEADWAY_HTTP_TOKEN": TOKEN, "HEADWAY_HEARTBEAT": "http://127.0.0.1:9/"}
    modules = modules_after(configured, event)
    special = LOOKING | PAGES | METRICS | DESCRIPTION | SHAPES | TRIALS | SENDING | TEMPLATES | HEARTBEAT

    assert modules >= ANSWERING | needed
    assert modules & special - needed <= SHAPES
