"""The way out of a company's network, as far as channels need it."""

from __future__ import annotations

from typing import Final

import msgspec


class Network(msgspec.Struct, frozen=True):
    """A proxy for HTTP, and a file with the authorities to trust; None for neither.

    Only this counts: proxies that the environment names are for other programs.
    """

    proxy: str | None = None
    ca_file: str | None = None

    def __repr__(self) -> str:
        """Show no proxy: its address may hold a password."""
        return f"Network(ca_file={self.ca_file!r})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """The same for rich, which would ask the struct for its fields."""
        return [("ca_file", self.ca_file)]

    @property
    def proxies(self) -> dict[str, str]:
        """The proxy by scheme, as `requests` wants it."""
        return {"http": self.proxy, "https": self.proxy} if self.proxy else {}


DIRECT: Final = Network()
"""No proxy, and the public authorities."""
