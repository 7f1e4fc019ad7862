"""For how long a youth-care or social-support file must be kept (Jeugdwet 7.3.8, Wmo 5.3.4).

These are minimums, which a shorter maximum gives way to. They bind who keeps the file in its own task: who names the
provision, or whose data are under that secrecy as a rule and who acts outside any covenant. They do not bind whoever
receives something from the file. At the person's request it goes all the same (Jeugdwet 7.3.9, Wmo 5.3.5).
"""

from __future__ import annotations

from datetime import date
from typing import Final

from services.law.act import Act
from services.law.operations import CLASS_BY_VERB, HOLDING_CLASSES, operation_class
from services.law.periods import add_period, parse_period
from services.law.precedence import FileRule, Term
from services.law.register import DayView
from services.law.statutes import statute

YOUTH_FILE_LONGER_FROM: Final = date(2020, 1, 1)
"""Since when a youth-care file is kept for twenty years: the text of 2018 says fifteen, that of 2021 twenty. The day
between is from general knowledge; which of the two applied before it is not verified."""

_RULE_BY_PROVISION: Final[dict[tuple[str | None, str | None], FileRule]] = {
    ("BWBR0034925", "7.3.8"): "jw-7-3-8",
    ("BWBR0035362", "5.3.4"): "wmo-5-3-4",
}
RULE_BY_SECRECY: Final[dict[str | None, FileRule]] = {"youth-care": "jw-7-3-8", "social-support": "wmo-5-3-4"}
"""Under which provision a party keeps its file, by the secrecy that its data are under as a rule."""

ON_REQUEST: Final = frozenset({("BWBR0034925", "7.3.9"), ("BWBR0035362", "5.3.5")})
"""The provisions under which a file goes at the person's request: (act, article)."""


def file_rule(act: Act, view: DayView) -> FileRule | None:
    """Under which provision the act keeps a file; None for nearly every act, and where it is not in force."""
    if (CLASS_BY_VERB.get(act.operation) or operation_class(act.operation, act.operation_class)) not in HOLDING_CLASSES:
        return None
    found = _named(act)
    if found is None and act.covenant is None:
        controller = view.parties[act.controller]
        found = None if controller is None else RULE_BY_SECRECY.get(controller.secrecy)
    return found if found is not None and view.in_force((found,)) else None


def file_term(rule: FileRule, day: date) -> Term:
    """Until when a file that was last changed on ``day`` must be kept."""
    period = "P20Y" if rule == "jw-7-3-8" and day >= YOUTH_FILE_LONGER_FROM else "P15Y"
    return Term(rule, period, add_period(day, parse_period(period)))


def _named(act: Act) -> FileRule | None:
    if act.legal_basis is None or not act.legal_basis.statute:
        return None
    provision = statute(act.legal_basis.statute)
    return _RULE_BY_PROVISION.get((provision.number, provision.article))
