"""How callers may want to read something, and what of that cannot be understood."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.core.change import ChangeId
from handler.web.answers import BadRequestError
from handler.web.readings import LIMIT_MAX, REFRESH_SECONDS_MAX, Group, Reading, Resource, read_reading
from notifiers.language_code import LanguageCode

CHANGE: Final = ChangeId("i", "t")
PAGES: Final = [(Resource.OVERVIEW, None), (Resource.CHANGE_PAGE, CHANGE)]


@pytest.mark.parametrize(("resource", "change"), PAGES)
@pytest.mark.parametrize(
    ("query", "language", "refresh_seconds"),
    [
        ({}, None, None),
        ({"lang": "en"}, LanguageCode.EN, None),
        ({"lang": "zh", "refresh": "off"}, LanguageCode.ZH, 0),
        ({"refresh": "1"}, None, 1),
        ({"refresh": "0060"}, None, 60),
        ({"refresh": "3600"}, None, REFRESH_SECONDS_MAX),
        ({"group": "none", "limit": "-1", "cursor": "x"}, None, None),
    ],
)
def test_pages_are_read_in_a_language_and_again_and_again(
    resource: Resource,
    change: ChangeId | None,
    query: dict[str, str],
    language: LanguageCode | None,
    refresh_seconds: int | None,
) -> None:
    """As the page itself finds right, unless somebody says otherwise."""
    expected = Reading(resource, change, language=language, refresh_seconds=refresh_seconds)

    assert read_reading(resource, change, query) == expected


@pytest.mark.parametrize(
    ("query", "reading"),
    [
        ({}, Reading(Resource.CHANGES, group=Group.ALL, limit=LIMIT_MAX)),
        ({"group": "active"}, Reading(Resource.CHANGES, group=Group.ACTIVE)),
        ({"group": "ended", "cursor": ""}, Reading(Resource.CHANGES, group=Group.ENDED, cursor="")),
        ({"limit": "1", "cursor": "c"}, Reading(Resource.CHANGES, limit=1, cursor="c")),
        ({"limit": "100", "lang": "fr", "refresh": "x"}, Reading(Resource.CHANGES)),
    ],
)
def test_lists_are_read_in_parts(query: dict[str, str], reading: Reading) -> None:
    """Whoever wants no part of them gets the first."""
    assert read_reading(Resource.CHANGES, None, query) == reading


@pytest.mark.parametrize("resource", [Resource.CHANGE, Resource.METRICS, Resource.OPENAPI])
def test_all_else_is_read_in_one_way(resource: Resource) -> None:
    """A query does not matter."""
    query = {"lang": "fr", "refresh": "x", "group": "x", "limit": "x", "cursor": "x"}

    assert read_reading(resource, CHANGE, query) == Reading(resource, CHANGE)


LANG: Final = "`lang` wants en or zh."
REFRESH: Final = "`refresh` wants off, or seconds from 1 to 3600."
GROUP: Final = "`group` wants active, ended or all."
LIMIT: Final = "`limit` wants a number from 1 to 100."


@pytest.mark.parametrize(
    ("resource", "query", "message"),
    [
        *((resource, {"lang": text}, LANG) for resource, _ in PAGES for text in ("", "fr", "ZH", "zh-CN")),
        *(
            (resource, {"refresh": text}, REFRESH)
            for resource, _ in PAGES
            for text in ("", "0", "-1", "3601", "1.5", "on", "OFF", " 5", "٣", "²", "9" * 5000)
        ),
        *((Resource.CHANGES, {"group": text}, GROUP) for text in ("", "Active", "running")),
        *((Resource.CHANGES, {"limit": text}, LIMIT) for text in ("", "0", "101", "ten", "1e1", "+5", "5\n")),
    ],
)
def test_what_cannot_be_understood_is_told_by_its_key(
    resource: Resource, query: dict[str, str], message: str
) -> None:
    """With all that it could have been."""
    with pytest.raises(BadRequestError) as told:
        read_reading(resource, None, query)
    assert str(told.value) == message


@given(
    st.sampled_from(Resource),
    st.dictionaries(
        st.sampled_from(["lang", "refresh", "group", "limit", "cursor", "else"]),
        st.sampled_from(["zh", "off", "60", "all"]) | st.text(),
    ),
)
def test_every_query_is_understood_or_told(resource: Resource, query: dict[str, str]) -> None:
    """Whatever is understood is within bounds."""
    try:
        reading = read_reading(resource, None, query)
    except BadRequestError:
        return
    assert 1 <= reading.limit <= LIMIT_MAX
    assert 0 <= (reading.refresh_seconds or 0) <= REFRESH_SECONDS_MAX
