"""What a judgement says: findings per subject, and the worst of them as the outcome."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Final

import msgspec


class Outcome(StrEnum):
    """``gap``: something owed is not known or not filled in; ``violation``: it breaks the law or the covenant."""

    COMPLIANT = "compliant"
    GAP = "gap"
    VIOLATION = "violation"


OUTCOMES_BY_SEVERITY = (Outcome.COMPLIANT, Outcome.GAP, Outcome.VIOLATION)
SUBJECT_COUNTS_CACHED_MAX: Final = 256


class Block(StrEnum):
    """The four building blocks: doel, grondslag, noodzaak, zorgvuldigheid."""

    PURPOSE = "purpose"
    BASIS = "basis"
    NECESSITY = "necessity"
    CARE = "care"


class Finding(msgspec.Struct, frozen=True, gc=False):
    """One thing that is owed or wrong, for the subjects at these places of the act.

    ``severity`` is the outcome this finding alone would give. ``subjects`` are indexes into
    the act's subjects, ascending; all of them when the finding concerns the act as such.
    """

    code: str
    severity: Outcome
    subjects: tuple[int, ...]


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """``outcomes``: one per subject in the order of the act; ``outcome``: the worst of everything.

    An act without subjects has ``outcomes == ()`` and findings with ``subjects == ()``.
    Findings are sorted by code, so the verdict does not depend on the order of rules or recipients.
    """

    outcome: Outcome
    outcomes: tuple[Outcome, ...]
    findings: tuple[Finding, ...]

    def codes_of(self, index: int) -> tuple[str, ...]:
        """The codes found for the subject at ``index``, sorted."""
        return tuple(f.code for f in self.findings if index in f.subjects)


@lru_cache(maxsize=SUBJECT_COUNTS_CACHED_MAX)
def everyone(subject_count: int) -> tuple[int, ...]:
    """The places of all subjects of an act: what a finding about the act as such concerns."""
    return tuple(range(subject_count))


def worst(outcomes: tuple[Outcome, ...] | list[Outcome]) -> Outcome:
    """The most severe of ``outcomes``; compliant when there are none."""
    return max(outcomes, key=OUTCOMES_BY_SEVERITY.index, default=Outcome.COMPLIANT)
