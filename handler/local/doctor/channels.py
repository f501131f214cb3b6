"""The checks of the channels: whether the host that each sends to can be reached; nobody is told anything.

Whether a service takes a message only a message can show: that is `headway test-alert`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import urlsplit

from handler.local.doctor.causes import cause_of
from handler.local.doctor.check import Check, Finding, Outcome, failed, made, needs, ok, skipped, warning
from handler.local.doctor.leads import Lead, find_lead
from handler.local.doctor.means import Means
from handler.local.doctor.reaching import HTTP_PORT, HTTPS_PORT, look_up, reach
from handler.local.doctor.rehearsal import Destination
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
            heartbeat = threads.submit(made, "heartbeat", self._reach_heartbeat)
            yield from threads.map(
                lambda name: made(f"channel {name}", lambda: self._reach(name, leads[name])), names
            )
            yield heartbeat.result()

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
        found = self._try(destination, f"channels.{name}.url", takes_proxy=not lead.is_mail)
        is_odd = bool(lead.remarks) and found.outcome is Outcome.OK
        return warning(found.detail, " ".join(lead.remarks)) if is_odd else found

    def _try(self, destination: Destination, key: str, *, takes_proxy: bool) -> Finding:
        """Connect to it, through the proxy where one may lead there; `key` names it in the configuration."""
        proxy = self._proxy if takes_proxy else None
        via = urlsplit(proxy).hostname if proxy else None
        try:
            if destination.port is None:
                look_up(destination.host)
            else:
                reach(destination.host, destination.port, proxy)
        except (OSError, UnicodeError) as error:
            return failed(*cause_of(error, str(destination), key, via, takes_proxy=takes_proxy))
        return ok(f"{destination} can be reached{f' through the proxy {via}' if via else ''}")

    def _reach_heartbeat(self) -> Finding:
        """Connect to its host; a ping would say that all is fine."""
        url = self._means.settings.heartbeat.url
        if url is None:
            return skipped("none is configured (heartbeat.url)")
        missing = self._missing.get(("heartbeat", "url"))
        if missing:
            return needs(missing)
        address = urlsplit(url.reveal())
        port = address.port or (HTTPS_PORT if address.scheme == "https" else HTTP_PORT)
        found = self._try(Destination(address.hostname or "", port), "heartbeat.url", takes_proxy=True)
        return ok(f"{found.detail}; it is not pinged") if found.outcome is Outcome.OK else found
