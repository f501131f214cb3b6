"""Figures that proofs leave behind, such as how many states one has visited; printed after the last test."""

_RECORDED: list[str] = []


def record(name: str, value: str) -> None:
    """Keep a figure, to be printed as `name: value`."""
    _RECORDED.append(f"{name}: {value}")


def recorded() -> tuple[str, ...]:
    """All figures kept so far, in the order in which they came."""
    return tuple(_RECORDED)
