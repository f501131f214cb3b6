"""What an answer of the DMS API says: status, headers and body become a reading or a named problem.

Pure, and never an exception, whatever a gateway or a proxy sends. The vendor's own words are deliberately
absent from a problem: those of a 401 may hold the signed request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

import msgspec

from handler.core.listing import Entry, Instance, ListedTask, Page, read_instances, read_tasks
from handler.core.operation import read_specification
from handler.core.problem import Problem, ProblemKind
from handler.core.progress import Progress, Task
from handler.core.reading import TimeUnit, read_progress, read_task
from handler.core.scalars import clean, read_time
from handler.huaweicloud.errors import MAY_NOT_LIST, MAY_NOT_SHOW, NO_TASK, Meaning, meaning_of
from handler.transport import Response, TooLargeError, TransportError
from notifiers.operations import Specification

_BEYOND_THE_LAST: Final = "DMS.40050010"

RETRY_AFTER_SECONDS_MAX: Final = 3600.0
"""A longer pause than an hour is not believed."""

# Patterns that no access key, token or signature fits.
_CODE: Final = re.compile(r"(?:[A-Za-z]{2,10}\.)?[0-9]{1,12}")
_REQUEST_ID_IN_BODY: Final = re.compile(r"[0-9a-fA-F-]{32,36}")

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_SUCCESSES: Final = 2
_FORBIDDEN: Final = 403


def decipher_progress(response: Response, unit: TimeUnit) -> Progress | Problem:
    """Read the answer of the progress call."""
    document = _decode(response.body)
    if _is_success(response):
        progress = read_progress(document, unit, _read_date(response.headers.get("date")))
        if progress is not None:
            return progress
    return _problem(response, document, _meaning(response, document))


def decipher_task(response: Response) -> Task | Problem:
    """Read the answer of the task call; an empty list of tasks is a task that is not there."""
    document = _decode(response.body)
    meaning = _meaning(response, document)
    if _is_success(response):
        task = read_task(document, _read_date(response.headers.get("date")))
        if task is not None:
            return task
        if isinstance(document, Mapping) and document.get("tasks") == []:
            meaning = NO_TASK
    return _problem(response, document, meaning._replace(asks_task=False))


def decipher_instances(response: Response) -> Page[Instance] | Problem:
    """Read a page of instances; one beyond the last is an empty page."""
    document = _decode(response.body)
    if _read_code(document) == _BEYOND_THE_LAST:
        return Page((), received=0, total=0)
    return _decipher_page(response, document, read_instances, forbidden=MAY_NOT_LIST)


def decipher_tasks(response: Response) -> Page[ListedTask] | Problem:
    """Read a page of an instance's tasks."""
    return _decipher_page(response, _decode(response.body), read_tasks)


def decipher_specification(response: Response) -> Specification | Problem:
    """Read how large an instance is from the answer of the call that shows it."""
    document = _decode(response.body)
    specification = read_specification(document) if _is_success(response) else None
    if specification is not None:
        return specification
    return _refusal(response, document, forbidden=MAY_NOT_SHOW)


def _decipher_page(
    response: Response,
    document: object,
    read: Callable[[object, datetime | None], Page[Entry] | None],
    forbidden: Meaning | None = None,
) -> Page[Entry] | Problem:
    page = read(document, _read_date(response.headers.get("date"))) if _is_success(response) else None
    return page if page is not None else _refusal(response, document, forbidden)


def _refusal(response: Response, document: object, forbidden: Meaning | None) -> Problem:
    """Name the problem of a call beside which no task need be asked; 403 may have a meaning of its own."""
    meaning = forbidden if forbidden and response.status == _FORBIDDEN else _meaning(response, document)
    return _problem(response, document, meaning._replace(asks_task=False))


def _is_success(response: Response) -> bool:
    return response.status // 100 == _SUCCESSES


def _decode(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None


def _meaning(response: Response, document: object) -> Meaning:
    is_object = isinstance(document, Mapping)
    return meaning_of(response.status, _read_code(document), is_object=is_object)


def explain_silence(error: TransportError) -> Problem:
    """Name the problem of a request that got no answer, or none that could be taken in."""
    kind = ProblemKind.TIMEOUT if error.timed_out else ProblemKind.UNAVAILABLE
    kind = ProblemKind.MALFORMED if isinstance(error, TooLargeError) else kind
    return Problem(kind, clean(f"The DMS API gave no answer: {error}"))


def _problem(response: Response, document: object, meaning: Meaning) -> Problem:
    code = _read_code(document)
    source = f"HTTP {response.status}, {code}" if code else f"HTTP {response.status}"
    return Problem(
        kind=meaning.kind,
        message="The DMS API " + meaning.said.format(source=source),
        status=response.status,
        code=code,
        request_id=_read_request_id(response.headers, document),
        retry_after_seconds=_read_retry_after(response.headers),
        missing=meaning.missing,
        asks_task=meaning.asks_task,
        denies_progress=meaning.denies_progress,
    )


def _read_code(document: object) -> str | None:
    return _find(document, ("error_code", "errorCode", "code"), _CODE)


def _read_request_id(headers: Mapping[str, str], document: object) -> str | None:
    for name in ("x-request-id", "x-iam-trace-id"):
        if _REQUEST_ID.fullmatch(headers.get(name, "")):
            return headers[name]
    return _find(document, ("request_id",), _REQUEST_ID_IN_BODY)


def _find(document: object, names: tuple[str, ...], pattern: re.Pattern[str]) -> str | None:
    """Find the first text of a pattern under one of the names, in the document or one level down."""
    if not isinstance(document, Mapping):
        return None
    levels = [document, *(inner for inner in document.values() if isinstance(inner, Mapping))]
    values = (level.get(name) for level in levels for name in names)
    texts = (str(value) for value in values if isinstance(value, (str, int)))
    return next((text for text in texts if pattern.fullmatch(text)), None)


def _read_date(text: str | None) -> datetime | None:
    try:
        return read_time(parsedate_to_datetime(text)) if text else None
    except (ValueError, OverflowError):
        return None


def _read_retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return min(float(text), RETRY_AFTER_SECONDS_MAX)
    until, since = _read_date(text), _read_date(headers.get("date"))
    if until is None or since is None:
        return None
    return min(max((until - since).total_seconds(), 0.0), RETRY_AFTER_SECONDS_MAX)
