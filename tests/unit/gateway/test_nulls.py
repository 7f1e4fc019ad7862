"""What is sent empty in an entry of the register."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.gateway.formats.nulls import without_nulls
from services.law.governance import Activity, Covenant, Party

REQUIRED: dict[str, Any] = {"id": "a", "version": 1, "validFrom": "2026-01-01"}


def sent(body: Any, shape: type[msgspec.Struct]) -> Any:
    """The body as it is decoded."""
    return msgspec.json.decode(without_nulls(msgspec.json.encode(body), shape))


def test_where_the_shape_knows_no_null_it_is_left_out() -> None:
    """In the entry, its partners, its annexes and their phases; where it knows one it stays."""
    empty = dict.fromkeys(("coercive", "legalFrame", "themes", "territory"))
    partners = [{"party": "p", "role": None, "until": None}]
    annexes = [{"id": "x", "criteria": {"excludesStatus": None}, "retention": {"plan": None, "aftercare": "P1Y"}}]
    body = REQUIRED | empty | {"summary": None, "arrangement": None, "partners": partners, "annexes": annexes}
    assert sent(body, Covenant) == REQUIRED | {
        "summary": None,
        "arrangement": None,
        "partners": [{"party": "p", "until": None}],
        "annexes": [{"id": "x", "criteria": {}, "retention": {"aftercare": "P1Y"}}],
    }


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        ({"id": "p", "kind": "processor", "contract": None}, Party),
        ({"id": "p", "controller": "c", "legalBasis": {"gdpr": "6(1)(e)", "statute": None}}, Activity),
        ({"id": None, "version": None, "validFrom": None}, Covenant),
        ({"id": "a", "unknown": None, "partners": "none", "annexes": [None, 3]}, Covenant),
        ([None], Covenant),
    ],
)
def test_what_null_says_there_and_what_is_to_be_refused_stays(body: Any, shape: type[msgspec.Struct]) -> None:
    """No contract is said by null, a part of a legal basis may be; required and unknown fields are the decoder's."""
    assert sent(body, shape) == body


@pytest.mark.parametrize(
    "raw", [b'{"id":"a"}', b'{"coercive":null,"coercive":null}', b'{"id":null', b'{"a":null,"b":1e999}', b"\xffnull"]
)
def test_what_is_not_sound_comes_back_as_it_came(raw: bytes) -> None:
    """So does what holds no null: whoever decodes it says what is wrong."""
    assert without_nulls(raw, Covenant) is raw
