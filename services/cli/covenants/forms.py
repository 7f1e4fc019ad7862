"""The forms in which covenants are handed over, read as sections of entries.

A file is JSON, JSON on every line, or YAML of one document or several. A document is a list of covenants, a single one,
a case file with ``covenants:`` (or ``convenanten:``) and other sections, a page of ``GET /v1/covenants``, or what
``normalise --json`` wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from services.cli.case.model import zoned
from services.law.covenants.words import fold

SUFFIXES: Final = frozenset({".json", ".jsonl", ".ndjson", ".yaml", ".yml"})
"""Of a folder, the files that are read; however deep they lie, and none that is hidden."""
_TELL_SECTIONS: Final = frozenset({"covenants", "parties", "purposes", "addenda", "interpretations"})
"""No covenant has a field of these names; ``municipalities`` may be either."""
_DUTCH: Final = "convenanten"
_OF_THE_LEDGER: Final = frozenset({"position", "recordedAt"})
"""What a page adds to each covenant."""


def files_in(path: Path) -> Iterator[Path]:
    """The file, or those in the folder in order of their names."""
    if path.is_dir():
        yield from (found for found in sorted(path.rglob("*")) if _is_read(found.relative_to(path)) and found.is_file())
    else:
        yield path


def documents_of(text: str) -> list[Any]:
    """What stands in a file; JSON as such, since YAML takes no tabs and is slow; in YAML days become text again.

    Raises yaml.YAMLError for what is neither.
    """
    try:
        return [msgspec.json.decode(text)]
    except msgspec.DecodeError:
        return _lines_of(text) or [zoned(tree) for tree in yaml.safe_load_all(text) if tree is not None]


def sections_of(tree: Any) -> Mapping[str, Any] | None:
    """The entries of a document by section; None where there are none."""
    if isinstance(tree, list):
        return {"covenants": tree}
    if not isinstance(tree, dict):
        return None
    if isinstance(tree.get("items"), list):
        return {"covenants": tree["items"]}
    return tree if any(section_of(name) in _TELL_SECTIONS for name in tree) else {"covenants": [tree]}


def section_of(name: Any) -> Any:
    """The section that goes by this name; another name is its own."""
    return "covenants" if fold(str(name)) == _DUTCH else name


def covenant_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A covenant without what stands around it, and without the fields that are left empty: they say nothing."""
    inner = fields.get("covenant")
    found = inner if isinstance(inner, dict) else fields
    return {name: _stated(said) for name, said in found.items() if said is not None and name not in _OF_THE_LEDGER}


def _lines_of(text: str) -> list[Any]:
    """JSON on every line; nothing when it is not that."""
    try:
        return msgspec.json.Decoder().decode_lines(text)
    except msgspec.DecodeError:
        return []


def _is_read(within: Path) -> bool:
    return within.suffix.casefold() in SUFFIXES and not any(part.startswith(".") for part in within.parts)


def _stated(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _stated(said) for name, said in value.items() if said is not None}
    return [_stated(item) for item in value] if isinstance(value, list) else value
