"""The floor: the requests of one tick, with nothing but the standard library around them.

They are signed as both clouds want it, because a tick that no cloud accepts is none. Everything else is
left out: retries, a second channel, a word for what went wrong.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import time
from urllib.parse import urlsplit

Headers = dict[str, str]


def handler(event: object, context: object) -> dict[str, bool]:  # noqa: ARG001 - a function's signature
    """Look once; say it and remember it if something is new."""
    env = os.environ
    dms, bucket = urlsplit(env["DMS_ENDPOINT"]), urlsplit(env["STATE_ENDPOINT"])
    task = f"/v2/{env['PROJECT_ID']}/instances/{env['INSTANCE_ID']}/tasks/{env['TASK_ID']}/progress"
    _, text = exchange(open_to(dms.netloc), "GET", task, sign_for_dms(dms.netloc, task))
    progress = json.loads(text)
    seen = [progress["progress_percentage"], [[s["name"], s["statue"]] for s in progress["step_list"]]]

    store, key = open_to(bucket.netloc), f"/{env['STATE_BUCKET']}/{env['STATE_KEY']}"
    version, text = exchange(store, "GET", key, sign_for_s3("GET", bucket.netloc, key, b""))
    state = json.loads(text) if version else None
    if state is not None and state["seen"] == seen:
        return {"changed": False}

    state = {"seen": seen, "told": False}
    version = save(store, bucket.netloc, key, state, version)
    channel = urlsplit(env["WEBHOOK_URL"])
    message = json.dumps({"title": "Kafka capacity change", "message": f"{seen[0]} % done"}).encode()
    exchange(
        open_to(channel.netloc), "POST", channel.path, {"Content-Type": "application/json"}, body=message
    )
    save(store, bucket.netloc, key, {**state, "told": True}, version)
    return {"changed": True}


def save(store: http.client.HTTPConnection, host: str, key: str, state: object, version: str) -> str:
    """Save the state unless somebody else did since, and return its version."""
    body = json.dumps(state).encode()
    headers = sign_for_s3("PUT", host, key, body)
    headers |= {"If-Match": version} if version else {"If-None-Match": "*"}
    return exchange(store, "PUT", key, headers, body)[0]


def open_to(host: str) -> http.client.HTTPConnection:
    """Prepare a connection that opens with its first request."""
    return http.client.HTTPConnection(host, timeout=10)


def exchange(
    connection: http.client.HTTPConnection, method: str, path: str, headers: Headers, body: bytes = b""
) -> tuple[str, bytes]:
    """Send one request; returns the answer's ETag, empty if there is none, and its body."""
    connection.request(method, path, body or None, headers)
    answer = connection.getresponse()
    text = answer.read()
    if method == "GET" and answer.status == http.client.NOT_FOUND:
        return "", b""
    if answer.status != http.client.OK:
        raise RuntimeError(f"{method} {path} was answered with {answer.status}.")
    return answer.headers.get("ETag", ""), text


def sign_for_dms(host: str, path: str) -> Headers:
    """Sign a GET with SDK-HMAC-SHA256."""
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    names = "host;x-sdk-date"
    canonical = f"GET\n{path}/\n\nhost:{host}\nx-sdk-date:{date}\n\n{names}\n{digest(b'')}"
    text = f"SDK-HMAC-SHA256\n{date}\n{digest(canonical.encode())}"
    signature = seal(os.environ["HUAWEICLOUD_SDK_SK"].encode(), text).hex()
    access = f"Access={os.environ['HUAWEICLOUD_SDK_AK']}"
    authorization = f"SDK-HMAC-SHA256 {access}, SignedHeaders={names}, Signature={signature}"
    return {"X-Sdk-Date": date, "Authorization": authorization}


def sign_for_s3(method: str, host: str, path: str, body: bytes) -> Headers:
    """Sign a request without a query with AWS Signature Version 4."""
    date, payload = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()), digest(body)
    names = "host;x-amz-content-sha256;x-amz-date"
    headers = f"host:{host}\nx-amz-content-sha256:{payload}\nx-amz-date:{date}\n"
    canonical = f"{method}\n{path}\n\n{headers}\n{names}\n{payload}"
    scope = f"{date[:8]}/{os.environ['AWS_REGION']}/s3/aws4_request"
    key = f"AWS4{os.environ['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in scope.split("/"):
        key = seal(key, part)
    signature = seal(key, f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{digest(canonical.encode())}").hex()
    credential = f"Credential={os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    authorization = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}"
    return {"X-Amz-Date": date, "X-Amz-Content-Sha256": payload, "Authorization": authorization}


def digest(data: bytes) -> str:
    """Hash in hex."""
    return hashlib.sha256(data).hexdigest()


def seal(key: bytes, text: str) -> bytes:
    """Authenticate a text with a key."""
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
