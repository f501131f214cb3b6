"""A browser without a window that says what a page looks like: Chromium, as Debian and others have it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, Dialog, Page, Route, sync_playwright

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_MEASURE: Final = Path(__file__).with_name("measure.js").read_text(encoding="utf-8")
# As one text: playwright would hand over each value by itself.
_MEASURED: Final = f"JSON.stringify(({_MEASURE.strip().removesuffix(';')})())"
_HEIGHT: Final = 720
_POLICY: Final = "Content-Security-Policy"

Mode = Literal["light", "dark", "outlook", "bare"]
"""How a program shows a page: by its sheet's rules for the light or the dark, with the marks that Outlook
sets for the dark, or with the sheet taken away."""


class NoBrowserError(Exception):
    """There is no Chromium here."""


class Text(NamedTuple):
    """A text on a page: how far its colour is from its ground, how large it is and where it ends."""

    text: str
    is_visible: bool
    contrast: float
    pixels: float
    left: float
    right: float


class Look(NamedTuple):
    """What a page looks like at one width: its texts, and its bar if it has one.

    `left` and `right` are the card's, `tags` the elements that there are.
    """

    width: float
    scroll_width: float
    left: float
    right: float
    texts: list[Text]
    bar_label: str | None
    bar_share: float | None
    bar_contrast: float | None
    tags: list[str]


class Viewer(NamedTuple):
    """One page in the browser: what it asks for and may not is refused and noted, and its complaints are."""

    page: Page
    requests: list[str]
    complaints: list[str]
    tools: CDPSession

    def show(self, html: str) -> None:
        """Show a page in place of the one before, of which nothing is left."""
        # To go elsewhere costs four times as much as to write another page; but a policy would stay.
        if _POLICY not in html and self.page.locator(f"[http-equiv={_POLICY}]").count():
            self.page.goto("about:blank")
        self.requests.clear()
        self.complaints.clear()
        self.page.set_content(html, wait_until="load")

    def from_here(self, widths: Collection[int]) -> list[int]:
        """These widths, first the one that the screen has: another takes longer than all else."""
        here = self.page.evaluate("innerWidth")
        return sorted(widths, key=lambda width: width != here)

    def widen(self, width: int) -> None:
        """Show the page on a screen so wide, of which pictures can be taken."""
        self.page.set_viewport_size({"width": width, "height": _HEIGHT})

    def look(self, width: int, mode: Mode) -> Look:
        """Look at the page, on a screen so wide; `outlook` and `bare` change it for good."""
        # Playwright would resize a window, too, and wait for it: this takes a third of that.
        screen = {"width": width, "height": _HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        self.tools.send("Emulation.setDeviceMetricsOverride", screen)
        self.page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
        if mode == "outlook":
            self.page.evaluate("['data-ogsc', 'data-ogsb'].forEach(n => document.body.setAttribute(n, ''))")
        if mode == "bare":
            self.page.evaluate("document.querySelectorAll('style').forEach(sheet => sheet.remove())")
        seen: dict[str, Any] = json.loads(self.page.evaluate(_MEASURED))
        assert seen["width"] == width
        return Look(**{**seen, "texts": [Text(**text) for text in seen["texts"]]})

    def obstacles(self) -> list[str]:
        """What axe-core finds that keeps people from reading the page: its rule, and where."""
        found = Axe().run(self.page).response["violations"]
        return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]

    def photograph(self, folder: Path, name: str) -> None:
        """Keep a picture of the whole page, as wide as it was looked at."""
        folder.mkdir(parents=True, exist_ok=True)
        self.widen(self.page.evaluate("innerWidth"))
        self.page.screenshot(path=folder / f"{re.sub(r'[^a-z0-9]+', '-', name)}.png", full_page=True)


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run a browser while the block runs.

    Raises:
        NoBrowserError: There is none.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise NoBrowserError(
            "no Chromium on the PATH; on Debian: apt-get install chromium fonts-wqy-microhei"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def viewing(browser: Browser, origin: str | None = None, **options: Any) -> Iterator[Viewer]:  # noqa: ANN401 - playwright's
    """Open a page that may ask for nothing, or for nothing but what is at one place.

    Args:
        browser: Opens it.
        origin: Where it may ask, such as `http://127.0.0.1:8080/`.
        options: What the browser is like, as playwright has it.
    """
    context = browser.new_context(**options)
    page = context.new_page()
    viewer = Viewer(page, [], [], context.new_cdp_session(page))

    def guard(route: Route) -> None:
        if origin and route.request.url.startswith(origin):
            route.continue_()
        else:
            viewer.requests.append(route.request.url)
            route.abort()

    def close(dialog: Dialog) -> None:
        viewer.complaints.append(dialog.message)
        dialog.dismiss()

    context.route("**/*", guard)
    viewer.page.on("console", lambda message: viewer.complaints.append(message.text))
    viewer.page.on("pageerror", lambda error: viewer.complaints.append(str(error)))
    viewer.page.on("dialog", close)
    try:
        yield viewer
    finally:
        context.close()
