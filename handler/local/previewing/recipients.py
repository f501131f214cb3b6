"""For whom a message is written: for readers that somebody names, or as a configured channel has it.

Of a configuration nothing is read here but what says how a channel's messages look. Values from elsewhere may
be missing, for no secret is needed for that.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from handler.configuration import config_folder, reader, with_paths_from
from handler.local.configuration import Configuration
from handler.machine import SystemClock
from handler.runtimes import read_runtime
from handler.senders import reader_of
from handler.settings import Settings, SettingsError
from handler.settings.mistakes import explain
from handler.settings.section import read_section
from handler.settings.sources import Source, find_source
from handler.settings.tree import Mistake, Tree, fill
from handler.trial import choose_channels
from handler.wiring import Workshop
from notifiers.forms import FAMILIES, Form, form_for
from notifiers.saying import Reader
from notifiers.schemas import schema_of
from notifiers.signer import sign_nothing

_ABOUT_CHANNELS: Final = ("channels", "language", "timezone")
_ALL_ELSE: Final[dict[str, Tree]] = {
    "huaweicloud": {"region": "eu-west-101", "project_id": "project"},
    "watches": [],
}
"""Stands for what is not about channels, and need not be right to see what they would get."""

_UNKNOWN: Final = "${"
"""What begins a reference whose value is not known here."""


class Recipient(NamedTuple):
    """Who gets a message: a name for it, the family and its form, the reader, the own templates."""

    name: str
    family: str
    form: Form
    reader: Reader
    templates: str | None = None


def of_channel(configuration: Configuration, name: str) -> Recipient:
    """Read how a configured channel's messages are written.

    Raises:
        SettingsError: The configuration cannot be used even for that, or the channel's URL by its service.
        TrialError: There is no such channel.
    """
    settings = _read(configuration, name)
    channel = settings.channels[name]
    url = channel.url.reveal()
    if _UNKNOWN not in url:
        _check_url(name, url)
    form = form_for(schema_of(url))
    return Recipient(
        name=name,
        family=_family_of(form),
        form=form,
        reader=reader_of(settings, channel),
        templates=channel.templates,
    )


def _check_url(name: str, url: str) -> None:
    # Imported here, because it takes long and other commands do without.
    from notifiers.apprise_channel import AppriseChannel, ChannelError  # noqa: PLC0415

    try:
        AppriseChannel(name, url, sign=sign_nothing)
    except ChannelError as error:
        raise SettingsError([str(error)]) from error


def _family_of(form: Form) -> str:
    """The family's name; forms that differ in their limits alone are of one family."""
    same = (name for name, other in FAMILIES.items() if other is form)
    return next(same, form.folder)


def _read(configuration: Configuration, name: str) -> Settings:
    """Read only what the channel's messages depend on."""
    clock = SystemClock()
    runtime = read_runtime(None, configuration.environ, clock.monotonic())
    outside = Workshop(clock).elsewhere(runtime)
    source = find_source(configuration.lookup, reader(outside), configuration.path)
    if source.tree is None:
        raise _wrong(source, source.mistakes)
    tree, unfilled = fill(_part(source.tree, name), configuration.lookup, _not_fetched)
    mistakes = [*source.mistakes]
    settings = read_section(Settings, tree, (), "", mistakes)
    if settings is None or mistakes:
        # What a missing value then looks like is no mistake of its own.
        causes = {mistake.path: mistake for mistake in unfilled}
        raise _wrong(source, [causes.get(mistake.path, mistake) for mistake in mistakes])
    choose_channels(settings, [name])
    return with_paths_from(config_folder(configuration.lookup, configuration.path), settings)


def _part(tree: Tree, name: str) -> Tree:
    """The part about one channel; where it is missing, that about all of them."""
    whole = tree if isinstance(tree, dict) else {}
    about: dict[str, Tree] = {key: whole[key] for key in _ABOUT_CHANNELS if key in whole}
    channels = about.get("channels")
    if isinstance(channels, dict) and name in channels:
        about["channels"] = {name: channels[name]}
    return {**_ALL_ELSE, **about}


def _wrong(source: Source, mistakes: list[Mistake]) -> SettingsError:
    return SettingsError(source.describe(explain(mistake)) for mistake in mistakes)


def _not_fetched(reference: str) -> str:
    raise LookupError(f"needs {reference}, which is not fetched for a preview")
