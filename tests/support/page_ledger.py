"""A ledger for the pages: a small register, and an answer to every question in which each part has something to say."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from services.law.act import Act
from services.law.advice.shapes import (
    CovenantCandidate,
    CovenantVersion,
    Explanation,
    Governs,
    KeepingAdvice,
    KeepingStage,
    KeepingTerm,
    Mend,
    NormShown,
    Note,
    RecipientAdvice,
    Telling,
)
from services.law.card import Card, CardSection
from services.law.covenants.other_regime import OtherRegime
from services.law.governance import Acknowledgement, Entry
from services.law.texts import Text
from services.law.verdict import Block, Outcome
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import (
    Assessment,
    Caller,
    FindingAnswer,
    JsonObject,
    Page,
    Receipt,
    RefusedSubject,
    RegisterReference,
    Submission,
    VerdictAnswer,
)
from services.runtime.errors import GrootboekError
from tests.support.recording_ledger import AT, RecordingLedger

REGISTER: dict[str, list[dict[str, Any]]] = {
    "parties": [
        {"id": "burgemeester", "name": "Burgemeester van Middelstad", "kind": "public-body"},
        {"id": "politie", "name": "Politie", "kind": "police"},
        {"id": "school", "kind": "private-controller"},
    ],
    "covenants": [
        {
            "id": "veiligheidshuis",
            "version": 2,
            "partners": [{"party": "burgemeester"}, {"party": "politie"}],
            "annexes": [{"id": "jeugdgroepen", "name": "Jeugdgroepen", "dataCategories": ["name", "group-role"]}],
        }
    ],
}
NORM = NormShown(
    id="gemw-172",
    label="Gemeentewet 172",
    citation="jci1.3:c:BWBR0005416&artikel=172",
    rule=Text("De burgemeester handhaaft de openbare orde.", "The mayor keeps the public order."),
    verified=True,
)
UNREAD = NormShown(
    id="avg-5",
    label="AVG 5(1)(c)",
    citation="eli/reg/2016/679 art. 5(1)(c)",
    rule=Text("Niet meer dan nodig.", "No more than needed."),
)
COVENANT = CovenantVersion(id="veiligheidshuis", version=2)
MARKUP = "<script>alert(1)</script>"


def explanation(refs: tuple[str, ...]) -> Explanation:
    """A finding about the persons with these refs."""
    return Explanation(
        code="necessity-missing",
        block=Block.NECESSITY,
        severity=Outcome.GAP,
        subjects=refs,
        message=Text("De noodzaak ontbreekt.", "The necessity is missing."),
        remedy=Text("Schrijf op waarom het nodig is.", "Write down why it is needed."),
        norms=(UNREAD,),
    )


def advice_for(party: str) -> RecipientAdvice:
    """An answer for a recipient: no for the school, yes for everybody else."""
    if party != "school":
        return RecipientAdvice(
            party=party, answer="allowed", why=Text("Partner met een taak.", "A partner with a task.")
        )
    mend = Mend(
        id="wpg-19",
        kind="norm",
        message=Text("Een besluit.", "A decision."),
        remedy=Text("Neem een besluit op grond van de Wpg.", "Take a decision under the Wpg."),
        norms=(NORM,),
    )
    why = Text("De school heeft geen grond.", "The school has no ground.")
    return RecipientAdvice(party=party, answer="forbidden", would_allow=("wpg-19",), why=why, mend=(mend,))


def assessment_of(act: Act) -> Assessment:
    """An assessment with every part filled in; without a necessity there is a gap."""
    refs = tuple(f"ref-{number}" for number in range(len(act.subjects)))
    gaps = () if act.necessity is not None else (explanation(refs),)
    outcome = "gap" if gaps else "compliant"
    if any(recipient.party == "school" for recipient in act.recipients):
        outcome = "violation"
    kept = KeepingTerm(
        until=date(2028, 5, 3), rule="avg", says="P2Y", text=Text("De wet: twee jaar.", "The law: two years.")
    )
    return Assessment(
        verdict=VerdictAnswer(outcome=outcome),
        register=RegisterReference(),
        subjects=tuple(RefusedSubject(ref=ref, outcome=outcome) for ref in refs),
        recipients=tuple(advice_for(recipient.party) for recipient in act.recipients),
        explanations=gaps,
        governs=Governs(
            covenant=COVENANT,
            annex="jeugdgroepen",
            by="protective-default",
            why=Text("De woonplaats valt eronder.", "The home town falls under it."),
            candidates=(
                CovenantCandidate(covenant=COVENANT, annex="jeugdgroepen", why=Text("Woonplaats.", "Home town.")),
                CovenantCandidate(covenant=CovenantVersion(id="dorp-b", version=1), why=Text("Plaats.", "Place.")),
            ),
        ),
        tell=(
            Telling(
                party="burgemeester",
                on_behalf_of=(),
                subjects=refs,
                due=AT,
                moment="one-month",
                elements=("controller",),
                addressees=(),
                norms=(NORM,),
                text=Text("Vertel het de persoon.", "Tell the person."),
            ),
        ),
        keep=KeepingAdvice(
            until=date(2026, 8, 3),
            rule="annex",
            says="P3M",
            text=Text("De bijlage: drie maanden.", "The annex: three months."),
            lost=(kept,),
            stages=(
                KeepingStage(
                    since=date(2026, 5, 3), until=date(2026, 8, 3), text=Text("Vrij te gebruiken.", "Free to use.")
                ),
            ),
        ),
        notes=(Note(code="not-a-party", message=Text("De school doet niet mee.", "The school takes no part.")),),
        other_regimes=(
            OtherRegime(
                regime=1,
                name=Text("Stroming 1", "Reading 1"),
                outcome=Outcome.VIOLATION,
                adds=("ground-missing",),
                drops=(),
            ),
        ),
    )


def card() -> Card:
    """The card of the covenant."""
    section = CardSection(Text("Waarvoor", "What for"), (Text("Groepen helpen.", "Helping groups."),))
    return Card(
        covenant=COVENANT.id,
        version=COVENANT.version,
        valid_from=date(2025, 1, 1),
        valid_until=None,
        summary=f"Samen {MARKUP}.",
        sections=(section,),
    )


class PageLedger(RecordingLedger):
    """Records what the pages ask of it, and remembers who read a covenant."""

    def __init__(self) -> None:
        """Nobody has read anything."""
        super().__init__()
        self.read: set[tuple[str, str, int]] = set()
        self.failing_verbs: dict[str, GrootboekError] = {}

    def note(self, name: str, caller: Caller | None, *arguments: Any) -> None:
        """Remember one call, or fail in the verb that the test wants to fail."""
        if name in self.failing_verbs:
            raise self.failing_verbs[name]
        super().note(name, caller, *arguments)

    async def list_register(
        self, caller: Caller, kind: str, valid_at: str | None, cursor: str | None = None, limit: int | None = None
    ) -> Page:
        """Give the register in pages of two, so that a second page is asked for."""
        self.note("list_register", caller, kind, valid_at, cursor, limit)
        begin = int(cursor or 0)
        items = REGISTER[kind][begin : begin + 2]
        return Page(items=tuple(items), next=str(begin + 2) if begin + 2 < len(REGISTER[kind]) else None)

    async def assess(self, caller: Caller, act: Act) -> Assessment:
        """Answer with something in every part."""
        self.note("assess", caller, act)
        return assessment_of(act)

    async def record(self, caller: Caller, submissions: Any) -> list[Receipt | GrootboekError]:
        """Acknowledge, with the finding of a late entry where the act is older than three days."""
        return [
            late(each, receipt)
            for each, receipt in zip(submissions, await super().record(caller, submissions), strict=True)
        ]

    async def read_card(
        self, caller: Caller, covenant_id: str, reader: str | None = None, valid_at: str | None = None
    ) -> JsonObject:
        """Give the one card there is."""
        self.note("read_card", caller, covenant_id, reader, valid_at)
        if covenant_id != COVENANT.id:
            raise NotFound
        known = (caller.party, reader or "", COVENANT.version) in self.read
        found: JsonObject = msgspec.to_builtins(card())
        return {**found, "acknowledged": "2026-01-01T00:00:00Z" if known else None}

    async def register(self, caller: Caller, entry: Entry) -> JsonObject:
        """Remember who read what."""
        self.note("register", caller, entry)
        assert isinstance(entry, Acknowledgement)
        self.read.add((entry.party, entry.reader, entry.version))
        return {"id": entry.id}


def late(submission: Submission, receipt: Receipt | GrootboekError) -> Receipt | GrootboekError:
    """The receipt, marked when the act lies more than 72 hours back."""
    assert isinstance(submission.body, Act)
    if not isinstance(receipt, Receipt) or (receipt.recorded_at - submission.body.occurred_at).days < 3:
        return receipt
    finding = FindingAnswer(code="late-entry", block="care", subjects=(), message="", remedy="", norms=())
    return msgspec.structs.replace(receipt, verdict=VerdictAnswer(outcome="gap", findings=(finding,)))
