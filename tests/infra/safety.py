"""What has to hold for the Terraform of every cloud, whoever changes it; each fails with what is wrong.

They look at the files as they are written, so that they need no Terraform and no provider.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from typing import Final

from tests.infra.hcl_files import Body, Module
from tests.infra.hcl_policies import Statement, statements, written_out

_SECRET_NAME: Final = re.compile(r"secret|password|passwd|token|access_key|credential", re.IGNORECASE)
_PATTERN: Final = re.compile(r'regex\("((?:\\.|[^"\\])*)"')
_EMPTY: Final[tuple[object, ...]] = (None, {}, [])


def pins_what_it_runs_with(module: Module) -> None:
    """Terraform from a version on, and each provider up to the next version that may break it."""
    assert re.match(r">= 1\.1[1-9]$", str(module.settings.get("required_version")))
    for block in module.settings.get("required_providers", []):
        for name, wanted in block.items():
            assert re.search(r"~>|<", wanted["version"]), f"{name} may be of any later version"
            assert re.search(r"\d", wanted["version"]), f"{name} may be of any version"


def names_its_providers(module: Module) -> None:
    """With their sources, and leaves what they are told to whoever uses the module."""
    providers = [name for block in module.settings.get("required_providers", []) for name in block]
    assert providers, "it names no provider"
    assert not module.blocks("provider", 1), "who uses the module could choose neither region nor keys"


def describes_its_variables(module: Module) -> None:
    """Each has a type and a sentence."""
    for name, variable in module.variables.items():
        assert variable.get("type"), f"{name} has no type"
        assert _is_sentence(variable.get("description")), f"{name} is not described"


def describes_its_outputs(module: Module) -> None:
    """Each has a sentence."""
    for name, output in module.outputs.items():
        assert _is_sentence(output.get("description")), f"{name} is not described"


def checks_its_variables(module: Module) -> None:
    """Whatever can be wrong is looked at, and what is right is said; nothing is wrong with yes or no."""
    for name, variable in module.variables.items():
        checks = variable.get("validation", [])
        assert checks or variable["type"] == "bool", f"{name} is not looked at"
        for check in checks:
            assert _is_sentence(check["error_message"]), f"{name} does not say what would be right"


def takes_null_for_no_default(module: Module) -> None:
    """Who passes null gets the default; only where that is null itself does null mean something."""
    for name, variable in module.variables.items():
        if "default" in variable:
            is_null = variable["default"] is None
            assert (variable.get("nullable") is not False) == is_null, f"{name} may be null without a meaning"


def keeps_secrets_out_of_defaults(module: Module) -> None:
    """What is or sounds secret is marked so, and has no value but an empty one."""
    for name, variable in module.variables.items():
        is_sensitive = variable.get("sensitive") is True
        assert is_sensitive or not _SECRET_NAME.search(name), f"{name} is not marked as sensitive"
        assert not is_sensitive or variable.get("default") in _EMPTY, f"{name} has a secret as default"


def keeps_secrets_out_of_outputs(module: Module) -> None:
    """None refers to a secret, not even by a local value; and none is marked, for none may have to be."""
    secret = {f"var.{name}" for name, variable in module.variables.items() if variable.get("sensitive")}
    tainted = secret | _locals_of(module, secret)
    for name, output in module.outputs.items():
        text = _text(output)
        assert not _mentions(text, tainted), f"{name} tells a secret"
        assert not re.search(r"user_data|\.value_wo|nonsensitive", text), f"{name} may tell a secret"
        assert "sensitive" not in output, f"{name} is a secret"


def can_be_read(module: Module) -> None:
    """Each statement of a policy says what it allows by itself, not by what it leaves out."""
    for statement in statements(module):
        assert not statement.is_without, f"{statement.where} says what it is not about"
        assert statement.actions, f"{statement.where} names no action"
        assert statement.effect in {"Allow", "Deny"}, f"{statement.where} has an effect of its own"


def gives_no_wildcard_right(module: Module) -> None:
    """No action of a service's many, and nothing on everything."""
    for statement in allowing(module):
        wide = [action for action in statement.actions if re.search(r"[*?]|^\$", action)]
        assert not wide, f"{statement.where} allows {', '.join(wide)}"
        names = [name for text in statement.resources for name in written_out(module, text)]
        everything = [name for name in names if _is_everything(name)]
        assert not everything, f"{statement.where} allows it on {', '.join(everything)}"


def trusts_nobody_but(principals: Collection[str], module: Module) -> None:
    """Who is allowed something is one of these services, written out."""
    strangers = {name for statement in allowing(module) for name in statement.principals} - set(principals)
    assert not strangers, f"{', '.join(sorted(strangers))} would be trusted"


def has_default(module: Module, name: str, expected: object) -> None:
    """What a variable is, if nobody chooses."""
    assert module.variables[name].get("default", "nothing") == expected, f"{name} has another default"


def takes_only(module: Module, name: str, *, right: Iterable[str], wrong: Iterable[str]) -> None:
    """Look at the regular expression by which a variable is checked."""
    checks = [
        [json.loads(f'"{found}"') for found in _PATTERN.findall(check["condition"])]
        for check in module.variables[name].get("validation", [])
    ]
    assert any(checks), f"{name} is checked by no pattern"
    for text in right:
        assert _is_taken(text, checks), f"{name} may not be {text}"
    for text in wrong:
        assert not _is_taken(text, checks), f"{name} may be {text}"


def allowing(module: Module) -> list[Statement]:
    """The statements that give rights."""
    return [statement for statement in statements(module) if statement.allows]


def only(blocks: Iterable[Body]) -> Body:
    """The one block that has to be there.

    Raises:
        AssertionError: There is none, or there are many.
    """
    found = list(blocks)
    assert len(found) == 1, f"{len(found)} instead of one"
    return found[0]


def _is_taken(text: str, checks: Iterable[Collection[str]]) -> bool:
    """Whether it passes each check by one of its patterns."""
    return all(any(re.search(pattern, text) for pattern in patterns) for patterns in checks if patterns)


def _is_sentence(text: object) -> bool:
    return isinstance(text, str) and len(text) > 10 and text.rstrip('}"')[-1] in ".)"


def _is_everything(resource: str) -> bool:
    """Whether it is a wildcard from the beginning, or its last part is: `arn:aws:s3:::*`, `…:parameter/*`.

    The streams of a named log group are not many groups.
    """
    is_wide = re.search(r"^\*|^arn:\*|:\*/|:([a-z]+/)?\*$", resource)
    return bool(is_wide) and not re.search(r":log-group:[^*]+:\*$", resource)


def _locals_of(module: Module, secret: Collection[str]) -> set[str]:
    """The local values that hold something secret, through any number of others."""
    written = {name: _text(value) for name, value in module.locals.items()}
    tainted: set[str] = set()
    while (
        more := {f"local.{name}" for name, text in written.items() if _mentions(text, {*secret, *tainted})}
        - tainted
    ):
        tainted |= more
    return tainted


def _mentions(text: str, names: Collection[str]) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", text) for name in names)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
