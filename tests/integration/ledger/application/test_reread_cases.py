"""A covenant is read otherwise from now on: exactly the running acts that this hits are reported, and none changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from services.cli.case.model import read_case
from services.law.governance import Interpretation
from services.law.register import Known, Register
from services.ledger.application.cursors import CursorSealer
from services.ledger.application.policy import PurposeMissing, PurposeNotAllowed
from services.ledger.application.reads import ReadLog
from services.ledger.application.reread_cases import RereadCases
from services.ledger.contract.errors import NotAllowed, NotFound
from services.ledger.contract.messages import Caller, ReadPurpose, SubjectIdentifier
from services.ledger.storage.vault_memory import MemoryVault
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.support.case_ledger import CaseLedger, case_ledger
from tests.support.postgres import fresh_database

CASE = Path(__file__).parents[3] / "cases" / "vechtpartijen.yaml"
WITH_CASE_NUMBER = """
  - {n: 22, at: "2026-10-01T12:00", by: burgemeester-middelstad, operation: make-available, subjects: [y3], to: [jongerenwerk-middelstad], dataCategories: [name], caseId: Z-22, covenant: {id: veiligheidshuis, annex: jeugdgroepen}, phase: plan, legalBasis: {gdpr: 6(1)(e), statute: Gemeentewet 172}}
"""  # noqa: E501 - one line of a case file
LATER = datetime(2026, 10, 2, 10, tzinfo=UTC)
STRICT = Interpretation(
    id="strikt",
    covenant="veiligheidshuis",
    regime=3,
    by="burgemeester-middelstad",
    text="Voortaan per geval een reden.",
    valid_from=date(2026, 10, 1),
)
SAME = Interpretation(
    id="gelijk", covenant="veiligheidshuis", regime=2, by="om", text="Zoals het was.", valid_from=date(2026, 10, 1)
)
AUDITOR = Caller(party="toezicht", scopes=frozenset({"audit"}), purpose="legality-control")


class LaterRegister:
    """The register of a case, and what became known after it."""

    def __init__(self, register: Register, *entries: Interpretation) -> None:
        """Know more."""
        later = (Known(entry, register.position, LATER) for entry in entries)
        self._register = Register((*register.history, *later), register.norms)

    def current(self) -> Register:
        """Give the register."""
        return self._register

    def refresh(self, position: int) -> Register:
        """Give the same."""
        assert position <= self._register.position
        return self._register


class Played:
    """The case of the seed, and the report over it."""

    def __init__(self, ledger: CaseLedger, *others: Interpretation) -> None:
        self.ledger = ledger
        self.posted = ledger.play()
        ledger.clock.set(LATER)
        register = LaterRegister(ledger.register.current(), STRICT, SAME, *others)
        self.cases = RereadCases(
            sources=msgspec.structs.replace(ledger.sources, register=register),
            reads=ReadLog(dossier_events=ledger.dossier_events, ids=ledger.ids),
            cursors=CursorSealer(MemoryVault()),
        )

    def report(self, caller: Caller = AUDITOR, interpretation: str = "strikt", limit: int = 50) -> list[dict[str, Any]]:
        """All pages of the report."""
        items: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = self.ledger.run(self.cases.report(caller, interpretation, cursor, limit))
            items += page.items
            cursor = page.next
            if cursor is None:
                return items

    def numbers(self, items: list[dict[str, Any]]) -> list[int]:
        """The acts of the case that are reported, ascending."""
        keys = self.ledger.case.numbers_by_key()
        return sorted(int(keys[item["operationId"]]) for item in items)


@pytest.fixture(scope="module", params=[1, 4])
def played(
    request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    """The case with one more act, which bears a case number; played once per number of lanes."""
    path = tmp_path_factory.mktemp("case") / "case.yaml"
    path.write_text(CASE.read_text(encoding="utf-8").replace("\nquestions:", f"\n{WITH_CASE_NUMBER}\nquestions:"))
    with (
        fresh_database(postgres_server.conninfo) as database,
        case_ledger(database, read_case(path), request.param) as ledger,
    ):
        yield Played(ledger)


def test_exactly_the_running_acts_that_leaned_on_the_annex_are_reported(played: Played) -> None:
    """Regime 3 wants a reason per act: what leaned on the published criteria of the annex now lacks one.

    Not 1 and 3, which named no covenant; 7, which was refused; 9, which named none; 12, 17 and 18, which deleted.
    """
    items = played.report()
    assert played.numbers(items) == [2, 4, 5, 6, 8, 10, 11, 13, 19, 22]
    assert {tuple(item["adds"]) for item in items} == {("necessity-missing",)}
    assert {tuple(item["drops"]) for item in items} == {()}


def test_the_report_stands_apart_from_what_was_recorded(played: Played) -> None:
    """Both readings are told of the persons that still count; the recorded outcome is of the whole act, and stays."""
    (list_of_the_mayor,) = [item for item in played.report() if played.numbers([item]) == [6]]
    assert (list_of_the_mayor["before"], list_of_the_mayor["after"], list_of_the_mayor["recorded"]) == (
        {"outcome": "compliant"},
        {"outcome": "gap"},
        {"outcome": "violation"},
    )
    assert len(list_of_the_mayor["positions"]) == 5, "the four whose data the mayor erased run no more"
    recorded = played.posted[6].answers[0][1]["verdict"]["outcome"]
    assert recorded == "violation"


def test_case_numbers_are_for_the_party_itself_and_its_auditor(played: Played) -> None:
    """A recipient reads that the act is hit, never under which number the sender keeps it."""
    mayor = Caller(party="burgemeester-middelstad", scopes=frozenset({"processing:read"}), purpose="operations")
    youth = Caller(party="jongerenwerk-middelstad", scopes=frozenset({"processing:read"}), purpose="operations")
    shown = {
        caller.party: [item["caseId"] for item in played.report(caller) if played.numbers([item]) == [22]]
        for caller in (mayor, youth, AUDITOR)
    }
    assert shown == {"burgemeester-middelstad": ["Z-22"], "jongerenwerk-middelstad": [None], "toezicht": ["Z-22"]}


@pytest.mark.parametrize(
    ("party", "numbers"),
    [("politie", [5, 10, 11]), ("jongerenwerk-middelstad", [10, 19, 22]), ("jongerenwerk-dorp-b", [11]), ("om", [])],
)
def test_a_party_is_told_of_its_own_acts_only(played: Played, party: str, numbers: list[int]) -> None:
    """What it did or received; of the others not even that there are any."""
    caller = Caller(party=party, scopes=frozenset({"processing:read"}), purpose="operations")
    assert played.numbers(played.report(caller)) == numbers


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_pages_lose_and_repeat_nothing(played: Played, limit: int) -> None:
    """However small the pages, together they are the whole."""
    assert played.report(limit=limit) == played.report()


def test_a_reading_that_changes_nothing_hits_nothing(played: Played) -> None:
    """The regime under which the acts were judged: no act is judged otherwise."""
    assert played.report(interpretation="gelijk") == []


def test_the_report_is_read_for_a_purpose_by_who_may_and_is_itself_on_record(played: Played) -> None:
    """Scope and purpose are checked, an unknown interpretation is not found, and the persons see who looked."""
    for scopes, purpose, refusal in (
        ({"governance"}, "legality-control", NotAllowed),
        ({"audit"}, None, PurposeMissing),
        ({"audit"}, "access-request", PurposeNotAllowed),
    ):
        with pytest.raises(refusal):
            played.report(
                Caller(party="toezicht", scopes=frozenset(scopes), purpose=cast("ReadPurpose | None", purpose))
            )
    with pytest.raises(NotFound):
        played.report(interpretation="nergens")
    streams = played.ledger.sources.streams_of(SubjectIdentifier(id_type="BSN", id="999990044"))
    reads = played.ledger.projections.reads_of(streams, LATER)
    assert ("toezicht", "legality-control") in {(read.reader, read.purpose) for read in reads}


def test_what_has_ended_is_not_hit_any_more(played: Played) -> None:
    """A year later only the acts of the plan still run: their term is two years."""
    played.ledger.clock.set(LATER.replace(year=2027))
    assert played.numbers(played.report()) == [13, 19, 22]


UNDER_A_KOEPEL = """
  - {id: koepel, version: 1, validFrom: "2025-01-01", umbrella: true, regime: 2, purpose: aanpak-jeugdgroepen, partners: [{party: politie}]}
"""  # noqa: E501 - one line of a case file


def test_a_reading_of_the_umbrella_hits_what_is_done_under_it(
    postgres_server: EmbeddedPostgres, tmp_path: Path
) -> None:
    """A covenant that does not say how it is read takes that from its umbrella, and so does the report."""
    text = CASE.read_text(encoding="utf-8")
    assert text.count("    umbrella: true\n    regime: 2 ") == 1
    text = text.replace("    umbrella: true\n    regime: 2 ", "    umbrella: koepel\n    summary: s ")
    path = tmp_path / "case.yaml"
    path.write_text(text.replace("\ncovenants:", f"\ncovenants:{UNDER_A_KOEPEL}", 1), encoding="utf-8")
    with (
        fresh_database(postgres_server.conninfo) as database,
        case_ledger(database, read_case(path), 1) as ledger,
    ):
        played = Played(ledger, msgspec.structs.replace(STRICT, id="koepel-strikt", covenant="koepel"))
        assert played.numbers(played.report(interpretation="koepel-strikt")) == [2, 4, 5, 6, 8, 10, 11, 13, 19]
