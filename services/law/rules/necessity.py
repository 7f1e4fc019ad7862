"""Rules of the block necessity (noodzaak): why, of whom and which data."""

from __future__ import annotations

from services.law.findings import VIOLATION
from services.law.in_force import REGIME_PUBLISHED_CRITERIA
from services.law.operations import OperationClass
from services.law.rules.conditions import folded
from services.law.rules.registry import NOT_DELETE, rule
from services.law.rules.scene import Scene, said
from services.law.rules.under import published_criteria, with_categories, with_exclusions
from services.law.texts import Text
from services.law.verdict import Block, Finding, Outcome

_CONSENT = "a"
_SECRECY_OF_RECEIVER = "7"
_WPG = "BWBR0022463"
_SAYS_NOT_MET = frozenset({"", "geen", "nee", "niet", "niet voldaan", "no", "none", "not asserted", "not met"})
"""Words that plainly say that somebody does not meet the criteria, folded; any other text is for a person to judge."""

# Erasing and restricting protect the person: no exclusion may stand in their way.
_EXCLUDABLE: tuple[OperationClass, ...] = tuple(c for c in NOT_DELETE if c != "restrict")


@rule(
    "necessity-missing",
    *NOT_DELETE,
    block=Block.NECESSITY,
    norms=("avg-5-1-c", "avg-5-2", "wpg-3", "wbp-8", "wbp-11"),
    requirements=("S2", "S4", "S6"),
    message=Text(
        "Niet is vastgelegd waarom dit nodig is: evenredigheid en subsidiariteit, elk in eigen woorden.",
        "It is not recorded why this is needed: proportionality and subsidiarity, each in its own words.",
    ),
    remedy=Text(
        "Schrijf op waarom dit niet te veel is en waarom het niet lichter kan, "
        "of handel onder een bijlage die dat vooraf en openbaar heeft gedaan.",
        "Fill in necessity, or act under an annex that reasoned it beforehand and in public.",
    ),
)
def necessity_missing(scene: Scene) -> Finding | None:
    """AVG 5(1)(c), Wpg 3: proportionality and subsidiarity, of the act or of its annex; not asked with consent."""
    annex = scene.annex
    if annex is not None and annex.supplies_necessity and not leans_on_receivers_task(scene):
        return None
    if reasons_necessity(scene) or (scene.letter == _CONSENT and not scene.police_data):
        return None
    return scene.found("necessity-missing")


@rule(
    "criteria-unpublished",
    *NOT_DELETE,
    block=Block.NECESSITY,
    norms=("avg-5-1-a", "avg-5-2", "wgs-2-32", "wbp-6"),
    requirements=("S6", "S7"),
    under=published_criteria,
    message=Text(
        "Dit convenant steunt op criteria die vooraf openbaar zijn; op de dag van de handeling waren ze dat niet.",
        "This covenant leans on criteria that are public beforehand; on the day of the act they were not.",
    ),
    remedy=Text(
        "Maak de criteria openbaar en zet de datum bij het convenant, of geef bij deze handeling zelf de redenen.",
        "Make the criteria public (published at the covenant), or give the reasons at this act itself.",
    ),
)
def criteria_unpublished(scene: Scene) -> Finding | None:
    """Regime 2: whoever leans on the criteria of an annex leans on what everybody could read that day."""
    covenant = scene.covenant
    if covenant is None or covenant.covenant.regime != REGIME_PUBLISHED_CRITERIA:
        return None
    published = covenant.covenant.published if scene.annex is None else scene.annex.published
    if (published is not None and published <= scene.view.day) or reasons_necessity(scene):
        return None
    return None if scene.letter == _CONSENT and not scene.police_data else scene.found("criteria-unpublished")


@rule(
    "category-outside-annex",
    *_EXCLUDABLE,
    block=Block.NECESSITY,
    severities=VIOLATION,
    norms=("avg-5-1-b", "avg-5-1-c", "wbp-9", "wbp-11"),
    requirements=("S10", "S15"),
    under=with_categories,
    message=Text(
        "Er zijn soorten gegevens gebruikt die de bijlage van het convenant niet noemt.",
        "Categories of data were used that the annex of the covenant does not name.",
    ),
    remedy=Text(
        "Laat die gegevens weg, of laat de partners eerst een nieuwe versie van de bijlage vaststellen.",
        "Leave those data out, or have the partners adopt a new version of the annex first.",
    ),
)
def category_outside_annex(scene: Scene) -> Finding | None:
    """AVG 5(1)(b), (c): only the categories that the partners agreed on; an annex that lists none says nothing."""
    annex = scene.annex
    if annex is None or not annex.categories or annex.categories.issuperset(scene.act.data_categories):
        return None
    return scene.found("category-outside-annex", Outcome.VIOLATION)


@rule(
    "bystander-excluded",
    *_EXCLUDABLE,
    block=Block.NECESSITY,
    severities=VIOLATION,
    norms=("avg-5-1-c", "wbp-11"),
    requirements=("S7", "S44"),
    under=with_exclusions,
    message=Text(
        "De bijlage sluit personen met deze status uit, zoals omstanders.",
        "The annex excludes persons with this status, such as bystanders.",
    ),
    remedy=Text(
        "Laat deze personen weg; is het al gebeurd, wis hun gegevens en meld dat elke ontvanger.",
        "Leave these persons out; if it has happened, erase their data and tell every recipient.",
    ),
)
def bystander_excluded(scene: Scene) -> Finding | None:
    """AVG 5(1)(c): persons with a status that the annex excludes stay out."""
    annex = scene.annex
    if annex is None or not annex.excluded_statuses:
        return None
    excluded = annex.excluded_statuses
    for subject in scene.act.subjects:
        if subject.status in excluded:
            return scene.found_for("bystander-excluded", lambda person: person.status in excluded, Outcome.VIOLATION)
    return None


@rule(
    "criteria-missing",
    "alter",
    block=Block.NECESSITY,
    norms=("avg-5-1-c", "avg-5-2", "wgs-2-32", "wbp-6", "wbp-11"),
    requirements=("S7", "S37"),
    message=Text(
        "Iemand is op een lijst gezet zonder dat is vastgelegd dat hij aan de criteria voldoet.",
        "Someone was put on a list without a record that the criteria are met.",
    ),
    remedy=Text(
        "Toets de persoon aan de criteria van de bijlage en leg vast dat hij eraan voldoet.",
        "Test the person against the criteria of the annex and fill in criteria.",
    ),
)
def criteria_missing(scene: Scene) -> Finding | None:
    """WGS 2.32, AVG 5(2): who is put on a list has been tested against its criteria."""
    if scene.act.list is None or folded(scene.act.criteria or "") not in _SAYS_NOT_MET:
        return None
    return scene.found("criteria-missing")


def reasons_necessity(scene: Scene) -> bool:
    """Whether the act itself reasons both proportionality and subsidiarity."""
    necessity = scene.act.necessity
    return necessity is not None and said(necessity.proportionality) and said(necessity.subsidiarity)


def leans_on_receivers_task(scene: Scene) -> bool:
    """Whether a receiver of police data passes them on because its task requires it (Wpg 7(2)).

    That reason is per act: no annex can have given it beforehand.
    """
    provision = scene.statute
    return provision is not None and provision.number == _WPG and provision.article == _SECRECY_OF_RECEIVER
