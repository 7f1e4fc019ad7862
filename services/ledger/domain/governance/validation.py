"""What a register entry must satisfy before it becomes known: every fault at once, never with the value itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date

import msgspec

from services.law.errors import LawError
from services.law.governance import Activity, Covenant, Decision, Entry, Mandate, Party
from services.law.identifiers import Oin
from services.law.periods import parse_period
from services.runtime.errors import FieldError
from services.runtime.limits import (
    COVENANT_ANNEXES_MAX,
    COVENANT_PARTNERS_MAX,
    FIELD_ERRORS_MAX,
    IDENTIFIER_LENGTH_MAX,
    TEXT_LENGTH_MAX,
    URI_LENGTH_MAX,
)

VERSION_MAX = 2**31 - 1

Faults = Iterator[FieldError]


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """Something odd that does not stop an entry from becoming known: where it stands and a stable code."""

    pointer: str
    code: str
    message: str


def find_faults(entry: Entry, knows_party: Callable[[str], bool]) -> tuple[FieldError, ...]:
    """All faults of an entry, at most ``FIELD_ERRORS_MAX``; empty when it may become known."""
    faults = [*_identity(entry), *_texts(entry), *_days("", entry.valid_from, entry.valid_until, "validUntil")]
    if isinstance(entry, Covenant):
        faults += [*_covenant(entry, knows_party)]
    elif isinstance(entry, Party):
        faults += [*_party(entry)]
    elif isinstance(entry, Activity):
        faults += [*_period("/retention", entry.retention)]
    return tuple(faults[:FIELD_ERRORS_MAX])


def find_remarks(entry: Entry, knows_party: Callable[[str], bool]) -> tuple[Remark, ...]:
    """What is odd about an entry: parties nobody registered, and a municipality where an organ is meant."""
    remarks = [
        Remark(pointer=pointer, code="unknown-party", message="Nobody registered this party yet.")
        for pointer, party in _named_parties(entry)
        if party is not None and not knows_party(party)
    ]
    if isinstance(entry, Party) and (entry.organ or "").strip().casefold() in {"gemeente", "municipality"}:
        message = "A controller is an organ such as burgemeester or college, never the municipality (AVG 4(7))."
        remarks.append(Remark(pointer="/organ", code="municipality-is-no-organ", message=message))
    return tuple(remarks[:FIELD_ERRORS_MAX])


def _named_parties(entry: Entry) -> Iterable[tuple[str, str | None]]:
    """Every party an entry names besides the partners of a covenant, with its pointer."""
    if isinstance(entry, Covenant) and entry.arrangement is not None:
        arrangement = entry.arrangement
        yield "/arrangement/contactPoint", arrangement.contact_point
        yield "/arrangement/informs", arrangement.informs
        yield "/arrangement/reportsBreach", arrangement.reports_breach
    elif isinstance(entry, Party):
        yield "/processesFor", entry.processes_for
    elif isinstance(entry, Mandate):
        yield "/from", entry.from_
        yield "/to", entry.to
    elif isinstance(entry, Activity):
        yield "/controller", entry.controller
    elif isinstance(entry, Decision):
        yield "/by", entry.by
        yield from ((f"/agreedWith/{index}", party) for index, party in enumerate(entry.agreed_with))
        yield from ((f"/covers/{index}", party) for index, party in enumerate(entry.covers))


def _identity(entry: Entry) -> Faults:
    """An id and a version that can stand in keys, paths and answers."""
    length_max = URI_LENGTH_MAX if isinstance(entry, Activity) else IDENTIFIER_LENGTH_MAX
    if not entry.id.strip() or len(entry.id) > length_max:
        yield _fault("/id", "id-invalid", f"An id has 1 to {length_max} characters.", "Choose a shorter or fuller id.")
    version = getattr(entry, "version", 1)
    if not 1 <= version <= VERSION_MAX:
        yield _fault("/version", "version-invalid", "Versions count from 1.", "Number the versions from 1 on.")


def _texts(entry: Entry) -> Faults:
    """Texts of a bounded length that every database, log and terminal can carry."""
    for pointer, text in _walk("", msgspec.to_builtins(entry)):
        if len(text) > TEXT_LENGTH_MAX:
            yield _fault(pointer, "text-too-long", f"A text has at most {TEXT_LENGTH_MAX} characters.", "Shorten it.")
        if any(_is_unprintable(character) for character in text):
            message = "The text holds a control character or half a character."
            yield _fault(pointer, "text-unprintable", message, "Remove it; line ends and tabs may stay.")


def _walk(pointer: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text of a JSON value with its pointer (RFC 6901); keys of objects count as texts of the object."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield pointer, key
            yield from _walk(f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}", inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _walk(f"{pointer}/{index}", inner)


def _is_unprintable(character: str) -> bool:
    code = ord(character)
    return (code < 0x20 and character not in "\n\r\t") or code == 0x7F or 0xD800 <= code <= 0xDFFF


def _party(party: Party) -> Faults:
    if party.oin is not None:
        try:
            Oin.parse(party.oin)
        except LawError as error:
            yield _fault("/oin", error.code, str(error), error.remedy)
    if party.kind == "citizen" and party.name not in {None, party.id}:
        # The register is never shredded: whoever has rights to be forgotten stands in it under an opaque id only.
        message = "The register keeps everything for ever, so a citizen has no name in it."
        yield _fault("/name", "citizen-name-in-clear", message, "Leave the name out; give an id that tells nothing.")
    contract = party.contract
    if contract is not None and contract is not msgspec.UNSET:
        yield from _days("/contract", contract.from_, contract.until, "until")


def _covenant(covenant: Covenant, knows_party: Callable[[str], bool]) -> Faults:
    yield from _too_many("/partners", len(covenant.partners), COVENANT_PARTNERS_MAX)
    yield from _too_many("/annexes", len(covenant.annexes), COVENANT_ANNEXES_MAX)
    yield from _period("/recordRetention", covenant.record_retention)
    for index, partner in enumerate(covenant.partners):
        if not knows_party(partner.party):
            message = "A partner of a covenant must be a registered party."
            yield _fault(f"/partners/{index}/party", "unknown-party", message, "Register the party first.")
        yield from _days(f"/partners/{index}", partner.from_, partner.until, "until")
    uses = Counter(annex.id for annex in covenant.annexes)
    for index, annex in enumerate(covenant.annexes):
        if not annex.id.strip() or uses[annex.id] > 1:
            message = "The annexes of a covenant have ids of their own."
            yield _fault(f"/annexes/{index}/id", "annex-id-invalid", message, "Give every annex another id.")
        for phase, period in annex.retention.items():
            yield from _period(f"/annexes/{index}/retention/{phase.replace('~', '~0').replace('/', '~1')}", period)


def _days(pointer: str, begins: date | None, ends: date | None, last: str) -> Faults:
    if begins is not None and ends is not None and ends < begins:
        message = "The end lies before the beginning; both days are inclusive."
        yield _fault(f"{pointer}/{last}", "period-reversed", message, "Correct one of the two days.")


def _period(pointer: str, text: str | None) -> Faults:
    if text is None:
        return
    try:
        parse_period(text)
    except LawError as error:
        yield _fault(pointer, error.code, str(error), error.remedy)


def _too_many(pointer: str, count: int, count_max: int) -> Faults:
    if count > count_max:
        yield _fault(pointer, "too-many", f"There can be at most {count_max}.", "Split the covenant.")


def _fault(pointer: str, code: str, message: str, remedy: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, message=message, remedy=remedy)
