"""What a correction may say: why, of which kind, and which fields get which values; every fault is told at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, get_type_hints

import msgspec

from services.law.act import Act, Subject
from services.law.errors import IdentifierError
from services.law.identifiers import canonical_identifier
from services.ledger.contract.errors import identifier_fault
from services.ledger.contract.messages import CorrectionBody
from services.runtime import limits
from services.runtime.errors import FieldError, Rejected, faults_from

FIXED: Final = frozenset({"id", "tense", "intentId", "confirms", "controller", "subjects"})
"""What a correction cannot change: another controller or person makes it another act."""

_HINTS: Final = get_type_hints(Act, include_extras=True)
NAMES: Final = {
    wire: name
    for name, wire in zip(Act.__struct_fields__, Act.__struct_encode_fields__, strict=True)
    if wire not in FIXED
}
"""The fields that can be corrected, as the contract spells them, with their names here."""

BESIDE: Final = frozenset({"name", "description", "place", "actor", "system", "reference"})
"""Words beside the act: no answer leans on them, so a correction of these alone leaves the act standing."""

MESSAGES: Final = {
    "text-missing": ("The reason is empty.", "Say in a sentence why it is corrected."),
    "changes-missing": ("A correction changes something.", "Name the fields that change, with their new values."),
    "changes-unwanted": ("An annulment changes no field.", "Leave the changes out."),
    "field-unknown": (
        "This field of the operation does not exist or cannot be corrected.",
        "See the operation's fields.",
    ),
    "value-invalid": ("This value does not fit the field.", "Send it as in the operation itself."),
    "one-person-at-a-time": (
        "One person is exchanged for one other person.",
        "Name one ref in subjects, and one person in changes.subjects.",
    ),
    "act-only": (
        "Only an act whose content can still be read can be given to another person.",
        "Leave changes out to mark the wrong person, and record the right one's by itself.",
    ),
    "fields-of-acts": (
        "Only an act has fields that can be corrected.",
        "Annul the notice or the decision, and record the right one.",
    ),
    "subject-repeated": ("This is the person it already is about.", "Name the other person."),
}
fault: Final = faults_from(MESSAGES)


def check_correction(body: CorrectionBody) -> Subject | None:
    """The other person that a wrong-person correction names, or None; Rejected with every fault of the body."""
    faults: list[FieldError] = []
    if not body.reason.strip():
        faults.append(fault("/reason", "text-missing"))
    subject = None
    if body.kind == "wrong-person":
        subject = _other_person(body, faults)
    elif body.kind == "annulled":
        if body.changes:
            faults.append(fault("/changes", "changes-unwanted"))
    else:
        _check_changes(body, faults)
    if faults:
        raise Rejected(tuple(faults))
    return subject


def read_changes(changes: Mapping[str, msgspec.Raw]) -> dict[str, Any]:
    """The new values of the fields, by their names here; they were checked when they came in."""
    return {NAMES[wire]: _read(wire, raw) for wire, raw in changes.items() if wire in NAMES}


def in_changes(faults: Iterable[FieldError], changes: Mapping[str, Any]) -> tuple[FieldError, ...]:
    """The faults of an act as corrected, each at the change that brought it, or at all of them."""
    return tuple(msgspec.structs.replace(one, pointer=_pointer_in(one.pointer, changes)) for one in faults)


def _pointer_in(pointer: str, changes: Mapping[str, Any]) -> str:
    named = any(pointer == f"/{wire}" or pointer.startswith(f"/{wire}/") for wire in changes)
    return f"/changes{pointer}" if named else "/changes"


def _check_changes(body: CorrectionBody, faults: list[FieldError]) -> None:
    if not body.changes:
        faults.append(fault("/changes", "changes-missing"))
    for wire, raw in body.changes.items():
        if wire not in NAMES:
            # The name is the sender's: it may be a value in the wrong place, so it is not told back.
            faults.append(fault("/changes", "field-unknown"))
            continue
        try:
            _read(wire, raw)
        except (msgspec.DecodeError, OverflowError):
            faults.append(fault(f"/changes/{wire}", "value-invalid"))


def _read(wire: str, raw: msgspec.Raw) -> Any:
    """A value of its field; an instant in UTC, for not every reader can read every offset."""
    value = msgspec.json.decode(raw, type=_HINTS[NAMES[wire]])
    if isinstance(value, date) and not limits.OCCURRED_YEAR_MIN <= value.year <= limits.YEAR_MAX:
        raise OverflowError
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _other_person(body: CorrectionBody, faults: list[FieldError]) -> Subject | None:
    if set(body.changes) - {"subjects"}:
        faults.append(fault("/changes", "field-unknown"))
    raw = body.changes.get("subjects")
    if raw is None:
        return None
    try:
        (subject,) = msgspec.json.decode(raw, type=tuple[Subject])
    except msgspec.DecodeError:
        faults.append(fault("/changes/subjects", "one-person-at-a-time"))
        return None
    try:
        canonical_identifier(subject.id_type, subject.id)
    except IdentifierError as error:
        faults.append(identifier_fault("/changes/subjects/0", error))
    return subject
