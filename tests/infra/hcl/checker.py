"""A module compared with a provider's schema: resources, variables, references."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from tests.infra.hcl.arguments import Findings, Reader
from tests.infra.hcl.documents import event_faults, policy_faults
from tests.infra.hcl.findings import Finding
from tests.infra.hcl.module import Module
from tests.infra.hcl.reading import UNKNOWN, Body, items, literal

_META_ARGUMENTS: Final = {
    *("connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner", "timeouts"),
}
_POLICY_ARGUMENTS: Final = ("policy", "policy_document", "trust_policy")
_BOOKS: Final = {"resource": "resources", "data": "data_sources"}


class Checker:
    """Compares a module with a schema."""

    def __init__(self, schema: Mapping[str, Any], module: Module) -> None:
        """Take the schema as it stands in its file."""
        self._schema = schema
        self._module = module
        self._reader = Reader(module)
        self._prefixes = {name.split("_", 1)[0] for name in schema["resources"]}

    def findings(self) -> Findings:
        """All that is found, resources first."""
        yield from self._module.problems
        for kind, book in _BOOKS.items():
            for (type_, name), (file, body) in self._module.declared[kind].items():
                if type_.split("_", 1)[0] in self._prefixes:
                    where = f"{file}:{'data.' if kind == 'data' else ''}{type_}.{name}"
                    yield from self._resource(self._schema[book].get(type_), type_, body, where)
        for file, name, body in self._module.providers:
            if name in self._prefixes:
                ours = {key: value for key, value in items(body).items() if key not in {"alias", "version"}}
                yield from self._reader.body(
                    ours, self._schema.get("provider", {}), f"{file}:provider.{name}"
                )
        yield from self._names("var", self._module.variables, "no such variable")
        yield from self._names("local", self._module.locals, "no such local value")
        for name, (file, body) in self._module.variables.items():
            yield from self._variable(name, body, f"{file}:var.{name}")
        yield from self._references()

    def _resource(self, spec: Mapping[str, Any] | None, type_: str, body: Body, where: str) -> Findings:
        if spec is None:
            yield Finding("E", "unknown-resource", where, f"{type_} is not in the schema file")
            return
        if spec.get("deprecated"):
            yield Finding("W", "deprecated", where, spec["deprecated"])
        own = {name: value for name, value in items(body).items() if name not in _META_ARGUMENTS}
        yield from self._reader.body(own, spec["arguments"], where)
        for name in _POLICY_ARGUMENTS:
            policy = self._document(own.get(name)) if name in spec["arguments"] else None
            if policy is not None:
                for fault in policy_faults(policy, self._module.resolve):
                    yield Finding(fault.level, fault.code, f"{where}.{name}", fault.message)
        yield from self._event(own, spec["arguments"], where)

    def _event(self, own: Body, arguments: Mapping[str, Any], where: str) -> Findings:
        event = self._document(own.get("event_data")) if "event_data" in arguments else None
        if event is None or "type" not in own:
            return
        by_type = arguments["event_data"].get("event_data_by_type", {})
        rules = by_type.get(self._module.resolve(own["type"]))
        for fault in event_faults(event, rules, self._module.resolve) if rules else ():
            yield Finding(fault.level, fault.code, f"{where}.event_data", fault.message)

    def _document(self, value: object) -> Body | None:
        document = self._module.json_object(value)
        return None if document is None else _plain(document)

    def _names(self, prefix: str, known: Mapping[str, object], message: str) -> Findings:
        for name in sorted(self._used(prefix) - set(known)):
            yield Finding("E", "bad-reference", f"{prefix}.{name}", message)

    def _used(self, prefix: str) -> set[str]:
        return set(re.findall(rf"(?<![\w.]){prefix}\.(\w+)", self._module.code))

    def _variable(self, name: str, body: Body, where: str) -> Findings:
        if name not in self._used("var"):
            yield Finding("W", "unused-variable", where, "never used")
        if "type" not in body:
            yield Finding("W", "untyped-variable", where, "no type")
        if "description" not in body:
            yield Finding("W", "undescribed-variable", where, "no description")
        is_secret = body.get("sensitive") is True
        if is_secret and literal(body.get("default", '""')) not in (UNKNOWN, ""):
            yield Finding("W", "secret-default", where, "a sensitive variable has a default")

    def _references(self) -> Findings:
        """Check that type.name.attribute exists."""
        prefixes = "|".join(sorted(map(re.escape, self._prefixes)))
        pattern = rf"(?<![\w./])(data\.)?((?:{prefixes})_\w+)\.(\w+)(?:\[[^\]]*\])?(?:\.(\w+))?"
        for match in re.finditer(pattern, self._module.code):
            is_data, type_, name, attribute = match.groups()
            kind = "data" if is_data else "resource"
            if (type_, name) not in self._module.declared[kind]:
                yield Finding("E", "bad-reference", match.group(0), "not declared in this folder")
                continue
            spec = self._schema[_BOOKS[kind]].get(type_)
            if spec and attribute and attribute not in {"id", *spec["arguments"]}:
                yield Finding("E", "bad-reference", match.group(0), f"{type_} has no attribute {attribute!r}")


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON as the parser gives it
    """A document without the parser's quotes around its keys."""
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in items(value).items()}
    return [_plain(member) for member in value] if isinstance(value, list) else value
