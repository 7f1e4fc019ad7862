"""Covenants in files (``forms``), as entries of a register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from services.cli.covenants.forms import SUFFIXES, covenant_of, documents_of, files_in, section_of, sections_of
from services.gateway.formats.faults import find_faults
from services.law.covenants.normaliser import normalise
from services.law.governance import Addendum, Covenant, Entry, Interpretation, Municipality, Party, Purpose
from services.law.versions import ends_sooner, version_key
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
    remedy = "Give YAML, JSON or lines of JSON: a list of covenants, one covenant, or a file with `covenants:`."

    def __init__(self, name: str, what: str) -> None:
        """Name the file and what is wrong."""
        super().__init__(f"{name}: {what}")


class Body(msgspec.Struct, frozen=True):
    """One entry as it stands in a file: where from, of which section, and its fields."""

    path: Path
    section: str
    fields: dict[str, Any]


def read_bodies(paths: Iterable[Path]) -> list[Body]:
    """Every entry of these files, and of those in these folders, in order; FileUnreadable for anything else."""
    return [body for path in paths for file in _files_of(path) for body in _bodies_of(file)]


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


def read_register(bodies: Sequence[Body]) -> list[Entry]:
    """The entries, each version once, in the order in which they first stand.

    As in the ledger a version that stands twice may differ in its end, of which the sooner one holds; where it differs
    in anything else FileUnreadable names both files.
    """
    found: dict[tuple[str, str, str], tuple[Body, Entry]] = {}
    for body, entry in zip(bodies, read_entries(bodies), strict=True):
        stands = found.setdefault((body.section, entry.id, version_key(entry)), (body, entry))
        if ends_sooner(stands[1], entry):
            found[body.section, entry.id, version_key(entry)] = (body, entry)
        elif entry != stands[1] and not ends_sooner(entry, stands[1]):
            raise FileUnreadable(str(body.path), _differs(body, entry, stands[0]))
    return [entry for _, entry in found.values()]


def normalised(bodies: Iterable[Body]) -> list[Body]:
    """The same, each covenant in canonical terms (S83)."""
    return [
        msgspec.structs.replace(body, fields=normalise(body.fields).body) if body.section == "covenants" else body
        for body in bodies
    ]


def covenants_in(entries: Iterable[Entry]) -> list[Covenant]:
    """The covenants among entries."""
    return [entry for entry in entries if isinstance(entry, Covenant)]


def _files_of(path: Path) -> list[Path]:
    found = list(files_in(path))
    if not found:
        raise FileUnreadable(str(path), f"there is no file in it that ends in {', '.join(sorted(SUFFIXES))}.")
    return found


def _load(path: Path) -> list[Any]:
    """The documents in a file."""
    try:
        if path.stat().st_size > COVENANT_FILE_BYTES_MAX:
            raise FileUnreadable(path.name, f"it is larger than {COVENANT_FILE_BYTES_MAX} bytes.")
        return documents_of(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable(path.name, "it cannot be read.") from error
    except yaml.YAMLError as error:
        raise FileUnreadable(path.name, "it is neither YAML nor JSON.") from error


def _bodies_of(path: Path) -> Iterator[Body]:
    for document in _load(path) or [None]:
        sections = sections_of(document)
        if sections is None:
            raise FileUnreadable(path.name, "there is no covenant in it.")
        for section in SHAPES:
            for name in (name for name in sections if section_of(name) == section):
                yield from _entries_of(path, section, name, sections[name] or [])


def _entries_of(path: Path, section: str, name: str, entries: Any) -> Iterator[Body]:
    """The entries of a section, under the name that it has in the file."""
    if not isinstance(entries, list):
        raise FileUnreadable(path.name, f"`{name}` is no list.")
    for fields in entries:
        if not isinstance(fields, dict):
            raise FileUnreadable(path.name, f"an entry under `{name}` is no object.")
        yield Body(path, section, covenant_of(fields) if section == "covenants" else fields)


def _told(body: Body, error: msgspec.ValidationError) -> str:
    """Which entry it is, and each of its faults."""
    faults = find_faults(msgspec.json.encode(body.fields), SHAPES[body.section])
    named = "; ".join(f"{fault.pointer} {fault.message}" for fault in faults) or str(error)
    return f"{body.section} `{body.fields.get('id', '?')}`: {named}"


def _differs(body: Body, entry: Entry, other: Body) -> str:
    version = f" version {version_key(entry)}" if version_key(entry) else ""
    where = "stands in this file twice, in two ways" if other.path == body.path else f"stands otherwise in {other.path}"
    return f"{body.section} `{entry.id}`{version} {where}."
