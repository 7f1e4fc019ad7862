"""The provisions that can set aside a duty to tell the person (AVG 13-15, 34; Wpg 24b, 25; Wbp 33-35).

A decision not to tell rests on one of these. UAVG 42 is none of them: it is for financial undertakings only. Where a
provision was read, the norm of the pack says that is named beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from services.law.day_view import DayView
from services.law.grounds import counts_without
from services.law.statute_names import AVG
from services.law.statutes import Statute, statute

_UAVG: Final = "BWBR0040940"
_WPG: Final = "BWBR0022463"
_BGS: Final = "BWBR0050665"
_WMO: Final = "BWBR0035362"
_WBP: Final = "BWBR0011468"
_SEPARATOR: Final = re.compile(r"\s*(?:[;,/+]|\b(?:jo|juncto|en|of|and|or)\b\.?)\s*", re.IGNORECASE)
_NOTE: Final = re.compile(r"(?::\s|\s[-\u2013]\s|\s\([^()]*[^\W\d_]{3}[^()]*\)\s*$).*", re.DOTALL)
"""What stands behind a provision in words: "UAVG 41(1)(d): opsporing", "UAVG 41(1)(d) (opsporing)"."""
_LETTERS: Final = re.compile(
    r"\b(?:onder(?:deel|delen)?|sub|letters?)\s+"
    r"(?P<letters>[a-z](?:(?:\s*,\s*|\s*,?\s+(?:en|of|and|or)\s+)(?:(?:onder|sub)\s+)?[a-z])*)(?![\w(])",
    re.IGNORECASE,
)
"""The letter or letters of a provision in words: "onder d en i", "onderdelen b, c"."""
_LETTER: Final = re.compile(r"\b[a-z]\b", re.IGNORECASE)


class Restriction(msgspec.Struct, frozen=True):
    """One provision, and the norm of the pack for it; an empty set of paragraphs or parts: whichever is named.

    ``must_name_paragraph``: whether the article as such says something else, so that the paragraph cannot be left out.
    """

    norm: str
    law: str
    article: str
    paragraphs: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    must_name_paragraph: bool = False

    def holds(self, provision: Statute) -> bool:
        """Whether ``provision`` is this one, or a part of it; what it leaves out is not known to differ."""
        if (provision.law, provision.article) != (self.law, self.article):
            return False
        if provision.paragraph is None:
            if self.must_name_paragraph:
                return False
        elif self.paragraphs and provision.paragraph not in self.paragraphs:
            return False
        return not self.parts or provision.part is None or provision.part in self.parts


RESTRICTIONS: Final[tuple[Restriction, ...]] = (
    # The interests (a) to (j), of AVG 23 as of UAVG 41.
    Restriction("uavg-41-1", _UAVG, "41", frozenset("1"), frozenset("abcdefghij")),
    Restriction("avg-23", AVG, "23", frozenset("1"), frozenset("abcdefghij")),
    Restriction("uavg-45", _UAVG, "45"),
    # What the person knows already, and what cannot or need not be told; the articles as such oblige to tell.
    Restriction("avg-13", AVG, "13", frozenset("4"), must_name_paragraph=True),
    Restriction("avg-14-5-b", AVG, "14", frozenset("5"), frozenset("abcd"), must_name_paragraph=True),
    Restriction("avg-34", AVG, "34", frozenset("3"), frozenset("abc"), must_name_paragraph=True),
    Restriction("wpg-24b", _WPG, "24b", frozenset("234")),
    Restriction("wpg-27", _WPG, "27"),
    # The contact point omits telling for all; Veilig Thuis tells two weeks later, and refuses where it is not safe.
    Restriction("bgs-1-2", _BGS, "1.2"),
    Restriction("bgs-1-3", _BGS, "1.3"),
    Restriction("wmo-5-3-1", _WMO, "5.3.1"),
    Restriction("wmo-5-3-2", _WMO, "5.3.2"),
    # Until 24 May 2018; nobody has read these here, so their parts are not told apart.
    Restriction("wbp-34", _WBP, "34", frozenset("45"), must_name_paragraph=True),
    Restriction("wbp-43", _WBP, "43"),
)


def can_set_aside_telling(norm: str, view: DayView) -> bool:
    """Whether the norm of a decision not to tell names a provision that can carry it, of a law of the decision's day.

    Of several in one text one is enough.
    """
    return any(
        counts_without(provision, view.laws_out_of_force)
        and any(restriction.holds(provision) for restriction in RESTRICTIONS)
        for provision in _provisions_in(norm)
    )


def _provisions_in(norm: str) -> Iterator[Statute]:
    """What the text names; only a text that is no provision as a whole ("AVG 23 jo. UAVG 41") is taken apart."""
    for text in _one_letter_each(" ".join(norm.split())):
        whole = statute(text)
        yield whole
        if whole.law is None:
            yield statute(_NOTE.sub("", text))
            yield from (statute(_NOTE.sub("", part)) for part in _SEPARATOR.split(text))


def _one_letter_each(norm: str) -> Iterator[str]:
    """The text once for each letter that it lists ("onder d en i"); as it is when it lists none."""
    listed = _LETTERS.search(norm)
    if listed is None:
        yield norm
        return
    for letter in _LETTER.findall(listed["letters"]):
        yield f"{norm[: listed.start()]}onder {letter}{norm[listed.end() :]}"
