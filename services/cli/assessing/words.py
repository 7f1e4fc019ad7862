"""The headings and fixed words around an assessment; every other sentence stands in the answer itself."""

from __future__ import annotations

from typing import Final, Literal

from services.law.texts import Text

Language = Literal["nl", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("nl", "en")

TITLE: Final = Text("Mag dit?", "May I do this?")
OUTCOMES: Final = {
    "compliant": Text("Ja. Alles is op orde.", "Yes. Everything is in order."),
    "gap": Text("Ja, maar er ontbreekt iets.", "Yes, but something is missing."),
    "violation": Text("Nee, zo niet.", "No, not like this."),
}
ANSWERS: Final = {
    "allowed": Text("ja", "yes"),
    "forbidden": Text("nee", "no"),
    "must-share-unless": Text("ja, dit moet", "yes, you must"),
}
BLOCKS: Final = {
    "purpose": Text("doel", "purpose"),
    "basis": Text("grondslag", "ground"),
    "necessity": Text("noodzaak", "necessity"),
    "care": Text("zorgvuldigheid", "care"),
}
SEVERITIES: Final = {
    "gap": Text("ontbreekt", "missing"),
    "violation": Text("mag niet", "not allowed"),
}
RECIPIENTS: Final = Text("Voor wie", "For whom")
WOULD_ALLOW: Final = Text("Wat het wel mogelijk maakt:", "What would make it possible:")
FINDINGS: Final = Text("Wat er aan de hand is", "What is the matter")
TO_DO: Final = Text("Doe dit", "Do this")
NORMS: Final = Text("Wet", "Law")
UNREAD: Final = Text("niet nagelezen", "not verified")
COVENANT: Final = Text("Welk convenant geldt", "Which covenant applies")
CANDIDATES: Final = Text("Ook mogelijk:", "Also possible:")
TELLING: Final = Text("Wie vertelt het de persoon", "Who tells the person")
NOBODY_TELLS: Final = Text("Niemand hoeft nu iets te vertellen.", "Nobody need tell anything now.")
KEEPING: Final = Text("Tot wanneer bewaren", "Until when to keep it")
NOTHING_KEPT: Final = Text("Niemand krijgt hierdoor gegevens in handen.", "Nobody comes to hold data by this.")
LOST: Final = Text("Geldt niet:", "Does not count:")
NOTES: Final = Text("Goed om te weten", "Good to know")
REGIMES: Final = Text("Als het convenant anders gelezen wordt", "If the covenant is read otherwise")
ADDED: Final = Text("erbij", "added")
DROPPED: Final = Text("eraf", "gone")
NOTHING_STORED: Final = Text("Er is niets opgeslagen.", "Nothing was stored.")
