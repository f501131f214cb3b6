"""A fault to put into the Terraform files, and the assertion that has to find it.

Somebody could make any of them without Terraform, or a cloud, having a word against it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.infra.hcl_files import Module

Assertion = Callable[[Module], None]


class Fault(NamedTuple):
    """A text of a file, what is written instead, and which assertion finds that."""

    finder: Assertion
    file: str
    text: str
    instead: str
