"""Pages as a browser shows them: in both languages, on phones and wide screens, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise, product
from pathlib import Path
from typing import Final

import pytest

from handler.core.change import ChangeId
from handler.core.observation import Observation, Phase
from handler.core.record import Record
from handler.web.pages import change_page, error_page, overview_page, style_source
from handler.web.pages.visitor import SignIn
from notifiers.language_code import LanguageCode
from tests.looks.browser import Look, Mode, Viewer
from tests.looks.test_mails import PIXELS_MIN, TEXT_CONTRAST_MIN
from tests.web import records
from tests.web.records import EVIL, MINUTE, NOW, START, at, fleet, lasting, record, visitor

CONSOLE: Final = "https://console.example.com/dms"
PHONE, SCREEN = 360, 1440
WIDTHS: Final = (PHONE, SCREEN)
MODES: Final[tuple[Mode, ...]] = ("light", "dark")
# What the answer's header says; framing cannot be forbidden from within.
POLICY: Final = (
    f"default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src {style_source()}"
)


def page_of(made: Callable[[], Record]) -> Callable[[LanguageCode], str]:
    """The page of a change."""
    return lambda code: change_page(made(), visitor(code, console=CONSOLE))


PAGES: Final[dict[str, Callable[[LanguageCode], str]]] = {
    "running": page_of(records.running),
    "troubled": page_of(records.busy),
    "failed": page_of(records.failed),
    "completed": page_of(records.completed),
    "waiting": page_of(records.waiting),
    "unseen": page_of(records.unseen),
    "stalled": page_of(records.stalled),
    "deaf": page_of(records.deaf),
    "lost": page_of(records.lost),
    "cancelled": page_of(records.cancelled),
    "brief": page_of(records.brief),
    "dropped": page_of(records.dropped),
    "unwatched": page_of(records.unwatched),
    "unreadable": page_of(records.unreadable),
    "hundred_steps": page_of(records.hundred),
    "counted_steps": page_of(records.counted),
    "hostile": page_of(records.hostile),
    "overview": lambda code: overview_page(fleet(12, 50), 3, visitor(code)),
    "overview_calm": lambda code: overview_page([records.running(), records.completed()], 0, visitor(code)),
    "overview_hostile": lambda code: overview_page(
        [records.hostile(), records.unreadable()], 0, visitor(code)
    ),
    "overview_failed": lambda code: overview_page(
        [
            records.failed(),
            *(records.unseen()._replace(change=ChangeId("i", f"t{number}")) for number in range(3)),
        ],
        0,
        visitor(code),
    ),
    "overview_refused": lambda code: overview_page(
        [records.deaf(), records.brief(), records.lost(), records.cancelled(), records.completed()],
        0,
        visitor(code),
        NOW - timedelta(hours=2),
    ),
    "overview_unclear": lambda code: overview_page(
        [
            records.unseen(),
            records.unreadable(),
            records.reminded(),
            records.dropped(),
            records.unreadable()._replace(is_active=False),
        ],
        0,
        visitor(code),
    ),
    "overview_empty": lambda code: overview_page([], 0, visitor(code, refresh_seconds=0)),
    "error_401": lambda code: error_page(401, visitor(code)),
    "sign_in": lambda code: error_page(401, visitor(code), sign_in=SignIn(has_failed=False)),
    "sign_in_failed": lambda code: error_page(401, visitor(code), sign_in=SignIn(has_failed=True)),
    "error_404": lambda code: error_page(404, visitor(code)),
}


def policed(page: str) -> str:
    """The page under the policy that it is sent with."""
    return page.replace("<head>", f'<head><meta http-equiv="Content-Security-Policy" content="{POLICY}">', 1)


def assert_readable(look: Look) -> None:
    """Nothing needs to be scrolled to sideways, nothing is cut off, faint or tiny."""
    shown = [text for text in look.texts if text.is_visible]
    assert look.scroll_width <= look.width
    assert [text for text in shown if text.left < 0 or text.right > look.width] == []
    assert [text for text in shown if text.contrast < TEXT_CONTRAST_MIN] == []
    assert [text for text in shown if text.pixels < PIXELS_MIN] == []


@pytest.mark.parametrize("code", LanguageCode, ids=lambda code: code.value)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_readable_on_every_screen(
    viewer: Viewer, album: Path | None, name: str, code: LanguageCode
) -> None:
    """On a phone and a wide screen, light and dark; it complains of nothing and asks for nothing."""
    viewer.show(policed(PAGES[name](code)))

    for width, mode in product(viewer.from_here(WIDTHS), MODES):
        assert_readable(viewer.look(width, mode))
        if album:
            viewer.photograph(album, f"page {name} {code.value} {mode} {width}")
    assert viewer.requests == []
    assert viewer.complaints == []


@pytest.mark.parametrize(
    ("name", "code", "mode", "width"),
    [
        ("troubled", LanguageCode.EN, "light", PHONE),
        ("troubled", LanguageCode.ZH, "dark", SCREEN),
        ("counted_steps", LanguageCode.EN, "light", SCREEN),
        ("overview", LanguageCode.ZH, "light", PHONE),
        ("overview_empty", LanguageCode.EN, "dark", SCREEN),
        ("sign_in", LanguageCode.ZH, "light", PHONE),
        ("sign_in_failed", LanguageCode.EN, "dark", SCREEN),
    ],
)
def test_nothing_keeps_anybody_from_reading_a_page(
    viewer: Viewer, name: str, code: LanguageCode, mode: Mode, width: int
) -> None:
    """As far as axe-core can tell."""
    viewer.show(PAGES[name](code))
    viewer.look(width, mode)

    assert viewer.obstacles() == []


@pytest.mark.parametrize("name", ["hostile", "overview_hostile"])
def test_what_comes_from_elsewhere_is_nothing_but_text(viewer: Viewer, name: str) -> None:
    """Nothing runs, even without the policy; and what was meant to is there to be read."""
    viewer.show(PAGES[name](LanguageCode.EN))
    page = viewer.page

    assert EVIL[0] in page.locator("body").inner_text()
    assert page.evaluate("window.hurt") is None
    assert page.locator("script, img, [onload], [onerror], [style]").count() == 0
    assert viewer.requests == []
    assert viewer.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_bar_is_filled_as_far_as_the_change_is(viewer: Viewer, width: int) -> None:
    """From nothing to all; and it is told to those who cannot see it."""
    for percent in (0, 1, 50, 100):
        kept = record(observation=Observation(Phase.RUNNING, percent))
        viewer.show(change_page(kept, visitor()))
        viewer.look(width, "light")
        bar = viewer.page.locator(".hero .bar")
        assert bar.get_attribute("aria-label") == f"{percent}%"
        assert bar.evaluate("b => (b.firstChild?.getBoundingClientRect().width ?? 0) / b.clientWidth") == (
            pytest.approx(percent / 100, abs=0.005)
        )


@pytest.mark.parametrize("width", WIDTHS)
def test_steps_are_drawn_to_scale(viewer: Viewer, width: int) -> None:
    """On every screen: where each began and ended, by the time that the whole takes and will take."""
    viewer.show(change_page(records.running(), visitor()))
    viewer.look(width, "light")
    whole = NOW + timedelta(seconds=1124) - START
    drawn = viewer.page.evaluate(
        """[...document.querySelectorAll('.step svg[role]')].map(svg => {
            const box = svg.getBoundingClientRect();
            const bar = svg.querySelector('rect:not(.ahead)')?.getBoundingClientRect();
            return bar ? [(bar.left - box.left) / box.width, bar.width / box.width] : null;
        })"""
    )

    for (left, share), (begun, minutes) in zip(drawn[1:8], [(0, 2), (2, 6), (8, 19)], strict=False):
        assert left == pytest.approx((at(begun) - START) / whole, abs=0.005)
        assert share == pytest.approx(minutes * MINUTE / whole, abs=0.005)
    assert drawn[0][1] == pytest.approx((NOW - START) / whole, abs=0.005)


@pytest.mark.parametrize(
    "span",
    [
        timedelta(seconds=15),
        timedelta(minutes=4),
        timedelta(hours=2),
        timedelta(hours=11),
        timedelta(days=2),
        timedelta(days=20),
        timedelta(days=500),
    ],
    ids=str,
)
def test_times_on_the_axis_do_not_touch(viewer: Viewer, span: timedelta) -> None:
    """However long a change lasts, on a phone as on a wide screen; and there are at least two."""
    viewer.show(change_page(lasting(span), visitor()))
    for width in viewer.from_here(WIDTHS):
        viewer.look(width, "light")
        boxes = viewer.page.evaluate(
            """[...document.querySelectorAll('.axis text')].map(text => text.getBoundingClientRect())
                .filter(box => box.width).map(box => [Math.round(box.top), box.left, box.right])"""
        )
        lines = [sorted(box[1:] for box in boxes if box[0] == top) for top in {box[0] for box in boxes}]
        assert max(map(len, lines)) >= 2
        assert [pair for line in lines for pair in pairwise(line) if pair[1][0] - pair[0][1] < 4] == []


def test_a_screen_reader_hears_a_table_and_what_is_drawn(viewer: Viewer) -> None:
    """Landmarks, headings in order, steps with their times and states, the progress in a sentence."""
    viewer.show(change_page(records.running(), visitor(LanguageCode.ZH)))
    viewer.look(PHONE, "light")
    page = viewer.page

    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert [page.get_by_role(name).count() for name in ("banner", "main", "contentinfo", "navigation")] == [
        1
    ] * 4
    assert page.get_by_role("heading", level=1).inner_text() == "orders"
    assert page.get_by_role("heading", level=2).all_inner_texts() == [
        "变更过程",
        "消息记录",
        "通知渠道",
        "基本信息",
    ]
    assert page.get_by_role("columnheader").all_text_contents() == ["步骤", "起止时间", "用时"]
    assert page.get_by_role("rowheader").all_inner_texts()[:3] == ["整个变更", "预检查", "创建资源"]
    assert page.get_by_role("cell").nth(3).text_content() == "已完成 2 分钟"
    assert page.get_by_role("cell").nth(2).locator("title").text_content() == "16:16–16:18"  # noqa: RUF001
    assert page.get_by_role("img", name="68%").count() == 1
    assert page.get_by_role("img", name="进度变化：16:16 为 0%，17:51 为 71%").count() == 1


def test_the_keyboard_reaches_the_way_back_and_the_pause_first(viewer: Viewer) -> None:
    """A page that refreshes itself would else take the place away before it is reached."""
    viewer.show(PAGES["overview"](LanguageCode.EN))
    reached = []
    for _ in range(4):
        viewer.page.keyboard.press("Tab")
        reached.append(viewer.page.evaluate("document.activeElement.textContent.trim()"))

    assert reached == ["Headway", "10 s", "中文", "fraud-detection-features-eu-central-long-name-1"]
