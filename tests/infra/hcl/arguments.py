"""The arguments of a resource or a block, compared with what its type takes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from tests.infra.hcl.findings import Finding
from tests.infra.hcl.module import Module
from tests.infra.hcl.reading import BLOCK_MARK, UNKNOWN, Body, is_block_list, items, literal
from tests.infra.hcl.values import Spec, converted, doubts, refusals

Arguments = Mapping[str, Spec]
Findings = Iterator[Finding]


class Reader:
    """Compares bodies with schemas, within one module."""

    def __init__(self, module: Module) -> None:
        """Take the module, whose defaults stand for its variables."""
        self._module = module

    def body(self, body: Body, arguments: Arguments, where: str) -> Findings:
        """Check what is there, what is missing, and what excludes or needs what."""
        present = dict(items(body))
        yield from self._dynamic(present, arguments, where)
        for name, value in present.items():
            yield from self._argument(name, value, arguments, f"{where}.{name}")
        for name, spec in arguments.items():
            if name in present:
                continue
            if spec.get("required"):
                yield _error("missing-required", where, f"{name!r} is required")
            elif spec.get("documented_required") and not set(spec.get("exactly_one_of", [])) & set(present):
                yield _warning("missing-documented", where, f"{name!r} is required by the provider's pages")
        yield from _together(present, arguments, where)
        yield from _groups(present, arguments, where)

    def _dynamic(self, present: Body, arguments: Arguments, where: str) -> Findings:
        """Put dynamic blocks under the name they produce."""
        for dynamic in present.pop("dynamic", []):
            for name, inner in items(dynamic).items():
                if name in arguments and "nested" not in arguments[name]:
                    yield _error("wrong-kind", f"{where}.{name}", "dynamic block, but it is an attribute")
                    continue
                blocks = inner.get("content") or [{BLOCK_MARK: True}]
                present[name] = [*present.get(name, []), *blocks]

    def _argument(self, name: str, value: Any, arguments: Arguments, at: str) -> Findings:  # noqa: ANN401 - parsed
        spec = arguments.get(name)
        if spec is None:
            near = difflib.get_close_matches(name, arguments, 1, 0.6)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield _error("unknown-argument", at, f"no such argument{hint}")
            return
        if not (spec.get("required") or spec.get("optional")):
            yield _error("computed-only", at, "read-only: the provider sets it")
            return
        if spec.get("deprecated"):
            yield _warning("deprecated", at, spec["deprecated"])
        if spec.get("undocumented_internal"):
            yield _warning("undocumented", at, "internal: absent from the provider's pages")
        yield from self._content(value, spec, at)

    def _content(self, value: Any, spec: Spec, at: str) -> Findings:  # noqa: ANN401 - parsed
        if "nested" in spec:
            yield from self._blocks(value, spec, at)
        elif is_block_list(value):
            yield _error("wrong-kind", at, "is an attribute: write it with '='")
        else:
            yield from self._value(value, spec, at)
            if spec.get("sensitive") and literal(value) not in (UNKNOWN, ""):
                yield _warning("secret-literal", at, "a secret in the file: pass it in")

    def _blocks(self, value: Any, spec: Spec, at: str) -> Findings:  # noqa: ANN401 - parsed
        if not is_block_list(value):
            yield _error("wrong-kind", at, "is a nested block: write it without '='")
            return
        if spec.get("max_items") and len(value) > spec["max_items"]:
            yield _error("bad-value", at, f"at most {spec['max_items']} block(s)")
        for index, block in enumerate(value):
            yield from self.body(block, spec["nested"], f"{at}[{index}]")

    def _value(self, value: Any, spec: Spec, at: str) -> Findings:  # noqa: ANN401 - parsed
        kind = spec["type"]
        if isinstance(value, dict | list):
            shape, fitting = (
                ("an object", {"map"}) if isinstance(value, dict) else ("a list", {"list", "set"})
            )
            if kind not in fitting:
                yield _error("wrong-type", at, f"{shape}, expected {kind}")
            else:
                yield from self._members(value, spec, at)
            return
        found = self._module.resolve(value)
        if found is UNKNOWN:
            return
        if kind in {"list", "set", "map"}:
            yield _error("wrong-type", at, f"a scalar, expected {kind}")
        else:
            yield from _scalar(found, spec, at)

    def _members(self, value: Body | list[Any], spec: Spec, at: str) -> Findings:
        kind = spec.get("elem", "string")
        for key, member in items(value).items() if isinstance(value, dict) else enumerate(value):
            if isinstance(member, dict | list):
                yield _error("wrong-type", f"{at}[{key}]", f"expected {kind}")
                continue
            found = self._module.resolve(member)
            if found is not UNKNOWN:
                yield from _scalar(found, {**spec, "type": kind}, f"{at}[{key}]")


def _scalar(value: Any, spec: Spec, at: str) -> Findings:  # noqa: ANN401 - of any type
    """Check one literal: type first, then what is enforced, then what is documented."""
    try:
        value = converted(value, spec["type"])
    except ValueError as error:
        yield _error("wrong-type", at, str(error))
        return
    enforced = [*refusals(value, spec)]
    for sentence in enforced:
        yield _error("bad-value", at, sentence)
    for sentence in () if enforced else doubts(value, spec):
        yield _warning("doubtful-value", at, sentence)


def _together(present: Body, arguments: Arguments, where: str) -> Findings:
    """Check which arguments exclude or need one another."""
    for name in present:
        spec = arguments.get(name, {})
        for other in spec.get("conflicts_with", []):
            if other in present:
                yield _error("conflict", f"{where}.{name}", f"conflicts with {other!r}")
        for other in spec.get("required_with", []):
            if "." not in other and other not in present:
                yield _error("required-with", f"{where}.{name}", f"needs {other!r} too")


def _groups(present: Body, arguments: Arguments, where: str) -> Findings:
    """Check of which arguments there has to be one."""
    for key, most in (("exactly_one_of", 1), ("at_least_one_of", None)):
        groups = {frozenset([*spec[key], name]) for name, spec in arguments.items() if key in spec}
        for group in sorted(map(sorted, groups)):
            count = len({*group} & {*present})
            is_readable = not any("." in member for member in group)
            if is_readable and (count < 1 or (most is not None and count > most)):
                yield _error("one-of", where, f"{key.replace('_', ' ')} {group} must be set, found {count}")


def _error(code: str, where: str, message: str) -> Finding:
    return Finding("E", code, where, message)


def _warning(code: str, where: str, message: str) -> Finding:
    return Finding("W", code, where, message)
