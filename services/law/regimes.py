"""Which act binds whoever has the data: the AVG, save where police, prosecution or investigating officers work.

The regime that an act of processing names says where the data come from and what goes with them (Wpg 7(2), 20(2)).
Whoever received them from the police works under the AVG all the same.
"""

from __future__ import annotations

from typing import Final

from services.law.governance import Party

OWN_REGIME_KINDS: Final = frozenset({"police", "judicial"})
"""Kinds of party that inform under an act of their own (Wpg 24b, Wjsg)."""

OWN_TASK_REGIMES: Final = frozenset({"Wpg-8", "Wpg-9", "Wpg-13"})
"""Regimes of data that a body has for a police task of its own; a municipality with investigating officers (BOA) too.

Under Wpg-20 they were supplied to a partnership, so who has them and is no police received them.
"""


def is_under_avg(data_regime: str, party: Party | None) -> bool:
    """Whether the party acts under the AVG on data of that regime; None: a party that the register does not know."""
    if data_regime == "AVG":
        return True
    if data_regime in OWN_TASK_REGIMES:
        return False
    return party is None or party.kind not in OWN_REGIME_KINDS
