"""What is asked about covenants: which one, as of when, what changed, what contradicts, and the register of art. 30."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from services.law.covenants.reports import Contradiction
from services.law.governance import (
    Activity,
    Addendum,
    Annex,
    Arrangement,
    Covenant,
    Interpretation,
    Municipality,
    Partner,
    Party,
)
from services.law.register import Register
from services.law.texts import Text
from services.ledger.application import activity_export, covenant_conflicts
from services.ledger.application.activity_export import ExportActivities, ExportTooLarge
from services.ledger.application.bounds import BoundInvalid
from services.ledger.application.covenant_choice import ChooseCovenant
from services.ledger.application.covenant_comparison import CompareCovenants
from services.ledger.application.covenant_conflicts import CovenantsTooMany, ListConflicts
from services.ledger.application.covenant_reading import ReadCovenant
from services.ledger.application.cursors import CursorInvalid, LimitInvalid
from services.ledger.contract.covenants import CovenantQuestion
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller
from tests.support.register_desk import RegisterDesk

ANYBODY = Caller(party="politie")
EARLY = date(2026, 1, 1)


def plain(answer: object) -> Any:
    """An answer as it is written."""
    return msgspec.json.decode(msgspec.json.encode(answer))


def house(covenant_id: str = "huis", **changes: Any) -> Covenant:
    """A covenant of two partners in one town with one annex, or with the changes named."""
    given: dict[str, Any] = {
        "id": covenant_id,
        "version": 1,
        "valid_from": EARLY,
        "regime": 2,
        "territory": ("Middelstad",),
        "partners": (Partner(party="politie"), Partner(party="college")),
        "arrangement": Arrangement(contact_point="college", informs="om"),
        "annexes": (Annex(id="groepen", data_categories=("name",), retention={"plan": "P1Y"}),),
    }
    return Covenant(**(given | changes))


@pytest.fixture
def desk() -> RegisterDesk:
    """Return a register with two parties and one covenant."""
    made = RegisterDesk()
    made.register(Party(id="politie", kind="police"), Party(id="college", kind="public-body"), house())
    return made


def test_the_same_term_in_another_spelling_is_no_change(desk: RegisterDesk) -> None:
    """As ``grootboek covenants diff`` says of the same two versions: P12M is P1Y."""
    respelt = Annex(id="groepen", data_categories=("name",), retention={"plan": "P12M"})
    desk.register(house(version=2, annexes=(respelt,)))
    assert plain(CompareCovenants(source=desk.source)(ANYBODY, "huis"))["changes"] == []


def test_the_most_protective_candidate_is_the_default(desk: RegisterDesk) -> None:
    """Home town and town of the act each have a covenant: both are candidates, the shorter term holds by default."""
    short = Annex(id="feesten", data_categories=("name",), retention={"plan": "P3M"})
    desk.register(house("elders", territory=("Anderstad",), annexes=(short,)))
    choose = ChooseCovenant(source=desk.source, clock=desk.clock)
    question = CovenantQuestion(home_municipality="Middelstad", act_municipality="Anderstad", controller="politie")
    answer = plain(choose(ANYBODY, question))
    assert [(each["covenant"], each["because"]) for each in answer["candidates"]] == [
        ("elders", ["town-of-act"]),
        ("huis", ["home-town"]),
    ]
    assert (answer["default"], answer["by"], answer["validAt"]) == ("elders", "protective-default", "2026-09-07")


def test_no_candidate_is_an_answer_too(desk: RegisterDesk) -> None:
    """Before the covenant there was none; a day that is none is rejected."""
    choose = ChooseCovenant(source=desk.source, clock=desk.clock)
    answer = plain(choose(ANYBODY, CovenantQuestion(home_municipality="Middelstad", valid_at="2025-12-31")))
    assert (answer["candidates"], answer["default"], answer["by"]) == ([], None, "none")
    with pytest.raises(BoundInvalid):
        choose(ANYBODY, CovenantQuestion(valid_at="soon"))


def test_the_school_town_counts_and_what_is_asked_narrows(desk: RegisterDesk) -> None:
    """A covenant for other data, another purpose or other recipients is no candidate."""
    choose = ChooseCovenant(source=desk.source, clock=desk.clock)

    def candidates(**asked: Any) -> list[str]:
        answer = choose(ANYBODY, CovenantQuestion(school_municipality="Middelstad", **asked))
        return [each["covenant"] for each in answer["candidates"]]

    assert candidates() == ["huis"]
    assert candidates(recipients=("college",), phase="plan", data_categories=("name",)) == ["huis"]
    assert candidates(recipients=("school",)) == []
    assert candidates(controller="school") == []


def test_a_covenant_is_read_as_it_is_that_day_with_the_origin_of_what_joined(desk: RegisterDesk) -> None:
    """An addendum and an interpretation change it from their day; before that it stands as registered."""
    desk.register(
        Addendum(id="voorfase", covenant="huis", annexes=(Annex(id="voorfase"),), valid_from=date(2026, 5, 1)),
        Interpretation(id="strikt", covenant="huis", regime=3, by="college", text="t", valid_from=date(2026, 7, 1)),
    )
    read = ReadCovenant(source=desk.source, clock=desk.clock)
    before, later = plain(read(ANYBODY, "huis", "2026-04-30")), plain(read(ANYBODY, "huis"))
    assert ([annex["id"] for annex in before["annexes"]], before["regime"], before["origins"]) == (["groepen"], 2, [])
    assert ([annex["id"] for annex in later["annexes"]], later["regime"]) == (["groepen", "voorfase"], 3)
    assert {(origin["field"], origin["source"], origin["id"]) for origin in later["origins"]} == {
        ("/annexes/voorfase", "addendum", "voorfase"),
        ("/regime", "interpretation", "strikt"),
    }
    assert later["accountable"] == {"answers": "college", "informs": None, "reportsBreach": None}
    for unknown in (("nergens", None), ("huis", "2025-12-31")):
        with pytest.raises(NotFound):
            read(ANYBODY, *unknown)


def test_versions_are_compared_field_by_field(desk: RegisterDesk) -> None:
    """By default the newest with the one before; by number in any order; or with another covenant."""
    desk.register(
        house(version=2, regime=3),
        house(version=3, regime=3, purpose="orde"),
        house("elders", territory=("Anderstad",)),
    )
    compare = CompareCovenants(source=desk.source)
    newest = plain(compare(ANYBODY, "huis"))
    assert (newest["first"], newest["second"]) == ({"id": "huis", "version": 2}, {"id": "huis", "version": 3})
    assert newest["changes"] == [{"pointer": "/purpose", "kind": "added", "first": None, "second": "orde"}]
    assert [change["pointer"] for change in compare(ANYBODY, "huis", 1, 3)["changes"]] == ["/purpose", "/regime"]
    assert compare(ANYBODY, "huis", 3, 2)["changes"][0]["kind"] == "removed"
    other = compare(ANYBODY, "huis", 1, None, "elders")
    assert other["second"] == {"id": "elders", "version": 1}
    assert {change["pointer"].split("/")[1] for change in other["changes"]} == {"territory"}
    assert compare(ANYBODY, "huis", None, None, "elders")["first"] == {"id": "huis", "version": 3}


@pytest.mark.parametrize(
    ("covenant_id", "first", "second", "other"),
    [("nergens", 1, 1, None), ("huis", 1, 2, None), ("huis", None, None, None), ("huis", 1, 1, "nergens")],
)
def test_what_is_not_known_cannot_be_compared(
    desk: RegisterDesk, covenant_id: str, first: int | None, second: int | None, other: str | None
) -> None:
    """An unknown covenant or version; a single version has none before it."""
    with pytest.raises(NotFound):
        CompareCovenants(source=desk.source)(ANYBODY, covenant_id, first, second, other)


def found(number: int) -> Contradiction:
    """One contradiction, told from others by its covenant."""
    return Contradiction("purpose", (f"c-{number}",), (1,), (), (), (), (), EARLY, None, Text("nl", "en"))


class Finder:
    """Finds one contradiction per registered covenant, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, date | None]] = []

    def __call__(self, register: Register, day: date | None = None) -> Sequence[Contradiction]:
        """Find."""
        self.asked.append((register.position, day))
        return [found(number) for number, known in enumerate(register.history) if isinstance(known.entry, Covenant)]


def test_conflicts_are_paged_over_the_register_of_the_first_page(desk: RegisterDesk) -> None:
    """What is registered between two pages does not shift them; all is found once."""
    desk.register(house("b"), house("c"))
    finder = Finder()
    conflicts = ListConflicts(source=desk.source, find=finder)
    first = conflicts(ANYBODY, None, None, 2)
    desk.register(house("d"))
    second = conflicts(ANYBODY, None, first.next, 2)
    assert [item["covenants"] for page in (first, second) for item in plain(page.items)] == [["c-2"], ["c-3"], ["c-4"]]
    assert second.next is None
    assert finder.asked == [(5, None)]
    assert len(conflicts(ANYBODY).items) == 4


def test_further_pages_are_found_again_when_they_were_forgotten(desk: RegisterDesk) -> None:
    """Another process answers the next page as the first one would have."""
    desk.register(house("b"))
    first = ListConflicts(source=desk.source, find=Finder())(ANYBODY, "2026-09-01", None, 1)
    desk.register(house("c"))
    other = Finder()
    second = ListConflicts(source=desk.source, find=other)(ANYBODY, "2026-09-01", first.next, 1)
    assert [item["covenants"] for item in plain(second.items)] == [["c-3"]]
    assert (second.next, other.asked) == (None, [(4, date(2026, 9, 1))])


def test_the_number_of_covenants_compared_is_bounded(desk: RegisterDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every pair is compared: beyond a bound on all days at once a day must be named on which fewer are in force."""
    monkeypatch.setattr(covenant_conflicts, "COVENANTS_COMPARED_MAX", 1)
    desk.register(house("b", valid_from=date(2026, 6, 1)), house("b", version=2, valid_from=date(2026, 6, 1)))
    conflicts = ListConflicts(source=desk.source, find=Finder())
    for day in (None, "2026-06-01"):
        with pytest.raises(CovenantsTooMany):
            conflicts(ANYBODY, day)
    assert conflicts(ANYBODY, "2026-05-31").items


def test_conflicts_refuse_what_they_cannot_answer(desk: RegisterDesk) -> None:
    """Foreign cursors, positions that are not there yet, bad days and sizes."""
    conflicts = ListConflicts(source=desk.source, find=Finder())
    for cursor in ("register-1", "99.0", "1", "", "1.0.0"):
        with pytest.raises(CursorInvalid):
            conflicts(ANYBODY, None, cursor)
    with pytest.raises(BoundInvalid):
        conflicts(ANYBODY, "yesterday")
    with pytest.raises(LimitInvalid):
        conflicts(ANYBODY, None, None, 0)


def test_the_register_of_activities_is_exported_whole_or_per_controller(desk: RegisterDesk) -> None:
    """What is in force that day: activities, and the annexes of covenants under all their partners."""
    desk.register(
        Activity(id="toezicht", controller="college", name="Toezicht", valid_from=EARLY),
        Activity(id="oud", controller="politie", valid_from=EARLY, valid_until=date(2026, 6, 30)),
    )
    export = ExportActivities(source=desk.source, clock=desk.clock)
    assert [row["id"] for row in export(ANYBODY).items] == ["toezicht", "huis/groepen"]
    assert [row["id"] for row in export(ANYBODY, "2026-06-30").items] == ["oud", "toezicht", "huis/groepen"]
    assert [row["id"] for row in export(ANYBODY, None, "politie").items] == ["huis/groepen"]
    assert export(ANYBODY, "2025-01-01").items == ()


def test_an_export_is_bounded(desk: RegisterDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A register that is larger is exported controller by controller."""
    monkeypatch.setattr(activity_export, "EXPORT_ROWS_MAX", 1)
    desk.register(Activity(id="toezicht", controller="school", valid_from=EARLY))
    export = ExportActivities(source=desk.source, clock=desk.clock)
    with pytest.raises(ExportTooLarge):
        export(ANYBODY)
    assert [row["id"] for row in export(ANYBODY, None, "school").items] == ["toezicht"]


def test_a_town_is_found_by_its_name_after_it_merged(desk: RegisterDesk) -> None:
    """A covenant of a town that merged holds for who still names the old town, from the merger on in the new one."""
    desk.register(
        Municipality(id="gm-1", name="Middelstad", merged_into="gm-2", valid_until=date(2026, 6, 30)),
        Municipality(id="gm-2", name="Grootstad", valid_from=date(2026, 7, 1)),
    )
    choose = ChooseCovenant(source=desk.source, clock=desk.clock)
    for name in ("Middelstad", "Grootstad", "gm-2"):
        answer = choose(ANYBODY, CovenantQuestion(home_municipality=name))
        assert [each["covenant"] for each in answer["candidates"]] == ["huis"], name
    assert desk.clock.now() == datetime(2026, 9, 7, 12, tzinfo=UTC)
