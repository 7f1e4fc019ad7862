"""Who may record: the controller, its processor in the act, its mandatary; for duties also the covenant's partners."""

from __future__ import annotations

from datetime import date

from services.law.act import Act, Judged, Notice
from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.ledger.contract.events import Envelope
from services.ledger.domain.body import covenant_of, happened_at


def may_record(party: str, body: Judged, register: Register) -> bool:
    """Whether the token's party may record this body on the day it happened."""
    if party == body.controller:
        return True
    if isinstance(body, Act) and party == body.processor:
        return True
    day = amsterdam_day(happened_at(body))
    if isinstance(body, Notice) and _is_partner(party, body, register, day):
        return True
    if not isinstance(body, Act | Notice) and party == body.decided_by and _is_partner(party, body, register, day):
        return True
    verb = body.operation if isinstance(body, Act) else None
    return has_mandate(party, body.controller, verb, register, day)


def may_speak(party: str, envelope: Envelope, register: Register) -> bool:
    """Whether the party may say something later about what was recorded: its author, and whoever may record it."""
    if party in (envelope.author, envelope.controller, envelope.processor):
        return True
    day = amsterdam_day(envelope.occurred_at)
    return envelope.controller is not None and has_mandate(
        party, envelope.controller, envelope.operation, register, day
    )


def has_mandate(party: str, controller: str, verb: str | None, register: Register, day: date) -> bool:
    """Whether ``controller`` gave ``party`` power to act in its name on ``day``, for this verb or for all."""
    return any(
        mandate.from_ == controller and mandate.to == party and (not mandate.acts or verb in mandate.acts)
        for mandate in register.mandates(day)
    )


def _is_partner(party: str, body: Judged, register: Register, day: date) -> bool:
    """Whether party and controller are partners of the covenant that the body names."""
    named = covenant_of(body)
    if named is None:
        return False
    covenant = register.covenant(named.id, day)
    return covenant is not None and covenant.partner_on(party, day) and covenant.partner_on(body.controller, day)
