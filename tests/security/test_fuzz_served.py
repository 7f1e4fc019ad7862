"""Well-formed nonsense at a served ledger: bodies of the right shape and any content never give a 5xx."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect

from services.gateway.auth.issuer import TokenIssuer
from services.gateway.catalogue import CALLS
from tests.support.door import ALL_SCOPES
from tests.support.served import Served, served

POSTS = [call for call in CALLS if call.method == "POST" and call.path != "/v1/clock"]
GETS = [call for call in CALLS if call.method == "GET"]
TEXTS = st.sampled_from(
    ["politie", "BSN", "999990019", "P3M", "P99999999Y", "occurredAt", "collect", "other", "Gemeentewet 172", "1", "-"]
) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30)
INSTANTS = st.sampled_from(
    [
        "2026-05-03T09:00:00Z",
        "2026-05-03T09:00:00+14:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "1899-12-31T23:00:00Z",
    ]
)
DAYS = st.sampled_from(["2026-05-03", "0001-01-01", "9999-12-31"])
BOUNDS = INSTANTS | DAYS
WILD = st.none() | st.booleans() | st.integers() | TEXTS | st.lists(TEXTS, max_size=2)


def bodies_of(wanted: inspect.Type) -> st.SearchStrategy[Any]:
    """Return bodies that have a shape."""
    if isinstance(wanted, inspect.StructType):
        required = {f.encode_name: bodies_of(f.type) for f in wanted.fields if f.required}
        optional = {f.encode_name: bodies_of(f.type) for f in wanted.fields if not f.required}
        if "asOf" in optional:
            optional |= {"asOf": BOUNDS, "asKnownAt": BOUNDS}
        return st.fixed_dictionaries(required, optional=optional)
    if isinstance(wanted, inspect.UnionType):
        return st.one_of([bodies_of(option) for option in wanted.types])
    if isinstance(wanted, inspect.LiteralType):
        return st.sampled_from(wanted.values)
    if isinstance(wanted, inspect.VarTupleType):
        return st.lists(bodies_of(wanted.item_type), max_size=3)
    if isinstance(wanted, inspect.DictType):
        return st.dictionaries(TEXTS, bodies_of(wanted.value_type), max_size=3)
    simple: dict[type, st.SearchStrategy[Any]] = {
        inspect.StrType: TEXTS,
        inspect.DateTimeType: INSTANTS,
        inspect.DateType: DAYS,
        inspect.BoolType: st.booleans(),
        inspect.IntType: st.integers(-(2**63), 2**63 - 1),
        inspect.NoneType: st.none(),
        inspect.RawType: WILD,
    }
    return simple[type(wanted)]


class Target:
    """A served ledger with a party, and a token that may do everything."""

    def __init__(self, process: Served) -> None:
        """Register the party."""
        issuer = TokenIssuer.open(process.folder / "var" / "issuer")
        token = issuer.issue("politie", ALL_SCOPES)
        headers = {"Authorization": f"Bearer {token}", "Grootboek-Purpose": "internal-control"}
        self.log = process.log
        self.http = httpx.Client(base_url=process.base_url, timeout=30, headers=headers)
        assert self.http.post("/v1/clock", json={"now": "2026-05-03T09:00:00Z"}).status_code == 200
        assert self.http.post("/v1/parties", json={"id": "politie", "kind": "police"}).status_code == 201


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Serve one ledger for this module."""
    with served(tmp_path_factory.mktemp("fuzzed"), clock="scenario") as process:
        made = Target(process)
        yield made
        made.http.close()


def filled(path: str, data: st.DataObject) -> str:
    """Fill the parameters of a path with ids that may or may not be there."""
    keys = st.sampled_from(["act-1", "0", "register", "9999", "0/000", "0/x999/999.p/255", "~"])
    for name in ("{id}", "{lane}", "{path}"):
        path = path.replace(name, data.draw(keys))
    return path


@given(data=st.data())
def test_nonsense_of_the_right_shape_is_answered(target: Target, data: st.DataObject) -> None:
    """Every POST answers any body of its shape with a success or a 4xx."""
    call = data.draw(st.sampled_from(POSTS))
    assert call.body is not None
    body = data.draw(bodies_of(inspect.type_info(call.body)))
    if data.draw(st.booleans()) and "id" in call.body.__struct_encode_fields__:
        body["id"] = data.draw(st.sampled_from(["act-1", "act-2", "act-3"]))
    response = target.http.post(
        filled(call.path, data), content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert response.status_code < 500, (call.path, body, response.text, failures(target))


@given(data=st.data())
def test_nonsense_in_queries_is_answered(target: Target, data: st.DataObject) -> None:
    """Every GET answers any bound, cursor and limit with a success or a 4xx."""
    call = data.draw(st.sampled_from(GETS))
    numbers = st.integers(1, 1000).map(str)
    values = {
        "bound": BOUNDS,
        "day": BOUNDS,
        "id": TEXTS,
        "cursor": TEXTS,
        "limit": numbers,
        "version": numbers | st.integers(-1, 2**70).map(str) | TEXTS,
    }
    chosen = {parameter.name: data.draw(st.none() | values[parameter.form]) for parameter in call.query}
    params = {name: value for name, value in chosen.items() if value is not None}
    response = target.http.get(filled(call.path, data), params=params)
    assert response.status_code < 500, (call.path, params, response.text, failures(target))


def failures(target: Target) -> list[str]:
    """Return where the process failed, as its log says."""
    return [line for line in target.log.read_text(encoding="utf-8").splitlines() if "request.failed" in line]
