"""Discord through a webhook: the title as text, the body in a coloured box; only the URL calls people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from apprise.plugins.discord import NotifyDiscord

from notifiers.services.bots import UrlError, calls_somebody
from notifiers.services.own import OwnService

if TYPE_CHECKING:
    from notifiers.rendering import Letter

_CALLS_MAX: Final = 50
"""With the longest title they stay within the 2000 characters of a text."""

_Call = tuple[str, str, str]
_EVERYBODY: Final = re.compile(r"@?(everyone|here)", re.ASCII)
_SOMEBODY: Final = re.compile(r"<?@?(&?)(\d{1,20})>?", re.ASCII)


class Discord(OwnService, NotifyDiscord):  # type: ignore[no-untyped-call]
    """A webhook and perhaps a thread.

    What may be mentioned is said with each message, for Discord would else look for mentions in its text:
    https://discord.com/developers/docs/resources/message#allowed-mentions-object.
    """

    def __init__(self, **tokens: Any) -> None:  # noqa: ANN401 - whatever apprise reads of the URL
        """Find out who is to be called.

        Raises:
            UrlError: Somebody cannot be, or there is no room for so many.
        """
        super().__init__(**tokens)
        self._calls = dict.fromkeys(_call(ping) for ping in self.ping)
        if len(self._calls) > _CALLS_MAX:
            raise UrlError(f"pings more than {_CALLS_MAX}.")

    def deliver(self, letter: Letter) -> bool:
        """Send as https://discord.com/developers/docs/resources/webhook#execute-webhook has it.

        Without `wait` a message that Discord then drops would count as taken.
        """
        query = {"wait": "true"} | ({"thread_id": self.thread_id} if self.thread_id else {})
        url = f"{self.notify_url}/{self.webhook_id}/{self.webhook_token}?{urlencode(query)}"
        return self.post(url, self._payload(letter))

    def _payload(self, letter: Letter) -> dict[str, Any]:
        calls = list(self._calls) if calls_somebody(letter.content) else []
        embed = {"description": letter.body, "color": int(letter.colour.lstrip("#"), 16)}
        return {
            "content": " ".join([f"**{letter.marked_title}**", *(call for call, _, _ in calls)]),
            "embeds": [embed],
            "allowed_mentions": _allowed(calls),
            "tts": self.tts,
            **({"flags": self.flags} if self.flags else {}),
            **({"username": self.user} if self.user else {}),
            **({"avatar_url": self.avatar_url} if self.avatar and self.avatar_url else {}),
        }


def _allowed(calls: Sequence[_Call]) -> dict[str, list[str]]:
    """Allow these and nobody else; an empty `parse` forbids whatever else the text may seem to mention."""
    allowed: dict[str, list[str]] = {"parse": []}
    for _, sort, known_by in calls:
        allowed.setdefault(sort, []).append(known_by)
    return {sort: list(dict.fromkeys(members)) for sort, members in allowed.items()}


def _call(ping: str) -> _Call:
    """How somebody is called in a text, of which sort they are, and by what they are allowed to be.

    Raises:
        UrlError: It is nobody.
    """
    everybody, somebody = _EVERYBODY.fullmatch(ping), _SOMEBODY.fullmatch(ping)
    if everybody:
        return f"@{everybody[1]}", "parse", "everyone"
    if somebody:
        return f"<@{somebody[1]}{somebody[2]}>", "roles" if somebody[1] else "users", somebody[2]
    raise UrlError(
        "pings somebody by what is no ID of Discord's; write numbers, &numbers of roles, or @here."
    )
