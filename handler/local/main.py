"""What `headway` starts: from the first import on, whoever interrupts it gets no traceback."""

from __future__ import annotations

import os
import sys

# All else is imported below, for even the standard library's modules take a moment, in which somebody may
# change their mind.


def main() -> None:
    """Run the command and end the process."""
    try:
        exit_code = _run()
        sys.stdout.flush()
    except KeyboardInterrupt:
        exit_code = 130
    except BrokenPipeError:
        # Else Python's own last flush would fail: https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        exit_code = 1
    _let_go()
    sys.exit(exit_code)


def _run() -> int:
    import signal  # noqa: PLC0415

    # Who stops a service means the same as who presses Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    from handler.local.cli import run  # noqa: PLC0415

    return run()


def _let_go() -> None:
    """Let signals end the process at once: what is left of it is of no account."""
    import signal  # noqa: PLC0415

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
