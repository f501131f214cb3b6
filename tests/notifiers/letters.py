"""Letters for services, and how they are handed over without a channel around them."""

from __future__ import annotations

from notifiers.forms import form_for
from notifiers.languages import LANGUAGES, LanguageCode
from notifiers.messages import Content
from notifiers.network import DIRECT
from notifiers.rendering import Letter, write
from notifiers.saying import Reader
from notifiers.services.catalog import open_service
from notifiers.services.own import OwnService
from notifiers.services.recorder import recording
from notifiers.verdicts import Verdict, conclude


def letter_for(schema: str, content: Content, language: str = "en") -> Letter:
    """Write a letter in the form of a service."""
    return write(content, Reader(LANGUAGES[LanguageCode(language)]), form_for(schema))


def hand_over(url: str, letter: Letter) -> Verdict:
    """Send a letter as it is, and judge what is answered."""
    service = open_service("ops", url)
    assert isinstance(service.plugin, OwnService)
    with recording(15, DIRECT) as record:
        is_accepted = service.plugin.deliver(letter)
    return conclude(service.schema, record.last, is_accepted=is_accepted)
