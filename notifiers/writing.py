"""How a channel's letters are written: for whom, and with templates of the user's own if there are any."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from notifiers import forms
from notifiers.forms import Form
from notifiers.languages import Fault
from notifiers.messages import Content
from notifiers.rendering import Letter, write, write_complaining
from notifiers.saying import Reader

_TEMPLATE_SECONDS_MAX: Final = 1.0
_TEMPLATE_SHARE: Final = 0.25
"""Of the time for a send, what a template of the user's own may take; a mail has two."""


def _ignore(complaint: str) -> None:
    """Nobody wants to know."""


class Style(NamedTuple):
    """How a channel's letters are written: for whom, and with which folder of the user's own templates.

    `complain` is told what is wrong with those, in words that go on after the channel's name.
    """

    reader: Reader = Reader()
    templates: str | None = None
    complain: Callable[[str], None] = _ignore


class Writer:
    """Writes for one channel; of a mail both parts, the HTML first."""

    def __init__(self, style: Style, form: Form, length_max: int | None) -> None:
        """Take the form, and how many characters the service takes if the form does not say."""
        self._style = style
        self._forms = (form, forms.MAIL_TEXT) if form is forms.MAIL else (form,)
        self._length_max = length_max

    def write(self, content: Content, seconds: float) -> list[Letter]:
        """Write what is to be sent within so many seconds."""
        reader, folder = self._style.reader, self._style.templates
        template_seconds = min(_TEMPLATE_SECONDS_MAX, seconds * _TEMPLATE_SHARE)
        letters = [
            write(content, reader, form, folder, self._length_max, seconds_max=template_seconds)
            for form in self._forms
        ]
        self.complain(letters)
        if folder is not None and not any(letter.is_own or letter.complaint for letter in letters):
            self._miss_templates(folder)
        return letters

    def write_in_our_form(self, letters: Sequence[Letter], code: str) -> list[Letter]:
        """Write letters anew that a service has refused, with this code; ours stay what they are."""
        from notifiers.own_templates import OwnTemplateError  # noqa: PLC0415 - few have any

        error, reader = OwnTemplateError(Fault.REFUSED, code), self._style.reader
        return [
            write_complaining(letter.content, reader, form, error, self._length_max)
            if letter.is_own
            else letter
            for letter, form in zip(letters, self._forms, strict=True)
        ]

    def complain(self, letters: Sequence[Letter]) -> None:
        """Tell what is wrong with the user's own templates."""
        for letter in letters:
            if letter.complaint:
                self._style.complain(f"could not use its own template {letter.complaint}")

    def _miss_templates(self, folder: str) -> None:
        """Tell it if there is none for this channel at all; for messages alone, or digests, there may be."""
        from notifiers.own_templates import holds_any  # noqa: PLC0415 - few have any

        if not any(holds_any(folder, form) for form in self._forms):
            example = f"{self._forms[0].folder}/message.j2"
            self._style.complain(f"has no template such as {example} in its folder of templates")
