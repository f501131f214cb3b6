"""What lies around on the stand-in: a configuration, beside the code or not, and what the runtime brings."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from handler.core.change import ChangeId
from tests.fakes.dms_server import PROJECT_ID
from tests.platforms.functiongraph_site import Site
from tests.platforms.packages import Package, install

REQUIREMENTS = Path(__file__).with_name("requirements-functiongraph.txt")


def configuration(site: Site, changes: Iterable[ChangeId], **more: object) -> str:
    """Write a configuration that watches these changes; the token is in a variable called `TOKEN`.

    Args:
        site: Where everything is.
        changes: The changes.
        more: What else it says, section by section.
    """
    place = {"region": "eu-west-101", "project_id": PROJECT_ID, "endpoint": site.dms.endpoint}
    tree = {
        # One connection makes it do one thing after the other.
        "huaweicloud": {**place, "connections": 1},
        "state": site.state_in_obs,
        "watches": [change._asdict() for change in changes],
        "http": {"token": "${TOKEN}"},
        **more,
    }
    return json.dumps(tree, indent=1)


def beside_code(site: Site, text: str, folder: Path) -> Path:
    """Put a configuration beside the package's code, in a folder of its own, and give that."""
    code = folder / "code"
    shutil.copytree(site.package.root, code, copy_function=os.link)
    code.chmod(0o755)
    (code / "headway.yaml").write_text(text, encoding="utf-8")
    return code


def bundled(package: Package, shared: Path) -> Path:
    """Install what the runtime of Python 3.12 brings along, years older than what Headway needs."""
    return install(REQUIREMENTS, package.interpreter, shared)
