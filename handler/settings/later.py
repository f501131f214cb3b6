"""What the design has and this version has not yet: said so, rather than ignored."""

from __future__ import annotations

from typing import Final

from handler.settings.tree import Place

LATER: Final[tuple[Place, ...]] = (("heartbeat",),)
"""Keys that the models do not know yet."""
