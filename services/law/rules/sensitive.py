"""Rules on special categories (AVG 9, UAVG 22-30) and criminal data (AVG 10, UAVG 31-33).

The prohibition has exceptions, and they combine as OR: one that the act names, or one that shows from who acts, under
which statute or at which table. Police data under the Wpg and prosecution data under the Wjsg have rules of their own.
"""

from __future__ import annotations

from typing import Final

from services.law.findings import EITHER
from services.law.operations import OperationClass
from services.law.rules.exceptions import (
    VITAL_INTEREST,
    fits_criminal,
    fits_special,
    is_for_anyone,
    named_exceptions,
    shows_criminal_exception,
    shows_special_exception,
)
from services.law.rules.recipients import is_another, is_under_wgs
from services.law.rules.registry import rule
from services.law.rules.scene import Scene, said
from services.law.rules.when import on_sensitive_data
from services.law.sensitive_categories import kinds_of, special_kinds_of
from services.law.texts import Text
from services.law.verdict import Block, Finding, Outcome

# Erasing and restricting protect the person: no prohibition may stand in their way.
_BOUND: Final[tuple[OperationClass, ...]] = ("collect", "consult", "use", "share", "alter")
_VOLUNTEERS: Final = frozenset({"volunteer-body", "citizen"})


@rule(
    "special-category-without-exception",
    *_BOUND,
    block=Block.BASIS,
    norms=("avg-9-1", "avg-9-2", "uavg-22", "uavg-23", "uavg-25", "uavg-30", "wbp-16", "wbp-23"),
    requirements=("S50",),
    when=on_sensitive_data,
    message=Text(
        "Er zijn bijzondere persoonsgegevens (zoals over gezondheid of afkomst), zonder uitzondering op het verbod.",
        "There are special categories of data (such as health or origin), without an exception to the prohibition.",
    ),
    remedy=Text(
        "Noem de uitzondering die hier geldt (AVG 9 lid 2, met UAVG 22 tot en met 30), of laat de gegevens weg.",
        "Name the exception that holds here (AVG 9(2), with UAVG 22-30; legalBasis.article9), or leave the data out.",
    ),
)
def special_category_without_exception(scene: Scene) -> Finding | None:
    """AVG 9(1)-(2), UAVG 22-30: special categories are for whom an exception allows them."""
    if scene.act.data_regime != "AVG" or not (kinds := special_kinds_of(scene.act.data_categories)):
        return None
    basis = scene.act.legal_basis
    if basis is not None and said(basis.article9):
        return None
    shown = all(shows_special_exception(scene, kind) for kind in kinds)
    return None if shown else scene.found("special-category-without-exception")


@rule(
    "special-category-exception-unfit",
    *_BOUND,
    block=Block.BASIS,
    norms=("avg-9-2", "uavg-22", "uavg-23", "uavg-25", "uavg-30", "wbp-16", "wbp-23"),
    requirements=("S50",),
    when=on_sensitive_data,
    message=Text(
        "De genoemde uitzondering past niet bij deze soort bijzondere gegevens.",
        "The exception named does not fit this kind of special data.",
    ),
    remedy=Text(
        "Noem per soort de uitzondering die daarvoor geldt, zoals UAVG 30 voor gezondheid en UAVG 25 voor afkomst.",
        "Name per kind the exception that holds for it, such as UAVG 30 for health and UAVG 25 for origin.",
    ),
)
def special_category_exception_unfit(scene: Scene) -> Finding | None:
    """UAVG 22-30: the exception named is one for every kind of data that the act carries."""
    basis = scene.act.legal_basis
    if basis is None or basis.article9 is None or not said(basis.article9) or scene.act.data_regime != "AVG":
        return None
    exceptions = named_exceptions(basis.article9)
    for kind in special_kinds_of(scene.act.data_categories):
        if not any(fits_special(scene, one, kind) for one in exceptions) and not shows_special_exception(scene, kind):
            return scene.found("special-category-exception-unfit")
    return None


@rule(
    "criminal-data-without-exception",
    *_BOUND,
    block=Block.BASIS,
    norms=("avg-10", "uavg-31", "uavg-32", "uavg-33-1-a", "uavg-33-1-b", "uavg-33-4-a", "wbp-16", "wbp-22"),
    requirements=("S50",),
    when=on_sensitive_data,
    message=Text(
        "Er zijn strafrechtelijke gegevens, en geen uitzondering laat deze verantwoordelijke ze verwerken.",
        "There are criminal data, and no exception lets this controller process them.",
    ),
    remedy=Text(
        "Noem de uitzondering die bij deze verantwoordelijke past (UAVG 32 of 33), of laat de gegevens weg.",
        "Name the exception that fits this controller (UAVG 32 or 33; legalBasis.article10), or leave the data out.",
    ),
)
def criminal_data_without_exception(scene: Scene) -> Finding | None:
    """AVG 10, UAVG 31-33: criminal data are for bodies of criminal law, and for whom 32 or 33 allows them."""
    if scene.act.data_regime != "AVG" or "criminal" not in kinds_of(scene.act.data_categories):
        return None
    return None if _has_criminal_exception(scene) else scene.found("criminal-data-without-exception")


def _has_criminal_exception(scene: Scene) -> bool:
    if shows_criminal_exception(scene):
        return True
    basis = scene.act.legal_basis
    if basis is None or basis.article10 is None or not said(basis.article10):
        return False
    return any(fits_criminal(scene, one) for one in named_exceptions(basis.article10))


@rule(
    "criminal-data-to-volunteer",
    "share",
    block=Block.BASIS,
    severities=EITHER,
    norms=("avg-10", "uavg-31", "uavg-32", "wbp-16", "wbp-22"),
    requirements=("S30", "S50"),
    when=on_sensitive_data,
    message=Text(
        "Een ontvanger is een vrijwilligersorganisatie of burger; die mag geen strafrechtelijke gegevens krijgen.",
        "A recipient is a volunteer body or a citizen; it may not receive criminal data.",
    ),
    remedy=Text(
        "Laat de strafrechtelijke gegevens weg, of noem een uitzondering die voor iedereen geldt (UAVG 32), "
        "zoals een vitaal belang.",
        "Leave the criminal data out, or name an exception that holds for anyone (UAVG 32; legalBasis.article10), "
        "such as a vital interest.",
    ),
)
def criminal_data_to_volunteer(scene: Scene) -> Finding | None:
    """AVG 10, UAVG 31: volunteers and citizens are no bodies to which criminal data may go; of a report it depends."""
    volunteers = [i for i in range(len(scene.recipients)) if is_volunteer(scene, i)]
    severity = severity_to_volunteers(scene) if volunteers else None
    return None if severity is None else scene.found("criminal-data-to-volunteer", severity)


def is_volunteer(scene: Scene, index: int) -> bool:
    """Whether the recipient at ``index`` is a volunteer body or a citizen, and not the sender itself."""
    party = scene.recipients[index]
    return party is not None and party.kind in _VOLUNTEERS and is_another(scene, index)


def severity_to_volunteers(scene: Scene) -> Outcome | None:
    """How wrong it is to tell volunteers what the act carries; None when nothing in it is criminal."""
    if scene.act.data_regime != "AVG" or is_under_wgs(scene):
        return None
    kinds = kinds_of(scene.act.data_categories)
    if kinds.isdisjoint(("criminal", "maybe-criminal")) or _is_generally_excepted(scene):
        return None
    return Outcome.VIOLATION if "criminal" in kinds else Outcome.GAP


def _is_generally_excepted(scene: Scene) -> bool:
    """UAVG 32: consent, made public, claims; and a vital interest, which the letter names."""
    if scene.letter == VITAL_INTEREST:
        return True
    basis = scene.act.legal_basis
    if basis is None or basis.article10 is None or not said(basis.article10):
        return False
    return any(is_for_anyone(scene, one) for one in named_exceptions(basis.article10))
