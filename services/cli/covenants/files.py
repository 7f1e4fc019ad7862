"""Covenants in files of YAML or JSON: a list of them, a single one, or a case file with ``covenants:``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from services.cli.case.model import zoned
from services.gateway.formats.faults import find_faults
from services.law.covenants.normaliser import normalise
from services.law.governance import Addendum, Covenant, Entry, Interpretation, Municipality, Party, Purpose
from services.runtime.errors import GrootboekError, Kind
from services.runtime.limits import COVENANT_FILE_BYTES_MAX, FIELD_ERRORS_MAX

SHAPES: Final[Mapping[str, type[Entry]]] = {
    "parties": Party,
    "purposes": Purpose,
    "municipalities": Municipality,
    "covenants": Covenant,
    "addenda": Addendum,
    "interpretations": Interpretation,
}
"""The sections of a file that say something of covenants; others are passed over."""


class FileUnreadable(GrootboekError):
    """A file holds no covenants that can be read."""

    code = "file-unreadable"
    kind = Kind.REJECTED
    remedy = "Give YAML or JSON: a list of covenants, one covenant, or a file with `covenants:`."

    def __init__(self, name: str, what: str) -> None:
        """Name the file and what is wrong."""
        super().__init__(f"{name}: {what}")


class Body(msgspec.Struct, frozen=True):
    """One entry as it stands in a file: where from, of which section, and its fields."""

    path: Path
    section: str
    fields: dict[str, Any]


def read_bodies(paths: Iterable[Path]) -> list[Body]:
    """Every entry of these files, in order; FileUnreadable for anything else."""
    return [body for path in paths for body in _bodies_of(path, _load(path))]


def read_entries(bodies: Iterable[Body]) -> list[Entry]:
    """The entries; FileUnreadable names every fault of the first file that has one."""
    entries: list[Entry] = []
    told: dict[str, list[str]] = {}
    for body in bodies:
        try:
            entries.append(msgspec.convert(body.fields, SHAPES[body.section]))
        except msgspec.ValidationError as error:
            told.setdefault(body.path.name, []).append(_told(body, error))
    if told:
        name, faults = next(iter(told.items()))
        raise FileUnreadable(name, "; ".join(faults[:FIELD_ERRORS_MAX]))
    return entries


def normalised(bodies: Iterable[Body]) -> list[Body]:
    """The same, each covenant in canonical terms (S83)."""
    return [
        msgspec.structs.replace(body, fields=normalise(body.fields).body) if body.section == "covenants" else body
        for body in bodies
    ]


def covenants_in(entries: Iterable[Entry]) -> list[Covenant]:
    """The covenants among entries."""
    return [entry for entry in entries if isinstance(entry, Covenant)]


def _load(path: Path) -> Any:
    try:
        if path.stat().st_size > COVENANT_FILE_BYTES_MAX:
            raise FileUnreadable(path.name, f"it is larger than {COVENANT_FILE_BYTES_MAX} bytes.")
        return _parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable(path.name, "it cannot be read.") from error
    except yaml.YAMLError as error:
        raise FileUnreadable(path.name, "it is neither YAML nor JSON.") from error


def _parse(text: str) -> Any:
    """JSON as such, since YAML takes no tabs and is slow; else YAML, where days become text again."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return zoned(yaml.safe_load(text))


def _bodies_of(path: Path, tree: Any) -> Iterator[Body]:
    if isinstance(tree, list):
        tree = {"covenants": tree}
    elif isinstance(tree, dict) and "covenants" not in tree:
        tree = {"covenants": [tree]}
    if not isinstance(tree, dict):
        raise FileUnreadable(path.name, "there is no covenant in it.")
    for section in SHAPES:
        entries = tree.get(section) or []
        if not isinstance(entries, list):
            raise FileUnreadable(path.name, f"`{section}` is no list.")
        for fields in entries:
            if not isinstance(fields, dict):
                raise FileUnreadable(path.name, f"an entry under `{section}` is no object.")
            yield Body(path, section, _stated(fields) if section == "covenants" else fields)


def _stated(value: Any) -> Any:
    """Without the fields that are left empty: in a file they say nothing."""
    if isinstance(value, dict):
        return {name: _stated(said) for name, said in value.items() if said is not None}
    return [_stated(item) for item in value] if isinstance(value, list) else value


def _told(body: Body, error: msgspec.ValidationError) -> str:
    """Which entry it is, and each of its faults."""
    faults = find_faults(msgspec.json.encode(body.fields), SHAPES[body.section])
    named = "; ".join(f"{fault.pointer} {fault.message}" for fault in faults) or str(error)
    return f"{body.section} `{body.fields.get('id', '?')}`: {named}"
