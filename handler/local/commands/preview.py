"""`headway preview`: shows messages of every kind as a family of services gets them."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from handler.local import options
from handler.local.configuration import of_file
from handler.local.exits import ExitCode, say
from handler.local.failing import failures_told
from handler.local.interrupting import interruptible
from handler.local.previewing.pages import KINDS, Page, forms_of, write_pages
from handler.local.previewing.recipients import Recipient, of_channel
from handler.local.printing.screen import Screen
from handler.settings.times import read_timezone
from notifiers.forms import FAMILIES
from notifiers.languages import LANGUAGES, LanguageCode
from notifiers.saying import Reader

_HEADING: Final = "bold"


def preview(  # noqa: PLR0913 - its options
    family: options.Family = None,
    *,
    language: options.Language = None,
    kind: options.Kinds = None,
    timezone: options.Timezone = None,
    templates: options.Templates = None,
    out: options.Out = None,
    channel: options.ChannelName = None,
    config: options.Config = None,
    as_json: options.PagesAsJson = False,
) -> None:
    """Show what messages look like.

    There is one of each kind of alert, a digest and a test, as a family of services gets it: plain text if
    none is named. With --out each is written into a file FAMILY/LANGUAGE/KIND, in place of one that is there,
    for all families and both languages if none is named. With --channel they are as that channel would get
    them; no secret is needed for that, and nothing is sent.

    Ends with 0 if all can be shown, 1 if a template of your own cannot be used, 2 if something is wrong with
    the configuration.
    """
    if as_json and out is not None:
        raise typer.BadParameter("leave out either this or --out.", param_hint="--json")
    if channel is None:
        if config is not None:
            raise typer.BadParameter(
                "A configuration is read only to show one of its channels: name that with --channel.",
                param_hint="--config",
            )
        recipients = _readers_of(family, language, timezone, templates, is_all=out is not None)
    elif any((family, language, timezone, templates)):
        raise typer.BadParameter(
            "A channel has a family, language, time zone and templates of its own:"
            " leave out FAMILY, --language, --timezone and --templates.",
            param_hint="--channel",
        )
    else:
        with failures_told():
            recipients = [of_channel(of_file(config, os.environ), channel)]
    _check_templates(recipients)
    complaints = _show(recipients, _known(kind or KINDS, KINDS, "--kind"), out, as_json=as_json)
    for complaint in complaints:
        say(f"your template {complaint}.")
    raise typer.Exit(ExitCode.NOT_FINE if complaints else ExitCode.FINE)


def _show(
    recipients: Iterable[Recipient], kinds: Sequence[str], out: Path | None, *, as_json: bool
) -> list[str]:
    """Print pages, or write them into a folder; say what is wrong with the own templates."""
    screen, told, complaints, written = Screen(), [], [], Counter[Path]()
    with interruptible() as interrupted:
        for recipient, page in _pages(recipients, kinds):
            if interrupted.is_set():
                raise typer.Exit(ExitCode.INTERRUPTED)
            if out is not None:
                written[_save(out, recipient, page)] += 1
            elif as_json:
                told.append(_fields(recipient, page))
            else:
                _print(screen, recipient, page)
            complaints += [page.complaint] if page.complaint else []
    if as_json:
        typer.echo(json.dumps({"ok": not complaints, "pages": told}, indent=2))
    for folder, count in written.items():
        typer.echo(f"{folder}: {count} files")
    return list(dict.fromkeys(complaints))


def _pages(recipients: Iterable[Recipient], kinds: Sequence[str]) -> Iterator[tuple[Recipient, Page]]:
    for recipient in recipients:
        for page in write_pages(recipient, kinds):
            yield recipient, page


def _print(screen: Screen, recipient: Recipient, page: Page) -> None:
    """Print a page; of a mail the text part, for no terminal shows the other."""
    if recipient.family != "mail" or page.suffix == ".txt":
        screen.print(Text(f"── {page.kind} ──", _HEADING), soft_wrap=True)
        screen.print(Text(f"{page.text}\n"), soft_wrap=True)


def _fields(recipient: Recipient, page: Page) -> dict[str, str | None]:
    """A page as JSON shows it: what is HTML, Markdown or JSON itself is a text here."""
    return {
        "family": recipient.family,
        "language": recipient.reader.language.code.value,
        "kind": page.kind,
        "format": page.suffix.removeprefix("."),
        "text": page.text,
        "complaint": page.complaint,
    }


def _save(out: Path, recipient: Recipient, page: Page) -> Path:
    """Write a page into its file; say in which folder that is."""
    folder = out / recipient.name / recipient.reader.language.code.value
    path = folder / f"{page.kind}{page.suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{page.text}\n", encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(
            f"{path} cannot be written: {error.strerror}.", param_hint="--out"
        ) from error
    return folder


def _readers_of(
    family: str | None,
    language: LanguageCode | None,
    timezone: str | None,
    templates: Path | None,
    *,
    is_all: bool,
) -> list[Recipient]:
    """Who is meant by the options; what is left out means plain English, or (is_all) everything."""
    families = [family] if family else list(FAMILIES) if is_all else ["plain"]
    languages = [language] if language else list(LanguageCode) if is_all else [LanguageCode.EN]
    zone, own = _zone(timezone or "UTC"), str(templates) if templates else None
    return [
        Recipient(name, name, FAMILIES[name], Reader(LANGUAGES[code], zone), own)
        for name in _known(families, FAMILIES, "FAMILY")
        for code in languages
    ]


def _known(names: Sequence[str], known: Iterable[str], where: str) -> Sequence[str]:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise typer.BadParameter(
            f"There is no {', '.join(unknown)}: take {', '.join(known)}.", param_hint=where
        )
    return names


def _zone(name: str) -> ZoneInfo:
    try:
        return read_timezone(name)
    except ValueError as error:
        raise typer.BadParameter(f"{name} {error}.", param_hint="--timezone") from error


def _check_templates(recipients: Sequence[Recipient]) -> None:
    """Say so if the user's folder holds nothing for any of them."""
    folder, form = recipients[0].templates, recipients[0].form
    if folder is None or not Path(folder).is_dir():
        return
    from notifiers.own_templates import holds_any  # noqa: PLC0415 - few have any

    if not any(holds_any(folder, part) for each in recipients for part in forms_of(each)):
        say(f"{folder} holds no template such as {form.folder}/message.j2; this is the built-in form.")
