"""What `headway` starts: from the first import on, whoever interrupts it gets no traceback."""

from __future__ import annotations

import errno
import os
import sys

# All else is imported below, for even the standard library's modules take a moment, in which somebody may
# change their mind.

_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF, errno.EAGAIN})
"""What a file, a disk or a terminal answers that takes nothing more; whatever else is a defect of ours."""


def main() -> None:
    """Run the command and end the process."""
    _open_closed_streams()
    try:
        exit_code = _run()
        sys.stdout.flush()
    except KeyboardInterrupt:
        exit_code = 130
    except BrokenPipeError:
        _silence(1)
        exit_code = 1
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        _silence(1)
        _complain(error)
        exit_code = 1
    _let_go()
    sys.exit(exit_code)


def _run() -> int:
    import signal  # noqa: PLC0415

    # Who stops a service means the same as who presses Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    from handler.local.cli import run  # noqa: PLC0415

    return run()


def _open_closed_streams() -> None:
    """Let nobody read what a shell has closed, as by `>&-`: and no file of ours take its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - it stays open


def _complain(error: OSError) -> None:
    """Say why nobody gets the result, unless that cannot be written either."""
    try:
        print(f"headway: the result could not be written: {error.strerror}.", file=sys.stderr)  # noqa: T201
    except OSError:
        _silence(2)


def _silence(number: int) -> None:
    """Let what is left for the output of this number go nowhere.

    Else Python's own last flush would fail: https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), number)


def _let_go() -> None:
    """Let signals end the process at once: what is left of it is of no account."""
    import signal  # noqa: PLC0415

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
