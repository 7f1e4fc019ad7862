"""What is found about a holding itself: it stands in holdings and in the impact of a breach, never in a verdict."""

from __future__ import annotations

from typing import Final

from services.law.findings import FindingCode
from services.law.texts import Text
from services.law.verdict import Block

HOLDER_BASIS_MISSING: Final = FindingCode(
    code="holder-basis-missing",
    block=Block.BASIS,
    norms=("avg-5-2", "avg-6-1-e", "wbp-8"),
    requirements=("S5", "S75"),
    message=Text(
        "Van deze houder is geen eigen grondslag vastgelegd.", "No ground of its own is recorded for this holder."
    ),
    remedy=Text(
        "Registreer de verwerkingsactiviteit van de houder met haar grondslag.",
        "Register the holder's processing activity with its ground.",
    ),
)
