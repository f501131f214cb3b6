"""What a check of Terraform files finds, and what of it is accepted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line of the report; the level is E for an error, W for a warning."""

    level: str
    code: str
    where: str
    message: str

    def __str__(self) -> str:
        """The line that what is accepted is compared with."""
        return f"{self.level} {self.code:20} {self.where}: {self.message}"


def forgiven(findings: Iterable[Finding], accepted: Sequence[str]) -> list[Finding]:
    """All but the accepted warnings, and a warning for what is accepted in vain."""
    kept: list[Finding] = []
    used: set[str] = set()
    for finding in findings:
        hits = {text for text in accepted if finding.level == "W" and text in str(finding)}
        used |= hits
        if not hits:
            kept.append(finding)
    kept.extend(
        Finding("W", "stale-accept", text, "matches no warning") for text in accepted if text not in used
    )
    return kept
