"""The norm files keep to the schema that whoever adds a norm is given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

import services.law.norms as norm_folder
from services.law.norm_set import Norm

FILES = sorted(Path(norm_folder.__path__[0]).glob("*.yaml"))
SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "norms.schema.json").read_text())
GOOD: dict[str, Any] = {
    "id": "avg-5-2",
    "citation": "eli/reg/2016/679 art. 5(2)",
    "binds": "controller",
    "block": "care",
    "rule": {"nl": "Aantonen.", "en": "Show."},
    "verified": True,
    "checked": "in-part",
    "checkedAgainst": "a copy",
    "checkedOn": "2026-11-23",
}


def is_valid(norm: dict[str, Any]) -> bool:
    """Whether a file of this one norm keeps to the schema."""
    return bool(Draft202012Validator(SCHEMA).is_valid([norm]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_norm_file_keeps_to_the_schema(path: Path) -> None:
    """Every norm file that comes along is valid; its days are read as text, as JSON has them."""
    content = yaml.load(path.read_text(), Loader=yaml.BaseLoader)
    typed = [
        norm
        | {"verified": norm["verified"] == "true"}
        | ({"validFromChecked": norm["validFromChecked"] == "true"} if "validFromChecked" in norm else {})
        for norm in content
    ]
    Draft202012Validator(SCHEMA).validate(typed)


def test_the_schema_names_what_the_code_reads() -> None:
    """The properties of the schema are the fields of the code, and what it requires has no default there."""
    info = msgspec.inspect.type_info(Norm)
    assert isinstance(info, msgspec.inspect.StructType)
    described = SCHEMA["$defs"]["Norm"]
    assert set(described["properties"]) == {field.encode_name for field in info.fields}
    assert set(described["required"]) == {field.encode_name for field in info.fields if field.required}


@pytest.mark.parametrize(
    "wrong",
    [
        {"citation": "art. 5 AVG"},
        {"block": "doel"},
        {"rule": {"nl": "Alleen Nederlands."}},
        {"checkBefore": "soon"},
        {"checked": "unverified"},
        {"verified": False},
        {"checkedOn": None},
        {"dpv": ["LawfulnessPrinciple"]},
        {"penalty": "none"},
    ],
    ids=str,
)
def test_a_norm_that_cannot_be_relied_on_is_no_norm(wrong: dict[str, Any]) -> None:
    """No citation, block, language, known moment or source; said to be read but not, or the reverse; unknown fields."""
    assert is_valid(GOOD)
    assert not is_valid({key: value for key, value in (GOOD | wrong).items() if value is not None})
