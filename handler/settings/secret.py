"""A text that must not be seen, so that no message, repr or log shows it by mistake."""

from __future__ import annotations

import msgspec


class Secret(msgspec.Struct, frozen=True):
    """A secret; whoever needs its text asks for it by name."""

    text: str

    def reveal(self) -> str:
        """The text itself."""
        return self.text

    def __repr__(self) -> str:
        """Tell what it is and not what it holds."""
        return "Secret('***')"
