"""Asks a service of AWS that takes its orders as JSON, with the keys of the environment.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/CommonErrors.html (read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import msgspec

from handler.credentials import aws_keys, demanded
from handler.hosts import aws_endpoint
from handler.runtimes import Runtime
from handler.settings.addresses import endpoint_in
from handler.settings.values import read_region
from handler.stores import sigv4
from handler.transport import Request, Response, Send, TransportError

_PASSING: Final = frozenset(
    {"InternalServerError", "InternalServiceError", "RequestLimitExceeded", "ThrottlingException"}
)
_KEY: Final = "this access key does not exist, or its session token is another's"
_SIGNATURE: Final = "the secret key is another access key's, or the clock of this machine is wrong"
_PERMISSION: Final = "the permission {permission} may be missing, or kms:Decrypt for its key"
# By the service's code, or else by status.
_MEANINGS: Final[Mapping[str, str]] = {
    "403": _PERMISSION,
    "AccessDeniedException": _PERMISSION,
    "DecryptionFailure": "the key that it is encrypted with cannot be used",
    "ExpiredTokenException": "the session token of the credentials has expired",
    "InvalidClientTokenId": _KEY,
    "InvalidKeyId": "the key that it is encrypted with cannot be used",
    "InvalidRequestException": "it is to be deleted",
    "InvalidSignatureException": _SIGNATURE,
    "SignatureDoesNotMatch": _SIGNATURE,
    "UnrecognizedClientException": _KEY,
    "ValidationException": "nothing can be called so",
}
_ABOUT_NAMES: Final = frozenset({"403", "AccessDeniedException", "InvalidKeyId", "ValidationException"})
_CODE: Final = re.compile(rb'"__type"\s*:\s*"(?:[\w.]*#)?([A-Za-z]{1,64})"')


class Service(NamedTuple):
    """A service, and the one thing that is asked of it."""

    name: str
    """As it stands in its host and in signatures."""
    target: str
    permission: str
    endpoint_variable: str


class RefusedError(LookupError):
    """The service will not give what it was asked for.

    Attributes:
        code: What it calls the trouble, if it says so.
        is_about_names: Whether another name may fare better.
    """

    def __init__(self, code: str | None, status: int, permission: str) -> None:
        """Word it; of the answer only status and code are shown."""
        said = code or str(status)
        self.code = code
        self.is_about_names = said in _ABOUT_NAMES
        meaning = _MEANINGS.get(said)
        because = f": {meaning.format(permission=permission)}" if meaning else ""
        super().__init__(f"which AWS does not give ({said}{because})")


class AwsCalls(NamedTuple):
    """Asks, and tells why nothing came; each reason continues a sentence that names what was asked for."""

    send: Send
    runtime: Runtime
    now: Callable[[], datetime]
    timeout_seconds: Callable[[], float]
    """How long a request may take if it begins now; 0 when time is up."""
    rest: Callable[[], None]
    """Waits before the second attempt, for whoever throttles us has too much to do."""

    def ask(self, service: Service, order: Mapping[str, Any]) -> bytes:
        """Ask, and once more if the first attempt met a passing trouble: for what may happen twice.

        Raises:
            RefusedError: It is refused, or there is no such thing.
            LookupError: No answer came, or there is nothing to ask with.
        """
        region = self._region()
        url = f"{self._endpoint(service, region)}/"
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": service.target}
        request = Request("POST", url, headers, msgspec.json.encode(order))
        try:
            keys = aws_keys(self.runtime)
        except LookupError as error:
            raise LookupError(f"and {error}") from None

        def attempt() -> Response:
            signed = sigv4.sign(
                request, region=region, credentials=keys, now=self.now(), service=service.name
            )
            return self.send(signed, timeout_seconds=self.timeout_seconds())

        answer = _insist(attempt, self.rest)
        if answer.status != HTTPStatus.OK:
            raise RefusedError(_code(answer), answer.status, service.permission)
        return answer.body

    def _region(self) -> str:
        try:
            return read_region(demanded(self.runtime, "AWS_REGION"))
        except LookupError as error:
            raise LookupError(f"and {error}") from None
        except ValueError:
            raise LookupError("and the variable AWS_REGION is no region, such as eu-west-1") from None

    def _endpoint(self, service: Service, region: str) -> str:
        try:
            other = endpoint_in(self.runtime.lookup, service.endpoint_variable)
        except ValueError as error:
            raise LookupError(f"and the {error}") from None
        return other or aws_endpoint(service.name, region)


def _insist(attempt: Callable[[], Response], rest: Callable[[], None]) -> Response:
    try:
        answer = attempt()
        if not _is_passing(answer):
            return answer
        rest()
    except TransportError:
        pass
    try:
        return attempt()
    except TransportError as error:
        raise LookupError(f"and AWS cannot be asked: {str(error).removesuffix('.')}") from error


def _is_passing(answer: Response) -> bool:
    """Whether the next attempt may well find another answer."""
    is_troubled = answer.status in range(500, 600) or answer.status == HTTPStatus.TOO_MANY_REQUESTS
    return is_troubled or _code(answer) in _PASSING


def _code(answer: Response) -> str | None:
    """What the service calls the trouble, if it says so."""
    found = _CODE.search(answer.body)
    return found[1].decode() if found and answer.status != HTTPStatus.OK else None
