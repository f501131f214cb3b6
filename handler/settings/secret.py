"""A text that must not be seen, so that no message, repr or log shows it by mistake."""

from __future__ import annotations


class Secret:
    """A secret; whoever needs its text asks for it by name, and nothing else can encode or print it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Keep the text."""
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        """Tell what it is and not what it holds."""
        return "Secret('***')"

    def __eq__(self, other: object) -> bool:
        """Secrets of the same text are the same."""
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        """As equal as they are."""
        return hash(self._text)
