"""Microsoft Teams through a workflow that posts the Adaptive Card which it is handed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec
from apprise.plugins.workflows import NotifyWorkflows

from notifiers.services.own import OwnService

if TYPE_CHECKING:
    from notifiers.rendering import Letter


class Teams(OwnService, NotifyWorkflows):  # type: ignore[no-untyped-call]
    """A workflow's address, of Logic Apps or of Power Automate."""

    def deliver(self, letter: Letter) -> bool:
        """Send the card as an attachment.

        See https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using,
        under "Send Adaptive Cards using an Incoming Webhook".
        """
        attachment = {
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": None,
            "content": msgspec.Raw(letter.body.encode()),
        }
        return self.post(self._address(), {"type": "message", "attachments": [attachment]})

    def _address(self) -> str:
        """Put the address together again from what apprise took it apart to."""
        host = f"{self.host}:{self.port}" if self.port else self.host
        route = f"/cu/{self.routing_id}" if self.routing_id else ""
        path = f"/powerautomate/automations/direct{route}" if self.power_automate else ""
        query = {
            "api-version": self.api_version,
            "sp": "/triggers/manual/run",
            "sv": "1.0",
            "sig": self.signature,
        }
        return (
            f"https://{host}{path}/workflows/{self.workflow}/triggers/manual/paths/invoke?{urlencode(query)}"
        )
