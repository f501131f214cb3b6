"""ServerChan (Server酱) in both of its generations, which tell themselves apart by the key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from apprise.plugins.serverchan import NotifyServerChan

from notifiers.services.own import OwnService

if TYPE_CHECKING:
    from notifiers.rendering import Letter

_THIRD: Final = re.compile(r"sctp(\d+)t", re.ASCII)


class ServerChan(OwnService, NotifyServerChan):  # type: ignore[no-untyped-call]
    """One person's WeChat, or since the third generation an app; Markdown in both."""

    def deliver(self, letter: Letter) -> bool:
        """Send as https://sct.ftqq.com/sendkey or https://doc2.ft07.com/serverchan3/server/api has it."""
        third = _THIRD.match(self.token)
        host = f"{third[1]}.push.ft07.com/send" if third else "sctapi.ftqq.com"
        return self.post(f"https://{host}/{self.token}.send", {"title": letter.title, "desp": letter.body})
