"""PagerDuty: a change that is in trouble is one incident, which the change's end closes.

Apprise reads the URL, `pagerduty://INTEGRATION_KEY@API_KEY/SOURCE/COMPONENT?region=eu`, but makes an incident
of every message. Here the change decides which incident a message belongs to, so that a URL with `action` or
`dedup` is refused; its `severity` is the least that an incident has. The API key is not needed, and not sent.

What becomes of a message:

- A warning or a failure, or a reminder of one, opens the change's incident, or joins the open one.
- The end of the change, completed or cancelled, closes it if there can be one. A change that has failed or is
  lost needs somebody: nothing that Headway sees afterwards would tell that it is mended, so whoever mends it
  closes it.
- The end of a stall or an outage closes it if nothing else stands, as far as message and situation tell.
- All else is a change event, which wakes nobody: news on the way, tests, what is wrong with Headway itself,
  and what is wrong beside a change that has ended well. Such events need the integration key of a service; a
  ruleset's takes none.

See https://developer.pagerduty.com/docs/send-alert-event and
https://developer.pagerduty.com/docs/send-change-event.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from apprise.plugins.pagerduty import NotifyPagerDuty

from notifiers.alerts import Kind, Severity
from notifiers.languages import LANGUAGES, LanguageCode
from notifiers.messages import Digest, Message, Place, compose
from notifiers.services.bots import UrlError
from notifiers.services.own import USER_AGENT, OwnService

if TYPE_CHECKING:
    from notifiers.rendering import Letter

SUMMARY_LENGTH_MAX: Final = 1024
DEDUP_KEY_LENGTH_MAX: Final = 255
SEVERITIES: Final = ("info", "warning", "error", "critical")
_ENDS_WELL: Final = frozenset({Kind.COMPLETED, Kind.CANCELLED})
_ENDED_WELL: Final = frozenset({"completed", "cancelled"})
_ENDED_BADLY: Final = frozenset({"failed", "lost"})
_BESIDE: Final = frozenset({Kind.UNWATCHED, Kind.CHANNEL_REFUSED, Kind.LEDGER_RESET})
"""Trouble of Headway's, not of the change."""
_BEGUN_BY: Final = {Kind.RESUMED: Kind.STALLED, Kind.RECOVERED: Kind.UNREACHABLE}
_NAMELESS: Final = {NotifyPagerDuty.template_tokens[part]["default"] for part in ("source", "component")}
"""What apprise puts where the URL says nothing."""


class Action(Enum):
    """What a message does to the change's incident, in PagerDuty's words."""

    TRIGGER = "trigger"
    RESOLVE = "resolve"


class PagerDuty(OwnService, NotifyPagerDuty):  # type: ignore[no-untyped-call]
    """Alert events and change events of the Events API v2."""

    def __init__(self, action: str | None = None, dedup: str | None = None, **options: Any) -> None:  # noqa: ANN401 - apprise's own
        """Look at the parts of the URL.

        Raises:
            UrlError: It says which incident a message belongs to.
        """
        if action or dedup:
            raise UrlError(
                "has an action or a dedup in its url; leave it out: each change has an incident of its own."
            )
        super().__init__(**options)

    def deliver(self, letter: Letter) -> bool:
        """See `OwnService`."""
        return self.post(*self.event_of(letter))

    def event_of(self, letter: Letter) -> tuple[str, Mapping[str, Any]]:
        """The event for a letter, behind its address; a digest counts as its first message, the worst."""
        message = letter.content.messages[0]
        action = None if letter.content.is_test else decide(message)
        address = f"https://events{'.eu' if self.region_name == 'eu' else ''}.pagerduty.com/v2"
        if action is None:
            return f"{address}/change/enqueue", self._change_event(letter, message)
        return f"{address}/enqueue", self._alert_event(letter, message, action)

    def _change_event(self, letter: Letter, message: Message) -> Mapping[str, Any]:
        return {
            "routing_key": self.integration_key,
            "payload": {
                "summary": letter.title[:SUMMARY_LENGTH_MAX],
                "source": self._source(message),
                "timestamp": message.headline.raised_at.isoformat(),
                "custom_details": self._details(letter),
            },
            "links": self._links(letter),
        }

    def _alert_event(self, letter: Letter, message: Message, action: Action) -> Mapping[str, Any]:
        event = self._change_event(letter, message)
        optional = {"component": self.component, "group": self.group, "class": self.class_id}
        named = {name: text for name, text in optional.items() if text and text not in _NAMELESS}
        severity = self._severity(message) if action is Action.TRIGGER else SEVERITIES[0]
        return {
            **event,
            "event_action": action.value,
            "dedup_key": dedup_key(message),
            "payload": {**event["payload"], **named, "severity": severity},
            "client": USER_AGENT,
            **({"client_url": str(letter.page)} if letter.page else {}),
        }

    def _severity(self, message: Message) -> str:
        own = "critical" if message.severity is Severity.FAILURE else "warning"
        return max(own, str(self.severity or own), key=SEVERITIES.index)

    def _source(self, message: Message) -> str:
        """What the URL calls the source, else the instance."""
        if self.source not in _NAMELESS:
            return str(self.source)
        return message.situation.change_id.partition("/")[0]

    def _details(self, letter: Letter) -> Mapping[str, Any]:
        """All there is to know: letters are bounded to far less than the 512 KB that an event may have."""
        told = letter.data["changes"][0] if isinstance(letter.content, Digest) else letter.data
        return {
            **self.details,
            "text": letter.body,
            "possible_repeat": letter.data["possible_repeat"],
            "change": told["change"],
            "alerts": told["alerts"],
        }

    def _links(self, letter: Letter) -> list[Mapping[str, str]]:
        places = LANGUAGES[LanguageCode(letter.data["language"])].places
        links = [{"href": url, "text": places[Place(place)]} for place, url in letter.data["links"].items()]
        return [*links, *([{"href": self.click}] if self.click else [])]


def decide(message: Message) -> Action | None:
    """Decide what a message does to its change's incident; None is nothing."""
    own = [alert for alert in message.alerts if alert.kind not in _BESIDE]
    return _decide(compose(own, message.situation, message.repeat_upto)) if own else None


def _decide(message: Message) -> Action | None:
    situation, is_alarm = message.situation, message.severity.rank >= Severity.WARNING.rank
    if message.headline.kind in _ENDS_WELL:
        # PagerDuty drops what closes nothing: the good news would leave no trace.
        return None if situation.was_calm else Action.RESOLVE
    if is_alarm:
        # No later message would close what is opened now.
        return None if situation.phase in _ENDED_WELL else Action.TRIGGER
    return Action.RESOLVE if _ends_trouble(message) and not _is_in_trouble(message) else None


def dedup_key(message: Message) -> str:
    """What keeps a change's messages together: the change alone, in whatever region, wording or version."""
    key = f"headway:{message.situation.change_id}"
    return key if len(key) <= DEDUP_KEY_LENGTH_MAX else f"headway:{sha256(key.encode()).hexdigest()}"


def _ends_trouble(message: Message) -> bool:
    """Whether a stall or an outage is over that has been told before, or may have been."""
    new = {alert.kind for alert in message.alerts if not message.repeats(alert)}
    kinds = {alert.kind for alert in message.alerts}
    return any(end in kinds and begin not in new for end, begin in _BEGUN_BY.items())


def _is_in_trouble(message: Message) -> bool:
    situation = message.situation
    is_step_failed = any(step.state == "failed" for step in situation.steps)
    has_failed = is_step_failed or bool(situation.step_counts.get("failed"))
    return has_failed or situation.is_stalled or situation.phase in _ENDED_BADLY
