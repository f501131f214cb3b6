"""Outages of the API, the store and each channel, in every way in which they go wrong, over real sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest

from notifiers.alerts import Kind
from tests.proofs.effort import is_long
from tests.proofs.figures import record
from tests.proofs.real_cases import MAIL_NEVER_ARRIVED, NEVER_ARRIVED, WHOLE, cases
from tests.proofs.real_fleet import CHANGES, watched_by_two
from tests.proofs.real_hearing import Tally
from tests.proofs.real_outage import endure, recover
from tests.proofs.real_site import CHANNELS, Site
from tests.proofs.real_trouble import Trouble

TICKS: Final = 5 if is_long() else 3
BORNE_TICKS: Final = 3
"""Minutes that an outage is borne in silence."""

BORNE_TICKS_LIMITED: Final = 20 + BORNE_TICKS - 1
"""The same where the API wants fewer requests: the change may have had a turn that nothing was written of."""

STORES: Final = ("s3", "obs")
OUTCOMES: Final[list[Tally]] = []
"""How the alerts of every outage fared, channel by channel."""


@pytest.fixture(scope="module", autouse=True)
def _figures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Leave figures behind; what a first tick imports must not count as an outage on a busy machine."""
    with ExitStack() as stack:
        Site(stack, "folder", tmp_path_factory.mktemp("first"), lambda _: True).tick()
    yield
    total = sum(OUTCOMES, Tally())
    record(
        "outages",
        f"{len(OUTCOMES) // len(CHANNELS)}, after which {total.alerts} alerts for a channel were told"
        f" in {total.copies} copies; {total.repeats} copies too many, all marked,"
        f" {total.ended_unheard} alerts ended visibly as unknown after two doubtful sends, 0 lost",
    )


@contextmanager
def opened(kind: str, folder: Path, strikes: Callable[[bytes], bool] = lambda _: True) -> Iterator[Site]:
    """A site that has told how things stand; afterwards nobody has cause for complaint."""
    with ExitStack() as stack:
        site = Site(stack, kind, folder, strikes)
        site.tick()
        assert min(site.counts()[name] for name in CHANNELS) == len(site.changes)
        yield site
        assert site.is_quiet
        assert list(site.complaints()) == []
        for channel in CHANNELS:
            OUTCOMES.append(site.tally(channel))


@pytest.mark.parametrize(("channel", "trouble"), cases(CHANNELS, list(Trouble)))
def test_a_channel_in_trouble_waits_alone(channel: str, trouble: Trouble, tmp_path: Path) -> None:
    """The others hear everything at once; it hears in one message what certainly never reached it."""
    never_arrived = MAIL_NEVER_ARRIVED if channel == "mail" else NEVER_ARRIVED
    others = [name for name in CHANNELS if name != channel]
    with opened("folder", tmp_path) as site:
        endured = endure(site, channel, trouble, TICKS)
        told_later = recover(site)

        for tick in endured:
            assert all(tick.told[name] == len(site.changes) for name in others)
            assert max(tick.delays[name] for name in others) < tick.send_seconds
            assert tick.seconds < tick.timeout_seconds
        assert all(site.tally(name).is_spotless for name in others)
        if trouble in never_arrived:
            assert site.tally(channel).is_spotless
            assert told_later[channel] == len(site.changes)


@pytest.mark.parametrize(("name", "trouble"), cases(["api"], list(Trouble)))
def test_an_api_in_trouble_is_told_once_and_its_end_once(name: str, trouble: Trouble, tmp_path: Path) -> None:
    """Told while it lasts; when it is over, one message a change has everything that was missed."""
    borne_ticks = BORNE_TICKS_LIMITED if trouble is Trouble.LIMITED else BORNE_TICKS
    with opened("folder", tmp_path) as site:
        endured = endure(site, name, trouble, borne_ticks + 2)
        told_later = recover(site)

        told = [sum(tick.told[channel] for channel in CHANNELS) for tick in endured]
        assert sum(told[:borne_ticks]) == 0
        assert sum(told) == len(site.changes) * len(CHANNELS)
        assert not endured[-1].report["ok"]
        for channel in CHANNELS:
            assert site.tally(channel).is_spotless
            assert told_later[channel] == len(site.changes)
        for ledger in site.ledgers:
            kinds = [alert.kind for alert in ledger.alerts]
            assert (kinds.count(Kind.UNREACHABLE), kinds.count(Kind.RECOVERED)) == (1, 1)


# Who wants fewer requests wants them of all changes.
@pytest.mark.parametrize(
    ("name", "trouble"), cases(["alpha"], [t for t in Trouble if t not in {*WHOLE, Trouble.LIMITED}])
)
def test_trouble_with_one_change_is_no_other_changes(name: str, trouble: Trouble, tmp_path: Path) -> None:
    """Where the API answers for one change and not for the other, the other is told in every tick."""
    with opened("folder", tmp_path, lambda request: f"/{name}".encode() in request) as site:
        endured = endure(site, "api", trouble, TICKS)
        recover(site)

        assert all(tick.told["inst/beta"] == len(CHANNELS) for tick in endured)
        assert all(site.tally(channel).is_spotless for channel in CHANNELS)


@pytest.mark.parametrize(("kind", "trouble"), cases(STORES, list(Trouble)))
def test_a_store_in_trouble_loses_nothing(kind: str, trouble: Trouble, tmp_path: Path) -> None:
    """Nothing is said while nothing can be noted, and the report says why; then everything, once."""
    with opened(kind, tmp_path) as site:
        endured = endure(site, "state", trouble, TICKS)
        told_later = recover(site)

        for tick in endured:
            assert tick.told.total() == 0
            assert not tick.report["ok"]
            assert tick.report["error"]["kind"] == "state_unavailable"
            assert tick.seconds < tick.timeout_seconds + tick.send_seconds
        for channel in CHANNELS:
            assert site.tally(channel).is_spotless
            assert told_later[channel] == len(site.changes)


@pytest.mark.parametrize(
    ("name", "trouble"), cases([f"{kind} writes" for kind in STORES], [t for t in Trouble if t not in WHOLE])
)
def test_a_store_that_can_only_be_read_loses_nothing(name: str, trouble: Trouble, tmp_path: Path) -> None:
    """What was saved although the answer said otherwise is told at once, all else later; all of it once."""
    with opened(name.removesuffix(" writes"), tmp_path, lambda request: request.startswith(b"PUT")) as site:
        endured = endure(site, "state", trouble, TICKS)
        recover(site)

        for tick in endured:
            error = tick.report["error"]
            assert (error is None) == (tick.told.total() > 0)
            assert error is None or error["kind"] == "state_unavailable"
        assert all(site.tally(channel).is_spotless for channel in CHANNELS)


def test_a_revoked_token_costs_one_send_an_hour(tmp_path: Path) -> None:
    """And one `channel_refused`, however many changes there are to tell of."""
    later = (30, 59, 61, 62, 90, 119, 122, 123, 150, 179) if is_long() else (59, 61, 62, 122, 123)
    with watched_by_two(tmp_path) as fleet:
        tries = fleet.run(range(10 if is_long() else 3))
        told = fleet.told
        tries_later = {minute: fleet.run([minute]) for minute in later}

        assert tries == 1
        assert {minute for minute, count in tries_later.items() if count} == {61, 122}
        assert sum(tries_later.values()) == 2
        assert [copy.phrase for message in told for copy in message.copies] == ["channel bad refuses"]
        assert fleet.told == told
    record(
        f"a revoked token, {CHANGES} changes with news in every tick of two to three hours",
        f"{tries + sum(tries_later.values())} sends to it, {len(told)} channel_refused",
    )
