"""The HTML of a mail: well-formed, and nothing from outside in it but text."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given

from notifiers import mail, wording
from notifiers.messages import Message
from tests.notifiers.examples import completed_message, hostile_message, step_message
from tests.notifiers.test_forms import MESSAGES

TAGS = {"html", "head", "meta", "title", "body", "table", "tr", "td", "div", "a"}
VOID = {"meta"}


class Page(HTMLParser):
    """Reads a page strictly: each tag that is opened must be closed in its turn."""

    def __init__(self, html: str) -> None:
        """Read it at once."""
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str | None] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag; only known attributes are harmless."""
        assert {name for name, _ in attrs} <= {
            *("lang", "charset", "name", "content", "style", "role"),
            *("align", "cellpadding", "cellspacing", "href"),
        }
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        if data.strip():
            self.texts.append(data.strip())


@given(MESSAGES)
def test_any_message_is_a_well_formed_page(message: Message) -> None:
    """No text from outside opens or closes a tag, adds an attribute or a link."""
    page = Page(mail.html(message))

    assert page.tags <= TAGS
    assert page.open == []
    assert all(str(link).startswith("https://example.com/") for link in page.links)
    assert wording.title(message) in page.texts


def test_a_page_shows_the_steps_with_their_marks_and_durations() -> None:
    """Mark, name and note stand in columns of their own."""
    texts = Page(mail.html(step_message())).texts

    at = texts.index("disk_expansion")
    assert texts[at - 1 : at + 2] == ["✓", "disk_expansion", "4 min 10 s"]


def test_hostile_text_is_shown_as_text() -> None:
    """Script and image are words on the page."""
    page = Page(mail.html(hostile_message()))

    assert "<script>alert(1)</script>" in page.texts
    assert any('"><img src=x onerror=alert(1)>' in text for text in page.texts)


def test_the_bar_is_as_long_as_the_percentage() -> None:
    """It is drawn, because many mail programs show no block characters in a row."""
    assert "width:40%" in mail.html(step_message())
    assert "width:100%;height" in mail.html(completed_message())
