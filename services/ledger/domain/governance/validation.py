"""What a register entry must satisfy before it becomes known: every fault at once, never with the value itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from services.law.errors import BsnInvalidError, LawError
from services.law.governance import (
    Acknowledgement,
    Activity,
    Addendum,
    Annex,
    Covenant,
    Entry,
    Interpretation,
    Municipality,
    Partner,
    Party,
)
from services.law.identifiers import Bsn, Oin
from services.law.learning_faults import learning_faults
from services.law.pointers import escape
from services.law.publishing_faults import text_faults
from services.law.register import Register
from services.law.versions import ends_sooner, version_before
from services.ledger.domain.governance.covenant_checks import joining_theme_faults, theme_faults
from services.ledger.domain.governance.fault_parts import (
    Faults,
    days,
    period,
    too_many,
    unprintable_or_long,
)
from services.ledger.domain.governance.versions import knows_version
from services.runtime.errors import FieldError
from services.runtime.limits import (
    COVENANT_ANNEXES_MAX,
    COVENANT_PARTNERS_MAX,
    FIELD_ERRORS_MAX,
    IDENTIFIER_LENGTH_MAX,
    URI_LENGTH_MAX,
    VERSION_MAX,
)

_OPAQUE: Final = re.compile(rf"[A-Za-z0-9._:~-]{{1,{IDENTIFIER_LENGTH_MAX}}}", re.ASCII)


def find_faults(entry: Entry, register: Register) -> tuple[FieldError, ...]:
    """All faults of an entry, at most ``FIELD_ERRORS_MAX``; empty when it may become known beside ``register``.

    Of an entry that ends a version only the days: the rest stands already, and what would be refused now must end too.
    """
    period_faults = tuple(days("", entry.valid_from, entry.valid_until, "validUntil"))
    stands = version_before(entry, register.history)
    if stands is not None and ends_sooner(stands.entry, entry):
        return period_faults
    check = _CHECKS.get(type(entry), _nothing)
    of_law = (*learning_faults(entry, register), *text_faults(entry, register))
    faults = [
        *_identity(entry),
        *unprintable_or_long(entry),
        *period_faults,
        *check(entry, register),
        *(FieldError(found.pointer, found.code, found.message, found.remedy) for found in of_law),
    ]
    return tuple(faults[:FIELD_ERRORS_MAX])


def _identity(entry: Entry) -> Faults:
    """An id and a version that can stand in keys, paths and answers."""
    length_max = URI_LENGTH_MAX if isinstance(entry, Activity) else IDENTIFIER_LENGTH_MAX
    if not entry.id.strip() or len(entry.id) > length_max:
        yield FieldError(
            "/id", "id-invalid", f"An id has 1 to {length_max} characters.", "Choose a shorter or fuller id."
        )
    version = getattr(entry, "version", 1)
    if not 1 <= version <= VERSION_MAX:
        yield FieldError("/version", "version-invalid", "Versions count from 1.", "Number the versions from 1 on.")


def _nothing(_: Entry, __: Register) -> Faults:
    return iter(())


def _party(party: Party, _: Register) -> Faults:
    if party.oin is not None:
        try:
            Oin.parse(party.oin)
        except LawError as error:
            yield FieldError("/oin", error.code, str(error), error.remedy)
    if party.kind == "citizen" and party.name not in {None, party.id}:
        # The register is never shredded: whoever has rights to be forgotten stands in it under an opaque id only.
        message = "The register keeps everything for ever, so a citizen has no name in it."
        yield FieldError(
            "/name", "citizen-name-in-clear", message, "Leave the name out; give an id that tells nothing."
        )
    contract = party.contract
    # Not known (UNSET) and stated that there is none (None) have no days.
    if contract:
        yield from days("/contract", contract.from_, contract.until, "until")


def _activity(activity: Activity, _: Register) -> Faults:
    yield from period("/retention", activity.retention)


def _covenant(covenant: Covenant, register: Register) -> Faults:
    yield from period("/recordRetention", covenant.record_retention)
    yield from _partners(covenant.partners, register)
    yield from _annexes(covenant.annexes)
    yield from theme_faults(covenant, register)


def _addendum(addendum: Addendum, register: Register) -> Faults:
    yield from _of_covenant(addendum.covenant, register)
    yield from _partners(addendum.partners, register)
    yield from _annexes(addendum.annexes)
    yield from joining_theme_faults(addendum, register)


def _interpretation(interpretation: Interpretation, register: Register) -> Faults:
    yield from _of_covenant(interpretation.covenant, register)


def _municipality(municipality: Municipality, _: Register) -> Faults:
    if municipality.merged_into is None:
        return
    if municipality.merged_into == municipality.id:
        message = "A municipality cannot merge into itself."
        yield FieldError("/mergedInto", "merged-into-itself", message, "Name its successor.")
    if municipality.valid_until is None:
        message = "A municipality that merged has a last day."
        yield FieldError("/validUntil", "merger-without-day", message, "Give its last day; the successor follows.")


def _acknowledgement(read: Acknowledgement, register: Register) -> Faults:
    yield from _of_covenant(read.covenant, register)
    if register.knows_covenant(read.covenant) and not knows_version(register, read.covenant, read.version):
        message = "This version of the covenant is not registered."
        yield FieldError("/version", "unknown-version", message, "Name the version that the card was of.")
    if not _OPAQUE.fullmatch(read.reader) or _is_citizen_number(read.reader):
        # The register is never shredded, so it holds no member of staff by name or number.
        message = "A reader stands here under an opaque key of 1 to 200 of A-Z a-z 0-9 . _ : ~ -."
        yield FieldError(
            "/reader", "reader-not-opaque", message, "Send a random key that only your own system can explain."
        )


def _of_covenant(covenant_id: str, register: Register) -> Faults:
    if not register.knows_covenant(covenant_id):
        message = "This belongs to a covenant that nobody registered."
        yield FieldError("/covenant", "unknown-covenant", message, "Register the covenant first.")


def _partners(partners: tuple[Partner, ...], register: Register) -> Faults:
    yield from too_many("/partners", len(partners), COVENANT_PARTNERS_MAX)
    known = frozenset(register.party_ids())
    for index, partner in enumerate(partners):
        if partner.party not in known:
            message = "A partner of a covenant must be a registered party."
            yield FieldError(f"/partners/{index}/party", "unknown-party", message, "Register the party first.")
        yield from days(f"/partners/{index}", partner.from_, partner.until, "until")


def _annexes(annexes: tuple[Annex, ...]) -> Faults:
    yield from too_many("/annexes", len(annexes), COVENANT_ANNEXES_MAX)
    uses = Counter(annex.id for annex in annexes)
    for index, annex in enumerate(annexes):
        if not annex.id.strip() or uses[annex.id] > 1:
            message = "The annexes of a covenant have ids of their own."
            yield FieldError(f"/annexes/{index}/id", "annex-id-invalid", message, "Give every annex another id.")
        for phase, term in annex.retention.items():
            yield from period(f"/annexes/{index}/retention/{escape(phase)}", term)


def _is_citizen_number(text: str) -> bool:
    try:
        Bsn.parse(text)
    except BsnInvalidError:
        return False
    return True


_CHECKS: Final[Mapping[type, Callable[[Any, Register], Iterator[FieldError]]]] = MappingProxyType(
    {
        Party: _party,
        Activity: _activity,
        Covenant: _covenant,
        Addendum: _addendum,
        Interpretation: _interpretation,
        Municipality: _municipality,
        Acknowledgement: _acknowledgement,
    }
)
