"""AWS's own provider, started once for many runs of Terraform, which hears only of what a module uses of it.

    with running_provider(module, folder, environ) as attached:
        terraform = Terraform(folder, {**environ, **attached}, mirrors=())

Else each run would check and start its 700 MB, and read the schemas of more than 1,000 kinds of resources,
which takes it longer than all the rest. What was checked for one run is not checked again for the next; all
else goes to and fro as it is.

https://github.com/hashicorp/terraform/tree/main/docs/plugin-protocol (tfplugin5.9.proto: all numbers here)
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import grpc  # type: ignore[import-untyped] # it ships none

from tests.fakes.loopback import HOST
from tests.infra.provider.wire import message, received, text
from tests.infra.terraform import LEAN, find_mirror

_PROGRAM: Final = "*/hashicorp/aws/*/*/terraform-provider-aws*"
_ATTACH: Final = re.compile(r"\s+(TF_REATTACH_PROVIDERS)='(.+)'\n")
_KIND: Final = re.compile(r'"(aws_\w+)"')
_SERVICE: Final = "/tfplugin5.Provider/"
_SCHEMA: Final = f"{_SERVICE}GetSchema"
_CHECKS: Final = tuple(
    f"{_SERVICE}{name}"
    for name in ("PrepareProviderConfig", "ValidateResourceTypeConfig", "ValidateDataSourceConfig")
)
"""Whose answers depend on the questions alone, which Terraform asks again in each step of each run."""
_BY_KIND: Final = frozenset({2, 3, 8})
"""The fields of that answer with a schema for each kind of resource, of data source, of what is ephemeral."""
_UNBOUNDED: Final = (("grpc.max_receive_message_length", -1),)
# Terraform asks ten things at once, and a bucket's rules may take a minute.
_AT_ONCE: Final = 32


@contextmanager
def running_provider(module: Path, folder: Path, environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Run it for a root module in a folder, and give what Terraform needs in its environment to use it.

    Args:
        module: The folder of all files that say which kinds of resources there are.
        folder: Where Terraform runs: what a configuration reads, the provider opens by the same path.
        environ: Variables for the provider, such as keys.
    """
    with _started(folder, environ) as (name, attached):
        (source, running), *_ = json.loads(attached).items()
        with _between(running["Addr"]["String"], _kinds(module)) as port:
            running |= {"Pid": os.getpid(), "Addr": {"Network": "tcp", "String": f"{HOST}:{port}"}}
            yield {name: json.dumps({source: running})}


@contextmanager
def _started(folder: Path, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    mirror = find_mirror()
    assert mirror
    *_, program = sorted(mirror.glob(_PROGRAM))
    with subprocess.Popen(  # noqa: S603 - our own words
        [program, "-debug"],
        cwd=folder,
        env={"PATH": os.defpath, **LEAN, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as provider:
        try:
            assert provider.stdout
            found = next(filter(None, map(_ATTACH.fullmatch, provider.stdout)), None)
            assert found, "AWS's provider does not start"
            yield found[1], found[2]
        finally:
            provider.terminate()


@contextmanager
def _between(socket: str, kinds: Collection[str]) -> Iterator[int]:
    """Serve between Terraform and the provider at a socket; gives the port."""
    channel = grpc.insecure_channel(f"unix:{socket}", _UNBOUNDED)
    # The channel closes first: whoever still waits for an answer then hears that there will be none.
    with ThreadPoolExecutor(_AT_ONCE) as pool, closing(channel) as provider:
        server = grpc.server(pool, [_Between(provider, kinds)])
        port: int = server.add_insecure_port(f"{HOST}:0")
        server.start()
        try:
            yield port
        finally:
            server.stop(grace=None).wait()


class _Between(grpc.GenericRpcHandler):  # type: ignore[misc] # it ships no types
    """Passes on what is asked, and answers with as many schemas as are wanted."""

    def __init__(self, provider: grpc.Channel, kinds: Collection[str]) -> None:
        self._provider = provider
        self._kinds = kinds
        answered = {method: cache(provider.unary_unary(method)) for method in _CHECKS}
        self._answered = {**answered, _SCHEMA: cache(self._asked_for_schema)}

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """The handler of a method; None for what is not the provider's but its process's."""
        if not details.method.startswith(_SERVICE):
            return None
        answer = self._answered.get(details.method) or self._provider.unary_unary(details.method)
        return grpc.unary_unary_rpc_method_handler(lambda request, _: answer(request))

    def _asked_for_schema(self, request: bytes) -> bytes:
        whole = received(self._provider.unary_unary(_SCHEMA)(request))
        return message(
            *(
                (number, value)
                for number, values in whole.items()
                for value in values
                if number not in _BY_KIND or _key(value) in self._kinds
            )
        )


def _kinds(module: Path) -> frozenset[str]:
    texts = (path.read_text(encoding="utf-8") for path in module.rglob("*.tf"))
    return frozenset(kind for each in texts for kind in _KIND.findall(each))


def _key(entry: Any) -> str:  # noqa: ANN401 - of a map, whose entries are messages
    return text(received(entry), 1)
