"""Who the recipients of a share are to the sender."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.act import Recipient
from services.law.context import Context
from services.law.governance import Partner
from services.law.rules.recipients import has_named_ground, is_another, is_under_wgs, participates, tells_others
from services.law.rules.scene import Scene
from tests.unit.law.builders import NOW, act, activity, covenant, findings, register, to

WGS = covenant(
    legal_frame="wgs-zvh",
    partners=(Partner(party="mayor"), Partner(party="youth", role="incidental"), Partner(party="care", until=date.min)),
)


def scene(*entries: Any, **changes: Any) -> Scene:
    """What the rules see of the act with the changes."""
    return Scene(act(**changes), Context(register(*entries), None, NOW))


@pytest.mark.parametrize(
    ("parties", "others", "tells"),
    [
        ([], [], True),
        (["youth"], [True], True),
        (["mayor"], [False], False),
        (["host"], [False], False),
        (["guard"], [True], True),
        (["nobody"], [True], True),
        (["mayor", "host"], [False, False], False),
        (["mayor", "school"], [False, True], True),
    ],
)
def test_the_sender_and_its_processors_are_nobody_else(*, parties: list[str], others: list[bool], tells: bool) -> None:
    """A processor of somebody else is another, and a share that names nobody counts as telling others."""
    seen = scene(recipients=to(*parties))
    assert [is_another(seen, index) for index in range(len(parties))] == others
    assert tells_others(seen) is tells


@pytest.mark.parametrize(
    ("entries", "changes", "expected"),
    [
        ([WGS], {}, True),
        ([WGS], {"occurred_at": NOW.replace(year=2025, month=2)}, False),
        ([WGS], {"occurred_at": NOW.replace(year=2025, month=3, day=1)}, True),
        ([WGS], {"covenant": None}, False),
        ([], {}, False),
    ],
)
def test_the_wgs_governs_its_tables_since_its_first_day(
    *, entries: list[Any], changes: dict[str, Any], expected: bool
) -> None:
    """WGS: in force since 1 March 2025, for covenants that are of its frame."""
    assert is_under_wgs(scene(*entries, **changes)) is expected


@pytest.mark.parametrize(
    ("party", "expected"), [("mayor", True), ("youth", False), ("care", False), ("school", False), ("nobody", False)]
)
def test_who_attends_incidentally_does_not_participate(*, party: str, expected: bool) -> None:
    """A participant is a partner of that day, and not for one case only."""
    assert participates(scene(WGS), party) is expected
    assert participates(scene(WGS, covenant=None), party) is False


@pytest.mark.parametrize(
    ("basis", "changes", "grounded"),
    [
        ({"gdpr": "6(1)(e)", "statute": "Leerplichtwet 21"}, {}, True),
        ({"gdpr": "6(1)(c)", "statute": "WPO 40"}, {}, True),
        ({"gdpr": "6(1)(e)", "statute": "Gemeentewet 172"}, {}, False),
        ({"gdpr": "6(1)(e)", "statute": "convenant"}, {}, False),
        ({"gdpr": "6(1)(e)", "statute": "convenant 2025"}, {}, False),
        ({"gdpr": "6(1)(e)", "statute": "Opiumwet 13b"}, {}, True),
        ({"gdpr": "6(1)(e)", "statute": "Wbp 8"}, {}, False),
        ({"gdpr": "6(1)(e)", "statute": "AVG 6(1)(e)"}, {}, False),
        ({"gdpr": "6(1)(e)"}, {}, False),
        ({"gdpr": "6(1)(f)"}, {}, True),
        ("6(1)(d)", {}, True),
        ("Leerplichtwet 21", {}, False),
        (None, {}, False),
        ({"gdpr": "6(1)(f)"}, {"controller": "youth"}, False),
        ({"gdpr": "6(1)(f)"}, {"id": "other"}, False),
    ],
)
def test_a_recipient_may_receive_on_a_ground_of_its_own(*, basis: Any, changes: dict[str, Any], grounded: bool) -> None:
    """Grounds combine as OR for the receiver: who is no partner receives for an activity with its own ground."""
    line = activity(**({"id": "care-of-pupils", "controller": "school", "legal_basis": basis} | changes))
    given = {"recipients": (Recipient(party="school", activity="care-of-pupils"),)}
    assert has_named_ground(scene(line, **given), 0) is grounded
    assert ("recipient-without-ground" not in findings(act(**given), line)) is grounded


def test_a_ground_is_named_by_its_activity_and_known_party() -> None:
    """Without an activity, or of a party that nobody knows, no ground shows."""
    line = activity(id="line", controller="nobody", legal_basis="6(1)(f)")
    assert not has_named_ground(scene(line, recipients=to("school")), 0)
    assert not has_named_ground(scene(line, recipients=(Recipient(party="nobody", activity="line"),)), 0)
