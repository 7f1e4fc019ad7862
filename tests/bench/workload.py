"""The input of the benches: the contract's example body, 20 covenants, Zipf over 100,000 persons, all seeded."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

PERSONS: Final = 100_000
COVENANTS: Final = 20
PARTIES: Final = ("politie", "jongerenwerk-middelstad", "college-middelstad", "om")
CONTROLLER: Final = "burgemeester-middelstad"
CATEGORIES: Final = ("name", "contact", "school", "nuisance-report", "group-role")
PURPOSE: Final = "aanpak-jeugdgroepen"
ACTIVITY: Final = "https://register.example.org/verwerkingen/0198f0c1-7c1e-7000-8000-0000000000aa"
NECESSITY: Final = (
    "Alleen namen en rollen van wie aan de criteria voldoet; een gesprek is eerst geprobeerd, zonder gevolg."
)


def bsn_of(number: int) -> str:
    """The ``number``-th BSN that passes the eleven-test, from 100,000,000 up."""
    first_eight = 10_000_000 + number
    digits = [int(digit) for digit in str(first_eight)]
    total = sum(weight * digit for weight, digit in zip(range(9, 1, -1), digits, strict=True))
    # The ninth digit counts -1; a remainder of ten has no ninth digit, so the next number's is taken.
    return bsn_of(number + 5_000_000) if total % 11 == 10 else f"{first_eight}{total % 11}"


def governance() -> list[tuple[str, dict[str, Any]]]:
    """The register of the bench: five parties, 20 covenants, one activity, one purpose."""
    parties: list[tuple[str, dict[str, Any]]] = [
        ("/v1/parties", {"id": CONTROLLER, "organ": "burgemeester", "kind": "public-body", "domains": ["safety"]}),
        ("/v1/parties", {"id": "politie", "organ": "korpschef", "kind": "police", "domains": ["safety"]}),
        ("/v1/parties", {"id": "jongerenwerk-middelstad", "kind": "private-controller", "domains": ["welfare"]}),
        ("/v1/parties", {"id": "college-middelstad", "organ": "college", "kind": "public-body", "domains": ["social"]}),
        ("/v1/parties", {"id": "om", "organ": "officier-van-justitie", "kind": "judicial", "domains": ["safety"]}),
        ("/v1/purposes", {"id": PURPOSE, "version": 1, "text": "Overlast door jeugdgroepen verminderen"}),
        ("/v1/processing-activities", {"id": ACTIVITY, "version": 1, "controller": CONTROLLER, "purpose": PURPOSE}),
    ]
    return parties + [("/v1/covenants", _covenant(number)) for number in range(COVENANTS)]


def _covenant(number: int) -> dict[str, Any]:
    return {
        "id": f"veiligheidshuis-{number}",
        "version": 1,
        "validFrom": "2020-01-01",
        "validUntil": "2035-12-31",
        "published": "2020-01-01",
        "regime": 2,
        "purpose": PURPOSE,
        "territory": ["Middelstad"],
        "partners": [{"party": CONTROLLER}, *({"party": party} for party in PARTIES)],
        "arrangement": {
            "contactPoint": "college-middelstad",
            "informs": "college-middelstad",
            "reportsBreach": "college-middelstad",
        },
        "annexes": [
            {
                "id": "jeugdgroepen",
                "consultation": "jeugdgroepenoverleg",
                "workProcess": "integrale aanpak problematische jeugdgroepen",
                "criteria": {"include": "two reports", "exclude": "bystander", "ends": "no report for 6 months"},
                "necessity": {"proportionality": "names and roles only", "subsidiarity": "talk tried first"},
                "dataCategories": list(CATEGORIES),
                "retention": {"signalling": "P3M", "imaging": "P3M", "plan": "P2Y", "execution": "P2Y"},
            }
        ],
    }


class Workload:
    """A seeded stream of NDJSON lines; no two lines are the same act."""

    def __init__(
        self, seed: int, *, all_new: bool = False, first_person: int = 0, more: Mapping[str, Any] | None = None
    ) -> None:
        """``more``: fields that every body has, whatever the dice say."""
        self._more = dict(more or {})
        self._random = random.Random(seed)
        self._weights = list(itertools.accumulate(1 / rank for rank in range(1, PERSONS + 1)))
        self._people = range(first_person, first_person + PERSONS)
        self._new = itertools.count(first_person) if all_new else None
        self._now = datetime.now(UTC).replace(microsecond=0)

    def lines(self, count: int) -> list[bytes]:
        """``count`` bodies as compact JSON, each at least 900 bytes."""
        numbers = self._numbers(count)
        return [msgspec.json.encode(self._body(number)) for number in numbers]

    def lines_about(self, person: int, count: int) -> list[bytes]:
        """``count`` bodies about one person."""
        return [msgspec.json.encode(self._body(person)) for _ in range(count)]

    def _numbers(self, count: int) -> list[int]:
        if self._new is not None:
            return list(itertools.islice(self._new, count))
        return self._random.choices(self._people, cum_weights=self._weights, k=count)

    def _body(self, person: int) -> dict[str, Any]:
        pick = self._random
        phase = pick.choice(("signalling", "imaging", "plan", "execution"))
        return {
            "id": str(UUID(int=pick.getrandbits(128), version=4)),
            "tense": "fact",
            "operation": "make-available",
            "name": "Groepsscan gedeeld in het jeugdgroepenoverleg",
            "status": "ok",
            "occurredAt": (self._now - timedelta(seconds=pick.randrange(60, 80_000))).isoformat(),
            "traceId": f"{pick.getrandbits(128):032x}",
            "spanId": f"{pick.getrandbits(64):016x}",
            "subjects": [
                {
                    "idType": "BSN",
                    "id": bsn_of(person),
                    "role": "jeugdgroeplid",
                    "status": "listed",
                    "municipality": "Middelstad",
                }
            ],
            "criteria": "asserted",
            "dataCategories": pick.sample(CATEGORIES, 3),
            "dataRegime": "AVG",
            "controller": CONTROLLER,
            "recipients": [{"party": party} for party in pick.sample(PARTIES, pick.randint(1, 3))],
            "activity": ACTIVITY,
            "purpose": PURPOSE,
            "legalBasis": {"gdpr": "6(1)(e)", "statute": "jci1.3:c:BWBR0005416&artikel=172"},
            "necessity": {"proportionality": NECESSITY, "subsidiarity": "Lichter middel geprobeerd."},
            "covenant": {"id": f"veiligheidshuis-{pick.randrange(COVENANTS)}", "annex": "jeugdgroepen"},
            "phase": phase,
            "place": {"municipality": "Middelstad"},
            "confidentiality": {"level": "normal"},
            "actor": {"id": f"medewerker-{pick.randrange(200)}", "role": "regisseur"},
            "system": {"name": "procesregie", "version": "4.2.1"},
            "reference": f"https://zaak.example.org/objecten/{pick.getrandbits(64):016x}",
            **self._more,
        }
