"""Who must tell the persons about the act, by when and what (AVG 13 and 14, Wpg 24b), less what they were told before.

Only this act and the facts handed in count: whoever asks hands in what he may know.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from services.law.act import Act
from services.law.addressee import Addressees, addressees_on
from services.law.advice.norms import show_norms
from services.law.advice.shapes import Telling, ToldUnder
from services.law.advice.words import listed, parties_named, party_named, written_instant
from services.law.context import PastAct, SubjectFacts
from services.law.inform import InformDuty, inform_duties, missing_elements, open_exemption
from services.law.owed import tellers
from services.law.past import past_of
from services.law.register import DayView, Register
from services.law.texts import Text

_UNKNOWN: Final = SubjectFacts()
_ELEMENTS: Final = {
    "controller": Text("wie verantwoordelijk is", "who is responsible"),
    "purpose": Text("waarvoor de gegevens zijn", "what the data are for"),
    "basis": Text("welke wet het toestaat", "which law allows it"),
    "categories": Text("om welke gegevens het gaat", "which data it is about"),
    "recipients": Text("wie ze krijgt", "who receives them"),
    "retention": Text("hoe lang ze bewaard worden", "how long they are kept"),
    "rights": Text("welke rechten iemand heeft", "which rights the person has"),
    "source": Text("waar ze vandaan komen", "where they come from"),
    "complaint": Text("waar iemand kan klagen", "where to complain"),
}


class _Owed(msgspec.Struct, frozen=True):
    """One duty, what is still untold and to whom that is said; equal for persons who are owed the same."""

    duty: InformDuty
    missing: tuple[str, ...]
    addressees: Addressees


def tell(
    act: Act, register: Register, view: DayView, known: Sequence[SubjectFacts | None] | None, names: Sequence[str]
) -> tuple[Telling, ...]:
    """Who must tell the persons called ``names``, the earliest first; ``known``: facts of each that may be used."""
    past = past_of(msgspec.structs.replace(act, tense="fact"))
    owed: dict[_Owed, list[str]] = {}
    for index, (subject, name) in enumerate(zip(act.subjects, names, strict=True)):
        facts = known[index] if known is not None else None
        addressees = addressees_on(subject.birth_date, view.day)
        for duty, missing in _owed_to(past, facts or _UNKNOWN, register):
            owed.setdefault(_Owed(duty, missing, addressees), []).append(name)
    told = [_telling(one, tuple(called), view, register) for one, called in owed.items()]
    return tuple(sorted(told, key=lambda telling: (telling.due, telling.party)))


def _owed_to(past: PastAct, facts: SubjectFacts, register: Register) -> Iterator[tuple[InformDuty, tuple[str, ...]]]:
    """What one person is owed because of the act: untold yet, and not set aside by a decision for that person."""
    at = past.occurred_at
    with_act = msgspec.structs.replace(facts, acts=(*facts.acts, past))
    by = frozenset(tellers(past, register))
    for duty in inform_duties(with_act, register, at):
        if duty.party not in by or (duty.covenant, duty.annex) != (past.covenant, past.annex):
            continue
        missing = missing_elements(duty, facts, at)
        if missing and open_exemption(duty, facts, at) is None:
            yield duty, missing


def _telling(owed: _Owed, names: tuple[str, ...], view: DayView, register: Register) -> Telling:
    duty = owed.duty
    others = tuple(party for party in duty.controllers if party != duty.party)
    return Telling(
        party=duty.party,
        on_behalf_of=others,
        subjects=names,
        due=duty.due,
        moment=duty.moment,
        elements=owed.missing,
        addressees=owed.addressees.told,
        covenant=None if duty.covenant is None else ToldUnder(id=duty.covenant, annex=duty.annex),
        norms=show_norms((duty.norm, *owed.addressees.norms), view, register.norms),
        text=_sentence(owed, others, view),
    )


def _sentence(owed: _Owed, others: tuple[str, ...], view: DayView) -> Text:
    duty = owed.duty
    who, when = party_named(view, duty.party), written_instant(duty.due)
    what = listed(_ELEMENTS.get(element, Text(element, element)) for element in owed.missing)
    also = parties_named(view, others)
    return Text(
        f"{who} vertelt het de persoon uiterlijk {when.nl}{f', ook voor {also.nl}' if others else ''}: {what.nl}. "
        f"{owed.addressees.text.nl}",
        f"{who} tells the person by {when.en}{f', also for {also.en}' if others else ''}: {what.en}. "
        f"{owed.addressees.text.en}",
    )
