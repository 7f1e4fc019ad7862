"""Declarations of destruction as a document: PDF by typst, Dutch with English beside it (Archiefbesluit 8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, Final

import msgspec
import typst

from services.law.local_time import AMSTERDAM

PDF: Final = "application/pdf"

_SOURCE: Final = files("services.gateway.formats").joinpath("declaration.typ").read_bytes()
_STANDARDS: Final[list[typst.PDFStandard]] = ["ua-1", "a-2a"]
# What typst says when its fonts have no shape for a character; it has no codes to tell errors apart.
_NO_GLYPH: Final = "could not be displayed"
NONE: Final = "-"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

TITLE: Final = ("Verklaring van vernietiging", "Declaration of destruction")
LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "id": ("Wissing", "Erasure"),
    "day": ("Laatste dag van de bewaartermijn", "Last day of the term"),
    "controller": ("Verwerkingsverantwoordelijke", "Controller"),
    "decidedBy": ("Besloten door", "Decided by"),
    "ground": ("Grond", "Ground"),
    "decision": ("Besluit", "Decision"),
    "secondPerson": ("Tweede persoon keek mee", "A second person looked along"),
    "decidedAt": ("Besloten op", "Decided at"),
    "destroyedAt": ("Vernietigd op", "Destroyed at"),
    "sweptAt": ("Uit het grootboek genomen op", "Taken out of the ledger at"),
    "backupsUntil": ("In reservekopieën uiterlijk tot en met", "In backups until at the latest"),
    "records": ("Aantal vernietigde regels", "Number of records destroyed"),
}
MANNER: Final = (
    "De sleutels waaronder de regels werden bewaard zijn vernietigd, zodat geen kopie ervan nog te lezen is; daarna is "
    "wat onder die sleutels stond uit het grootboek genomen. Plaatsen en controlegetallen blijven, zodat niet ongezien "
    "iets anders kan ontbreken."
)
COLUMNS: Final = (
    ("Verwerkingsverantwoordelijke", "Controller"),
    ("Convenant, bijlage", "Covenant, annex"),
    ("Verwerkingsactiviteit", "Activity"),
    ("Regels", "Records"),
)


def set_declaration(declarations: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the declarations as one PDF; the same bytes for the same declarations."""
    parts = [msgspec.to_builtins(each) for each in declarations]
    document = {"title": TITLE, "columns": COLUMNS, "manner": MANNER, "parts": [_part(each) for each in parts]}
    made_at = max((datetime.fromisoformat(each["destroyedAt"]) for each in parts), default=_EPOCH)
    try:
        return _compile(document, made_at, _STANDARDS)
    except typst.TypstError as error:
        if _NO_GLYPH not in error.message:
            raise
        # A name in a script that the fonts do not have must not keep a declaration from being made.
        return _compile(document, made_at, [])


def _compile(document: Mapping[str, Any], made_at: datetime, standards: list[typst.PDFStandard]) -> bytes:
    made: bytes = typst.compile(
        _SOURCE,
        format="pdf",
        sys_inputs={"declaration": msgspec.json.encode(document).decode()},
        pdf_standards=standards,
        ignore_system_fonts=True,
        timestamp=int(made_at.timestamp()),
    )
    return made


def _part(declaration: Mapping[str, Any]) -> dict[str, Any]:
    """One declaration as rows of text; what is not known is left out."""
    known = ((label, declaration.get(name)) for name, label in LABELS.items())
    return {
        "rows": [[*label, _say(value)] for label, value in known if value is not None],
        "english": declaration["manner"],
        "destroyed": [_line(each) for each in declaration["destroyed"]],
        "fingerprints": declaration.get("fingerprints", []),
    }


def _line(destroyed: Mapping[str, Any]) -> list[str]:
    covenant = destroyed["covenant"]
    named = NONE if covenant is None else ", ".join(part for part in (covenant["id"], covenant["annex"]) if part)
    return [destroyed["controller"], named, destroyed["activity"] or NONE, str(destroyed["records"])]


def _say(value: object) -> str:
    """A value as a reader expects it: instants in Amsterdam to the minute, yes and no in both languages."""
    if isinstance(value, bool):
        return "ja / yes" if value else "nee / no"
    text = str(value)
    if "T" not in text or not text[:4].isdigit():
        return text
    try:
        return f"{datetime.fromisoformat(text).astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"
    except ValueError:
        return text
