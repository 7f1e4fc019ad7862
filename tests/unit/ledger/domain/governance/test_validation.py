"""Every fault of a register entry at once, and remarks that stop nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from services.law.governance import (
    Acknowledgement,
    Activity,
    Addendum,
    Annex,
    Arrangement,
    Covenant,
    Decision,
    Entry,
    Interpretation,
    Mandate,
    Municipality,
    Partner,
    Party,
    ProcessorContract,
    Purpose,
)
from services.law.learning import NearMiss, Opinion, Question
from services.law.register import Known, Register
from services.ledger.domain.governance.remarks import find_remarks
from services.ledger.domain.governance.validation import find_faults
from services.runtime.limits import FIELD_ERRORS_MAX

EARLY, LATE = date(2025, 1, 1), date(2026, 1, 1)


KNOWN: tuple[Entry, ...] = (
    Party(id="politie", kind="police"),
    Covenant(id="huis", version=2, valid_from=EARLY),
    Municipality(id="groot", name="Groot"),
    Opinion(id="o-1", question="v", by="politie", position="yes", text="ja", valid_from=EARLY),
)
REGISTER = Register(Known(entry, place, datetime(2026, 1, 1, tzinfo=UTC)) for place, entry in enumerate(KNOWN, start=1))


OF_THE_REGISTER = {
    "unknown-party",
    "unknown-municipality",
    "unknown-opinion",
    "umbrella-unknown",
    "municipality-is-no-organ",
}
"""What is remarked because of what else is registered; covenants have remarks of the law besides."""


def faults(entry: Entry) -> set[tuple[str, str]]:
    """(pointer, code) of every fault."""
    return {(fault.pointer, fault.code) for fault in find_faults(entry, REGISTER)}


def test_a_sound_covenant_has_no_fault() -> None:
    """Known partners, one annex, a term that parses."""
    annex = Annex(id="a", retention={"signalling": "P3M"})
    partner = Partner(party="politie", from_=EARLY, until=EARLY)
    covenant = Covenant(id="c", version=1, valid_from=EARLY, valid_until=EARLY, partners=(partner,), annexes=(annex,))
    assert faults(covenant) == set()


def test_all_faults_of_a_covenant_are_told_at_once() -> None:
    """Nobody repairs one fault to meet the next."""
    covenant = Covenant(
        id=" ",
        version=0,
        valid_from=LATE,
        valid_until=EARLY,
        record_retention="3 months",
        partners=(Partner(party="nobody", from_=LATE, until=EARLY), Partner(party="politie")),
        annexes=(Annex(id="a", retention={"a/b~": "P1X"}), Annex(id="a")),
    )
    assert faults(covenant) == {
        ("/id", "id-invalid"),
        ("/version", "version-invalid"),
        ("/validUntil", "period-reversed"),
        ("/recordRetention", "period-invalid"),
        ("/partners/0/party", "unknown-party"),
        ("/partners/0/until", "period-reversed"),
        ("/annexes/0/id", "annex-id-invalid"),
        ("/annexes/1/id", "annex-id-invalid"),
        ("/annexes/0/retention/a~1b~0", "period-invalid"),
    }


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (Party(id="p", kind="police", oin="123"), ("/oin", "oin-invalid")),
        (
            Party(id="p", kind="processor", contract=ProcessorContract(from_=LATE, until=EARLY)),
            ("/contract/until", "period-reversed"),
        ),
        (Party(id="melder-1", kind="citizen", name="J. Jansen"), ("/name", "citizen-name-in-clear")),
        (Activity(id="a", controller="politie", retention="soon"), ("/retention", "period-invalid")),
        (Purpose(id="d", text="x" * 4_001), ("/text", "text-too-long")),
        (Purpose(id="d", text="nul \x00"), ("/text", "text-unprintable")),
        (Purpose(id="d", text="half \ud800"), ("/text", "text-unprintable")),
        (Party(id="p" * 201, kind="police"), ("/id", "id-invalid")),
        (Purpose(id="d", version=2**31, text="x"), ("/version", "version-invalid")),
        (Mandate(id="m", from_="a", to="b", valid_from=LATE, valid_until=EARLY), ("/validUntil", "period-reversed")),
    ],
)
def test_each_fault_is_named(entry: Entry, expected: tuple[str, str]) -> None:
    """A fault has its pointer and its code."""
    assert faults(entry) == {expected}


@pytest.mark.parametrize(
    "party",
    [
        Party(id="melder-1", kind="citizen"),
        Party(id="melder-1", kind="citizen", name="melder-1"),
        Party(id="politie", kind="police", name="Politie"),
    ],
)
def test_only_a_citizen_has_no_name(party: Party) -> None:
    """The register is never shredded: a citizen stands in it under an opaque id, everybody else by name."""
    assert faults(party) == set()


def addendum(**changes: Any) -> Addendum:
    """A sound addendum, or one with the changes named."""
    given: dict[str, Any] = {"id": "a", "covenant": "huis", "valid_from": LATE}
    return Addendum(**(given | changes))


def acknowledgement(**changes: Any) -> Acknowledgement:
    """A sound acknowledgement, or one with the changes named."""
    given: dict[str, Any] = {"id": "k", "covenant": "huis", "version": 2, "party": "politie", "valid_from": LATE}
    return Acknowledgement(**(given | {"reader": "m-17"} | changes))


def interpretation(**changes: Any) -> Interpretation:
    """A sound interpretation, or one with the changes named."""
    given: dict[str, Any] = {"id": "i", "covenant": "huis", "regime": 3, "by": "politie", "valid_from": LATE}
    return Interpretation(**(given | {"text": "per geval"} | changes))


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (addendum(), set()),
        (addendum(covenant="nergens"), {("/covenant", "unknown-covenant")}),
        (addendum(partners=(Partner(party="nobody"),)), {("/partners/0/party", "unknown-party")}),
        (
            addendum(annexes=(Annex(id="x", retention={"plan": "soon"}),)),
            {("/annexes/0/retention/plan", "period-invalid")},
        ),
        (interpretation(), set()),
        (interpretation(covenant="nergens"), {("/covenant", "unknown-covenant")}),
        (acknowledgement(), set()),
        (acknowledgement(covenant="nergens"), {("/covenant", "unknown-covenant")}),
        (acknowledgement(version=1), {("/version", "unknown-version")}),
        (acknowledgement(reader="Els de Wit"), {("/reader", "reader-not-opaque")}),
        (acknowledgement(reader="els@politie.example"), {("/reader", "reader-not-opaque")}),
        (acknowledgement(reader="999990019"), {("/reader", "reader-not-opaque")}),
        (Municipality(id="klein", name="Klein", merged_into="groot", valid_until=EARLY), set()),
        (Municipality(id="klein", name="Klein", merged_into="groot"), {("/validUntil", "merger-without-day")}),
        (
            Municipality(id="klein", name="Klein", merged_into="klein", valid_until=EARLY),
            {("/mergedInto", "merged-into-itself")},
        ),
    ],
)
def test_what_belongs_to_a_covenant_needs_it_and_readers_stay_opaque(
    entry: Entry, expected: set[tuple[str, str]]
) -> None:
    """Addenda, interpretations and acknowledgements name a known covenant; no member of staff by name or number."""
    assert faults(entry) == expected


def test_free_words_are_filtered_with_every_other_fault_at_once() -> None:
    """What everybody reads and nobody shreds holds no one's data; whoever corrects it sees all there is to correct."""
    decision = Decision(
        id="", kind="wpg-20", by="politie", conditions=("ja", "mail jan@politie.example"), valid_from=LATE
    )
    assert faults(msgspec.structs.replace(decision, valid_until=EARLY)) == {
        ("/id", "id-invalid"),
        ("/validUntil", "period-reversed"),
        ("/conditions/1", "personal-data"),
    }
    assert faults(interpretation(text="Na het bellen met mevrouw Jansen.", covenant="nergens")) == {
        ("/covenant", "unknown-covenant"),
        ("/text", "personal-data"),
    }


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (interpretation(), True),
        (Decision(id="d", kind="wpg-20", by="politie", conditions=("ja",)), True),
        (Decision(id="d", kind="wpg-20", by="politie"), False),
        (Mandate(id="m", from_="politie", to="politie"), False),
    ],
)
def test_who_is_read_by_everybody_hears_what_the_filter_cannot_see(entry: Entry, *, told: bool) -> None:
    """With every text that it let pass, and with nothing else."""
    assert ("filter-is-blind" in {remark.code for remark in find_remarks(entry, REGISTER)}) is told


def test_no_fault_repeats_the_value() -> None:
    """What was sent may identify a person; the answer never shows it."""
    canary = "canary-7Q2"
    entry = Covenant(id="c", version=1, valid_from=EARLY, partners=(Partner(party=canary),), record_retention=canary)
    for fault in find_faults(entry, REGISTER):
        assert canary not in repr(fault)


def test_faults_are_bounded() -> None:
    """A body of nothing but faults does not become an endless answer."""
    entry = Covenant(id="c", version=1, valid_from=EARLY, partners=(Partner(party="nobody"),) * 501)
    assert len(find_faults(entry, REGISTER)) == FIELD_ERRORS_MAX
    assert ("/partners", "too-many") in faults(entry)


@pytest.mark.parametrize(
    ("entry", "pointers"),
    [
        (Party(id="p", kind="public-body", organ="Gemeente "), ["/organ"]),
        (Party(id="p", kind="public-body", organ="MUNICIPALITY"), ["/organ"]),
        (Party(id="p", kind="public-body", organ="college"), []),
        (Party(id="p", kind="public-body"), []),
        (Party(id="p", kind="processor", processes_for="nobody"), ["/processesFor"]),
        (Mandate(id="m", from_="politie", to="nobody"), ["/to"]),
        (Decision(id="d", kind="wpg-20", by="nobody", covers=("politie", "x")), ["/by", "/covers/1"]),
        (Decision(id="d", kind="advice", by="politie", follows=("o-1", "o-2")), ["/follows/1"]),
        (Activity(id="a", controller="nobody"), ["/controller"]),
        (
            Covenant(id="c", version=1, valid_from=EARLY, arrangement=Arrangement(contact_point="nobody")),
            ["/arrangement/contactPoint"],
        ),
        (Covenant(id="c", version=1, valid_from=EARLY, umbrella="nergens"), ["/umbrella"]),
        (Covenant(id="c", version=1, valid_from=EARLY, umbrella="huis"), []),
        (Covenant(id="c", version=1, valid_from=EARLY, umbrella=True), []),
        (interpretation(by="nobody"), ["/by"]),
        (Municipality(id="klein", name="Klein", merged_into="nergens", valid_until=EARLY), ["/mergedInto"]),
        (Municipality(id="klein", name="Klein", merged_into="groot", valid_until=EARLY), []),
    ],
)
def test_odd_things_are_remarked_and_stop_nothing(entry: Entry, pointers: list[str]) -> None:
    """A party nobody registered yet, or a municipality for an organ, is told without refusing the entry."""
    remarks = [remark for remark in find_remarks(entry, REGISTER) if remark.code in OF_THE_REGISTER]
    assert [remark.pointer for remark in remarks] == pointers
    assert faults(entry) == set()


COMPLETE: dict[str, Any] = {
    "id": "c",
    "version": 1,
    "valid_from": EARLY,
    "valid_until": LATE,
    "purpose": "orde",
    "partners": (Partner(party="politie"),),
    "arrangement": Arrangement(contact_point="politie", informs="politie", reports_breach="politie"),
}


def test_what_a_covenant_lacks_is_remarked_in_two_languages_and_stops_nothing() -> None:
    """Whoever registers a covenant is told what keeps it from being called active; a complete one has no remark."""
    assert find_remarks(Covenant(**COMPLETE), REGISTER) == ()
    bare = Covenant(id="c", version=1, valid_from=EARLY)
    assert faults(bare) == set()
    remarks = {remark.pointer: remark for remark in find_remarks(bare, REGISTER)}
    purpose = remarks["/purpose"]
    assert (purpose.code, purpose.message, purpose.dutch, purpose.blocks) == (
        "covenant-purpose-missing",
        "The purpose is missing.",
        "Het doel ontbreekt.",
        True,
    )


def test_words_of_an_addendum_that_find_no_act_are_remarked_on() -> None:
    """Its annexes are read as those of a covenant; nothing of it stops the addendum."""
    words = Annex(id="joins", retention={"intake": "P1M", "nazorg": "P1Y"}, data_categories=("naam", "name"))
    joining = Addendum(id="a", covenant="huis", valid_from=EARLY, annexes=(words,))
    assert [(remark.pointer, remark.code, remark.blocks) for remark in find_remarks(joining, REGISTER)] == [
        ("/annexes/0/retention/intake", "phase-unknown", False),
        ("/annexes/0/dataCategories/0", "category-otherwise-called", False),
    ]


def under_umbrella(*entries: Entry) -> Register:
    """A register with an umbrella that names one approach, and these entries."""
    umbrella = Covenant(**(COMPLETE | {"id": "koepel", "umbrella": True, "themes": ("jeugdgroepen",)}))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Register(Known(entry, place, at) for place, entry in enumerate((*KNOWN, umbrella, *entries), start=1))


def test_an_annex_that_the_umbrella_does_not_name_is_refused() -> None:
    """Nobody agreed on that approach (S14); under an umbrella that names it, or none, it may stand."""
    for theme, expected in (("feesten", {("/annexes/0/id", "theme-not-of-umbrella")}), ("jeugdgroepen", set())):
        covenant = Covenant(**(COMPLETE | {"umbrella": "koepel", "annexes": (Annex(id=theme),)}))
        assert {(fault.pointer, fault.code) for fault in find_faults(covenant, under_umbrella())} == expected
    assert faults(Covenant(**(COMPLETE | {"umbrella": "nergens", "annexes": (Annex(id="feesten"),)}))) == set()


def test_no_approach_joins_by_an_addendum_that_the_umbrella_does_not_name() -> None:
    """What may not stand in the covenant may not join it either; outside its days there is nothing to join."""
    register = under_umbrella(Covenant(**(COMPLETE | {"umbrella": "koepel"})))
    found = {}
    for theme in ("feesten", "jeugdgroepen"):
        joining = addendum(covenant="c", annexes=(Annex(id=theme),))
        found[theme] = [(fault.pointer, fault.code) for fault in find_faults(joining, register)]
    assert found == {"feesten": [("/annexes/0/id", "theme-not-of-umbrella")], "jeugdgroepen": []}
    before = addendum(covenant="c", annexes=(Annex(id="feesten"),), valid_from=date(2024, 1, 1))
    assert find_faults(before, register) == ()


def test_an_addendum_is_held_against_the_themes_of_its_own_day() -> None:
    """What the umbrella names since then may join from then on, though the covenant itself is older."""
    themes = {"id": "koepel", "version": 2, "valid_from": date(2025, 9, 1), "umbrella": True, "themes": ("feesten",)}
    register = under_umbrella(Covenant(**(COMPLETE | {"umbrella": "koepel"})), Covenant(**(COMPLETE | themes)))
    joining = (
        addendum(covenant="c", annexes=(Annex(id="feesten"),), valid_from=day)
        for day in (date(2025, 8, 31), date(2025, 9, 1))
    )
    codes = [[fault.code for fault in find_faults(entry, register)] for entry in joining]
    assert codes == [["theme-not-of-umbrella"], []]


def test_a_covenant_is_remarked_upon_with_what_it_takes_from_its_umbrella() -> None:
    """What the umbrella supplies is not missing; of a version that is not in force the text itself is looked at."""
    first = Covenant(id="onder", version=1, valid_from=EARLY, umbrella="koepel")
    second = Covenant(id="onder", version=2, valid_from=EARLY, umbrella="koepel", valid_until=LATE)
    register = under_umbrella(first, second)
    assert "/purpose" not in {remark.pointer for remark in find_remarks(second, register)}
    assert "/purpose" in {remark.pointer for remark in find_remarks(first, register)}


@pytest.mark.parametrize(
    "entry",
    [
        Question(id="v", asked_by="politie", text="Mag de school dit weten?"),
        Opinion(id="o", question="v", by="politie", position="yes", text="ja", valid_from=EARLY),
        NearMiss(id="n", by="politie", what="Bijna de verkeerde lijst.", noticed="Bij het nalezen.", valid_from=EARLY),
    ],
)
def test_what_is_published_is_told_what_no_filter_sees(entry: Entry) -> None:
    """The filter lets pass what it cannot recognise, and says so."""
    (remark,) = find_remarks(entry, REGISTER)
    assert (remark.pointer, remark.code) == ("", "filter-is-blind")
    assert remark.dutch


def test_personal_data_are_not_published() -> None:
    """The learning desk is read by everybody, so what holds somebody's number is refused."""
    found = faults(Question(id="v", asked_by="politie", text="Wat doen we met 999990019?"))
    assert {pointer for pointer, _ in found} == {"/text"}
