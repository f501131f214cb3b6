"""What has to hold for the examples, which people copy; each fails with what is wrong."""

from __future__ import annotations

from tests.infra.hcl_files import Module, read_module, strings
from tests.infra.safety import only

_PLACES = {"project_id", "region"}


def writes_no_keys(module: Module) -> None:
    """The provider takes them from the environment."""
    for provider in module.blocks("provider", 1):
        assert set(provider.body) <= _PLACES, f"{provider} is given more than a place"


def uses_the_module_beside_it(module: Module) -> None:
    """With the zip that is given, and the configuration that lies there."""
    used = only(block.body for block in module.blocks("module", 1))
    assert used["source"] == "../"
    assert used["package_file"] == "${var.package_file}"
    assert used["config_file"].endswith("/headway.yaml")


def hands_on_what_is_told(module: Module) -> None:
    """Every output of the module, under its own name."""
    told = read_module(module.folder.parent).outputs
    assert set(module.outputs) == set(told), f"{set(told) ^ set(module.outputs)} is in one of them only"
    for name, output in module.outputs.items():
        assert output["value"] == f"${{module.headway.{name}}}", f"{name} is something else"


def keeps_its_state_where_it_is_told(module: Module) -> None:
    """In a file beside it, until somebody chooses better: a bucket of ours is nobody's."""
    assert "backend" not in module.settings
    assert not any("amazonaws.com" in text or "myhuaweicloud" in text for text in strings(dict(module.tree)))
