"""A covenant as it is on a day: umbrella, addenda, interpretation, each with its origin."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.law.act import CovenantReference
from services.law.context import Context
from services.law.covenants.gathering import register_of
from services.law.covenants.resolving import Origin, resolve
from services.law.governance import (
    Addendum,
    Annex,
    AnnexNecessity,
    Arrangement,
    Covenant,
    Criteria,
    Entry,
    Interpretation,
    Partner,
)
from services.law.judgement import judge
from services.law.register import Known, Register
from tests.unit.law.builders import PARTIES, act, annex, change, covenant, findings, register, reread, verdict

DAY = date(2026, 6, 1)
REASONED = AnnexNecessity(proportionality="names only", subsidiarity="talk first")


def umbrella(**changes: object) -> Covenant:
    """An umbrella that says everything."""
    given: dict[str, object] = {
        "id": "koepel",
        "version": 3,
        "valid_from": date(2025, 1, 1),
        "umbrella": True,
        "published": date(2025, 1, 1),
        "regime": 2,
        "purpose": "safety",
        "summary": "plain",
        "territory": ("M", "N"),
        "coercive": True,
        "record_retention": "P7Y",
        "partners": (Partner(party="mayor"), Partner(party="youth")),
        "arrangement": Arrangement(contact_point="mayor", informs="mayor", reports_breach="mayor"),
        "annexes": (
            annex(
                name="Groups",
                criteria=Criteria(include="two reports", exclude="bystanders", ends="half a year"),
                preventive=True,
            ),
        ),
    }
    return Covenant(**(given | changes))  # type: ignore[arg-type]


def child(**changes: object) -> Covenant:
    """A covenant under it that says nothing itself."""
    given: dict[str, object] = {"id": "local", "version": 1, "valid_from": date(2025, 6, 1), "umbrella": "koepel"}
    return Covenant(**(given | changes))  # type: ignore[arg-type]


def on(day: date, *entries: Entry) -> Covenant | None:
    """The covenant "local" as it is on a day."""
    return register_of(entries).covenant("local", day)


def test_what_is_left_out_is_taken_from_the_umbrella() -> None:
    """Every field but the dates, the frame and the identity; each origin is told."""
    in_force = register_of((umbrella(), child())).on(DAY).covenants["local"]
    assert in_force is not None
    assert in_force.covenant == change(
        umbrella(), id="local", version=1, valid_from=date(2025, 6, 1), umbrella="koepel"
    )
    assert in_force.stated == child()
    taken = "purpose regime territory partners summary recordRetention coercive published annexes"
    taken_from_arrangement = "contactPoint informs reportsBreach"
    expected = [f"/{field}" for field in taken.split()]
    expected += [f"/arrangement/{field}" for field in taken_from_arrangement.split()]
    assert sorted(reread(origin).field for origin in in_force.origins) == sorted(expected)
    assert {(o.source, o.id, o.version, o.overrides) for o in in_force.origins} == {("umbrella", "koepel", 3, False)}


def test_what_is_stated_goes_before_and_is_seen_to_override() -> None:
    """An override keeps the covenant's own words and names the umbrella that it overrides; an equal one is none."""
    own = child(purpose="help", regime=2, territory=("N",), arrangement=Arrangement(informs="youth"))
    in_force = register_of((umbrella(), own)).on(DAY).covenants["local"]
    assert in_force is not None
    assert (in_force.covenant.purpose, in_force.covenant.regime) == ("help", 2)
    assert in_force.covenant.territory == ("N",)
    assert in_force.covenant.arrangement == Arrangement(contact_point="mayor", informs="youth", reports_breach="mayor")
    overridden = {origin.field for origin in in_force.origins if origin.overrides}
    assert overridden == {"/purpose", "/territory", "/arrangement/informs"}
    assert "/regime" not in {origin.field for origin in in_force.origins}


@pytest.mark.parametrize(
    ("own", "above", "territory", "municipalities", "fields"),
    [
        ({"municipalities": ("X",)}, {}, (), ("X",), set()),
        ({"territory": ("X",)}, {"municipalities": ("Y",)}, ("X",), None, {("/territory", True)}),
        ({}, {"municipalities": ("Y",)}, ("M", "N"), ("Y",), {("/territory", False), ("/municipalities", False)}),
    ],
)
def test_territory_is_taken_whole(
    own: dict[str, object],
    above: dict[str, object],
    territory: tuple[str, ...],
    municipalities: tuple[str, ...] | None,
    fields: set[tuple[str, bool]],
) -> None:
    """Whoever states one of its two fields is not widened by the other of the umbrella."""
    in_force = register_of((umbrella(**above), child(**own))).on(DAY).covenants["local"]
    assert in_force is not None
    assert (in_force.covenant.territory, in_force.covenant.municipalities) == (territory, municipalities)
    told = {(o.field, o.overrides) for o in in_force.origins if o.field in ("/territory", "/municipalities")}
    assert told == fields


def test_a_term_in_another_word_goes_before_that_of_the_umbrella() -> None:
    """What an annex says itself of a phase holds for an act in that phase, in whatever words."""
    own = Annex(id="groups", retention={"signalering": "P1M"})
    in_force = register_of((umbrella(), child(annexes=(own,)))).on(DAY).covenants["local"]
    assert in_force is not None
    assert {phase: in_force.terms_under("groups")[phase] for phase in ("signalling", "plan")} == {
        "signalling": "P1M",
        "plan": "P2Y",
    }
    assert in_force.terms_under(None) == in_force.terms_under("groups")
    assert in_force.terms_under("other") == {}


def test_an_annex_of_the_same_id_takes_its_missing_parts() -> None:
    """Down to each criterion and phase; what the annex says itself stays, and one that is only its own is left."""
    own = Annex(id="groups", name="Ours", criteria=Criteria(include="ours"), retention={"plan": "P1Y"})
    in_force = register_of((umbrella(), child(annexes=(own, Annex(id="new"))))).on(DAY).covenants["local"]
    assert in_force is not None
    merged, alone = in_force.covenant.annexes
    assert merged == Annex(
        id="groups",
        name="Ours",
        preventive=True,
        criteria=Criteria(include="ours", exclude="bystanders", ends="half a year"),
        necessity=REASONED,
        data_categories=("name", "report"),
        retention={"signalling": "P3M", "plan": "P1Y"},
    )
    assert alone == Annex(id="new")
    fields = {(o.field.removeprefix("/annexes/groups"), o.overrides) for o in in_force.origins if "annexes" in o.field}
    assert fields == {
        ("/name", True),
        ("/preventive", False),
        ("/criteria/include", True),
        ("/criteria/exclude", False),
        ("/criteria/ends", False),
        ("/necessity", False),
        ("/dataCategories", False),
        ("/retention/signalling", False),
        ("/retention/plan", True),
    }


def test_an_annex_without_criteria_above_keeps_its_own() -> None:
    """Nothing is taken from what the umbrella does not have; an annex with none at all takes all of them."""
    bare = umbrella(annexes=(Annex(id="groups"),))
    own = Annex(id="groups", criteria=Criteria(include="ours"))
    found = on(DAY, bare, child(annexes=(own,)))
    assert found is not None
    assert found.annexes == (own,)
    found = on(DAY, umbrella(), child(annexes=(Annex(id="groups"),)))
    assert found is not None
    assert found.annexes[0].criteria == umbrella().annexes[0].criteria


def test_an_arrangement_is_its_own_under_an_umbrella_without_one() -> None:
    """No arrangement above: the covenant's own, or none."""
    for own in (None, Arrangement(informs="youth")):
        found = on(DAY, umbrella(arrangement=None), child(arrangement=own))
        assert found is not None
        assert found.arrangement == own


@pytest.mark.parametrize(
    ("own_annexes", "supplies"),
    [((), True), ((Annex(id="groups", necessity=REASONED),), False)],
)
def test_own_criteria_were_not_public_by_the_umbrellas_text(*, own_annexes: tuple[Annex, ...], supplies: bool) -> None:
    """In regime 2 inherited annexes are as public as the umbrella; own ones only by the covenant's own date."""
    in_force = register_of((umbrella(), child(annexes=own_annexes))).on(DAY).covenants["local"]
    assert in_force is not None
    assert in_force.annexes["groups"].supplies_necessity is supplies


@pytest.mark.parametrize(
    "above",
    [
        (),
        (umbrella(valid_from=date(2026, 7, 1)),),
        (umbrella(valid_until=date(2026, 5, 31)),),
    ],
)
def test_an_umbrella_that_is_not_in_force_gives_nothing(above: tuple[Covenant, ...]) -> None:
    """Unknown, not yet, or no more: the covenant stands on its own."""
    assert on(DAY, child(), *above) == child()


def test_an_umbrella_without_annexes_gives_none() -> None:
    """Nothing above, nothing taken."""
    found = on(DAY, umbrella(annexes=()), child())
    assert found is not None
    assert (found.annexes, found.published) == ((), None)


def test_umbrellas_stand_over_one_another_and_a_circle_ends() -> None:
    """Two levels are taken through; two that stand under each other do not run for ever."""
    top = umbrella(id="top")
    middle = Covenant(id="koepel", version=1, valid_from=date(2025, 1, 1), umbrella="top", purpose="middle")
    found = on(DAY, top, middle, child())
    assert found is not None
    assert (found.purpose, found.regime) == ("middle", 2)
    circle = on(DAY, change(child(), purpose=None), change(middle, umbrella="local"))
    assert circle is not None
    assert circle.purpose == "middle"


def test_only_named_themes_are_annexes() -> None:
    """An annex that the umbrella does not name is not in force, by id or by name; without a list all are (S14)."""
    annexes = (
        Annex(id="jeugd-groepen"),
        Annex(id="x", name="Zorg mijders"),
        Annex(id="other"),
        Annex(id="y", name="z"),
    )
    above = umbrella(themes=("Jeugdgroepen", "jeugd groepen", "zorg-mijders"))
    assert on(DAY, above, child(annexes=annexes)).annexes == annexes[:2]  # type: ignore[union-attr]
    alone = change(child(annexes=annexes, themes=("other",)), umbrella=True)
    assert [a.id for a in on(DAY, alone).annexes] == ["other"]  # type: ignore[union-attr]


ADDENDUM = Addendum(
    id="voorfase",
    covenant="local",
    valid_from=date(2026, 3, 1),
    valid_until=date(2026, 8, 31),
    published=date(2026, 3, 1),
    annexes=(annex(id="weging", necessity=REASONED), annex(id="groups", data_categories=("name",))),
    partners=(Partner(party="care"), Partner(party="mayor")),
)


@pytest.mark.parametrize(
    ("day", "annexes", "has_care"),
    [
        ("2026-02-28", ["groups"], False),
        ("2026-03-01", ["groups", "weging"], True),
        ("2026-08-31", ["groups", "weging"], True),
        ("2026-09-01", ["groups"], False),
    ],
)
def test_an_addendum_joins_from_its_day(*, day: str, annexes: list[str], has_care: bool) -> None:
    """Before and after it the covenant is without; partners that it has already are not doubled (S16)."""
    own = child(umbrella=None, annexes=(annex(),), partners=(Partner(party="mayor"),), published=None, regime=2)
    in_force = register_of((own, ADDENDUM)).on(date.fromisoformat(day)).covenants["local"]
    assert in_force is not None
    assert sorted(in_force.annexes) == annexes
    assert ("care" in in_force.partners) is has_care
    assert len(in_force.covenant.partners) == 1 + has_care
    if has_care:
        assert in_force.annexes["groups"].categories == {"name"}
        assert in_force.annexes["weging"].supplies_necessity
        assert tuple(map(reread, in_force.origins)) == (
            Origin("/annexes/weging", "addendum", "voorfase", 1),
            Origin("/annexes/groups", "addendum", "voorfase", 1, overrides=True),
            Origin("/partners/care", "addendum", "voorfase", 1),
            Origin("/partners/mayor", "addendum", "voorfase", 1),
        )


def test_nothing_is_told_to_come_from_where_it_does_not() -> None:
    """An annex that an addendum replaced takes nothing from the umbrella, and one that is no theme has no origin."""
    joining = Addendum(id="add", covenant="local", valid_from=DAY, annexes=(Annex(id="groups"),))
    own = child(annexes=(Annex(id="groups", retention={"signalling": "P3M"}), Annex(id="groups-2")))
    before, after = (register_of((umbrella(), own, *others)).on(DAY).covenants["local"] for others in ((), (joining,)))
    assert before is not None
    assert after is not None
    told = [[o.field for o in each.origins if o.field.startswith("/annexes/groups")] for each in (before, after)]
    assert "/annexes/groups/dataCategories" in told[0]
    assert "/annexes/groups/retention/signalling" not in told[0], "it says the same itself"
    assert told[1] == ["/annexes/groups"]
    themed = register_of((umbrella(themes=("other",)), own, joining)).on(DAY).covenants["local"]
    assert themed is not None
    assert [o.field for o in themed.origins if o.field.startswith("/annexes")] == []


def test_addenda_apply_in_order_of_their_day() -> None:
    """The later of two that replace one annex holds, whatever their ids."""
    first = change(ADDENDUM, id="z", valid_until=None)
    later = change(
        first, id="a", valid_from=date(2026, 4, 1), annexes=(annex(id="weging", data_categories=("later",)),)
    )
    moved = Addendum(id="m", version=1, covenant="local", valid_from=date(2026, 4, 1), annexes=(Annex(id="gone"),))
    elsewhere = change(moved, version=2, covenant="other")
    known = register_of((child(), later, first, moved, elsewhere))
    assert [a.id for a in known.addenda_of("local", DAY)] == ["z", "a"]
    assert known.on(DAY).addenda_of("local") == known.addenda_of("local", DAY)
    assert known.covenant("local", DAY).annex("weging").data_categories == ("later",)  # type: ignore[union-attr]


def reading(regime: int, day: str, **changes: object) -> Interpretation:
    """How "local" is read from a day on."""
    given: dict[str, object] = {"id": f"r{regime}", "covenant": "local", "by": "college", "text": "stricter"}
    given |= {"regime": regime, "valid_from": date.fromisoformat(day)}
    return Interpretation(**(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("readings", "regime", "overrides"),
    [
        ((), 1, None),
        ((reading(3, "2026-06-02"),), 1, None),
        ((reading(3, "2026-06-01"),), 3, True),
        ((reading(1, "2026-06-01"),), 1, False),
        ((reading(3, "2026-01-01"), reading(2, "2026-02-01")), 2, True),
        ((reading(2, "2026-02-01"), reading(3, "2026-01-01")), 2, True),
        ((reading(2, "2026-02-01"), reading(3, "2026-02-01")), 3, True),
        ((reading(2, "2026-02-01"), reading(3, "2026-02-01", valid_until=date(2026, 5, 31))), 2, True),
        ((reading(3, "2025-05-31"),), 1, None),
        ((reading(3, "2026-01-01"), reading(3, "2026-01-01", version=2, covenant="other")), 1, None),
    ],
)
def test_an_interpretation_sets_the_regime_from_its_day(
    *, readings: tuple[Interpretation, ...], regime: int, overrides: bool | None
) -> None:
    """The reading that began last holds, then the one known last; a younger text of the covenant settles it anew."""
    known = register_of((child(regime=1, umbrella=None), *readings))
    in_force = known.on(DAY).covenants["local"]
    assert in_force is not None
    assert in_force.covenant.regime == regime
    assert [o.overrides for o in in_force.origins if o.source == "interpretation"] == (
        [] if overrides is None else [overrides]
    )
    assert (known.on(DAY).interpretation_of("local") is None) is (
        not readings or readings[0].valid_from > DAY or readings[-1].covenant == "other"
    )


def test_a_text_without_regime_is_read_as_the_older_interpretation_says() -> None:
    """A new version that leaves its regime out keeps the reading of before, over that of its umbrella."""
    found = on(DAY, umbrella(), child(), reading(3, "2025-01-01"))
    assert found is not None
    assert found.regime == 3
    resolved = resolve(child(), resolve(umbrella()), (), reading(3, "2026-01-01"))
    assert [o for o in resolved.origins if o.field == "/regime"] == [
        Origin("/regime", "interpretation", "r3", 1, overrides=True)
    ]


def test_what_became_known_later_never_decides() -> None:
    """An addendum and a reading recorded after the judgement leave it as it was."""
    entries = (
        *PARTIES,
        covenant(),
        change(ADDENDUM, covenant="house"),
        change(reading(3, "2026-01-01"), covenant="house"),
    )
    history = [Known(entry, n, datetime(2026, 1, 1, tzinfo=UTC)) for n, entry in enumerate(entries, start=1)]
    early = Register(history).known_until(len(entries) - 2)
    given = act(covenant=CovenantReference(id="house", annex="weging"))
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    codes = [
        {found.code for found in judge(given, Context(known, None, now)).findings}
        for known in (early, Register(history))
    ]
    assert [code in codes[0] for code in ("register-unknown", "necessity-missing")] == [True, True]
    assert [code in codes[1] for code in ("register-unknown", "necessity-missing")] == [False, True]


def test_rereading_changes_one_covenant_and_nothing_else() -> None:
    """The same act under regime 3; the register itself stays as it was, also after it has answered."""
    known = register()
    assert verdict(act()).outcome == "compliant"
    assert known.on(DAY).covenants["house"].covenant.regime == 2  # type: ignore[union-attr]
    reread = known.rereading("house", 3).rereading("other", 1)
    assert reread.on(DAY).covenants["house"].covenant.regime == 3  # type: ignore[union-attr]
    assert known.on(DAY).covenants["house"].covenant.regime == 2  # type: ignore[union-attr]
    assert [known.position, known.history] == [reread.position, reread.history]


def test_the_named_covenant_of_an_act_is_the_resolved_one() -> None:
    """An act under a covenant that states nothing is judged, and its term found, by what the umbrella says."""
    named = act(covenant=CovenantReference(id="local", annex="groups"))
    assert findings(named, umbrella(), child()) == findings(named, change(umbrella(), id="local"))
    assert "purpose-missing" in findings(named, child())


def test_full_partners_go_before_incidental_ones() -> None:
    """Whoever is both is a full partner; windows decide who takes part (S18)."""
    incidental = Partner(party="youth", role="incidental", ground="Wmo 5.2.6", until=date(2026, 6, 1))
    own = child(partners=(incidental, Partner(party="mayor"), Partner(party="mayor", role="incidental")))
    for day, expected in ((DAY, {"youth": incidental, "mayor": Partner(party="mayor")}), (date(2026, 6, 2), None)):
        in_force = register_of((own,)).on(day).covenants["local"]
        assert in_force is not None
        assert in_force.taking_part == (expected or {"mayor": Partner(party="mayor")})
        assert in_force.partners == frozenset(in_force.taking_part)
