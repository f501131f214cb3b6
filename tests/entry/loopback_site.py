"""The function of this process behind HTTP on loopback, in the words of one gateway or the other."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from handler.entry import handle
from tests.fakes.loopback import HOST, QuietHandler, serving
from tests.platforms import functiongraph, functiongraph_gateway, lambda_events, lambda_runtime_api
from tests.platforms.events import HttpAnswer, sample

Event = dict[str, Any]


class Asked(NamedTuple):
    """A request as it came; names of headers are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


Gateway = Callable[[Asked], HttpAnswer]
"""Asks the function in its own way, and takes answers of its own shape only."""


def through_function_url(asked: Asked) -> HttpAnswer:
    """Ask as Lambda's function URL does: what is empty is absent, and only a text comes as it is.

    Cookies stand beside the headers.
    """
    event = sample("lambda-url-get")
    headers = {name: text for name, text in asked.headers.items() if name != "cookie"}
    event["requestContext"]["http"] |= {"method": asked.method, "path": asked.path}
    event |= {"rawPath": asked.path, "rawQueryString": asked.query, "headers": headers}
    event.pop("queryStringParameters")
    if "cookie" in asked.headers:
        event["cookies"] = asked.headers["cookie"].split("; ")
    if asked.query:
        event["queryStringParameters"] = dict(parse_qsl(asked.query, keep_blank_values=True))
    if asked.body:
        event |= _body(asked.body)
    return lambda_events.response(lambda_runtime_api.Answer(_call(event)), event)


def through_apig(asked: Asked) -> HttpAnswer:
    """Ask as APIG does before FunctionGraph."""
    event = functiongraph_gateway.request(asked.method, asked.path, asked.body)
    parameters = dict(parse_qsl(asked.query, keep_blank_values=True))
    event |= {"headers": asked.headers, "queryStringParameters": parameters}
    result = json.dumps(_call(event))
    return functiongraph_gateway.passed_on(functiongraph.Answer(result, None, 0.0, is_killed=False))


def by_turns(*gateways: Gateway) -> Gateway:
    """Ask through the first, then through the second, and so on, for ever."""
    turns = cycle(gateways)

    def through_the_next(asked: Asked) -> HttpAnswer:
        gateway = next(turns)
        return gateway(asked)

    return through_the_next


def _body(body: bytes) -> Event:
    try:
        return {"body": body.decode(), "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def _call(event: Event) -> Event:
    """Call the function with an event as it comes over the wire."""
    return handle(json.loads(json.dumps(event)), None)


@contextmanager
def serve(gateway: Gateway) -> Iterator[str]:
    """Serve the function while the block runs; gives its address."""

    class Handler(QuietHandler):
        def __getattr__(self, name: str) -> Callable[[], None]:
            """Take every method: which ones there are is for the function to say."""
            if name.startswith("do_"):
                return self.respond
            raise AttributeError(name)

        def respond(self) -> None:
            path, _, query = self.path.partition("?")
            headers = {name.lower(): text for name, text in self.headers.items()}
            answer = gateway(Asked(self.command, path, query, headers, self.body()))
            self.answer(answer.status, dict(answer.headers), answer.body)

    with serving(Handler) as port:
        yield f"http://{HOST}:{port}"
