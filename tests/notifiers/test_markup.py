"""Nothing from outside becomes markup, a mention or a link, on any family of services."""

from __future__ import annotations

import html as html_module
import html.parser
import json
import re
import time
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifiers import markup

LIVE_IN_MARKDOWN: Final = re.compile(r"[<>\[\]*`~|\\#@]|://|(?<![^\W_])_|_(?![^\W_])|:[\w+-]+:")
TEXTS = st.text() | st.lists(
    st.sampled_from(
        [
            "<",
            ">",
            "&",
            "*",
            "_",
            "`",
            "[",
            "](",
            ")",
            "@all",
            "#x",
            "://",
            "/a",
            ":x:",
            "\n",
            "- ",
            "1. ",
            "a",
            " ",
        ]
    ),
    max_size=12,
).map("".join)


class Tags(html.parser.HTMLParser):
    """Collects the tags of a document, and its text."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag with its attributes."""
        self.tags.append(f"{tag} {attrs}")

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<@all> <font color=red>", "＜＠all＞ ＜font color=red＞"),
        ("@everyone", "＠everyone"),
        ("**bold** _it_ ~~x~~ `c` ||s||", "＊＊bold＊＊ ＿it＿ ～～x～～ ｀c｀ ｜｜s｜｜"),
        ("[a](https://e.example)", "［a］(https：//e.example)"),
        ("![](x)", "!［］(x)"),
        ("# title", "＃ title"),
        ("> quote", "＞ quote"),
        ("- item", "－ item"),
        ("  + item", "  ＋ item"),
        ("12. item", "12． item"),
        ("3) item", "3） item"),
        ("--- ", "－-- "),
        ("===", "＝=="),
        ("a\n# b\r\n- c", "a ＃ b - c"),
        (":tada: 07:23 a: b", "：tada: 07:23 a: b"),
        ("www.example.com", "www．example.com"),
        ("disk_expansion a__b", "disk_expansion a＿＿b"),
        ("1.5 GB, -5, a - b, 60%", "1.5 GB, -5, a - b, 60%"),
        ("orders: 滚动重启 · 60%", "orders: 滚动重启 · 60%"),
    ],
)
def test_in_markdown_what_would_be_markup_is_shown_as_its_twin(text: str, shown: str) -> None:
    """Which looks much the same; ordinary names and figures stay as they are."""
    assert markup.markdown(text) == shown


@given(TEXTS)
def test_no_live_character_is_left_in_markdown(text: str) -> None:
    """Nor a line break, after which a heading or a list could begin; and no character is lost."""
    escaped = markup.markdown(text)

    assert not LIVE_IN_MARKDOWN.search(escaped)
    assert len(escaped.splitlines()) <= 1
    assert not re.match(r"\s*(?:[-+=]|\d+[.)](?!\S))", escaped)
    assert len(escaped) >= len("".join(text.splitlines()))


@given(TEXTS)
def test_to_escape_twice_does_no_harm_in_markdown(text: str) -> None:
    """What is inert stays as it is."""
    assert markup.markdown(markup.markdown(text)) == markup.markdown(text)


@given(TEXTS)
@example("<!channel> <@U1|x> <https://e.example|y> &amp; *b* _i_ ~s~ `c` :tada: @here #general")
def test_on_slack_nothing_is_live(text: str) -> None:
    """Neither links nor mentions, nor emphasis; see Slack's page on escaping."""
    escaped = markup.slack(text)

    assert not re.search(r"[<>*`~@#\n\r]|://|:[\w+-]+:", escaped)
    assert not re.search(r"&(?!amp;|lt;|gt;)", escaped)
    assert not re.search(r"(?<![^\W_])_|_(?![^\W_])", escaped)


@given(TEXTS)
@example("<b>x</b> <a href='tg://user?id=1'> @bot #tag /stop a/b &lt;")
def test_on_telegram_nothing_is_live(text: str) -> None:
    """Neither tags nor what its clients link by themselves: names, tags, commands, addresses."""
    escaped = markup.telegram(text)
    parser = Tags()
    parser.feed(escaped)
    parser.close()

    assert parser.tags == []
    assert not re.search(r"[@#]|(?<![\w/<>])/\w|://|\$\w", parser.text)
    assert not re.search(r"\S\.[^\W\d_]|\d\.\d+\.\d+\.\d", parser.text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("evil.com t.me/bot EVIL.COM", "evil.\u2060com t.\u2060me/bot EVIL.\u2060COM"),
        ("例子.中国 🙂.ws a1.co.uk", "例子.\u2060中国 🙂.\u2060ws a1.\u2060co.\u2060uk"),
        ("10.0.0.1", "10.\u20600.0.1"),
        ("$BTC $1INCH US$ $ 5", "\uff04BTC \uff041INCH US$ $ 5"),
        ("done around 09:52 · 60% · 2.5 GB · v3.7.2", "done around 09:52 · 60% · 2.5 GB · v3.7.2"),
        ("约 19 分钟 · 2026-11-25 00:10 · 1. 2.", "约 19 分钟 · 2026-11-25 00:10 · 1. 2."),
        ("The API gives no cause. The console does.", "The API gives no cause. The console does."),
    ],
)
def test_on_telegram_no_bare_address_is_linked(text: str, shown: str) -> None:
    """Nor what looks like shares; our own times, figures and sentences stay as they are."""
    assert markup.telegram(text) == shown


@given(TEXTS)
def test_in_html_every_text_is_only_text(text: str) -> None:
    """Also within an attribute."""
    parser = Tags()
    parser.feed(f'<p title="{markup.html(text)}">{markup.html(text)}</p>')
    parser.close()
    normal = markup.plain(text).replace("\r\n", "\n").replace("\r", "\n")

    assert len(parser.tags) == 1
    assert parser.text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "�") == normal.replace(
        "\0", "�"
    )


@given(st.recursive(st.text() | st.integers() | st.none(), lambda inner: st.dictionaries(st.text(), inner)))
def test_json_is_json_and_can_be_sent(value: object) -> None:
    """Any value, with any text in it; half a pair, which cannot be sent, becomes a question mark."""
    written = markup.json(value)

    assert json.loads(written.encode()) is not ...
    assert "\n" not in written


def test_half_a_pair_cannot_be_sent() -> None:
    """A text with it would break the whole request."""
    assert markup.json('a"\ud83d') == '"a\\"?"'
    assert markup.safe_url("https://example.com/\ud83d") == "https://example.com/?"


@given(st.text())
def test_no_address_ends_a_link(text: str) -> None:
    """Whatever is in it, it holds nothing that could close brackets, quotes or tags, nor a space."""
    url = markup.safe_url(f"https://example.com/{text}")

    assert re.fullmatch(r"[A-Za-z0-9!#$%&'+,\-./:;=?@_~]+", url)
    assert markup.safe_url(url) == url


@given(st.text())
def test_to_programs_text_is_text(text: str) -> None:
    """Where there is neither markup nor anybody to look at it nothing is to be escaped."""
    assert markup.raw(text) == text


@given(TEXTS)
@example("https://evil.example www.evil.example WWW.evil.example")
def test_in_plain_text_no_address_is_linked(text: str) -> None:
    """Nor in mails; all else stays as it is, character by character."""
    for escaped in (markup.plain(text), html_module.unescape(markup.html(text))):
        assert not re.search(r"://|www\.", escaped, re.IGNORECASE)
    assert len(markup.plain(text)) == len(text)
    assert markup.plain("1.5 GB · orders: 07:23 @all #1") == "1.5 GB · orders: 07:23 @all #1"


@pytest.mark.parametrize(
    "escape", [markup.markdown, markup.slack, markup.telegram, markup.html, markup.plain]
)
@pytest.mark.parametrize(
    "text", [":a" * 50_000, "_" * 50_000, "/ " * 50_000, "1" * 50_000, "www" * 30_000, "1." * 50_000]
)
def test_long_texts_take_no_time(escape: object, text: str) -> None:
    """However often a pattern almost fits."""
    assert callable(escape)
    began_at = time.perf_counter()
    escape(text)

    assert time.perf_counter() - began_at < 2
