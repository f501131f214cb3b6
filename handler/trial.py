"""Tries channels: sends a test message to each in the way of alerts, and says what came of it.

Which alerts a channel wants, and when, does not count here. No state is touched, and the API is not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from handler.chosen import Chosen
from handler.clock import Budget, Clock, Deadline
from handler.runtimes import Runtime
from handler.senders import Notes, links_of, open_channels
from handler.settings import Settings
from notifiers.dispatch import Limits, Parcel, Sender, dispatch
from notifiers.samples import trial_message
from notifiers.schemas import schema_of
from notifiers.verdicts import MISCONFIGURED, NO_TIME, Outcome, Verdict

_IN_LOGS: Final = ("channel", "outcome", "code")


class TrialError(ValueError):
    """There is no such channel, or none at all; the message names those that there are."""


class UnknownChannelError(TrialError):
    """One that was named is none of those that there are."""


class Tried(NamedTuple):
    """What came of several trials, in the order of their channels' names."""

    answer: dict[str, Any]
    """For whoever asked."""
    account: list[dict[str, Any]]
    """For the log: without remarks, which may quote what is configured."""


class Trial(NamedTuple):
    """What came of one channel's test message; `remarks` are what is wrong with how it is configured."""

    channel: str
    service: str
    verdict: Verdict
    remarks: tuple[str, ...] = ()

    @property
    def is_fine(self) -> bool:
        """True when the message was sent, even if not quite in the way that is configured."""
        return self.verdict.outcome is Outcome.SENT

    @property
    def is_misconfigured(self) -> bool:
        """True when there was no way to send anything, as the remarks say."""
        return self.verdict == MISCONFIGURED


def try_all(settings: Settings, chosen: Chosen, runtime: Runtime, clock: Clock) -> Tried:
    """Send a test message to the chosen channels, and wait for the end of every trial.

    Raises:
        TrialError: There is no such channel.
    """
    answer = describe_all(try_channels(settings, chosen.channels, runtime, clock))
    return Tried(answer, [{key: trial[key] for key in _IN_LOGS} for trial in answer["trials"]])


def try_channels(settings: Settings, names: Sequence[str], runtime: Runtime, clock: Clock) -> Iterator[Trial]:
    """Send a test message to channels, side by side.

    Args:
        settings: The whole configuration.
        names: Which channels; none means all of them.
        runtime: What the platform gives, keys and time among it.
        clock: What time it is.

    Returns:
        Each trial as soon as its end is known.

    Raises:
        TrialError: There is no such channel.
    """
    chosen = choose_channels(settings, names)
    notes = {name: Notes() for name in chosen}
    senders = {name: _open(settings, name, runtime, clock, notes[name]) for name in chosen}
    parcels = [Parcel(name, trial_message(name, clock.now(), links_of(settings).of_all())) for name in chosen]
    deadline = Deadline(clock, runtime.deadline - clock.monotonic())
    budget = Budget.of(runtime.timeout_seconds)
    limits = Limits(
        send_seconds=budget.send_seconds,
        remaining_seconds=lambda: deadline.remaining_seconds() - budget.answer_seconds,
    )

    def conclude(parcel: Parcel, verdict: Verdict | None) -> Trial:
        name = parcel.channel
        service = schema_of(settings.channels[name].url.reveal())
        mistakes, remarks = notes[name].mistakes, notes[name].remarks
        verdict = MISCONFIGURED if mistakes else verdict or NO_TIME
        return Trial(name, service, verdict, (*mistakes, *remarks))

    return (conclude(*sent) for sent in dispatch(parcels, senders, limits))


def choose_channels(settings: Settings, names: Sequence[str]) -> tuple[str, ...]:
    """Take the named channels, each once, or all of them.

    Raises:
        TrialError: There is no such channel, or none at all.
    """
    known = settings.channels
    if not known:
        raise TrialError("No channel is configured.")
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UnknownChannelError(f"There is no channel {', '.join(unknown)}; there are {', '.join(known)}.")
    return tuple(dict.fromkeys(names or known))


def describe(trial: Trial) -> dict[str, Any]:
    """A trial as JSON shows it."""
    return {
        "channel": trial.channel,
        "service": trial.service,
        "outcome": trial.verdict.outcome.value,
        "code": trial.verdict.code,
        "remarks": list(trial.remarks),
    }


def describe_all(trials: Iterable[Trial]) -> dict[str, Any]:
    """Trials as JSON shows them, in the order of their channels' names."""
    ended = sorted(trials, key=lambda trial: trial.channel)
    return {"ok": all(trial.is_fine for trial in ended), "trials": [describe(trial) for trial in ended]}


def _open(settings: Settings, name: str, runtime: Runtime, clock: Clock, notes: Notes) -> Sender:
    """Open one channel by itself, so that what is wrong is known to be about it."""
    alone = replace(settings, channels={name: settings.channels[name]})
    return open_channels(alone, runtime, clock.now, notes)[name]
