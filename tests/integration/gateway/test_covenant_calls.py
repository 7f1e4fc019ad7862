"""The calls about covenants at the door: their queries, their scopes, and the register of art. 30 as a sheet."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from services.law.governance import Covenant, Partner, Party
from services.ledger.contract.covenants import CovenantQuestion
from tests.support.door import BSN, Door, codes

QUESTION = {"homeMunicipality": "Middelstad", "controller": "politie", "validAt": "2026-05-03"}


@pytest.fixture
def door() -> Door:
    """Return a door of its own."""
    return Door()


def test_which_covenant_governs_is_asked_in_a_body(door: Door) -> None:
    """Where somebody lives stands in no URL; the question reaches the ledger whole."""
    answer = door.ask("POST", "/v1/covenants/_resolve", json=QUESTION)
    assert (answer.status_code, answer.json()["by"]) == (200, "none")
    ((name, _, arguments),) = door.ledger.asked
    asked = CovenantQuestion(home_municipality="Middelstad", controller="politie", valid_at="2026-05-03")
    assert (name, arguments) == ("choose_covenant", (asked,))


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"homeTown": "x"}, ("/homeTown", "field-unknown")),
        ({"phase": "later"}, ("/phase", "value-not-in-list")),
        ({"validAt": "yesterday"}, ("/validAt", "instant-invalid")),
        ({"recipients": ["x"] * 201}, ("/recipients", "items-too-many")),
    ],
)
def test_a_question_is_strict(door: Door, body: dict[str, object], fault: tuple[str, str]) -> None:
    """An unknown field, a value that is none, or too many items: 400, and the ledger is not asked."""
    answer = door.ask("POST", "/v1/covenants/_resolve", json=body)
    assert (answer.status_code, codes(answer)) == (400, [fault])
    assert door.ledger.asked == []


@pytest.mark.parametrize(
    ("path", "name", "arguments"),
    [
        ("/v1/covenants/huis/in-force?validAt=2026-05-03", "read_covenant", ("huis", "2026-05-03")),
        ("/v1/covenants/huis/card?reader=m-17", "read_card", ("huis", "m-17", None)),
        ("/v1/covenants/huis/card?validAt=2026-05-03", "read_card", ("huis", None, "2026-05-03")),
        ("/v1/covenants/huis/diff", "compare_covenants", ("huis", None, None, None)),
        ("/v1/covenants/huis/diff?from=1&to=12&with=elders", "compare_covenants", ("huis", 1, 12, "elders")),
        ("/v1/covenants/contradictions", "list_contradictions", (None, None, None)),
        ("/v1/covenants/contradictions?validAt=2026-05-03&limit=5", "list_contradictions", ("2026-05-03", None, 5)),
        ("/v1/covenants/differences?cursor=7.5", "list_differences", (None, "7.5", None)),
        ("/v1/processing-activities/export?party=college", "export_activities", (None, "college")),
        ("/v1/interpretations/strikt/cases?limit=9", "list_reread_cases", ("strikt", None, 9)),
    ],
)
def test_queries_reach_the_ledger(door: Door, path: str, name: str, arguments: tuple[object, ...]) -> None:
    """Every parameter arrives as what it is, and what is left out as None."""
    headers = {"Grootboek-Purpose": "legality-control"}
    answer = door.ask("GET", path, headers=headers)
    assert answer.status_code == 200
    assert [(asked, given) for asked, _, given in door.ledger.asked] == [(name, arguments)]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/covenants/huis/diff?from=0",
        "/v1/covenants/huis/diff?to=2147483648",
        "/v1/covenants/huis/diff?to=99999999999",
        "/v1/covenants/huis/diff?from=one",
        "/v1/covenants/huis/diff?from=1&from=2",
        "/v1/covenants/huis/card?reader=Els%20de%20Wit",
        "/v1/covenants/huis/card?reader=els@politie.example",
        "/v1/covenants/huis/card?reader=999990019",
        "/v1/covenants/contradictions?validAt=yesterday",
        "/v1/processing-activities/export?subject=x",
    ],
)
def test_queries_are_strict_and_hold_nobody(door: Door, path: str) -> None:
    """A version is a number, a reader an opaque key; anything else is rejected before the ledger is asked."""
    answer = door.ask("GET", path)
    assert (answer.status_code, codes(answer)) == (400, [("", "query-invalid")])
    assert door.ledger.asked == []


def test_what_costs_work_or_reads_persons_needs_its_scope(door: Door) -> None:
    """Contradictions are for who keeps or audits the register; a new reading of cases says why it is asked."""
    reader = door.token("processing:read")
    for path in ("contradictions", "differences"):
        assert door.ask("GET", f"/v1/covenants/{path}", token=reader).status_code == 403
    assert door.ask("GET", "/v1/covenants/huis/card", token=reader).status_code == 200
    answer = door.ask("GET", "/v1/interpretations/strikt/cases", token=reader)
    assert (answer.status_code, codes(answer)) == (400, [("/header/Grootboek-Purpose", "read-purpose-missing")])
    keeper = door.token("governance")
    purpose = {"Grootboek-Purpose": "legality-control"}
    assert door.ask("GET", "/v1/interpretations/strikt/cases", token=keeper, headers=purpose).status_code == 403


def test_the_register_of_activities_is_a_sheet_for_who_asks_for_one(door: Door) -> None:
    """CSV with a row per processing under the names of the contract; JSON otherwise."""
    path = "/v1/processing-activities/export"
    assert door.ask("GET", path).headers["content-type"] == "application/json"
    answer = door.ask("GET", path, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["controllers"], row["dataCategories"], row["purpose"]) == ("politie; college", "name; report", "")


@pytest.mark.parametrize("collection", ["addenda", "municipalities", "interpretations", "acknowledgements"])
def test_the_newer_kinds_are_registered_and_listed_as_the_others(door: Door, collection: str) -> None:
    """A body of another kind has every fault told; a list takes the day."""
    answer = door.ask("POST", f"/v1/{collection}", json={"id": "x", "surprise": 1})
    assert answer.status_code == 400
    assert ("/surprise", "field-unknown") in codes(answer)
    assert len(codes(answer)) > 1
    assert door.ask("GET", f"/v1/{collection}?validAt=2026-05-03").status_code == 200
    assert [arguments[0] for _, _, arguments in door.ledger.asked] == [collection]


def test_who_reads_a_card_may_say_so_without_keeping_the_register(door: Door) -> None:
    """The scope of whoever works under a covenant is enough to acknowledge its card, and for nothing else here."""
    user = door.token("processing:write")
    body = {
        "id": "k",
        "covenant": "huis",
        "version": 1,
        "party": "politie",
        "reader": "m-17",
        "validFrom": "2026-05-03",
    }
    assert door.ask("POST", "/v1/acknowledgements", token=user, json=body).status_code == 201
    addendum = {"id": "a", "covenant": "huis", "validFrom": "2026-05-03"}
    assert door.ask("POST", "/v1/addenda", token=user, json=addendum).status_code == 403


def test_an_entry_that_leaves_fields_empty_says_nothing_there(door: Door) -> None:
    """Null where a field may be left out is as if it were; of a party's contract it states that there is none."""
    empty = dict.fromkeys(("coercive", "legalFrame", "umbrella", "themes", "recordRetention"))
    covenant = {"id": "huis", "version": 1, "validFrom": "2026-01-01", "partners": [{"party": "politie", "role": None}]}
    assert door.ask("POST", "/v1/covenants", json=covenant | empty).status_code == 201
    partners = (Partner(party="politie"),)
    given = Covenant(id="huis", version=1, valid_from=date(2026, 1, 1), partners=partners)
    party = {"id": "bureau", "kind": "processor", "contract": None, "domains": None}
    assert door.ask("POST", "/v1/parties", json=party).status_code == 201
    registered = [arguments for _, _, arguments in door.ledger.asked]
    assert registered == [(given,), (Party(id="bureau", kind="processor", contract=None),)]
    answer = door.ask("POST", "/v1/covenants", json={"id": None, "version": 1, "regime": 4, "coercive": None})
    assert codes(answer) == [("/id", "type-string"), ("/validFrom", "field-missing"), ("/regime", "value-not-in-list")]


@pytest.mark.parametrize(
    ("path", "body", "is_key"),
    [
        ("parties", {"id": "bureau", "kind": "processor"}, False),
        ("purposes", {"id": "orde", "text": "De orde."}, False),
        ("covenants", {"id": "huis", "version": 2, "validFrom": "2026-01-01"}, False),
        ("processing-activities", {"id": "toezicht", "controller": "college"}, False),
        ("addenda", {"id": "voorfase", "covenant": "huis", "validFrom": "2026-01-01"}, False),
        ("mandates", {"id": "m-1", "from": "college", "to": "politie"}, True),
        ("decisions", {"id": "b-1", "kind": "wpg-20", "by": "politie"}, True),
        ("municipalities", {"id": "gm-1", "name": "Middelstad"}, True),
    ],
)
def test_the_id_of_an_entry_is_a_key_where_nobody_else_chose_it(
    door: Door, path: str, body: dict[str, object], *, is_key: bool
) -> None:
    """Another key beside the id of a mandate or a decision is refused; beside an id that has versions it says nothing.

    The same key, or none, is fine with all; also beside an id that would be no key.
    """
    other, same = ({"Idempotency-Key": str(key)} for key in ("k-1", body["id"]))
    answer = door.ask("POST", f"/v1/{path}", json=body, headers=other)
    assert answer.status_code == (400 if is_key else 201)
    assert not is_key or codes(answer) == [("/id", "idempotency-key-contradicts-id")]
    assert door.ask("POST", f"/v1/{path}", json=body, headers=same).status_code == 201
    assert door.ask("POST", f"/v1/{path}", json=body | {"id": "besluit 26/14"}).status_code == 201


def test_an_id_that_is_somebodys_number_is_told_once(door: Door) -> None:
    """As an id and as a key it is one fault; a header that is no key is another."""
    body = {"id": BSN, "from": "college", "to": "politie"}
    answer = door.ask("POST", "/v1/mandates", json=body, headers={"Idempotency-Key": "k-1"})
    assert (answer.status_code, codes(answer)) == (400, [("/id", "key-identifies-person")])
    answer = door.ask("POST", "/v1/parties", json={"id": BSN, "kind": "police"}, headers={"Idempotency-Key": "a b"})
    assert codes(answer) == [("", "key-malformed"), ("/id", "key-identifies-person")]
