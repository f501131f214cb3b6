"""Mails handed to a real server: what arrives, and what is made of its replies."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from apprise.plugins.email.base import NotifyEmail
from hypothesis import example, given
from hypothesis import strategies as st

from notifiers.alerts import Kind
from notifiers.apprise_channel import AppriseChannel, Style
from notifiers.forms import MAIL, MAIL_TEXT
from notifiers.languages import LANGUAGES, LanguageCode
from notifiers.messages import Content, digest
from notifiers.network import DIRECT, Network
from notifiers.rendering import write
from notifiers.samples import sample, sample_digest
from notifiers.saying import Reader
from notifiers.services.catalog import open_service
from notifiers.services.mail import make_mail
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.loopback import HOST, accepting
from tests.fakes.private_ca import private_ca
from tests.fakes.smtp_server import DROP, HANG, SmtpServer
from tests.fakes.webhook_server import WebhookServer
from tests.notifiers.examples import failed_message, hostile_digest, hostile_message, step_message

SENT, RETRY, REFUSED, UNKNOWN = Outcome
ADDRESSES = "from=headway@example.com&to=ops@example.com"
IN_SHANGHAI = Reader(LANGUAGES[LanguageCode.ZH], ZoneInfo("Asia/Shanghai"))
PLUGIN = cast("NotifyEmail", open_service("mail", f"mailto://127.0.0.1?{ADDRESSES}").plugin)
HEADERS = {
    *("Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted"),
    *("MIME-Version", "Content-Type"),
}


def send(
    location: str, query: str = ADDRESSES, message: Content | None = None, seconds: float = 15.0
) -> Verdict:
    """Send one mail."""
    return AppriseChannel("mail", f"mailto://{location}?{query}").send(message or step_message(), seconds)


def mailed(content: Content, reader: Reader = Reader()) -> EmailMessage:  # noqa: B008 - immutable
    """What arrives when this is told to this reader."""
    with SmtpServer() as server:
        channel = AppriseChannel("mail", f"mailto://{server.location}?{ADDRESSES}", DIRECT, Style(reader))
        assert channel.send(content, 15) == Verdict(SENT)
    (received,) = server.mails
    return received.message


def text_of(message: EmailMessage, form: str) -> str:
    """The plain or the html part, with the line ends of this machine."""
    part = message.get_body((form,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n").rstrip("\n")


@pytest.mark.parametrize("content", [failed_message(), sample_digest()], ids=["message", "digest"])
def test_a_mail_comes_in_two_forms_that_both_read_well(content: Content) -> None:
    """The text part is our own, not what is left of the HTML; the one that programs prefer comes last."""
    received = mailed(content)

    text, html = write(content, Reader(), MAIL_TEXT), write(content, Reader(), MAIL)
    assert received["Subject"] == html.title
    assert received["To"] == "ops@example.com"
    assert received["Auto-Submitted"] == "auto-generated"
    assert received.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in received.iter_parts()] == ["text/plain", "text/html"]
    assert text_of(received, "plain") == f"{text.title}\n\n{text.body}"
    assert text_of(received, "html") == html.body


def test_the_text_part_reads_well_by_itself() -> None:
    """Without subject and HTML it still says of what it tells, how the steps are, and where to read on."""
    lines = text_of(mailed(sample(Kind.STEP_COMPLETED)), "plain").splitlines()

    assert lines[0].startswith("orders: Disk expansion completed in 19 minutes")
    assert lines[1] == ""
    assert "✓ Disk expansion · 19 min" in lines
    assert lines[-1].startswith("Status page: https://headway.example.com/changes/")


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_of_alert_arrives_whole(kind: Kind) -> None:
    """In Chinese too: all letters, in both parts, in lines that every server takes."""
    received = mailed(sample(kind), IN_SHANGHAI)

    letter = write(sample(kind), IN_SHANGHAI, MAIL)
    assert received["Subject"] == letter.title
    assert text_of(received, "html") == letter.body
    assert text_of(received, "plain").startswith(f"{letter.title}\n\n")
    # https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1
    assert max(map(len, received.as_bytes().splitlines())) <= 998


@given(
    st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" ·"), min_size=1, max_size=250)
)
@example("orders：滚动重启已开始 · 步骤 3/4 · 60% · 还需约 19 分钟 · 预计 18:10 完成 · 无需处理")
@example("orders =?utf-8?q?_is_fine?= · 60%")
def test_a_subject_arrives_to_the_letter(subject: str) -> None:
    """No space is lost or added where it is folded, and what looks like an encoded word is none."""
    mail = make_mail(PLUGIN, subject, "text", "<p>html</p>")

    received = message_from_bytes(mail.as_bytes(), policy=default)
    assert received["Subject"] == subject
    assert set(received.keys()) == HEADERS


def test_a_channel_is_told_in_its_language_by_its_clock() -> None:
    """What happened at 09:52 in London happened at 17:52 in Shanghai."""
    received = mailed(sample(Kind.STALLED), IN_SHANGHAI)

    assert received["Subject"].startswith("orders：")
    for form in ("plain", "html"):
        assert "2026-11-24 17:52 Asia/Shanghai" in text_of(received, form)
    assert 'lang="zh-CN"' in text_of(received, "html")


def test_a_mail_of_a_digest_that_holds_one_change_is_a_digest() -> None:
    """It has two parts like any other."""
    received = mailed(digest([sample(Kind.COMPLETED)], ()))

    assert text_of(received, "plain").startswith(f"{received['Subject']}\n\norders: ")


def test_copies_names_and_headers_come_from_the_url() -> None:
    """One transaction reaches all; who gets a blind copy is not told."""
    query = (
        "from=Headway<headway@example.com>&to=Ops<ops@example.com>&cc=b@example.com,a@example.com"
        "&bcc=c@example.com&reply=d@example.com&+X-Team=ops%0Atwo&+Auto-Submitted=no"
    )

    with SmtpServer() as server:
        assert send(server.location, query) == Verdict(SENT)

    (received,) = server.mails
    assert received.recipients == ["ops@example.com", "a@example.com", "b@example.com", "c@example.com"]
    assert received.message["From"] == "Headway <headway@example.com>"
    assert received.message["To"] == "Ops <ops@example.com>"
    assert received.message["Cc"] == "a@example.com, b@example.com"
    assert received.message["Reply-To"] == "d@example.com"
    assert received.message["X-Team"] == "ops two"
    assert received.message.get_all("Auto-Submitted") == ["no"]
    assert "c@example.com" not in received.message.as_string()


@pytest.mark.parametrize("content", [hostile_message(), hostile_digest()], ids=["message", "digest"])
def test_hostile_text_stays_text_in_a_mail(content: Content) -> None:
    """Nothing becomes a header, a recipient, a part, a tag or a script."""
    with SmtpServer() as server:
        assert send(server.location, message=content) == Verdict(SENT)

    (received,) = server.mails
    assert received.recipients == ["ops@example.com"]
    assert set(received.message.keys()) == HEADERS
    assert [part.get_content_type() for part in received.message.iter_parts()] == ["text/plain", "text/html"]
    html = text_of(received.message, "html")
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_login_is_made_when_the_url_has_one() -> None:
    """A wrong password is a refusal, known by its code."""
    with SmtpServer(login=("alice", "right")) as server:
        assert send(f"alice:right@{server.location}") == Verdict(SENT)
        assert send(f"alice:wrong@{server.location}") == Verdict(REFUSED, "535")
        assert send(server.location) == Verdict(REFUSED, "530")
    with SmtpServer() as server:
        assert send(f"alice:right@{server.location}") == Verdict(REFUSED, "unsupported")


def test_starttls_that_is_not_offered_is_a_refusal() -> None:
    """A password is never sent in the clear because a server cannot do better."""
    with SmtpServer() as server:
        url = f"mailtos://alice:right@{server.location}?{ADDRESSES}&mode=starttls"

        assert AppriseChannel("mail", url).send(step_message(), 15) == Verdict(REFUSED, "unsupported")


@pytest.mark.parametrize("mode", ["ssl", "starttls"])
def test_a_mail_goes_over_tls(tmp_path: Path, mode: str) -> None:
    """From the first byte or when both are ready; an unknown authority is trusted only if told so."""
    context = private_ca(tmp_path).server_context
    at_once, on_demand = (context, None) if mode == "ssl" else (None, context)

    with SmtpServer(login=("alice", "right"), tls=at_once, starttls=on_demand) as server:
        url = f"mailtos://alice:right@{server.location}?{ADDRESSES}&mode={mode}"
        assert AppriseChannel("mail", url).send(step_message(), 15) == Verdict(RETRY, "unreachable")
        assert AppriseChannel("mail", f"{url}&verify=no").send(step_message(), 15) == Verdict(SENT)
        company = Network(ca_file=str(tmp_path / "ca.pem"))
        assert AppriseChannel("mail", url, company).send(step_message(), 15) == Verdict(SENT)

    assert len(server.mails) == 2


@pytest.mark.parametrize("verify", ["yes", "no"])
def test_tls_that_does_not_stand_is_tried_again(webhook: WebhookServer, verify: str) -> None:
    """Nothing has been handed over."""
    url = f"mailtos://alice:right@{webhook.location}?{ADDRESSES}&mode=ssl&verify={verify}"

    assert AppriseChannel("mail", url).send(step_message(), 15) == Verdict(RETRY, "unreachable")


@pytest.mark.parametrize(
    ("command", "reply", "verdict"),
    [
        ("MAIL", "421 Busy", Verdict(RETRY, "421")),
        ("MAIL", "553 Who are you", Verdict(REFUSED, "553")),
        ("MAIL", DROP, Verdict(RETRY, "broken-off")),
        ("RCPT", "450 Greylisted", Verdict(RETRY, "450")),
        ("RCPT", "550 No such user", Verdict(REFUSED, "550")),
        ("RCPT", DROP, Verdict(RETRY, "broken-off")),
        ("DATA", "451 Try again", Verdict(RETRY, "451")),
        ("DATA", "554 Spam", Verdict(REFUSED, "554")),
        ("DATA", DROP, Verdict(UNKNOWN, "broken-off")),
    ],
)
def test_a_reply_is_judged_by_its_code_and_its_place(command: str, reply: str, verdict: Verdict) -> None:
    """A connection lost before the mail has left is harmless; after that nobody knows."""
    with SmtpServer({command: reply}) as server:
        assert send(server.location) == verdict
        assert server.mails == []


def test_a_mail_reaches_all_of_its_recipients_or_none() -> None:
    """One bad copy holds the mail back, so that a later one is no repeat for the others."""
    with SmtpServer({"RCPT b@example.com": "550 No such user"}) as server:
        assert send(server.location, f"{ADDRESSES}&cc=a@example.com,b@example.com") == Verdict(REFUSED, "550")
        assert server.mails == []


def test_a_server_out_of_reach_is_tried_again() -> None:
    """Nothing has left."""
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]

    assert send(f"{HOST}:{port}") == Verdict(RETRY, "unreachable")


def test_a_server_that_turns_us_away_is_judged_by_its_greeting() -> None:
    """Its first words are a reply like any other."""
    with accepting(lambda connection: connection.sendall(b"421 Too many connections\r\n")) as port:
        assert send(f"{HOST}:{port}") == Verdict(RETRY, "421")
    with accepting(lambda connection: connection.sendall(b"554 No\r\n")) as port:
        assert send(f"{HOST}:{port}") == Verdict(REFUSED, "554")


def test_a_server_that_wants_no_data_is_judged_by_its_reply() -> None:
    """The mail itself has not left when the command for it is refused."""

    def converse(connection: socket.socket) -> None:
        connection.sendall(b"220 hello\r\n")
        for reply in (b"250 hello", b"250 OK", b"250 OK", b"452 Full"):
            connection.recv(4096)
            connection.sendall(reply + b"\r\n")

    with accepting(converse) as port:
        assert send(f"{HOST}:{port}") == Verdict(RETRY, "452")


def test_a_hanging_server_costs_no_more_than_the_time_given() -> None:
    """Before the mail has left it is tried again, after that it is unknown."""
    began = time.monotonic()

    with SmtpServer({"MAIL": HANG}) as server:
        assert send(server.location, seconds=0.5) == Verdict(RETRY, "broken-off")
    with SmtpServer({"DATA": HANG}) as server:
        assert send(server.location, seconds=0.5) == Verdict(UNKNOWN, "broken-off")

    assert time.monotonic() - began < 3


def trickle(connection: socket.socket) -> None:
    """Greet a byte at a time, for ever."""
    while True:
        connection.sendall(b"2")
        time.sleep(0.02)


@pytest.mark.parametrize("converse", [lambda connection: connection.sendall(b"SSH-2.0-x\r\n"), trickle])
def test_what_does_not_greet_as_a_mail_server_was_handed_nothing(
    converse: Callable[[socket.socket], None],
) -> None:
    """Neither another protocol nor a greeting that never ends can have taken a mail: it is tried again."""
    began = time.monotonic()

    with accepting(converse) as port:
        assert send(f"{HOST}:{port}", seconds=0.5) == Verdict(RETRY, "unreachable")

    assert time.monotonic() - began < 3
