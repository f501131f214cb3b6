"""Mails as a browser shows them: each kind, in both languages, wide and narrow, light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from notifiers.alerts import Kind
from notifiers.forms import MAIL
from notifiers.languages import LANGUAGES, LanguageCode
from notifiers.messages import Content, Link, Message, Place, StepLine, compose, digest
from notifiers.operations import Order, Specification
from notifiers.rendering import Letter, write
from notifiers.samples import sample, sample_digest
from notifiers.saying import Reader
from tests.looks.browser import Look, Mode, Viewer
from tests.notifiers.examples import (
    NOW,
    alert,
    failed_message,
    fleet_digest,
    hostile_digest,
    hostile_message,
    many_steps,
    situation,
    unreachable_message,
)

WIDTHS: Final = (320, 360, 1280)
SHEET_MODES: Final[tuple[Mode, ...]] = ("light", "dark")
# What takes longest is another width, so each mode goes on where the one before has ended. Outlook's and none
# change the page for good, so they come last, and in this order.
LOOKS: Final[list[tuple[Mode, int]]] = [
    *((mode, width) for width in reversed(WIDTHS) for mode in SHEET_MODES),
    *(("outlook", width) for width in WIDTHS),
    *(("bare", width) for width in reversed(WIDTHS)),
]
# https://www.w3.org/TR/WCAG22/#contrast-minimum and #non-text-contrast
TEXT_CONTRAST_MIN: Final = 4.5
SHAPE_CONTRAST_MIN: Final = 3.0
PIXELS_MIN: Final = 12

WORD: Final = "W" * 100
UNBREAKABLE: Final = compose(
    [alert(1, Kind.STEP_FAILED, step=WORD, detail=WORD), alert(2, Kind.CHANNEL_REFUSED, channel=WORD)],
    situation(
        name=WORD,
        percent=50,
        steps=(StepLine(WORD, "completed", seconds=100_000), StepLine(WORD, "unknown", WORD)),
        seen_at=NOW,
        order=Order(WORD, NOW, ((WORD, WORD),)),
        specification=Specification(WORD, 3, 300),
    ),
    repeat_upto=2,
)

CONTENTS: Final[dict[str, Content]] = {
    **{kind.value: sample(kind) for kind in Kind},
    "digest": sample_digest(),
    "caught_up": failed_message(),
    "overnight": compose(
        [alert(1, Kind.RESUMED, seconds=600)],
        situation(percent=100, remaining_seconds=90_000, seen_at=NOW, steps=many_steps(40, 20)),
        0,
    ),
    "counts_only": unreachable_message(),
    "unbreakable": UNBREAKABLE,
    "unbreakable_digest": digest([UNBREAKABLE], ()),
    "fleet": fleet_digest(),
    "hostile": hostile_message(),
    "hostile_digest": hostile_digest(),
}


def letter(content: Content, code: LanguageCode = LanguageCode.EN) -> Letter:
    """A mail to a reader in Shanghai."""
    return write(content, Reader(LANGUAGES[code], ZoneInfo("Asia/Shanghai")), MAIL)


def at(percent: int | None) -> Message:
    """A change that is so far."""
    return compose([alert(1, Kind.RESUMED, seconds=600)], situation(percent=percent), 0)


def assert_readable(look: Look) -> None:
    """Nothing is cut off or needs to be scrolled to, nothing is faint or tiny."""
    shown = [text for text in look.texts if text.is_visible]
    assert look.scroll_width <= look.width
    assert [text for text in shown if text.left < look.left or text.right > look.right] == []
    assert [text for text in shown if text.contrast < TEXT_CONTRAST_MIN] == []
    assert [text for text in shown if text.pixels < PIXELS_MIN] == []
    assert look.bar_contrast is None or look.bar_contrast >= SHAPE_CONTRAST_MIN


@pytest.mark.parametrize("code", LanguageCode, ids=lambda code: code.value)
@pytest.mark.parametrize("name", CONTENTS)
def test_a_mail_is_readable_wherever_it_is_opened(
    viewer: Viewer, album: Path | None, name: str, code: LanguageCode
) -> None:
    """On a phone or a desk, light, dark, in Outlook's dark, without its sheet; and it asks for nothing."""
    mail = letter(CONTENTS[name], code)
    viewer.show(mail.body)

    for mode, width in LOOKS:
        assert_readable(viewer.look(width, mode))
        if album and width != WIDTHS[0]:
            viewer.photograph(album, f"{name} {code.value} {mode} {width}")
    assert viewer.requests == []
    assert viewer.complaints == []


@pytest.mark.parametrize("name", CONTENTS)
def test_all_that_a_mail_tells_can_be_seen(viewer: Viewer, name: str) -> None:
    """Every part of the title stands on the page; only what phones show in their list is hidden."""
    mail = letter(CONTENTS[name])
    viewer.show(mail.body)

    look = viewer.look(360, "light")
    shown = " ".join(text.text for text in look.texts if text.is_visible)
    hidden = [text.text for text in look.texts if not text.is_visible]
    assert [part for part in mail.title.split(" · ") if part.casefold() not in shown.casefold()] == []
    assert len(hidden) == 1
    assert viewer.page.title() == mail.title


def test_phones_show_how_far_it_is_in_their_list(viewer: Viewer) -> None:
    """The first words are percentage and time left; nothing of the page itself follows them there."""
    mail = letter(sample(Kind.STEP_COMPLETED))
    viewer.show(mail.body)

    first = viewer.look(360, "light").texts[0]
    assert not first.is_visible
    assert first.text.startswith("60% · about 19 minutes left · done around 18:10")
    assert mail.body.count("&zwnj;&nbsp;") >= 60


@pytest.mark.parametrize("mode", SHEET_MODES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_bar_is_filled_as_far_as_the_change_is(viewer: Viewer, width: int, mode: Mode) -> None:
    """To one percent, from nothing to all; it is told to those who cannot see it, and missing if unknown."""
    for percent in (0, 1, 7, 33, 50, 99, 100):
        viewer.show(letter(at(percent)).body)
        look = viewer.look(width, mode)
        assert look.bar_share == pytest.approx(percent / 100, abs=0.01)
        assert look.bar_label == f"{percent}%"
    viewer.show(letter(at(None)).body)
    assert viewer.look(width, mode).bar_share is None


def test_a_hostile_message_is_nothing_but_text(viewer: Viewer) -> None:
    """No script runs and no element is there that a harmless message has not."""
    evil = "<script>window.hurt=1</script><img src=//evil.example onerror=hurt=1>"
    quoted = '" onmouseover="window.hurt=1" x="</style></title></table><svg onload=hurt=1>'

    def message(*texts: str) -> Message:
        steps = [StepLine(texts[0], "running"), StepLine(texts[1], "unknown", texts[0])]
        alerts = [alert(1, Kind.CHANNEL_REFUSED, channel=texts[1], detail=texts[0]), alert(2, Kind.STALLED)]
        links = (Link(Place.CONSOLE, f"https://console.example.com/?{texts[1]}"),)
        return compose(alerts, situation(name=texts[1], steps=tuple(steps), percent=5, links=links), 0)

    viewer.show(letter(message("calm", "words")).body)
    harmless = viewer.look(360, "light")
    viewer.show(letter(message(evil, quoted)).body)
    hostile = viewer.look(360, "light")

    assert hostile.tags == harmless.tags
    assert {evil, quoted} <= {text.text for text in hostile.texts}
    assert viewer.page.evaluate("window.hurt") is None
    assert viewer.page.locator("[onmouseover], [onload], [onerror]").count() == 0
    assert viewer.requests == []
    assert viewer.complaints == []


def test_a_screen_reader_hears_texts_and_two_tables(viewer: Viewer) -> None:
    """The layout's tables are none, headings are headings, rows have headers, the page says its language."""
    viewer.show(letter(sample(Kind.STARTED), LanguageCode.ZH).body)
    page = viewer.page

    assert page.get_by_role("heading", level=1).inner_text() == "orders：扩容已开始"
    assert page.get_by_role("table").count() == 2
    assert page.get_by_role("rowheader").all_inner_texts()[:2] == ["预检查", "磁盘扩容"]
    assert page.get_by_role("img").get_attribute("aria-label") == "0%"
    assert page.get_by_role("link").all_inner_texts() == ["状态页", "控制台"]
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.get_by_role("article").get_attribute("lang") == "zh-CN"
