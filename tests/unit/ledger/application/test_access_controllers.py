from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.law.governance import Arrangement, Covenant, Partner, Party
from services.law.register import Known, Register
from services.ledger.application.access_controllers import earliest_due, view_controllers
from services.ledger.application.lines import Line
from services.ledger.contract.events import Envelope
from services.ledger.contract.topics import PROCESSING_RECORDED
from services.ledger.domain.stored import StoredEvent

ACTED = datetime(2026, 9, 10, 9, tzinfo=UTC)
RECEIVED = datetime(2026, 10, 1, 7, tzinfo=UTC)
KINDS: dict[str, Any] = {
    "college": "public-body",
    "burgemeester": "public-body",
    "politie": "police",
    "om": "judicial",
    "jongerenwerk": "private-controller",
    "beveiliger": "processor",
}


def register(legal_frame: Any = "avg-covenant", **partner: Any) -> Register:
    """A covenant of the college, the police and the youth work, who may have joined or left."""
    covenant = Covenant(
        id="huis",
        version=1,
        valid_from=date(2026, 1, 1),
        legal_frame=legal_frame,
        partners=(Partner(party="college"), Partner(party="politie"), Partner(party="jongerenwerk", **partner)),
        arrangement=Arrangement(contact_point="college"),
    )
    entries: list[Any] = [*(Party(id=name, kind=kind) for name, kind in KINDS.items()), covenant]
    return Register(Known(entry, 0, ACTED) for entry in entries)


def line(**fields: Any) -> Line:
    """A line of the mayor."""
    envelope = Envelope(
        operation_id=UUID(int=1),
        key="1",
        author="burgemeester",
        recorded_at=ACTED,
        occurred_at=ACTED,
        **{"controller": "burgemeester"} | fields,
    )
    event = StoredEvent(
        lane=0,
        position=1,
        stream_id=UUID(int=2),
        version=1,
        topic=PROCESSING_RECORDED,
        operation_id=envelope.operation_id,
        envelope=b"",
        state=None,
        leaf_hash=b"",
    )
    return Line(event=event, envelope=envelope)


def found(lines: list[Line], known: Register) -> dict[str, tuple[str, str, str]]:
    """(regime, remedy, decided by) per controller."""
    views = view_controllers(lines, RECEIVED, known)
    return {view["party"]: (view["regime"], view["remedy"], view["decidedBy"]) for view in views}


def test_everyone_named_answers_and_processors_do_not() -> None:
    """Controller and recipients, each with its own act and remedy; a processor answers to nobody."""
    lines = [line(recipients=("jongerenwerk", "om", "beveiliger"), processor="beveiliger")]
    assert found(lines, register()) == {
        "burgemeester": ("AVG", "awb-objection", "burgemeester"),
        "jongerenwerk": ("AVG", "court-petition", "jongerenwerk"),
        "om": ("Wjsg", "unverified", "om"),
    }


def test_an_unknown_recipient_is_not_guessed() -> None:
    """Whom the register does not know stands there, unverified and without a date."""
    views = view_controllers([line(recipients=("vreemde",))], RECEIVED, register())
    (view,) = [view for view in views if view["party"] == "vreemde"]
    assert (view["regime"], view["due"], view["remedy"]) == ("unverified", None, "unverified")


def test_an_organ_that_is_no_more_is_answered_for_under_the_act_that_bound_it() -> None:
    """A municipality that was merged away leaves files, and who asks for them has a term and a remedy."""
    ended = Party(id="oud", kind="public-body", organ="college", valid_until=date(2026, 9, 30))
    known = Register([*register().history, Known(ended, 0, ACTED)])
    assert found([line(controller="oud")], known)["oud"] == ("AVG", "awb-objection", "oud")


def test_partners_answer_too() -> None:
    """All partners of the covenant of a line answer, whether the line names them or not."""
    assert found([line(covenant="huis")], register()).keys() == {"burgemeester", "college", "politie", "jongerenwerk"}


def test_partners_from_act_to_request() -> None:
    """Who left before the act or joins after the request is no controller of it; who joined between is."""
    lines = [line(covenant="huis")]
    assert "jongerenwerk" not in found(lines, register(until=date(2026, 9, 9)))
    assert "jongerenwerk" in found(lines, register(until=date(2026, 9, 10)))
    assert "jongerenwerk" in found(lines, register(from_=date(2026, 10, 1)))
    assert "jongerenwerk" not in found(lines, register(from_=date(2026, 10, 2)))


def test_a_wgs_contact_point_decides_for_the_joint_controllers() -> None:
    """Under the WGS they have one decision and one remedy (BGS 1.2(1)); police and private partners answer apart."""
    lines = [line(covenant="huis", recipients=("om",))]
    assert found(lines, register("wgs-zvh")) == {
        "burgemeester": ("AVG", "awb-objection", "college"),
        "college": ("AVG", "awb-objection", "college"),
        "jongerenwerk": ("AVG", "court-petition", "jongerenwerk"),
        "om": ("Wjsg", "unverified", "om"),
        "politie": ("Wpg", "awb-objection", "politie"),
    }


def test_a_private_participant_of_the_wgs_is_no_joint_controller() -> None:
    """It decides itself, with its own remedy, whether a line names it or not (WGS 2.27(3), UAVG 35)."""
    for recipients in ((), ("jongerenwerk",)):
        controllers = found([line(covenant="huis", recipients=recipients)], register("wgs-zvh"))
        assert controllers["jongerenwerk"] == ("AVG", "court-petition", "jongerenwerk")
        assert controllers["college"] == ("AVG", "awb-objection", "college")


def test_a_line_outside_the_wgs_is_answered_by_its_own_controller() -> None:
    """Who also did something outside the partnership decides on that itself."""
    lines = [line(covenant="huis"), line(controller="jongerenwerk")]
    assert found(lines, register("wgs-zvh"))["jongerenwerk"] == ("AVG", "court-petition", "jongerenwerk")


def test_the_first_deadline_alarms() -> None:
    """The request's own clock is the earliest one; without verified terms there is none."""
    assert earliest_due(view_controllers([line(covenant="huis")], RECEIVED, register())) == {
        "legalLatest": "2026-11-02",
        "safe": "2026-11-02",
    }
    assert earliest_due(view_controllers([line(controller="om")], RECEIVED, register())) is None
