"""A channel that sends through one of apprise's services, or one of our own, at once and once.

What apprise says of a send is not believed by itself: services answer 200 and mean no. The verdict is
made of what the service answered. Import this only when there is something to send, for it takes longer
than all the rest of a tick.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, cast

from apprise import NotifyFormat, NotifyType
from apprise.common import OverflowMode

from notifiers import forms
from notifiers.alerts import Severity
from notifiers.forms import form_for
from notifiers.messages import Content
from notifiers.network import DIRECT, Network
from notifiers.rendering import Letter
from notifiers.services.catalog import ChannelError, open_service
from notifiers.services.own import OwnService
from notifiers.services.recorder import recording
from notifiers.signer import Sign
from notifiers.verdicts import NO_TIME, NOTHING_SENT, Outcome, Verdict, conclude, may_blame_message
from notifiers.writing import Style, Writer

if TYPE_CHECKING:
    from apprise.plugins.email.base import NotifyEmail

__all__ = ["AppriseChannel", "ChannelError", "Style"]

_NOTIFY_TYPES: Final = {
    Severity.INFO: NotifyType.INFO,
    Severity.SUCCESS: NotifyType.SUCCESS,
    Severity.WARNING: NotifyType.WARNING,
    Severity.FAILURE: NotifyType.FAILURE,
}

_OUR_SHARE: Final = 0.8
"""Of what a service takes; the rest is for what apprise adds, above all by escaping text for Markdown."""


class AppriseChannel:
    """One channel and the service behind its URL."""

    def __init__(
        self,
        name: str,
        url: str,
        network: Network = DIRECT,
        style: Style = Style(),  # noqa: B008 - immutable
        sign: Sign | None = None,
    ) -> None:
        """Understand the URL; nothing is sent yet.

        Args:
            name: The channel's.
            url: What it is configured with.
            network: The way out.
            style: How its letters are written.
            sign: Signs the requests of services that want that.

        Raises:
            ChannelError: The URL cannot be used; the message holds no part of it but the scheme.
        """
        self._name = name
        self._network = network
        self._service = open_service(name, url, sign)
        form = form_for(self._service.schema)
        is_apprises = form is not forms.MAIL and not isinstance(self._service.plugin, OwnService)
        length_max = int(self._service.plugin.body_maxlen * _OUR_SHARE) if is_apprises else None
        self._writer = Writer(style, form, length_max)

    def __repr__(self) -> str:
        """Name the channel; its URL is a secret."""
        return f"AppriseChannel({self._name!r})"

    def send(self, message: Content, timeout_seconds: float) -> Verdict:
        """Send once; to write it counts, and each request or step of a mail is cut off in time.

        What a service refuses that a template of the user's own has made is sent again, in our form.
        """
        ends_at = time.monotonic() + timeout_seconds
        try:
            letters = self._writer.write(message, timeout_seconds)
        except Exception:  # noqa: BLE001 - whatever it is, nobody has been told anything
            return NOTHING_SENT
        verdict = self._hand_over(letters, ends_at)
        if not any(letter.is_own for letter in letters) or not _blames_letter(verdict):
            return verdict
        ours = self._writer.write_in_our_form(letters, verdict.code or "")
        again = self._hand_over(ours, ends_at)
        if again.outcome is Outcome.SENT:
            self._writer.complain(ours)
        return verdict if again == NO_TIME else again

    def _hand_over(self, letters: Sequence[Letter], ends_at: float) -> Verdict:
        seconds = ends_at - time.monotonic()
        if seconds <= 0:
            return NO_TIME
        first, *others = letters
        return self._mail(first, others[0], seconds) if others else self._notify(first, seconds)

    def _mail(self, html: Letter, text: Letter, timeout_seconds: float) -> Verdict:
        from notifiers.services.mail import make_mail  # noqa: PLC0415 - mail's libraries
        from notifiers.services.smtp import send_mail  # noqa: PLC0415 - the same

        plugin = cast("NotifyEmail", self._service.plugin)
        mail = make_mail(plugin, html.title, text.body, html.body)
        return send_mail(plugin, mail, timeout_seconds, self._network.ca_file)

    def _notify(self, letter: Letter, timeout_seconds: float) -> Verdict:
        with recording(timeout_seconds, self._network) as record:
            is_accepted = self._deliver(letter)
        if self._service.speaks_http:
            return conclude(self._service.schema, record.last, is_accepted=is_accepted)
        return Verdict(Outcome.SENT) if is_accepted else Verdict(Outcome.UNKNOWN, "failed")

    def _deliver(self, letter: Letter) -> bool:
        plugin = self._service.plugin
        try:
            if isinstance(plugin, OwnService):
                return plugin.deliver(letter)
            return bool(
                plugin.notify(
                    title=letter.title,
                    body=letter.body,
                    body_format=NotifyFormat.TEXT,
                    notify_type=_NOTIFY_TYPES[letter.content.severity],
                    overflow=OverflowMode.TRUNCATE,
                )
            )
        except Exception:  # noqa: BLE001 - what counts is what the service answered, if anything
            return False


def _blames_letter(verdict: Verdict) -> bool:
    """Whether it has surely not arrived, for something that may be wrong with it."""
    is_blamed = may_blame_message(verdict.code) or verdict == NOTHING_SENT
    return verdict.outcome is Outcome.REFUSED and is_blamed
