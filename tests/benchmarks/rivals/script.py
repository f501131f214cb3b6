"""The script that people have today: `requests`, a local file to remember by, `apprise` to tell."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import urlsplit

import apprise
import requests


def sign(url: str) -> dict[str, str]:
    """Sign a GET with SDK-HMAC-SHA256."""
    host, path = urlsplit(url)[1:3]
    date = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    empty = hashlib.sha256(b"").hexdigest()
    canonical = f"GET\n{path}/\n\nhost:{host}\nx-sdk-date:{date}\n\nhost;x-sdk-date\n{empty}"
    text = f"SDK-HMAC-SHA256\n{date}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(os.environ["HUAWEICLOUD_SDK_SK"].encode(), text.encode(), hashlib.sha256).hexdigest()
    names = f"Access={os.environ['HUAWEICLOUD_SDK_AK']}, SignedHeaders=host;x-sdk-date"
    return {"X-Sdk-Date": date, "Authorization": f"SDK-HMAC-SHA256 {names}, Signature={signature}"}


def handler(event: object, context: object) -> dict[str, bool]:  # noqa: ARG001 - a function's signature
    """Look once; say it and remember it if something is new."""
    env = os.environ
    url = (
        f"{env['DMS_ENDPOINT']}/v2/{env['PROJECT_ID']}/instances/{env['INSTANCE_ID']}/tasks/{env['TASK_ID']}"
    )
    answer = requests.get(f"{url}/progress", headers=sign(f"{url}/progress"), timeout=10)
    answer.raise_for_status()
    progress = answer.json()
    seen = [progress["progress_percentage"], [[s["name"], s["statue"]] for s in progress["step_list"]]]

    state = Path(env["STATE_FILE"])
    if state.exists() and json.loads(state.read_text()) == seen:
        return {"changed": False}

    channels = apprise.Apprise()
    channels.add(env["CHANNEL_URL"])
    if not channels.notify(title="Kafka capacity change", body=f"{seen[0]} % done"):
        raise RuntimeError("The channel could not be told.")
    state.write_text(json.dumps(seen))
    return {"changed": True}
