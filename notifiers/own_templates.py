"""A user's own templates: they take the place of ours, in a sandbox, and say what is wrong with them.

`ours/slack/message.j2` is that of ours, whatever stands in its place. Nothing that is told is quoted in what
is said of a fault, for that goes to logs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from traceback import walk_tb
from typing import Any, Final, NamedTuple

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, TemplateSyntaxError
from jinja2.exceptions import TemplateNotFound, UndefinedError
from jinja2.meta import find_referenced_templates

from notifiers.filling import OURS, Render, body_of
from notifiers.forms import Form
from notifiers.languages import Fault, Language
from notifiers.sandbox import Sandbox, TooLargeError, TooSlowError
from notifiers.saying import fill, one_line

_REASON_LENGTH_MAX: Final = 120
_UNDEFINED: Final = re.compile(r"'(\w+)'")
_FAULTS: Final[Mapping[type[Exception], Fault]] = {
    TooLargeError: Fault.TOO_LONG,
    TooSlowError: Fault.TOO_SLOW,
}


class OwnTemplateError(Exception):
    """A user's own template cannot be used."""

    def __init__(self, fault: Fault, reason: str = "", line: int | None = None) -> None:
        """Take what is wrong; the reason is somebody else's, and the line where it is."""
        super().__init__(fault)
        self.fault = fault
        self.reason = one_line(reason, _REASON_LENGTH_MAX).rstrip(".")
        self.line = line

    def said(self, language: Language) -> str:
        """Say what is wrong."""
        said = fill(language.own_form_faults[self.fault], reason=self.reason)
        if self.line is None:
            return said
        return fill(language.own_form_faults[Fault.AT_LINE], line=self.line, reason=said)


class OwnTemplate(NamedTuple):
    """A template, which may raise OwnTemplateError; `is_own` says whether any of it was the user's so far."""

    render: Render
    is_own: Callable[[], bool]


class _Folder(FileSystemLoader):
    """The user's folder, which notes whether anything was found there."""

    has_found = False

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        found = super().get_source(environment, template)
        self.has_found = True
        return found


def own_template(form: Form, name: str, folder: str, seconds_max: float) -> OwnTemplate:
    """The user's own template, or ours with what the user has put in the place of its parts.

    It is read anew each time, so that a change is seen at once, and has so long to be read and filled in.

    Raises:
        OwnTemplateError: It cannot be used; filling it in raises that as well.
    """
    with _explained(folder):
        if not Path(folder).is_dir():
            raise OwnTemplateError(Fault.NO_FOLDER)
        own = _Folder(folder)
        loader = ChoiceLoader([own, OURS, PrefixLoader({"ours": OURS})])
        template = Sandbox(form, loader, seconds_max).get_template(name)

    def render(values: Mapping[str, Any]) -> str:
        with _explained(folder):
            body = body_of(form, template.render(values))
            # Half of a pair cannot be sent at all.
            body.encode()
            return body

    return OwnTemplate(render, lambda: own.has_found)


def holds_any(folder: str, form: Form) -> bool:
    """Whether a user's folder holds anything that letters of a form are made of."""
    environment = Environment(loader=OURS)  # noqa: S701 - only reads
    names = [f"{form.folder}/message.j2", f"{form.folder}/digest.j2"]
    for name in names:
        source, _, _ = OURS.get_source(environment, name)
        referenced = find_referenced_templates(environment.parse(source))
        names += [each for each in referenced if each and each not in names]
    return any(Path(folder, name).is_file() for name in names)


@contextmanager
def _explained(folder: str) -> Iterator[None]:
    """Say what is wrong with a template; of what could quote what is told only of which kind it is."""
    try:
        yield
    except OwnTemplateError:
        raise
    except TemplateSyntaxError as error:
        raise OwnTemplateError(Fault.UNREADABLE, error.message or "", error.lineno) from None
    except json.JSONDecodeError as error:
        raise OwnTemplateError(Fault.NO_JSON, error.msg) from None
    except Exception as error:  # noqa: BLE001 - whatever somebody's own template raises
        file, line = _place_of(error, folder)
        missing = _missing(error, file)
        if missing and isinstance(error, UndefinedError):
            raise OwnTemplateError(Fault.UNDEFINED, missing, line) from None
        fault = _FAULTS.get(type(error), Fault.ERROR)
        raise OwnTemplateError(fault, f"{type(error).__name__} {missing}", line) from None


def _missing(error: Exception, file: str | None) -> str:
    """What is not there, if the template itself calls it so and it is nothing that is told."""
    match = _UNDEFINED.search(str(error)) if isinstance(error, UndefinedError) else None
    name = match[1] if match else ""
    if isinstance(error, TemplateNotFound):
        name = str(error.name or "")
    if not (name and file):
        return ""
    with suppress(OSError):
        return name if name in Path(file).read_text(encoding="utf-8") else ""
    return ""


def _place_of(error: Exception, folder: str) -> tuple[str | None, int | None]:
    """The file and line of the user's in which it came to an error: the innermost that is theirs."""
    places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    return next((place for place in reversed(places) if place[0].startswith(folder)), (None, None))
