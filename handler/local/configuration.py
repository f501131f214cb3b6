"""Where Headway finds its settings on your own machine, and the application that runs with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from handler.machine import SystemClock
from handler.scope import Scope
from handler.settings.sources import CONFIG_FILE, CONFIG_VARIABLE

if TYPE_CHECKING:
    from handler.application import Application
    from handler.local.simulation.simulator import Simulator
    from notifiers.dispatch import Sender

_NO_FILE: Final = str(Path("(no such folder)", CONFIG_FILE))
_WATCHING: Final = frozenset({"HEADWAY_INSTANCE_ID", "HEADWAY_TASK_ID", "HEADWAY_DISCOVER"})
_STALLED_AFTER: Final = 60.0
"""In a script's seconds, so that the stall of `stalls` is told at any speed."""


class Aim(NamedTuple):
    """Which changes are meant; where it `awaits_next`, none that was over some time before."""

    scope: Scope = Scope()
    awaits_next: bool = False


class Configuration(NamedTuple):
    """The variables, the path of the file that need not be there, and which changes are meant."""

    environ: Mapping[str, str]
    path: str
    aim: Aim = Aim()

    def lookup(self, name: str) -> str | None:
        """A variable's value; one that is empty is none."""
        return self.environ.get(name) or None

    def application(self, senders: Mapping[str, Sender] | None = None) -> Application:
        """Build the application; `senders` are channels beside the configured ones."""
        # Imported here, because it takes a moment, and some commands do without.
        from handler.application import Application  # noqa: PLC0415
        from handler.wiring import Workshop  # noqa: PLC0415

        clock = SystemClock()
        workshop = Workshop(clock, senders)
        return Application(self.environ, workshop, clock, config_path=self.path, log_file=_Silence())


class _Silence(StringIO):
    """A log for nobody: whoever sits in front of it is told by other means."""

    def write(self, text: str, /) -> int:
        return len(text)


def of_file(path: Path | None, environ: Mapping[str, str]) -> Configuration:
    """Take the settings from a file, or (None) from wherever the environment says."""
    if path is None:
        return Configuration(environ, CONFIG_FILE)
    return Configuration(_without_config(environ), str(path))


def of_watch(instance_id: str, task_id: str | None, environ: Mapping[str, str]) -> Configuration:
    """Take the settings for one change, or for those of one instance, from the environment alone."""
    others = {name: text for name, text in _without_config(environ).items() if name not in _WATCHING}
    task = {"HEADWAY_TASK_ID": task_id} if task_id else {}
    environ = {**others, "HEADWAY_INSTANCE_ID": instance_id, **task}
    aim = Aim(Scope(instance_id=instance_id), awaits_next=task_id is None)
    return Configuration(environ, _NO_FILE, aim)


def of_simulator(simulator: Simulator, folder: str, speed: float) -> Configuration:
    """Follow the simulated change, with the state in a folder; the environment does not matter."""
    from handler.local.simulation.simulator import REGION  # noqa: PLC0415 - as above

    settings = {
        "huaweicloud": {
            "region": REGION,
            "project_id": simulator.project_id,
            "endpoint": simulator.url,
            "access_key": simulator.credentials.access_key,
            "secret_key": simulator.credentials.secret_key,
        },
        "state": f"file:{folder}",
        "watches": [{**simulator.change._asdict(), "name": "demo"}],
        "alerts": {"stalled_after": f"{max(1, round(_STALLED_AFTER / speed))}s"},
    }
    return Configuration({CONFIG_VARIABLE: json.dumps(settings, indent=1)}, _NO_FILE)


def _without_config(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name != CONFIG_VARIABLE}
