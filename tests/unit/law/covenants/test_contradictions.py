"""What contradicts what, case by case; what does not stands beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.covenants.contradictions import contradictions, other_differences
from services.law.covenants.gathering import register_of
from services.law.covenants.reports import Contradiction, Point
from services.law.governance import Addendum, Entry, Interpretation, Municipality, Partner, Party
from services.law.register import Register
from services.law.texts import Text
from tests.unit.law.builders import reread
from tests.unit.law.covenants.fixtures import PARTNERS, Body, body, found, kinds, read, with_annex

AB = ("a", "b")


def parties(*names: str, **windows: dict[str, Any]) -> list[Body]:
    """Partners by name, some with a window or a role."""
    return [{"party": name} | windows.get(name, {}) for name in names]


FORMER_PARTNER = parties("mayor", mayor={"from": "2026-01-01", "role": "incidental"})


def test_what_is_told_of_a_contradiction() -> None:
    """Both covenants and versions, the annexes, the phase with both terms, the ground, who is bound, and when."""
    (only,) = found(body(), with_annex(retention={"signalling": "P6M", "plan": "P2Y"}) | {"validFrom": "2026-01-01"})
    assert (only.kind, only.covenants, only.versions, only.annexes) == ("retention", AB, (1, 1), ("jeugdgroepen",))
    assert only.points == (Point("signalling", "P3M", "P6M", ("jeugdgroepen",)),)
    assert (only.municipalities, only.partners) == (("Middelstad",), PARTNERS)
    assert (only.since, only.until) == (date(2026, 1, 1), date(2027, 12, 31))
    nl, en = "a en b geven voor dezelfde aanpak verschillende bewaartermijnen", "a and b give different terms"
    assert only.text.nl == f"{nl}: signalering: P3M ↔ P6M."
    assert only.text.en == f"{en} for the same approach: signalling: P3M ↔ P6M."


def test_a_contradiction_is_told_in_plain_words() -> None:
    """Roles, duties and what is not there have words in both languages; ids with braces do no harm."""
    given = body(), body("b{0}", partners=parties(*PARTNERS, "school", youth={"role": "incidental"}))
    (only,) = found(*given)
    assert only.text.nl == (
        "a en b{0} zeggen iets anders over wie meedoet of wie wat doet: "
        "school: geen partner ↔ partner; youth: partner ↔ incidentele partner."
    )
    (only,) = found(body(arrangement={"informs": "stranger"}))
    assert only.text == Text(
        "a spreekt zichzelf tegen: wie informeert: stranger ↔ geen partner.",
        "a contradicts itself: who informs: stranger ↔ no partner.",
    )


@pytest.mark.parametrize(
    ("retention", "differs"),
    [
        ({"signalling": "P3M", "plan": "P2Y"}, False),
        ({"signalling": "P3M", "plan": "P24M"}, False),
        ({"signalering": "3 maanden", "plan van aanpak": "twee jaar"}, False),
        ({"signalling": "P3M"}, False),
        ({"execution": "P9Y"}, False),
        ({}, False),
        ({"signalling": "P4M"}, True),
        ({"signalling": "P90D"}, True),
        ({"signalering": "P1M"}, True),
    ],
)
def test_terms_of_one_phase(*, retention: dict[str, str], differs: bool) -> None:
    """Spelling and language do not matter, a phase that one leaves out does not, and days are no months."""
    assert kinds(body(), with_annex(retention=retention)) == ([("retention", AB)] if differs else [])


@pytest.mark.parametrize(
    ("first", "second", "differs"), [("P5Y", "P60M", False), ("P5Y", "P1Y", True), ("P5Y", None, False)]
)
def test_terms_of_the_record(*, first: str, second: str | None, differs: bool) -> None:
    """How long the ledger keeps its record is a term too."""
    (*only,) = found(body(recordRetention=first), body("b", recordRetention=second))
    assert [(each.kind, each.points) for each in only] == (
        [("retention", (Point("recordRetention", first, second),))] if differs else []
    )


@pytest.mark.parametrize(
    ("purpose", "differs"),
    [("aanpak-jeugdgroepen", False), ("Aanpak  Jeugdgroepen", False), (None, False), ("", False), ("zorg", True)],
)
def test_purposes_of_one_approach(*, purpose: str | None, differs: bool) -> None:
    """Another purpose for the same approach; a purpose that is left out says nothing."""
    (*only,) = found(body(), body("b", purpose=purpose))
    assert [(each.kind, each.points) for each in only] == (
        [("purpose", (Point("purpose", "aanpak-jeugdgroepen", "zorg", ("jeugdgroepen",)),))] if differs else []
    )


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({"partners": parties(*reversed(PARTNERS))}, []),
        ({"partners": parties(*PARTNERS, "school")}, [("school", None, "partner")]),
        ({"partners": parties("college", "mayor", "police")}, [("youth", "partner", None)]),
        (
            {"partners": parties("college", "mayor", "police", "school")},
            [("school", None, "partner"), ("youth", "partner", None)],
        ),
        ({"partners": parties(*PARTNERS, "guest", guest={"role": "incidental"})}, []),
        ({"partners": parties(*PARTNERS, youth={"role": "incidental"})}, [("youth", "partner", "incidental")]),
        ({"partners": parties("college", "x", "y", "z")}, []),
        ({"partners": parties("college", "x", "y")}, []),
        ({"partners": [{"party": "college", "role": "incidental"}]}, []),
        (
            {"partners": parties("college")},
            [("mayor", "partner", None), ("police", "partner", None), ("youth", "partner", None)],
        ),
        ({"partners": parties("college", "mayor", "y", "z")}, "college mayor police y youth z"),
    ],
)
def test_who_sits_at_one_table(changes: Body, points: Any) -> None:
    """A full partner that the other lacks, where at least half of the smaller table is at both; guests do not count."""
    (*only,) = found(body(), body("b", **changes))
    told = [(point.what, point.first, point.second) for each in only for point in each.points]
    assert {each.kind for each in only} <= {"parties"}
    if isinstance(points, str):
        assert [what for what, _, _ in told] == ["police", "y", "youth", "z"]
    else:
        assert told == points


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (["M"], ["M"], [("parties", AB)]),
        (["M", "N"], ["M"], [("parties", AB)]),
        (["M"], ["M", "N"], []),
        (["M", "O"], ["M", "N"], []),
        ([], ["M"], [("parties", AB)]),
        (["M"], [], []),
        ([], [], [("parties", AB)]),
    ],
)
def test_who_is_there_for_other_ground(first: list[str], second: list[str], expected: list[Any]) -> None:
    """A partner only of the covenant that covers more may be there for that; no territory is all of it."""
    extra = parties(*PARTNERS, "school")
    assert kinds(body(territory=first), body("b", territory=second, partners=extra)) == expected
    assert kinds(body(territory=second, partners=extra), body("b", territory=first)) == expected


@pytest.mark.parametrize(
    ("arrangement", "points"),
    [
        ({"contactPoint": "college", "informs": "college", "reportsBreach": "college"}, []),
        ({"contactPoint": "mayor", "informs": "college"}, [("contactPoint", "college", "mayor")]),
        (
            {"informs": "youth", "reportsBreach": "mayor"},
            [("informs", "college", "youth"), ("reportsBreach", "college", "mayor")],
        ),
        (None, []),
    ],
)
def test_each_duty_has_one_organ(arrangement: Body | None, points: list[tuple[str, str, str]]) -> None:
    """Two of one table that each let another partner of both do it; what one does not arrange says nothing."""
    (*only,) = found(body(), body("b", arrangement=arrangement))
    assert [(point.what, point.first, point.second) for each in only for point in each.points] == points


def test_a_table_of_two_has_one_organ_for_each_duty_too() -> None:
    """Both partners take part in both, and each covenant lets another of them inform."""
    partners = parties("college", "mayor")
    given = (
        body(partners=partners, arrangement={"informs": "college"}),
        body("b", partners=partners, arrangement={"informs": "mayor"}),
    )
    assert [each.points for each in found(*given)] == [(Point("informs", "college", "mayor"),)]


def test_phases_of_ones_own_are_compared_as_they_are() -> None:
    """A phase that the contract does not know is one phase in two covenants, however it is spelt."""
    given = with_annex("a", retention={"Eigen fase": "P1Y"}), with_annex("b", retention={"eigen-fase": "P2Y"})
    assert [each.points[0].what for each in found(*given)] == ["eigen-fase"]
    given = with_annex("a", retention={"eigen fase": "P1Y"}), with_annex("b", retention={"andere fase": "P2Y"})
    assert found(*given) == []


def test_a_duty_of_who_is_at_one_table_only_is_explained_by_it() -> None:
    """Each names a partner that the other does not have: who takes part differs, and that is what is told."""
    own = {"contactPoint": "school", "informs": "college", "reportsBreach": "college"}
    (only,) = found(body(), body("b", partners=parties(*PARTNERS, "school"), arrangement=own))
    assert [point.what for point in only.points] == ["school"]


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({"arrangement": {"contactPoint": "stranger", "informs": "college"}}, [("contactPoint", "stranger", None)]),
        (
            {"arrangement": {"informs": "stranger", "reportsBreach": "x"}},
            [("informs", "stranger", None), ("reportsBreach", "x", None)],
        ),
        ({"arrangement": {"informs": "stranger"}, "partners": []}, []),
        ({"arrangement": None}, []),
        (
            {"partners": parties(*PARTNERS) + parties("youth", youth={"role": "incidental"})},
            [("youth", "partner", "incidental")],
        ),
        ({"partners": parties("college", "college", "mayor")}, []),
        ({"partners": parties("college", "mayor", mayor={"until": "2025-12-31"}) + FORMER_PARTNER}, []),
    ],
)
def test_a_covenant_that_contradicts_itself(changes: Body, points: list[tuple[str, str, str | None]]) -> None:
    """A duty of somebody who is no partner, and one party in two roles on one day; one role after the other is fine."""
    (*only,) = found(body(**changes))
    assert [(each.kind, each.covenants) for each in only] == ([("parties", ("a",))] if points else [])
    assert [(point.what, point.first, point.second) for each in only for point in each.points] == points


def test_a_contact_point_that_left_is_told_from_that_day() -> None:
    """The arrangement outlives the membership: from the day after it until the covenant ends."""
    (only,) = found(body(partners=parties(*PARTNERS, college={"until": "2026-06-30"})))
    assert (only.covenants, only.since, only.until) == (("a",), date(2026, 7, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"territory": ["Dorp B"]}, False),
        ({"territory": ["Dorp B", "Middelstad"]}, True),
        ({"territory": ["Dorp B"], "municipalities": ["Middelstad"]}, True),
        ({"territory": ["Middelstad"], "municipalities": ["Dorp B"]}, True),
        ({"validFrom": "2028-01-01", "validUntil": "2029-01-01"}, False),
        ({"validFrom": "2027-12-31", "validUntil": None}, True),
        ({"legalFrame": "wgs-zvh"}, False),
        ({"umbrella": "a"}, False),
        ({"regime": 3, "published": None}, True),
        ({"partners": [{"party": "x"}, {"party": "y"}], "arrangement": None}, False),
        ({"partners": [{"party": "police"}, {"party": "y"}, {"party": "z"}], "arrangement": None}, True),
        ({"partners": [{"party": "police", "until": "2024-12-31"}], "arrangement": None}, False),
        ({"partners": [{"party": "police", "role": "incidental"}], "arrangement": None}, True),
    ],
)
def test_only_at_one_table_do_terms_contradict(*, changes: Body, expected: bool) -> None:
    """Shared ground, days and partner, one frame, neither over the other; the regime does not matter."""
    other = with_annex(retention={"signalling": "P9M"}) | changes
    assert [kind for kind, _ in kinds(body(), other) if kind == "retention"] == (["retention"] if expected else [])
    assert [kind for kind, _ in kinds(other | {"id": "0"}, body()) if kind == "retention"] == (
        ["retention"] if expected else []
    )


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"id": "jeugdgroepen"}, {"id": "Aanpak Jeugdgroepen", "consultation": "x", "workProcess": "y"}, True),
        ({"id": "x", "name": "Jeugdgroepen"}, {"id": "jeugdgroepen"}, True),
        ({"id": "jeugdgroepen"}, {"id": "veelplegers"}, False),
        ({"id": "a"}, {"id": "b"}, True),
        ({"id": "bijlage-1"}, {"id": "bijlage 2"}, True),
        ({"id": "1"}, {"id": "2", "consultation": "driehoek"}, False),
        ({"id": "1"}, {"id": "2", "workProcess": "iets anders"}, False),
        ({"id": "1", "consultation": None}, {"id": "2", "consultation": "driehoek"}, True),
        ({"id": "1", "consultation": None, "workProcess": None}, {"id": "2"}, True),
        ({"id": "1", "consultation": "overleg", "workProcess": "werkproces 7"}, {"id": "2"}, True),
        (
            {"id": "1", "consultation": None, "workProcess": None},
            {"id": "zorg", "consultation": "x", "workProcess": None},
            False,
        ),
        ({"id": "zorg-middelstad"}, {"id": "zorg"}, True),
        ({"id": "zorg-1"}, {"id": "zorg-2"}, True),
        ({"id": "zorg"}, {"id": "zorg-2"}, True),
        ({"id": "zorg-1"}, {"id": "drugs-1"}, False),
        ({"id": "thema-1"}, {"id": "thema-2"}, False),
        ({"id": "aanpak-1"}, {"id": "aanpak-2"}, False),
        ({"id": "aanpak-1"}, {"id": "aanpak-1"}, True),
    ],
)
def test_which_annexes_are_about_one_approach(*, first: Body, second: Body, expected: bool) -> None:
    """Names decide; failing those the table; failing that the purpose, for covenants with one annex each."""
    given = with_annex("a", **first), with_annex("b", retention={"signalling": "P9M"}, **second)
    assert kinds(*given) == ([("retention", AB)] if expected else [])


def test_annexes_without_a_name_are_matched_by_id() -> None:
    """Of several that nobody named only those of one id are compared, and only for one purpose."""

    def many(covenant_id: str, **terms: str) -> Body:
        annexes = [{"id": name, "retention": {"plan": term}} for name, term in terms.items()]
        return body(covenant_id, annexes=annexes)

    assert kinds(many("a", x="P1Y", y="P2Y"), many("b", x="P1Y", z="P3Y")) == []
    assert kinds(many("a", x="P1Y", y="P2Y"), many("b", x="P1M", z="P3Y")) == [("retention", AB)]
    assert kinds(many("a", x="P1Y", y="P2Y"), many("b", x="P1M", z="P3Y") | {"purpose": None}) == []
    assert kinds(many("a", x="P1Y"), many("b", x="P1M") | {"purpose": None}) == []


@pytest.mark.parametrize(
    ("annex", "changes", "expected"),
    [
        ({}, {}, [("purpose", AB)]),
        ({"retention": {"plan": "P9Y"}, "dataCategories": []}, {}, [("purpose", AB)]),
        ({}, {"arrangement": {"informs": "mayor"}}, [("purpose", AB)]),
        ({}, {"recordRetention": "P1Y"}, [("purpose", AB)]),
        ({"id": "b"}, {}, []),
        ({"consultation": "o"}, {}, []),
        ({"workProcess": "w"}, {}, []),
        ({"name": "n"}, {}, []),
        ({"agreements": "other"}, {}, []),
        ({"criteria": {"include": "other"}}, {}, []),
        ({}, {"partners": parties(*PARTNERS, "school")}, []),
        ({}, {"territory": ["Middelstad", "N"]}, []),
        ({}, {"purpose": None}, []),
        ({}, {"annexes": []}, []),
    ],
)
def test_a_copy_for_another_purpose(annex: Body, changes: Body, expected: Any) -> None:
    """Where no word tells the approach, the whole text, the ground and the people tell that it is one."""
    silent = {"id": "a", "consultation": "overleg", "workProcess": "werkproces"}
    original = with_annex("a", **silent) | {"recordRetention": "P5Y"}
    copied = with_annex("b", **(silent | annex)) | {"purpose": "zorg", "recordRetention": "P5Y"} | changes
    assert kinds(original, copied) == expected


@pytest.mark.parametrize(("purposes", "annex_id"), [(3, "zorg"), (4, "zorg"), (3, "a"), (4, "a")])
def test_what_a_town_calls_every_annex_tells_no_approach(purposes: int, annex_id: str) -> None:
    """Three purposes under one name contradict each other; of four or more the name is nobody's, in that town alone."""
    silent = {"id": annex_id, "consultation": "overleg", "workProcess": "werkproces"}
    given = [with_annex(f"c{n}", **silent) | {"purpose": f"doel {n}"} for n in range(purposes)]
    elsewhere = [each | {"id": f"{each['id']}-elders", "territory": ["Elders"]} for each in given[:2]]
    twin = with_annex("twin", **silent, retention={"plan": "P9Y"}) | {"purpose": "doel 0"}
    told = kinds(*given, *elsewhere, twin)
    there = [("purpose", ("c0-elders", "c1-elders"))]
    here = [("purpose", pair) for pair in (("c0", "c1"), ("c0", "c2"), ("c1", "c2"), ("c1", "twin"), ("c2", "twin"))]
    by_name = [("retention", (f"c{n}", "twin")) for n in (1, 2)] if annex_id == "zorg" else []
    same = [("retention", ("c0", "twin"))]
    assert sorted(told) == sorted([*there, *same, *(here + by_name if purposes == 3 else [])])


def test_a_covenant_for_everywhere_counts_in_each_town() -> None:
    """Its purpose is one more in every town that uses the word."""
    towns = [body(f"c{n}", purpose=f"doel {n}") for n in range(3)]
    assert len(kinds(*towns)) == 3
    assert kinds(*towns, body("all", purpose="doel 4", territory=[])) == []


def test_covenants_without_annexes_are_compared_by_purpose() -> None:
    """One purpose and one town: their partners have to be the same."""
    lacking = body("b", annexes=[], partners=parties("college", "mayor", "police"))
    assert kinds(body(annexes=[]), lacking) == [("parties", AB)]
    assert kinds(body(), lacking) == []


@pytest.mark.parametrize(
    ("own_id", "extra", "expected"),
    [("1", (), [("purpose", AB)]), ("1", ("school",), []), ("2", (), [])],
)
def test_a_table_without_a_name_needs_the_same_people_for_its_purpose(
    own_id: str, extra: tuple[str, ...], expected: Any
) -> None:
    """Where only consultation and process say that it is one approach, a purpose counts among the same people.

    Among others it is another table, and then neither its terms nor its people have to be the same.
    """
    given = with_annex("b", id="1") | {"purpose": "zorg", "partners": parties(*PARTNERS, *extra)}
    assert kinds(with_annex("a", id=own_id), given) == expected


def test_a_later_version_ends_a_contradiction() -> None:
    """The highest version in force holds; what was contradicted before it is told with its last day."""
    mended = with_annex("b") | {"version": 2, "validFrom": "2026-05-01"}
    (only,) = found(body(), with_annex("b", retention={"plan": "P9Y"}), mended)
    assert (only.since, only.until, only.versions) == (date(2025, 1, 1), date(2026, 4, 30), (1, 1))
    assert kinds(body(), body() | {"version": 2, "purpose": "zorg"}) == []


def test_a_contradiction_for_good_has_no_last_day() -> None:
    """Two covenants without end."""
    (only,) = found(body(validUntil=None), body("b", validUntil=None, purpose="zorg"))
    assert only.until is None


@pytest.mark.parametrize(("day", "expected"), [("2024-12-31", []), ("2025-01-01", ["retention"]), ("2028-01-01", [])])
def test_one_day_can_be_asked_about(day: str, expected: list[str]) -> None:
    """On that day alone, and only that day is told."""
    on = date.fromisoformat(day)
    register = register_of(map(read, (body(), with_annex(retention={"plan": "P9Y"}))))
    (*only,) = contradictions(register, on)
    assert [each.kind for each in only] == expected
    assert [(each.since, each.until) for each in only] == [(on, on)] * len(expected)


ENTRIES: list[tuple[Entry, str, tuple[date, date]]] = [
    (
        Addendum(
            id="x",
            covenant="b",
            valid_from=date(2026, 1, 1),
            valid_until=date(2026, 6, 30),
            partners=(Partner(party="new"),),
        ),
        "parties",
        (date(2026, 1, 1), date(2026, 6, 30)),
    ),
    (
        Addendum(
            id="x",
            covenant="koepel",
            valid_from=date(2026, 1, 1),
            partners=(Partner(party="new", from_=date(2026, 2, 1)),),
        ),
        "parties",
        (date(2026, 2, 1), date(2027, 12, 31)),
    ),
]


@pytest.mark.parametrize(("entry", "kind", "window"), ENTRIES)
def test_what_joins_later_contradicts_from_then(entry: Entry, kind: str, window: tuple[date, date]) -> None:
    """An addendum of the covenant, or of its umbrella, brings a partner that the other does not have."""
    above = body("koepel", umbrella=True, annexes=[{"id": "iets-anders"}])
    under = body("b", umbrella="koepel", partners=[])
    under["arrangement"] = None
    (only,) = found(body(), above, under, others=(entry,))
    assert (only.kind, only.covenants, (only.since, only.until)) == (kind, AB, window)


def test_stray_addenda_and_readings_are_harmless() -> None:
    """What joins a covenant that nobody registered, and umbrellas in a circle, are looked past."""
    stray = Addendum(id="x", covenant="nobody", valid_from=date(2026, 1, 1))
    reading = Interpretation(id="y", covenant="nobody", regime=1, by="z", text="t", valid_from=date(2026, 1, 1))
    circle = body("b", umbrella="a"), body(umbrella="b")
    assert kinds(*circle, others=(stray, reading, Party(id="college", kind="public-body"))) == []
    assert contradictions(Register()) == other_differences(Register()) == ()


def test_merged_municipalities_are_shared_ground() -> None:
    """Two towns that become one: from that day their covenants are about the same ground."""
    merger = (
        Municipality(id="gm1", name="Dorp B", merged_into="gm2", valid_until=date(2025, 12, 31)),
        Municipality(id="gm2", name="Middelstad"),
    )
    given = body(), with_annex(retention={"plan": "P9Y"}) | {"territory": ["Dorp B"]}
    (only,) = found(*given, others=merger)
    assert (only.since, only.municipalities) == (date(2026, 1, 1), ("gm2",))


@pytest.mark.parametrize("stated", ["stad a", "STAD A", " Stad  A "])
def test_a_town_in_other_capitals_or_spaces_is_shared_ground(stated: str) -> None:
    """It is told as the first covenant spells it, or by the id of the register; with a hyphen it is another town."""
    other = with_annex(retention={"plan": "P9Y"})
    here, there = body(territory=["Stad A"]), other | {"territory": [stated]}
    (only,) = found(here, there)
    assert (only.kind, only.municipalities) == ("retention", ("Stad A",))
    (only,) = found(here, there, others=(Municipality(id="gm-a", name="stad a"),))
    assert only.municipalities == ("gm-a",)
    assert kinds(here, other | {"territory": ["Stad-A"]}) == []


def test_an_id_that_looks_like_the_name_of_two_is_told_as_it_is() -> None:
    """Ground is told by the id of the register; the name that two share is no ground of either."""
    places = Municipality(id="bergen", name="Bergen", code="0373"), Municipality(id="bergen-l", name="Bergen")
    other = with_annex(retention={"plan": "P9Y"})
    (only,) = found(body(territory=["0373"]), other | {"territory": ["bergen"]}, others=places)
    assert only.municipalities == ("bergen",)
    assert kinds(body(territory=["Bergen"]), other | {"territory": ["bergen"]}, others=places) == []


def test_other_differences_are_told_apart() -> None:
    """Another regime at one table, from the day of an interpretation too, and a partner that never takes part."""
    stricter = Interpretation(id="r", covenant="b", regime=3, by="x", text="t", valid_from=date(2026, 1, 1))
    late = parties(*PARTNERS, "gone", "late", gone={"until": "2024-12-31"}, late={"from": "2028-01-01"})
    late += [{"party": "youth", "from": "2027-12-31"}, {"party": "youth", "until": "2025-01-01"}]
    known = register_of((*map(read, (body(partners=late), body("b"))), stricter))
    assert contradictions(known) == ()
    regime, validity = other_differences(known)
    assert (regime.kind, regime.covenants, regime.points) == ("regime", AB, (Point("regime", "2", "3"),))
    assert (regime.since, regime.until) == (date(2026, 1, 1), date(2027, 12, 31))
    assert (validity.kind, validity.covenants) == ("validity", ("a",))
    assert [point.what for point in validity.points] == ["gone", "late"]
    assert validity.points[0] == Point("gone", "2025-01-01/2024-12-31", "2025-01-01/2027-12-31")
    none = register_of(map(read, (body(regime=None), body("b", validUntil=None))))
    assert other_differences(none) == ()
    assert [each.until for each in other_differences(known, date(2026, 6, 1))] == [date(2026, 6, 1)] * 2
    assert other_differences(known, date(2029, 1, 1)) == ()


def outliving(*bodies: Body, day: date | None = None, others: tuple[Entry, ...] = ()) -> list[Contradiction]:
    """The differences of windows among these covenants."""
    told = other_differences(register_of((*map(read, bodies), *others)), day)
    return [reread(each) for each in told if each.kind == "validity"]


def test_a_covenant_without_its_umbrella_is_told_with_what_it_lacks() -> None:
    """Since the day after the umbrella's last, until its own last day: each field, and both windows (S14)."""
    umbrella = body("k", umbrella=True, validUntil="2026-06-30")
    under = body("a", umbrella="k", purpose=None, arrangement={"informs": "college"})
    (only,) = outliving(under, umbrella)
    assert (only.covenants, only.versions) == (("a", "k"), (1, 1))
    assert (only.since, only.until) == (date(2026, 7, 1), date(2027, 12, 31))
    windows = "2025-01-01/2027-12-31", "2025-01-01/2026-06-30"
    assert only.points == (Point("purpose", *windows), Point("arrangement", *windows))
    assert only.text.nl.startswith("a geldt op dagen waarop zijn koepelconvenant k niet geldt, en mist dan: doel: ")
    assert contradictions(register_of(map(read, (under, umbrella)))) == ()
    assert outliving(under, umbrella, day=date(2026, 6, 30)) == []
    assert [each.until for each in outliving(under, umbrella, day=date(2026, 7, 1))] == [date(2026, 7, 1)]
    assert [each.until for each in outliving(under | {"validUntil": None}, umbrella)] == [None]


def test_a_covenant_may_begin_before_its_umbrella() -> None:
    """On the days before it lacks the same; where nobody registered the umbrella nothing is known of what it lacks."""
    umbrella = body("k", umbrella=True, validFrom="2025-07-01")
    (only,) = outliving(body("a", umbrella="k", purpose=None), umbrella)
    assert (only.since, only.until) == (date(2025, 1, 1), date(2025, 6, 30))
    assert outliving(body("a", umbrella="k", purpose=None)) == []


def test_who_says_all_itself_needs_no_umbrella() -> None:
    """Nor does one under an umbrella that goes on, though that lost its own: that is told of the umbrella."""
    top = body("top", umbrella=True, validUntil="2026-06-30")
    middle, low = body("middle", umbrella="top", purpose=None), body("low", umbrella="middle", purpose=None)
    assert outliving(body("a", umbrella="top"), top) == []
    assert [each.covenants for each in outliving(top, middle, low)] == [("middle", "top")]


def test_the_case_of_the_seed_contradicts_nothing() -> None:
    """Veiligheidshuis and Dorp B differ in regime, terms and partners, and lie apart."""
    there = {
        "territory": ["Dorp B"],
        "regime": 1,
        "partners": parties("mayor-b", "police", "youth-b"),
        "arrangement": None,
    }
    assert kinds(body(), with_annex("b", retention={"signalling": "P1M"}) | there) == []
