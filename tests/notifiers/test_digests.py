"""How a digest reads, how much of it is shown where, and that nothing from outside becomes markup."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers import digests, wording
from notifiers.alerts import Kind, Severity
from notifiers.forms import PLAIN_BYTES_MAX, SLACK_LENGTH_MAX
from notifiers.messages import Digest, Link, digest
from tests.notifiers.examples import LINKS, OVERVIEW, fleet_digest, hostile_digest, told_of
from tests.notifiers.test_forms import LINKS as ANY_LINK
from tests.notifiers.test_forms import MESSAGES

DIGESTS = st.builds(
    digest, st.lists(MESSAGES, min_size=1, max_size=12), st.lists(ANY_LINK, max_size=2).map(tuple)
)
OUR_LINK = r"<https://(headway\.)?example\.com/?[^<>|]*\|[^<>]*>"


def many(count: int, kind: Kind = Kind.COMPLETED, repeats: tuple[int, ...] = ()) -> Digest:
    """A digest of so many changes of one kind, some of which may have been told already."""
    return digest([told_of(f"change-{n:03}", kind, is_repeat=n in repeats) for n in range(count)], OVERVIEW)


def title(*kinds: Kind) -> str:
    """The title of a digest of changes with these headlines."""
    return digests.title(digest([told_of("orders", kind) for kind in kinds], ()))


def test_the_title_counts_what_has_happened() -> None:
    """The worst first, in one short line."""
    assert digests.title(fleet_digest()) == "12 changes: 2 FAILED, 1 stalled, 9 completed"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.STARTED, "started"),
        (Kind.STEP_STARTED, "with a step started"),
        (Kind.STEP_COMPLETED, "with a step completed"),
        (Kind.MILESTONE, "partly done"),
        (Kind.STEP_FAILED, "with a FAILED step"),
        (Kind.COMPLETED, "completed"),
        (Kind.FAILED, "FAILED"),
        (Kind.LOST, "gone"),
        (Kind.CANCELLED, "cancelled"),
        (Kind.STALLED, "stalled"),
        (Kind.RESUMED, "moving again"),
        (Kind.DELAYED, "delayed"),
        (Kind.UNREACHABLE, "unreachable"),
        (Kind.RECOVERED, "reachable again"),
        (Kind.CHANNEL_REFUSED, "with a refusing channel"),
        (Kind.LEDGER_RESET, "begun anew"),
    ],
)
def test_every_kind_can_be_counted(kind: Kind, words: str) -> None:
    """In words that go with one change as with many."""
    assert title(kind) == f"1 change: 1 {words}"
    assert title(*[kind] * 12) == f"12 changes: 12 {words}"


def test_what_comes_after_the_four_worst_kinds_is_summed_up() -> None:
    """A title with sixteen counts would say less than one with five."""
    worst = [Kind.FAILED, Kind.STEP_FAILED, Kind.CANCELLED, Kind.STALLED]

    assert title(Kind.STARTED, *worst) == (
        "5 changes: 1 FAILED, 1 with a FAILED step, 1 cancelled, 1 stalled, 1 other"
    )
    assert title(*Kind).endswith(", 12 others")


def test_a_change_is_told_in_a_line_as_its_own_message_would_be_titled() -> None:
    """Names, figures and marks of repeats are the same in both."""
    assert [str(line) for line in digests.lines(fleet_digest())][:4] == [
        "audit: capacity change FAILED at rolling_scaling · 40 % · possible repeat",
        "carts: capacity change FAILED · 40 %",
        "payments: no progress for 30 min · 40 %",
        "orders-10: capacity change completed · took 10 min",
    ]


def test_a_plain_digest_reads_from_top_to_bottom() -> None:
    """The lines, and below them where to read on."""
    body = digests.plain(digest([told_of("b", Kind.COMPLETED), told_of("a", Kind.STALLED)], OVERVIEW))

    assert body.splitlines() == [
        "a: no progress for some time · 40 %",
        "b: capacity change completed",
        "",
        "Status page: https://headway.example.com",
        "Console: https://console.example.com/dms?region=eu-west-101&engine=kafka",
    ]


def test_on_slack_a_name_leads_to_its_change() -> None:
    """Only a page of its own is linked: the console's is the same for all and stands below."""
    without_page = told_of("orders", Kind.STARTED)
    alone = digest([without_page], (*OVERVIEW, *without_page.situation.links))

    assert digests.slack(fleet_digest()).splitlines()[1] == (
        "<https://headway.example.com/changes/INSTANCE/carts|carts>: capacity change FAILED · 40 %"
    )
    assert digests.slack(alone).splitlines()[0] == "orders: capacity change started · 40 %"
    assert digests.slack(fleet_digest()).endswith(
        "\n\n<https://headway.example.com|Status page>"
        " | <https://console.example.com/dms?region=eu-west-101&amp;engine=kafka|Console>"
    )


@pytest.mark.parametrize("form", [digests.plain, digests.slack])
def test_what_has_no_room_is_counted(form: object) -> None:
    """The worst are shown, the rest are said to be missing, and the links stay."""
    assert callable(form)
    lines = form(digest([*many(200).messages, told_of("zzz", Kind.FAILED)], OVERVIEW)).splitlines()
    shown = lines.index("") - 1

    assert "zzz" in lines[0]
    assert 10 < shown < 60
    assert lines[shown] == f"… and {201 - shown} more"
    assert "https://headway.example.com" in lines[shown + 2]


@pytest.mark.parametrize("form", [digests.plain, digests.slack])
def test_a_repeat_that_has_no_room_is_marked_where_it_is_counted(form: object) -> None:
    """Whoever hears it twice can tell, though its own line with the mark is missing."""
    assert callable(form)

    assert re.search(r"^… and \d+ more \(possible repeat\)$", form(many(200, repeats=(199,))), re.MULTILINE)
    assert re.search(r"^… and \d+ more$", form(many(200, repeats=(0,))), re.MULTILINE)


def test_a_title_is_marked_only_if_all_of_it_may_be_a_repeat() -> None:
    """One repeat among many is marked in its own line."""
    assert digests.title(many(2, repeats=(0, 1))) == "2 changes: 2 completed · possible repeat"
    assert digests.title(many(2, repeats=(0,))) == "2 changes: 2 completed"


def test_a_mail_has_room_for_three_hundred_lines() -> None:
    """More than that nobody reads."""
    assert digests.whole(many(300)).splitlines()[299].startswith("change-299: ")
    assert digests.whole(many(320, repeats=(310,))).splitlines()[299:301] == [
        "change-299: capacity change completed",
        "… and 20 more (possible repeat)",
    ]


def test_where_there_is_little_room_the_link_is_the_last_to_go() -> None:
    """A text message still says how many changes there are, and where to read on."""
    link = (Link("Status page", "https://headway.example.com"),)
    crowd = digest(fleet_digest().messages, link)

    assert digests.plain(crowd, 250).splitlines() == [
        "audit: capacity change FAILED at rolling_scaling · 40 % · possible repeat",
        "carts: capacity change FAILED · 40 %",
        "… and 10 more",
        "",
        "Status page: https://headway.example.com",
    ]
    assert digests.plain(crowd, 110) == "possible repeat\n\nStatus page: https://headway.example.com"
    assert digests.plain(crowd, 70) == "possible repeat"
    assert digests.plain(crowd, 10) == digests.title(crowd)


@pytest.mark.parametrize("form", [digests.plain, digests.slack])
def test_an_absurd_link_makes_no_digest_that_a_service_would_refuse(form: object) -> None:
    """A body is never empty either, because services refuse that."""
    assert callable(form)
    absurd = digest(many(9).messages, (Link("Console", f"https://example.com/{'x' * 4000}"),))

    assert form(absurd) == "9 changes: 9 completed"


@given(DIGESTS)
def test_a_plain_digest_is_never_empty_or_too_long(any_digest: Digest) -> None:
    """Title and body together stay within what WeCom takes, in bytes."""
    body = digests.plain(any_digest)

    assert body
    assert len(f"{digests.title(any_digest)}\r\n{body}".encode()) <= PLAIN_BYTES_MAX


@given(DIGESTS, st.integers(300, 3000))
def test_a_plain_digest_fits_where_there_is_less_room(any_digest: Digest, length_max: int) -> None:
    """Whatever a service takes, as long as it takes a few words at all."""
    body = digests.plain(any_digest, length_max)

    assert body
    assert len(f"{digests.title(any_digest)}\r\n{body}") <= length_max


@given(DIGESTS)
def test_a_slack_digest_is_never_too_long_and_holds_no_markup_but_our_links(any_digest: Digest) -> None:
    """Every `<` in it opens one of our own links, so nobody is mentioned and nothing else is linked."""
    body = digests.slack(any_digest)

    assert 0 < len(body) <= SLACK_LENGTH_MAX
    assert re.sub(OUR_LINK, "", body).count("<") == 0


@given(DIGESTS)
def test_a_title_counts_every_change_in_one_short_line(any_digest: Digest) -> None:
    """No text from outside is in it, so it is as short for any."""
    said = digests.title(any_digest)
    total, *counts = map(int, re.findall(r"\d+", said))

    assert total == sum(counts) == len(any_digest.messages)
    assert len(said) <= 150
    assert said.isprintable()


@given(DIGESTS)
def test_a_mails_text_holds_every_change_in_order(any_digest: Digest) -> None:
    """One line for each, as its own message would be titled."""
    titles = [wording.title(message) for message in any_digest.messages]

    assert digests.whole(any_digest).splitlines()[: len(titles)] == titles


def test_a_mention_in_a_name_is_dead_on_slack() -> None:
    """It is shown as it is, also as the label of a link."""
    body = digests.slack(hostile_digest())

    assert "<!" not in body
    assert "<@" not in body
    assert "/INSTANCE/T0|&lt;!channel&gt;>: FAILED at " in body
    assert len(body.splitlines()) == 9


def test_a_line_is_as_grave_as_its_headline() -> None:
    """Which is shown in colours where there are any."""
    graveness = [line.severity for line in digests.lines(fleet_digest())]

    assert graveness == [*[Severity.FAILURE] * 2, Severity.WARNING, *[Severity.SUCCESS] * 9]
    assert digests.lines(fleet_digest())[0].page != LINKS[1].url
