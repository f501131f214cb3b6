"""What the commands print on: colours and moving bars only where they can be shown."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from rich.console import Console


class Screen(Console):
    """The standard output.

    It has colours unless it is no terminal, is a dumb one, or NO_COLOR is set, and bars that move only in a
    terminal indeed: whoever asks for colours in a file by FORCE_COLOR does not ask for those.

    Attributes:
        failure: Why what was printed could not be written, as where nobody reads it any more behind `| head`.
    """

    def __init__(self) -> None:
        """Look at what it is."""
        super().__init__(highlight=False, force_interactive=None if sys.stdout.isatty() else False)
        self.failure: OSError | None = None

    def print(self, *objects: Any, **options: Any) -> None:  # noqa: ANN401 - as the parent has it
        """Print, and note a failure: whoever printed may be a thread that cannot end the process."""
        try:
            super().print(*objects, **options)
        except OSError as error:
            self.failure = error
            raise

    def on_broken_pipe(self) -> NoReturn:
        """Leave it to whoever called `print`."""
        raise BrokenPipeError
