"""The command `headway`: your own machine as the third platform, on the same path as the other two."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from io import TextIOWrapper
from typing import Final

try:
    import typer
except ModuleNotFoundError:
    sys.exit("headway: the command needs what comes with the extra `cli`; install headway[cli].")

from handler.local.commands.check import check
from handler.local.commands.demo import demo
from handler.local.commands.follow import follow
from handler.local.commands.invoke import invoke
from handler.local.commands.preview import preview
from handler.local.commands.serve import serve
from handler.local.commands.simulate import simulate
from handler.local.commands.test_alert import try_out
from handler.local.commands.watch import watch

_COMMANDS: Final[Mapping[str, tuple[Callable[..., None], str]]] = {
    "demo": (demo, "headway demo --script stalls"),
    "simulate": (simulate, "headway simulate --script fails --speed 5 --port 8080"),
    "check": (check, "headway check --config production.yaml --json"),
    "watch": (watch, "headway watch 5bb3e7f6-instance 9a2d10c4-task --every 30"),
    "serve": (serve, "headway serve --port 8080 --config production.yaml"),
    "follow": (follow, "headway follow 5bb3e7f6-instance 9a2d10c4-task --name orders"),
    "preview": (preview, "headway preview slack --kind failed --language zh"),
    "test-alert": (try_out, "headway test-alert team on-call --config production.yaml"),
    "invoke": (invoke, "headway invoke $FUNCTION_URN team --test-alert --wait 60"),
}
"""Each with an example, in the order of the help."""

app = typer.Typer(
    help="Watches Kafka capacity changes on Huawei Cloud. To see one: headway demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for _name, (_command, _example) in _COMMANDS.items():
    app.command(_name, epilog=f"Example: {_example}")(_command)


def main() -> None:
    """Run the command; what the terminal cannot show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app(prog_name="headway")
