"""An act with everything the register says about it on that day, looked up once for all rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Final

from services.law.act import Act, LegalBasis, Subject
from services.law.context import Context, SubjectFacts
from services.law.governance import Activity, Decision, Party
from services.law.grounds import ground_without, is_covenant
from services.law.in_force import AnnexInForce, CovenantInForce
from services.law.letters import GROUND, folded
from services.law.local_time import amsterdam_day
from services.law.operations import CLASS_BY_VERB, operation_class
from services.law.statutes import Statute, statute
from services.law.verdict import Finding, Outcome, everyone

POLICE_REGIMES: Final = frozenset({"Wpg-8", "Wpg-9", "Wpg-13", "Wpg-20"})
_NO_BASIS: Final = LegalBasis()
_LETTER: Final = re.compile(GROUND)
_LETTERS: Final = re.compile(rf"{GROUND}(?:(?:en|and|of|or|jo|juncto)?{GROUND})*")
_LETTER_BEFORE: Final = re.compile(r"(?:art|artikel|article)?(?:wbp)?8(?:sub|onder|onderdeel|letter)?([a-f])(?:wbp)?")
_OPENS_MOST: Final = "dcebfa"
"""The letters of AVG 6(1), those in front that open most: a vital interest before any, consent after all others."""
_CONSENT: Final = "a"
_VITAL_INTEREST: Final = "d"
AVG_FROM: Final = date(2018, 5, 25)
"""The first day of the AVG (art. 99(2)); before it the Wbp gave the grounds."""


@lru_cache(maxsize=1024)
def gdpr_letter(text: str) -> str | None:
    """The letter of AVG 6(1) in "6(1)(e)" and its other spellings; None when there is none.

    Grounds combine as OR: of several ("6(1)(c), 6(1)(e)") the one that opens most.
    """
    cited = folded(text)
    if _LETTERS.fullmatch(cited) is None:
        return None
    named = [match[1] for match in _LETTER.finditer(cited)]
    return min(named, key=_OPENS_MOST.index)


def ground_letter(text: str, day: date) -> str | None:
    """The letter of the ground in the law of the day: of AVG 6(1), or before that of Wbp 8, whose six are the same."""
    letter = gdpr_letter(text)
    return _wbp_letter(text) if letter is None and day < AVG_FROM else letter


@lru_cache(maxsize=1024)
def _wbp_letter(text: str) -> str | None:
    match = _LETTER_BEFORE.fullmatch(folded(text))
    return match[1] if match else None


def said(text: str | None) -> bool:
    """Whether a text field says anything at all."""
    return text is not None and bool(text.strip())


class Scene:
    """What the rules look at. Everything is read-only; ``recipients`` are in the order of the act, None if unknown."""

    __slots__ = (
        "act",
        "activity",
        "annex",
        "context",
        "controller",
        "covenant",
        "decision",
        "letter",
        "operation_class",
        "police_data",
        "recipients",
        "statute",
        "view",
    )

    def __init__(self, act: Act, context: Context) -> None:
        self.act = act
        self.context = context
        self.view = view = context.register.on(amsterdam_day(act.occurred_at))
        self.operation_class = CLASS_BY_VERB.get(act.operation) or operation_class(act.operation, act.operation_class)
        self.police_data = act.data_regime in POLICE_REGIMES
        parties = view.parties
        self.controller: Party | None = parties[act.controller]
        self.recipients: list[Party | None] = [parties[recipient.party] for recipient in act.recipients]
        self.activity: Activity | None = view.activities[act.activity] if act.activity is not None else None
        self.decision: Decision | None = view.decisions[act.decision_id] if act.decision_id is not None else None
        self.covenant: CovenantInForce | None = None
        self.annex: AnnexInForce | None = None
        named = act.covenant
        if named is not None:
            self.covenant = covenant = view.covenants[named.id]
            if covenant is not None and named.annex is not None:
                self.annex = covenant.annexes.get(named.annex)
        basis = act.legal_basis or _NO_BASIS
        self.letter: str | None = None
        if basis.gdpr is not None:
            # The second only for what is no letter of the AVG: most acts are spared the call.
            self.letter = gdpr_letter(basis.gdpr) or ground_letter(basis.gdpr, view.day)
        self.statute: Statute | None = None
        if basis.statute is not None:
            self.statute = ground_without(basis.statute, view.laws_out_of_force) or self._covenant_in(basis.statute)
        if self.activity is not None and (self.letter is None or self.statute is None):
            self._lean_on(self.activity, basis)

    def _lean_on(self, activity: Activity, given: LegalBasis) -> None:
        """What the act leaves out of its ground is that of its activity, as far as the two can be one ground.

        A letter of another ground stands by itself, save a vital interest, which needs no statute and takes none away;
        and who names a statute does not lean on consent.
        """
        own = basis_of(activity, self.act.controller) or _NO_BASIS
        letter = ground_letter(own.gdpr, self.view.day) if own.gdpr is not None else None
        if not said(given.gdpr):
            if self.statute is None or letter != _CONSENT:
                self.letter = letter
        elif self.letter != _VITAL_INTEREST and (self.letter is None or letter not in (None, self.letter)):
            return
        if self.statute is None and own.statute is not None:
            self.statute = ground_without(own.statute, self.view.laws_out_of_force) or self._covenant_in(own.statute)

    def _covenant_in(self, text: str) -> Statute | None:
        """What stands where a statute should and is a covenant: it is none, and there is a rule for that."""
        return statute(text) if said(text) and is_covenant(text, self.view) else None

    @property
    def goes_out(self) -> bool:
        """Whether a recipient is somebody else than the controller and its own processors (AVG 4(9), 4(10))."""
        controller = self.act.controller
        return any(
            named.party != controller
            and (party is None or party.kind != "processor" or party.processes_for != controller)
            for named, party in zip(self.act.recipients, self.recipients, strict=True)
        )

    def facts_of(self, subject: Subject) -> SubjectFacts | None:
        """What the ledger knows of a subject of this act; None when nothing."""
        facts = self.context.facts
        if facts is None:
            return None
        index = next(i for i, known in enumerate(self.act.subjects) if known is subject)
        return facts[index] if index < len(facts) else None

    def found(self, code: str, severity: Outcome = Outcome.GAP) -> Finding:
        """A finding about the act as such: it concerns every subject."""
        return Finding(code, severity, everyone(len(self.act.subjects)))

    def found_for(
        self, code: str, concerns: Callable[[Subject], bool], severity: Outcome = Outcome.GAP
    ) -> Finding | None:
        """A finding about the subjects that it concerns; None when there are none."""
        indexes = tuple([index for index, subject in enumerate(self.act.subjects) if concerns(subject)])
        return Finding(code, severity, indexes) if indexes else None


def basis_of(activity: Activity | None, controller: str) -> LegalBasis | None:
    """The ground that the art. 30 register gives for an activity, if it is the controller's own."""
    if activity is None or activity.controller != controller or activity.legal_basis is None:
        return None
    if isinstance(activity.legal_basis, str):
        letter = gdpr_letter(activity.legal_basis)
        return LegalBasis(gdpr=activity.legal_basis) if letter else LegalBasis(statute=activity.legal_basis)
    given = activity.legal_basis
    return LegalBasis(gdpr=given.get("gdpr"), statute=given.get("statute"))
