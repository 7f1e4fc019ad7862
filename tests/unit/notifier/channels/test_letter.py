"""The printable letter."""

from __future__ import annotations

import io
import re
from typing import Any, cast

import pytest
import typst
from pypdf import PdfReader

from services.notifier.application.compose import Composer
from services.notifier.channels import letter
from services.notifier.channels.letter import set_letter
from services.notifier.domain.messages import Message
from services.notifier.templates.library import TextLibrary
from tests.support.notifier import NOW, message, notice_facts, person_letter

EVIL = [
    "#panic()",
    "#",
    "*vet*",
    "_schuin_",
    "\\",
    "$x$",
    "<script>",
    "@ref",
    "`code`",
    "= kop",
    "#sys.inputs",
    '"]',
    "//",
]


def letter_with(purpose: str, **changes: object) -> Message:
    """A notice with this purpose, in two languages."""
    order = person_letter(dutch=notice_facts(purpose=purpose), english=notice_facts(purpose=purpose))
    texts = Composer(texts=TextLibrary(), ledger_url=None).to_person("notice-to-person@1", order, NOW)
    return message(texts=texts, addresses=order.address, to_person=True, **changes)


def root_of(pdf: bytes) -> Any:
    """The catalogue of a PDF."""
    return PdfReader(io.BytesIO(pdf)).trailer["/Root"]


def words_of(pdf: bytes) -> str:
    """The text of a PDF on one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.mark.parametrize("evil", EVIL)
def test_text_is_never_markup(evil: str) -> None:
    """Whatever means something to the typesetter stands in the letter as it was written."""
    assert words_of(set_letter(letter_with(f"Doel {evil} einde"))).count(f"Doel {evil} einde") == 2


def test_markup_in_an_address_or_a_title_is_text_too() -> None:
    """The envelope's lines and the parties' ids are data as well."""
    made = set_letter(message(addresses=("#panic() * <b>", "Straat _1_"), mailbox="#x*"))
    assert "#panic() * <b> Straat _1_" in words_of(made)


def test_a_letter_is_accessible() -> None:
    """It is tagged, says its language and title, and claims PDF/UA-1 and PDF/A-2a, which the maker checks."""
    made = set_letter(letter_with("Doel"))
    root = root_of(made)
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "nl"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/StructTreeRoot"]
    metadata = root["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    read = PdfReader(io.BytesIO(made)).metadata
    assert read is not None
    assert read.title == "Wij gebruiken gegevens over u"


def test_both_languages_are_marked() -> None:
    """A screen reader hears where English begins."""
    assert set(re.findall(rb"/Lang ?\((\w\w)\)", set_letter(letter_with("Doel")))) >= {b"nl", b"en"}


def test_a_letter_needs_no_fonts_of_the_machine() -> None:
    """The letter's fonts are those that come with the typesetter, and they are embedded."""
    families = typst.Fonts(include_system_fonts=False).families()
    assert {"Libertinus Serif", "New Computer Modern"} <= set(families)
    fonts = {
        str(font.get_object()["/BaseFont"]).partition("+")[2]
        for page in PdfReader(io.BytesIO(set_letter(letter_with("Doel")))).pages
        for font in cast(Any, page["/Resources"])["/Font"].values()
    }
    assert fonts
    assert all(name.startswith("LibertinusSerif") for name in fonts)


def test_every_letter_of_a_dutch_register_can_be_printed() -> None:
    """The diacritics of the population register have shapes, so the standards hold for every name in it."""
    latin = (
        "ÀÁÂÃÄÅĀĂĄÆÇĆĈĊČÐĎĐÈÉÊËĒĔĖĘĚĜĞĠĢĤĦÌÍÎÏĨĪĬĮİĴĶĹĻĽĿŁÑŃŅŇŊ"
        "ÒÓÔÕÖŌŎŐØŒŔŖŘŚŜŞŠȘŢŤŦȚÙÚÛÜŨŪŬŮŰŲŴÝŶŸŹŻŽÞßàáçđğıłñøœřşțÿžþ"
    )
    made = set_letter(letter_with(latin))
    assert b"pdfuaid" in root_of(made)["/Metadata"].get_data()
    assert latin in words_of(made)


def test_a_name_in_another_script_does_not_stop_a_letter() -> None:
    """Without a shape for a character the letter leaves, tagged, without the claim of the standards."""
    root = root_of(set_letter(letter_with("日本")))
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" not in root["/Metadata"].get_data()


def test_another_fault_of_the_typesetter_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only missing shapes are forgiven."""
    monkeypatch.setattr(letter, "_SOURCE", b"#panic()")
    with pytest.raises(typst.TypstError):
        set_letter(letter_with("Doel"))


def test_the_same_message_gives_the_same_bytes() -> None:
    """A letter that is made again after a crash replaces itself."""
    assert set_letter(letter_with("Doel")) == set_letter(letter_with("Doel"))
