"""What the files of a Terraform module declare."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import hcl2

from tests.infra.hcl.findings import Finding
from tests.infra.hcl.reading import UNKNOWN, Body, code_only, items, literal

_MESSAGE_CHARACTERS_MAX: Final = 200


class Module:
    """One folder's `*.tf` files, read; those in folders below are modules of their own."""

    def __init__(self, folder: Path) -> None:
        """Read the files; `problems` is what cannot be read, or stands there twice."""
        self.problems: list[Finding] = []
        self.variables: dict[str, tuple[str, Body]] = {}
        self.locals: Body = {}
        self.declared: dict[str, dict[tuple[str, str], tuple[str, Body]]] = {"resource": {}, "data": {}}
        self.providers: list[tuple[str, str, Body]] = []
        self.code = ""
        for file in sorted(folder.glob("*.tf")):
            source = file.read_text(encoding="utf-8")
            self.code += code_only(source) + "\n"
            try:
                document = _parsed(source if source.endswith("\n") else source + "\n")
            except Exception as error:  # noqa: BLE001 - the parser raises many kinds
                self._complain("syntax", file.name, _first_line(error))
                continue
            self._read(file.name, document)

    def resolve(self, value: object) -> Any:  # noqa: ANN401 - a scalar of any type
        """The literal behind a value, following a lone var.x or local.x once."""
        found = literal(value)
        if found is not UNKNOWN or not isinstance(value, str):
            return found
        match = re.fullmatch(r"\$\{(var|local)\.(\w+)\}", value)
        if not match:
            return UNKNOWN
        kind, name = match.groups()
        if kind == "local":
            return literal(self.locals.get(name, UNKNOWN))
        default = literal(self.variables.get(name, ("", {}))[1].get("default", UNKNOWN))
        return UNKNOWN if default == "" else default  # an empty default means "not given"

    def json_object(self, value: object) -> Body | None:
        """The object inside jsonencode({...}), its expressions as they stand."""
        match = (
            re.fullmatch(r"\$\{jsonencode\((.*)\)\}", value, re.DOTALL) if isinstance(value, str) else None
        )
        if not match:
            return None
        try:
            parsed = _parsed(f"it = {match.group(1)}\n")["it"]
        except Exception:  # noqa: BLE001 - an expression we cannot read is trusted
            return None
        return parsed if isinstance(parsed, dict) else None

    def _read(self, file: str, document: Body) -> None:
        for block in document.get("variable", []):
            for name, body in items(block).items():
                if name in self.variables:
                    self._complain("duplicate", f"{file}:var.{name}", "declared twice")
                self.variables[name] = (file, items(body))
        for block in document.get("locals", []):
            self.locals.update(items(block))
        for block in document.get("provider", []):
            self.providers.extend((file, name, body) for name, body in items(block).items())
        for kind in self.declared:
            for block in document.get(kind, []):
                self._read_declared(file, kind, block)

    def _read_declared(self, file: str, kind: str, block: Body) -> None:
        for type_, named in items(block).items():
            for name, body in items(named).items():
                if (type_, name) in self.declared[kind]:
                    self._complain("duplicate", f"{file}:{type_}.{name}", "declared twice")
                self.declared[kind][type_, name] = (file, body)

    def _complain(self, code: str, where: str, message: str) -> None:
        self.problems.append(Finding("E", code, where, message))


@cache
def _parsed(source: str) -> Any:  # noqa: ANN401 - whatever it holds
    """Parse a file, which takes long; nobody changes what it gives."""
    return hcl2.loads(source)


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return (lines[0] if lines else type(error).__name__)[:_MESSAGE_CHARACTERS_MAX]
