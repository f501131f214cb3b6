"""The statements of policies in Terraform's files, in documents of their own as in expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from tests.infra.hcl_files import Body, Module, contents, parsed, strings

_PIECE: Final = re.compile(r'"(?:\\.|\$\{[^}]*\}|[^"\\])*"|[{}]')
_IS_STATEMENT: Final = re.compile(r'^\{[^{]*?"?Effect"?\s*[=:]', re.DOTALL)
_LOCAL: Final = re.compile(r"\$\{local\.(\w+)\}")
_LITERAL: Final = re.compile(r'"((?:\\.|\$\{[^}]*\}|[^"\\])*)"')


class Statement(NamedTuple):
    """One statement of a policy; all that is in it is what stands there, expressions too."""

    where: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...]
    conditions: str
    """All of them as text, to look for keys and values in."""
    is_without: bool
    """Whether it says what it is not about: NotAction, NotResource or NotPrincipal."""

    @property
    def allows(self) -> bool:
        """Whether it gives a right."""
        return self.effect != "Deny"


def statements(module: Module) -> list[Statement]:
    """Those of all policies of a module."""
    documents = [
        _of_block(str(block), body)
        for block in module.blocks("data", 2)
        for body in contents(block.body, "statement")
    ]
    return [*documents, *(found for block in module.every for found in _of_value(str(block), block.body))]


def written_out(module: Module, text: str) -> list[str]:
    """A name with the local values in it written out; many, if it stands for many."""
    whole = _LOCAL.fullmatch(text)
    if whole and not isinstance(module.locals.get(whole[1], []), str):
        return [each for word in strings(module.locals[whole[1]]) for each in written_out(module, word)]
    texts = literals(text) or [text]
    if texts != [text]:
        return [each for word in texts for each in written_out(module, word)]
    known = {name for name in _LOCAL.findall(text) if isinstance(module.locals.get(name), str)}
    for name in known:
        text = text.replace(f"${{local.{name}}}", module.locals[name])
    return written_out(module, text) if known else [text]


def literals(text: str) -> list[str]:
    """The quoted strings in an expression, without their quotes; all of it if it is no expression."""
    return _LITERAL.findall(text) if text.startswith("${") and text.endswith("}") else [text]


def _of_block(where: str, body: Body) -> Statement:
    principals = [text for block in body.get("principals", ()) for text in _words(block.get("identifiers"))]
    return Statement(
        where=f"{where} {body.get('sid', '')}".strip(),
        effect=str(body.get("effect", "Allow")),
        actions=_words(body.get("actions")),
        resources=_words(body.get("resources")),
        principals=tuple(principals),
        conditions=" ".join(strings(body.get("condition", []))),
        is_without=any(name.startswith("not_") for name in body),
    )


def _of_value(where: str, value: object) -> Iterator[Statement]:
    """The objects that have an effect, in an expression or not."""
    if isinstance(value, Mapping) and "Effect" in value:
        yield _of_object(where, value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _of_value(where, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _of_value(where, inner)
    elif isinstance(value, str):
        for found in _objects(value):
            yield _of_object(where, parsed(f"found = {found}\n")["found"])


def _of_object(where: str, body: Body) -> Statement:
    return Statement(
        where=f"{where} {body.get('Sid', '')}".strip(),
        effect=str(body["Effect"]),
        actions=_words(body.get("Action")),
        resources=_words(body.get("Resource")),
        principals=_words(body.get("Principal")),
        conditions=_as_text(body.get("Condition", {})),
        is_without=any(name.startswith("Not") for name in body),
    )


def _objects(text: str) -> Iterator[str]:
    """The outermost `{…}` in which an effect is said, before anything that is deeper."""
    opened: list[int] = []
    for piece in _PIECE.finditer(text):
        if piece[0] == "{":
            opened.append(piece.start())
        elif piece[0] == "}" and opened:
            found = text[opened.pop() : piece.end()]
            if _IS_STATEMENT.match(found):
                yield found


def _words(value: object) -> tuple[str, ...]:
    """The strings of one or many, or those in an expression that gives them."""
    return tuple(word for text in strings(value) for word in literals(text) or [text])


def _as_text(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{name} {_as_text(inner)}" for name, inner in value.items())
    return " ".join(_as_text(inner) for inner in value) if isinstance(value, list) else str(value)
