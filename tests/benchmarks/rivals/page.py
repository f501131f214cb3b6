"""The rivals of the status page: what somebody would write who has the ledgers in a bucket and wants to look.

A LIST, a GET for each ledger over urllib3 with as many threads as Headway has connections, `json.loads`, and
a table by Jinja2 in one language. Nothing is signed, checked or remembered, and nothing is drawn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import urllib3
from jinja2 import Environment, Template

from tests.benchmarks.fleet_shape import CONNECTIONS, Fleet

Show = Callable[[], str]

FRAME = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="10">
<title>Kafka capacity changes</title>
<style>body { font: 16px sans-serif } td, th { padding: 4px 12px; text-align: left }</style>
</head>
<body>
BODY
</body>
</html>
"""
CHANGES = """\
<h1>Kafka capacity changes</h1>
<table>
<tr><th>Change</th><th>Phase</th><th>Done</th><th>Time left</th><th>Seen</th></tr>
{% for ledger in ledgers %}
<tr>
<td><a href="changes/{{ ledger.change }}">{{ ledger.name or ledger.change }}</a></td>
<td>{{ ledger.observation.phase }}</td>
<td><progress max="100" value="{{ ledger.observation.percent }}"></progress> \
{{ ledger.observation.percent }} %</td>
<td>{{ ledger.observation.remaining_seconds // 60 }} min</td>
<td>{{ ledger.looked_at }}</td>
</tr>
{% endfor %}
</table>"""
STEPS = """\
<h1>{{ ledger.name or ledger.change }}</h1>
<p>{{ ledger.observation.phase }}, {{ ledger.observation.percent }} %</p>
<table>
<tr><th>Step</th><th>State</th><th>Started</th><th>Ended</th></tr>
{% for step in ledger.observation.steps %}
<tr>
<td>{{ step.name }}</td><td>{{ step.state }}</td><td>{{ step.started_at }}</td><td>{{ step.ended_at }}</td>
</tr>
{% endfor %}
</table>
<table>
<tr><th>When</th><th>Alert</th></tr>
{% for alert in ledger.alerts %}
<tr><td>{{ alert.raised_at }}</td><td>{{ alert.kind }}</td></tr>
{% endfor %}
</table>"""


def make_overview(fleet: Fleet) -> Show:
    """The table of all changes."""
    bucket, template = _Bucket(fleet), _compiled(CHANGES)

    def show() -> str:
        with ThreadPoolExecutor(CONNECTIONS) as threads:
            return template.render(ledgers=list(threads.map(bucket.load, bucket.keys("changes/"))))

    return show


def make_change_page(fleet: Fleet) -> Show:
    """The table of the first change's steps."""
    bucket, template = _Bucket(fleet), _compiled(STEPS)
    key = fleet.ledger_urls[0].removeprefix(f"{fleet.bucket}/bucket/")
    return lambda: template.render(ledger=bucket.load(key))


def _compiled(body: str) -> Template:
    return Environment(autoescape=True).from_string(FRAME.replace("BODY", body))


class _Bucket:
    """The bucket, over connections that stay open from page to page."""

    def __init__(self, fleet: Fleet) -> None:
        self._http = urllib3.PoolManager(maxsize=CONNECTIONS)
        self._url = f"{fleet.bucket}/bucket/"
        self._prefix = fleet.prefix.removeprefix("bucket/")

    def keys(self, prefix: str) -> list[str]:
        query, keys = {"list-type": "2", "prefix": f"{self._prefix}/{prefix}"}, list[str]()
        while True:
            text = self._get(f"{self._url}?{urlencode(query)}").decode()
            keys += re.findall("<Key>(.*?)</Key>", text)
            following = re.search("<NextContinuationToken>(.*?)</NextContinuationToken>", text)
            if following is None:
                return keys
            query["continuation-token"] = following[1]

    def load(self, key: str) -> dict[str, Any]:
        ledger: dict[str, Any] = json.loads(self._get(f"{self._url}{key}"))["ledger"]
        return ledger

    def _get(self, url: str) -> bytes:
        answer = self._http.request("GET", url, timeout=10.0, retries=False)
        if answer.status != 200:
            raise RuntimeError(f"{url} was answered with {answer.status}.")
        return answer.data
