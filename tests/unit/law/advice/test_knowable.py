"""What one party may know of a person's facts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from services.law.advice.knowable import knowable_to
from services.law.context import PastAct, PastExemption, PastNotice, SubjectFacts
from tests.unit.law.builders import NOW, register

REGISTER = register()


def past(controller: str, *recipients: str, **changes: Any) -> PastAct:
    """A share of yesterday under the covenant's annex, or a recording when nobody receives."""
    usual: dict[str, Any] = {
        "operation_class": "share" if recipients else "collect",
        "occurred_at": NOW - timedelta(days=1),
        "controller": controller,
        "recipients": recipients,
        "covenant": "house",
        "annex": "groups",
    }
    return PastAct(**(usual | changes))


def notice(controller: str, **changes: Any) -> PastNotice:
    """A notice about the covenant's annex."""
    usual: dict[str, Any] = {"given_at": NOW, "controller": controller, "covenant": "house", "annex": "groups"}
    return PastNotice(**(usual | changes))


def exemption(controller: str, **changes: Any) -> PastExemption:
    """A decision not to tell about the covenant's annex."""
    usual: dict[str, Any] = {
        "decided_at": NOW,
        "controller": controller,
        "norm": "UAVG 41(1)(d)",
        "covenant": "house",
        "annex": "groups",
        "review_on": date(2026, 9, 1),
    }
    return PastExemption(**(usual | changes))


def test_a_party_knows_the_acts_it_did_or_received() -> None:
    """Controller and recipient; nobody else, and never where the person lives."""
    acts = (past("mayor", "youth"), past("police", "care"), past("youth"))
    facts = SubjectFacts(position=9, municipality="M", acts=acts)
    known = {party: knowable_to(party, facts, REGISTER, NOW) for party in ("mayor", "youth", "care", "school")}
    assert {party: one.acts for party, one in known.items()} == {
        "mayor": (acts[0],),
        "youth": (acts[0], acts[2]),
        "care": (acts[1],),
        "school": (),
    }
    assert {one.municipality for one in known.values()} == {None}


@pytest.mark.parametrize(
    ("party", "knows"),
    [
        ("college", True),  # its own notice
        ("mayor", True),  # told on its behalf, since it disclosed
        ("youth", True),  # told on its behalf, since it received
        ("care", False),  # a partner, but no part of this
        ("school", False),
    ],
)
def test_a_party_knows_how_its_own_duties_stand(party: str, *, knows: bool) -> None:
    """Whoever tells, or has the person told for it, knows of notices and exemptions about that duty."""
    facts = SubjectFacts(
        acts=(past("mayor", "youth"),), notices=(notice("college"),), exemptions=(exemption("college"),)
    )
    known = knowable_to(party, facts, REGISTER, NOW)
    assert (bool(known.notices), bool(known.exemptions)) == (knows, knows)


def test_a_notice_about_another_covenant_is_not_the_partys_affair() -> None:
    """The duty in which it takes part is under this annex only."""
    facts = SubjectFacts(
        acts=(past("mayor", "youth"),),
        notices=(notice("college", annex="other"),),
        exemptions=(exemption("college", annex="other"),),
    )
    known = knowable_to("mayor", facts, REGISTER, NOW)
    assert (known.notices, known.exemptions) == ((), ())


def test_a_duty_that_comes_later_gives_no_part_yet() -> None:
    """What has not happened by then tells nothing."""
    facts = SubjectFacts(acts=(past("mayor", "youth", occurred_at=NOW + timedelta(hours=1)),), notices=(notice("x"),))
    assert knowable_to("mayor", facts, REGISTER, NOW).notices == ()


def test_only_a_duty_of_its_own_counts() -> None:
    """Without a covenant the recipient's duty is the recipient's: the sender does not see how it stands."""
    facts = SubjectFacts(
        acts=(past("mayor", "youth", covenant=None, annex=None),),
        notices=(notice("youth", covenant=None, annex=None),),
    )
    assert knowable_to("mayor", facts, REGISTER, NOW).notices == ()
    assert len(knowable_to("youth", facts, REGISTER, NOW).notices) == 1
