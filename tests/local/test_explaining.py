"""What is said of each answer: a sentence for whoever has to do something about it."""

from __future__ import annotations

import pytest

from handler.local.printing.explaining import advice
from handler.local.printing.meanings import MEANINGS, MESSAGE, TOO_LONG
from notifiers.codes import CODES
from notifiers.verdicts import Outcome, Reply, Verdict, judge, judge_smtp, may_blame_message

SENT, RETRY, REFUSED, UNKNOWN = Outcome
GENERAL = advice("nonsense", Verdict(REFUSED, "no-such-code"))


def test_nothing_is_said_of_what_was_sent() -> None:
    """There is nothing to do."""
    assert advice("slack", Verdict(SENT)) == ""


@pytest.mark.parametrize("outcome", [RETRY, REFUSED, UNKNOWN])
@pytest.mark.parametrize("code", [None, "1", "ValueError", "999999"])
def test_every_other_outcome_has_a_sentence_whatever_its_code(outcome: Outcome, code: str | None) -> None:
    """Services invent codes."""
    assert advice("slack", Verdict(outcome, code))


def test_what_may_have_arrived_is_to_be_looked_for() -> None:
    """And what will be tried again is not."""
    assert advice("json", Verdict(UNKNOWN, "timeout")).endswith("; see whether the message arrived")
    assert advice("json", Verdict(RETRY, "503")).endswith("; an alert would be tried again")
    assert "arrived" not in advice("mailto", Verdict(RETRY, "broken-off"))


def test_every_code_that_a_service_refuses_by_is_explained() -> None:
    """In the service's own terms; none of them is left to its documentation."""
    codes = [(service, code) for service, codes in CODES.items() for code in codes.refused]

    assert len(codes) > 50
    assert [at for at in codes if at[1] not in MEANINGS[at[0]]] == []


def test_no_service_is_explained_that_nobody_can_configure() -> None:
    """A misspelt schema would never be found."""
    assert [name for name in MEANINGS if name not in {*CODES, "mailto", "mailtos"}] == []


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 403, 404, 405, 407, 410, 413, 422])
def test_the_usual_refusals_over_http_are_explained(status: int) -> None:
    """Whichever service it is."""
    verdict = judge("json", Reply(status))

    assert verdict.outcome is REFUSED
    assert advice("json", verdict) not in {"", GENERAL}


@pytest.mark.parametrize("code", [501, 530, 534, 535, 550, 551, 552, 553, 554])
def test_the_usual_refusals_of_mail_servers_are_explained(code: int) -> None:
    """As mail servers mean them, not as the web does."""
    assert advice("mailtos", judge_smtp(code)) not in {"", GENERAL}
    assert "mail" in advice("mailtos", judge_smtp(code))


def test_a_services_own_meaning_of_a_number_counts_more_than_the_webs() -> None:
    """PushPlus says 403 to an address that it does not know."""
    assert advice("pushplus", Verdict(REFUSED, "403")) != advice("json", Verdict(REFUSED, "403"))


def test_sentences_go_on_in_a_line() -> None:
    """They begin small, for they stand after a colon, and end without a full stop; some begin with a name."""
    sentences = {sentence for table in MEANINGS.values() for sentence in table.values()}
    sentences |= {advice("json", Verdict(outcome, "x")) for outcome in (RETRY, REFUSED, UNKNOWN)}

    assert [said for said in sentences if said.endswith(".") or "\n" in said] == []
    assert {said.split()[0] for said in sentences if said[0].isupper()} == {"Huawei"}


def test_what_is_said_to_be_about_the_message_is_taken_so_by_deliveries() -> None:
    """Else one message that is no good would keep all others from its channel."""
    about_message = {
        code
        for meanings in MEANINGS.values()
        for code, meaning in meanings.items()
        if meaning in {MESSAGE, TOO_LONG}
    }

    assert about_message
    assert {code for code in about_message if not may_blame_message(code)} == set()
