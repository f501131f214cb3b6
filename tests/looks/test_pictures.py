"""The pictures in README are of what is shown and sent today."""

from __future__ import annotations

import pytest

from tests.looks.drawn_slack import draw_slack
from tests.looks.pictures import BYTES_MAX, PICTURES, kept_note, note_for, path_of


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_of_what_there_is_today(name: str) -> None:
    """If it is not: `make pictures`, and look at them."""
    assert kept_note(name) == note_for(PICTURES[name].html())


def test_the_pictures_are_those_that_are_taken_and_small() -> None:
    """Whoever clones the repository gets them, too."""
    kept = {path.stem: path.stat().st_size for path in path_of("page").parent.iterdir()}

    assert kept.keys() == PICTURES.keys()
    assert max(kept.values()) <= BYTES_MAX


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
