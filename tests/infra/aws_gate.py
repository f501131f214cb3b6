"""A gate before moto that lets through what IAM policies allow, conditions and resources included.

    with Gate(cloud.endpoint) as gate:
        gate.policies = [role_policy, bucket_policy]
        ...                       # somebody comes to gate.endpoint
        assert gate.asked == [...]

moto itself checks signatures and, without conditions, what may be done. Here it is only S3, SSM and Secrets
Manager, as far as Headway calls them. To S3's keys belongs what stands in
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html (read November 2026).
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from typing_extensions import Self

from tests.fakes.loopback import HOST, QuietHandler, serving
from tests.infra.aws_cloud import ACCOUNT, REGION
from tests.infra.aws_policies import Ask, Decision, Policy, decide

# As over TLS, which loopback does without.
_SECURE: Final = {"aws:SecureTransport": "true"}
_S3_ACTIONS: Final = {"GET": "s3:GetObject", "PUT": "s3:PutObject", "DELETE": "s3:DeleteObject"}
_CONDITIONS: Final = ("if-match", "if-none-match")
_SKIPPED: Final = {"connection", "content-length", "transfer-encoding"}


class _Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class Gate:
    """A gate for the time of a `with` block; `asked` is all that was wanted of it, in order."""

    def __init__(self, upstream: str) -> None:
        """Let nobody through yet; `upstream` is moto's endpoint."""
        self.policies: Sequence[Policy] = []
        self.asked: list[Ask] = []
        self.endpoint = ""
        self._upstream = urlsplit(upstream).netloc
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begin to serve."""
        gate = self

        class Handler(QuietHandler):
            def respond(self) -> None:
                gate.visit(self)

        self.endpoint = f"http://{HOST}:{self._stack.enter_context(serving(Handler))}"
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._stack.close()

    def visit(self, request: QuietHandler) -> None:
        """Refuse, or pass on and answer what moto answers."""
        body = request.body()
        is_s3 = "X-Amz-Target" not in request.headers
        asks = list(_of_s3(request) if is_s3 else _of_json(request, body))
        refused = self._refused(asks)
        answer = _refusal(refused, is_s3=is_s3) if refused else self._passed_on(request, body)
        if (
            is_s3
            and answer.status == 404
            and (hidden := self._refused([_look_for_what_is_not_there(request)]))
        ):
            answer = _refusal(hidden, is_s3=True)
        request.answer(answer.status, dict(answer.headers), answer.body)

    def _refused(self, asks: Sequence[Ask]) -> Ask | None:
        """The first that is not allowed."""
        self.asked += asks
        return next((ask for ask in asks if decide(self.policies, ask) is not Decision.ALLOWED), None)

    def _passed_on(self, request: QuietHandler, body: bytes) -> _Answer:
        connection = http.client.HTTPConnection(self._upstream, timeout=30)
        try:
            connection.putrequest(request.command, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():
                connection.putheader(name, value)
            connection.endheaders(body or None)
            answer = connection.getresponse()
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in _SKIPPED}
            return _Answer(answer.status, headers, answer.read())
        finally:
            connection.close()


def _of_s3(request: QuietHandler) -> Iterator[Ask]:
    bucket, key, query = _address(request)
    if not key:
        prefix = query.get("prefix", [""])[0]
        yield Ask("s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": prefix, **_SECURE})
        return
    context = dict(_SECURE)
    if request.command == "PUT":
        given = {name: request.headers.get(name) for name in _CONDITIONS}
        context |= {f"s3:{name}": value for name, value in given.items() if value is not None}
        context["s3:ObjectCreationOperation"] = "true"
    yield Ask(_S3_ACTIONS[request.command], f"arn:aws:s3:::{bucket}/{key}", context)
    if source := request.headers.get("x-amz-copy-source"):
        yield Ask("s3:GetObject", f"arn:aws:s3:::{unquote(source).lstrip('/')}", _SECURE)


def _of_json(request: QuietHandler, body: bytes) -> Iterator[Ask]:
    asked = json.loads(body)
    match request.headers["X-Amz-Target"]:
        case "AmazonSSM.GetParameters":
            for name in asked["Names"]:
                arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{name.lstrip('/').partition(':')[0]}"
                yield Ask("ssm:GetParameters", arn, _SECURE)
        case "secretsmanager.GetSecretValue":
            # AWS adds six characters to a secret's name.
            arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{asked['SecretId']}-AbCdEf"
            yield Ask("secretsmanager:GetSecretValue", arn, _SECURE)
        case target:
            raise NotImplementedError(target)


def _look_for_what_is_not_there(request: QuietHandler) -> Ask:
    """Who may not list a key is not told that nothing is there; the key counts as the prefix asked for."""
    bucket, key, _ = _address(request)
    return Ask("s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": key, **_SECURE})


def _address(request: QuietHandler) -> tuple[str, str, dict[str, list[str]]]:
    """Bucket, key and query of a request in path style."""
    url = urlsplit(request.path)
    bucket, _, key = unquote(url.path).lstrip("/").partition("/")
    return bucket, key, parse_qs(url.query, keep_blank_values=True)


def _refusal(ask: Ask, *, is_s3: bool) -> _Answer:
    """As AWS words it; only what is no S3 says what was missing."""
    if is_s3:
        return _Answer(403, {}, b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
    message = (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/h/headway is not authorized to perform: {ask.action} "
        f"on resource: {ask.resource} because no identity-based policy allows the {ask.action} action"
    )
    shape = {"__type": "AccessDeniedException", "Message": message}
    return _Answer(400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(shape).encode())
