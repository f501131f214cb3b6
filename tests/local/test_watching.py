"""Watching in the foreground: when it ends, and how."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from threading import Event

import pytest

from handler.core.audience import Audience
from handler.core.change import ChangeId
from handler.core.ledger import Attempt, ChannelState, Ledger
from handler.core.observation import Observation, Phase
from handler.core.watch import Watch
from handler.huaweicloud.signing import Credentials
from handler.local.configuration import Configuration, of_simulator, of_watch
from handler.local.exits import ExitCode
from handler.local.simulation.playback import Playback
from handler.local.simulation.project import Project, project_of
from handler.local.simulation.script import find_script
from handler.local.simulation.simulator import ProjectSimulator, Simulator
from handler.local.watching import (
    FruitlessError,
    exit_code_of,
    is_over,
    look_first,
    watch_on,
    watch_until_over,
)
from handler.outcome import Outcome as TickOutcome
from handler.settings.sources import CONFIG_VARIABLE
from handler.tick import Tick
from notifiers.channel import Channel
from notifiers.verdicts import Outcome

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)


def tick(phase: Phase, channels: Mapping[str, ChannelState], *configured: str) -> Tick:
    """A tick of a change with two alerts in its log."""
    ledger = Ledger("i/t", NOW, observation=Observation(phase), length=2, channels=dict(channels))
    audience = Audience("orders", tuple(map(Channel, configured)))
    return Tick(Watch(ChangeId("i", "t"), "orders"), ledger, ledger, ledger, audience)


def ignore(_: object) -> None:
    """Show nothing."""


@pytest.mark.parametrize(
    ("phase", "state", "expected"),
    [
        (Phase.COMPLETED, ChannelState(2), True),
        (Phase.FAILED, ChannelState(2), True),
        (Phase.RUNNING, ChannelState(2), False),
        (Phase.COMPLETED, ChannelState(1), False),
        (Phase.COMPLETED, ChannelState(1, attempts=(Attempt(Outcome.RETRY, NOW),)), False),
        (Phase.COMPLETED, ChannelState(1, attempts=(Attempt(Outcome.REFUSED, NOW),)), True),
        (Phase.COMPLETED, ChannelState(1, absent_since=NOW), False),
    ],
)
def test_a_change_is_over_when_it_has_ended_and_every_channel_knows(
    phase: Phase, state: ChannelState, *, expected: bool
) -> None:
    """One that refuses is not waited for, nor who is configured no longer, whatever the ledger knows."""
    assert is_over(tick(phase, {"ops": state}, "ops")) is expected
    assert is_over(tick(phase, {"ops": state}, "other")) is phase.is_end


@pytest.mark.parametrize(
    ("report", "code"),
    [
        ({"ok": True, "error": None, "changes": [{"error": None}]}, 0),
        ({"ok": True, "error": None, "changes": [{"error": {"kind": "not_found"}}]}, 1),
        ({"ok": True, "error": {"kind": "unavailable"}, "changes": []}, 1),
        ({"ok": False, "error": None, "changes": []}, 1),
        ({"ok": False, "error": {"kind": "unauthorised"}, "changes": []}, 1),
        ({"ok": False, "error": {"kind": "misconfigured"}, "changes": []}, 2),
    ],
)
def test_the_exit_code_of_one_tick(report: dict[str, object], code: int) -> None:
    """Fine, not fine, wrong configuration."""
    assert exit_code_of(report) == code


def test_a_key_that_is_refused_at_the_first_look_ends_the_watch(tmp_path: Path) -> None:
    """It is used once, since six refusals lock it; the next try by hand is not kept waiting."""
    with Simulator(find_script("good")) as simulator:
        configuration = of_simulator(simulator, str(tmp_path), 1)
        simulator.credentials = Credentials("ANOTHERKEY", "another secret")
        for _ in range(2):
            with pytest.raises(FruitlessError, match="refused the access key") as told:
                watch_until_over(configuration.application(), ignore, ignore, Event(), 1)

            assert told.value.exit_code is ExitCode.NOT_FINE

    assert simulator.counts == {"refused": 2}


def test_a_configuration_that_cannot_be_used_ends_the_watch() -> None:
    """With all that is wrong with it."""
    application = Configuration({"HEADWAY_REGION": "eu-west-101"}, "none").application()
    with pytest.raises(FruitlessError, match="HEADWAY_PROJECT_ID") as told:
        watch_until_over(application, ignore, ignore, Event(), 1)

    assert told.value.exit_code is ExitCode.WRONG_USAGE


def test_an_api_that_goes_away_later_does_not_end_the_watch(tmp_path: Path) -> None:
    """Nor does it end when all changes have ended but one."""
    problems = []

    def show(ticks: list[Tick]) -> None:
        problems.append(ticks[0].problem)
        simulator.credentials = Credentials("ANOTHERKEY", "another secret")
        if len(problems) == 2:
            interrupted.set()

    interrupted = Event()
    with Simulator(find_script("good")) as simulator:
        application = of_simulator(simulator, str(tmp_path), 1).application()
        exit_code = watch_until_over(application, show, ignore, interrupted, 0.01)  # type: ignore[arg-type]

    assert exit_code is ExitCode.INTERRUPTED
    assert problems[0] is None
    assert problems[1] is not None


def test_a_change_that_was_over_long_before_is_not_the_one_to_wait_for(tmp_path: Path) -> None:
    """Whoever watches an instance waits for what comes; what ended a moment ago may be just that."""
    interrupted, ticks = Event(), 0

    def show(_: object) -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 2:
            interrupted.set()

    began_at = datetime.now(timezone.utc) - timedelta(hours=1)
    change = ChangeId("instance", "task")
    playback = Playback(find_script("good"), change.task_id, began_at)
    with ProjectSimulator(project_of(change.instance_id, playback)) as simulator:
        environ = {**simulator.environment(), "HEADWAY_STATE": f"file:{tmp_path}"}
        configuration = of_watch(change.instance_id, None, environ)
        application = configuration.application()
        old = watch_until_over(application, show, ignore, interrupted, 0.01, configuration.aim)
        named = of_watch(*change, environ)
        known = watch_until_over(named.application(), ignore, ignore, Event(), 0.01, named.aim)

    assert (old, known) == (ExitCode.INTERRUPTED, ExitCode.FINE)


class Patience:
    """Is told of ticks, and has enough after some of them; `meanwhile` is done after the first."""

    def __init__(self, ticks: int, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Wait for so many."""
        self.interrupted = Event()
        self.shown: list[Sequence[Tick]] = []
        self.errors: list[str | None] = []
        self._ticks = ticks
        self._meanwhile = meanwhile

    def tell(self, outcome: TickOutcome) -> None:
        """Note what was in the way."""
        error = outcome.report["error"]
        self.errors.append(error and error["kind"])
        if len(self.errors) == 1:
            self._meanwhile()
        if len(self.errors) == self._ticks:
            self.interrupted.set()

    def watch(self, configuration: Configuration) -> ExitCode:
        """Watch without waiting between ticks."""
        application = configuration.application()
        first = look_first(application)
        return watch_on(application, first, self.shown.append, self.tell, self.interrupted, 0)


def test_whoever_watches_on_goes_on_after_the_end(tmp_path: Path) -> None:
    """There may be another change, and the page is to be kept."""
    patience = Patience(3)
    with Simulator(find_script("good"), speed=1e6) as simulator:
        exit_code = patience.watch(of_simulator(simulator, str(tmp_path), 1))

    assert exit_code is ExitCode.INTERRUPTED
    assert patience.errors == [None] * 3
    assert [ticks[0].after.phase for ticks in patience.shown] == [Phase.COMPLETED] * 3


def test_whoever_watches_on_goes_on_where_there_is_no_change(tmp_path: Path) -> None:
    """One may come."""
    patience = Patience(2)
    with ProjectSimulator(Project(datetime.now(timezone.utc))) as simulator:
        environ = {**simulator.environment(), "HEADWAY_STATE": f"file:{tmp_path}", "HEADWAY_DISCOVER": "true"}
        patience.watch(Configuration(environ, "none"))

    assert (patience.shown, patience.errors) == ([[], []], [None] * 2)


def test_trouble_does_not_end_a_watch_that_goes_on(tmp_path: Path) -> None:
    """Not even at the first look; how the changes stood stays to be seen."""
    patience = Patience(2)
    with Simulator(find_script("good")) as simulator:
        configuration = of_simulator(simulator, str(tmp_path), 1)
        simulator.credentials = Credentials("ANOTHERKEY", "another secret")
        exit_code = patience.watch(configuration)

    assert exit_code is ExitCode.INTERRUPTED
    assert patience.errors == ["unauthorised"] * 2
    # The key is left alone after it was refused.
    assert simulator.counts == {"refused": 1}


def test_neither_a_defect_nor_a_spoilt_configuration_ends_a_watch_that_goes_on(tmp_path: Path) -> None:
    """The one is told as what it is, the other may be mended; nothing is shown in place of the changes."""

    class Environ(dict[str, str]):
        def get(self, key: str, default: object = None) -> str:
            if self["spoilt"] == "by a defect":
                raise RuntimeError(key, default)
            return super().get(key) or ""

    with Simulator(find_script("good")) as simulator:
        fine = of_simulator(simulator, str(tmp_path), 1)
        for spoil, kind in [
            ({"spoilt": "by a defect"}, "malformed"),
            ({CONFIG_VARIABLE: "\nnonsense"}, "misconfigured"),
        ]:
            environ = Environ({**fine.environ, "spoilt": ""})
            patience = Patience(3, partial(environ.update, spoil))

            assert patience.watch(fine._replace(environ=environ)) is ExitCode.INTERRUPTED
            assert patience.errors == [None, kind, kind]
            assert len(patience.shown) == 1


def test_a_first_look_with_a_configuration_that_cannot_be_used_is_the_last() -> None:
    """Nothing would ever come of a watch that goes on."""
    with pytest.raises(FruitlessError, match="HEADWAY_PROJECT_ID") as told:
        look_first(Configuration({"HEADWAY_REGION": "eu-west-101"}, "none").application())

    assert told.value.exit_code is ExitCode.WRONG_USAGE


def with_channel(configuration: Configuration, kind: str) -> Configuration:
    """The same with a channel that wants this alone, and has a URL that leads nowhere."""
    settings = json.loads(configuration.environ[CONFIG_VARIABLE])
    channels = {"bad": {"url": "slack://nonsense", "alerts": [kind]}}
    text = json.dumps({**settings, "channels": channels}, indent=1)
    return configuration._replace(environ={CONFIG_VARIABLE: text})


def test_a_url_that_cannot_be_used_ends_a_watch_that_goes_on_only_if_the_first_look_finds_it(
    tmp_path: Path,
) -> None:
    """It is found when there is something to send; later that is told, and the watch goes on."""
    errors: list[str] = []
    interrupted = Event()

    def tell(outcome: TickOutcome) -> None:
        error = outcome.report["error"]
        errors.append(error["message"] if error else "")
        if len(errors) > 1 and errors[-2]:
            interrupted.set()

    with Simulator(find_script("good"), speed=150) as simulator:
        at_once, later = (
            with_channel(of_simulator(simulator, str(tmp_path / kind), 1), kind).application()
            for kind in ("started", "completed")
        )
        with pytest.raises(FruitlessError, match="Channel bad has a url") as told:
            look_first(at_once)
        exit_code = watch_on(later, look_first(later), ignore, tell, interrupted, 0.2)

    assert (told.value.exit_code, exit_code) == (ExitCode.WRONG_USAGE, ExitCode.INTERRUPTED)
    assert [error for error in errors if error] == [str(told.value)]
