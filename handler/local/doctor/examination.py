"""The whole examination, check by check in the order in which one needs the other."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Final

from handler.local.configuration import Configuration
from handler.local.doctor.api import Api
from handler.local.doctor.basics import Basics, keys
from handler.local.doctor.channels import Channels
from handler.local.doctor.check import Check, failed, needs
from handler.local.doctor.means import Means
from handler.local.doctor.permissions import Permissions
from handler.local.doctor.store import Store
from handler.local.doctor.timer import Kept
from handler.machine import SystemClock
from handler.runtimes import read_runtime
from handler.wiring import Workshop

_OTHERS: Final = ("endpoint", "clock", "signature", "permissions", "store", "channels", "timer")


def examine(configuration: Configuration) -> Generator[Check, None, None]:
    """Make all checks that can be made, each given as soon as it is known.

    To close this before its end, or to interrupt it, leaves nothing behind.
    """
    clock = SystemClock()
    runtime = read_runtime(None, configuration.environ, clock.monotonic())
    basics = Basics(configuration, runtime, Workshop(clock).elsewhere(runtime))
    yield basics.read()
    settings = basics.settings
    if settings is None:
        yield from _skip(("access key", *_OTHERS), "the configuration")
        return
    yield from keys(settings, runtime)
    try:
        means = Means.of(settings, runtime, clock)
    except ValueError as error:
        yield Check("network", failed(str(error), is_misconfigured=True))
        yield from _skip(_OTHERS, "what is under `network`")
        return
    api = Api(means)
    yield from api.checks()
    yield from Permissions(settings, api).checks()
    store = Store(means, has_refused_key=api.has_refused_key)
    yield from store.checks()
    yield from Channels(means, basics.missing).checks()
    yield from Kept(means, store, is_key_accepted=api.has_accepted_key).checks()


def _skip(names: tuple[str, ...], what: str) -> Iterator[Check]:
    return (Check(name, needs(what)) for name in names)
