"""The processings that an overlap is made of, as acts: asking and handing in. Each is judged like any other.

They name no category of data. Pseudonyms are none that the partners could list in an annex, or a decision of Wpg 19 or
20 could fix; one of the ledger's own would be outside every one of them, and nobody who asks could leave it out.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.law.act import Act, LegalBasis, Recipient
from services.law.overlap import CELL_MIN, PARTIES_MAX, PARTIES_MIN
from services.law.register import DayView
from services.ledger.application.overlap_errors import (
    PARTIES_WRONG,
    PSEUDONYM_WRONG,
    PSEUDONYMS_NUMBER,
    REGIME_MISSING,
)
from services.ledger.application.overlap_ports import Overlap
from services.ledger.contract.overlaps import OverlapBody, OverlapPersons
from services.runtime import limits
from services.runtime.errors import FieldError

PSEUDONYM_HEX = 64
NAME_OF_COUNT = "Overlap geteld zonder namen"


def faults_of_asking(body: OverlapBody, view: DayView) -> tuple[FieldError, ...]:
    """What is malformed in a request to count."""
    wanted = set(body.parties)
    is_few = PARTIES_MIN <= len(wanted) <= PARTIES_MAX
    known = is_few and all(view.party(party) is not None for party in wanted)
    return () if known and len(wanted) == len(body.parties) else (PARTIES_WRONG,)


def faults_of_handing_in(body: OverlapPersons, party: str, view: DayView) -> tuple[FieldError, ...]:
    """What is malformed in what a party hands in; never with a value of it."""
    faults = []
    if not CELL_MIN <= len(set(body.pseudonyms)) == len(body.pseudonyms) <= limits.OVERLAP_PERSONS_MAX:
        faults.append(PSEUDONYMS_NUMBER)
    if any(_bytes_of(pseudonym) is None for pseudonym in body.pseudonyms):
        faults.append(PSEUDONYM_WRONG)
    known = view.party(party)
    if not body.data_regime.startswith("Wpg") and known is not None and known.kind == "police":
        faults.append(REGIME_MISSING)
    return tuple(faults)


def pseudonyms_of(body: OverlapPersons) -> list[bytes]:
    """What was handed in, as bytes; the body is in order."""
    return [bytes.fromhex(pseudonym) for pseudonym in body.pseudonyms]


def asking(body: OverlapBody, now: datetime) -> Act:
    """The request to count: combining what others know, about nobody whom the ledger could name."""
    return _act(body, "combine", body.controller, now)


def handing_in(body: OverlapPersons, overlap: Overlap, party: str, now: datetime) -> Act:
    """What a party does by handing in: it discloses to all others, be it in pseudonyms."""
    others = sorted({overlap.controller, *overlap.parties} - {party})
    act = _act(body, "make-available", party, now)
    recipients = tuple(Recipient(party=other) for other in others)
    return msgspec.structs.replace(act, data_regime=body.data_regime, recipients=recipients)


def _act(body: OverlapBody | OverlapPersons, operation: str, controller: str, now: datetime) -> Act:
    return Act(
        operation=operation,
        name=NAME_OF_COUNT,
        occurred_at=now,
        controller=controller,
        tense="intent",
        purpose=body.purpose,
        legal_basis=body.legal_basis or LegalBasis(),
        necessity=body.necessity,
        covenant=body.covenant,
        phase=body.phase,
        activity=body.activity,
        decision_id=body.decision_id,
    )


def _bytes_of(pseudonym: str) -> bytes | None:
    if len(pseudonym) != PSEUDONYM_HEX or not pseudonym.isascii():
        return None
    try:
        return bytes.fromhex(pseudonym)
    except ValueError:
        return None
