"""What is odd or missing in a covenant: its criteria, and what it needs before it may be called active."""

from __future__ import annotations

from services.law.covenants.lint_activation import lint_activation, lint_umbrella
from services.law.covenants.lint_criteria import Selectivity, lint_criteria, selectivity
from services.law.covenants.remarks import Remark, is_ready
from services.law.governance import Covenant

__all__ = ["Selectivity", "is_ready", "lint", "lint_activation", "lint_criteria", "lint_umbrella", "selectivity"]


def lint(covenant: Covenant) -> tuple[Remark, ...]:
    """Every remark on a covenant (as it is with what it takes from its umbrella, if it stands under one)."""
    return (*lint_activation(covenant), *lint_criteria(covenant))
