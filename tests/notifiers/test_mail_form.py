"""The HTML of a mail: well-formed, and nothing from outside in it but text."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given

from notifiers import digests, mail, wording
from notifiers.alerts import Kind
from notifiers.messages import Digest, Message, digest
from tests.notifiers.examples import (
    OVERVIEW,
    completed_message,
    fleet_digest,
    hostile_digest,
    hostile_message,
    step_message,
    told_of,
)
from tests.notifiers.test_digests import DIGESTS
from tests.notifiers.test_forms import MESSAGES

TAGS = {"html", "head", "meta", "title", "body", "table", "tr", "td", "div", "span", "a"}
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


@given(DIGESTS)
def test_any_digest_is_a_well_formed_page(any_digest: Digest) -> None:
    """No name from outside opens or closes a tag, adds an attribute or a link."""
    page = Page(mail.html(any_digest))

    assert page.tags <= TAGS
    assert page.open == []
    assert all(str(link).startswith("https://example.com/") for link in page.links)
    assert digests.title(any_digest) in page.texts


def test_a_digests_page_leads_to_each_change_and_to_the_whole() -> None:
    """In the order of the lines."""
    links = Page(mail.html(fleet_digest())).links

    assert links[0] == "https://headway.example.com/changes/INSTANCE/audit"
    assert len(links) == 12 + 2
    assert links[12:] == [link.url for link in OVERVIEW]


def test_a_digests_page_is_coloured_by_how_grave_each_line_is() -> None:
    """And the whole by its gravest."""
    html = mail.html(fleet_digest())

    assert "border-top:4px solid #b91c1c" in html
    assert [
        html.count(f"border-left:4px solid {colour}") for colour in ("#b91c1c", "#b45309", "#15803d")
    ] == [
        2,
        1,
        9,
    ]


def test_a_digests_page_has_three_hundred_lines_at_most() -> None:
    """What is left out is counted."""
    crowd = digest([told_of(f"change-{n:03}", Kind.STARTED) for n in range(320)], OVERVIEW)
    texts = Page(mail.html(crowd)).texts

    assert "change-299" in texts
    assert "change-300" not in texts
    assert "… and 20 more" in texts


def test_hostile_names_are_shown_as_text() -> None:
    """A script is a word on the page, even where it is a link's label."""
    page = Page(mail.html(hostile_digest()))

    assert "<script>alert(1)</script>" in page.texts
    assert any('"><img src=x onerror=alert(1)>' in text for text in page.texts)
