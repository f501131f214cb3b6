"""No token of any URL that was tried shows up in a log, on a stream, or in a text about an error."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest

from notifiers.apprise_channel import AppriseChannel, ChannelError
from notifiers.quieting import quiet_libraries
from notifiers.verdicts import Outcome
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.webhook_server import DROP, Answer, WebhookServer
from tests.notifiers.examples import step_message

# SECRET stands in each token, in each of the places where URLs can have one.
GOOD = [
    "slack://T1SECRET0/A1SECRET0/TIiajkdnlazkcOXrSECRET00",
    "https://hooks.slack.com/services/T1SECRET0/A1SECRET0/TIiajkdnlazkcOXrSECRET00",
    "slack://xoxb-1234-1234-abcSECRET4/#ops",
    "wecombot://693a91f6-7xxx-SECRET-97a0-0ec2sifa5aaa?mention=SECRET",
    "wechat://ww1234567890SECRET:SECRETghij@1000002/@user",
    "dingtalk://SECRETabcdefgh1234",
    "dingtalk://SECSECRET@SECRETabcdefgh1234/13812345678",
    "https://oapi.dingtalk.com/robot/send?access_token=SECRETabcdefgh1234&secret=SECSECRET",
    "feishu://SECRET-7xxx-4bc4-97a0-0ec2sifa5aaa",
    "lark://SECRET-7xxx-4bc4-97a0-0ec2sifa5aaa",
    "feishu://theSECRET@SECRET-7xxx-4bc4-97a0-0ec2sifa5aaa",
    "https://open.feishu.cn/open-apis/bot/v2/hook/SECRET-7xxx?secret=theSECRET",
    "schan://SCTSECRET1234",
    "schan://sctp42tSECRET1234",
    "pushdeers://PDUSECRET1234",
    "wxpusher://AT_SECRETabcdefgh/UID_abc",
    "pushplus://SECRETghijklmnopqrstuvwxyz012345",
    "tgram://123456789:abcdefg_SECRET/12315544",
    "discord://4174216298/SECRETJHKLJHDIEDKSUgSECRET",
    "https://discord.com/api/webhooks/4174216298/SECRETJHKLJHDIEDKSUgSECRET?ping=12345&thread=77",
    "workflows://host.example.com:443/SECRETf83c8944438d681/SECRETuebWbDGYFr0z0eu",
    "ntfys://alice:SECRETpass@ntfy.example/SECRETtopic",
    "ntfys://tk_SECRETabcdefghijklmnopqrstuvw@ntfy.example/topic",
    "pagerduty://SECRETabcd@apiSECRET/source",
    "json://user:SECRETpass@{location}/SECRETpath?-q=SECRETquery&+X-Key=SECRETheader",
]
BAD = [
    "slack://T1SECRET0/!!",
    "wecombot://SECRET!!",
    "wxpusher://SECRET",
    "pushplus://SECRET",
    "pushdeer://!!SECRET",
    "dingtalk://!!SECRET",
    "feishu://https://open.feishu.cn/open-apis/bot/v2/hook/SECRET",
    "https://open.feishu.cn/open-apis/bot/v2/hook/SECRET/more",
    "https://oapi.dingtalk.com/robot/send?access_token=SECRET!",
    "wecombot://693a91f6-7xxx-SECRET?mention=@all,SECRET",
    "dingtalk://SECRETabcdefgh1234/SECRET",
    "lark://!!SECRET",
    "workflows://SECRET",
    "tgram://SECRET",
    "tgram://123456789:abcdefg_SECRET",
    "discord://4174216298/SECRETJHKLJHDIEDKSUgSECRET?ping=SECRET",
    "ntfys://alice:SECRETpass@ntfy.example/SECRET.topic",
    "wxpusher://AT_SECRETabcdefgh/nobody",
    "mailto://user:SECRET@example.com?to=a@example.com,b@example.com",
    "nosuch://SECRET",
    "SECRET",
]
ANSWERS = [Answer(b"ok"), Answer(b"SECRET", 403), Answer(b'{"code": "SECRET SECRET"}', 200), DROP]


class Everything(logging.Handler):
    """Keeps every line that reaches the root logger, whatever its level."""

    def __init__(self) -> None:
        """Keep all levels."""
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, and an exception's text if there is one."""
        self.lines.append(f"{record.name} {self.format(record)}")


@pytest.fixture
def everything() -> Iterator[Everything]:
    """The root logger as a platform may have set it up, and the libraries silenced."""
    handler, root = Everything(), logging.getLogger()
    quieted = [logging.getLogger(name) for name in ("apprise", "urllib3")]
    before = [(logger.level, logger.propagate, list(logger.handlers)) for logger in quieted]
    level = root.level
    root.addHandler(handler)
    root.setLevel(1)
    quiet_libraries()
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)
    for logger, (level_before, propagate, handlers) in zip(quieted, before, strict=True):
        logger.setLevel(level_before)
        logger.propagate = propagate
        logger.handlers[:] = handlers


@pytest.mark.parametrize("answer", ANSWERS, ids=["ok", "403", "200", "drop"])
@pytest.mark.parametrize("url", GOOD)
def test_no_token_shows_up_whatever_the_service_answers(
    internet: WebhookServer,
    everything: Everything,
    capsys: pytest.CaptureFixture[str],
    url: str,
    answer: Answer,
) -> None:
    """A root logger that takes everything hears nothing, and neither do the streams."""
    internet.answer_all(answer)
    channel = AppriseChannel("ops", url.format(location=internet.location))

    verdict = channel.send(step_message(), 15)

    assert internet.requests
    assert re.search("secret", f"{everything.lines} {channel!r} {verdict!r}", re.IGNORECASE) is None
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("url", BAD)
def test_no_token_shows_up_when_a_url_cannot_be_used(
    everything: Everything, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    """Neither in the log nor in the error."""
    with pytest.raises(ChannelError) as caught:
        AppriseChannel("ops", url)

    assert "SECRET" not in f"{everything.lines} {caught.value!r} {caught.value.args}"
    assert capsys.readouterr() == ("", "")


def test_no_password_shows_up_when_a_mail_is_refused(everything: Everything) -> None:
    """The login's own exception quotes what was sent."""
    with SmtpServer(login=("alice", "right")) as server:
        url = f"mailto://alice:SECRET@{server.location}?from=a@example.com&to=b@example.com"
        verdict = AppriseChannel("mail", url).send(step_message(), 15)

    assert verdict.outcome is Outcome.REFUSED
    assert "SECRET" not in f"{[line for line in everything.lines if 'mail.log' not in line]} {verdict!r}"


def test_other_loggers_are_left_alone(everything: Everything) -> None:
    """Only the two libraries are silenced."""
    logging.getLogger("somebody.else").debug("hello")

    assert everything.lines == ["somebody.else hello"]
