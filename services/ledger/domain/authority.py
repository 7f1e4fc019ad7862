"""Who may record: the controller, who processes for it, its mandatary; a notice also the covenant's partners.

A decision not to tell switches off a duty, so a partner takes it for itself only; save in a partnership under the WGS,
where what one participant decides holds for all (BGS 1.3), and save whom the arrangement makes tell for all (AVG 26),
whose duty it is. The duty is one for each table: what a controller decides there for itself silences who tells for it
too, for all for whom that one tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.law.act import Act, Exemption, Judged, Notice
from services.law.in_force import CovenantInForce
from services.law.inform import informer_under
from services.law.local_time import amsterdam_day
from services.law.operations import CLASS_BY_VERB, CLASS_OF_OTHER_DEFAULT
from services.law.register import Register
from services.law.wgs_terms import is_under_wgs
from services.ledger.contract.events import Envelope
from services.ledger.domain.body import covenant_of, happened_at

NOTICE: Final = "notice"
"""What a mandate calls telling a person."""
EXEMPTION: Final = "exemption"
"""What a mandate calls deciding not to tell, and ending that."""


def may_record(party: str, body: Judged, register: Register) -> bool:
    """Whether the token's party may record this body on the day it happened."""
    if party == body.controller:
        return True
    day = amsterdam_day(happened_at(body))
    if isinstance(body, Act):
        return party == body.processor or has_mandate(party, body.controller, names_of(body), register, day)
    if isinstance(body, Notice):
        return _may_record_notice(party, body, register, day)
    return acts_for(party, body.controller, EXEMPTION, register, day) or _decides_for(party, body, register, day)


def may_speak(party: str, envelope: Envelope, register: Register) -> bool:
    """Whether the party may say something later about what was recorded: its author, and whoever may record it."""
    if party in (envelope.author, envelope.controller, envelope.processor):
        return True
    if envelope.controller is None:
        return False
    day = amsterdam_day(envelope.occurred_at)
    return has_mandate(party, envelope.controller, tuple(_names_in(envelope)), register, day)


def mandatary(party: str, body: Judged) -> str | None:
    """Who records an act in the name of its controller: the party, unless it is that or the processor named."""
    if not isinstance(body, Act) or party in (body.controller, body.processor):
        return None
    return party


def acts_for(party: str, other: str, name: str, register: Register, day: date) -> bool:
    """Whether the party is the other, processes for it, or has its mandate for what goes by that name."""
    return (
        party == other
        or _processes_for(party, other, register, day)
        or has_mandate(party, other, (name,), register, day)
    )


def has_mandate(party: str, controller: str, names: tuple[str, ...], register: Register, day: date) -> bool:
    """Whether ``controller`` gave ``party`` power on ``day`` to act in its name for what goes by one of these names."""
    return any(
        mandate.from_ == controller and mandate.to == party and mandate.covers(*names)
        for mandate in register.mandates(day)
    )


def names_of(act: Act) -> tuple[str, str]:
    """What a mandate may call an act: its verb and its class."""
    return act.operation, CLASS_BY_VERB.get(act.operation) or act.operation_class or CLASS_OF_OTHER_DEFAULT


def _names_in(envelope: Envelope) -> Iterator[str]:
    if envelope.operation is None:
        yield EXEMPTION if envelope.given_by is None else NOTICE
        return
    yield envelope.operation
    if envelope.operation_class is not None:
        yield envelope.operation_class


def _processes_for(party_id: str, controller: str, register: Register, day: date) -> bool:
    """Whether the register says so; that it has no contract on the day is a finding, and no reason to be silent."""
    party = register.party(party_id, day)
    return party is not None and party.kind == "processor" and party.processes_for == controller


def _may_record_notice(party: str, notice: Notice, register: Register, day: date) -> bool:
    """Whether it acts for the controller, or for who gave it: one who acts for the controller, or is of its table."""
    if acts_for(party, notice.controller, NOTICE, register, day):
        return True
    giver = notice.given_by
    if not acts_for(party, giver, NOTICE, register, day):
        return False
    return _is_partner(giver, notice, register, day) or acts_for(giver, notice.controller, NOTICE, register, day)


def _is_partner(party: str, body: Judged, register: Register, day: date) -> bool:
    """Whether party and controller are partners of the covenant that the body names."""
    covenant = _covenant_on(body, register, day)
    return covenant is not None and {party, body.controller} <= covenant.partners


def _decides_for(party: str, exemption: Exemption, register: Register, day: date) -> bool:
    """Whether it decided itself, for a partner, as a participant of its WGS partnership (BGS 1.3) or its teller.

    Who attends for one case decides for nobody else; and outside the WGS nobody else does for him.
    """
    covenant = _covenant_on(exemption, register, day)
    if party != exemption.decided_by or covenant is None or exemption.controller not in covenant.partners:
        return False
    if is_under_wgs(covenant.covenant) and party in covenant.partners - covenant.incidental:
        return True
    return party == informer_under(covenant.covenant) and exemption.controller not in covenant.incidental


def _covenant_on(body: Judged, register: Register, day: date) -> CovenantInForce | None:
    named = covenant_of(body)
    return None if named is None else register.on(day).covenants[named.id]
