"""Whole pages: what stands in them, how large they are, and that nothing in them is more than text."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from html import escape
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.change import ChangeId
from handler.core.ledger import ChannelState
from handler.core.observation import Observation, Phase
from handler.core.record import Record
from handler.web.pages import (
    change_pace,
    change_page,
    error_page,
    overview_pace,
    overview_page,
    refresh_seconds_of,
    style_source,
)
from handler.web.pages.visitor import NEVER, SignIn, Spot
from handler.web.signing_in import FIELD
from notifiers.language_code import LanguageCode
from notifiers.languages import Action
from tests.web import records
from tests.web.records import CHANGE, EVIL, NOW, fleet, record, visitor

BYTES_MAX: Final = 29_000
OVERVIEW_BYTES_MAX: Final = 1_000_000
KINDS: Final[dict[str, Callable[[], Record]]] = {
    made.__name__: made
    for made in (
        records.running,
        records.busy,
        records.failed,
        records.completed,
        records.waiting,
        records.unseen,
        records.unreadable,
        records.stalled,
        records.deaf,
        records.lost,
        records.cancelled,
        records.brief,
        records.unreachable,
        records.dropped,
        records.unwatched,
        records.reminded,
        records.hundred,
        records.counted,
        records.hostile,
    )
}
languages = pytest.mark.parametrize("code", LanguageCode, ids=lambda code: code.value)


class Reading(HTMLParser):
    """Reads a page strictly: what is opened is closed, in order."""

    VOID: Final = frozenset({"meta", "link", "input"})

    def __init__(self, page: str) -> None:
        """Read it all."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element of a drawing."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """See that it was the last one opened."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note the text of the innermost element."""
        if self._open:
            self.texts[self._open[-1]] = self.texts.get(self._open[-1], "") + data

    def attributes(self, name: str) -> list[str]:
        """The values that an attribute has, in order."""
        return [
            value or "" for _, attributes in self.elements for key, value in attributes.items() if key == name
        ]


@languages
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_whole_and_needs_nothing_else(kind: str, code: LanguageCode) -> None:
    """No script, no style of an element's own, no address elsewhere but the console's."""
    page = Reading(change_page(KINDS[kind](), visitor(code, console="https://console.example.com/?a=1&b=2")))

    tags = {tag for tag, _ in page.elements}
    addresses = [*page.attributes("href"), *page.attributes("src")]
    assert tags.isdisjoint({"script", "img", "iframe", "object", "form", "base"})
    assert not [
        name for _, found in page.elements for name in found if name == "style" or name.startswith("on")
    ]
    assert [address for address in addresses if "//" in address and not address.startswith("data:")] == [
        "https://console.example.com/?a=1&b=2"
    ]
    assert page.elements[0] == ("html", {"lang": "en" if code is LanguageCode.EN else "zh-CN"})
    assert [tag for tag, _ in page.elements if tag == "h1"] == ["h1"]
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))
    assert {address[1:] for address in addresses if address.startswith("#")} <= set(ids)


@languages
def test_a_page_is_small(code: LanguageCode) -> None:
    """Ten steps, forty alerts and four channels, with what is wrong with them."""
    busy = records.busy()
    size = len(change_page(busy, visitor(code, console="https://console.example.com")).encode())

    assert busy.ledger is not None
    assert busy.ledger.observation is not None
    assert (len(busy.ledger.alerts), len(busy.ledger.channels)) == (38, 4)
    assert len(busy.ledger.observation.steps) == 10
    assert size < BYTES_MAX


@languages
def test_an_overview_of_a_thousand_changes_passes_every_gateway(code: LanguageCode) -> None:
    """Its rows are lean."""
    page = overview_page(fleet(1000, 50), 0, visitor(code))

    assert len(page.encode()) < OVERVIEW_BYTES_MAX
    assert page.count('<li class="row ') == 1000
    assert page.count('<li class="end ') == 50


@pytest.mark.parametrize(
    ("page", "tab"),
    [
        (change_page(records.running(), visitor()), "68% orders · Headway"),
        (change_page(records.stalled(), visitor()), "! 68% orders · Headway"),
        (change_page(records.completed(), visitor(LanguageCode.ZH)), "已完成：orders · Headway"),
        (change_page(records.failed(), visitor()), "Failed: orders · Headway"),
        (change_page(records.dropped(), visitor()), "No longer followed: orders · Headway"),
        (change_page(records.unseen(), visitor()), f"Not looked at yet: {CHANGE} · Headway"),
        (overview_page([records.running()], 0, visitor()), "1 change running · Headway"),
        (overview_page([records.stalled()], 0, visitor()), "! 1 change running · Headway"),
        (overview_page([records.failed()], 0, visitor()), "! 1 change failed · Headway"),
        (overview_page([records.deaf()], 0, visitor()), "! 1 change running · Headway"),
        (overview_page([], 0, visitor(), NOW), "! Nothing is known to be running · Headway"),
        (overview_page([], 0, visitor(LanguageCode.ZH)), "当前没有进行中的变更 · Headway"),
        (error_page(404, visitor()), "Nothing here · Headway"),
    ],
)
def test_a_tab_says_how_things_stand(page: str, tab: str) -> None:
    """First of all how far it is, for there is little room."""
    assert f"<title>{tab}</title>" in page


@languages
def test_what_to_do_stands_beneath_the_name(code: LanguageCode) -> None:
    """Before how far it is; where one has to act with the way to the console, which is there but once."""
    somebody = visitor(code, console="https://console.example.com")
    failed, stalled, calm = (
        change_page(kept, somebody) for kept in (records.failed(), records.stalled(), records.running())
    )

    for page, action, after in (
        (failed, somebody.reader.language.actions[Action.ACT], "console.example.com"),
        (stalled, somebody.reader.language.actions[Action.CHECK], "17:11"),
    ):
        places = [page.lower().index(text) for text in ("</h1>", action.lower(), after, 'class="far"')]
        assert places == sorted(places)
    assert stalled.index('class="far"') < stalled.index("console.example.com")
    assert f"<small>{somebody.reader.language.actions[Action.NONE]}</small>" in calm
    assert 'class="need' not in calm


def test_no_bar_is_drawn_of_an_end_without_a_percentage() -> None:
    """It would look as if nothing had been done."""
    bar = re.compile(r'<svg class="bar" role="img"')

    assert not bar.search(change_page(records.cancelled(), visitor()))
    assert not bar.search(change_page(record(observation=Observation(Phase.COMPLETED)), visitor()))
    assert bar.search(change_page(record(observation=Observation(Phase.COMPLETED, 100)), visitor()))
    assert bar.search(change_page(record(observation=Observation(Phase.RUNNING)), visitor()))


def test_the_log_of_a_short_change_tells_seconds() -> None:
    """That of a long one does not."""
    assert "<time>17:50:47</time>" in change_page(records.brief(), visitor())
    assert "<time>17:40</time>" in change_page(records.failed(), visitor())


@languages
def test_the_clock_is_named_once_near_the_top(code: LanguageCode) -> None:
    """Before the first time that is told by it."""
    zone = visitor(code).words.zone.format(zone="Asia/Shanghai")
    change = change_page(records.running(), visitor(code))
    overview = overview_page([records.running()], 0, visitor(code))

    assert (change.count(zone), overview.count(zone)) == (1, 1)
    assert change.index(zone) < change.index("17:51")
    assert overview.index(zone) < overview.index("17:51")


@languages
def test_a_refused_key_is_told_before_the_heading(code: LanguageCode) -> None:
    """Even where there is no change; and nowhere if the key is accepted."""
    for kept in ([], [records.running()]):
        page = overview_page(kept, 0, visitor(code), NOW - timedelta(hours=2))
        assert page.index('class="card refused warning"') < page.index("15:52") < page.index("<h1>")
        assert "refused warning" not in overview_page(kept, 0, visitor(code))


def test_a_channel_in_trouble_is_no_failure_of_the_change() -> None:
    """Its colour is that of a warning, also beside a failure."""
    kept = records.failed().ledger
    assert kept is not None
    channels = {"ops": ChannelState(0, refused_since=NOW)}
    page = overview_page([record(replace(kept, channels=channels))], 0, visitor())

    assert '<li class="row failure">' in page
    assert re.search('<p class="trouble warning">.*Channel ops has refused messages', page, re.DOTALL)


def test_the_sign_of_a_tab_closes_as_the_change_gets_on() -> None:
    """In the colour of its state; what is over has a sign of its own."""

    def sign(page: str) -> str:
        return unquote(re.findall(r'rel="icon" href="data:image/svg\+xml,([^"]*)"', page)[0])

    assert "stroke='#2563eb' pathLength='100' stroke-dasharray='68 100'" in sign(
        change_page(records.running(), visitor())
    )
    assert "stroke='#d97706' pathLength='100' stroke-dasharray='68 100'" in sign(
        change_page(records.stalled(), visitor())
    )
    assert "stroke='#6b7280' pathLength='100' stroke-dasharray='68 100'" in sign(
        change_page(records.dropped(), visitor())
    )
    nothing_done = record(observation=Observation(Phase.RUNNING, 0))
    assert "pathLength='100' stroke-dasharray='0 100'" in sign(change_page(nothing_done, visitor()))
    assert "fill='#15803d'/><path" in sign(change_page(records.completed(), visitor()))
    assert "fill='#dc2626'/><path" in sign(change_page(records.failed(), visitor()))
    assert sign(error_page(404, visitor())).count("<circle") == 1


def test_the_policy_allows_the_one_style_sheet() -> None:
    """The hash is that of what stands in the page, to the letter; and it holds for every page."""
    for page in (
        change_page(records.busy(), visitor()),
        overview_page([], 0, visitor()),
        error_page(401, visitor()),
    ):
        (sheet,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
        digest = re.fullmatch(r"'sha256-(.+)'", style_source())

        assert digest
        assert b64decode(digest[1]) == hashlib.sha256(sheet.encode()).digest()
        assert "/*" not in sheet


def test_what_comes_from_elsewhere_is_text() -> None:
    """Names, steps, details, codes and parameters; none is longer than it may be, and none turns the page."""
    page = change_page(records.hostile(), visitor())

    assert "<script" not in page
    assert escape(EVIL[0]) in page.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")
    assert "{{ 7 * 7 }}{% raw %}" in page
    assert "W" * 250 not in page
    assert not set(page) & set("\u202e\u2066\u2028\x00\ud800\r")
    assert len(page.encode()) < BYTES_MAX


@given(text=st.text(max_size=40))
def test_any_name_leaves_the_page_as_it_is(text: str) -> None:
    """The same elements, whatever a change is called."""
    kept = records.waiting()
    assert kept.ledger is not None
    named = kept._replace(ledger=replace(kept.ledger, name=text))
    page, plain = (Reading(change_page(one, visitor())) for one in (named, kept))

    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    assert change_page(named, visitor()).encode()


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (records.waiting(), "No steps are known yet."),
        (records.unseen(), "No channel listens to this change."),
        (records.unseen(), "Nothing has been told yet."),
        (records.failed(), "The API gives no cause."),
        (records.failed(), "Channels that have not heard all of it yet: mail"),
        (records.completed(), "3 brokers, 300 GB → 600 GB, kafka.4u8g.cluster"),
        (records.counted(), "63 steps completed · 1 step failed · 2 steps running · 58 steps waiting"),
        (record(observation=Observation(Phase.RUNNING)), "progress unknown"),
        (records.busy(), "invalid_token"),
        (records.running(), CHANGE.task_id),
    ],
)
def test_what_is_known_is_told_and_what_is_not_as_well(kept: Record, told: str) -> None:
    """In words, wherever it comes from."""
    assert told in change_page(kept, visitor())


def test_no_estimate_is_drawn_where_none_is_told() -> None:
    """Nothing moves, or is seen."""
    assert 'class="ahead"' in change_page(records.running(), visitor())
    assert 'class="ahead"' not in change_page(records.stalled(), visitor())


@pytest.mark.parametrize("made", [records.dropped, records.unwatched])
def test_what_nobody_has_seen_is_not_drawn(made: Callable[[], Record]) -> None:
    """All is as it was when it was last seen, whenever somebody looks, and no present is marked."""
    page, later = (
        change_page(made(), visitor()._replace(now=now)) for now in (NOW, NOW + timedelta(minutes=30))
    )

    assert not {'class="ahead"', 'class="present"'} & set(re.findall(r'class="\w+"', page))
    drawn, drawn_later = (re.findall("<(?:rect|poly|td)[^/]*", text) for text in (page, later))
    assert drawn == drawn_later
    assert "1 h 36 min" in page


def test_nothing_is_drawn_of_a_change_that_has_not_begun() -> None:
    """Nor of one of which nothing but a phase is known."""
    for kept in (
        records.waiting(),
        records.unseen(),
        record(observation=Observation(Phase.RUNNING, 5), samples=()),
    ):
        assert '<svg class="axis"' not in change_page(kept, visitor())


def test_an_overview_without_changes_says_how_to_get_some() -> None:
    """A friendly start."""
    assert "No changes yet" in overview_page([], 0, visitor())
    assert "No changes yet" not in overview_page([records.completed()], 0, visitor())
    assert "… and 3 changes more that Headway follows" in overview_page([records.running()], 3, visitor())


@languages
@pytest.mark.parametrize("status", [400, 401, 404, 405, 500, 503, 599])
def test_an_error_says_what_to_do(status: int, code: LanguageCode) -> None:
    """In the visitor's language; where to go on, unless one has to sign in first."""
    page = Reading(error_page(status, visitor(code)))

    assert page.texts["h1"]
    assert str(status) in page.texts["p"]
    assert ("../../" in page.attributes("href")) is (status != 401)


@languages
@pytest.mark.parametrize("has_failed", [False, True])
def test_one_signs_in_by_a_form_that_goes_to_the_very_page(code: LanguageCode, *, has_failed: bool) -> None:
    """The token is typed in unseen, and password managers know what it is; a wrong one is told as such."""
    document = error_page(401, visitor(code), sign_in=SignIn(has_failed=has_failed))
    page = Reading(document)
    elements = dict(page.elements)
    (form,) = [attributes for tag, attributes in page.elements if tag == "form"]
    (user, token) = [attributes for tag, attributes in page.elements if tag == "input"]

    assert form == {"method": "post"}
    assert (user["autocomplete"], "hidden" in user) == ("username", True)
    assert (token["type"], token["name"], token["autocomplete"]) == ("password", FIELD, "current-password")
    assert ("required" in token, "value" in token) == (True, False)
    assert elements["label"] == {"for": token["id"]}
    assert "button" in elements
    assert ("alert" in page.attributes("role")) is ("aria-invalid" in token) is has_failed
    assert (visitor(code).words.sign_in_failed in document) is has_failed


@languages
def test_where_there_is_no_token_nobody_is_asked_for_one(code: LanguageCode) -> None:
    """The page says why instead; other errors have no form either."""
    closed = error_page(401, visitor(code))

    assert "http.token" in closed
    assert "<form" not in closed + error_page(404, visitor(code))


def test_an_error_leads_to_the_overview_from_wherever_it_came() -> None:
    """Without a configured address that depends on where one is."""
    assert 'href="./"' in error_page(503, visitor(), Spot.OVERVIEW)
    assert 'href="../../"' in error_page(404, visitor(), Spot.CHANGE)


def test_the_page_is_to_be_had_in_the_other_language() -> None:
    """The link says so in that language."""
    assert '<a href="?lang=zh" lang="zh-CN" hreflang="zh-CN">中文</a>' in change_page(
        records.running(), visitor()
    )
    chinese = overview_page([], 0, visitor(LanguageCode.ZH, language=LanguageCode.ZH))
    assert '<a href="?lang=en" lang="en" hreflang="en">English</a>' in chinese
    assert '<span aria-current="true">中文</span>' in chinese


RUNNING, OVER = records.running(), records.failed()
HEARD: Final = records.completed()._replace(is_active=True)
WAITING: Final = records.waiting()


@pytest.mark.parametrize(
    ("shown", "asked", "seconds"),
    [
        (RUNNING, None, 10),
        (WAITING, None, 10),
        (records.unseen(), None, 10),
        (OVER, None, 60),
        (HEARD, None, None),
        (records.completed(), None, None),
        (RUNNING._replace(is_active=False), None, None),
        (RUNNING, 30, 30),
        (RUNNING, NEVER, None),
        (HEARD, 5, 5),
        ([], None, 60),
        ([WAITING, OVER], None, 60),
        ([WAITING, RUNNING], None, 10),
        ([RUNNING._replace(is_active=False)], None, 60),
        ([RUNNING], NEVER, None),
    ],
)
def test_a_page_refreshes_itself_while_there_is_news_to_come(
    shown: Record | list[Record], asked: int | None, seconds: int | None
) -> None:
    """Unless something else was asked for."""
    pace = change_pace(shown) if isinstance(shown, Record) else overview_pace(shown)

    assert refresh_seconds_of(pace, visitor(refresh_seconds=asked)) == seconds


def test_refreshing_can_be_paused_and_resumed() -> None:
    """By a link near the top, for whoever reads or goes by keyboard."""
    going = change_page(RUNNING, visitor())
    assert 'href="?refresh=off" aria-label="Refreshes every 10 s: pause"' in going
    assert going.index("?refresh=off") < going.index("<h1>")
    resting = overview_page([], 0, visitor(refresh_seconds=NEVER, language=LanguageCode.EN))
    assert 'href="?lang=en" aria-label="Not refreshing: resume"' in resting
    assert "refresh=off" not in change_page(HEARD, visitor())


def test_links_lead_from_row_to_page_and_back() -> None:
    """With what was asked for."""
    somebody = visitor(base_path="/headway", refresh_seconds=NEVER)
    row = records.running()._replace(change=ChangeId("i", "t"))

    assert 'href="/headway/changes/i/t?refresh=off"' in overview_page([row], 0, somebody)
    assert 'href="/headway/?refresh=off"' in change_page(row, somebody)


def test_the_moment_of_the_page_stands_in_it() -> None:
    """By which clock as well."""
    assert "as of 2026-11-24 17:52 Asia/Shanghai" in overview_page([], 0, visitor()._replace(now=NOW))
