"""Make the projections anew from the events, or check that they equal such a rebuild."""

from __future__ import annotations

from typing import Protocol

import msgspec


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Where the live projections differ from a rebuild.

    ``surplus`` rows stand only in the live table, ``missing`` ones only in the rebuilt one; ``first`` is the first
    (lane, position) concerned.
    """

    table: str
    surplus: int
    missing: int
    first: tuple[int, int]


class Shadow(Protocol):
    """A second set of projections that serves nobody yet."""

    def build(self) -> dict[int, int]:
        """Fill it from the first event on; how far each lane is."""
        ...

    def swap(self) -> dict[int, int]:
        """Put it in the place of the live one, at least as far applied; position per lane."""
        ...

    def compare(self) -> list[Difference]:
        """Fill it as far as the live one is and tell how that differs, at one moment."""
        ...


def rebuild(shadow: Shadow) -> dict[int, int]:
    """Rebuild all projections while the live ones keep serving, and swap; how far each lane is applied."""
    shadow.build()
    return shadow.swap()


def compare_projections(shadow: Shadow) -> list[Difference]:
    """Rebuild aside and tell how the live projections differ; empty when they equal the rebuild."""
    return shadow.compare()
