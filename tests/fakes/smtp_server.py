"""A mail server on loopback: keeps the mails it was handed, replies what a test scripts."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any, Final, NamedTuple

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from typing_extensions import Self

from tests.fakes.loopback import HOST

DROP: Final = "drop"
"""Instead of a reply: the connection breaks."""

HANG: Final = "hang"
"""Instead of a reply: nothing, for as long as anybody waits."""


class Mail(NamedTuple):
    """A mail that was accepted."""

    sender: str
    recipients: list[str]
    message: EmailMessage


class SmtpServer:
    """A server for the time of a `with` block; accepts everything that is not scripted otherwise.

    Args:
        replies: What to say instead of yes, by command: `MAIL`, `RCPT`, `DATA` (to the whole mail), and
            `RCPT someone@example.com` for one recipient.
        login: The only user and password that are accepted; without it nobody has to log in.
        tls: Speak TLS from the first byte.
        starttls: Offer TLS to those who ask for it.
    """

    def __init__(
        self,
        replies: Mapping[str, str] | None = None,
        login: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        starttls: ssl.SSLContext | None = None,
    ) -> None:
        """Script the replies."""
        self.replies = dict(replies or {})
        self.mails: list[Mail] = []
        self.port = 0
        self._login = login
        self._tls = tls
        self._starttls = starttls

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        serving = self._loop.create_server(self._protocol, HOST, 0, ssl=self._tls)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and let go of what hangs."""
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def location(self) -> str:
        """Host and port, as they stand in a URL."""
        return f"{HOST}:{self.port}"

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Reply to the sender, who may have to log in first."""
        if self._login and not session.authenticated:
            return "530 Log in"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._reply(server, "MAIL")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's
        self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Reply to a recipient."""
        named = f"RCPT {address}"
        reply = await self._reply(server, named if named in self.replies else "RCPT")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return reply

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail, and reply to it."""
        reply = await self._reply(server, "DATA")
        if reply.startswith("2"):
            message = message_from_bytes(bytes(envelope.content or b""), policy=default)  # type: ignore[arg-type]
            self.mails.append(Mail(str(envelope.mail_from), list(envelope.rcpt_tos), message))
        return reply

    async def _reply(self, server: SMTP, command: str) -> str:
        reply = self.replies.get(command, "250 OK")
        if reply == HANG:
            await asyncio.Event().wait()
        if reply == DROP and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return reply

    def _protocol(self) -> SMTP:
        return SMTP(
            self,
            loop=self._loop,
            hostname="loopback",
            authenticator=self._authenticate if self._login else None,
            auth_require_tls=self._login is None,
            tls_context=self._starttls,
        )

    def _authenticate(self, *arguments: Any) -> AuthResult:  # noqa: ANN401 - aiosmtpd's
        given = arguments[-1]
        is_right = (given.login.decode(), given.password.decode()) == self._login
        return AuthResult(success=is_right, handled=False)

    async def _stop(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
