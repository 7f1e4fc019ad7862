"""The exceptions to the prohibitions of AVG 9 and 10: which are named, which show by themselves, and what they fit."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

from services.law.governance import Party
from services.law.grounds import holds_without
from services.law.letters import EXCEPTION, folded
from services.law.rules.by import PUBLIC_KINDS
from services.law.rules.recipients import is_under_wgs
from services.law.rules.scene import AVG_FROM, Scene, said
from services.law.sensitive_categories import SPECIAL_KINDS, Kind
from services.law.statutes import Statute, statute

EXCEPTIONS_CACHED_MAX: Final = 1024
"""Texts of which the exceptions are remembered."""

UAVG: Final = "BWBR0040940"
_WBP: Final = "BWBR0011468"
_CARE_ACTS: Final = frozenset({"BWBR0034925", "BWBR0035362", "BWBR0040635", "BWBR0005290", "BWBR0006251"})
_YOUTH_AND_SUPPORT_ACTS: Final = frozenset({"BWBR0034925", "BWBR0035362"})
_WGS: Final = "BWBR0049962"
_LAW_ENFORCEMENT: Final = frozenset({"police", "judicial"})
VITAL_INTEREST: Final = "d"
"""The letter of AVG 6(1), and of Wbp 8, that opens special and criminal data too (AVG 9(2)(c), UAVG 32)."""
_PUBLIC_INTEREST: Final = "g"

_SEPARATOR: Final = re.compile(
    r"\s*(?:[;,/+]|\b(?:jo|juncto|en|and|with|met)\b\.?)\s*|(?<=\))\s+(?=[a-z])", re.IGNORECASE
)
_LETTER: Final = re.compile(EXCEPTION)
_WRITTEN_OUT: Final = re.compile(
    r"(?<!\d)9,?\s+(?:lid\s+2|(?:tweede|2d?e)\s+lid),?\s+(?:aanhef\s+en\s+)?"
    r"(?:sub|onder(?:deel)?|letter|punt)\s+([a-j])\b",
    re.IGNORECASE,
)
"""A letter of AVG 9(2) in words, whose commas and "en" join nothing."""

_ANY_KIND: Final = SPECIAL_KINDS
_HEALTH: Final[frozenset[Kind]] = frozenset({"health"})
_KINDS_BY_LETTER: Final[dict[str, frozenset[Kind]]] = {
    **dict.fromkeys("acdefj", _ANY_KIND),
    "b": frozenset({"health", "union"}),
    "h": frozenset({"health", "genetic"}),
    "i": _HEALTH,
}
"""AVG 9(2): what each letter can carry by itself. Letter (g) needs a statute, so it carries nothing alone."""

_KINDS_BY_ARTICLE: Final[dict[str, frozenset[Kind]]] = {
    **dict.fromkeys(("22", "23", "24"), _ANY_KIND),
    "25": frozenset({"ethnicity"}),
    "26": frozenset({"political"}),
    "27": frozenset({"belief"}),
    "28": frozenset({"genetic"}),
    "29": frozenset({"biometric"}),
    "30": _HEALTH,
}
"""UAVG 22-30: what each article can carry."""

_KINDS_BY_WBP_ARTICLE: Final[dict[str, frozenset[Kind]]] = {
    "17": frozenset({"belief"}),
    "18": frozenset({"ethnicity"}),
    "19": frozenset({"political"}),
    "20": frozenset({"union"}),
    "21": frozenset({"health", "genetic"}),
    "23": _ANY_KIND,
}
"""Wbp 17-23: what each article could carry, until 24 May 2018."""


class NamedException(msgspec.Struct, frozen=True):
    """One exception as the act names it: a letter of AVG 9(2), or a provision."""

    letter: str | None = None
    provision: Statute | None = None

    def article_of(self, number: str) -> str | None:
        """The article, when it is one of the act of that number."""
        return self.provision.article if self.provision is not None and self.provision.number == number else None


@lru_cache(maxsize=EXCEPTIONS_CACHED_MAX)
def named_exceptions(text: str) -> tuple[NamedException, ...]:
    """The exceptions in a text such as "9(2)(h) jo. UAVG 30(3)(a)", in its order."""
    return tuple(_named(part) for part in _SEPARATOR.split(_WRITTEN_OUT.sub(r"9(2)(\1)", text)) if part.strip())


def _named(part: str) -> NamedException:
    letter = _LETTER.fullmatch(folded(part))
    return NamedException(letter=letter[1]) if letter else NamedException(provision=statute(part))


def fits_special(scene: Scene, exception: NamedException, kind: Kind) -> bool:
    """Whether the exception can carry data of this kind; AVG 9(2)(g) does so with the statute that the act rests on."""
    if _is_of_another_day(scene, exception):
        return False
    if exception.letter == _PUBLIC_INTEREST:
        return scene.statute is not None and scene.statute.number is not None
    if exception.letter is not None:
        return kind in _KINDS_BY_LETTER[exception.letter]
    if kind in _KINDS_BY_ARTICLE.get(exception.article_of(UAVG) or "", ()):
        return True
    if _is_before_avg(scene) and kind in _KINDS_BY_WBP_ARTICLE.get(exception.article_of(_WBP) or "", ()):
        return True
    provision = exception.provision
    return provision is not None and kind == "health" and provision.number in _CARE_ACTS | {_WGS}


def shows_special_exception(scene: Scene, kind: Kind) -> bool:
    """Whether an exception shows without being named: a vital interest, the act it rests on, or the table it is at.

    AVG 9(2)(c); UAVG 30 with the acts on care, youth and support; WGS 2.29(1) for health.
    """
    if scene.letter == VITAL_INTEREST:
        return True
    if kind != "health":
        return False
    return is_under_wgs(scene) or (scene.statute is not None and scene.statute.number in _CARE_ACTS)


def shows_criminal_exception(scene: Scene) -> bool:
    """Whether criminal data may be had without an exception being named.

    AVG 10 and UAVG 33(1)(a): bodies of criminal law, and who received the data from them; WGS 2.30; the acts on youth
    and support; a vital interest (UAVG 32).
    """
    if scene.letter == VITAL_INTEREST or is_under_wgs(scene) or _enforces_law(scene.controller):
        return True
    if scene.statute is not None and scene.statute.number in _YOUTH_AND_SUPPORT_ACTS:
        return True
    return _enforces_law(_source_of(scene))


def fits_criminal(scene: Scene, exception: NamedException) -> bool:
    """Whether the exception is one of UAVG 32 or 33 (Wbp 22 or 23), and this controller one for whom it is meant."""
    if _is_of_another_day(scene, exception):
        return False
    if is_for_anyone(scene, exception):
        return True
    if _is_before_avg(scene) and exception.article_of(_WBP) == "22":
        return True
    provision = exception.provision
    return provision is not None and exception.article_of(UAVG) == "33" and _fits_33(scene, provision)


def is_for_anyone(scene: Scene, exception: NamedException) -> bool:
    """Whether it is an exception for criminal data that holds for anyone: UAVG 32, before that Wbp 23."""
    if exception.article_of(UAVG) == "32":
        return True
    return _is_before_avg(scene) and exception.article_of(_WBP) == "23"


def _is_of_another_day(scene: Scene, exception: NamedException) -> bool:
    """Whether it stands in a law that did not hold on the day of the act; the letters of AVG 9(2) are read on any."""
    provision = exception.provision
    return provision is not None and not holds_without(provision, scene.view.laws_out_of_force)


def _is_before_avg(scene: Scene) -> bool:
    return scene.view.day < AVG_FROM


def _fits_33(scene: Scene, provision: Statute) -> bool:
    place = (provision.paragraph, provision.part)
    if place == ("1", "a"):
        return scene.act.source is None or scene.act.source.party is None
    if place == ("1", "b"):
        return _is_public_partnership(scene)
    if place == ("4", "a"):
        return scene.controller is not None and said(scene.controller.licence)
    return provision.paragraph in ("2", "3", "5")


def _is_public_partnership(scene: Scene) -> bool:
    """UAVG 33(1)(b): a public body in a partnership with safeguards, for which the arrangement of AVG 26 stands."""
    controller, covenant = scene.controller, scene.covenant
    if controller is None or covenant is None or controller.kind not in PUBLIC_KINDS:
        return False
    return controller.id in covenant.partners and covenant.covenant.arrangement is not None


def _source_of(scene: Scene) -> Party | None:
    source = scene.act.source
    return scene.view.parties[source.party] if source is not None and source.party is not None else None


def _enforces_law(party: Party | None) -> bool:
    return party is not None and party.kind in _LAW_ENFORCEMENT
