"""What the browser is relied on to see."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Final

import pytest

from tests.looks.browser import NoBrowserError, Viewer, browsing
from tests.looks.png import note_of, shrink

PAGE = """<!doctype html><meta name="viewport" content="width=device-width">
<body style="background:#000000"><p style="color:#595959;margin:0">faint</p>
<p style="display:none">hidden</p><p style="white-space:nowrap">{long}</p>
<table role="img" aria-label="25 %" style="width:200px"><tr>
<td class="on-info" style="width:25%">&nbsp;</td><td style="width:75%"></td></tr></table>
<script>console.error("odd"); alert("ho")</script><img src="http://example.com/x.png">"""

_PIXELS: Final = """async address => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    return JSON.stringify([...canvas.getImageData(0, 0, image.width, image.height).data]);
}"""


def test_it_sees_what_is_wrong_with_a_page(viewer: Viewer) -> None:
    """A faint text, a hidden one, one that is too wide, a request, an error and a script."""
    viewer.show(PAGE.format(long="wide" * 200))

    look = viewer.look(360, "light")
    faint, hidden, wide = look.texts
    assert faint.contrast == pytest.approx(3.0, abs=0.05)
    assert faint.is_visible
    assert not hidden.is_visible
    assert wide.right > look.width
    assert look.scroll_width > look.width
    assert look.bar_share == pytest.approx(0.25, abs=0.05)
    assert "script" in look.tags
    assert viewer.requests == ["http://example.com/x.png"]
    assert viewer.complaints[:2] == ["odd", "ho"]


def test_it_sees_what_keeps_people_from_reading(viewer: Viewer) -> None:
    """A picture that says nothing to whoever cannot see it, and much else."""
    viewer.show(PAGE.format(long="wide"))

    assert {"image-alt", "html-has-lang", "document-title"} <= {
        found.partition(":")[0] for found in viewer.obstacles()
    }


def test_a_picture_of_few_colours_loses_nothing_by_being_shrunk(viewer: Viewer) -> None:
    """By the browser's own eyes, and the note is there."""
    viewer.show("<body style='background:#eef'><h1>some <i>text</i></h1>")
    viewer.page.set_viewport_size({"width": 240, "height": 90})
    taken = viewer.page.screenshot()
    small = shrink(taken, "about", "a note")

    whole, shrunk = (
        json.loads(viewer.page.evaluate(_PIXELS, f"data:image/png;base64,{b64encode(picture).decode()}"))
        for picture in (taken, small)
    )
    assert len(small) < len(taken)
    assert len(shrunk) == len(whole) == 240 * 90 * 4
    assert max(abs(one - other) for one, other in zip(shrunk, whole, strict=True)) == 0
    assert note_of(small, "about") == "a note"
    assert note_of(taken, "about") is None


def test_a_machine_without_a_browser_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is skipped in silence."""
    monkeypatch.setenv("PATH", "")

    with pytest.raises(NoBrowserError, match="apt-get install chromium"), browsing():
        pass
