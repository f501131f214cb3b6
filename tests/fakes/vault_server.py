"""Parameter Store and Secrets Manager on loopback: verifies signatures, counts, refuses when told to.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, Final, NamedTuple

from handler.stores.sigv4 import Credentials
from tests.fakes.loopback import LoopbackServer, QuietHandler
from tests.fakes.s3_signature import Received, refused

REGION: Final = "eu-west-1"
CREDENTIALS: Final = Credentials("AKIDEXAMPLE", "a secret of the fake vault", "a token of the fake vault")
CONTENT_TYPE: Final = "application/x-amz-json-1.1"

_ACCOUNT: Final = "123456789012"
_SERVICES: Final = {"AmazonSSM": "ssm", "secretsmanager": "secretsmanager"}
_WORDS: Final = {
    "AccessDenied": "MissingAuthenticationTokenException",
    "AuthorizationHeaderMalformed": "InvalidSignatureException",
    "InvalidAccessKeyId": "UnrecognizedClientException",
    "InvalidToken": "UnrecognizedClientException",
}
"""How these services call what S3 calls otherwise."""


class Answer(NamedTuple):
    """A status and what the body holds."""

    status: int
    content: object


class FakeVault(LoopbackServer):
    """Both services behind one real socket, for the time of a `with` block.

    A parameter's name may end in a version or label (`NAME:3`), a secret may be bytes. `forbidden` are the
    names that may not be read, `asked` is what was asked for, request by request.
    """

    def __init__(
        self,
        *,
        region: str = REGION,
        credentials: Credentials = CREDENTIALS,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        """Hold and serve nothing yet."""
        super().__init__()
        self.parameters: dict[str, str] = {}
        self.secrets: dict[str, str | bytes] = {}
        self.forbidden: set[str] = set()
        self.asked: list[list[str]] = []
        self.instead: deque[Answer] = deque()
        self._region, self._credentials, self._now = region, credentials, now

    def visit(self, handler: QuietHandler) -> None:
        """Read a request, and answer it."""
        headers = {name.lower(): value for name, value in handler.headers.items()}
        answer = self.answer(Received(handler.command, handler.path, headers, handler.body()))
        handler.answer(answer.status, {"Content-Type": CONTENT_TYPE}, json.dumps(answer.content).encode())

    @property
    def variables(self) -> dict[str, str]:
        """What leads a function here: keys, region, and where the services are."""
        return {
            "AWS_ACCESS_KEY_ID": self._credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": self._credentials.secret_key,
            "AWS_SESSION_TOKEN": self._credentials.session_token or "",
            "AWS_REGION": self._region,
            "AWS_ENDPOINT_URL_SSM": self.endpoint,
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": self.endpoint,
        }

    def arn(self, name: str) -> str:
        """What a parameter may be asked for by, instead of its name."""
        return f"arn:aws:ssm:{self._region}:{_ACCOUNT}:parameter/{name.removeprefix('/')}"

    def answer(self, received: Received) -> Answer:
        """Tell what a request is answered with."""
        prefix, _, action = received.headers.get("x-amz-target", "").partition(".")
        refusal = refused(received, self._credentials, self._region, self._now(), _SERVICES.get(prefix, ""))
        if refusal:
            return _error(_WORDS.get(refusal[1], "InvalidSignatureException"))
        if (received.method, received.target) != ("POST", "/"):
            return _error("UnknownOperationException")
        if received.headers.get("content-type") != CONTENT_TYPE:
            return _error("SerializationException")
        return self._fulfil(action, json.loads(received.body))

    def _fulfil(self, action: str, order: dict[str, Any]) -> Answer:
        names = order["Names"] if action == "GetParameters" else [order["SecretId"]]
        self.asked.append(names)
        if self.instead:
            return self.instead.popleft()
        if self.forbidden & {*names}:
            return _error("AccessDeniedException", "User: arn:aws:sts::… is not authorized to perform: …")
        if action == "GetParameters":
            return self._parameters(names, is_plain=order["WithDecryption"])
        return self._secret(names[0])

    def _parameters(self, names: list[str], *, is_plain: bool) -> Answer:
        if not 1 <= len(names) <= 10 or len(names) != len({*names}):
            return _error("ValidationException")
        known = {
            **{self.arn(name): name for name in self.parameters},
            **{name: name for name in self.parameters},
        }
        found = [known[name] for name in names if name in known]
        return Answer(
            200,
            {
                "InvalidParameters": [name for name in names if name not in known],
                "Parameters": [self._shown(name, is_plain=is_plain) for name in sorted(found)],
            },
        )

    def _shown(self, name: str, *, is_plain: bool) -> dict[str, object]:
        plain_name, colon, selector = name.partition(":")
        return {
            "ARN": self.arn(plain_name),
            "DataType": "text",
            "LastModifiedDate": 1.5e9,
            "Name": plain_name,
            **({"Selector": f":{selector}"} if colon else {}),
            "Type": "SecureString",
            "Value": self.parameters[name] if is_plain else "AQICAHhEncryptedByKms",
            "Version": 3,
        }

    def _secret(self, name: str) -> Answer:
        if name not in self.secrets:
            return _error("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        value = self.secrets[name]
        held = {"SecretString": value} if isinstance(value, str) else {"SecretBinary": "AAAA"}
        return Answer(200, {"Name": name, "VersionStages": ["AWSCURRENT"], "CreatedDate": 1.5e9, **held})


def _error(code: str, message: str = "") -> Answer:
    return Answer(400, {"__type": code, "message": message})
