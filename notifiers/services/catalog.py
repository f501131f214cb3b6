"""From a channel's URL to the apprise service behind it: exactly one target, or an error without secrets."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import Any, Final, NamedTuple, cast

import apprise
from apprise.plugins import N_MGR, NotifyBase, url_to_dict

from notifiers.schemas import SCHEMA, schema_of
from notifiers.services.bots import UrlError
from notifiers.signer import Sign, SignedService

_SECOND_URL: Final = re.compile(r"[,\s]\s*[a-z][a-z0-9]{1,19}://", re.IGNORECASE)

KNOWN: Final = {
    "bark": "apprise.plugins.bark:NotifyBark",
    "barks": "apprise.plugins.bark:NotifyBark",
    "dingtalk": "notifiers.services.dingtalk:DingTalk",
    "discord": "notifiers.services.discord:Discord",
    "feishu": "notifiers.services.feishu:Feishu",
    "json": "notifiers.services.webhook:JsonWebhook",
    "jsons": "notifiers.services.webhook:JsonWebhook",
    "lark": "notifiers.services.feishu:Lark",
    "mailto": "apprise.plugins.email.base:NotifyEmail",
    "mailtos": "apprise.plugins.email.base:NotifyEmail",
    "ntfy": "notifiers.services.ntfy:Ntfy",
    "ntfys": "notifiers.services.ntfy:Ntfy",
    "pagerduty": "notifiers.services.pagerduty:PagerDuty",
    "pushdeer": "apprise.plugins.pushdeer:NotifyPushDeer",
    "pushdeers": "apprise.plugins.pushdeer:NotifyPushDeer",
    "pushplus": "notifiers.services.pushplus:PushPlus",
    "schan": "notifiers.services.serverchan:ServerChan",
    "slack": "notifiers.services.slack:Slack",
    "smn": "notifiers.services.smn:Smn",
    "tgram": "notifiers.services.telegram:Telegram",
    "wechat": "apprise.plugins.wechat:NotifyWeChat",
    "wecom": "notifiers.services.pushplus:PushPlus",
    "wecombot": "notifiers.services.wecom:WeComBot",
    "workflow": "notifiers.services.teams:Teams",
    "workflows": "notifiers.services.teams:Teams",
    "wxpusher": "notifiers.services.wxpusher:WxPusher",
}
"""Our own services, and those of apprise's 183 that need not wait for all of them to be imported."""

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
    """A channel's URL cannot be used; the message names the channel and, at most, the URL's scheme."""


class Service(NamedTuple):
    """An apprise service, the scheme it goes by, and whether it speaks HTTP and can thus be watched."""

    schema: str
    plugin: NotifyBase
    speaks_http: bool


def open_service(channel: str, url: str, sign: Sign | None = None) -> Service:
    """Make the service of a channel; nothing is sent yet.

    Args:
        channel: Its name.
        url: What it is configured with.
        sign: Signs the requests of services that want that.

    Raises:
        ChannelError: There is no such service, its URL is not understood, or has not one target.
    """
    match = SCHEMA.match(url)
    if match is None or _SECOND_URL.search(url):
        raise ChannelError(f"Channel {channel} needs one url, such as slack://TOKEN_A/TOKEN_B/TOKEN_C.")
    tokens = _tokens(channel, match[1].lower(), url.strip())
    plugin = _make(channel, tokens)
    # Retries are the caller's; pauses between requests would outlast the invocation.
    plugin.retry = 0
    plugin.request_rate_per_sec = 0
    plugin.redirects = False
    if isinstance(plugin, SignedService):
        if sign is None:
            raise ChannelError(f"Channel {channel} needs its requests signed, which cannot be done here.")
        plugin.sign = sign
    targets = _count_targets(channel, tokens["schema"], plugin)
    if targets != 1:
        raise ChannelError(
            f"Channel {channel} has {targets} targets in its url; write one channel for each target,"
            " each with its own name and url, so that each is told once."
        )
    return Service(tokens["schema"], plugin, _speaks_http(plugin))


def _tokens(channel: str, schema: str, url: str) -> dict[str, Any]:
    """Take a URL apart the way its service wants it."""
    try:
        tokens = _parse(schema, url)
    except Exception:  # noqa: BLE001 - some of apprise's stumble over what they cannot take apart
        tokens = None
    if tokens:
        return tokens
    if schema in {"http", "https"}:
        raise ChannelError(f"Channel {channel} has a web address that no service knows as its own.")
    if schema not in N_MGR:
        raise ChannelError(f"Channel {channel} names a service that does not exist: {schema}://.")
    raise _not_understood(channel, schema)


def _parse(schema: str, url: str) -> dict[str, Any] | None:
    if schema in KNOWN:
        # As apprise does it: a target such as #ops is no fragment.
        return _class(schema).parse_url(url.replace("/#", "/%23"))
    named = schema_of(url)
    if named in KNOWN:
        return _class(named).parse_native_url(url)
    return cast("dict[str, Any] | None", url_to_dict(url))  # type: ignore[no-untyped-call]


def _make(channel: str, tokens: dict[str, Any]) -> NotifyBase:
    schema = tokens["schema"]
    try:
        plugin = _class(schema)(**tokens, asset=_ASSET)
    except UrlError as error:
        raise ChannelError(f"Channel {channel} {error}") from None
    except Exception:  # noqa: BLE001 - whatever the service raises; its text may quote the URL
        raise _not_understood(channel, schema) from None
    if not plugin.enabled:
        raise ChannelError(f"Channel {channel} needs a library for {schema}:// that is not installed.")
    if getattr(plugin, "pgp_mode", "no") != "no":
        raise ChannelError(f"Channel {channel} asks for PGP, which is not supported.")
    return plugin


def _count_targets(channel: str, schema: str, plugin: NotifyBase) -> int:
    try:
        return len(plugin)
    except Exception:  # noqa: BLE001 - as above: it has none that it could tell
        raise _not_understood(channel, schema) from None


def _class(schema: str) -> type[NotifyBase]:
    if schema not in KNOWN:
        return cast("type[NotifyBase]", N_MGR[schema])
    module, _, name = KNOWN[schema].partition(":")
    return cast("type[NotifyBase]", getattr(import_module(module), name))


def _speaks_http(plugin: NotifyBase) -> bool:
    modules = (sys.modules[parent.__module__] for parent in type(plugin).__mro__)
    return any(hasattr(module, "requests") for module in modules)


def _not_understood(channel: str, schema: str) -> ChannelError:
    return ChannelError(f"Channel {channel} has a url that the service {schema}:// does not understand.")
