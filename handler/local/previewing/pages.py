"""Pages: sample messages written for a recipient, as their service gets them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from handler.local.previewing.recipients import Recipient
from notifiers import forms
from notifiers.alerts import Kind
from notifiers.forms import Form
from notifiers.messages import Content
from notifiers.rendering import Letter, write
from notifiers.samples import NOW, sample, sample_digest, trial_message

_DIGEST: Final = "digest"
_TEST: Final = "test"
KINDS: Final = (*(kind.value for kind in Kind), _DIGEST, _TEST)
"""What there is to show: a message of each kind of alert, a digest, and what tries a channel."""

SUFFIXES: Final[Mapping[str, str]] = {
    "plain": ".txt",
    "mail": ".html",
    "slack": ".txt",
    "wecom": ".md",
    "dingtalk": ".md",
    "feishu": ".json",
    "telegram": ".html",
    "teams": ".json",
    "discord": ".md",
    "ntfy": ".txt",
    "markdown": ".md",
    "smn": ".txt",
    "pagerduty": ".json",
    "json": ".json",
}
"""By family: the ending of a file's name for which programs show it as it is meant."""

_LINES: Final = frozenset({".txt", ".md"})


class Page(NamedTuple):
    """A message as its service gets it; `complaint` is what is wrong with the own template for it."""

    kind: str
    suffix: str
    text: str
    complaint: str | None = None


def write_pages(recipient: Recipient, kinds: Sequence[str]) -> Iterator[Page]:
    """Write a page of each kind; of mail two, the text part first."""
    for kind in kinds:
        content = _content(kind, recipient.name)
        for form in forms_of(recipient):
            suffix = ".txt" if form is forms.MAIL_TEXT else SUFFIXES[recipient.family]
            yield _page(recipient, kind, suffix, _letter(recipient, content, form))


def forms_of(recipient: Recipient) -> Sequence[Form]:
    """The forms in which a recipient gets a message: of mail two."""
    return (forms.MAIL_TEXT, forms.MAIL) if recipient.form is forms.MAIL else (recipient.form,)


def _content(kind: str, name: str) -> Content:
    if kind == _DIGEST:
        return sample_digest()
    return trial_message(name, NOW) if kind == _TEST else sample(Kind(kind))


def _letter(recipient: Recipient, content: Content, form: Form) -> Letter:
    return write(content, recipient.reader, form, recipient.templates)


def _page(recipient: Recipient, kind: str, suffix: str, letter: Letter) -> Page:
    if recipient.family == "json":
        text = _pretty({"title": letter.title, "message": letter.body, "headway": letter.data})
    elif recipient.form is forms.PAGERDUTY:
        text = _pretty(_event(letter))
    elif recipient.form.is_card:
        text = _pretty(json.loads(letter.body))
    else:
        text = letter.body
    # Where the body does not hold the title, the service shows it above.
    is_headed = suffix in _LINES and letter.marked_title not in text
    return Page(kind, suffix, f"{letter.title}\n\n{text}" if is_headed else text, letter.complaint)


def _event(letter: Letter) -> Mapping[str, Any]:
    """The event that PagerDuty would get, as far as the channel's URL adds nothing to it."""
    # Imported here, because it takes long and other families do without.
    from notifiers.services.pagerduty import PagerDuty  # noqa: PLC0415

    return PagerDuty(apikey="API_KEY", integrationkey="INTEGRATION_KEY").event_of(letter)[1]


def _pretty(value: Any) -> str:  # noqa: ANN401 - JSON
    return json.dumps(value, ensure_ascii=False, indent=2)
