"""Who must tell the persons about the act, by when and what (AVG 13 and 14, Wpg 24b), less what they were told before.

Only this act and the facts handed in count: whoever asks hands in what he may know.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from services.law.act import Act
from services.law.addressee import Addressees, addressees_on
from services.law.advice.norms import show_norms
from services.law.advice.shapes import Telling, ToldUnder
from services.law.advice.words import listed, parties_named, party_named, written_instant
from services.law.context import Context, PastAct, SubjectFacts
from services.law.inform import InformDuty, inform_duties, missing_elements, open_exemption
from services.law.local_time import amsterdam_day
from services.law.owed import tellers
from services.law.past import past_of
from services.law.register import DayView
from services.law.texts import Text

_UNKNOWN: Final = SubjectFacts()
_LEAST: Final = timedelta(microseconds=1)
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
_TELLS: Final = Text(
    "{who} vertelt het de persoon uiterlijk {when}",
    "{who} tells the person by {when}",
)
_TELLS_LATE: Final = Text(
    "{who} had het de persoon uiterlijk {when} moeten vertellen, en doet dat nu meteen",
    "{who} should have told the person by {when}, and does so at once",
)


class _Owed(msgspec.Struct, frozen=True):
    """One duty, what is still untold and to whom that is said; equal for persons who are owed the same."""

    duty: InformDuty
    missing: tuple[str, ...]
    addressees: Addressees


def tell(
    act: Act, context: Context, known: Sequence[SubjectFacts | None] | None, names: Sequence[str]
) -> tuple[Telling, ...]:
    """Who must tell the persons called ``names``, the earliest first; ``known``: facts of each that may be used."""
    register = context.register
    view = register.on(amsterdam_day(act.occurred_at))
    past = past_of(act)
    owed: dict[_Owed, list[str]] = {}
    for index, (subject, name) in enumerate(zip(act.subjects, names, strict=True)):
        facts = known[index] if known is not None else None
        addressees = addressees_on(subject.birth_date, view.day)
        for duty, missing in _owed_to(past, facts or _UNKNOWN, context):
            owed.setdefault(_Owed(duty, missing, addressees), []).append(name)
    told = [_telling(one, tuple(called), view, context) for one, called in owed.items()]
    return tuple(sorted(told, key=lambda telling: (telling.due, telling.party)))


def _owed_to(past: PastAct, facts: SubjectFacts, context: Context) -> Iterator[tuple[InformDuty, tuple[str, ...]]]:
    """What one person is owed because of the act: untold yet, and not set aside by a decision for that person."""
    at = max(context.now, past.occurred_at)
    with_act = msgspec.structs.replace(facts, acts=(*facts.acts, past))
    by = frozenset(tellers(past, context.register))
    for duty in inform_duties(with_act, context.register, at):
        if duty.party not in by or (duty.covenant, duty.annex) != (past.covenant, past.annex):
            continue
        missing = missing_elements(duty, facts, at)
        if missing and open_exemption(duty, facts, at) is None:
            yield duty, missing


def _telling(owed: _Owed, names: tuple[str, ...], view: DayView, context: Context) -> Telling:
    duty = owed.duty
    others = tuple(party for party in duty.controllers if party != duty.party)
    # What is due by 24:00 has that day as its last.
    late = amsterdam_day(duty.due - _LEAST) < amsterdam_day(context.now)
    return Telling(
        party=duty.party,
        on_behalf_of=others,
        subjects=names,
        due=duty.due,
        late=late,
        moment=duty.moment,
        elements=owed.missing,
        addressees=owed.addressees.told,
        covenant=None if duty.covenant is None else ToldUnder(id=duty.covenant, annex=duty.annex),
        norms=show_norms((duty.norm, *owed.addressees.norms), view, context.register.norms),
        text=_sentence(owed, others, view, late=late),
    )


def _sentence(owed: _Owed, others: tuple[str, ...], view: DayView, *, late: bool) -> Text:
    who, when = party_named(view, owed.duty.party), written_instant(owed.duty.due)
    what = listed(_ELEMENTS[element] for element in owed.missing)
    also = parties_named(view, others)
    tells = _TELLS_LATE if late else _TELLS
    for_others = Text(f", ook voor {also.nl}", f", also for {also.en}") if others else Text("", "")
    addressees = owed.addressees.text
    return Text(
        f"{tells.nl.format(who=who, when=when.nl)}{for_others.nl}: {what.nl}. {addressees.nl}",
        f"{tells.en.format(who=who, when=when.en)}{for_others.en}: {what.en}. {addressees.en}",
    )
