"""A relay before a server that speaks SMTP."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import BinaryIO, Final

from tests.proofs.real_relay import Relay, line_of
from tests.proofs.real_trouble import Trouble

_GREETINGS: Final[Mapping[Trouble, bytes]] = {
    Trouble.NOISE: b"\x16\x03\x01nonsense\r\n",
    Trouble.BUSY: b"421 come later\r\n",
    Trouble.SILENT: b"",
}
"""What comes instead of a greeting; then nothing follows."""

_REPLIES: Final[Mapping[Trouble, bytes]] = {
    Trouble.GARBAGE: b"nonsense\r\n",
    Trouble.BUSY_FOR: b"451 come in ten minutes\r\n",
    Trouble.LIMITED: b"450 too many mails\r\n",
}
"""What comes instead of the reply to a mail."""


class MailRelay(Relay):
    """Passes commands and replies on by turns; most trouble strikes when the whole mail has come."""

    def converse(self, client: socket.socket) -> None:
        """See `Relay`."""
        trouble = self.trouble
        if trouble is not None and trouble in _GREETINGS:
            self.say(client, _GREETINGS[trouble], trouble)
            return
        with (
            self.upstream() as server,
            server.makefile("rb") as replies,
            client.makefile("rb") as commands,
        ):
            # A trickle is one from the first byte on.
            always = Trouble.TRICKLE if trouble is Trouble.TRICKLE else None
            reply = _reply(replies)
            while True:
                self.say(client, reply, always)
                command = line_of(commands)
                server.sendall(command)
                is_mail = command.upper() == b"DATA\r\n"
                reply = _reply(replies)
                if is_mail and reply.startswith(b"354"):
                    self.say(client, reply, always)
                    reply = self._hand_over(client, _mail(commands), server, replies)

    def _hand_over(
        self, client: socket.socket, mail: bytes, server: socket.socket, replies: BinaryIO
    ) -> bytes:
        trouble = self.trouble
        reply = b""
        if trouble is None or trouble.is_done:
            server.sendall(mail)
            reply = _reply(replies)
        if trouble is not None and trouble in _REPLIES:
            return _REPLIES[trouble]
        if trouble is not None and trouble is not Trouble.TRICKLE:
            self.say(client, reply, trouble)
            raise ConnectionError
        return reply


def _reply(replies: BinaryIO) -> bytes:
    lines = [line_of(replies)]
    while lines[-1][3:4] == b"-":
        lines.append(line_of(replies))
    return b"".join(lines)


def _mail(commands: BinaryIO) -> bytes:
    lines = [line_of(commands)]
    while lines[-1] != b".\r\n":
        lines.append(line_of(commands))
    return b"".join(lines)
