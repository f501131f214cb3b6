"""ntfy: a push message as urgent as its severity, which leads to the page, with buttons for the links."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from apprise.plugins.ntfy import NotifyNtfy, NtfyAuth, NtfyMode

from notifiers.alerts import Severity
from notifiers.languages import LANGUAGES, LanguageCode
from notifiers.messages import Place
from notifiers.services.bots import UrlError
from notifiers.services.own import OwnService

if TYPE_CHECKING:
    from notifiers.rendering import Letter

_PRIORITIES: Final = {Severity.INFO: 2, Severity.SUCCESS: 3, Severity.WARNING: 4, Severity.FAILURE: 5}
_URL_LENGTH_MAX: Final = 1000
"""For each of three, so that the whole stays within 8 KB."""

_NUMBERS: Final = {"min": 1, "low": 2, "default": 3, "high": 4, "max": 5}
# Names of emoji that stand before the title: https://docs.ntfy.sh/emojis/
_TAGS: Final = {
    Severity.INFO: "information_source",
    Severity.SUCCESS: "white_check_mark",
    Severity.WARNING: "warning",
    Severity.FAILURE: "rotating_light",
}


class Ntfy(OwnService, NotifyNtfy):  # type: ignore[no-untyped-call]
    """A topic; what the URL sets itself is kept."""

    def __init__(self, **tokens: Any) -> None:  # noqa: ANN401 - whatever apprise reads of the URL
        """Remember what the URL sets, which apprise puts out of reach or fills up.

        Raises:
            UrlError: There is no topic.
        """
        super().__init__(**tokens)  # type: ignore[no-untyped-call]
        if not self.topics:
            raise UrlError("has no topic in its url; write ntfys://HOST/TOPIC.")
        self._own_priority = _NUMBERS[str(self.priority)] if tokens.get("priority") else None
        self._own_tags = tokens.get("xtags")
        self._own_actions = tokens.get("actions")

    def deliver(self, letter: Letter) -> bool:
        """Send to the server, not to the topic: https://docs.ntfy.sh/publish/#publish-as-json."""
        return self.post(self._server(), self._payload(letter), {**self._login(), **self._buttons()})

    def _payload(self, letter: Letter) -> dict[str, Any]:
        severity = letter.content.severity
        click = self.click or (letter.page if _is_short(letter.page) else None)
        wanted = {
            "topic": self.topics[0],
            "title": letter.title,
            "message": letter.body,
            "priority": self._own_priority or _PRIORITIES[severity],
            "tags": self._own_tags or [_TAGS[severity]],
            "click": str(click) if click else None,
            "actions": None if self._own_actions else list(_views(letter)),
            "icon": self.avatar_url if self.include_image else None,
            "attach": self.attach,
            "filename": self.filename if self.attach else None,
            "delay": self.delay,
            "email": self.email,
        }
        return {name: value for name, value in wanted.items() if value}

    def _server(self) -> str:
        if self.mode == NtfyMode.CLOUD:
            return str(self.cloud_notify_url)
        port = f":{self.port}" if self.port else ""
        return f"{'https' if self.secure else 'http'}://{self.host}{port}"

    def _login(self) -> dict[str, str]:
        """Log in as https://docs.ntfy.sh/publish/#authentication has it; ntfy.sh's open topics want none."""
        if self.mode == NtfyMode.CLOUD:
            return {}
        if self.auth == NtfyAuth.TOKEN:
            return {"Authorization": f"Bearer {self.token}"}
        pair = f"{self.user}:{self.password or ''}".encode()
        return {"Authorization": f"Basic {b64encode(pair).decode()}"} if self.user else {}

    def _buttons(self) -> dict[str, str]:
        """The URL's own buttons, in the short form that only a header takes; there, too, as UTF-8."""
        if not self._own_actions:
            return {}
        # What is given as text goes out as Latin-1.
        return {"X-Actions": str(self._own_actions).encode().decode("latin-1")}


def _views(letter: Letter) -> Iterator[dict[str, str]]:
    """Buttons that lead where the letter's links do: https://docs.ntfy.sh/publish/#action-buttons."""
    places = LANGUAGES[LanguageCode(letter.data["language"])].places
    for place, url in letter.data["links"].items():
        if _is_short(url):
            yield {"action": "view", "label": places[Place(place)], "url": url}


def _is_short(url: str | None) -> bool:
    return url is not None and len(url) <= _URL_LENGTH_MAX
