"""Every call of the contract reaches the ledger with what was sent, and its answer comes back."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.gateway.app import create_app
from services.gateway.calls import Call
from services.gateway.catalogue import CALLS
from services.law.errors import BsnInvalidError
from services.ledger.contract.errors import IdempotencyConflict, LedgerBusy, NotFound, ProjectionBehind
from services.runtime import limits
from tests.support.door import ACT, BSN, OPERATIONS, Door, codes
from tests.support.recording_desk import RecordingDesk
from tests.support.recording_ledger import refusal

PERSON = {"idType": "BSN", "id": BSN}
AT = "2026-05-03T09:00:00Z"
DAY = "2026-05-03"
ENVELOPE = {"channel": "letter", "address": ["J. Jansen", "Straat 1"], "salutation": "mevrouw Jansen"}
NOTICE = {
    "controller": "De politie.",
    "purpose": "Wij zoeken iemand.",
    "basis": "Artikel 3 van de Politiewet.",
    "categories": ["uw naam"],
    "recipients": [],
    "retention": "Een jaar.",
    "rights": "Bel ons.",
    "source": "Van de gemeente.",
    "complaint": "Bel ons.",
}
BREACH = {
    "controller": "De politie",
    "happened": "Een laptop is weg.",
    "categories": ["uw naam"],
    "consequences": "Weinig.",
    "measures": "De laptop is gewist.",
    "advice": "Let op.",
    "contact": "Bel ons.",
}
ERASED = {
    "controller": "De politie",
    "categories": ["uw naam"],
    "erasedOn": "2026-05-03",
    "recipients": [],
    "backupsUntil": "2026-06-02",
    "contact": "Bel ons.",
}
BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    OPERATIONS: ("record", ACT),
    f"{OPERATIONS}/_assess": ("assess", ACT),
    f"{OPERATIONS}/_search": ("search_operations", {"subject": PERSON}),
    f"{OPERATIONS}/{{id}}/confirm": ("confirm", ACT),
    f"{OPERATIONS}/{{id}}/corrections": ("correct", {"reason": "typed wrong", "changes": {"name": {"a": [1]}}}),
    f"{OPERATIONS}/{{id}}/confidentiality": ("set_confidentiality", {"level": "confidential", "ground": "UAVG 41"}),
    "/v1/notices": (
        "record",
        {
            "subjects": [PERSON],
            "controller": "politie",
            "givenBy": "politie",
            "givenAt": AT,
            "form": "letter",
            "elements": "all",
            "addressee": "subject",
        },
    ),
    "/v1/exemptions": (
        "record",
        {
            "subject": PERSON,
            "controller": "politie",
            "norm": "UAVG 41(1)(d)",
            "interest": "investigation",
            "decidedBy": "politie",
            "decidedAt": AT,
            "reviewOn": "2026-10-15",
        },
    ),
    "/v1/access-requests": (
        "open_access_request",
        {"subject": PERSON, "receivedAt": AT, "receivedBy": "politie", "requestedBy": {"role": "parent"}},
    ),
    "/v1/access-requests/{id}/steps": (
        "step_access_request",
        {"step": "extend", "at": AT, "reason": "many records"},
    ),
    "/v1/inquiries": ("open_inquiry", {"caseId": "case-1", "reason": "complaint"}),
    "/v1/breaches": (
        "report_breach",
        {"party": "politie", "occurredFrom": AT, "occurredUntil": AT, "awareAt": AT, "description": "lost"},
    ),
    "/v1/holdings/_search": ("search_holdings", {"party": "politie", "asOf": "2026-05-03"}),
    "/v1/obligations/_search": ("search_obligations", {"kind": "erase", "asOf": "2026-05-03"}),
    "/v1/obligations/{id}/confirmations": (
        "confirm_obligation",
        {"at": AT, "outcome": "kept", "norm": "Wpg 8(6)", "until": "2031-05-03", "how": "in the police file"},
    ),
    "/v1/obligations/{id}/letters": ("write_notice", ENVELOPE | {"dutch": NOTICE, "kind": "notice-to-child"}),
    "/v1/breaches/{id}/notices": ("write_breach_notice", ENVELOPE | {"subject": PERSON, "dutch": BREACH}),
    "/v1/erasures/{id}/letters": ("write_erasure_letter", ENVELOPE | {"subject": PERSON, "dutch": ERASED}),
    "/v1/notices/_search": ("search_notices", {"controller": "politie"}),
    "/v1/exemptions/{id}/endings": ("end_exemption", {"at": AT, "reason": "the investigation was closed"}),
    f"{OPERATIONS}/{{id}}/retention": (
        "set_retention",
        {"reason": "the list says so", "recordEnds": "2031-05-03", "norm": "Archiefwet 3"},
    ),
    "/v1/retention/holds": ("place_hold", {"subject": PERSON, "reason": "an appeal", "kind": "court"}),
    "/v1/erasures": ("request_erasure", {"subject": PERSON, "ground": "AVG 17(1)(d)", "decision": "B-1"}),
    "/v1/subjects/links": ("link_subjects", {"first": PERSON, "second": {"idType": "V", "id": "1"}, "reason": "same"}),
    "/v1/subjects/unlinks": (
        "unlink_subjects",
        {"first": PERSON, "second": {"idType": "V", "id": "1"}, "reason": "not the same"},
    ),
    "/v1/overlaps": (
        "open_overlap",
        {"controller": "college", "parties": ["politie", "school"], "purpose": "aanpak-jeugdgroepen"},
    ),
    "/v1/overlaps/{id}/persons": ("hand_in_overlap", {"pseudonyms": ["0" * 64, "1" * 64, "2" * 64]}),
    "/v1/parties": ("register", {"id": "politie", "kind": "police", "contract": None}),
    "/v1/covenants": (
        "register",
        {"id": "veiligheidshuis", "version": 1, "validFrom": "2025-01-01", "regime": 2, "umbrella": True},
    ),
    "/v1/processing-activities": (
        "register",
        {"id": "a-1", "controller": "politie", "legalBasis": {"gdpr": "6(1)(e)"}},
    ),
    "/v1/purposes": ("register", {"id": "p-1", "text": "aanpak jeugdgroepen"}),
    "/v1/mandates": ("register", {"id": "m-1", "from": "politie", "to": "om"}),
    "/v1/decisions": ("register", {"id": "d-1", "kind": "wpg-20", "by": "politie"}),
    "/v1/addenda": ("register", {"id": "a-1", "covenant": "veiligheidshuis", "validFrom": DAY}),
    "/v1/municipalities": ("register", {"id": "gm-1", "name": "Middelstad"}),
    "/v1/interpretations": (
        "register",
        {"id": "i-1", "covenant": "veiligheidshuis", "regime": 3, "by": "politie", "text": "strikt", "validFrom": DAY},
    ),
    "/v1/acknowledgements": (
        "register",
        {
            "id": "k-1",
            "covenant": "veiligheidshuis",
            "version": 1,
            "party": "politie",
            "reader": "m-17",
            "validFrom": DAY,
        },
    ),
    "/v1/covenants/_resolve": ("choose_covenant", {"homeMunicipality": "Middelstad", "controller": "politie"}),
    "/v1/questions": ("register", {"id": "q-1", "askedBy": "politie", "text": "Mag de school dit melden?"}),
    "/v1/checklists": ("register", {"id": "c-1", "name": "Sluiten", "items": [{"id": "a", "text": "Is het verteld?"}]}),
    "/v1/closings": (
        "register",
        {
            "id": "k-1",
            "checklist": "c-1",
            "checklistVersion": 1,
            "by": "politie",
            "done": ["a"],
            "validFrom": "2026-05-03",
        },
    ),
    "/v1/opinions": (
        "register",
        {"id": "o-1", "question": "q-1", "by": "politie", "position": "yes", "text": "Ja.", "validFrom": "2026-05-03"},
    ),
    "/v1/near-misses": (
        "register",
        {"id": "n-1", "by": "politie", "what": "Te veel.", "noticed": "Nagelezen.", "validFrom": "2026-05-03"},
    ),
    "/v1/questions/_search": ("search_questions", {"findingCode": "ground-missing"}),
    "/v1/questions/{id}/lessons": ("learn_from", {"checklist": "c-1", "item": {"id": "b", "text": "Is het gemeld?"}}),
    "/v1/clock": ("set_clock", {"now": AT}),
}
READS = {
    f"{OPERATIONS}/{{id}}": "read_operation",
    f"{OPERATIONS}/{{id}}/proof": "prove",
    "/v1/access-requests/{id}": "read_access_request",
    "/v1/access-requests/{id}/report": "report_access",
    "/v1/inquiries/{id}/replay": "replay",
    "/v1/inquiries/{id}/process-report": "report_process",
    "/v1/overlaps/{id}": "read_overlap",
    "/v1/clocks": "list_clocks",
    "/v1/breaches/{id}": "read_breach",
    "/v1/breaches/{id}/impact": "impact",
    "/v1/parties": "list_register",
    "/v1/covenants": "list_register",
    "/v1/processing-activities": "list_register",
    "/v1/purposes": "list_register",
    "/v1/mandates": "list_register",
    "/v1/decisions": "list_register",
    "/v1/addenda": "list_register",
    "/v1/municipalities": "list_register",
    "/v1/interpretations": "list_register",
    "/v1/interpretations/{id}/cases": "list_reread_cases",
    "/v1/acknowledgements": "list_register",
    "/v1/covenants/contradictions": "list_contradictions",
    "/v1/covenants/differences": "list_differences",
    "/v1/covenants/{id}/in-force": "read_covenant",
    "/v1/covenants/{id}/card": "read_card",
    "/v1/covenants/{id}/diff": "compare_covenants",
    "/v1/processing-activities/export": "export_activities",
    "/v1/questions": "list_register",
    "/v1/questions/{id}": "read_question",
    "/v1/checklists": "list_register",
    "/v1/closings": "list_register",
    "/v1/opinions": "list_register",
    "/v1/near-misses": "list_register",
    "/v1/near-misses/report": "report_near_misses",
    "/v1/norms": "list_norms",
    "/v1/processing-activities/unused-categories": "report_unused_categories",
    "/v1/lanes/{lane}/checkpoint": "checkpoint",
    "/v1/lanes/{lane}/tile/{path}": "tile",
    "/v1/retention/schedule": "read_schedule",
    "/v1/retention/declarations": "declare_day",
    "/v1/erasures/{id}": "read_erasure",
    "/v1/erasures/{id}/declaration": "declare_erasure",
    "/readyz": "ready",
}
DELETES = {"/v1/retention/holds/{id}": "release_hold", "/v1/overlaps/{id}": "withdraw_overlap"}
QUERIES = {"/v1/retention/declarations": {"day": "2026-05-03"}}
WITHOUT_LEDGER = {"/healthz", "/metrics", "/v1/finding-codes"}
PLACES = {"id": "act-1", "lane": "0", "path": "0/x001/067.p/5"}


def filled(path: str) -> str:
    """Return a path with its parameters filled in."""
    return re.sub(r"{(\w+)}", lambda found: PLACES[found[1]], path)


def ask(door: Door, call: Call, **how: Any) -> Any:
    """Make one call well."""
    headers = {"Grootboek-Purpose": "breach", **how.pop("headers", {})}
    if call.body is not None:
        how.setdefault("json", BODIES[call.path][1])
    how.setdefault("params", QUERIES.get(call.path))
    return door.ask(call.method, filled(call.path), headers=headers, **how)


@pytest.fixture
def door() -> Door:
    """Return a door of its own."""
    return Door()


def test_every_call_has_an_example_here() -> None:
    """A call that is added to the catalogue is tested here too."""
    posts = {call.path for call in CALLS if call.method == "POST"}
    gets = {call.path for call in CALLS if call.method == "GET"}
    deletes = {call.path for call in CALLS if call.method == "DELETE"}
    assert (set(BODIES), set(READS) | WITHOUT_LEDGER, set(DELETES)) == (posts, gets, deletes)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_every_call_reaches_the_ledger(door: Door, call: Call) -> None:
    """A good request gives the documented status and media type, and exactly one call of the ledger."""
    response = ask(door, call)
    expected = (
        BODIES[call.path][0] if call.body is not None else {"DELETE": DELETES}.get(call.method, READS).get(call.path)
    )
    assert (response.status_code, response.headers["content-type"]) == (call.status, call.answer_media)
    assert door.ledger.names == ([] if expected is None else [expected])


@pytest.mark.parametrize("call", [call for call in CALLS if call.scopes is not None], ids=lambda call: call.name)
def test_every_call_needs_a_token(door: Door, call: Call) -> None:
    """Without a token every call under /v1 gives 401, whatever else is right."""
    assert ask(door, call, token=None).status_code == 401
    assert door.ledger.asked == []


@pytest.mark.parametrize("call", [call for call in CALLS if call.scopes], ids=lambda call: call.name)
def test_every_call_needs_one_of_its_scopes(door: Door, call: Call) -> None:
    """Any one scope of a call opens it; no other scope does."""
    known = {scope for each in CALLS for scope in each.scopes or ()}
    assert call.scopes
    for scope in known:
        expected = call.status if scope in call.scopes else 403
        assert ask(door, call, token=door.token(scope)).status_code == expected


@pytest.mark.parametrize("call", [call for call in CALLS if call.purpose], ids=lambda call: call.name)
def test_every_read_of_personal_data_says_why(door: Door, call: Call) -> None:
    """The purpose reaches the ledger with the caller; without it the ledger is not asked."""
    body = BODIES[call.path][1] if call.body is not None else None
    assert door.ask(call.method, filled(call.path), json=body).status_code == 400
    assert door.ledger.asked == []
    ask(door, call)
    ((_, caller, _),) = door.ledger.asked
    assert caller is not None
    assert caller.purpose == "breach"


def test_an_operation_arrives_with_its_key_and_canonical_bytes(door: Door) -> None:
    """The same act in another order and spacing, with its key in the header or the body, is the same submission."""
    door.post_act()
    reordered = {name: ACT[name] for name in reversed(ACT) if name != "id"}
    door.post_act(json.dumps(reordered, indent=3).encode(), headers={"Idempotency-Key": "act-1"})
    first, second = door.ledger.submissions
    assert (first.key, first.canonical) == (second.key, second.canonical)
    assert json.loads(first.canonical) == reordered


def test_a_key_in_both_places_may_be_the_same(door: Door) -> None:
    """An Idempotency-Key equal to the body's id is no contradiction."""
    assert door.post_act(headers={"Idempotency-Key": "act-1"}).status_code == 201


def test_other_creating_calls_make_a_key_when_none_is_given(door: Door) -> None:
    """A notice without a key gets one, and one in the header is used."""
    body = BODIES["/v1/notices"][1]
    door.ask("POST", "/v1/notices", json=body)
    door.ask("POST", "/v1/notices", json=body, headers={"Idempotency-Key": "notice-1"})
    made, given = (each.key for each in door.ledger.submissions)
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}", made)
    assert given == "notice-1"


@pytest.mark.parametrize("content", [b"", b"{}", b" {} ", b"{ }", b"{\n}", b'{"id": "act-1"}', b'{"id":null}'])
def test_an_intent_is_confirmed_without_a_body_under_a_key_of_its_own(door: Door, content: bytes) -> None:
    """Confirming twice without a key asks the same fact twice: a retry cannot make a second one."""
    for _ in range(2):
        response = door.ask(
            "POST",
            f"{OPERATIONS}/act-1/confirm",
            content=content,
            headers={"Content-Type": "application/json"} if content else {},
        )
        assert response.status_code == 201
    assert [arguments for _, _, arguments in door.ledger.asked] == [("act-1", None, "act-1~fact")] * 2


CONFIRM = f"{OPERATIONS}/act-1/confirm"


def test_an_id_alone_is_the_key_of_a_confirmation(door: Door) -> None:
    """It may stand in the header too; it says nothing of how the act went."""
    for headers in ({}, {"Idempotency-Key": "k-1"}):
        assert door.ask("POST", CONFIRM, json={"id": "k-1"}, headers=headers).status_code == 201
    assert [arguments for _, _, arguments in door.ledger.asked] == [("act-1", None, "k-1")] * 2


@pytest.mark.parametrize(
    ("body_id", "header", "key"),
    [
        ("act-1", None, "act-1~fact"),
        ("act-1", "k-1", "k-1"),
        ("k-1", None, "k-1"),
        ("k-1", "k-1", "k-1"),
        (None, None, "act-1~fact"),
        (None, "k-1", "k-1"),
    ],
)
def test_an_act_as_it_went_may_keep_the_id_of_its_intent(
    door: Door, body_id: str | None, header: str | None, key: str
) -> None:
    """That id is the key of the intent, not of the fact: it neither conflicts nor contradicts the header."""
    headers = {} if header is None else {"Idempotency-Key": header}
    assert door.ask("POST", CONFIRM, json=ACT | {"id": body_id}, headers=headers).status_code == 201
    ((_, _, (intent, submission, chosen)),) = door.ledger.asked
    assert (intent, chosen, submission.key, submission.body.operation) == ("act-1", key, key, ACT["operation"])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"null", [("", "type-object")]),
        (b'{"id":5}', [("/id", "type-string")]),
        (b'{"id":"a","id":"b"}', [("/id", "name-repeated")]),
        (b'{"id":"a b"}', [("/id", "key-malformed")]),
        (b"{", [("", "json-invalid")]),
    ],
)
def test_a_confirmation_that_is_none_is_told_why(door: Door, content: bytes, expected: list[tuple[str, str]]) -> None:
    """An id that is none is not taken for an act that lacks everything else."""
    answer = door.ask("POST", CONFIRM, content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, codes(answer)) == (400, expected)
    assert door.ledger.asked == []


def test_a_batch_is_one_call_and_its_answers_are_in_order(door: Door) -> None:
    """A batch goes to the ledger at once; a refused or conflicting line is a problem in its place."""
    door.ledger.failing_keys = {"b": IdempotencyConflict(), "c": refusal()}
    lines = [json.dumps({**ACT, "id": key}).encode() for key in "abcd"]
    response = door.post_lines(b"\n".join(lines) + b"\n")
    answers = [json.loads(line) for line in response.text.splitlines()]
    assert door.ledger.names == ["record"]
    assert [answer.get("status") for answer in answers] == [None, 409, 403, None]
    assert (answers[1]["line"], answers[2]["line"]) == (2, 3)
    assert answers[2]["verdict"]["outcome"] == "violation"


def test_an_empty_batch_is_answered_with_nothing(door: Door) -> None:
    """No lines, no answers, and the ledger is left alone."""
    response = door.post_lines(b"\n\n")
    assert (response.status_code, response.content, door.ledger.asked) == (200, b"", [])


def test_a_refused_intent_brings_its_verdict(door: Door) -> None:
    """A refusal is a 403 problem with the verdict and, per subject, ref and outcome."""
    door.ledger.failing_keys = {"act-1": refusal()}
    response = door.post_act()
    problem = response.json()
    assert (response.status_code, problem["code"]) == (403, "intent-refused")
    assert problem["verdict"] == {"outcome": "violation", "findings": []}
    assert problem["subjects"] == [{"ref": "r" * 43, "outcome": "violation"}]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (IdempotencyConflict(), 409),
        (NotFound(), 404),
        (LedgerBusy(), 503),
        (ProjectionBehind(), 503),
        (BsnInvalidError(), 400),
        (ZeroDivisionError(BSN), 500),
        (RecursionError(), 500),
    ],
)
def test_errors_become_problems(door: Door, error: BaseException, status: int) -> None:
    """Each kind of error has its status; an unknown one gives a 500 with a trace id and nothing of its message."""
    door.ledger.failing = error
    response = door.post_act()
    problem = response.json()
    assert (response.status_code, problem["status"]) == (status, status)
    assert {"type", "title", "detail", "code", "remedy"} <= problem.keys()
    assert ("retry-after" in response.headers) == (status == 503)
    assert ("traceId" in problem) == (status == 500)
    assert BSN not in response.text + repr(door.log.written)


def test_a_wanted_position_is_waited_for_before_the_read(door: Door) -> None:
    """Grootboek-Min-Position asks the ledger to wait first; what it cannot show in time gives 503."""
    headers = {"Grootboek-Min-Position": "0-12, register-3", "Grootboek-Purpose": "operations"}
    assert door.ask("GET", f"{OPERATIONS}/act-1", headers=headers).status_code == 200
    assert door.ledger.names == ["wait_for", "read_operation"]
    assert door.ledger.asked[0][2] == (("0-12", "register-3"),)
    door.ledger.failing = ProjectionBehind()
    response = door.ask("GET", f"{OPERATIONS}/act-1", headers=headers)
    assert (response.status_code, response.json()["code"]) == (503, "projection_behind")
    assert response.headers["retry-after"] == "1"


def test_query_parameters_reach_the_ledger(door: Door) -> None:
    """Bounds, cursor and limit arrive as they were sent."""
    headers = {"Grootboek-Purpose": "proceedings"}
    door.ask("GET", "/v1/inquiries/i/replay?asOf=2026-09-15&asKnownAt=2026-09-15T10:00:00%2B02:00", headers=headers)
    door.ask("GET", "/v1/breaches/b/impact?cursor=abc&limit=10", headers=headers)
    door.ask("GET", "/v1/covenants?validAt=2026-09-15&cursor=register-7&limit=10", headers=headers)
    assert [arguments for _, _, arguments in door.ledger.asked] == [
        ("i", "2026-09-15", "2026-09-15T10:00:00+02:00", None),
        ("b", "abc", 10),
        ("covenants", "2026-09-15", "register-7", 10),
    ]


def test_the_clock_is_set_to_the_instant_that_was_sent(door: Door) -> None:
    """The scenario clock gets an instant with its zone."""
    response = door.ask("POST", "/v1/clock", json={"now": "2026-05-03T11:00:00+02:00"})
    assert response.status_code == 200
    assert door.ledger.asked[0][2][0] == datetime(2026, 5, 3, 9, tzinfo=UTC)


def test_lanes_are_named_as_positions_name_them(door: Door) -> None:
    """The register lane has a name, other lanes a number, and what is no lane or no tile does not exist."""
    assert door.ask("GET", "/v1/lanes/register/checkpoint").text == "grootboek\n0\n"
    assert door.ledger.asked[-1][2] == (9999,)
    for path in ("/v1/lanes/x/checkpoint", "/v1/lanes/00/checkpoint", "/v1/lanes/0/tile/..%2F..%2Fkeys"):
        assert door.ask("GET", path).status_code == 404


def test_finding_codes_are_listed_in_both_languages(door: Door) -> None:
    """Every code has its block, norms, message and remedy."""
    items = door.ask("GET", "/v1/finding-codes").json()["items"]
    assert {"necessity-missing", "late-entry", "bystander-excluded"} <= {item["code"] for item in items}
    assert all(item["message"] and item["remedy"] and item["block"] and item["dutch"]["message"] for item in items)


def test_assessments_are_rationed_per_party(door: Door) -> None:
    """A party that assesses without end gets 429 with Retry-After; another party does not notice."""
    greedy, modest = door.token(party="politie"), door.token(party="om")
    burst = limits.ASSESSMENTS_BURST_MAX
    assess = f"{OPERATIONS}/_assess"
    statuses = [door.ask("POST", assess, json=ACT, token=greedy).status_code for _ in range(burst + 1)]
    assert (statuses[burst - 1], statuses[burst]) == (200, 429)
    assert door.ask("POST", f"{OPERATIONS}/_assess", json=ACT, token=modest).status_code == 200
    door.clock.advance(seconds=1)
    assert door.ask("POST", f"{OPERATIONS}/_assess", json=ACT, token=greedy).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/obligations/{id}/letters", "/v1/breaches/{id}/notices", "/v1/erasures/{id}/letters"]
)
def test_a_letter_that_may_not_leave_is_called_held(door: Door, path: str) -> None:
    """The party may know; without a desk there is nobody to take the order, which may be tried elsewhere."""
    services: dict[str, Any] = {"ledger": door.ledger, "tokens": door.issuer.verifier(), "log": door.log}
    door.app = create_app(**services, desk=RecordingDesk(door.ledger, "held"))
    answer = door.ask("POST", filled(path), json=BODIES[path][1])
    assert (answer.status_code, answer.json()) == (202, {"id": str(UUID(int=5)), "state": "held", "held": True})
    door.app = create_app(**services)
    answer = door.ask("POST", filled(path), json=BODIES[path][1])
    assert (answer.status_code, answer.json()["code"]) == (503, "desk-closed")
