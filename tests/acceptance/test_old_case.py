"""A case of long ago, spelled in every way that YAML allows: it runs, and runs again when its records have ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.acceptance.test_case import count_acts, run_file

Json = dict[str, Any]
# Numbers as ids, dates without quotes, an act about nobody, an intent that was posted before anything happened, a
# covenant that came into force afterwards, and sections under other names.
BEGIN = """
case: old
parties:
  - {id: college-middelstad, organ: college, kind: public-body, domains: [social], municipality: Middelstad}
  - {id: politie, organ: korpschef, kind: police, domains: [safety]}
  - {id: 31, kind: private-controller, domains: [welfare]}
covenants:
  - id: tafel
    version: 1
    validFrom: 2015-10-01
    validUntil: 2018-12-31
    regime: 1
    purpose: aanpak
    territory: [Middelstad]
    partners: [{party: college-middelstad}, {party: politie}, {party: 31}]
    arrangement: {contactPoint: college-middelstad, informs: college-middelstad, reportsBreach: college-middelstad}
    annexes:
      - {id: 7, consultation: tafel, workProcess: aanpak, criteria: {exclude: 12}, dataCategories: [name]}
processing-activities:
  - {id: 040, version: 1, controller: college-middelstad, purpose: aanpak, name: Aanpak, validFrom: 2015-01-01}
subjects:
  y1: {BSN: 999990019, municipality: Middelstad, birthDate: null}
  2: {V-number: 0012, municipality: Middelstad}
acts:
  - {n: 1, at: 2015-09-07T10:15:00, by: college-middelstad, operation: collect, subjects: [y1, 2],
     dataCategories: [name], caseId: 2015, activity: 040, legalBasis: {gdpr: 6(1)(e), statute: Gemeentewet 172}}
  - {n: 2, at: "2015-09-08 10:15", by: college-middelstad, operation: make-available, subjects: [y1], to: 31,
     dataCategories: [name], covenant: {id: tafel, annex: 7}, legalBasis: {gdpr: 6(1)(e), statute: Gemeentewet 172}}
  - {n: 3, at: "2015-09-08T11:15", by: college-middelstad, operation: structure, dataCategories: [name],
     expect: {outcome: gap, codes: {purpose-missing: []}}}
  - {n: 4, at: "2015-09-20T10:00", recorded: "2015-09-05T09:00", tense: intent, by: politie, to: [31],
     operation: disclose-by-transmission, subjects: [y1], dataCategories: [name, police-report], dataRegime: Wpg-20,
     legalBasis: {statute: Wpg 20}, expect: {refused: true, codes: [recipient-without-ground]}}
  - {n: 5, at: "2015-09-10T10:00", by: college-middelstad, subjects: [2],
     notice: {form: letter, elements: all, addressee: subject}}
  - {n: 6, at: "2015-09-11T10:00", by: college-middelstad, subjects: [y1],
     exemption: {norm: Wbp 43, interest: onderzoek, reviewOn: 2015-09-12}}
  - {n: 7, at: "2015-09-12T10:00", breach: {party: 31, operations: [2], description: lost}}
  - {n: 8, at: "2015-09-13T10:00", access_request: {subject: y1, requestedBy: subject, receivedBy: politie}}
"""
LATER = """
  - {n: 9, at: "2026-09-07T10:15", by: college-middelstad, operation: consult, subjects: [y1], dataCategories: [name]}
"""
QUESTIONS = """
questions:
  breaches: [{key: breach, act: 7}]
  access: [{key: access, act: 8}]
  replays: [{key: replay, subject: y1, bound: 2015-09-08T10:30:00, byParty: 31}]
  holding-ends: [{key: intent, act: 4, subject: y1}]
  erasureOf: [{key: of_intent, act: 4, subject: y1}]
  inform: [{key: told, asOf: "2015-09-12T12:00", covenant: {id: tafel, annex: 7}}]
  holds: []
canaries: [4711]
"""


def run_twice(folder: Path, text: str) -> tuple[Json, str]:
    """The answers of two runs, which are the same and of which the second adds nothing, and what the second told."""
    case = folder / "case.yaml"
    case.write_text(text, encoding="utf-8")
    first, _ = run_file(folder, case)
    before = count_acts(folder)
    second, told = run_file(folder, case)
    assert (first, before) == (second, count_acts(folder))
    return second, told


def test_a_case_in_its_own_spelling(tmp_path: Path) -> None:
    """Every id is found again as it was written; who tells is asked, whatever covenant an act names."""
    answers, told = run_twice(tmp_path, BEGIN + QUESTIONS)
    assert answers["findings"] == {"3": "gap", "4": "refused"}
    assert (answers["breach"]["held"], answers["breach"]["sources"]) == (["y1"], {"y1": ["2"]})
    assert answers["breach"]["supplied_basis"] == ["6(1)(e) | Gemeentewet 172 | tafel/7"]
    assert (answers["access"]["lines"], answers["access"]["recipients"]) == (["1", "2", "6"], ["31"])
    assert answers["access"]["leaked"] == []
    assert answers["replay"] == {
        "as_known_at": ["1", "2"],
        "as_it_was_on": ["1", "2"],
        "as_known_at_by_31": ["2"],
    }
    assert answers["retention"] == {"intent": "unverified", "of_intent": {"owed": "0", "confirmed": "0"}}
    # The covenant was not in force: each party tells for itself, and the one that disclosed had to at once.
    assert answers["told"] == {"due": {"y1": "2015-09-08T10:15"}, "state": {"y1": "exempt"}}
    assert "Passed over: questions.holds" in told


def test_a_case_whose_records_have_ended(tmp_path: Path) -> None:
    """Eleven years later the receipts are what is left of it; questions about the rest find nothing and end no run."""
    answers, told = run_twice(tmp_path, BEGIN + LATER.lstrip("\n") + QUESTIONS)
    assert answers["findings"] == {"3": "gap", "4": "refused"}
    assert answers["breach"]["report_before"] == "2015-09-15T10:00:00+02:00"
    assert answers["breach"]["held"] == []
    assert list(answers["access"]["controllers"]) == ["31", "college-middelstad"]
    assert answers["access"]["lines"] == []
    assert all(f"{key}: the record it asks about has ended" in told for key in ("breach", "access"))
