"""What the law of covenants says of one that becomes known: a theme that its umbrella does not name, and remarks."""

from __future__ import annotations

from collections.abc import Iterator

from services.law.covenants.lint import THEME, lint_joining, lint_known, lint_themes, lint_words
from services.law.covenants.remarks import Remark
from services.law.governance import Addendum, Covenant
from services.law.register import Register
from services.ledger.domain.governance.fault_parts import Faults
from services.runtime.errors import FieldError


def theme_faults(covenant: Covenant, register: Register) -> Faults:
    """An annex that the umbrella does not name is agreed on by nobody (S14)."""
    return (_fault(remark) for remark in lint_themes(covenant, register) if remark.code == THEME)


def joining_theme_faults(addendum: Addendum, register: Register) -> Faults:
    """The same of an annex that would join by an addendum."""
    return (_fault(remark) for remark in lint_joining(addendum, register))


def covenant_remarks(covenant: Covenant, register: Register) -> Iterator[Remark]:
    """What is odd or missing in a covenant that is registered, as it is with what it takes from its umbrella."""
    return (remark for remark in lint_known(covenant, register) if remark.code != THEME)


def addendum_remarks(addendum: Addendum) -> tuple[Remark, ...]:
    """Which words in the annexes of an addendum find no act."""
    return lint_words(addendum.annexes)


def _fault(remark: Remark) -> FieldError:
    remedy = "Name an approach of the umbrella, or have its partners add this one to its themes."
    return FieldError(remark.pointer, remark.code, remark.message.en, remedy)
