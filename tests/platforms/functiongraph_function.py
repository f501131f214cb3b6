"""A function on FunctionGraph as its owner sets it up, and the keys that its agency gives."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.fakes.dms_server import PROJECT_ID

_USER_KEY: Final = re.compile("[A-Za-z][A-Za-z0-9_]*")
_USER_ENTRIES_MAX: Final = 20
_USER_CHARACTERS_MAX: Final = 4096


class Agency(NamedTuple):
    """What a context gives of an agency; the default is what there is without one."""

    access_key: str | None = ""
    secret_key: str | None = ""
    security_token: str | None = ""
    token: str | None = ""


NO_AGENCY: Final = Agency()


@dataclass(frozen=True)
class Function:
    """A function as its owner sets it up, and the oddities of the runtime it meets.

    `ahead` and `behind` are folders on the path, before the code root and after everything else;
    `already_imported` are modules that the runtime has imported for itself.
    """

    code: Path
    user_data: Mapping[str, str] = field(default_factory=dict)
    encrypted_user_data: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_seconds: int = 60
    handler: str = "index.handler"
    python: str = sys.executable
    is_loaded_by_path: bool = True
    ahead: tuple[Path, ...] = ()
    behind: tuple[Path, ...] = ()
    already_imported: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what the platform's form refuses."""
        for entries in (self.user_data, self.encrypted_user_data):
            size = sum(len(key) + len(value) for key, value in entries.items())
            if len(entries) > _USER_ENTRIES_MAX or size > _USER_CHARACTERS_MAX:
                raise ValueError("too much user data")
            if not all(map(_USER_KEY.fullmatch, entries)):
                raise ValueError("a key of user data is not in the format")

    def environ(self, root: Path) -> dict[str, str]:
        """The environment that the platform makes; there is no HOME in it."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "RUNTIME_PROJECT_ID": PROJECT_ID,
            "RUNTIME_FUNC_NAME": "headway",
            "RUNTIME_FUNC_VERSION": "latest",
            "RUNTIME_PACKAGE": "default",
            "RUNTIME_HANDLER": self.handler,
            "RUNTIME_TIMEOUT": str(self.timeout_seconds),
            "RUNTIME_USERDATA": json.dumps(dict(self.user_data)),
            "RUNTIME_CPU": "300",
            "RUNTIME_MEMORY": "256",
            "RUNTIME_MAX_RESP_BODY_SIZE": "6291456",
            "RUNTIME_CODE_ROOT": str(self.code),
            "RUNTIME_ROOT": str(root),
            "RUNTIME_LOG_DIR": str(root / "log"),
            **self.user_data,
        }

    def layout(self) -> dict[str, Any]:
        """What the runtime's process is told at first."""
        return {
            "ahead": [str(folder) for folder in self.ahead],
            "behind": [str(folder) for folder in self.behind],
            "already_imported": self.already_imported,
            "by_path": self.is_loaded_by_path,
            "user_data": {**self.user_data, **self.encrypted_user_data},
        }
