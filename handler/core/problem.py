"""Why something could not be done: the one named error that every layer passes on as a value."""

from __future__ import annotations

from enum import Enum
from typing import Final

import msgspec

_UNAUTHORIZED: Final = 401


class ProblemKind(Enum):
    """Why something could not be done; the words of the report's `error.kind`."""

    MISCONFIGURED = "misconfigured"
    THROTTLED = "throttled"
    UNAUTHORISED = "unauthorised"
    NOT_FOUND = "not_found"
    UNAVAILABLE = "unavailable"
    MALFORMED = "malformed"
    TIMEOUT = "timeout"
    STATE_CONFLICT = "state_conflict"
    STATE_UNAVAILABLE = "state_unavailable"


class Missing(Enum):
    """What a 404 says is not there."""

    API = "api"
    INSTANCE = "instance"
    TASK = "task"


class Problem(msgspec.Struct, frozen=True):
    """A named error instead of an answer; `message` is ours, safe to show, and names what to do.

    `status`, `code` and `request_id` are the service's own, for whoever has to ask its support.
    `asks_task` is true for the answers of the progress call after which the task's status decides, and
    `denies_progress` for those that say there is none. Without `asked` nothing was sent, for lack of
    time, which says nothing of the other side, or because it wants fewer requests. A defect is our own.
    """

    kind: ProblemKind
    message: str
    status: int | None = None
    code: str | None = None
    request_id: str | None = None
    retry_after_seconds: float | None = None
    missing: Missing | None = None
    asks_task: bool = False
    denies_progress: bool = False
    asked: bool = True
    is_defect: bool = False

    @property
    def denies_reading(self) -> bool:
        """True when asking again will not help: we may not, or there is nothing to read."""
        is_final = self.kind in {
            ProblemKind.MISCONFIGURED,
            ProblemKind.NOT_FOUND,
            ProblemKind.UNAUTHORISED,
        }
        return is_final and not self.refuses_key

    @property
    def comes_from_api(self) -> bool:
        """False where the state store or we ourselves are at fault."""
        is_states = self.kind in {ProblemKind.STATE_CONFLICT, ProblemKind.STATE_UNAVAILABLE}
        return not (is_states or self.is_defect)

    @property
    def refuses_key(self) -> bool:
        """True when the access key itself was refused; too many such answers lock it for everybody."""
        return self.status == _UNAUTHORIZED

    @property
    def explanation(self) -> str:
        """The message, with the request id that the cloud's support will ask for."""
        return f"{self.message} (request id {self.request_id})" if self.request_id else self.message
