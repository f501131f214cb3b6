"""What a deployed function talks to, on loopback: clouds and a webhook, each on real protocol.

with Services() as services:
    environ = {**services.variables, **services.huawei_variables, **services.aws_variables}
    ...
    services.begin()                      # a new change, an empty store, nothing told
    ...                                   # invoke: `started` goes out
    services.advance(40, ("disk_expansion", "IN_PROGRESS"))
    ...                                   # invoke
    assert services.titles == [...]       # what the webhook heard
    assert not services.leaks(output)     # the secrets that stand in a text
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final
from urllib.parse import quote, urlsplit

from typing_extensions import Self

from handler.core.change import ChangeId
from handler.huaweicloud.signing import Credentials
from handler.stores import sigv4
from tests.fakes.dms_server import PROJECT_ID, Answer, FakeDms
from tests.fakes.obs_server import FakeObs
from tests.fakes.s3_server import FakeS3
from tests.fakes.vault_server import FakeVault
from tests.fakes.webhook_server import WebhookServer

CHANGE: Final = ChangeId("instance-1", "task-1")
NAME: Final = "orders"
HUAWEI_KEYS: Final = Credentials("HUAWEIACCESSKEY", "huawei/secret+key", "huawei-security-token==")
"""What DMS and OBS accept: a temporary access key, such as an agency's."""
AWS_KEYS: Final = sigv4.Credentials("AKIDEXAMPLE", "aws/secret+key", "aws-session-token==")
"""What S3 and the vault accept: the keys of a role."""
HTTP_TOKEN: Final = "token-of-those-who-call"
HOOK_TOKEN: Final = "token-of-the-webhook"
"""The path under which the webhook is reached."""
PARAMETER: Final = "/headway/channels/hook"
SECRET: Final = "headway/http+token"
TEXT: Final = """
huaweicloud: {{region: {HEADWAY_REGION}, project_id: {HEADWAY_PROJECT_ID}, endpoint: "{HEADWAY_ENDPOINT}"}}
state: {HEADWAY_STATE}
watches: [{{instance_id: {HEADWAY_INSTANCE_ID}, task_id: {HEADWAY_TASK_ID}, name: {HEADWAY_NAME}}}]
channels: {{hook: {{url: "${{ssm:/headway/channels/hook}}"}}}}
http: {{token: "${{secret:headway/http+token}}"}}
"""


class Services:
    """The services for the time of a `with` block; one change, one bucket, one webhook.

    `dms`, `s3`, `obs`, `vault` and `webhooks` are the fakes themselves, for faults, counts and delays.
    """

    def __init__(self) -> None:
        """Serve nothing yet."""
        self.dms = FakeDms(credentials=HUAWEI_KEYS)
        self.s3 = FakeS3(credentials=AWS_KEYS)
        self.obs = FakeObs(credentials=HUAWEI_KEYS)
        self.vault = FakeVault(credentials=AWS_KEYS)
        self.webhooks = WebhookServer()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begin to serve."""
        for server in (self.dms, self.s3, self.obs, self.vault, self.webhooks):
            self._stack.enter_context(server)
        self.begin()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._stack.close()

    def begin(self) -> None:
        """Forget all that was kept and told; the change has just begun."""
        self.s3.objects.clear()
        self.obs.objects.clear()
        self.webhooks.requests.clear()
        self.vault.parameters = {PARAMETER: self.channel}
        self.vault.secrets = {SECRET: HTTP_TOKEN}
        self.vault.forbidden.clear()
        self.advance(0, ("pre_check", "IN_PROGRESS"))

    def advance(self, percent: int, *steps: tuple[str, str]) -> None:
        """Let the API say how far the change is; a step is its name and the API's word for how it stands."""
        self.dms.script_task(CHANGE, Answer.of_task("EXECUTING"))
        self.dms.script_progress(CHANGE, Answer.of_progress(percent, *steps))

    def complete(self, *steps: str) -> None:
        """Let the API say that the change and its steps are over."""
        self.advance(100, *((step, "COMPLETED") for step in steps or ("pre_check",)))
        self.dms.script_task(CHANGE, Answer.of_task("SUCCESS"))

    def live(self) -> Iterator[list[str]]:
        """Let a change go through its life, with news before each step; gives the alerts that they are."""
        self.begin()
        yield ["started", "step_started"]
        self.advance(40, ("pre_check", "COMPLETED"), ("disk_expansion", "IN_PROGRESS"))
        yield ["step_completed", "step_started", "milestone"]
        self.advance(80, ("pre_check", "COMPLETED"), ("disk_expansion", "IN_PROGRESS"))
        yield ["milestone"]
        self.complete("pre_check", "disk_expansion")
        yield ["step_completed", "completed"]

    @property
    def channel(self) -> str:
        """The webhook as apprise writes it; the whole URL is a secret."""
        return f"json://{self.webhooks.location}/{HOOK_TOKEN}"

    @property
    def state_in_s3(self) -> str:
        """The value of `state` for the bucket of S3, which takes `aws_variables`."""
        query = f"region={self.s3.region}&endpoint={self.s3.endpoint}&path_style=true"
        return f"s3://{self.s3.bucket}/state?{query}"

    @property
    def state_in_obs(self) -> str:
        """The value of `state` for the bucket of OBS, which takes the keys of the API."""
        port = urlsplit(self.obs.endpoint).port
        return f"obs://{self.obs.bucket}/state?endpoint=http://localhost:{port}"

    @property
    def text(self) -> str:
        """The configuration of `variables` as YAML, but for channels and token, which are kept in AWS."""
        return TEXT.format_map(self.variables)

    @property
    def variables(self) -> dict[str, str]:
        """The whole configuration as `HEADWAY_` variables, with the state in S3; no keys."""
        return {
            "HEADWAY_REGION": "eu-west-101",
            "HEADWAY_PROJECT_ID": PROJECT_ID,
            "HEADWAY_ENDPOINT": self.dms.endpoint,
            "HEADWAY_INSTANCE_ID": CHANGE.instance_id,
            "HEADWAY_TASK_ID": CHANGE.task_id,
            "HEADWAY_NAME": NAME,
            "HEADWAY_STATE": self.state_in_s3,
            "HEADWAY_CHANNELS": f"hook={self.channel}",
            "HEADWAY_HTTP_TOKEN": HTTP_TOKEN,
        }

    @property
    def huawei_variables(self) -> dict[str, str]:
        """The keys of the API for a function that has no agency."""
        return {
            "HUAWEICLOUD_SDK_AK": HUAWEI_KEYS.access_key,
            "HUAWEICLOUD_SDK_SK": HUAWEI_KEYS.secret_key,
            "HUAWEICLOUD_SDK_SECURITY_TOKEN": str(HUAWEI_KEYS.security_token),
        }

    @property
    def aws_variables(self) -> dict[str, str]:
        """The keys of Lambda's role, as the platform sets them, and where AWS's services are."""
        return self.vault.variables

    @property
    def titles(self) -> list[str]:
        """What the webhook was told since the beginning, title by title, TIME for when it will be done."""
        return [request.title for request in self.webhooks.received(f"/{HOOK_TOKEN}")]

    def leaks(self, text: str) -> list[str]:
        """The secrets that stand in a text, plain or percent-encoded."""
        secrets = (
            *(HUAWEI_KEYS.secret_key, str(HUAWEI_KEYS.security_token)),
            *(AWS_KEYS.secret_key, str(AWS_KEYS.session_token)),
            *(HTTP_TOKEN, HOOK_TOKEN),
        )
        return [each for each in secrets if each in text or quote(each, safe="") in text]
