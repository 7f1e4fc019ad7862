"""What a finding code is: its block, severities, norms, and what to say and do, in Dutch and English.

Codes are part of the public contract. Each is declared with its rule, in one place (``rules``); ``catalogue`` gathers
them. A finding that rests on a norm nobody has checked can make a gap, never a violation.
"""

from __future__ import annotations

from typing import Final

import msgspec

from services.law.texts import Text
from services.law.verdict import Block, Outcome

GAP: Final = (Outcome.GAP,)
VIOLATION: Final = (Outcome.VIOLATION,)
EITHER: Final = (Outcome.GAP, Outcome.VIOLATION)


class FindingCode(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One code: ``severities`` are the outcomes it can give, the mildest first; ``norms`` are ids of norms.

    ``requirements`` are the rows of the requirements that it serves ("S5"); ``docs/rules.md`` lists by them.
    """

    code: str
    block: Block
    severities: tuple[Outcome, ...] = GAP
    norms: tuple[str, ...]
    requirements: tuple[str, ...]
    message: Text
    remedy: Text

    @property
    def severity(self) -> Outcome:
        """The most severe outcome that it can give."""
        return self.severities[-1]
