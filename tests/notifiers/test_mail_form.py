"""The HTML of a mail: well-formed, and nothing from outside in it but text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given

from notifiers import samples
from notifiers.alerts import Kind
from notifiers.forms import MAIL
from notifiers.languages import LANGUAGES
from notifiers.messages import Content, Digest, Message, compose, digest
from notifiers.rendering import Letter, write
from notifiers.samples import sample
from notifiers.saying import Reader
from tests.notifiers.examples import (
    OVERVIEW,
    alert,
    fleet_digest,
    hostile_digest,
    hostile_message,
    many_steps,
    situation,
    step_message,
    told_of,
)
from tests.notifiers.strategies import DIGESTS, MESSAGES

TAGS = {
    *("html", "head", "meta", "title", "style", "body"),
    *("div", "h1", "p", "a", "b", "span", "br", "table", "tr", "td", "th"),
}
VOID = {"meta", "br"}
ATTRIBUTES = {
    *("lang", "dir", "charset", "name", "content", "class", "style", "role", "scope", "colspan", "href"),
    *("aria-label", "aria-roledescription", "align", "width", "border", "cellpadding", "cellspacing"),
}
GMAIL_BYTES_MAX = 102_000
"""What is longer Gmail cuts off: https://github.com/hteumeuleu/email-bugs/issues/56."""
GMAIL_SHEET_BYTES_MAX = 8192
"""Gmail leaves out the rules after so many: https://github.com/hteumeuleu/email-bugs/issues/90."""


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
        """Open a tag; only known attributes are harmless, each once."""
        names = [name for name, _ in attrs]
        assert set(names) <= ATTRIBUTES
        assert len(set(names)) == len(names)
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
            self.texts.append(" ".join(data.split()))


def letter(content: Content) -> Letter:
    """A mail in English."""
    return write(content, Reader(), MAIL)


def page(content: Content) -> Page:
    """Its HTML."""
    return Page(letter(content).body)


@given(MESSAGES)
def test_any_message_is_a_well_formed_page(message: Message) -> None:
    """No text from outside opens or closes a tag, adds an attribute or a link."""
    written = letter(message)
    read = Page(written.body)

    assert read.tags <= TAGS
    assert read.open == []
    assert all(str(link).startswith("https://example.com/") for link in read.links)
    assert " ".join(written.title.split()) in read.texts


def test_a_page_shows_the_steps_with_their_marks_and_durations() -> None:
    """Mark, name and note have columns of their own; the sign of a running one is no picture."""
    texts = page(step_message()).texts

    at = texts.index("Disk expansion")
    assert texts[at - 1 : at + 2] == ["✓", "Disk expansion", "4 min 10 s"]
    assert texts[texts.index("Rolling scaling") - 1] == "▶\ufe0e"


def test_the_headline_says_what_happened_and_the_rest_stands_beneath() -> None:
    """What the bar says is not said twice."""
    texts = page(sample(Kind.STEP_COMPLETED)).texts

    at = texts.index("orders: Disk expansion completed in 19 minutes")
    assert texts[at + 1 : at + 5] == [
        "Step 2 of 4 · no action needed",
        "60%",
        "about 19 minutes left ·",
        "done around 10:10",
    ]


def test_a_name_may_hold_what_divides_a_title() -> None:
    """It is not torn apart."""
    message = compose([alert(1, Kind.STARTED)], situation(name="orders · prod", percent=3), 0)

    assert "orders · prod: capacity change started" in page(message).texts


def test_what_is_told_beneath_a_name_begins_like_a_sentence_but_a_steps_own_name_stays() -> None:
    """In a digest's page, where it has a line to itself; nothing else divides name and news."""
    messages = [told_of("orders", Kind.STARTED), told_of("search", Kind.STEP_STARTED, step="copy_data")]
    texts = page(digest(messages, ())).texts

    assert texts[texts.index("orders") + 1].startswith("Capacity change started · ")
    assert texts[texts.index("search") + 1].startswith("copy_data started · ")


def test_facts_stand_in_a_table_with_their_labels() -> None:
    """Who ordered it, what, and what the instance is like."""
    texts = page(sample(Kind.COMPLETED)).texts

    assert any("lin.mei" in text for text in texts)
    assert texts[texts.index("Instance") + 1].startswith("3 brokers, 300 GB → 600 GB")


def test_a_page_without_links_steps_and_percentage_is_whole() -> None:
    """What is unknown takes no room."""
    read = page(compose([alert(1, Kind.STARTED)], situation(), 0))

    assert read.links == []
    assert "Progress unknown · time left unknown" in read.texts


def test_hostile_text_is_shown_as_text() -> None:
    """Script and image are words on the page."""
    read = page(hostile_message())

    assert "<script>alert(1)</script>" in read.texts
    assert any('"><img src=x onerror=alert(1)>' in text for text in read.texts)


def test_a_test_says_that_it_is_one() -> None:
    """In the headline and in a note."""
    texts = page(samples.trial_message("ops", samples.NOW)).texts

    assert any(text.startswith("TEST · example: ") for text in texts)
    assert "This is a test: nothing has happened." in texts


def test_all_styles_stand_with_the_elements() -> None:
    """Many mail programs strip the sheet: it holds nothing but colours for the dark, and little room."""
    body = letter(sample(Kind.FAILED)).body
    sheets = re.findall(r"<style>(.*?)</style>", body, re.DOTALL)
    rules = [rule for sheet in sheets for rule in re.findall(r"{ ([^{}]+) }", sheet)]

    assert len(rules) > 20
    assert sum(map(len, sheets)) < GMAIL_SHEET_BYTES_MAX
    assert {line for rule in rules for line in re.findall(r"([a-z-]+):", rule)} == {
        *("color-scheme", "supported-color-schemes", "font-family"),
        *("background", "color", "border-color", "padding", "padding-left", "padding-right"),
    }


def test_no_mail_is_cut_off_by_gmail() -> None:
    """Not even one with as much as a message can hold, in any language."""
    steps = tuple(many_steps(100, 50))
    alerts = [alert(number, Kind.STEP_FAILED, step="&" * 200, detail="&" * 250) for number in range(1, 100)]
    message = compose(alerts, situation(percent=50, steps=steps, name="&" * 200, links=OVERVIEW), 50)

    for language in LANGUAGES.values():
        assert len(write(message, Reader(language), MAIL).body.encode()) < GMAIL_BYTES_MAX


@given(DIGESTS)
def test_any_digest_is_a_well_formed_page(any_digest: Digest) -> None:
    """No name from outside opens or closes a tag, adds an attribute or a link."""
    written = letter(any_digest)
    read = Page(written.body)

    assert read.tags <= TAGS
    assert read.open == []
    assert all(str(link).startswith("https://example.com/") for link in read.links)
    assert " ".join(written.title.split()) in read.texts


def test_a_digests_page_leads_to_each_change_and_to_the_whole() -> None:
    """In the order of the lines."""
    links = page(fleet_digest()).links

    assert links[0] == "https://headway.example.com/changes/INSTANCE/audit"
    assert len(links) == 12 + 2
    assert links[12:] == [link.url for link in OVERVIEW]


def test_a_digests_page_is_coloured_by_how_grave_each_line_is() -> None:
    """And the whole by its gravest."""
    body = letter(fleet_digest()).body
    edges = re.findall(r'<td class="on-([a-z]+)" width="4"', body)

    assert edges == ["failure"] * 2 + ["warning"] + ["success"] * 9
    assert re.findall(r'<h1 class="([a-z]+)"', body) == ["failure"]


@pytest.mark.parametrize("count", [1, 299, 320])
def test_a_digests_page_counts_what_it_leaves_out(count: int) -> None:
    """All others stand there, however many."""
    crowd = digest([told_of(f"change-{n:03}", Kind.STARTED) for n in range(count)], OVERVIEW)
    written = letter(crowd)
    texts = Page(written.body).texts
    shown = len([text for text in texts if text.startswith("change-") and " " not in text])

    assert 0 < shown <= count
    assert (f"… and {count - shown} more" in texts) == (shown < count)


def test_hostile_names_are_shown_as_text() -> None:
    """A script is a word on the page, even where it is a link's label."""
    read = page(hostile_digest())

    assert "<script>alert(1)</script>" in read.texts
    assert any('"><img src=x onerror=alert(1)>' in text for text in read.texts)
