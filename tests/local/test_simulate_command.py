"""`headway simulate`: an endpoint that others are pointed at by what it prints."""

from __future__ import annotations

import json
import signal
from typing import Any

import pytest

from handler.local.simulation.simulator import Simulator
from tests.local.commanding import Running, run, started

pytestmark = pytest.mark.usefixtures("own_folder")


def test_simulate_serves_what_another_process_watches_until_ctrl_c() -> None:
    """What it prints can be given to a shell as it is; both end as they should."""
    with started("simulate", "--speed", "100") as simulate:
        assert simulate.stdout is not None
        exports = [simulate.stdout.readline() for _ in range(7)]
        environ = dict(text.strip().removeprefix("export ").split("=", 1) for text in exports)
        watched = run("watch", "--every", "1", environ=environ)
        simulate.send_signal(signal.SIGINT)
        rest, note = simulate.communicate(timeout=60)

    assert (watched.exit_code, simulate.returncode) == (0, 130)
    assert "capacity change completed" in watched.stdout
    assert (rest, note) == ("", f"Serving at {environ['HEADWAY_ENDPOINT']} until Ctrl-C.\n")


def test_simulate_gives_programs_a_document() -> None:
    """With the same variables."""
    found: list[dict[str, Any]] = []

    def read_and_leave(simulate: Running) -> None:
        simulate.stderr.until("Serving at ")
        found.append(json.loads(simulate.stdout.getvalue()))
        simulate.interrupt()

    ended = run("simulate", "--json", meanwhile=read_and_leave)

    assert ended.exit_code == 130
    assert set(found[0]) == {
        "HEADWAY_ENDPOINT",
        "HEADWAY_REGION",
        "HEADWAY_PROJECT_ID",
        "HUAWEICLOUD_SDK_AK",
        "HUAWEICLOUD_SDK_SK",
        "HEADWAY_INSTANCE_ID",
        "HEADWAY_TASK_ID",
    }
    assert found[0]["HEADWAY_ENDPOINT"] in ended.stderr


@pytest.mark.parametrize("command", ["simulate", "serve"])
def test_a_port_in_use_is_told(simulator: Simulator, command: str) -> None:
    """With its number, and how to take another."""
    ended = run(command, "--port", str(simulator.port), environ=simulator.environment())

    assert ended.exit_code == 2
    assert (
        f"headway: --port: Port {simulator.port} of 127.0.0.1 cannot be used: Address already in use."
        in ended.stderr
    )
