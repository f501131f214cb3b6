"""`headway validate`: finds every mistake in a configuration at once, without asking anybody."""

from __future__ import annotations

import json
import os
from pathlib import Path

import typer

from handler.core.problem import ProblemKind
from handler.local import options
from handler.local.configuration import of_file
from handler.local.exits import CommandError, ExitCode, printable
from handler.local.validating import OfflineError, review
from handler.local.validating.result import Review
from handler.settings.sources import is_address


def validate(
    file: options.ConfigFile = None,
    *,
    config: options.Config = None,
    as_json: options.ReviewAsJson = False,
    schema: options.AsSchema = False,
) -> None:
    """Find every mistake in the configuration.

    Looks at FILE, or else at what the other commands would use, and asks nobody. Each mistake comes in a line
    that begins with the file and the line; so does each remark about what looks odd and may be right. What
    values from elsewhere come to is not known here, unless a variable is set; their names are listed.

    With --schema it prints the JSON Schema of the file instead, for editors that complete and check it.

    Ends with 0 if there is no mistake, 2 if there is one.
    """
    if schema:
        _print_schema(file or config)
        return
    if file is not None and config is not None:
        raise typer.BadParameter("Name the file once: as FILE or with --config.", param_hint="FILE")
    found = _review(config if file is None else _existing(file))
    if as_json:
        typer.echo(json.dumps(found.fields(), indent=2))
    else:
        for line in found.lines():
            typer.echo(printable(line))
    raise typer.Exit(ExitCode.FINE if found.is_fine else ExitCode.WRONG_USAGE)


def _print_schema(file: str | Path | None) -> None:
    if file is not None:
        raise typer.BadParameter("It is the same for every file: leave out FILE.", param_hint="--schema")
    from handler.settings.schema import make_schema  # noqa: PLC0415 - only for this

    typer.echo(json.dumps(make_schema(), indent=2, ensure_ascii=False))


def _existing(file: str) -> Path:
    if is_address(file):
        raise typer.BadParameter(
            f"{file} is an object in a bucket, and no bucket is asked here: give a copy of it.",
            param_hint="FILE",
        )
    path = Path(file)
    if not path.exists():
        raise typer.BadParameter(f"There is no {file}.", param_hint="FILE")
    return path


def _review(path: Path | None) -> Review:
    try:
        return review(of_file(path, os.environ))
    except OfflineError as error:
        kind = ProblemKind.MISCONFIGURED.value
        raise CommandError(str(error), kind, ExitCode.WRONG_USAGE) from error
