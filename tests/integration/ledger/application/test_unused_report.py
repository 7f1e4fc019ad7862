"""Which data a party could do without, counted over what is recorded (S40)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.cli.case.model import read_case
from services.ledger.application import unused_report
from services.ledger.application.unused_report import ReportUnusedCategories
from services.ledger.contract.errors import NotAllowed
from services.ledger.contract.messages import Caller, CorrectionBody
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.support.case_ledger import CaseLedger, case_ledger
from tests.support.postgres import fresh_database

BASE = Path(__file__).parents[3] / "cases" / "vechtpartijen.yaml"
MAYOR = "burgemeester-middelstad"
SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))


@pytest.fixture(scope="module")
def ledger(postgres_server: EmbeddedPostgres) -> Iterator[CaseLedger]:
    """The case, played."""
    with fresh_database(postgres_server.conninfo) as database, case_ledger(database, read_case(BASE)) as opened:
        opened.play()
        yield opened


def literal_reading(party: str) -> set[tuple[str | None, str]]:
    """What the case file says a party obtained outside the police act and never put to use, by annex and category."""
    obtained, used = set(), set()
    for act in yaml.safe_load(BASE.read_text(encoding="utf-8"))["acts"]:
        places = {((act.get("covenant") or {}).get("annex"), kind) for kind in act.get("dataCategories", ())}
        if str(act.get("dataRegime", "AVG")).startswith("Wpg") or act.get("tense") == "intent":
            continue
        own, verb = act.get("controller", act.get("by")) == party, act.get("operation")
        if (own and verb in {"collect", "record", "alter"}) or (not own and party in act.get("to", ())):
            obtained |= places
        elif own and verb in {"consult", "use", "make-available", "disclose-by-transmission"}:
            used |= places
    return obtained - used


def report(ledger: CaseLedger, party: str) -> Any:
    """The report of a party over September."""
    reading = Caller(party=party, scopes=frozenset({"processing:read"}))
    return ReportUnusedCategories(sources=ledger.sources)(reading, *SEPTEMBER)


@pytest.mark.parametrize("party", [MAYOR, "politie", "jongerenwerk-middelstad", "college-middelstad"])
def test_exactly_what_the_case_never_used_is_listed(ledger: CaseLedger, party: str) -> None:
    """Every party's own, as a literal reader of the file finds it; what is police data stays out."""
    told = report(ledger, party)
    assert {(item["annex"], item["category"]) for item in told["items"]} == literal_reading(party)
    assert told["complete"] is True
    assert all(item["suggestion"]["nl"] and item["obtained"] for item in told["items"])


def test_many_lines_are_read_in_sections_and_within_a_bound(
    ledger: CaseLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However small the sections the report is the same; when there is more than the bound it says so."""
    whole = report(ledger, MAYOR)
    monkeypatch.setattr(unused_report, "UNUSED_LINES_READ_AT_ONCE", 7)
    assert report(ledger, MAYOR) == whole
    monkeypatch.setattr(unused_report, "UNUSED_LINES_MAX", 7)
    assert report(ledger, MAYOR)["complete"] is False


def test_without_a_scope_nothing_is_counted(ledger: CaseLedger) -> None:
    """And outside the days asked nothing is found."""
    with pytest.raises(NotAllowed):
        ReportUnusedCategories(sources=ledger.sources)(Caller(party=MAYOR, scopes=frozenset()), None, None)
    reading = Caller(party=MAYOR, scopes=frozenset({"audit"}))
    assert ReportUnusedCategories(sources=ledger.sources)(reading, date(2025, 1, 1), date(2025, 12, 31))["items"] == []


def test_what_never_happened_does_not_count(ledger: CaseLedger) -> None:
    """After the only collecting of films was annulled, nothing is said of films any more; the rest stays."""
    before = {item["category"] for item in report(ledger, MAYOR)["items"]}
    writing = Caller(party=MAYOR, scopes=frozenset({"processing:write"}))
    body = CorrectionBody(reason="it never happened", kind="annulled")
    ledger.run(ledger.corrector.correct(writing, ledger.case.key(4), "annul-4", body))
    ledger.project()
    assert before - {item["category"] for item in report(ledger, MAYOR)["items"]} == {"image", "social-media-handle"}
