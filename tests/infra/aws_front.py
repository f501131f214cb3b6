"""AWS as a deployment and its deployer see it: moto, with Lambda's functions behind it that really run.

    with AwsFront(cloud, machine) as front:
        ...                       # deploy to front.endpoint, call the function there

moto cannot run a function by itself. Who calls one here calls the code that was uploaded, with the variables
that were set, under AWS's own emulator. And because moto takes no notice of the conditions in a bucket's
policy, so that ours would deny everything, such policies are only kept here.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import re
import threading
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec
from typing_extensions import Self

from tests.fakes.loopback import HOST, QuietHandler, serving
from tests.infra.aws_cloud import AwsCloud
from tests.platforms.lambda_emulator import EmulatedFunction
from tests.platforms.lambda_function import HANDLER
from tests.platforms.packages import Interpreter, Package
from tests.platforms.read_only import protect

_INVOCATION: Final = re.compile(r"/2015-03-31/functions/(.+)/invocations")
_POLICY: Final = re.compile(r"/([a-z0-9-]+)/?\?policy=?")
_BUCKET: Final = re.compile(r"s3://([^/]+)/")
_SKIPPED: Final = {"connection", "transfer-encoding"}
_NO_POLICY: Final = b"<Error><Code>NoSuchBucketPolicy</Code><Message>There is none.</Message></Error>"


class Machine(NamedTuple):
    """What it takes to run a function: an interpreter, the folder of the client, the emulator, a folder."""

    interpreter: Interpreter
    client: Path
    emulator: Path
    folder: Path


class _Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class AwsFront:
    """The front for the time of a `with` block; `said` is all that its functions printed and answered."""

    def __init__(self, cloud: AwsCloud, machine: Machine) -> None:
        """Serve nothing yet."""
        self.endpoint = ""
        self._cloud = cloud
        self._machine = machine
        self._policies: dict[str, bytes] = {}
        self._running: dict[str, EmulatedFunction] = {}
        self._lock = threading.Lock()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begin to serve."""
        front = self

        class Handler(QuietHandler):
            def respond(self) -> None:
                front.visit(self)

            do_HEAD = do_PATCH = QuietHandler.do_GET  # noqa: N815 - the parent's names

        self.endpoint = f"http://{HOST}:{self._stack.enter_context(serving(Handler))}"
        return self

    def __exit__(self, *_: object) -> None:
        """End the functions, and stop serving."""
        self._stack.close()

    @property
    def said(self) -> str:
        """All that left the functions."""
        return "\n".join(function.said for function in self._running.values())

    def visit(self, request: QuietHandler) -> None:
        """Run a function, keep a policy, or pass on and answer what moto answers."""
        body = request.body()
        if found := _INVOCATION.fullmatch(urlsplit(request.path).path):
            answer = self._invoked(unquote(found[1]), body)
        elif found := _POLICY.fullmatch(request.path):
            answer = self._policy(request.command, found[1], body)
        else:
            answer = self._passed_on(request, body)
        request.answer(answer.status, dict(answer.headers), answer.body)

    def _invoked(self, arn: str, body: bytes) -> _Answer:
        with self._lock:
            answer = self._function(arn).invoke(msgspec.json.decode(body))
        error = {"X-Amz-Function-Error": "Unhandled"} if answer.error_type else {}
        return _Answer(
            200, {"Content-Type": "application/json", **error}, msgspec.json.encode(answer.payload)
        )

    def _function(self, arn: str) -> EmulatedFunction:
        """The one that was deployed last, started if it has not run yet."""
        made = self._cloud.client("lambda").get_function(FunctionName=arn)["Configuration"]
        version = hashlib.sha256(repr((made["CodeSha256"], made["Environment"])).encode()).hexdigest()
        if version not in self._running:
            self._running[version] = self._stack.enter_context(self._start(made, version))
        return self._running[version]

    def _start(self, made: Mapping[str, Any], version: str) -> EmulatedFunction:
        machine = self._machine
        assert (made["Handler"], made["Runtime"]) == (HANDLER, f"python{machine.interpreter.minor}")
        variables = made["Environment"]["Variables"]
        archive = machine.folder / f"{version}.zip"
        archive.write_bytes(self._code(_BUCKET.match(variables["HEADWAY_CONFIG"]), made["CodeSha256"]))
        root = machine.folder / version
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(root)
        protect(root)
        keys = self._cloud.assume(made["Role"].rpartition("/")[2])
        role = {
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            "AWS_SESSION_TOKEN": str(keys.session_token),
            "AWS_ENDPOINT_URL": self._cloud.endpoint,
        }
        return EmulatedFunction(
            Package(root, machine.interpreter, archive),
            machine.client,
            {**variables, **role},
            emulator=machine.emulator,
            timeout=made["Timeout"],
        )

    def _code(self, bucket: re.Match[str] | None, wanted: str) -> bytes:
        """The zip that was uploaded, which Lambda tells by nothing but its hash."""
        assert bucket, "the configuration lies in no bucket"
        for key in self._cloud.keys(bucket[1], "packages/"):
            content: bytes = self._cloud.client("s3").get_object(Bucket=bucket[1], Key=key)["Body"].read()
            if base64.b64encode(hashlib.sha256(content).digest()).decode() == wanted:
                return content
        raise AssertionError("no zip was uploaded that has the function's hash")

    def _policy(self, method: str, bucket: str, body: bytes) -> _Answer:
        if method == "PUT":
            self._policies[bucket] = body
        elif method == "DELETE":
            self._policies.pop(bucket, None)
        elif bucket in self._policies:
            return _Answer(200, {}, self._policies[bucket])
        return _Answer(404, {}, _NO_POLICY) if method == "GET" else _Answer(204, {})

    def _passed_on(self, request: QuietHandler, body: bytes) -> _Answer:
        connection = http.client.HTTPConnection(urlsplit(self._cloud.endpoint).netloc, timeout=60)
        try:
            connection.putrequest(request.command, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():
                connection.putheader(name, value)
            connection.endheaders(body or None)
            answer = connection.getresponse()
            content = answer.read()
            # The answer to a HEAD tells the length of what it does not hold.
            skipped = _SKIPPED if request.command == "HEAD" else {*_SKIPPED, "content-length"}
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in skipped}
            return _Answer(answer.status, headers, content)
        finally:
            connection.close()
