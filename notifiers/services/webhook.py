"""JSON for machines: what apprise sends, with the whole in fields beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from apprise.plugins.custom_json import NotifyJSON

from notifiers.services.own import OwnService

if TYPE_CHECKING:
    from notifiers.rendering import Letter

FIELD: Final = "headway"
"""Where the fields are; `message.schema.json` describes them."""


class JsonWebhook(OwnService, NotifyJSON):  # type: ignore[no-untyped-call]
    """Somebody's own endpoint, with the method, headers, query and fields that the URL asks for."""

    def deliver(self, letter: Letter) -> bool:
        """Send the fields that apprise documents, and ours: https://appriseit.com/services/json/."""
        port = f":{self.port}" if isinstance(self.port, int) else ""
        return self.request(
            str(self.method),
            f"{'https' if self.secure else 'http'}://{self.host}{port}{self.fullpath}",
            msgspec.json.encode(self._payload(letter)),
            {"Content-Type": "application/json", **self.headers},
            params=self.params,
            auth=(self.user, self.password or "") if self.user else None,
        )

    def _payload(self, letter: Letter) -> dict[str, Any]:
        """Rename and drop what the URL asks for: `:message=text` renames a field, `:title=` drops one."""
        payload: dict[str, Any] = {
            "version": self.json_version,
            "title": letter.title,
            "message": letter.body,
            "attachments": [],
            "type": letter.content.severity.value,
            FIELD: letter.data,
        }
        for name, wanted in self.payload_extras.items():
            if name not in payload:
                payload[name] = wanted
            elif wanted:
                payload[wanted] = payload.pop(name)
            else:
                del payload[name]
        return payload
