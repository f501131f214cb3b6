"""What every answer of every service means."""

from __future__ import annotations

import re
from http import HTTPStatus

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.codes import CODES
from notifiers.verdicts import Outcome, Reply, Verdict, conclude, judge, judge_smtp, may_blame_message

SENT, RETRY, REFUSED, UNKNOWN = Outcome
DATE = "Tue, 24 Nov 2026 08:00:00 GMT"

# Every status of the standard library's list, and some beside it; see the facts on classification.
BY_STATUS = {
    SENT: {200, 201, 202, 203, 204, 205, 206, 207, 208, 226},
    RETRY: {408, 425, 429, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511, 520, 599},
    UNKNOWN: {0, 100, 101, 102, 103, 199, 600, 999},
    REFUSED: {
        *(300, 301, 302, 303, 304, 305, 307, 308),
        *(400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418),
        *(421, 422, 423, 424, 426, 428, 431, 451, 499),
    },
}
# A code as the services send it, with status 200, and what it means.
BY_CODE = [
    ("wecombot", {"errcode": 0, "errmsg": "ok"}, SENT),
    ("wecombot", {"errcode": 93000, "errmsg": "invalid webhook url"}, REFUSED),
    ("wecombot", {"errcode": 40058}, REFUSED),
    ("wecombot", {"errcode": 45009, "errmsg": "api freq out of limit"}, RETRY),
    ("wecombot", {"errcode": -1}, RETRY),
    ("wechat", {"errcode": 0}, SENT),
    ("wechat", {"errcode": 40013}, REFUSED),
    ("wechat", {"errcode": 42001}, RETRY),
    ("dingtalk", {"errcode": 0}, SENT),
    ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, REFUSED),
    ("dingtalk", {"errcode": 400101}, REFUSED),
    ("dingtalk", {"errcode": 130101}, RETRY),
    ("feishu", {"code": 0, "msg": "success", "StatusCode": 0}, SENT),
    ("feishu", {"code": 19021}, REFUSED),
    ("feishu", {"code": 19024}, REFUSED),
    ("feishu", {"code": 11232}, RETRY),
    ("feishu", {"code": 9499, "msg": "Bad Request"}, REFUSED),
    ("lark", {"code": 0}, SENT),
    ("lark", {"code": 19021}, REFUSED),
    ("schan", {"code": 0, "message": ""}, SENT),
    ("schan", {"code": 40001}, RETRY),
    ("pushdeer", {"code": 0}, SENT),
    ("pushdeers", {"code": 80501}, RETRY),
    ("bark", {"code": 200}, SENT),
    ("barks", {"code": 500}, RETRY),
    ("wxpusher", {"code": 1000}, SENT),
    ("wxpusher", {"code": 1001}, REFUSED),
    ("pushplus", {"code": 200}, SENT),
    ("wecom", {"code": 900}, REFUSED),
    ("pushplus", {"code": 500}, RETRY),
    ("smn", {"message_id": "b", "request_id": "a"}, SENT),
    ("smn", {"request_id": "a", "code": "SMN.0018", "message": "Service internal error."}, RETRY),
    ("slack", {"ok": True}, SENT),
    ("slack", {"ok": False, "error": "invalid_auth"}, REFUSED),
    ("slack", {"ok": False, "error": "channel_not_found"}, REFUSED),
    ("slack", {"ok": False, "error": "ratelimited"}, RETRY),
]
UNREADABLE = [
    b"",
    b"<html>hello</html>",
    b"{",
    b"[" * 60_000,
    b"null",
    b"[]",
    b"{}",
    b'{"errcode": null, "code": null, "error": null}',
    b'{"errcode": [], "code": {}, "error": []}',
    b'{"errcode": "a text of several words", "code": "a b", "error": "a b"}',
]


def reply_of(value: object, status: int = 200) -> Reply:
    """An answer in JSON."""
    return Reply(status, body=msgspec.json.encode(value))


@pytest.mark.parametrize("outcome", Outcome)
def test_a_status_alone_has_one_meaning(outcome: Outcome) -> None:
    """What a service says that uses the status as it was meant."""
    for status in BY_STATUS[outcome]:
        code = None if outcome is SENT else str(status)

        verdict = judge("json", Reply(status))
        assert (verdict.outcome, verdict.code) == (outcome, code), status
        assert verdict.may_have_arrived is (status in {502, 504})


def test_the_table_of_statuses_is_whole() -> None:
    """Each status that has a name stands in the table, and only once."""
    listed = [status for statuses in BY_STATUS.values() for status in statuses]

    assert {status.value for status in HTTPStatus} <= set(listed)
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(("schema", "value", "outcome"), BY_CODE)
def test_a_services_own_code_decides(schema: str, value: object, outcome: Outcome) -> None:
    """Status 200 means nothing where the service answers 200 to everything."""
    assert judge(schema, reply_of(value)).outcome is outcome


def test_the_table_of_codes_is_whole() -> None:
    """Each service with codes of its own is tried."""
    assert {schema for schema, _, _ in BY_CODE} == set(CODES)


@pytest.mark.parametrize("schema", CODES)
@pytest.mark.parametrize("body", UNREADABLE)
def test_200_without_a_readable_code_is_unknown(schema: str, body: bytes) -> None:
    """Whether it has arrived cannot be told, so nothing is claimed."""
    assert judge(schema, Reply(200, body=body)) == Verdict(UNKNOWN, "200")


@pytest.mark.parametrize("schema", CODES)
@pytest.mark.parametrize("outcome", [RETRY, REFUSED])
def test_the_status_still_counts_where_there_are_codes(schema: str, outcome: Outcome) -> None:
    """An error page in front of the service is judged like any other."""
    for status in BY_STATUS[outcome]:
        verdict = judge(schema, Reply(status, body=b"<html>"))
        assert (verdict.outcome, verdict.code) == (outcome, str(status))


def test_a_refusal_in_the_body_counts_whatever_the_status() -> None:
    """Feishu says 400 with its codes, others 500: the code knows better."""
    assert judge("feishu", reply_of({"code": 19021}, status=500)) == Verdict(REFUSED, "19021")
    assert judge("feishu", reply_of({"code": 11232}, status=429)) == Verdict(RETRY, "11232")


def test_an_incoming_webhook_of_slacks_says_ok() -> None:
    """Its answers are no JSON; what is wrong it says with the status."""
    assert judge("slack", Reply(200, body=b"ok")) == Verdict(SENT)
    assert judge("slack", Reply(403, body=b"invalid_token")) == Verdict(REFUSED, "403")
    assert judge("slack", Reply(404, body=b"no_service")) == Verdict(REFUSED, "404")
    assert judge("slack", Reply(410, body=b"channel_is_archived")) == Verdict(REFUSED, "410")


@pytest.mark.parametrize(
    ("retry_after", "date", "expected"),
    [
        ("Mon, 24 Nov 99999999999 08:00:00 GMT", "Mon, 24 Nov 2026 08:00:00 GMT", None),
        ("30", None, 30.0),
        (" 0 ", None, 0.0),
        ("Tue, 24 Nov 2026 08:02:00 GMT", DATE, 120.0),
        ("Tue, 24 Nov 2026 07:00:00 GMT", DATE, 0.0),
        ("Tue, 24 Nov 2026 08:02:00 GMT", None, None),
        ("Tue, 24 Nov 2026 08:02:00 -0000", DATE, None),
        ("soon", DATE, None),
        ("-5", DATE, None),
        ("1" * 5000, DATE, None),
        ("", DATE, None),
        (None, DATE, None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(
    retry_after: str | None, date: str | None, expected: float | None
) -> None:
    """Seconds, or a date by the clock of the service itself; anything else is as if it were not there."""
    for status in (429, 503):
        verdict = judge("json", Reply(status, retry_after, date))

        assert verdict == Verdict(RETRY, str(status), expected)


def test_only_what_may_be_tried_again_has_a_time_for_it() -> None:
    """A refusal's Retry-After would promise something."""
    assert judge("json", Reply(403, retry_after="30")) == Verdict(REFUSED, "403")


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (250, SENT),
        (251, SENT),
        (354, UNKNOWN),
        (421, RETRY),
        (450, RETRY),
        (451, RETRY),
        (452, RETRY),
        (454, RETRY),
        (530, REFUSED),
        (535, REFUSED),
        (550, REFUSED),
        (552, REFUSED),
        (554, REFUSED),
        (-1, UNKNOWN),
        (0, UNKNOWN),
        (999, UNKNOWN),
    ],
)
def test_a_mail_servers_reply_is_judged_by_its_class(code: int, outcome: Outcome) -> None:
    """4xx is transient, 5xx is not; what is no reply at all tells nothing."""
    assert judge_smtp(code) == Verdict(outcome, None if outcome is SENT else str(code))


def test_only_what_a_message_itself_may_cause_is_blamed_on_it() -> None:
    """Malformed or too large, over HTTP, SMTP, at PushPlus; a wrong key or address is the channel's."""
    blamed = [code for code in map(str, range(1000)) if may_blame_message(code)]

    assert blamed == ["400", "413", "422", "552", "554", "999"]
    assert all(map(may_blame_message, ("40058", "44004", "45002", "9499", "460101", "SMN.0009")))
    assert not any(may_blame_message(code) for code in (None, "310000", "invalid_auth", "misconfigured"))


def test_no_answer_is_worth_its_own_verdict() -> None:
    """What happened on the way has been judged where it happened."""
    assert conclude("json", Verdict(RETRY, "unreachable"), is_accepted=False) == Verdict(RETRY, "unreachable")


def test_a_service_that_requested_nothing_has_refused() -> None:
    """It gave up by itself, whatever it says of it, and will do so again."""
    for is_accepted in (True, False):
        assert conclude("json", None, is_accepted=is_accepted) == Verdict(REFUSED, "nothing-sent")


def test_apprise_is_believed_when_it_says_no() -> None:
    """It knows rules that are not in our table; whether something arrived is then unknown."""
    assert conclude("json", Reply(200), is_accepted=False) == Verdict(UNKNOWN, "unreadable")


def test_apprise_is_not_believed_when_it_says_yes() -> None:
    """The false successes are the reason for all this."""
    assert conclude("wecombot", reply_of({"errcode": 93000}), is_accepted=True) == Verdict(REFUSED, "93000")
    assert conclude("wecombot", reply_of({"errcode": 0}), is_accepted=True) == Verdict(SENT)


@given(
    st.sampled_from(["json", *CODES]),
    st.integers(0, 999),
    st.none() | st.text(max_size=40),
    st.none() | st.text(max_size=40),
    st.binary(max_size=200),
)
def test_any_answer_can_be_judged_and_only_codes_are_kept(
    schema: str, status: int, retry_after: str | None, date: str | None, body: bytes
) -> None:
    """Whatever comes back, a verdict follows, and no text of the service is in it."""
    verdict = judge(schema, Reply(status, retry_after, date, body))

    assert verdict.code is None or re.fullmatch(r"-?\w[\w.]{0,39}", verdict.code)
    assert verdict.retry_after_seconds is None or verdict.retry_after_seconds >= 0
