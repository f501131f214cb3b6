"""`headway watch`: watches changes in the foreground until they have ended."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from handler.core.change import check_id
from handler.core.problem import ProblemKind
from handler.local import options
from handler.local.attending import Attended, watch_for_programs
from handler.local.configuration import Configuration, of_file, of_watch
from handler.local.exits import CommandError
from handler.local.interrupting import interruptible
from handler.settings.sources import CONFIG_FILE, CONFIG_VARIABLE


def watch(
    *,
    instance: options.Instance = None,
    task: options.Task = None,
    every: options.Every = 10,
    config: options.Config = None,
    as_json: options.ReportsAsJson = False,
) -> None:
    """Watch changes in the foreground until they have ended.

    The channels are told, and so is this terminal. With INSTANCE no file is read: the variables
    HEADWAY_REGION, HEADWAY_PROJECT_ID, HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK are enough; without TASK
    every change there is watched, as soon as there is one. With neither, all that the configuration watches
    is.

    Ctrl-C brings what has begun to its end, a second one breaks it off; nothing is lost, for the next look
    at the same state tells the rest.

    With --json each line is a look's report, and its reasons say in sentences why it is not ok.

    Ends with 0 if all changes were completed, 1 if not, 2 if something is wrong with the configuration, 130
    if interrupted.
    """
    configuration = _chosen(instance, task, config)
    with interruptible() as interrupted, _file_mentioned(instance):
        if as_json:
            exit_code = watch_for_programs(configuration, every, interrupted)
        else:
            exit_code = Attended(configuration).watch(every, interrupted)
    raise typer.Exit(exit_code)


@contextmanager
def _file_mentioned(instance: str | None) -> Iterator[None]:
    """Say besides, where the variables cannot be used, that a file which is there is not read."""
    try:
        yield
    except CommandError as error:
        is_there = CONFIG_VARIABLE in os.environ or Path(CONFIG_FILE).is_file()
        if instance is None or not is_there or error.kind != ProblemKind.MISCONFIGURED.value:
            raise
        place = CONFIG_VARIABLE if CONFIG_VARIABLE in os.environ else CONFIG_FILE
        hint = f"With INSTANCE {place} is not read: leave INSTANCE out, or set the variables."
        raise CommandError(f"{error} {hint}", error.kind, error.exit_code, error.beside) from error


def _chosen(instance: str | None, task: str | None, config: Path | None) -> Configuration:
    if instance is None:
        return of_file(config, os.environ)
    if config is not None:
        raise typer.BadParameter(
            "a change that is named is watched with the environment's variables, not with a file: leave out"
            " either this or INSTANCE.",
            param_hint="--config",
        )
    try:
        return of_watch(check_id(instance), None if task is None else check_id(task), os.environ)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.", param_hint="INSTANCE TASK") from error
