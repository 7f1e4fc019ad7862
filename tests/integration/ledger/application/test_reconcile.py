"""Two-sided booking: what was shared and not booked by its recipient shows to both, until it is booked (S11)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from services.cli.case.model import read_case
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.contract.errors import NotFound
from services.ledger.contract.forgetting import ObligationSearch
from services.ledger.contract.messages import Caller, SubjectIdentifier
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.support.case_ledger import CaseLedger, case_ledger
from tests.support.postgres import fresh_database

BASE = Path(__file__).parents[3] / "cases" / "vechtpartijen.yaml"
MAYOR, COLLEGE = "burgemeester-middelstad", "college-middelstad"
Json = dict[str, Any]


def act(number: int, at: str, by: str, **fields: Any) -> Json:
    """An act on y3 that is in order, and the fields."""
    usual: Json = {
        "n": number,
        "at": at,
        "by": by,
        "subjects": ["y3"],
        "dataCategories": ["name"],
        "covenant": {"id": "veiligheidshuis", "annex": "jeugdgroepen"},
        "phase": "plan",
        "legalBasis": {"gdpr": "6(1)(e)", "statute": "Gemeentewet 172"},
    }
    return usual | fields


def share(number: int, at: str, **fields: Any) -> Json:
    """The college shares with the mayor."""
    return act(number, at, COLLEGE, operation="make-available", to=[MAYOR], **fields)


def booking(number: int, at: str, **fields: Any) -> Json:
    """The mayor books something."""
    return act(number, at, MAYOR, operation="record", **fields)


ACTS = [
    share(51, "2026-09-22T09:00", traceId="a" * 32),
    booking(52, "2026-09-22T10:00", traceId="a" * 32),
    share(53, "2026-09-22T11:00", traceId="b" * 32, dataCategories=["contact"]),
    share(54, "2026-09-22T12:00", traceId="c" * 32, dataCategories=["school"]),
    booking(55, "2026-09-22T13:00", traceId="d" * 32, dataCategories=["school"], source={"party": COLLEGE}),
    act(56, "2026-09-22T14:00", MAYOR, operation="consult", traceId="b" * 32),
]


@pytest.fixture(scope="module")
def ledger(postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaseLedger]:
    """The case with shares that are booked by their trace, by their source, and not at all."""
    raw = yaml.safe_load(BASE.read_text(encoding="utf-8"))
    raw["acts"] += ACTS
    path = tmp_path_factory.mktemp("case") / "case.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with fresh_database(postgres_server.conninfo) as database, case_ledger(database, read_case(path)) as opened:
        opened.play()
        yield opened


def inbox(ledger: CaseLedger, party: str, as_of: str, **search: Any) -> dict[str | None, Json]:
    """What is to be reconciled about y3, by the number of the share."""
    caller = Caller(party=party, scopes=frozenset({"retention"}), purpose="internal-control")
    subject = msgspec.convert(ledger.case.identifier("y3"), SubjectIdentifier)
    asked = ObligationSearch(kind="reconcile", subject=subject, as_of=as_of, **search)
    items: list[Json] = msgspec.to_builtins(ledger.run(ledger.duties.search.search(caller, asked)).items)
    numbers = ledger.case.numbers_by_key()
    return {numbers.get(item["operationId"]): item for item in items if int(numbers[item["operationId"]] or 0) > 50}


def test_a_share_is_closed_by_its_booking(ledger: CaseLedger) -> None:
    """By the trace of the share or by its source; a look under the same trace books nothing."""
    found = inbox(ledger, MAYOR, "2026-10-20")
    assert {number: item["state"] for number, item in found.items()} == {"51": "done", "53": "open", "54": "done"}
    assert (found["53"]["party"], found["53"]["controller"]) == (MAYOR, COLLEGE)
    assert (found["53"]["dataCategories"], found["53"]["due"][:10]) == (["contact"], "2026-10-06")


def test_what_is_not_booked_shows_after_two_weeks_and_to_both(ledger: CaseLedger) -> None:
    """Before the day it is nobody's affair; from then on sender and recipient see the same, and no one else does."""
    assert "53" not in inbox(ledger, MAYOR, "2026-10-05")
    sent, received = inbox(ledger, COLLEGE, "2026-10-06"), inbox(ledger, MAYOR, "2026-10-06")
    assert (sent["53"]["id"], sent["53"]["state"]) == (received["53"]["id"], "open")
    assert inbox(ledger, "jongerenwerk-middelstad", "2026-10-20") == {}
    assert set(inbox(ledger, MAYOR, "2026-10-20", state="open")) == {"53"}


def test_it_stands_in_no_other_inbox(ledger: CaseLedger) -> None:
    """Only whoever asks for what is to be reconciled sees it; without a person named it is the same list."""
    caller = Caller(party=MAYOR, scopes=frozenset({"retention"}), purpose="internal-control")
    every = ledger.run(ledger.duties.search.search(caller, ObligationSearch(as_of="2026-10-20")))
    assert "reconcile" not in {item["kind"] for item in msgspec.to_builtins(every.items)}
    asked = ObligationSearch(kind="reconcile", as_of="2026-10-20", limit=200)
    listed = msgspec.to_builtins(ledger.run(ledger.duties.search.search(caller, asked)).items)
    ids = {item["id"] for item in listed}
    assert {item["id"] for item in inbox(ledger, MAYOR, "2026-10-20").values()} <= ids
    assert {item["kind"] for item in listed} == {"reconcile"}


def test_nobody_confirms_it_by_its_id(ledger: CaseLedger) -> None:
    """Booking is the answer: its id is that of nothing that can be confirmed."""
    (found,) = inbox(ledger, MAYOR, "2026-10-20", state="open").values()
    ids: ObligationIds = ledger.obligation_ids
    with pytest.raises(NotFound):
        ids.read(found["id"])
