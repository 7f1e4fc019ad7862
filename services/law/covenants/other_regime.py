"""The judgement of an act under another regime of its covenant, as it is told; without the judgement itself."""

from __future__ import annotations

from typing import Literal

import msgspec

from services.law.texts import Text
from services.law.verdict import Outcome

Regime = Literal[1, 2, 3]


class OtherRegime(msgspec.Struct, frozen=True, rename="camel"):
    """The judgement under another regime: its outcome, and the finding codes that come and go."""

    regime: Regime
    name: Text
    outcome: Outcome
    adds: tuple[str, ...]
    drops: tuple[str, ...]
