"""P10: what judging one act costs in the append path, with many covenants and no two acts alike."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec

from services.law.act import Act, CovenantReference, LegalBasis, Necessity, Recipient, Subject
from services.law.context import Context
from services.law.governance import Activity, Annex, AnnexNecessity, Covenant, Criteria, Entry, Partner, Party
from services.law.judgement import judge
from services.law.register import Known, Register
from services.ledger.storage.norms import packaged_norms
from services.runtime.process import settle_collector
from tests.bench.budgets import Measured, at_most

COVENANTS: Final = 150
PARTNERS: Final = 40
PARTIES: Final = 400
DAYS: Final = 30
SHAPES: Final = 20_000
LINES: Final = 500
"""How many acts one body brings, as P1 sends them."""
RUNS: Final = 5
MICROSECONDS_MAX: Final = 10
START: Final = datetime(2026, 6, 1, 9, tzinfo=UTC)
CATEGORIES: Final = ("name", "contact", "school", "nuisance-report", "group-role", "health", "image")
STATUTES: Final = ("Gemeentewet 172", "Jeugdwet 2.3", "Wmo 2015 5.2.6")
"""Of a burgemeester, a college and a body that is none: by the number of the party."""


def measure_p10(_events: int) -> Iterator[Measured]:
    """The mean cost of a judgement once the days are compiled; every act differs from every other.

    As in the append path: a body of lines is decoded, and then its acts are judged.
    """
    chance = random.Random(10)
    covenants = [_covenant(chance, number) for number in range(COVENANTS)]
    register = _register(covenants)
    acts = [_act(chance, covenants, number) for number in range(SHAPES)]
    assert len(set(acts)) == SHAPES, "two acts are alike"
    lines = [msgspec.json.encode(act) for act in acts]
    bodies = [lines[at : at + LINES] for at in range(0, SHAPES, LINES)]
    compliant = sum(judge(act, _context(register, act)).outcome == "compliant" for act in acts)
    del acts
    with _collector_of_a_service():
        cost = statistics.median(_microseconds(bodies, register) for _ in range(RUNS))
    note = f"{COVENANTS} covenants x {PARTNERS} partners, {SHAPES:,} acts, {compliant / SHAPES:.0%} compliant"
    yield at_most("P10", cost, "us/act", MICROSECONDS_MAX, 1, f"{MICROSECONDS_MAX} us", note)


@contextmanager
def _collector_of_a_service() -> Iterator[None]:
    """The collector of garbage as it is set in every process that judges, for as long as it is measured."""
    before = gc.get_threshold()
    settle_collector()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def _microseconds(bodies: list[list[bytes]], register: Register) -> float:
    """The processor time that judging took of all bodies, per act; decoding them is not counted."""
    decode, seconds, judged = msgspec.json.Decoder(Act).decode, 0.0, 0
    for body in bodies:
        asked = [(act, _context(register, act)) for act in map(decode, body)]
        begun = time.process_time()
        for act, context in asked:
            judge(act, context)
        seconds += time.process_time() - begun
        judged += len(asked)
    return seconds / judged * 1e6


def _context(register: Register, act: Act) -> Context:
    return Context(register, None, act.occurred_at + timedelta(minutes=1))


def _register(covenants: list[Covenant]) -> Register:
    parties = [_party(number) for number in range(PARTIES)]
    activities = [
        Activity(
            id=f"urn:activity:{number}",
            controller=f"party-{number}",
            purpose=f"purpose-{number % 20}",
            legal_basis={"gdpr": "6(1)(e)", "statute": STATUTES[number % 3]},
        )
        for number in range(PARTIES)
    ]
    entries: list[Entry] = [*parties, *covenants, *activities]
    known = (Known(entry, place, START - timedelta(days=400)) for place, entry in enumerate(entries, start=1))
    return Register(known, packaged_norms())


def _party(number: int) -> Party:
    if number % 3 == 2:
        return Party(id=f"party-{number}", kind="private-controller", bsn_entitled_under=("Jeugdwet 7.2.1",))
    return Party(id=f"party-{number}", kind="public-body", organ="college" if number % 3 else "burgemeester")


def _covenant(chance: random.Random, number: int) -> Covenant:
    annexes = tuple(
        Annex(
            id=f"annex-{index}",
            criteria=Criteria(include="two reports", exclude="bystanders", excludes_status=("bystander",)),
            necessity=AnnexNecessity(proportionality="names only", subsidiarity="talk first"),
            data_categories=CATEGORIES[:5],
            retention={"signalling": "P3M", "plan": "P2Y"},
        )
        for index in range(3)
    )
    return Covenant(
        id=f"covenant-{number}",
        version=1,
        valid_from=date(2025, 1, 1),
        published=date(2025, 1, 1),
        regime=(1, 2, 3)[number % 3],
        purpose=f"purpose-{number % 20}",
        territory=(f"M{number % 60}", f"M{(number + 1) % 60}"),
        partners=tuple(
            Partner(party=f"party-{party}", ground=STATUTES[party % 3])
            for party in chance.sample(range(PARTIES), PARTNERS)
        ),
        annexes=annexes,
    )


def _someone(chance: random.Random, partners: list[str]) -> str:
    """Nearly always a partner: what is judged all day long is mostly in order."""
    return chance.choice(partners) if chance.random() < 0.95 else f"party-{chance.randrange(PARTIES)}"


def _act(chance: random.Random, covenants: list[Covenant], number: int) -> Act:
    covenant = covenants[chance.randrange(COVENANTS)]
    partners = [partner.party for partner in covenant.partners]
    controller = _someone(chance, partners)
    owned = STATUTES[int(controller.removeprefix("party-")) % 3]
    return Act(
        operation=chance.choice(("make-available", "disclose-by-transmission", "record", "collect", "consult", "use")),
        occurred_at=START + timedelta(days=chance.randrange(DAYS), seconds=number),
        controller=controller,
        subjects=(Subject(id_type="BSN", id=f"{number:09}", municipality=covenant.territory[number % 2]),),
        data_categories=tuple(chance.sample(CATEGORIES[: 5 + (number % 50 == 0)], 3)),
        recipients=tuple(Recipient(party=_someone(chance, partners)) for _ in range(1 + number % 3)),
        covenant=CovenantReference(id=covenant.id, annex=f"annex-{number % 3}"),
        phase=chance.choice(("signalling", "plan")),
        legal_basis=LegalBasis(gdpr="6(1)(e)", statute=owned),
        necessity=chance.choice((None, Necessity(proportionality="names only", subsidiarity="talk first"))),
    )
