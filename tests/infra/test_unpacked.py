"""The unpacked zip works by itself, beside old libraries and strangers with our names, and writes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import pytest

# As FunctionGraph's loader: the file by its path, not registered, in another thread than the main one.
UNREGISTERED: Final = """
def load():
    spec = importlib.util.spec_from_file_location("index", f"{root}/index.py")
    index = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(index)
    return index

index = in_another_thread(load)
"""
# As Lambda's.
REGISTERED: Final = """
sys.path.append(root)
index = importlib.import_module("index")
"""
# As a loader might that does by hand what import does, from the folder above.
BY_HAND: Final = """
import types
index = sys.modules["index"] = types.ModuleType("index")
index.__file__ = os.path.relpath(f"{root}/index.py")
exec(open(index.__file__).read(), vars(index))
"""
PRELUDE: Final = """
import importlib, importlib.util, json, os, sys, threading

root, strange = sys.argv[1:]

def in_another_thread(call):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(call()))
    thread.start()
    thread.join()
    return answers[0]
"""
# Names of ours, and libraries as old as FunctionGraph's: none of them has what the new ones are asked for.
STRANGERS: Final = {
    "handler/__init__.py": "",
    "handler/entry.py": "def handle(event, context): return 'the stranger'",
    "notifiers/__init__.py": "",
    "requests/__init__.py": "__version__ = '2.24.0'",
    "requests/adapters.py": "",
    "typing_extensions.py": "__all__ = []",
    "urllib3/__init__.py": "__version__ = '1.25.11'",
    "urllib3/util/__init__.py": "",
    "server.py": "name = 'runtime'",
}
IMPORT_STRANGERS: Final = """
sys.path.insert(0, strange)
import handler.entry, notifiers, requests.adapters, server, typing_extensions, urllib3.util
"""


def answer(program: str, *arguments: Path, isolated: bool = True) -> object:
    """What a program answers as JSON in a fresh Python, as a rule one without any installed packages."""
    flags = ("-I", "-S", "-W", "ignore") if isolated else ("-W", "ignore")
    command = [sys.executable, *flags, "-c", program, *map(str, arguments)]
    done = subprocess.run(  # noqa: S603 - our own words
        command, cwd=arguments[0].parent if arguments else None, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def state_of(folder: Path) -> dict[Path, tuple[int, int]]:
    """All files and folders in a folder, each with its size and when it was changed."""
    stats = ((path, path.lstat()) for path in folder.rglob("*"))
    return {path: (stat.st_size, stat.st_mtime_ns) for path, stat in stats}


@pytest.fixture(autouse=True)
def unchanged(unpacked: Path) -> Iterator[None]:
    """Whatever a test does with the folder, nothing is written to it: it could be read-only.

    Removing the right to write would not show it: root writes all the same.
    """
    before = state_of(unpacked)
    yield

    assert state_of(unpacked) == before


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """A folder ahead on the path, as the runtime's own."""
    for name, content in STRANGERS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "load", [UNREGISTERED, REGISTERED, BY_HAND], ids=["unregistered", "registered", "by-hand"]
)
@pytest.mark.parametrize("before", [IMPORT_STRANGERS, ""], ids=["strangers", "clean"])
def test_all_that_the_zip_brings_is_imported_from_it(
    load: str, before: str, unpacked: Path, strange: Path
) -> None:
    """Even where the runtime has imported others of the same names, which keep what is theirs alone."""
    program = f"""{PRELUDE}{before}{load}
import msgspec, notifiers.apprise_channel, requests
brought = {{name.partition(".")[0] for name in os.listdir(root)}}
print(json.dumps({{
    "index.handler": f"{{index.handler.__module__}}.{{index.handler.__qualname__}}",
    "registered": sys.modules.get("index") is index,
    "path": [sys.path[0], sys.path.count(root)],
    "files": {{name: module.__file__ for name, module in sys.modules.items()
              if name.partition(".")[0] in brought - {{"index"}} and getattr(module, "__file__", None)}},
    "server": getattr(sys.modules.get("server"), "__file__", None),
}}))"""
    found = cast("dict[str, object]", answer(program, unpacked, strange))
    files = cast("dict[str, str]", found["files"])

    assert found["index.handler"] == "handler.entry.handle"
    assert found["registered"] == (load != UNREGISTERED)
    assert found["path"] == [str(unpacked), 1]
    assert files["handler"] == f"{unpacked}/handler/__init__.py"
    assert files["notifiers"] == f"{unpacked}/notifiers/__init__.py"
    assert {"msgspec", "requests", "urllib3.util"} <= files.keys()
    assert not {name for name, file in files.items() if not file.startswith(f"{unpacked}/")}
    assert found["server"] == (f"{strange}/server.py" if before else None)


def test_an_event_is_handled_off_the_main_thread_with_the_zips_own_configuration(
    unpacked: Path, strange: Path
) -> None:
    """Found beside the code, wherever the working folder is; it lacks what the error names."""
    program = f"""{PRELUDE}{IMPORT_STRANGERS}{UNREGISTERED}
def handle():
    try:
        return index.handler({{}}, None)
    except Exception as error:
        return [type(error).__name__, str(error)]

stdout, sys.stdout = sys.stdout, open(os.devnull, "w")
print(json.dumps(in_another_thread(handle)), file=stdout, flush=True)"""
    error, said = cast("list[str]", answer(program, unpacked, strange))

    assert error == "InvocationFailedError"
    assert "watches[0].task_id: needs the variable TASK" in said


def test_the_entry_run_again_imports_nothing_again(unpacked: Path, strange: Path) -> None:
    """Connections and remembered ledgers live in modules."""
    program = f"""{PRELUDE}{IMPORT_STRANGERS}{UNREGISTERED}
before = dict(sys.modules)
again = in_another_thread(load)
print(json.dumps([again.handler is index.handler, before == dict(sys.modules), sys.path.count(root)]))"""

    assert answer(program, unpacked, strange) == [True, True, 1]


PLUGINS: Final = """
import json
from apprise.manager_plugins import NotificationManager
manager = NotificationManager()
manager.load_modules()
print(json.dumps(sorted(plugin.__name__ for plugin in manager.plugins())))
"""


def test_all_services_of_apprise_load_but_one(unpacked: Path) -> None:
    """Twitter's, which needs what is left out for it."""
    pruned = cast("list[str]", answer(f"import sys; sys.path.insert(0, sys.argv[1])\n{PLUGINS}", unpacked))
    whole = cast("list[str]", answer(PLUGINS, isolated=False))

    assert len(pruned) >= 182
    assert set(whole) - set(pruned) == {"NotifyTwitter"}
    assert len(whole) == len(pruned) + 1


def test_everything_of_ours_and_what_it_needs_works(unpacked: Path, strange: Path) -> None:
    """Every module can be imported, and what pruning came near to does its work."""
    program = f"""{PRELUDE}{REGISTERED}
import importlib.metadata, pkgutil, zoneinfo
import jinja2, msgspec, requests, structlog, yaml
from apprise.conversion.format import markdown_to_html

names = [module.name for package in ("handler", "notifiers")
         for module in pkgutil.walk_packages([f"{{root}}/{{package}}"], f"{{package}}.")]
for name in names:
    importlib.import_module(name)
zoneinfo.reset_tzpath(())
print(json.dumps({{
    "modules": len(names),
    "markdown": markdown_to_html("a|b\\n-|-\\n**1**|2"),
    "yaml": yaml.safe_load("a: [1, 2]"),
    "zone": str(zoneinfo.ZoneInfo("Asia/Shanghai")),
    "zones": len(zoneinfo.available_timezones()) > 500,
    "guess": requests.compat.chardet.detect("Müller".encode("latin-1"))["encoding"] is not None,
    "version": importlib.metadata.version("requests") == requests.__version__,
}}))"""
    found = cast("dict[str, object]", answer(program, unpacked, strange))

    assert cast("int", found.pop("modules")) > 50
    assert "<td><strong>1</strong></td>" in cast("str", found.pop("markdown"))
    assert found == {
        "yaml": {"a": [1, 2]},
        "zone": "Asia/Shanghai",
        "zones": True,
        "guess": True,
        "version": True,
    }
