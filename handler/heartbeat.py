"""The heartbeat: after each invocation somebody who waits for it hears whether all is fine, and else why not.

Where none comes the silence tells: that the timer is dead, that the function ends before its time, or that
the configuration cannot be read, so that nobody knows the address, unless its variable holds it. It comes
last, when everything is told and recorded, and nothing depends on what becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Final, NamedTuple

from handler.clock import Budget, Clock, Deadline
from handler.credentials import secrets_of
from handler.logs import make_redact
from handler.outcome import Beat, Work
from handler.pings import PART, address_for, attempt, bad, good
from handler.report import JOB_STOPPERS
from handler.runtimes import Platform, Runtime
from handler.settings import Settings
from handler.settings.addresses import read_heartbeat
from handler.settings.variables import HEARTBEAT_VARIABLE
from handler.transport import Request, Send
from handler.triggers import Trigger, TriggerKind

APART_SECONDS: Final = 15.0
"""The same is not said again sooner, for Healthchecks.io may ignore more than ten pings a minute.

So a heartbeat that hangs does not hold up each of many ticks, either.
Source: https://github.com/healthchecks/healthchecks/issues/553.
"""

LINES_MAX: Final = 10
LINE_LENGTH_MAX: Final = 300
"""All lines together stay below the 10 kB that a Healthchecks of one's own keeps by default."""

SENT_LATELY: Final = Beat("sent lately")
IN_DOUBT: Final = Beat("left out: changes could not be looked for, which may pass")
OWN_MATTER: Final = Beat("left out: what keeps a look by hand from this machine need not keep the function")
FOR_OTHERS: Final = Beat(f"left out: an address with {PART} is for parts of the changes, any other for all")
NO_TIME: Final = Beat("no time was left for it", is_lost=True)
NO_ANSWER: Final = Beat("it did not answer in time", is_lost=True)

Connect = Callable[["Settings | None"], Send]
"""Opens the way out that settings name, or without them the direct one."""


class _Latest(NamedTuple):
    beat: Beat
    is_fine: bool
    rest: Deadline


class Heartbeat:
    """Sends the heartbeats of one process."""

    def __init__(self, clock: Clock, connect: Connect) -> None:
        """Connect to nothing yet."""
        self._clock = clock
        self._connect = connect
        self._latest: dict[str, _Latest] = {}

    def tell(self, trigger: Trigger, work: Work, runtime: Runtime, *, is_fine: bool) -> Beat | None:
        """Tell how an invocation went, within its time; None where none is owed. Never raises."""
        try:
            return self._tell(trigger, work, runtime, is_fine=is_fine)
        except Exception as error:  # noqa: BLE001 - nothing depends on it; and the text could quote the address
            return Beat(f"it could not be sent ({type(error).__name__})", is_lost=True)

    def _tell(self, trigger: Trigger, work: Work, runtime: Runtime, *, is_fine: bool) -> Beat | None:
        """See `tell`.

        An invocation that could not even look for changes tells nothing: a blip is no reason for an alarm,
        and if it goes on the silence is.
        """
        configured = find_url(work.settings, runtime)
        if configured is None or not is_owed(trigger):
            return None
        url = address_for(configured, trigger.scope)
        if url is None:
            return FOR_OTHERS
        if is_fine and work.trouble:
            return IN_DOUBT
        if _is_own_matter(trigger, work, runtime):
            return OWN_MATTER
        latest = self._latest.get(url)
        if latest and latest.is_fine is is_fine and latest.rest.remaining_seconds() > 0:
            return latest.beat if latest.beat.is_lost else SENT_LATELY
        request = good(url) if is_fine else bad(url, self._lines(work, runtime, url))
        beat = self._send(request, work.settings, runtime)
        self._latest[url] = _Latest(beat, is_fine, Deadline(self._clock, APART_SECONDS))
        return beat

    def _lines(self, work: Work, runtime: Runtime, url: str) -> list[str]:
        # Imported here, because to word what is wrong takes a language, and who is fine does without.
        from handler.reasons import reasons_of  # noqa: PLC0415
        from notifiers.saying import one_line  # noqa: PLC0415

        settings = work.settings
        problem = work.trouble or work.blemish
        lines = reasons_of(problem, work.ticks, work.policy, self._clock.now())
        redact = make_redact({url, *secrets_of(runtime), *(settings.secrets() if settings else ())})
        # Struck out before anything is cut off, or the beginning of a secret would be left.
        return [one_line(str(redact(line)), LINE_LENGTH_MAX) for line in lines[:LINES_MAX]]

    def _send(self, request: Request, settings: Settings | None, runtime: Runtime) -> Beat:
        """Send in a thread, since to look up a host's name keeps no time, and stop waiting in time."""
        budget = Budget.of(runtime.timeout_seconds)
        left_seconds = runtime.deadline - self._clock.monotonic() - budget.answer_seconds
        seconds = min(budget.heartbeat_seconds, left_seconds)
        if seconds <= 0:
            return NO_TIME
        beats: list[Beat] = []
        send = self._connect(settings)
        thread = Thread(target=lambda: beats.append(attempt(send, request, seconds)), daemon=True)
        thread.start()
        thread.join(seconds)
        return beats[0] if beats else NO_ANSWER


def find_url(settings: Settings | None, runtime: Runtime) -> str | None:
    """The address that is configured, if any; without settings the variable may still hold it."""
    if settings:
        return settings.heartbeat.url.reveal() if settings.heartbeat.url else None
    try:
        return read_heartbeat(runtime.lookup(HEARTBEAT_VARIABLE)).reveal()
    except ValueError:
        return None


def is_owed(trigger: Trigger) -> bool:
    """Whether an invocation is the look that a timer owes, or stands for one.

    Any look at all changes that tells all stands for it, also one by hand from somebody's own machine: while
    there are such looks the timer is not missed. Hints, callers and looks at a few changes only do not count.
    An event of a timer's that could not be obeyed is a look that is owed.
    """
    if trigger.scope is None:
        return trigger.kind is TriggerKind.TIMER
    is_of_all = not trigger.scope.only and trigger.scope.instance_id is None
    return is_of_all and trigger.kind in {TriggerKind.TIMER, TriggerKind.MANUAL}


def _is_own_matter(trigger: Trigger, work: Work, runtime: Runtime) -> bool:
    """Whether a look by hand could not be: what is missing on that machine may be there for the function."""
    is_from_here = trigger.is_by_hand and runtime.platform is Platform.LOCAL
    return is_from_here and work.trouble is not None and work.trouble.kind in JOB_STOPPERS
