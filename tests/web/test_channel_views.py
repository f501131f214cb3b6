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
    ("state", "tone", "notes", "last_attempt"),
    [
        (ChannelState(4, last_attempt=SENT), "success", ("has heard all",), "17:52 sent"),
        (ChannelState(1), "info", ("still to hear: 3",), ""),
        (
            ChannelState(1, claim=Claim("me", NOW + MINUTE, 4, 2)),
            "info",
            ("being sent now, attempt 2", "still to hear: 3"),
            "",
        ),
        (
            ChannelState(1, claim=Claim("me", NOW - MINUTE, 4, 1)),
            "info",
            ("a send was cut off at 17:51, outcome unknown", "still to hear: 3"),
            "",
        ),
        (
            ChannelState(
                1, tries=3, not_before=NOW + MINUTE, last_attempt=Attempt(Outcome.RETRY, NOW - MINUTE, "503")
            ),
            "warning",
            ("pauses until 17:53, attempts so far: 3", "still to hear: 3"),
            "17:51 not taken, to be tried again (503)",
        ),
        (
            ChannelState(1, tries=1, not_before=NOW, last_attempt=Attempt(Outcome.RETRY, NOW)),
            "warning",
            ("still to hear: 3",),
            "17:52 not taken, to be tried again",
        ),
        (
            ChannelState(
                1,
                refused_since=NOW - MINUTE,
                not_before=NOW + 59 * MINUTE,
                tries=1,
                last_attempt=Attempt(Outcome.REFUSED, NOW, "401"),
            ),
            "warning",
            (
                "has refused messages since 17:51",
                "pauses until 18:51, attempts so far: 1",
                "still to hear: 3",
            ),
            "17:52 refused (401)",
        ),
        (
            ChannelState(1, tries=1, repeat_upto=2, last_attempt=Attempt(Outcome.UNKNOWN, NOW, LAPSED)),
            "warning",
            ("what was sent last may not have arrived", "still to hear: 3"),
            "17:52 outcome unknown (cut off)",
        ),
        (
            ChannelState(4, absent_since=NOW - 60 * MINUTE),
            "faint",
            ("not in the configuration since 16:52", "has heard all"),
            "",
        ),
    ],
)
def test_what_is_wrong_with_a_channel_is_said(
    state: ChannelState, tone: str, notes: tuple[str, ...], last_attempt: str
) -> None:
    """Each by itself, and how the last attempt ended, with the service's own code."""
    told = view(state)

    assert (told.name, told.tone, told.notes, told.last_attempt) == ("ops", tone, notes, last_attempt)


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
    state = ChannelState(1, last_attempt=Attempt(outcome, NOW, code))

    assert view(state).last_attempt.endswith(f" ({english})")
    assert view(state, code=LanguageCode.ZH).last_attempt.endswith(f"（{chinese}）")


def test_how_far_it_has_heard_is_counted_and_drawn() -> None:
    """Of nothing at all there is nothing to count."""
    assert (view(ChannelState(3)).heard, view(ChannelState(3)).percent) == ("3 of 4", 75)
    assert view(ChannelState(3), code=LanguageCode.ZH).heard == "3/4"
    assert view(ChannelState(9)).heard == "4 of 4"
    nothing = view(ChannelState(0), length=0)
    assert (nothing.heard, nothing.percent, nothing.notes) == ("", 0, ("Nothing has been told yet.",))
