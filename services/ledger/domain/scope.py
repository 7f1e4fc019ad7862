"""What makes one dossier: a controller and its case, covenant annex or activity."""

from __future__ import annotations

from typing import Final

SCOPE_BYTES: Final = 16


def name_scope(
    controller: str,
    case_id: str | None = None,
    covenant: str | None = None,
    annex: str | None = None,
    activity: str | None = None,
) -> tuple[str, ...]:
    """The parts that name a dossier; the most precise thing known beside the controller wins.

    A case is narrower than an annex, an annex than an activity; without any of them the
    controller has one unscoped dossier per person.
    """
    if case_id is not None:
        return (controller, "case", case_id)
    if covenant is not None:
        return (controller, "covenant", covenant, annex or "")
    if activity is not None:
        return (controller, "activity", activity)
    return (controller, "unscoped")
