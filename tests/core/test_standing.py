"""What one change has learnt of a channel holds for all of them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.ledger import Attempt, ChannelState, Ledger
from handler.core.standing import Standing, find_standings, note_tried
from notifiers.verdicts import Outcome

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def ledger(outcome: Outcome | None, ended_at: datetime = NOW, code: str | None = None) -> Ledger:
    """The ledger of a change whose last send to `ops` ended so, an hour's pause after it."""
    pause = None if outcome in {None, Outcome.SENT} else ended_at + HOUR
    since = ended_at if outcome is Outcome.REFUSED else None
    tries = 0 if outcome in {None, Outcome.SENT} else 1
    attempts = (Attempt(outcome, ended_at, code),) if outcome else ()
    state = ChannelState(0, tries=tries, not_before=pause, refused_since=since, attempts=attempts)
    return Ledger(change="i/t", created_at=NOW, channels={"ops": state, "never-tried": ChannelState(0)})


@pytest.mark.parametrize(
    ("outcome", "code", "standing"),
    [
        (None, None, None),
        (Outcome.SENT, None, None),
        (Outcome.RETRY, "503", Standing()),
        (Outcome.UNKNOWN, "timeout", Standing(in_doubt=True)),
        (Outcome.UNKNOWN, "lapsed", None),
        (Outcome.REFUSED, "400", Standing(refused_since=NOW)),
        (Outcome.REFUSED, "401", Standing(NOW + HOUR, refused_since=NOW)),
    ],
)
def test_an_attempt_says_how_a_channel_stands(
    outcome: Outcome | None, code: str | None, standing: Standing | None
) -> None:
    """One change alone gives nobody else a rest, unless the channel itself was refused."""
    assert find_standings([ledger(outcome, code=code)]) == ({"ops": standing} if standing else {})


@pytest.mark.parametrize(
    ("first", "second", "rest", "in_doubt"),
    [
        (Outcome.RETRY, Outcome.RETRY, HOUR, False),
        (Outcome.UNKNOWN, Outcome.UNKNOWN, HOUR, True),
        (Outcome.UNKNOWN, Outcome.RETRY, HOUR, False),
    ],
)
def test_two_changes_are_enough_to_blame_the_channel(
    first: Outcome, second: Outcome, rest: timedelta, *, in_doubt: bool
) -> None:
    """Then all rest, for the longest pause that one of them has to make."""
    found = find_standings([ledger(first), ledger(second, NOW + MINUTE)])

    assert found == {"ops": Standing(NOW + MINUTE + rest, in_doubt=in_doubt)}


def test_what_is_down_is_tried_later_and_later_by_all_together() -> None:
    """However many changes there are, they make one series of tries, doubling up to half an hour."""
    down = [ledger(Outcome.RETRY, NOW + number * MINUTE) for number in range(4)]
    for each in down:
        each.channels["ops"] = replace(each.channels["ops"], not_before=None)
    rests = [find_standings(down[:count])["ops"].rest_until for count in (2, 3, 4)]

    latest = [NOW + number * MINUTE for number in (1, 2, 3)]
    assert rests == [moment + timedelta(seconds=s) for moment, s in zip(latest, (60, 120, 240), strict=True)]


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

    assert standings == {"ops": Standing(in_doubt=True, is_tried=True)}
    assert standings["ops"].rests(NOW, is_urgent=True)


@given(st.none() | st.timedeltas(-HOUR, HOUR), st.booleans(), st.booleans(), st.booleans())
def test_a_rest_ends_with_its_time(
    offset: timedelta | None,
    is_tried: bool,  # noqa: FBT001
    in_doubt: bool,  # noqa: FBT001
    is_urgent: bool,  # noqa: FBT001
) -> None:
    """And not while somebody is trying; what is urgent waits for no doubt to pass."""
    rest_until = None if offset is None else NOW + offset
    standing = Standing(rest_until=rest_until, in_doubt=in_doubt, is_tried=is_tried)

    is_resting = offset is not None and offset > timedelta() and not (in_doubt and is_urgent)
    assert standing.rests(NOW, is_urgent=is_urgent) is (is_tried or is_resting)
