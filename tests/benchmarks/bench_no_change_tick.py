"""A tick without news against the bare requests that it makes, both in one run, servers apart.

    make bench

Elapsed is compared with one bare request (both of the tick's go side by side), CPU with two.
"""

from __future__ import annotations

import io
import statistics
from collections.abc import Callable

from handler.application import Application
from handler.machine import SystemClock
from handler.wiring import Workshop
from tests.benchmarks.bare import BareRequests, Cost, measure
from tests.benchmarks.loopback import loopback

DELAY_SECONDS = 0.05
ROUNDS = 60
TIMER = {"trigger_type": "TIMER", "user_event": ""}


def configured(base_url: str) -> dict[str, str]:
    """The variables of one change with its state in the server's bucket."""
    return {
        "HEADWAY_REGION": "eu-west-101",
        "HEADWAY_PROJECT_ID": "project",
        "HEADWAY_ENDPOINT": base_url,
        "HEADWAY_INSTANCE_ID": "instance",
        "HEADWAY_TASK_ID": "task",
        "HEADWAY_STATE": f"s3://bucket/state?region=eu-west-1&endpoint={base_url}&path_style=true",
        "HUAWEICLOUD_SDK_AK": "AKEXAMPLE",
        "HUAWEICLOUD_SDK_SK": "secret-key",
        "AWS_ACCESS_KEY_ID": "AKEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret-key",
    }


def compare(rival: Callable[[], None], tick: Callable[[], None]) -> tuple[list[Cost], list[Cost]]:
    """Run both in turn, so that a machine that slows down slows both."""
    pairs = [(measure(rival), measure(tick)) for _ in range(ROUNDS)]
    return [bare for bare, _ in pairs], [ours for _, ours in pairs]


def show(what: str, bare: list[float], ours: list[float], goal: float) -> None:
    """Print both medians in milliseconds and the ratio of the pairs."""
    ratio = statistics.median(b / a for a, b in zip(bare, ours, strict=True))
    both = f"bare {statistics.median(bare) * 1000:6.2f} ms   headway {statistics.median(ours) * 1000:6.2f} ms"
    print(f"{what:<40} {both}   ratio {ratio:.2f} (goal {goal})")


class Sides:
    """Both sides against one server: the bare requests and the tick that makes the same."""

    def __init__(self, base_url: str) -> None:
        """Run the first ticks, which save, and open the rival's connections."""
        clock = SystemClock()
        self._application = Application(
            configured(base_url),
            Workshop(clock),
            clock,
            config_path="not-there.yaml",
            log_file=io.StringIO(),
        )
        self.tick()
        self.tick()
        self._document = f"{base_url}/bucket/state/changes/instance/task.json"
        progress = f"{base_url}/v2/project/instances/instance/tasks/task/progress"
        self._bare = BareRequests([progress, self._document])

    def tick(self) -> None:
        """One tick without news."""
        report = self._application.invoke(TIMER, None).report
        if not report["ok"]:
            raise SystemExit(report)

    def one_request(self) -> None:
        """One of the tick's two requests."""
        self._bare.get(self._document)

    def both_requests(self) -> None:
        """Both of the tick's requests, one after the other."""
        self._bare.get_all()


def main() -> None:
    """Measure elapsed time with slow answers, then CPU with immediate ones."""
    with loopback(DELAY_SECONDS) as base_url:
        sides = Sides(base_url)
        bare, ours = compare(sides.one_request, sides.tick)
        show("elapsed, answers after 50 ms", [c.elapsed for c in bare], [c.elapsed for c in ours], 1.2)
    with loopback(0) as base_url:
        sides = Sides(base_url)
        bare, ours = compare(sides.both_requests, sides.tick)
        show("CPU, answers at once", [c.cpu for c in bare], [c.cpu for c in ours], 2.0)


if __name__ == "__main__":
    main()
