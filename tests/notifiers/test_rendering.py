"""How letters look in each form, that they fit, and that nothing from outside becomes part of a form."""

from __future__ import annotations

import html.parser
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers import forms, markup
from notifiers.alerts import Alert, Kind
from notifiers.forms import BRIEF_BYTES_MAX, FAMILIES, MAIL_TEXT, SERVERCHAN, Form, octets
from notifiers.languages import CHINESE, ENGLISH, Language
from notifiers.messages import Content, Digest, Link, Message, Place, StepLine, compose, digest
from notifiers.operations import Order, Specification
from notifiers.rendering import Letter, write
from notifiers.samples import NOW as SAMPLED_AT
from notifiers.samples import sample, sample_digest
from notifiers.samples import trial_message as make_test_message
from notifiers.saying import Reader
from notifiers.titles import title_parts
from tests.notifiers.contents import CONTENTS, EXAMPLES, LANGUAGES_OF
from tests.notifiers.examples import LINKS, NOW, alert, many_steps, situation, step_message

READER: Final = Reader()
CHINESE_READER: Final = Reader(CHINESE, ZoneInfo("Asia/Shanghai"))
FORMS: Final = {**FAMILIES, "mail_text": MAIL_TEXT, "serverchan": SERVERCHAN}
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
READERS = st.sampled_from([READER, CHINESE_READER])
READERS_BY_CODE: Final = {"en": READER, "zh": CHINESE_READER}
HOSTILE: Final = (
    "<script>alert(1)</script>",
    "</td><img src=x onerror=alert(1)>",
    "@everyone @here <@U1> <!channel> <@&1> ＠all",
    "`a` ```b``` **c** __d__ ~~e~~ ||f||",
    "[g](https://evil.example) https://evil.example www.evil.example",
    '"}, {"tag": "img"}, {"x": "',
    "\r\n\r\n# heading\n- item\n1. one\n> quote",
    "{{ title }} {% raw %} {# no #}",
    "/stop #tag :tada: <t:1:R>",
    "\u202eright to left\u2066",
    "🙂" * 2500,
    "half \ud83d a pair",
)


def body(content: Content, form: Form, reader: Reader = READER) -> str:
    """The body alone."""
    return write(content, reader, form).body


def whole(letter: Letter, form: Form = forms.PLAIN) -> str:
    """What is sent as one text: title and body, unless the body holds the title."""
    return letter.body if form.holds_title else f"{letter.marked_title}\r\n{letter.body}"


def named(name: str, *kinds: Kind, repeat_upto: int = 0, **fields: Any) -> Message:  # noqa: ANN401 - any field
    """A message about a change with this name and a long address, with alerts such as the samples have."""
    base = sample(kinds[0]).situation
    page = f"https://abc123.apig.cn-north-4.huaweicloudapis.com/headway/changes/{base.change_id}"
    state = msgspec.structs.replace(
        base, name=name, links=(Link(Place.STATUS_PAGE, page), base.links[1]), **fields
    )
    told = (msgspec.structs.replace(sample(kind).headline, number=n) for n, kind in enumerate(kinds, 1))
    return compose(list(told), state, repeat_upto)


def test_a_plain_letter_reads_from_top_to_bottom() -> None:
    """What happened first, then how it stands, and where to read on."""
    letter = write(sample(Kind.STEP_FAILED), READER, forms.PLAIN)

    assert letter.title == "FAILED: orders at Rolling restart · step 3 of 4 · 60% · action needed"
    assert letter.body.splitlines() == [
        "██████░░░░ 60%",
        "",
        "FAILED at Rolling restart after 5 minutes 11 seconds",
        ENGLISH.no_cause,
        "",
        "Ordered by: lin.mei, 2026-11-24 09:26 UTC",
        "Parameters: oper_type=storage, new_storage_space=600",
        "Instance: 3 brokers, 300 GB, kafka.4u8g.cluster",
        "",
        "✓ Pre-check · 43 s",
        "✓ Disk expansion · 19 min",
        "✗ Rolling restart",
        "· Final check",
        "",
        "As of 2026-11-24 09:52 UTC",
        "Console: https://console.huaweicloud.com/dms/?region=cn-north-4",
        (
            "Status page: https://headway.example.com/changes/"
            "6b0e3a52-4f1d-4c2e-9a57-8d1f0c7be210/f2c8d1a4-0b7e-4e63-8f35-51c9a6d20e78"
        ),
    ]
    assert (letter.page, letter.colour) == (
        "https://console.huaweicloud.com/dms/?region=cn-north-4",
        "#b91c1c",
    )


def test_a_plain_digest_reads_from_top_to_bottom() -> None:
    """The worst change first, and where to read on below."""
    assert body(sample_digest(), forms.PLAIN).splitlines() == [
        "billing: FAILED at Rolling restart after 5 minutes 11 seconds · step 3 of 4 · 60% · action needed",
        "orders: capacity change completed in 37 minutes",
        (
            "search: Disk expansion completed in 19 minutes · step 2 of 4 · 60% · about 19 minutes left"
            " · done around 10:10"
        ),
        "",
        "Status page: https://headway.example.com",
        "Console: https://console.huaweicloud.com/dms/?region=cn-north-4",
    ]


def one_step(*, with_next: bool) -> Message:
    """A step is done, and perhaps the next begun, of a change with ids as they are and a page."""
    base = sample(Kind.STEP_COMPLETED)
    begun = Alert(8, Kind.STEP_STARTED, "step_started:rolling_restart#1", SAMPLED_AT, step="rolling_restart")
    return compose([base.headline, begun] if with_next else [base.headline], base.situation, 0)


@pytest.mark.parametrize("with_next", [False, True])
@pytest.mark.parametrize("timezone", ["UTC", "Asia/Shanghai", "America/Los_Angeles"])
@pytest.mark.parametrize("form", [forms.PLAIN, forms.NTFY], ids=["plain", "ntfy"])
def test_a_message_on_a_step_is_short_and_says_it_all(form: Form, timezone: str, *, with_next: bool) -> None:
    """In 400 bytes, title and link included, in both languages; with all four steps of the change."""
    zone = ZoneInfo(timezone)
    english, chinese = (
        write(one_step(with_next=with_next), Reader(language, zone), form) for language in (ENGLISH, CHINESE)
    )

    assert octets(whole(english)) <= BRIEF_BYTES_MAX
    assert octets(whole(chinese)) <= BRIEF_BYTES_MAX
    assert english.title.startswith(
        "orders: Disk expansion completed in 19 minutes · step 2 of 4 · 60% · about 19 minutes left · done "
    )
    assert english.title.endswith(" · no action needed")
    for said in ("✓ Pre-check · 43 s\n✓ Disk expansion · 19 min\n▶ Rolling restart\n· Final check", timezone):
        assert said in english.body
    for said in ("✓ 预检查 · 43 秒\n✓ 磁盘扩容 · 19 分钟\n▶ 滚动重启\n· 最终检查", timezone):
        assert said in chinese.body
    if form is forms.PLAIN:
        assert str(english.page) in english.body
        assert str(chinese.page) in chinese.body


def test_with_a_long_list_the_current_step_and_the_link_stay() -> None:
    """What a short message has no room for is in the middle."""
    base = one_step(with_next=True)
    steps = many_steps(30, 14)
    state = situation(name="orders", percent=45, steps=steps, links=base.situation.links, seen_at=NOW)
    letter = write(compose([alert(1, Kind.STEP_STARTED, step="step_14")], state, 0), READER, forms.PLAIN)

    assert octets(whole(letter)) <= BRIEF_BYTES_MAX
    assert "▶ step_14" in letter.body
    assert "✓ step_0" in letter.body
    assert "· step_29" in letter.body
    assert str(letter.page) in letter.body


def test_a_failure_is_never_as_short() -> None:
    """Whoever has to act needs all of it; nor is a test of what people will get."""
    assert octets(body(sample(Kind.FAILED), forms.PLAIN)) > BRIEF_BYTES_MAX
    assert "Parameters: " in body(make_test_message("ops", NOW), forms.PLAIN)


@pytest.mark.parametrize("reader", [READER, CHINESE_READER])
@each_form
def test_a_test_says_so_in_its_title_and_in_its_body(form: Form, reader: Reader) -> None:
    """Whoever opens it reads that nothing has happened."""
    letter = write(make_test_message("ops", NOW), reader, form)

    assert letter.title.startswith(f"{reader.language.test} · ")
    assert reader.language.test_note in re.sub(r"<[^>]*>", "", letter.body)


@each_form
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_fits(name: str, form: Form) -> None:
    """In the unit that the service counts in; a body is never empty, because services refuse that."""
    for language in LANGUAGES_OF[name]:
        letter = write(EXAMPLES[name], READERS_BY_CODE[language], form)

        assert 0 < form.size(whole(letter, form)) <= form.size_max
        assert letter.body
        assert 0 < len(letter.title) <= form.title_length_max
        assert letter.title.isprintable()
        assert letter.complaint is None


@pytest.mark.parametrize("first", range(4))
@given(content=CONTENTS, reader=READERS)
def test_anything_fits(content: Content, reader: Reader, first: int) -> None:
    """Whatever the texts in it, in each form; four share what is made up, for that takes longest."""
    for form in [*FORMS.values()][first::4]:
        letter = write(content, reader, form)

        assert form.size(whole(letter, form)) <= form.size_max
        assert letter.body.strip()
        assert 0 < len(letter.title) <= form.title_length_max
        assert letter.title.isprintable()
        assert whole(letter).encode()


@pytest.mark.parametrize("form", [forms.PLAIN, forms.MARKDOWN], ids=["plain", "markdown"])
@given(content=CONTENTS, reader=READERS, length_max=st.integers(40, 3000))
def test_anything_fits_where_there_is_less_room(
    content: Content, reader: Reader, length_max: int, form: Form
) -> None:
    """Into a text message as well, title and body together."""
    letter = write(content, reader, form, length_max=length_max)

    assert len(whole(letter)) <= length_max
    assert letter.body


LONG_NAME: Final = "prod-payments-kafka-cluster-01-eu-west-101-payments-and-settlements-blue-green"


@pytest.mark.parametrize("reader", [READER, CHINESE_READER], ids=["en", "zh"])
@pytest.mark.parametrize("name", ["orders", "prod-payments-kafka-cluster-01", LONG_NAME])
@each_form
def test_what_a_short_title_loses_the_body_tells(form: Form, name: str, reader: Reader) -> None:
    """Of every kind: name, what happened, how far, what is to be done, and that it may be a repeat."""
    for kind, length_max in product(Kind, (form.title_length_max, 32)):
        message = named(name, kind, repeat_upto=1)
        letter = write(message, reader, form._replace(title_length_max=length_max))
        told = f"{letter.title}\n{letter.body}".casefold()
        parts = title_parts(message, reader)

        assert [part for part in parts if form.escape(part).strip('"').casefold() not in told] == []
        assert parts[-1] == reader.language.repeat
        if not form.holds_title and letter.title != form.escape(" · ".join(parts)):
            assert letter.body.startswith(f"{form.escape(' · '.join(parts))}\n")


@each_form
def test_what_the_short_title_of_a_digest_loses_the_body_tells(form: Form) -> None:
    """All counts."""
    letter = write(digest([sample(kind) for kind in Kind], ()), READER, form._replace(title_length_max=32))
    rest = f"{len(Kind) - 4} others ({len(Kind)} changes)"
    full = f"FAILED: 1, no longer found: 1, FAILED at a step: 1, cancelled: 1, {rest}"

    assert form.escape(full).strip('"') in f"{letter.title}\n{letter.body}"


@each_form
def test_a_title_that_is_whole_is_said_once(form: Form) -> None:
    """Where the body holds it, it is not above that as well."""
    message = sample(Kind.DELAYED)
    lead = "orders: 15 minutes later than first estimated"
    room = form._replace(title_length_max=250)

    assert len(re.findall(lead, re.sub(r"<head>.*</head>", "", body(message, room), flags=re.DOTALL))) == (
        form.holds_title + (form is forms.TEAMS)
    )


@each_form
def test_a_letter_that_just_fits_is_not_shortened(form: Form) -> None:
    """A title counts once, wherever it stands."""
    message = sample(Kind.STALLED)
    letter = write(message, READER, form)
    size = form.size(whole(letter, form))

    assert write(message, READER, form._replace(size_max=size)).body == letter.body
    assert write(message, READER, form._replace(size_max=size - 1)).body != letter.body


@pytest.mark.parametrize("language", [ENGLISH, CHINESE], ids=["en", "zh"])
@pytest.mark.parametrize("timezone", ["UTC", "Asia/Shanghai"])
@pytest.mark.parametrize(
    "name",
    ["orders", "production-orders-eu-central", "prod-payments-kafka-cluster-01-eu-west-101", LONG_NAME],
)
@pytest.mark.parametrize("form", [forms.PLAIN, forms.NTFY], ids=["plain", "ntfy"])
def test_of_two_pieces_of_news_a_short_message_tells_both(
    form: Form, name: str, timezone: str, language: Language
) -> None:
    """Within 400 bytes for ordinary names and addresses; the link goes before the news does."""
    reader = Reader(language, ZoneInfo(timezone))
    late = SAMPLED_AT.replace(hour=15)
    letter = write(
        named(name, Kind.STEP_COMPLETED, Kind.STEP_STARTED, seen_at=late, remaining_seconds=1124),
        reader,
        form,
    )

    told = whole(letter)
    assert language.steps["disk_expansion"] in letter.title
    assert language.steps["rolling_restart"] in letter.body
    assert octets(told) <= BRIEF_BYTES_MAX
    assert "https://" in told or form is forms.NTFY or name != "orders"


@pytest.mark.parametrize("repeat_upto", [0, 1, 2])
def test_to_tell_all_is_worth_more_than_to_be_short(repeat_upto: int) -> None:
    """Where 400 bytes cannot hold it, and each mark of a repeat with it; a service's own limit stays one."""
    alerts = [
        alert(1, Kind.STEP_COMPLETED, step="步" * 80),
        alert(2, Kind.STEP_STARTED, step="骤" * 80),
    ]
    message = compose(alerts, situation(name="名" * 80, percent=5, seen_at=NOW, links=LINKS), repeat_upto)
    letter, short = write(message, READER, forms.PLAIN), write(message, READER, forms.PLAIN, length_max=220)

    told = whole(letter)
    assert BRIEF_BYTES_MAX < octets(told) <= forms.PLAIN.size_max
    assert "https://" not in told
    for text in ("步" * 80, "骤" * 80, "名" * 80):
        assert text in told
    assert (told.count("possible repeat") > 0) is (repeat_upto > 0)
    assert len(whole(short)) <= 220
    assert octets(whole(short)) > BRIEF_BYTES_MAX
    assert ("… and 1 more (possible repeat)" if repeat_upto == 1 else "… and 1 more") in short.body


def test_a_title_is_not_cut_where_something_else_can_be_left_out() -> None:
    """Versions are tried one after the other, for a later one may be longer."""
    message = named("x" * 80, Kind.STEP_COMPLETED)
    letter = write(message, Reader(ENGLISH, ZoneInfo("Asia/Shanghai")), forms.PLAIN)

    assert letter.title not in letter.body
    assert letter.title.startswith("x" * 80)
    assert letter.title.endswith(" · no action needed")
    assert octets(whole(letter)) <= BRIEF_BYTES_MAX


@pytest.mark.parametrize("reader", [READER, CHINESE_READER], ids=["en", "zh"])
@pytest.mark.parametrize("size_max", [150, 400])
@pytest.mark.parametrize("form", [forms.WECOM, forms.DINGTALK, forms.TELEGRAM, forms.PLAIN, forms.MARKDOWN])
def test_where_there_is_hardly_any_room_a_title_is_cut_to_what_there_is(
    form: Form, size_max: int, reader: Reader
) -> None:
    """Counted as the service counts, and once where the body holds it."""
    message = named("名" * 80, Kind.STALLED, Kind.CHANNEL_REFUSED, repeat_upto=2)
    tiny = form._replace(size_max=size_max)
    letter = write(message, reader, tiny)

    assert size_max // 3 < form.size(whole(letter, form)) <= size_max
    assert "名名" in whole(letter, form)
    if form.holds_title:
        assert len(re.findall("名+", letter.body)) == 1


def test_where_there_is_little_room_the_link_goes_before_the_news() -> None:
    """What a title has told is no news; that something is left out is said."""
    message = named("orders", Kind.STEP_COMPLETED, Kind.STALLED, Kind.CHANNEL_REFUSED, repeat_upto=1)
    short, shorter = (write(message, READER, forms.PLAIN, length_max=length) for length in (330, 250))

    assert "https://" not in short.body
    assert short.body.startswith("██████░░░░ 60%")
    assert "… and 2 more (possible repeat)\nChannel ops-slack refuses messages: Its service" in short.body
    assert "\n\n… and 2 more (possible repeat)\n\n" in shorter.body


def test_where_there_is_little_room_the_link_goes_last() -> None:
    """And then what has happened stays."""
    failed = sample(Kind.STEP_FAILED)
    sizes = {length: write(failed, READER, forms.PLAIN, length_max=length) for length in (700, 420, 330, 128)}

    assert "Final check" in sizes[700].body
    assert "Final check" not in sizes[420].body or "more" in sizes[420].body
    assert "✗ Rolling restart" in sizes[420].body or "Status page" in sizes[420].body
    assert "Status page: https" in sizes[330].body
    assert "https" not in sizes[128].body
    assert sizes[128].title.startswith("FAILED: orders at Rolling restart")


def test_a_digest_shows_as_many_changes_as_there_is_room_for() -> None:
    """The worst first, the others are counted; mail has room for three hundred."""
    crowd = EXAMPLES["digest_0"]
    assert isinstance(crowd, Digest)
    plain, mail = body(crowd, forms.PLAIN), body(crowd, MAIL_TEXT)
    shown = len(re.findall(r": FAILED at ", plain))

    assert 3 < shown < 30
    assert f"… and {500 - shown} more" in plain
    assert "https://headway.example.com" in plain
    assert len(re.findall(r": FAILED at ", mail)) == 300
    assert "… and 200 more" in mail


def hostile(text: str) -> list[Content]:
    """Content with such a text wherever one can stand: name, step, status, detail, channel, order, flavor."""
    state = situation(
        name=text,
        percent=40,
        remaining_seconds=60,
        steps=(
            StepLine(text, "running", text),
            StepLine(text, "unknown", text, 5),
            StepLine(text, "odd", text),
        ),
        links=(
            Link(Place.STATUS_PAGE, "https://p.example/a"),
            Link(Place.CONSOLE, "https://c.example/b?x=1&y=2"),
        ),
        seen_at=NOW,
        order=Order(text, NOW, ((text, text), (text, text))),
        specification=Specification(text, 3, 300),
        specification_now=Specification(f"{text}2", 6, 600),
    )
    told = [
        alert(1, Kind.STEP_COMPLETED, step=text, step_seconds=9),
        alert(2, Kind.CHANNEL_REFUSED, channel=text, detail=text),
        alert(3, Kind.STEP_FAILED, step=text, detail=text),
    ]
    message = compose(told, state, 1)
    return [
        message,
        digest([message, compose(told[:2], state, 0)], (Link(Place.STATUS_PAGE, "https://p.example"),)),
    ]


class Skeleton(html.parser.HTMLParser):
    """What of a document is markup: tags with their attributes."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(f"<{tag} {sorted(attrs, key=str)}>")

    def handle_endtag(self, tag: str) -> None:
        """Note its end."""
        self.tags.append(f"</{tag}>")

    def handle_comment(self, data: str) -> None:
        """Note a comment, of which we write none."""
        self.tags.append(f"<!--{data}-->")


def keys_and_tags(card: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    """What of a card is its form: its keys, and of its values all that no text from outside is."""
    for key, value in card.items() if isinstance(card, dict) else enumerate(card):
        if isinstance(value, (dict, list)):
            yield str(key)
            yield from keys_and_tags(value)
        elif key in {"content", "text", "title", "fallbackText"}:
            yield f"{key}=…"
        else:
            yield f"{key}={value}"


def skeleton(letter: Letter, form: Form) -> list[str]:
    """What is left of a letter without its texts."""
    if form.is_card:
        return list(keys_and_tags(json.loads(letter.body)))
    if form.folder in {"mail", "telegram"}:
        parser = Skeleton()
        parser.feed(letter.body)
        parser.close()
        return [tag for tag in parser.tags if not tag.startswith("<title")]
    if form.folder == "slack":
        return re.findall(r"<[^>|]*\||[<*`~@#]", letter.body)
    return re.findall(
        r"\]\([^)]*\)|</?[^>]*>|[*`~|\\@]|^#+ |^> |^- |^\d+[.)] |://", letter.body, re.MULTILINE
    )


@cache
def harmless_skeletons(form: Form, code: str) -> list[list[str]]:
    """What is left of letters with harmless texts."""
    return [skeleton(write(good, READERS_BY_CODE[code], form), form) for good in hostile("harmless")]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("code", READERS_BY_CODE)
@pytest.mark.parametrize(
    "form",
    [form for name, form in FORMS.items() if name != "json"],
    ids=[name for name in FORMS if name != "json"],
)
def test_a_hostile_text_changes_no_more_of_a_letter_than_its_text(form: Form, code: str, text: str) -> None:
    """Its markup is that of the same letter with harmless texts: no tag, no mention, no link more."""
    room = form._replace(size_max=10**7)
    for bad, good in zip(hostile(text), harmless_skeletons(room, code), strict=True):
        letter = write(bad, READERS_BY_CODE[code], room)

        if form.escape is not markup.plain:
            assert skeleton(letter, form) == good
        assert not re.search(r"://(?:www\.)?evil|www\.evil", letter.body) or form.is_card


def test_a_service_that_nothing_is_known_of_calls_nobody_and_links_nothing() -> None:
    """It may know Markdown, and show titles as texts: so Mattermost and Rocket.Chat do."""
    for content in hostile("@channel @all https://evil.example [a](b) *c* <d>"):
        letter = write(content, READER, forms.PLAIN)
        assert not re.search(r"[@*<\[]|://evil", f"{letter.title}{letter.body}")
        assert "＠channel ＠all https：//evil.example" in letter.body


@given(content=CONTENTS, reader=READERS)
def test_on_slack_only_our_links_are_links(content: Content, reader: Reader) -> None:
    """Every `<` in it opens one, so nobody is mentioned and nothing else is linked."""
    letter = write(content, reader, forms.SLACK)
    left = re.sub(r"<https://[^<>|]*\|[^<>]*>", "", letter.body)

    assert not re.search(r"[<>*`~@#]", left)
    assert not re.search(r"[<>*`~@#]", letter.marked_title)


@pytest.mark.parametrize("form", [forms.FEISHU, forms.TEAMS], ids=["feishu", "teams"])
@given(content=CONTENTS, reader=READERS)
def test_a_card_is_json_with_texts_only_where_there_is_no_markup(
    content: Content, reader: Reader, form: Form
) -> None:
    """On Feishu in `plain_text` elements, on Teams in text runs."""
    card = json.loads(body(content, form, reader))
    kinds = Counter(piece for piece in keys_and_tags(card) if piece.startswith(("tag=", "type=")))

    assert not {"tag=markdown", "tag=lark_md", "type=TextBlock"} & kinds.keys()
    if form is forms.TEAMS:
        assert set(card) <= {"$schema", "type", "version", "msteams", "fallbackText", "body", "actions"}
    else:
        assert set(card) == {"config", "header", "elements"}
        assert card["elements"]


@given(content=CONTENTS, reader=READERS)
def test_a_mails_document_is_whole(content: Content, reader: Reader) -> None:
    """Every tag that is opened is closed, and no script, style or event of others is in it."""
    parser = Skeleton()
    parser.feed(body(content, forms.MAIL, reader))
    parser.close()
    opened = Counter(tag[1:].partition(" ")[0] for tag in parser.tags if tag[1] not in "/!")
    closed = Counter(tag[2:-1] for tag in parser.tags if tag.startswith("</"))

    assert opened - Counter({void: opened[void] for void in ("meta", "br")}) == closed
    assert not {"script", "img", "iframe", "form", "object", "link", "svg"} & opened.keys()
    assert not any(re.search(r"\('on\w+',|javascript", tag) for tag in parser.tags)


@pytest.mark.parametrize("reader", [READER, CHINESE_READER], ids=["en", "zh"])
@each_form
def test_a_letter_is_in_one_language(form: Form, reader: Reader) -> None:
    """No word of ours is left in the other one."""
    letter = write(sample(Kind.UNREACHABLE), reader, form)
    text = re.sub(r"<style>.*?</style>|<[^>]*>", "", whole(letter), flags=re.DOTALL)

    if reader is CHINESE_READER and not form.is_card:
        assert not re.search(r"\b(please|left|step|for|the|no|answer)\b", text)
    if reader is READER:
        assert not re.search(r"[\u4e00-\u9fff]", text)


def test_a_letter_carries_what_services_want_besides() -> None:
    """Fields for machines with the same title, the page, the colour, and what it is made of."""
    message = step_message()
    letter = write(message, READER, forms.SLACK)

    assert letter.content is message
    assert letter.data["title"] == letter.title
    assert letter.data["language"] == "en"
    assert letter.page == message.situation.links[0].url
    assert letter.marked_title == letter.title
