"""From a channel's URL to the apprise service behind it: exactly one target, or an error without secrets."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any, Final, cast

import apprise
from apprise.plugins import N_MGR, NotifyBase, url_to_dict

_SCHEMA: Final = re.compile(r"\s*([a-z][a-z0-9]{1,19})://", re.IGNORECASE)
_SECOND_URL: Final = re.compile(r"[,\s]\s*[a-z][a-z0-9]{1,19}://", re.IGNORECASE)

_KNOWN: Final = {
    "json": "apprise.plugins.custom_json:NotifyJSON",
    "jsons": "apprise.plugins.custom_json:NotifyJSON",
    "mailto": "apprise.plugins.email.base:NotifyEmail",
    "mailtos": "apprise.plugins.email.base:NotifyEmail",
    "slack": "notifiers.services.slack:Slack",
}
"""Services found without importing all of apprise's 183, and those of our own."""

_ASSET: Final = apprise.AppriseAsset(
    app_id="Headway",
    app_desc="Headway",
    app_url="",
    image_url_mask="",
    image_url_logo="",
    service_timeout=0,
    async_mode=False,
    storage_mode="memory",
    allow_templates=False,
    http_redirects=False,
)


class ChannelError(ValueError):
    """A channel's URL cannot be used; the message names the channel, never the URL."""


def open_service(channel: str, url: str) -> tuple[str, NotifyBase]:
    """Make the service of a channel.

    Returns:
        The scheme that the service goes by, and the service.

    Raises:
        ChannelError: There is no such service, its URL is not understood, or has not one target.
    """
    match = _SCHEMA.match(url)
    if match is None or _SECOND_URL.search(url):
        raise ChannelError(f"Channel {channel} needs one url, such as slack://TOKEN_A/TOKEN_B/TOKEN_C.")
    schema, service = _make(channel, match[1].lower(), url.strip())
    # Retries are the caller's, and the pauses between requests would outlast the invocation.
    service.retry = 0
    service.request_rate_per_sec = 0
    service.redirects = False
    if len(service) != 1:
        raise ChannelError(
            f"Channel {channel} has {len(service)} targets in its url; write one channel for each target,"
            " each with its own name and url, so that each is told once."
        )
    return schema, service


def _make(channel: str, schema: str, url: str) -> tuple[str, NotifyBase]:
    tokens = _tokens(schema, url)
    if tokens is None and schema not in {"http", "https"} and schema not in N_MGR:
        raise ChannelError(f"Channel {channel} names a service that does not exist: {schema}://.")
    if tokens is None:
        raise ChannelError(_not_understood(channel, schema))
    try:
        service = _class(tokens["schema"])(**tokens, asset=_ASSET)
    except Exception:  # noqa: BLE001 - whatever the service raises; its text may quote the URL
        raise ChannelError(_not_understood(channel, tokens["schema"])) from None
    if not service.enabled:
        raise ChannelError(f"Channel {channel} needs a library that is not installed for {schema}://.")
    return tokens["schema"], service


def _tokens(schema: str, url: str) -> dict[str, Any] | None:
    if schema in _KNOWN:
        # As apprise does: a channel such as #ops is no fragment.
        known: dict[str, Any] | None = _class(schema).parse_url(url.replace("/#", "/%23"))
        return known
    tokens: dict[str, Any] | None = url_to_dict(url)  # type: ignore[no-untyped-call]
    return tokens


def _class(schema: str) -> type[NotifyBase]:
    if schema not in _KNOWN:
        return cast(type[NotifyBase], N_MGR[schema])
    module, _, name = _KNOWN[schema].partition(":")
    return cast(type[NotifyBase], getattr(import_module(module), name))


def _not_understood(channel: str, schema: str) -> str:
    return f"Channel {channel} has a url that the service {schema}:// does not understand."
