"""Covenants and activities as rows of the register of processing activities (AVG 30(1)), for export (S23)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, Literal

import msgspec

from services.law.covenants.matching import full_partners
from services.law.governance import Activity, Annex, Covenant
from services.law.in_force import CovenantInForce
from services.law.register import DayView

_PUBLIC_KINDS: Final = frozenset({"public-body", "police", "judicial"})


class Row(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One processing: an activity as registered, or one annex of a covenant (the covenant itself when it has none).

    ``controllers`` are those responsible for it together: the full partners, of a Zorg- en Veiligheidshuis the public
    ones only (WGS 2.27(3)). ``retention`` is a term per phase, or one term under "".
    What a covenant does not say (subjects, ground) is empty: each controller has its own.
    """

    source: Literal["activity", "covenant"]
    id: str
    version: int
    name: str | None
    controllers: tuple[str, ...]
    contact_point: str | None = None
    purpose: str | None = None
    subject_categories: tuple[str, ...] = ()
    data_categories: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    retention: dict[str, str] = {}
    legal_basis: str | dict[str, str | None] | None = None
    legal_frame: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None


def rows(view: DayView) -> tuple[Row, ...]:
    """Every row on the day: the activities in order of id, then the annexes of the covenants."""
    activities = (_of_activity(activity) for activity in view.activities_in_force())
    annexes = (row for covenant in view.covenants_in_force() for row in _of_covenant(covenant, view))
    return (*activities, *annexes)


def _of_activity(activity: Activity) -> Row:
    return Row(
        source="activity",
        id=activity.id,
        version=activity.version,
        name=activity.name,
        controllers=(activity.controller,),
        purpose=activity.purpose,
        subject_categories=activity.subject_categories,
        data_categories=activity.data_categories,
        recipients=activity.recipients,
        retention={} if activity.retention is None else {"": activity.retention},
        legal_basis=activity.legal_basis,
        valid_from=activity.valid_from,
        valid_until=activity.valid_until,
    )


def _of_covenant(covenant: CovenantInForce, view: DayView) -> Iterator[Row]:
    text = covenant.covenant
    controllers = _controllers(covenant, view)
    if not text.annexes:
        yield _row(covenant, controllers, text.id, None)
    for annex in text.annexes:
        yield _row(covenant, controllers, f"{text.id}/{annex.id}", annex)


def _controllers(covenant: CovenantInForce, view: DayView) -> tuple[str, ...]:
    partners = sorted(full_partners(covenant))
    if covenant.covenant.legal_frame != "wgs-zvh":
        return tuple(partners)
    kinds = {party_id: None if (party := view.party(party_id)) is None else party.kind for party_id in partners}
    return tuple(party_id for party_id in partners if kinds[party_id] in _PUBLIC_KINDS)


def _row(covenant: CovenantInForce, controllers: tuple[str, ...], row_id: str, annex: Annex | None) -> Row:
    text: Covenant = covenant.covenant
    return Row(
        source="covenant",
        id=row_id,
        version=text.version,
        name=None if annex is None else annex.name or annex.work_process,
        controllers=controllers,
        contact_point=None if text.arrangement is None else text.arrangement.contact_point,
        purpose=text.purpose,
        data_categories=() if annex is None else annex.data_categories,
        recipients=tuple(sorted(covenant.partners)),
        retention={} if annex is None else annex.retention,
        legal_frame=text.legal_frame,
        valid_from=text.valid_from,
        valid_until=text.valid_until,
    )
