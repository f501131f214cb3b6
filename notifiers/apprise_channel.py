"""A channel that sends through one of apprise's services, at once and once, in the caller's thread.

What apprise says of a send is not believed by itself: services answer 200 and mean no. The verdict is
made of what the service answered. Import this only when there is something to send, for it takes longer
than all the rest of a tick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from apprise import NotifyFormat, NotifyType
from apprise.common import OverflowMode

from notifiers import contents, mail
from notifiers.alerts import Severity
from notifiers.messages import Content
from notifiers.network import DIRECT, Network
from notifiers.services.catalog import ChannelError, open_service
from notifiers.services.recorder import recording
from notifiers.verdicts import Outcome, Verdict, conclude

if TYPE_CHECKING:
    from apprise.plugins.email.base import NotifyEmail

__all__ = ["AppriseChannel", "ChannelError"]

_NOTIFY_TYPES: Final = {
    Severity.INFO: NotifyType.INFO,
    Severity.SUCCESS: NotifyType.SUCCESS,
    Severity.WARNING: NotifyType.WARNING,
    Severity.FAILURE: NotifyType.FAILURE,
}


_OWN_SHARE: Final = 0.8
"""Of what a service takes; the rest is for what apprise adds, above all by escaping text for Markdown."""


class AppriseChannel:
    """One channel and the service behind its URL."""

    def __init__(self, name: str, url: str, network: Network = DIRECT) -> None:
        """Understand the URL; nothing is sent yet.

        Raises:
            ChannelError: The URL cannot be used; the message holds no part of it but the scheme.
        """
        self._name = name
        self._network = network
        self._service = open_service(name, url)

    def __repr__(self) -> str:
        """Name the channel; its URL is a secret."""
        return f"AppriseChannel({self._name!r})"

    def send(self, message: Content, timeout_seconds: float) -> Verdict:
        """Send once; each request or step of a mail is cut off in time."""
        if self._service.schema in {"mailto", "mailtos"}:
            return self._mail(message, timeout_seconds)
        return self._notify(message, timeout_seconds)

    def _mail(self, message: Content, timeout_seconds: float) -> Verdict:
        from notifiers.services.mail import make_mail, send_mail  # noqa: PLC0415 - mail's libraries

        plugin = cast("NotifyEmail", self._service.plugin)
        letter = make_mail(plugin, contents.title(message), mail.text(message), mail.html(message))
        return send_mail(plugin, letter, timeout_seconds, self._network.ca_file)

    def _notify(self, message: Content, timeout_seconds: float) -> Verdict:
        with recording(timeout_seconds, self._network) as record:
            is_accepted = self._hand_over(message)
        if self._service.speaks_http:
            return conclude(self._service.schema, record.last, is_accepted=is_accepted)
        return Verdict(Outcome.SENT) if is_accepted else Verdict(Outcome.UNKNOWN, "failed")

    def _hand_over(self, message: Content) -> bool:
        is_slack = self._service.schema == "slack"
        length_max = int(self._service.plugin.body_maxlen * _OWN_SHARE)
        try:
            return self._service.plugin.notify(
                title=contents.title(message),
                body=contents.slack(message) if is_slack else contents.plain(message, length_max),
                # Without a format apprise leaves the body alone: it is Slack's own markup already.
                body_format=None if is_slack else NotifyFormat.TEXT,
                notify_type=_NOTIFY_TYPES[message.severity],
                overflow=OverflowMode.TRUNCATE,
            )
        except Exception:  # noqa: BLE001 - what counts is what the service answered, if anything
            return False
