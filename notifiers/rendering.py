"""Makes a letter of a message or a digest: words it for its reader and fills in a form's template.

A user's own template takes the place of ours; one that is no good is said so, and ours used.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from notifiers import digests, shortening, views
from notifiers.filling import Render, our_template
from notifiers.forms import Form, octets
from notifiers.languages import ENGLISH, Fault
from notifiers.messages import Content, Digest, Message
from notifiers.saying import Reader, fill
from notifiers.structure import structured
from notifiers.views import View

if TYPE_CHECKING:
    from notifiers.own_templates import OwnTemplateError

_BETWEEN: Final = "\r\n"
"""What apprise puts between a title and a body where a service has no titles."""


class Letter(NamedTuple):
    """What is sent: a title and a body, and what services want besides.

    `title` is bare text, `marked_title` the same kept from being markup, which `title` is as well where the
    form has it so; `body` is in the form's markup, or the JSON of a card. `page` is where to read on, `data`
    the whole in fields. `complaint` is what is wrong with the user's own template, which was not used then;
    otherwise `is_own` says that one was.
    """

    title: str
    marked_title: str
    body: str
    page: str | None
    colour: str
    content: Content
    data: Mapping[str, Any]
    complaint: str | None = None
    is_own: bool = False


def write(  # noqa: PLR0913 - all that shapes a letter
    content: Content,
    reader: Reader,
    form: Form,
    templates: str | None = None,
    length_max: int | None = None,
    *,
    seconds_max: float = 1.0,
) -> Letter:
    """Write a letter.

    Args:
        content: What is told.
        reader: To whom.
        form: For which family of services.
        templates: The user's folder, which may hold templates of its own, named as ours.
        length_max: Characters that title and body may have together, if the form's own limit is not all.
        seconds_max: How long the user's own template may take.
    """
    name, whole = _template_name(content, form), _whole(content, reader, form)
    desk = _Desk(content, reader, form, length_max)
    if templates is None:
        return desk.fit(our_template(form, name), whole)
    # Imported here, because few have templates of their own.
    from notifiers.own_templates import OwnTemplateError, own_template  # noqa: PLC0415

    try:
        template = own_template(form, name, templates, seconds_max)
        own_desk = desk._replace(is_own=True)
        letter = own_desk.fit(template.render, whole)
        if not template.is_own():
            return desk.fit(our_template(form, name), whole)
        if own_desk.is_short(whole, letter):
            return letter._replace(is_own=True)
        raise OwnTemplateError(Fault.TOO_LONG)  # noqa: TRY301 - one fault of several
    except OwnTemplateError as error:
        return write_complaining(content, reader, form, error, length_max)


def write_complaining(
    content: Content, reader: Reader, form: Form, error: OwnTemplateError, length_max: int | None = None
) -> Letter:
    """Write a letter in our own form, and say in it what is wrong with the user's."""
    name, whole = _template_name(content, form), _whole(content, reader, form)
    note = fill(reader.language.own_form_broken, template=name, reason=error.said(reader.language))
    noted = whole._replace(note=" ".join(filter(None, [whole.note, note])))
    letter = _Desk(content, reader, form, length_max).fit(our_template(form, name), noted)
    return letter._replace(complaint=f"{name}: {error.said(ENGLISH)}")


def _template_name(content: Content, form: Form) -> str:
    return f"{form.folder}/{'digest' if isinstance(content, Digest) else 'message'}.j2"


def _whole(content: Content, reader: Reader, form: Form) -> View:
    title = views.title_of(content, reader, form.title_length_max)
    data = structured(content, title, reader.language.code.value)
    note = reader.language.test_note if content.is_test else ""
    return views.whole_view(content, reader, title, data, note)


class _Desk(NamedTuple):
    """Where one letter is written; how short a brief one has to be, whoever has made its form knows best."""

    content: Content
    reader: Reader
    form: Form
    length_max: int | None
    is_own: bool = False

    def fit(self, render: Render, whole: View) -> Letter:
        """Show as much as fits; the shortest letter if nothing does.

        To tell everything is worth more than to be brief, as long as the service takes it.
        """
        if isinstance(self.content, Digest):
            letter = self._fit_digest(self.content, render, whole)
        else:
            letter = self._fit_message(self.content, render, whole)
        if self.is_taken(letter):
            return letter
        *scraps, last = shortening.scraps(whole, self.content, self.reader, self.form.title_length_max)
        shortest = self._letter(last, render)
        if not self.is_taken(shortest):
            return shortest
        letters = (self._letter(view, render) for view in scraps)
        return next((letter for letter in letters if self.is_taken(letter)), shortest)

    def is_taken(self, letter: Letter) -> bool:
        """Whether the service takes a letter."""
        text = self._text(letter)
        return self.form.size(text) <= self.form.size_max and len(text) <= (self.length_max or len(text))

    def is_short(self, view: View, letter: Letter) -> bool:
        """Whether the service takes a letter, and nobody finds it too long."""
        may_be_long = self.is_own or not view.is_brief
        return self.is_taken(letter) and (
            may_be_long or octets(self._text(letter)) <= self.form.brief_bytes_max
        )

    def _text(self, letter: Letter) -> str:
        """What is sent of a letter as one text."""
        return letter.body if self.form.holds_title else f"{letter.marked_title}{_BETWEEN}{letter.body}"

    def _fit_message(self, message: Message, render: Render, whole: View) -> Letter:
        """The first version that is short; else the shortest."""
        letters = []
        for view in shortening.versions(whole, message, self.reader):
            letters.append(self._letter(view, render))
            if self.is_short(view, letters[-1]):
                return letters[-1]
        return min(letters, key=lambda letter: self.form.size(self._text(letter)))

    def _fit_digest(self, digest: Digest, render: Render, whole: View) -> Letter:
        """As many rows as there is room for: each takes more than its absence from the count gives back."""

        def written(rows: int) -> Letter:
            return self._letter(shortening.shortened_digest(whole, digest, self.reader, rows), render)

        letter = written(digests.ROWS_MAX)
        if self.is_taken(letter):
            return letter
        fewer = range(len(whole.lines) - 1, -1, -1)
        place = bisect_left(fewer, x=True, key=lambda rows: self.is_taken(written(rows)))
        return written(fewer[place]) if place < len(fewer) else letter

    def _letter(self, view: View, render: Render) -> Letter:
        form = self.form
        marked_title = form.escape(view.title)
        return Letter(
            title=marked_title if form.marks_title else view.title,
            marked_title=marked_title,
            # Services refuse what is empty.
            body=render(view._asdict()) or marked_title,
            page=view.page,
            colour=view.colour,
            content=self.content,
            data=view.data,
        )
