"""Values kept in AWS, asked of Lambda's parameters-and-secrets extension, which answers on loopback.

Whether its layer is attached shows only when it is asked, and it answers during invocations only. It keeps
values for five minutes, so asking it anew in every invocation costs a millisecond.
Sources: https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-integration-lambda-extensions.html,
https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple
from urllib.parse import quote

import msgspec

from handler.runtimes import Lookup
from handler.transport import Request, Send, TransportError

_PORT_VARIABLE: Final = "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"
_PORT: Final = "2773"
_OK: Final = 200


class _Parameter(msgspec.Struct):
    Value: str


class _ParameterAnswer(msgspec.Struct):
    Parameter: _Parameter


class _SecretAnswer(msgspec.Struct):
    SecretString: str


class Extension(NamedTuple):
    """Fetches values kept in AWS, by `ssm:NAME` and `secret:NAME`, all of them within what is left."""

    send: Send
    lookup: Lookup
    remaining_seconds: Callable[[], float]

    def __call__(self, reference: str) -> str:
        """Fetch a parameter of SSM's or a secret of Secrets Manager's.

        Raises:
            LookupError: It cannot be had; the text continues a sentence that begins with the key.
        """
        service, _, name = reference.partition(":")
        body = self._get(reference, _path(service, quote(name, safe="")))
        try:
            if service == "ssm":
                return msgspec.json.decode(body, type=_ParameterAnswer).Parameter.Value
            return msgspec.json.decode(body, type=_SecretAnswer).SecretString
        except (ValueError, RecursionError):
            raise LookupError(f"needs {reference}, which holds no text") from None

    def _get(self, reference: str, path: str) -> bytes:
        port = self.lookup(_PORT_VARIABLE) or _PORT
        if not port.isdecimal():
            raise LookupError(f"needs {reference}, and the variable {_PORT_VARIABLE} is no port")
        token = self.lookup("AWS_SESSION_TOKEN") or ""
        request = Request("GET", f"http://localhost:{port}{path}", {"X-Aws-Parameters-Secrets-Token": token})
        try:
            answer = self.send(request, timeout_seconds=self.remaining_seconds())
        except TransportError:
            raise LookupError(
                f"needs {reference}, and the parameters-and-secrets extension does not answer"
                " (it is on Lambda only, where its layer is attached)"
            ) from None
        if answer.status != _OK:
            raise LookupError(
                f"needs {reference}, which AWS does not give (status {answer.status}; is it there, and may"
                " the role read it?)"
            )
        return answer.body


def _path(service: str, name: str) -> str:
    if service == "ssm":
        return f"/systemsmanager/parameters/get?name={name}&withDecryption=true"
    return f"/secretsmanager/get?secretId={name}"
