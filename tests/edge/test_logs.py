"""What the log line holds, and that no secret is in it."""

from __future__ import annotations

import io
import json
import logging
from datetime import datetime, timezone
from typing import Any, Final
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from handler.logs import SECRET_LENGTH_MIN, STRUCK_OUT, log_invocation, make_log, make_redact

URL: Final = (
    "tgram://bot123456:AAbbCCddEE/-100200300?token=Qu%2Fery%20Value&+Authorization=Bearer-xyz#fragment"
)


def change(**fields: object) -> dict[str, object]:
    """Make a change of the report, with nothing new unless said."""
    return {"id": "i/t", "phase": "running", "alerts": [], "deliveries": [], "error": None, **fields}


def report(*changes: object, ok: bool = True, error: object = None) -> dict[str, Any]:
    """Make a report as the design has it."""
    return {
        "ok": ok,
        "trigger": "timer",
        "started_at": "2026-11-23T08:00:00Z",
        "duration_ms": 84,
        "deferred": 0,
        "error": error,
        "changes": list(changes),
    }


def written(made: dict[str, Any], *secrets: str) -> dict[str, Any]:
    """Log a report, and read back the one line that it became."""
    file = io.StringIO()
    log_invocation(make_log("request-1", secrets, file), made)
    line, end = file.getvalue().split("\n")
    assert not end
    entry = json.loads(line)
    assert isinstance(entry, dict)
    return entry


def test_an_invocation_is_one_line_with_everything_in_it() -> None:
    """The canonical line: the platform's request id, the report's head, counts, notable changes."""
    delivery = {"channel": "ops", "outcome": "sent", "alert_count": 2, "possible_repeat": False}
    told = change(alerts=["started", "milestone"], deliveries=[delivery, delivery])
    late = change(deliveries=[{**delivery, "outcome": "retry"}])
    blind = change(error={"kind": "timeout", "message": "No answer."})
    entry = written(report(change(), told, late, change(), blind))
    timestamp = datetime.fromisoformat(entry.pop("timestamp").replace("Z", "+00:00"))

    assert timestamp.tzinfo == timezone.utc
    assert entry == {
        "event": "invocation.finished",
        "level": "info",
        "request_id": "request-1",
        "ok": True,
        "trigger": "timer",
        "started_at": "2026-11-23T08:00:00Z",
        "duration_ms": 84,
        "deferred": 0,
        "error": None,
        "counts": {
            "changes": 5,
            "alerts": 2,
            "deliveries": {"sent": 2, "retry": 1},
            "errors": 1,
        },
        "changes": [told, late, blind],
    }


def test_an_invocation_that_is_not_fine_is_an_error() -> None:
    """So that a log's own filter finds it."""
    error = {"kind": "misconfigured", "message": "state: is missing."}
    entry = written(report(ok=False, error=error))

    assert (entry["level"], entry["error"]) == ("error", error)


def test_secrets_are_struck_out_of_the_line() -> None:
    """What a service echoes may hold the token that it was called with."""
    error = {"kind": "unavailable", "message": "POST /s3cr3t-t0ken: connection reset"}

    assert written(report(error=error), "s3cr3t-t0ken")["error"] == {
        "kind": "unavailable",
        "message": f"POST /{STRUCK_OUT}: connection reset",
    }


def test_the_line_goes_to_stdout_past_the_root_logger(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Both platforms put handlers of their own on the root logger, which would add words to it."""
    with caplog.at_level(logging.DEBUG):
        log_invocation(make_log(None), report())

    assert json.loads(capsys.readouterr().out)["request_id"] is None
    assert caplog.records == []


def test_any_text_makes_one_line_of_ascii() -> None:
    """The encoding of a platform's stdout is not ours to choose, and lines must stay whole."""
    file = io.StringIO()
    log_invocation(make_log("订单\n\ud800", file=file), report())

    assert file.getvalue().isascii()
    assert file.getvalue().count("\n") == 1


@pytest.mark.parametrize(
    "text",
    [
        URL,
        "bot123456:AAbbCCddEE",
        "aabbccddee",
        "chat -100200300",
        "Qu%2Fery%20Value",
        "qu%2fery%20value",
        "Qu/ery Value",
        "Qu%2Fery+Value",
        "Bearer-xyz",
    ],
)
def test_each_part_of_a_channels_url_is_a_secret(text: str) -> None:
    """A channel's token may stand anywhere in its URL, and be written in several ways elsewhere."""
    redacted = str(make_redact([URL])(f"<{text}>"))
    hidden = ("bot123456", "aabbccddee", "100200300", "qu%2f", "qu/ery", "value", "bearer")

    assert STRUCK_OUT in redacted
    assert not [part for part in hidden if part in redacted.lower()]


@pytest.mark.parametrize("host", ["hooks.slack.com", "localhost", "localhost:8080", "mail.a-b.cn:25"])
def test_the_domain_of_a_url_is_no_secret(host: str) -> None:
    """Whoever reads a log must be able to see which host did not answer."""
    redact = make_redact([f"jsons://user:password@{host}/services"])

    assert redact(f"{host} did not answer") == f"{host} did not answer"


@pytest.mark.parametrize("host", ["T1JJ3T3L2", "SG.Abc.Def", "wwcorpid:s3cr3t"])
def test_a_token_in_the_place_of_the_host_is_a_secret(host: str) -> None:
    """Many of apprise's URLs begin with a token."""
    assert make_redact([f"slack://{host}/x"])(f"<{host}>") == f"<{STRUCK_OUT}>"


def test_what_is_short_or_no_text_stays() -> None:
    """Short secrets occur by chance; numbers and truth values have no room for one."""
    value = {"a": ["abc", 123456, 1.5, True, None], "b": {"c": "12345"}}

    assert make_redact(["abc", "12345", "", "123456"])(value) == value


def test_other_values_are_told_as_text_without_secrets() -> None:
    """An object's own text could hold one."""
    error = ValueError("no such key: s3cr3t-t0ken")

    assert make_redact(["s3cr3t-t0ken"])({"error": error}) == {"error": f"no such key: {STRUCK_OUT}"}


# Without `*`, or a secret could be made of what stands for others.
SECRETS: Final = st.text(
    st.characters(codec="utf-8", exclude_characters="*"), min_size=SECRET_LENGTH_MIN
).filter(lambda secret: secret.strip() == secret)


def strings_in(value: object) -> list[str]:
    """All texts in a redacted value."""
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings_in(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in strings_in(inner)]
    return [value] if isinstance(value, str) else []


@given(st.lists(SECRETS, min_size=1, max_size=4), st.data())
def test_no_secret_is_seen_anywhere(secrets: list[str], data: st.DataObject) -> None:
    """However secrets are nested, mixed and encoded, none comes through."""
    forms = [*secrets, *map(quote, secrets), *map(quote_plus, secrets)]
    texts = st.lists(st.sampled_from(forms) | st.text(max_size=5)).map("".join)
    nested = st.recursive(
        texts | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=6,
    )
    redacted = strings_in(make_redact(secrets)(data.draw(nested)))

    assert not [secret for secret in secrets for text in redacted if secret in text]


WORDS: Final = st.from_regex(r"[A-Za-z0-9]{6,20}", fullmatch=True)


@given(*[WORDS] * 5)
def test_no_part_of_a_url_is_seen_anywhere(
    user: str, password: str, host: str, segment: str, option: str
) -> None:
    """The parts are secrets on their own, wherever they turn up."""
    parts = {user, password, host, segment, option}
    redact = make_redact([f"https://{user}:{password}@{host}/{segment}?key={option}"])

    assert {redact(part) for part in parts} == {STRUCK_OUT}
    assert redact(" ".join(sorted(parts))) == " ".join([STRUCK_OUT] * len(parts))


@given(st.text(), st.lists(SECRETS))
def test_text_without_secrets_stays_as_it_is(text: str, secrets: list[str]) -> None:
    """Nothing else is struck out."""
    redact = make_redact(secrets)
    assume(STRUCK_OUT not in str(redact(text)))

    assert redact(text) == text
