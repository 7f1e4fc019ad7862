"""What is odd or missing in a covenant: its criteria, and what it needs before it may be called active."""

from __future__ import annotations

from msgspec.structs import replace

from services.law.covenants.lint_activation import THEME, lint_activation, lint_outliving, lint_umbrella
from services.law.covenants.lint_criteria import Selectivity, lint_criteria, selectivity
from services.law.covenants.lint_words import lint_words
from services.law.covenants.remarks import Remark, is_ready
from services.law.governance import Addendum, Covenant
from services.law.register import Register

__all__ = [
    "THEME",
    "Selectivity",
    "is_ready",
    "lint",
    "lint_activation",
    "lint_criteria",
    "lint_joining",
    "lint_known",
    "lint_outliving",
    "lint_themes",
    "lint_umbrella",
    "lint_words",
    "selectivity",
]


def lint(covenant: Covenant) -> tuple[Remark, ...]:
    """Every remark on a covenant (as it is with what it takes from its umbrella, if it stands under one)."""
    return (*lint_activation(covenant), *lint_criteria(covenant), *lint_words(covenant.annexes))


def lint_known(covenant: Covenant, register: Register) -> tuple[Remark, ...]:
    """Every remark on a version that stands in a register: with what it inherits, and beside its umbrella.

    That is, the themes of that one, and how long it holds.
    """
    found = register.resolved_covenant(covenant.id, covenant.valid_from)
    whole = covenant if found is None or found.stated != covenant else found.beyond_themes or found.covenant
    return (*lint(whole), *lint_themes(covenant, register), *lint_outliving(covenant, register))


def lint_themes(covenant: Covenant, register: Register) -> tuple[Remark, ...]:
    """Whether the umbrella of the day on which a version begins is known, and names the approaches of its annexes."""
    above = covenant.umbrella
    return lint_umbrella(covenant, register.covenant(above, covenant.valid_from) if isinstance(above, str) else None)


def lint_joining(addendum: Addendum, register: Register) -> tuple[Remark, ...]:
    """Whether the umbrella names the approaches of annexes that join by an addendum, on the day on which they do."""
    joined = register.resolved_covenant(addendum.covenant, addendum.valid_from)
    if joined is None:
        return ()
    as_joined = replace(joined.stated, annexes=addendum.annexes, valid_from=addendum.valid_from)
    return tuple(remark for remark in lint_themes(as_joined, register) if remark.code == THEME)
