"""What is written and sent, as it lies in `golden/`; `GOLDEN=write` writes it anew, to be looked at.

A file a family and language holds a letter of every kind; in `golden/sent/` lie whole requests.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from notifiers.alerts import Kind
from notifiers.apprise_channel import AppriseChannel
from notifiers.forms import FAMILIES, MAIL_TEXT, Form
from notifiers.languages import CHINESE, ENGLISH
from notifiers.messages import Content
from notifiers.rendering import write
from notifiers.samples import sample, sample_digest, trial_message
from notifiers.saying import Reader
from notifiers.verdicts import Outcome
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.webhook_server import Answer, WebhookServer
from tests.notifiers import examples

FOLDER: Final = Path(__file__).parent / "golden"
NOW: Final = datetime(2026, 11, 24, 9, 52, tzinfo=timezone.utc)
READERS: Final = {"en": Reader(ENGLISH), "zh": Reader(CHINESE, ZoneInfo("Asia/Shanghai"))}
CONTENTS: Final[Mapping[str, Content]] = {
    **{kind.value: sample(kind) for kind in Kind},
    "digest": sample_digest(),
    "test": trial_message("ops", NOW),
    "caught up": examples.failed_message(),
    "hostile": examples.hostile_message(),
    "hostile digest": examples.hostile_digest(),
}
FORMS: Final = {**FAMILIES, "mail-text": MAIL_TEXT}
BOT: Final = "0123456789abcdef0123456789abcdef"
SERVICES: Final = {
    "slack": ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7", Answer(b"ok")),
    "wecombot": (f"wecombot://{BOT}?mention=lin.mei", Answer.of_json({"errcode": 0})),
    "dingtalk": (f"dingtalk://SECsecret@{BOT}/13812345678", Answer.of_json({"errcode": 0})),
    "feishu": (f"feishu://secret@{BOT}", Answer.of_json({"code": 0})),
    "lark": (f"lark://secret@{BOT}", Answer.of_json({"code": 0})),
    "tgram": ("tgram://123456789:abcdefghijkl/12315544", Answer.of_json({"ok": True})),
    "discord": (f"discord://4174216298/{BOT}", Answer.of_json({})),
    "workflows": (f"workflows://host.example.com:443/{BOT}/signature", Answer(b"", 202)),
    "ntfy": ("ntfys://tk_abcdefghijklmnopqrstuvwxyz012@ntfy.example/topic", Answer.of_json({})),
    "json": ("jsons://hook.example.com/path", Answer(b"ok")),
    "pagerduty": (f"pagerduty://{BOT}@api", Answer.of_json({"status": "success"}, 202)),
    "schan": ("schan://SCTabcdefgh1234", Answer.of_json({"code": 0})),
    "pushplus": (f"pushplus://{BOT}", Answer.of_json({"code": 200})),
    "wxpusher": ("wxpusher://AT_abcdefgh/UID_abc", Answer.of_json({"code": 1000, "data": [{"code": 1000}]})),
}
"""An address of each service of our own, and how it says yes."""
_CHANGING: Final = frozenset({"timestamp", "sign"})
"""What a signature brings is another in every second; its tests are with the services."""


def compare(name: str, text: str) -> None:
    """Compare with what was approved."""
    file = FOLDER / name
    if os.environ.get("GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")

    assert file.read_text(encoding="utf-8") == text


def pretty(value: Any) -> str:  # noqa: ANN401 - JSON
    """JSON that people can read; order and characters as they were sent."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def shown(content: Content, reader: Reader, form: Form, family: str) -> str:
    """A letter for people who look at it."""
    letter = write(content, reader, form)
    body = pretty(json.loads(letter.body)) if form.is_card else letter.body
    fields = f"\n\n{pretty(letter.data)}" if family == "json" else ""
    return f"{letter.title}\n\n{body}{fields}"


@pytest.mark.parametrize("language", READERS)
@pytest.mark.parametrize("family", FORMS)
def test_letters_read_as_approved(family: str, language: str) -> None:
    """Every kind, for every family, in both languages."""
    letters = (
        f"======== {name} ========\n{shown(content, READERS[language], FORMS[family], family)}\n"
        for name, content in CONTENTS.items()
    )

    compare(f"{family}.{language}.txt", "\n".join(letters))


@pytest.mark.parametrize("service", SERVICES)
def test_requests_are_sent_as_approved(internet: WebhookServer, service: str) -> None:
    """One a message: method, address and body."""
    url, answer = SERVICES[service]
    internet.answer_all(answer)
    channel = AppriseChannel("ops", url)
    for content in (sample(Kind.STEP_COMPLETED), sample(Kind.FAILED), sample_digest()):
        assert channel.send(content, 15).outcome is Outcome.SENT

    sent = [
        {"request": f"{request.method} {request.path}", "body": _lasting(request.json)}
        for request in internet.requests
    ]
    assert len(sent) == 3
    compare(f"sent/{service}.json", f"{pretty(sent)}\n")


def test_a_mail_is_sent_as_approved() -> None:
    """Headers that do not change from mail to mail; its parts are among the letters."""
    with SmtpServer() as server:
        url = f"mailto://{server.location}?from=headway@example.com&to=ops@example.com"
        assert AppriseChannel("mail", url).send(sample(Kind.FAILED), 15).outcome is Outcome.SENT
    (received,) = server.mails
    names = ("Subject", "From", "To", "Auto-Submitted", "Content-Type")

    headers = [f"{name}: {str(received.message[name]).partition(';')[0]}" for name in names]
    parts = [part.get_content_type() for part in received.message.iter_parts()]
    compare("sent/mail.txt", "\n".join([*headers, *parts, ""]))


def test_every_golden_file_is_compared() -> None:
    """A file that nothing writes any more would be believed for ever."""
    letters = {f"{family}.{language}.txt" for family in FORMS for language in READERS}
    sent = {*(f"{service}.json" for service in SERVICES), "mail.txt"}

    assert {file.name for file in FOLDER.iterdir()} == {*letters, "sent"}
    assert {file.name for file in (FOLDER / "sent").iterdir()} == sent


def _lasting(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in _CHANGING}
