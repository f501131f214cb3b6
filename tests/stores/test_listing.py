"""What is read from a page of a listing, and what is not believed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from handler.stores.dialect import OBS, S3
from handler.stores.listing import Listed, Page, latest_first, read_page

MOMENT = datetime(2026, 11, 25, 8, 30, tzinfo=timezone.utc)


def contents(key: str, modified: str = "") -> str:
    """An object as a listing shows it."""
    return f"<Contents>\n<Key>{key}</Key>{modified}<Size>0</Size></Contents>"


@pytest.mark.parametrize(
    ("text", "modified"),
    [
        ("<LastModified>2026-11-25T08:30:00.000Z</LastModified>", MOMENT),
        ("<LastModified>2026-11-25T08:30:00Z</LastModified>", MOMENT),
        ("<LastModified>2026-11-25T08:30:00.25Z</LastModified>", MOMENT.replace(microsecond=250_000)),
        ("<LastModified>2026-11-25T08:30:00.000000007Z</LastModified>", MOMENT),
        ("<LastModified>2026-99-25T08:30:00.000Z</LastModified>", None),
        ("<LastModified>yesterday</LastModified>", None),
        ("", None),
    ],
)
def test_an_object_is_as_old_as_the_store_says(text: str, modified: datetime | None) -> None:
    """What cannot be read as a moment is none."""
    assert read_page(contents("a/b", text).encode(), OBS.next_marker).objects == [Listed("a/b", modified)]


def test_an_object_that_cannot_be_ours_is_left_out() -> None:
    """Its name holds what no key of ours does; its neighbours keep their own dates."""
    dated = "<LastModified>2026-11-25T08:30:00.000Z</LastModified>"
    page = read_page(f"{contents('a&amp;b', dated)}{contents('c')}".encode(), S3.next_marker)

    assert page == Page([Listed("c", None)], None)


def test_what_was_written_last_is_named_first() -> None:
    """Of one moment by name; those whose moment nobody knows come last, by name as well."""
    later = MOMENT + timedelta(milliseconds=1)
    objects = [("b", MOMENT), ("y", None), ("a", MOMENT), ("c", later), ("x", None)]

    assert latest_first(Listed(*each) for each in objects) == ["c", "a", "b", "x", "y"]


def test_a_marker_is_unescaped_and_each_dialect_has_its_own() -> None:
    """It is asked with as it was meant, not as it was written."""
    body = b"<IsTruncated>true</IsTruncated><NextMarker>a&amp;b</NextMarker>"

    assert read_page(body, OBS.next_marker).next_marker == "a&b"
    with pytest.raises(ValueError, match="no marker"):
        read_page(body, S3.next_marker)
