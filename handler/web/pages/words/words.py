"""All that a language has to provide for pages: a new one fills in every field."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

import msgspec

from handler.core.observation import Phase, StepState
from handler.core.problem import ProblemKind
from notifiers.alerts import Severity
from notifiers.verdicts import Outcome


class Apology(NamedTuple):
    """Why there is no such page as was asked for: in a word or two, and what to do about it."""

    title: str
    text: str


class Matter(Enum):
    """What can be wrong with a change, with how it is followed, or with how it is told."""

    UNREADABLE = "unreadable"
    STEP_FAILED = "step_failed"
    UNREACHABLE = "unreachable"
    UNWATCHED = "unwatched"
    STALLED = "stalled"
    CHANNEL_REFUSES = "channel_refuses"
    CHANNEL_FAILS = "channel_fails"

    @property
    def concerns_change(self) -> bool:
        """False where only the telling suffers."""
        return self not in {Matter.CHANNEL_REFUSES, Matter.CHANNEL_FAILS}

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return Severity.FAILURE if self is Matter.STEP_FAILED else Severity.WARNING


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """Sentences with places in braces, which `notifiers.saying.fill` fills in; the rest is in `Language`.

    `own_name` is what the language calls itself. `tallies` count changes in a phase. `codes` are our own for
    how a send ended, `fault` stands for whatever was raised then. What cannot be read has no entry among
    `troubles`. `apologies` stand on pages of errors, by their status; 400 and 500 also for all others.
    """

    own_name: str
    choose_language: str
    all_changes: str
    refreshing: str
    pause: str
    paused: str
    resume: str

    tallies: Mapping[Phase, str]
    nothing_running: str
    nothing_known: str
    key_refused: str
    failed_lately: str
    zone: str
    groups: Mapping[str, str]
    left_out: str
    empty: str
    empty_hint: str
    not_followed: str
    unreadable: str
    not_looked_yet: str

    phases: Mapping[Phase, str]
    states: Mapping[StepState, str]
    not_started: str
    steps_not_started: str
    last_look: str
    moment: str
    last_seen: str
    overdue: str
    troubles: Mapping[Matter, str]
    problems: Mapping[ProblemKind, str]
    unheard: str

    details: str
    instance_id: str
    task_id: str
    followed_since: str
    console: str

    steps: str
    step: str
    span: str
    took: str
    whole: str
    counted: str
    no_steps: str
    estimate: str
    now: str
    progress: str
    progress_told: str

    log: str
    no_log: str
    older: str
    given_up: str
    in_doubt: str

    channels: str
    no_channels: str
    heard: str
    heard_all: str
    pending: str
    pending_tried: str
    sending: str
    cut_off: str
    next_try: str
    refusing: str
    doubtful: str
    absent: str
    last_attempt: str
    outcomes: Mapping[Outcome, str]
    codes: Mapping[str, str]
    fault: str

    apologies: Mapping[int, Apology]
    closed: str
    credential: str
    sign_in: str
    sign_in_failed: str
