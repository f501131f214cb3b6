"""How long services are left alone between two messages."""

from __future__ import annotations

import pytest
from apprise.plugins import N_MGR

from notifiers.rates import PAUSE_SECONDS, pause_seconds


@pytest.mark.parametrize(
    ("schema", "seconds"), [("slack", 1.0), ("wecombot", 3.0), ("pagerduty", 0.5), ("json", 0.0), ("", 0.0)]
)
def test_a_service_with_a_known_rate_is_left_alone_for_so_long(schema: str, seconds: float) -> None:
    """All others are not waited for."""
    assert pause_seconds(schema) == seconds


@pytest.mark.parametrize("schema", PAUSE_SECONDS)
def test_a_known_rate_is_that_of_a_service_there_is(schema: str) -> None:
    """A misspelt row would have no effect, and one that is too slow would eat up an invocation."""
    assert schema in N_MGR
    assert 0 < pause_seconds(schema) <= 3


@pytest.mark.parametrize("schema", PAUSE_SECONDS)
def test_a_service_has_one_rate_under_all_of_its_schemas(schema: str) -> None:
    """Whichever of them a URL begins with."""
    plugin = N_MGR[schema]
    schemas = N_MGR.schemas()  # type: ignore[no-untyped-call]
    aliases = [name for name in schemas if N_MGR[name] is plugin]

    assert {pause_seconds(name) for name in aliases} == {pause_seconds(schema)}
