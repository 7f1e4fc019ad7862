"""What can still be made of a body with faults: whatever has its shape, in its place."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.formats.decoding import BodyDecoder, Broken, Decoded
from services.gateway.formats.remnant import NO_DAY, NO_TEXT, Remnant
from services.law.act import Act, Exemption, Notice
from services.law.governance import Covenant, Party
from services.law.local_time import amsterdam_day
from services.ledger.contract.messages import CorrectionBody
from services.runtime.errors import Rejected
from tests.unit.gateway.test_decoding import ACT, VALUES, good_of

PERSON = {"idType": "BSN", "id": "999990019"}


def take(raw: bytes, shape: type[Any]) -> Decoded[Any] | Broken[Any]:
    """Return a body, or what is left of it when it is rejected."""
    decoder = BodyDecoder(shape)
    try:
        return decoder.decode(raw)
    except Rejected as rejected:
        return decoder.salvage(raw, rejected.errors)


def remnant_of(body: Any, shape: type[Any] = Act) -> Remnant[Any]:
    """Return what is left of a body that must have faults."""
    broken = take(json.dumps(body).encode(), shape)
    assert isinstance(broken, Broken)
    assert broken.remnant is not None
    return broken.remnant


def is_within(pointer: str, places: frozenset[str]) -> bool:
    """Tell whether a pointer names one of these places or something in it."""
    return any(pointer == place or pointer.startswith(f"{place}/") for place in places)


def test_what_has_its_shape_is_kept() -> None:
    """An unknown field, a wrong type and an unknown value cost themselves alone."""
    found = remnant_of(
        ACT | {"extra": 1, "name": 2, "phase": "x", "place": {"municipality": 3}, "subjects": [PERSON | {"more": 1}]}
    )
    assert found.unread == {"/name", "/phase", "/place/municipality"}
    assert found.body == msgspec.convert(ACT | {"place": {}, "subjects": [PERSON]}, Act)


def test_what_stands_in_is_nothing_that_was_sent() -> None:
    """A missing text begins with what no text may hold, and a missing moment lies on no day; all keep their places."""
    found = remnant_of({"subjects": [1, {"id": "x"}, PERSON, {"idType": "V"}], "retention": {"anchor": "a"}})
    assert found.unread == {
        "/operation",
        "/occurredAt",
        "/controller",
        "/subjects/0",
        "/subjects/1/idType",
        "/subjects/3/id",
        "/retention/period",
    }
    act: Act = found.body
    assert (act.occurred_at, act.operation) == (NO_DAY, f"{NO_TEXT}/operation")
    with pytest.raises(OverflowError):
        amsterdam_day(act.occurred_at)
    persons = {(subject.id_type, subject.id) for subject in act.subjects}
    assert len(persons) == 4
    assert {("BSN", "999990019"), (f"{NO_TEXT}/subjects/1/idType", "x"), ("V", f"{NO_TEXT}/subjects/3/id")} < persons


def test_of_what_is_too_long_or_stands_twice_nothing_is_taken() -> None:
    """Which of two values was meant nobody knows; and nobody reads a list without end."""
    raw = json.dumps(ACT | {"subjects": [PERSON] * 201}).encode()[:-1] + b',"controller":"om"}'
    broken = take(raw, Act)
    assert isinstance(broken, Broken)
    assert broken.remnant is not None
    assert broken.remnant.unread == {"/subjects", "/controller"}
    assert broken.remnant.body.subjects == ()


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"1", b'{"a":', b"[" * 100_000])
def test_of_what_is_no_object_nothing_is_left(raw: bytes) -> None:
    """What cannot be read has no id either."""
    broken = take(raw, Act)
    assert isinstance(broken, Broken)
    assert (broken.is_object, broken.id, broken.remnant) == (False, None, None)


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        (CorrectionBody, {"reason": 1, "changes": {"a": 1}}),
        (Covenant, {"id": "c", "annexes": [{"retention": {"plan": 1}}]}),
        (Party, {"kind": "x", "contract": {"from": 1}}),
    ],
)
def test_other_shapes_come_to_something_or_to_nothing(shape: type[Any], body: Any) -> None:
    """A body that nobody looks at further breaks nothing."""
    broken = take(json.dumps(body).encode(), shape)
    assert isinstance(broken, Broken)
    assert broken.faults


@given(shape=st.sampled_from((Act, Notice, Exemption)), data=st.data())
def test_of_every_object_of_a_judged_shape_a_body_is_left(shape: type[msgspec.Struct], data: st.DataObject) -> None:
    """Whatever stands in it; and what was told as a fault is not taken for something that was sent."""
    names = st.sampled_from([*shape.__struct_encode_fields__, "unknown"])
    good = good_of(shape)
    kept = data.draw(st.sets(st.sampled_from(sorted(good))))
    body = {name: good[name] for name in kept} | data.draw(st.dictionaries(names, VALUES, max_size=3))
    taken = take(json.dumps(body).encode(), shape)
    if not isinstance(taken, Broken):
        return
    assert taken.remnant is not None
    told = [fault.pointer for fault in taken.faults if fault.code != "field-unknown"]
    assert all(is_within(pointer, taken.remnant.unread) for pointer in told)
