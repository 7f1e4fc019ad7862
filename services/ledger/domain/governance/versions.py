"""The versions of a covenant that are known, whatever the day."""

from __future__ import annotations

from services.law.governance import Covenant
from services.law.register import Register


def covenant_versions(register: Register, covenant_id: str) -> tuple[Covenant, ...]:
    """Every version of a covenant that is known, in order of the position at which it became so."""
    return tuple(
        known.entry for known in register.history if isinstance(known.entry, Covenant) and known.entry.id == covenant_id
    )


def knows_version(register: Register, covenant_id: str, version: int) -> bool:
    """Whether a covenant has a version with this number."""
    return any(known.version == version for known in covenant_versions(register, covenant_id))
