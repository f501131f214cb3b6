"""SMN: what is published, how it is signed, and what is made of the answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import pytest

from handler.hosts import huawei_endpoint
from handler.huaweicloud.signing import Credentials
from handler.senders import signer
from handler.settings.regions import HUAWEI_REGIONS
from notifiers.alerts import Kind
from notifiers.apprise_channel import AppriseChannel, ChannelError, Style
from notifiers.codes import CODES
from notifiers.languages import CHINESE
from notifiers.messages import Content, compose
from notifiers.saying import Reader
from notifiers.services.catalog import open_service
from notifiers.services.smn import endpoint_for
from notifiers.signer import Keys, UnsignedRequest
from notifiers.verdicts import Outcome, Reply, Verdict, judge
from tests.fakes.dms_server import CREDENTIALS, PROJECT_ID
from tests.fakes.loopback import HOST
from tests.fakes.smn_server import TOPIC, FakeSmn, Refusal
from tests.fakes.webhook_server import WebhookServer
from tests.notifiers.examples import (
    alert,
    completed_message,
    failed_message,
    fleet_digest,
    hostile_digest,
    hostile_message,
    situation,
    step_message,
)

SENT, RETRY, REFUSED, UNKNOWN = Outcome
PLACE: Final = f"eu-west-101/{PROJECT_ID}"
OTHERS: Final = Credentials("AKOFSOMEBODY", "a/secret+with:all@of?it")
KEYS: Final = "AKOFSOMEBODY:a%2Fsecret%2Bwith%3Aall%40of%3Fit"


@pytest.fixture
def smn() -> Iterator[FakeSmn]:
    """SMN with one topic, `kafka-changes`."""
    with FakeSmn() as server:
        yield server


def now() -> datetime:
    """The time."""
    return datetime.now(timezone.utc)


def channel(
    smn: FakeSmn,
    place: str = f"{PLACE}/kafka-changes",
    credentials: Credentials = CREDENTIALS,
    style: Style = Style(),  # noqa: B008 - immutable
) -> AppriseChannel:
    """A channel with this server as its endpoint; Headway itself has these credentials."""
    url = f"smn://{place}?endpoint={smn.endpoint}"
    return AppriseChannel("smn", url, style=style, sign=signer(lambda: credentials, now))


def send(smn: FakeSmn, message: Content | None = None, place: str = f"{PLACE}/kafka-changes") -> Verdict:
    """Send with Headway's own keys."""
    return channel(smn, place).send(message or step_message(), 15)


def fake_sign(request: UnsignedRequest, keys: Keys | None) -> Mapping[str, str]:
    """Sign nothing, but say with which keys it would be."""
    return {**request.headers, "X-Keys": "own" if keys is None else keys.access_key}


def test_a_message_is_published_with_its_title_as_subject(smn: FakeSmn) -> None:
    """It is the subject of a mail; a text message shows the text alone."""
    assert send(smn, completed_message()) == Verdict(SENT)

    (published,) = smn.published
    assert published.keys() == {"subject", "message"}
    assert published["subject"].startswith("orders: capacity change completed")
    assert "https://headway.example.com/changes/INSTANCE/TASK" in published["message"]


def test_a_topic_may_be_given_by_its_urn(smn: FakeSmn) -> None:
    """As it stands or percent-encoded; also one that another project shares."""
    shared = "urn:smn:eu-west-101:another-project:shared_topic"
    smn.topics.add(shared)

    for topic in (TOPIC, TOPIC.replace(":", "%3A"), shared):
        assert send(smn, place=f"{PLACE}/{topic}") == Verdict(SENT)


def test_keys_in_the_url_go_before_headways_own(smn: FakeSmn) -> None:
    """Percent-encoded, a secret may hold any character; the token of Headway's own is not sent then."""
    smn.credentials = OTHERS
    own = Credentials("AKOFHEADWAY", "secret of headway", "TOKENOFHEADWAY")

    verdict = channel(smn, f"{KEYS}@{PLACE}/kafka-changes", own).send(step_message(), 15)

    assert verdict == Verdict(SENT)
    assert "TOKENOFHEADWAY" not in str(smn.headers)


def test_an_agencys_keys_come_with_their_token(smn: FakeSmn) -> None:
    """They are temporary, and worth nothing without."""
    smn.credentials = Credentials("AKOFAGENCY", "secret of the agency", "TOKENOFAGENCY")

    assert channel(smn, credentials=smn.credentials).send(step_message(), 15) == Verdict(SENT)


def test_a_netrc_does_not_take_the_signatures_place(
    smn: FakeSmn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On somebody's own machine `requests` would put it there."""
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {HOST} login somebody password something\n", "utf-8")
    monkeypatch.setenv("NETRC", str(netrc))

    assert send(smn) == Verdict(SENT)


@pytest.mark.parametrize(
    "message",
    [hostile_message(), hostile_digest(), fleet_digest(), failed_message()],
    ids=["hostile", "hostile digest", "digest", "failed"],
)
@pytest.mark.parametrize("language", [Reader(), Reader(CHINESE)], ids=["en", "zh"])
def test_whatever_is_told_is_taken(smn: FakeSmn, message: Content, language: Reader) -> None:
    """In one request, within the limits of SMN."""
    assert channel(smn, style=Style(language)).send(message, 15) == Verdict(SENT)
    assert len(smn.published) == len(smn.headers) == 1


def test_a_text_message_holds_no_brackets(smn: FakeSmn) -> None:
    """They are for a sender's signature there, and what has others is held back."""
    step = "disk[0]【一】"
    message = compose([alert(1, Kind.STEP_FAILED, step=step, detail=step)], situation(name=step), 0)

    assert send(smn, message) == Verdict(SENT)
    (published,) = smn.published
    assert "disk(0)(一)" in published["subject"]
    assert "disk(0)(一)" in published["message"]
    assert not set("[]【】") & set("".join(published.values()))


@pytest.mark.parametrize("region", sorted(HUAWEI_REGIONS))
def test_a_region_is_under_the_same_domain_as_for_headways_own_calls(region: str) -> None:
    """The rule stands in either package, for this one knows nothing of the other."""
    assert endpoint_for(region) == huawei_endpoint("smn", region)


@pytest.mark.parametrize(
    ("region", "domain"),
    [
        ("eu-west-101", "myhuaweicloud.eu"),
        ("cn-north-4", "myhuaweicloud.com"),
        ("ap-southeast-1", "myhuaweicloud.com"),
    ],
)
def test_a_region_has_its_address(internet: WebhookServer, region: str, domain: str) -> None:
    """Without an endpoint in the URL, over HTTPS."""
    AppriseChannel("smn", f"smn://{region}/PROJECT/TOPIC", sign=fake_sign).send(step_message(), 15)

    (request,) = internet.requests
    urn = f"urn:smn:{region}:PROJECT:TOPIC"
    assert request.path == f"/smn.{region}.{domain}/v2/PROJECT/notifications/topics/{urn}/publish"
    assert endpoint_for(region) == f"https://smn.{region}.{domain}"
    assert request.headers["x-project-id"] == "PROJECT"
    assert request.headers["x-keys"] == "own"


def test_a_topic_that_does_not_exist_refuses(smn: FakeSmn) -> None:
    """Its code says what is wrong."""
    assert send(smn, place=f"{PLACE}/no-such-topic") == Verdict(REFUSED, "SMN.0006")


def test_another_projects_keys_are_refused(smn: FakeSmn) -> None:
    """Or those that have not the permission `smn:topic:publish`."""
    assert send(smn, place="eu-west-101/another/kafka-changes") == Verdict(REFUSED, "SMN.0001")


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials(CREDENTIALS.access_key, "another secret"),
        Credentials("ANOTHERKEY", CREDENTIALS.secret_key),
        Credentials(CREDENTIALS.access_key, CREDENTIALS.secret_key, "a token"),
    ],
    ids=["secret", "key", "token"],
)
def test_a_wrong_key_is_refused(smn: FakeSmn, credentials: Credentials) -> None:
    """By the gateway, which has codes of its own."""
    assert channel(smn, credentials=credentials).send(step_message(), 15) == Verdict(REFUSED, "APIGW.0301")
    assert smn.published == []


def test_a_wrong_clock_is_refused(smn: FakeSmn) -> None:
    """A signature holds for a quarter of an hour."""
    sign = signer(lambda: CREDENTIALS, lambda: now() - timedelta(hours=1))
    late = AppriseChannel("smn", f"smn://{PLACE}/kafka-changes?endpoint={smn.endpoint}", sign=sign)

    assert late.send(step_message(), 15) == Verdict(REFUSED, "APIGW.0301")


@pytest.mark.parametrize(
    ("refusal", "verdict"),
    [
        (
            Refusal(429, "APIGW.0308", {"Retry-After": "30"}, is_gateways=True),
            Verdict(RETRY, "APIGW.0308", 30),
        ),
        (Refusal(500, "SMN.0018"), Verdict(RETRY, "SMN.0018")),
        (Refusal(503, "SMN.0018"), Verdict(RETRY, "SMN.0018")),
        (Refusal(403, "SMN.0001"), Verdict(REFUSED, "SMN.0001")),
        (Refusal(403, "SMN.0070"), Verdict(REFUSED, "SMN.0070")),
        (Refusal(400, "SMN.0019"), Verdict(REFUSED, "SMN.0019")),
        (Refusal(403, "a text of several words"), Verdict(REFUSED, "403")),
    ],
)
def test_an_error_is_judged_by_its_status_and_told_by_its_code(
    smn: FakeSmn, refusal: Refusal, verdict: Verdict
) -> None:
    """The words beside it are not kept; and the next message is sent as ever."""
    smn.interruptions = [refusal]

    assert send(smn) == verdict
    assert send(smn) == Verdict(SENT)


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (b'{"message_id": "b", "request_id": "a"}', Verdict(SENT)),
        (b'{"request_id": "a"}', Verdict(SENT)),
        (b'{"request_id": "a", "code": "SMN.0018", "message": "x"}', Verdict(RETRY, "SMN.0018")),
        (b"{}", Verdict(UNKNOWN, "200")),
        (b"<html>log in first</html>", Verdict(UNKNOWN, "200")),
    ],
)
def test_200_counts_with_an_id_only(body: bytes, verdict: Verdict) -> None:
    """A page on the way may answer 200 to everything."""
    assert "smn" in CODES
    assert judge("smn", Reply(200, body=body)) == verdict


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("smn://", "needs a url such as smn://REGION/PROJECT_ID/TOPIC."),
        ("smn://eu-west-101", "needs a url such as smn://REGION/PROJECT_ID/TOPIC."),
        ("smn://eu-west-101/SECRET", "needs a url such as smn://REGION/PROJECT_ID/TOPIC."),
        ("smn://eu-west-101/p/SECRET/more", "needs a url such as smn://REGION/PROJECT_ID/TOPIC."),
        ("smn://SECRET/p/topic", "needs a url such as smn://REGION/PROJECT_ID/TOPIC."),
        ("smn://eu-west-101/SECRET.x/topic", "needs a url such as smn://REGION/PROJECT_ID/TOPIC."),
        ("smn://eu-west-101/p/SECRET.topic", "names neither a topic nor its URN in its url."),
        ("smn://eu-west-101/p/urn:smn:SECRET", "names neither a topic nor its URN in its url."),
        ("smn://eu-west-101/p/urn:smn:cn-north-4:p:SECRET", "names a topic of another region in its url."),
        (
            "smn://SECRET@eu-west-101/p/topic",
            "has one of two keys in its url; write smn://ACCESS_KEY:SECRET_KEY@REGION/…",
        ),
        (
            "smn://:SECRET@eu-west-101/p/topic",
            "has one of two keys in its url; write smn://ACCESS_KEY:SECRET_KEY@REGION/…",
        ),
        *(
            (
                f"smn://eu-west-101/p/topic?endpoint={endpoint}",
                "needs an endpoint such as https://HOST; only a loopback host may have http://.",
            )
            for endpoint in ("http://SECRET.example.com", "SECRET", "https://a@SECRET", "https://a/SECRET")
        ),
    ],
)
def test_a_url_that_cannot_be_used_says_why_without_its_parts(url: str, sentence: str) -> None:
    """Any of them may be a secret in the wrong place."""
    with pytest.raises(ChannelError) as caught:
        AppriseChannel("smn", url, sign=fake_sign)

    assert str(caught.value) == f"Channel smn {sentence}"


def test_without_anybody_to_sign_there_is_no_channel() -> None:
    """It would be refused for ever."""
    with pytest.raises(ChannelError, match="Channel smn needs its requests signed"):
        AppriseChannel("smn", f"smn://{PLACE}/kafka-changes")


def test_no_key_is_shown() -> None:
    """Neither by the channel nor by the service behind it."""
    url = f"smn://AKSECRET:SKSECRET@{PLACE}/kafka-changes"
    plugin = open_service("smn", url, fake_sign).plugin
    shown = [repr(AppriseChannel("smn", url, sign=fake_sign)), repr(plugin), str(plugin)]

    assert "SECRET" not in f"{shown} {Keys('AKSECRET', 'SKSECRET')}"
    assert "SECRET" not in f"{open_service('smn', url, fake_sign)}"
    assert len(plugin) == 1
