"""What the commands print on: colours and moving bars only where they can be shown."""

from __future__ import annotations

import sys
from typing import NoReturn

from rich.console import Console


class Screen(Console):
    """The standard output.

    It has colours unless it is no terminal, is a dumb one, or NO_COLOR is set, and bars that move only in a
    terminal indeed: whoever asks for colours in a file by FORCE_COLOR does not ask for those.

    Attributes:
        is_unread: Whether nobody reads any more what is printed, as behind `| head`.
    """

    def __init__(self) -> None:
        """Look at what it is."""
        super().__init__(highlight=False, force_interactive=None if sys.stdout.isatty() else False)
        self.is_unread = False

    def on_broken_pipe(self) -> NoReturn:
        """Note it, for whoever printed may be a thread that cannot end the process."""
        self.is_unread = True
        raise BrokenPipeError
