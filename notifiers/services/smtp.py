"""Mail in our own hands: apprise keeps no reply codes, and its steps may take longer than there is time."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from contextlib import suppress
from email.message import EmailMessage
from threading import Timer
from typing import Any, Final

import certifi
from apprise.plugins.email.base import NotifyEmail

from notifiers.verdicts import Outcome, Verdict, judge_smtp

STEP_SECONDS_MAX: Final = 8.0
CONNECT_SECONDS_MAX: Final = 4.0
"""For each address of a host in turn; with three dead ones there is still time to say so."""

_OUR_NAME: Final = "[127.0.0.1]"
"""What smtplib too would call a machine without a name; asking for one can take seconds."""

_ERRORS_FROM: Final = 300
_GO_AHEAD: Final = 354
"""Only after this reply does the server get the mail itself; until then nothing can have arrived."""
_UNSENDABLE: Final = Verdict(Outcome.REFUSED, "unsendable")
"""An address or a password that SMTP cannot carry."""


class _TimedSteps(smtplib.SMTP):
    """Holds every step to the time that is left."""

    def __init__(self, host: str, port: int, ends_at: float, **options: Any) -> None:  # noqa: ANN401 - smtplib's
        self._ends_at = ends_at
        self.takes_body = False
        self._is_cut = False
        super().__init__(host, port, _OUR_NAME, timeout=self._left(), **options)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found: socket.socket = super()._get_socket(host, port, min(timeout, CONNECT_SECONDS_MAX))  # type: ignore[misc]
        return found

    def send(self, s: Any) -> None:  # noqa: ANN401 - smtplib's
        self._hurry()
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        self._hurry()
        # A socket's own timeout begins anew with every byte that trickles in.
        watchdog = Timer(self._left(), self._hang_up)
        watchdog.daemon = True
        watchdog.start()
        try:
            code, text = super().getreply()
        finally:
            watchdog.cancel()
        if self._is_cut:
            # smtplib takes even half a line for a reply.
            self.close()
            raise smtplib.SMTPServerDisconnected
        self.takes_body = self.takes_body or code == _GO_AHEAD
        return code, text

    def leave(self) -> None:
        """Say goodbye without waiting for the answer."""
        with suppress(OSError, smtplib.SMTPException):
            self.putcmd("quit")
        self.close()

    def _hurry(self) -> None:
        # Whoever gave up waiting has called this send unknown; it must not go on in the background.
        if time.monotonic() >= self._ends_at:
            raise TimeoutError
        if self.sock:
            self.sock.settimeout(self._left())

    def _hang_up(self) -> None:
        self._is_cut = True
        with suppress(OSError):
            if self.sock:
                self.sock.shutdown(socket.SHUT_RDWR)

    def _left(self) -> float:
        return max(0.001, min(STEP_SECONDS_MAX, self._ends_at - time.monotonic()))


class _TimedStepsOverTls(_TimedSteps, smtplib.SMTP_SSL):
    pass


def send_mail(
    plugin: NotifyEmail, mail: EmailMessage, timeout_seconds: float, ca_file: str | None
) -> Verdict:
    """Hand a mail to the server, for all of its recipients or for none; trust `ca_file` if there is one."""
    try:
        smtp = _connect(plugin, time.monotonic() + timeout_seconds, ca_file)
    except smtplib.SMTPResponseException as error:
        verdict = judge_smtp(error.smtp_code)
        # What greets with no reply code is no mail server, or none today; nothing was handed over.
        return verdict if verdict.outcome is not Outcome.UNKNOWN else Verdict(Outcome.RETRY, "unreachable")
    except smtplib.SMTPNotSupportedError:
        return Verdict(Outcome.REFUSED, "unsupported")
    except (OSError, smtplib.SMTPException):
        return Verdict(Outcome.RETRY, "unreachable")
    except ValueError:
        return _UNSENDABLE
    try:
        return _hand_over(smtp, plugin, mail)
    finally:
        smtp.leave()


def _connect(plugin: NotifyEmail, ends_at: float, ca_file: str | None) -> _TimedSteps:
    host, port = plugin.smtp_host, int(plugin.port or 0)
    if plugin.secure_mode == "ssl":
        smtp: _TimedSteps = _TimedStepsOverTls(host, port, ends_at, context=_trust(plugin, ca_file))
    else:
        smtp = _TimedSteps(host, port, ends_at)
    try:
        if plugin.secure_mode == "starttls":
            smtp.starttls(context=_trust(plugin, ca_file))
        smtp.ehlo_or_helo_if_needed()
        if plugin.user and plugin.password:
            smtp.login(plugin.user, plugin.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _trust(plugin: NotifyEmail, ca_file: str | None) -> ssl.SSLContext:
    """Say whom to believe to be the server; to read the authorities takes some 30 ms."""
    context = ssl.create_default_context(cafile=ca_file)
    # As for HTTP; a function's image may have no authorities of its own.
    if ca_file is None:
        context.load_verify_locations(certifi.where())
    if not plugin.verify_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _hand_over(smtp: _TimedSteps, plugin: NotifyEmail, mail: EmailMessage) -> Verdict:
    to = [address for _, address in plugin.targets]
    try:
        code, _ = smtp.mail(str(plugin.from_addr[1]))
        for address in (*to, *sorted(plugin.cc), *sorted(plugin.bcc)):
            if code < _ERRORS_FROM:
                code, _ = smtp.rcpt(address)
    except (OSError, smtplib.SMTPException):
        return Verdict(Outcome.RETRY, "broken-off")
    except ValueError:
        return _UNSENDABLE
    if code >= _ERRORS_FROM:
        return judge_smtp(code)
    try:
        code, _ = smtp.data(mail.as_bytes())
    except smtplib.SMTPDataError as error:
        return judge_smtp(error.smtp_code)
    except (OSError, smtplib.SMTPException):
        return Verdict(Outcome.UNKNOWN if smtp.takes_body else Outcome.RETRY, "broken-off")
    return judge_smtp(code)
