"""The pictures in README are of what is shown and sent today."""

from __future__ import annotations

from base64 import b64encode
from typing import Final

import pytest

from tests.looks.browser import Viewer
from tests.looks.drawn_slack import draw_slack
from tests.looks.pictures import BYTES_MAX, PICTURES, kept_note, note_for, path_of
from tests.looks.png import note_of, shrink

_PIXELS: Final = """async address => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    return Array.from(canvas.getImageData(0, 0, image.width, image.height).data);
}"""


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_of_what_there_is_today(name: str) -> None:
    """If it is not: `make pictures`, and look at them."""
    assert kept_note(name) == note_for(PICTURES[name].html())


def test_the_pictures_are_those_that_are_taken_and_small() -> None:
    """Whoever clones the repository gets them, too."""
    kept = {path.stem: path.stat().st_size for path in path_of("page").parent.iterdir()}

    assert kept.keys() == PICTURES.keys()
    assert max(kept.values()) <= BYTES_MAX


def test_a_picture_of_few_colours_loses_nothing_by_being_shrunk(viewer: Viewer) -> None:
    """By the browser's own eyes, and the note is there."""
    viewer.show("<body style='background:#eef'><h1>some <i>text</i></h1>")
    viewer.page.set_viewport_size({"width": 240, "height": 90})
    taken = viewer.page.screenshot()
    small = shrink(taken, "about", "a note")

    whole, shrunk = (
        viewer.page.evaluate(_PIXELS, f"data:image/png;base64,{b64encode(picture).decode()}")
        for picture in (taken, small)
    )
    assert len(small) < len(taken)
    assert len(shrunk) == len(whole) == 240 * 90 * 4
    assert max(abs(one - other) for one, other in zip(shrunk, whole, strict=True)) == 0
    assert note_of(small, "about") == "a note"
    assert note_of(taken, "about") is None


def test_slack_is_drawn_from_what_it_is_sent() -> None:
    """Bold, links and escaped characters; what is not known is not passed over."""
    section = {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "a &lt; b\n<https://c.example|*Console*>"},
    }
    payload = {"text": "*so far*", "mrkdwn": True, "attachments": [{"color": "#15803d", "blocks": [section]}]}
    drawn = draw_slack(payload, "11:02 AM")

    assert "<p><b>so far</b></p>" in drawn
    assert '<p>a &lt; b\n<a href="https://c.example">*Console*</a></p>' in drawn
    assert "background: #15803d" in drawn
    with pytest.raises(AssertionError):
        draw_slack({**payload, "blocks": []}, "11:02 AM")
