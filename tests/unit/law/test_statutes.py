"""Statutes in their spellings, and whose they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.governance import Party
from services.law.statutes import normalise_statute, owner_of, statute, statute_label

JCI_172 = "jci1.3:c:BWBR0005416&artikel=172"


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
    ],
)
def test_every_spelling_is_one_provision(text: str, jci: str, label: str) -> None:
    """Stored as JCI, shown as its label, and the label leads back."""
    assert normalise_statute(text) == jci
    assert statute_label(jci) == label
    assert normalise_statute(label) == jci


@pytest.mark.parametrize(
    "text",
    [
        "",
        "convenant",
        "Wet onbekend 3",
        "eli/reg/2016/679 art. 6(1)(e)",
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
