"""What the judgement would have been under the other two regimes (S6): three readings of the law, three demands."""

from __future__ import annotations

from typing import Final

import msgspec

from services.law.act import Act
from services.law.context import Context
from services.law.covenants.other_regime import OtherRegime, Regime
from services.law.judgement import judge
from services.law.local_time import amsterdam_day
from services.law.texts import Text
from services.law.verdict import Verdict

REGIMES: Final[tuple[Regime, ...]] = (1, 2, 3)

NAME_BY_REGIME: Final[dict[Regime, Text]] = {
    1: Text("Elke partij een eigen grond in de wet", "A ground in the law for each party"),
    2: Text("Vooraf vastgestelde, openbare criteria", "Published criteria, agreed beforehand"),
    3: Text("Noodzaak per handeling gemotiveerd", "Necessity reasoned for each act"),
}


def what_if(act: Act, context: Context) -> tuple[OtherRegime, ...]:
    """The act under the regimes that its covenant does not have; empty when it names no covenant in force."""
    if act.covenant is None:
        return ()
    covenant = context.register.on(amsterdam_day(act.occurred_at)).covenants[act.covenant.id]
    if covenant is None:
        return ()
    now = _codes(judge(act, context))
    others = [regime for regime in REGIMES if regime != covenant.covenant.regime]
    return tuple(_other(regime, under(act, context, regime), now) for regime in others)


def under(act: Act, context: Context, regime: Regime) -> Verdict:
    """The judgement of the act with its covenant read under ``regime``; raises LawError as ``judge`` does."""
    if act.covenant is None:
        return judge(act, context)
    register = context.register.rereading(act.covenant.id, regime)
    return judge(act, msgspec.structs.replace(context, register=register))


def _other(regime: Regime, verdict: Verdict, now: frozenset[str]) -> OtherRegime:
    then = _codes(verdict)
    return OtherRegime(
        regime, NAME_BY_REGIME[regime], verdict.outcome, tuple(sorted(then - now)), tuple(sorted(now - then))
    )


def _codes(verdict: Verdict) -> frozenset[str]:
    return frozenset(found.code for found in verdict.findings)
