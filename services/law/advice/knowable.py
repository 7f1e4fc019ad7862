"""A person's facts as far as one party may know them, so that advice to it never tells of what others did.

A party knows the acts in which it was controller or recipient, and how the duties stand to tell the person in which
those acts give it a part: as the one who tells, or the one on whose behalf.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from services.law.context import SubjectFacts
from services.law.inform import InformDuty, inform_duties
from services.law.register import Register


def knowable_to(party: str, facts: SubjectFacts, register: Register, now: datetime) -> SubjectFacts:
    """The facts less everything that is not ``party``'s own affair; ``now`` bounds which acts make a duty."""
    acts = tuple(act for act in facts.acts if party == act.controller or party in act.recipients)
    own = msgspec.structs.replace(facts, acts=acts, municipality=None)
    duties = [duty for duty in inform_duties(own, register, now) if _takes_part(party, duty)]
    return msgspec.structs.replace(
        own,
        notices=tuple(
            notice
            for notice in facts.notices
            if notice.controller == party
            or any(duty.answers_to(notice.controller, notice.covenant, notice.annex) for duty in duties)
        ),
        exemptions=tuple(
            exemption
            for exemption in facts.exemptions
            if exemption.controller == party
            or any(duty.is_set_aside_by(exemption.controller, exemption.covenant, exemption.annex) for duty in duties)
        ),
    )


def _takes_part(party: str, duty: InformDuty) -> bool:
    return party == duty.party or party in duty.controllers
