"""The endpoint of AWS's parameters-and-secrets extension, on loopback, as strict as its documentation.

https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-integration-lambda-extensions.html
https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Final
from urllib.parse import parse_qs, urlsplit

from typing_extensions import Self

from tests.fakes.loopback import QuietHandler, serving

PORT_VARIABLE: Final = "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"

_TOKEN_HEADER: Final = "X-Aws-Parameters-Secrets-Token"
_PARAMETER: Final = "/systemsmanager/parameters/get"
_SECRET: Final = "/secretsmanager/get"


class SecretsExtension:
    """The extension for the time of a `with` block; `asked` is what it was asked for, path and query."""

    def __init__(
        self,
        token: str,
        *,
        parameters: Mapping[str, str],
        secrets: Mapping[str, str],
        is_invoking: Callable[[], bool],
    ) -> None:
        """Serve nothing yet.

        Args:
            token: The session token of the function's role, which it wants to be shown.
            parameters: The parameters of SSM by their name, all of them encrypted.
            secrets: The secrets of Secrets Manager by their id.
            is_invoking: Whether an invocation is under way; outside of one nothing is served.
        """
        self.port = 0
        self.asked: list[str] = []
        self._token = token
        self._parameters = parameters
        self._secrets = secrets
        self._is_invoking = is_invoking
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begin to serve."""
        extension = self

        class Handler(QuietHandler):
            def respond(self) -> None:
                status, told = extension.answer(self.command, self.path, self.headers.get(_TOKEN_HEADER))
                self.answer(status, {"Content-Type": "application/json"}, json.dumps(told).encode())

        self.port = self._stack.enter_context(serving(Handler))
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._stack.close()

    def answer(self, method: str, target: str, token: str | None) -> tuple[int, object]:
        """Tell status and content of the answer to a request."""
        self.asked.append(target)
        if not self._is_invoking():
            return 400, "not ready to serve traffic, please wait"
        if token is None:
            return 401, {"message": "the token is missing"}
        if token != self._token:
            return 403, {"message": "the token is another"}
        url = urlsplit(target)
        if method != "GET" or "/" in url.query:
            return 400, {"message": "a hierarchy's slashes have to be encoded"}
        return self._find(url.path, {name: values[-1] for name, values in parse_qs(url.query).items()})

    def _find(self, path: str, query: Mapping[str, str]) -> tuple[int, object]:
        name, secret_id = query.get("name", ""), query.get("secretId", "")
        if path == _PARAMETER and name in self._parameters:
            is_plain = query.get("withDecryption") == "true"
            value = self._parameters[name] if is_plain else "AQICAHhEncryptedByKms"
            return 200, {
                "Parameter": {"Name": name, "Type": "SecureString", "Value": value, "Version": 1},
                "ResultMetadata": {},
            }
        if path == _SECRET and secret_id in self._secrets:
            return 200, {
                "Name": secret_id,
                "SecretBinary": None,
                "SecretString": self._secrets[secret_id],
                "VersionStages": ["AWSCURRENT"],
                "ResultMetadata": {},
            }
        return 400, {"message": f"ParameterNotFound or ResourceNotFoundException: {name or secret_id}"}
