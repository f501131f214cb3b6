"""What whoever looks at a change has to do: nothing, look into it, or act; in the words of messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from handler.core.observation import Phase
from handler.web.pages.troubles import Trouble
from handler.web.pages.words import Matter
from notifiers.alerts import Kind, Severity
from notifiers.languages import Language
from notifiers.saying import begin
from notifiers.telling import action

_ENDS: Final = {
    Phase.FAILED: Kind.FAILED.traits.severity,
    Phase.LOST: Kind.LOST.traits.severity,
    Phase.CANCELLED: Kind.CANCELLED.traits.severity,
}


def severity_of(phase: Phase, troubles: Sequence[Trouble]) -> Severity:
    """How grave it is how a change stands; whatever is well needs nobody."""
    found = [_ENDS.get(phase, Severity.INFO), *(trouble.matter.severity for trouble in troubles)]
    return max(found, key=lambda severity: severity.rank)


def say_action(phase: Phase, severity: Severity, language: Language) -> str:
    """Say what there is to do; of a change of which nothing is known nobody can."""
    if severity is Severity.INFO:
        return "" if phase is Phase.UNKNOWN else action(severity, language)
    return begin(action(severity, language))


def hint(phase: Phase, troubles: Sequence[Trouble], language: Language) -> str:
    """Say what helps where one has to act: where the cause is to be found, or that nothing is known."""
    if phase is Phase.LOST:
        return begin(language.told[Kind.LOST])
    has_failed = phase is Phase.FAILED or any(one.matter is Matter.STEP_FAILED for one in troubles)
    return language.no_cause if has_failed else ""
