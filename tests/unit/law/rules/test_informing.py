"""Decision table of the rule on who informs (S59)."""

from __future__ import annotations

from typing import Any

import pytest

from services.law.governance import Arrangement, Covenant
from tests.unit.law.builders import NOW, act, covenant, findings, to

POLICE: dict[str, Any] = {"controller": "police", "data_regime": "Wpg-8"}
SILENT = Arrangement(contact_point="college", reports_breach="college")


@pytest.mark.parametrize(
    ("changes", "entry", "found"),
    [
        ({}, covenant(), False),
        ({}, covenant(arrangement=None), False),
        ({}, covenant(arrangement=SILENT), True),
        ({}, covenant(arrangement=Arrangement(contact_point="college", informs="")), True),
        ({}, covenant(arrangement=SILENT, legal_frame="wgs-zvh"), False),
        (
            {"occurred_at": NOW.replace(year=2025, month=2)},
            covenant(arrangement=SILENT, legal_frame="wgs-zvh"),
            True,
        ),
        ({"covenant": None}, covenant(arrangement=SILENT), False),
        ({"operation": "record", "recipients": ()}, covenant(arrangement=SILENT), False),
        ({"recipients": to("mayor")}, covenant(arrangement=SILENT), False),
        ({"recipients": to("college")}, covenant(arrangement=SILENT), True),
        ({"recipients": to("police")}, covenant(arrangement=SILENT), True),
        ({**POLICE, "recipients": to("prosecutor")}, covenant(arrangement=SILENT), False),
        ({**POLICE, "recipients": to("police")}, covenant(arrangement=SILENT), False),
        ({**POLICE, "recipients": to("prosecutor", "mayor")}, covenant(arrangement=SILENT), True),
        ({**POLICE, "recipients": to("nobody")}, covenant(arrangement=SILENT), True),
        ({"data_regime": "Wpg-20", "recipients": to("police")}, covenant(arrangement=SILENT), True),
        ({"data_regime": "Wpg-20", "recipients": to("host")}, covenant(arrangement=SILENT), False),
        ({"data_regime": "Wpg-8", "recipients": to("prosecutor")}, covenant(arrangement=SILENT), False),
    ],
)
def test_an_arrangement_names_who_tells(*, changes: dict[str, Any], entry: Covenant, found: bool) -> None:
    """Only an arrangement that was made and is silent is a gap; under the WGS the law names the contact point.

    Police and prosecution inform under their own acts: among them nobody owes what an arrangement would allot; whoever
    received their data does.
    """
    assert findings(act(**changes), entry).get("informer-missing") == ("gap" if found else None)
