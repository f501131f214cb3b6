"""What a deployment zip can be built for, and the error of everything that keeps one from being built."""

from __future__ import annotations

from typing import Final, NamedTuple

PYTHONS: Final = ("3.10", "3.11", "3.12", "3.13")

MANYLINUX: Final = {"x86_64": "x86_64-manylinux2014", "arm64": "aarch64-manylinux2014"}
"""Each architecture in uv's words; the oldest glibc that all wheels know, FunctionGraph's being unknown."""


class PackagingError(Exception):
    """Why there is no zip, in a sentence for whoever asked for it."""


class Platform(NamedTuple):
    """Where a zip runs."""

    code_folder: str
    """Where it unpacks the zip: what tracebacks of shipped bytecode show."""
    pythons: tuple[str, ...]
    """Which Pythons are built for when nobody names one."""
    architectures: tuple[str, ...]
    """Which it lets a function choose."""


PLATFORMS: Final = {
    "functiongraph": Platform("/opt/function/code", ("3.12", "3.10"), ("x86_64",)),
    "lambda": Platform("/var/task", ("3.13",), ("x86_64", "arm64")),
}


class Target(NamedTuple):
    """What one zip is built for."""

    platform: str
    python: str
    architecture: str

    @property
    def zip_name(self) -> str:
        """The name of its zip."""
        return f"headway-{self.platform}-py{self.python.replace('.', '')}-{self.architecture}.zip"


def targets(platform: str | None, python: str | None, architecture: str | None) -> list[Target]:
    """Narrow all there is to what was named: empty if the platform does not offer the architecture."""
    return [
        Target(name, version, machine)
        for name, offered in PLATFORMS.items()
        if platform in {None, name}
        for version in ([python] if python else offered.pythons)
        for machine in offered.architectures
        if architecture in {None, machine}
    ]
