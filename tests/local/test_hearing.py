"""Why a channel has not heard all yet, in a line that says when it will."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from handler.core.audience import refuses
from handler.core.ledger import Attempt, ChannelState, Claim
from handler.core.observation import Observation, Phase
from handler.core.standing import Standing
from handler.local.printing.hearing import waited_for, who_refuses, why_unheard
from notifiers.alerts import Alert, Kind
from notifiers.channel import Channel
from notifiers.saying import Reader
from notifiers.verdicts import Outcome, Verdict
from tests.local.ticking import NOW, tick

DONE = Observation(Phase.COMPLETED, 100)
MENDED = "; mended? `headway resend i/t ops` has it told at the next look"
SHANGHAI = ZoneInfo("Asia/Shanghai")
QUIET = Channel("ops", quiet=(time(15), time(18, 30)), timezone=SHANGHAI)


def why(
    state: ChannelState,
    channel: Channel | None = None,
    rest_until: datetime | None = None,
    *,
    ahead: timedelta = timedelta(),
    now: datetime = NOW,
) -> list[str]:
    """What is said of the channel `ops`."""
    seen = tick(
        DONE,
        alerts=3,
        states={"ops": state},
        channels=(channel or Channel("ops"),),
        standings={"ops": Standing(rest_until)} if rest_until else {},
        ahead=ahead,
    )
    return [*why_unheard(seen, now, Reader())]


def after(minutes: float) -> datetime:
    """So long after now."""
    return NOW + timedelta(minutes=minutes)


def tried(outcome: Outcome, code: str | None = None) -> tuple[Attempt, ...]:
    """What a channel's state has of such an attempt."""
    return (Attempt(outcome, NOW, code),)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (ChannelState(2), "ops hears 1 more alert at the next look"),
        (ChannelState(1), "ops hears 2 more alerts at the next look"),
        (ChannelState(0), "ops hears 3 alerts at the next look"),
        (
            ChannelState(1, attempts=tried(Outcome.RETRY, "503"), not_before=after(5)),
            "ops has not heard all yet (503), tried again at 08:05",
        ),
        (
            ChannelState(1, attempts=tried(Outcome.RETRY), not_before=after(5)),
            "ops has not heard all yet, tried again at 08:05",
        ),
        (
            ChannelState(1, attempts=tried(Outcome.RETRY, "503"), not_before=after(-5)),
            "ops hears 2 more alerts at the next look",
        ),
        (
            ChannelState(1, attempts=tried(Outcome.REFUSED, "404"), not_before=after(60)),
            f"ops refuses messages (404), tried again at 09:00{MENDED}",
        ),
        (ChannelState(1, attempts=tried(Outcome.REFUSED)), f"ops refuses messages{MENDED}"),
        (ChannelState(1, attempts=tried(Outcome.REFUSED), resent_at=NOW), "ops refuses messages"),
        (
            ChannelState(1, attempts=tried(Outcome.REFUSED), resent_at=NOW, not_before=after(60)),
            f"ops refuses messages, tried again at 09:00{MENDED}",
        ),
        (
            ChannelState(1, claim=Claim("another", after(1), upto=3, tries=1)),
            "ops is being told by another run, until 08:01 at the latest",
        ),
    ],
)
def test_it_is_said_why_and_when_it_is_tried_again(state: ChannelState, said: str) -> None:
    """A pause that is over is none."""
    assert why(state) == [said]


def test_a_channel_that_rests_for_all_changes_says_until_when() -> None:
    """The longer of two pauses counts; one of another day comes with its date."""
    assert why(ChannelState(1), rest_until=after(30)) == ["ops has not heard all yet, tried again at 08:30"]
    assert why(ChannelState(1, not_before=after(60 * 24)), rest_until=after(30)) == [
        "ops has not heard all yet, tried again at 2026-11-25 08:00"
    ]


def test_moments_are_told_by_our_clock_though_they_are_kept_by_the_stores() -> None:
    """Which is two minutes ahead here: so it is over for us what it seems to wait for."""
    ahead = timedelta(minutes=2)

    assert why(ChannelState(1, not_before=after(5)), ahead=ahead) == [
        "ops has not heard all yet, tried again at 08:03"
    ]
    assert why(ChannelState(1, not_before=after(1)), ahead=ahead) == [
        "ops hears 2 more alerts at the next look"
    ]


def test_quiet_hours_say_when_they_end_by_the_readers_clock() -> None:
    """Whatever clock the channel goes by; a refusal stands in its way all the same."""
    night = Channel("ops", quiet=(time(7), time(6)))

    assert why(ChannelState(1), QUIET) == ["ops hears the rest at 10:30, after its quiet hours"]
    assert why(ChannelState(1), night) == ["ops hears the rest at 2026-11-25 06:00, after its quiet hours"]
    assert why(ChannelState(1), QUIET, now=NOW + timedelta(hours=3)) == [
        "ops hears 2 more alerts at the next look"
    ]
    assert why(ChannelState(1, attempts=tried(Outcome.REFUSED)), QUIET) == [f"ops refuses messages{MENDED}"]


def test_what_cannot_wait_does_not_wait_for_the_end_of_quiet_hours() -> None:
    """A failure behind what can is told with it."""
    seen = tick(DONE, alerts=2, states={"ops": ChannelState(1)}, channels=(QUIET,))
    failure = Alert(3, Kind.STEP_FAILED, "step_failed:a", NOW)
    ledger = replace(seen.after, length=3, alerts=(*seen.after.alerts, failure))

    assert [*why_unheard(seen, NOW, Reader())] == ["ops hears the rest at 10:30, after its quiet hours"]
    assert [*why_unheard(seen._replace(after=ledger), NOW, Reader())] == [
        "ops hears 2 more alerts at the next look"
    ]


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 3 * 1440), st.sampled_from([8, -5, 0]))
def test_quiet_hours_are_over_when_it_says_so(start: int, end: int, minutes: int, offset: int) -> None:
    """And a minute before that they are not."""
    zone = ZoneInfo(f"Etc/GMT{offset:+}")
    quiet = (time(*divmod(start, 60)), time(*divmod(end, 60)))
    channel = Channel("ops", quiet=quiet, timezone=zone)
    now = NOW + timedelta(minutes=minutes)
    if start == end or not channel.is_quiet(now):
        return

    (said,) = why(ChannelState(1), channel, now=now)
    at = said.removeprefix("ops hears the rest at ").partition(",")[0]
    over = datetime.fromisoformat(at if " " in at else f"{now.date()} {at}").replace(tzinfo=timezone.utc)
    assert not channel.is_quiet(over)
    assert channel.is_quiet(over - timedelta(minutes=1))
    assert now < over <= now + timedelta(days=1)


def test_who_has_heard_all_or_is_no_longer_configured_is_not_waited_for() -> None:
    """Nor is one that refuses, which is said all the same; that one is gone the ledger may not know yet."""
    states = {
        "told": ChannelState(3),
        "gone": ChannelState(1, absent_since=NOW),
        "just_gone": ChannelState(1, attempts=tried(Outcome.REFUSED)),
        "bad": ChannelState(1, attempts=tried(Outcome.REFUSED)),
        "due": ChannelState(1),
        "back": ChannelState(1, absent_since=NOW),
    }
    configured = tuple(map(Channel, ("told", "bad", "due", "back")))
    seen = tick(DONE, alerts=3, states=states, channels=configured)

    assert list(waited_for(seen)) == ["bad", "due", "back"]
    assert [refuses(state) for state in waited_for(seen).values()] == [True, False, False]
    assert [*why_unheard(seen, NOW, Reader())] == [
        f"bad refuses messages{MENDED.replace('ops', 'bad')}",
        "due hears 2 more alerts at the next look",
        "back hears 2 more alerts at the next look",
    ]


def test_of_a_channel_for_which_nothing_of_the_log_is_meant_there_is_nothing_to_say() -> None:
    """That it is settled there is noted with the next news."""
    picky = Channel("ops", kinds=frozenset({Kind.FAILED}))

    assert why(ChannelState(1), picky) == []


def test_what_comes_within_a_minute_is_told_to_the_second() -> None:
    """Else it would be said to come when it is that time already."""
    (soon,), (later,) = (why(ChannelState(1, not_before=after(minutes))) for minutes in (0.5, 1))

    assert soon == "ops has not heard all yet, tried again at 08:00:30"
    assert later == "ops has not heard all yet, tried again at 08:01"


def test_who_has_heard_nothing_yet_hears_it_and_not_the_rest() -> None:
    """After its quiet hours."""
    quiet = Channel("ops", quiet=(time(15), time(18, 30)), timezone=SHANGHAI)

    assert why(ChannelState(0), quiet) == ["ops hears it at 10:30, after its quiet hours"]


def test_a_terminal_is_called_what_it_is() -> None:
    """Nobody has configured a channel of the name that ledgers have for it."""
    seen = tick(DONE, alerts=1, states={"(terminal)": ChannelState(0)}, channels=())

    (said,) = why_unheard(seen, NOW, Reader())

    assert said == "a terminal where `headway watch` ran has not heard all yet"


def test_who_refuses_is_said_once_whatever_change_knows_it() -> None:
    """Since when, and until when it rests; not of one that was tried just now, nor of one that is fine."""
    names = ("bad", "ops", "tried")
    standings = {
        "bad": Standing(after(30), refused_since=after(-30)),
        "tried": Standing(after(30), refused_since=after(-30)),
        "ops": Standing(after(30)),
    }
    seen = tick(
        DONE,
        alerts=1,
        states={"bad": ChannelState(1, not_before=after(40))},
        channels=tuple(map(Channel, names)),
        standings=standings,
        verdicts={"tried": Verdict(Outcome.REFUSED), "bad": None},
        ahead=timedelta(minutes=2),
    )

    assert [*who_refuses([seen, seen], NOW, Reader())] == [
        "bad has refused messages since 07:28, tried again at 08:38"
    ]
