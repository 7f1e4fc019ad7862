"""What a body leaves out: nothing is filled in that nobody said, save the few things the contract or a norm names."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import NoneType
from typing import Any, Final, get_args

import msgspec
import pytest

import services.law
from services.law.act import NoticeElement
from services.law.findings import GAP

NOTHING_SAID: Final[tuple[object, ...]] = (None, (), {}, frozenset())
NAMED: Final[dict[tuple[str, str], object]] = {
    # Contract: what has no tense has happened, has no status, is under the AVG, may be told, and runs from the act.
    ("Act", "tense"): "fact",
    ("Act", "status"): "unset",
    ("Act", "data_regime"): "AVG",
    ("PastAct", "data_regime"): "AVG",
    ("Confidentiality", "level"): "normal",
    ("Retention", "anchor"): "occurredAt",
    # Contract: a covenant is one under the AVG unless it says wgs-zvh, and who takes part is a partner.
    ("Covenant", "legal_frame"): "avg-covenant",
    ("Partner", "role"): "partner",
    # Contract: `contract: null` states that there is none; left out is unknown.
    ("Party", "contract"): msgspec.UNSET,
    # AVG 7: the person consents. S67: at the desk it is a professional that asks, and a question begins open.
    ("Consent", "given_by"): "subject",
    ("Question", "asked_from"): "professional",
    ("Question", "state"): "open",
    # AVG 13 and 14: everything is owed until something says less.
    ("InformDuty", "elements"): NoticeElement.ALL,
    # Severity: a gap unless a rule says that it may be worse. A norm of which nobody doubts the beginning.
    ("FindingCode", "severities"): GAP,
    ("Norm", "valid_from_checked"): True,
    # S39: the question of the field is about groups of three.
    ("OverlapCount", "fewer_than"): 3,
}
FIRST_VERSION: Final = {"Activity", "Addendum", "Interpretation", "Purpose", "Checklist", "Opinion", "Question"}
COUNTS: Final = {("SubjectFacts", "position")} | {("Period", u) for u in ("years", "months", "weeks", "days", "hours")}


def _shapes() -> list[type[msgspec.Struct]]:
    names = [module.name for module in pkgutil.walk_packages(services.law.__path__, "services.law.")]
    found = [value for name in names for value in vars(import_module(name)).values()]
    return sorted({one for one in found if isinstance(one, type) and issubclass(one, msgspec.Struct)}, key=repr)


def _left_out(shape: type[msgspec.Struct]) -> dict[str, Any]:
    fields = [field for field in msgspec.structs.fields(shape) if not field.required]
    return {
        field.name: field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
        for field in fields
    }


@pytest.mark.parametrize("shape", _shapes(), ids=lambda shape: shape.__name__)
def test_what_is_left_out_is_not_known(shape: type[msgspec.Struct]) -> None:
    """None, nothing, no; a count begins at zero and a version at one; and what the contract names is as it says."""
    for name, value in _left_out(shape).items():
        key = (shape.__name__, name)
        if key in NAMED:
            assert value == NAMED[key], key
        elif name == "version" and shape.__name__ in FIRST_VERSION:
            assert value == 1, key
        elif key in COUNTS:
            assert value == 0, key
        else:
            assert value is False or value in NOTHING_SAID, key


@pytest.mark.parametrize("shape", _shapes(), ids=lambda shape: shape.__name__)
def test_what_stands_in_for_it_is_of_its_kind(shape: type[msgspec.Struct]) -> None:
    """Whoever reads the field finds a list where a list is promised, and not sometimes nothing at all."""
    kinds = {field.name: field.type for field in msgspec.structs.fields(shape)}
    for name, value in _left_out(shape).items():
        if value is None:
            assert NoneType in get_args(kinds[name]), (shape.__name__, name)
        elif value is not msgspec.UNSET:
            assert msgspec.convert(msgspec.to_builtins(value), kinds[name]) == value, (shape.__name__, name)


def test_only_what_exists_is_named() -> None:
    """The table above names fields that are there, so that it cannot outlive them."""
    there = {(shape.__name__, name) for shape in _shapes() for name in _left_out(shape)}
    assert set(NAMED) | COUNTS | {(name, "version") for name in FIRST_VERSION} <= there
