"""Where a channel leads: found out in a rehearsal, for its address says so to its service alone."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from msgspec.structs import replace

from handler.local.doctor.check import Finding, failed, warning
from handler.local.doctor.rehearsal import Destination, rehearsing
from handler.runtimes import Runtime
from handler.senders import Notes, links_of, open_channels
from handler.settings import Settings
from handler.settings.models import NetworkSettings
from notifiers.forms import MAIL, form_for
from notifiers.samples import trial_message
from notifiers.schemas import schema_of

_REHEARSAL_SECONDS: Final = 10.0


class Lead(NamedTuple):
    """A destination, or why it is not known; `remarks` are what is odd about the channel's configuration."""

    destination: Destination | Finding
    is_mail: bool = False
    remarks: tuple[str, ...] = ()


def find_lead(settings: Settings, name: str, runtime: Runtime, now: datetime) -> Lead:
    """Have a channel send a test message, without a proxy, that does not get out; see where it wanted to."""
    channel, notes = settings.channels[name], Notes()
    alone = replace(settings, channels={name: channel}, network=NetworkSettings())
    sender = open_channels(alone, runtime, lambda: now, notes)[name]
    with rehearsing() as met:
        sender.send(trial_message(name, now, links_of(alone).of_all()), _REHEARSAL_SECONDS)
    if notes.mistakes:
        return Lead(failed(" ".join(notes.mistakes), is_misconfigured=True))
    is_mail = form_for(schema_of(channel.url.reveal())) is MAIL
    return Lead(met[0] if met else _unknown(name), is_mail, tuple(notes.remarks))


def _unknown(name: str) -> Finding:
    return warning("no host was found that it sends to", f"headway test-alert {name} tells")
