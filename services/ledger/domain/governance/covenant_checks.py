"""What the law of covenants says of one that becomes known: a theme that its umbrella does not name, and remarks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from services.law.covenants.lint import lint, lint_umbrella
from services.law.covenants.remarks import Remark
from services.law.governance import Addendum, Covenant
from services.law.register import Register
from services.ledger.domain.governance.fault_parts import Faults, fault

THEME: Final = "theme-not-of-umbrella"


def theme_faults(covenant: Covenant, register: Register) -> Faults:
    """An annex that the umbrella does not name is agreed on by nobody (S14)."""
    for remark in lint_umbrella(covenant, _umbrella(covenant, register)):
        if remark.code == THEME:
            remedy = "Name an approach of the umbrella, or have its partners add this one to its themes."
            yield fault(remark.pointer, remark.code, remark.message.en, remedy)


def joining_theme_faults(addendum: Addendum, register: Register) -> Faults:
    """The same of an annex that would join by an addendum."""
    joined = register.resolved_covenant(addendum.covenant, addendum.valid_from)
    if joined is not None:
        as_joined = msgspec.structs.replace(joined.stated, annexes=addendum.annexes, valid_from=addendum.valid_from)
        yield from theme_faults(as_joined, register)


def covenant_remarks(covenant: Covenant, register: Register) -> Iterator[Remark]:
    """What is odd or missing in a covenant that is registered, as it is with what it takes from its umbrella."""
    resolved = register.resolved_covenant(covenant.id, covenant.valid_from)
    applied = resolved is not None and resolved.stated == covenant
    yield from lint(resolved.covenant if resolved is not None and applied else covenant)
    yield from (r for r in lint_umbrella(covenant, _umbrella(covenant, register)) if r.code != THEME)


def _umbrella(covenant: Covenant, register: Register) -> Covenant | None:
    above = covenant.umbrella
    return register.covenant(above, covenant.valid_from) if isinstance(above, str) else None
