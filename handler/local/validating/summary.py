"""What a configuration comes to, in a few words: who is told, what is followed, where the state is kept."""

from __future__ import annotations

from typing import Final

from handler.local.printing.counting import counted
from handler.local.validating.draft import Draft
from handler.settings.state import STATE_DEFAULT
from handler.settings.tree import Tree
from notifiers.saying import one_line

_LENGTH_MAX: Final = 100


def summarise(draft: Draft) -> str:
    """Say it as the configuration is written: a value from elsewhere is shown by its name."""
    state = str(draft.written("state") or STATE_DEFAULT).partition("?")[0]
    return f"{_channels(draft)}; follows {_followed(draft)}; keeps its state in {_short(state)}"


def _channels(draft: Draft) -> str:
    names = [name for name, _ in draft.sections("channels")]
    return f"{counted(len(names), 'channel')} ({_short(', '.join(names))})" if names else "no channels"


def _followed(draft: Draft) -> str:
    watches, http = draft.written("watches"), draft.written("http")
    entries = [each for each in watches if isinstance(each, dict)] if isinstance(watches, list) else []
    changes = sum("task_id" in each for each in entries)
    instances = len(entries) - changes
    followed = [
        counted(changes, "change") if changes else "",
        f"all changes of {counted(instances, 'instance')}" if instances else "",
        _discovered(draft.written("discover")),
        "what is registered over HTTP" if isinstance(http, dict) and "token" in http else "",
    ]
    return ", ".join(filter(None, followed)) or "only what is registered"


def _discovered(discover: Tree) -> str:
    if isinstance(discover, list):
        return f"the instances {_short(', '.join(map(str, discover)))}"
    word = str(discover or "false")
    known = {"true": "all instances of the project", "false": ""}
    return known.get(word.lower(), f"the instances {_short(word)}")


def _short(text: str) -> str:
    return one_line(text, _LENGTH_MAX)
