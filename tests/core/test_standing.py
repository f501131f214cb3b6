"""What one change has learnt of a channel holds for all of them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.core.ledger import Attempt, ChannelState, Ledger
from handler.core.standing import Standing, find_standings, note_tried
from notifiers.verdicts import Outcome

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def ledger(outcome: Outcome | None, ended_at: datetime = NOW, code: str | None = None) -> Ledger:
    """The ledger of a change whose last send to `ops` ended so, an hour's pause after it."""
    attempt = Attempt(outcome, ended_at, code) if outcome else None
    pause = None if outcome in {None, Outcome.SENT, Outcome.UNKNOWN} else ended_at + HOUR
    since = ended_at if outcome is Outcome.REFUSED else None
    state = ChannelState(0, not_before=pause, refused_since=since, last_attempt=attempt)
    return Ledger(change="i/t", created_at=NOW, channels={"ops": state, "never-tried": ChannelState(0)})


@pytest.mark.parametrize(
    ("outcome", "code", "standing"),
    [
        (None, None, None),
        (Outcome.SENT, None, None),
        (Outcome.RETRY, "503", Standing(rest_until=NOW + HOUR, one_by_one=True)),
        (Outcome.UNKNOWN, "timeout", Standing(one_by_one=True)),
        (Outcome.REFUSED, "401", Standing(NOW + HOUR, NOW, one_by_one=True)),
        (Outcome.REFUSED, "400", Standing(refused_since=NOW)),
    ],
)
def test_an_attempt_says_how_a_channel_stands(
    outcome: Outcome | None, code: str | None, standing: Standing | None
) -> None:
    """A refusal of just one message gives nobody else a rest."""
    assert find_standings([ledger(outcome, code=code)]) == ({"ops": standing} if standing else {})


@pytest.mark.parametrize("order", [1, -1])
def test_the_latest_attempt_counts_whichever_change_made_it(order: int) -> None:
    """A success ends everybody's rest, an older failure begins none."""
    failed_then_sent = [ledger(Outcome.REFUSED), ledger(None), ledger(Outcome.SENT, NOW + MINUTE)]
    sent_then_failed = [ledger(Outcome.SENT), ledger(Outcome.REFUSED, NOW + MINUTE)]

    assert find_standings(failed_then_sent[::order]) == {}
    assert set(find_standings(sent_then_failed[::order])) == {"ops"}


def test_a_refusal_is_known_through_a_blip_until_a_message_is_taken() -> None:
    """Whichever change met the 503 in between."""
    refused, blip = ledger(Outcome.REFUSED), ledger(Outcome.RETRY, NOW + MINUTE)
    taken, again = ledger(Outcome.SENT, NOW + 2 * MINUTE), ledger(Outcome.RETRY, NOW + 3 * MINUTE)

    assert find_standings([refused, blip])["ops"].refused_since == NOW
    assert find_standings([refused, blip, taken, again])["ops"].refused_since is None


def test_a_channel_in_doubt_is_tried_by_one_change_at_a_time() -> None:
    """The others wait for how it fares; a channel that is well is everybody's at once."""
    standings = note_tried(find_standings([ledger(Outcome.UNKNOWN)]), ["ops", "never-tried"])

    assert standings == {"ops": Standing(one_by_one=True, is_tried=True)}
    assert standings["ops"].rests(NOW)
    refused = find_standings([ledger(Outcome.REFUSED, code="413")])
    assert note_tried(refused, ["ops"]) == refused


@given(st.none() | st.timedeltas(-HOUR, HOUR), st.booleans())
def test_a_rest_ends_with_its_time(offset: timedelta | None, is_tried: bool) -> None:  # noqa: FBT001
    """And not while somebody is trying."""
    standing = Standing(rest_until=None if offset is None else NOW + offset, is_tried=is_tried)

    assert standing.rests(NOW) is (is_tried or (offset is not None and offset > timedelta()))
