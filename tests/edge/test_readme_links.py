"""The pages lead to what is there, and to each other."""

from __future__ import annotations

import re

import pytest

from tests.edge.pages import REPOSITORY, anchors, links, pages

README = "README.md"


@pytest.mark.parametrize("page", pages())
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    """To a file or a folder by its path, and within a page to a heading."""
    found = list(links(page))

    assert [path for path, _ in found if not (REPOSITORY / path).exists()] == []
    assert [(path, anchor) for path, anchor in found if anchor and anchor not in anchors(path)] == []


def test_every_page_is_reached_from_the_first() -> None:
    """By links from page to page."""
    reached, open_ends = {README}, [README]
    while open_ends:
        led_to = {path for path, _ in links(open_ends.pop()) if path in pages()}
        open_ends += sorted(led_to - reached)
        reached |= led_to

    assert reached == pages().keys()


@pytest.mark.parametrize("page", pages())
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    """As a path from the top; a folder ends with a slash or has no dot in its name."""
    named = re.findall(r"`((?:handler|infra|notifiers|tests)/[\w./-]*)`", pages()[page])
    yours = ("infra/aws/production", "infra/huaweicloud/production")

    assert [path for path in named if path not in yours and not (REPOSITORY / path).exists()] == []


def test_one_reads_the_first_page_in_ten_minutes() -> None:
    """What is longer stands beside the code that it explains."""
    assert len(pages()[README].splitlines()) <= 320
