"""What may not be told to the person yet: exemptions in force and confidential lines (AVG 23, UAVG 41).

The restriction itself may have to stay hidden (UAVG 41(2)(h)): then the answer reads exactly as
it would if there were nothing to hide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.ledger.application.line_view import purpose_of
from services.ledger.application.lines import Line
from services.ledger.contract.events import Content, Envelope
from services.ledger.contract.topics import EXEMPTION_RECORDED

Json = dict[str, Any]

PROTECTION_OF_OTHERS: Final = ("UAVG 41(1)(i)", "AVG 15(4)", "AVG 23(1)(i)")
"""Grounds that protect other people: that something is withheld on them may be told."""

REPRESENTATIVES: Final = frozenset({"parent", "guardian"})
DOMESTIC_VIOLENCE: Final = ("domestic-violence", "child-abuse", "huiselijk-geweld", "kindermishandeling")


class Withholding(msgspec.Struct, frozen=True, kw_only=True):
    """The lines that may be told, those that may not, and the exemptions in force."""

    shown: tuple[Line, ...]
    withheld: tuple[Line, ...]
    exemptions: tuple[Envelope, ...]
    may_be_told: bool
    grounds: tuple[str, ...]

    def view(self) -> Json:
        """``{"mayBeTold": false}`` both when nothing is withheld and when it may not be known that something is."""
        if not self.may_be_told:
            return {"mayBeTold": False}
        return {"mayBeTold": True, "count": len(self.withheld), "ground": "; ".join(self.grounds)}

    def hides_reads_of(self, party: str) -> bool:
        """Whether a read by this party would betray what an exemption in force hides."""
        return any(party in {e.controller, e.decided_by, e.author} for e in self.exemptions)


def withhold(lines: Sequence[Line], contents: Mapping[tuple[int, int], Content | None], day: date) -> Withholding:
    """Divide the lines of one person by what may be told on ``day``."""
    exemptions = tuple(
        line.envelope
        for line in lines
        if line.topic == EXEMPTION_RECORDED and line.voided is None and is_in_force(line, day)
    )
    withheld = [line for line in lines if is_withheld(line, exemptions, day)]
    hidden = {line.place for line in withheld}
    grounds = [_ground_of(line, contents) for line in withheld]
    tellable = bool(withheld) and not exemptions and all(_protects_others(ground) for ground in grounds)
    return Withholding(
        shown=tuple(line for line in lines if line.place not in hidden),
        withheld=tuple(withheld),
        exemptions=exemptions,
        may_be_told=tellable,
        grounds=tuple(dict.fromkeys(ground for ground in grounds if ground)),
    )


def is_withheld(line: Line, exemptions: Iterable[Envelope], day: date) -> bool:
    """Whether the line is confidential on ``day`` or covered by an exemption in force, which covers itself too."""
    return line.is_confidential(day) or any(covers(exemption, line.envelope) for exemption in exemptions)


def is_in_force(exemption: Line, day: date) -> bool:
    """Whether a decision not to tell still holds: through its review date, unless its reason has gone by then."""
    review_on, ended_at = exemption.envelope.review_on, exemption.ended_at
    if ended_at is not None and amsterdam_day(ended_at) <= day:
        return False
    return review_on is None or day <= review_on


def covers(exemption: Envelope, line: Envelope) -> bool:
    """Whether an exemption is about what this line is about: its covenant annex, else its controller's lines.

    That something was erased is about every annex in which it had stood.
    """
    if exemption.operation_id == line.operation_id:
        return True
    if exemption.covenant is None:
        return line.controller == exemption.controller
    annexes = [(line.covenant, line.annex), *((each.covenant, each.annex) for each in line.destroyed)]
    return any(covenant == exemption.covenant and exemption.annex in {None, annex} for covenant, annex in annexes)


def needs_human(role: str | None, lines: Iterable[Line], register: Register) -> bool:
    """Whether access by a parent or guardian waits for a human: domestic violence (UAVG 41(1)(i), Wmo 5.3.2).

    The word may stand in the act, in its covenant annex, or in the purpose that the covenant brings.
    """
    if role not in REPRESENTATIVES:
        return False
    return any(
        term in text for line in lines for text in _words_of(line.envelope, register) for term in DOMESTIC_VIOLENCE
    )


def _words_of(envelope: Envelope, register: Register) -> Iterator[str]:
    named = (purpose_of(envelope, register), envelope.activity, envelope.covenant, envelope.annex)
    for text in (*envelope.data_categories, *named):
        if text is not None:
            yield "-".join(text.lower().split())


def _ground_of(line: Line, contents: Mapping[tuple[int, int], Content | None]) -> str | None:
    event = line.event if line.confided is None else line.confided.event
    content = contents.get((event.lane, event.position))
    return content.confidentiality.ground if content is not None and content.confidentiality is not None else None


def _protects_others(ground: str | None) -> bool:
    return ground is not None and any(known in ground for known in PROTECTION_OF_OTHERS)
