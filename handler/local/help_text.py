"""How help is set: paragraphs that break no option's name in two, and arguments without Python's types."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from typer.core import TyperCommand

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter


class HelpfulCommand(TyperCommand):
    """A command whose help is its function's docstring, paragraph by paragraph."""

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """Name what has to be there as it is named below."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_help_text(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002 - as the parent has it
        """Write the docstring."""
        write_paragraphs(formatter, self.help or "")

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write what each argument and each option is."""
        records = {"Arguments": list[tuple[str, str]](), "Options": list[tuple[str, str]]()}
        for parameter in self.get_params(ctx):
            name, text = parameter.get_help_record(ctx) or ("", "")
            if parameter.param_type_name == "argument":
                records["Arguments"].append((name.partition(" ")[0], text.partition("  [")[0]))
            else:
                records["Options"].append((name, text))
        for heading, rows in records.items():
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)


def write_paragraphs(formatter: HelpFormatter, text: str) -> None:
    """Write a text below what is there; blank lines part its paragraphs."""
    for paragraph in text.split("\n\n"):
        filled = textwrap.fill(
            " ".join(paragraph.split()),
            formatter.width,
            initial_indent="  ",
            subsequent_indent="  ",
            break_on_hyphens=False,
            break_long_words=False,
        )
        formatter.write(f"\n{filled}\n")
