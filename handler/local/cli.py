"""The command `headway`: your own machine as the third platform, on the same path as the other two."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from typing import Annotated, ClassVar, Final

try:
    import typer
except ModuleNotFoundError:
    sys.exit("headway: the command needs what comes with the extra `cli`; install headway[cli].")

from handler.local.command_group import HELP_NAMES, CommandGroup, Row
from handler.local.exits import ExitCode

COMMANDS: Final[Mapping[str, Mapping[str, Row]]] = {
    "Try it": {
        "demo": Row(
            "Watch a simulated change in half a minute.", "demo:demo", "headway demo --script stalls"
        ),
        "simulate": Row(
            "Play a change on an endpoint of this machine.",
            "simulate:simulate",
            "headway simulate --script fails --speed 5 --port 8080",
        ),
    },
    "Watch changes": {
        "watch": Row(
            "Watch changes in the foreground until they have ended.",
            "watch:watch",
            "headway watch 5bb3e7f6-instance 9a2d10c4-task --every 30",
        ),
        "serve": Row(
            "Serve the status page to this machine, and watch.",
            "serve:serve",
            "headway serve --port 8080 --config production.yaml",
        ),
        "check": Row(
            "Look once, and tell every channel what is new.",
            "check:check",
            "headway check --config production.yaml --json",
        ),
        "status": Row(
            "Show how changes stand, without asking anybody.",
            "status:status",
            "headway status --config production.yaml",
        ),
        "log": Row(
            "Show what happened to a change, and who heard of it.",
            "log:log",
            "headway log 5bb3e7f6-instance/9a2d10c4-task",
        ),
        "follow": Row(
            "Have the deployed function follow a change until its end.",
            "follow:follow",
            "headway follow 5bb3e7f6-instance 9a2d10c4-task --name orders",
        ),
    },
    "Tell people": {
        "resend": Row(
            "Have channels told again what may not have reached them.",
            "resend:resend",
            "headway resend 5bb3e7f6-instance/9a2d10c4-task team",
        ),
        "preview": Row(
            "Show what messages look like.",
            "preview:preview",
            "headway preview slack --kind failed --language zh",
        ),
        "test-alert": Row(
            "Send a test message to channels.",
            "test_alert:try_out",
            "headway test-alert team on-call --config production.yaml",
        ),
    },
    "Set up": {
        "validate": Row(
            "Find every mistake in the configuration.",
            "validate:validate",
            "headway validate infra/aws/production/headway.yaml",
        ),
        "doctor": Row(
            "Find out what keeps Headway from working.",
            "doctor:doctor",
            "headway doctor --config production.yaml",
        ),
        "invoke": Row(
            "Have the deployed function look now, or send a test message.",
            "invoke:invoke",
            "headway invoke $FUNCTION_URN team --test-alert --wait 60",
        ),
    },
}
"""By what they are for, in the order of the help; what is said of each is the first line of its own help."""


class _Headway(CommandGroup):
    sections: ClassVar[Mapping[str, Mapping[str, Row]]] = COMMANDS


app = typer.Typer(
    cls=_Headway,
    context_settings=HELP_NAMES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    subcommand_metavar="COMMAND …",
    epilog="`headway COMMAND --help` tells more, with an example. --json, where there is one, is for scripts:"
    ' an error is {"ok": false, "error": {"kind", "message"}} then. A result that is not fine is'
    " no error: it has ok: false, and says what is wrong, such as in reasons or troubles.\n\n"
    "Ends with 0 if all is fine, 1 if not, 2 if the usage or the configuration is wrong, 130 if interrupted.",
)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 - as typer calls it
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - others do without

        typer.echo(f"headway {version('headway')}")
        raise typer.Exit


@app.callback()
def headway(
    *,
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Show the version.")
    ] = False,
) -> None:
    """Watches Kafka capacity changes on Huawei Cloud, and tells people.

    To see one: headway demo
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and give its exit code; what the terminal cannot show becomes a question mark.

    Args:
        arguments: What stands behind `headway`; None for what the process was started with.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app(arguments, prog_name="headway")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else ExitCode.NOT_FINE
    return ExitCode.FINE
