"""Why a deployed function could not be invoked, or did not do its job, and whether to try again. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Final, NamedTuple

from notifiers.saying import one_line

_LINE_LENGTH_MAX: Final = 500
_PREFIX: Final = "function invocation exception, error: "
"""What FunctionGraph puts before an exception's text."""

_OURS: Final = "InvocationFailedError"
_DEFECT: Final = "A defect of Headway's"
_OF_ASKER: Final = "`test_alert`"
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9._]{0,63}")


class Sort(Enum):
    """What to do after a setback.

    `BUSY`: nothing has run, because others run; it is free in a moment. `EARLY`: nothing has run, and what is
    in the way may pass, as permissions may be too fresh. `FAILED`: it has run and could not do its job.
    `UNCERTAIN`: perhaps it has done something. `STOPPED`: so it is, and nobody wants to wait any longer.
    `FINAL`: to try again is of no use.
    """

    BUSY = "busy"
    EARLY = "early"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    STOPPED = "stopped"
    FINAL = "final"


class SetbackError(Exception):
    """What was asked for was not done; the message says why, in sentences."""

    def __init__(self, message: str, sort: Sort) -> None:
        """Take the sentences, and what to do then."""
        super().__init__(message)
        self.sort = sort


class Service(NamedTuple):
    """A platform's own words: its name, the permission that it wants, and the variables with the keys."""

    name: str
    permission: str
    variables: str
    key_codes: frozenset[str] = frozenset()
    """Codes of a 403 that are about the key and not about what it may do."""


def refusal(service: Service, status: int, code: str | None) -> SetbackError:
    """Say what an answer of the platform means that is none of the function's.

    Args:
        service: The platform.
        status: The status of the answer.
        code: What the platform calls it, as far as it says so.
    """
    known = code if code and _CODE.fullmatch(code) else None
    source = " ".join(filter(None, [str(status), known]))
    if status == 401 or (status == 403 and known in service.key_codes):  # noqa: PLR2004 - HTTP's
        return SetbackError(
            f"{service.name} refused the access key ({source}): check {service.variables}, and the clock.",
            Sort.FINAL,
        )
    sentence, sort = _SENTENCES.get(status) or (_DOWN if status >= 500 else _REJECTED)  # noqa: PLR2004 - HTTP's
    return SetbackError(sentence.format(**service._asdict(), source=source), sort)


_DOWN: Final = (
    "{name} is out of order ({source}); whether the function has run is not known.",
    Sort.UNCERTAIN,
)
_REJECTED: Final = ("{name} did not accept the request ({source}).", Sort.FINAL)
_SENTENCES: Final = {
    403: ("The access key may not invoke the function ({source}): grant {permission}.", Sort.EARLY),
    404: ("{name} knows no such function ({source}): check its name, region and owner.", Sort.EARLY),
    408: _DOWN,
    409: ("The function is just being changed ({source}).", Sort.EARLY),
    429: ("The function is busy ({source}): as many run as may at once.", Sort.BUSY),
    502: ("{name} could not run the function ({source}).", Sort.UNCERTAIN),
}
"""By status; the services' own lists of errors are in the addresses of `invoke_apis`."""


def failure(error: Mapping[str, object]) -> SetbackError:
    """Say what a function's own error means, in the shape that both platforms have for it."""
    kind, message = (str(error.get(key) or "") for key in ("errorType", "errorMessage"))
    message = message.removeprefix(_PREFIX)
    lines = "\n".join(one_line(line, _LINE_LENGTH_MAX) for line in message.splitlines())
    if kind != _OURS:
        said = ": ".join(filter(None, [one_line(kind), lines])) or "it does not say why"
        return SetbackError(f"The function failed: {said}", Sort.UNCERTAIN)
    if message.startswith(_DEFECT):
        return SetbackError(lines, Sort.UNCERTAIN)
    return SetbackError(lines, Sort.FINAL if message.startswith(_OF_ASKER) else Sort.FAILED)
