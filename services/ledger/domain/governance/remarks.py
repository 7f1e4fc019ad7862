"""What is odd about a register entry and stops nothing: told when it becomes known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from services.law.governance import (
    Activity,
    Addendum,
    Covenant,
    Decision,
    Entry,
    Interpretation,
    Mandate,
    Municipality,
    Party,
)
from services.law.learning import Checklist, Closing, NearMiss, Opinion, Question
from services.law.local_time import amsterdam_day
from services.law.organs import organ_named
from services.law.publishing import BLIND
from services.law.register import Known, Register
from services.law.texts import Text
from services.law.versions import ends_sooner, version_before
from services.ledger.domain.governance.covenant_checks import addendum_remarks, covenant_remarks
from services.runtime.limits import FIELD_ERRORS_MAX

Named = Iterable[tuple[str, str | None]]
_PUBLISHED: Final = (Question, Checklist, Closing, Opinion, NearMiss, Interpretation)
_PAST_END: Final = Text(
    "Dit einde ligt in het verleden. Wat op de dagen daarna al is beoordeeld, houdt zijn oordeel; wat van die dagen "
    "nog binnenkomt, wordt met dit einde beoordeeld.",
    "This end lies in the past. What was already judged on the days after it keeps its verdict; what still comes in of "
    "those days is judged with this end.",
)


class Remark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something odd that does not stop an entry from becoming known: where it stands and a stable code.

    ``blocks``: with this a covenant should not be called active.
    """

    pointer: str
    code: str
    message: str
    dutch: str | None = None
    blocks: bool = False


def find_remarks(entry: Entry, register: Register) -> tuple[Remark, ...]:
    """What is odd about an entry beside ``register``, at most ``FIELD_ERRORS_MAX``.

    That is: what nobody registered yet, a municipality where an organ is meant (AVG 4(7)), what a covenant lacks, an
    end that reaches into the past, and of what is published what no filter sees.
    """
    remarks = [
        *_unknown(entry, register),
        *_organ(entry),
        *_of_law(entry, register),
        *_past_end(entry, register.history),
        *_blind(entry),
    ]
    return tuple(remarks[:FIELD_ERRORS_MAX])


def _of_law(entry: Entry, register: Register) -> Iterator[Remark]:
    if not isinstance(entry, Covenant | Addendum):
        return
    for found in covenant_remarks(entry, register) if isinstance(entry, Covenant) else addendum_remarks(entry):
        text = found.message
        yield Remark(pointer=found.pointer, code=found.code, message=text.en, dutch=text.nl, blocks=found.blocks)


def _blind(entry: Entry) -> Iterator[Remark]:
    if isinstance(entry, _PUBLISHED) or (isinstance(entry, Decision) and entry.conditions):
        yield Remark(pointer="", code="filter-is-blind", message=BLIND.en, dutch=BLIND.nl)


def _past_end(entry: Entry, history: tuple[Known, ...]) -> Iterator[Remark]:
    """A version that was ended on a day before that on which this became known: nobody may think it undoes anything."""
    stands = version_before(entry, history)
    if stands is None or entry.valid_until is None or entry.valid_until >= amsterdam_day(stands.recorded_at):
        return
    if any(ends_sooner(known.entry, entry) for known in history):
        yield Remark(pointer="/validUntil", code="end-in-the-past", message=_PAST_END.en, dutch=_PAST_END.nl)


def _unknown(entry: Entry, register: Register) -> Iterator[Remark]:
    parties = frozenset(register.party_ids())
    for pointer, party in _named_parties(entry):
        if party is not None and party not in parties:
            yield Remark(pointer=pointer, code="unknown-party", message="Nobody registered this party yet.")
    if isinstance(entry, Decision):
        yield from _unknown_opinions(entry, register)
    if isinstance(entry, Municipality) and not _knows_successor(entry, register.history):
        message = "Nobody registered this municipality yet."
        yield Remark(pointer="/mergedInto", code="unknown-municipality", message=message)


def _unknown_opinions(decision: Decision, register: Register) -> Iterator[Remark]:
    known = {known.entry.id for known in register.history if isinstance(known.entry, Opinion)}
    for index, opinion in enumerate(decision.follows):
        if opinion not in known:
            message = "Nobody registered this opinion yet."
            yield Remark(pointer=f"/follows/{index}", code="unknown-opinion", message=message)


def _knows_successor(entry: Municipality, history: Iterable[Known]) -> bool:
    return entry.merged_into is None or any(
        isinstance(known.entry, Municipality) and known.entry.id == entry.merged_into for known in history
    )


def _organ(entry: Entry) -> Iterator[Remark]:
    if (
        isinstance(entry, Party)
        and entry.organ is not None
        and organ_named(entry.organ) in {"gemeente", "municipality"}
    ):
        message = "A controller is an organ such as burgemeester or college, never the municipality (AVG 4(7))."
        yield Remark(pointer="/organ", code="municipality-is-no-organ", message=message)


def _named_parties(entry: Entry) -> Named:
    """Every party an entry names besides the partners of a covenant, with its pointer."""
    if isinstance(entry, Covenant):
        yield from _of_arrangement(entry)
    elif isinstance(entry, Party):
        yield "/processesFor", entry.processes_for
    elif isinstance(entry, Mandate):
        yield "/from", entry.from_
        yield "/to", entry.to
    elif isinstance(entry, Activity):
        yield "/controller", entry.controller
    elif isinstance(entry, Interpretation):
        yield "/by", entry.by
    elif isinstance(entry, Decision):
        yield from _of_decision(entry)


def _of_arrangement(covenant: Covenant) -> Named:
    if covenant.arrangement is not None:
        yield "/arrangement/contactPoint", covenant.arrangement.contact_point
        yield "/arrangement/informs", covenant.arrangement.informs
        yield "/arrangement/reportsBreach", covenant.arrangement.reports_breach


def _of_decision(decision: Decision) -> Named:
    yield "/by", decision.by
    yield from ((f"/agreedWith/{index}", party) for index, party in enumerate(decision.agreed_with))
    yield from ((f"/covers/{index}", party) for index, party in enumerate(decision.covers))
