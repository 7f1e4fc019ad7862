"""The moment of AVG 13 and 14 (requirements D5 to D7), who tells, what is left to tell, and who is exempt."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.law.context import PastAct, PastExemption, PastNotice, SubjectFacts
from services.law.duty_state import moment_that_counts
from services.law.governance import Arrangement, Party
from services.law.inform import (
    InformDuty,
    decide_inform_on_breach,
    inform_duties,
    missing_elements,
    open_exemption,
    overdue,
)
from services.law.register import Register
from tests.unit.law.builders import PARTIES, covenant, register, reread

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = datetime(2026, 12, 31, tzinfo=UTC)
NINE = ("controller", "purpose", "basis", "categories", "recipients", "retention", "rights", "source", "complaint")


def _past(operation_class: str, day: int = 2, **changes: Any) -> PastAct:
    given: dict[str, Any] = {
        "controller": "mayor",
        "data_categories": ("name",),
        "covenant": "house",
        "annex": "groups",
    }
    return PastAct(operation_class=operation_class, occurred_at=START.replace(day=day), **(given | changes))


def _alone(**changes: Any) -> dict[str, Any]:
    return {"covenant": None, "annex": None} | changes


def _duties(*acts: PastAct, known: Register | None = None, now: datetime = LATER) -> tuple[InformDuty, ...]:
    return tuple(reread(duty) for duty in inform_duties(SubjectFacts(acts=acts), known or register(), now))


COLLECT = _past("collect", source_kind="citizen-report")
SHARE = _past("share", 5, recipients=("youth",))
ONWARD: dict[str, Any] = {"data_regime": "Wpg-20", "recipients": ("youth",)}


@pytest.mark.parametrize(
    ("acts", "due", "moment"),
    [
        ((COLLECT,), "2026-04-02T22:00Z", "one-month"),
        ((COLLECT, SHARE), "2026-03-05T09:00Z", "first-disclosure"),
        ((SHARE, COLLECT), "2026-03-05T09:00Z", "first-disclosure"),
        ((SHARE, _past("share", 4, recipients=("care",))), "2026-03-04T09:00Z", "first-disclosure"),
        ((_past("collect", source_kind="data-subject"),), "2026-03-02T09:00Z", "collection"),
        ((_past("collect", source_kind="own-observation"),), "2026-03-02T09:00Z", "collection"),
        ((COLLECT, _past("collect", 3, source_kind="data-subject")), "2026-03-03T09:00Z", "first-contact"),
        ((COLLECT, _past("collect", 3, source_kind="own-observation")), "2026-03-03T09:00Z", "collection"),
        ((COLLECT, _past("share", 5, **ONWARD)), "2026-03-05T09:00Z", "first-disclosure"),
        ((COLLECT, _past("share", recipients=("mayor",))), "2026-04-02T22:00Z", "one-month"),
        ((COLLECT, _past("share", recipients=("host",))), "2026-04-02T22:00Z", "one-month"),
        ((COLLECT, _past("share", recipients=("guard",))), "2026-03-02T09:00Z", "first-disclosure"),
        ((COLLECT, _past("share", recipients=("stranger",))), "2026-03-02T09:00Z", "first-disclosure"),
        (
            (_past("share", 6, controller="police", data_regime="Wpg-20", recipients=("mayor",)),),
            "2026-04-07T22:00Z",
            "one-month",
        ),
        (
            (
                _past(
                    "share",
                    6,
                    controller="police",
                    data_regime="Wpg-20",
                    recipients=("mayor",),
                    source_kind="own-observation",
                ),
            ),
            "2026-04-07T22:00Z",
            "one-month",
        ),
        ((_past("alter", 3),), "2026-04-03T22:00Z", "one-month"),
    ],
)
def test_the_earliest_moment_counts(acts: tuple[PastAct, ...], due: str, moment: str) -> None:
    """One month (its safe end), first contact, first disclosure to another, or at once when from the person."""
    (duty,) = _duties(*acts)
    assert (duty.due, duty.moment) == (datetime.fromisoformat(due), moment)


def test_the_month_ends_on_the_safe_day() -> None:
    """Obtained on 3 March 2026, the month ends on Good Friday: doubtful, so the duty does not roll."""
    (duty,) = _duties(_past("collect", 3, source_kind="citizen-report"))
    assert duty.due == datetime(2026, 4, 3, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "act",
    [
        _past("consult"),
        _past("delete"),
        _past("restrict"),
        _past("collect", controller="police", data_regime="Wpg-8"),
        _past("collect", controller="prosecutor", data_regime="Wjsg"),
        _past("collect", controller="college", data_regime="Wpg-8"),
        _past("share", controller="college", data_regime="Wpg-8", recipients=("prosecutor",)),
        _past("share", controller="police", data_regime="Wpg-20", recipients=("prosecutor",)),
        _past("share", recipients=()),
    ],
)
def test_acts_that_bring_no_duty(act: PastAct) -> None:
    """A consult, a delete, what police and prosecutor keep among them, or a body's own report of an offence: none."""
    assert _duties(act) == ()


def test_the_arrangement_says_who_tells_for_all() -> None:
    """Under the covenant the college tells for those who obtained; outside any each tells itself."""
    found = _duties(COLLECT, SHARE, _past("collect", 3, controller="youth", **_alone()))
    assert [(duty.party, duty.covenant, duty.controllers) for duty in found] == [
        ("college", "house", ("mayor", "youth")),
        ("youth", None, ("youth",)),
    ]


@pytest.mark.parametrize("known", [covenant(arrangement=None), covenant(valid_until=date(2025, 6, 1))])
def test_without_an_arrangement_each_controller_tells(known: Any) -> None:
    """An arrangement that is lacking, or of a covenant not in force that day, allots nothing."""
    found = _duties(COLLECT, SHARE, known=register(known))
    assert [(duty.party, duty.controllers) for duty in found] == [("mayor", ("mayor",)), ("youth", ("youth",))]


def test_what_lies_after_now_is_not_seen() -> None:
    """A disclosure later than the moment of asking does not set the due instant yet."""
    (duty,) = _duties(COLLECT, SHARE, now=START.replace(day=4))
    assert duty.moment == "one-month"


@pytest.mark.parametrize(
    ("share", "moment"),
    [
        (SHARE, "first-disclosure"),
        (_past("share", 5, recipients=("youth",), **_alone()), "first-disclosure"),
        (_past("share", 5, recipients=("youth",), data_categories=("image",)), "one-month"),
        (_past("share", 5, recipients=("host",)), "one-month"),
        (_past("share", 1, recipients=("youth",)), "one-month"),
        (_past("share", 5, recipients=("youth",), controller="college"), "one-month"),
        (_past("share", 5, recipients=("youth",), data_regime="Wpg-20"), "first-disclosure"),
        (_past("share", 5, recipients=("youth",), data_regime="Wjsg"), "first-disclosure"),
        (_past("share", 5, recipients=("youth",), data_regime="Wpg-8"), "one-month"),
    ],
)
def test_what_was_obtained_outside_a_covenant_may_be_disclosed_under_one(share: PastAct, moment: str) -> None:
    """The first disclosure of those categories by the same controller counts, whatever covenant it names."""
    found = _duties(_past("collect", source_kind="citizen-report", **_alone()), share)
    assert next(duty.moment for duty in found if duty.covenant is None) == moment


def test_what_was_obtained_after_a_disclosure_was_not_disclosed_by_it() -> None:
    """The first disclosure of a category counts only when the controller had that category by then."""
    early, late = _past("collect", 2, **_alone()), _past("collect", 8, data_categories=("image",), **_alone())
    share = _past("share", 5, recipients=("youth",), data_categories=("image",))
    found = _duties(early, share, late)
    assert next(duty.moment for duty in found if duty.covenant is None) == "one-month"


def test_norm_and_elements_follow_the_moment() -> None:
    """Art. 13 asks no categories and no source, also of who discloses it later; art. 14 asks all nine."""
    (from_person,) = _duties(_past("collect", source_kind="data-subject"))
    (from_elsewhere,) = _duties(COLLECT)
    alone = _alone(source_kind="data-subject")
    told_on = _duties(_past("collect", **alone), _past("share", 5, recipients=("youth",), **alone))
    assert [(duty.party, len(duty.elements)) for duty in told_on] == [("mayor", 7), ("youth", 9)]
    assert (from_person.norm, len(from_person.elements)) == ("avg-13", 7)
    assert (from_elsewhere.norm, from_elsewhere.elements) == ("avg-14-3-a", NINE)


def _notice(day: int, *elements: str, **changes: Any) -> PastNotice:
    given: dict[str, Any] = {"controller": "college", "covenant": "house", "annex": "groups"}
    return PastNotice(given_at=START.replace(day=day), elements=elements, **(given | changes))


@pytest.mark.parametrize(
    ("notices", "left"),
    [
        ((), 9),
        ((_notice(6, "controller", "purpose"),), 7),
        ((_notice(6, "controller", "purpose"), _notice(7, *NINE[2:])), 0),
        ((_notice(6, "all"),), 0),
        ((_notice(21, "all"),), 9),
        ((_notice(6, "all", annex=None),), 0),
        ((_notice(6, "all", annex="other"),), 9),
        ((_notice(6, "all", covenant=None),), 9),
        ((_notice(6, "all", controller="mayor"),), 0),
        ((_notice(6, "all", controller="police"),), 9),
    ],
)
def test_notices_add_up(notices: tuple[PastNotice, ...], left: int) -> None:
    """Each notice about this duty, given in time, takes its elements off what is left to tell."""
    facts = SubjectFacts(acts=(COLLECT,), notices=notices)
    (duty,) = inform_duties(facts, register(), LATER)
    at = START.replace(day=20)
    assert len(missing_elements(duty, facts, at)) == left


def _exemption(day: int, **changes: Any) -> PastExemption:
    given: dict[str, Any] = {"controller": "college", "norm": "UAVG 41", "covenant": "house", "annex": "groups"}
    return PastExemption(decided_at=START.replace(day=day), **(given | changes))


@pytest.mark.parametrize(
    ("exemptions", "found"),
    [
        ((), None),
        ((_exemption(6),), 0),
        ((_exemption(6), _exemption(8)), 1),
        ((_exemption(6), _exemption(21)), 0),
        ((_exemption(6, review_on=date(2026, 3, 20)),), 0),
        ((_exemption(6, review_on=date(2026, 3, 19)),), None),
        ((_exemption(6, covenant="other"),), None),
    ],
)
def test_an_exemption_holds_until_its_review(exemptions: tuple[PastExemption, ...], found: int | None) -> None:
    """The latest decision that is taken, not past its review date, and about this duty holds."""
    facts = SubjectFacts(acts=(COLLECT,), exemptions=exemptions)
    (duty,) = inform_duties(facts, register(), LATER)
    assert open_exemption(duty, facts, START.replace(day=20)) == (None if found is None else exemptions[found])


@pytest.mark.parametrize(
    ("notices", "exemptions", "at", "is_overdue"),
    [
        ((), (), LATER, True),
        ((), (), datetime(2026, 4, 2, 22, tzinfo=UTC), False),
        ((_notice(6, "all"),), (), LATER, False),
        ((), (_exemption(6),), LATER, False),
    ],
)
def test_overdue_means_past_untold_and_not_exempt(
    *, notices: tuple[PastNotice, ...], exemptions: tuple[PastExemption, ...], at: datetime, is_overdue: bool
) -> None:
    """The last instant of the term is still in time."""
    facts = SubjectFacts(acts=(COLLECT,), notices=notices, exemptions=exemptions)
    (duty,) = inform_duties(facts, register(), LATER)
    assert overdue(duty, facts, at) is is_overdue


@pytest.mark.parametrize(
    ("exposed", "exemptions", "answer"),
    [
        (False, (_exemption(6),), "no"),
        (True, (), "yes"),
        (True, (_exemption(6, covenant="any", controller="any"),), "decide-first"),
        (True, (_exemption(6, review_on=date(2026, 3, 7)),), "yes"),
    ],
)
def test_a_breach_is_told_unless_an_exemption_asks_to_decide(
    *, exposed: bool, exemptions: tuple[PastExemption, ...], answer: str
) -> None:
    """Any open exemption of the person, of whatever controller, makes it decide-first."""
    assert decide_inform_on_breach(exposed=exposed, exemptions=exemptions, at=START.replace(day=20)) == answer


@pytest.mark.parametrize(
    ("changes", "party"),
    [
        ({}, "college"),
        ({"arrangement": Arrangement(contact_point="mayor", informs="college")}, "college"),
        ({"legal_frame": "wgs-zvh", "arrangement": Arrangement(contact_point="mayor", informs="college")}, "mayor"),
        ({"legal_frame": "wgs-zvh", "arrangement": Arrangement(informs="college")}, "college"),
        ({"legal_frame": "wgs-zvh", "arrangement": Arrangement()}, "youth"),
        ({"legal_frame": "wgs-zvh", "arrangement": None}, "youth"),
    ],
)
def test_the_contact_point_of_a_partnership_tells_for_all(changes: dict[str, Any], party: str) -> None:
    """BGS 1.3 allots it, whatever the covenant says; under an AVG covenant its arrangement does (AVG 26)."""
    received = _past("share", controller="police", data_regime="Wpg-20", recipients=("youth",))
    assert [duty.party for duty in _duties(received, known=register(covenant(**changes)))] == [party]


SAFE = Party(id="safe", kind="private-controller", organ="veilig-thuis")


@pytest.mark.parametrize(
    ("controller", "day", "due", "moment"),
    [
        ("safe", 2, "2026-03-30T22:00Z", "wmo-four-weeks"),
        ("safe", 9, "2026-04-07T22:00Z", "wmo-four-weeks"),
        ("mayor", 2, "2026-04-02T22:00Z", "one-month"),
    ],
)
def test_veilig_thuis_has_four_weeks(controller: str, day: int, due: str, moment: str) -> None:
    """Wmo 5.3.1, under the Algemene termijnenwet (Easter Monday moves it by a day); others have a month."""
    known = register(parties=(*PARTIES, SAFE))
    (duty,) = _duties(_past("alter", day, **_alone(controller=controller)), known=known)
    assert (duty.due, duty.moment) == (datetime.fromisoformat(due), moment)
    assert duty.norm == ("wmo-5-3-1" if moment == "wmo-four-weeks" else "avg-14-3-a")


def test_two_weeks_more_for_veilig_thuis_are_a_decision() -> None:
    """Each time by a decision in time with a review date, which carries the moment (Wmo 5.3.1)."""
    decided = PastExemption(
        decided_at=START.replace(day=27), controller="safe", norm="Wmo 5.3.1", review_on=date(2026, 4, 13)
    )
    facts = SubjectFacts(acts=(_past("alter", **_alone(controller="safe")),), exemptions=(decided,))
    (duty,) = inform_duties(facts, register(parties=(*PARTIES, SAFE)), LATER)
    moment = moment_that_counts(duty, facts, START.replace(month=4, day=10))
    assert moment == datetime.fromisoformat("2026-04-13T22:00Z")


RECEIVED = _past("share", 10, controller="police", data_regime="Wpg-20", recipients=("mayor",), **_alone())


@pytest.mark.parametrize(
    ("onward", "due", "moment"),
    [
        (_past("share", 14, **ONWARD, **_alone()), "03-14T09:00", "first-disclosure"),
        (_past("share", 14, **ONWARD), "03-14T09:00", "first-disclosure"),
        (_past("share", 14, **ONWARD | {"recipients": ("host",)}), "04-10T22:00", "one-month"),
        (_past("share", 14, **ONWARD, controller="police"), "04-10T22:00", "one-month"),
        (_past("alter", 14, data_regime="Wpg-20", **_alone()), "04-10T22:00", "one-month"),
    ],
)
def test_whoever_received_police_data_tells_when_passing_them_on(onward: PastAct, due: str, moment: str) -> None:
    """AVG 14(3)(c) binds the mayor, whatever act the data come from; the police it does not."""
    mayors = next(duty for duty in _duties(RECEIVED, onward) if duty.party == "mayor")
    assert (mayors.due, mayors.moment) == (datetime.fromisoformat(f"2026-{due}Z"), moment)
