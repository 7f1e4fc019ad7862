"""The report of a process is made from the stream alone: the same stream gives the same bytes (S43)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.cli.case.model import read_case
from services.ledger.application import process_report, replay
from services.ledger.application.process_report import ProcessReports
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller, InquiryBody, SubjectIdentifier
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.support.case_ledger import CaseLedger, case_ledger
from tests.support.postgres import fresh_database

CASES = Path(__file__).parents[3] / "cases"
MAYOR = "burgemeester-middelstad"
UNTIL = "2026-10-20"
ASKING = Caller(party=MAYOR, scopes=frozenset({"inquiry"}), purpose="proceedings")


@pytest.fixture(scope="module")
def ledger(postgres_server: EmbeddedPostgres) -> Iterator[CaseLedger]:
    """The case, played on a ledger of its own."""
    case = read_case(CASES / "vechtpartijen.yaml")
    with fresh_database(postgres_server.conninfo) as database, case_ledger(database, case) as opened:
        opened.play()
        yield opened


def report(ledger: CaseLedger, label: str, caller: Caller = ASKING) -> dict[str, Any]:
    """The report of the process about a person of the case, at a fixed moment."""
    subject = msgspec.convert(ledger.case.identifier(label), SubjectIdentifier)
    inquiry = ledger.run(ledger.inquiries.open(caller, label, InquiryBody(reason="why", subject=subject)))
    reports = ProcessReports(replays=ledger.replays)
    return dict(ledger.run(reports.report(caller, inquiry["id"], UNTIL, UNTIL)))


def test_the_same_stream_gives_the_same_report(ledger: CaseLedger) -> None:
    """It equals the stored one to the byte, in both languages, and again when it is asked again."""
    told = report(ledger, "y2")
    golden = (CASES / "process-report-y2.md").read_text(encoding="utf-8")
    assert told["nl"] + "\n" + told["en"] == golden
    assert report(ledger, "y2") == told


def test_it_names_no_person_and_no_staff(ledger: CaseLedger) -> None:
    """Persons are numbers in it: neither an identifier nor a pseudonym, nor who of a party did it."""
    told = report(ledger, "y2")
    page = ledger.run(ledger.replays.replay(ASKING, inquiry_of(ledger, "y2"), UNTIL, UNTIL, None))
    hidden = {event["subject"][name] for event in page["events"] for name in ("ref", "id")} - {None}
    hidden |= {event["actor"]["id"] for event in page["events"] if event.get("actor")}
    assert hidden
    assert not [text for text in hidden if text in told["nl"] + told["en"]]


def test_many_pages_are_told_as_one(ledger: CaseLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the pages of the replay, the report is the same; beyond the bound it says that it is not whole."""
    whole = report(ledger, "y2")
    monkeypatch.setattr(replay, "PAGE_ITEMS_DEFAULT", 2)
    assert report(ledger, "y2") == whole
    assert whole["complete"] is True
    monkeypatch.setattr(process_report, "PROCESS_REPORT_PAGES_MAX", 1)
    part = report(ledger, "y2")
    assert part["complete"] is False
    assert whole["nl"].startswith(part["nl"].rstrip("\n"))


def test_it_is_read_as_a_replay_is(ledger: CaseLedger) -> None:
    """An inquiry of another party does not exist for who asks."""
    other = Caller(party="politie", scopes=frozenset({"inquiry"}), purpose="proceedings")
    with pytest.raises(NotFound):
        ledger.run(ProcessReports(replays=ledger.replays).report(other, inquiry_of(ledger, "y2"), None, None))


def inquiry_of(ledger: CaseLedger, label: str) -> str:
    """The id of the mayor's inquiry into a person."""
    subject = msgspec.convert(ledger.case.identifier(label), SubjectIdentifier)
    opened = ledger.run(ledger.inquiries.open(ASKING, label, InquiryBody(reason="why", subject=subject)))
    return str(opened["id"])
