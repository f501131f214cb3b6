"""Whether the services behind channels understand their URLs; of a URL nothing is told but its scheme."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from handler.local.validating.draft import Draft
from handler.settings.addresses import PORT_MAX
from handler.settings.spelling import nearest
from handler.settings.tree import Mistake, Path, Place, matches, variables_in
from notifiers.services.catalog import ChannelError, open_service
from notifiers.services.schemas import form_of, known_schemas
from notifiers.signer import sign_nothing

_PORT: Final = "one that its host listens at, or none"
_URL: Final[Place] = ("channels", "*", "url")
_SCHEME: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*)://")
_HARMLESS: Final = re.compile(r"[A-Za-z]{2,20}")
_WEB: Final = frozenset({"http", "https"})
_ANY_FORM: Final = "slack://TOKEN_A/TOKEN_B/TOKEN_C"
"""How a URL looks where it does not matter, or is not known, which service it is for."""

_SPECIAL: Final = re.compile(r"[/?#@%:&+\s]")
"""What has a meaning of its own somewhere in a URL."""


def find_url_mistakes(draft: Draft) -> Iterator[Mistake]:
    """Find the channels that could send nothing; of one that is not whole only the scheme is looked at."""
    known = known_schemas()
    for path, url in draft.texts(*_URL):
        match = _SCHEME.match(url)
        if match is None:
            continue
        schema = match[1].lower()
        if schema not in known and schema not in _WEB:
            yield _unknown_service(path, match[1], known)
        elif not draft.is_open(*path):
            yield from _misunderstood(path, schema, url, draft)


def with_form(mistake: Mistake, draft: Draft) -> Mistake:
    """Have what is no URL, but begins like one of a service, told what that service's look like."""
    text = draft.filled(*mistake.path) if matches(_URL, mistake.path) else None
    match = _SCHEME.match(text) if isinstance(text, str) else None
    if match is None or match[1].lower() not in known_schemas():
        return mistake
    return mistake._replace(expected=form_of(match[1].lower()))


def _unknown_service(path: Path, scheme: str, known: Collection[str]) -> Mistake:
    # What does not look like a scheme may be a secret.
    shown = f": {scheme}://" if _HARMLESS.fullmatch(scheme) else ""
    close = nearest(scheme, known, likeness=0.7)
    return Mistake(
        path,
        f"names a service that does not exist{shown}",
        "the scheme of a service that apprise knows",
        (f"{close}://",) if close else (),
    )


def _misunderstood(path: Path, schema: str, url: str, draft: Draft) -> Iterator[Mistake]:
    name = str(path[1])
    try:
        service = open_service(name, url, sign_nothing)
    except ChannelError as error:
        problem = _about_url(str(error).removeprefix(f"Channel {name} ").removesuffix("."))
        if schema not in _WEB:
            problem = problem.replace(_ANY_FORM, form_of(schema))
        expected = ""
        if "does not understand" in problem:
            expected = f"{form_of(schema)}, {_encoding(path, draft)}"
        elif schema in _WEB:
            expected = "the address that a service gave you, or jsons://HOST/PATH for a webhook of your own"
        yield Mistake(path, problem, expected)
        return
    # Only where a service takes it for a port is it one, and no digits of a secret.
    port = service.plugin.port if "port" in service.plugin.template_tokens else None
    if isinstance(port, int) and port > PORT_MAX:
        yield Mistake(path, f"sends to a port that is not from 1 to {PORT_MAX}", _PORT)


def _about_url(problem: str) -> str:
    """Say of the URL what was said of the channel."""
    said = re.sub(r"^has an? (url|web address) that", r"is a \1 that", problem)
    return said.replace(" in its url", "")


def _encoding(path: Path, draft: Draft) -> str:
    """Say what is to be percent-encoded, and which values that perhaps concerns; not one of a whole URL."""
    values = {name: draft.value_of(name) for name in sorted(variables_in(draft.written(*path)))}
    names = [name for name, value in values.items() if _SPECIAL.search(value) and "://" not in value]
    perhaps = f", perhaps in the value of {' and '.join(names)}" if names else ""
    return f"with whatever is special in a secret percent-encoded{perhaps}"
