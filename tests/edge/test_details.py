"""Every sentence that stands in a ledger in English is told in Chinese as well, whole."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import re
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from types import ModuleType
from typing import Any, Final

import pytest

from handler.core import delivery, document, gaps, raising, rules
from handler.core.change import ChangeId
from handler.core.document import SCHEMA, UnreadableLedgerError, decode, encode
from handler.core.ledger import Ledger
from handler.core.problem import Problem, ProblemKind
from handler.core.raising import Cause, raise_alerts
from handler.core.reading import TimeUnit
from handler.huaweicloud import dms, errors, guard
from handler.huaweicloud.decipher import decipher_instances, decipher_progress, decipher_specification
from handler.looking import resting
from handler.records import Records
from handler.stores import ledgers
from handler.stores.ledgers import Ledgers
from handler.stores.port import DOCUMENT_BYTES_MAX, Absent, Loaded, Oversized, Unchanged
from handler.transport import BODY_BYTES_MAX, Request, Response, Transport, TransportError
from handler.web.pages.troubles import find_troubles, remark
from handler.web.pages.visitor import Visitor
from notifiers.alerts import Kind
from notifiers.language_code import LanguageCode
from notifiers.languages import CHINESE, ENGLISH, LANGUAGES
from notifiers.saying import Reader
from notifiers.translating import translate
from tests.fakes.memory_store import MemoryStore

NOW: Final = datetime(2026, 11, 24, 8, 3, tzinfo=timezone.utc)
CHANGE: Final = ChangeId("6b0e3a52-4f1d-4c2e-9a57-8d1f0c7be210", "f2c8d1a4-0b7e-4e63-8f35-51c9a6d20e78")

KEPT: Final = re.compile(
    r"huaweicloud\.\w+|network\.\w+|\.(?:endpoint|secret_key|security_token)|instance_id|task_id"
    r"|dms:\w+:\w+|DMS API|HTTP|[A-Z]+\.\d+|MiB|UTC|TLS|JSON|UTF-8|ID|127\.0\.0\.1"
    r"|[\w.-]+\.(?:example|invalid)"
    r"|Headway|\b[0-9a-f-]{8,}|x{8,}|`[^`]*`|\$\.\w+|[A-Z_]{4,}|\b[A-Z]\w*Error\b"
)
"""What stays as it is: names of settings, permissions and units, codes, hosts and ids."""


def left_in_english(sentence: str) -> list[str]:
    """The words of English that a reader of Chinese gets of a sentence, as it stands in a ledger."""
    ledger = raise_alerts(Ledger("a/b", NOW), [Cause("x", Kind.UNREACHABLE, detail=sentence)], NOW)
    return english_in(translate(str(ledger.alerts[0].detail), CHINESE.details))


def english_in(said: str) -> list[str]:
    """The words of English in what is said in Chinese."""
    assert re.search(r"[\u4e00-\u9fff]", said), said
    return re.findall(r"[A-Za-z]{2,}", KEPT.sub("", said))


def meanings() -> Iterator[str]:
    """Every sentence of the tables of errors."""
    named = [value for value in vars(errors).values() if isinstance(value, errors.Meaning)]
    tables = [value for value in vars(errors).values() if isinstance(value, dict)]
    found = [one for table in tables for one in table.values() if isinstance(one, errors.Meaning)]
    for meaning in {*named, *found}:
        for source in ("HTTP 404", "HTTP 403, APIGW.0302"):
            yield "The DMS API " + meaning.said.format(source=source)


def problems_of(module: ModuleType) -> list[str]:
    """The sentences of the problems that a module names."""
    return [value.message for value in vars(module).values() if isinstance(value, Problem)]


def written_in(module: ModuleType, *calls: str) -> list[str]:
    """The texts that a module calls `detail`, or gives certain calls; 7 for what is filled in."""
    values: list[ast.expr] = []
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in calls:
            values += [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "detail")]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "detail":
            values.append(node.value)
    return [text for value in values for text in _texts(value) if " " in text]


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, ast.Call):
        for child in ast.iter_child_nodes(node):
            yield from _texts(child)


def unread(damage: str) -> str:
    """What is told of a document that cannot be read."""
    return f"The kept document could not be read ({damage}) and was set aside."


OURS: Final = {
    "errors": list(meanings()),
    "client": problems_of(dms),
    "guard": problems_of(guard),
    "rest": [resting(NOW, NOW + timedelta(minutes=10)).message],
    "rules": written_in(rules, "Cause"),
    "gaps": [gaps.EXPLANATION],
    "raising": written_in(raising, "Cause"),
    "delivery": written_in(delivery, "Cause"),
    "document": list(map(unread, written_in(document, "UnreadableLedgerError"))),
    "ledgers": list(map(unread, written_in(ledgers, "UnreadableLedgerError"))),
}


@pytest.mark.parametrize("sentences", OURS.values(), ids=OURS)
def test_our_sentences_are_known_in_chinese(sentences: list[str]) -> None:
    """Each of them, wherever it is made; a new one is found here."""
    assert sentences
    for sentence in sentences:
        assert left_in_english(sentence) == [], sentence


@pytest.mark.parametrize("request_id", ["4f8ce29b", "9d5a3b1c-4f7e-4b6a-8c2d-1e0f9a8b7c6d", "x" * 128])
def test_a_request_id_stands_beside_any_of_them(request_id: str) -> None:
    """Also where a ledger has no room for all of it."""
    for sentence in meanings():
        whole = Problem(ProblemKind.UNAVAILABLE, sentence, request_id=request_id).explanation

        assert left_in_english(whole) == [], whole


@pytest.mark.parametrize(
    "status", [200, 204, 302, 400, 401, 403, 404, 405, 408, 418, 429, 500, 502, 503, 504]
)
@pytest.mark.parametrize(
    "code", ["", "DMS.00400030", "DMS.00404022", "DMS.10240407", "APIGW.0101", "APIGW.0301"]
)
def test_whatever_the_api_answers_is_told_in_chinese(status: int, code: str) -> None:
    """By its real answers, to every call whose refusal has words of its own."""
    decipherers: tuple[Callable[[Response], Any], ...] = (
        decipher_instances,
        decipher_specification,
        lambda response: decipher_progress(response, TimeUnit.SECONDS),
    )
    for body in (json.dumps({"error_code": code}).encode(), b"<html>"):
        for decipher in decipherers:
            problem = decipher(Response(status, {"x-request-id": "4f8ce29b"}, body))

            assert left_in_english(problem.explanation) == []


def failure(transport: Transport, request: Request, timeout_seconds: float = 5) -> str:
    """How a request fails."""
    with pytest.raises(TransportError) as caught:
        transport(request, timeout_seconds=timeout_seconds)
    return f"The DMS API gave no answer: {caught.value}"


def test_whatever_a_network_does_is_told_in_chinese() -> None:
    """By real failures: nobody there, no such name, too slow, no time, a header that is none, no proxy."""
    transport = Transport(connections=1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        slow = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        failures = [
            failure(transport, Request("GET", slow), 0.2),
            failure(transport, Request("GET", slow), 0),
            failure(transport, Request("GET", slow, {"X-Auth-Token": "a\r\nb"})),
        ]
    failures += [
        failure(transport, Request("GET", slow)),
        failure(transport, Request("GET", "http://nowhere.invalid/")),
        failure(Transport(connections=1, proxy=slow), Request("GET", "http://dms.example/")),
    ]

    for said in failures:
        assert left_in_english(said) == [], said


@pytest.mark.parametrize(
    "said",
    [
        "dms.example could not be reached in time.",
        "The proxy p.example could not be reached in time.",
        "dms.example broke off (Connection reset by peer).",
        "dms.example broke off (RemoteDisconnectedError).",
        "dms.example could not be reached (Network is unreachable).",
        f"dms.example answered with more than {BODY_BYTES_MAX >> 20} MiB.",
        (
            "dms.example could not be reached ([SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed:"
            " self-signed certificate (_ssl.c:1000))."
        ),
    ],
)
def test_what_a_network_seldom_does_is_told_in_chinese(said: str) -> None:
    """In the words of the transport; that of others is the operating system's and OpenSSL's."""
    assert left_in_english(f"The DMS API gave no answer: {said}") == []


def wrapped(content: bytes, schema: int = SCHEMA) -> bytes:
    """A document whose envelope is sound."""
    checksum = hashlib.sha256(content).hexdigest()
    return b'{"schema":%d,"nonce":"n","sha256":"%s","ledger":%s}' % (schema, checksum.encode(), content)


DAMAGED: Final = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff",
    b'{"schema":"3"}',
    b'{"schema":3}',
    b"[" * 20_000 + b"]" * 20_000,
    b'{"schema":3,"nonce":"\xff"}',
    wrapped(b"{}")[:-3],
    wrapped(b"{}").replace(b"{}", b"[]"),
    wrapped(b"{}"),
    wrapped(b"[]"),
    wrapped(b'{"change":5}'),
    wrapped(b"[]", 1),
    wrapped(b"{}", 0),
]


@pytest.mark.parametrize("damaged", DAMAGED)
def test_whatever_is_wrong_with_a_document_is_told_in_chinese(damaged: bytes) -> None:
    """By documents that are really damaged."""
    with pytest.raises(UnreadableLedgerError) as caught:
        decode(damaged)

    assert left_in_english(unread(str(caught.value))) == []


class Torn(MemoryStore):
    """A store that gives another half of a document each time."""

    def load(self, key: str, known_version: str | None = None) -> Unchanged | Absent | Loaded | Oversized:
        """See `StateStore`."""
        self.documents[key] += b"."
        return super().load(key, known_version)


def page_says(store: MemoryStore, document: bytes, code: LanguageCode) -> str:
    """What a page says of a change of which this is kept."""
    store.put(f"changes/{CHANGE}.json", document)
    record = Records(store, Ledgers(store, lambda: "n", {}), 2).find(CHANGE)
    assert record
    (trouble,) = find_troubles(record, NOW)
    return remark(trouble, Visitor(Reader(LANGUAGES[code]), NOW)).text


TOO_LARGE: Final = b"x" * (DOCUMENT_BYTES_MAX + 1)
OF_ANOTHER: Final = encode(Ledger("a/b", NOW), "n")


@pytest.mark.parametrize(
    ("store", "document", "english"),
    [
        *((MemoryStore, document, "cannot be read (") for document in (*DAMAGED, TOO_LARGE, OF_ANOTHER)),
        (MemoryStore, b'{"schema": 999}', "was written by a newer Headway (schema 999, this Headway knows"),
        (Torn, b"{", "is in flux ("),
    ],
)
def test_pages_say_in_either_language_why_a_ledger_cannot_be_used(
    store: type[MemoryStore], document: bytes, english: str
) -> None:
    """By what a store really holds; once, and whole."""
    said = page_says(store(), document, LanguageCode.EN)

    assert said.startswith(f"The ledger of {CHANGE} {english}")
    assert said.count("The ledger of") == 1
    assert english_in(page_says(store(), document, LanguageCode.ZH)) == []


@pytest.mark.parametrize("code", ["misconfigured", "nothing-sent", "unsendable", "unsupported"])
def test_codes_of_our_own_are_told_in_words(code: str) -> None:
    """Those of a service stay what they are."""
    sentence = f"Its service answered {code}."

    assert code not in translate(sentence, ENGLISH.details)
    assert left_in_english(sentence) == []
    assert "invalid_token" in translate("Its service answered invalid_token.", CHINESE.details)
