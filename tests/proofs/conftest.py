"""Prints the figures of all proofs at the end of the session."""

import pytest

from tests.proofs.figures import recorded


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the proofs have recorded, if any ran."""
    if recorded():
        terminalreporter.section("proofs")
        for line in recorded():
            terminalreporter.line(line)
