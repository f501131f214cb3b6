"""A sandbox for templates of somebody else's: they reach nothing outside, and end soon.

See https://jinja.palletsprojects.com/en/stable/sandbox/, which leaves limits to whoever uses it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Final

from jinja2 import BaseLoader, Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.filters import do_format
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifiers.filling import FormEnvironment
from notifiers.forms import Form

SIZE_MAX: Final = 1_000_000
"""Characters of a text, entries of a list, bits of a number."""
RANGE_MAX: Final = 1000

_WIDE: Final = re.compile(r"\d{6}|%[-+ #0]*\*")
"""Where a format asks for more room than anything needs, or does not say for how much."""


class TooLargeError(Exception):
    """What a template makes is larger than anything that is sent."""


class TooSlowError(Exception):
    """A template takes longer than it may."""


class _Loops(CodeGenerator):
    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802 - Jinja's
        """Look at the clock each time round, for a loop may be within another."""
        # Written out as it stands, for calls are slow in a sandbox.
        look = nodes.EnvironmentAttribute("tick()")
        node.body.insert(0, nodes.ExprStmt(look, lineno=node.lineno))
        super().visit_For(node, frame)


class Sandbox(FormEnvironment, ImmutableSandboxedEnvironment):
    """Reads and fills in templates of one form, for so many seconds from now on."""

    code_generator_class = _Loops
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, form: Form, loader: BaseLoader, seconds_max: float) -> None:
        """Begin to count."""
        self._ends_at = time.monotonic() + seconds_max
        super().__init__(form, loader)
        self.globals["range"] = _range
        self.filters = {name: _limited(each) for name, each in self.filters.items()}

    def tick(self) -> None:
        """Look at the clock.

        Raises:
            TooSlowError: Time is up.
        """
        if time.monotonic() >= self._ends_at:
            raise TooSlowError

    def get_template(self, *args: Any, **options: Any) -> Template:  # noqa: ANN401 - Jinja's
        """Look at the clock, and read a template."""
        self.tick()
        return super().get_template(*args, **options)

    def call(self, context: Context, called: Any, /, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - Jinja's
        """Look at the clock, and call a macro, a block or anything else."""
        self.tick()
        if called is not _range:
            _check_arguments(args, options)
        result = super().call(context, called, *args, **options)
        _check_size(_size(result))
        return result

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - Jinja's
        """Work out what is not too large."""
        _check_operands(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def concat(self, parts: Iterable[str]) -> str:
        """Put together what is written, as far as it is not too large."""
        written, size = [], 0
        for part in parts:
            size += len(part)
            _check_size(size)
            written.append(part)
        return "".join(written)

    def join(self, between: Any, parts: Iterable[Any]) -> str:  # noqa: ANN401 - whatever a template puts together
        """Put parts together, as far as they are not too large."""
        known = list(parts)
        _check_size(sum(map(_size, known)) + len(known) * _size(between))
        return super().join(between, known)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:  # noqa: ANN401 - Jinja's
        """Let texts be formatted that do not ask for too much room."""
        formatting = super().wrap_str_format(value)
        if formatting is not None:
            _check_format(value.__self__)
        return formatting


def _limited(filter_: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(filter_)
    def limited(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - the filter's
        _check_arguments(args, options)
        if filter_ is do_format:
            _check_format(args[0])
        result = filter_(*args, **options)
        _check_size(_size(result))
        return result

    return limited


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > RANGE_MAX:
        raise OverflowError
    return numbers


def _check_operands(operator: str, left: Any, right: Any) -> None:  # noqa: ANN401 - any operands
    """Refuse what an operation could make too large."""
    if operator == "%" and isinstance(left, str):
        _check_format(left)
    numbers = [each for each in (left, right) if isinstance(each, int)]
    sizes = _size(left), _size(right)
    if operator == "+":
        _check_size(sum(sizes))
    elif operator == "**" and len(numbers) == 2:  # noqa: PLR2004 - both
        _check_size(sizes[0] * abs(right))
    elif operator == "*":
        # A number says how often a text is repeated.
        _check_size(sum(sizes) if len(numbers) == 2 else max(sizes) * max([1, *numbers]))  # noqa: PLR2004


def _check_arguments(args: tuple[Any, ...], options: dict[str, Any]) -> None:
    """Refuse numbers that are larger than any length."""
    for each in (*args, *options.values()):
        if isinstance(each, int) and abs(each) > SIZE_MAX:
            raise TooLargeError


def _check_format(text: object) -> None:
    if _WIDE.search(str(text)):
        raise TooLargeError


def _check_size(size: int) -> None:
    if size > SIZE_MAX:
        raise TooLargeError


def _size(value: object) -> int:
    if isinstance(value, int):
        return value.bit_length()
    return len(value) if isinstance(value, str | list | tuple) else 1
