"""What others' records lean on in a dossier that is erased: its content goes with the rest, its envelope stands.

A dossier is one controller's, but some of what stands there decides about records of others that stay. Its deletes and
its answers say that it no longer has what others gave it; its notices, and its exemptions that have ended, say what the
person was told, or need not be told yet, about the work of all at the table. Destroyed with the rest they would undo
that: what was erased would be held again, and the person told twice. An envelope holds no identity and no text, so it
stays until its own last day; the key of the content goes, and nobody reads that any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import msgspec

from services.ledger.application.erasure_choice import Choice, Seen
from services.ledger.application.lines import END_OF_TIME, Line, join_lines
from services.ledger.application.ports import Bounds
from services.ledger.application.withholding import is_in_force
from services.ledger.contract.events import Envelope
from services.ledger.contract.topics import (
    EXEMPTION_RECORDED,
    NOTICE_RECORDED,
    OBLIGATION_ANSWERED,
    PROCESSING_RECORDED,
)

TELLS: Final = frozenset({NOTICE_RECORDED, EXEMPTION_RECORDED})
DELETE: Final = "delete"
ALL: Final = Bounds(as_of=END_OF_TIME, as_known_at=END_OF_TIME)


def spare(choices: Iterable[Choice], person: Iterable[Seen]) -> list[Choice]:
    """The choices with what they spare; ``person``: all that is known on every stream of that person."""
    chosen = list(choices)
    erased = {place for choice in chosen for place in choice.positions}
    acts = [line.envelope for line in standing_lines(person) if line.place not in erased and is_act(line)]
    return [msgspec.structs.replace(choice, spared=find_spared(choice.events, acts)) for choice in chosen]


def find_spared(events: Iterable[Seen], acts: Sequence[Envelope]) -> tuple[int, ...]:
    """The positions of what these acts, which stay, lean on, and of what was said about that, in order."""
    lines = [line for line in standing_lines(events) if any(leans_on(act, line) for act in acts)]
    return tuple(sorted({event.position for line in lines for event in (line.event, *(e.event for e in line.later))}))


def standing_lines(events: Iterable[Seen]) -> list[Line]:
    """What was said in these events and not taken back since."""
    return [line for line in join_lines([event for event, _ in events], ALL) if line.voided is None]


def is_act(line: Line) -> bool:
    """Whether somebody did something with the data, rather than delete them."""
    return line.topic == PROCESSING_RECORDED and line.envelope.operation_class != DELETE


def leans_on(act: Envelope, decision: Line) -> bool:
    """Whether a line of an erased dossier decides what is shown of an act that stays, or still owed because of it.

    What names a covenant annex is about every act in it, and a decision not to tell that names none about all that its
    controller would tell, for others too. The rest is about what its own party did or got.
    """
    envelope, topic = decision.envelope, decision.topic
    if topic in TELLS and envelope.covenant is not None:
        return act.covenant == envelope.covenant and envelope.annex in {None, act.annex}
    if topic == EXEMPTION_RECORDED:
        return True
    deletes = topic == PROCESSING_RECORDED and envelope.operation_class == DELETE
    decides = deletes or topic in {NOTICE_RECORDED, OBLIGATION_ANSWERED}
    return decides and envelope.controller in {act.controller, *act.recipients}


def holds_exemption(choices: Iterable[Choice], day: date) -> bool:
    """Whether a decision not to tell the person, among what would be erased, is still in force on ``day``."""
    lines = [line for choice in choices for line in standing_lines(choice.events)]
    return any(line.topic == EXEMPTION_RECORDED and is_in_force(line, day) for line in lines)
