"""Decoding is strict and exact: what passes has the contract's shape, whatever spelling it came in."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.formats.decoding import BodyDecoder
from services.gateway.formats.faults import MESSAGES, find_faults
from services.law.act import Act, Exemption, Notice
from services.law.governance import Activity, Covenant, Mandate, Party
from services.ledger.contract.forgetting import ObligationSearch
from services.ledger.contract.messages import (
    AccessRequestBody,
    BreachBody,
    CorrectionBody,
    HoldingSearch,
    OperationSearch,
)
from services.runtime.errors import FieldError, Rejected

ACT: dict[str, Any] = {
    "id": "act-1",
    "operation": "collect",
    "occurredAt": "2026-05-03T11:00:00+02:00",
    "controller": "politie",
}
ACTS = BodyDecoder(Act)
SHAPES: tuple[type[msgspec.Struct], ...] = (Act, Notice, Exemption, Party, Covenant, Mandate, Activity, BreachBody)

VALUES = st.sampled_from(
    [
        None,
        True,
        0,
        1,
        2.5,
        "",
        "x",
        "AVG",
        "letter",
        "all",
        "2026-05-03",
        "2026-05-03T09:00:00",
        "2026-05-03T09:00:00Z",
        "1899-12-31T23:59:59Z",
        "9999-12-31",
        "x" * 300,
        "a\x00b",
        [],
        ["controller"],
        {},
        {"id": "a"},
        [{"idType": "BSN", "id": "1"}],
        [{"party": "om", "from": "2026-01-01"}],
        {"kind": "bruto", "id": "j"},
        {"reference": None, "from": "2026-02-30"},
    ]
)


def good_of(shape: type[msgspec.Struct]) -> dict[str, Any]:
    """Return a small good body of a shape."""
    goods: dict[type, dict[str, Any]] = {
        Act: ACT,
        Notice: {
            "subjects": [],
            "controller": "a",
            "givenBy": "b",
            "givenAt": "2026-05-03T09:00:00Z",
            "form": "letter",
            "elements": "all",
            "addressee": "subject",
        },
        Exemption: {
            "subject": {"idType": "V", "id": "1"},
            "controller": "a",
            "norm": "n",
            "interest": "i",
            "decidedBy": "a",
            "decidedAt": "2026-05-03T09:00:00Z",
        },
        Party: {"id": "a", "kind": "police"},
        Covenant: {"id": "a", "version": 1, "validFrom": "2026-01-01"},
        Mandate: {"id": "a", "from": "b", "to": "c"},
        Activity: {"id": "a", "controller": "b"},
        BreachBody: {
            "party": "a",
            "occurredFrom": "2026-05-03T09:00:00Z",
            "occurredUntil": "2026-05-03T09:00:00Z",
            "awareAt": "2026-05-03T09:00:00Z",
            "description": "d",
        },
    }
    return goods[shape]


def faults_of(raw: bytes, shape: type[msgspec.Struct]) -> tuple[FieldError, ...]:
    """Return what the decoder rejects a body for; nothing when it decodes it."""
    try:
        BodyDecoder(shape).decode(raw)
    except Rejected as error:
        return error.errors
    return ()


@given(shape=st.sampled_from(SHAPES), data=st.data())
def test_the_walker_knows_the_same_shapes_as_the_decoder(shape: type[msgspec.Struct], data: st.DataObject) -> None:
    """A body is decoded exactly when the slow walk finds nothing in it, and every rejection names a real fault."""
    names = st.sampled_from([*shape.__struct_encode_fields__, "unknown"])
    body = good_of(shape) | data.draw(st.dictionaries(names, VALUES, max_size=3))
    raw = json.dumps(body).encode()
    faults = find_faults(raw, shape)
    assert faults_of(raw, shape) == faults


@given(
    changes=st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=4),
    ascii_only=st.booleans(),
    spaced=st.booleans(),
)
def test_canonical_bytes_do_not_depend_on_spelling(changes: dict[str, str], *, ascii_only: bool, spaced: bool) -> None:
    """Order, spaces and escapes of a body leave its canonical bytes as they are."""
    decoder = BodyDecoder(CorrectionBody)
    allowed = {name: value for name, value in changes.items() if "\x00" not in name + value}
    body = {"reason": "r", "changes": allowed}
    plain = decoder.decode(json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    other = {"changes": dict(reversed(allowed.items())), "id": "c-1", "reason": "r"}
    spelled = json.dumps(other, ensure_ascii=ascii_only, indent=2 if spaced else None).encode()
    again = decoder.decode(spelled)
    assert (again.canonical, again.id) == (plain.canonical, "c-1")


def test_the_body_keeps_its_id_and_the_canonical_bytes_do_not() -> None:
    """The id is the key, not a part of what was said."""
    decoded = ACTS.decode(json.dumps(ACT).encode())
    assert (decoded.id, decoded.body.id) == ("act-1", "act-1")
    assert json.loads(decoded.canonical) == {name: ACT[name] for name in ACT if name != "id"}


def test_an_instant_keeps_its_offset() -> None:
    """The zone that the sender wrote stands in the act."""
    assert ACTS.decode(json.dumps(ACT).encode()).body.occurred_at.isoformat() == "2026-05-03T11:00:00+02:00"


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("repeated", [b'"controller":"politie"', b'"id":"act-1"', b'"controller":1e5', b'"tense":null'])
def test_a_repetition_without_escapes_is_seen(separators: tuple[str, str], repeated: bytes) -> None:
    """A repeated name is seen by the length of a compact body and by the quotes of a spaced one, whatever its value."""
    raw = json.dumps({**ACT, "tense": "fact"}, separators=separators).encode()
    assert ACTS.decode(raw).id == "act-1"
    for doubled in (raw[:-1] + b"," + repeated + b"}", b"{" + repeated + b"," + raw[1:]):
        with pytest.raises(Rejected) as caught:
            ACTS.decode(doubled)
        assert "name-repeated" in {fault.code for fault in caught.value.errors}


def test_no_field_of_an_act_is_a_number() -> None:
    """Numbers may grow when they are written anew; the decoder concludes from the length of an act, which has none."""
    types, seen = [msgspec.inspect.type_info(Act)], set[str]()
    while types:
        described: Any = types.pop()
        if isinstance(described, msgspec.inspect.StructType):
            types += [field.type for field in described.fields]
        types += getattr(described, "types", ())
        types += getattr(described, "item_types", ())
        types += [described.item_type] if hasattr(described, "item_type") else []
        seen.add(type(described).__name__)
    assert seen == {
        "StructType", "UnionType", "NoneType", "StrType", "LiteralType", "BoolType", "DateType", "DateTimeType",
        "VarTupleType",
    }  # fmt: skip


def test_dates_and_members_named_from_are_read() -> None:
    """A mandate's `from` is a field of ours, and bare dates are dates."""
    party = BodyDecoder(Party).decode(b'{"id":"a","kind":"processor","contract":{"reference":"r","from":"2026-01-01"}}')
    assert party.body.contract is not msgspec.UNSET
    assert party.body.contract is not None
    assert party.body.contract.from_ == date(2026, 1, 1)


def test_a_contract_that_is_stated_absent_differs_from_one_left_out() -> None:
    """`contract: null` says that there is none; left out says nothing."""
    stated = BodyDecoder(Party).decode(b'{"id":"a","kind":"processor","contract":null}').body.contract
    left_out = BodyDecoder(Party).decode(b'{"id":"a","kind":"processor"}').body.contract
    assert (stated, left_out) == (None, msgspec.UNSET)


def test_a_likely_name_is_suggested_and_an_odd_one_not_told_back() -> None:
    """A typing error in a field's name gets the name that was meant; a name that is a number is not repeated."""
    faults = find_faults(json.dumps({**ACT, "controler": 1, "123456782": 2}).encode(), Act)
    told = [(fault.pointer, fault.remedy) for fault in faults]
    assert told == [("/controler", "Did you mean controller?"), ("", MESSAGES["field-unknown"][1])]


@pytest.mark.parametrize(
    ("name", "pointer"),
    [
        ("foo", "/foo"),
        ("onbekendVeld", "/onbekendVeld"),
        ("data_categories", "/data_categories"),
        ("legal-basis", "/legal-basis"),
        ("Operation", "/Operation"),
        ("subject1", "/subject1"),
        ("999990019", ""),
        ("bsn999990019", ""),
        ("Jan de Vries", ""),
        ("a/b~c", ""),
        ("e" * 90, ""),
    ],
)
def test_an_unknown_field_is_told_where_its_name_can_tell_nothing_of_anybody(name: str, pointer: str) -> None:
    """In whatever convention it is written; a number, or what looks like somebody's name, is not said back."""
    (found,) = find_faults(json.dumps({**ACT, name: 1}).encode(), Act)
    assert (found.pointer, found.code) == (pointer, "field-unknown")


def test_open_members_are_checked_for_what_no_text_may_hold() -> None:
    """Where the contract leaves the shape open, NUL, half characters and repeated names are still found."""
    raw = b'{"reason":"r","changes":{"a":{"b":"\\u0000","b":1},"c":["\\ud800"]}}'
    codes = {fault.code for fault in find_faults(raw, CorrectionBody)}
    assert codes == {"name-repeated", "text-surrogate"}
    assert find_faults(b'{"reason":"r","changes":{"a":["\\u0000"]}}', CorrectionBody)[0].code == "text-nul"


def test_lists_have_their_bound() -> None:
    """A search names no more categories than an act can have."""
    raw = json.dumps({"dataCategories": ["x"] * 201}).encode()
    with pytest.raises(Rejected) as caught:
        BodyDecoder(HoldingSearch).decode(raw)
    assert [(fault.pointer, fault.code) for fault in caught.value.errors] == [("/dataCategories", "items-too-many")]


FAR = ("+16:00", "-16:00", "+23:59", "-18:30")
NEAR = ("Z", "+02:00", "+15:59", "-15:59", "-00:00")
CONSENT = {"givenAt": "{}", "withdrawnAt": "{}"}


def moments_of(value: Any) -> list[datetime]:
    """Return every instant in a body."""
    if isinstance(value, datetime):
        return [value]
    if isinstance(value, msgspec.Struct):
        return [found for name in value.__struct_fields__ for found in moments_of(getattr(value, name))]
    return [found for item in value for found in moments_of(item)] if isinstance(value, tuple) else []


def at(offset: str, fields: Any) -> Any:
    """Return fields with an instant at an offset wherever one is to stand."""
    if isinstance(fields, dict):
        return {name: at(offset, inner) for name, inner in fields.items()}
    return f"2026-05-04T09:00:00{offset}" if fields == "{}" else fields


@pytest.mark.parametrize(
    ("shape", "fields"),
    [
        (Act, ACT | {"occurredAt": "{}"}),
        (Act, ACT | {"endedAt": "{}"}),
        (Act, ACT | {"source": {"capturedAt": "{}"}}),
        (Act, ACT | {"justification": {"consent": CONSENT}}),
        (Notice, good_of(Notice) | {"givenAt": "{}"}),
        (Exemption, good_of(Exemption) | {"decidedAt": "{}"}),
        (BreachBody, good_of(BreachBody) | {"occurredFrom": "{}", "awareAt": "{}"}),
        (OperationSearch, {"party": "a", "occurredFrom": "{}", "occurredUntil": "{}"}),
        (ObligationSearch, {"dueBefore": "{}"}),
        (
            AccessRequestBody,
            {
                "subject": {"idType": "V", "id": "1"},
                "receivedAt": "{}",
                "receivedBy": "a",
                "requestedBy": {"role": "subject"},
            },
        ),
    ],
)
@pytest.mark.parametrize("spaced", [False, True])
@pytest.mark.parametrize("offset", [*FAR, *NEAR])
def test_an_offset_that_not_everybody_reads_becomes_utc(
    shape: type[msgspec.Struct], fields: Any, offset: str, *, spaced: bool
) -> None:
    """RFC 3339 goes to 23:59, PostgreSQL to 15:59: what lies between is the same instant in UTC; the rest stays."""
    raw = json.dumps(at(offset, fields), indent=1 if spaced else None).encode()
    decoded = BodyDecoder(shape).decode(raw)
    instant = datetime.fromisoformat(at(offset, "{}"))
    moments = [moment for moment in moments_of(decoded.body) if moment == instant]
    assert moments
    assert {moment.utcoffset() for moment in moments} == {timedelta(0) if offset in FAR else instant.utcoffset()}
    assert offset.encode() in decoded.canonical


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_no_moment_of_an_act_lies_where_terms_cannot_be_counted(moment: str) -> None:
    """Also one deep inside: it would have no day, and the whole batch would fail by it."""
    threshold = {"facts": "f", "source": "s", "decidedBy": "a", "decidedOn": moment[:10]}
    consent = {"givenAt": moment, "withdrawnAt": moment}
    body = ACT | {
        "endedAt": moment,
        "source": {"capturedAt": moment},
        "justification": {"consent": consent, "threshold": threshold},
    }
    expected = {
        "/endedAt",
        "/source/capturedAt",
        "/justification/consent/givenAt",
        "/justification/consent/withdrawnAt",
        "/justification/threshold/decidedOn",
    }
    for name in ("endedAt", "source", "justification"):
        alone = faults_of(json.dumps(ACT | {name: body[name]}).encode(), Act)
        assert {fault.pointer for fault in alone} == {pointer for pointer in expected if f"/{name}" in pointer}
    assert {fault.pointer for fault in faults_of(json.dumps(body).encode(), Act)} == expected
