"""From a form to the act of the contract, and from its faults back to the fields."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from services.gateway.auth.claims import Claims
from services.gateway.web.act_form import FieldFault, faults_of, field_at, now_minute, read_act, read_moment
from services.gateway.web.forms import Form
from services.gateway.web.session import Session
from services.runtime.errors import FieldError, Rejected

SESSION = Session(
    staff="r-104",
    token="t",
    claims=Claims(party="burgemeester", scopes=frozenset({"processing:write"}), expires_at=0),
)
LEAST = {"moment": ["2026-11-02T10:00"], "operation": ["disclose-by-transmission"]}


def act_json(**fields: list[str]) -> dict[str, Any]:
    """The act of a form as JSON, of which the canonical bytes are made."""
    form = Form({name: tuple(values) for name, values in {**LEAST, **fields}.items()})
    decoded: dict[str, Any] = msgspec.json.decode(read_act(form, SESSION).canonical)
    return decoded


def test_an_act_holds_what_was_filled_in_and_nothing_else() -> None:
    """Who acts comes from the session; what was left empty is not stated."""
    assert act_json() == {
        "operation": "disclose-by-transmission",
        "occurredAt": "2026-11-02T10:00:00+01:00",
        "controller": "burgemeester",
        "actor": {"id": "r-104"},
    }


def test_every_field_finds_its_place() -> None:
    """Each field of the form stands where the contract has it."""
    filled = act_json(
        person=["999990019 999990020"],
        status=["listed"],
        municipality=["Middelstad"],
        birth_date=["2011-02-03"],
        party=["politie"],
        other_party=["school"],
        category=["name", "school"],
        other_categories=["werk, hobby"],
        regime=["Wpg-20"],
        letter=["6(1)(e)"],
        statute=["Gemeentewet 172"],
        proportionality=["a"],
        subsidiarity=["b"],
        covenant=["veiligheidshuis|jeugdgroepen"],
        phase=["plan"],
        purpose=["p"],
        decision=["d"],
        channel=["telephone"],
        place=["Dorp B"],
        secrecy=["medical"],
        exception=["good-care"],
    )
    person = {"idType": "BSN", "status": "listed", "municipality": "Middelstad", "birthDate": "2011-02-03"}
    assert filled == {
        "operation": "disclose-by-transmission",
        "occurredAt": "2026-11-02T10:00:00+01:00",
        "controller": "burgemeester",
        "actor": {"id": "r-104"},
        "subjects": [{**person, "id": "999990019"}, {**person, "id": "999990020"}],
        "recipients": [{"party": "politie"}, {"party": "school"}],
        "dataCategories": ["name", "school", "werk", "hobby"],
        "dataRegime": "Wpg-20",
        "legalBasis": {"gdpr": "6(1)(e)", "statute": "Gemeentewet 172"},
        "necessity": {"proportionality": "a", "subsidiarity": "b"},
        "covenant": {"id": "veiligheidshuis", "annex": "jeugdgroepen"},
        "phase": "plan",
        "purpose": "p",
        "decisionId": "d",
        "system": {"name": "telephone"},
        "place": {"municipality": "Dorp B"},
        "justification": {"secrecy": {"regime": "medical", "exception": "good-care"}},
    }


@pytest.mark.parametrize("operation", ["collect", "retrieve"])
def test_what_comes_to_us_has_a_source(operation: str) -> None:
    """The other party of an act that brings data to us is where they come from, not who receives them."""
    filled = act_json(operation=[operation], party=["school"])
    assert filled["source"] == {"kind": "party", "party": "school"}
    assert "recipients" not in filled


def test_two_sources_are_a_fault_of_the_form() -> None:
    """An act has one source: of two none may silently be left out of what is recorded (AVG 14(2)(f))."""
    with pytest.raises(Rejected) as caught:
        act_json(operation=["collect"], party=["school", "politie"], phase=["soon"])
    assert [(fault.field, fault.code) for fault in faults_of(caught.value)] == [("party", "sources-too-many")]
    assert "source" not in act_json(operation=["collect"])


def test_a_party_or_category_named_twice_stands_once() -> None:
    """Ticked and written is still one."""
    filled = act_json(party=["politie"], other_party=["politie"], category=["name"], other_categories=["name;  ,"])
    assert (filled["recipients"], filled["dataCategories"]) == ([{"party": "politie"}], ["name"])


@pytest.mark.parametrize(("text", "offset"), [("2026-07-01T12:30", "+02:00"), ("2026-12-01T12:30", "+01:00")])
def test_moments_are_on_the_clock_of_amsterdam(text: str, offset: str) -> None:
    """The same field is another instant in summer than in winter."""
    moment = read_moment(text)
    assert moment is not None
    assert moment.isoformat() == f"{text}:00{offset}"
    assert now_minute(moment.astimezone(UTC)) == text


@pytest.mark.parametrize("text", ["", "gisteren", "2026-02-30T10:00", "2026-11-02T10:00:00"])
def test_what_is_no_moment_is_told_at_its_field(text: str) -> None:
    """A moment that cannot be read is a fault of its field, before anything is asked."""
    assert read_moment(text) is None
    with pytest.raises(Rejected) as caught:
        read_act(Form({**{name: tuple(each) for name, each in LEAST.items()}, "moment": (text,)}), SESSION)
    assert [(fault.field, fault.code) for fault in faults_of(caught.value)] == [("moment", "instant-invalid")]


def test_a_malformed_act_points_at_its_fields() -> None:
    """What the contract does not take is found by the door's own decoder and shown at the field."""
    with pytest.raises(Rejected) as caught:
        act_json(phase=["soon"], birth_date=["jong"], person=["999990019"])
    assert {(fault.field, fault.code) for fault in faults_of(caught.value)} == {
        ("phase", "value-not-in-list"),
        ("birth_date", "date-invalid"),
    }


@pytest.mark.parametrize(
    ("pointer", "field"),
    [
        ("/subjects/0/id", "person"),
        ("/subjects/12/municipality", "municipality"),
        ("/subjects", "person"),
        ("/occurredAt", "moment"),
        ("/recipients/1/party", "party"),
        ("/source/party", "party"),
        ("/legalBasis/gdpr", "letter"),
        ("/legalBasis/statute", "statute"),
        ("/necessity/subsidiarity", "subsidiarity"),
        ("/necessity/proportionality", "proportionality"),
        ("/covenant/id", "covenant"),
        ("/decisionId", "decision"),
        ("/place/municipality", "place"),
        ("/justification/secrecy/exception", "exception"),
        ("/justification/secrecy/regime", "secrecy"),
        ("/controller", ""),
        ("/subjectsOfOthers", ""),
        ("", ""),
    ],
)
def test_places_of_the_act_and_fields_of_the_form(pointer: str, field: str) -> None:
    """Every place that a form fills leads back to its field; other places belong to none."""
    assert field_at(pointer) == field


def test_the_same_fault_of_many_persons_is_told_once() -> None:
    """A field with several numbers says once that one is wrong."""
    one = FieldError(pointer="/subjects/0/id", code="bsn-invalid", message="No number.", remedy="Look again.")
    other = FieldError(pointer="/subjects/3/id", code="bsn-invalid", message="No number.", remedy="Look again.")
    assert faults_of(Rejected((one, other))) == (FieldFault("person", "bsn-invalid", "No number. Look again."),)


def test_a_minute_is_the_same_however_late_it_is_sent() -> None:
    """Seconds are left out, so that a form sent twice is one act."""
    assert now_minute(datetime(2026, 11, 2, 9, 0, 59, tzinfo=UTC)) == "2026-11-02T10:00"
