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
from tests.infra.zips import REPOSITORY

AWS, HUAWEICLOUD = CLOUDS["aws"], CLOUDS["huaweicloud"]
KEYS = {"AWS_ACCESS_KEY_ID": "an-access-key", "AWS_SECRET_ACCESS_KEY": "a-secret"}
CONFIG = """huaweicloud: {region: cn-north-4, project_id: 0123456789abcdef}
state: s3://a-bucket/headway
discover: true
"""
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
    """A folder for the PATH, with a terraform that says that it was run."""
    found = tmp_path / "bin"
    found.mkdir()
    terraform = found / "terraform"
    terraform.write_text(
        '#!/bin/sh\necho "terraform $* with $TF_VAR_package_file"\nexit 7\n', encoding="utf-8"
    )
    terraform.chmod(0o755)
    return found


def deploy(
    folder: Path, programs: Path, *options: str, keys: dict[str, str] = KEYS
) -> subprocess.CompletedProcess[str]:
    """Run it as `make` does, with nothing of this machine's but what is in one folder."""
    command = [sys.executable, "-m", "infra.deploy", "aws", "--folder", str(folder), *options]
    environ = {"PATH": str(programs), "HOME": os.environ.get("HOME", "/"), **keys}
    return subprocess.run(  # noqa: S603 - our own words
        command, cwd=REPOSITORY, env=environ, capture_output=True, text=True, check=False
    )


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


def test_a_folder_that_takes_another_zip_is_refused(folder: Path, programs: Path) -> None:
    """Else a zip of another day would be deployed."""
    (folder / "main.tf").write_text('locals { zip = "headway-lambda-py313-arm64.zip" }\n', encoding="utf-8")

    said = refusal(deploy(folder, programs, "--python", "3.12"))

    assert said == (
        f'{folder} takes another zip than headway-lambda-py312-arm64.zip: give it variable "package_file".'
    )


def test_without_keys_nothing_is_built(folder: Path, programs: Path) -> None:
    """The function could be made with those of a profile, and then not be called."""
    said = refusal(deploy(folder, programs, keys={"AWS_PROFILE": "mine"}))

    assert said == (
        "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: the function is called with them at the end."
    )


def test_a_mistake_in_the_configuration_is_told_before_anything_is_built(
    folder: Path, programs: Path
) -> None:
    """By its key."""
    (folder / "headway.yaml").write_text(f"{CONFIG}chanels: {{}}\n", encoding="utf-8")

    said = refusal(deploy(folder, programs))

    assert said.startswith(f"--config {folder}/headway.yaml cannot be used.\nchanels: ")


def test_the_first_step_that_fails_ends_it_with_its_own_status(
    folder: Path, programs: Path, tmp_path: Path
) -> None:
    """Terraform runs in the deployment's folder and is told where the zip lies, seen from there."""
    done = deploy(folder, programs, "--output", str(tmp_path / "dist"))

    assert done.returncode == 7
    built, ran = done.stdout.splitlines()
    assert built.startswith(f"{tmp_path}/dist/headway-lambda-py313-arm64.zip")
    assert ran == "terraform init -input=false with ../dist/headway-lambda-py313-arm64.zip"


def test_a_zip_to_deploy_has_no_configuration_but_the_templates_that_it_names(
    folder: Path, programs: Path, tmp_path: Path
) -> None:
    """The configuration lies in the bucket, so that a change to it changes no code."""
    channel = "channels: {ops: {url: 'json://127.0.0.1/', templates: wording}}\n"
    (folder / "headway.yaml").write_text(CONFIG + channel, encoding="utf-8")
    (folder / "wording" / "plain").mkdir(parents=True)
    (folder / "wording" / "plain" / "message.j2").write_text("{{ title }}", encoding="utf-8")

    deploy(folder, programs, "--output", str(tmp_path / "dist"))

    shutil.unpack_archive(tmp_path / "dist" / "headway-lambda-py313-arm64.zip", tmp_path / "code")
    assert not (tmp_path / "code" / "headway.yaml").exists()
    assert (tmp_path / "code" / "wording" / "plain" / "message.j2").read_text(
        encoding="utf-8"
    ) == "{{ title }}"


def test_terraform_is_let_finish_when_somebody_presses_ctrl_c(
    folder: Path, programs: Path, tmp_path: Path
) -> None:
    """It writes down what it has made; else nobody would know of it."""
    script = "#!/bin/sh\ntrap 'sleep 1; echo kept; exit 1' INT\necho ready\nwhile true; do sleep 0.1; done\n"
    (programs / "terraform").write_text(script, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "infra.deploy",
        "aws",
        "--folder",
        str(folder),
        "--output",
        str(tmp_path),
    ]
    environ = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": os.environ.get("HOME", "/"), **KEYS}
    with subprocess.Popen(  # noqa: S603 - our own words
        command, cwd=REPOSITORY, env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout
        assert any(line == "ready\n" for line in process.stdout)
        os.killpg(process.pid, signal.SIGINT)

        assert process.stdout.read() == "kept\n"
        assert process.wait(10) == 1


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


@pytest.mark.parametrize("given", [{}, {"HW_ACCESS_KEY": "a"}, {"HW_ACCESS_KEY": "", "HW_SECRET_KEY": ""}])
def test_half_a_pair_of_keys_is_refused(given: dict[str, str]) -> None:
    """Without a word of those that are there."""
    with pytest.raises(DeploymentError, match=r"^Set .*HUAWEICLOUD_SDK_SK: the function is called with"):
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
