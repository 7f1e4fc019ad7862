"""Who must answer an access request, under which act, by when, and what the person can do (AVG 12, 15, 26; Wpg 25)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from services.law.access import AccessClock, access_clock, is_joint_controller
from services.law.clocks import Deadline
from services.law.governance import Covenant
from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.law.wgs_terms import is_under_wgs
from services.ledger.application.lines import Line
from services.ledger.contract.events import Envelope
from services.ledger.domain.versions import REPLACED

Json = dict[str, Any]


def view_controllers(lines: Iterable[Line], received_at: datetime, register: Register) -> list[Json]:
    """The clock of every controller and recipient of the lines and every partner of their covenants, by id.

    All clocks start at the receipt at any of their desks (AVG 26(3)). Processors answer to nobody. A party that is no
    more, such as an organ of a municipality that was merged, is answered for under the act that bound it.
    """
    day = amsterdam_day(received_at)
    own, by_contact = find_controllers(lines, day, register)
    found = []
    for party_id in sorted(own | by_contact.keys()):
        clock = access_clock(register.latest_party(party_id, day), day)
        if clock is not None:
            decides = party_id if party_id in own else by_contact[party_id]
            found.append(_view(party_id, decides, clock, received_at, register))
    return found


def find_controllers(lines: Iterable[Line], day: date, register: Register) -> tuple[set[str], dict[str, str]]:
    """Those who answer for themselves, and those for whom a WGS contact point decides (BGS 1.2(1))."""
    own: set[str] = set()
    by_contact: dict[str, str] = {}
    for line in lines:
        if line.voided == REPLACED:
            # Its corrected version stands among the lines, and says who had the data.
            continue
        envelope = line.envelope
        acted = amsterdam_day(envelope.occurred_at)
        covenant = register.covenant(envelope.covenant, acted) if envelope.covenant is not None else None
        contact_point = _deciding_contact(covenant)
        for party_id in _named(envelope) | _partners(covenant, acted, day):
            if contact_point is None or _answers_apart(party_id, day, register):
                own.add(party_id)
            else:
                by_contact[party_id] = contact_point
    return own, {party_id: contact for party_id, contact in by_contact.items() if party_id not in own}


def earliest_due(controllers: Iterable[Json]) -> Json | None:
    """The first deadline of all, on which the alarm of the request runs; None when no term is verified."""
    dues = [controller["due"] for controller in controllers if controller["due"] is not None]
    return min(dues, key=lambda due: (due["safe"], due["legalLatest"]), default=None)


def _named(envelope: Envelope) -> set[str]:
    return {party for party in (envelope.controller, *envelope.recipients) if party is not None}


def _partners(covenant: Covenant | None, acted: date, received: date) -> set[str]:
    """The partners at any time from the act until the request."""
    if covenant is None:
        return set()
    return {
        partner.party
        for partner in covenant.partners
        if (partner.from_ is None or partner.from_ <= received) and (partner.until is None or acted <= partner.until)
    }


def _deciding_contact(covenant: Covenant | None) -> str | None:
    if covenant is None or not is_under_wgs(covenant) or covenant.arrangement is None:
        return None
    return covenant.arrangement.contact_point


def _answers_apart(party_id: str, day: date, register: Register) -> bool:
    """Police and prosecution always answer under their own acts (Wpg 25-29, Wjsg).

    A private participant is no joint controller (WGS 2.27(3)): the contact point does not decide for it.
    """
    party = register.latest_party(party_id, day)
    if party is None or party.kind in {"police", "judicial"}:
        return True
    return not is_joint_controller(party)


def _view(party_id: str, decides: str, clock: AccessClock, received_at: datetime, register: Register) -> Json:
    day = amsterdam_day(received_at)
    deciding = access_clock(register.latest_party(decides, day), day) if decides != party_id else clock
    return {
        "party": party_id,
        "clockFrom": received_at.isoformat(),
        "regime": clock.regime,
        "due": None if clock.due is None else view_deadline(clock.due),
        "remedy": (deciding or clock).remedy,
        "decidedBy": decides,
    }


def view_deadline(deadline: Deadline) -> Json:
    """The two ends of a term as days."""
    return {"legalLatest": deadline.legal_latest.isoformat(), "safe": deadline.safe.isoformat()}
