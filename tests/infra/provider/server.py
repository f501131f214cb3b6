"""A stand-in for the provider of Huawei Cloud: Terraform's own protocol, the provider's own arguments.

    with Provider() as provider:
        terraform = Terraform(folder, provider.environ, mirrors=())
        terraform.apply()
        assert provider.cloud.applied == [...]

It runs in the test's process, on loopback; `environ` tells Terraform where. What the provider would refuse is
refused, and also what only its pages rule out.

https://github.com/hashicorp/terraform/tree/main/docs/plugin-protocol (tfplugin6.6.proto: all numbers here)
https://developer.hashicorp.com/terraform/plugin/debugging (how Terraform finds a provider that runs already)
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Final

import grpc  # type: ignore[import-untyped] # it ships none
from msgspec import json as msgspec_json
from msgspec import msgpack
from typing_extensions import Self

from tests.infra.provider import changes
from tests.infra.provider.changes import Values
from tests.infra.provider.cloud import Applied, Cloud
from tests.infra.provider.schemas import Arguments, Schemas, encoded
from tests.infra.provider.validation import problems
from tests.infra.provider.wire import Received, content, entries, message, received, text

_NAME: Final = "huaweicloud"
_HOST: Final = "127.0.0.1"
_SERVICE: Final = "tfplugin6.Provider"
_ERROR: Final = 1
_ASKED_ONCE: Final = 1
_LOOSE_TYPES: Final = 1
"""What every provider says that was made with the kit of this one: its plans may differ in small ways."""

Method = Callable[[Received], bytes]


class Provider:
    """The provider for the time of a `with` block; `cloud` is what it works on."""

    def __init__(self, cloud: Cloud | None = None) -> None:
        """Serve nothing yet."""
        self.cloud = cloud or Cloud()
        self.environ: Mapping[str, str] = {}
        self._schemas = _schemas()
        self._pool = ThreadPoolExecutor(4)
        self._server = grpc.server(self._pool)

    def __enter__(self) -> Self:
        """Begin to serve."""
        methods = {name: _handler(method) for name, method in self._methods().items()}
        self._server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(_SERVICE, methods)])
        port = self._server.add_insecure_port(f"{_HOST}:0")
        self._server.start()
        running = {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": os.getpid(),
            "Test": True,
            "Addr": {"Network": "tcp", "String": f"{_HOST}:{port}"},
        }
        self.environ = {"TF_REATTACH_PROVIDERS": json.dumps({f"{_NAME}/{_NAME}": running})}
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._server.stop(grace=None).wait()
        self._pool.shutdown()

    def _methods(self) -> Mapping[str, Method]:
        return {
            "GetProviderSchema": lambda _: _schema(),
            "ValidateProviderConfig": _agree,
            "ValidateResourceConfig": self._validate,
            "ValidateDataResourceConfig": _agree,
            "ConfigureProvider": self._configure,
            "UpgradeResourceState": _upgrade,
            "ReadResource": lambda asked: message((1, content(asked, 2))),
            "PlanResourceChange": self._plan,
            "ApplyResourceChange": self._apply,
            "ReadDataSource": self._read,
            "StopProvider": _agree,
        }

    def _configure(self, asked: Received) -> bytes:
        self.cloud.region = _values(content(asked, 2))["region"] or self.cloud.region
        return b""

    def _validate(self, asked: Received) -> bytes:
        arguments = self._schemas.resources[text(asked, 1)]
        return message(*_errors(1, problems(arguments, _values(content(asked, 2)))))

    def _plan(self, asked: Received) -> bytes:
        arguments = self._schemas.resources[text(asked, 1)]
        prior, proposed = _values(content(asked, 2)), _values(content(asked, 3))
        if not proposed:
            return message((1, content(asked, 3)))
        plan = changes.planned(arguments, proposed)
        replacing = changes.replacing(arguments, prior, plan) if prior else ()
        refused = changes.refused(arguments, prior, plan) if prior else ()
        return message(
            (1, _dynamic(plan)),
            *((2, message((1, message((1, name))))) for name in replacing),
            *_errors(4, (f"{name} cannot be changed" for name in refused)),
            (5, _LOOSE_TYPES),
        )

    def _apply(self, asked: Received) -> bytes:
        kind = text(asked, 1).removeprefix(f"{_NAME}_")
        prior, plan = _values(content(asked, 2)), _values(content(asked, 3))
        if not plan:
            self.cloud.apply(Applied("delete", kind, prior))
            return message((1, content(asked, 3)))
        arguments = self._schemas.resources[text(asked, 1)]
        done = changes.applied(arguments, plan, self.cloud.inventor(kind, plan))
        self.cloud.apply(Applied("update" if prior else "create", kind, done))
        return message((1, _dynamic(done)), (4, _LOOSE_TYPES))

    def _read(self, asked: Received) -> bytes:
        kind = text(asked, 1).removeprefix(f"{_NAME}_")
        arguments, values = self._schemas.data_sources[text(asked, 1)], _values(content(asked, 2))
        found = {**values, **_whole(arguments, self.cloud.found(kind, values))}
        plan = changes.planned(arguments, found)
        return message((1, _dynamic(changes.applied(arguments, plan, self.cloud.inventor(kind, values)))))


@cache
def _schemas() -> Schemas:
    return Schemas()


@cache
def _schema() -> bytes:
    """All that there is, and that Terraform need not ask again in the same run."""
    schemas = _schemas()
    resources = {name: encoded(each) for name, each in schemas.resources.items()}
    data_sources = {name: encoded(each) for name, each in schemas.data_sources.items()}
    return message(
        (1, encoded(schemas.provider)),
        *entries(2, resources),
        *entries(3, data_sources),
        (6, message((2, _ASKED_ONCE))),
    )


def _handler(method: Method) -> grpc.RpcMethodHandler:
    def answer(request: bytes, _: grpc.ServicerContext) -> bytes:
        return method(received(request))

    return grpc.unary_unary_rpc_method_handler(answer)


def _agree(_: Received) -> bytes:
    return b""


def _upgrade(asked: Received) -> bytes:
    return message((1, _dynamic(msgspec_json.decode(content(received(content(asked, 3)), 1)))))


def _whole(arguments: Arguments, found: Values) -> dict[str, Any]:
    """What was found, with every attribute that its objects have."""
    whole = dict(found)
    for name, value in found.items():
        inner = arguments[name].get("nested_attr") if name in arguments else None
        if inner:
            whole[name] = [{each: member.get(each) for each in inner} for member in value]
    return whole


def _errors(number: int, sentences: Iterable[str]) -> list[tuple[int, bytes]]:
    """A field of diagnostics."""
    return [(number, message((1, _ERROR), (2, sentence))) for sentence in sentences]


def _values(dynamic: bytes) -> Values:
    """Read a `DynamicValue`; nothing of a resource that is not there."""
    values: Values | None = msgpack.decode(content(received(dynamic), 1))
    return values or {}


def _dynamic(values: object) -> bytes:
    return message((1, msgpack.encode(values)))
