"""What statutes are called: the name that readers see, other names of the same act, and names that acts share.

Only names that mean one act stand here: "Gw" is the Grondwet, "Atw" two acts at once, so neither is read as another's.
"""

from __future__ import annotations

from typing import Final

AVG: Final = "eli/reg/2016/679"
"""The AVG by its ELI; it has no number of an act (BWBR)."""

NUMBER_BY_NAME: Final[dict[str, str]] = {
    "Gemeentewet": "BWBR0005416",
    "Wpg": "BWBR0022463",
    "Bpg": "BWBR0023086",
    "UAVG": "BWBR0040940",
    "WGS": "BWBR0049962",
    "BGS": "BWBR0050665",
    "Wgpa": "BWBR0050740",
    "Jeugdwet": "BWBR0034925",
    "Wmo 2015": "BWBR0035362",
    "Archiefwet": "BWBR0007376",
    "Archiefbesluit": "BWBR0007748",
    "Awb": "BWBR0005537",
    "Algemene termijnenwet": "BWBR0002448",
    "Sv": "BWBR0001903",
    "Wet BIG": "BWBR0006251",
    "Wabb": "BWBR0022428",
    "Wjsg": "BWBR0014194",
    "Wpbr": "BWBR0008973",
    "Leerplichtwet": "BWBR0002628",
    "Wvggz": "BWBR0040635",
    "Wbp": "BWBR0011468",
    "WPO": "BWBR0003420",
    "WEC": "BWBR0003549",
    "WVO 2020": "BWBR0044212",
}
"""Act numbers by the name that readers see."""

_NUMBER_BY_OTHER_NAME: Final[dict[str, str]] = {
    "Gemw": "BWBR0005416",
    "Jw": "BWBR0034925",
    "Wmo": "BWBR0035362",
    "Wmo2015": "BWBR0035362",
    "Wet maatschappelijke ondersteuning": "BWBR0035362",
    "Wet maatschappelijke ondersteuning 2015": "BWBR0035362",
    "Archiefwet 1995": "BWBR0007376",
    "Archiefbesluit 1995": "BWBR0007748",
    "Leerplichtwet 1969": "BWBR0002628",
    "Wet bescherming persoonsgegevens": "BWBR0011468",
    "Wet op het primair onderwijs": "BWBR0003420",
    "Wet op de expertisecentra": "BWBR0003549",
    "Wet voortgezet onderwijs 2020": "BWBR0044212",
    "Wet verplichte geestelijke gezondheidszorg": "BWBR0040635",
    "Wetboek van Strafvordering": "BWBR0001903",
    "WvSv": "BWBR0001903",
    "Wet politiegegevens": "BWBR0022463",
    "Besluit politiegegevens": "BWBR0023086",
    "Algemene wet bestuursrecht": "BWBR0005537",
    "Wet algemene bepalingen burgerservicenummer": "BWBR0022428",
    "Wet justitiële en strafvorderlijke gegevens": "BWBR0014194",
    "Wet op de beroepen in de individuele gezondheidszorg": "BWBR0006251",
    "Wet particuliere beveiligingsorganisaties en recherchebureaus": "BWBR0008973",
    "Uitvoeringswet AVG": "BWBR0040940",
    "Uitvoeringswet Algemene verordening gegevensbescherming": "BWBR0040940",
    "Wet gegevensverwerking door samenwerkingsverbanden": "BWBR0049962",
    "Besluit gegevensverwerking door samenwerkingsverbanden": "BWBR0050665",
}
BOOK_BY_NAME: Final[dict[str, tuple[str, str]]] = {"BW 1": ("BWBR0002656", "1"), "BW 7": ("BWBR0005290", "7")}
"""Act number and book of the Burgerlijk Wetboek, whose books are acts of their own."""
BOOK_BY_NUMBER: Final[dict[str, str]] = dict(BOOK_BY_NAME.values())

NAME_BY_NUMBER: Final[dict[str, str]] = {number: name for name, number in NUMBER_BY_NAME.items()} | dict.fromkeys(
    BOOK_BY_NUMBER, "BW"
)
NUMBER_BY_FOLDED_NAME: Final[dict[str, str]] = {
    name.lower(): number for name, number in (NUMBER_BY_NAME | _NUMBER_BY_OTHER_NAME).items()
}
NAMES_OF_AVG: Final = frozenset(
    {
        *(AVG, "avg", "gdpr", "algemene verordening gegevensbescherming", "verordening (eu) 2016/679"),
        "general data protection regulation",
    }
)
NAMES_OF_BW: Final = frozenset({"bw", "burgerlijk wetboek"})
BARE_NAMES: Final = frozenset({*NUMBER_BY_FOLDED_NAME, *NAMES_OF_AVG, *NAMES_OF_BW})
"""Names that say which law and nothing more, also where a year in them looks like an article."""

SHARED_NAMES: Final = frozenset({"wmo", "wet maatschappelijke ondersteuning", "archiefwet", "archiefbesluit"})
"""Names that an earlier act bore too: before the later one they mean the earlier, which is not in our data."""
