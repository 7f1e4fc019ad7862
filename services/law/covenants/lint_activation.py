"""What a covenant needs before it may be called active (S12, S15, S34, S59); nothing here stops it being registered.

Purpose, partners and duration (S12); of each annex the five parts that the seed names: approach, consultation, work
process, criteria and agreements (S15); for each duty of the arrangement exactly one accountable partner (S34, S59).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.law.advice.words import listed, written_day
from services.law.covenants.approaches import telling
from services.law.covenants.clashes import DUTIES
from services.law.covenants.outliving import first_lack
from services.law.covenants.remarks import Remark
from services.law.covenants.reports import word_for
from services.law.covenants.resolving import is_theme
from services.law.covenants.terms import canonical_term
from services.law.covenants.words import said
from services.law.errors import LawError
from services.law.governance import Annex, Arrangement, Covenant, Criteria
from services.law.periods import add_period, parse_period
from services.law.pointers import escape
from services.law.register import Register
from services.law.texts import Text

THEME: Final = "theme-not-of-umbrella"
_ANY_DAY: Final = date(2000, 1, 1)
_WGS_TERM_MAX: Final = date(2005, 1, 1)
_PURPOSE: Final = Text("Het doel ontbreekt.", "The purpose is missing.")
_PARTNERS: Final = Text("Er zijn geen partners genoemd.", "No partners are named.")
_DURATION: Final = Text("De looptijd ontbreekt: een einddatum.", "The duration is missing: a last day.")
_TERMS: Final = Text("Geen bewaartermijn voor enige fase.", "No term for any phase.")
_WGS_TERM: Final = Text(
    "Langer dan de vijf jaar die de WGS toelaat (art. 1.8 lid 7).", "Longer than the five years of WGS 1.8(7)."
)
_WGS_CONTACT: Final = Text(
    "Onder de WGS doet het contactpunt dit namens allen (BGS 1.3, 1.4).",
    "Under the WGS the contact point does this for all (BGS 1.3, 1.4).",
)
_RECORD: Final = Text(
    "Het logboek bewaart de handeling korter dan de gegevens zelf.",
    "The ledger keeps its record of the act for less time than the data are kept.",
)
_THEME: Final = Text(
    "Het koepelconvenant noemt deze aanpak niet; de bijlage geldt daarom niet.",
    "The umbrella does not name this approach; the annex therefore does not hold.",
)
_UMBRELLA: Final = Text(
    "Het koepelconvenant is niet bekend of geldt die dag niet.", "The umbrella is not known, or not in force that day."
)
_NAME_BY_DUTY: Final = {
    "contact_point": Text("wie verzoeken beantwoordt", "who answers requests"),
    "informs": Text("wie de persoon informeert", "who informs the person"),
    "reports_breach": Text("wie een datalek meldt", "who reports a breach"),
}
_NAME_BY_PART: Final = {
    "name": Text("de naam van de aanpak", "the name of the approach"),
    "consultation": Text("het overleg", "the consultation"),
    "workProcess": Text("het werkproces", "the work process"),
    "criteria": Text("de criteria", "the criteria"),
    "agreements": Text("de geldende afspraken", "the agreements"),
}


def lint_activation(covenant: Covenant) -> tuple[Remark, ...]:
    """What is missing in a covenant; ``covenant`` as it is with what it takes from its umbrella."""
    annexes = (remark for index, annex in enumerate(covenant.annexes) for remark in _annex(index, annex, covenant))
    return (*_whole(covenant), *_arrangement(covenant), *annexes)


def lint_umbrella(covenant: Covenant, umbrella: Covenant | None) -> tuple[Remark, ...]:
    """Whether the umbrella that a covenant names is there, and names the approaches of its annexes (S14)."""
    if not isinstance(covenant.umbrella, str):
        themes = covenant.themes
    elif umbrella is None:
        return (_remark("/umbrella", "umbrella-unknown", _UMBRELLA, ("S14",), blocks=False),)
    else:
        themes = umbrella.themes
    outside = [n for n, annex in enumerate(covenant.annexes) if themes and not is_theme(annex, themes)]
    return tuple(_remark(f"/annexes/{n}/id", THEME, _THEME, ("S14",)) for n in outside)


def lint_outliving(covenant: Covenant, register: Register) -> tuple[Remark, ...]:
    """Whether a version goes on without its umbrella, and what it then lacks; told of the first such day (S14)."""
    lack = first_lack(covenant, register)
    if lack is None:
        return ()
    day, fields = written_day(lack.day), listed(map(word_for, lack.fields))
    message = Text(
        f"Het koepelconvenant geldt niet vanaf {day.nl}. Dit convenant mist dan: {fields.nl}.",
        f"The umbrella is not in force from {day.en}. This covenant then lacks: {fields.en}.",
    )
    return (_remark("/validUntil", "covenant-outlives-umbrella", message, ("S12", "S14"), blocks=False),)


def _whole(covenant: Covenant) -> Iterator[Remark]:
    if not said(covenant.purpose):
        yield _remark("/purpose", "covenant-purpose-missing", _PURPOSE, ("S12",), ("avg-5-1-b",))
    if not covenant.partners:
        yield _remark("/partners", "covenant-partners-missing", _PARTNERS, ("S12",), ("avg-26-1",))
    if covenant.valid_until is None:
        yield _remark("/validUntil", "covenant-duration-missing", _DURATION, ("S12",))


def _arrangement(covenant: Covenant) -> Iterator[Remark]:
    """Each duty given to one partner; a covenant in which nobody is accountable cannot be activated."""
    given = covenant.arrangement or Arrangement()
    partners = {partner.party for partner in covenant.partners}
    for field, name in DUTIES:
        party = getattr(given, field)
        duty = _NAME_BY_DUTY[field]
        if not party:
            message = Text(f"Niet geregeld is {duty.nl}.", f"It is not arranged {duty.en}.")
            yield _remark(f"/arrangement/{name}", "duty-without-organ", message, ("S34", "S59"), ("avg-26-1",))
        elif partners and party not in partners:
            message = Text(f"Geen partner van dit convenant: {duty.nl}.", f"No partner of this covenant: {duty.en}.")
            yield _remark(f"/arrangement/{name}", "duty-of-no-partner", message, ("S34",), ("avg-26-1",))
        elif covenant.legal_frame == "wgs-zvh" and party != (given.contact_point or party):
            norms = ("bgs-1-3", "bgs-1-4")
            yield _remark(f"/arrangement/{name}", "wgs-contact-point", _WGS_CONTACT, ("S34",), norms, blocks=False)


def _annex(index: int, annex: Annex, covenant: Covenant) -> Iterator[Remark]:
    under = f"/annexes/{index}"
    stated = {
        "name": bool(telling(annex.name or annex.id, (covenant.id,))),
        "consultation": said(annex.consultation),
        "workProcess": said(annex.work_process),
        "criteria": said((annex.criteria or Criteria()).include),
        "agreements": said(annex.agreements),
    }
    for part in (part for part, is_stated in stated.items() if not is_stated):
        name = _NAME_BY_PART[part]
        message = Text(f"De bijlage noemt niet: {name.nl}.", f"The annex lacks {name.en}.")
        yield _remark(f"{under}/{part}", "annex-part-missing", message, ("S15",), ("avg-5-2",))
    yield from _terms(under, annex, covenant)


def _terms(under: str, annex: Annex, covenant: Covenant) -> Iterator[Remark]:
    if not annex.retention:
        yield _remark(f"{under}/retention", "annex-term-missing", _TERMS, ("S35",), ("avg-5-1-e",), blocks=False)
    record = _length(covenant.record_retention or "")
    for phase, term in annex.retention.items():
        length = _length(term)
        if length is None:
            continue
        pointer = f"{under}/retention/{escape(phase)}"
        if covenant.legal_frame == "wgs-zvh" and length > _WGS_TERM_MAX:
            yield _remark(pointer, "term-beyond-law", _WGS_TERM, ("S76",), ("wgs-1-8-7",), blocks=False)
        if record is not None and record < length:
            yield _remark(pointer, "record-shorter-than-data", _RECORD, ("S76",), ("avg-5-2",), blocks=False)


def _length(term: str) -> date | None:
    """Where a term that starts on a fixed day ends, so that terms can be compared; None when it is none."""
    try:
        return add_period(_ANY_DAY, parse_period(canonical_term(term)))
    except LawError:
        return None


def _remark(
    pointer: str,
    code: str,
    message: Text,
    requirements: tuple[str, ...],
    norms: tuple[str, ...] = (),
    *,
    blocks: bool = True,
) -> Remark:
    return Remark(pointer=pointer, code=code, message=message, norms=norms, requirements=requirements, blocks=blocks)
