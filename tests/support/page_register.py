"""The small register in front of which a person sits in a real browser: three parties and one covenant of theirs."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support.served import Served

OWN = "burgemeester-middelstad"
PARTIES: tuple[dict[str, Any], ...] = (
    {"id": OWN, "name": "Burgemeester van Middelstad", "organ": "burgemeester", "kind": "public-body"},
    {"id": "jongerenwerk-middelstad", "name": "Jongerenwerk Middelstad", "kind": "private-controller"},
    {"id": "school-openbaar", "name": "Openbare school", "organ": "schoolbestuur", "kind": "public-body"},
    {"id": "politie", "name": "Politie", "organ": "korpschef", "kind": "police"},
)
COVENANT: dict[str, Any] = {
    "id": "veiligheidshuis",
    "version": 1,
    "validFrom": "2025-01-01",
    "validUntil": None,
    "published": "2025-01-01",
    "regime": 2,
    "purpose": "aanpak-jeugdgroepen",
    "territory": ["Middelstad"],
    "coercive": True,
    "partners": [{"party": OWN}, {"party": "politie"}, {"party": "jongerenwerk-middelstad"}],
    "arrangement": {"contactPoint": OWN, "informs": OWN, "reportsBreach": OWN},
    "annexes": [
        {
            "id": "jeugdgroepen",
            "consultation": "jeugdgroepenoverleg",
            "workProcess": "aanpak jeugdgroepen",
            "criteria": {
                "include": "named in two independent reports within 3 months",
                "exclude": "seen only as bystander",
                "ends": "no report for 6 months",
                "excludesStatus": ["bystander"],
            },
            "necessity": {"proportionality": "only names and roles", "subsidiarity": "talk by youth work tried first"},
            "dataCategories": ["name", "contact", "group-role"],
            "retention": {"signalling": "P3M", "plan": "P2Y"},
        }
    ],
}


def fill_register(ledger: Served) -> None:
    """Register the parties, the purpose and the covenant."""
    headers = {"Authorization": f"Bearer {ledger.token('registrar', 'governance')}"}
    purpose = {"id": "aanpak-jeugdgroepen", "version": 1, "text": "Overlast van jeugdgroepen verminderen."}
    bodies = [("parties", party) for party in PARTIES] + [("purposes", purpose), ("covenants", COVENANT)]
    for kind, body in bodies:
        answer = httpx.post(f"{ledger.base_url}/v1/{kind}", json=body, headers=headers, timeout=30)
        assert answer.status_code == 201, answer.text
