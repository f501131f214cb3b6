"""`infra/deploy.py` and its targets in the Makefile: what is seen before anything is made."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.clouds import CLOUDS, DeploymentError, with_keys
from tests.infra.checkout import clean_environ
from tests.infra.zips import REPOSITORY, read

AWS, HUAWEICLOUD = CLOUDS["aws"], CLOUDS["huaweicloud"]
KEYS = {"AWS_ACCESS_KEY_ID": "an-access-key", "AWS_SECRET_ACCESS_KEY": "a-secret"}
CONFIG = """huaweicloud: {region: cn-north-4, project_id: 0123456789abcdef}
state: s3://a-bucket/headway
discover: true
"""
TERRAFORM = """[ "$1" = output ] && echo a-function || echo "terraform $*"
[ "$1" != apply ] || exit 7"""
"""One that cannot make anything."""
ZIP = "headway-lambda-py313-arm64.zip"
MAIN = 'variable "package_file" {\n  type = string\n}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A deployment that would make nothing."""
    found = tmp_path / "deployment"
    found.mkdir()
    (found / "headway.yaml").write_text(CONFIG, encoding="utf-8")
    (found / "main.tf").write_text(MAIN, encoding="utf-8")
    return found


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for the PATH: this Python with stand-ins beside it that say with what they were run."""
    environment = tmp_path / "environment"
    found = environment / "bin"
    found.mkdir(parents=True)
    shutil.copy(Path(sys.prefix, "pyvenv.cfg"), environment)
    (environment / "lib").symlink_to(Path(sys.prefix, "lib"))
    for name in ("python", "uv"):
        (found / name).symlink_to(Path(sys.prefix, "bin", name))
    write_program(found / "terraform", TERRAFORM)
    write_program(found / "headway", 'echo "headway $*"')
    return found


def write_program(path: Path, script: str) -> None:
    """Write lines of shell that can be run."""
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def start(folder: Path, programs: Path, *options: str, keys: dict[str, str] = KEYS) -> subprocess.Popen[str]:
    """Start it as `make` does, with nothing of this machine's but what is in one folder."""
    command = [str(programs / "python"), "-m", "infra.deploy", "aws", "--folder", str(folder), *options]
    # No other Python is found, so that nothing is compiled, which takes longest.
    environ = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "HOME": os.environ.get("HOME", "/"),
        "PYENV_ROOT": os.devnull,
    }
    return subprocess.Popen(  # noqa: S603 - our own words
        command,
        cwd=REPOSITORY,
        env={**environ, **keys},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def deploy(
    folder: Path, programs: Path, *options: str, keys: dict[str, str] = KEYS
) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    with start(folder, programs, *options, keys=keys) as process:
        output, errors = process.communicate(timeout=100)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """What was said when nothing was deployed, and not even built."""
    assert done.returncode == 1
    assert not done.stdout
    return done.stderr.removeprefix("deploy.py: ").strip()


def test_without_terraform_nothing_is_built(folder: Path, programs: Path) -> None:
    """It is said what to install."""
    (programs / "terraform").unlink()

    said = refusal(deploy(folder, programs))

    assert said == "There is no terraform on the PATH; install Terraform 1.11 or newer."


def test_without_what_calls_the_function_nothing_is_built(folder: Path, programs: Path) -> None:
    """It would be missed when everything stands."""
    (programs / "headway").unlink()

    said = refusal(deploy(folder, programs))

    assert said == f"There is no {programs}/headway, which calls the function at the end: deploy with `make`."


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--wait", "-5", "has to be a number from 0 to 3600"),
        ("--wait", "3601", "has to be a number from 0 to 3600"),
        ("--wait", "soon", "has to be a number from 0 to 3600"),
        ("--endpoint", "http://h", "is unencrypted, which only a loopback host may be"),
    ],
)
def test_what_headway_would_not_take_at_the_end_is_refused_at_once(
    option: str, value: str, said: str, folder: Path, programs: Path
) -> None:
    """As wrong usage."""
    done = deploy(folder, programs, option, value)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"deploy.py: error: argument {option}: {said}\n")


def test_a_deployment_has_to_be_named(programs: Path) -> None:
    """Nobody wants the example by accident."""
    command = [str(programs / "python"), "-m", "infra.deploy", "aws"]
    environ = {"PATH": f"{programs}:/usr/bin:/bin", **KEYS}
    done = subprocess.run(  # noqa: S603 - our own words
        command, cwd=REPOSITORY, env=environ, capture_output=True, text=True, check=False, timeout=60
    )

    assert refusal(done) == "Say which: DEPLOYMENT=infra/aws/production, your copy of infra/aws/example."


def test_a_folder_for_the_other_cloud_is_refused(folder: Path, programs: Path) -> None:
    """By the key that tells."""
    (folder / "headway.yaml").write_text(CONFIG.replace("s3:", "obs:"), encoding="utf-8")

    said = refusal(deploy(folder, programs))

    assert said == f"{folder}/headway.yaml: `state` has to be s3://BUCKET/PREFIX here."


def test_a_look_that_fails_leaves_what_is_deployed_and_says_so(
    folder: Path, programs: Path, tmp_path: Path
) -> None:
    """With the status of the look, and with how to repeat it."""
    write_program(programs / "terraform", TERRAFORM.replace("exit 7", "exit 0"))
    write_program(programs / "headway", "exit 1")

    done = deploy(folder, programs, "--output", str(tmp_path / "dist"))

    assert done.returncode == 1
    assert "All is deployed, and looks by its timer" in done.stderr
    assert ".venv/bin/headway invoke a-function --test-alert" in done.stderr


def test_a_folder_that_is_not_there_is_named(folder: Path, programs: Path) -> None:
    """With the variable by which `make` takes it."""
    said = refusal(deploy(folder / "elsewhere", programs))

    assert said == f"{folder}/elsewhere is no folder; DEPLOYMENT names the one with headway.yaml and main.tf."


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("headway.yaml", "holds no headway.yaml, the configuration to deploy."),
        ("main.tf", "holds no *.tf; copy what the example has."),
    ],
)
def test_a_folder_that_lacks_something_is_refused(name: str, said: str, folder: Path, programs: Path) -> None:
    """The configuration, or what Terraform is to do."""
    (folder / name).unlink()

    assert refusal(deploy(folder, programs)) == f"{folder} {said}"


@pytest.mark.parametrize(
    "main",
    [
        f'locals {{ zip = "{ZIP}" }}\n'.encode(),
        f"# {MAIN}".encode(),
        "# d\xe9ploiement\n".encode("latin-1"),
    ],
    ids=["of another Python", "by a variable that is no more", "unreadable"],
)
def test_a_folder_that_takes_another_zip_is_refused(main: bytes, folder: Path, programs: Path) -> None:
    """Else a zip of another day would be deployed."""
    (folder / "main.tf").write_bytes(main)

    said = refusal(deploy(folder, programs, "--python", "3.12"))

    assert said == (
        f'{folder} takes another zip than headway-lambda-py312-arm64.zip: give it variable "package_file".'
    )


def test_without_keys_nothing_is_built(folder: Path, programs: Path) -> None:
    """The function could be made with those of a profile, and then not be called."""
    said = refusal(deploy(folder, programs, keys={"AWS_PROFILE": "mine"}))

    assert said == (
        "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: Terraform works with them, and at the end the"
        " function is called with them."
    )


def test_a_mistake_in_the_configuration_is_told_before_anything_is_built(
    folder: Path, programs: Path
) -> None:
    """By its line and its key; a service that does not exist is one."""
    config = folder / "headway.yaml"
    config.write_text(
        f"{CONFIG}chanels: {{}}\nchannels: {{a: {{url: 'slakc://${{B}}'}}}}\n", encoding="utf-8"
    )

    head, *said = refusal(deploy(folder, programs)).splitlines()

    assert head == f"{config} cannot be used."
    assert said[0].startswith(f"{config}:4: chanels: ")
    assert said[1].startswith(f"{config}:5: channels.a.url: names a service that does not exist: slakc://;")


def test_the_first_step_that_fails_ends_it_with_its_own_status(
    folder: Path, programs: Path, tmp_path: Path
) -> None:
    """A zip was built, with the templates that the configuration names, but without the configuration.

    That lies in the bucket, so that a change to it changes no code.
    """
    (folder / "main.tf").write_text(f'locals {{ zip = "{ZIP}" }}\n', encoding="utf-8")
    channel = "channels: {ops: {url: 'json://127.0.0.1/', templates: wording}}\n"
    (folder / "headway.yaml").write_text(CONFIG + channel, encoding="utf-8")
    (folder / "wording" / "plain").mkdir(parents=True)
    (folder / "wording" / "plain" / "message.j2").write_text("{{ title }}", encoding="utf-8")

    done = deploy(folder, programs, "--output", str(tmp_path / "dist"))

    built, *ran = done.stdout.splitlines()
    assert done.returncode == 7
    assert f"deploy.py: {folder}/headway.yaml:1: remark: huaweicloud.project_id: looks unlike " in done.stderr
    assert built.startswith(f"{tmp_path}/dist/{ZIP}")
    assert ran == ["terraform init -input=false", "terraform apply"]
    files = read(tmp_path / "dist" / ZIP)
    assert files["wording/plain/message.j2"] == b"{{ title }}"
    assert "headway.yaml" not in files


def test_what_is_asked_for_is_done_in_the_deployment_s_own_folder(
    folder: Path, programs: Path, tmp_path: Path
) -> None:
    """Behind a link too: the zip is named as it is seen from there, and where no *.tfvars beats it."""
    write_program(programs / "terraform", TERRAFORM.replace("exit 7", "exit 0"))
    link = tmp_path / "deployments" / "one"
    link.parent.mkdir()
    link.symlink_to(folder)
    options = (
        "--output",
        str(tmp_path / "dist"),
        "--approve",
        "--wait",
        "0",
        "--endpoint",
        "http://127.0.0.1:1",
    )

    done = deploy(link, programs, *options)

    assert done.returncode == 0
    assert done.stdout.splitlines()[1:] == [
        "terraform init -input=false",
        f"terraform apply -var package_file=../dist/{ZIP} -auto-approve -input=false",
        "headway invoke a-function --endpoint http://127.0.0.1:1 --wait 0",
        "headway invoke a-function --endpoint http://127.0.0.1:1 --test-alert",
    ]


def test_terraform_is_let_finish_when_somebody_presses_ctrl_c(
    folder: Path, programs: Path, tmp_path: Path
) -> None:
    """It writes down what it has made; else nobody would know of it."""
    script = "trap 'sleep 1; echo kept; kill -TERM $$' INT\necho ready\nwhile true; do sleep 0.1; done"
    write_program(programs / "terraform", script)
    with start(folder, programs, "--output", str(tmp_path)) as process:
        assert process.stdout
        assert any(line == "ready\n" for line in process.stdout)
        os.killpg(process.pid, signal.SIGINT)

        assert process.stdout.read() == "kept\n"
        assert process.wait(10) == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    ("given", "lent"),
    [
        (
            {"HW_ACCESS_KEY": "a", "HW_SECRET_KEY": "b"},
            {"HUAWEICLOUD_SDK_AK": "a", "HUAWEICLOUD_SDK_SK": "b"},
        ),
        (
            {"HUAWEICLOUD_SDK_AK": "a", "HUAWEICLOUD_SDK_SK": "b", "HUAWEICLOUD_SDK_SECURITY_TOKEN": "c"},
            {"HW_ACCESS_KEY": "a", "HW_SECRET_KEY": "b", "HW_SECURITY_TOKEN": "c"},
        ),
        (
            {
                "HW_ACCESS_KEY": "a",
                "HW_SECRET_KEY": "b",
                "HW_SECURITY_TOKEN": "c",
                "HUAWEICLOUD_SDK_AK": "x",
                "HUAWEICLOUD_SDK_SK": "y",
            },
            {},
        ),
    ],
    ids=["the provider's", "the function's", "both"],
)
def test_who_has_no_keys_for_huawei_cloud_borrows_the_others(
    given: dict[str, str], lent: dict[str, str]
) -> None:
    """The provider and `headway` call them differently; those of two users are never mixed."""
    assert with_keys(given, HUAWEICLOUD) == {**given, **lent}


def test_a_token_that_was_left_behind_does_not_go_with_other_keys() -> None:
    """It is none of theirs."""
    keys = {"HUAWEICLOUD_SDK_AK": "a", "HUAWEICLOUD_SDK_SK": "b"}

    found = with_keys({**keys, "HW_SECURITY_TOKEN": "old"}, HUAWEICLOUD)

    assert found == {**keys, "HW_ACCESS_KEY": "a", "HW_SECRET_KEY": "b"}


@pytest.mark.parametrize("given", [{}, {"HW_ACCESS_KEY": "a"}, {"HW_ACCESS_KEY": "", "HW_SECRET_KEY": ""}])
def test_half_a_pair_of_keys_is_refused(given: dict[str, str]) -> None:
    """Without a word of those that are there."""
    with pytest.raises(DeploymentError, match=r"^Set HW_ACCESS_KEY and HW_SECRET_KEY: "):
        with_keys(given, HUAWEICLOUD)


def test_make_passes_on_what_is_chosen() -> None:
    """Each variable as an option, a folder's name as it is."""
    chosen = (
        "DEPLOYMENT=/my deployments/one",
        "APPROVE=yes",
        "WAIT=5",
        "INVOKE_AT=http://127.0.0.1:1",
        "PYTHON_VERSION=3.12",
        "ARCHITECTURE=arm64",
    )
    shown = run_make("--dry-run", "--old-file", ".venv/.installed", "deploy-aws", *chosen)

    assert shown.split("infra.deploy ", 1)[1].strip() == (
        "aws --folder '/my deployments/one' --approve --wait 5 --endpoint 'http://127.0.0.1:1'"
        " --python 3.12 --architecture arm64"
    )


@pytest.mark.parametrize("words", [(), ("APPROVE=no",), ("APPROVE=",)])
def test_make_has_terraform_ask_unless_the_answer_is_yes(words: tuple[str, ...]) -> None:
    """And leaves the rest to what is usual."""
    shown = run_make("--dry-run", "--old-file", ".venv/.installed", "deploy-huaweicloud", *words)

    assert shown.split("infra.deploy ", 1)[1].strip() == "huaweicloud"


@pytest.mark.parametrize("target", ["deploy-aws", "deploy-huaweicloud"])
def test_make_lists_the_targets(target: str) -> None:
    """With a word about each."""
    assert f"  make {target} — " in run_make()


def run_make(*words: str) -> str:
    """Run it as a user does, and give what it shows."""
    done = subprocess.run(  # noqa: S603 - our own words
        ["make", *words],  # noqa: S607 - whichever make there is
        cwd=REPOSITORY,
        env=clean_environ(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
