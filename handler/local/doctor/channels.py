"""The checks of the channels: whether the host that each sends to can be reached; nobody is told anything.

Whether a service takes a message only a message can show: that is `headway test-alert`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import urlsplit

from handler.local.doctor.causes import cause_of
from handler.local.doctor.check import Check, Finding, failed, made, needs, ok, skipped, warning
from handler.local.doctor.leads import Lead, find_lead
from handler.local.doctor.means import Means
from handler.local.doctor.reaching import look_up, reach
from handler.mishaps import caught
from handler.settings.tree import Path

_REACHING_MAX: Final = 64


class Channels:
    """The checks of one examination."""

    def __init__(self, means: Means, missing: Mapping[Path, str]) -> None:
        """Reach for nobody yet; `missing` are addresses that are not there, each with what it needs."""
        self._means = means
        self._missing = missing
        self._proxy = means.network.proxy

    def checks(self) -> Iterator[Check]:
        """Make them: one by one it is found out where they lead, then all are reached for side by side."""
        names = [*self._means.settings.channels]
        if not names:
            advice = "write under `channels` who is to be told"
            yield Check("channels", warning("none is configured, so nobody is told anything", advice))
        leads = {name: self._find(name) for name in names}
        with ThreadPoolExecutor(_REACHING_MAX) as threads:
            yield from threads.map(
                lambda name: made(f"channel {name}", lambda: self._reach(name, leads[name])), names
            )
        yield made("heartbeat", self._look_up_heartbeat)

    def _find(self, name: str) -> Lead:
        means, missing = self._means, self._missing.get(("channels", name, "url"))
        if missing:
            return Lead(needs(missing))
        try:
            return find_lead(means.settings, name, means.runtime, means.clock.now())
        except Exception as error:  # noqa: BLE001 - a defect here must not hide what the others find
            return Lead(failed(caught(error).message))

    def _reach(self, name: str, lead: Lead) -> Finding:
        destination = lead.destination
        if isinstance(destination, Finding):
            return destination
        proxy = None if lead.is_mail else self._proxy
        via = urlsplit(proxy).hostname if proxy else None
        try:
            if destination.port is None:
                look_up(destination.host)
            else:
                reach(destination.host, destination.port, proxy)
        except (OSError, UnicodeError) as error:
            key, takes_proxy = f"channels.{name}.url", not lead.is_mail
            return failed(*cause_of(error, str(destination), key, via, takes_proxy=takes_proxy))
        said = f"{destination} can be reached{f' through the proxy {via}' if via else ''}"
        return warning(said, " ".join(lead.remarks)) if lead.remarks else ok(said)

    def _look_up_heartbeat(self) -> Finding:
        url = self._means.settings.heartbeat.url
        if url is None:
            return skipped("none is configured (heartbeat.url)")
        missing = self._missing.get(("heartbeat", "url"))
        if missing:
            return needs(missing)
        host = urlsplit(url.reveal()).hostname or ""
        if self._proxy:
            return ok(f"{host}, which it is for the proxy to look up; it is not pinged")
        try:
            look_up(host)
        except (OSError, UnicodeError) as error:
            return failed(*cause_of(error, host, "heartbeat.url"))
        return ok(f"{host} is a name that is known; it is not pinged")
