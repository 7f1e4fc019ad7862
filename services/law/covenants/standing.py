"""Which covenants stand under another, so that what is said of it may reach them."""

from __future__ import annotations

from services.law.governance import Covenant
from services.law.register import Register


def standing_under(register: Register, covenant_id: str) -> tuple[str, ...]:
    """The covenant itself and every other that stands under it in some version, directly or not, in order of id."""
    below: dict[str, set[str]] = {}
    for entry in (known.entry for known in register.history):
        if isinstance(entry, Covenant) and isinstance(entry.umbrella, str):
            below.setdefault(entry.umbrella, set()).add(entry.id)
    found, waiting = {covenant_id}, [covenant_id]
    while waiting:
        under = below.get(waiting.pop(), set()) - found
        found |= under
        waiting += under
    return tuple(sorted(found))
