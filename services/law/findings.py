"""The catalogue of finding codes: block, severity, norms, and what to say and do, in Dutch and English.

Codes are part of the public contract. A finding that rests on a norm nobody has checked can
make a gap, never a violation. The texts stand in ``finding_texts``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import msgspec

from services.law.finding_texts import TEXTS, Text
from services.law.verdict import Block, Outcome

_GAP: Final = (Outcome.GAP,)
_VIOLATION: Final = (Outcome.VIOLATION,)
_EITHER: Final = (Outcome.GAP, Outcome.VIOLATION)


class FindingCode(msgspec.Struct, frozen=True, rename="camel"):
    """One code: ``severities`` are the outcomes it can give, the mildest first; ``norms`` are ids of norms."""

    code: str
    block: Block
    severities: tuple[Outcome, ...]
    norms: tuple[str, ...]
    message: Text
    remedy: Text

    @property
    def severity(self) -> Outcome:
        """The outcome it gives unless its rule says otherwise: the most severe."""
        return self.severities[-1]


_PLACES: Final[dict[str, tuple[Block, tuple[Outcome, ...], tuple[str, ...]]]] = {
    "archive-result-missing": (Block.CARE, _GAP, ("aw-3", "aw-5", "ab-8")),
    "bsn-not-entitled": (Block.BASIS, _GAP, ("uavg-46", "wabb-10")),
    "bystander-excluded": (Block.NECESSITY, _VIOLATION, ("avg-5-1-c",)),
    "category-outside-annex": (Block.NECESSITY, _VIOLATION, ("avg-5-1-b", "avg-5-1-c")),
    "consent-not-free": (Block.BASIS, _GAP, ("avg-6-1-a",)),
    "controller-not-partner": (Block.CARE, _GAP, ("avg-26-1",)),
    "covenant-choice-open": (Block.PURPOSE, _GAP, ("avg-5-1-b", "avg-26-1")),
    "covenant-not-a-ground": (Block.BASIS, _VIOLATION, ("avg-6-1-c", "avg-6-1-e")),
    "criteria-missing": (Block.NECESSITY, _GAP, ("avg-5-1-c", "avg-5-2", "wgs-2-32")),
    "exemption-factors-missing": (Block.NECESSITY, _GAP, ("avg-23", "uavg-41-1", "uavg-41-2")),
    "exemption-late": (Block.CARE, _GAP, ("avg-14-3-a", "avg-14-3-c", "uavg-41-1")),
    "ground-missing": (Block.BASIS, _GAP, ("avg-5-1-a", "avg-6-1-c", "avg-6-1-e", "wpg-3")),
    "holder-basis-missing": (Block.BASIS, _GAP, ("avg-5-2", "avg-6-1-e")),
    "inform-overdue": (Block.CARE, _GAP, ("avg-13", "avg-14-3-a", "avg-14-3-c")),
    "late-entry": (Block.CARE, _GAP, ("avg-5-1-d", "avg-5-2", "wpg-32a")),
    "legitimate-interest-of-authority": (Block.BASIS, _GAP, ("avg-6-1-f",)),
    "necessity-missing": (Block.NECESSITY, _GAP, ("avg-5-1-c", "avg-5-2", "wpg-3")),
    "oral-notice-unrequested": (Block.CARE, _GAP, ("avg-12-1",)),
    "own-ground-missing": (Block.BASIS, _GAP, ("avg-6-1-c", "avg-6-1-e")),
    "processor-contract-missing": (Block.CARE, _EITHER, ("avg-28-3", "wpg-6c")),
    "purpose-missing": (Block.PURPOSE, _GAP, ("avg-5-1-b",)),
    "recipient-without-ground": (
        Block.BASIS,
        _EITHER,
        (
            *("wpg-4-4", "wpg-7-1", "wpg-7-2", "wpg-16-1-a", "wpg-16-1-b"),
            *("wpg-18-1", "wpg-19", "wpg-20-1", "wpg-20-2", "wpg-20-3"),
        ),
    ),
    "register-unknown": (Block.CARE, _GAP, ("avg-5-2", "avg-30")),
    "retention-unknown": (Block.CARE, _GAP, ("avg-5-1-e",)),
    "source-missing": (Block.CARE, _GAP, ("avg-15-1",)),
    "source-not-party": (Block.CARE, _GAP, ("avg-5-1-a", "avg-15-1", "awb-2-5")),
    "statute-not-of-controller": (Block.BASIS, _GAP, ("avg-6-1-e", "gemw-172", "gemw-178-2")),
}

CATALOGUE: Final[MappingProxyType[str, FindingCode]] = MappingProxyType(
    {code: FindingCode(code, *place, *TEXTS[code]) for code, place in sorted(_PLACES.items())}
)


def finding_codes() -> tuple[FindingCode, ...]:
    """Every code in order, as ``GET /v1/finding-codes`` lists them."""
    return tuple(CATALOGUE.values())
