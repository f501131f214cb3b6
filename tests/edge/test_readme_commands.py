"""Every command that a page shows is run by a test, here or elsewhere."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import jsonschema
import pytest
from typer.testing import CliRunner

from handler.local import cli
from handler.local.configuration import of_file
from handler.local.hosting import Site
from handler.settings.yaml_text import parse_yaml
from tests.edge.bench import AWS, TOKEN, Bench, a_bench
from tests.edge.pages import REPOSITORY, blocks, commands, pages
from tests.edge.ways import ByMake, Elsewhere, Here, InShell, Setting, Way
from tests.fakes.webhook_server import Answer

_PRODUCTION: Final = "infra/aws/production"
_CI: Final = ".ci/run"
_DEMO: Final = "tests/local/test_demo.py"
_SERVE: Final = "tests/local/test_serve_command.py"
_SIMULATE: Final = "tests/local/test_simulate_command.py"
_BUCKETS: Final = "tests/edge/test_elsewhere.py"
_CHANGED_ON_HUAWEICLOUD: Final = "tests/infra/test_huaweicloud_changes.py"
_DEPLOYED_TO_AWS: Final = "tests/infra/test_aws_deployment.py"


def register(command: str, bench: Bench) -> None:
    """Register the change with a function that is served here, as a pipeline does."""
    bench.configure()
    change = bench.simulator.change
    ours = command.replace("…", change.instance_id, 1).replace("…", change.task_id, 1)
    application = of_file(bench.folder / "headway.yaml", {}).application()
    with Site(application) as site:
        done = bench.shell(ours, TOKEN=TOKEN, URL=site.url.rstrip("/"))

    listed = bench.headway(".venv/bin/headway follow --json")
    assert (done.returncode, json.loads(done.stdout)["name"]) == (0, "orders"), done.stderr
    assert {"instance_id": change.instance_id, "task_id": change.task_id}.items() <= (
        json.loads(listed.stdout)["watches"][-1].items()
    )


def copy_example(command: str, bench: Bench) -> None:
    """Begin with a folder of one's own."""
    shutil.copytree(REPOSITORY / "infra/aws/example", bench.folder / "infra/aws/example")
    done = bench.shell(command)

    assert done.returncode == 0, done.stderr
    assert {"headway.yaml", "main.tf"} <= {path.name for path in (bench.folder / _PRODUCTION).iterdir()}


def keep_secrets(command: str, bench: Bench) -> None:
    """Each secret of the example is asked for once, and goes to `aws` by its standard input alone."""
    shutil.copytree(REPOSITORY / "infra/aws/example", bench.folder / _PRODUCTION)
    text = (bench.folder / _PRODUCTION / "headway.yaml").read_text("utf-8")
    names = sorted(set(re.findall(r"^[^#\n]*\$\{ssm:([^}]+)\}", text, re.MULTILINE)))
    bench.install("aws", 'echo "$@" >>calls; cat >>calls; echo >>calls')
    done = bench.shell(command, typed="".join(f"secret {number}\n" for number in range(len(names))))

    put = "ssm put-parameter --region eu-west-1 --type SecureString --name {} --value file:///dev/stdin\n{}\n"
    assert done.returncode == 0, done.stderr
    assert len(names) > 1
    assert (bench.folder / "calls").read_text("utf-8") == "".join(
        put.format(name, f"secret {number}") for number, name in enumerate(names)
    )


def ask_signed(command: str, bench: Bench) -> None:
    """The URL that Terraform tells is asked, signed for Lambda, with the token of temporary keys."""
    bench.hook.script("/api/changes", Answer.of_json({"changes": []}))
    bench.install("terraform", f'echo "$@" >asked; printf %s {bench.hook.url}/')
    keys = {"AWS_ACCESS_KEY_ID": AWS.access_key, "AWS_SECRET_ACCESS_KEY": AWS.secret_key}
    done = bench.shell(command, **keys, AWS_SESSION_TOKEN=str(AWS.session_token))
    (request,) = bench.hook.received("/api/changes")

    assert (done.returncode, done.stdout) == (0, '{"changes":[]}'), done.stderr
    assert (bench.folder / "asked").read_text("utf-8") == f"-chdir={_PRODUCTION} output -raw url\n"
    signed = rf"AWS4-HMAC-SHA256 Credential={AWS.access_key}/\d{{8}}/eu-west-1/lambda/aws4_request, "
    assert re.match(signed, request.headers["authorization"])
    assert request.headers["x-amz-security-token"] == AWS.session_token


def find_function(command: str, bench: Bench) -> None:
    """What Terraform tells is the function that the commands after it invoke."""
    bench.install("terraform", 'echo "$@" >asked; echo arn:of:function')
    done = bench.shell(f"{command}\nprintf %s $function")

    asked = f"-chdir={_PRODUCTION} output -raw function_arn\n"
    outputs = (REPOSITORY / "infra/aws/example/main.tf").read_text("utf-8")
    assert done.stdout == "arn:of:function", done.stderr
    assert (bench.folder / "asked").read_text("utf-8") == asked
    assert re.search(r'^output "function_arn"', outputs, re.MULTILINE)


def check_example(command: str, bench: Bench) -> None:
    """The example for AWS has no mistake, and its secrets are listed by name."""
    shutil.copytree(REPOSITORY / "infra/aws/example", bench.folder / _PRODUCTION)
    ended = bench.headway(command)

    assert (ended.exit_code, "can be used" in ended.output) == (0, True), ended.output


def write_schema(command: str, bench: Bench) -> None:
    """What is printed is a schema that the example keeps to."""
    ended = bench.headway(command.partition(" >")[0])

    schema = json.loads(ended.stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert ended.exit_code == 0
    jsonschema.validate(parse_yaml(blocks(pages()["README.md"], "yaml")[0])[0], schema)


def watch_simulated(command: str, bench: Bench) -> None:
    """The file takes what the simulator prints, and what it leads to is told to the webhook that it names."""
    (text,) = [text for text in blocks(pages()["handler/settings/README.md"], "yaml") if "ENDPOINT" in text]
    (bench.folder / "simulated.yaml").write_text(text.replace("127.0.0.1:8000", bench.hook.location), "utf-8")
    ended = bench.headway(command, environ=bench.simulator.environment())

    assert (ended.exit_code, "capacity change completed" in ended.stdout) == (0, True), ended.output
    assert "capacity change completed" in str(bench.hook.received("/")[-1].body)


_FROM_A_BUCKET: Final = (
    "HEADWAY_CONFIG='obs://BUCKET/config/headway.yaml?region=REGION' .venv/bin/headway serve --no-ticks"
)
_WITHOUT_A_FILE: Final = (
    "export HEADWAY_REGION=eu-west-101 HEADWAY_PROJECT_ID=… HUAWEICLOUD_SDK_AK=… HUAWEICLOUD_SDK_SK=…"
)
_LOOKED: Final = "^No change is under way.$"
_TRIED: Final = r"^team \(json\): sent$"
_LOOKING_ON_LAMBDA: Final = Here(_LOOKED, more=lambda bench: ("--endpoint", bench.functions.endpoint))
_TRYING_ON_LAMBDA: Final = _LOOKING_ON_LAMBDA._replace(says=_TRIED)
_LOOKING_ON_FUNCTIONGRAPH: Final = Here(
    _LOOKED, more=lambda bench: ("--endpoint", bench.functiongraph.endpoint)
)
_TRYING_ON_FUNCTIONGRAPH: Final = _LOOKING_ON_FUNCTIONGRAPH._replace(says=_TRIED)
_CHECK: Final = ".venv/bin/headway check"
_WECHAT: Final = Elsewhere(
    ("tests/edge/test_readme.py::test_the_examples_for_wechat_can_be_used",), "export HEADWAY_CHANNELS"
)
_DEPLOYING_TO_AWS: Final = Elsewhere(
    ("tests/infra/test_deploy_aws.py::test_it_is_deployed_looks_once_and_sends_a_test_alert",),
    'checkout"), "aws"',
)
_DEPLOYING_TO_HUAWEICLOUD: Final = Elsewhere(
    ("tests/infra/test_deploy_huaweicloud.py::test_once_all_is_right_the_test_alert_is_there",),
    '"huaweicloud"',
)

WAYS: Final[Mapping[str, Way]] = {
    "make demo": ByMake(
        ".venv/bin/headway demo", f"{_DEMO}::test_the_demo_shows_a_whole_change_and_its_alerts_in_order"
    ),
    "KEEP=1 make demo": ByMake(
        ".venv/bin/headway demo",
        f"{_DEMO}::test_the_demo_keeps_page_and_endpoint_until_ctrl_c_if_that_is_wanted",
    ),
    "make test": ByMake("pytest --numprocesses", _CI),
    "make check": ByMake(".venv/bin/lint-imports", _CI),
    "make prove": ByMake("HEADWAY_PROOF=long .venv/bin/pytest tests/proofs", None),
    "make bench": ByMake("for script in tests/benchmarks/bench_*.py", None),
    "make look": ByMake(
        "HEADWAY_LOOKS=.looks .venv/bin/pytest --numprocesses 2 --dist load tests/looks", None
    ),
    "make pictures": ByMake(".venv/bin/python -m tests.looks.pictures", None),
    "make package": ByMake(
        ".venv/bin/python -m infra.package",
        "tests/infra/test_package.py::test_without_options_four_zips_are_built",
    ),
    "make package PLATFORM=lambda PYTHON_VERSION=3.12 ARCHITECTURE=arm64 CONFIG=headway.yaml": ByMake(
        "-m infra.package --platform lambda --python 3.12 --architecture arm64 --config 'headway.yaml'",
        "tests/infra/test_package.py::test_a_configuration_is_included_only_when_named",
    ),
    "make package PLATFORM=lambda ARCHITECTURE=arm64": ByMake(
        "-m infra.package --platform lambda --architecture arm64",
        "tests/infra/test_package.py::test_native_modules_are_for_the_zips_machine_and_python",
    ),
    f"make deploy-aws DEPLOYMENT={_PRODUCTION}": _DEPLOYING_TO_AWS,
    "make deploy-huaweicloud DEPLOYMENT=infra/huaweicloud/production": _DEPLOYING_TO_HUAWEICLOUD,
    _WITHOUT_A_FILE: Setting(),
    "export HW_ACCESS_KEY=… HW_SECRET_KEY=…": Setting(),
    "export HUAWEICLOUD_SDK_AK=… HUAWEICLOUD_SDK_SK=…": Setting(),
    "export HEADWAY_CHANNELS='serverchan=schan://SCT1234abcd'": _WECHAT,
    "export HEADWAY_CHANNELS='pushplus=pushplus://0123456789abcdef0123456789abcdef'": _WECHAT,
    "export HEADWAY_CHANNELS='wxpusher=wxpusher://AT_abcdef123456/UID_abcdef123456'": _WECHAT,
    ".venv/bin/headway watch INSTANCE_ID TASK_ID": Here("capacity change completed", is_configured=False),
    ".venv/bin/headway watch --config simulated.yaml --every 1": InShell(watch_simulated),
    ".venv/bin/headway simulate --speed 5": Elsewhere(
        (f"{_SIMULATE}::test_simulate_serves_what_another_process_watches_until_ctrl_c",),
        '"simulate", "--speed", ',
    ),
    ".venv/bin/headway status": Here(r"simulated: (running|completed)[^\n]*\n  last look ", first=(_CHECK,)),
    ".venv/bin/headway log INSTANCE/TASK": Here(
        r"started [^\n]*\n(?s:.*)team \(json\): has", first=(_CHECK,)
    ),
    ".venv/bin/headway resend INSTANCE/TASK team": Here("^team: nothing is lost", first=(_CHECK,)),
    ".venv/bin/headway validate": Here("headway.yaml can be used: 2 channels"),
    ".venv/bin/headway validate infra/aws/production/headway.yaml": InShell(check_example),
    ".venv/bin/headway validate --schema >headway.schema.json": InShell(write_schema),
    ".venv/bin/headway doctor": Here("ok +channel team", first=(_CHECK,)),
    ".venv/bin/headway check": Here("team: 2 alerts sent"),
    ".venv/bin/headway test-alert team": Here(r"^team \(json\): sent$"),
    ".venv/bin/headway test-alert team on-call": Here(r"^on-call \(json\): sent$"),
    ".venv/bin/headway invoke TARGET": _LOOKING_ON_LAMBDA,
    ".venv/bin/headway invoke TARGET --test-alert": _TRYING_ON_LAMBDA,
    '.venv/bin/headway invoke "$function" --wait 120': _LOOKING_ON_LAMBDA,
    '.venv/bin/headway invoke "$function" --test-alert': _TRYING_ON_LAMBDA,
    ".venv/bin/headway invoke FUNCTION_URN": _LOOKING_ON_FUNCTIONGRAPH,
    ".venv/bin/headway invoke FUNCTION_URN --test-alert": _TRYING_ON_FUNCTIONGRAPH,
    ".venv/bin/headway follow INSTANCE_ID TASK_ID --name orders": Here("orders"),
    ".venv/bin/headway preview slack --kind failed --language zh": Here("── failed ──"),
    ".venv/bin/headway preview --out messages": Here(r"messages/slack/zh: \d+ files"),
    ".venv/bin/headway preview --channel team": Here("── test ──"),
    ".venv/bin/headway serve": Elsewhere(
        (f"{_SERVE}::test_serve_serves_and_watches_until_ctrl_c_also_after_the_end",), 'run("serve", '
    ),
    ".venv/bin/headway serve --no-ticks": Elsewhere(
        (f"{_SERVE}::test_serve_without_ticks_only_shows_what_is_kept",), 'run("serve", "--no-ticks", '
    ),
    _FROM_A_BUCKET: Elsewhere(
        (
            f"{_BUCKETS}::test_the_region_is_enough_to_find_a_bucket",
            f"{_BUCKETS}::test_it_is_read_from_obs_with_the_agencys_keys_or_those_of_the_environment",
        ),
        "obs://",
    ),
    'curl -f --retry 5 -H "Authorization: Bearer $TOKEN" \\\n'
    '  -d \'{"instance_id": "…", "task_id": "…", "name": "orders"}\' $URL/api/watches': InShell(register),
    f"cp -r infra/aws/example {_PRODUCTION}": InShell(copy_example),
    "for name in $(sed -E": InShell(keep_secrets),
    f"terraform -chdir={_PRODUCTION} init && terraform -chdir={_PRODUCTION} apply": Elsewhere(
        (f"{_DEPLOYED_TO_AWS}::test_the_function_is_the_zip_with_what_it_needs",), "terraform.plan()"
    ),
    f"function=$(terraform -chdir={_PRODUCTION} output -raw function_arn)": InShell(find_function),
    "curl --aws-sigv4 aws:amz:eu-west-1:lambda": InShell(ask_signed),
    f"terraform -chdir={_PRODUCTION} state rm": Elsewhere(
        (f"{_DEPLOYED_TO_AWS}::test_history_outlives_the_deployment_unless_somebody_wants_it_gone",),
        "UNINSTALL.search",
    ),
    "terraform -chdir=infra/huaweicloud/production state rm": Elsewhere(
        (f"{_CHANGED_ON_HUAWEICLOUD}::test_history_outlives_the_deployment_by_the_commands_of_the_page",),
        "^## Uninstall",
    ),
}
"""How each command is known to work, by the command or, where it is long, by how it begins."""

SPOKEN_OF: Final = sorted(
    {
        " ".join(command.split())
        for page in pages().values()
        for command in re.findall(r"`(?:\.venv/bin/)?headway\s+([^`]+)`", page)
    }
)
SHOWN: Final = tuple(dict.fromkeys(command for page in pages() for command in commands(page)))


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """An empty folder, and no variables of this machine's that mean something to Headway."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "HEADWAY_", "HUAWEICLOUD_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    with a_bench(tmp_path) as one:
        yield one


def way_of(command: str) -> list[str]:
    """By what the command is listed."""
    return [known for known in WAYS if command == known or ("\n" in command and command.startswith(known))]


@pytest.mark.parametrize("command", SHOWN)
def test_a_command_does_what_its_page_says(command: str, bench: Bench) -> None:
    """One of which `WAYS` does not say how that is known fails."""
    known = way_of(command)
    assert len(known) == 1, f"{len(known)} ways to run {command!r}: `WAYS` has to say one"

    WAYS[known[0]].prove(command, bench)


def test_no_way_is_left_over_from_a_command_that_is_gone() -> None:
    """Each is that of one command."""
    assert [known for known in WAYS if not any(known in way_of(command) for command in SHOWN)] == []


@pytest.mark.parametrize("command", SPOKEN_OF)
def test_a_command_that_a_sentence_names_is_there(command: str) -> None:
    """With each of its options."""
    words = command.split()
    name = [word for word in words[:1] if not word.startswith("-")]
    told = CliRunner().invoke(cli.app, [*name, "--help"], prog_name="headway")

    assert told.exit_code == 0, told.output
    assert [word for word in words if word.startswith("-") and word not in told.output] == []
