"""Mails handed to a real server: what arrives, and what is made of its replies."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from notifiers import forms, mail, wording
from notifiers.apprise_channel import AppriseChannel
from notifiers.messages import Message
from notifiers.network import Network
from notifiers.verdicts import Outcome, Verdict
from tests.fakes.loopback import HOST, accepting
from tests.fakes.private_ca import private_ca
from tests.fakes.smtp_server import DROP, HANG, SmtpServer
from tests.fakes.webhook_server import WebhookServer
from tests.notifiers.examples import failed_message, hostile_message, step_message

SENT, RETRY, REFUSED, UNKNOWN = Outcome
ADDRESSES = "from=headway@example.com&to=ops@example.com"


def send(
    location: str, query: str = ADDRESSES, message: Message | None = None, seconds: float = 15.0
) -> Verdict:
    """Send one mail."""
    return AppriseChannel("mail", f"mailto://{location}?{query}").send(message or step_message(), seconds)


def text_of(message: EmailMessage, form: str) -> str:
    """The plain or the html part, with the line ends of this machine."""
    part = message.get_body((form,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n").rstrip("\n")


def test_a_mail_comes_in_two_forms_that_both_read_well() -> None:
    """The text part is our own, not what is left of the HTML."""
    with SmtpServer() as server:
        assert send(server.location, message=failed_message()) == Verdict(SENT)

    (received,) = server.mails
    assert received.sender == "headway@example.com"
    assert received.recipients == ["ops@example.com"]
    assert received.message["Subject"] == wording.title(failed_message())
    assert received.message["To"] == "ops@example.com"
    assert received.message["Auto-Submitted"] == "auto-generated"
    assert received.message.get_content_type() == "multipart/alternative"
    assert text_of(received.message, "plain") == forms.plain(failed_message())
    assert text_of(received.message, "html") == mail.html(failed_message())


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


def test_hostile_text_stays_text_in_a_mail() -> None:
    """Nothing becomes a header, a tag or a script."""
    with SmtpServer() as server:
        assert send(server.location, message=hostile_message()) == Verdict(SENT)

    (received,) = server.mails
    assert received.recipients == ["ops@example.com"]
    assert received.message["Bcc"] is None
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
