"""The command line as a whole: lists commands by what they are for, and loads the one that is used."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from handler.local.exits import USAGE, CommandError, ExitCode, tell_error
from handler.local.help_text import HelpfulCommand, write_paragraphs

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

HELP_NAMES: Final = {"help_option_names": ["-h", "--help"]}

_INVALID: Final = re.compile(r"^Invalid value(?: for '?(?P<where>[^':]+)'?)?: ")


class Row(NamedTuple):
    """A command in the list: what it does in a line, where it is (MODULE:FUNCTION), and an example."""

    summary: str
    place: str
    example: str

    def load(self, name: str) -> Command:
        """Build the command; its help is what its function says of itself."""
        module, _, function = self.place.partition(":")
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        callback = getattr(import_module(f"handler.local.commands.{module}"), function)
        alone.command(
            name,
            cls=HelpfulCommand,
            context_settings=HELP_NAMES,
            epilog=f"Example: {self.example}",
        )(callback)
        return get_command(alone)


class CommandGroup(TyperGroup):
    """Commands in sections, each with its heading; `sections` is what a subclass fills in."""

    sections: ClassVar[Mapping[str, Mapping[str, Row]]] = {}

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401 - as the parent has it
        """Take the commands' names and summaries only."""
        rows = self._rows()
        super().__init__(**attributes | {"commands": {name: _listed(name, rows[name]) for name in rows}})

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Find the command that is meant, and load it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, self._rows()[name].load(name) if name and command else None, rest

    def format_help_text(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002 - as the parent has it
        """Write what it is, and the commands before the options."""
        write_paragraphs(formatter, self.help or "")
        width = max(map(len, self._rows()))
        for heading, rows in self.sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), row.summary) for name, row in rows.items()])

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write nothing more: they are listed already."""

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002 - as the parent has it
        """Write how it ends, and where there is more."""
        write_paragraphs(formatter, self.epilog or "")

    def main(self, args: Sequence[str] | None = None, *others: Any, **options: Any) -> NoReturn:  # noqa: ANN401 - as typer calls it
        """Run, and end the process; an error is a sentence, and with `--json` a document, too."""
        arguments = sys.argv[1:] if args is None else [*args]
        try:
            exit_code = super().main(arguments, *others, **options | {"standalone_mode": False})
        except typer.TyperException as error:
            exit_code = _refuse(error, arguments)
        except CommandError as error:
            tell_error(error, as_json="--json" in arguments)
            exit_code = error.exit_code
        sys.exit(exit_code or ExitCode.FINE)

    def _rows(self) -> dict[str, Row]:
        return {name: row for rows in self.sections.values() for name, row in rows.items()}


def _listed(name: str, row: Row) -> Command:
    """What stands for a command that is not loaded."""
    return TyperCommand(name, help=row.summary, short_help=row.summary, rich_markup_mode=None)


def _refuse(error: typer.TyperException, arguments: Sequence[str]) -> int:
    """Say what is wrong with how the command was used; that none is named asks for the help."""
    if not arguments:
        typer.echo(error.format_message(), err=True)
        return error.exit_code
    context = getattr(error, "ctx", None)
    where = f" Try `{context.command_path} --help`." if context else ""
    message = f"{_sentence(error.format_message())}{where}"
    tell_error(CommandError(message, USAGE, ExitCode.WRONG_USAGE), as_json="--json" in arguments)
    return error.exit_code


def _sentence(message: str) -> str:
    """Begin with what is wrong, where typer says first that something is; and end as a sentence does."""
    said = _INVALID.sub(lambda match: f"{match['where']}: " if match["where"] else "", message, count=1)
    return said if said.endswith((".", "?")) else f"{said}."
