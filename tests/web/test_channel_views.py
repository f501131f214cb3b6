"""How far channels have heard, and what is wrong with them."""

from __future__ import annotations

import pytest

from handler.core.ledger import Attempt, ChannelState, Claim, Ledger
from handler.core.pausing import LAPSED
from handler.web.pages.channel_views import ChannelView, view_channels
from notifiers.language_code import LanguageCode
from notifiers.verdicts import Outcome
from tests.web.records import MINUTE, NOW, visitor


def view(state: ChannelState, length: int = 4, code: LanguageCode = LanguageCode.EN) -> ChannelView:
    """A channel of a change with so many alerts."""
    ledger = Ledger(change="i/t", created_at=NOW, length=length, channels={"ops": state})
    return view_channels(ledger, visitor(code))[0]


SENT = Attempt(Outcome.SENT, NOW)


@pytest.mark.parametrize(
    ("state", "tone", "standing", "last_attempt"),
    [
        (ChannelState(4, attempts=(SENT,)), "success", "has heard all", "17:52 sent"),
        (ChannelState(1), "info", "3 still to hear", ""),
        (ChannelState(0, heard_beyond=(2, 3)), "info", "2 still to hear", ""),
        (
            ChannelState(
                1, claim=Claim("me", NOW + MINUTE, 4, 2), tries=1, not_before=NOW + MINUTE, repeat_upto=2
            ),
            "info",
            "being sent now, 3 still to hear",
            "",
        ),
        (
            ChannelState(1, claim=Claim("me", NOW - MINUTE, 4, 1)),
            "info",
            "a send was cut off at 17:51, 3 still to hear",
            "",
        ),
        (
            ChannelState(
                1, tries=3, not_before=NOW + MINUTE, attempts=(Attempt(Outcome.RETRY, NOW - MINUTE, "503"),)
            ),
            "warning",
            "3 still to hear after 3 tries",
            "17:51 not taken (503), next try at 17:53",
        ),
        (
            ChannelState(1, tries=1, not_before=NOW, attempts=(Attempt(Outcome.RETRY, NOW),)),
            "warning",
            "3 still to hear",
            "17:52 not taken",
        ),
        (
            ChannelState(
                1,
                refused_since=NOW - MINUTE,
                not_before=NOW + 59 * MINUTE,
                tries=3,
                attempts=(Attempt(Outcome.REFUSED, NOW, "401"),),
            ),
            "warning",
            "messages refused since 17:51, 3 still to hear",
            "17:52 refused (401), next try at 18:51",
        ),
        (
            ChannelState(1, tries=1, repeat_upto=2, attempts=(Attempt(Outcome.UNKNOWN, NOW, LAPSED),)),
            "warning",
            "the last may not have arrived, 3 still to hear",
            "17:52 outcome unknown (cut off)",
        ),
        (
            ChannelState(1, absent_since=NOW - 60 * MINUTE, not_before=NOW + MINUTE),
            "faint",
            "not in the configuration since 16:52, 3 still to hear",
            "",
        ),
    ],
)
def test_how_a_channel_stands_is_said_in_two_lines(
    state: ChannelState, tone: str, standing: str, last_attempt: str
) -> None:
    """What is wrong and what is to come, and how the last try went, with the service's own code."""
    told = view(state)

    assert (told.name, told.tone, told.standing, told.last_attempt) == ("ops", tone, standing, last_attempt)


@pytest.mark.parametrize(
    ("outcome", "code", "english", "chinese"),
    [
        (Outcome.RETRY, "no-time", "no time left", "剩余时间不足"),
        (Outcome.UNKNOWN, "timeout", "no answer in time", "未按时应答"),
        (Outcome.UNKNOWN, "KeyError", "a fault of Headway's", "Headway 内部错误"),
        (Outcome.REFUSED, "invalid_token", "invalid_token", "invalid_token"),
        (Outcome.RETRY, "internal_error", "internal_error", "internal_error"),
        (Outcome.RETRY, "SMN.0006", "SMN.0006", "SMN.0006"),
        (Outcome.UNKNOWN, "299", "299", "299"),
    ],
)
def test_our_own_codes_are_said_in_words(outcome: Outcome, code: str, english: str, chinese: str) -> None:
    """Those of a service stay as they are: they can be looked up."""
    state = ChannelState(1, attempts=(Attempt(outcome, NOW, code),))

    assert view(state).last_attempt.endswith(f" ({english})")
    assert view(state, code=LanguageCode.ZH).last_attempt.endswith(f"（{chinese}）")


def test_how_far_it_has_heard_is_counted_and_drawn() -> None:
    """Of nothing at all there is nothing to count."""
    assert (view(ChannelState(3)).heard, view(ChannelState(3)).percent) == ("3 of 4", 75)
    assert view(ChannelState(3), code=LanguageCode.ZH).heard == "3/4"
    assert view(ChannelState(9)).heard == "4 of 4"
    nothing = view(ChannelState(0), length=0)
    assert (nothing.heard, nothing.percent, nothing.standing) == ("", 0, "Nothing has been told yet.")
    gone = view(ChannelState(0, absent_since=NOW), length=0)
    assert gone.standing == "not in the configuration since 17:52"
