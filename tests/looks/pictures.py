"""The pictures in README: `make pictures` takes them, each with a note of the page that it was taken of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from tests.looks import moment
from tests.looks.browser import Viewer, browsing, viewing
from tests.looks.drawn_slack import draw_slack
from tests.looks.png import note_of, shrink

FOLDER: Final = Path(__file__).with_name("pictures")
BYTES_MAX: Final = 150_000
_KEYWORD: Final = "SHA-256 of the page"
_SCALE: Final = 2


class Picture(NamedTuple):
    """A page to take a picture of, `width` pixels wide, as far down as an element reaches, and a bit."""

    html: Callable[[], str]
    width: int
    last: str
    margin: int


PICTURES: Final[Mapping[str, Picture]] = {
    "page": Picture(moment.page, 960, "main > section:nth-of-type(2)", 16),
    "mail": Picture(moment.mail, 640, ".card", 24),
    "slack": Picture(lambda: draw_slack(moment.slack_payload(), moment.told_at()), 640, "body", 0),
}


def path_of(name: str) -> Path:
    """Where a picture lies."""
    return FOLDER / f"{name}.png"


def note_for(html: str) -> str:
    """What a picture of this page has for a note."""
    return hashlib.sha256(html.encode()).hexdigest()


def kept_note(name: str) -> str | None:
    """Of which page the picture that lies here was taken, as `note_for` tells it."""
    return note_of(path_of(name).read_bytes(), _KEYWORD)


def take(viewer: Viewer, picture: Picture) -> bytes:
    """Take a picture, as a PNG file."""
    html = picture.html()
    viewer.show(html)
    viewer.widen(picture.width)
    box = viewer.page.locator(picture.last).bounding_box()
    assert box
    clip = {"x": 0, "y": 0, "width": picture.width, "height": box["y"] + box["height"] + picture.margin}
    taken = viewer.page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
    return shrink(taken, _KEYWORD, note_for(html))


def main() -> None:
    """Take all pictures anew."""
    FOLDER.mkdir(exist_ok=True)
    with browsing() as browser, viewing(browser, device_scale_factor=_SCALE) as viewer:
        for name, picture in PICTURES.items():
            path_of(name).write_bytes(take(viewer, picture))


if __name__ == "__main__":
    main()
