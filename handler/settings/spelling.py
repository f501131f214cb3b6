"""What people may have meant by a word that Headway does not know: only words of its own are ever told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

_SYNONYMS: Final = {
    "cancelled": ("canceled", "aborted"),
    "completed": ("done", "finished", "succeeded"),
    "en": ("english",),
    "failed": ("failure", "error"),
    "failure": ("critical", "error", "fatal"),
    "info": ("debug", "information", "notice"),
    "milliseconds": ("ms",),
    "minutes": ("min",),
    "obs": ("oss",),
    "progress": ("running",),
    "success": ("ok",),
    "zh": ("chinese", "cn"),
}
"""What is not spelt like a word of ours, and means it."""


class MisspeltError(ValueError):
    """There is no such word; `meant` are those of Headway's own that come near, if any."""

    def __init__(self, problem: str, meant: Iterable[str | None] = ()) -> None:
        """Take what is wrong and what may have been meant; None where nothing comes near."""
        super().__init__(problem)
        self.meant = tuple(dict.fromkeys(word for word in meant if word))


def nearest(word: str, known: Collection[str], likeness: float = 0.6) -> str | None:
    """Find the known word that another one is nearest to, if it is like any; case does not count."""
    # Imported here: it is needed only where something is wrong.
    from difflib import get_close_matches  # noqa: PLC0415

    lowered = {each.lower(): each for each in known}
    text = word.strip().lower()
    # `zh-CN` is a kind of `zh`.
    forms = (text, text.replace("_", "-").partition("-")[0])
    same = (each for each in known if text in _SYNONYMS.get(each, ()) or each.lower() in forms)
    close = get_close_matches(text, lowered, n=1, cutoff=likeness)
    return next(same, lowered[close[0]] if close else None)
