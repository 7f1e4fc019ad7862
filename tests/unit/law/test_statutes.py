"""Statutes in their spellings, and whose they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.governance import Party
from services.law.statutes import normalise_statute, owner_of, statute, statute_label, stored_statute
from services.ledger.storage.norms import packaged_norms

JCI_172 = "jci1.3:c:BWBR0005416&artikel=172"
NAME_BY_FAMILY: dict[str, str] = {
    "ab": "Archiefbesluit",
    "atw": "Algemene termijnenwet",
    "aw": "Archiefwet",
    "awb": "Awb",
    "bgs": "BGS",
    "big": "Wet BIG",
    "bpg": "Bpg",
    "bw1": "BW",
    "bw7": "BW",
    "gemw": "Gemeentewet",
    "jw": "Jeugdwet",
    "lpw": "Leerplichtwet",
    "sv": "Sv",
    "uavg": "UAVG",
    "wabb": "Wabb",
    "wbp": "Wbp",
    "wgpa": "Wgpa",
    "wgs": "WGS",
    "wjsg": "Wjsg",
    "wmo": "Wmo 2015",
    "wpbr": "Wpbr",
    "wpg": "Wpg",
    "wvggz": "Wvggz",
}
"""What a reader calls the act, by how the norm pack begins the ids of its norms."""


@pytest.mark.parametrize(
    ("text", "jci", "label"),
    [
        ("Gemeentewet 172", JCI_172, "Gemeentewet 172"),
        ("gemeentewet  art. 172", JCI_172, "Gemeentewet 172"),
        ("art. 172 Gemeentewet", JCI_172, "Gemeentewet 172"),
        ("artikel 172 van de Gemeentewet", JCI_172, "Gemeentewet 172"),
        (JCI_172, JCI_172, "Gemeentewet 172"),
        ("jci1.31:c:BWBR0005416&artikel=172", JCI_172, "Gemeentewet 172"),
        ("Gemeentewet artikel 172 lid 3", f"{JCI_172}&lid=3", "Gemeentewet 172(3)"),
        ("Wpg 8", "jci1.3:c:BWBR0022463&artikel=8", "Wpg 8"),
        ("Wpg 20(2)", "jci1.3:c:BWBR0022463&artikel=20&lid=2", "Wpg 20(2)"),
        ("UAVG 41(1)(d)", "jci1.3:c:BWBR0040940&artikel=41&lid=1&o=d", "UAVG 41(1)(d)"),
        ("UAVG 41 lid 1 onder D", "jci1.3:c:BWBR0040940&artikel=41&lid=1&o=d", "UAVG 41(1)(d)"),
        ("Wmo 5.2.6", "jci1.3:c:BWBR0035362&artikel=5.2.6", "Wmo 2015 5.2.6"),
        ("Wmo 2015 5.2.6", "jci1.3:c:BWBR0035362&artikel=5.2.6", "Wmo 2015 5.2.6"),
        ("Jeugdwet 7.3.11(4)", "jci1.3:c:BWBR0034925&artikel=7.3.11&lid=4", "Jeugdwet 7.3.11(4)"),
        ("Bpg 4:2", "jci1.3:c:BWBR0023086&artikel=4:2", "Bpg 4:2"),
        ("Leerplichtwet 1969 21", "jci1.3:c:BWBR0002628&artikel=21", "Leerplichtwet 21"),
        ("BW 7:457", "jci1.3:c:BWBR0005290&boek=7&artikel=457", "BW 7:457"),
        ("jci1.3:c:BWBR0002656&boek=1&artikel=245", "jci1.3:c:BWBR0002656&boek=1&artikel=245", "BW 1:245"),
        ("WGS 1.5", "jci1.3:c:BWBR0049962&artikel=1.5", "WGS 1.5"),
        ("Gemeentewet 172, derde lid", f"{JCI_172}&lid=3", "Gemeentewet 172(3)"),
        ("Gemeentewet 172, 3e lid", f"{JCI_172}&lid=3", "Gemeentewet 172(3)"),
        ("Gemeentewet artikel 172, lid 3", f"{JCI_172}&lid=3", "Gemeentewet 172(3)"),
        ("art. 172, derde lid, Gemeentewet", f"{JCI_172}&lid=3", "Gemeentewet 172(3)"),
        ("artikel 172 van de Gemeentewet, Derde lid", f"{JCI_172}&lid=3", "Gemeentewet 172(3)"),
        ("de Gemeentewet, artikel 172.", JCI_172, "Gemeentewet 172"),
        ("Gemw 172", JCI_172, "Gemeentewet 172"),
        ("art. 41, eerste lid, aanhef en onder d, UAVG", "jci1.3:c:BWBR0040940&artikel=41&lid=1&o=d", "UAVG 41(1)(d)"),
        ("AVG 14(5)(b)", "eli/reg/2016/679 art. 14(5)(b)", "AVG 14(5)(b)"),
        ("eli/reg/2016/679 art. 6(1)(e)", "eli/reg/2016/679 art. 6(1)(e)", "AVG 6(1)(e)"),
    ],
)
def test_every_spelling_is_one_provision(text: str, jci: str, label: str) -> None:
    """Stored as JCI, shown as its label, and the label leads back."""
    assert normalise_statute(text) == jci
    assert statute_label(jci) == label
    assert normalise_statute(label) == jci


def dutch_norms() -> dict[str, str]:
    """The JCI of each norm of the pack that stands in one Dutch provision, by its id."""
    norms = packaged_norms().values()
    return {norm.id: norm.citation for norm in norms if norm.citation.startswith("jci") and " " not in norm.citation}


def test_every_provision_of_the_norm_pack_has_the_name_of_its_act() -> None:
    """A citation is shown under the name that readers know, and that name leads back to the citation."""
    cited = {norm: citation for norm, citation in dutch_norms().items() if norm != "wjsg-39"}
    assert {norm.split("-", 1)[0] for norm in cited} | {"wjsg"} == set(NAME_BY_FAMILY)
    for norm, citation in cited.items():
        label = statute_label(citation)
        assert label.rsplit(" ", 1)[0] == NAME_BY_FAMILY[norm.split("-", 1)[0]], norm
        assert normalise_statute(label) == citation
        assert normalise_statute(label.lower()) == citation


def test_a_norm_cites_the_provision_that_it_is_named_after() -> None:
    """The norm wpg-24b is Wpg 24b: the first number of the id is that of the article."""
    for norm, citation in dutch_norms().items():
        family, *places = norm.split("-")
        article = statute(citation).article
        if places and norm not in {"sv-160-162", "wjsg-39"}:
            assert article is not None
            assert article.replace(":", ".").split(".")[0] == places[0], norm
        assert statute_label(citation).startswith(NAME_BY_FAMILY[family]), norm


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("Wmo 5.2.6", "Wmo 2015 5.2.6"),
        ("Archiefwet 1995 3", "Archiefwet 3"),
        ("Archiefbesluit 1995 8", "Archiefbesluit 8"),
        ("Leerplichtwet 1969 21", "Leerplichtwet 21"),
        ("artikel 8 van de Wet bescherming persoonsgegevens", "Wbp 8"),
        ("artikel 40 van de Wet op het primair onderwijs", "WPO 40"),
        ("artikel 41 van de Wet op de expertisecentra", "WEC 41"),
        ("Wet voortgezet onderwijs 2020 artikel 8.29", "WVO 2020 8.29"),
        ("artikel 7:1 van de Wet verplichte geestelijke gezondheidszorg", "Wvggz 7:1"),
        ("artikel 162 van het Wetboek van Strafvordering", "Sv 162"),
        ("artikel 20 van de Wet politiegegevens", "Wpg 20"),
        ("artikel 4:2 van het Besluit politiegegevens", "Bpg 4:2"),
        ("artikel 2:5 van de Algemene wet bestuursrecht", "Awb 2:5"),
        ("artikel 46 van de Uitvoeringswet AVG", "UAVG 46"),
        ("artikel 1.5 van de Wet gegevensverwerking door samenwerkingsverbanden", "WGS 1.5"),
        ("artikel 1.16 van het Besluit gegevensverwerking door samenwerkingsverbanden", "BGS 1.16"),
        ("artikel 8.29 van de Wet voortgezet onderwijs 2020", "WVO 2020 8.29"),
        ("artikel 5.2.6 van de Wmo 2015", "Wmo 2015 5.2.6"),
        ("art. 21 Leerplichtwet 1969", "Leerplichtwet 21"),
        ("art. 3 Archiefwet 1995", "Archiefwet 3"),
        ("art. 457 Boek 7", "art. 457 Boek 7"),
        ("Wet maatschappelijke ondersteuning 2015 2.3.1", "Wmo 2015 2.3.1"),
        ("artikel 6, eerste lid, onder e, van de Algemene verordening gegevensbescherming", "AVG 6(1)(e)"),
        ("Uitvoeringswet Algemene verordening gegevensbescherming 33", "UAVG 33"),
        ("Wet gegevensverwerking door samenwerkingsverbanden 1.5", "WGS 1.5"),
        ("Besluit gegevensverwerking door samenwerkingsverbanden 1.16", "BGS 1.16"),
        ("Wet algemene bepalingen burgerservicenummer 10", "Wabb 10"),
        ("artikel 39f van de Wet justitiële en strafvorderlijke gegevens", "Wjsg 39f"),
        ("artikel 457 van Boek 7", "artikel 457 van Boek 7"),
        ("Burgerlijk Wetboek 7:457", "BW 7:457"),
    ],
)
def test_an_act_in_full_is_the_act_in_short(long: str, short: str) -> None:
    """Whoever writes the title as the legislator gave it names the same provision; a book without its code none."""
    assert normalise_statute(long) == normalise_statute(short)
    assert statute_label(long) == short


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("BWBR0005416/2026-01-01#Artikel172", "Gemeentewet 172"),
        ("BWBR0005416/2026-01-01/0/#TiteldeelIII_HoofdstukXI_Artikel172_Lid3", "Gemeentewet 172(3)"),
        ("BWBR0005537/2026-01-01#Hoofdstuk2_Afdeling2.1_Artikel2%3A5", "Awb 2:5"),
        ("BWBR0005290/2026-01-01#Boek7_Titeldeel7_Artikel457", "BW 7:457"),
        ("jci1.3:c:BWBR0005416&titeldeel=III&artikel=172&z=2026-01-01&g=2026-01-01", "Gemeentewet 172"),
    ],
)
def test_the_address_of_a_provision_is_the_provision(path: str, label: str) -> None:
    """What is copied from the bar of a browser at wetten.overheid.nl is stored as the JCI, and shown by its name."""
    assert normalise_statute(f"https://wetten.overheid.nl/{path}").startswith("jci1.3:c:BWBR")
    assert statute_label(f"https://wetten.overheid.nl/{path}") == label


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("WPO 40", "BWBR0003420"),
        ("WEC 41", "BWBR0003549"),
        ("WVO 2020 8.29", "BWBR0044212"),
        ("Wjsg 39e", "BWBR0014194"),
    ],
)
def test_the_acts_on_schools_have_their_number(text: str, number: str) -> None:
    """As wetten.overheid.nl numbers them: no norm of the pack cites these."""
    assert normalise_statute(text).startswith(f"jci1.3:c:{number}&artikel=")
    assert statute_label(normalise_statute(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "convenant",
        "Wet onbekend 3",
        "eli/reg/1971/1182 art. 3(1)",
        "Gw 10",
        "Atw 4",
        "Wmo 2015",
        "Wmo  2015",
        "de Wmo 2015",
        "van de Wmo 2015",
        "WVO 2020.",
        "de Archiefwet 1995",
        "de Leerplichtwet 1969",
        "de Wet maatschappelijke ondersteuning 2015",
        "BWBR0005416",
        "Gemeentewet 172 en 173",
        "https://wetten.overheid.nl/BWBR0005416",
        "https://wetten.overheid.nl/BWBR0001941/2026-01-01#Artikel13b",
        "https://wetten.overheid.nl/zoeken",
        "https://example.org/BWBR0005416#Artikel172",
        "BW 457",
        "BW 9:1",
        "jci1.3:c:BWBR9999999&artikel=1",
        "jci1.3:c:BWBR0005416",
    ],
)
def test_unknown_text_is_kept(text: str) -> None:
    """What is not known is neither changed nor attributed."""
    found = statute(text)
    assert (found.reference, found.label, found.owner) == (text, text, None)


@pytest.mark.parametrize(
    ("text", "before", "since"),
    [
        ("Wmo 4", "Wmo 4", "jci1.3:c:BWBR0035362&artikel=4"),
        ("art. 4 Wmo", "art. 4 Wmo", "jci1.3:c:BWBR0035362&artikel=4"),
        ("Wmo 2015 4", "jci1.3:c:BWBR0035362&artikel=4", "jci1.3:c:BWBR0035362&artikel=4"),
        ("Gemeentewet 172", JCI_172, JCI_172),
        ("Wet onbekend 3", "Wet onbekend 3", "Wet onbekend 3"),
    ],
)
def test_a_name_that_was_another_acts_is_kept_as_given(text: str, before: str, since: str) -> None:
    """The Wmo of 2014 is that of 2007: its article is stored, and shown, under the name that was given."""
    assert normalise_statute(text, frozenset({"BWBR0035362", "BWBR0049962"})) == before
    assert normalise_statute(text, frozenset({"BWBR0011468"})) == since
    assert stored_statute(before).reference == before
    assert stored_statute(before).label == (text if before == text else statute_label(since))


@given(st.text(max_size=60))
def test_any_text_has_a_stable_reference(text: str) -> None:
    """Normalising twice is normalising once, whatever was typed."""
    once = normalise_statute(text)
    assert normalise_statute(once) == once


@pytest.mark.parametrize(
    ("number", "article", "known"),
    [
        ("BWBR0005416", "172", True),
        ("BWBR0005416", "1", False),
        ("BWBR0034925", "2.3", True),
        ("BWBR0034925", "7.3.11", False),
        ("BWBR0022463", "7", False),
        ("BWBR0022463", "20", True),
        ("BWBR0049962", "1.5", False),
    ],
)
def test_owners_are_found_by_article_chapter_or_act(*, number: str, article: str, known: bool) -> None:
    """The nearest entry counts; a provision open to anyone has none."""
    assert (owner_of(number, article) is not None) is known


@pytest.mark.parametrize(
    ("text", "key", "paragraph", "part"),
    [
        ("UAVG 33 lid 1 onder B", ("BWBR0040940", "33"), "1", "b"),
        ("jci1.3:c:BWBR0034925&artikel=7.3.11&lid=4", ("BWBR0034925", "7.3.11"), "4", None),
        ("Wbp 8 onder e", ("BWBR0011468", "8"), None, "e"),
        ("WVO 2020 8.29", ("BWBR0044212", "8.29"), None, None),
        ("convenant", (None, None), None, None),
    ],
)
def test_a_provision_knows_its_place(
    text: str, key: tuple[str | None, str | None], paragraph: str | None, part: str | None
) -> None:
    """Act number and article, paragraph and part, whatever the spelling."""
    found = statute(text)
    assert (found.key, found.paragraph, found.part) == (key, paragraph, part)


@pytest.mark.parametrize(
    ("text", "organ", "domains", "whose"),
    [
        ("Wvggz 7:1", "burgemeester", (), True),
        ("Wvggz 7:1", None, ("care",), False),
        ("Wvggz 5:2", "college", (), True),
        ("Wvggz 5:1", "college", (), True),
        ("Wvggz 8:34", "college", (), False),
        ("Wvggz 8:34", None, ("health",), True),
        ("WPO 40", None, ("education",), True),
        ("WEC 41", None, ("welfare",), False),
        ("WVO 2020 8.29", "schoolbestuur", (), True),
    ],
)
def test_a_provision_of_care_or_school_is_of_who_has_its_task(
    *, text: str, organ: str | None, domains: tuple[str, ...], whose: bool
) -> None:
    """The crisis measure is the burgemeester's, the report the college's, the rest of the Wvggz that of care."""
    assert statute(text).belongs_to(Party(id="x", kind="public-body", organ=organ, domains=domains)) is whose


BURGEMEESTER = Party(id="b", kind="public-body", organ="burgemeester")
COLLEGE = Party(id="c", kind="public-body", organ="college")
POLICE = Party(id="p", kind="police")
CHIEF = Party(id="k", kind="public-body", organ="korpschef")
JUDICIAL = Party(id="o", kind="judicial")
PROSECUTOR = Party(id="v", kind="public-body", organ="officier-van-justitie")
PROTECTION = Party(id="r", kind="public-body", organ="raad-voor-de-kinderbescherming")
GUARDIAN = Party(id="g", kind="private-controller", organ="gecertificeerde-instelling")
VEILIG_THUIS = Party(id="vt", kind="public-body", organ="veilig-thuis")
BOARD = Party(id="s", kind="volunteer-body", organ="schoolbestuur")
CARE = Party(id="z", kind="volunteer-body", domains=("care",))
HEALTH = Party(id="h", kind="volunteer-body", domains=("health",))
YOUTH_CARE = Party(id="j", kind="volunteer-body", domains=("youth-care",))
SOCIAL = Party(id="w", kind="volunteer-body", domains=("social",))
EDUCATION = Party(id="e", kind="volunteer-body", domains=("education",))
FIRM = Party(id="f", kind="private-controller")
GUARD = Party(id="q", kind="processor")
CITIZEN = Party(id="x", kind="citizen")
EVERYBODY = (
    *(BURGEMEESTER, COLLEGE, POLICE, CHIEF, JUDICIAL, PROSECUTOR, PROTECTION, GUARDIAN, VEILIG_THUIS, BOARD),
    *(CARE, HEALTH, YOUTH_CARE, SOCIAL, EDUCATION, FIRM, GUARD, CITIZEN),
)
PUBLIC = (BURGEMEESTER, COLLEGE, POLICE, CHIEF, JUDICIAL, PROSECUTOR, PROTECTION, VEILIG_THUIS)
ORDER = ("172", "172a", "172b", "173", "174", "174a", "174b", "175", "176", "176a")


@pytest.mark.parametrize(
    ("texts", "owners"),
    [
        # Public order is the burgemeester's alone; the college runs the municipality and gives mandate (norms: gemw).
        ([f"Gemeentewet {article}" for article in ORDER], (BURGEMEESTER,)),
        (["Gemeentewet 160", "Gemeentewet 168"], (COLLEGE,)),
        # The Wpg and its decree bind the police; its secrecy goes along with the data (wpg-7-2).
        (["Wpg 8", "Wpg 9", "Wpg 20", "Bpg 4:2"], (POLICE, CHIEF)),
        (["Wpg 7", "Jeugdwet 7.3.11", "Wmo 5.2.6", "Awb 2:5", "UAVG 33", "WGS 1.5", "BW 1:245"], EVERYBODY),
        # Youth care is bought by the college and given by others (jw-2-3, jw-7-2-1).
        (["Jeugdwet 2.3", "Jeugdwet 2.4"], (COLLEGE,)),
        (["Jeugdwet 7.2.1", "Jeugdwet 7.3.8"], (COLLEGE, PROTECTION, GUARDIAN, CARE, YOUTH_CARE, SOCIAL)),
        (["Wmo 5.2.9", "Wmo 5.3.1"], (COLLEGE, VEILIG_THUIS, CARE, SOCIAL)),
        # Archives, administrative law, the BSN and the duty to report a crime are for public bodies.
        (["Archiefwet 3", "Archiefbesluit 8", "Awb 4:17", "Wabb 10", "Sv 162"], PUBLIC),
        (["Wjsg 39e"], (JUDICIAL, PROSECUTOR)),
        (["Wpbr 2"], (GUARDIAN, FIRM, GUARD)),
        (["Leerplichtwet 21", "WPO 40", "WEC 41", "WVO 2020 8.29"], (COLLEGE, BOARD, EDUCATION)),
        (["Wet BIG 88", "BW 7:457", "Wvggz 8:34"], (CARE, HEALTH, YOUTH_CARE)),
        (["Wvggz 5:1", "Wvggz 5:2"], (COLLEGE,)),
        (["Wvggz 7:1"], (BURGEMEESTER,)),
        (["Gemeentewet 1", "Sv 161"], EVERYBODY),
    ],
)
def test_whose_task_a_provision_is(texts: list[str], owners: tuple[Party, ...]) -> None:
    """As the legislator gave it, to an organ, a kind of party or a domain; what nobody was given is open to anyone."""
    for text in texts:
        assert [party.id for party in EVERYBODY if statute(text).belongs_to(party)] == [party.id for party in owners]


def test_the_chapter_of_a_provision_is_all_before_its_first_point() -> None:
    """Jeugdwet chapter 2 is the college's; chapter 20 would not be."""
    assert owner_of("BWBR0034925", "2.14.3") == owner_of("BWBR0034925", "2.3")
    assert owner_of("BWBR0034925", "20.1") == owner_of("BWBR0034925", "7.1")
