"""The scenarios that are explored: small ones in the suite, large ones when the long proofs are asked for."""

from __future__ import annotations

from typing import Final

from handler.core.observation import Observation, Phase, Step, StepState
from handler.core.problem import Problem, ProblemKind
from notifiers.channel import Channel, parse_kinds, parse_quiet
from tests.proofs.scenarios import INSTANTS, Scenario
from tests.proofs.storage import ATOMIC, LEASE, PLATFORM, moment
from tests.proofs.world import Budget

OPS: Final = Channel("ops")
NIGHT: Final = Channel("night", quiet=parse_quiet("07:00-09:00"))
"""Quiet while invocations overlap, open again when they are over."""
TROUBLE: Final = Channel("trouble", kinds=parse_kinds(["trouble"]))


def _observation(phase: Phase, percent: int, state: StepState, date: int) -> Observation:
    return Observation(phase, percent, steps=(Step("expansion", state),), date=moment(date))


RUNNING: Final = _observation(Phase.RUNNING, 0, StepState.RUNNING, -50)
PAST_HALF: Final = _observation(Phase.RUNNING, 60, StepState.COMPLETED, -40)
STEP_FAILED: Final = _observation(Phase.RUNNING, 60, StepState.FAILED, -30)
COMPLETED: Final = _observation(Phase.COMPLETED, 100, StepState.COMPLETED, -20)
BLIND: Final = Problem(ProblemKind.UNAVAILABLE, "No answer.")

LATER: Final = (*INSTANTS, 149, 150)
"""And the last step and the lapsed claims of who began when the first claims lapsed."""

FIRST_LOOK: Final = Scenario(
    "two invocations, a first look and an end",
    ATOMIC,
    (OPS,),
    seen=(RUNNING, COMPLETED),
    newest=COMPLETED,
    budget=Budget(losses=1, mishaps=1),
)
QUIET: Final = Scenario(
    "two invocations, a channel in its quiet hours",
    ATOMIC,
    (OPS, NIGHT),
    seen=(PAST_HALF, STEP_FAILED),
    newest=STEP_FAILED,
    history=RUNNING,
    budget=Budget(mishaps=1),
)
THREE: Final = Scenario(
    "three invocations",
    ATOMIC,
    (OPS,),
    seen=(PAST_HALF, STEP_FAILED, COMPLETED),
    newest=COMPLETED,
    history=RUNNING,
    budget=Budget(),
)
LEASED: Final = QUIET._replace(name="two invocations", kind=LEASE, channels=(OPS,), budget=Budget())
ALONE: Final = FIRST_LOOK._replace(kind=PLATFORM, budget=Budget(crashes=2, losses=1, mishaps=1))
THREE_ALONE: Final = THREE._replace(kind=PLATFORM, budget=Budget(crashes=3))

SHORT: Final = (FIRST_LOOK, QUIET, THREE, LEASED, ALONE, THREE_ALONE)

LONG: Final = (
    FIRST_LOOK._replace(budget=Budget(losses=2, mishaps=2), instants=LATER),
    QUIET._replace(budget=Budget(losses=1, mishaps=2)),
    QUIET._replace(
        name="two invocations, a channel for trouble only",
        channels=(OPS, TROUBLE),
        budget=Budget(losses=1, mishaps=1),
    ),
    FIRST_LOOK._replace(
        name="two invocations, one of them blind", seen=(BLIND, RUNNING), newest=COMPLETED, instants=LATER
    ),
    THREE._replace(name="three invocations, a send or two going wrong", budget=Budget(mishaps=2)),
    THREE._replace(
        name="three invocations, a channel for trouble only",
        channels=(OPS, TROUBLE),
        budget=Budget(mishaps=1),
    ),
    THREE._replace(name="three invocations, a lost answer", budget=Budget(losses=1)),
    THREE._replace(name="three invocations, the second lapse", instants=LATER),
    LEASED._replace(name="two invocations, a lost answer", budget=Budget(losses=1)),
    LEASED._replace(
        name="two invocations, two attempts each",
        kind=LEASE._replace(attempts=2),
        budget=Budget(),
    ),
    LEASED._replace(
        name="two invocations, a first look and an end",
        seen=(RUNNING, COMPLETED),
        newest=COMPLETED,
        history=None,
        budget=Budget(mishaps=1),
    ),
    LEASED._replace(channels=(OPS, NIGHT), name="two invocations, two channels", budget=Budget(mishaps=1)),
    LEASED._replace(name="two invocations, an answer and a send", budget=Budget(losses=1, mishaps=1)),
    ALONE._replace(budget=Budget(crashes=2, losses=2, mishaps=2), instants=LATER),
    THREE_ALONE._replace(budget=Budget(crashes=3, losses=1, mishaps=1)),
)
