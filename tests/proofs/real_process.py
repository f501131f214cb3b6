"""A function's process as a real one: forked from a loaded parent, let go by a gate, perhaps killed."""

from __future__ import annotations

import io
import multiprocessing
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Final

from handler.application import Application
from handler.report import Report
from handler.wiring import Workshop
from tests.proofs.real_change import TIMER, AheadClock

_FORKED: Final = multiprocessing.get_context("forkserver")
# The parent that forks has no threads and all of the code that a tick runs, also what one imports on its way;
# and each child imports once more what this process has been started as.
_ON_ITS_WAY: Final = ("handler.settings.yaml_text", "notifiers.services.webhook", "netrc")
_FORKED.set_forkserver_preload([__name__, "notifiers.apprise_channel", *_ON_ITS_WAY, "pytest"])

_PATIENCE_SECONDS: Final = 60


def gate(parties: int) -> Barrier:
    """Hold up so many until all of them are there."""
    return _FORKED.Barrier(parties, timeout=_PATIENCE_SECONDS)


class TickProcess:
    """A process that runs one tick as soon as its gate opens."""

    def __init__(self, environ: Mapping[str, str], ahead_seconds: float, opens: Barrier) -> None:
        """Fork it; its clock runs ahead of the machine's."""
        self._reports, reports = _FORKED.Pipe(duplex=False)
        arguments = (dict(environ), ahead_seconds, opens, reports)
        self._process = _FORKED.Process(target=_tick, args=arguments, daemon=True)
        self._process.start()
        reports.close()

    def kill(self) -> None:
        """End it as a platform does: at once."""
        self._process.kill()

    def report(self) -> Report | None:
        """Wait for its end; the report of its tick, None if it was killed before."""
        report: Report | None = None
        with suppress(EOFError, ConnectionResetError):
            report = self._reports.recv()
        self._process.join(_PATIENCE_SECONDS)
        self._process.close()
        self._reports.close()
        return report


def _tick(environ: Mapping[str, str], ahead_seconds: float, opens: Barrier, reports: Connection) -> None:
    clock = AheadClock(ahead_seconds)
    application = Application(
        environ, Workshop(clock), clock, config_path="not-there", log_file=io.StringIO()
    )
    opens.wait()
    reports.send(application.invoke(TIMER, None).report)
