"""The words of the normaliser: towns that write the same covenant in their own words have the same covenant (S83)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

import msgspec
import pytest

from services.law.act import Phase, SubjectStatus
from services.law.card import card_of
from services.law.covenants import synonyms
from services.law.covenants.gathering import register_of
from services.law.covenants.normaliser import normalise
from services.law.covenants.words import fold
from services.law.governance import Annex, AnnexNecessity, Arrangement, Covenant, Criteria, Partner
from services.law.sensitive_categories import kinds_of
from tests.unit.law.builders import DAY
from tests.unit.law.covenants.fixtures import read

CATEGORIES_OF_THE_CASE: Final = {"name", "contact", "school", "nuisance-report", "police-report", "group-role"} | {
    "image",
    "social-media-handle",
}
"""Those of the contract and of the case that must run."""

CATEGORIES_OF_THE_LAW: Final = {"birth-date", "address", "health", "criminal-data", "debts"}
"""BRP and Wabb, AVG 9 and 10, and what a debt counsellor brings to the table."""


def _words_of(shape: type[msgspec.Struct], field: str) -> set[str]:
    kind = next(one.type for one in msgspec.structs.fields(shape) if one.name == field)
    return set(get_args(kind))


def _fields_of(shape: type[msgspec.Struct]) -> set[str]:
    return {one.encode_name for one in msgspec.structs.fields(shape)}


VOCABULARIES: Final[tuple[tuple[Mapping[str, str], set[str]], ...]] = (
    (synonyms.PHASES, set(get_args(Phase))),
    (synonyms.ROLES, _words_of(Partner, "role")),
    (synonyms.STATUSES, set(get_args(SubjectStatus))),
    (synonyms.LEGAL_FRAMES, _words_of(Covenant, "legal_frame")),
    (synonyms.CATEGORIES, CATEGORIES_OF_THE_CASE | CATEGORIES_OF_THE_LAW),
)
FIELDS: Final[tuple[tuple[Mapping[str, str], type[msgspec.Struct]], ...]] = (
    (synonyms.FIELDS, Covenant),
    (synonyms.PARTNER_FIELDS, Partner),
    (synonyms.ARRANGEMENT_FIELDS, Arrangement),
    (synonyms.ANNEX_FIELDS, Annex),
    (synonyms.CRITERIA_FIELDS, Criteria),
    (synonyms.NECESSITY_FIELDS, AnnexNecessity),
)
EVERY_TABLE: Final = [table for table, _ in (*VOCABULARIES, *FIELDS)]


@pytest.mark.parametrize(("table", "vocabulary"), VOCABULARIES)
def test_every_word_leads_into_the_contract(table: Mapping[str, str], vocabulary: set[str]) -> None:
    """Each word becomes one that the contract has, each word of the contract can be said otherwise, and is itself."""
    assert set(table.values()) == vocabulary
    assert all(table[word] == word for word in vocabulary)
    assert vocabulary == {meant for word, meant in table.items() if word != meant}


@pytest.mark.parametrize(("table", "shape"), FIELDS)
def test_every_name_is_that_of_a_field(table: Mapping[str, str], shape: type[msgspec.Struct]) -> None:
    """A name becomes one that the body really has, and no name of the body becomes another."""
    names = _fields_of(shape)
    assert set(table.values()) <= names
    assert not {fold(name): table[fold(name)] for name in names if table.get(fold(name), name) != name}


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_a_word_is_found_however_it_is_spelt(table: Mapping[str, str]) -> None:
    """Words are looked up without capitals, accents and spaces, so the table holds them like that."""
    assert table
    assert [word for word in table if fold(word) != word] == []


ALMELO: Final[dict[str, Any]] = {
    "id": "groepen",
    "versie": 1,
    "geldigVanaf": "2025-01-01",
    "geldig tot": "2027-12-31",
    "koepel": "samen-veilig",
    "thema's": ["jeugd"],
    "samenvatting": "Samen tegen overlast.",
    "stroming": 2,
    "doel": "jeugd",
    "werkgebied": ["Almelo"],
    "gemeenten": ["Almelo"],
    "partijen": [
        {
            "partij": "school",
            "van": "2025-01-01",
            "tot": "2025-12-31",
            "rol": "Convenantpartner",
            "grondslag": "WPO 40",
        },
        {"partij": "garde", "rol": "incidentele partner"},
    ],
    "onderlinge regeling": {"contactpunt": "school", "informeert": "school", "meldt datalek": "school"},
    "bewaartermijn logboek": "5 jaar",
    "dwang": False,
    "gepubliceerd": "2025-01-01",
    "juridisch kader": "AVG-convenant",
    "bijlagen": [
        {
            "id": "jeugd",
            "naam": "Jeugdgroepen",
            "afspraken": "wie belt wie",
            "preventief": True,
            "overleg": "groepsoverleg",
            "werkproces": "groepsaanpak",
            "criteria": {"insluiting": "a", "uitsluiting": "b", "einde": "c", "sluit uit": ["Omstander", "Derde"]},
            "noodzaak": {"evenredigheid": "alleen namen", "subsidiariteit": "eerst een gesprek"},
            "gegevens": [
                *("Naam", "Contactgegevens", "Schoolgegevens", "Overlastmelding", "Politiemelding", "Groepsrol"),
                *("Beeld", "Social-media-account", "Geboortedatum", "Adres", "Gezondheid", "Schulden"),
                "Strafrechtelijke gegevens",
            ],
            "bewaartermijnen": {
                "Signalering": "P3M",
                "Beeldvorming": "P3M",
                "Weging": "P3M",
                "Planfase": "P1Y",
                "Uitvoering": "P1Y",
                "Nazorg": "P6M",
            },
        }
    ],
}
"""In the words of the seed report and the glossary."""

BORNE: Final[dict[str, Any]] = {
    "id": "groepen",
    "version": 1,
    "ingangsdatum": "2025-01-01",
    "einddatum": "2027-12-31",
    "koepelconvenant": "samen-veilig",
    "Themas": ["jeugd"],
    "summary": "Samen tegen overlast.",
    "STROMING": 2,
    "doelbinding": "jeugd",
    "werkingsgebied": ["Almelo"],
    "municipalities": ["Almelo"],
    "deelnemers": [
        {
            "party": "school",
            "vanaf": "2025-01-01",
            "tot en met": "2025-12-31",
            "rol": "kernpartner",
            "ground": "WPO 40",
        },
        {"party": "garde", "role": "agendalid"},
    ],
    "regeling": {"contact point": "school", "informeert": "school", "meldt datalekken": "school"},
    "record_retention": "vijf jaar",
    "gedwongenKader": False,
    "gepubliceerd op": "2025-01-01",
    "juridischKader": "avg",
    "bijlage": [
        {
            "id": "jeugd",
            "naam": "Jeugdgroepen",
            "afspraken": "wie belt wie",
            "preventief": True,
            "overleg": "groepsoverleg",
            "work process": "groepsaanpak",
            "criteria": {"wel": "a", "niet": "b", "eindigt": "c", "excludes_status": ["toeschouwer", "derden"]},
            "noodzaak": {"evenredigheid": "alleen namen", "subsidiariteit": "eerst een gesprek"},
            "gegevenscategorieën": [
                *("namen", "adres en telefoon", "onderwijsinstelling", "melding overlast", "proces-verbaal"),
                *("rol in de groep", "foto's", "accountnaam", "geboortedatum", "woonadres", "medische gegevens"),
                *("schuldgegevens", "justitiële gegevens"),
            ],
            "termijnen": {
                "vroegsignalering": "3 maanden",
                "probleemanalyse": "drie maanden",
                "triage": "3 mnd",
                "Plan van aanpak": "12 maanden",
                "uitvoeringsfase": "één jaar",
                "afsluiting en nazorg": "6 mnd",
            },
        }
    ],
}
"""As a neighbouring town would write it."""

CHESTER: Final[dict[str, Any]] = {
    "id": "groepen",
    "version": 1,
    "valid from": "2025-01-01",
    "valid-until": "2027-12-31",
    "umbrella": "samen-veilig",
    "themes": ["jeugd"],
    "summary": "Samen tegen overlast.",
    "regime": 2,
    "purpose": "jeugd",
    "territory": ["Almelo"],
    "municipalities": ["Almelo"],
    "partners": [
        {"party": "school", "from": "2025-01-01", "until": "2025-12-31", "role": "Member", "ground": "WPO 40"},
        {"party": "garde", "role": "Guest"},
    ],
    "arrangement": {"contact-point": "school", "informs": "school", "reports breach": "school"},
    "record-retention": "5 years",
    "coercive": False,
    "published": "2025-01-01",
    "legal frame": "GDPR",
    "annexes": [
        {
            "id": "jeugd",
            "name": "Jeugdgroepen",
            "agreements": "wie belt wie",
            "preventive": True,
            "consultation": "groepsoverleg",
            "work-process": "groepsaanpak",
            "criteria": {"include": "a", "exclude": "b", "ends": "c", "excludes status": ["Bystanders", "Third party"]},
            "necessity": {"proportionality": "alleen namen", "subsidiarity": "eerst een gesprek"},
            "data categories": [
                *("Names", "Contact details", "School data", "Nuisance reports", "Police reports", "Role in group"),
                *("Photo", "social media", "Date of birth", "Home address", "Health data", "debts", "Criminal records"),
            ],
            "retention": {
                "Detection": "3 months",
                "imaging": "three months",
                "Assessment": "P3M",
                "Planning": "a year",
                "Implementation": "1 year",
                "After care": "6 months",
            },
        }
    ],
}
"""In English."""


@pytest.mark.parametrize("town", [BORNE, CHESTER])
def test_towns_with_words_of_their_own_have_one_covenant(town: dict[str, Any]) -> None:
    """Three hands, two languages, one covenant, which the register takes (S83)."""
    assert normalise(town).body == normalise(ALMELO).body
    assert read(normalise(town).body).annexes[0].retention == {
        "signalling": "P3M",
        "imaging": "P3M",
        "weighing": "P3M",
        "plan": "P1Y",
        "execution": "P1Y",
        "aftercare": "P6M",
    }


def test_everything_in_it_is_a_word_of_the_contract() -> None:
    """Nothing is left that only the town understands: another round changes nothing, and the decoder takes it all."""
    body = normalise(ALMELO).body
    assert normalise(body).deviations == ()
    covenant = read(body)
    assert [partner.role for partner in covenant.partners] == ["partner", "incidental"]
    assert covenant.legal_frame == "avg-covenant"
    (annex,) = covenant.annexes
    assert set(annex.data_categories) == CATEGORIES_OF_THE_CASE | CATEGORIES_OF_THE_LAW
    assert annex.criteria == Criteria(include="a", exclude="b", ends="c", excludes_status=("bystander", "third-person"))


@pytest.mark.parametrize(("word", "meant"), synonyms.CATEGORIES.items())
def test_a_special_category_is_special_under_every_name(word: str, meant: str) -> None:
    """Putting a covenant in the words of the contract never makes ordinary data of special or criminal ones."""
    assert kinds_of((word,)) == kinds_of((meant,))


@pytest.mark.parametrize(
    ("category", "kinds"),
    [("health", {"health"}), ("criminal-data", {"criminal"}), ("police-report", {"maybe-criminal"}), ("debts", set())],
)
def test_the_law_knows_what_is_special_in_the_words_of_the_contract(category: str, kinds: set[str]) -> None:
    """AVG 9 for health, AVG 10 for criminal data; a police report may be of a suspect; debts are neither."""
    assert kinds_of((category,)) == kinds


@pytest.mark.parametrize(
    "frame", ["WGS", "ZVH", "Zorg- en Veiligheidshuis", "WGS: Zorg- en Veiligheidshuis", "wgs-zvh"]
)
def test_a_care_and_safety_house_is_under_the_wgs(frame: str) -> None:
    """However it is called, it is the partnership of WGS 2.25."""
    assert normalise({"legalFrame": frame}).body == {"legalFrame": "wgs-zvh"}


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        ("Op de lijst", "listed"),
        ("lijstpersoon", "listed"),
        ("Perifeer", "peripheral"),
        ("periferie", "peripheral"),
        ("omstanders", "bystander"),
    ],
)
def test_who_is_near_the_group_is_told_apart_from_who_belongs_to_it(stated: str, meant: str) -> None:
    """On the list, in the periphery, or only looking on: three things that must not be taken for one another (S38)."""
    body = normalise({"annexes": [{"criteria": {"excludesStatus": [stated]}}]}).body
    assert body["annexes"][0]["criteria"]["excludesStatus"] == [meant]


def test_the_card_says_each_category_in_dutch() -> None:
    """Whoever works under the covenant reads the word that people use, with spaces, and not the id."""
    covenant = read({**normalise(ALMELO).body, "umbrella": None})
    found = card_of(register_of([covenant]), "groepen", DAY)
    assert found is not None
    (data,) = (section for section in found.sections if section.heading.en == "Which data")
    assert data.lines[0].nl == (
        "Jeugdgroepen: alleen naam, contactgegevens, schoolgegevens, overlastmelding, politiemelding, groepsrol, "
        "beeld, social media account, geboortedatum, adres, gezondheid, schulden en strafrechtelijke gegevens."
    )
    assert data.lines[1].nl == "Jeugdgroepen, niets over wie alleen dit is: omstander en derde."
    assert data.lines[1].en == "Jeugdgroepen, nothing about whoever is only this: bystander and third person."
