"""A DMS endpoint on loopback that verifies signatures and plays a project, or one change, in real time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Final, final

from handler.core.change import ChangeId
from handler.huaweicloud.signing import Credentials
from handler.local.serving import LOOPBACK, LoopbackService
from handler.local.simulation.endpoint import FAIR, Conditions, Endpoint
from handler.local.simulation.playback import Playback
from handler.local.simulation.project import Project, project_of
from handler.local.simulation.script import Script

HOST: Final = LOOPBACK
REGION: Final = "simulated-1"
CREDENTIALS: Final = Credentials("SIMULATEDACCESSKEY", "simulated-secret-key")
PROJECT_ID: Final = "0123456789abcdef0123456789abcdef"
CHANGE: Final = ChangeId("11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000")


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


class ProjectSimulator(LoopbackService):
    """Plays a project for the time of a `with` block."""

    def __init__(  # noqa: PLR0913 - each by name
        self,
        project: Project,
        *,
        conditions: Conditions = FAIR,
        port: int = 0,
        credentials: Credentials = CREDENTIALS,
        project_id: str = PROJECT_ID,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Take the port, but serve nothing yet.

        Args:
            project: What is there, and when what happens.
            conditions: What goes wrong whatever happens.
            port: Where to listen on 127.0.0.1; 0 takes a free one.
            credentials: The only ones that are accepted.
            project_id: What the project is called.
            now: The server's clock, which all of it goes by; only the delay of answers takes real time.

        Raises:
            OSError: The port cannot be used.
        """
        self._endpoint = Endpoint(
            project, credentials=credentials, project_id=project_id, conditions=conditions, now=now
        )
        super().__init__(port, self._endpoint.serve, conditions.delay_seconds)

    @property
    def credentials(self) -> Credentials:
        """The only ones that are accepted; they can be changed at any time."""
        return self._endpoint.credentials

    @credentials.setter
    def credentials(self, credentials: Credentials) -> None:
        self._endpoint.credentials = credentials

    @property
    def project_id(self) -> str:
        """What the project is called."""
        return self._endpoint.project_id

    @property
    def project(self) -> Project:
        """What is played."""
        return self._endpoint.project

    @property
    def counts(self) -> Counter[str]:
        """How many requests came, by kind: see `Endpoint`."""
        return self._endpoint.counts

    @property
    def url(self) -> str:
        """The endpoint, as `huaweicloud.endpoint` wants it."""
        return f"http://{HOST}:{self.port}"

    def environment(self) -> dict[str, str]:
        """The variables that point Headway at this endpoint."""
        return {
            "HEADWAY_ENDPOINT": self.url,
            "HEADWAY_REGION": REGION,
            "HEADWAY_PROJECT_ID": self.project_id,
            "HUAWEICLOUD_SDK_AK": self.credentials.access_key,
            "HUAWEICLOUD_SDK_SK": self.credentials.secret_key,
        }


@final
class Simulator(ProjectSimulator):
    """Plays one change for the time of a `with` block; it starts when the block does."""

    def __init__(  # noqa: PLR0913 - each by name
        self,
        script: Script,
        *,
        speed: float = 1.0,
        port: int = 0,
        credentials: Credentials = CREDENTIALS,
        project_id: str = PROJECT_ID,
        change: ChangeId = CHANGE,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Take the port, but serve nothing yet.

        Args:
            script: What happens.
            speed: How much faster than written.
            port: Where to listen on 127.0.0.1; 0 takes a free one.
            credentials: The only ones that are accepted.
            project_id: The project that the change belongs to.
            change: What the change is called.
            now: The server's clock.

        Raises:
            OSError: The port cannot be used.
        """
        self.change = change
        self._script = script
        self._speed = speed
        self._now = now
        nothing_yet = Project(now())
        super().__init__(nothing_yet, port=port, credentials=credentials, project_id=project_id, now=now)

    def __enter__(self) -> Simulator:
        """Start the change and serve."""
        playback = Playback(self._script, self.change.task_id, self._now(), self._speed)
        self._endpoint.project = project_of(self.change.instance_id, playback)
        super().__enter__()
        return self

    def environment(self) -> dict[str, str]:
        """The variables that point Headway at this endpoint and its change."""
        ids = {"HEADWAY_INSTANCE_ID": self.change.instance_id, "HEADWAY_TASK_ID": self.change.task_id}
        return {**super().environment(), **ids}
