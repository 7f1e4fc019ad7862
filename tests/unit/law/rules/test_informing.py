"""Decision table of the rule on who informs (S59)."""

from __future__ import annotations

from typing import Any

import pytest

from services.law.governance import Arrangement, Covenant
from tests.unit.law.builders import act, covenant, findings, to

SILENT = Arrangement(contact_point="college", reports_breach="college")


@pytest.mark.parametrize(
    ("changes", "entry", "found"),
    [
        ({}, covenant(), False),
        ({}, covenant(arrangement=None), False),
        ({}, covenant(arrangement=SILENT), True),
        ({}, covenant(arrangement=Arrangement(contact_point="college", informs="")), True),
        ({}, covenant(arrangement=SILENT, legal_frame="wgs-zvh"), False),
        ({"covenant": None}, covenant(arrangement=SILENT), False),
        ({"operation": "record", "recipients": ()}, covenant(arrangement=SILENT), False),
        ({"recipients": to("mayor")}, covenant(arrangement=SILENT), False),
        ({"recipients": to("college")}, covenant(arrangement=SILENT), True),
    ],
)
def test_an_arrangement_names_who_tells(*, changes: dict[str, Any], entry: Covenant, found: bool) -> None:
    """Only an arrangement that was made and is silent is a gap; under the WGS the law names the contact point."""
    assert findings(act(**changes), entry).get("informer-missing") == ("gap" if found else None)
