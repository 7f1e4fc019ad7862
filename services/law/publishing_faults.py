"""What stands in a register that everybody reads and nobody shreds, and looks like somebody's data: one fault each.

A fault names a place and a sort, never what stands there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from services.law.governance import Decision, Interpretation
from services.law.publishing import suspicions
from services.law.register import Register


class Fault(msgspec.Struct, frozen=True):
    """Why an entry may not become known: a JSON pointer, a stable code, and what helps."""

    pointer: str
    code: str
    message: str
    remedy: str


Faults = Iterator[Fault]


def text_faults(entry: object, register: Register) -> Faults:
    """The faults of what a decision or a reading tells in free words; none for any other kind of entry."""
    if isinstance(entry, Decision | Interpretation):
        own = (entry.valid_from, entry.valid_until)
        days = days_of_law(register).union(day for day in own if day is not None)
        yield from unpublishable(_told(entry), days)


def unpublishable(texts: Iterable[tuple[str, str | None]], days: frozenset[date]) -> Faults:
    """Everybody reads these texts, so nothing in them may look like personal data; ``days`` may be named."""
    for pointer, text in texts:
        for sort in sorted({found.sort for found in suspicions(text or "", days)}):
            message = f"The text holds what looks like personal data: {sort}."
            yield Fault(pointer, "personal-data", message, "Tell it without: everybody reads this.")


def days_of_law(register: Register) -> frozenset[date]:
    """The days on which a norm begins or ends."""
    norms = register.norms.values()
    return frozenset(day for norm in norms for day in (norm.valid_from, norm.valid_until) if day is not None)


def _told(entry: Decision | Interpretation) -> list[tuple[str, str]]:
    """Each text in free words with its pointer."""
    if isinstance(entry, Interpretation):
        return [("/text", entry.text)]
    return [(f"/conditions/{index}", text) for index, text in enumerate(entry.conditions)]
