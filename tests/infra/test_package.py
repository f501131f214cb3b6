"""The deployment zips: what is in them, for which machine, and that they are the same whoever builds them."""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import re
import secrets
import stat
import sys
import zipfile
from fnmatch import fnmatchcase
from pathlib import Path
from types import CodeType

import pytest

from infra.archive import manifest, write_zip
from infra.bytecode import find_interpreter
from infra.package import BYTES_MAX, build, main, refuse_excess
from infra.pruning import UNNEEDED, UNNEEDED_DISTRIBUTIONS
from infra.targets import PackagingError
from tests.infra.zips import CONFIG, NAMED, OWN, REPOSITORY, Zips, names, read, run_package

ELF_MACHINES = {"x86_64": 62, "arm64": 183}
UNCHECKED_HASH = 0b01


def test_built_twice_a_zip_is_the_same_to_the_byte(zips: Zips, tmp_path: Path) -> None:
    """In another folder, with other settings of Python and uv; a configuration is just one file more."""
    folder, configured = tmp_path / "code", tmp_path / "headway.zip"
    with zipfile.ZipFile(zips.bare) as opened:
        opened.extractall(folder)
    (folder / "headway.yaml").write_text(CONFIG, encoding="utf-8")
    write_zip(folder, configured)

    assert manifest(configured) == manifest(zips.own)
    assert configured.read_bytes() == zips.own.read_bytes()


def test_without_options_four_zips_are_built() -> None:
    """Each platform's newest Python and FunctionGraph's older one; Lambda on both architectures."""
    assert list(NAMED) == [
        "headway-functiongraph-py312-x86_64.zip",
        "headway-functiongraph-py310-x86_64.zip",
        "headway-lambda-py313-x86_64.zip",
        "headway-lambda-py313-arm64.zip",
    ]


@pytest.mark.parametrize("name", NAMED)
def test_a_zip_is_small_enough(zips: Zips, name: str) -> None:
    """With bytecode, wherever this machine has the Python to make it."""
    has_bytecode = any(path.endswith(".pyc") for path in names(zips.named[name]))

    assert has_bytecode == (find_interpreter(NAMED[name].python) is not None)
    assert zips.named[name].stat().st_size <= 10_000_000


def test_a_zip_of_the_largest_size_is_not_refused(tmp_path: Path) -> None:
    """One of a byte more is."""
    archive = tmp_path / "headway.zip"
    archive.touch()
    with archive.open("r+b") as opened:
        opened.truncate(BYTES_MAX)
        refuse_excess(archive)
        opened.truncate(BYTES_MAX + 1)

    with pytest.raises(PackagingError, match=r"^headway\.zip would have 10,000,001 bytes"):
        refuse_excess(archive)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("handler/__init__.py", b"", r"^A dependency brings handler, .* installed by made_up\."),
        ("made_up.py", b"def", r"^Not everything can be compiled:\n.*SyntaxError"),
        ("made_up/noise", secrets.token_bytes(BYTES_MAX), r"would have 1\d,\d{3},\d{3} bytes"),
    ],
    ids=["collision", "error", "excess"],
)
def test_a_dependency_that_spoils_the_zip_keeps_it_from_being_built(
    file: str, content: bytes, said: str, tmp_path: Path
) -> None:
    """Really installed, from a wheel that is locked like all others."""
    wheel = tmp_path / "made_up-1.0-py3-none-any.whl"
    metadata = {"METADATA": "Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\n", "RECORD": ""}
    metadata["WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(wheel, "w") as opened:
        opened.writestr(file, content)
        for name, text in metadata.items():
            opened.writestr(f"made_up-1.0.dist-info/{name}", text)
    requirements = tmp_path / "requirements.txt"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    requirements.write_text(f"made-up @ {wheel.as_uri()} --hash=sha256:{digest}\n", encoding="utf-8")

    with pytest.raises(PackagingError, match=re.compile(said, re.DOTALL)):
        build(OWN, tmp_path / "dist", requirements=requirements)
    assert not list((tmp_path / "dist").iterdir())


@pytest.mark.parametrize("name", NAMED)
def test_native_modules_are_for_the_zips_machine_and_python(zips: Zips, name: str) -> None:
    """Whatever machine and Python built the zip."""
    target, content = NAMED[name], read(zips.named[name])
    native = {path: data for path, data in content.items() if path.endswith(".so")}
    wheels = [data.decode() for path, data in content.items() if path.endswith("/WHEEL")]
    digits = target.python.replace(".", "")

    assert "msgspec" in {path.partition("/")[0] for path in native}
    for path, data in native.items():
        assert data[:4] == b"\x7fELF"
        assert int.from_bytes(data[18:20], "little") == ELF_MACHINES[target.architecture]
        assert f".cpython-{digits}-" in path or ".abi3." in path
    tags = {tag for wheel in wheels for tag in re.findall(r"^Tag: (\S+)", wheel, re.MULTILINE)}
    assert {tag.split("-")[1] for tag in tags} <= {"none", "abi3", f"cp{digits}"}
    assert f"cp{digits}" in {tag.split("-")[1] for tag in tags}


def test_our_code_is_there_as_it_is_here_without_the_command_line(zips: Zips) -> None:
    """Every file of both packages but their pages and the terminal's `headway`; and the entry at the root."""
    content = read(zips.own)
    shipped = {
        path for path in content if path.startswith(("handler/", "notifiers/")) and not path.endswith(".pyc")
    }
    ours = {
        path.relative_to(REPOSITORY).as_posix()
        for package in ("handler", "notifiers")
        for path in (REPOSITORY / package).rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and "local" not in path.parts
        and path.name != "README.md"
    }

    assert shipped == ours
    assert all(content[path] == (REPOSITORY / path).read_bytes() for path in ours)
    assert content["index.py"] == (REPOSITORY / "infra/index.py").read_bytes()


def test_nothing_else_of_the_checkout_is_there(zips: Zips) -> None:
    """No tests, no settings that happen to lie there, nothing hidden."""
    top = {path.partition("/")[0] for archive in (zips.own, *zips.named.values()) for path in names(archive)}
    others = {path.name for path in REPOSITORY.iterdir()} - {"handler", "notifiers", "headway.yaml"}

    assert not top & others
    assert not {name for name in top if name.startswith(".")}


def test_a_configuration_is_included_only_when_named(zips: Zips) -> None:
    """As `headway.yaml`, to the letter."""
    assert read(zips.own)["headway.yaml"].decode() == CONFIG
    assert not [name for name, archive in zips.named.items() if "headway.yaml" in names(archive)]


def test_each_module_has_bytecode_that_is_never_compared_with_it(zips: Zips) -> None:
    """By this Python, of this very source, as if compiled in the function's own folder."""
    content = read(zips.own)
    modules = {path for path in content if path.endswith(".py")}
    for path in modules:
        compiled = content[importlib.util.cache_from_source(path)]
        code = marshal.loads(compiled[16:])  # noqa: S302 - our own zip

        assert compiled[:4] == importlib.util.MAGIC_NUMBER
        assert int.from_bytes(compiled[4:8], "little") == UNCHECKED_HASH
        assert compiled[8:16] == importlib.util.source_hash(content[path])
        assert isinstance(code, CodeType)
        assert code.co_filename == f"/var/task/{path}"
    assert len([path for path in content if path.endswith(".pyc")]) == len(modules)


@pytest.mark.parametrize("name", NAMED)
def test_all_bytecode_is_of_one_python(zips: Zips, name: str) -> None:
    """That of the zip, even where another one built it."""
    target = NAMED[name]
    compiled = {path: data for path, data in read(zips.named[name]).items() if path.endswith(".pyc")}

    assert all(
        path.endswith(f".cpython-{target.python.replace('.', '')}.pyc")
        and int.from_bytes(data[4:8], "little") == UNCHECKED_HASH
        for path, data in compiled.items()
    )


def test_entries_tell_nothing_of_when_and_by_whom_they_were_made(zips: Zips) -> None:
    """Sorted, of one date, and only native modules can be executed."""
    with zipfile.ZipFile(zips.own) as opened:
        entries = opened.infolist()

    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.create_system for entry in entries} == {3}
    for entry in entries:
        mode = 0o755 if entry.filename.endswith(".so") else 0o644
        assert entry.external_attr >> 16 == stat.S_IFREG | mode


def test_what_is_unneeded_is_left_out(zips: Zips) -> None:
    """Bytecode is not meant: it is made after pruning."""
    shipped = {path for path in names(zips.own) if not path.endswith(".pyc")}
    distributions = {path.partition("-")[0] for path in shipped if ".dist-info/" in path}

    assert not {path for path in shipped for pattern in UNNEEDED if fnmatchcase(path, pattern)}
    assert not distributions & UNNEEDED_DISTRIBUTIONS.keys()
    assert not {path.partition("/")[0] for path in shipped} & UNNEEDED_DISTRIBUTIONS.keys()


def test_versions_and_licences_of_the_dependencies_stay(zips: Zips) -> None:
    """Of each that is shipped."""
    shipped = [path for path in names(zips.own) if ".dist-info/" in path]
    folders = {path.partition("/")[0] for path in shipped}

    assert len(folders) > 10
    for folder in folders:
        assert f"{folder}/METADATA" in shipped
        assert [path for path in shipped if path.startswith(folder) and "LICENSE" in path]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b" \n", "cannot be used.\n{config}: has no keys in it."),
        (b"foo: [unclosed", "cannot be used.\n{config}:1: is no YAML: "),
        (
            b"watches: [{instance_id: i, task_id: t}]\nhuaweicloud: {region: a-b, project_id: p}",
            "cannot be used.\nstate: a function needs a bucket",
        ),
        (b"watchs: []", "cannot be used.\n{config}:1: huaweicloud.region: is missing"),
        (b"name: M\xfcller", "is not UTF-8 text"),
    ],
)
def test_a_configuration_that_cannot_be_one_is_refused(
    content: bytes | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is built."""
    config = tmp_path / "mine.yaml"
    if content is not None:
        config.write_bytes(content)

    assert main(["--config", str(config), "--output", str(tmp_path / "dist")]) == 1
    assert f"{config} {said.format(config=config)}" in capsys.readouterr().err
    assert not (tmp_path / "dist").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--platform", "azure"], "argument --platform: invalid choice: 'azure'"),
        (["--python", "3.9"], "argument --python: invalid choice: '3.9'"),
        (["--architecture", "mips"], "argument --architecture: invalid choice: 'mips'"),
        (
            ["--platform", "functiongraph", "--architecture", "arm64"],
            "argument --architecture: functiongraph does not let a function made of a zip choose arm64",
        ),
        (["--arch", "arm64"], "unrecognized arguments: --arch"),
    ],
)
def test_wrong_usage_is_told_with_the_option(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And exits with 2."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)

    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_a_build_that_fails_leaves_the_former_zip_and_nothing_else(tmp_path: Path) -> None:
    """And says why, without a traceback."""
    output, cache = tmp_path / "dist", tmp_path / "cache"
    output.mkdir()
    (output / OWN.zip_name).write_bytes(b"the former")
    done = run_package(
        *("--platform", OWN.platform, "--python", OWN.python, "--architecture", OWN.architecture),
        *("--output", str(output)),
        UV_OFFLINE="1",
        UV_CACHE_DIR=str(cache),
    )

    assert done.returncode == 1
    assert done.stderr.startswith("package.py: uv could not install requirements.txt:\n")
    assert "Traceback" not in done.stderr
    assert [(path.name, path.read_bytes()) for path in output.iterdir()] == [(OWN.zip_name, b"the former")]


def test_the_running_python_compiles_for_its_own_version() -> None:
    """Whatever else there is."""
    assert find_interpreter(OWN.python) == sys.executable


def test_a_python_counts_only_if_it_runs_and_is_the_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not pyenv's shim of a version that is not switched on; of pyenv's own the newest."""
    answers = {
        "path/python3.99": "echo cpython-399; exit 127",
        "pyenv/versions/3.99.9/bin/python3.99": "echo cpython-399",
        "pyenv/versions/3.99.10/bin/python3.99": "echo cpython-399",
        "pyenv/versions/3.99.11/bin/python3.99": "echo pypy399",
    }
    for name, answer in answers.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/sh\n{answer}\n", encoding="utf-8")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))

    assert find_interpreter("3.99") == str(tmp_path / "pyenv/versions/3.99.10/bin/python3.99")
    assert find_interpreter("3.98") is None
