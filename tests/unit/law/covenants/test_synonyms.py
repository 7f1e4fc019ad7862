"""The words of the normaliser, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from services.law.covenants import synonyms
from services.law.covenants.normaliser import normalise

WORDS: tuple[tuple[Mapping[str, str], dict[str, str]], ...] = (
    (
        synonyms.PHASES,
        {
            "signalering": "signalling",
            "detection": "signalling",
            "beeldvorming": "imaging",
            "probleemanalyse": "imaging",
            "weging": "weighing",
            "assessment": "weighing",
            "planfase": "plan",
            "plan-van-aanpak": "plan",
            "planning": "plan",
            "uitvoering": "execution",
            "implementation": "execution",
            "nazorg": "aftercare",
            "after-care": "aftercare",
        },
    ),
    (
        synonyms.ROLES,
        {
            "convenantpartner": "partner",
            "member": "partner",
            "incidentele-partner": "incidental",
            "guest": "incidental",
        },
    ),
    (
        synonyms.CATEGORIES,
        {
            "naam": "name",
            "names": "name",
            "contactgegevens": "contact",
            "contactinformatie": "contact",
            "schoolgegevens": "school",
            "school-data": "school",
            "overlastmelding": "nuisance-report",
            "nuisance-reports": "nuisance-report",
            "politiemelding": "police-report",
            "police-reports": "police-report",
            "groepsrol": "group-role",
            "role-in-group": "group-role",
            "beeld": "image",
            "photo": "image",
            "social-media-account": "social-media-handle",
            "social-media-naam": "social-media-handle",
            "geboortedatum": "birth-date",
            "date-of-birth": "birth-date",
            "adres": "address",
            "home-address": "address",
            "gezondheid": "health",
            "health-data": "health",
            "strafrechtelijke-gegevens": "criminal-data",
            "criminal-records": "criminal-data",
            "schulden": "debts",
            "schuldgegevens": "debts",
        },
    ),
    (
        synonyms.LEGAL_FRAMES,
        {"avg": "avg-covenant", "gdpr": "avg-covenant", "wgs": "wgs-zvh", "wgs-zorg-en-veiligheidshuis": "wgs-zvh"},
    ),
    (
        synonyms.STATUSES,
        {
            "op-de-lijst": "listed",
            "lijstpersoon": "listed",
            "perifeer": "peripheral",
            "periferie": "peripheral",
            "omstander": "bystander",
            "bystanders": "bystander",
            "derde": "third-person",
            "third-party": "third-person",
        },
    ),
)


@pytest.mark.parametrize(("table", "words"), WORDS)
def test_each_word_has_its_canonical_one(table: Mapping[str, str], words: dict[str, str]) -> None:
    """First and last of each row; every canonical word stands for itself."""
    assert {word: table.get(word) for word in words} == words
    assert all(table[canonical] == canonical for canonical in table.values())
    assert set(table.values()) == set(words.values())


FIELDS: dict[str, str] = {
    "versie": "version",
    "geldigVanaf": "validFrom",
    "geldig vanaf": "validFrom",
    "ingangsdatum": "validFrom",
    "valid_from": "validFrom",
    "geldig tot": "validUntil",
    "geldig tot en met": "validUntil",
    "einddatum": "validUntil",
    "valid-until": "validUntil",
    "koepel": "umbrella",
    "koepelconvenant": "umbrella",
    "thema's": "themes",
    "themas": "themes",
    "samenvatting": "summary",
    "stroming": "regime",
    "doel": "purpose",
    "doelbinding": "purpose",
    "werkgebied": "territory",
    "werkingsgebied": "territory",
    "gebied": "territory",
    "gemeenten": "municipalities",
    "partijen": "partners",
    "deelnemers": "partners",
    "convenantpartners": "partners",
    "onderlinge regeling": "arrangement",
    "regeling": "arrangement",
    "bewaartermijn logboek": "recordRetention",
    "record_retention": "recordRetention",
    "dwang": "coercive",
    "gedwongen kader": "coercive",
    "gepubliceerd": "published",
    "gepubliceerd op": "published",
    "juridisch kader": "legalFrame",
    "legal frame": "legalFrame",
    "bijlagen": "annexes",
    "bijlage": "annexes",
}
PARTS: dict[str, dict[str, str]] = {
    "partners": {
        "partij": "party",
        "van": "from",
        "vanaf": "from",
        "tot": "until",
        "tot en met": "until",
        "rol": "role",
        "grondslag": "ground",
    },
    "arrangement": {
        "contactpunt": "contactPoint",
        "contact point": "contactPoint",
        "informeert": "informs",
        "meldt datalek": "reportsBreach",
        "meldt datalekken": "reportsBreach",
        "reports_breach": "reportsBreach",
    },
    "annexes": {
        "naam": "name",
        "afspraken": "agreements",
        "preventief": "preventive",
        "overleg": "consultation",
        "werkproces": "workProcess",
        "work process": "workProcess",
        "noodzaak": "necessity",
        "gegevens": "dataCategories",
        "gegevenscategorieën": "dataCategories",
        "soorten gegevens": "dataCategories",
        "data_categories": "dataCategories",
        "bewaartermijn": "retention",
        "bewaartermijnen": "retention",
        "termijnen": "retention",
    },
    "criteria": {
        "insluiting": "include",
        "inclusie": "include",
        "wel": "include",
        "uitsluiting": "exclude",
        "exclusie": "exclude",
        "niet": "exclude",
        "einde": "ends",
        "eindigt": "ends",
        "sluit uit": "excludesStatus",
        "excludes_status": "excludesStatus",
    },
    "necessity": {"evenredigheid": "proportionality", "subsidiariteit": "subsidiarity"},
}


@pytest.mark.parametrize(("stated", "canonical"), FIELDS.items())
def test_each_field_has_its_name(stated: str, canonical: str) -> None:
    """A field in Dutch, or spelt otherwise, in camel case too, becomes that of the contract."""
    assert normalise({stated: 1}).body == {canonical: 1}


@pytest.mark.parametrize(
    ("where", "stated", "canonical"), [(where, *pair) for where, fields in PARTS.items() for pair in fields.items()]
)
def test_each_part_has_its_name(where: str, stated: str, canonical: str) -> None:
    """The same within partners, the arrangement, annexes, their criteria and their necessity."""
    given: dict[str, Any] = {stated: 1}
    expected: dict[str, Any] = {canonical: 1}
    if where in {"criteria", "necessity"}:
        given, expected, where = {where: given}, {where: expected}, "annexes"
    wrapped = where in {"partners", "annexes"}
    found = normalise({where: [given] if wrapped else given}).body[where]
    assert found == ([expected] if wrapped else expected)
